"""What the events of tumour boards are called: they say numbers alone, never a patient's label."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from audit import sentences
from audit.models import Event
from audit.sentences import Subject
from regimens.event_words import pages_of_releases

_PHRASES = {
    "make-board": _("made {}"),
    "change-board": _("changed the settings of {}"),
    "add-member": _("added a member to {}"),
    "change-role": _("changed a role on {}"),
    "remove-member": _("removed a member from {}"),
    "save-case": _("saved {}"),
    "add-version": _("added a version to {}"),
    "relabel-case": _("changed the label of {}"),
    "archive-case": _("archived {}"),
    "restore-case": _("took {} out of the archive"),
    "erase-case": _("erased {}"),
    "make-meeting": _("made {}"),
    "list-case": _("put {} on an agenda"),
    "unlist-case": _("took {} off an agenda"),
    "freeze-version": _("froze {} in its newest version"),
    "move-item": _("changed the order of {}"),
    "ask-board": _("put a question to the board on {}"),
    "choose-options": _("chose the options that stand side by side for {}"),
    "fix-agenda": _("fixed the agenda of {}"),
    "reopen-agenda": _("opened the agenda of {} again"),
    "vote": _("voted on {}"),
    "change-vote": _("changed a vote on {}"),
    "close-vote": _("closed the vote on {}"),
    "decide": _("recorded a decision on {}"),
    "sign": _("signed the decision on {}"),
    "follow-up": _("recorded the follow-up of {}"),
    "replay-decisions": _("ranked decided cases again on release {}"),
    "export-decisions": _("exported the decisions of {}"),
    "record-progress": _("recorded how far a recommendation has come on {}"),
    "enter-result": _("entered the result of a test on {}"),
    "choose-discussion": _("said whether {} is discussed"),
    "save-draft": _("saved a draft of the plan on {}"),
    "ask-erasure": _("asked that {} be erased"),
    "keep-case": _("took back that {} be erased"),
    "acknowledge": _("answered to what happened since the decision on {}"),
    "close-watch": _("closed the watch of the decision on {}"),
    "change-notifications": _("changed of what mail tells them on {}"),
    # The meeting room.
    "change-meeting": _("changed day, time or place of {}"),
    "delete-meeting": _("deleted {}"),
    "open-room": _("opened the room of {}"),
    "attend": _("said who is in the room of {}"),
    "show-item": _("brought {} to the screen"),
    "finish-meeting": _("finished {}"),
    "carry-case-over": _("carried {} over, undecided"),
    # Roles, referral and research.
    "refer-case": _("referred {}"),
    "export-research": _("exported research tables of {}"),
    "seal-records": _("sealed what boards had recorded before"),
}
_LABELS = {
    "sealed": None,
    "records": _("Records"),
    "name": _("Name"),
    "chair": _("Chair"),
    "person": _("Person"),
    "meeting": _("Meeting, number"),
    "item": _("Item of the agenda, number"),
    "items": _("Items of the agenda"),
    "held_on": _("Held on"),
    "version": _("Version"),
    "position": _("Position"),
    "options": _("Options"),
    "document": _("Document"),
    "present": _("Present"),
    "zone": _("Time zone"),
}


def register() -> None:
    sentences.register("boards", _PHRASES, labels=_LABELS, subjects=_subjects)


def _subjects(events: Sequence[Event]) -> dict[int, Subject]:
    return pages_of_releases(events, {"replay-decisions"})
