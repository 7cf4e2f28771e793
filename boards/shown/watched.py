"""Which decisions stay watched, what needs an answer first, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from boards.blindness import blind_cases
from boards.models import AgendaItem, Decision, Development, PlanStep, StepProgress
from boards.models.choices import StepState

from .replay import decided_items


@dataclass(frozen=True)
class WatchCount:
    """Of a board: how many decisions are watched, and against how many something speaks that nobody answered."""

    watched: int = 0
    undermined: int = 0


def watched_items(**within: Any) -> QuerySet[AgendaItem]:
    """The items whose decision is watched, but for those on which a vote is open or to come, of which nothing is shown.

    `is_undermined`: something speaks against the decision in force, and nobody answered.
    """
    newest = Decision.objects.filter(item=OuterRef("pk")).order_by("-number").values("pk")[:1]
    rows = decided_items(watch_closed_at__isnull=True, **within).exclude(case__in=blind_cases())
    against = _unanswered().filter(undermines=True)
    return rows.annotate(in_force=Subquery(newest)).annotate(is_undermined=Exists(against))


def hidden_count(**within: Any) -> int:
    """How many are left out since a vote on them is open or to come."""
    return decided_items(watch_closed_at__isnull=True, case__in=blind_cases(), **within).count()


def in_order(items: QuerySet[AgendaItem], today: date) -> QuerySet[AgendaItem]:
    """What undermines a decision first, then what is overdue, then what nobody answered; each the newest first."""
    ended = StepProgress.objects.filter(step=OuterRef("pk"), state__in=[StepState.DONE, StepState.NOT_DONE])
    overdue = PlanStep.objects.filter(~Exists(ended), decision=OuterRef("in_force"), due_on__lt=today)
    raised = Development.objects.filter(decision=OuterRef("in_force")).order_by("-raised_at").values("raised_at")[:1]
    rows = items.annotate(is_overdue=Exists(overdue), is_told=Exists(_unanswered()), raised_at=Subquery(raised))
    first = ("-is_undermined", "-is_overdue", "-is_told", F("raised_at").desc(nulls_last=True))
    return rows.order_by(*first, "-meeting__held_on", "-pk")


def for_rows(items: QuerySet[AgendaItem]) -> QuerySet[AgendaItem]:
    """The items with all that `presenters.watch` says of them."""
    plan = ("decisions__steps__owner", "decisions__steps__progress")
    told = ("decisions__developments__release", "decisions__developments__acknowledged_by")
    unread = ("version__ranking", "version__entered", "version__features")
    return items.select_related("case", "meeting").defer(*unread).prefetch_related(*plan, *told)


def watch_counts(boards: Iterable[int]) -> dict[int, WatchCount]:
    """By the key of the board; none for one that watches nothing."""
    rows = watched_items(meeting__board__in=list(boards)).order_by().values("meeting__board")
    counted = rows.annotate(watched=Count("pk"), undermined=Count("pk", filter=Q(is_undermined=True)))
    return {row["meeting__board"]: WatchCount(row["watched"], row["undermined"]) for row in counted}


def _unanswered() -> QuerySet[Development]:
    return Development.objects.filter(decision=OuterRef("in_force"), acknowledged_as="")
