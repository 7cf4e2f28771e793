"""The studies that fit a patient best, across options."""

from __future__ import annotations

from dataclasses import dataclass

from ..rules.closest import Closest
from .options import CohortLine, OptionPresenter


@dataclass(frozen=True)
class ClosestLine:
    """A cohort near to the patient, with the regimen that it was given."""

    cohort: CohortLine
    regimen: str
    slug: str


def closest_line(found: Closest, presenter: OptionPresenter) -> ClosestLine:
    return ClosestLine(presenter.cohort_line(found.used), found.regimen.name, found.regimen.slug)
