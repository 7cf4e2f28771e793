"""What a clinician sees: the patient form, and a ranking as plain values, so that templates compute nothing."""

from .options import ListedOption, OptionRow
from .ranking import BandSection, RankingPage, present

__all__ = ["BandSection", "ListedOption", "OptionRow", "RankingPage", "present"]
