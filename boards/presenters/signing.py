"""What waits for a signature, with what is signed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from boards.models import Decision
from boards.plans import standings

from .cases import decided_words
from .plan import PlanLine, plan_lines


@dataclass(frozen=True)
class ToSign:
    """A version of a decision that somebody is asked to sign: the label and plan as they stand in it."""

    item: int
    number: int
    label: str
    board: str
    held_on: date
    chosen: str
    plan: tuple[PlanLine, ...]
    is_first: bool


def to_sign_rows(decisions: Iterable[Decision]) -> tuple[ToSign, ...]:
    """Decisions with their items, meetings, plans and signatures fetched."""
    return tuple(
        ToSign(
            item=decision.item_id,
            number=decision.number,
            label=decision.shown.get("label", ""),
            board=decision.shown.get("board", ""),
            held_on=decision.item.meeting.held_on,
            chosen=decided_words(decision),
            plan=plan_lines(decision, standings([decision])),
            is_first=not decision.signatures.all(),
        )
        for decision in decisions
    )
