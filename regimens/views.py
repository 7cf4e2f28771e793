"""The page `/`: a patient in, ranked options out. Nothing is stored, and patient data come by POST alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from . import releases
from .forms import PatientForm
from .presenters import present
from .rules.ranking import rank


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def patient_and_options(request: HttpRequest) -> HttpResponse:
    """The form beside the ranking; the ranking alone, with the form's errors, when htmx asks.

    Before anything is entered, the ranking is that of a patient of whom nothing is known.
    """
    try:
        knowledge = releases.current()
    except releases.NoRelease:
        return render(request, "regimens/no_release.html", status=503)
    form = PatientForm(request.POST if request.method == "POST" else None, knowledge=knowledge)
    patient = knowledge.patient({})
    if form.is_bound:
        patient = form.patient if form.is_valid() else None
    ranking = patient and rank(patient, knowledge, form.chosen_preference)
    context = {
        "form": form,
        "page": ranking and present(ranking, knowledge),
        "release": knowledge.release,
        "section": "patient",
    }
    template = "regimens/_answer.html" if request.htmx else "regimens/patient.html"
    return render(request, template, context)
