"""A cohort in words: what it is and reported, the same for every patient, and how far it applies to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from display.cache import kept
from display.numbers import number
from regimens.models.choices import Design, Histology, Line
from regimens.rules.evidence import Cohort, SiteFit
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import Patient
from regimens.rules.synthesis import UsedCohort, Weight

from .citations import Link, Notice, arm_words, citation, notice_of, publication_links, reported_figures
from .outcomes import SHORT_TITLES, patients, percent
from .readings import disputes, how_result_was_read, readers

BORROWED_FROM: Mapping[str, Promise] = {
    "g3-mixed": gettext_lazy("mixed grade 3"),
    "nen-mixed": gettext_lazy("any grade"),
    "net-g3": gettext_lazy("NET G3"),
    "sclc": gettext_lazy("small-cell lung cancer"),
    "lung-lcnec": gettext_lazy("large-cell lung NEC"),
    "tumour-agnostic": gettext_lazy("any tumour"),
    "other-solid": gettext_lazy("other tumours"),
}
OF_NEC: Mapping[SiteFit, Promise] = {
    "same": gettext_lazy("NEC of this site"),
    "other": gettext_lazy("NEC of another site"),
    "unknown": gettext_lazy("NEC, site not compared"),
}


@dataclass(frozen=True)
class CohortWords:
    """A cohort before it is weighed for anyone: who it was, what it reported, where that was read.

    who    its arm and subgroup, in English, as the evidence base has them
    kind   design, histology and line
    """

    citation: str
    who: str
    kind: str
    size: str
    reported: tuple[tuple[str, str], ...]
    links: tuple[Link, ...]
    read: str
    readers: tuple[str, ...]
    disputes: tuple[str, ...]
    notice: Notice | None


@dataclass(frozen=True)
class CohortLine:
    """A cohort that was used: what it is, how far it applies and its share of each estimate.

    key        of its publication, and `place` its place in it, as the library's page of that calls it
    borrowed   from whom its figures come, as seen from the patient
    """

    words: CohortWords
    key: str
    place: str
    borrowed: str
    weight: str
    factors: str
    shares: str


def cohort_line(used: UsedCohort, patient: Patient, knowledge: Knowledge) -> CohortLine:
    cohort, weight = used.cohort, used.weight
    return CohortLine(
        words=cohort_in_words(cohort, knowledge),
        key=cohort.publication,
        place=f"cohort-{cohort.index}",
        borrowed=borrowed_from(cohort, patient),
        weight=number(weight.product, ".2f"),
        factors=_factors(cohort, weight),
        shares=", ".join(f"{SHORT_TITLES[outcome]} {percent(share)}" for outcome, share in used.shares.items()),
    )


def _factors(cohort: Cohort, weight: Weight) -> str:
    """The factors of the weight, and the distance of another disease, which is the smaller the nearer."""
    factors = _("design %(design)s × histology %(histology)s × line %(line)s × site %(site)s") % {
        "design": number(weight.design),
        "histology": number(weight.histology),
        "line": number(weight.line),
        "site": number(weight.site),
    }
    if not cohort.distance:
        return factors
    return _("%(factors)s; another disease: δ² %(distance)s") % {
        "factors": factors,
        "distance": number(cohort.distance),
    }


def borrowed_from(cohort: Cohort, patient: Patient) -> str:
    """From whom a figure comes, as seen from this patient."""
    if cohort.histology != Histology.NEC:
        return str(BORROWED_FROM[cohort.histology])
    return str(OF_NEC[cohort.site_fits[patient.primary_site]])


def kind_of_cohort(cohort: Cohort) -> str:
    """Design, histology and line: "randomised phase II, NEC, second line"."""
    words = (Design(cohort.design).label, Histology(cohort.histology).label, Line(cohort.line).label)
    return ", ".join(map(str, words))


def cohort_in_words(cohort: Cohort, knowledge: Knowledge) -> CohortWords:
    publication = knowledge.publications[cohort.publication]
    place = (knowledge.release.sha256, cohort.publication, cohort.index)
    return _in_words(_Asked(place, get_language(), cohort, publication))


@dataclass(frozen=True)
class _Asked:
    """A cohort by its place in its release, and the language in which it is asked for."""

    place: tuple[str, str, int]
    language: str | None
    cohort: Cohort = field(compare=False)
    publication: Mapping[str, Any] = field(compare=False)


# A release holds some four hundred cohorts: two languages of it and of the one before.
@kept(most=2048)
def _in_words(asked: _Asked) -> CohortWords:
    cohort, publication = asked.cohort, asked.publication
    result = publication["results"][cohort.index]
    return CohortWords(
        citation=citation(publication),
        who=arm_words(result),
        kind=kind_of_cohort(cohort),
        size=patients(round(cohort.size or 0)),
        reported=tuple(reported_figures(result)),
        links=publication_links(publication),
        read=how_result_was_read(publication, result),
        readers=readers(result),
        disputes=tuple(disputes(publication, result)),
        notice=notice_of(publication),
    )
