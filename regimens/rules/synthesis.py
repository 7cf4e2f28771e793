"""Pools the cohorts of a regimen into estimates for one patient, shrunk towards the benchmark.

A power prior (Ibrahim and Chen 2000) discounts each cohort's patients by how far it applies. Rates are beta-binomial,
medians normal-normal on the log scale. Source: METHOD, sections 3, 5 and 6.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from scipy import special

from .evidence import (
    LATER_LINES,
    OUTCOMES,
    RATES,
    Benchmark,
    Cohort,
    LogMedian,
    Outcome,
    Rate,
    Regimen,
    SiteFit,
    speaking_for,
)
from .knowledge import Knowledge
from .patient import Patient

NORMAL_QUANTILE = {0.025: -1.959964, 0.5: 0.0, 0.975: 1.959964}
SELECTED_LOOSENS_PRIOR = 4
ACTIVE_RATE = 0.10  # a response rate above this is activity
COHORT_FOR_LEVEL = 10

DESIGN_WEIGHT: Mapping[str, float] = MappingProxyType(
    {
        "randomised-phase-3": 1,
        "randomised-phase-2": 1,
        "single-arm-phase-2": 0.9,
        "basket-phase-2": 0.9,
        "phase-1": 0.7,
        "prospective-observational": 0.7,
        "retrospective": 0.5,
        "registry": 0.5,
        "case-series": 0.3,
        "case-report": 0.2,
    }
)
HISTOLOGY_WEIGHT: Mapping[str, float] = MappingProxyType(
    {
        "nec": 1,
        "g3-mixed": 0.7,
        "nen-mixed": 0.4,
        "lung-lcnec": 0.4,
        "sclc": 0.3,
        "other-solid": 0.25,
        "net-g3": 0.2,
    }
)
TUMOUR_AGNOSTIC_WEIGHT = {True: 0.7, False: 0.4}  # by whether the cohort was selected by a biomarker
LINE_WEIGHT: Mapping[str, float] = MappingProxyType(
    {"second": 1, "second-or-later": 1, "later": 0.9, "any": 0.7, "first": 0.4}
)
SITE_WEIGHT: Mapping[SiteFit, float] = MappingProxyType({"same": 1, "unknown": 0.8, "other": 0.6})


@dataclass(frozen=True)
class Weight:
    """How far a cohort applies to a patient: the four factors of METHOD section 5 and their product."""

    design: float
    histology: float
    line: float
    site: float

    @property
    def product(self) -> float:
        return self.design * self.histology * self.line * self.site


@dataclass(frozen=True, kw_only=True)
class CohortRecord:
    """A cohort that speaks for the patient as it travels (`record`): by its publication's key and its place there."""

    publication: str
    index: int
    outcomes: tuple[Outcome, ...]
    weight: float
    shares: Mapping[Outcome, float]


@dataclass(frozen=True)
class UsedCohort:
    """A cohort that speaks for the patient: for which outcomes, how far it applies, its share of each estimate."""

    cohort: Cohort
    outcomes: tuple[Outcome, ...]
    weight: Weight
    shares: Mapping[Outcome, float]

    @cached_property
    def record(self) -> CohortRecord:
        """As it travels; made once, since the release keeps a synthesis for the next patient."""
        return CohortRecord(
            publication=self.cohort.publication,
            index=self.cohort.index,
            outcomes=self.outcomes,
            weight=self.weight.product,
            shares=dict(self.shares),
        )


@dataclass(frozen=True)
class BetaPosterior:
    """What is known of a rate: Beta(alpha, beta)."""

    alpha: float
    beta: float

    def quantile(self, probability: float) -> float:
        return float(special.betaincinv(self.alpha, self.beta, probability))

    def above(self, rate: float) -> float:
        """The probability that the rate is above the given one."""
        return float(special.betaincc(self.alpha, self.beta, rate))

    def logit_moments(self) -> tuple[float, float]:
        """Mean and standard deviation of the logit of the rate."""
        mean = special.psi(self.alpha) - special.psi(self.beta)
        variance = special.polygamma(1, self.alpha) + special.polygamma(1, self.beta)
        return float(mean), math.sqrt(float(variance))


