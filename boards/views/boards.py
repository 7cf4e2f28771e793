"""Boards: the list, the page of one, its settings and members."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from boards import actions, members
from boards.errors import Refused
from boards.forms.meetings import MeetingForm, MemberForm, NewBoardForm, RoleForm, SettingsForm
from boards.models import Board, Meeting, Membership
from boards.models.choices import Role
from boards.presenters.boards import board_rows, member_rows, role_lines, status_counts
from boards.presenters.permissions import permissions

from .access import done, kept_board, my_board, my_referrals, signed_in

MEETINGS_A_PAGE = 25
SETTINGS = ("name", "header", "blind_first", "ballots", "takes_referrals")


@signed_in
@require_safe
def board_list(request: HttpRequest) -> HttpResponse:
    """The boards that a person is on; for those who manage boards, the others by name as well."""
    may_manage = members.may_manage(request.user)
    held = (
        Membership.objects.filter(person=request.user, ended_at__isnull=True)
        .select_related("board")
        .annotate(
            members=Count("board__memberships", filter=Q(board__memberships__ended_at__isnull=True), distinct=True)
        )
        .order_by("board__name")
    )
    mine = list(held)
    others = Board.objects.exclude(pk__in=[each.board_id for each in mine]) if may_manage else Board.objects.none()
    context = {
        "boards": board_rows(mine),
        "others": others[:200],
        "may_manage": may_manage,
        "has_referrals": my_referrals(request).exists(),
        "section": "boards",
    }
    return render(request, "boards/boards.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def board_new(request: HttpRequest) -> HttpResponse:
    if not members.may_manage(request.user):
        raise PermissionDenied
    form = NewBoardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            board = actions.make_board(by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("boards:board-settings", board.pk)
    return render(request, "boards/board_new.html", {"form": form, "section": "boards"})


@signed_in
@require_safe
def board_page(request: HttpRequest, pk: int) -> HttpResponse:
    board, held = my_board(request, pk)
    meetings = Meeting.objects.filter(board=board).annotate(count=Count("items")).order_by("-held_on", "-pk")
    context = {
        "board": board,
        **permissions(held),
        "is_keeper": held.is_chair or members.may_manage(request.user),
        "meetings": Paginator(meetings, MEETINGS_A_PAGE).get_page(request.GET.get("page")),
        "counts": status_counts(board),
        "members": member_rows(members.members_of(board)),
        "section": "boards",
    }
    return render(request, "boards/board.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def board_settings(request: HttpRequest, pk: int) -> HttpResponse:
    board = kept_board(request, pk)
    initial = {name: getattr(board, name) for name in SETTINGS}
    form = SettingsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_settings(board, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return done(request, lambda: None, _("The settings are saved."), "boards:board-settings", pk)
    return _settings_page(request, board, form, MemberForm(prefix_id="member_"))


@signed_in
@require_POST
def member_add(request: HttpRequest, pk: int) -> HttpResponse:
    board = kept_board(request, pk)
    form = MemberForm(request.POST, prefix_id="member_")
    if form.is_valid():
        try:
            given = form.cleaned_data
            actions.add_member(
                board,
                person=given["username"],
                role=given["role"],
                discipline=given["discipline"],
                by=request.user,
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("boards:board-settings", pk)
    initial = {name: getattr(board, name) for name in SETTINGS}
    return _settings_page(request, board, SettingsForm(initial=initial), form)


@signed_in
@require_POST
def member_change(request: HttpRequest, pk: int, membership: int) -> HttpResponse:
    """Another role or discipline, as chosen; chair or member, or an end of the membership, as the button says."""
    board = kept_board(request, pk)
    held = get_object_or_404(Membership, pk=membership, board=board, ended_at__isnull=True)
    what = request.POST.get("what", "")
    if what == "remove":
        return done(
            request, lambda: actions.remove_member(held, by=request.user), "", "boards:board-settings", board.pk
        )
    form = RoleForm({"role": what, "discipline": held.discipline} if what in Role else request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
        return redirect("boards:board-settings", board.pk)
    given = form.cleaned_data
    return done(
        request, lambda: actions.change_role(held, **given, by=request.user), "", "boards:board-settings", board.pk
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_new(request: HttpRequest, pk: int) -> HttpResponse:
    board, _held = my_board(request, pk, members.PREPARING_ROLES)
    form = MeetingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        meeting = actions.make_meeting(board=board, by=request.user, **form.cleaned_data)
        return redirect("boards:meeting", meeting.pk)
    return render(request, "boards/meeting_new.html", {"board": board, "form": form, "section": "boards"})


def _settings_page(request: HttpRequest, board: Board, form: SettingsForm, member_form: MemberForm) -> HttpResponse:
    context = {
        "board": board,
        "form": form,
        "member_form": member_form,
        "members": member_rows(members.members_of(board)),
        "roles": role_lines(),
        "is_member": members.boards_of(request.user).filter(pk=board.pk).exists(),
        "section": "boards",
    }
    return render(request, "boards/board_settings.html", context)
