"""What leaves a board on paper: the report of a case and the minutes of a meeting."""

from .minutes import Minutes, minutes
from .report import Report, report

__all__ = ["Minutes", "Report", "minutes", "report"]
