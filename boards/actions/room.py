"""The room of a meeting: opened once, who is there, the case on the screen, and its end.

When a meeting is finished its minutes stay as they are, and what was not decided goes to the next one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import locked, writing
from audit.events import record
from audit.records import sealed
from boards import members
from boards.errors import Refused
from boards.models import GUARD, AgendaItem, Attendance, Meeting
from boards.privacy.guard import kept
from boards.quorum import quorum_of_board, quorum_with
from boards.sealing import BALLOTS
from boards.times import day_of, is_about_its_day, is_before_its_day

from .agenda import carry_over, details, order_by_waiting, undecided

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def open_room(
    meeting: Meeting, *, present: Iterable[User], guests: str = "", now: datetime | None = None, by: User
) -> Meeting:
    """Begin with those who are there: the agenda is fixed, and its first case is on the screen.

    Raises NotAllowed; Refused on another day than the meeting's, without an agenda, or below the quorum, which says who
    is missing.
    """
    person, at = members.runner(by, meeting.board), now or timezone.now()
    people = list(present)
    with writing(GUARD):
        row = locked(meeting, "board")
        _refuse_finished(row)
        if row.started_at is not None:
            raise Refused(_("The room is open."))
        if not is_about_its_day(row, at):
            given = {"day": row.held_on.isoformat(), "today": day_of(at, row.time_zone).isoformat()}
            raise Refused(_("The meeting is on %(day)s, and today is %(today)s: its room opens on its day.") % given)
        first = row.items.order_by("position").first()
        if first is None:
            raise Refused(_("There is nothing on the agenda."))
        if lacking := quorum_of_board(row).lacking:
            raise Refused(_("The board itself has no quorum, even if all come: %(lacking)s.") % {"lacking": lacking})
        if lacking := quorum_with(row, [each.pk for each in people]).lacking:
            raise Refused(_("The quorum is not met: %(lacking)s.") % {"lacking": lacking}, "present")
        row.started_at, row.guests, row.current = at, _guests(guests), first
        if not row.is_fixed:
            row.fixed_at, row.fixed_by = at, person
        row.save()
        _attend(row, people, at)
        first.discussed_from = at
        first.save()
        record("open-room", row, by=person, details={"present": len(people), "items": row.items.count()})
    return row


def attend(
    meeting: Meeting, *, present: Iterable[User], guests: str = "", now: datetime | None = None, by: User
) -> Meeting:
    """Who is in the room from now on: others have left, and who comes back has a further row.

    Raises NotAllowed, Refused.
    """
    person, at = members.runner(by, meeting.board), now or timezone.now()
    people = list(present)
    with writing(GUARD):
        row = locked(meeting, "board")
        _refuse_unless_open(row)
        row.guests = _guests(guests)
        row.save()
        _attend(row, people, at)
        record("attend", row, by=person, details={"present": len(people)})
    return row


def show_item(item: AgendaItem, *, now: datetime | None = None, by: User) -> AgendaItem:
    """Bring a case to the screen; the time of the one before stops. Raises NotAllowed, Refused."""
    person, at = members.runner(by, item.meeting.board), now or timezone.now()
    with writing(GUARD):
        meeting = locked(item.meeting, "board")
        _refuse_unless_open(meeting)
        row = locked(item)
        if meeting.current_id == row.pk:
            return row
        _stop_the_clock(meeting, at)
        meeting.current = row
        meeting.save()
        row.discussed_from = at
        row.save()
        record("show-item", meeting, by=person, details=details(row))
    return row


def finish_meeting(meeting: Meeting, *, now: datetime | None = None, by: User) -> Meeting:
    """Freeze the minutes, and carry over what was not decided. Raises NotAllowed, Refused."""
    person, at = members.runner(by, meeting.board), now or timezone.now()
    with writing(GUARD):
        row = locked(meeting, "board")
        _refuse_finished(row)
        if not row.is_fixed:
            raise Refused(_("The agenda is open: a meeting that was not held is put on another day, or deleted."))
        if is_before_its_day(row, at):
            raise Refused(_("The meeting is on %(day)s, which is to come.") % {"day": row.held_on.isoformat()})
        _stop_the_clock(row, at)
        for each in row.attendances.filter(left_at__isnull=True):
            each.left_at = max(at, each.arrived_at)
            each.save()
        row.finished_at, row.finished_by, row.current = at, person, None
        row.board_name, row.header = row.board.name, row.board.header
        row.save()
        left = list(undecided(row))
        carried = [carry_over(item, by=person) for item in left]
        for agenda in {item.meeting for item in carried if item}:
            order_by_waiting(agenda)
        # Nobody votes any more: what was cast anonymously on a vote that nobody closed is sealed now.
        open_votes = row.items.filter(vote_closed_at__isnull=True) if row.is_anonymous else row.items.none()
        cast = sealed({BALLOTS: list(open_votes.values_list("pk", flat=True))})
        details = {"items": row.items.count(), "carried": len(left)} | cast
        record("finish-meeting", row, by=person, details=details)
    return row


def refuse_unless_in_session(item: AgendaItem, *, is_decided: bool, now: datetime | None = None) -> None:
    """Whether an item can be decided now: not before the meeting's day, and once it is finished corrected alone.

    Raises Refused.
    """
    meeting = item.meeting
    if is_before_its_day(meeting, now or timezone.now()):
        raise Refused(
            _("The meeting is on %(day)s: nothing on it can be decided before.") % {"day": meeting.held_on.isoformat()}
        )
    if meeting.is_finished and not is_decided:
        raise Refused(_("The meeting is finished and the case was carried over: it is decided at the next one."))


def quorum_missing(item: AgendaItem, present: Iterable[int]) -> list[Refused]:
    """Why those present may not decide, by their keys; nothing without discussion, where the chair alone does."""
    lacking = quorum_with(item.meeting, present).lacking
    if not (item.needs_discussion and item.meeting.quorum and lacking):
        return []
    return [Refused(_("The quorum is not met: %(lacking)s.") % {"lacking": lacking}, "present")]


def _attend(meeting: Meeting, people: list[User], at: datetime) -> None:
    held = {each.person_id: each for each in members.members_of(meeting.board).filter(role__in=members.SEEING_ROLES)}
    there = {each.person_id: each for each in meeting.attendances.filter(left_at__isnull=True)}
    for person in people:
        if person.pk in there:
            continue
        if person.pk not in held:
            raise Refused(_("%(person)s is not on the board: name others as guests.") % {"person": person}, "present")
        discipline = held[person.pk].discipline
        Attendance.objects.create(meeting=meeting, person=person, discipline=discipline, arrived_at=at)
    for key, row in there.items():
        if key not in {person.pk for person in people}:
            row.left_at = max(at, row.arrived_at)
            row.save()


def _stop_the_clock(meeting: Meeting, at: datetime) -> None:
    for item in meeting.items.filter(discussed_from__isnull=False):
        item.discussed_seconds += max(0, int((at - item.discussed_from).total_seconds()))
        item.discussed_from = None
        item.save()


def _guests(words: str) -> str:
    said = kept(words, "meeting.guests", "guests")
    most = Meeting._meta.get_field("guests").max_length or 0
    if len(said) > most:
        raise Refused(_("At most %(most)d characters.") % {"most": most}, "guests")
    return said


def _refuse_finished(meeting: Meeting) -> None:
    if meeting.is_finished:
        raise Refused(_("The meeting is finished."))


def _refuse_unless_open(meeting: Meeting) -> None:
    _refuse_finished(meeting)
    if meeting.started_at is None:
        raise Refused(_("The room is not open yet."))
