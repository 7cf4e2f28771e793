"""What surveillance found, for tests of pages: a search, a look with findings, a notice, a check."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from curation.actions.checks import check_unchanged
from curation.identity import Identified
from curation.imports.pubmed import PrintedNotice
from curation.models import Entry, EntryCheck, SavedSearch
from curation.surveillance.files import read_file
from curation.surveillance.looking import Looked, newest_look, record_look
from curation.surveillance.notices import report_notices
from curation.surveillance.records import Answer, Record, ReportedAgainst
from curation.surveillance.searches import load_shipped
from regimens.models import ReportedNotice
from regimens.models.choices import NoticeKind
from tests.databases import ROOT

from .curation import somebody

FILES = ROOT / "tests" / "curation" / "surveillance" / "files"
BEVANEC_PMID = "36739879"


def found(*titles: str, key: str = "nec-later-line", until: date | None = None, **more: Any) -> Looked:
    """A look of a search that finds papers of these titles."""
    load_shipped(by=None)
    search = SavedSearch.objects.get(key=key)
    records = tuple(
        Record(title=title, url=f"https://example.org/{title.replace(' ', '-')}", **more) for title in titles
    )
    today = timezone.localdate()
    return record_look(
        search, Answer(records), until=until or today, after=newest_look(search), by=None, now=timezone.now()
    )


def found_from(name: str, key: str = "nec-later-line") -> Looked:
    """A look of a search at one of the sample files."""
    load_shipped(by=None)
    search = SavedSearch.objects.get(key=key)
    today = timezone.localdate()
    answer = read_file((FILES / name).read_bytes(), name, today=today)
    return record_look(search, answer, until=today, after=newest_look(search), by=None, now=timezone.now())


def retracted(pmid: str = BEVANEC_PMID) -> ReportedNotice:
    notice = PrintedNotice(
        NoticeKind.RETRACTION, "Made Up Oncol. 2026;27:1", "https://pubmed.ncbi.nlm.nih.gov/41000009/"
    )
    against = ReportedAgainst(Identified(pmid, None, "", None, ""), notice)
    return report_notices([against], found_by="a file", by=None, now=timezone.now())[0]


def seen(kind: str = "trials", key: str = "NCT05882058") -> EntryCheck:
    entry = Entry.objects.get(kind=kind, key=key)
    return check_unchanged([(kind, key, entry.sha256)], by=somebody("cleo"), now=timezone.now())[0]


def one_of_each() -> None:
    """A row of everything that surveillance writes; what was looked at is searched until today."""
    found(key="nec-markers")
    found("A paper")
    retracted()
    seen()
