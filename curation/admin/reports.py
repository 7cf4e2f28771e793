"""Reports that something is wrong: what waits to be looked into, and the answer to each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from audit.errors import ActionRefused, NotAllowed
from curation.actions import reports as actions
from curation.errors import AlreadyDecided
from curation.models import Report
from curation.permissions import PROPOSE
from regimens.models.choices import ReportState
from staff.site import site

from .addresses import edit_address, entry_address

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PER_PAGE = 50

# What is done with a report, from what was typed.
DECISIONS: Mapping[str, Callable[[Report, Any, Mapping[str, str]], Report]] = MappingProxyType(
    {
        "take-up": lambda row, by, typed: actions.take_up(row, by=by),
        "answer": lambda row, by, typed: actions.answer(
            row, published=typed.get("published", ""), answer=typed.get("answer", ""), by=by
        ),
        "decline": lambda row, by, typed: actions.decline(row, answer=typed.get("answer", ""), by=by),
        "let-go": lambda row, by, typed: actions.let_go_of_words(row, by=by),
    }
)
_DONE = MappingProxyType(
    {
        "take-up": gettext_lazy("You look into it: others see that you do."),
        "answer": gettext_lazy("Answered for everybody."),
        "decline": gettext_lazy("Declined: whoever reported it reads why."),
        "let-go": gettext_lazy("What was typed is deleted."),
    }
)


def count_open(person: User) -> int:
    """How many reports wait to be looked into, and how many a person looks into."""
    waiting = Report.objects.filter(state=ReportState.OPEN).count()
    return waiting + Report.objects.filter(state=ReportState.IN_WORK, taken_by=person).count()


@site.tool("reports/", name="reports", title=gettext_lazy("Reported as wrong"), permission=PROPOSE, waiting=count_open)
def reports(request: HttpRequest) -> HttpResponse:
    """Those that wait first, the oldest first; then what was answered, the newest first."""
    undecided = Report.objects.filter(state__in=(ReportState.OPEN, ReportState.IN_WORK)).select_related("taken_by")
    decided = Report.objects.exclude(state__in=(ReportState.OPEN, ReportState.IN_WORK)).select_related("answered_by")
    page = Paginator(decided.order_by("-answered_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"title": _("Reported as wrong"), "undecided": undecided.order_by("pk"), "page": page}
    return TemplateResponse(request, "admin/reports/list.html", site.each_context(request) | context)


@site.tool("reports/<int:pk>/", name="report", permission=PROPOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them, with what is done about it; what is refused comes back with what was typed."""
    row = Report.objects.select_related("taken_by", "answered_by").filter(pk=pk).first()
    if row is None:
        raise Http404
    if request.method != "POST":
        return _page(request, row, {}, "", 200)
    decision = request.POST.get("decision", "")
    if decision not in DECISIONS:
        return _page(request, row, request.POST, _("Choose what to do."), 422)
    try:
        DECISIONS[decision](row, request.user, request.POST)
    except ActionRefused as error:
        status = 403 if isinstance(error, NotAllowed) else 409 if isinstance(error, AlreadyDecided) else 422
        row.refresh_from_db()
        return _page(request, row, request.POST, str(error), status)
    messages.success(request, _DONE[decision])
    return redirect("admin:report", pk)


def _page(request: HttpRequest, row: Report, typed: Mapping[str, str], refusal: str, status: int) -> HttpResponse:
    context = {
        "title": _("Report on %(title)s") % {"title": row.title},
        "subtitle": None,
        "report": row,
        # Not what was typed: whoever publishes it writes it, as its reporter was told.
        "published": typed.get("published", ""),
        "answer": typed.get("answer", ""),
        "refusal": refusal,
        "entry_address": entry_address(row.kind, row.key),
        "edit_address": edit_address(row.kind, row.key),
        "most": actions.LONGEST,
    }
    context = site.each_context(request) | context
    return TemplateResponse(request, "admin/reports/report.html", context, status=status)
