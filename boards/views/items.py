"""An item of an agenda: the screen of the meeting, and the vote."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.canonical import canonical_json, sha256_of
from boards import actions, members
from boards.actions.votes import ballot_of, is_signed, still_to_vote
from boards.errors import Refused
from boards.forms.decisions import ChoiceForm
from boards.models import AgendaItem, Ballot, Decision, PlanDraft
from boards.models.choices import DECIDING_ROLES
from boards.plans import standings, with_plans
from boards.presenters.cases import ballot_choice, case_label
from boards.presenters.changes import newer_version
from boards.presenters.meetings import DecisionView, VotePage, decision_view, vote_page
from boards.presenters.newer_release import newer_release
from boards.presenters.options import not_told_apart, option_columns
from boards.presenters.patient import patient_line
from boards.presenters.permissions import permissions
from boards.presenters.plan import typed_lines
from boards.presenters.qr import qr_drawing
from boards.presenters.questions import missing_tests, open_questions
from boards.presenters.ranking import ranking_basis
from boards.presenters.room import in_the_room, seconds_of, waiting_for
from boards.presenters.trials import trials_shown
from boards.shown.stored_ranking import Frozen, knowledge_of

from .access import done, my_item, signed_in

TESTS_SHOWN = 3


@signed_in
@require_safe
def item_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One case a screen. Until its vote is closed it holds the patient and the question, and nothing of the ranking.

    With `follow`, it goes on to whatever case the room looks at.
    """
    item, held = my_item(request, pk)
    votes = votes_on(item) if item.meeting.blind_first else None
    before, after = _neighbours(item)
    context: dict[str, Any] = {
        "item": item,
        "label": case_label(item.case),
        **permissions(held),
        "is_chair": held.is_chair,
        "before": before,
        "after": after,
        "total": item.meeting.items.count(),
        "votes": votes,
        "has_voted": item.meeting.blind_first and ballot_of(item, request.user) is not None,
        "may_vote": held.role in members.DECIDING_ROLES,
        "page_mark": page_mark(item),
        "is_following": "follow" in request.GET,
        "section": "boards",
    }
    if item.meeting.current_id == item.pk:
        context |= {
            "there": in_the_room(item.meeting),
            "seconds": seconds_of(item, timezone.now()),
            "limit": 60 * item.meeting.minutes_each,
        }
    if item.is_vote_open and item.version is not None:
        context |= vote_context(request, item)
    if item.version is not None:
        frozen = Frozen(item.version)
        context |= {"patient": patient_line(frozen), "release": frozen.release, "notes": item.version.notes}
        context["wish"] = item.version.wish
        decision = None if item.is_vote_open else decision_shown(item)
        if not (decision and decision.is_signed):
            context["newer"] = newer_version(item)
            context["newer_release"] = newer_release(item)
        context["decision"] = decision
        if not item.is_hidden:
            tests = missing_tests(frozen)
            slugs = item.options or frozen.usual_options()
            context |= {
                "columns": option_columns(frozen, slugs, today=timezone.localdate()),
                "not_told_apart": not_told_apart(frozen),
                "basis": ranking_basis(frozen),
                "tests": tests[:TESTS_SHOWN],
                "further_tests": [test.name for test in tests[TESTS_SHOWN:]],
                "every_test": tests,
                "questions": open_questions(frozen),
                "warnings": [*frozen.scope.reasons, *(warning.text for warning in frozen.scope.warnings)],
                "typed": typed_lines(item),
                "trials": trials_shown(frozen),
            }
    return render(request, "boards/item.html", context)


@signed_in
@require_safe
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """What changes on the screen during a meeting: votes and decision, as a part of the page that asks for it.

    Answers 304 while nothing changed, has the page loaded anew where more than this part did, and ends the asking with
    286 once the meeting is finished.
    """
    item, held = my_item(request, pk)
    follows, meeting = "follow" in request.GET, item.meeting
    if follows and meeting.current_id not in (None, item.pk):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("boards:screen", args=[meeting.pk])})
    if request.GET.get("page") not in (None, page_mark(item)):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    mark = f'"{live_mark(item, request)}"'
    known = request.headers.get("If-None-Match", "").removeprefix("W/")  # as compression makes it
    if known == mark and not meeting.is_finished:
        return HttpResponse(status=304, headers={"ETag": mark})
    context: dict[str, Any] = {
        "item": item,
        "votes": votes_on(item) if meeting.blind_first else None,
        "decision": None if item.is_vote_open or item.version is None else decision_shown(item),
        "typed": () if item.is_hidden else typed_lines(item),
        "has_voted": meeting.blind_first and ballot_of(item, request.user) is not None,
        "may_vote": held.role in members.DECIDING_ROLES,
        **permissions(held),
        "is_chair": held.is_chair,
    }
    if item.is_vote_open and item.version is not None:
        context |= vote_context(request, item)
    part = "boards/_room_vote.html" if request.GET.get("of") == "room" else "boards/_live.html"
    response = render(request, part, context, status=286 if meeting.is_finished else 200)
    response.headers["ETag"] = mark
    return response


