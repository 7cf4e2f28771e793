"""Validation: each published figure predicted from a release that does not hold its study, and how good that was.

Computed when a release is published and stored in it. Source: METHOD, section 13; the rank correlation is taken of
differences from the benchmark, since plain correlation is biased when studies are left out (Austin et al. 2025).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from scipy import special

from .benchmark import benchmark_groups, constants_of, is_enough
from .evidence import (
    LATER_LINES,
    MEDIANS,
    OUTCOMES,
    POSITIVE_VALUES,
    RATES,
    SITE_GROUPS,
    Benchmark,
    Cohort,
    LogMedian,
    Outcome,
    Rate,
    speaking_for,
)
from .knowledge import benchmark_of, cohorts_by_regimen
from .patient import TMB_HIGH_FROM, Value
from .synthesis import NORMAL_QUANTILE, BetaPosterior, LogNormalPosterior, Synthesis, synthesise
from .wording import N_, Figure, Sentence, say

Design = Literal["leave-one-study-out", "forward-in-time"]
DESIGNS: tuple[Design, ...] = ("leave-one-study-out", "forward-in-time")
Selection = Literal["all", "nec", "all-informed", "nec-informed"]
SELECTIONS: tuple[Selection, ...] = ("all", "nec", "all-informed", "nec-informed")

FORWARD_FROM_YEAR = 2015
TAIL, SLACK = 0.025, 1e-12
FEWEST_TO_DEMONSTRATE = 10
ERRORS_TO_DEMONSTRATE = 2
LEAST_COVERAGE = 0.90
WATCHED: tuple[Outcome, ...] = ("orr", "pfs", "os")  # whose coverage and gain warn the person who publishes

# Sites that say no place: they are nobody's primary.
_NO_PLACE = frozenset({"any", "other"}) | (SITE_GROUPS.keys() - frozenset().union(*SITE_GROUPS.values()))


@dataclass(frozen=True)
class Prediction:
    """One held-out figure and what was predicted of it; rates are fractions, medians months.

    score, benchmark_score   log probability (rates) or log density (medians) of the figure
    is_inside                whether it lies within the 95 % interval
    is_informed              whether the prediction used a study of the outcome or, for medians, of response
    """

    design: Design
    outcome: Outcome
    publication: str
    index: int
    regimen: str
    study: str
    histology: str
    observed: float
    predicted: float
    low: float
    high: float
    benchmark: float
    score: float
    benchmark_score: float
    is_inside: bool
    is_informed: bool

    @property
    def gain(self) -> float:
        return self.score - self.benchmark_score


@dataclass(frozen=True)
class Summary:
    """The predictions of one design, outcome and selection of targets together; figures None without targets.

    coverage          the share inside their interval       score   the mean log probability or density
    gain              mean of score less the benchmark's, with its standard error clustered by study
    rank_correlation  Spearman's, of prediction and observation, both less the benchmark's
    """

    design: Design
    outcome: Outcome
    selection: Selection
    targets: int
    studies: int
    inside: int
    coverage: float | None
    score: float | None
    gain: float | None
    standard_error: float | None
    rank_correlation: float | None


@dataclass(frozen=True)
class Validation:
    """Every prediction, the table, and which outcomes are demonstrated."""

    predictions: tuple[Prediction, ...]
    table: tuple[Summary, ...]

    def summary(self, design: Design, outcome: Outcome, selection: Selection) -> Summary:
        return next(
            row for row in self.table if (row.design, row.outcome, row.selection) == (design, outcome, selection)
        )

    @property
    def demonstrated(self) -> dict[Outcome, bool]:
        """Whether an outcome was shown to tell regimens apart: see METHOD, section 13."""
        return {outcome: self._is_demonstrated(outcome) for outcome in OUTCOMES}

    def _is_demonstrated(self, outcome: Outcome) -> bool:
        found = self.summary("leave-one-study-out", outcome, "nec-informed")
        if found.gain is None or found.standard_error is None or found.targets < FEWEST_TO_DEMONSTRATE:
            return False
        return found.gain > ERRORS_TO_DEMONSTRATE * found.standard_error

    @property
    def warnings(self) -> tuple[Outcome, ...]:
        """The outcomes of which the person who publishes is warned: their intervals hold too little, or predictions
        are worse than the benchmark's."""
        return tuple(outcome for outcome in WATCHED if self._is_poor(outcome))

    def _is_poor(self, outcome: Outcome) -> bool:
        found = self.summary("leave-one-study-out", outcome, "all")
        if found.coverage is None or found.gain is None or found.standard_error is None:
            return False
        return found.coverage < LEAST_COVERAGE or found.gain < -ERRORS_TO_DEMONSTRATE * found.standard_error

    def sentence(self, outcome: Outcome) -> Sentence:
        """How good the predictions of an outcome were."""
        found = self.summary("leave-one-study-out", outcome, "all")
        parts = {"held": Figure(found.targets), "inside": Figure(found.inside)}
        if self.demonstrated[outcome]:
            return say(
                N_(
                    "Of %(held)s figures held out, %(inside)s fell inside their 95 %% interval; for regimens with "
                    "another study, prediction was better than the benchmark's."
                ),
                **parts,
            )
        return say(
            N_(
                "Of %(held)s figures held out, %(inside)s fell inside their 95 %% interval; prediction is not shown to "
                "be better than the benchmark's."
            ),
            **parts,
        )

    def as_plain(self) -> dict[str, Any]:
        """As a release stores it."""
        return {
            "table": [asdict(row) for row in self.table],
            "predictions": [asdict(each) for each in self.predictions],
            "demonstrated": dict(self.demonstrated),
            "warnings": list(self.warnings),
        }


