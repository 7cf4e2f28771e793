"""Who is on which board, and who may do what there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.rights import ADMINISTRATOR, is_administrator
from audit.errors import NotAllowed
from audit.people import known

from .errors import Refused
from .models import Board, Membership
from .models.choices import DECIDING_ROLES as DECIDING_ROLES
from .models.choices import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MANAGE = "boards.manage_boards"

# Who sees cases, and who prepares them, agendas and plans; voting and signing is for `DECIDING_ROLES`. A quality
# manager sees figures and exports alone.
SEEING_ROLES = (Role.CHAIR, Role.MEMBER, Role.COORDINATOR, Role.READER)
PREPARING_ROLES = (Role.CHAIR, Role.MEMBER, Role.COORDINATOR)
COUNTING_ROLES = (*SEEING_ROLES, Role.QUALITY)
EXPORTING_ROLES = (*PREPARING_ROLES, Role.QUALITY)
# Of memberships: in force, and not an administrator's, which have no effect if they are from before that was refused.
IN_FORCE = Q(ended_at__isnull=True) & ~Q(person__groups__name=ADMINISTRATOR)
# Who runs the room of a meeting.
RUNNING_ROLES = (Role.CHAIR, Role.COORDINATOR)


def boards_of(person: User) -> QuerySet[Board]:
    """The boards whose cases a person sees."""
    return _boards_of(person, SEEING_ROLES)


def prepared_by(person: User) -> QuerySet[Board]:
    """The boards whose cases a person prepares."""
    return _boards_of(person, PREPARING_ROLES)


def referred_to_by(person: User) -> QuerySet[Board]:
    """The boards to which a person may refer a case: those that take referrals, and that the person is not on."""
    return Board.objects.filter(takes_referrals=True).exclude(pk__in=_boards_of(person, tuple(Role)).values("pk"))


def _boards_of(person: User, roles: tuple[Role, ...]) -> QuerySet[Board]:
    mine = Membership.objects.filter(IN_FORCE, person=person, role__in=roles)
    return Board.objects.filter(pk__in=mine.values("board_id"))


def members_of(board: Board) -> QuerySet[Membership]:
    """Who is on a board now."""
    return Membership.objects.filter(board=board, ended_at__isnull=True).select_related("person")


def deciding_members_of(board: Board) -> QuerySet[Membership]:
    """Those on a board who vote, are counted in a quorum and sign."""
    return members_of(board).filter(IN_FORCE, role__in=DECIDING_ROLES)


def people(keys: Iterable[int]) -> QuerySet[User]:
    """The accounts with these keys."""
    return get_user_model()._default_manager.filter(pk__in=keys)


def membership(person: User, board: Board) -> Membership | None:
    return Membership.objects.filter(IN_FORCE, board=board, person=person).first()


def refuse_administrator(person: User) -> None:
    """Raises Refused: whoever says who is on boards is on none."""
    if is_administrator(person):
        raise Refused(
            _("%(person)s is an administrator, and an administrator is on no board.") % {"person": person}, "username"
        )


def standing_of(person: User) -> list[str]:
    """Of which boards a person is, for those who would make them an administrator."""
    held = Membership.objects.filter(person=person, ended_at__isnull=True).order_by("board__name")
    return [_("a member of %(board)s") % {"board": name} for name in held.values_list("board__name", flat=True)]


def may_manage(person: User) -> bool:
    """Whether a person may make boards and say who is on them."""
    return bool(person.has_perm(MANAGE))


def preparer(by: User | None, board: Board) -> User:
    """The person, who prepares cases, agendas and plans of the board. Raises NotAllowed."""
    return _in_role(by, board, PREPARING_ROLES, _("Only who prepares the cases of this board may do this."))


def runner(by: User | None, board: Board) -> User:
    """The person, who runs the board's meetings. Raises NotAllowed."""
    return _in_role(by, board, RUNNING_ROLES, _("Only the chair or a coordinator may do this."))


def bringer(by: User | None, board: Board) -> User:
    """The person, who prepares cases of the board, or refers one to it without being on it. Raises NotAllowed."""
    person = known(by)
    if referred_to_by(person).filter(pk=board.pk).exists():
        return person
    return preparer(person, board)


def decider(by: User | None, board: Board) -> User:
    """The person, who votes and signs on the board. Raises NotAllowed."""
    return _in_role(by, board, DECIDING_ROLES, _("Only a member of the board may do this."))


def exporter(by: User | None, board: Board) -> User:
    """The person, who may take the figures of the board away as files. Raises NotAllowed."""
    return _in_role(by, board, EXPORTING_ROLES, _("Readers of a board take no files of its figures."))


def of_board(by: User | None, board: Board) -> User:
    """The person, who is on the board in any role. Raises NotAllowed."""
    return _in_role(by, board, tuple(Role), _("Only a member of the board may do this."))


def _in_role(by: User | None, board: Board, roles: tuple[Role, ...], refused: str) -> User:
    person = known(by)
    held = membership(person, board)
    if held is None or held.role not in roles:
        raise NotAllowed(refused)
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
