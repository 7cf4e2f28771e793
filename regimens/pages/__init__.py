"""Turns a ranking into what the page shows: plain values and sentences, so that templates compute nothing."""

from .options import ListedOption, OptionRow
from .ranking import BandSection, RankingPage, present

__all__ = ["BandSection", "ListedOption", "OptionRow", "RankingPage", "present"]
