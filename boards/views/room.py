"""The room of a meeting: opened, led from case to case, voted in from telephones, and finished."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from boards import actions, members
from boards.actions.votes import ballot_of
from boards.blindness import items_known
from boards.errors import Refused
from boards.forms.room import AttendanceForm
from boards.models import AgendaItem, Meeting, Membership
from boards.presenters.cases import case_label
from boards.presenters.changes import newer_version
from boards.presenters.newer_release import newer_release
from boards.presenters.options import not_told_apart, option_columns
from boards.presenters.patient import patient_line
from boards.presenters.plan import typed_lines
from boards.presenters.room import endings, from_to, in_the_room, seconds_of, signings, stops
from boards.shown.stored_ranking import Frozen
from boards.times import when_words

from .access import done, my_meeting, row_number, signed_in
from .items import decision_shown, page_mark, vote_context, votes_on


@signed_in
@require_safe
def room(request: HttpRequest, pk: int) -> HttpResponse:
    """Before the meeting who is there, during it the case on the screen; afterwards how it ended."""
    meeting, held = _run(request, pk)
    if meeting.is_finished:
        return redirect("boards:room-finish", pk)
    if meeting.started_at is None:
        return _entrance(request, meeting, _form(meeting))
    return _room_page(request, meeting, held, _form(meeting))


@signed_in
@require_POST
def room_open(request: HttpRequest, pk: int) -> HttpResponse:
    """What is refused comes back with what was ticked."""
    meeting, _held = _run(request, pk)
    form = _form(meeting, request)
    if form.is_valid():
        try:
            actions.open_room(meeting, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("boards:room", pk)
    return _entrance(request, meeting, form)


@signed_in
@require_POST
def room_attend(request: HttpRequest, pk: int) -> HttpResponse:
    meeting, held = _run(request, pk)
    if meeting.started_at is None or meeting.is_finished:
        return redirect("boards:room", pk)
    form = _form(meeting, request)
    if form.is_valid():
        try:
            actions.attend(meeting, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("boards:room", pk)
    return _room_page(request, meeting, held, form)


@signed_in
@require_POST
def room_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a case to the screen."""
    meeting, _held = _run(request, pk)
    item = get_object_or_404(meeting.items, pk=row_number(request.POST.get("item", "")))
    return done(request, lambda: actions.show_item(item, by=request.user), "", "boards:room", pk)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def room_finish(request: HttpRequest, pk: int) -> HttpResponse:
    """What will become of each case, before it is so; afterwards what became of it."""
    meeting, _held = _run(request, pk)
    if request.method == "POST":
        said = _("The meeting is finished. Its minutes stay as they are.")
        return done(
            request, lambda: actions.finish_meeting(meeting, by=request.user), said, "boards:room-finish", meeting.pk
        )
    items = list(_agenda(meeting).prefetch_related("decisions__presences__person", "decisions__signatures"))
    shown = endings(meeting, items)
    context = {
        "meeting": meeting,
        "when": when_words(meeting),
        "from_to": from_to(meeting),
        "endings": shown,
        "carried": sum(each.is_open for each in shown),
        "signings": signings(items, meeting),
        "section": "boards",
    }
    return render(request, "boards/room_finish.html", context)


@signed_in
@require_safe
def screen(request: HttpRequest, pk: int) -> HttpResponse:
    """The projector: the case that the room looks at, and those that follow it."""
    meeting, _held = my_meeting(request, pk)
    if meeting.current_id is None:
        return redirect("boards:meeting", pk)
    return redirect(f"{reverse('boards:item', args=[meeting.current_id])}?follow=1")


