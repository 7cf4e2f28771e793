"""The benchmark: what later-line regimens achieve in NEC on the whole, computed once when a release is published.

Every estimate is shrunk towards it. Source: METHOD, section 6; rates by the moments of Kleinman (1973) in two passes,
medians by posterior means over a fixed grid of the variances between and within regimens.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .evidence import LATER_LINES, MEDIANS, OUTCOMES, RATES, Cohort, LogMedian, Outcome, Rate, speaking_for
from .knowledge import KnowledgeError, cohorts_by_regimen

LOWEST_CORRELATION, HIGHEST_CORRELATION = 0.01, 0.5
FEWEST_COHORTS, FEWEST_REGIMENS = 5, 3
CORRELATION_WITHIN = 0.02  # φ of a cohort in NEC: studies of one regimen differ by more than chance
CORRELATION_OF_DISTANCE = 0.16  # φ that each unit of δ² adds

GRID = np.arange(1, 21) * 0.05  # of s and of τ, on the log scale
VARIANCE_SCALE = 0.25  # of the half-normal priors of s and τ
SLOPE_SD: Mapping[Outcome, float] = {"pfs": 0.5, "os": 0.15}  # prior standard deviation of b

Groups = Mapping[str, Sequence[Cohort]]


def benchmark_constants(document: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """The constants of a release, by outcome, as plain values that its document stores.

    Raises KnowledgeError when an outcome has fewer than five benchmark cohorts, or those of fewer than three regimens.
    """
    cohorts = [cohort for found in cohorts_by_regimen(document).values() for cohort in found]
    groups = benchmark_groups(cohorts)
    if missing := next((outcome for outcome in OUTCOMES if not is_enough(groups[outcome])), None):
        found = groups[missing]
        raise KnowledgeError(
            f"{missing}: {sum(map(len, found.values()))} unselected later-line NEC cohorts of {len(found)} regimens; a "
            f"benchmark needs {FEWEST_COHORTS} of {FEWEST_REGIMENS}"
        )
    return constants_of(groups, OUTCOMES)


def benchmark_groups(cohorts: Iterable[Cohort]) -> dict[Outcome, dict[str, tuple[Cohort, ...]]]:
    """The cohorts that make the benchmark of each outcome, by regimen in the order of slugs."""
    fitting: dict[str, list[Cohort]] = {}
    for cohort in cohorts:
        if (
            cohort.is_usable
            and not cohort.is_selected
            and cohort.subgroup is None
            and cohort.histology == "nec"
            and cohort.line in LATER_LINES
            and cohort.regimen
        ):
            fitting.setdefault(cohort.regimen, []).append(cohort)
    found: dict[Outcome, dict[str, tuple[Cohort, ...]]] = {}
    for outcome in OUTCOMES:
        chosen = {slug: speaking_for(each, outcome) for slug, each in sorted(fitting.items())}
        found[outcome] = {slug: each for slug, each in chosen.items() if each}
    return found


def is_enough(groups: Groups) -> bool:
    """Whether so many cohorts and regimens make a benchmark."""
    return sum(map(len, groups.values())) >= FEWEST_COHORTS and len(groups) >= FEWEST_REGIMENS


def constants_of(groups: Mapping[Outcome, Groups], outcomes: Iterable[Outcome]) -> dict[str, dict[str, float]]:
    """The constants of the outcomes named; those of a median need the groups of response too."""
    found: dict[str, dict[str, float]] = {}
    wanted = list(outcomes)
    for outcome in RATES:
        if outcome in wanted or (outcome == "orr" and any(median in wanted for median in MEDIANS)):
            found[outcome] = rate_benchmark([_rates(cohorts, outcome) for cohorts in groups[outcome].values()])
    for outcome in MEDIANS:
        if outcome in wanted:
            responses = {
                slug: _log_odds_above(_rates(cohorts, "orr"), found["orr"]["p0"], found["orr"]["S"])
                for slug, cohorts in groups["orr"].items()
            }
            medians = [_medians(cohorts, outcome) for cohorts in groups[outcome].values()]
            above = [responses.get(slug, 0.0) for slug in groups[outcome]]
            found[outcome] = median_benchmark(medians, above, SLOPE_SD[outcome])
    return found


def rate_benchmark(groups: Sequence[Sequence[Rate]]) -> dict[str, float]:
    """Mean rate p0 and strength S = 1/ρ − 1 in patients, ρ the correlation within regimens (Kleinman 1973)."""
    patients = np.array([sum(rate.patients for rate in group) for group in groups], dtype=float)
    rates = np.array([sum(rate.events for rate in group) for group in groups], dtype=float) / patients
    _, rho = _moments(rates, patients, patients)
    p0, rho = _moments(rates, patients, patients / (1 + rho * (patients - 1)))
    return {"p0": p0, "S": 1 / rho - 1}


def _moments(rates: np.ndarray, patients: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    total = float(weights.sum())
    p0 = float((weights * rates).sum()) / total
    spread = float((weights * (rates - p0) ** 2).sum())
    a = float((weights / patients * (1 - weights / total)).sum())
    b = float((weights * (1 - weights / total)).sum())
    if not 0 < p0 < 1 or not b > a:
        raise KnowledgeError("a rate of the benchmark is 0 % or 100 %, or rests on single patients")
    rho = (spread / (p0 * (1 - p0)) - a) / (b - a)
    return p0, min(max(rho, LOWEST_CORRELATION), HIGHEST_CORRELATION)


def discounted(weight: float, patients: float, distance: float) -> float:
    """a′ of METHOD section 6: with what weight each patient of a cohort counts for a rate."""
    phi = CORRELATION_WITHIN + CORRELATION_OF_DISTANCE * distance
    return weight / (1 + phi * max(weight * patients - 1, 0))


def _log_odds_above(rates: Sequence[Rate], p0: float, strength: float) -> float:
    """x of METHOD section 6 for a regimen: its log odds of response above the benchmark's."""
    alpha, beta = p0 * strength, (1 - p0) * strength
    for rate in rates:
        weight = discounted(1, rate.patients, 0)
        alpha += weight * rate.events
        beta += weight * (rate.patients - rate.events)
    return math.log(alpha / beta) - math.log(p0 / (1 - p0))


