"""Curation: knowledge that changes by the decision of two people, and by nothing else.

An entry is one item of the evidence base in the shape of its file. `propose` makes a proposal of one person, `accept`
puts it in force when another person agrees, and a release is built from accepted entries alone. The rows of
`regimens.models` are their projection: to list and to search.
"""

from audit.errors import ActionRefused, NotAllowed
from audit.events import coming_from, record
from curation.accepted import accepted, intruders
from curation.errors import AlreadyDecided, InvalidContent, NothingToChange, StaleProposal

from .interests import current_statement, declare_interests
from .projection import content_of, refresh
from .proposals import (
    Accepted,
    Change,
    Proposed,
    accept,
    ask_for_change,
    open_proposals,
    propose,
    propose_all,
    propose_former,
    propose_retirement,
    reject,
    revise,
    withdraw,
)
from .reinstatement import ask_to_reinstate, confirm_reinstatement, waiting
from .second_readings import CohortRead, Entered, enter_second_reading, propose_again
from .settling import FigureDecision, open_tasks, reopen, settle
from .several import Decided, NotDecided, decide_all
from .upgrading import in_this_edition

__all__ = [
    "Accepted",
    "ActionRefused",
    "AlreadyDecided",
    "Change",
    "CohortRead",
    "Decided",
    "Entered",
    "FigureDecision",
    "InvalidContent",
    "NotAllowed",
    "NotDecided",
    "NothingToChange",
    "Proposed",
    "StaleProposal",
    "accept",
    "accepted",
    "ask_for_change",
    "ask_to_reinstate",
    "coming_from",
    "confirm_reinstatement",
    "content_of",
    "current_statement",
    "decide_all",
    "declare_interests",
    "enter_second_reading",
    "in_this_edition",
    "intruders",
    "open_proposals",
    "open_tasks",
    "propose",
    "propose_again",
    "propose_all",
    "propose_former",
    "propose_retirement",
    "record",
    "refresh",
    "reject",
    "reopen",
    "revise",
    "settle",
    "waiting",
    "withdraw",
]