@signed_in
@require_safe
def vote_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the QR code leads: to the vote on the case on the screen, for members who are signed in.

    Who has voted, or comes before there is anything to vote on, waits here: htmx asks again, and goes on with the room.
    """
    meeting, held = my_meeting(request, pk)
    item = _on_screen(meeting)
    may_vote = bool(item and item.version_id and item.is_vote_open and held.role in members.DECIDING_ROLES)
    if item and may_vote and ballot_of(item, request.user) is None:
        to = f"{reverse('boards:vote', args=[item.pk])}?room=1"
        return _htmx_redirect(to) if request.htmx else redirect(to)
    state = f"{item.pk if item else 0}-{bool(item and item.is_vote_open)}-{meeting.is_finished}"
    if request.htmx:
        if request.GET.get("state") == state:
            return HttpResponse(status=204)
        return _htmx_redirect(reverse("boards:vote-now", args=[pk]))
    context = {
        "meeting": meeting,
        "when": when_words(meeting),
        "item": item,
        "label": case_label(item.case) if item else "",
        "votes": votes_on(item) if item and item.is_vote_open else None,
        "state": state,
        "section": "boards",
    }
    return render(request, "boards/vote_now.html", context)


def _run(request: HttpRequest, pk: int) -> tuple[Meeting, Membership]:
    """A meeting of a board whose room the person runs."""
    meeting, held = my_meeting(request, pk)
    if held.role not in members.RUNNING_ROLES:
        raise PermissionDenied(_("Only the chair or a coordinator may do this."))
    return meeting, held


def _form(meeting: Meeting, request: HttpRequest | None = None) -> AttendanceForm:
    """Ticked are those who are there; nobody before the room is opened, so that nobody is there unseen."""
    there = meeting.attendances.filter(left_at__isnull=True)
    held = members.members_of(meeting.board).filter(role__in=members.SEEING_ROLES)
    initial = {"present": list(there.values_list("person_id", flat=True)), "guests": meeting.guests}
    return AttendanceForm(request.POST if request else None, members=held, initial=initial)


def _entrance(request: HttpRequest, meeting: Meeting, form: AttendanceForm) -> HttpResponse:
    context = {
        "meeting": meeting,
        "when": when_words(meeting),
        "form": form,
        "count": meeting.items.count(),
        "section": "boards",
    }
    return render(request, "boards/room_open.html", context)


def _room_page(request: HttpRequest, meeting: Meeting, held: Membership, form: AttendanceForm) -> HttpResponse:
    now, items = timezone.now(), list(_agenda(meeting))
    current = _on_screen(meeting)
    place = next((n for n, each in enumerate(items) if each.pk == meeting.current_id), None)
    after = items[place + 1] if place is not None and place + 1 < len(items) else None
    context: dict[str, Any] = {
        "meeting": meeting,
        "when": when_words(meeting),
        "is_chair": held.is_chair,
        "there": in_the_room(meeting),
        "stops": stops(meeting, items, now),
        "form": form,
        "next": after,
        "next_label": case_label(after.case) if after else "",
        "total": len(items),
        "section": "boards",
    }
    if current is not None:
        context |= _case_of(request, current) | {
            "seconds": seconds_of(current, now),
            "limit": 60 * meeting.minutes_each,
        }
    return render(request, "boards/room.html", context)


def _case_of(request: HttpRequest, item: AgendaItem) -> dict[str, Any]:
    """The case on the screen with its options, unless a vote on it is open."""
    given: dict[str, Any] = {"item": item, "label": case_label(item.case)}
    if item.version is None:
        return given
    frozen = Frozen(item.version)
    given |= {
        "patient": patient_line(frozen),
        "release": frozen.release,
        "notes": item.version.notes,
        "wish": item.version.wish,
        "decision": None if item.is_vote_open else decision_shown(item),
        "typed": () if item.is_hidden else typed_lines(item),
        "page_mark": page_mark(item),
        "newer": newer_version(item),
        "newer_release": newer_release(item),
    }
    if item.meeting.blind_first:
        given |= {"votes": votes_on(item)}
    if item.is_vote_open:
        given |= vote_context(request, item)
    if not item.is_hidden:
        slugs = item.options or frozen.usual_options()
        columns = option_columns(frozen, slugs, today=timezone.localdate())
        given |= {"columns": columns, "not_told_apart": not_told_apart(frozen)}
    return given


def _on_screen(meeting: Meeting) -> AgendaItem | None:
    items = items_known(AgendaItem.objects.all())
    items = items.select_related("meeting__board", "case__current", "version__release")
    unread = ("case__current__ranking", "case__current__entered", "version__release__content")
    return items.defer(*unread).filter(pk=meeting.current_id).first()


def _agenda(meeting: Meeting) -> Any:
    items = items_known(AgendaItem.objects.filter(meeting=meeting)).select_related("case", "meeting")
    items = items.prefetch_related("decisions")
    return items.annotate(voted=Count("ballots_cast")).order_by("position")


def _htmx_redirect(to: str) -> HttpResponse:
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = to
    return response
