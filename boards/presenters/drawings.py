"""Plots of a board's page: bars in a table, and the curves of Kaplan and Meier.

Drawn in shares of the width, as `display.drawings` and `display.drawings` do; the numbers stand beside each as a table,
and the drawing is hidden from screen readers.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import svg
from django.utils.safestring import SafeString, mark_safe

from boards.outcomes.kaplan_meier import Curve
from display.drawings import as_decoration, filled_in
from display.numbers import percent

BAR_HEIGHT, CURVE_HEIGHT = 10, 150
# Between ticks of a curve's axis are so many months: the first that gives no more than MOST_TICKS.
TICK_MONTHS, MOST_TICKS = (1, 3, 6, 12, 24, 60), 9


def bar(share: float) -> SafeString:
    """A share of the width, from 0 to 1."""
    return filled_in(_BAR, share=_at(share))


def survival_curve(found: Curve) -> SafeString:
    """The steps from all to those who are left, over an axis of months that ends with the longest observation.

    Under them lies the confidence interval as a band, as far as there is one.
    """
    end = max(found.longest, 1)
    drawn = [*_band(found, end), *_ground(end), *_steps(found, end)]
    drawing = svg.SVG(class_=["survival-curve"], width="100%", height=CURVE_HEIGHT, elements=drawn)
    return mark_safe(as_decoration(drawing))  # noqa: S308 - built from numbers alone


def _ground(end: int) -> Iterator[svg.Element]:
    for share in (0.0, 0.5, 1.0):
        height = _height(share)
        yield svg.Line(class_=["grid"], x1="0", x2="100%", y1=height, y2=height)
        yield svg.Text(class_=["share"], x=-6, y=height + 4, text=percent(100 * share))
    step = next((months for months in TICK_MONTHS if end / months <= MOST_TICKS), TICK_MONTHS[-1])
    for months in range(0, end + 1, step):
        yield svg.Line(class_=["tick"], x1=_at(months / end), x2=_at(months / end), y1=_BOTTOM, y2=_BOTTOM + 4)
        yield svg.Text(class_=["months"], x=_at(months / end), y=_BOTTOM + 17, text=str(months))


def _band(found: Curve, end: int) -> Iterator[svg.Element]:
    """In a drawing of its own, stretched, whose unit is a month: a polygon cannot be drawn in shares of the width."""
    upper, lower = [], []
    ends = [*(step.months for step in found.steps[1:]), found.longest]
    for step, until in zip(found.steps, ends, strict=False):
        if step.interval:
            upper += [(months, _height(step.interval.high)) for months in (step.months, until)]
            lower += [(months, _height(step.interval.low)) for months in (step.months, until)]
    if upper:
        corners = chain.from_iterable([*upper, *reversed(lower)])
        yield svg.SVG(
            width="100%",
            height=CURVE_HEIGHT,
            viewBox=svg.ViewBoxSpec(0, 0, end, CURVE_HEIGHT),
            preserveAspectRatio=svg.PreserveAspectRatio("none"),
            elements=[svg.Polygon(class_=["band"], points=list(corners))],
        )


def _steps(found: Curve, end: int) -> Iterator[svg.Element]:
    start, share = 0, 1.0
    for step in found.steps:
        yield _line(start, step.months, share, share, end)
        yield _line(step.months, step.months, share, step.share, end)
        start, share = step.months, step.share
    yield _line(start, found.longest, share, share, end)


def _line(start: int, stop: int, from_share: float, to_share: float, end: int) -> svg.Line:
    return svg.Line(
        class_=["step"], x1=_at(start / end), x2=_at(stop / end), y1=_height(from_share), y2=_height(to_share)
    )


_TOP, _BOTTOM = 8.0, CURVE_HEIGHT - 22.0


def _height(share: float) -> float:
    return round(_BOTTOM - share * (_BOTTOM - _TOP), 1)


def _at(share: float) -> str:
    return f"{100 * min(share, 1):.1f}%"


_BAR = as_decoration(
    svg.SVG(
        class_=["count-bar"],
        width="100%",
        height=BAR_HEIGHT,
        elements=[svg.Rect(x="0", y="0", width="{share}", height=BAR_HEIGHT)],
    )
)
