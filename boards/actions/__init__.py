"""Every write of boards: keyword-only, `by=` the person, one transaction, one event without a patient's data."""

from .boards import add_member, change_role, change_settings, make_board, remove_member
from .cases import add_version, archive, erase, relabel, restore, save_case
from .decisions import record_decision, sign
from .exports import export_decisions, export_research
from .followup import record_follow_up
from .meetings import (
    fix_agenda,
    list_case,
    make_meeting,
    move,
    prepare,
    reopen_agenda,
    take_newest,
    unlist,
)
from .votes import change_choice, close_vote, vote

__all__ = [
    "add_member",
    "add_version",
    "archive",
    "change_choice",
    "change_role",
    "change_settings",
    "close_vote",
    "erase",
    "export_decisions",
    "export_research",
    "fix_agenda",
    "list_case",
    "make_board",
    "make_meeting",
    "move",
    "prepare",
    "record_decision",
    "record_follow_up",
    "relabel",
    "remove_member",
    "reopen_agenda",
    "restore",
    "save_case",
    "sign",
    "take_newest",
    "unlist",
    "vote",
]
