"""Pages in a pseudo-language, whose every message stands in ⟦ ⟧: whatever else a reader is told has to be evidence."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import django
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.http import HttpResponse

from necapp import catalogues
from regimens import releases
from regimens.pages.library.guidelines import society_of
from regimens.pages.library.parts import site_name
from regimens.wording.cautions import section_of
from regimens.wording.citations import citation, lower_first, study_name

# What is written alike in every language.
NAMES = frozenset(
    {
        *(
            "necapp",
            "nec",
            "app",
            "English",
            "Deutsch",
            "Français",
            "Español",
            "SHA-256",
            "CSV",
            "DOI",
            "PubMed",
            "PMID",
            "NCT",
        ),
        *("US", "EU", "UK", "JP", "CN"),
        "UTC",
        *("µmol/L", "mg/dL", "U/L", "µkat/L"),
        *("GET", "HEAD", "POST"),
        *("A", "B", "C", "D", "ECOG", "ATC"),
        *("ORR", "DCR", "PFS", "OS", "DOR", "TTF"),
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


def check(response: HttpResponse, known: Known) -> None:
    html = response.content.decode()
    assert "⟦" in html
    left = untranslated(html, known)
    assert not left, left


def untranslated(html: str, known: Known) -> list[str]:
    """The pieces of a page that are neither messages nor known."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    return [text for text, english in reader.told if not known.allows(text, english=english)]


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


def in_force() -> Known:
    """The names and texts of the release in force."""
    knowledge = releases.current()
    release = knowledge.release
    names = {release.name, release.published, release.sha256, *knowledge.names.values()}
    names.update(biomarker["name"] for biomarker in knowledge.document["biomarkers"])
    for drug in knowledge.document["drugs"]:
        names |= {drug["name"], lower_first(drug["name"]), drug["atc"] or ""}
    names |= {row["name"] for row in knowledge.document["exposure_classes"]}
    names |= {site for text in texts_of(knowledge.document) if (site := site_name(text))}
    for publication in knowledge.publications.values():
        reference = [publication[name] for name in ("authors", "journal", "year", "locator")]
        names |= {
            citation(publication),
            study_name(publication),
            " ".join(f"{str(part).rstrip('.')}." for part in reference if part),
        }
        study = publication["study"] or {}
        names.update(
            str(name) for name in (study.get("name"), study.get("registry_id"), publication["study_key"]) if name
        )
    for statement in knowledge.guidelines.values():
        short = statement["guideline"].split(" (")[0].split(",")[0].split(";")[0]
        names |= {short, f"{short}, {statement['year']}", society_of(statement)}
    for trial in knowledge.document["trials"]:
        names |= {trial["nct"], trial["acronym"] or "", f"{trial['nct']} {trial['acronym']}"}
    own = (placed.caution for regimen in knowledge.regimens.values() for placed in regimen.cautions)
    cautions = (*own, *(caution for drug in knowledge.drugs.values() for caution in drug.cautions))
    sections = {section_of(caution) for caution in cautions}
    return Known(
        names=frozenset(" ".join(name.split()).strip(AROUND) for name in names),
        texts=frozenset(text.strip(AROUND) for text in (*texts_of(knowledge.document), *sections)),
    )


def own_words_of_django() -> set[str]:
    """What Django's admin says in German by its own catalogues."""
    found: set[str] = set()
    for room in ("conf", "contrib/admin", "contrib/auth"):
        catalogue = Path(django.__file__).parent / room / "locale" / "de" / "LC_MESSAGES" / "django.mo"
        with catalogue.open("rb") as file:
            words = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        texts = [text for text in words.values() if isinstance(text, str)]
        found.update(piece for text in texts for piece in re.split(r"%\(\w+\)[sd]|\n", text))
    return found


def texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield " ".join(value.split())
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_of(inner)


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
    """What is left of "ECOG 1", "Ki-67 >=55 %", "1. FOLFIRI" or "2026-12-01 07:00 UTC" without its figures."""
    return re.sub(r"^\d+\. |^\d{4}-\d\d-\d\d [\d:]+ | [<>=+−]*\d[\d.,–-]*( %)?$", "", text).strip(AROUND)


def marked_catalogue(folder: Path) -> None:
    """Write a German into a folder that says of each message of the sources that it is one."""
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


def mark(message: str) -> str:
    """In ⟦ ⟧, all but its placeholders: what is put in there has to be a message or evidence itself."""
    marked = re.sub(r"%\(\w+\)[a-z]", r"⟧\g<0>⟦", message)
    return f"⟦{marked}⟧"
