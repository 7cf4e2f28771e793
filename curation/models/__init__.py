"""Entries, proposals, statements of interest, readings and reports: what people put forward, and what they agreed on.

And what surveillance found. Their tables, permissions and addresses in the admin are those of the app `regimens`, where
they began.
"""

from .proposal import Entry, InterestStatement, Proposal
from .reading import Reading, ReadingTask
from .report import Report, ReportCount
from .surveillance import EntryCheck, FindingReason, SavedSearch, SearchLook, SurveyFinding

__all__ = [
    "Entry",
    "EntryCheck",
    "FindingReason",
    "InterestStatement",
    "Proposal",
    "Reading",
    "ReadingTask",
    "Report",
    "ReportCount",
    "SavedSearch",
    "SearchLook",
    "SurveyFinding",
]
