"""Items of an agenda as several actions write them: listed with what they waited for, put in order, carried over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Max, QuerySet

from audit.actions import locked
from audit.events import record
from boards.models import AgendaItem, Board, Case, Meeting
from boards.models.choices import CaseStatus

from .cases import settle, wait

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def put_on(agenda: Meeting, case: Case, *, question: str, by: User) -> AgendaItem:
    """A case at the end of an open agenda, frozen in its newest version, with since when it waits; within an action."""
    last = agenda.items.aggregate(last=Max("position"))["last"] or 0
    source = case.waits_with
    item = AgendaItem.objects.create(
        meeting=agenda,
        case=case,
        version=case.current,
        position=last + 1,
        question=question or (source.question if source else ""),
        needs_discussion=source.needs_discussion if source else True,
        carried_from=source if source and _can_be_carried(source) else None,
        waiting_since=case.waiting_since,
        listed_by=by,
    )
    settle(case)
    record("list-case", case, by=by, details=details(item) | {"version": item.version.number})
    return item


def put_waiting_on(agenda: Meeting, *, by: User) -> None:
    """Every case of the board that waits for a meeting, the longest wait first; within an action."""
    for case in waiting_cases(agenda.board):
        put_on(agenda, locked(case), question="", by=by)


def waiting_cases(board: Board) -> QuerySet[Case]:
    """The cases of a board that wait for a meeting, the longest wait first."""
    return Case.objects.filter(board=board, status=CaseStatus.WAITING).order_by("waiting_since", "pk")


def carry_over(item: AgendaItem, *, by: User) -> AgendaItem | None:
    """A case without a decision, off a meeting that is finished, onto the next one; within an action.

    None where it waits, since no later meeting has an open agenda, or where it is on another agenda that is fixed.
    """
    case = locked(item.case)
    since = item.waiting_since or item.meeting.held_on
    elsewhere = AgendaItem.objects.filter(case=case, decisions__isnull=True, meeting__finished_at__isnull=True)
    other = elsewhere.select_related("meeting").order_by("meeting__held_on", "pk").first()
    record("carry-case-over", case, by=by, details=details(item))
    if other is not None:
        if not other.meeting.is_fixed:
            _go_on_from(other, item, since)
        return other if not other.meeting.is_fixed else None
    case = wait(case, since=since, item=item)
    later = next_meeting(item.meeting)
    return put_on(later, case, question="", by=by) if later else None


def next_meeting(meeting: Meeting) -> Meeting | None:
    """The board's next meeting on a later day whose agenda is open."""
    later = Meeting.objects.filter(board=meeting.board_id, held_on__gt=meeting.held_on, fixed_at__isnull=True)
    return later.filter(finished_at__isnull=True).select_related("board").order_by("held_on", "pk").first()


def undecided(meeting: Meeting) -> QuerySet[AgendaItem]:
    """The items without a decision whose cases are not erased, in order."""
    items = meeting.items.filter(decisions__isnull=True, case__erased_at__isnull=True)
    return items.select_related("case", "meeting").order_by("position")


def order_by_waiting(agenda: Meeting) -> None:
    """Those that wait longest first, then the others as they stand; within an action."""
    items = list(agenda.items.order_by("position"))
    put_in_order(sorted(items, key=lambda item: (item.waiting_since is None, item.waiting_since or date.min)))


def put_in_order(items: Sequence[AgendaItem]) -> None:
    """Give the items of one agenda the places from 1 on; no two have one place at any time. Within an action."""
    beyond = max((item.position for item in items), default=0)
    moved = [(item, place) for place, item in enumerate(items, start=1) if item.position != place]
    for offset in (beyond, 0):
        for item, place in moved:
            item.position = place + offset
            item.save(update_fields=["position"])


def details(item: AgendaItem) -> dict[str, object]:
    return {"meeting": item.meeting_id, "item": item.pk}


def _go_on_from(item: AgendaItem, source: AgendaItem, since: date) -> None:
    if item.carried_from_id is None and _can_be_carried(source):
        item.carried_from = source
    item.waiting_since = min(since, item.waiting_since or since)
    item.question = item.question or source.question
    item.save()


def _can_be_carried(source: AgendaItem) -> bool:
    return not source.decisions.exists() and not source.carried_to.exists()