def median_benchmark(
    groups: Sequence[Sequence[LogMedian]], above: Sequence[float], slope_sd: float
) -> dict[str, float]:
    """The seven constants of a median, posterior means over the grid (METHOD, section 6).

    `above` is x of each regimen: its log odds of response above the benchmark's.
    """
    found = _over_the_grid(groups, above, slope_sd)
    alike = _over_the_grid(groups, [0.0] * len(groups), slope_sd)
    return {**found, "tau_squared": alike["tau_squared"]}


def _over_the_grid(groups: Sequence[Sequence[LogMedian]], above: Sequence[float], slope_sd: float) -> dict[str, float]:
    s_squared, tau_squared = (axis.ravel() ** 2 for axis in np.meshgrid(GRID, GRID, indexing="ij"))
    log_weight = np.zeros_like(s_squared)
    a, b, y, x, r = (np.zeros_like(s_squared) for _ in range(5))
    c = np.full_like(s_squared, 1 / slope_sd**2)
    for group, x_r in zip(groups, above, strict=True):
        total, weighted, squares = (np.zeros_like(s_squared) for _ in range(3))
        for median in group:
            weight = 1 / (median.variance + tau_squared)
            log_weight += np.log(weight) / 2
            total += weight
            weighted += weight * median.log_months
            squares += weight * median.log_months**2
        mean = weighted / total
        variance = 1 / total + s_squared
        log_weight -= (squares - total * mean**2) / 2 + np.log(total) / 2 + np.log(variance) / 2
        g = 1 / variance
        a += g
        b += g * x_r
        c += g * x_r**2
        y += g * mean
        x += g * x_r * mean
        r += g * mean**2
    d = a * c - b**2
    m = (c * y - b * x) / d
    slope = (a * x - b * y) / d
    log_weight -= (s_squared + tau_squared) / (2 * VARIANCE_SCALE**2) + (r - m * y - slope * x) / 2 + np.log(d) / 2
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()

    def expected(values: np.ndarray) -> float:
        return float((weight * values).sum())

    m0, b0 = expected(m), expected(slope)
    return {
        "m0": m0,
        "b": b0,
        "s_squared": expected(s_squared),
        "tau_squared": expected(tau_squared),
        "V_m": expected(c / d + (m - m0) ** 2),
        "V_b": expected(a / d + (slope - b0) ** 2),
        "V_mb": expected(-b / d + (m - m0) * (slope - b0)),
    }


def _rates(cohorts: Iterable[Cohort], outcome: Outcome) -> list[Rate]:
    return [figure for cohort in cohorts if isinstance(figure := cohort.figures[outcome], Rate)]


def _medians(cohorts: Iterable[Cohort], outcome: Outcome) -> list[LogMedian]:
    return [figure for cohort in cohorts if isinstance(figure := cohort.figures[outcome], LogMedian)]
