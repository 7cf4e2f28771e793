"""Pools the cohorts of a regimen into estimates for one patient, shrunk towards the benchmark.

A power prior (Ibrahim and Chen 2000) discounts each cohort's patients by how far it applies. Rates are beta-binomial,
with a correlation within studies; medians normal-normal on the log scale, around a mean that moves with the response
rate. Source: METHOD, sections 3, 5 and 6.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from scipy import special

from .benchmark import discounted
from .evidence import (
    LATER_LINES,
    MEDIANS,
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
from .logic import Truth

NORMAL_QUANTILE = 1.959964  # of 97.5 %
SELECTED_LOOSENS_PRIOR = 4
ACTIVE_RATE = 0.10  # a response rate above this is activity
COHORT_FOR_LEVEL = 10

# What a synthesis takes with all that is worked out of it later, and each of its cohorts besides: rather too much.
SYNTHESIS_BYTES, COHORT_BYTES = 12_000, 3_000
EQUAL_SHARE = 1e-12

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

    @property
    def mean(self) -> float:
        return self.alpha / (self.alpha + self.beta)

    @cached_property
    def interval(self) -> tuple[float, float]:
        """The 2.5 % and 97.5 % quantiles."""
        low, high = (float(special.betaincinv(self.alpha, self.beta, p)) for p in (0.025, 0.975))
        return low, high

    def above(self, rate: float) -> float:
        """The probability that the rate is above the given one."""
        return float(special.betaincc(self.alpha, self.beta, rate))

    @cached_property
    def logit_moments(self) -> tuple[float, float]:
        """Mean and standard deviation of the logit of the rate: ψ(α) − ψ(β) and √(ψ′(α) + ψ′(β))."""
        mean = special.psi(self.alpha) - special.psi(self.beta)
        variance = special.polygamma(1, self.alpha) + special.polygamma(1, self.beta)
        return float(mean), math.sqrt(float(variance))


@dataclass(frozen=True)
class LogNormalPosterior:
    """What is known of a median in months: normal on the log scale.

    from_response   the part of the standard deviation that the error of the response rate brings, with the sign of b:
                    c of METHOD section 9
    factor          exp(q·b·x): what the response rate has done to the estimate
    """

    mean: float
    variance: float
    from_response: float
    factor: float

    @property
    def sd(self) -> float:
        return math.sqrt(self.variance)

    @property
    def interval(self) -> tuple[float, float]:
        reach = NORMAL_QUANTILE * self.sd
        return math.exp(self.mean - reach), math.exp(self.mean + reach)


Posterior = BetaPosterior | LogNormalPosterior
P = TypeVar("P", BetaPosterior, LogNormalPosterior)


@dataclass(frozen=True, kw_only=True)
class EstimateRecord:
    """One outcome as it travels (`record`): a fraction or months, with a 95 % interval and what it rests on.

    response   for a median, by what factor the response rate has moved it
    """

    estimate: float
    low: float
    high: float
    effective_patients: float
    studies: int
    benchmark_share: float
    no_data: bool
    response: float | None = None


@dataclass(frozen=True)
class Estimate:
    """One outcome of a regimen for this patient: a fraction (orr, grade3) or months (pfs, os), with a 95 % interval.

    value                the mean of a rate, exp(mean) of a log median
    effective_patients   patients behind it after weighting, from so many `studies`
    benchmark_share      how much of the estimate is the prior
    published            the cohort whose published figure stands beside it; None without data
    """

    posterior: Posterior
    value: float
    effective_patients: float
    studies: int
    benchmark_share: float
    published: Cohort | None

    @property
    def estimate(self) -> float:
        """The value under the name that it has where it travels."""
        return self.value

    @property
    def low(self) -> float:
        return self.posterior.interval[0]

    @property
    def high(self) -> float:
        return self.posterior.interval[1]

    @property
    def has_data(self) -> bool:
        return self.studies > 0

    @property
    def response(self) -> float | None:
        return self.posterior.factor if isinstance(self.posterior, LogNormalPosterior) else None

    @cached_property
    def record(self) -> EstimateRecord:
        """As it travels; made once, as above."""
        low, high = self.posterior.interval
        return EstimateRecord(
            estimate=self.value,
            low=low,
            high=high,
            effective_patients=self.effective_patients,
            studies=self.studies,
            benchmark_share=self.benchmark_share,
            no_data=not self.has_data,
            response=self.response,
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

        B prospective in NEC after first line; C retrospective there, or prospective in mixed grade 3; D anything else.
        """
        large = [
            used.cohort
            for used in self.cohorts
            if (used.cohort.size or 0) >= COHORT_FOR_LEVEL and used.cohort.line in LATER_LINES
        ]
        if any(cohort.is_prospective and cohort.histology == "nec" for cohort in large):
            return "B"
        if any(cohort.histology == ("g3-mixed" if cohort.is_prospective else "nec") for cohort in large):
            return "C"
        return "D"

    @cached_property
    def chance_of_activity(self) -> float:
        """The probability that the response rate is that of an active regimen."""
        return self.rate("orr").above(ACTIVE_RATE)

    def rate(self, outcome: Outcome) -> BetaPosterior:
        posterior = self.estimates[outcome].posterior
        assert isinstance(posterior, BetaPosterior)
        return posterior

    def median(self, outcome: Outcome) -> LogNormalPosterior:
        posterior = self.estimates[outcome].posterior
        assert isinstance(posterior, LogNormalPosterior)
        return posterior

    @cached_property
    def moments(self) -> tuple[tuple[float, float, float], ...]:
        """For each of OUTCOMES how it is drawn, on the logit or the log scale: mean, and what the numbers of the draw
        are multiplied with: that of response (z₁) and its own (METHOD, section 9)."""
        found = []
        for outcome in OUTCOMES:
            posterior = self.estimates[outcome].posterior
            if isinstance(posterior, BetaPosterior):
                mean, sd = posterior.logit_moments
                found.append((mean, sd, 0.0) if outcome == "orr" else (mean, 0.0, sd))
            else:
                own = math.sqrt(max(posterior.variance - posterior.from_response**2, 0.0))
                found.append((posterior.mean, posterior.from_response, own))
        return tuple(found)

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What others have worked out of it, for whoever asks again: terms of the utility by preference, texts."""
        return {}

    @cached_property
    def told(self) -> tuple[bool, ...]:
        """Whether a study tells of response, PFS and OS, or of response."""
        responses = self.estimates["orr"].has_data
        return tuple([responses or self.estimates[outcome].has_data for outcome in ("orr", *MEDIANS)])

    @cached_property
    def means_and_variances(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Those of response, PFS and OS on the scale on which two options are compared."""
        found = self.comparable.values()
        return tuple([mean for mean, _ in found]), tuple([sd**2 for _, sd in found])

    @cached_property
    def comparable(self) -> Mapping[Outcome, tuple[float, float]]:
        """Mean and standard deviation of response, PFS and OS on the scale on which two options are compared."""
        found: dict[Outcome, tuple[float, float]] = {"orr": self.rate("orr").logit_moments}
        for outcome in MEDIANS:
            found[outcome] = self.median(outcome).mean, self.median(outcome).sd
        return MappingProxyType(found)