@dataclass(frozen=True)
class LogNormalPosterior:
    """What is known of a median in months: normal on the log scale."""

    mean: float
    variance: float

    @property
    def sd(self) -> float:
        return math.sqrt(self.variance)

    def quantile(self, probability: float) -> float:
        return math.exp(self.mean + NORMAL_QUANTILE[probability] * self.sd)

    def above(self, log_months: float) -> float:
        """The probability that the median is above the one whose logarithm is given."""
        return float(special.ndtr((self.mean - log_months) / self.sd))


Posterior = BetaPosterior | LogNormalPosterior


@dataclass(frozen=True, kw_only=True)
class EstimateRecord:
    """One outcome as it travels (`record`): a fraction or months, with a 95 % interval and what it rests on."""

    median: float
    low: float
    high: float
    effective_patients: float
    studies: int
    benchmark_share: float
    no_data: bool


@dataclass(frozen=True)
class Estimate:
    """One outcome of a regimen for this patient: a fraction (orr, grade3) or months (pfs, os), with a 95 % interval.

    effective_patients   patients behind it after weighting, from so many `studies`
    benchmark_share      how much of the estimate is the prior
    """

    posterior: Posterior
    effective_patients: float
    studies: int
    benchmark_share: float

    @cached_property
    def median(self) -> float:
        return self.posterior.quantile(0.5)

    @cached_property
    def low(self) -> float:
        return self.posterior.quantile(0.025)

    @cached_property
    def high(self) -> float:
        return self.posterior.quantile(0.975)

    @property
    def has_data(self) -> bool:
        return self.studies > 0

    @cached_property
    def record(self) -> EstimateRecord:
        """As it travels; made once, as above."""
        return EstimateRecord(
            median=self.median,
            low=self.low,
            high=self.high,
            effective_patients=self.effective_patients,
            studies=self.studies,
            benchmark_share=self.benchmark_share,
            no_data=not self.has_data,
        )


@dataclass(frozen=True)
class Synthesis:
    """The estimates of a regimen for a patient, and the cohorts that they rest on."""

    estimates: Mapping[Outcome, Estimate]
    cohorts: tuple[UsedCohort, ...]
    is_selected: bool

    @cached_property
    def level(self) -> str:
        """The level of evidence that the cohorts give (METHOD, section 8).

        B prospective in NEC after first line; C retrospective in NEC, or prospective in mixed grade 3; D anything else.
        """
        large = [used.cohort for used in self.cohorts if (used.cohort.size or 0) >= COHORT_FOR_LEVEL]
        if any(c.is_prospective and c.histology == "nec" and c.line in LATER_LINES for c in large):
            return "B"
        if any(not c.is_prospective and c.histology == "nec" for c in large):
            return "C"
        if any(used.cohort.is_prospective and used.cohort.histology == "g3-mixed" for used in self.cohorts):
            return "C"
        return "D"

    @cached_property
    def chance_of_activity(self) -> float:
        """The probability that the response rate is that of an active regimen."""
        rate = self.estimates["orr"].posterior
        assert isinstance(rate, BetaPosterior)
        return rate.above(ACTIVE_RATE)

    @cached_property
    def moments(self) -> tuple[tuple[float, float], ...]:
        """For each of OUTCOMES mean and standard deviation on the scale on which it is drawn: logit or log months."""
        posteriors = [self.estimates[outcome].posterior for outcome in OUTCOMES]
        return tuple(p.logit_moments() if isinstance(p, BetaPosterior) else (p.mean, p.sd) for p in posteriors)


def synthesis_of(regimen: Regimen, patient: Patient, knowledge: Knowledge) -> Synthesis:
    """The estimates of a regimen for a patient; the release keeps those of its own regimens for the next patient."""
    if knowledge.regimens.get(regimen.slug) is not regimen:
        return synthesise(regimen.cohorts, patient, knowledge.benchmark)
    key = regimen.slug, regimen.evidence(patient.values)
    found: Synthesis | None = knowledge.syntheses.get(key)
    if found is None:
        found = knowledge.syntheses[key] = synthesise(regimen.cohorts, patient, knowledge.benchmark)
    return found


