"""What leaves a board on paper: the report of a case and the minutes of a meeting, as a page and as a tagged PDF."""

from .minutes import Minutes, minutes
from .report import Report, report
from .typeset import TypesettingError, pdf

__all__ = ["Minutes", "Report", "TypesettingError", "minutes", "pdf", "report"]
