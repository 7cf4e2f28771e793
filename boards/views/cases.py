"""Cases: the list, saving one from the page `/`, its versions, putting it away, erasing it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.sent_once import once
from audit.events import record
from audit.people import person_name
from boards import actions, members
from boards.errors import ChangedMeanwhile, Refused
from boards.forms.cases import CaseFilter, CaseForm, EraseForm, LabelForm, NotesForm
from boards.models import AgendaItem, Case, Decision, Meeting
from boards.models.choices import CaseStatus
from boards.presenters.asked_again import asked_again
from boards.presenters.cases import case_row, case_rows, listed_rows, version_rows
from boards.presenters.changes import feature_names, merged_changes
from boards.presenters.patient import PatientLine, patient_line
from boards.presenters.permissions import permissions
from boards.presenters.ranking import first_rows, stored_ranking
from boards.presenters.watch import WatchedRow, watched_row
from boards.shown.snapshot import filled_form, merged, not_entered_again, snapshot
from boards.shown.stored_ranking import Frozen
from boards.shown.watched import for_rows, watched_items
from regimens import releases
from regimens.pages.patient_form import PatientForm
from regimens.pages.views import patient_and_options, with_release
from regimens.rules.knowledge import EDITION, Knowledge
from regimens.wording.patient import patient_details, patient_sentence

from .access import done, held_on, my_case, my_cases, my_version, row_number, signed_in

CASES_A_PAGE = 40
VERSIONS_SHOWN = 50
LONGEST_NAME = 80  # of a release
PUT_AWAY = (CaseStatus.ARCHIVED, CaseStatus.ERASED)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def case_list(request: HttpRequest) -> HttpResponse:
    """Cases of one's boards, the last changed first. What is searched for comes by POST; an address holds no label."""
    sent = request.POST if request.method == "POST" else request.GET
    given = {name: sent.get(name, "") for name in CaseFilter.base_fields}
    form = CaseFilter(given, boards=members.boards_of(request.user))
    found = _narrowed(my_cases(request), form.cleaned_data) if form.is_valid() else Case.objects.none()
    rows = found.select_related("board", "current").defer("current__ranking", "current__entered", "current__notes")
    page = Paginator(rows, CASES_A_PAGE).get_page(sent.get("page"))
    context = {"form": form, "page": page, "cases": case_rows(page), "section": "cases"}
    return render(request, "boards/cases.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@once
@with_release
def case_new(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    """The patient of the page `/` as a case: asks for a label and a board, and saves when `save` is pressed."""
    if request.method != "POST":
        return redirect("patient")
    entered = PatientForm(request.POST, knowledge=knowledge)
    kept = snapshot(entered, knowledge)
    if kept is None or entered.patient is None:
        return patient_and_options(request)
    boards, referred_to = members.prepared_by(request.user), members.referred_to_by(request.user)
    is_saving = "save" in request.POST
    shown_on = request.POST.get("shown_on", "")[:LONGEST_NAME]
    is_newer = shown_on not in ("", knowledge.release.name)
    sent = request.POST if is_saving else None
    form = CaseForm(sent, boards=boards, referred_to=referred_to, initial=_case_fields(request))
    if is_saving and form.is_valid():
        try:
            case = actions.save_case(
                board=form.cleaned_data["board"],
                label=form.cleaned_data["label"],
                snapshot=kept,
                notes=form.cleaned_data["notes"],
                wish=form.cleaned_data["wish"],
                is_another=form.cleaned_data.get("another", False),
                by=request.user,
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            if case.referred_by:
                messages.success(request, _("The case is referred to %(board)s.") % {"board": case.board})
                return redirect("boards:referral", case.pk)
            messages.success(request, _saved_words(is_newer, knowledge.release.name))
            return redirect("boards:case", case.pk)
    patient = PatientLine(tuple(patient_sentence(entered.patient)), tuple(patient_details(entered.patient, knowledge)))
    context = {
        "form": form,
        "entered": entered,
        "patient": patient,
        "has_board": form.fields["board"].choices != [],
        "shown_on": shown_on,
        "is_newer": is_newer,
        "release": knowledge.release,
        "section": "cases",
        "language_form": "case-form",
    }
    return render(request, "boards/case_new.html", context)


@signed_in
@require_safe
def case_page(request: HttpRequest, pk: int) -> HttpResponse:
    case = my_case(request, pk)
    return _shown(request, case, LabelForm(initial={"label": case.label}))


def _shown(request: HttpRequest, case: Case, label_form: LabelForm) -> HttpResponse:
    """The page of a case, with the form for another label as it is or came back."""
    frozen = Frozen(case.current) if case.current else None
    versions = case.versions.select_related("release", "created_by").defer("ranking", "entered", "release__content")
    items = (
        AgendaItem.objects.filter(case=case)
        .select_related("meeting", "version")
        .defer("version__ranking", "version__entered")
        .prefetch_related("decisions")
        .order_by("-meeting__held_on")
    )
    open_meetings = Meeting.objects.filter(board=case.board, fixed_at__isnull=True).exclude(items__case=case)
    in_force = releases.in_force()
    if in_force and releases.edition_of(in_force.sha256) != EDITION:
        in_force = None  # nothing is ranked on it
    context = {
        "case": case_row(case),
        **permissions(held_on(request, case.board)),
        "is_open": case.status not in PUT_AWAY,
        "patient": patient_line(frozen) if frozen else None,
        "asked_again": asked_again(case.current.features) if case.current else (),
        "first": first_rows(frozen, today=timezone.localdate()) if frozen and not case.is_hidden else (),
        "versions": version_rows(case, list(versions[: VERSIONS_SHOWN + 1]))[:VERSIONS_SHOWN],
        "items": listed_rows(items[:50]),
        "watched": _watched(case),
        "board_id": case.board_id,
        "meetings": open_meetings[:20],
        "is_outdated": bool(case.current and in_force and in_force.pk != case.current.release_id),
        "in_force": in_force.name if in_force else "",
        "label_form": label_form,
        "referred_by": person_name(case.referred_by) if case.referred_by else "",
        "release": frozen.release if frozen else None,
        "section": "cases",
    }
    return render(request, "boards/case.html", context)


@signed_in
@require_safe
def version_page(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A version with its ranking as it was shown, unless the vote on it is open."""
    version = my_version(request, pk, number)
    is_hidden = version.case.is_hidden
    frozen = Frozen(version)
    context = {
        "case": case_row(version.case),
        "version": replace(version_rows(version.case, [version])[0], notes=version.notes),
        "patient": patient_line(frozen),
        "asked_again": asked_again(version.features) if version.pk == version.case.current_id else (),
        "ranking": None if is_hidden else stored_ranking(frozen, today=timezone.localdate()),
        "sha256": version.sha256,
        "release": frozen.release,
        "section": "cases",
    }
    return render(request, "boards/version.html", context)


@signed_in
@require_safe
def version_json(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The stored ranking, byte for byte, of which a page names the SHA-256; taking it is an event."""
    version = my_version(request, pk, number)
    if version.case.is_hidden:
        raise PermissionDenied(_("The ranking is not shown before the vote is closed."))
    record("export", version.case, by=request.user, details={"board": version.case.board_id, "version": number})
    response = HttpResponse(version.ranking_json, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="case-{pk}-version-{number}.json"'
    return response


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@once
@with_release
def version_new(request: HttpRequest, knowledge: Knowledge, pk: int) -> HttpResponse:
    """The form as it was filled in, to go on with; saved as the next version when `save` is pressed."""
    case = my_case(request, pk, members.PREPARING_ROLES)
    if case.current is None or case.status in PUT_AWAY:
        raise Http404
    is_posted = request.method == "POST"
    entered = PatientForm(request.POST, knowledge=knowledge) if is_posted else filled_form(case.current, knowledge)
    is_saving = is_posted and "save" in request.POST
    form = NotesForm(
        request.POST if is_saving else None,
        initial={
            name: request.POST.get(name, "") if is_posted else getattr(case.current, name) for name in ("notes", "wish")
        },
    )
    kept = snapshot(entered, knowledge)
    based_on, changed = row_number(request.POST.get("based_on", "")) if is_posted else case.current.number, None
    if is_saving and form.is_valid() and kept:
        written = {name: form.cleaned_data[name] for name in ("notes", "wish")}
        try:
            actions.add_version(case, based_on=based_on, snapshot=kept, **written, by=request.user)
        except ChangedMeanwhile as change:
            changed, entered, form = _meanwhile(case, based_on, change, entered, kept.features, written)
            based_on = change.latest.number
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The new version is saved."))
            return redirect("boards:case", pk)
    context = {
        "case": case_row(case),
        "based_on": based_on,
        "next_number": based_on + 1,
        "changed": changed,
        "form": entered,
        "asked_again": asked_again(case.current.features),
        "to_enter_again": () if is_posted else feature_names(not_entered_again(case.current, entered)),
        "notes_form": form,
        "is_refused": is_saving and kept is None,
        "is_live": not case.is_hidden,
        "release": knowledge.release,
        "section": "cases",
    }
    return render(request, "boards/version_new.html", context, status=409 if changed else 200)


@signed_in
@require_POST
@once
@with_release
def rank_again(request: HttpRequest, knowledge: Knowledge, pk: int) -> HttpResponse:
    """The same patient on the release in force, as a new version."""
    case = my_case(request, pk)
    if case.current is None:
        raise Http404
    form = filled_form(case.current, knowledge)
    kept = snapshot(form, knowledge)
    if form.lacks_region_alone:
        messages.error(request, _("No region was chosen for this case, and licences differ: choose it in the form."))
        return redirect("boards:version-new", pk)
    if kept is None or asked_again(case.current.features) or not_entered_again(case.current, form):
        messages.error(request, _("The release in force reads this patient differently: look at the form."))
        return redirect("boards:version-new", pk)
    said = _("The case is ranked on release %(release)s, as a new version.") % {"release": knowledge.release.name}
    given = {"based_on": case.current.number, "snapshot": kept, "notes": case.current.notes}
    given["wish"] = case.current.wish
    return done(request, lambda: actions.add_version(case, **given, by=request.user), said, "boards:case", pk)


@signed_in
@require_POST
def case_label_change(request: HttpRequest, pk: int) -> HttpResponse:
    """A label that is refused comes back, with the reason beside it."""
    case, form = my_case(request, pk), LabelForm(request.POST)
    if form.is_valid():
        try:
            is_another = form.cleaned_data.get("another", False)
            actions.relabel(case, label=form.cleaned_data["label"], is_another=is_another, by=request.user)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("boards:case", pk)
    return _shown(request, case, form)


@signed_in
@require_POST
def case_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Into the archive, or out of it, as the button says."""
    case = my_case(request, pk)
    if request.POST.get("what") == "restore":
        return done(request, lambda: actions.restore(case, by=request.user), "", "boards:case", pk)
    sure = "even_if_waiting" in request.POST
    return done(request, lambda: actions.archive(case, even_if_waiting=sure, by=request.user), "", "boards:case", pk)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def case_erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks before it erases, and once more where the board decided on the case.

    A case with a signed decision takes two: one asks for it, and another erases it or takes that back.
    """
    case = my_case(request, pk, members.PREPARING_ROLES)
    if case.is_erased:
        raise Http404
    is_decided, is_signed = Decision.objects.filter(item__case=case).exists(), actions.is_signed(case)
    asked_by = case.erasure_asked_by
    is_asking = is_signed and (asked_by is None or asked_by == request.user)
    form = EraseForm(request.POST if request.method == "POST" else None, is_decided=is_decided)
    if request.method == "POST" and request.POST.get("what") == "keep":
        said = _("The case is kept.")
        return done(request, lambda: actions.keep_case(case, by=request.user), said, "boards:case-erase", pk)
    if request.method == "POST" and form.is_valid():
        try:
            if is_asking:
                actions.ask_erasure(case, by=request.user)
            else:
                actions.erase(case, even_if_decided=form.cleaned_data.get("even_if_decided", False), by=request.user)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            said = (
                _("You asked that the case be erased. Another person does it.")
                if is_asking
                else _("The case is erased.")
            )
            messages.success(request, said)
            return redirect("boards:case", pk) if is_asking else redirect("boards:cases")
    context = {
        "case": case_row(case),
        "form": form,
        "is_decided": is_decided,
        "is_signed": is_signed,
        "is_asking": is_asking,
        "asked_by": person_name(asked_by) if asked_by else "",
        "asked_at": case.erasure_asked_at,
        "is_mine": asked_by == request.user,
        "section": "cases",
    }
    return render(request, "boards/case_erase.html", context)


def _watched(case: Case) -> WatchedRow | None:
    """What happened since the decision that is watched; None where nothing did, or a vote on the case is open."""
    item = for_rows(watched_items(case=case)).first()
    row = watched_row(item, timezone.localdate()) if item else None
    return row if row and (row.open or row.seen) else None


def _narrowed(cases: QuerySet[Case], wanted: dict[str, Any]) -> QuerySet[Case]:
    """By label, board, site, first or chosen option, and status; a ranking that may not be shown is not searched."""
    if wanted["q"]:
        for word in wanted["q"].split():
            cases = cases.filter(label__icontains=word)
    if wanted["board"]:
        cases = cases.filter(board=wanted["board"])
    if wanted["site"]:
        cases = cases.filter(current__primary_site=wanted["site"])
    if option := wanted["option"].strip():
        chosen = Decision.objects.filter(item__case=OuterRef("pk")).filter(
            Q(option__iexact=option) | Q(option_name__icontains=option) | Q(words__icontains=option)
        )
        first = Q(current__first_option__iexact=option) | Q(current__first_option_name__icontains=option)
        cases = cases.filter(first & Q(is_hidden=False) | Exists(chosen))
    if wanted["status"]:
        return cases.filter(status=wanted["status"])
    return cases.exclude(status__in=PUT_AWAY)


def _meanwhile(
    case: Case,
    based_on: int,
    change: ChangedMeanwhile,
    entered: PatientForm,
    features: dict[str, Any],
    written: dict[str, str],
) -> tuple[dict[str, Any], PatientForm, NotesForm]:
    """What others changed since the version a writer went on from, and the forms with what they alone changed.

    Where that contradicts what was entered, such as a response to platinum that was not given, nothing is taken over.
    """
    seen, latest = case.versions.filter(number=based_on).first(), change.latest
    told: dict[str, Any] = {"said": str(change)}
    if seen is not None:
        form = merged(entered, seen=seen, latest=latest)
        if together := snapshot(form, form.knowledge):
            entered, features = form, together.features
        for name, text in written.items():
            written[name] = getattr(latest, name) if text == getattr(seen, name) else text
        told["fields"], told["contested"] = merged_changes(seen, latest, features, written)
    return told, entered, NotesForm(initial=written)


def _case_fields(request: HttpRequest) -> dict[str, str]:
    """What was entered of the case before, such as when the language is changed."""
    return {name: request.POST[name] for name in ("label", "board", "notes", "wish") if name in request.POST}


def _saved_words(is_newer: bool, release: str) -> str:
    """What is said of a saved case; a page that was shown on another release is not what was saved."""
    if is_newer:
        return _("The case is saved, and ranked on release %(release)s: newer than the page.") % {"release": release}
    return _("The case is saved, with the ranking as it was shown.")
