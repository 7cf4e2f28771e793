"""What came of a decision, and the figures of a board with their export."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.sent_once import once
from boards import actions, members
from boards.actions.followup import latest_follow_up
from boards.errors import ChangedMeanwhile, Refused
from boards.forms.follow_up import FollowUpForm, PeriodForm
from boards.models import AgendaItem, Board, FollowUp, Membership
from boards.outcomes.ctcae import TERMS
from boards.outcomes.research import zipped
from boards.outcomes.statistics import figures
from boards.presenters.cases import case_label, decided_words
from boards.presenters.followup import changes_between, follow_up_view, history
from boards.presenters.permissions import permissions
from boards.presenters.statistics import figures_page as page_of
from boards.shown.stored_ranking import knowledge_of
from regimens import releases
from regimens.rules.knowledge import Knowledge

from .access import my_board, my_item, signed_in

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@once
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """The course after a decision, or its next version. Who comes second is shown what somebody else recorded."""
    item, held = my_item(request, pk)
    decision = item.decisions.order_by("-number").first()
    if decision is None:
        messages.error(request, _("There is no decision yet."))
        return redirect("boards:item", pk)
    rows = list(_with_lines(item))
    context: dict[str, Any] = {
        "item": item,
        "label": case_label(item.case),
        "decided": decided_words(decision),
        "versions": history(rows),
        **permissions(held),
        "section": "boards",
    }
    if item.version is None or not context["may_prepare"]:
        return render(request, "boards/follow_up.html", context)
    changed, add = None, request.POST.get("add", "")
    if add:
        form = _form(item, None, FollowUpForm.initial_of_sent(request.POST), add=add)
    else:
        initial = FollowUpForm.initial_from(rows[0] if rows else None, decision)
        form = _form(item, request.POST if request.method == "POST" else None, initial)
    if form.is_bound and form.is_valid():
        try:
            based_on = form.cleaned_data["based_on"] or 0
            actions.record_follow_up(item, based_on=based_on, course=form.course, by=request.user)
        except ChangedMeanwhile as meanwhile:
            changed, form = _changed(meanwhile, item, based_on, request)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The follow-up is recorded."))
            return redirect("boards:follow-up", pk)
    context |= {"form": form, "changed": changed, "terms": TERMS}
    return render(request, "boards/follow_up.html", context, status=409 if changed else 200)


@signed_in
@require_safe
def figures_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What a board decided in a period, and what came of it."""
    board, held = my_board(request, pk, members.COUNTING_ROLES)
    return _figures(request, board, held, PeriodForm(request.GET))


@signed_in
@require_POST
def export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The decisions of a period as a file; the page with its errors where the period is wrong."""
    board, held = my_board(request, pk, members.EXPORTING_ROLES)
    form = PeriodForm(request.POST)
    if not form.is_valid():
        return _figures(request, board, held, form, status=400)
    made = actions.export_decisions(board, period=form.period, kind=kind, by=request.user)
    response = HttpResponse(made.text, content_type=CONTENT_TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="decisions-{board.pk}.{kind}"'
    return response


@signed_in
@require_POST
def export_research(request: HttpRequest, pk: int) -> HttpResponse:
    """Tables for research of a period as one file; the page with its errors where the period is wrong."""
    board, held = my_board(request, pk, members.EXPORTING_ROLES)
    form = PeriodForm(request.POST)
    if not form.is_valid():
        return _figures(request, board, held, form, status=400)
    made = actions.export_research(board, period=form.period, by=request.user)
    response = HttpResponse(zipped(made), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="research-{board.pk}.zip"'
    return response


def _figures(request: HttpRequest, board: Board, held: Membership, form: PeriodForm, status: int = 200) -> HttpResponse:
    context = {"board": board, "form": form, "page": page_of(figures(board, form.period)), "section": "boards"}
    return render(request, "boards/figures.html", context | permissions(held), status=status)


def _with_lines(item: AgendaItem) -> QuerySet[FollowUp]:
    """Every version of a follow-up, the newest first, with its further courses and adverse events."""
    return item.follow_ups.select_related("recorded_by").prefetch_related("later_courses", "toxicities")


def _form(item: AgendaItem, data: Any, initial: dict[str, Any], add: str = "") -> FollowUpForm:
    then = knowledge_of(item.version.release_id)
    options = {"listed_on": item.listed_at.date(), "today": timezone.localdate(), "add": add}
    return FollowUpForm(data, initial=initial, knowledge=_today() or then, then=then, **options)


def _today() -> Knowledge | None:
    """The release in force: something newer may have been given than was known at the decision."""
    try:
        return releases.current()
    except releases.ReleaseError:
        return None


def _changed(
    meanwhile: ChangedMeanwhile, item: AgendaItem, based_on: int, request: HttpRequest
) -> tuple[dict[str, Any], FollowUpForm]:
    """What somebody else recorded, and the form as it was written, to be saved knowing that."""
    latest = follow_up_view(latest_follow_up(item) or meanwhile.latest)
    seen = _with_lines(item).filter(number=based_on).first()
    data = request.POST.copy()
    data["based_on"] = str(latest.number)
    said = {"said": str(meanwhile), "fields": changes_between(follow_up_view(seen) if seen else None, latest)}
    return said, _form(item, data, {})