def synthesis_of(regimen: Regimen, truths: Sequence[Truth], site: str | None, knowledge: Knowledge) -> Synthesis:
    """The estimates of a regimen for a patient; the release keeps those of its own regimens for the next patient.

    `truths` are those of the release's criteria for the patient.
    """
    evidence = regimen.evidence(truths, site)
    key = regimen.slug, evidence
    found: Synthesis | None = knowledge.syntheses.get(key)
    if found is None:
        applying = [regimen.cohorts[position] for position, _ in evidence]
        found = synthesise(applying, site, knowledge.benchmark)
        knowledge.syntheses.keep(key, found, SYNTHESIS_BYTES + COHORT_BYTES * len(applying))
    return found


def synthesise(applying: Sequence[Cohort], site: str | None, benchmark: Benchmark) -> Synthesis:
    """Pool the usable cohorts of a regimen that apply to a patient; an outcome without any keeps the prior."""
    chosen = choose(applying)
    distinct = {cohort.place: cohort for found in chosen.values() for cohort in found}
    weights = {place: weight(cohort, site) for place, cohort in distinct.items()}
    selected = any(cohort.is_selected for cohort in distinct.values())
    shares: dict[tuple[str, int], dict[Outcome, float]] = {place: {} for place in weights}
    estimates: dict[Outcome, Estimate] = {}
    for outcome in OUTCOMES:
        found = [(cohort, weights[cohort.place].product) for cohort in chosen[outcome]]
        pooled: Pooled[BetaPosterior] | Pooled[LogNormalPosterior]
        if outcome in RATES:
            pooled = pool_rate(found, outcome, benchmark, selected)
            value = pooled.posterior.mean
        else:
            response = estimates["orr"].posterior
            assert isinstance(response, BetaPosterior)
            pooled = pool_median(found, outcome, benchmark, selected, response)
            value = math.exp(pooled.posterior.mean)
        for (cohort, _), share in zip(found, pooled.shares, strict=True):
            shares[cohort.place][outcome] = share
        estimates[outcome] = Estimate(
            pooled.posterior,
            value,
            effective_patients=pooled.effective_patients,
            studies=len(found),
            benchmark_share=pooled.benchmark_share,
            published=_published([cohort for cohort, _ in found], pooled.shares),
        )
    used = tuple(
        UsedCohort(
            distinct[place],
            tuple(outcome for outcome in OUTCOMES if outcome in shares[place]),
            weights[place],
            MappingProxyType({outcome: shares[place][outcome] for outcome in OUTCOMES if outcome in shares[place]}),
        )
        for place in sorted(distinct)
    )
    return Synthesis(MappingProxyType({outcome: estimates[outcome] for outcome in OUTCOMES}), used, selected)


