"""The room of a meeting as its page shows it: who is there, the agenda with its times, the vote, and the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.people import person_name
from boards.actions.agenda import next_meeting
from boards.actions.votes import still_to_vote
from boards.members import members_of
from boards.models import AgendaItem, Attendance, Decision, Meeting
from boards.models.choices import DECIDING_ROLES, Discipline
from boards.quorum import Quorum, quorum_of
from boards.times import time_words
from display.moments import moment_words

from .cases import case_label, decision_in_force


@dataclass(frozen=True)
class PersonThere:
    """A member in the room, or who was: `words` says when, and for which discipline."""

    name: str
    words: str
    is_there: bool


@dataclass(frozen=True)
class InTheRoom:
    """Who is there; `quorum` says in words whether it is met and what is missing."""

    people: tuple[PersonThere, ...]
    guests: str
    count: str
    quorum: str
    is_met: bool


@dataclass(frozen=True)
class Stop:
    """A case of the agenda in the room: `state` is what has become of it, `seconds` how long it was discussed."""

    pk: int
    position: int
    label: str
    state: str
    seconds: int
    is_current: bool


@dataclass(frozen=True)
class Ending:
    """What happens to a case when the meeting is finished, or happened: `sign` names who has to sign."""

    item: int
    label: str
    what: str
    is_open: bool
    sign: str


@dataclass(frozen=True)
class Signing:
    """A member and how many decisions wait for signatures that the member can give."""

    name: str
    count: int


def in_the_room(meeting: Meeting) -> InTheRoom:
    """Attendance as it is now, those who left behind those who are there."""
    rows = list(Attendance.objects.filter(meeting=meeting).select_related("person").order_by("arrived_at", "pk"))
    there = [row for row in rows if row.left_at is None]
    keys = {row.person_id for row in there}
    gone = {row.person_id: row for row in rows if row.left_at is not None and row.person_id not in keys}
    quorum = quorum_of(meeting)
    people = [_person(row, meeting.time_zone) for row in (*there, *gone.values())]
    return InTheRoom(
        people=tuple(sorted(people, key=lambda person: (not person.is_there, person.name.lower()))),
        guests=meeting.guests,
        count=_count(meeting, quorum),
        quorum=_("quorum met") if quorum.is_met else _("no quorum: %(lacking)s") % {"lacking": quorum.lacking},
        is_met=quorum.is_met,
    )


def stops(meeting: Meeting, items: Sequence[AgendaItem], now: datetime) -> tuple[Stop, ...]:
    """The agenda in order: items with cases and decisions fetched, annotated with how many `voted`."""
    return tuple(
        Stop(
            item.pk,
            item.position,
            case_label(item.case),
            _state(meeting, item),
            seconds_of(item, now),
            _is_now(meeting, item),
        )
        for item in items
    )


def seconds_of(item: AgendaItem, now: datetime) -> int:
    """How long an item has been on the screen."""
    since = item.discussed_from
    return item.discussed_seconds + (max(0, int((now - since).total_seconds())) if since else 0)


def waiting_for(item: AgendaItem) -> str:
    """Who has not voted yet; how many where votes are anonymous; empty where nobody is waited for."""
    left = still_to_vote(item)
    if not left:
        return ""
    if item.meeting.is_anonymous:
        return ngettext("%(count)d member", "%(count)d members", len(left)) % {"count": len(left)}
    return ", ".join(sorted(map(person_name, left)))


def endings(meeting: Meeting, items: Iterable[AgendaItem]) -> tuple[Ending, ...]:
    """What becomes of each case: items with cases, decisions with presences and signatures, and ballots counted."""
    deciding = {held.person_id for held in members_of(meeting.board).filter(role__in=DECIDING_ROLES)}
    later = next_meeting(meeting)
    return tuple(_ending(item, deciding, later) for item in items)


def signings(items: Iterable[AgendaItem], meeting: Meeting) -> tuple[Signing, ...]:
    """Who can sign the decisions that lack signatures, and how many each."""
    held = list(members_of(meeting.board).filter(role__in=DECIDING_ROLES))
    deciding = {each.person_id for each in held}
    chairs = {each.person_id for each in held if each.is_chair}
    names: Counter[str] = Counter()
    for item in items:
        decision = _in_force(item)
        if decision and not item.case.is_erased:
            names.update(_signers(decision, chairs if decision.signatures_needed == 1 else deciding))
    return tuple(Signing(name, count) for name, count in sorted(names.items(), key=lambda pair: (-pair[1], pair[0])))


def from_to(meeting: Meeting) -> str:
    """From when to when the room was open; since when, while it is."""
    if meeting.started_at is None:
        return ""
    began = moment_words(meeting.started_at, meeting.time_zone)
    if meeting.finished_at is None:
        return _("since %(time)s") % {"time": began}
    minutes = int((meeting.finished_at - meeting.started_at).total_seconds() // 60)
    words = ngettext("%(began)s to %(ended)s, %(count)d minute", "%(began)s to %(ended)s, %(count)d minutes", minutes)
    ended = time_words(meeting.finished_at, meeting.time_zone)
    return words % {"began": began, "ended": ended, "count": minutes}


def _person(row: Attendance, zone: str) -> PersonThere:
    said = [str(Discipline(row.discipline).label)] if row.discipline else []
    if row.left_at is not None:
        said.append(_("left at %(time)s") % {"time": time_words(row.left_at, zone)})
    return PersonThere(person_name(row.person), ", ".join(said), row.left_at is None)


def _count(meeting: Meeting, quorum: Quorum) -> str:
    total = members_of(meeting.board).filter(role__in=DECIDING_ROLES).count()
    words = ngettext("Present %(there)d of %(total)d", "Present %(there)d of %(total)d", total)
    return words % {"there": quorum.present, "total": total}


def _is_now(meeting: Meeting, item: AgendaItem) -> bool:
    return meeting.current_id == item.pk


def _state(meeting: Meeting, item: AgendaItem) -> str:
    if item.case.is_erased:
        return _("erased")
    if item.decisions.all():
        return _("decided")
    if _is_now(meeting, item):
        return _("in discussion")
    if item.is_vote_open and item.voted:  # type: ignore[attr-defined]
        return ngettext("voting ahead, %(count)d vote", "voting ahead, %(count)d votes", item.voted) % {  # type: ignore[attr-defined]
            "count": item.voted  # type: ignore[attr-defined]
        }
    if item.waiting_since:
        return _("waits since %(day)s") % {"day": date_format(item.waiting_since, "DATE_FORMAT")}
    return "" if item.needs_discussion else _("needs no discussion")


def _ending(item: AgendaItem, deciding: set[int], later: Meeting | None) -> Ending:
    label = case_label(item.case)
    if item.case.is_erased:
        return Ending(item.pk, label, _("The case was erased."), is_open=False, sign="")
    decision = _in_force(item)
    if decision is not None:
        what = _("Decided: %(decision)s") % {"decision": decision_in_force(item)}
        return Ending(item.pk, label, what, is_open=False, sign=_sign_words(decision, deciding))
    return Ending(item.pk, label, _carried(item, later), is_open=True, sign="")


def _carried(item: AgendaItem, later: Meeting | None) -> str:
    if item.meeting.is_finished:
        gone = item.carried_to.select_related("meeting").first()
        where = gone.meeting if gone else None
    else:
        where = later
    said = [_("Voted, and no plan.")] if item.voted else [_("Not decided.")]  # type: ignore[attr-defined]
    if where:
        said.append(_("Carried over to %(day)s.") % {"day": date_format(where.held_on, "DATE_FORMAT")})
    else:
        said.append(_("Waits for the next meeting that is made."))
    since = item.waiting_since
    if since:
        said.append(_("It waits since %(day)s.") % {"day": date_format(since, "DATE_FORMAT")})
    if item.voted:  # type: ignore[attr-defined]
        said.append(_("Its votes stay with this meeting, and the next one votes anew."))
    return " ".join(said)


def _sign_words(decision: Decision, deciding: set[int]) -> str:
    signed = len(decision.signatures.all())
    if signed >= decision.signatures_needed:
        return _("signed")
    if decision.signatures_needed == 1:
        return _("the chair")
    return _("%(count)d of: %(names)s") % {
        "count": decision.signatures_needed - signed,
        "names": ", ".join(_signers(decision, deciding)),
    }


def _signers(decision: Decision, may: set[int]) -> list[str]:
    """Those present who may still sign a decision; nobody where it has its signatures."""
    signed = {each.person_id for each in decision.signatures.all()}
    if len(signed) >= decision.signatures_needed:
        return []
    there = [each.person for each in decision.presences.all() if each.person_id in may - signed]
    return sorted(map(person_name, there))


def _in_force(item: AgendaItem) -> Decision | None:
    return max(item.decisions.all(), key=lambda decision: decision.number, default=None)
