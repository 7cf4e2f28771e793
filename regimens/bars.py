"""Small bars: how often an option comes out best, and the terms that add up to its utility.

Drawn in shares of the width, so that the same bar fits every column; the numbers stand beside it as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import svg
from django.utils.safestring import SafeString

from .intervals import as_decoration, filled_in

SHARE_HEIGHT, TERMS_HEIGHT = 6, 22


def share_bar(best: float, top3: float) -> SafeString:
    """The share of draws in which an option is best, laid over the share in which it is among the best three."""
    return filled_in(_SHARES, best=_share(best), top3=_share(top3))


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


_SHARES = as_decoration(
    svg.SVG(
        class_=["share-bar"],
        width="100%",
        height=SHARE_HEIGHT,
        elements=[
            _bar("whole", "0.0%", "100.0%", 0, SHARE_HEIGHT),
            _bar("top3", "0.0%", "{top3}", 0, SHARE_HEIGHT),
            _bar("best", "0.0%", "{best}", 0, SHARE_HEIGHT),
        ],
    )
)
