"""Draws an estimate on its axis: the interval as a bar, the median as a dot, the benchmark as a thin line.

Positions are shares of the axis, so that the same mark fits every column width; the numbers stand beside it as text,
and the drawing is hidden from screen readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

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


@dataclass(frozen=True)
class Interval:
    """A figure with its bounds, where it has them."""

    value: float
    low: float | None = None
    high: float | None = None


def beside_mark(published: Interval | None, model: Interval | None, *, benchmark: float, ceiling: float) -> SafeString:
    """What was published, hollow, above what the model says, filled, on an axis from 0 to `ceiling`.

    What lies beyond the axis ends there in an arrow; the number beside the drawing says how far.
    """
    line = _at(benchmark, ceiling)
    drawn = [
        '<svg class="beside" width="100%" height="32" aria-hidden="true" focusable="false">'
        f'<line class="benchmark" x1="{line}" x2="{line}" y1="1" y2="31"></line>'
    ]
    for name, interval, y in (("published", published, 9), ("model", model, 23)):
        if interval is None:
            continue
        low, high = interval.low, interval.high
        if low is not None and high is not None:
            drawn.append(
                f'<line class="{name}" x1="{_at(low, ceiling)}" x2="{_at(high, ceiling)}" y1="{y}" y2="{y}"></line>'
            )
        drawn.append(f'<circle class="{name}" cx="{_at(interval.value, ceiling)}" cy="{y}" r="3.5"></circle>')
        if max(interval.value, high or 0) > ceiling:
            drawn.append(f'<text class="{name}" x="101%" y="{y + 4}">›</text>')
    return mark_safe("".join(drawn) + "</svg>")  # noqa: S308 - built from numbers alone


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


TERMS_HEIGHT = 22


def terms_bar(gains: Sequence[tuple[str, float]], loss: float, *, most: float) -> SafeString:
    """Gains laid end to end, the loss taken off from their end; the line is what remains, the utility.

    gains   name (as in the style sheet) and size of each
    loss    what is taken off, at least 0
    most    where the axis ends: the same for all options under one preference
    """
    positions: dict[str, str] = {}
    end = 0.0
    for name, gain in gains:
        positions |= {f"{name}_start": _share(end / most), f"{name}_width": _share(gain / most)}
        end += gain
    rest = max(end - loss, 0)
    positions |= {"rest": _share(rest / most), "tox_width": _share((end - rest) / most)}
    return filled_in(_terms(tuple(name for name, _ in gains)), **positions)


@lru_cache(maxsize=8)
def _terms(names: tuple[str, ...]) -> str:
    """The bar of these gains, with the names of positions in braces where they go."""
    half = TERMS_HEIGHT / 2
    bars = [_bar(name, f"{{{name}_start}}", f"{{{name}_width}}", 1, half - 1) for name in names]
    drawn: list[svg.Element] = [
        _bar("whole", "0.0%", "100.0%", 0, TERMS_HEIGHT),
        *bars,
        _bar("tox", "{rest}", "{tox_width}", half, half - 1),
        svg.Line(class_=["rest"], x1="{rest}", x2="{rest}", y1=0, y2=TERMS_HEIGHT),
    ]
    return as_decoration(svg.SVG(class_=["terms-bar"], width="100%", height=TERMS_HEIGHT, elements=drawn))


def _bar(name: str, start: str, width: str, top: float, height: float) -> svg.Rect:
    return svg.Rect(class_=[name], x=start, y=top, width=width, height=height)


def _share(value: float) -> str:
    return f"{100 * min(value, 1):.1f}%"
