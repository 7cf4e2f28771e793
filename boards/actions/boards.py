"""Boards, their settings, and who is on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import locked, writing
from audit.errors import NotAllowed
from audit.events import record
from audit.people import known
from boards import members
from boards.errors import Refused
from boards.models import GUARD, Board, Membership
from boards.models.choices import Ballots, Discipline, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def make_board(*, name: str, chair: User, by: User) -> Board:
    """A board with its chair. Raises NotAllowed; Refused where the name is taken."""
    person = known(by)
    if not members.may_manage(person):
        raise NotAllowed(_("Only an administrator may make boards."))
    name = " ".join(name.split())
    if not name:
        raise Refused(_("A board needs a name."), "name")
    with writing(GUARD):
        if Board.objects.filter(name__iexact=name).exists():
            raise Refused(_("A board of that name already exists."), "name")
        board = Board.objects.create(name=name, created_by=person)
        Membership.objects.create(board=board, person=chair, role=Role.CHAIR)
        record("make-board", f"board {board.pk}", by=person, details={"name": name, "chair": chair.get_username()})
    return board


def change_settings(
    board: Board,
    *,
    name: str,
    header: str,
    blind_first: bool,
    ballots: str,
    takes_referrals: bool = False,
    by: User,
) -> Board:
    """What the board is called and how its meetings vote; those that were made stay. Raises NotAllowed, Refused."""
    person = members.keeper(by, board)
    name = " ".join(name.split())
    with writing(GUARD):
        row = locked(board)
        if not name:
            raise Refused(_("A board needs a name."), "name")
        if Board.objects.filter(name__iexact=name).exclude(pk=row.pk).exists():
            raise Refused(_("A board of that name already exists."), "name")
        row.name, row.header = name, header.strip()
        row.blind_first, row.ballots, row.takes_referrals = blind_first, Ballots(ballots), takes_referrals
        row.save()
        details = {"name": name, "blind_first": blind_first, "ballots": ballots, "takes_referrals": takes_referrals}
        record("change-board", f"board {row.pk}", by=person, details=details)
    return row


def add_member(board: Board, *, person: User, role: str = Role.MEMBER, discipline: str = "", by: User) -> Membership:
    """Raises NotAllowed; Refused for a person who is already on the board, or has no active account."""
    keeper = members.keeper(by, board)
    with writing(GUARD):
        row = locked(board)
        if not person.is_active:
            raise Refused(_("%(person)s has no active account.") % {"person": person}, "username")
        if members.membership(person, row):
            raise Refused(_("%(person)s is already on the board.") % {"person": person}, "username")
        held = {"role": Role(role), "discipline": _discipline(discipline)}
        added = Membership.objects.create(board=row, person=person, **held)
        details = {"person": person.get_username(), "role": str(role), "discipline": discipline}
        record("add-member", f"board {row.pk}", by=keeper, details=details)
    return added


def change_role(held: Membership, *, role: str, discipline: str | None = None, by: User) -> Membership:
    """What somebody does on a board; None leaves the discipline. Raises NotAllowed; Refused for the last chair."""
    keeper = members.keeper(by, held.board)
    with writing(GUARD):
        board = locked(held.board)
        row = _in_force(held)
        if role != Role.CHAIR:
            _keep_a_chair(board, row)
        row.role = Role(role)
        if discipline is not None:
            row.discipline = _discipline(discipline)
        row.save()
        details = {"person": row.person.get_username(), "role": str(role), "discipline": row.discipline}
        record("change-role", f"board {board.pk}", by=keeper, details=details)
    return row


def remove_member(held: Membership, *, by: User) -> Membership:
    """End a membership: what was signed, voted and decided stays. Raises NotAllowed; Refused for the last chair."""
    keeper = members.keeper(by, held.board)
    with writing(GUARD):
        board = locked(held.board)
        row = _in_force(held)
        _keep_a_chair(board, row)
        row.ended_at = timezone.now()
        row.save()
        record("remove-member", f"board {board.pk}", by=keeper, details={"person": row.person.get_username()})
    return row


def _discipline(name: str) -> str:
    return Discipline(name) if name else ""


def _in_force(held: Membership) -> Membership:
    row = Membership.objects.select_related("person").get(pk=held.pk)
    if row.ended_at is not None:
        raise Refused(_("%(person)s is no longer on the board.") % {"person": row.person})
    return row


def _keep_a_chair(board: Board, leaving: Membership) -> None:
    others = members.members_of(board).filter(role=Role.CHAIR).exclude(pk=leaving.pk)
    if leaving.is_chair and not others.exists():
        raise Refused(_("A board needs a chair: name another one first."))
