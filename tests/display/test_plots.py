"""Predictions against observations, drawn on one axis."""

from __future__ import annotations

import re

import pytest

from display.plots import HEIGHT, Axis, Point, scatter

RATES = Axis(0, 0.8, ((0, "0"), (0.4, "40"), (0.8, "80")))
MONTHS = Axis(1, 16, ((1, "1"), (4, "4"), (16, "16")), is_log=True)


def point(observed: float, predicted: float, *, inside: bool = True, name: str = "a study") -> Point:
    bounds = (predicted / 2, predicted * 2)
    return Point(observed, predicted, *bounds, "/evidence/a/#cohort-0", name, is_inside=inside, is_filled=True)


def drawn(*points: Point, axis: Axis = RATES) -> str:
    return scatter(points, axis, name="Predicted against observed", across="Observed, %", up="Predicted, %")


@pytest.mark.parametrize(("value", "share"), [(0, 0), (0.4, 0.5), (0.8, 1), (1, 1)])
def test_a_rate_lies_where_it_is(value: float, share: float) -> None:
    assert RATES.share(value) == pytest.approx(share)


@pytest.mark.parametrize(("value", "share"), [(1, 0), (2, 0.25), (4, 0.5), (16, 1), (0.5, 0), (32, 1)])
def test_months_lie_by_their_logarithm(value: float, share: float) -> None:
    assert MONTHS.share(value) == pytest.approx(share)


def test_a_point_is_a_link_with_a_name_its_mark_and_its_bounds() -> None:
    found = drawn(point(0.4, 0.2))
    link = re.findall(r"<a .*?</a>", found)[0]
    assert 'href="/evidence/a/#cohort-0"' in link
    assert 'aria-label="a study"' in link
    assert "<title>a study</title>" in link
    assert f'<circle class="mark" cx="50.00%" cy="{HEIGHT * 0.75}" r="4"/>' in link
    assert re.search(r'<line class="bounds" x1="50.00%" [^>]*x2="50.00%"', link)


def test_what_lies_outside_has_another_shape() -> None:
    found = drawn(point(0.4, 0.2, inside=False))
    assert "<polygon" in found
    assert 'class="outside filled"' in found


def test_names_are_escaped() -> None:
    found = drawn(point(0.4, 0.2, name='"><script>'))
    assert "<script>" not in found
    assert "&lt;script&gt;" in found


def test_it_is_read_out_by_its_name_and_has_no_style_of_its_own() -> None:
    found = drawn(point(0.4, 0.2))
    assert found.startswith("<svg ")
    assert 'role="group"' in found
    assert 'aria-label="Predicted against observed"' in found
    assert "style=" not in found
