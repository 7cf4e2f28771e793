"""What the events of tumour boards are called: they say numbers alone, never a patient's label."""

from __future__ import annotations

from collections.abc import Sequence

from audit import sentences
from audit.models import Event
from audit.sentences import Subject
from regimens.event_words import pages_of_releases

_PHRASES = {
    "make-board": "made {}",
    "change-board": "changed the settings of {}",
    "add-member": "added a member to {}",
    "change-role": "changed a role on {}",
    "remove-member": "removed a member from {}",
    "save-case": "saved {}",
    "add-version": "added a version to {}",
    "relabel-case": "changed the label of {}",
    "archive-case": "archived {}",
    "restore-case": "took {} out of the archive",
    "erase-case": "erased {}",
    "make-meeting": "made {}",
    "list-case": "put {} on an agenda",
    "unlist-case": "took {} off an agenda",
    "freeze-version": "froze {} in its newest version",
    "move-item": "changed the order of {}",
    "ask-board": "put a question to the board on {}",
    "choose-options": "chose the options that stand side by side for {}",
    "fix-agenda": "fixed the agenda of {}",
    "reopen-agenda": "opened the agenda of {} again",
    "vote": "voted on {}",
    "change-vote": "changed a vote on {}",
    "close-vote": "closed the vote on {}",
    "decide": "recorded a decision on {}",
    "sign": "signed the decision on {}",
    "follow-up": "recorded the follow-up of {}",
    "replay-decisions": "ranked decided cases again on release {}",
    "export-decisions": "exported the decisions of {}",
    "record-progress": "recorded how far a recommendation has come on {}",
    "enter-result": "entered the result of a test on {}",
    "choose-discussion": "said whether {} is discussed",
    "save-draft": "saved a draft of the plan on {}",
    "ask-erasure": "asked that {} be erased",
    "keep-case": "took back that {} be erased",
    "acknowledge": "answered to what happened since the decision on {}",
    "close-watch": "closed the watch of the decision on {}",
    "change-notifications": "changed of what mail tells them on {}",
    # The meeting room.
    "change-meeting": "changed day, time or place of {}",
    "delete-meeting": "deleted {}",
    "open-room": "opened the room of {}",
    "attend": "said who is in the room of {}",
    "show-item": "brought {} to the screen",
    "finish-meeting": "finished {}",
    "carry-case-over": "carried {} over, undecided",
    # Roles, referral and research.
    "refer-case": "referred {}",
    "export-research": "exported research tables of {}",
    "seal-records": "sealed what boards had recorded before",
}


def register() -> None:
    sentences.register("boards", _PHRASES, labels={"sealed": None, "records": "Records"}, subjects=_subjects)


def _subjects(events: Sequence[Event]) -> dict[int, Subject]:
    return pages_of_releases(events, {"replay-decisions"})
