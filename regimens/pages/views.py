"""The page `/` and what is taken from it. Nothing is stored, and patient data come by POST alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from audit.events import record
from regimens import releases
from regimens.bundles import bundle
from regimens.rules.knowledge import Knowledge
from regimens.rules.ordering import DEFAULT_PREFERENCE
from regimens.rules.ranking import Ranking, rank
from regimens.rules.record import as_json

from . import RankingPage, present
from .comparison import compare
from .patient_form import PatientForm
from .summary import summary
from .ticked import ticks


def with_release(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives a page the release in force, or says that there is none."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            knowledge = releases.current()
        except releases.FormerEdition as error:
            return render(request, "regimens/former_edition.html", {"former": error.release}, status=503)
        except releases.NoRelease:
            return render(request, "regimens/no_release.html", status=503)
        return view(request, knowledge, *args, **kwargs)

    return page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@with_release
def patient_and_options(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    """The form beside the ranking; the ranking alone, with the form's errors, when htmx asks.

    Before anything is entered, the ranking is that of a patient about whom nothing is known.
    """
    form = PatientForm(request.POST if request.method == "POST" else None, knowledge=knowledge)
    return answer(request, form, knowledge, _ranking(form, knowledge))


@never_cache
@require_POST
@with_release
def compare_options(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    """The ticked options side by side; the ranking, with what is wrong in words, where they cannot be compared."""
    form = PatientForm(request.POST, knowledge=knowledge)
    ranking = _ranking(form, knowledge)
    comparison = ranking and compare(ranking, knowledge, form.ticked, form.suppositions)
    if not comparison:
        return answer(request, form, knowledge, ranking, is_comparison_refused=True)
    context = {"form": form, "comparison": comparison, "release": knowledge.release}
    context |= {"section": "patient", "language_form": "page-form"}
    return render(request, "regimens/compare.html", context)


@never_cache
@require_POST
@with_release
def download(request: HttpRequest, knowledge: Knowledge, kind: str) -> HttpResponse:
    """The ranking of a patient as a file; the page with its errors where something entered is wrong.

    A patient of whom something is only supposed has no file but the summary, which says so. Who is signed in leaves an
    event, which says what kind of file with which release: nothing of the patient.
    """
    form = PatientForm(request.POST, knowledge=knowledge)
    ranking = _ranking(form, knowledge)
    if ranking is None or (form.suppositions and kind != "summary"):
        return answer(request, form, knowledge, ranking)
    name, content_type, write = DOWNLOADS[kind]
    page = _page(ranking, form, knowledge)
    response = HttpResponse(write(ranking, page), content_type=f"{content_type}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if request.user.is_authenticated:
        record("export", name, details={"release": knowledge.release.sha256})
    return response


# What can be taken from the page: the name of the file, its type, and how it is written.
DOWNLOADS: dict[str, tuple[str, str, Callable[[Ranking, RankingPage], str]]] = {
    "summary": ("ranking.txt", "text/plain", lambda ranking, page: summary(page)),
    "ranking": ("ranking.json", "application/json", lambda ranking, _: as_json(ranking)),
    "bundle": ("ranking-bundle.json", "application/json", lambda ranking, _: bundle(ranking)),
}


def _ranking(form: PatientForm, knowledge: Knowledge) -> Ranking | None:
    """The ranking of what was entered; None where something of it is wrong."""
    patient = knowledge.patient({})
    if form.is_bound:
        if not form.is_valid() or form.patient is None:
            return None
        patient = form.patient
    return rank(patient, knowledge.nec_only if form.is_nec_only else knowledge, form.chosen_preference)


def _page(ranking: Ranking, form: PatientForm, knowledge: Knowledge) -> RankingPage:
    """The ranking as a page; where another preference or other evidence was chosen, with what that moved."""
    is_usual = form.chosen_preference == DEFAULT_PREFERENCE and not form.is_nec_only
    usual = None if is_usual else rank(ranking.patient, knowledge, draws=False)
    return present(ranking, knowledge, form.suppositions, usual=usual)


def answer(
    request: HttpRequest,
    form: PatientForm,
    knowledge: Knowledge,
    ranking: Ranking | None,
    *,
    is_comparison_refused: bool = False,
) -> HttpResponse:
    """The page `/` for what was entered, or the part of it that htmx asks for.

    A refused comparison is said above the ranking.
    """
    page = ranking and _page(ranking, form, knowledge)
    context = {
        "form": form,
        "page": page,
        "ticks": ranking and ticks(ranking, knowledge, form.ticked),
        "is_comparison_refused": is_comparison_refused,
        "summary": page and summary(page),
        "release": knowledge.release,
        "section": "patient",
        "language_form": "patient-form",
    }
    return render(request, "regimens/_answer.html" if request.htmx else "regimens/patient.html", context)
