"""Numbers as people write them, with a decimal point or a decimal comma, and never a guess at which was meant.

What both ways of writing accept means the same number in both: a form that is filled in in one language can be sent in
another. A separator before exactly three digits may have been meant to part thousands, which nobody writes here.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.formats import get_format

POINT, COMMA = ".", ","

# As JSON has it, but for the nought: no plus, and something behind the mark.
_WRITTEN = re.compile(r"(?P<sign>-?)(?P<whole>\d{0,9})(?:(?P<mark>[.,])(?P<digits>\d{1,9}))?", re.ASCII)


class UnreadableError(ValueError):
    """A text that is no number."""


class AmbiguousError(ValueError):
    """A text whose separator may part thousands: `decimal` and `thousands` are what it may mean."""

    def __init__(self, decimal: float, thousands: float):
        super().__init__(f"{decimal:g} or {thousands:g}")
        self.decimal, self.thousands = decimal, thousands


def mark_in_use() -> str:
    """How the language of the page parts decimals."""
    return COMMA if get_format("DECIMAL_SEPARATOR") == COMMA else POINT


def read(text: str, mark: str, *, allows: Callable[[float], bool]) -> float:
    """The number that a text says where decimals are parted by `mark`.

    With the point a comma is not understood. With the comma a point is, for a keypad may have no other, unless it looks
    as if it parted thousands. What looks so and could be either number, by what the field `allows`, is refused in any
    case. The nought before the mark may be left out: ".8" is 0.8. A plus, and a mark with nothing behind it, are no
    numbers here, as they are none where a system sends them. Raises UnreadableError or AmbiguousError.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None or not (found["whole"] or found["digits"]) or (found["mark"] == COMMA and mark == POINT):
        raise UnreadableError(text)
    whole, digits = f"{found['sign']}{found['whole'] or 0}", found["digits"] or ""
    number = float(f"{whole}.{digits or 0}")
    if len(digits) == 3 and re.fullmatch(r"[1-9]\d{0,2}", found["whole"]):
        thousands = float(f"{whole}{digits}")
        is_foreign = found["mark"] != mark
        if is_foreign or (allows(number) and allows(thousands)):
            raise AmbiguousError(number, thousands)
    return number


def rewritten(text: str, mark: str, new_mark: str, *, allows: Callable[[float], bool]) -> str:
    """The same number with another decimal mark; what cannot be read stays as it was written, to be corrected."""
    try:
        read(text, mark, allows=allows)
    except ValueError:
        return text
    return text.replace(POINT, new_mark).replace(COMMA, new_mark)
