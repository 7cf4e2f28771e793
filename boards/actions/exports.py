"""What leaves a board as a file, each time with an event that says who took it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.actions import writing
from audit.events import record
from boards import members
from boards.models import GUARD, Board
from boards.outcomes.exports import Export, exported
from boards.outcomes.statistics import Period

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def export_decisions(board: Board, *, period: Period, kind: str, by: User) -> Export:
    """The decisions of a board in a period as "csv" or "json". Raises NotAllowed."""
    person = members.exporter(by, board)
    made = exported(board, period, kind)
    with writing(GUARD):
        days = {"from": period.start, "to": period.end}
        details = {name: day.isoformat() if day else None for name, day in days.items()}
        details |= {"kind": kind, "decisions": made.rows}
        record("export-decisions", f"board {board.pk}", by=person, details=details)
    return made
