"""What leaves a board as a file, each time with an event that says who took it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit.actions import writing
from audit.events import record
from boards import members
from boards.models import GUARD, Board
from boards.outcomes.exports import Export, exported
from boards.outcomes.research import Tables, tables
from boards.outcomes.statistics import Period

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def export_decisions(board: Board, *, period: Period, kind: str, by: User) -> Export:
    """The decisions of a board in a period as "csv" or "json". Raises NotAllowed."""
    person = members.exporter(by, board)
    made = exported(board, period, kind)
    with writing(GUARD):
        details = _days(period) | {"kind": kind, "decisions": made.rows}
        record("export-decisions", f"board {board.pk}", by=person, details=details)
    return made


def export_research(board: Board, *, period: Period, by: User) -> Tables:
    """Tables for research of a board in a period, with their dictionary. Raises NotAllowed."""
    person = members.exporter(by, board)
    made = tables(board, period)
    with writing(GUARD):
        details = _days(period) | {name: len(rows) for name, rows in made.items()}
        record("export-research", f"board {board.pk}", by=person, details=details)
    return made


def _days(period: Period) -> dict[str, Any]:
    days = {"from": period.start, "to": period.end}
    return {name: day.isoformat() if day else None for name, day in days.items()}
