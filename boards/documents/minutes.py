"""The minutes of a meeting: each case of the agenda in its order, what was decided, by whom and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.people import person_name
from boards.models import AgendaItem, Decision, Meeting
from boards.presenters.cases import case_label
from boards.presenters.meetings import VotePage, decision_view
from boards.presenters.newer_release import newer_release
from boards.shown.newer import InForce, releases_in_force
from boards.shown.stored_ranking import Frozen
from boards.times import when_words
from display.moments import moment_words

from .parts import (
    DecisionWords,
    PatientWords,
    Provenance,
    decision_words,
    first_words,
    lines_of,
    patient_words,
    provenance,
    shown_of,
    votes,
)
from .report import with_ballots, with_words
from .words import Words, report_words


@dataclass(frozen=True)
class MinutesItem:
    """An item: `state` says why there is no more of it, where a case was erased or the vote is still open.

    corrected   what was corrected after the meeting was finished, in words: the decision above stays as it was then
    """

    position: int
    label: str
    state: str
    patient: PatientWords | None
    question: str
    first: str
    votes: VotePage | None
    decision: DecisionWords | None
    corrected: tuple[str, ...]
    wish: str
    notes: str
    provenance: Provenance | None


@dataclass(frozen=True)
class Minutes:
    """`items` were discussed; `standard` are those of the standard-of-care list, which needed no discussion."""

    title: str
    board: str
    header: tuple[str, ...]
    meeting: str
    present: str
    items: tuple[MinutesItem, ...]
    standard: tuple[MinutesItem, ...]
    made: str
    words: Words
    template: str = "boards/documents/templates/minutes.typ"


def minutes(meeting: Meeting, *, at: datetime) -> Minutes:
    """The minutes as of now, dated `at`; few queries whatever the length of the agenda.

    Those of a finished meeting stay as they were when it was finished, but for signatures that were still to come;
    what was corrected afterwards is named as such. Of a case on which another vote is open they hold the decision, and
    nothing of ranking and votes until that is closed.
    """
    items = list(with_ballots(AgendaItem.objects.filter(meeting=meeting)).order_by("position"))
    by_item: dict[int, list[Decision]] = {}
    for decision in with_words(Decision.objects.filter(item__in=items)):
        by_item.setdefault(decision.item_id, []).append(decision)
    history = releases_in_force()
    told = [_item(item, *_then_and_since(meeting, by_item.get(item.pk, [])), history) for item in items]
    board, header, place = _heading(meeting, items, by_item)
    day = date_format(meeting.held_on, "DATE_FORMAT")
    return Minutes(
        title=_("Minutes of the meeting on %(day)s") % {"day": day},
        board=board,
        header=lines_of(header),
        meeting=", ".join(filter(None, (when_words(meeting), place))),
        present=_present(meeting, by_item),
        items=tuple(each for item, each in zip(items, told, strict=True) if item.needs_discussion),
        standard=tuple(each for item, each in zip(items, told, strict=True) if not item.needs_discussion),
        made=moment_words(at, meeting.time_zone),
        words=report_words(),
    )


def _then_and_since(meeting: Meeting, decisions: list[Decision]) -> tuple[list[Decision], list[Decision]]:
    """The decisions that the minutes tell, and the corrections since the meeting was finished; the newest first."""
    if meeting.finished_at is None:
        return decisions, []
    then = [decision for decision in decisions if decision.decided_at <= meeting.finished_at]
    return then, decisions[: len(decisions) - len(then)]


def _heading(meeting: Meeting, items: list[AgendaItem], by_item: dict[int, list[Decision]]) -> tuple[str, str, str]:
    """Names of board and place, and the header: as they were when the meeting was finished or last decided."""
    if meeting.is_finished:
        return meeting.board_name or meeting.board.name, meeting.header, meeting.place
    newest = max((rows[0] for rows in by_item.values()), key=lambda row: row.decided_at, default=None)
    kept = newest.shown if newest else {}
    board = meeting.board
    return kept.get("board", board.name), kept.get("header", board.header), kept.get("place", meeting.place)


def _present(meeting: Meeting, by_item: dict[int, list[Decision]]) -> str:
    """Who was in the room; of a meeting without a list of attendance, who was present at any decision."""
    there = {person_name(each.person) for each in meeting.attendances.select_related("person")}
    if not there:
        there = {
            person_name(presence.person)
            for rows in by_item.values()
            for presence in (_then_and_since(meeting, rows)[0] or rows)[0].presences.all()
        }
    return ", ".join(filter(None, (*sorted(there), meeting.guests)))


def _item(
    item: AgendaItem, decisions: list[Decision], since: list[Decision], history: Sequence[InForce]
) -> MinutesItem:
    zone_name = item.meeting.time_zone
    if item.version is None or item.case.is_erased:
        return _bare(item, _("The case was erased."), decision=decision_words(decisions, zone_name))
    frozen, shown = Frozen(item.version), shown_of(item, decisions[0] if decisions else None)
    if item.is_vote_open:
        return _bare(item, _("The vote is not closed yet."), patient=patient_words(frozen))
    if item.is_hidden:
        said = _("Another vote on this case is open: ranking and votes stand here again once it is closed.")
        corrected = tuple(_corrected(each, zone_name) for each in reversed(since))
        bare = _bare(item, said, patient=patient_words(frozen), decision=decision_words(decisions, zone_name))
        return replace(bare, label=shown.label, question=shown.question, corrected=corrected)
    return MinutesItem(
        position=item.position,
        label=shown.label,
        state="",
        patient=patient_words(frozen),
        question=shown.question,
        first=" ".join(filter(None, (first_words(frozen), _newer(item, decisions, history)))),
        votes=votes(item),
        decision=decision_words(decisions, zone_name),
        corrected=tuple(_corrected(each, zone_name) for each in reversed(since)),
        wish=item.version.wish,
        notes=item.version.notes,
        provenance=provenance(frozen),
    )


def _corrected(decision: Decision, zone_name: str) -> str:
    """A correction after the meeting was finished."""
    view = decision_view(decision)
    words = _("Version %(number)d, %(at)s, %(signed)s: %(plan)s.")
    at = moment_words(view.at, zone_name)
    told = words % {"number": view.number, "at": at, "signed": view.signed_as, "plan": view.plan_words}
    return " ".join(filter(None, (told, view.correction)))


def _newer(item: AgendaItem, decisions: list[Decision], history: Sequence[InForce]) -> str:
    """Whether a newer release was in force when the first decision was recorded; empty where none was."""
    found = newer_release(item, decisions[-1].decided_at, history) if decisions else None
    return found.words if found else ""


def _bare(
    item: AgendaItem, state: str, *, patient: PatientWords | None = None, decision: DecisionWords | None = None
) -> MinutesItem:
    label = case_label(item.case)
    return MinutesItem(item.position, label, state, patient, item.question, "", None, decision, (), "", "", None)
