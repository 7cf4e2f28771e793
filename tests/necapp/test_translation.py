"""Every word of every page is a message or evidence: pages in a pseudo-language, whose every message stands in ⟦ ⟧."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import django
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.http import HttpResponse
from django.test import Client

from display.cache import forget
from necapp import catalogues
from regimens import releases
from regimens.wording.citations import citation
from tests.regimens.pages.library.test_pages import PAGES
from tests.regimens.pages.test_ranking import COLORECTAL

pytestmark = pytest.mark.django_db

# What is written alike in every language.
NAMES = frozenset(
    {
        *("necapp", "nec", "app", "English", "SHA-256", "CSV", "DOI", "PubMed", "PMID", "NCT"),
        *("US", "EU", "UK", "JP", "CN"),
        *("GET", "HEAD", "POST"),
        *("A", "B", "C", "D", "ECOG"),
        *("ORR", "DCR", "PFS", "OS", "DOR", "HR OS", "HR PFS", "HR TTF"),
        *(
            "NEC",
            "NET G3",
            "Ki-67",
            "BRAF V600E",
            "NTRK",
            "DPYD",
            "UGT1A1",
            "HER2",
            "DLL3",
            "SSTR",
            "KRAS G12C",
            "PD-L1",
            "I",
            "II",
            "III",
        ),
    }
)
# Attributes that are read out or shown.
SHOWN = ("alt", "title", "aria-label", "placeholder", "summary")
SILENT = {"script", "style", "code", "pre"}

AROUND = " ·;,:().“”-"


class Reader(HTMLParser):
    """What a page tells its reader, each piece with whether it is marked as English."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, bool]] = []
        self.open: list[tuple[str, bool]] = []
        self.depth = 0  # of messages around what is read: one may hold elements, and other messages

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        english = given["lang"] == "en" if "lang" in given else self.is_english
        shown = [given.get(name) for name in SHOWN]
        if tag == "meta" and given.get("name") == "description":
            shown.append(given.get("content"))
        if tag == "input" and given.get("type") in ("submit", "button", "reset"):
            shown.append(given.get("value"))
        self.told += [(outside_messages(text)[0], english) for text in shown if text]
        if tag not in ("meta", "link", "input", "br", "hr", "img", "rect", "line", "circle", "polygon"):
            self.open.append((tag, english))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if self.open and self.open[-1][0] == tag:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not SILENT & {tag for tag, _ in self.open}:
            text, self.depth = outside_messages(data, self.depth)
            # Plain text, such as that for the record, cannot mark what of it is English.
            self.told.append((text, self.is_english or self.open[-1:] == [("textarea", False)]))

    def close(self) -> None:
        super().close()
        assert self.depth == 0, "a message is cut"

    @property
    def is_english(self) -> bool:
        return bool(self.open) and self.open[-1][1]


def outside_messages(text: str, depth: int = 0) -> tuple[str, int]:
    """What of a text is in no message, and how deep within messages it ends."""
    left = ""
    for character in text:
        depth += (character == "⟦") - (character == "⟧")
        left += "·" if depth or character == "⟧" else character
    return re.sub("·+", " · ", left), depth


@dataclass(frozen=True)
class Known:
    """What a page may say that is no message: names, and texts of the evidence base that are marked as English."""

    names: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    def with_names(self, *names: str) -> Known:
        return Known(self.names | set(names), self.texts)

    def allows(self, text: str, *, english: bool) -> bool:
        allowed = NAMES | self.names | (self.texts if english else frozenset())
        return all(is_made_of(" ".join(line.split()).strip(AROUND), allowed) for line in text.splitlines())


def is_made_of(text: str, allowed: frozenset[str]) -> bool:
    """Whether a text is a list of what is allowed, wherever it is cut: what is allowed may hold commas itself."""
    cuts = [(0, 0), *(end.span() for end in re.finditer(r"; | · |, |: |\. | \(|\) |/", text)), (len(text), len(text))]
    reached = {0}  # the cuts up to which the text is made of what is allowed
    for start, (_, begin) in enumerate(cuts):
        if start in reached:
            for stop, (end, _) in enumerate(cuts[start + 1 :], start + 1):
                piece = text[begin:end].strip(AROUND)
                if piece in allowed or without_figures(piece) in allowed or not re.search(r"[^\W\d_]", piece):
                    reached.add(stop)
    return len(cuts) - 1 in reached


