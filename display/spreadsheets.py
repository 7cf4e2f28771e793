"""Texts that a spreadsheet would run as formulas, and how they are kept from it in a table."""

from __future__ import annotations

import re

# By this mark at its start a spreadsheet knows that a CSV file is in UTF-8.
BYTE_ORDER_MARK = "\ufeff"

# With the apostrophes that already keep it from that, and with blanks, which some programs pass over.
_RUN = re.compile(r"[' \u00a0]*[=+\-@\t\r\n＝＋－＠]")
# Where a program of another country ends a cell, at a semicolon or a tab, what follows begins one, quoted or not.
_RUN_WITHIN = re.compile(r"(?<=[;\t])(?='*[=+\-@＝＋－＠])")
_KEPT_WITHIN = re.compile(r"(?<=[;\t])'(?='*[=+\-@＝＋－＠])")


def neutral(text: str) -> str:
    """A text with an apostrophe before what a spreadsheet would run as a formula."""
    kept = _RUN_WITHIN.sub("'", text)
    return f"'{kept}" if _RUN.match(text) else kept


def restored(text: str) -> str:
    """The text that `neutral` was given."""
    written = text[1:] if text.startswith("'") and _RUN.match(text) else text
    return _KEPT_WITHIN.sub("", written)