def validate(document: Mapping[str, Any]) -> Validation:
    """Hold out every figure of a document in turn; the constants are computed anew for each."""
    return validation_of([cohort for found in cohorts_by_regimen(document).values() for cohort in found])


def validation_of(cohorts: Iterable[Cohort]) -> Validation:
    """The same from cohorts."""
    usable = tuple(cohort for cohort in cohorts if cohort.is_usable)
    benchmarks: dict[tuple[object, ...], Benchmark] = {}
    predictions = tuple(
        prediction
        for design in DESIGNS
        for outcome in OUTCOMES
        for target in targets(usable, outcome)
        if (prediction := _predict(target, outcome, design, usable, benchmarks)) is not None
    )
    table = tuple(
        _summary(design, outcome, selection, predictions)
        for design in DESIGNS
        for outcome in OUTCOMES
        for selection in SELECTIONS
    )
    return Validation(predictions, table)


def targets(usable: Iterable[Cohort], outcome: Outcome) -> list[Cohort]:
    """The figures to be held out: one a study and regimen, in the order of regimen and study."""
    fitting: dict[str, list[Cohort]] = {}
    for cohort in usable:
        if (
            outcome in cohort.figures
            and cohort.histology in ("nec", "g3-mixed")
            and cohort.line in LATER_LINES
            and (cohort.subgroup is None or cohort.subgroup_kind == "histology")
            and cohort.regimen
        ):
            fitting.setdefault(cohort.regimen, []).append(cohort)
    chosen = [cohort for _, found in sorted(fitting.items()) for cohort in speaking_for(found, outcome)]
    return sorted(chosen, key=lambda cohort: (str(cohort.regimen), cohort.study_key))


def typical_patient(cohort: Cohort) -> dict[str, Value]:
    """The patient for whom a cohort's figure is predicted, derived features included; nothing is implied."""
    values: dict[str, Value] = {"lines_received": 1, "lines_next": 2}
    if sites := sorted(cohort.members - _NO_PLACE):
        values["primary_site"] = sites[0]
    if cohort.biomarker:
        feature, positive = POSITIVE_VALUES[cohort.biomarker]
        values[feature] = positive
        if feature == "tmb" and isinstance(positive, (int, float)):
            values["tmb_high"] = positive >= TMB_HIGH_FROM
    return values


