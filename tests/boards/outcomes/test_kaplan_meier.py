"""Kaplan-Meier curves, against a published example and another implementation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from boards.outcomes.kaplan_meier import Time, at_risk, curve

# Freireich et al. 1963, as in Cox and Oakes 1984, table 1.1: weeks of remission on 6-mercaptopurine; True is a relapse.
RELAPSED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
IN_REMISSION = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
FREIREICH = [Time(t, True) for t in RELAPSED] + [Time(t, False) for t in IN_REMISSION]


def test_a_published_example() -> None:
    found = curve(FREIREICH)
    assert (found.patients, found.events, found.longest) == (21, 9, 35)
    assert [(step.months, step.at_risk) for step in found.steps] == [
        *((6, 21), (7, 17), (10, 15), (13, 12), (16, 11), (22, 7), (23, 6)),
    ]
    shares = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert [step.share for step in found.steps] == pytest.approx(shares, abs=0.0006)
    assert found.median == 23
    assert found.share_at(5) == 1 and found.share_at(22) == pytest.approx(0.538, abs=0.0006)
    assert at_risk(FREIREICH, 10) == 15 and at_risk(FREIREICH, 36) == 0


@given(st.lists(st.builds(Time, st.integers(0, 60), st.booleans()), min_size=1, max_size=60))
def test_as_another_implementation_has_it(times: list[Time]) -> None:
    found = curve(times)
    data = CensoredData(
        uncensored=[time.months for time in times if time.is_event],
        right=[time.months for time in times if not time.is_event],
    )
    theirs = ecdf(data).sf
    for months in range(61):
        assert found.share_at(months) == pytest.approx(float(theirs.evaluate(np.array(months))), abs=1e-12)
    assert all(found.share_at(months) <= 0.5 + 1e-12 for months in ([found.median] if found.median is not None else []))


def test_nobody_and_nobody_with_the_event() -> None:
    assert curve([]).median is None and curve([]).steps == ()
    assert curve([Time(7, False)] * 3).median is None


def test_half_of_them_is_the_median() -> None:
    assert curve([Time(3, True), Time(8, True)]).median == 3
    assert curve([Time(0, True)]).median == 0
