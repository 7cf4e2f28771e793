"""An item of an agenda: the screen of the meeting, and the vote."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from boards import actions, members
from boards.actions.votes import ballot_of, is_signed
from boards.errors import Refused
from boards.forms.decisions import ChoiceForm
from boards.models import AgendaItem, Ballot, Decision
from boards.plans import standings, with_plans
from boards.presenters.cases import ballot_choice, case_label
from boards.presenters.changes import newer_version
from boards.presenters.meetings import decision_view, vote_page
from boards.presenters.options import not_told_apart, option_columns
from boards.presenters.patient import patient_line
from boards.presenters.questions import missing_tests, open_questions
from boards.presenters.ranking import ranking_basis
from boards.shown.stored_ranking import Frozen, knowledge_of

from .access import done, my_item, signed_in

TESTS_SHOWN = 3


@signed_in
@require_safe
def item_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One case a screen. Until its vote is closed it holds the patient and the question, and nothing of the ranking.

    htmx asks for the turnout alone while the vote is open, and is told to load the page when it is closed.
    """
    item, held = my_item(request, pk)
    votes = votes_of(item) if item.meeting.blind_first else None
    if request.htmx:
        response = render(request, "boards/_turnout.html", {"votes": votes, "item": item})
        if not item.is_hidden:
            response.headers["HX-Refresh"] = "true"
        return response
    before, after = _neighbours(item)
    context: dict[str, Any] = {
        "item": item,
        "label": case_label(item.case),
        "is_chair": held.is_chair,
        "before": before,
        "after": after,
        "total": item.meeting.items.count(),
        "votes": votes,
        "has_voted": item.meeting.blind_first and ballot_of(item, request.user) is not None,
        "section": "boards",
    }
    if item.version is not None:
        frozen = Frozen(item.version)
        context |= {"patient": patient_line(frozen), "release": frozen.release, "notes": item.version.notes}
        decision = None if item.is_hidden else _decision_in_force(item)
        if not (decision and decision.is_signed):
            context["newer"] = newer_version(item)
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
                "decision": decision,
            }
    return render(request, "boards/item.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """The first choice while the vote is open; afterwards the choice after the discussion."""
    item, _held = my_item(request, pk)
    if item.version is None or not item.meeting.blind_first or not item.meeting.is_fixed:
        return redirect("boards:item", pk)
    knowledge = knowledge_of(item.version.release_id)
    ballot = ballot_of(item, request.user)
    may_choose = ballot is None if item.is_hidden else ballot is not None and not is_signed(item)
    initial = ChoiceForm.initial_of(ballot_choice(ballot, "final")) if ballot else {}
    form = ChoiceForm(request.POST if request.method == "POST" else None, knowledge=knowledge, initial=initial)
    if request.method == "POST" and form.is_valid():
        act = actions.vote if item.is_hidden else actions.change_choice
        try:
            act(item, choice=form.choice, by=request.user)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Your choice is recorded."))
            return redirect("boards:item", pk)
    context = {
        "item": item,
        "label": case_label(item.case),
        "patient": patient_line(Frozen(item.version)),
        "form": form,
        "may_choose": may_choose,
        "has_voted": ballot is not None,
        "section": "boards",
    }
    return render(request, "boards/vote.html", context)


@signed_in
@require_POST
def vote_close(request: HttpRequest, pk: int) -> HttpResponse:
    item, _held = my_item(request, pk)
    return done(request, lambda: actions.close_vote(item, by=request.user), "", "boards:item", pk)


def votes_of(item: AgendaItem) -> Any:
    ballots = Ballot.objects.filter(item=item).select_related("voter")
    return vote_page(item, ballots, members.members_of(item.meeting.board).count())


def _neighbours(item: AgendaItem) -> tuple[int | None, int | None]:
    """The items before and after, for the keys and links of the screen."""
    places = dict(
        item.meeting.items.filter(position__in=[item.position - 1, item.position + 1]).values_list("position", "pk")
    )
    return places.get(item.position - 1), places.get(item.position + 1)


def _decision_in_force(item: AgendaItem) -> Any:
    found = with_plans(Decision.objects.filter(item=item))
    rows = list(found.select_related("decided_by").prefetch_related("signatures__person", "presences__person"))
    return decision_view(rows[0], standings(rows)) if rows else None
