"""The models of boards: boards, cases, meetings, decisions."""

from .base import GUARD
from .board import Board, Membership
from .case import Case, CaseVersion, DamagedRanking
from .decision import Decision, Development, PlanDraft, PlanStep, Presence, Signature, StepProgress
from .followup import FollowUp, LaterCourse, Toxicity
from .meeting import AgendaItem, Attendance, Ballot, Meeting
from .replay import Replay
from .told import Told

__all__ = [
    "GUARD",
    "AgendaItem",
    "Attendance",
    "Ballot",
    "Board",
    "Case",
    "CaseVersion",
    "DamagedRanking",
    "Decision",
    "Development",
    "FollowUp",
    "LaterCourse",
    "Meeting",
    "Membership",
    "PlanDraft",
    "PlanStep",
    "Presence",
    "Replay",
    "Signature",
    "StepProgress",
    "Told",
    "Toxicity",
]
