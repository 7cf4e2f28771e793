"""An estimate in words, and drawn: a median with its interval, and what it rests on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from display.drawings import interval_mark
from regimens.rules.evidence import MEDIANS, OUTCOMES, Benchmark, Outcome

from .outcomes import OUTCOME_TITLES, SHORT_TITLES, figure, percent, studies

# In what steps an axis ends.
AXIS_STEPS: Mapping[Outcome, float] = {"orr": 0.1, "pfs": 3, "os": 6, "grade3": 0.1}


class Estimated(Protocol):
    """An estimate as the rules make it or as a stored ranking has it: a fraction or months, with a 95 % interval."""

    @property
    def median(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def effective_patients(self) -> float: ...
    @property
    def studies(self) -> int: ...
    @property
    def benchmark_share(self) -> float: ...


@dataclass(frozen=True)
class EstimateWords:
    """An estimate as every place says it; a place takes what it has room for.

    median, low, high   figures without a unit: per cent or months
    has_data            false where no cohort speaks for the outcome, and the figures are the benchmark's
    effective           effective patients, from so many `studies`
    benchmark_share     how much of the estimate is the benchmark, in words
    """

    outcome: Outcome
    median: str
    low: str
    high: str
    has_data: bool
    effective: int
    studies: int
    benchmark_share: str

    @cached_property
    def title(self) -> str:
        """The outcome, with months where these are its unit."""
        return str(OUTCOME_TITLES[self.outcome])

    @property
    def short_title(self) -> str:
        return str(SHORT_TITLES[self.outcome])

    @cached_property
    def number(self) -> str:
        """The median under a title that names months."""
        return self.median if self.outcome in MEDIANS else f"{self.median}\N{NO-BREAK SPACE}%"

    @property
    def number_with_unit(self) -> str:
        """The median where nothing else names its unit."""
        return _("%(figure)s mo") % {"figure": self.median} if self.outcome in MEDIANS else self.number

    @property
    def number_written_out(self) -> str:
        """The same in a document, where the unit is written out."""
        return f"{self.median}\N{NO-BREAK SPACE}{_('months')}" if self.outcome in MEDIANS else self.number

    @cached_property
    def interval(self) -> str:
        return f"{self.low}–{self.high}"

    @property
    def basis(self) -> str:
        """What it rests on: effective patients, studies, and how much of it is the benchmark."""
        words = ngettext(
            "%(count)d effective patient in %(studies)s, %(share)s benchmark",
            "%(count)d effective patients in %(studies)s, %(share)s benchmark",
            self.effective,
        )
        return words % {"count": self.effective, "studies": studies(self.studies), "share": self.benchmark_share}

    @property
    def short_basis(self) -> str:
        """The same without the patients."""
        return _("%(studies)s, %(share)s benchmark") % {
            "studies": studies(self.studies),
            "share": self.benchmark_share,
        }


@dataclass(frozen=True)
class Mark:
    """An estimate beside its drawing on an axis that several share."""

    words: EstimateWords
    drawing: SafeString


def estimate_words(outcome: Outcome, estimate: Estimated) -> EstimateWords:
    return EstimateWords(
        outcome=outcome,
        median=figure(outcome, estimate.median),
        low=figure(outcome, estimate.low),
        high=figure(outcome, estimate.high),
        has_data=estimate.studies > 0,
        effective=round(estimate.effective_patients),
        studies=estimate.studies,
        benchmark_share=percent(estimate.benchmark_share),
    )


def estimates_in_words(estimates: Mapping[Outcome, Estimated]) -> Iterator[EstimateWords]:
    """Those of one option, in the order in which every place has them."""
    for outcome in OUTCOMES:
        if outcome in estimates:
            yield estimate_words(outcome, estimates[outcome])


def mark_of(words: EstimateWords, estimate: Estimated, benchmark: Benchmark, ends: Mapping[Outcome, float]) -> Mark:
    """The estimate drawn on the axis of its outcome, which ends at one of `ends`, beside the benchmark."""
    drawing = interval_mark(
        low=estimate.low,
        median=estimate.median,
        high=estimate.high,
        benchmark=benchmark.typical(words.outcome),
        ceiling=ends[words.outcome],
        has_data=words.has_data,
    )
    return Mark(words, drawing)


def axis_ends(highs: Mapping[Outcome, Iterable[float]]) -> dict[Outcome, float]:
    """Just above the widest of the intervals, given by their upper bounds, and one step where there is none."""
    return {outcome: step * math.ceil(max(highs[outcome], default=step) / step) for outcome, step in AXIS_STEPS.items()}
