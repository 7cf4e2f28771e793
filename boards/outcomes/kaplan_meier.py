"""Times to an event of which some are not over yet, by the estimator of Kaplan and Meier (1958).

Plain numbers in and out. Times are whole months, as follow-up is kept; an event and an end of observation in one month
count in that order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True)
class Time:
    """How long one patient was observed, in months, and whether that ended with the event."""

    months: int
    is_event: bool


@dataclass(frozen=True)
class Step:
    """From this month on, this share has had no event; `at_risk` were observed up to it."""

    months: int
    at_risk: int
    events: int
    share: float


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
        return next((step.months for step in self.steps if step.share <= 0.5 + 1e-12), None)

    def share_at(self, months: int) -> float:
        """The share without an event after so many months; meaningful up to `longest`."""
        return next((step.share for step in reversed(self.steps) if step.months <= months), 1.0)


def curve(times: Iterable[Time]) -> Curve:
    """The product-limit estimate: a step at each month with an event."""
    ordered = sorted(times, key=lambda time: time.months)
    left, share, steps = len(ordered), 1.0, []
    for months, group in groupby(ordered, key=lambda time: time.months):
        ended = list(group)
        events = sum(time.is_event for time in ended)
        if events:
            share *= 1 - events / left
            steps.append(Step(months, left, events, share))
        left -= len(ended)
    longest = ordered[-1].months if ordered else 0
    return Curve(len(ordered), sum(step.events for step in steps), longest, tuple(steps))


def at_risk(times: Sequence[Time], months: int) -> int:
    """How many are observed up to that month or beyond."""
    return sum(time.months >= months for time in times)
