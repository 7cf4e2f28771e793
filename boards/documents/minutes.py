"""The minutes of a meeting: each case of the agenda in its order, what was decided, by whom and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.people import person_name
from boards.models import AgendaItem, Decision, Meeting
from boards.presenters.cases import case_label
from boards.presenters.meetings import VotePage
from boards.presenters.newer_release import newer_release
from boards.shown.newer import InForce, releases_in_force
from boards.shown.stored_ranking import Frozen
from boards.times import when_words
from display.punctuation import in_series
from regimens.rules.record import OptionRecord

from .parts import (
    DecisionWords,
    PatientWords,
    Provenance,
    decision_words,
    licence_words,
    patient_words,
    provenance,
    safety_words,
    votes,
)
from .report import with_ballots
from .words import Words, report_words


@dataclass(frozen=True)
class MinutesItem:
    """An item: `state` says why there is no more of it, where a case was erased or the vote is still open."""

    position: int
    label: str
    state: str
    patient: PatientWords | None
    question: str
    first: str
    votes: VotePage | None
    decision: DecisionWords | None
    provenance: Provenance | None


@dataclass(frozen=True)
class Minutes:
    title: str
    board: str
    header: tuple[str, ...]
    meeting: str
    present: str
    items: tuple[MinutesItem, ...]
    made: str
    words: Words
    template: str = "boards/documents/templates/minutes.typ"


def minutes(meeting: Meeting, *, at: datetime) -> Minutes:
    """The minutes as of now, dated `at`; few queries whatever the length of the agenda."""
    items = list(with_ballots(AgendaItem.objects.filter(meeting=meeting)).order_by("position"))
    by_item: dict[int, list[Decision]] = {}
    rows = Decision.objects.filter(item__in=items).select_related("decided_by").order_by("-number")
    for decision in rows.prefetch_related("signatures__person", "presences__person"):
        by_item.setdefault(decision.item_id, []).append(decision)
    there = {
        person_name(presence.person): None
        for decisions in by_item.values()
        for presence in (decisions[0].presences.all() if decisions else ())
    }
    history = releases_in_force()
    day = date_format(meeting.held_on, "DATE_FORMAT")
    return Minutes(
        title=_("Minutes of the meeting on %(day)s") % {"day": day},
        board=meeting.board_name or meeting.board.name,
        header=tuple(line for line in _header(meeting).splitlines() if line.strip()),
        meeting=", ".join(filter(None, (when_words(meeting), meeting.place))),
        present=", ".join(sorted(there)),
        items=tuple(_item(item, by_item.get(item.pk, []), history) for item in items),
        made=date_format(timezone.localtime(at), "DATETIME_FORMAT"),
        words=report_words(),
    )


def _item(item: AgendaItem, decisions: list[Decision], history: Sequence[InForce]) -> MinutesItem:
    if item.version is None or item.case.is_erased:
        return _bare(item, _("The case was erased."))
    frozen = Frozen(item.version)
    if item.is_hidden:
        return _bare(item, _("The vote is not closed yet."), patient_words(frozen))
    return MinutesItem(
        position=item.position,
        label=item.case.label,
        state="",
        patient=patient_words(frozen),
        question=item.question,
        first=" ".join(filter(None, (_first(frozen), _newer(item, decisions, history)))),
        votes=votes(item),
        decision=decision_words(decisions),
        provenance=provenance(frozen),
    )


def _header(meeting: Meeting) -> str:
    """As the board had it when the meeting was finished; as it has it now before that."""
    return meeting.header if meeting.is_finished else meeting.board.header


def _newer(item: AgendaItem, decisions: list[Decision], history: Sequence[InForce]) -> str:
    """Whether a newer release was in force when the first decision was recorded; empty where none was."""
    found = newer_release(item, decisions[-1].decided_at, history) if decisions else None
    return found.words if found else ""


def _bare(item: AgendaItem, state: str, patient: PatientWords | None = None) -> MinutesItem:
    return MinutesItem(item.position, case_label(item.case), state, patient, item.question, "", None, None, None)


def _first(frozen: Frozen) -> str:
    """What was ranked first: all that shared the place, with licence and safety as they were read then."""
    ranked = [option for option in frozen.options if option.rank is not None]
    first = [option for option in ranked if frozen.places[option.regimen] == frozen.places[ranked[0].regimen]]
    if not first:
        return _("No option was ranked.")
    return " ".join(_told(option, frozen, is_joint=len(first) > 1) for option in first)


def _told(option: OptionRecord, frozen: Frozen, *, is_joint: bool) -> str:
    words = (
        _("Ranked joint first: %(name)s (level %(level)s).")
        if is_joint
        else _("Ranked first: %(name)s (level %(level)s).")
    )
    said = [words % {"name": option.name, "level": option.level}]
    if licence := licence_words(frozen, option):
        said.append(_("Licence: %(words)s.") % {"words": licence})
    if safety := safety_words(frozen, option):
        said.append(_("Safety: %(words)s.") % {"words": in_series(safety)})
    return " ".join(said)
