"""The report of a case: what the board was asked, what it considered and on what evidence, and what it decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from boards.blindness import decisions_known, items_known
from boards.errors import Refused
from boards.models import AgendaItem, Decision
from boards.presenters.meetings import VotePage
from boards.presenters.options import not_told_apart
from boards.shown.stored_ranking import Frozen
from display.moments import moment_words

from .parts import (
    DecisionWords,
    OptionConsidered,
    PatientWords,
    Provenance,
    Source,
    Sources,
    considered,
    decision_words,
    first_words,
    patient_words,
    provenance,
    shown_of,
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
    wish: str
    notes: str
    patient: PatientWords
    first: str
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
    newest = decisions[0] if decisions else None
    shown = shown_of(item, newest)
    options = tuple(considered(shown, frozen, newest, sources))
    return Report(
        title=_("Report of a case: %(label)s") % {"label": shown.label},
        board=shown.board,
        header=shown.header,
        label=shown.label,
        version=_("Version %(number)d of %(at)s")
        % {"number": item.version.number, "at": moment_words(item.version.created_at, item.meeting.time_zone)},
        meeting=meeting_words(item.meeting.held_on, shown.place),
        question=shown.question,
        wish=item.version.wish,
        notes=item.version.notes,
        patient=patient_words(frozen),
        first=first_words(frozen),
        options=options,
        not_told_apart=not_told_apart(frozen),
        tests=tests(frozen),
        votes=votes(item),
        decision=decision_words(decisions, item.meeting.time_zone),
        provenance=provenance(frozen),
        sources=sources.listed(),
        made=moment_words(at, item.meeting.time_zone),
        words=report_words(),
    )


def with_ballots(items: QuerySet[AgendaItem]) -> QuerySet[AgendaItem]:
    """Items with all that the documents ask of them, in two queries."""
    found = items_known(items).select_related("meeting__board", "case", "version")
    return found.prefetch_related("ballots_cast__voter")


def decisions_of(item: AgendaItem) -> list[Decision]:
    """An item's decisions, the newest first, with what the documents say of them."""
    return list(with_words(Decision.objects.filter(item=item)))


def with_words(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    """Decisions, the newest first, with what the documents say of them."""
    found = decisions_known(decisions).select_related("decided_by").order_by("-number")
    return found.prefetch_related("signatures__person", "presences__person", "steps__owner")


def meeting_words(held_on: date, place: str) -> str:
    day = date_format(held_on, "DATE_FORMAT")
    return f"{day}, {place}" if place else day
