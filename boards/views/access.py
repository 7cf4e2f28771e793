"""Who reaches which row: what is not of one's own board is not found, no matter who asks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache

from accounts.sent_once import made_nothing
from audit.errors import ActionRefused, NotAllowed
from boards import members
from boards.blindness import cases_known, items_known
from boards.models import AgendaItem, Board, Case, CaseVersion, Meeting, Membership
from boards.models.choices import Role

View = Callable[..., HttpResponse]
Roles = tuple[Role, ...]
READING = ("GET", "HEAD")


def signed_in(view: View) -> View:
    """A page for those who are signed in, which no cache keeps. What an action does not allow is forbidden."""

    @login_required
    @never_cache
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error

    return page


def done(request: HttpRequest, action: Callable[[], Any], said: str, to: Any, *args: Any) -> HttpResponseRedirect:
    """Do something and go on to a page, which says that it was done, or why not."""
    try:
        action()
    except NotAllowed:
        raise
    except ActionRefused as error:
        messages.error(request, str(error))
        return made_nothing(redirect(to, *args))
    if said:
        messages.success(request, said)
    return redirect(to, *args)


def row_number(text: str) -> int:
    """A row's number as a form sends it; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


def my_board(request: HttpRequest, pk: int, roles: Roles | None = None) -> tuple[Board, Membership]:
    """A board that the person is on; forbidden to one of another role than `roles`, as `in_role` says."""
    held = get_object_or_404(
        Membership.objects.select_related("board"), members.IN_FORCE, board_id=pk, person=request.user
    )
    in_role(request, held, roles)
    return held.board, held


def in_role(request: HttpRequest, held: Membership, roles: Roles | None = None) -> None:
    """Raises PermissionDenied for another role: of those who see cases by default, who prepare them where it writes."""
    usual = members.SEEING_ROLES if request.method in READING else members.PREPARING_ROLES
    if held.role not in (roles or usual):
        raise PermissionDenied


def kept_board(request: HttpRequest, pk: int) -> Board:
    """A board whose settings and members the person keeps: who chairs it, or manages boards."""
    board = get_object_or_404(Board, pk=pk)
    held = members.membership(request.user, board)
    if members.may_manage(request.user) or (held and held.is_chair):
        return board
    if held:
        raise PermissionDenied
    raise Http404


def my_cases(request: HttpRequest) -> QuerySet[Case]:
    """The cases of one's boards, each with whether its ranking may not be shown yet."""
    return cases_known(Case.objects.filter(board__in=members.boards_of(request.user)))


def my_case(request: HttpRequest, pk: int, roles: Roles | None = None) -> Case:
    cases = my_cases(request).select_related("board", "current", "current__release", "referred_by")
    case = get_object_or_404(cases.defer(*HEAVY), pk=pk)
    held_on(request, case.board, roles)
    return case


def my_version(request: HttpRequest, pk: int, number: int) -> CaseVersion:
    """A version whose ranking may be shown."""
    case = my_case(request, pk)
    version = get_object_or_404(
        CaseVersion.objects.select_related("release", "created_by").defer("release__content"), case=case, number=number
    )
    version.case = case
    return version


def my_meeting(request: HttpRequest, pk: int, roles: Roles | None = None) -> tuple[Meeting, Membership]:
    meeting = get_object_or_404(
        Meeting.objects.select_related("board").filter(board__in=members.boards_of(request.user)), pk=pk
    )
    return meeting, held_on(request, meeting.board, roles)


def my_item(request: HttpRequest, pk: int, roles: Roles | None = None) -> tuple[AgendaItem, Membership]:
    """An item of an agenda, with the version that it is frozen in."""
    items = (
        items_known(AgendaItem.objects.all())
        .select_related("meeting__board", "case__current", "version__release", "version__created_by", "vote_closed_by")
        .defer("case__current__ranking", "case__current__entered", "version__release__content")
    )
    item = get_object_or_404(items.filter(meeting__board__in=members.boards_of(request.user)), pk=pk)
    return item, held_on(request, item.meeting.board, roles)


def my_referral(request: HttpRequest, pk: int) -> Case:
    """A case that the person referred, whether or not they are on its board."""
    return get_object_or_404(my_referrals(request), pk=pk)


def my_referrals(request: HttpRequest) -> QuerySet[Case]:
    return Case.objects.filter(referred_by=request.user).select_related("board")


def held_on(request: HttpRequest, board: Board, roles: Roles | None = None) -> Membership:
    """As what the person is on a board. Raises Http404 for others, PermissionDenied for another role."""
    held = members.membership(request.user, board)
    if held is None:
        raise Http404
    in_role(request, held, roles)
    return held


# Columns of some twenty KB that a page without a ranking leaves where they are.
HEAVY = ("current__ranking", "current__entered", "current__release__content")