def page_mark(item: AgendaItem) -> str:
    """Of what a page about an item shows beside its part that is live: another one once that has to be loaded anew."""
    return f"{item.prepared}-{item.version_id}-{item.is_vote_open:d}{item.is_hidden:d}"


def live_mark(item: AgendaItem, request: HttpRequest) -> str:
    """Of what that part shows a reader: another one once it shows something else."""
    ballots = item.ballots_cast.order_by("pk").values_list("pk", "is_changed", "final_kind", "final_option")
    told: list[Any] = [
        *((str(ballots.count()),) if item.is_hidden else (str(each) for each in ballots)),
        *(str(each) for each in item.decisions.order_by("number").values_list("number", Count("signatures"))),
        *(str(each) for each in PlanDraft.objects.filter(item=item).values_list("revision", "saved_by_id")),
        *(str(each) for each in item.meeting.attendances.order_by("pk").values_list("pk", "left_at")),
        *(members.deciding_members_of(item.meeting.board).values_list("person_id", flat=True)),
        page_mark(item),
        request.user.pk,
        get_language(),
    ]
    return sha256_of(canonical_json(told))[:32]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """The first choice while the vote is open; afterwards the choice after the discussion."""
    item, _held = my_item(request, pk, DECIDING_ROLES)
    if item.version is None or not item.meeting.blind_first or not item.meeting.is_fixed:
        return redirect("boards:item", pk)
    in_room = "room" in request.GET
    knowledge = knowledge_of(item.version.release_id)
    ballot = ballot_of(item, request.user)
    may_choose = ballot is None if item.is_vote_open else ballot is not None and not is_signed(item)
    initial = ChoiceForm.initial_of(ballot_choice(ballot, "final")) if ballot else {}
    form = ChoiceForm(request.POST if request.method == "POST" else None, knowledge=knowledge, initial=initial)
    if request.method == "POST" and form.is_valid():
        act = actions.vote if item.is_vote_open else actions.change_choice
        try:
            act(item, choice=form.choice, by=request.user)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Your choice is recorded."))
            return redirect("boards:vote-now", item.meeting_id) if in_room else redirect("boards:item", pk)
    context = {
        "item": item,
        "label": case_label(item.case),
        "patient": patient_line(Frozen(item.version)),
        "form": form,
        "may_choose": may_choose,
        "has_voted": ballot is not None,
        "in_room": in_room,
        "wish": item.version.wish,
        "section": "boards",
    }
    return render(request, "boards/vote.html", context)


@signed_in
@require_POST
def vote_close(request: HttpRequest, pk: int) -> HttpResponse:
    """From the room, which stays open, or from the screen."""
    item, _held = my_item(request, pk)
    to = ("boards:room", item.meeting_id) if request.POST.get("in") == "room" else ("boards:item", pk)
    return done(request, lambda: actions.close_vote(item, by=request.user), "", *to)


def votes_on(item: AgendaItem) -> VotePage:
    """Votes by those who may vote: those in the room where somebody said who is, or all who decide on the board."""
    ballots = list(Ballot.objects.filter(item=item).select_related("voter"))
    if item.vote_closed_at is None:
        may = len(ballots) + len(still_to_vote(item))
    else:
        may = max(len(ballots), members.deciding_members_of(item.meeting.board).count())
    return vote_page(item, ballots, may)


def vote_context(request: HttpRequest, item: AgendaItem) -> dict[str, Any]:
    """An open vote: the address for telephones, as code and in words, and who is waited for."""
    address = request.build_absolute_uri(reverse("boards:vote-now", args=[item.meeting_id]))
    return {
        "address": address,
        "qr": qr_drawing(address, _("To the vote: %(address)s") % {"address": address}),
        "waiting_for": waiting_for(item),
    }


def _neighbours(item: AgendaItem) -> tuple[int | None, int | None]:
    """The items before and after, for the keys and links of the screen."""
    places = dict(
        item.meeting.items.filter(position__in=[item.position - 1, item.position + 1]).values_list("position", "pk")
    )
    return places.get(item.position - 1), places.get(item.position + 1)


def decision_shown(item: AgendaItem) -> DecisionView | None:
    """The decision in force with how far its plan has come; None where there is none."""
    found = with_plans(Decision.objects.filter(item=item))
    rows = list(found.select_related("decided_by").prefetch_related("signatures__person", "presences__person"))
    return decision_view(rows[0], standings(rows)) if rows else None
