"""Entries, proposals, packages, statements of interest and readings: what people put forward, and what two agreed on.

Their tables, permissions and addresses in the admin are those of the app `regimens`, where they began.
"""

from .package import PackageEntry, WorkPackage
from .proposal import Entry, InterestStatement, Proposal
from .question import ImportQuestion
from .reading import Reading, ReadingTask

__all__ = [
    "Entry",
    "ImportQuestion",
    "InterestStatement",
    "PackageEntry",
    "Proposal",
    "Reading",
    "ReadingTask",
    "WorkPackage",
]
