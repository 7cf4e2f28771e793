"""Plots as SVG by matplotlib: bars, and curves of Kaplan and Meier. The same numbers give the same text.

Colours differ in lightness and lines in their dashes, so that no colour has to be told apart. Text stays text.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

INK, MUTED, ACCENT = "#17212b", "#51606e", "#0a6670"
STYLES = (("-", ACCENT), ("--", "#a05a00"))
_SETTINGS: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "necapp",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": INK,
}

_drawing = Lock()


def bars(rows: Sequence[tuple[str, float]], *, across: str) -> str:
    """A bar a row, the first at the top; `across` says what their length is."""
    names = [_shortened(name) for name, _ in rows]
    with _figure(0.34 * len(rows) + 0.9) as (figure, axes):
        places = range(len(rows))
        axes.barh(places, [value for _, value in rows], color=ACCENT, height=0.62)
        axes.set_yticks(places, names)
        axes.invert_yaxis()
        axes.set_xlabel(across)
        axes.set_xlim(left=0)
        return _as_svg(figure)


def survival(curves: Sequence[tuple[str, Sequence[tuple[int, float]]]], *, across: str, up: str) -> str:
    """Steps from 1 down, each curve as (months, share) with its last point where it is no longer drawn."""
    with _figure(3.4) as (figure, axes):
        for (name, points), (dashes, colour) in zip(curves, STYLES, strict=False):
            months, shares = zip(*points, strict=True)
            axes.step(months, shares, where="post", linestyle=dashes, color=colour, linewidth=1.8, label=name)
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.set_xlim(left=0)
        axes.set_ylim(0, 1.02)
        axes.legend(frameon=False, loc="upper right")
        return _as_svg(figure)


@contextmanager
def _figure(height: float) -> Iterator[tuple[Any, Any]]:
    """An empty figure with axes at the left and below; inches. Settings are the process's: one is drawn at a time."""
    import matplotlib
    from matplotlib.figure import Figure

    with _drawing, matplotlib.rc_context(dict(_SETTINGS)):
        figure = Figure(figsize=(7.2, height), layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        yield figure, axes


def _as_svg(figure: Any) -> str:
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    return text[text.index("<svg") :]


def _shortened(name: str, most: int = 46) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
