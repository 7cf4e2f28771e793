"""What leaves a board as a file, each time with an event that says who took it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boards import people
from boards.exports import Export, exported
from boards.figures import Period
from boards.models import Board
from regimens.curation import record

from .writing import writing

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def export_decisions(board: Board, *, period: Period, kind: str, by: User) -> Export:
    """The decisions of a board in a period as "csv" or "json". Raises NotAllowed."""
    person = people.member(by, board)
    made = exported(board, period, kind)
    with writing():
        days = {"from": period.start, "to": period.end}
        details = {name: day.isoformat() if day else None for name, day in days.items()}
        details |= {"kind": kind, "decisions": made.rows}
        record("export-decisions", f"board {board.pk}", by=person, details=details)
    return made
