"""Meetings and their agendas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import locked, writing
from audit.events import record
from boards import members
from boards.errors import ChangedMeanwhile, Refused
from boards.models import GUARD, AgendaItem, Ballot, Board, Case, Decision, Meeting, Signature
from boards.models.choices import CaseStatus
from boards.privacy.guard import kept
from boards.shown.stored_ranking import FEWEST, MOST, Frozen
from boards.times import refuse_far_day

from .agenda import details, put_in_order, put_on, put_waiting_on
from .cases import open_case, settle, wait

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def make_meeting(
    *,
    board: Board,
    held_on: date,
    begins_at: time | None = None,
    place: str = "",
    now: datetime | None = None,
    by: User,
) -> Meeting:
    """A meeting that votes as the board does now; the cases that wait for one stand on its agenda.

    `begins_at` is meant in the board's time zone. Raises NotAllowed; Refused for a day long before `now`, or years on.
    """
    person = members.preparer(by, board)
    place = kept(place, "meeting.place")
    with writing(GUARD):
        row = locked(board)
        refuse_far_day(held_on, row.time_zone, now or timezone.now())
        meeting = Meeting.objects.create(
            board=row,
            held_on=held_on,
            begins_at=begins_at,
            time_zone=row.time_zone,
            place=place,
            blind_first=row.blind_first,
            ballots=row.ballots,
            quorum=row.quorum,
            disciplines=row.disciplines,
            minutes_each=row.minutes_each,
            created_by=person,
        )
        record("make-meeting", meeting, by=person, details={"board": row.pk, "held_on": held_on.isoformat()})
        put_waiting_on(meeting, by=person)
    return meeting


def change_meeting(
    meeting: Meeting,
    *,
    held_on: date,
    begins_at: time | None = None,
    place: str = "",
    now: datetime | None = None,
    by: User,
) -> Meeting:
    """Another day, time or place, in the time zone that the board has now. Raises NotAllowed; Refused once something
    was voted or decided.
    """
    person = members.preparer(by, meeting.board)
    place = kept(place, "meeting.place")
    with writing(GUARD):
        row = locked(meeting, "board")
        _refuse_once_begun(row)
        if held_on != row.held_on:
            refuse_far_day(held_on, row.board.time_zone, now or timezone.now())
        row.held_on, row.begins_at, row.time_zone, row.place = held_on, begins_at, row.board.time_zone, place
        row.save()
        record("change-meeting", row, by=person, details={"held_on": held_on.isoformat()})
    return row


def delete_meeting(meeting: Meeting, *, by: User) -> None:
    """Its cases are off its agenda, and wait again if they did. Raises NotAllowed; Refused once something was voted or
    decided.
    """
    person = members.runner(by, meeting.board)
    with writing(GUARD):
        row = locked(meeting, "board")
        _refuse_once_begun(row)
        row.fixed_at = row.fixed_by = row.current = None
        row.save()
        for item in row.items.select_related("case", "carried_from"):
            _take_off(item)
        details = {"board": row.board_id, "held_on": row.held_on.isoformat()}
        record("delete-meeting", row, by=person, details=details)
        row.delete()


def list_case(meeting: Meeting, *, case: Case, question: str = "", by: User) -> AgendaItem:
    """Put a case on an agenda, frozen in its newest version. Raises NotAllowed, Refused."""
    (item,) = list_cases(meeting, cases=[case], question=question, by=by)
    return item


def list_cases(meeting: Meeting, *, cases: Sequence[Case], question: str = "", by: User) -> list[AgendaItem]:
    """Put cases on an agenda in this order: all of them, or none. Raises NotAllowed, Refused."""
    person = members.preparer(by, meeting.board)
    question = kept(question, "agendaitem.question")
    with writing(GUARD):
        agenda = _open(meeting)
        return [_listed(agenda, locked(case), question, person) for case in cases]


def list_again(item: AgendaItem, *, question: str, by: User) -> AgendaItem | None:
    """Put a case that was decided on the board's next open agenda; None where it waits for one.

    Within an action. Raises NotAllowed, Refused.
    """
    case, today = open_case(item.case), timezone.localdate()
    meetings = Meeting.objects.filter(board=item.meeting.board_id, fixed_at__isnull=True, held_on__gte=today)
    if meeting := meetings.order_by("held_on", "pk").first():
        return list_case(meeting, case=case, question=question, by=by)
    wait(case, since=today, item=item)
    return None


def _listed(agenda: Meeting, case: Case, question: str, person: User) -> AgendaItem:
    if case.board_id != agenda.board_id:
        raise Refused(_("The case belongs to another board."))
    if case.status in (CaseStatus.ARCHIVED, CaseStatus.ERASED) or case.current is None:
        raise Refused(_("The case is in the archive: take it out first."))
    if agenda.items.filter(case=case).exists():
        raise Refused(_("The case is already on the agenda."))
    return put_on(agenda, case, question=question, by=person)


def take_newest(item: AgendaItem, *, by: User) -> AgendaItem:
    """Freeze an item in the newest version of its case. Raises NotAllowed, Refused."""
    person = members.preparer(by, item.meeting.board)
    with writing(GUARD):
        _open(item.meeting)
        row = locked(item, "case")
        if row.case.current is None:
            raise Refused(_("The case is erased."))
        row.version, row.options = row.case.current, []
        row.save()
        record("freeze-version", row.case, by=person, details=details(row) | {"version": row.version.number})
    return row


def unlist(item: AgendaItem, *, by: User) -> None:
    """Take a case off an agenda: one that was carried over waits again. Raises NotAllowed, Refused."""
    person = members.preparer(by, item.meeting.board)
    with writing(GUARD):
        agenda = _open(item.meeting)
        row = locked(item, "case", "carried_from")
        told = details(row)
        _take_off(row)
        put_in_order(list(agenda.items.order_by("position")))
        record("unlist-case", row.case, by=person, details=told)


def move(item: AgendaItem, *, up: bool, by: User) -> None:
    """Change places with the one above or below; at the end nothing happens. Raises NotAllowed, Refused."""
    _put_elsewhere(item, lambda place: place + (-1 if up else 1), by)


def move_to(item: AgendaItem, *, position: int, by: User) -> None:
    """Put an item at a place, from 1 on; beyond the last it goes to the end. Raises NotAllowed, Refused."""
    _put_elsewhere(item, lambda _place: position, by)


def _put_elsewhere(item: AgendaItem, where: Callable[[int], int], by: User) -> None:
    person = members.preparer(by, item.meeting.board)
    with writing(GUARD):
        agenda = _open(item.meeting)
        items = list(agenda.items.order_by("position"))
        row = next((each for each in items if each.pk == item.pk), None)
        if row is None:
            raise Refused(_("The case is not on the agenda any more."))
        place = max(1, min(where(row.position), len(items)))
        if place == row.position:
            return
        items.remove(row)
        items.insert(place - 1, row)
        put_in_order(items)
        record("move-item", agenda, by=person, details=details(row) | {"position": place})


def prepare(
    item: AgendaItem,
    *,
    question: str | None = None,
    options: Sequence[str] | None = None,
    based_on: str | None = None,
    by: User,
) -> AgendaItem:
    """What the board is asked on a case, and the two to four options that stand side by side.

    Either stays as it is where it is None. `based_on` is what the writer saw (`AgendaItem.prepared`). Raises
    ChangedMeanwhile where it is not so any more; NotAllowed; Refused, which names the field.
    """
    person = members.preparer(by, item.meeting.board)
    with writing(GUARD):
        row = locked(item, "case", "meeting", "version")
        if row.case.is_erased:
            raise Refused(_("The case is erased."))
        if row.meeting.is_finished:
            raise Refused(_("The meeting is finished: what it looked at stays."))
        if based_on not in (None, row.prepared):
            raise ChangedMeanwhile(_("Somebody else prepared this case while you were writing."), row)
        if is_under_signature(row):
            raise Refused(_("The decision is signed: correct it, and its question and options with it."))
        asked = row.question if question is None else kept(question, "agendaitem.question")
        chosen = row.options if options is None else _chosen(row, options)
        is_asked, is_chosen = asked != row.question, chosen != row.options
        row.question, row.options = asked, chosen
        row.save()
        if is_asked:
            record("ask-board", row.case, by=person, details=details(row))
        if is_chosen:
            record("choose-options", row.case, by=person, details=details(row) | {"options": len(chosen)})
    return row


def fix_agenda(meeting: Meeting, *, by: User) -> Meeting:
    """Nothing is added, removed or moved from now on; votes and decisions may begin. Raises NotAllowed, Refused."""
    person = members.chair(by, meeting.board)
    with writing(GUARD):
        row = _open(meeting)
        if not row.items.exists():
            raise Refused(_("There is nothing on the agenda."))
        row.fixed_at, row.fixed_by = timezone.now(), person
        row.save()
        record("fix-agenda", row, by=person, details={"items": row.items.count()})
    return row


def reopen_agenda(meeting: Meeting, *, by: User) -> Meeting:
    """Let the agenda change again. Raises NotAllowed; Refused once something on it was voted or decided."""
    person = members.chair(by, meeting.board)
    with writing(GUARD):
        row = locked(meeting, "board")
        if not row.is_fixed:
            raise Refused(_("The agenda is open."))
        if has_begun(row):
            raise Refused(_("Something on the agenda was voted or decided: it stays fixed."))
        if row.started_at is not None:
            raise Refused(_("The room was opened: the agenda stays fixed."))
        row.fixed_at = row.fixed_by = None
        row.save()
        record("reopen-agenda", row, by=person)
    return row


def has_begun(meeting: Meeting) -> bool:
    """Whether something on the agenda was voted or decided."""
    return (
        Ballot.objects.filter(item__meeting=meeting).exists()
        or Decision.objects.filter(item__meeting=meeting).exists()
        or meeting.items.filter(vote_closed_at__isnull=False).exists()
    )


def _refuse_once_begun(meeting: Meeting) -> None:
    if meeting.is_finished or meeting.started_at is not None:
        raise Refused(_("The room was opened: the meeting stays as it is."))
    if has_begun(meeting):
        raise Refused(_("Something on the agenda was voted or decided: the meeting stays as it is."))


def _take_off(item: AgendaItem) -> None:
    """Delete an item, so that its case stands as before; one that waited waits again."""
    since, source, case = item.waiting_since, item.carried_from, locked(item.case)
    item.delete()
    if since is not None:
        case.status, case.waiting_since, case.waits_with = CaseStatus.WAITING, since, source
        case.save()
    settle(case)


def _open(meeting: Meeting) -> Meeting:
    row = locked(meeting, "board")
    if row.is_fixed:
        raise Refused(_("The agenda is fixed."))
    return row


def side_by_side(frozen: Frozen, options: Sequence[str], former: Sequence[str] = ()) -> list[str]:
    """Options in the order of the ranking; none for those that would stand there anyway, if none were chosen before.

    Raises Refused for too few or many, and for one that the ranking does not know.
    """
    known = [slug for _band, listed in frozen.choosable() for slug, _name in listed]
    chosen = [slug for slug in known if slug in options]
    if not FEWEST <= len(chosen) <= MOST or set(options) - set(known):
        raise Refused(_("Choose %(fewest)d to %(most)d options.") % {"fewest": FEWEST, "most": MOST}, "options")
    return chosen if former or chosen != frozen.usual_options() else []


def _chosen(item: AgendaItem, options: Sequence[str]) -> list[str]:
    if item.is_hidden:
        raise Refused(_("The ranking is not shown before the vote is closed."))
    return side_by_side(Frozen(item.version), options, item.options)


def is_under_signature(item: AgendaItem) -> bool:
    """Whether a decision on it bears a signature: from then on what it shows is said anew by a correction alone."""
    return Signature.objects.filter(decision__item=item).exists()
