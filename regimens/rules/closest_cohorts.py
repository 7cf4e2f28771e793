"""Which of the cohorts behind a ranking fit the patient best, whatever regimen they speak for.

Not part of the ranking: it orders by how far each applies (METHOD, section 5), so that a reader can go to the nearest
studies first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .evidence import SUBGROUP_ORDER, Regimen
from .ranking import Ranking
from .synthesis import UsedCohort


@dataclass(frozen=True)
class Closest:
    """A cohort that speaks for the patient, and the regimen that it was given."""

    used: UsedCohort
    regimen: Regimen


def closest_cohorts(ranking: Ranking) -> tuple[Closest, ...]:
    """Every cohort behind the ranking: the greater weight first; of equal ones the more specific, then the larger."""
    return tuple(sorted(_cohorts(ranking), key=_nearness))


def _cohorts(ranking: Ranking) -> Iterator[Closest]:
    for option in ranking.options:
        if option.synthesis:
            yield from (Closest(used, option.regimen) for used in option.synthesis.cohorts)
    for waiting in ranking.needs_test:
        yield from (Closest(used, waiting.regimen) for used in waiting.assessment.synthesis.cohorts)


def _nearness(found: Closest) -> tuple[Any, ...]:
    cohort = found.used.cohort
    return (
        -found.used.weight.product,
        SUBGROUP_ORDER.index(cohort.subgroup_kind),
        -(cohort.size or 0),
        cohort.publication,
        cohort.index,
    )
