"""Boards, their settings, and who is on them."""

from __future__ import annotations

from collections.abc import Sequence
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
from boards.models.board import FEWEST_PRESENT
from boards.models.choices import Ballots, Discipline, Role
from boards.privacy.guard import kept
from boards.times import zone_names

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_PRESENT, FEWEST_MINUTES, MOST_MINUTES = 50, 1, 120


def make_board(*, name: str, chair: User, by: User) -> Board:
    """A board with its chair. Raises NotAllowed; Refused where the name is taken."""
    person = known(by)
    if not members.may_manage(person):
        raise NotAllowed(_("Only an administrator may make boards."))
    name = kept(name, "board.name")
    if not name:
        raise Refused(_("A board needs a name."), "name")
    with writing(GUARD):
        members.refuse_administrator(locked(chair))
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
    time_zone: str | None = None,
    quorum: int | None = None,
    disciplines: Sequence[str] | None = None,
    minutes_each: int | None = None,
    takes_referrals: bool | None = None,
    by: User,
) -> Board:
    """What the board is called and how its meetings go; those that were made stay. What is None stays as it is.

    Raises NotAllowed; Refused, which names the field.
    """
    person = members.keeper(by, board)
    name = kept(name, "board.name")
    header = kept(header, "board.header")
    with writing(GUARD):
        row = locked(board)
        if not name:
            raise Refused(_("A board needs a name."), "name")
        if Board.objects.filter(name__iexact=name).exclude(pk=row.pk).exists():
            raise Refused(_("A board of that name already exists."), "name")
        row.name, row.header = name, header
        row.blind_first, row.ballots = blind_first, Ballots(ballots)
        given = {"time_zone": time_zone, "quorum": quorum, "minutes_each": minutes_each}
        given |= {"disciplines": disciplines, "takes_referrals": takes_referrals}
        for field, value in given.items():
            if value is not None:
                setattr(row, field, value)
        _refuse_impossible(row)
        row.save()
        details = {"name": name, "blind_first": blind_first, "ballots": ballots}
        details |= {field: getattr(row, field) for field in given}
        record("change-board", f"board {row.pk}", by=person, details=details)
    return row


def _refuse_impossible(board: Board) -> None:
    """Raises Refused, which names the field, for a quorum, a time zone or minutes that no board can have."""
    if board.time_zone not in zone_names():
        raise Refused(_("“%(zone)s” is not a time zone.") % {"zone": board.time_zone}, "time_zone")
    if not FEWEST_PRESENT <= board.quorum <= MOST_PRESENT:
        said = _("A quorum of %(quorum)d is not possible: it is from %(fewest)d to %(most)d, since two members sign.")
        raise Refused(said % {"quorum": board.quorum, "fewest": FEWEST_PRESENT, "most": MOST_PRESENT}, "quorum")
    if not FEWEST_MINUTES <= board.minutes_each <= MOST_MINUTES:
        said = _("%(minutes)d minutes are not possible: give %(fewest)d to %(most)d.")
        given = {"minutes": board.minutes_each, "fewest": FEWEST_MINUTES, "most": MOST_MINUTES}
        raise Refused(said % given, "minutes_each")
    board.disciplines = [each for each in Discipline.values if each in board.disciplines]


def add_member(board: Board, *, person: User, role: str = Role.MEMBER, discipline: str = "", by: User) -> Membership:
    """Raises NotAllowed; Refused for a person who is already on the board, or has no active account."""
    keeper = members.keeper(by, board)
    with writing(GUARD):
        row = locked(board)
        if not person.is_active:
            raise Refused(_("%(person)s has no active account.") % {"person": person}, "username")
        members.refuse_administrator(locked(person))
        if members.membership(person, row):
            raise Refused(_("%(person)s is already on the board.") % {"person": person}, "username")
        said = _discipline(discipline)
        added = Membership.objects.create(board=row, person=person, role=Role(role), discipline=said)
        details = {"person": person.get_username(), "role": str(role), "discipline": said}
        record("add-member", f"board {row.pk}", by=keeper, details=details)
    return added


def change_role(held: Membership, *, role: str, discipline: str | None = None, by: User) -> Membership:
    """Another role, and another discipline unless it is None. Raises NotAllowed; Refused for the last chair."""
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
    """End a membership: what was signed, voted and decided stays, and no vote is closed by it.

    Raises NotAllowed; Refused for the last chair.
    """
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
