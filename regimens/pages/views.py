"""The page `/` and what is taken from it. Nothing is stored, and patient data come by POST alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from audit.events import record
from display.typesetting import pdf
from regimens import releases
from regimens.bundles import bundle
from regimens.rules.knowledge import Knowledge
from regimens.rules.ordering import DEFAULT_PREFERENCE
from regimens.rules.ranking import Ranking, rank
from regimens.rules.record import as_json

from . import RankingPage, present, region
from .beginning import beginning
from .changes import put_back, strip
from .comparison import compare
from .options import NO_MARKS
from .patient_form import PatientForm
from .rank_changes import MoveMark
from .ranking_document import ranking_document
from .summary import summary
from .taken import Taken, taken
from .ticked import ticks
from .written import details_of, has_details, live, part_of, printed, written


def with_release(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives a page the release in force, or says that there is none."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            knowledge = releases.current()
        except releases.FormerEdition as error:
            return render(request, "regimens/former_edition.html", {"former": error.release}, status=503)
        except releases.UnverifiedRelease as error:
            return render(request, "regimens/unverified_release.html", {"name": error.name}, status=503)
        except releases.NoRelease:
            return render(request, "regimens/no_release.html", status=503)
        return view(request, knowledge, *args, **kwargs)

    return page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@with_release
def patient_and_options(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    """The form beside the answer; the answer alone, with the form's errors, when htmx asks.

    Before anything is entered, the form alone, with the region that was chosen last: nothing is ranked.
    """
    sent = put_back(request.POST, knowledge) if request.method == "POST" else None
    form = PatientForm(sent, knowledge=knowledge, region=region.remembered(request))
    response = answer(request, form, knowledge, _ranking(form, knowledge))
    region.remember(response, form)
    return response


@never_cache
@require_POST
@with_release
def option_details(request: HttpRequest, knowledge: Knowledge, slug: str) -> HttpResponse:
    """What opening an option of the ranking shows; nothing where what is entered cannot be ranked."""
    form = PatientForm(request.POST, knowledge=knowledge)
    ranking = _ranking(form, knowledge)
    page = ranking and _page(ranking, form, knowledge)
    option = page and next((option for option in ranking.options if option.regimen.slug == slug), None)
    if not option or not has_details(option):
        raise Http404
    return HttpResponse(details_of(page, option))


@never_cache
@require_POST
@with_release
def answer_part(request: HttpRequest, knowledge: Knowledge, key: str) -> HttpResponse:
    """What opening a closed part of the answer shows: a band, or one of PARTS."""
    form = PatientForm(request.POST, knowledge=knowledge)
    ranking = _ranking(form, knowledge)
    page = ranking and _page(ranking, form, knowledge)
    body = page and part_of(page, key, ticks(ranking, knowledge, form.ticked), {})
    if body is None or page is None:
        raise Http404
    return HttpResponse(body)


@never_cache
@require_POST
@with_release
def compare_options(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    """The ticked options side by side; the ranking, with what is wrong in words, where they cannot be compared."""
    form = PatientForm(request.POST, knowledge=knowledge)
    ranking = _ranking(form, knowledge)
    comparison = ranking and compare(ranking, knowledge, form.ticked, form.suppositions, today=localdate())
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

    A patient of whom something is only supposed has no file but the text and the PDF, which say so. Who is signed in
    leaves an event, which says what kind of file with which release: nothing of the patient.
    """
    form = PatientForm(request.POST, knowledge=knowledge)
    ranking = _ranking(form, knowledge)
    if ranking is None or (form.suppositions and not DOWNLOADS[kind].says_supposed):
        return answer(request, form, knowledge, ranking)
    taking = DOWNLOADS[kind]
    page = _page(ranking, form, knowledge)
    written_down = taken(page, at=timezone.now(), base=request.build_absolute_uri("/"))
    response = HttpResponse(taking.write(ranking, written_down), content_type=taking.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{taking.name}"'
    if request.user.is_authenticated:
        record("export", taking.name, details={"release": knowledge.release.sha256})
    return response


@never_cache
@require_POST
@with_release
def printed_part(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    """What only a printed page shows of an answer; nothing where what is entered cannot be ranked."""
    form = PatientForm(request.POST, knowledge=knowledge)
    ranking = _ranking(form, knowledge)
    if ranking is None:
        return HttpResponse(status=204)  # an entry that is wrong by now: the page says so, and asks on its own
    return HttpResponse(printed(taken(_page(ranking, form, knowledge), at=timezone.now())))


@dataclass(frozen=True)
class Download:
    """A file that can be taken from the page; `says_supposed` where it says itself what of the patient is supposed."""

    name: str
    content_type: str
    write: Callable[[Ranking, Taken], str | bytes]
    says_supposed: bool = False


TEXT, JSON = "text/plain; charset=utf-8", "application/json; charset=utf-8"
DOWNLOADS = {
    "summary": Download("ranking.txt", TEXT, lambda _ranking, told: summary(told), says_supposed=True),
    "pdf": Download("ranking.pdf", "application/pdf", lambda _ranking, told: _as_pdf(told), says_supposed=True),
    "ranking": Download("ranking.json", JSON, lambda ranking, _told: as_json(ranking)),
    "bundle": Download("ranking-bundle.json", JSON, lambda ranking, _told: bundle(ranking)),
}


def _as_pdf(told: Taken) -> bytes:
    return pdf(ranking_document(told), at=told.made)


def _ranking(form: PatientForm, knowledge: Knowledge) -> Ranking | None:
    """The ranking of what was entered; None where nothing was, or something of it is wrong."""
    if not form.is_valid() or form.patient is None:
        return None
    return rank(form.patient, knowledge.nec_only if form.is_nec_only else knowledge, form.chosen_preference)


def _page(
    ranking: Ranking, form: PatientForm, knowledge: Knowledge, marks: Mapping[str, MoveMark] = NO_MARKS
) -> RankingPage:
    """The ranking as a page; where another preference or other evidence was chosen, with what that moved.

    `marks`: where options stood before the entries were changed.
    """
    is_usual = form.chosen_preference == DEFAULT_PREFERENCE and not form.is_nec_only
    usual = None if is_usual else rank(ranking.patient, knowledge, draws=False, tests=False)
    return present(
        ranking,
        knowledge,
        form.suppositions,
        usual=usual,
        today=localdate(),
        marks=marks,
        reported=releases.reported(),
    )


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
    changes = strip(request.POST, form, ranking, knowledge)
    page = ranking and _page(ranking, form, knowledge, changes.marks)
    said = None
    if form.is_bound:
        said = written(request, form, page, changes, is_comparison_refused=is_comparison_refused)
    if said and request.htmx:
        return HttpResponse(live(request, form, said))
    context = {
        "form": form,
        "page": page,
        "said": said,
        "release": knowledge.release,
        "section": "patient",
        "language_form": "patient-form",
    }
    if form.is_beginning:
        context["beginning"] = beginning(knowledge, today=localdate())
    return render(request, "regimens/patient.html", context)
