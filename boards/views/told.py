"""What mail tells a person, and meetings as calendars to download."""

from __future__ import annotations

from functools import partial

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from boards import members
from boards.actions.told import change_notifications
from boards.calendars import Entry, calendar
from boards.forms.told import NotificationsForm
from boards.mail import is_configured, sequences_of
from boards.models import Meeting, Membership
from boards.models.choices import Role
from boards.presenters.permissions import permissions
from boards.times import day_of

from .access import done, my_board, my_meeting, row_number, signed_in

MOST_MEETINGS = 200  # in one calendar


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    """For each board that a person is on, what mail tells them; each is saved by itself."""
    if request.method == "POST":
        board, _held = my_board(request, row_number(request.POST.get("board", "")), tuple(Role))
        form = NotificationsForm(request.POST)
        form.full_clean()
        act = partial(change_notifications, board, by=request.user, **form.cleaned_data)
        return done(request, act, _("What mail tells you is saved."), "boards:notifications")
    held = Membership.objects.filter(members.IN_FORCE, person=request.user).select_related("board")
    context = {
        "boards": [(each.board, _form(each), permissions(each)["may_see"]) for each in held.order_by("board__name")],
        "is_configured": is_configured(),
        "address": request.user.email,
        "section": "boards",
    }
    return render(request, "boards/notifications.html", context)


@signed_in
@require_safe
def meeting_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting, for a calendar."""
    meeting, _held = my_meeting(request, pk)
    entry = Entry(meeting, sequences_of(request.user, [meeting])[pk], meeting.items.count())
    return _download(calendar([entry], now=timezone.now()), f"meeting-{pk}.ics")


@signed_in
@require_safe
def board_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """All meetings of a board that are to come, and those of the year before."""
    board, _held = my_board(request, pk)
    today = day_of(timezone.now(), board.time_zone)
    rows = Meeting.objects.filter(board=board, held_on__gte=today.replace(year=today.year - 1, day=1))
    rows = rows.select_related("board").annotate(cases=Count("items")).order_by("-held_on", "-pk")
    meetings = list(rows[:MOST_MEETINGS])
    sequences = sequences_of(request.user, meetings)
    entries = [Entry(meeting, sequences[meeting.pk], meeting.cases) for meeting in reversed(meetings)]
    return _download(calendar(entries, now=timezone.now(), name=board.name), f"board-{pk}.ics")


def _form(held: Membership) -> NotificationsForm:
    initial = {name: getattr(held, f"told_of_{name}") for name in NotificationsForm.base_fields}
    return NotificationsForm(initial=initial, prefix_id=f"board_{held.board_id}_")


def _download(made: bytes, name: str) -> HttpResponse:
    response = HttpResponse(made, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
