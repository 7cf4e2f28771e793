"""What a clinician sees: the patient form, and a ranking as plain values, so that templates compute nothing."""

from .answer import AnswerCard, AnswerLine, CautionMark, answer_card
from .options import ListedOption, OptionRow
from .ranking import BandSection, RankingPage, present

__all__ = [
    "AnswerCard",
    "AnswerLine",
    "BandSection",
    "CautionMark",
    "ListedOption",
    "OptionRow",
    "RankingPage",
    "answer_card",
    "present",
]