def _published(cohorts: Sequence[Cohort], shares: Sequence[float]) -> Cohort | None:
    """The cohort with the largest share, of equal ones the first by publication and index."""
    if not cohorts:
        return None
    least = max(shares) - EQUAL_SHARE
    largest = [cohort for cohort, share in zip(cohorts, shares, strict=True) if share >= least]
    return min(largest, key=lambda cohort: cohort.place)


def choose(applying: Iterable[Cohort]) -> dict[Outcome, tuple[Cohort, ...]]:
    """For each outcome, the one cohort of each study that speaks for the patient (METHOD, section 3).

    Where any of them was selected by a biomarker, the unselected ones are dropped for every outcome.
    """
    cohorts = tuple(applying)
    chosen = {outcome: speaking_for(cohorts, outcome) for outcome in OUTCOMES}
    if any(cohort.is_selected for found in chosen.values() for cohort in found):
        return {outcome: tuple(cohort for cohort in found if cohort.is_selected) for outcome, found in chosen.items()}
    return chosen


def weight(cohort: Cohort, site: str | None) -> Weight:
    """How far a cohort applies to a patient with that primary site (METHOD, section 5)."""
    if cohort.histology == "tumour-agnostic":
        histology = TUMOUR_AGNOSTIC_WEIGHT[cohort.is_selected]
    else:
        histology = HISTOLOGY_WEIGHT[cohort.histology]
    return Weight(
        DESIGN_WEIGHT[cohort.design], histology, LINE_WEIGHT[cohort.line], SITE_WEIGHT[cohort.site_fits[site]]
    )


@dataclass(frozen=True)
class Pooled(Generic[P]):
    """A posterior, with the shares of the benchmark and of each cohort in its mean."""

    posterior: P
    benchmark_share: float
    shares: tuple[float, ...]
    effective_patients: float


def pool_rate(
    found: Sequence[tuple[Cohort, float]], outcome: Outcome, benchmark: Benchmark, selected: bool
) -> Pooled[BetaPosterior]:
    """Beta-binomial, each cohort with its weight discounted by the correlation within studies."""
    prior = benchmark.rates[outcome]
    strength = prior.strength / SELECTED_LOOSENS_PRIOR if selected else prior.strength
    alpha, beta = prior.mean * strength, (1 - prior.mean) * strength
    patients, effective = [], 0.0
    for cohort, a in found:
        rate = cohort.figures[outcome]
        assert isinstance(rate, Rate)
        counts = discounted(a, rate.patients, cohort.distance)
        alpha += counts * rate.events
        beta += counts * (rate.patients - rate.events)
        patients.append(counts * rate.patients)
        effective += counts * (cohort.size or 0)
    total = alpha + beta
    share = strength / total if found else 1.0
    return Pooled(BetaPosterior(alpha, beta), share, tuple(each / total for each in patients), effective)


def pool_median(
    found: Sequence[tuple[Cohort, float]],
    outcome: Outcome,
    benchmark: Benchmark,
    selected: bool,
    response: BetaPosterior,
) -> Pooled[LogNormalPosterior]:
    """Normal-normal on the log scale, around a mean that moves with the response rate of the same regimen."""
    prior = benchmark.medians[outcome]
    x = math.log(response.alpha / response.beta) - benchmark.rates["orr"].logit
    omega = 1 / response.alpha + 1 / response.beta
    between = prior.variance_between * (SELECTED_LOOSENS_PRIOR if selected else 1)
    variance = (
        between + prior.slope**2 * omega + prior.mean_variance + 2 * x * prior.covariance + x**2 * prior.slope_variance
    )
    precision, terms, observed = 1 / variance, [], []
    for cohort, a in found:
        median = cohort.figures[outcome]
        assert isinstance(median, LogMedian)
        term = 1 / (median.variance / a + prior.variance_within + cohort.distance)
        precision += term
        terms.append(term)
        observed.append(median.log_months)
    q = 1 / (variance * precision)
    shares = tuple(term / precision for term in terms)
    moved = q * prior.slope * x
    mean = q * prior.mean + moved + sum(share * y for share, y in zip(shares, observed, strict=True))
    posterior = LogNormalPosterior(
        mean,
        1 / precision,
        from_response=q * prior.slope * math.sqrt(omega),
        factor=math.exp(moved),
    )
    effective = sum((a * (cohort.size or 0) for cohort, a in found), 0.0)
    return Pooled(posterior, q if found else 1.0, shares, effective)