def _others(target: Cohort, design: Design, usable: Sequence[Cohort]) -> list[Cohort] | None:
    """What the target is predicted from; None where the design does not predict it."""
    others = [cohort for cohort in usable if cohort.study_key != target.study_key]
    if design == "leave-one-study-out":
        return others
    year = target.year
    if year is None or year < FORWARD_FROM_YEAR:
        return None
    return [cohort for cohort in others if cohort.year is not None and cohort.year < year]


def _predict(
    target: Cohort,
    outcome: Outcome,
    design: Design,
    usable: Sequence[Cohort],
    benchmarks: dict[tuple[object, ...], Benchmark],
) -> Prediction | None:
    others = _others(target, design, usable)
    if others is None:
        return None
    groups = benchmark_groups(others)
    if not is_enough(groups["orr"]) or not is_enough(groups[outcome]):
        return None
    benchmark = _benchmark(groups, outcome, benchmarks)
    values = typical_patient(target)
    site = values.get("primary_site")
    applying = [cohort for cohort in others if cohort.regimen == target.regimen and cohort.applies(values)]
    found = synthesise(applying, site if isinstance(site, str) else None, benchmark)
    bare = synthesise([], None, benchmark)
    is_informed = found.estimates[outcome].has_data or (outcome in MEDIANS and found.estimates["orr"].has_data)
    figure = target.figures[outcome]
    if isinstance(figure, Rate):
        result = _of_rate(figure, found.rate(outcome), bare.rate(outcome))
    else:
        spread = figure.variance + benchmark.medians[outcome].variance_within + target.distance
        result = _of_median(figure, found.median(outcome), bare, outcome, spread)
    return Prediction(
        design=design,
        outcome=outcome,
        publication=target.publication,
        index=target.index,
        regimen=str(target.regimen),
        study=target.study_key,
        histology=target.histology,
        is_informed=is_informed,
        **result,
    )


def _benchmark(
    groups: Mapping[Outcome, Mapping[str, Sequence[Cohort]]],
    outcome: Outcome,
    known: dict[tuple[object, ...], Benchmark],
) -> Benchmark:
    """The benchmark of what is left, the same for every target that leaves the same; no other outcome is looked at."""
    wanted = tuple(each for each in OUTCOMES if each == "orr" or each == outcome)
    key = (wanted, *(cohort.place for each in wanted for found in groups[each].values() for cohort in found))
    if key not in known:
        constants = constants_of(groups, wanted)
        # What is not asked for has to be there for pooling, and moves nothing.
        every: dict[str, Any] = {each: constants.get(each, constants["orr"]) for each in RATES}
        every |= {each: constants.get(each, _FLAT) for each in MEDIANS}
        known[key] = benchmark_of(every)
    return known[key]


_FLAT = {"m0": 0.0, "b": 0.0, "s_squared": 1.0, "tau_squared": 1.0, "V_m": 0.0, "V_b": 0.0, "V_mb": 0.0}


def _of_rate(figure: Rate, posterior: BetaPosterior, bare: BetaPosterior) -> dict[str, Any]:
    events, patients = round(figure.events), figure.patients
    counts = np.arange(math.floor(patients) + 1)
    below = np.cumsum(np.exp(_log_beta_binomial(counts, patients, posterior)))
    low, high = (int(np.argmax(below >= level - SLACK)) for level in (TAIL, 1 - TAIL))
    return {
        "observed": figure.events / patients,
        "predicted": posterior.mean,
        "low": low / patients,
        "high": high / patients,
        "benchmark": bare.mean,
        "score": float(_log_beta_binomial(np.array([events]), patients, posterior)[0]),
        "benchmark_score": float(_log_beta_binomial(np.array([events]), patients, bare)[0]),
        "is_inside": low <= events <= high,
    }