def without_figures(text: str) -> str:
    """What is left of "ECOG 1", "Ki-67 >=55 %" or "1. FOLFIRI" without the figure before or behind the name."""
    return re.sub(r"^\d+\. | [<>=+−]*\d[\d.,–-]*( %)?$", "", text).strip(AROUND)


def untranslated(html: str, known: Known) -> list[str]:
    """The pieces of a page that are neither messages nor known."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    return [text for text, english in reader.told if not known.allows(text, english=english)]


def in_force() -> Known:
    """The names and texts of the release in force."""
    knowledge = releases.current()
    release = knowledge.release
    names = {release.name, release.published, release.sha256, *knowledge.names.values()}
    names.update(biomarker["name"] for biomarker in knowledge.document["biomarkers"])
    for regimen in knowledge.document["regimens"]:
        names.update(regimen["drugs"], regimen["lead_drugs"])
    for publication in knowledge.publications.values():
        reference = [publication[name] for name in ("authors", "journal", "year", "locator")]
        names |= {citation(publication), " ".join(f"{str(part).rstrip('.')}." for part in reference if part)}
        study = publication["study"] or {}
        names.update(
            str(name) for name in (study.get("name"), study.get("registry_id"), publication["study_key"]) if name
        )
    for statement in knowledge.guidelines.values():
        short = statement["guideline"].split(" (")[0].split(",")[0].split(";")[0]
        names |= {short, f"{short}, {statement['year']}"}
    for trial in knowledge.document["trials"]:
        names |= {trial["nct"], trial["acronym"] or ""}
    return Known(
        names=frozenset(" ".join(name.split()).strip(AROUND) for name in names),
        texts=frozenset(text.strip(AROUND) for text in texts_of(knowledge.document)),
    )


def texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield " ".join(value.split())
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_of(inner)


def mark(message: str) -> str:
    """In ⟦ ⟧, all but its placeholders: what is put in there has to be a message or evidence itself."""
    marked = re.sub(r"%\(\w+\)[a-z]", r"⟧\g<0>⟦", message)
    return f"⟦{marked}⟧"


@pytest.fixture(scope="session")
def pseudo_language(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose German says of each message of the sources that it is one."""
    folder = tmp_path_factory.mktemp("locale")
    catalog = Catalog(locale="de")
    with Path(django.__file__).parent.joinpath("conf/locale/de/LC_MESSAGES/django.po").open("rb") as file:
        messages_of_django = read_po(file)
    for message in (*messages_of_django, *catalogues.extracted()):
        if message.id:
            marked = mark(message.id) if isinstance(message.id, str) else tuple(map(mark, message.id))
            catalog.add(message.id, marked, context=message.context)
    compiled = folder / "de" / "LC_MESSAGES" / "django.mo"
    compiled.parent.mkdir(parents=True)
    compiled.write_bytes(catalogues.as_mo(catalog))
    return folder


@pytest.fixture
def pseudo_client(settings: Any, pseudo_language: Path) -> Iterator[Client]:
    settings.LOCALE_PATHS = [pseudo_language]
    forget()
    yield Client(headers={"Accept-Language": "de"}, raise_request_exception=False)
    forget()


def check(response: HttpResponse, known: Known) -> None:
    html = response.content.decode()
    assert "⟦" in html
    assert untranslated(html, known) == []


@pytest.mark.parametrize("path", [*PAGES, "/options/?q=·", "/evidence/?q=zzz&since=x", "/trials/?q=zzz"])
def test_every_word_of_a_page_is_translated(pseudo_client: Client, path: str) -> None:
    check(pseudo_client.get(path), in_force())


def test_every_word_on_every_page_of_an_entry_is_translated(pseudo_client: Client) -> None:
    knowledge, known = releases.current(), in_force()
    for address in (
        *(f"/options/{slug}/" for slug in knowledge.regimens),
        *(f"/evidence/{key}/" for key in knowledge.publications),
        *(f"/biomarkers/{row['slug']}/" for row in knowledge.document["biomarkers"]),
        *(f"/evidence/?page={number}" for number in range(1, 7)),
    ):
        check(pseudo_client.get(address), known)


