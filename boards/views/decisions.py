"""A decision: its form with the plan of care, its page, its signatures, and what becomes of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.sent_once import once
from audit.people import person_name
from boards import actions, members, signing
from boards.actions.decisions import is_complete, looked_through
from boards.actions.meetings import is_under_signature
from boards.errors import ChangedMeanwhile, Refused
from boards.forms.decisions import DecisionForm, from_pairs, steps_from
from boards.forms.plans import ProgressForm, ResultForm
from boards.models import AgendaItem, Attendance, Decision, PlanDraft, PlanStep
from boards.models.choices import DECIDING_ROLES, ChoiceKind, StepState
from boards.plans import AGREED, identity_of, of_item, standings, with_plans
from boards.presenters.actions_due import due_actions
from boards.presenters.before_after import before_after
from boards.presenters.cases import case_label
from boards.presenters.changes import newer_version
from boards.presenters.meetings import DecisionView, changes_between, decision_view
from boards.presenters.newer_release import newer_release
from boards.presenters.options import not_told_apart, option_columns
from boards.presenters.patient import patient_line
from boards.presenters.plan import plan_lines
from boards.presenters.signing import to_sign_rows
from boards.shown.stored_ranking import Frozen
from regimens.pages.views import with_release
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE
from regimens.rules.knowledge import Knowledge

from .access import done, held_on, my_board, my_item, row_number, signed_in
from .items import votes_on

NOT_TYPED = ("csrfmiddlewaretoken", "revision", "add", "next")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@once
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The decision, or its next version. Who comes second is shown what changed, with all that they wrote.

    “Add a step” and “From the options” send the form and get it back with another row, and nothing is checked.
    """
    item, held = my_item(request, pk, members.PREPARING_ROLES)
    if item.version is None or not item.meeting.is_fixed or item.is_hidden:
        messages.error(request, _("A decision takes a fixed agenda and, where members vote first, a closed vote."))
        return redirect("boards:item", pk)
    frozen, decisions = Frozen(item.version), _decisions(item)
    latest = decisions[0] if decisions else None
    draft = PlanDraft.objects.select_related("saved_by").filter(item=item).first()
    following = _following(item) if held.role in members.RUNNING_ROLES else None
    is_sent = request.method == "POST"
    if is_sent and "add" in request.POST:
        form = _with_another_row(request, item, frozen, latest)
    elif is_sent:
        form = _form(item, frozen, latest, request.POST)
    else:
        is_left = draft is None or "without-draft" in request.GET
        form = _unsent(item, frozen, decisions, None if is_left else draft)
    changed = None
    if is_sent and "add" not in request.POST:
        changed, form = _recorded(request, item, form, frozen, latest)
        if changed is None and form is None:
            messages.success(request, _recorded_words(item))
            if following and "next" in request.POST:
                actions.show_item(following, by=request.user)
                return redirect("boards:room", item.meeting_id)
            return redirect("boards:decision", pk)
    context = {
        "item": item,
        "label": case_label(item.case),
        "patient": patient_line(frozen),
        "newer": None if latest and is_complete(latest) else newer_version(item),
        "newer_release": None if latest and is_complete(latest) else newer_release(item),
        "form": form,
        "changed": changed,
        "latest": decision_view(latest, standings(decisions)) if latest else None,
        "is_under_signature": is_under_signature(item),
        "is_chair": held.is_chair,
        "next_label": case_label(following.case) if following else "",
        "draft": draft,
        "draft_by": person_name(draft.saved_by) if draft else "",
        "is_from_draft": not is_sent and draft is not None and "without-draft" not in request.GET,
        "release": frozen.release,
        "section": "boards",
    } | _beside(item, frozen)
    return render(request, "boards/decide.html", context, status=409 if changed else 200)


def _following(item: AgendaItem) -> AgendaItem | None:
    """The case that comes next in a room that is open; None for the last one."""
    meeting = item.meeting
    if meeting.started_at is None or meeting.is_finished:
        return None
    later = meeting.items.filter(position__gt=item.position).select_related("case", "meeting__board")
    return later.order_by("position").first()


@signed_in
@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """What is being typed, saved as it is; answers whether it was. A second writer is told, and nothing is lost."""
    item, _held = my_item(request, pk)
    if item.version is None or not item.meeting.is_fixed or item.is_hidden:
        raise Http404
    fields = [(name, value) for name, value in _pairs(request.POST) if name not in NOT_TYPED]
    context: dict[str, Any] = {"item": item, "revision": row_number(request.POST.get("revision", ""))}
    try:
        saved = actions.save_draft(item, fields=fields, revision=context["revision"], by=request.user)
    except (ChangedMeanwhile, Refused) as error:
        context["refused"] = str(error)
    else:
        context |= {"draft": saved, "revision": saved.revision}
    return render(request, "boards/_draft.html", context)


