"""The pages of the library; their state is in the address, since no patient is on them.

But for the trials, which are also checked against a patient: one who comes by POST, with the state beside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from audit.events import record
from regimens.models.choices import Region
from regimens.pages.patient_form import PatientForm
from regimens.pages.views import answer, with_release
from regimens.rules.knowledge import Knowledge
from regimens.rules.readings import state_of_publication

from . import drugs, evidence, method, options, reference, validation

PER_PAGE = 40

Page = Callable[..., HttpResponse]


def on_release(view: Page) -> Page:
    """A page of the release in force, which is only read."""
    return require_safe(with_release(view))


@on_release
def option_list(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    words = request.GET.get("q", "")[:100]
    context = {"groups": options.option_groups(knowledge, words), "q": words, "regions": list(Region)}
    return _page(request, knowledge, "options", "library/options.html", context)


@on_release
def option_detail(request: HttpRequest, knowledge: Knowledge, slug: str) -> HttpResponse:
    context = {"option": _found(options.option_page(knowledge, slug))}
    return _page(request, knowledge, "options", "library/option.html", context)


@on_release
def drug_list(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    words = request.GET.get("q", "")[:100]
    context = {"groups": drugs.listed_drugs(knowledge, words), "q": words}
    return _page(request, knowledge, "drugs", "library/drugs.html", context)


@on_release
def drug_detail(request: HttpRequest, knowledge: Knowledge, slug: str) -> HttpResponse:
    context = {"drug": _found(drugs.drug_page(knowledge, slug))}
    return _page(request, knowledge, "drugs", "library/drug.html", context)


@on_release
def evidence_list(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    chosen = evidence.EvidenceFilter(request.GET)
    found = evidence.listed(knowledge, chosen)
    address = request.GET.copy()
    address.pop("page", None)
    context = {
        "form": chosen,
        "meant": evidence.meant_by(knowledge, chosen),
        "count": len(found),
        "total": len(knowledge.publications),
        "entries": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "address": address.urlencode(),
    }
    return _page(request, knowledge, "evidence", "library/evidence.html", context)


@on_release
def evidence_csv(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    found = evidence.listed(knowledge, evidence.EvidenceFilter(request.GET))
    if request.method == "GET":
        record("export", "evidence.csv", details={"release": knowledge.release.sha256, "rows": len(found)})
    response = HttpResponse(evidence.as_csv(found, knowledge), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="evidence-{knowledge.release.sha256[:7]}.csv"'
    return response


@on_release
def evidence_detail(request: HttpRequest, knowledge: Knowledge, key: str) -> HttpResponse:
    context = {"publication": _found(evidence.publication_page(knowledge, key))}
    return _page(request, knowledge, "evidence", "library/publication.html", context)


@on_release
def biomarker_list(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    context = {"biomarkers": reference.biomarker_pages(knowledge)}
    return _page(request, knowledge, "biomarkers", "library/biomarkers.html", context)


@on_release
def biomarker_detail(request: HttpRequest, knowledge: Knowledge, slug: str) -> HttpResponse:
    context = {"biomarker": _found(reference.biomarker_page(knowledge, slug))}
    return _page(request, knowledge, "biomarkers", "library/biomarker.html", context)


@on_release
def guideline_list(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    context = {"topics": reference.topic_groups(knowledge)}
    return _page(request, knowledge, "guidelines", "library/guidelines.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@with_release
def trial_list(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    """Every trial; where a patient is sent, each with whether the patient fits it."""
    return _checked_trials(request, knowledge) if request.method == "POST" else _all_trials(request, knowledge)


def _all_trials(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    chosen = reference.TrialFilter(request.GET)
    return _trial_page(request, knowledge, chosen, reference.trial_rows(knowledge, chosen))


@never_cache
def _checked_trials(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    entered = PatientForm(request.POST, knowledge=knowledge)
    if not entered.is_valid() or entered.patient is None:
        return answer(request, entered, knowledge, None)
    chosen = reference.TrialFilter(request.POST, with_fit=True)
    rows = reference.checked_trial_rows(knowledge, chosen, entered.patient)
    patient = reference.trial_patient(entered.patient, knowledge, entered.suppositions)
    return _trial_page(request, knowledge, chosen, rows, patient=patient, entered=entered, language_form="page-form")


def _trial_page(
    request: HttpRequest, knowledge: Knowledge, chosen: reference.TrialFilter, rows: Any, **patient: Any
) -> HttpResponse:
    context = {"form": chosen, "trials": rows, "total": len(knowledge.document["trials"]), **patient}
    return _page(request, knowledge, "trials", "library/trials.html", context)


@on_release
def method_page(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    context = {"method": method.method_page(knowledge), "sentences": validation.outcome_sentences(knowledge)}
    return _page(request, knowledge, "method", "library/method.html", context)


@on_release
def validation_page(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    """How well the estimates of the release predict figures held out, as it was computed when it was published."""
    context = {"validation": validation.validation_page(knowledge)}
    return _page(request, knowledge, "method", "library/validation.html", context)


@on_release
def about(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    lists = ("publications", "regimens", "drugs", "licences", "guidelines", "trials")
    counts = {name: len(knowledge.document[name]) for name in lists}
    read_twice = sum(state_of_publication(row) == "twice" for row in knowledge.publications.values())
    not_read = sum(row["verified"] == "none" for row in knowledge.publications.values())
    context = {"counts": counts, "read_twice": read_twice, "not_read": not_read}
    return _page(request, knowledge, "about", "library/about.html", context)


def _page(
    request: HttpRequest, knowledge: Knowledge, section: str, template: str, context: dict[str, Any]
) -> HttpResponse:
    return render(request, template, context | {"release": knowledge.release, "section": section})


def _found(page: Any) -> Any:
    if page is None:
        raise Http404
    return page
