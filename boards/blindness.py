"""What may be shown of a case while members vote on it: the one rule, asked by every page, document, file and event.

Blindness belongs to the case, not to an item of an agenda. From when a case is listed for a meeting that votes first
until that vote is closed, nothing shows a ranking of any of its versions, where an option stood in one, or how anybody
voted on it: no earlier meeting, whether it was shown it then or not, and no file. What a board decided and signed stays
readable, without where it stood in the ranking: the patient is treated by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, QuerySet

from boards.models import AgendaItem, Case, Decision

Row = TypeVar("Row", bound=Model)


def blind_cases() -> QuerySet[AgendaItem]:
    """The cases, as rows of `case_id`, on which a vote is open or to come."""
    return AgendaItem.awaiting_votes().values("case_id")


def is_blind(case: int) -> bool:
    """Whether a vote on a case, by its key, is open or to come at any meeting."""
    return blind_cases().filter(case=case).exists()


def blind_among(cases: Iterable[int]) -> set[int]:
    """Of several cases, by their keys, those on which a vote is open or to come; one query."""
    return set(blind_cases().filter(case__in=list(cases)).values_list("case_id", flat=True))


def is_ranking_hidden(decision: Decision) -> bool:
    """Whether it may not be said where the options of a decision stood in the ranking."""
    known: bool | None = getattr(decision, "is_case_blind", None)
    return decision.item.is_hidden if known is None else known


def items_known(items: QuerySet[AgendaItem]) -> QuerySet[AgendaItem]:
    """Items whose `is_hidden` needs no further query."""
    return _known(items, "case")


def decisions_known(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    """Decisions that `is_ranking_hidden` needs no further query for."""
    return _known(decisions, "item__case")


def cases_known(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Cases with `is_hidden`: nothing of their rankings may be shown."""
    return cases.annotate(is_hidden=Exists(blind_cases().filter(case=OuterRef("pk"))))


def _known(rows: QuerySet[Row], case: str) -> QuerySet[Row]:
    return rows.annotate(is_case_blind=Exists(blind_cases().filter(case=OuterRef(case))))
