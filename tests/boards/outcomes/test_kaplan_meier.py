"""Kaplan-Meier curves and their intervals: against a published example, and against the formulas written out."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boards.outcomes.kaplan_meier import Curve, Interval, MedianInterval, Time, at_risk, curve

# Freireich et al. 1963, as in Cox and Oakes 1984, table 1.1: weeks of remission on 6-mercaptopurine; True is a relapse.
RELAPSED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
IN_REMISSION = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
FREIREICH = [Time(t, True) for t in RELAPSED] + [Time(t, False) for t in IN_REMISSION]
# Week, at risk, share, and its 95 % interval on the log-log scale, as statistical software lists them.
LISTED = [
    (6, 21, 0.8571, 0.6197, 0.9516),
    (7, 17, 0.8067, 0.5631, 0.9228),
    (10, 15, 0.7529, 0.5032, 0.8894),
    (13, 12, 0.6902, 0.4316, 0.8491),
    (16, 11, 0.6275, 0.3675, 0.8049),
    (22, 7, 0.5378, 0.2678, 0.7468),
    (23, 6, 0.4482, 0.1881, 0.6801),
]


def observed(*times: tuple[int, bool]) -> list[Time]:
    return [Time(*time) for time in times]


def test_a_published_example() -> None:
    found = curve(FREIREICH)
    assert (found.patients, found.events, found.longest) == (21, 9, 35)
    for step, (week, left, share, low, high) in zip(found.steps, LISTED, strict=True):
        assert (step.months, step.at_risk) == (week, left)
        assert step.interval is not None
        listed = pytest.approx((share, low, high), abs=0.00006)
        assert (step.share, step.interval.low, step.interval.high) == listed
    assert found.median == 23 and found.median_interval == MedianInterval(13, None)
    assert found.share_at(5) == 1 and found.interval_at(5) is None
    assert found.share_at(22) == found.steps[5].share and found.interval_at(22) == found.steps[5].interval
    assert at_risk(FREIREICH, 10) == 15 and at_risk(FREIREICH, 36) == 0


def written_out(times: list[Time]) -> list[tuple[int, float, tuple[float, float] | None]]:
    """Month, share and interval of each step: the product-limit estimate with Greenwood's sum, term by term."""
    z = NormalDist().inv_cdf(0.975)
    share, greenwood, steps = 1.0, 0.0, []
    for months in sorted({time.months for time in times if time.is_event}):
        left = sum(time.months >= months for time in times)
        events = sum(time.is_event and time.months == months for time in times)
        share *= 1 - events / left
        if events == left:
            steps.append((months, share, None))
            break
        greenwood += events / (left * (left - events))
        width = z * math.sqrt(greenwood) / math.log(share)
        steps.append((months, share, (share ** math.exp(-width), share ** math.exp(width))))
    return steps


@given(st.lists(st.builds(Time, st.integers(0, 60), st.booleans()), max_size=60))
def test_as_the_formulas_say(times: list[Time]) -> None:
    found = curve(times)
    for step, (months, share, bounds) in zip(found.steps, written_out(times), strict=True):
        assert step.months == months and step.share == pytest.approx(share, abs=1e-9)
        assert (step.interval is None) == (bounds is None)
        if step.interval and bounds:
            assert (step.interval.low, step.interval.high) == pytest.approx(bounds, abs=1e-9)
            assert 0 <= step.interval.low <= step.share <= step.interval.high <= 1
    assert _median_is_where_half_are_left(found)


def _median_is_where_half_are_left(found: Curve) -> bool:
    if found.median is None:
        return all(step.share > 0.5 for step in found.steps)
    bounds = found.median_interval
    return found.share_at(found.median) <= 0.5 + 1e-9 and (bounds is None or bounds.low <= found.median)


def test_an_event_counts_before_an_end_of_observation_in_the_same_month() -> None:
    (step,) = curve(observed((4, True), (4, False), (4, False), (9, False))).steps
    assert (step.at_risk, step.events, step.share) == (4, 1, 0.75)


def test_nobody_and_nobody_with_the_event() -> None:
    for times in ([], observed((7, False), (7, False), (7, False))):
        found = curve(times)
        assert found.steps == () and found.median is None and found.median_interval is None
        assert found.share_at(0) == 1 and found.interval_at(0) is None


def test_where_everybody_has_had_the_event_there_is_no_interval() -> None:
    found = curve(observed((1, False), (2, True), (3, True), (5, True), (5, True)))
    assert [step.interval is None for step in found.steps] == [False, False, True]
    assert found.share_at(5) == 0 and found.interval_at(5) is None
    at_once = curve(observed((3, True), (3, True)))
    assert at_once.steps[0].share == 0 and at_once.steps[0].interval is None
    assert at_once.median == 3 and at_once.median_interval is None


def test_who_was_censored_before_the_first_event_changes_nothing() -> None:
    later = observed((4, True), (6, True), (9, False))
    steps = curve([*observed((1, False), (3, False)), *later]).steps
    assert steps == curve(later).steps and all(isinstance(step.interval, Interval) for step in steps)


def test_the_median_has_an_upper_bound_where_the_upper_curve_comes_down_to_one_half() -> None:
    assert curve([Time(months, True) for months in range(1, 21)]).median_interval == MedianInterval(5, 15)
    late = curve([Time(1, True)] + [Time(8, True)] * 39)
    assert late.median == 8 and late.median_interval is None  # all is lost in one month: no bound is known there


def test_half_of_them_is_the_median() -> None:
    assert curve(observed((3, True), (8, True))).median == 3
    assert curve(observed((0, True))).median == 0
