"""Figures in the reader's language: a decimal comma in all but English, and in French a narrow space before the sign.

What machines read does not come by here: CSV, JSON, and the positions in a drawing.
"""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import get_language

from .cache import kept

# What stands before the sign of a percentage, where it is another space than elsewhere.
_SPACES = {"fr": "\N{NARROW NO-BREAK SPACE}"}
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def number(value: float, spec: str = "g") -> str:
    """A number by a format specification: `number(8.9)` is "8.9", in German, French and Spanish "8,9"."""
    return _written(format(value, spec), get_language())


def percent(value: float, spec: str = "g") -> str:
    """A percentage, of which 100 is the whole; no line ends before its sign."""
    return in_percent(number(value, spec))


def in_percent(figure: str) -> str:
    """The same of a number that is written already."""
    return f"{figure}{_SPACES.get(get_language() or '', NO_BREAK_SPACE)}%"


def interval(low: float | None, high: float | None, spec: str = "g") -> str:
    """From bound to bound; "" where one is not known."""
    return "" if low is None or high is None else f"{number(low, spec)}–{number(high, spec)}"


# A page writes some two thousand figures, most of them again and again.
@kept(most=4096)
def _written(figure: str, language: str | None) -> str:
    return str(number_format(figure))
