"""The benchmark: what later-line regimens achieve in NEC on the whole, computed once when a release is published.

Every estimate is shrunk towards it. Source: METHOD, section 6; rates by the moments of Kleinman (1973) in two passes,
medians by DerSimonian and Laird (1986), applied within regimens and then across them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .evidence import LATER_LINES, MEDIANS, OUTCOMES, RATES, Cohort, LogMedian, Outcome, Rate, speaking_for
from .knowledge import KnowledgeError, cohorts_by_regimen

LOWEST_CORRELATION, HIGHEST_CORRELATION = 0.01, 0.5
LOWEST_VARIANCE_BETWEEN = 0.05


def benchmark_constants(document: Mapping[str, Any]) -> dict[str, Any]:
    """The constants of a release, as plain values that its document stores.

    Raises KnowledgeError when fewer than two regimens report an outcome, since no variation between them can be seen.
    """
    cohorts = cohorts_by_regimen(document)
    groups = {outcome: _groups(cohorts, outcome) for outcome in OUTCOMES}
    for outcome, found in groups.items():
        if len(found) < 2:
            raise KnowledgeError(
                f"{outcome}: {len(found)} regimens with an unselected later-line NEC cohort; a benchmark needs two"
            )
    return {
        "benchmark": {
            **{outcome: rate_benchmark(groups[outcome]) for outcome in RATES},
            **{outcome: median_benchmark(groups[outcome]) for outcome in MEDIANS},
        }
    }


def rate_benchmark(groups: Sequence[Sequence[Any]]) -> dict[str, float]:
    """Mean rate p0, correlation within regimens rho, and strength S = 1/rho - 1 in patients (Kleinman 1973)."""
    patients = [sum(rate.patients for rate in group) for group in groups]
    rates = [sum(rate.events for rate in group) / n for group, n in zip(groups, patients, strict=True)]
    p0, rho = _moments(rates, patients, patients)
    p0, rho = _moments(rates, patients, [n / (1 + rho * (n - 1)) for n in patients])
    return {"p0": p0, "rho": rho, "strength": 1 / rho - 1}


def median_benchmark(groups: Sequence[Sequence[Any]]) -> dict[str, float]:
    """Mean m0 of the log median, its variance between regimens and that between the studies of one.

    DerSimonian and Laird (1986), first within regimens, then across their means.
    """
    parts = [_heterogeneity([(m.log_months, m.variance) for m in group]) for group in groups if len(group) > 1]
    excess, scale = sum(part[0] for part in parts), sum(part[1] for part in parts)
    tau_squared = max(0.0, excess / scale) if scale else 0.0
    means = []
    for group in groups:
        weights = [1 / (median.variance + tau_squared) for median in group]
        mean = sum(w * median.log_months for w, median in zip(weights, group, strict=True)) / sum(weights)
        means.append((mean, 1 / sum(weights)))
    excess, scale = _heterogeneity(means)
    s0_squared = max(LOWEST_VARIANCE_BETWEEN, excess / scale)
    weights = [1 / (variance + s0_squared) for _, variance in means]
    m0 = sum(w * mean for w, (mean, _) in zip(weights, means, strict=True)) / sum(weights)
    return {"m0": m0, "s0_squared": s0_squared, "tau_squared": tau_squared}


def _groups(by_regimen: Mapping[str, Sequence[Cohort]], outcome: Outcome) -> list[list[Rate | LogMedian]]:
    """The figures of each regimen: usable, unselected cohorts of NEC after first line, one a study, no subgroups."""
    groups = []
    for _, cohorts in sorted(by_regimen.items()):
        fitting = [
            cohort
            for cohort in cohorts
            if cohort.is_usable
            and not cohort.is_selected
            and cohort.subgroup is None
            and cohort.histology == "nec"
            and cohort.line in LATER_LINES
        ]
        if chosen := speaking_for(fitting, outcome):
            groups.append([cohort.figures[outcome] for cohort in chosen])
    return groups


def _moments(rates: Sequence[float], patients: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    """One pass: the weighted mean and the correlation that its spread implies."""
    total = sum(weights)
    p0 = sum(w * p for w, p in zip(weights, rates, strict=True)) / total
    spread = sum(w * (p - p0) ** 2 for w, p in zip(weights, rates, strict=True))
    a = sum(w / n * (1 - w / total) for w, n in zip(weights, patients, strict=True))
    b = sum(w * (1 - w / total) for w in weights)
    if not 0 < p0 < 1 or b == a:
        raise KnowledgeError(
            "a benchmark rate is 0 % or 100 %, or rests on single patients: nothing can be shrunk to it"
        )
    rho = (spread / (p0 * (1 - p0)) - a) / (b - a)
    return p0, min(max(rho, LOWEST_CORRELATION), HIGHEST_CORRELATION)


def _heterogeneity(values: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Q less its degrees of freedom, and C, of (value, variance) pairs; their ratio estimates the variance between."""
    weights = [1 / variance for _, variance in values]
    total = sum(weights)
    mean = sum(w * value for w, (value, _) in zip(weights, values, strict=True)) / total
    q = sum(w * (value - mean) ** 2 for w, (value, _) in zip(weights, values, strict=True))
    return q - (len(values) - 1), total - sum(w * w for w in weights) / total
