"""The constants of the rules as tables: the source of those in docs/method.md and of the weights on the page /method/.

`python -m regimens.wording.method_tables` (`make method`) puts them between the markers of the document, whose prose
names a constant behind its figure: “5 patients (`evidence.MINIMAL_SIZE`)”. Tests compare both with the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any

from regimens.rules import assessment, benchmark, evidence, ordering, patient, synthesis
from regimens.rules.evidence import RATES
from regimens.rules.logic import Criterion
from regimens.rules.missing_tests import OTHERS_TRIED, POSITIVE_VALUE

DOCUMENT = Path(__file__).parents[2] / "docs" / "method.md"
BETWEEN_MARKERS = re.compile(r"(?<=<!-- table: )(?P<name>[a-z-]+)( -->\n).*?(?=\n<!-- end -->)", re.DOTALL)

Row = tuple[object, ...]
Weights = tuple[tuple[str, float], ...]

# Every single figure of the rules: what it is, its unit, and the constant that holds it.
FIGURES = (
    ("Edition of the method", "", "knowledge.EDITION"),
    ("Platinum-free interval from which the disease is resistant", "months", "patient.RESISTANT_FROM_MONTHS"),
    ("… intermediate", "months", "patient.INTERMEDIATE_FROM_MONTHS"),
    ("… sensitive", "months", "patient.SENSITIVE_FROM_MONTHS"),
    ("TMB from which it is high", "mutations per megabase", "patient.TMB_HIGH_FROM"),
    ("Ki-67 up to which a NET G3 is possible", "percent", "patient.NET_G3_KI67_UP_TO"),
    ("Ki-67 below which the diagnosis is to be checked", "percent", "patient.NEC_KI67_FROM"),
    ("Performance status at which no treatment is advised", "ECOG", "patient.ECOG_WITHOUT_TREATMENT"),
    ("Smallest cohort that is pooled", "patients", "evidence.MINIMAL_SIZE"),
    ("Confidence of an interval where none is given", "percent", "knowledge.USUAL_CI_LEVEL"),
    ("Division of the exponential variance: no interval counts as narrower", "", "knowledge.NARROWEST"),
    ("Distance of mixed cohorts, and of tumour-agnostic selected ones", "δ², log scale", "evidence.DISTANCE_MIXED"),
    ("Distance of cohorts with another disease", "δ², log scale", "evidence.DISTANCE_OTHER"),
    ("Correlation within a study in NEC", "φ", "benchmark.CORRELATION_WITHIN"),
    ("Correlation that each unit of distance adds", "φ", "benchmark.CORRELATION_OF_DISTANCE"),
    ("Quantile of the normal distribution for 97.5 %", "", "synthesis.NORMAL_QUANTILE"),
    ("Loosening of the benchmark for selected cohorts", "", "synthesis.SELECTED_LOOSENS_PRIOR"),
    ("Fewest cohorts of a benchmark", "cohorts", "benchmark.FEWEST_COHORTS"),
    ("Fewest regimens of a benchmark", "regimens", "benchmark.FEWEST_REGIMENS"),
    ("Lowest correlation within regimens", "ρ", "benchmark.LOWEST_CORRELATION"),
    ("Highest correlation within regimens", "ρ", "benchmark.HIGHEST_CORRELATION"),
    ("Scale of the half-normal priors of s and τ", "log scale", "benchmark.VARIANCE_SCALE"),
    ("Overall survival that counts in full", "months", "ordering.OS_CEILING_MONTHS"),
    ("Progression-free survival that counts in full", "months", "ordering.PFS_CEILING_MONTHS"),
    ("Response rate that counts in full", "fraction", "ordering.ORR_CEILING"),
    ("Response rate above which a regimen is active", "fraction", "synthesis.ACTIVE_RATE"),
    ("Probability of activity below which it is limited", "", "assessment.FAIR_CHANCE_OF_ACTIVITY"),
    ("Difference up to which utilities are equal", "", "ordering.EQUAL_UTILITY"),
    ("Performance status from which supportive care is first", "ECOG", "ranking.FRAIL"),
    ("Difference up to which shares of an estimate are equal", "", "synthesis.EQUAL_SHARE"),
    ("Smallest cohort that counts for a level of evidence", "patients", "synthesis.COHORT_FOR_LEVEL"),
    ("Draws", "", "ordering.DRAWS"),
    ("Seed of the draws", "", "ordering.SEED"),
    ("Share of the draws below which neighbours are about equal", "fraction", "ordering.ABOUT_EQUAL"),
    ("Probability from which the order of two options is sure", "", "ordering.SURE"),
    ("Most regimens that a test is said to open", "regimens", "missing_tests.MOST_OPENED"),
    ("Digits of a number as it is written", "significant digits", "record.SIGNIFICANT_DIGITS"),
    ("Difference up to which two rankings agree", "", "record.AGREEMENT"),
    ("Year from which figures are predicted forward in time", "", "validation.FORWARD_FROM_YEAR"),
    ("Probability on each side of an interval of prediction", "t", "validation.TAIL"),
    ("Slack of that", "ε", "validation.SLACK"),
    ("Fewest targets for an outcome to be demonstrated", "figures", "validation.FEWEST_TO_DEMONSTRATE"),
    ("Standard errors that its gain has to exceed", "", "validation.ERRORS_TO_DEMONSTRATE"),
    ("Coverage below which a release carries a warning", "fraction", "validation.LEAST_COVERAGE"),
)


def constant(name: str) -> Any:
    """A constant of the rules by module and name: `constant("ordering.DRAWS")`."""
    module, _, attribute = name.partition(".")
    return getattr(import_module(f"regimens.rules.{module}"), attribute)


def weights() -> Mapping[str, Weights]:
    """How far a cohort applies, by factor: design, histology, line and site, each with its weights by key."""
    agnostic = {
        f"tumour-agnostic, {'selected' if selected else 'unselected'}": weight
        for selected, weight in synthesis.TUMOUR_AGNOSTIC_WEIGHT.items()
    }
    histologies = {**synthesis.HISTOLOGY_WEIGHT, **agnostic}
    return MappingProxyType(
        {
            "design": tuple(synthesis.DESIGN_WEIGHT.items()),
            "histology": tuple(sorted(histologies.items(), key=lambda row: -row[1])),
            "line": tuple(synthesis.LINE_WEIGHT.items()),
            "site": tuple((str(fit), weight) for fit, weight in synthesis.SITE_WEIGHT.items()),
        }
    )


def tables() -> dict[str, str]:
    """Every table of the document by the name in its marker, as Markdown."""
    found = weights()
    return {
        "features": _table("feature", "kind", "allowed; `patient.FEATURES`", rows=_features(patient.FEATURES.values())),
        "derived": _table("feature", "kind", "values; `patient.DERIVED`", rows=_features(patient.DERIVED.values())),
        "units": _table(
            "feature, in the order of `patient.OTHER_UNITS`",
            "values that give `unit-KEY`",
            "what the number may be",
            rows=[(_code(one.feature), _in_words(one), one.looks_like) for one in patient.OTHER_UNITS],
        ),
        "outcomes": _table(
            "outcome, in the order of `evidence.OUTCOMES`",
            "kind",
            rows=[(_code(name), "rate" if name in RATES else "median, months") for name in evidence.OUTCOMES],
        ),
        "selected-by": _table(
            "biomarker of a cohort",
            "positive in a patient; `evidence.POSITIVE_FOR`",
            rows=[(_code(name), _in_short(when)) for name, when in evidence.POSITIVE_FOR.items()],
        ),
        "biomarkers": _table(
            "features that are biomarkers; `evidence.BIOMARKER_FEATURES`",
            rows=[(_listed(name for name in patient.FEATURES if name in evidence.BIOMARKER_FEATURES),)],
        ),
        "subgroups": _table(
            "place",
            "kind of subgroup; `evidence.SUBGROUP_ORDER`",
            rows=[(at, kind or "whole arm") for at, kind in enumerate(evidence.SUBGROUP_ORDER, start=1)],
        ),
        "designs": _table("design", "weight; `synthesis.DESIGN_WEIGHT`", rows=found["design"]),
        "histologies": _table(
            "histology of the cohort",
            "weight; `synthesis.HISTOLOGY_WEIGHT`, `synthesis.TUMOUR_AGNOSTIC_WEIGHT`",
            rows=found["histology"],
        ),
        "lines": _table("line", "weight; `synthesis.LINE_WEIGHT`", rows=found["line"]),
        "sites": _table("fit of the sites", "weight; `synthesis.SITE_WEIGHT`", rows=found["site"]),
        "distances": _table(
            "histology of the cohort",
            "δ²",
            "constant",
            rows=[
                ("nec", 0, ""),
                ("g3-mixed; tumour-agnostic, selected", evidence.DISTANCE_MIXED, "`evidence.DISTANCE_MIXED`"),
                ("every other", evidence.DISTANCE_OTHER, "`evidence.DISTANCE_OTHER`"),
            ],
        ),
        "grid": _table(
            "what",
            "value",
            "constant",
            rows=[
                ("values of s and of τ", _listed_numbers(benchmark.GRID), "`benchmark.GRID`"),
                ("scale of the half-normal priors of s and τ", benchmark.VARIANCE_SCALE, "`benchmark.VARIANCE_SCALE`"),
                *((f"sd_b of {outcome}", sd, "`benchmark.SLOPE_SD`") for outcome, sd in benchmark.SLOPE_SD.items()),
            ],
        ),
        "site-groups": _table(
            "site of a cohort",
            "sites of a patient; `evidence.SITE_GROUPS`",
            rows=[
                (_code(group), _listed(site for site in patient.SITES if site in members))
                for group, members in evidence.SITE_GROUPS.items()
            ],
        ),
        "preferences": _table(
            "preference; `ordering.PREFERENCES`",
            *("os", "pfs", "orr", "tox"),
            rows=[
                (
                    _code(name) + " (default)" * (name == ordering.DEFAULT_PREFERENCE),
                    one.os,
                    one.pfs,
                    one.orr,
                    one.grade3,
                )
                for name, one in ordering.PREFERENCES.items()
            ],
        ),
        "bands": _table(
            "band, in the order in which they are shown",
            "rank numbers; `assessment.RANKED_BANDS`",
            rows=[(_code(band), "yes" if band in assessment.RANKED_BANDS else "no") for band in assessment.Band],
        ),
        "designs-and-lines": _table(
            "is",
            "of",
            rows=[
                ("prospective", _listed(_designs(prospective=True))),
                ("retrospective; `evidence.RETROSPECTIVE_DESIGNS`", _listed(_designs(prospective=False))),
                ("a later line; `evidence.LATER_LINES`", _listed(sorted(evidence.LATER_LINES))),
                ("ruling out; `evidence.RULING_OUT`", _listed(evidence.RULING_OUT)),
            ],
        ),
        "tried": _table(
            "feature that is not known",
            "tried as; `missing_tests.POSITIVE_VALUE`",
            rows=[
                *((_code(name), value) for name, value in POSITIVE_VALUE.items()),
                *((_code(name), "values of the criteria; `missing_tests.OTHERS_TRIED`") for name in OTHERS_TRIED),
            ],
        ),
        "figures": _table(
            "figure",
            "value",
            "unit",
            "constant",
            rows=[(what, constant(name), unit, _code(name)) for what, unit, name in FIGURES],
        ),
    }


def filled_in(document: str) -> str:
    """The document with every table as the constants give it. Raises KeyError for a marker of an unknown table."""
    found = tables()
    return BETWEEN_MARKERS.sub(lambda match: f"{match['name']}{match[2]}\n{found[match['name']]}", document)


def _features(features: Iterable[patient.Feature]) -> Iterator[Row]:
    """A line for each run of features that may have the same values."""
    for (kind, allowed), run in groupby(features, key=lambda feature: (feature.kind, feature.allowed)):
        yield _listed(feature.name for feature in run), kind, allowed


def _designs(*, prospective: bool) -> Iterator[str]:
    return (name for name in synthesis.DESIGN_WEIGHT if (name not in evidence.RETROSPECTIVE_DESIGNS) is prospective)


def _in_words(unit: patient.OtherUnit) -> str:
    """The values that look like another unit: "above 0 and at most 1"."""
    bounds = (("above", unit.above), ("at most", unit.at_most), ("below", unit.below))
    return " and ".join(f"{name} {bound:g}" for name, bound in bounds if bound is not None)


def _listed_numbers(numbers: Iterable[float]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)


def _in_short(when: Criterion) -> str:
    """A comparison as section 2 writes it."""
    return _code("{" + ", ".join(f"{key}: {_plain(value)}" for key, value in when.items()) + "}")


def _plain(value: object) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def _code(text: str) -> str:
    return f"`{text}`"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(_code, names))


def _table(*heads: str, rows: Iterable[Row]) -> str:
    lines = [heads, ["---"] * len(heads), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _cell(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    DOCUMENT.write_text(filled_in(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
