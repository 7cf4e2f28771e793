"""Signs between words as the reader's language sets them: French puts a narrow space before a colon or a semicolon."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language


def sign(mark: str) -> str:
    """A colon or a semicolon, as it stands directly behind a word."""
    return f"\N{NARROW NO-BREAK SPACE}{mark}" if get_language() == "fr" else mark


def in_series(parts: Iterable[str]) -> str:
    """Parts that may hold commas themselves, one behind the other."""
    return f"{sign(';')} ".join(parts)
