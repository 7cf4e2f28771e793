"""Boards: the list, the page of one, its settings and members."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.sent_once import once
from audit.people import person_name
from boards import actions, members
from boards.actions.agenda import waiting_cases
from boards.errors import Refused
from boards.forms.meetings import MeetingForm, MemberForm, NewBoardForm, RoleForm, SettingsForm
from boards.models import Board, Meeting, Membership
from boards.models.choices import Role
from boards.presenters.boards import board_rows, leaving, member_rows, role_lines, status_counts, waiting_rows
from boards.presenters.permissions import permissions
from boards.shown.watched import watch_counts
from boards.times import when_words

from .access import done, kept_board, my_board, my_meeting, my_referrals, signed_in
from .decisions import for_me_to_sign

MEETINGS_A_PAGE, WAITING_SHOWN = 25, 50


@signed_in
@require_safe
def board_list(request: HttpRequest) -> HttpResponse:
    """The boards that a person is on; for those who manage boards, the others by name as well."""
    may_manage = members.may_manage(request.user)
    held = (
        Membership.objects.filter(members.IN_FORCE, person=request.user)
        .select_related("board")
        .annotate(
            members=Count("board__memberships", filter=Q(board__memberships__ended_at__isnull=True), distinct=True)
        )
        .order_by("board__name")
    )
    mine = list(held)
    others = Board.objects.exclude(pk__in=[each.board_id for each in mine]) if may_manage else Board.objects.none()
    context = {
        "boards": board_rows(mine, watch_counts(each.board_id for each in mine)),
        "others": others[:200],
        "may_manage": may_manage,
        "to_sign": for_me_to_sign(request),
        "has_referrals": my_referrals(request).exists(),
        "section": "boards",
    }
    return render(request, "boards/boards.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@once
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
        "is_chair": held.is_chair,
        "is_keeper": held.is_chair or members.may_manage(request.user),
        "meetings": Paginator(meetings, MEETINGS_A_PAGE).get_page(request.GET.get("page")),
        "waiting": waiting_rows(waiting_cases(board)[:WAITING_SHOWN]),
        "counts": status_counts(board),
        "watch": watch_counts([board.pk]).get(board.pk),
        "members": member_rows(members.members_of(board)),
        "section": "boards",
    }
    return render(request, "boards/board.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def board_settings(request: HttpRequest, pk: int) -> HttpResponse:
    board = kept_board(request, pk)
    form = SettingsForm(request.POST if request.method == "POST" else None, initial=_settings_of(board))
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
@once
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
    return _settings_page(request, board, SettingsForm(initial=_settings_of(board)), form)


@signed_in
@require_POST
def member_change(request: HttpRequest, pk: int, membership: int) -> HttpResponse:
    """Another role or discipline, as chosen, chair or member, as the button says; who is to be removed is asked about
    first.
    """
    board = kept_board(request, pk)
    held = get_object_or_404(Membership, pk=membership, board=board, ended_at__isnull=True)
    what = request.POST.get("what", "")
    if what == "remove":
        return redirect("boards:member-remove", board.pk, held.pk)
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
def member_remove(request: HttpRequest, pk: int, membership: int) -> HttpResponse:
    """What depends on a member, before the membership is ended."""
    board = kept_board(request, pk)
    held = get_object_or_404(
        Membership.objects.select_related("person"), pk=membership, board=board, ended_at__isnull=True
    )
    if request.method == "POST":
        said = _("%(person)s is no longer on the board.") % {"person": person_name(held.person)}
        return done(
            request, lambda: actions.remove_member(held, by=request.user), said, "boards:board-settings", board.pk
        )
    context = {"board": board, "name": person_name(held.person), "depends": leaving(held), "section": "boards"}
    return render(request, "boards/member_remove.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@once
def meeting_new(request: HttpRequest, pk: int) -> HttpResponse:
    board, _held = my_board(request, pk, members.PREPARING_ROLES)
    form = MeetingForm(request.POST if request.method == "POST" else None, time_zone=board.time_zone)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = actions.make_meeting(board=board, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("boards:meeting", meeting.pk)
    waiting = waiting_cases(board).count()
    context = {"board": board, "form": form, "waiting": waiting, "section": "boards"}
    return render(request, "boards/meeting_new.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Day, time and place, before anything was voted or decided."""
    meeting, held = my_meeting(request, pk, members.PREPARING_ROLES)
    initial = {name: getattr(meeting, name) for name in ("held_on", "begins_at", "place")}
    form = MeetingForm(
        request.POST if request.method == "POST" else None, initial=initial, time_zone=meeting.board.time_zone
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_meeting(meeting, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("boards:meeting", pk)
    context = {
        "board": meeting.board,
        "meeting": meeting,
        "when": when_words(meeting),
        "form": form,
        "may_delete": held.role in members.RUNNING_ROLES,
        "section": "boards",
    }
    return render(request, "boards/meeting_change.html", context)


@signed_in
@require_POST
def meeting_delete(request: HttpRequest, pk: int) -> HttpResponse:
    meeting, _held = my_meeting(request, pk)
    try:
        actions.delete_meeting(meeting, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("boards:meeting", pk)
    messages.success(request, _("The meeting is deleted. Its cases are off its agenda."))
    return redirect("boards:board", meeting.board_id)


def _settings_of(board: Board) -> dict[str, Any]:
    return {name: getattr(board, name) for name in SettingsForm.base_fields}


def _settings_page(request: HttpRequest, board: Board, form: SettingsForm, member_form: MemberForm) -> HttpResponse:
    context = {
        "board": board,
        "form": form,
        "member_form": member_form,
        "found": member_form.found if member_form.is_bound else [],
        "members": member_rows(members.members_of(board)),
        "roles": role_lines(),
        "is_member": members.boards_of(request.user).filter(pk=board.pk).exists(),
        "section": "boards",
    }
    return render(request, "boards/board_settings.html", context)