def synthesise(cohorts: Sequence[Cohort], patient: Patient, benchmark: Benchmark) -> Synthesis:
    """Pool the usable cohorts of a regimen for a patient; an outcome without any keeps the benchmark."""
    chosen = choose(cohorts, patient)
    weights = {id(cohort): weight(cohort, patient) for found in chosen.values() for cohort in found}
    selected = any(cohort.is_selected for found in chosen.values() for cohort in found)
    estimates: dict[Outcome, Estimate] = {}
    shares: dict[int, dict[Outcome, float]] = {key: {} for key in weights}
    for outcome in OUTCOMES:
        found = [(cohort, weights[id(cohort)].product) for cohort in chosen[outcome]]
        pool = _pool_rate if outcome in RATES else _pool_median
        posterior, prior_share, parts = pool(found, outcome, benchmark, selected)
        estimates[outcome] = Estimate(
            posterior,
            effective_patients=sum(a * (cohort.size or 0) for cohort, a in found),
            studies=len(found),
            benchmark_share=prior_share,
        )
        for (cohort, _), part in zip(found, parts, strict=True):
            shares[id(cohort)][outcome] = part
    distinct = {id(cohort): cohort for found in chosen.values() for cohort in found}
    used = tuple(
        UsedCohort(cohort, tuple(shares[key]), weights[key], MappingProxyType(shares[key]))
        for key, cohort in sorted(distinct.items(), key=lambda item: (item[1].publication, item[1].index))
    )
    return Synthesis(MappingProxyType(estimates), used, selected)


def choose(cohorts: Sequence[Cohort], patient: Patient) -> dict[Outcome, tuple[Cohort, ...]]:
    """For each outcome, the one cohort of each study that speaks for the patient (METHOD, section 3).

    Where any of them was selected by a biomarker, the unselected ones are dropped for every outcome.
    """
    applying = [cohort for cohort in cohorts if cohort.applies(patient.values)]
    chosen = {outcome: speaking_for(applying, outcome) for outcome in OUTCOMES}
    if any(cohort.is_selected for found in chosen.values() for cohort in found):
        return {outcome: tuple(cohort for cohort in found if cohort.is_selected) for outcome, found in chosen.items()}
    return chosen


def weight(cohort: Cohort, patient: Patient) -> Weight:
    """How far a cohort applies to the patient (METHOD, section 5)."""
    if cohort.histology == "tumour-agnostic":
        histology = TUMOUR_AGNOSTIC_WEIGHT[cohort.is_selected]
    else:
        histology = HISTOLOGY_WEIGHT[cohort.histology]
    return Weight(
        DESIGN_WEIGHT[cohort.design],
        histology,
        LINE_WEIGHT[cohort.line],
        SITE_WEIGHT[cohort.site_fits[patient.primary_site]],
    )


_Pooled = tuple[Posterior, float, list[float]]


def _pool_rate(
    found: Sequence[tuple[Cohort, float]], outcome: Outcome, benchmark: Benchmark, selected: bool
) -> _Pooled:
    """Beta-binomial: the posterior, the benchmark's share and each cohort's."""
    prior = benchmark.rates[outcome]
    strength = prior.strength / SELECTED_LOOSENS_PRIOR if selected else prior.strength
    alpha, beta, patients = prior.mean * strength, (1 - prior.mean) * strength, []
    for cohort, a in found:
        rate = cohort.figures[outcome]
        assert isinstance(rate, Rate)
        alpha += a * rate.events
        beta += a * (rate.patients - rate.events)
        patients.append(a * rate.patients)
    total = alpha + beta
    return BetaPosterior(alpha, beta), strength / total if found else 1.0, [n / total for n in patients]


def _pool_median(
    found: Sequence[tuple[Cohort, float]], outcome: Outcome, benchmark: Benchmark, selected: bool
) -> _Pooled:
    """Normal-normal on the log scale: the posterior, the benchmark's share and each cohort's."""
    prior = benchmark.medians[outcome]
    prior_precision = 1 / (prior.variance_between * (SELECTED_LOOSENS_PRIOR if selected else 1))
    precision, weighted, terms = prior_precision, prior.mean * prior_precision, []
    for cohort, a in found:
        median = cohort.figures[outcome]
        assert isinstance(median, LogMedian)
        term = 1 / (median.variance / a + prior.variance_within)
        precision += term
        weighted += median.log_months * term
        terms.append(term)
    posterior = LogNormalPosterior(weighted / precision, 1 / precision)
    return posterior, prior_precision / precision, [term / precision for term in terms]
