"""Draws an estimate on its axis: the interval as a bar, the median as a dot, the benchmark as a thin line.

Positions are shares of the axis, so that the same mark fits every column width; the numbers stand beside it as text,
and the drawing is hidden from screen readers.
"""

from __future__ import annotations

import svg
from django.utils.safestring import SafeString, mark_safe

HEIGHT = 12


def interval_mark(
    *, low: float, median: float, high: float, benchmark: float, ceiling: float, has_data: bool
) -> SafeString:
    """One mark on an axis from 0 to `ceiling`; without data only the benchmark is drawn."""
    if not has_data:
        return filled_in(_EMPTY, benchmark=_at(benchmark, ceiling))
    return _placed(_INTERVAL, low, median, high, benchmark, ceiling)


def diamond_mark(*, low: float, median: float, high: float, benchmark: float, ceiling: float) -> SafeString:
    """A pooled estimate on the same axis: a bar from bound to bound with a diamond at the median."""
    return _placed(_DIAMOND, low, median, high, benchmark, ceiling)


def as_decoration(drawing: svg.SVG) -> str:
    """A drawing whose numbers stand beside it: screen readers and the keyboard pass it by."""
    return str(drawing).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def filled_in(drawing: str, **positions: str) -> SafeString:
    """A drawing with its positions put in: it is drawn once, and some hundred times a page only filled in."""
    return mark_safe(drawing.format(**positions))  # noqa: S308 - built from numbers alone


def _placed(drawing: str, low: float, median: float, high: float, benchmark: float, ceiling: float) -> SafeString:
    return filled_in(
        drawing,
        low=_at(low, ceiling),
        median=_at(median, ceiling),
        high=_at(high, ceiling),
        benchmark=_at(benchmark, ceiling),
    )


def _at(value: float, ceiling: float) -> str:
    return f"{100 * min(value / ceiling, 1):.1f}%"


def _drawn(*elements: svg.Element) -> str:
    """A mark on its axis, with the names of positions in braces where they go."""
    ground: list[svg.Element] = [
        svg.Line(class_=["axis"], x1="0", x2="100%", y1=HEIGHT - 0.5, y2=HEIGHT - 0.5),
        svg.Line(class_=["benchmark"], x1="{benchmark}", x2="{benchmark}", y1=0, y2=HEIGHT),
    ]
    return as_decoration(svg.SVG(class_=["interval-mark"], width="100%", height=HEIGHT, elements=[*ground, *elements]))


_MIDDLE = HEIGHT / 2
_EMPTY = _drawn()
_INTERVAL = _drawn(
    svg.Line(class_=["interval"], x1="{low}", x2="{high}", y1=_MIDDLE, y2=_MIDDLE),
    svg.Circle(class_=["median"], cx="{median}", cy=_MIDDLE, r=4),
)
_DIAMOND = _drawn(
    svg.Line(class_=["interval", "pooled"], x1="{low}", x2="{high}", y1=_MIDDLE, y2=_MIDDLE),
    svg.SVG(
        x="{median}",
        y=0,
        overflow="visible",
        elements=[svg.Polygon(class_=["median"], points=[-6, _MIDDLE, 0, 0, 6, _MIDDLE, 0, HEIGHT])],
    ),
)
