"""What people put forward, and what two of them agreed on: entries, proposals, packages, interests, readings, reports.

And what surveillance found. Their tables, permissions and addresses in the admin are those of the app `regimens`, where
they began.
"""

from .package import PackageEntry, WorkPackage
from .proposal import Entry, InterestStatement, Proposal
from .question import ImportQuestion
from .reading import Reading, ReadingTask
from .report import Report, ReportCount
from .surveillance import EntryCheck, FindingReason, SavedSearch, SearchLook, SurveyFinding

__all__ = [
    "Entry",
    "EntryCheck",
    "FindingReason",
    "ImportQuestion",
    "InterestStatement",
    "PackageEntry",
    "Proposal",
    "Reading",
    "ReadingTask",
    "Report",
    "ReportCount",
    "SavedSearch",
    "SearchLook",
    "SurveyFinding",
    "WorkPackage",
]
