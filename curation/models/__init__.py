"""Entries, proposals, statements of interest and readings, and what surveillance found.

Their tables, permissions and addresses in the admin are those of the app `regimens`, where they began.
"""

from .proposal import Entry, InterestStatement, Proposal
from .reading import Reading, ReadingTask
from .surveillance import EntryCheck, FindingReason, SavedSearch, SearchLook, SurveyFinding

__all__ = [
    "Entry",
    "EntryCheck",
    "FindingReason",
    "InterestStatement",
    "Proposal",
    "Reading",
    "ReadingTask",
    "SavedSearch",
    "SearchLook",
    "SurveyFinding",
]
