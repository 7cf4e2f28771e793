"""Draws predictions against what was observed, on one axis for both: on the diagonal the two are equal.

Positions across are shares of the width, so that the drawing fits every screen with its text in the size of the page.
Each point is a link with a name, and so is read out and reached by keyboard.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import svg
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

HEIGHT, ABOVE, BELOW = 340, 26, 44  # pixels: of the area, and of what is written above and below it
LEFT, ACROSS = 11, 86  # percent of the width: left of the area, and its own
RADIUS, REACH = 4, 10  # pixels: of a mark, and of what may be touched around it


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, by logarithm where `is_log`; ticks are values with what is written at them."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    is_log: bool = False

    def share(self, value: float) -> float:
        """Where a value lies: 0 at the lower end, 1 at the upper."""
        low, high, at = (math.log(x) if self.is_log else x for x in (self.low, self.high, max(value, self.low)))
        return min((at - low) / (high - low), 1)


@dataclass(frozen=True)
class Point:
    """What was observed and what was predicted, with the bounds of the prediction.

    href, name   where the point leads, and what it is called
    is_inside    whether the observation lies within the bounds; is_filled: what the page says it means
    """

    observed: float
    predicted: float
    low: float
    high: float
    href: str
    name: str
    is_inside: bool
    is_filled: bool


def scatter(points: Iterable[Point], axis: Axis, *, name: str, across: str, up: str) -> SafeString:
    """The drawing; `name` is read out for it, `across` and `up` stand at its axes."""
    area = svg.SVG(
        x=f"{LEFT}%",
        y=ABOVE,
        width=f"{ACROSS}%",
        height=HEIGHT,
        overflow="visible",
        elements=[*_grid(axis), *(_mark(point, axis) for point in points)],
    )
    drawing = svg.SVG(
        class_=["predictions-plot"],
        width="100%",
        height=ABOVE + HEIGHT + BELOW,
        extra={"role": "group", "aria-label": escape(name)},
        elements=[
            _text(up, "axis-title", x="0", y=12),
            area,
            _text(across, "axis-title", x=f"{LEFT + ACROSS}%", y=ABOVE + HEIGHT + BELOW - 6, anchor="end"),
        ],
    )
    return mark_safe(str(drawing))  # noqa: S308 - texts are escaped where they are put in


def _grid(axis: Axis) -> Sequence[svg.Element]:
    drawn: list[svg.Element] = [svg.Rect(class_=["area"], x=0, y=0, width="100%", height=HEIGHT)]
    for value, words in axis.ticks:
        x, y = _x(value, axis), _y(value, axis)
        drawn += [
            svg.Line(class_=["grid"], x1=x, x2=x, y1=0, y2=HEIGHT),
            svg.Line(class_=["grid"], x1="0", x2="100%", y1=y, y2=y),
            _text(words, "tick", x=x, y=HEIGHT + 16, anchor="middle"),
            _text(words, "tick", x="-6", y=y + 4, anchor="end"),
        ]
    return [*drawn, svg.Line(class_=["equal"], x1="0", x2="100%", y1=HEIGHT, y2=0)]


def _mark(point: Point, axis: Axis) -> svg.Element:
    x, y = _x(point.observed, axis), _y(point.predicted, axis)
    if point.is_inside:
        shape: svg.Element = svg.Circle(class_=["mark"], cx=x, cy=y, r=RADIUS)
    else:
        reach = RADIUS + 2
        diamond = svg.Polygon(class_=["mark"], points=[-reach, 0, 0, -reach, reach, 0, 0, reach])
        shape = svg.SVG(x=x, y=y, overflow="visible", elements=[diamond])
    kinds = ["inside" if point.is_inside else "outside", "filled" if point.is_filled else "hollow"]
    return svg.A(
        class_=kinds,
        href=escape(point.href),
        extra={"aria-label": escape(point.name)},
        elements=[
            svg.Title(text=escape(point.name)),
            svg.Line(class_=["bounds"], x1=x, x2=x, y1=_y(point.low, axis), y2=_y(point.high, axis)),
            svg.Circle(class_=["reach"], cx=x, cy=y, r=REACH),
            shape,
        ],
    )


def _text(words: str, kind: str, *, x: str, y: float, anchor: str = "start") -> svg.Text:
    return svg.Text(class_=[kind], x=x, y=y, text_anchor=anchor, text=escape(words), extra={"aria-hidden": "true"})  # type: ignore[arg-type]


def _x(value: float, axis: Axis) -> str:
    return f"{100 * axis.share(value):.2f}%"


def _y(value: float, axis: Axis) -> float:
    return round(HEIGHT * (1 - axis.share(value)), 1)
