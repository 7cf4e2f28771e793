"""The character U+0000 in JSON: no text holds it, and no database keeps it."""

from __future__ import annotations

import re

# As it is, or as JSON writes it; behind an even number of backslashes it is written.
_NUL = re.compile(r"\0|(?<!\\)(?:\\\\)*\\u0000")


def holds_nul(text: str) -> bool:
    """Whether a JSON text holds the character."""
    return _NUL.search(text) is not None