@pytest.mark.parametrize(
    "entered",
    [
        {},
        COLORECTAL,
        COLORECTAL | {"preference": "survival", "evidence": "nec", "received": ["folfox", "captem"]},
        COLORECTAL | {"try": "msi:high", "progressed": ["folfiri"], "conditions": ["ild", "warfarin"]},
        {"primary_site": "pancreas", "ki67": "15", "differentiation": "uncertain", "ecog": "3", "others_absent": "on"},
        {"primary_site": "lung", "first_line_platinum": "not-given", "compare": ["folfiri"]},
        {
            "ki67": "180",
            "platinum_best_response": "PD",
            "platinum_free_interval_months": "1.000",
            "lines_received": "x",
        },
        COLORECTAL | {"compare": ["folfiri", "tarlatamab", "nothing"]},
    ],
)
def test_every_word_of_a_ranking_is_translated(pseudo_client: Client, entered: dict[str, Any]) -> None:
    known = in_force().with_names("nothing", "x")  # what was entered is shown as it was
    check(pseudo_client.post("/", entered), known)
    check(pseudo_client.post("/", entered, headers={"HX-Request": "true"}), known)


def test_every_word_of_a_comparison_is_translated(pseudo_client: Client) -> None:
    ticked = ["folfiri", "nab-paclitaxel-bevacizumab", "captem", "best-supportive-care"]
    check(pseudo_client.post("/compare/", COLORECTAL | {"compare": ticked}), in_force())
    check(pseudo_client.post("/compare/", COLORECTAL | {"compare": ticked[:1]}), in_force())
    check(pseudo_client.post("/compare/", COLORECTAL | {"compare": ticked, "evidence": "nec"}), in_force())


@pytest.mark.parametrize("entered", [COLORECTAL, {"primary_site": "lung"}, COLORECTAL | {"try": "dll3:positive"}])
def test_every_word_of_trials_checked_against_a_patient_is_translated(
    pseudo_client: Client, entered: dict[str, str]
) -> None:
    check(pseudo_client.post("/trials/", entered), in_force())


class TestPlainPages:
    def test_requests_that_cannot_be_answered(self, pseudo_client: Client) -> None:
        answers = {
            404: pseudo_client.get("/nowhere/"),
            405: pseudo_client.post("/about/"),
            413: pseudo_client.post("/", {"ki67": "8" * 300_000}),
            415: pseudo_client.post("/", "{}", content_type="application/json"),
            400: pseudo_client.post("/", {f"field{i}": "x" for i in range(6000)}),
        }
        for status, response in answers.items():
            assert response.status_code == status
            check(response, in_force())

    def test_a_form_without_its_token(self, pseudo_client: Client) -> None:
        pseudo_client.handler.enforce_csrf_checks = True
        response = pseudo_client.post("/", {"ki67": "80"})
        assert response.status_code == 403
        check(response, in_force())

    def test_a_fault_of_ours(self, pseudo_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("regimens.pages.library.views.Region", None)
        response = pseudo_client.get("/options/")
        assert response.status_code == 500
        check(response, in_force())

    def test_without_a_release(self, pseudo_client: Client, without_releases: None) -> None:
        response = pseudo_client.get("/")
        assert response.status_code == 503
        assert untranslated(response.content.decode(), Known()) == []


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>⟦Options⟧ 18 %</p>", []),
        ("<p>Options</p>", ["Options"]),
        ("<p>⟦Figures: ⟦read once⟧⟧ · 8,9–10</p>", []),
        ("<p>⟦Figures⟧: read once</p>", [" · : read once"]),
        ("<p>⟦Read <a>here⟧</a></p> there", [" there"]),
        ('<input placeholder="search">', ["search"]),
        ('<a aria-label="⟦Main⟧">FOLFIRI</a>', []),
        ("<p>Well tolerated by most</p>", ["Well tolerated by most"]),
        ('<p lang="en">Well tolerated</p>', []),
        ('<p lang="en">Well tolerated; FOLFIRI</p>', []),
        ("<p>Well tolerated</p>", ["Well tolerated"]),
        ('<p lang="en">Options</p>', ["Options"]),
        ('<p lang="en">Well tolerated <a lang="de">Weiter</a></p>', ["Weiter"]),
        ("<script>const x = 1;</script><code>manage.py</code>", []),
    ],
)
def test_an_untranslated_word_is_found(html: str, expected: list[str]) -> None:
    known = Known(names=frozenset({"FOLFIRI"}), texts=frozenset({"Well tolerated"}))
    assert untranslated(html, known) == expected
