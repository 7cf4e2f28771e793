"""Every write of boards: keyword-only, `by=` the person, one transaction, one event without a patient's data."""

from .boards import add_member, change_role, change_settings, make_board, remove_member
from .cases import add_version, archive, erase, relabel, restore, save_case
from .decisions import record_decision, sign
from .exports import export_decisions
from .followup import record_follow_up
from .meetings import (
    change_meeting,
    delete_meeting,
    fix_agenda,
    list_case,
    list_cases,
    make_meeting,
    move,
    move_to,
    prepare,
    reopen_agenda,
    take_newest,
    unlist,
)
from .room import attend, finish_meeting, open_room, show_item
from .votes import change_choice, close_vote, vote

__all__ = [
    "add_member",
    "add_version",
    "archive",
    "attend",
    "change_choice",
    "change_meeting",
    "change_role",
    "change_settings",
    "close_vote",
    "delete_meeting",
    "erase",
    "export_decisions",
    "finish_meeting",
    "fix_agenda",
    "list_case",
    "list_cases",
    "make_board",
    "make_meeting",
    "move",
    "move_to",
    "open_room",
    "prepare",
    "record_decision",
    "record_follow_up",
    "relabel",
    "remove_member",
    "reopen_agenda",
    "restore",
    "save_case",
    "show_item",
    "sign",
    "take_newest",
    "unlist",
    "vote",
]
