"""What leaves a board on paper: the report of a case, the letter to who referred it, the minutes of a meeting."""

from .letter import Letter, in_text, letter
from .minutes import Minutes, minutes
from .report import Report, report

__all__ = ["Letter", "Minutes", "Report", "in_text", "letter", "minutes", "report"]
