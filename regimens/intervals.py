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
    middle = HEIGHT / 2
    elements: list[svg.Element] = [
        svg.Line(class_=["axis"], x1="0", x2="100%", y1=HEIGHT - 0.5, y2=HEIGHT - 0.5),
        svg.Line(class_=["benchmark"], x1=_at(benchmark, ceiling), x2=_at(benchmark, ceiling), y1=0, y2=HEIGHT),
    ]
    if has_data:
        elements += [
            svg.Line(class_=["interval"], x1=_at(low, ceiling), x2=_at(high, ceiling), y1=middle, y2=middle),
            svg.Circle(class_=["median"], cx=_at(median, ceiling), cy=middle, r=4),
        ]
    drawing = svg.SVG(class_=["interval-mark"], width="100%", height=HEIGHT, elements=elements)
    return as_decoration(drawing)


def as_decoration(drawing: svg.SVG) -> SafeString:
    """A drawing whose numbers stand beside it: screen readers and the keyboard pass it by."""
    text = str(drawing).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return mark_safe(text)  # noqa: S308 - built from numbers alone


def _at(value: float, ceiling: float) -> str:
    return f"{100 * min(value / ceiling, 1):.1f}%"


def diamond_mark(*, low: float, median: float, high: float, benchmark: float, ceiling: float) -> SafeString:
    """A pooled estimate on the same axis: a bar from bound to bound with a diamond at the median."""
    middle = HEIGHT / 2
    centre = _at(median, ceiling)
    elements: list[svg.Element] = [
        svg.Line(class_=["axis"], x1="0", x2="100%", y1=HEIGHT - 0.5, y2=HEIGHT - 0.5),
        svg.Line(class_=["benchmark"], x1=_at(benchmark, ceiling), x2=_at(benchmark, ceiling), y1=0, y2=HEIGHT),
        svg.Line(class_=["interval", "pooled"], x1=_at(low, ceiling), x2=_at(high, ceiling), y1=middle, y2=middle),
        svg.SVG(
            x=centre,
            y=0,
            overflow="visible",
            elements=[svg.Polygon(class_=["median"], points=[-6, middle, 0, 0, 6, middle, 0, HEIGHT])],
        ),
    ]
    drawing = svg.SVG(class_=["interval-mark"], width="100%", height=HEIGHT, elements=elements)
    return as_decoration(drawing)
