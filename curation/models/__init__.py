"""Entries, proposals, statements of interest, readings and reports: what people put forward, and what they agreed on.

Their tables, permissions and addresses in the admin are those of the app `regimens`, where they began.
"""

from .proposal import Entry, InterestStatement, Proposal
from .reading import Reading, ReadingTask
from .report import Report, ReportCount

__all__ = ["Entry", "InterestStatement", "Proposal", "Reading", "ReadingTask", "Report", "ReportCount"]
