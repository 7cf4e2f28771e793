"""The models of boards: boards, cases, meetings, decisions."""

from .base import GUARD
from .board import Board, Membership
from .case import Case, CaseVersion, DamagedRanking
from .decision import Decision, Presence, Signature
from .followup import FollowUp
from .meeting import AgendaItem, Ballot, Meeting
from .replay import Replay

__all__ = [
    "GUARD",
    "AgendaItem",
    "Ballot",
    "Board",
    "Case",
    "CaseVersion",
    "DamagedRanking",
    "Decision",
    "FollowUp",
    "Meeting",
    "Membership",
    "Presence",
    "Replay",
    "Signature",
]
