"""Curation: knowledge that changes by the decision of two people, and by nothing else.

An entry is one item of the evidence base in the shape of its file. `propose` makes a proposal of one person, `accept`
puts it in force when another person agrees, and a release is built from accepted entries alone. The rows of
`regimens.models` are their projection: to list and to search.
"""

from audit.errors import ActionRefused, NotAllowed
from audit.events import coming_from, record
from curation.accepted import accepted, intruders
from curation.errors import AlreadyDecided, InvalidContent, LooksAlike, NothingToChange, StaleProposal

from .interests import current_statement, declare_interests
from .packages import (
    Drafted,
    PackageAccepted,
    accept_package,
    ask_for_change_of_package,
    begin_package,
    fill_package,
    keep_in_package,
    propose_package,
    reject_package,
    take_out_of_package,
    withdraw_package,
)
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
from .questions import Asked, answer_question, ask_questions
from .reinstatement import ask_to_reinstate, confirm_reinstatement, waiting
from .second_readings import CohortRead, Entered, enter_second_reading, propose_again
from .settling import FigureDecision, open_tasks, reopen, settle
from .several import Decided, NotDecided, decide_all
from .upgrading import in_this_edition

__all__ = [
    "Accepted",
    "ActionRefused",
    "AlreadyDecided",
    "Asked",
    "Change",
    "CohortRead",
    "Decided",
    "Drafted",
    "Entered",
    "FigureDecision",
    "InvalidContent",
    "LooksAlike",
    "NotAllowed",
    "NotDecided",
    "NothingToChange",
    "PackageAccepted",
    "Proposed",
    "StaleProposal",
    "accept",
    "accept_package",
    "accepted",
    "answer_question",
    "ask_for_change",
    "ask_for_change_of_package",
    "ask_questions",
    "ask_to_reinstate",
    "begin_package",
    "coming_from",
    "confirm_reinstatement",
    "content_of",
    "current_statement",
    "decide_all",
    "declare_interests",
    "enter_second_reading",
    "fill_package",
    "in_this_edition",
    "intruders",
    "keep_in_package",
    "open_proposals",
    "open_tasks",
    "propose",
    "propose_again",
    "propose_all",
    "propose_former",
    "propose_package",
    "propose_retirement",
    "record",
    "refresh",
    "reject",
    "reject_package",
    "reopen",
    "revise",
    "settle",
    "take_out_of_package",
    "waiting",
    "withdraw",
    "withdraw_package",
]
