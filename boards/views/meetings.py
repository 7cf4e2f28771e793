"""Meetings: the agenda, its order, and when it is fixed."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.sent_once import once
from boards import actions, members
from boards.actions.meetings import has_begun
from boards.blindness import cases_known, items_known
from boards.errors import ChangedMeanwhile, Refused
from boards.forms.decisions import OptionsForm, PrepareForm
from boards.models import AgendaItem, Case, Meeting
from boards.models.choices import CaseStatus
from boards.presenters.cases import case_label, case_rows
from boards.presenters.meetings import agenda_rows, meeting_words, prepared_beside
from boards.presenters.patient import patient_line
from boards.presenters.permissions import permissions
from boards.shown.stored_ranking import Frozen
from boards.times import when_words
from display.texts import readable

from .access import done, my_case, my_item, my_meeting, row_number, signed_in

MOST_FOUND, MOST_PLACES = 20, 1000


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The agenda in order; while it is open, with cases that can be added: those that `q` names, sent by POST."""
    meeting, held = my_meeting(request, pk)
    items = list(_agenda(meeting))
    words = readable(request.POST.get("q", ""))[:60]
    context = {
        "meeting": meeting,
        "when": when_words(meeting),
        **permissions(held),
        "is_chair": held.is_chair,
        "is_running": held.role in members.RUNNING_ROLES,
        "may_prepare": held.role in members.PREPARING_ROLES,
        "may_change": not (meeting.is_finished or meeting.started_at or has_begun(meeting)),
        "how": meeting_words(meeting),
        "items": agenda_rows(items),
        "found": () if meeting.is_fixed else case_rows(_addable(meeting, words)),
        "q": words,
        "moved": row_number(request.GET.get("moved", "")),
        "moved_by": request.GET.get("by", ""),
        "section": "boards",
    }
    return render(request, "boards/meeting.html", context)


@signed_in
@require_POST
@once
def agenda_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Every case that is ticked, in the order in which they are listed."""
    meeting, _held = my_meeting(request, pk)
    keys = request.POST.getlist("case")
    if not keys:
        messages.error(request, _("Tick the cases that are to be on the agenda."))
        return redirect("boards:meeting", pk)
    cases = [my_case(request, row_number(key)) for key in dict.fromkeys(keys[:MOST_FOUND])]
    said = ngettext("%(count)d case is on the agenda.", "%(count)d cases are on the agenda.", len(cases))
    words = said % {"count": len(cases)}
    return done(request, lambda: actions.list_cases(meeting, cases=cases, by=request.user), words, "boards:meeting", pk)


@signed_in
@require_POST
@once
def agenda_add_case(request: HttpRequest, pk: int) -> HttpResponse:
    """The same from the page of a case: the meeting is what is chosen."""
    case = my_case(request, pk)
    meeting, _held = my_meeting(request, row_number(request.POST.get("meeting", "")))
    said = _("The case is on the agenda.")
    return done(request, lambda: actions.list_case(meeting, case=case, by=request.user), said, "boards:case", pk)


@signed_in
@require_POST
def agenda_fix(request: HttpRequest, pk: int) -> HttpResponse:
    """Fix the agenda, or open it again, as the button says."""
    meeting, _held = my_meeting(request, pk)
    act = actions.reopen_agenda if request.POST.get("what") == "open" else actions.fix_agenda
    return done(request, lambda: act(meeting, by=request.user), "", "boards:meeting", pk)


@signed_in
@require_POST
def item_move(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up or down, or to the place that is sent; the page comes back with the focus where it was."""
    item, _held = my_item(request, pk)
    what, position = request.POST.get("what"), row_number(request.POST.get("position", ""))
    try:
        if position:
            actions.move_to(item, position=min(position, MOST_PLACES), by=request.user)
        else:
            actions.move(item, up=what == "up", by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    by = what if what in ("up", "down") else "place"
    return redirect(f"{reverse('boards:meeting', args=[item.meeting_id])}?moved={pk}&by={by}#item-{pk}")


@signed_in
@require_POST
def item_remove(request: HttpRequest, pk: int) -> HttpResponse:
    item, _held = my_item(request, pk)
    return done(request, lambda: actions.unlist(item, by=request.user), "", "boards:meeting", item.meeting_id)


@signed_in
@require_POST
def item_newest(request: HttpRequest, pk: int) -> HttpResponse:
    item, _held = my_item(request, pk)
    return done(request, lambda: actions.take_newest(item, by=request.user), "", "boards:meeting", item.meeting_id)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def item_prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """The question to the board and, where the ranking may be shown, the options that stand side by side."""
    item, _held = my_item(request, pk, members.PREPARING_ROLES)
    if item.version is None:
        return redirect("boards:meeting", item.meeting_id)
    is_posted = request.method == "POST"
    frozen = Frozen(item.version)
    initial = {"question": item.question, "based_on": item.prepared}
    form = PrepareForm(request.POST.dict() if is_posted else None, initial=initial)
    options_form, changed = None, None
    if not item.is_hidden:
        chosen = item.options or frozen.usual_options()
        options_form = OptionsForm(request.POST if is_posted else None, frozen=frozen, initial={"options": chosen})
    if is_posted and form.is_valid() and (options_form is None or options_form.is_valid()):
        given = {"based_on": form.cleaned_data["based_on"], "question": form.cleaned_data["question"]}
        options = options_form.cleaned_data["options"] if options_form else None
        try:
            actions.prepare(item, **given, options=options, by=request.user)
        except ChangedMeanwhile as change:
            fields = prepared_beside(change.latest, given["question"], options, frozen)
            changed = {"said": str(change), "fields": fields, "is_beside": True}
            form = PrepareForm(form.data | {"based_on": change.latest.prepared})
        except Refused as refusal:
            (options_form or form).refuse(refusal)
        else:
            return redirect("boards:item", pk)
    context = {
        "item": item,
        "label": case_label(item.case),
        "patient": patient_line(frozen),
        "form": form,
        "options_form": options_form,
        "changed": changed,
        "release": frozen.release,
        "section": "boards",
    }
    return render(request, "boards/item_prepare.html", context, status=409 if changed else 200)


def _agenda(meeting: Meeting) -> list[AgendaItem]:
    return list(
        items_known(AgendaItem.objects.filter(meeting=meeting))
        .select_related("case", "version", "meeting")
        .defer("version__ranking", "version__entered", "version__notes")
        .prefetch_related("decisions")
        .annotate(voted=Count("ballots_cast"))
        .order_by("position")
    )


def _addable(meeting: Meeting, words: str) -> list[Case]:
    """Cases of the board that are not put away and not on this agenda: those that wait, then the last changed."""
    cases = Case.objects.filter(board=meeting.board).exclude(status__in=[CaseStatus.ARCHIVED, CaseStatus.ERASED])
    for word in words.split():
        cases = cases.filter(label__icontains=word)
    if not words:
        cases = cases.filter(status__in=[CaseStatus.PREPARED, CaseStatus.WAITING])
    waits_first = F("waiting_since").asc(nulls_last=True)
    found = cases_known(cases.exclude(items__meeting=meeting)).select_related("board", "current")
    found = found.order_by(waits_first, "-changed_at", "-pk")
    return list(found.defer("current__ranking", "current__entered", "current__notes")[:MOST_FOUND])
