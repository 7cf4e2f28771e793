"""Who is on which board, and who may do what there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.errors import NotAllowed
from audit.people import known

from .models import Board, Membership

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MANAGE = "boards.manage_boards"


def boards_of(person: User) -> QuerySet[Board]:
    """The boards that a person is on."""
    mine = Membership.objects.filter(person=person, ended_at__isnull=True)
    return Board.objects.filter(pk__in=mine.values("board_id"))


def members_of(board: Board) -> QuerySet[Membership]:
    """Who is on a board now."""
    return Membership.objects.filter(board=board, ended_at__isnull=True).select_related("person")


def membership(person: User, board: Board) -> Membership | None:
    return Membership.objects.filter(board=board, person=person, ended_at__isnull=True).first()


def may_manage(person: User) -> bool:
    """Whether a person may make boards and say who is on them."""
    return bool(person.has_perm(MANAGE))


def member(by: User | None, board: Board) -> User:
    """The person, who is on the board. Raises NotAllowed."""
    person = known(by)
    if membership(person, board) is None:
        raise NotAllowed(_("Only a member of the board may do this."))
    return person


def chair(by: User | None, board: Board) -> User:
    """The person, who is a chair of the board. Raises NotAllowed."""
    person = known(by)
    held = membership(person, board)
    if held is None or not held.is_chair:
        raise NotAllowed(_("Only the chair may do this."))
    return person


def keeper(by: User | None, board: Board) -> User:
    """The person, who chairs the board or manages boards. Raises NotAllowed."""
    person = known(by)
    return person if may_manage(person) else chair(person, board)
