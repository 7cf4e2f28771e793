"""The pages of the library; their state is in the address, since no patient is on them.

But for the trials, which are also checked against a patient: one who comes by POST, with the state beside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from audit.events import record
from regimens import releases
from regimens.models.choices import InForceBy, Region
from regimens.pages.patient_form import PatientForm
from regimens.pages.views import answer, with_release
from regimens.reported import searched_until
from regimens.rules.knowledge import Knowledge
from regimens.rules.readings import state_of_publication
from regimens.wording.citations import citation

from . import biomarkers, drugs, evidence, found, guidelines, method, options, trials, validation
from .filters import relaxations
from .frame import Shown, framed, page, taken
from .parts import newest_reading

PER_PAGE = 40
EVIDENCE_FIELDS = tuple(evidence.EvidenceFilter.base_fields)
GUIDELINE_FIELDS = tuple(guidelines.GuidelineFilter.base_fields)
TRIAL_FIELDS = tuple(trials.TrialFilter.base_fields)

Page = Callable[..., HttpResponse]
Context = Mapping[str, Any]


def on_release(view: Page) -> Page:
    """A page of the release in force, which is only read."""
    return require_safe(with_release(view))


@on_release
def search(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    """What the whole library has of what is searched for."""
    words, today = taken(request, "q").get("q", ""), timezone.localdate()

    def context() -> Context:
        kinds = found.found(knowledge, words, today)
        return {"kinds": kinds, "q": words, "count": sum(kind.count for kind in kinds)}

    shown = Shown("search", _("Search"), "library/search.html", words)
    return page(request, knowledge, shown, context, words, today)


@on_release
def option_list(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    words = taken(request, "q").get("q", "")

    def context() -> Context:
        return {
            "groups": options.option_groups(knowledge, words),
            "q": words,
            "regions": list(Region),
            "guessed": found.names_guessed(words, options.all_options(knowledge)),
        }

    return page(request, knowledge, Shown("options", _("Options"), "library/options.html"), context, words)


@on_release
def option_detail(request: HttpRequest, knowledge: Knowledge, slug: str) -> HttpResponse:
    today = timezone.localdate()
    shown = Shown("options", _named(knowledge.regimens, slug).name, "library/option.html", about=("regimens", slug))
    return page(request, knowledge, shown, lambda: {"option": options.option_page(knowledge, slug, today)}, slug, today)


@on_release
def drug_list(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    words = taken(request, "q").get("q", "")
    shown = Shown("drugs", _("Drugs"), "library/drugs.html")

    def context() -> Context:
        guessed = found.names_guessed(words, drugs.all_drugs(knowledge))
        return {"groups": drugs.listed_drugs(knowledge, words), "q": words, "guessed": guessed}

    return page(request, knowledge, shown, context, words)


@on_release
def drug_detail(request: HttpRequest, knowledge: Knowledge, slug: str) -> HttpResponse:
    today = timezone.localdate()
    shown = Shown("drugs", _named(knowledge.drugs, slug).name, "library/drug.html", about=("drugs", slug))
    return page(request, knowledge, shown, lambda: {"drug": drugs.drug_page(knowledge, slug, today)}, slug, today)


@on_release
def evidence_list(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    asked, number = taken(request, *EVIDENCE_FIELDS), request.GET.get("page", "")[:6]

    def context() -> Context:
        chosen = evidence.EvidenceFilter(asked)
        entries = evidence.listed(knowledge, chosen)
        return {
            "form": chosen,
            "meant": evidence.meant_by(knowledge, chosen.words),
            "q": chosen.words,
            "guessed": found.names_guessed(chosen.words, evidence.evidence_entries(knowledge)),
            "count": len(entries),
            "total": len(knowledge.publications),
            "entries": Paginator(entries, PER_PAGE).get_page(number),
            "address": urlencode(asked),
            "relaxed": () if entries else relaxations(chosen, _publications_left),
        }

    def _publications_left(values: Mapping[str, str]) -> int:
        return len(evidence.listed(knowledge, evidence.EvidenceFilter(values)))

    shown = Shown("evidence", _("Evidence"), "library/evidence.html")
    return page(request, knowledge, shown, context, tuple(asked.items()), number)


@on_release
def evidence_csv(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    entries = evidence.listed(knowledge, evidence.EvidenceFilter(taken(request, *EVIDENCE_FIELDS)))
    if request.method == "GET":
        record("export", "evidence.csv", details={"release": knowledge.release.sha256, "rows": len(entries)})
    response = HttpResponse(evidence.as_csv(entries, knowledge), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="evidence-{knowledge.release.sha256[:7]}.csv"'
    return response


@on_release
def evidence_detail(request: HttpRequest, knowledge: Knowledge, key: str) -> HttpResponse:
    shown = Shown(
        "evidence",
        citation(_named(knowledge.publications, key)),
        "library/publication.html",
        about=("publications", key),
    )
    return page(request, knowledge, shown, lambda: {"publication": evidence.publication_page(knowledge, key)}, key)


@on_release
def biomarker_list(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    words = taken(request, "q").get("q", "")

    def context() -> Context:
        guessed = found.names_guessed(words, biomarkers.biomarker_pages(knowledge))
        return {"biomarkers": biomarkers.listed_biomarkers(knowledge, words), "q": words, "guessed": guessed}

    return page(request, knowledge, Shown("biomarkers", _("Biomarkers"), "library/biomarkers.html"), context, words)


@on_release
def biomarker_detail(request: HttpRequest, knowledge: Knowledge, slug: str) -> HttpResponse:
    names = {row["slug"]: row["name"] for row in knowledge.document["biomarkers"]}
    shown = Shown("biomarkers", _named(names, slug), "library/biomarker.html", about=("biomarkers", slug))
    today = timezone.localdate()

    def context() -> Context:
        biomarker = biomarkers.biomarker_page(knowledge, slug)
        groups = guidelines.society_groups(biomarker.statements if biomarker else (), today)
        return {"biomarker": biomarker, "groups": groups}

    return page(request, knowledge, shown, context, slug, today)


@on_release
def guideline_list(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    asked, today = taken(request, *GUIDELINE_FIELDS), timezone.localdate()

    def context() -> Context:
        chosen = guidelines.GuidelineFilter(asked, knowledge)
        statements = guidelines.listed_statements(knowledge, chosen)
        return {
            "form": chosen,
            "groups": guidelines.society_groups(statements, today),
            "count": len(statements),
            "total": len(knowledge.guidelines),
            "q": asked.get("q", ""),
            "guessed": found.names_guessed(asked.get("q", ""), guidelines.all_statements(knowledge).values()),
            "relaxed": () if statements else relaxations(chosen, _statements_left),
        }

    def _statements_left(values: Mapping[str, str]) -> int:
        return len(guidelines.listed_statements(knowledge, guidelines.GuidelineFilter(values, knowledge)))

    shown = Shown("guidelines", _("Guidelines"), "library/guidelines.html")
    return page(request, knowledge, shown, context, tuple(asked.items()), today)


@require_http_methods(["GET", "HEAD", "POST"])
@with_release
def trial_list(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    """Every trial; where a patient is sent, each with whether the patient fits it."""
    return _checked_trials(request, knowledge) if request.method == "POST" else _all_trials(request, knowledge)


def _all_trials(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    asked, today = taken(request, *TRIAL_FIELDS), timezone.localdate()

    def context() -> Context:
        chosen = trials.TrialFilter(asked, knowledge)
        groups = trials.trial_groups(knowledge, chosen, today)
        left = partial(_trials_left, knowledge)
        return _trial_context(knowledge, chosen, groups) | {"relaxed": () if groups else relaxations(chosen, left)}

    return page(request, knowledge, _shown_trials(), context, tuple(asked.items()), today)


@never_cache
def _checked_trials(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    """Nothing of it is kept."""
    entered = PatientForm(request.POST, knowledge=knowledge)
    if not entered.is_valid() or entered.patient is None:
        return answer(request, entered, knowledge, None)
    chosen = trials.TrialFilter(request.POST, knowledge, with_fit=True)
    groups = trials.checked_trial_groups(knowledge, chosen, entered.patient, timezone.localdate())
    context = _trial_context(knowledge, chosen, groups) | {
        "seen_in": knowledge.release.sha256,
        "patient": trials.trial_patient(entered.patient, knowledge, entered.suppositions),
        "entered": entered,
    }
    shown = _shown_trials()
    content = render_to_string(shown.template, context, request)
    return framed(request, knowledge, shown, content, language_form="page-form")


def _trial_context(
    knowledge: Knowledge, chosen: trials.TrialFilter, groups: tuple[trials.TrialGroup, ...]
) -> dict[str, Any]:
    count = sum(len(group.trials) for group in groups)
    guessed = found.names_guessed(chosen.words, trials.all_trials(knowledge).values())
    total = len(knowledge.document["trials"])
    return {"form": chosen, "groups": groups, "count": count, "total": total, "q": chosen.words, "guessed": guessed}


def _trials_left(knowledge: Knowledge, values: Mapping[str, str]) -> int:
    groups = trials.trial_groups(knowledge, trials.TrialFilter(values, knowledge), timezone.localdate())
    return sum(len(group.trials) for group in groups)


def _shown_trials() -> Shown:
    return Shown("trials", _("Trials"), "library/trials.html")


@on_release
def method_page(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    def context() -> Context:
        return {"method": method.method_page(knowledge), "sentences": validation.outcome_sentences(knowledge)}

    return page(request, knowledge, Shown("method", _("Method"), "library/method.html"), context)


@on_release
def validation_page(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    """How well the estimates of the release predict figures held out, as it was computed when it was published."""
    shown = Shown("method", _("Validation"), "library/validation.html")
    return page(request, knowledge, shown, lambda: {"validation": validation.validation_page(knowledge)})


@on_release
def about(request: HttpRequest, knowledge: Knowledge) -> HttpResponse:
    history, searched = releases.history(), searched_until()

    def context() -> Context:
        lists = ("publications", "regimens", "drugs", "licences", "guidelines", "trials")
        counts = {name: len(knowledge.document[name]) for name in lists}
        read_twice = sum(state_of_publication(row) == "twice" for row in knowledge.publications.values())
        not_read = sum(row["verified"] == "none" for row in knowledge.publications.values())
        return {
            "counts": counts,
            "read_twice": read_twice,
            "not_read": not_read,
            "release": knowledge.release,
            "history": [(one, InForceBy(one.how).label) for one in history],
            "newest_reading": newest_reading(knowledge),
            "searched": searched,
        }

    return page(request, knowledge, Shown("about", _("About"), "library/about.html"), context, history, searched)


def _named(entries: Mapping[str, Any], key: str) -> Any:
    if key not in entries:
        raise Http404
    return entries[key]
