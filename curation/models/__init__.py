"""Entries, proposals, statements of interest and readings: what people put forward, and what two of them agreed on.

Their tables, permissions and addresses in the admin are those of the app `regimens`, where they began.
"""

from .proposal import Entry, InterestStatement, Proposal
from .reading import Reading, ReadingTask

__all__ = ["Entry", "InterestStatement", "Proposal", "Reading", "ReadingTask"]
