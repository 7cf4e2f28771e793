"""What JSON can write and no text holds: the character U+0000, and half of a pair of surrogates."""

from __future__ import annotations

import re

# As it is, or as JSON writes it; behind an even number of backslashes it is written.
_NUL = re.compile(r"\0|(?<!\\)(?:\\\\)*\\u0000")


def holds_nul(text: str) -> bool:
    """Whether a JSON text holds the character."""
    return _NUL.search(text) is not None


# Escapes that are written; an upper half with its lower one makes a character.
_HALVES = re.compile(r"(?<!\\)(?:\\\\)*\\u(?:d[89ab]..\\ud[c-f]..|(?P<alone>d[89a-f]..))", re.IGNORECASE)


def holds_half(text: str) -> bool:
    """Whether a JSON text holds half of a pair alone, which no answer can say and no database keep."""
    return "\\u" in text and any(found["alone"] for found in _HALVES.finditer(text))
