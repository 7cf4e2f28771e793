"""Every write of boards: keyword-only, `by=` the person, one transaction, one event without a patient's data."""

from .boards import add_member, change_role, change_settings, make_board, remove_member
from .cases import add_version, archive, ask_erasure, erase, is_signed, keep_case, relabel, restore, save_case
from .decisions import record_decision, sign
from .exports import export_decisions, export_research
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
from .plans import choose_discussion, enter_result, record_progress, save_draft
from .room import attend, finish_meeting, open_room, show_item
from .votes import change_choice, close_vote, vote

__all__ = [
    "add_member",
    "add_version",
    "archive",
    "ask_erasure",
    "attend",
    "change_choice",
    "change_meeting",
    "change_role",
    "change_settings",
    "choose_discussion",
    "close_vote",
    "delete_meeting",
    "enter_result",
    "erase",
    "export_decisions",
    "export_research",
    "finish_meeting",
    "fix_agenda",
    "is_signed",
    "keep_case",
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
    "record_progress",
    "relabel",
    "remove_member",
    "reopen_agenda",
    "restore",
    "save_case",
    "save_draft",
    "show_item",
    "sign",
    "take_newest",
    "unlist",
    "vote",
]
