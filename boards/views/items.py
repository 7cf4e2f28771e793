"""An item of an agenda: the screen of the meeting, the vote, the decision and its signatures."""

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
from boards.actions.decisions import is_complete, latest_decision
from boards.actions.votes import ballot_of, is_signed, still_to_vote
from boards.errors import ChangedMeanwhile, Refused
from boards.forms.decisions import ChoiceForm, DecisionForm
from boards.models import AgendaItem, Ballot, Decision, PlanDraft
from boards.presenters.cases import ballot_choice, case_label
from boards.presenters.changes import newer_version
from boards.presenters.meetings import DecisionView, VotePage, changes_between, decision_view, vote_page
from boards.presenters.newer_release import newer_release
from boards.presenters.options import not_told_apart, option_columns
from boards.presenters.patient import patient_line
from boards.presenters.qr import qr_drawing
from boards.presenters.questions import missing_tests, open_questions
from boards.presenters.ranking import ranking_basis
from boards.presenters.room import in_the_room, seconds_of, waiting_for
from boards.shown.stored_ranking import Frozen, knowledge_of

from .access import done, my_item, row_number, signed_in

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
        "is_chair": held.is_chair,
        "before": before,
        "after": after,
        "total": item.meeting.items.count(),
        "votes": votes,
        "has_voted": item.meeting.blind_first and ballot_of(item, request.user) is not None,
        "may_vote": held.role in members.DECIDING_ROLES,
        "may_prepare": held.role in members.PREPARING_ROLES,
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
    if item.is_hidden and item.version is not None:
        context |= vote_context(request, item)
    if item.version is not None:
        frozen = Frozen(item.version)
        context |= {"patient": patient_line(frozen), "release": frozen.release, "notes": item.version.notes}
        context["wish"] = item.version.wish
        decision = None if item.is_hidden else decision_shown(item)
        if not (decision and decision.is_signed):
            context["newer"] = newer_version(item)
            context["newer_release"] = newer_release(item)
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
        "decision": None if item.is_hidden or item.version is None else decision_shown(item),
        "has_voted": meeting.blind_first and ballot_of(item, request.user) is not None,
        "may_vote": held.role in members.DECIDING_ROLES,
        "may_prepare": held.role in members.PREPARING_ROLES,
        "is_chair": held.is_chair,
    }
    if item.is_hidden and item.version is not None:
        context |= vote_context(request, item)
    part = "boards/_room_vote.html" if request.GET.get("of") == "room" else "boards/_live.html"
    response = render(request, part, context, status=286 if meeting.is_finished else 200)
    response.headers["ETag"] = mark
    return response


def page_mark(item: AgendaItem) -> str:
    """Of what a page about an item shows beside its part that is live: another one once that has to be loaded anew."""
    return f"{item.prepared}-{item.version_id}-{item.is_hidden:d}"


def live_mark(item: AgendaItem, request: HttpRequest) -> str:
    """Of what that part shows a reader: another one once it shows something else."""
    ballots = item.ballots_cast.order_by("pk").values_list("pk", "is_changed", "final_kind", "final_option")
    told: list[Any] = [
        *(str(each) for each in ballots),
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
    item, _held = my_item(request, pk)
    if item.version is None or not item.meeting.blind_first or not item.meeting.is_fixed:
        return redirect("boards:item", pk)
    in_room = "room" in request.GET
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


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The decision, or its next version. Who comes second is shown what changed, with all that they wrote."""
    item, _held = my_item(request, pk)
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
        "newer_release": None if options["is_signed"] else newer_release(item),
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
    item, _held = my_item(request, pk)
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
        "decision": versions[0],
        "newer": None if versions[0].is_signed else newer_version(item),
        "newer_release": None if versions[0].is_signed else newer_release(item),
        "history": [
            (version, changes_between(before, version)) for version, before in zip(versions, older, strict=True)
        ],
        "may_sign": not versions[0].is_signed and request.user.pk not in signed_by and item.version is not None,
        "has_signed": request.user.pk in signed_by,
        "votes": votes_on(item) if item.meeting.blind_first else None,
        "section": "boards",
    }
    return render(request, "boards/decision.html", context)


@signed_in
@require_POST
def decision_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the version whose number was shown."""
    item, _held = my_item(request, pk)
    decision = item.decisions.filter(number=row_number(request.POST.get("number", ""))).first()
    if decision is None:
        return redirect("boards:item", pk)
    said = _("Your signature is recorded.")
    return done(request, lambda: actions.sign(decision, by=request.user), said, "boards:decision", pk)


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


def _decisions(item: AgendaItem) -> list[Decision]:
    related = ("signatures__person", "presences__person")
    return list(item.decisions.select_related("decided_by").prefetch_related(*related).order_by("-number"))


def decision_shown(item: AgendaItem) -> DecisionView | None:
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
