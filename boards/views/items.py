"""An item of an agenda: the screen of the meeting, the vote, the decision and its signatures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from boards import actions, members
from boards.actions.decisions import is_complete, latest_decision
from boards.actions.votes import ballot_of, is_signed
from boards.errors import ChangedMeanwhile, Refused
from boards.forms.decisions import ChoiceForm, DecisionForm
from boards.models import AgendaItem, Ballot, Decision
from boards.models.choices import DECIDING_ROLES
from boards.presenters.cases import ballot_choice, case_label
from boards.presenters.changes import newer_version
from boards.presenters.meetings import changes_between, decision_view, vote_page
from boards.presenters.options import not_told_apart, option_columns
from boards.presenters.patient import patient_line
from boards.presenters.permissions import permissions
from boards.presenters.questions import missing_tests, open_questions
from boards.presenters.ranking import ranking_basis
from boards.shown.stored_ranking import Frozen, knowledge_of

from .access import done, my_item, row_number, signed_in

TESTS_SHOWN = 3


@signed_in
@require_safe
def item_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One case a screen. Until its vote is closed it holds the patient and the question, and nothing of the ranking.

    htmx asks for the turnout alone while the vote is open, and is told to load the page when it is closed.
    """
    item, held = my_item(request, pk)
    votes = _votes(item) if item.meeting.blind_first else None
    if request.htmx:
        response = render(request, "boards/_turnout.html", {"votes": votes, "item": item})
        if not item.is_hidden:
            response.headers["HX-Refresh"] = "true"
        return response
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
    item, _held = my_item(request, pk, DECIDING_ROLES)
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


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The decision, or its next version. Who comes second is shown what changed, with all that they wrote."""
    item, _held = my_item(request, pk, members.PREPARING_ROLES)
    if item.version is None or not item.meeting.is_fixed or item.is_hidden:
        messages.error(request, _("A decision takes a fixed agenda and, where members vote first, a closed vote."))
        return redirect("boards:item", pk)
    latest = latest_decision(item)
    frozen = Frozen(item.version)
    options = {
        "knowledge": frozen.knowledge,
        "frozen": frozen,
        "members": list(members.members_of(item.meeting.board)),
        "is_signed": bool(latest and is_complete(latest)),
    }
    form = DecisionForm(request.POST if request.method == "POST" else None, initial=_initial(latest), **options)
    changed = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_decision(item, by=request.user, **_decided(form))
        except ChangedMeanwhile as change:
            changed, form = _changed(change, item, form.cleaned_data, request, options)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The decision is recorded. Two members sign it."))
            return redirect("boards:decision", pk)
    context = {
        "item": item,
        "label": case_label(item.case),
        "patient": patient_line(frozen),
        "newer": None if options["is_signed"] else newer_version(item),
        "form": form,
        "changed": changed,
        "latest": decision_view(latest) if latest else None,
        "release": frozen.release,
        "section": "boards",
    }
    return render(request, "boards/decide.html", context, status=409 if changed else 200)


@signed_in
@require_safe
def decision_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The decision in force, who signed it, and the versions before it with what each changed."""
    item, held = my_item(request, pk)
    versions = [decision_view(each) for each in _decisions(item)]
    if not versions:
        return redirect("boards:item", pk)
    older = [*versions[1:], None]
    newest = _decisions(item)[0]
    signed_by = {each.person_id for each in newest.signatures.all()}
    frozen = Frozen(item.version) if item.version else None
    context = {
        "item": item,
        "label": case_label(item.case),
        "patient": patient_line(frozen) if frozen else None,
        "release": frozen.release if frozen else None,
        **permissions(held),
        "decision": versions[0],
        "newer": None if versions[0].is_signed else newer_version(item),
        "history": [
            (version, changes_between(before, version)) for version, before in zip(versions, older, strict=True)
        ],
        "may_sign": held.role in DECIDING_ROLES
        and not versions[0].is_signed
        and request.user.pk not in signed_by
        and item.version is not None,
        "has_signed": request.user.pk in signed_by,
        "votes": _votes(item) if item.meeting.blind_first else None,
        "section": "boards",
    }
    return render(request, "boards/decision.html", context)


@signed_in
@require_POST
def decision_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the version whose number was shown."""
    item, _held = my_item(request, pk, DECIDING_ROLES)
    decision = item.decisions.filter(number=row_number(request.POST.get("number", ""))).first()
    if decision is None:
        return redirect("boards:item", pk)
    said = _("Your signature is recorded.")
    return done(request, lambda: actions.sign(decision, by=request.user), said, "boards:decision", pk)


def _votes(item: AgendaItem) -> Any:
    ballots = Ballot.objects.filter(item=item).select_related("voter")
    return vote_page(item, ballots, members.deciding_members_of(item.meeting.board).count())


def _neighbours(item: AgendaItem) -> tuple[int | None, int | None]:
    """The items before and after, for the keys and links of the screen."""
    places = dict(
        item.meeting.items.filter(position__in=[item.position - 1, item.position + 1]).values_list("position", "pk")
    )
    return places.get(item.position - 1), places.get(item.position + 1)


def _decisions(item: AgendaItem) -> list[Decision]:
    related = ("signatures__person", "presences__person")
    return list(item.decisions.select_related("decided_by").prefetch_related(*related).order_by("-number"))


def _decision_in_force(item: AgendaItem) -> Any:
    related = ("signatures__person", "presences__person")
    newest = item.decisions.select_related("decided_by").prefetch_related(*related).order_by("-number").first()
    return decision_view(newest) if newest else None


def _initial(latest: Decision | None) -> dict[str, Any]:
    return DecisionForm.initial_from(latest) if latest else {"based_on": 0}


def _decided(form: DecisionForm) -> dict[str, Any]:
    given = form.cleaned_data
    words = {name: given.get(name) or "" for name in ("rationale", "guests", "dissent", "reason", "reason_words")}
    return words | {
        "based_on": given.get("based_on") or 0,
        "choice": form.choice,
        "present": given["present"],
        "correction": given.get("correction") or "",
    }


def _changed(
    change: ChangedMeanwhile,
    item: AgendaItem,
    written: dict[str, Any],
    request: HttpRequest,
    options: dict[str, Any],
) -> tuple[dict[str, Any], DecisionForm]:
    """What somebody else wrote meanwhile, and the form as it was written, to be saved knowing that."""
    versions = {each.number: decision_view(each) for each in _decisions(item)}
    latest = versions[change.latest.number]
    seen = versions.get(written.get("based_on") or 0)
    data = request.POST.copy()
    data["based_on"] = str(change.latest.number)
    form = DecisionForm(data, **options | {"is_signed": latest.is_signed})
    return {"said": str(change), "fields": changes_between(seen, latest)}, form
