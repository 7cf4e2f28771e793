"""The method in the library, with the constants in force: those of the release, and those of the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from display.numbers import number, percent
from regimens.models.choices import Design, Histology, Line
from regimens.rules import assessment, ordering, synthesis
from regimens.rules.benchmark import CORRELATION_OF_DISTANCE, CORRELATION_WITHIN
from regimens.rules.evidence import DISTANCE_MIXED, DISTANCE_OTHER, MINIMAL_SIZE, OUTCOMES, RATES, Outcome
from regimens.rules.knowledge import EDITION, Knowledge
from regimens.wording import method_tables
from regimens.wording.outcomes import ENOUGH_PAIRS
from regimens.wording.sentences import ACTIVE

OUTCOME_NAMES: Mapping[Outcome, Promise] = {
    "orr": gettext_lazy("Objective response"),
    "pfs": gettext_lazy("Progression-free survival"),
    "os": gettext_lazy("Overall survival"),
    "grade3": gettext_lazy("Events of grade 3 or worse"),
}


@dataclass(frozen=True)
class WeightTable:
    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MethodPage:
    """most_patients, most_elsewhere: for how many patients a study counts at most, in NEC and in another disease."""

    edition: int
    benchmark: tuple[tuple[str, str, str], ...]
    weights: tuple[WeightTable, ...]
    distance_mixed: str
    distance_other: str
    most_patients: str
    most_elsewhere: str
    preferences: tuple[tuple[str, str, str, str, str], ...]
    smallest_cohort: int
    loosening: int
    draws: int
    about_equal: str
    sure: str
    enough_pairs: str
    ceilings: tuple[str, str, str]
    active_rate: str
    fair_activity: str


def method_page(knowledge: Knowledge) -> MethodPage:
    return MethodPage(
        edition=EDITION,
        benchmark=tuple(_benchmark(knowledge)),
        weights=tuple(_weights()),
        distance_mixed=number(DISTANCE_MIXED),
        distance_other=number(DISTANCE_OTHER),
        most_patients=number(1 / CORRELATION_WITHIN, ".0f"),
        most_elsewhere=number(1 / (CORRELATION_WITHIN + CORRELATION_OF_DISTANCE * DISTANCE_OTHER), ".0f"),
        preferences=tuple(
            (ACTIVE.text(p.label), *(number(share, ".2f") for share in (p.os, p.pfs, p.orr, p.grade3)))
            for p in ordering.PREFERENCES.values()
        ),
        smallest_cohort=MINIMAL_SIZE,
        loosening=synthesis.SELECTED_LOOSENS_PRIOR,
        draws=ordering.DRAWS,
        about_equal=percent(100 * ordering.ABOUT_EQUAL, ".0f"),
        sure=percent(100 * ordering.SURE, ".0f"),
        enough_pairs=percent(100 * ENOUGH_PAIRS, ".0f"),
        ceilings=(
            number(ordering.OS_CEILING_MONTHS),
            number(ordering.PFS_CEILING_MONTHS),
            percent(100 * ordering.ORR_CEILING, ".0f"),
        ),
        active_rate=percent(100 * synthesis.ACTIVE_RATE, ".0f"),
        fair_activity=number(assessment.FAIR_CHANCE_OF_ACTIVITY),
    )


def _benchmark(knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    for outcome in OUTCOMES:
        name = str(OUTCOME_NAMES[outcome])
        if outcome in RATES:
            rate = knowledge.benchmark.rates[outcome]
            prior = _("counts as much as %(patients)s patients") % {"patients": number(rate.strength, ".3g")}
            yield name, percent(100 * rate.mean, ".1f"), prior
        else:
            median = knowledge.benchmark.medians[outcome]
            months = number(knowledge.benchmark.typical(outcome), ".1f")
            prior = _(
                "variance of its logarithm %(between)s between regimens, %(within)s between the studies of one; moves "
                "by %(slope)s for each unit of the log odds of response"
            ) % {
                "between": number(median.variance_between, ".3g"),
                "within": number(median.variance_within, ".3g"),
                "slope": number(median.slope, ".2g"),
            }
            yield name, _("%(figure)s months") % {"figure": months}, prior


def _weights() -> Iterator[WeightTable]:
    weights = method_tables.weights()
    agnostic = {
        "tumour-agnostic, selected": _("any tumour with the biomarker, selected by it"),
        "tumour-agnostic, unselected": _("any tumour with the biomarker, not selected"),
    }
    sites = {
        "same": _("the patient’s site is among the cohort’s"),
        "unknown": _("either is not known"),
        "other": _("another site"),
    }
    yield WeightTable(_("Design"), _rows((str(Design(key).label), x) for key, x in weights["design"]))
    yield WeightTable(
        _("Histology of the cohort"),
        _rows((agnostic.get(key) or str(Histology(key).label), x) for key, x in weights["histology"]),
    )
    yield WeightTable(_("Line"), _rows((str(Line(key).label), x) for key, x in weights["line"]))
    yield WeightTable(_("Primary site"), _rows((sites[key], x) for key, x in weights["site"]))


def _rows(weights: Iterable[tuple[str, float]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, number(weight)) for name, weight in weights)
