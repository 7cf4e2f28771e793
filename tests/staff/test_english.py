"""What is said in English is English throughout, whatever the language of the page: no German word or figure in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from audit.events import record
from audit.export import csv_lines
from audit.models import Event
from audit.sentences import tell
from curation import actions
from curation.actions import publishing
from curation.models import Entry, Proposal
from curation.review.concerns import concerns_in
from curation.review.differences import differences
from regimens import releases
from regimens.rules.benchmark import benchmark_constants
from regimens.rules.knowledge import Knowledge, ReleaseIdentity
from regimens.wording.readings import figure_text
from staff.english import said_in_english
from tests.factories.curation import REASON, content, somebody
from tests.factories.patients import colorectal
from tests.pages import LIBRARY

pytestmark = pytest.mark.django_db

KEY = "walter-2023-bevanec"
# A decimal comma; English parts thousands by commas.
GERMAN_FIGURE = re.compile(r"\d,\d(?!\d\d)")


@pytest.fixture
def german() -> Iterator[None]:
    with translation.override("de"):
        yield


def readings() -> list[dict[str, Any]]:
    place = {"on": "2026-11-02", "at": "https://example.org/paper", "how": "fulltext"}
    return [
        place | {"by": "Ada", "kind": "first", "figures": {"pfs": 3.7, "os-12": 12.5}},
        place | {"by": "Ben", "kind": "second", "figures": {"pfs": 4.1, "os-12": None}},
    ]


def with_readings() -> dict[str, Any]:
    """The evidence base as it would be published, with a figure on which two readers differ."""
    document = publishing.content_to_publish()
    (entry,) = (row for row in document["publications"] if row["key"] == KEY)
    entry["results"][0] |= {"pfs": 3.7, "readings": readings()}
    return document


def test_what_the_decorator_promises(german: None) -> None:
    assert figure_text("pfs", 3.7) == "3,7 Mon."
    assert said_in_english(figure_text)("pfs", 3.7) == "3.7 mo"
    assert figure_text("pfs", 3.7) == "3,7 Mon."


def test_what_a_publisher_should_look_at(german: None) -> None:
    document = with_readings()
    found = concerns_in(document, releases.current(), today=date(2026, 11, 25))
    assert "readings of PFS differ: 3.7 mo on record, 4.1 mo in a second reading" in {one.text for one in found}
    assert not [one.text for one in found if GERMAN_FIGURE.search(one.text)]
    with translation.override("en-gb"):
        assert concerns_in(document, releases.current(), today=date(2026, 11, 25)) == found


def test_what_differs_between_versions(german: None) -> None:
    entries = [(entry.kind, entry.values) for entry in Entry.objects.all()]
    entries.append(
        ("publications", content("publications", KEY, results=[{"arm": "A", "subgroup": None, "readings": readings()}]))
    )
    found = [differences(kind, None, values) for kind, values in entries]
    assert "PFS 3.7 mo" in str(found[-1])
    with translation.override("en-gb"):
        assert [differences(kind, None, values) for kind, values in entries] == found


def test_what_was_done(german: None) -> None:
    values = content("trials", "NCT05882058", acronym="Renamed")
    proposed = actions.propose(kind="trials", key="NCT05882058", content=values, by=somebody("ada"), **REASON)
    record("export", proposed.proposal)
    told = said_in_english(tell)(Event.objects.order_by("pk"))
    assert "proposed a change of NCT05882058 (Renamed) (trial)" in map(str, told)
    assert str(told[-1]) == f"exported trial NCT05882058, proposal {Proposal.objects.get().pk}"
    assert "(trial)" in "".join(csv_lines(Event.objects.order_by("pk")))


class EnglishTexts(HTMLParser):
    """What a page in another language marks as English."""

    WITHOUT_END = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})

    def __init__(self, page: str):
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.WITHOUT_END:
            around = self._open[-1][1] if self._open else ""
            self._open.append((tag, dict(attrs).get("lang") or around))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][1].startswith("en"):
            self.found.append(data)


@pytest.mark.parametrize("path", ["/", *LIBRARY])
def test_what_german_pages_mark_as_english(client: Client, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    document = with_readings()
    document["constants"] = benchmark_constants(document)
    release = Knowledge.from_document(document, release=ReleaseIdentity("read", "2026-11-02", "0" * 64))
    monkeypatch.setattr(releases, "current", lambda: release)
    headers = {"accept-language": "de"}
    response = client.post(path, colorectal(), headers=headers) if path == "/" else client.get(path, headers=headers)
    found = EnglishTexts(response.content.decode()).found
    assert found and not [text for text in found if GERMAN_FIGURE.search(text)]
