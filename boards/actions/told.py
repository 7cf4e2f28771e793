"""What mail has told whom, and of what each member wants to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError

from audit.actions import locked, writing
from audit.errors import NotAllowed
from audit.events import record
from boards import members
from boards.models import GUARD, Board, Membership, Told

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def claim(person: User, about: str) -> bool:
    """Take it on to tell a person something; False where another process has, or it was told. It leaves no event."""
    try:
        with writing(GUARD):
            Told.objects.create(person=person, about=about)
    except IntegrityError:
        return False
    return True


def give_back(person: User, about: str) -> None:
    """What was taken on and could not be sent is to be sent again. It leaves no event."""
    with writing(GUARD):
        Told.objects.filter(person=person, about=about).delete()


def change_notifications(board: Board, *, meetings: bool, signatures: bool, actions: bool, by: User) -> Membership:
    """Of what mail tells a person who is on a board. Raises NotAllowed."""
    person = members.of_board(by, board)
    with writing(GUARD):
        held = members.membership(person, board)
        if held is None:  # removed this moment
            raise NotAllowed
        row = locked(held)
        row.told_of_meetings, row.told_of_signatures, row.told_of_actions = meetings, signatures, actions
        row.save()
        details = {"meetings": meetings, "signatures": signatures, "actions": actions}
        record("change-notifications", f"board {board.pk}", by=person, details=details)
    return row
