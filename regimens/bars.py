"""Small bars: how often an option comes out best, and the terms that add up to its utility.

Drawn in shares of the width, so that the same bar fits every column; the numbers stand beside it as text.
"""

from __future__ import annotations

from collections.abc import Sequence

import svg
from django.utils.safestring import SafeString

from .intervals import as_decoration

SHARE_HEIGHT, TERMS_HEIGHT = 6, 22


def share_bar(best: float, top3: float) -> SafeString:
    """The share of draws in which an option is best, laid over the share in which it is among the best three."""
    bars: list[svg.Element] = [
        _bar("whole", 0, 1, 0, SHARE_HEIGHT),
        _bar("top3", 0, top3, 0, SHARE_HEIGHT),
        _bar("best", 0, best, 0, SHARE_HEIGHT),
    ]
    return as_decoration(svg.SVG(class_=["share-bar"], width="100%", height=SHARE_HEIGHT, elements=bars))


def terms_bar(gains: Sequence[tuple[str, float]], loss: float, *, most: float) -> SafeString:
    """Gains laid end to end, the loss taken off from their end; the line is what remains, the utility.

    gains   name (as in the style sheet) and size of each
    loss    what is taken off, at least 0
    most    where the axis ends: the same for all options under one preference
    """
    half = TERMS_HEIGHT / 2
    drawn: list[svg.Element] = [_bar("whole", 0, 1, 0, TERMS_HEIGHT)]
    end = 0.0
    for name, gain in gains:
        drawn.append(_bar(name, end / most, gain / most, 1, half - 1))
        end += gain
    rest = end - loss
    drawn.append(_bar("tox", max(rest, 0) / most, (end - max(rest, 0)) / most, half, half - 1))
    at = _share(max(rest, 0) / most)
    drawn.append(svg.Line(class_=["rest"], x1=at, x2=at, y1=0, y2=TERMS_HEIGHT))
    return as_decoration(svg.SVG(class_=["terms-bar"], width="100%", height=TERMS_HEIGHT, elements=drawn))


def _bar(name: str, start: float, width: float, top: float, height: float) -> svg.Rect:
    return svg.Rect(class_=[name], x=_share(start), y=top, width=_share(width), height=height)


def _share(value: float) -> str:
    return f"{100 * min(value, 1):.1f}%"
