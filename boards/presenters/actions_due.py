"""What a board's plans ask of whom and by when: what is open, the overdue first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from boards.models import Board, Decision
from boards.plans import standings, with_plans

from .cases import case_label
from .plan import PlanLine, plan_lines


@dataclass(frozen=True)
class DueAction:
    """An open recommendation of a decision in force, with the case that it is of."""

    item: int
    case: int
    label: str
    line: PlanLine


def due_actions(board: Board, *, today: date) -> tuple[DueAction, ...]:
    """What is still to be done: the overdue first, then by day, at last what has no day. Few queries for any number."""
    later = Decision.objects.filter(item=OuterRef("item"), number__gt=OuterRef("number"))
    theirs = Decision.objects.filter(item__meeting__board=board, item__case__erased_at__isnull=True)
    planned = theirs.filter(~Exists(later), steps__isnull=False).values("item")
    rows = with_plans(theirs.filter(item__in=planned)).select_related("item__case").order_by("item", "-number")
    by_item: dict[int, list[Decision]] = {}
    for decision in rows:
        by_item.setdefault(decision.item_id, []).append(decision)
    found = [
        DueAction(decisions[0].item_id, decisions[0].item.case_id, case_label(decisions[0].item.case), line)
        for decisions in by_item.values()
        for line in plan_lines(decisions[0], standings(decisions), today=today)
        if line.is_open
    ]
    return tuple(sorted(found, key=lambda each: (each.line.due or date.max, each.item, each.line.number)))