def _log_beta_binomial(events: np.ndarray, patients: float, posterior: BetaPosterior) -> np.ndarray:
    """Log probability of so many events: ln C(m, k) + ln B(k + α, m − k + β) − ln B(α, β)."""
    ways = -np.log(patients + 1) - special.betaln(patients - events + 1, events + 1)
    alpha, beta = posterior.alpha, posterior.beta
    found: np.ndarray = ways + special.betaln(events + alpha, patients - events + beta) - special.betaln(alpha, beta)
    return found


def _of_median(
    figure: LogMedian, posterior: LogNormalPosterior, bare: Synthesis, outcome: Outcome, spread: float
) -> dict[str, Any]:
    y = figure.log_months
    benchmark = bare.median(outcome)
    variance = posterior.variance + spread
    reach = NORMAL_QUANTILE * math.sqrt(variance)
    return {
        "observed": math.exp(y),
        "predicted": math.exp(posterior.mean),
        "low": math.exp(posterior.mean - reach),
        "high": math.exp(posterior.mean + reach),
        "benchmark": math.exp(benchmark.mean),
        "score": _log_normal(y, posterior.mean, variance),
        "benchmark_score": _log_normal(y, benchmark.mean, benchmark.variance + spread),
        "is_inside": abs(y - posterior.mean) <= reach,
    }


def _log_normal(y: float, mean: float, variance: float) -> float:
    return -(math.log(2 * math.pi * variance) + (y - mean) ** 2 / variance) / 2


def _summary(design: Design, outcome: Outcome, selection: Selection, predictions: Iterable[Prediction]) -> Summary:
    found = [
        each
        for each in predictions
        if each.design == design
        and each.outcome == outcome
        and (not selection.startswith("nec") or each.histology == "nec")
        and (not selection.endswith("informed") or each.is_informed)
    ]
    studies = len({each.study for each in found})
    inside = sum(each.is_inside for each in found)
    if not found:
        return Summary(design, outcome, selection, 0, 0, 0, None, None, None, None, None)
    number = len(found)
    gain = math.fsum(each.gain for each in found) / number
    by_study: dict[str, float] = {}
    for each in found:
        by_study[each.study] = by_study.get(each.study, 0.0) + each.gain - gain
    return Summary(
        design=design,
        outcome=outcome,
        selection=selection,
        targets=number,
        studies=studies,
        inside=inside,
        coverage=inside / number,
        score=math.fsum(each.score for each in found) / number,
        gain=gain,
        standard_error=math.sqrt(math.fsum(total**2 for total in by_study.values())) / number,
        rank_correlation=_rank_correlation(outcome, found),
    )


def _rank_correlation(outcome: Outcome, found: Sequence[Prediction]) -> float | None:
    """Of prediction less the benchmark's with observation less the mean of those; None where one is constant."""

    def scaled(number: float) -> float:
        return math.log(number) if outcome in MEDIANS and number > 0 else number

    typical = math.fsum(scaled(each.benchmark) for each in found) / len(found)
    predicted = _midranks([round(scaled(each.predicted) - scaled(each.benchmark), 12) for each in found])
    observed = _midranks([round(scaled(each.observed) - typical, 12) for each in found])
    one, other = (ranks - ranks.mean() for ranks in (predicted, observed))
    spread = math.sqrt(float((one**2).sum()) * float((other**2).sum()))
    return float((one * other).sum()) / spread if spread else None


def _midranks(values: Sequence[float]) -> np.ndarray:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, inverse, counts = np.unique(np.array(values), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    found: np.ndarray = (ends - (counts - 1) / 2)[inverse]
    return found


def plotted(validation: Validation, design: Design, outcome: Outcome) -> Iterator[Prediction]:
    """The points of a plot of predicted against observed, each leading to its cohort."""
    return (each for each in validation.predictions if each.design == design and each.outcome == outcome)
