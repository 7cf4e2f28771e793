"""What people write as it can be set, and what cannot be set as its number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Set
from itertools import groupby

from display.texts import MOST_MARKS, code_point, floods, readable

NUMBER = re.compile(r"\[U\+[0-9A-F]{4,6}")


def settable(text: str) -> str:
    """The text without what is not seen; private and unassigned characters, which no font can have, as their numbers.

    Of more marks on one letter than any script has the first stay, and the others are counted: [U+0301 × 80].
    """
    if text.isascii() and text.isprintable():
        return text
    plain = readable(_replaced(text, lambda sign: "\ud800" <= sign <= "\udfff")).replace("\t", "    ")
    plain = _replaced(plain, lambda sign: unicodedata.category(sign) in ("Cn", "Co"))
    for flood in floods(plain):
        plain = plain.replace(flood, flood[:MOST_MARKS] + _counted(flood[MOST_MARKS:]), 1)
    return plain


def numbered(text: str, signs: Set[str]) -> str:
    """The text with those characters as their numbers."""
    return _replaced(text, signs.__contains__)


def _replaced(text: str, is_replaced: Callable[[str], bool]) -> str:
    return "".join(f"[{code_point(sign)}]" if is_replaced(sign) else sign for sign in text)


def _counted(marks: str) -> str:
    return "".join(f"[{code_point(sign)} × {len([*run])}]" for sign, run in groupby(marks))