@signed_in
@require_POST
def discussion(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether the case needs discussion, or is decided on the chair's signature alone."""
    item, _held = my_item(request, pk)
    is_needed = request.POST.get("needed") == "yes"
    return done(
        request,
        lambda: actions.choose_discussion(item, is_needed=is_needed, by=request.user),
        "",
        "boards:decide",
        pk,
    )


@signed_in
@require_safe
def decision_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The decision in force, who signed it, and the versions before it with what each changed."""
    item, held = my_item(request, pk)
    decisions, today = _decisions(item), timezone.localdate()
    if not decisions:
        return redirect("boards:item", pk)
    versions = [decision_view(each, standings(decisions[place:]), today=today) for place, each in enumerate(decisions)]
    older = [*versions[1:], None]
    frozen = Frozen(item.version) if item.version else None
    context = {
        "item": item,
        "label": versions[0].label or case_label(item.case),
        "patient": patient_line(frozen) if frozen else None,
        "release": frozen.release if frozen else None,
        "decision": versions[0],
        "options": [frozen.name(slug) for slug in versions[0].options or frozen.usual_options()]
        if frozen and not item.is_hidden
        else (),
        "newer": None if versions[0].is_signed else newer_version(item),
        "newer_release": None if versions[0].is_signed else newer_release(item),
        "history": [
            (version, changes_between(before, version, is_in_force=version is versions[0]))
            for version, before in zip(versions, older, strict=True)
        ],
        "may_prepare": held.role in members.PREPARING_ROLES,
        "progress": frozen is not None and held.role in members.PREPARING_ROLES,
        "back": request.path,
        "votes": votes_on(item) if item.meeting.blind_first and not item.is_hidden else None,
        "section": "boards",
    }
    if item.version is not None:
        why_not = signing.why_not(decisions[0], request.user)
        context |= {
            "may_sign": not why_not,
            "why_not": why_not,
            "may_sign_too": [person_name(person) for person in signing.who_may_sign(decisions[0])],
        }
    return render(request, "boards/decision.html", context)


@signed_in
@require_POST
def decision_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the version whose number was shown; from a list of what is to be signed, the list comes again."""
    item, _held = my_item(request, pk, DECIDING_ROLES)
    decision = item.decisions.filter(number=row_number(request.POST.get("number", ""))).first()
    if decision is None:
        return redirect("boards:decision", pk)
    said = _("Your signature under %(label)s is recorded.") % {"label": decision.shown.get("label", "")}
    back = request.POST.get("back")
    to: tuple[Any, ...] = ("boards:decision", pk)
    if back in ("to-sign", "boards"):
        to = (f"boards:{back}",)
    return done(request, lambda: actions.sign(decision, by=request.user), said, *to)


@signed_in
@require_safe
def to_sign(request: HttpRequest) -> HttpResponse:
    """Everything that waits for one's signature, signed from here."""
    context = {"to_sign": for_me_to_sign(request), "back": "to-sign", "section": "boards"}
    return render(request, "boards/to_sign.html", context)


def for_me_to_sign(request: HttpRequest) -> Any:
    """What waits for the signature of the person, as a page shows it."""
    related = "item__meeting", "item__case"
    waiting = signing.to_sign(request.user).select_related(*related)
    return to_sign_rows(with_plans(waiting))


@signed_in
@require_safe
def due(request: HttpRequest, pk: int) -> HttpResponse:
    """What the plans of a board still ask for, the overdue first."""
    board, held = my_board(request, pk)
    if held.role not in members.SEEING_ROLES:
        raise Http404
    context = {
        "board": board,
        "actions": due_actions(board, today=timezone.localdate()),
        "progress": held.role in members.PREPARING_ROLES,
        "back": request.path,
        "section": "boards",
    }
    return render(request, "boards/actions.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest, step: int) -> HttpResponse:
    """How far a recommendation has come: with one press from a list, or with a reason from its own page."""
    row = _my_step(request, step)
    item = row.decision.item
    form = ProgressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.record_progress(
                row, state=given["state"], not_done=given["not_done"], words=given["words"], by=request.user
            )
        except ChangedMeanwhile as change:
            messages.error(request, str(change))
            return redirect("boards:decision", item.pk)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return _back(request, item)
    return _step_page(request, row, form, None)


@signed_in
@require_POST
@with_release
def result(request: HttpRequest, knowledge: Knowledge, step: int) -> HttpResponse:
    """The result of a test that the plan waits for; the case's page then shows the ranking before and after."""
    row = _my_step(request, step)
    item = row.decision.item
    if row.kind != ChoiceKind.TEST_FIRST:
        messages.error(request, _("Only a test has a result to enter."))
        return redirect("boards:progress", step)
    form = ResultForm(request.POST, feature=row.option)
    if form.is_valid():
        try:
            actions.enter_result(row, value=form.cleaned_data["value"], by=request.user)
        except ChangedMeanwhile as change:
            messages.error(request, str(change))
            return redirect("boards:decision", item.pk)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            item.case.refresh_from_db()
            messages.success(request, _result_words(item))
            return redirect("boards:since-decided", item.pk)
    return _step_page(request, row, ProgressForm(), form)


@signed_in
@require_safe
def since_decided(request: HttpRequest, pk: int) -> HttpResponse:
    """The case as the board decided on it beside what is known now, and what moved in its ranking."""
    item, _held = my_item(request, pk)
    current = item.case.current
    if item.version is None or current is None or not item.decisions.exists():
        return redirect("boards:item", pk)
    current.refresh_from_db()
    decisions = _decisions(item)
    again = AgendaItem.objects.filter(case=item.case, version=current).exclude(pk=item.pk).select_related("meeting")
    context = {
        "item": item,
        "label": case_label(item.case),
        "since": None if item.is_hidden else before_after(item.version, current),
        "is_hidden": item.is_hidden,
        "lines": plan_lines(decisions[0], standings(decisions), today=timezone.localdate()),
        "again": again.order_by("-meeting__held_on").first(),
        "section": "boards",
    }
    return render(request, "boards/since_decided.html", context)


def _step_page(request: HttpRequest, row: PlanStep, form: ProgressForm, result_form: ResultForm | None) -> HttpResponse:
    item = row.decision.item
    standing = of_item(item).get(identity_of(row), AGREED)
    (line,) = [each for each in plan_lines(row.decision, {identity_of(row): standing}) if each.pk == row.pk]
    is_unknown = item.case.current is not None and row.option not in item.case.current.features
    if result_form is None and line.is_test and (line.is_open or is_unknown):
        result_form = ResultForm(feature=row.option)
    context = {
        "item": item,
        "label": case_label(item.case),
        "line": line,
        "form": form,
        "result_form": result_form,
        "back": _address_back(request),
        "section": "boards",
    }
    return render(request, "boards/progress.html", context)


def _my_step(request: HttpRequest, pk: int) -> PlanStep:
    """A recommendation on a case that is not erased, of a board for which one prepares."""
    steps = PlanStep.objects.select_related("decision__item__meeting__board", "decision__item__case__current")
    mine = steps.filter(decision__item__meeting__board__in=members.boards_of(request.user))
    step = get_object_or_404(mine.filter(decision__item__case__erased_at__isnull=True), pk=pk)
    held_on(request, step.decision.item.meeting.board, members.PREPARING_ROLES)
    return step


def _back(request: HttpRequest, item: AgendaItem) -> HttpResponse:
    if address := _address_back(request):
        return redirect(address)
    return redirect("boards:decision", item.pk)


def _address_back(request: HttpRequest) -> str:
    """The page from which somebody came, if it is one of ours."""
    back = request.POST.get("back", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if is_ours else ""


def _form(
    item: AgendaItem,
    frozen: Frozen,
    latest: Decision | None,
    data: QueryDict | None = None,
    *,
    initial: dict[str, Any] | None = None,
    steps: Sequence[dict[str, Any]] = (),
) -> DecisionForm:
    return DecisionForm(
        data,
        frozen=frozen,
        members=list(members.members_of(item.meeting.board)),
        is_signed=bool(latest and is_complete(latest)),
        is_under_signature=is_under_signature(item),
        initial=initial,
        steps=steps,
    )


def _unsent(item: AgendaItem, frozen: Frozen, decisions: Sequence[Decision], typed: PlanDraft | None) -> DecisionForm:
    """The form as it opens: with what was typed before, else with the decision in force, else with who is there."""
    latest = decisions[0] if decisions else None
    if typed is not None:
        fields, rows = from_pairs(typed.fields)
        return _form(item, frozen, latest, initial=fields, steps=rows)
    if latest is not None:
        initial, rows = DecisionForm.initial_from(latest), steps_from(latest, standings(decisions))
        initial["options"] = initial["options"] or frozen.usual_options()
        return _form(item, frozen, latest, initial=initial, steps=rows)
    there = Attendance.objects.filter(meeting=item.meeting, left_at__isnull=True).values_list("person_id", flat=True)
    fresh = {"based_on": 0, "present": list(there), "guests": item.meeting.guests}
    return _form(item, frozen, None, initial=fresh)


def _with_another_row(request: HttpRequest, item: AgendaItem, frozen: Frozen, latest: Decision | None) -> DecisionForm:
    """The form as it was sent, unchecked, with a further row; one that names what was pressed is filled in."""
    fields, rows = from_pairs(_pairs(request.POST))
    if wanted := request.POST.get("add", ""):
        rows.append({"do": wanted, "state": StepState.AGREED.value})
    else:
        rows += [{"state": StepState.AGREED.value}] * 2
    return _form(item, frozen, latest, initial=fields, steps=rows)


def _recorded(
    request: HttpRequest, item: AgendaItem, form: DecisionForm, frozen: Frozen, latest: Decision | None
) -> tuple[dict[str, Any] | None, DecisionForm | None]:
    """No form once the decision is recorded; else the form with every error, or with what changed meanwhile."""
    is_readable = form.is_valid()
    written, given = form.written, form.cleaned_data
    wrong = looked_through(item, written, frozen=frozen, latest=latest)[1]
    based_on = given.get("based_on") or 0
    is_newer = latest is not None and latest.number != based_on
    if not is_readable or (wrong and not is_newer):
        for refusal in wrong:
            form.refuse(refusal)
        return None, form
    try:
        actions.record_decision(
            item,
            based_on=based_on,
            steps=written.steps,
            present=members.people(written.present),
            by=request.user,
            **{name: getattr(written, name) for name in ("rationale", "reason", "reason_words", "correction")},
            **{name: given.get(name) or "" for name in ("guests", "dissent", "would_change")},
            question=written.question,
            options=written.options,
        )
    except ChangedMeanwhile as change:
        return _changed(change, item, given, request, frozen)
    except Refused as refusal:
        form.refuse(refusal)
        return None, form
    return None, None


def _changed(
    change: ChangedMeanwhile, item: AgendaItem, given: dict[str, Any], request: HttpRequest, frozen: Frozen
) -> tuple[dict[str, Any], DecisionForm]:
    """What somebody else wrote meanwhile, and the form as it was written, to be saved knowing that."""
    decisions = _decisions(item)
    versions = {each.number: decision_view(each) for each in decisions}
    latest: DecisionView = versions[change.latest.number]
    seen = versions.get(given.get("based_on") or 0)
    data = request.POST.copy()
    data["based_on"] = str(change.latest.number)
    return {"said": str(change), "fields": changes_between(seen, latest)}, _form(item, frozen, decisions[0], data)


def _beside(item: AgendaItem, frozen: Frozen) -> dict[str, Any]:
    """What stands beside the plan that is being written."""
    slugs = item.options or frozen.usual_options()
    columns = option_columns(frozen, slugs, today=timezone.localdate())
    offered = [(f"{ChoiceKind.RANKED}:{slug}", frozen.name(slug)) for slug in slugs if slug != BEST_SUPPORTIVE_CARE]
    assert item.version is not None
    return {
        "columns": columns,
        "not_told_apart": not_told_apart(frozen),
        "offered": [
            *offered,
            (ChoiceKind.TRIAL.value, ChoiceKind.TRIAL.label),
            (ChoiceKind.SUPPORTIVE.value, ChoiceKind.SUPPORTIVE.label),
        ],
        "wish": item.version.wish,
        "notes": item.version.notes,
        "votes": votes_on(item) if item.meeting.blind_first else None,
    }


def _decisions(item: AgendaItem) -> list[Decision]:
    rows = Decision.objects.filter(item=item).select_related("decided_by")
    return list(with_plans(rows).prefetch_related("signatures__person", "presences__person").order_by("-number"))


def _pairs(data: QueryDict) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, values in data.lists() for value in values)


def _recorded_words(item: AgendaItem) -> str:
    if item.needs_discussion:
        return _("The decision is recorded. Two members who were present sign it.")
    return _("The decision is recorded. The chair signs it.")


def _result_words(item: AgendaItem) -> str:
    if item.case.waiting_since:
        return _("The result is entered. No agenda is open: the case waits for the next meeting.")
    return _("The result is entered, and the case is on an agenda again.")
