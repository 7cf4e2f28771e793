"""The report of a case: what the board was asked, what it considered and on what evidence, and what it decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from boards.errors import Refused
from boards.models import AgendaItem, Decision
from boards.presenters.meetings import VotePage
from boards.presenters.options import not_told_apart
from boards.shown.stored_ranking import Frozen

from .parts import (
    DecisionWords,
    OptionConsidered,
    PatientWords,
    Provenance,
    Source,
    Sources,
    considered,
    decision_words,
    moment,
    patient_words,
    provenance,
    tests,
    votes,
)
from .words import Words, report_words


@dataclass(frozen=True)
class Report:
    """The report of one item of an agenda; `words` are its headings in the reader's language."""

    title: str
    board: str
    header: tuple[str, ...]
    label: str
    version: str
    meeting: str
    question: str
    patient: PatientWords
    options: tuple[OptionConsidered, ...]
    not_told_apart: tuple[str, ...]
    tests: tuple[str, ...]
    votes: VotePage | None
    decision: DecisionWords | None
    provenance: Provenance
    sources: tuple[Source, ...]
    made: str
    words: Words
    template: str = "boards/documents/templates/report.typ"


def report(item: AgendaItem, *, at: datetime) -> Report:
    """The report as of now, dated `at`. Raises Refused while the ranking is hidden, and for an erased case."""
    if item.version is None or item.case.is_erased:
        raise Refused(_("The case is erased: nothing is left to report."))
    if item.is_hidden:
        raise Refused(_("The ranking is shown, and reported, once the vote is closed."))
    frozen, sources = Frozen(item.version), Sources()
    decisions = decisions_of(item)
    options = tuple(considered(item, frozen, decisions[0] if decisions else None, sources))
    return Report(
        title=_("Report of a case: %(label)s") % {"label": item.case.label},
        board=item.meeting.board.name,
        header=tuple(line for line in item.meeting.board.header.splitlines() if line.strip()),
        label=item.case.label,
        version=_("Version %(number)d of %(at)s")
        % {"number": item.version.number, "at": moment(item.version.created_at)},
        meeting=meeting_words(item),
        question=item.question,
        patient=patient_words(frozen),
        options=options,
        not_told_apart=not_told_apart(frozen),
        tests=tests(frozen),
        votes=votes(item),
        decision=decision_words(decisions),
        provenance=provenance(frozen),
        sources=sources.listed(),
        made=date_format(timezone.localtime(at), "DATETIME_FORMAT"),
        words=report_words(),
    )


def with_ballots(items: QuerySet[AgendaItem]) -> QuerySet[AgendaItem]:
    """Items with all that the documents ask of them, in two queries."""
    found = items.select_related("meeting__board", "case", "version")
    return found.prefetch_related("ballots_cast__voter")


def decisions_of(item: AgendaItem) -> list[Decision]:
    """An item's decisions, the newest first, with what the documents say of them."""
    rows = Decision.objects.filter(item=item).select_related("decided_by")
    return list(rows.prefetch_related("signatures__person", "presences__person").order_by("-number"))


def meeting_words(item: AgendaItem) -> str:
    day = date_format(item.meeting.held_on, "DATE_FORMAT")
    return f"{day}, {item.meeting.place}" if item.meeting.place else day
