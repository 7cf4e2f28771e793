"""Times to an event of which some are not over yet, by the estimator of Kaplan and Meier (1958).

Plain numbers in and out; the estimate and its confidence intervals are SciPy's. Times are whole months, as follow-up is
kept; an event and an end of observation in one month count in that order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

# `scipy.stats` takes half a second to load: it is loaded when the first curve is made, not when the process starts.
import scipy

CONFIDENCE_LEVEL = 0.95
# A share of one half may come out a rounding error above it.
_HALF = 0.5 + 1e-12


@dataclass(frozen=True)
class Time:
    """How long one patient was observed, in months, and whether that ended with the event."""

    months: int
    is_event: bool


@dataclass(frozen=True)
class Interval:
    """The confidence bounds of a share."""

    low: float
    high: float


@dataclass(frozen=True)
class MedianInterval:
    """The confidence bounds of a median, in months; `high` is None where it is not reached."""

    low: int
    high: int | None


@dataclass(frozen=True)
class Step:
    """From this month on, this share has had no event; `at_risk` were observed up to it.

    interval    None where everybody has had the event: the formula has no value there
    """

    months: int
    at_risk: int
    events: int
    share: float
    interval: Interval | None


@dataclass(frozen=True)
class Curve:
    """What share of `patients` has had no event after so many months."""

    patients: int
    events: int
    longest: int
    steps: tuple[Step, ...]

    @property
    def median(self) -> int | None:
        """The first month by which half or more have had the event; None where that is not reached."""
        return next((step.months for step in self.steps if step.share <= _HALF), None)

    @property
    def median_interval(self) -> MedianInterval | None:
        """From the first month whose lower bound is one half or less to the first whose upper bound is.

        These are the months at which a median there is not rejected (Brookmeyer and Crowley 1982, with the bounds of
        `curve`). None where not even a lower bound comes down to one half.
        """
        bounded = [(step.months, step.interval) for step in self.steps if step.interval]
        low = next((months for months, bounds in bounded if bounds.low <= _HALF), None)
        high = next((months for months, bounds in bounded if bounds.high <= _HALF), None)
        return MedianInterval(low, high) if low is not None else None

    def share_at(self, months: int) -> float:
        """The share without an event after so many months; meaningful up to `longest`."""
        step = self._step_at(months)
        return step.share if step else 1.0

    def interval_at(self, months: int) -> Interval | None:
        """The bounds of `share_at`; None before the first event, and where everybody has had it."""
        step = self._step_at(months)
        return step.interval if step else None

    def _step_at(self, months: int) -> Step | None:
        return next((step for step in reversed(self.steps) if step.months <= months), None)


def curve(times: Iterable[Time]) -> Curve:
    """The product-limit estimate: a step at each month with an event, with its 95 % confidence interval.

    The interval is that of Greenwood's variance (1926) on the scale of log(-log(share)) (Kalbfleisch and Prentice
    1980): it stays between 0 and 1, and holds what it says in small groups too (Borgan and Liestøl 1990).
    """
    known = list(times)
    events = Counter(time.months for time in known if time.is_event)
    longest = max((time.months for time in known), default=0)
    months = sorted(events)
    shares = _survival(known).evaluate(months).tolist() if months else []
    intervals = _intervals(known, months, longest)
    steps = (
        Step(month, at_risk(known, month), events[month], share, intervals.get(month))
        for month, share in zip(months, shares, strict=True)
    )
    return Curve(len(known), events.total(), longest, tuple(steps))


def at_risk(times: Sequence[Time], months: int) -> int:
    """How many are observed up to that month or beyond."""
    return sum(time.months >= months for time in times)


def _intervals(times: Sequence[Time], months: Sequence[int], longest: int) -> dict[int, Interval]:
    """By month of an event.

    The formula has no value where the share is 1 or 0, and SciPy warns when such a month is among its data. So it gets
    neither: who was censored before the first event is at risk at no step, and events that nobody outlasts bear on no
    step before them.
    """
    if all(time.is_event for time in times if time.months == longest):
        months = [month for month in months if month < longest]
    if not months:
        return {}
    bearing = [Time(time.months, time.is_event and time.months in months) for time in times if time.months >= months[0]]
    bounds = _survival(bearing).confidence_interval(CONFIDENCE_LEVEL, method="log-log")
    low, high = bounds.low.evaluate(months).tolist(), bounds.high.evaluate(months).tolist()
    return {month: Interval(*pair) for month, *pair in zip(months, low, high, strict=True)}


def _survival(times: Sequence[Time]) -> Any:
    """SciPy's estimate of the share without an event; the times are at least one."""
    ended = [time.months for time in times if time.is_event]
    going_on = [time.months for time in times if not time.is_event]
    return scipy.stats.ecdf(scipy.stats.CensoredData(uncensored=ended, right=going_on)).sf
