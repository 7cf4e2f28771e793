"""The open door: anybody says what seems wrong, and everybody reads what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.sent_once import once
from audit.errors import ActionRefused
from audit.middleware import address_of
from curation.actions import reports as actions
from curation.admin.addresses import public_address
from curation.errors import TextRefused, TooMany
from curation.models import Report
from curation.models.report import REFERENCE_LENGTH
from curation.reported import about
from display.privacy.refusals import CANNOT_KNOW
from regimens import releases
from regimens.models.choices import EntryKind, ReportState
from regimens.pages.views import with_release
from regimens.rules.knowledge import Knowledge

PER_PAGE = 25


class ReportForm(forms.Form):
    """What seems wrong, and where it can be read. What is refused is said by the action."""

    words = forms.CharField(
        label=gettext_lazy("What is wrong, and what would be right?"),
        required=False,
        widget=forms.Textarea({"rows": 6, "class": "form-control", "maxlength": actions.LONGEST}),
    )
    source = forms.CharField(
        label=gettext_lazy("Where can it be read? (need not be given)"),
        required=False,
        widget=forms.TextInput(
            {"class": "form-control", "maxlength": actions.LONGEST_SOURCE, "autocomplete": "off", "size": 60}
        ),
    )

    def __init__(self, *arguments: object, **options: object):
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"id_{name}_help id_{name}_error"


@dataclass(frozen=True)
class Answered:
    """A report with its answer, and the page of what it is about as it is now; "" where there is none any more."""

    report: Report
    address: str


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@once
@with_release
def report_new(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    """The form, for what its address names; what is refused comes back with what was typed."""
    given = request.POST if request.method == "POST" else request.GET
    subject = about(given.get("about", ""), given.get("at", ""), given.get("release", ""), knowledge)
    if subject is None:
        raise Http404
    form, status = ReportForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            made = actions.report(
                about=subject, words=typed["words"], source=typed["source"], address=address_of(request)
            )
        except ActionRefused as error:
            form.add_error(error.field if isinstance(error, TextRefused) else None, str(error))
            status = 429 if isinstance(error, TooMany) else 422
        else:
            return redirect("reported", made.reference)
    context = {"form": form, "about": subject, "cannot_know": CANNOT_KNOW, "release": knowledge.release}
    return render(request, "curation/report.html", context, status=status)


@never_cache
@require_safe
def reported(request: HttpRequest, reference: str) -> HttpResponse:
    """What became of a report, for whoever has its reference; what was typed is not shown again."""
    written = reference.upper()[: REFERENCE_LENGTH + 1]
    report = Report.objects.filter(reference=written).first()
    if report is None:
        raise Http404
    context = {"report": report, "address": _addresses([report])[0].address, "link": request.build_absolute_uri()}
    return render(request, "curation/reported.html", context | _frame())


@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """What was answered for everybody, the newest first; of one entry where the address names one."""
    rows = Report.objects.filter(state=ReportState.ANSWERED).order_by("-answered_at", "-pk")
    kind, _, key = request.GET.get("about", "").partition(":")
    is_of_one = kind in EntryKind.values and bool(key)
    if is_of_one:
        rows = rows.filter(kind=kind, key=key)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "found": _addresses(page.object_list), "about": f"{kind}:{key}" if is_of_one else ""}
    return render(request, "curation/reports.html", context | _frame())


def answered_on(kind: str, key: str) -> str:
    """What an entry's page says of reports on it that were answered; "" where there is none. One query."""
    rows = Report.objects.filter(kind=kind, key=key, state=ReportState.ANSWERED)
    found = list(rows.order_by("-answered_at", "-pk")[:PER_PAGE])
    return render_to_string("curation/_answered_on.html", {"reports": found}) if found else ""


def _addresses(rows: list[Report] | QuerySet[Report]) -> list[Answered]:
    try:
        knowledge = releases.current()
    except releases.ReleaseError:
        return [Answered(row, "") for row in rows]
    return [Answered(row, public_address(row.kind, row.key, _content(knowledge, row), knowledge)) for row in rows]


def _content(knowledge: Knowledge, row: Report) -> dict[str, object]:
    """Of a licence or an indication the regimen by which its page is found."""
    if row.kind not in ("licences", "indications"):
        return {}
    return next((one for one in knowledge.document[row.kind] if one["key"] == row.key), {})


def _frame() -> dict[str, object]:
    try:
        return {"release": releases.current().release}
    except releases.ReleaseError:
        return {}
