"""The report of a case, its letter and the minutes of a meeting: a page to read and print, and the same as PDF."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.events import record
from boards.documents import Letter, Minutes, Report, in_text, letter, minutes, report
from boards.errors import Refused
from boards.models import AgendaItem
from display.typesetting import pdf

from .access import my_item, my_meeting, signed_in

Document = Letter | Minutes | Report
ItemView = Callable[[HttpRequest, int], HttpResponse]


def _or_why_not(view: ItemView) -> ItemView:
    """Back to the page of the item, which says why, where there is no such document yet."""

    @wraps(view)
    def shown(request: HttpRequest, pk: int) -> HttpResponse:
        try:
            return view(request, pk)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("boards:item", pk)

    return shown


@signed_in
@require_safe
@_or_why_not
def report_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The report of an item, once its ranking may be shown."""
    item, _held = my_item(request, pk)
    document = report(_with_voters(item), at=timezone.now())
    back = reverse("boards:item", args=[pk]), _("Back to the case")
    return _page(request, "report", document, reverse("boards:report-pdf", args=[pk]), back)


@signed_in
@require_safe
@_or_why_not
def report_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    item, _held = my_item(request, pk)
    now = timezone.now()
    document = report(_with_voters(item), at=now)
    record("export", item.case, by=request.user, details={"document": "report", "item": item.pk})
    return _file(document, now, f"report-case-{item.case_id}.pdf")


@signed_in
@require_safe
@_or_why_not
def letter_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter to who referred the case, once the decision is signed; also as text to copy."""
    item, _held = my_item(request, pk)
    document = letter(item, at=timezone.now())
    back = reverse("boards:decision", args=[pk]), _("Back to the decision")
    return _page(request, "letter", document, reverse("boards:letter-pdf", args=[pk]), back, text=in_text(document))


@signed_in
@require_safe
@_or_why_not
def letter_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    item, _held = my_item(request, pk)
    now = timezone.now()
    document = letter(item, at=now)
    record("export", item.case, by=request.user, details={"document": "letter", "item": item.pk})
    return _file(document, now, f"letter-case-{item.case_id}.pdf")


@signed_in
@require_safe
def minutes_page(request: HttpRequest, pk: int) -> HttpResponse:
    meeting, _held = my_meeting(request, pk)
    document = minutes(meeting, at=timezone.now())
    back = reverse("boards:meeting", args=[pk]), _("Back to the meeting")
    return _page(request, "minutes", document, reverse("boards:minutes-pdf", args=[pk]), back)


@signed_in
@require_safe
def minutes_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    meeting, _held = my_meeting(request, pk)
    now = timezone.now()
    document = minutes(meeting, at=now)
    record("export", meeting, by=request.user, details={"document": "minutes", "meeting": meeting.pk})
    return _file(document, now, f"minutes-{meeting.held_on:%Y-%m-%d}.pdf")


def _with_voters(item: AgendaItem) -> AgendaItem:
    prefetch_related_objects([item], "ballots_cast__voter")
    return item


def _page(
    request: HttpRequest, kind: str, document: Document, pdf_url: str, back: tuple[str, str], **more: str
) -> HttpResponse:
    context = {"document": document, "pdf_url": pdf_url, "back_url": back[0], "back_words": back[1]} | more
    return render(request, f"boards/documents/{kind}.html", context | {"section": "boards"})


def _file(document: Document, now: datetime, name: str) -> HttpResponse:
    response = HttpResponse(pdf(document, at=now), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
