"""Texts that a spreadsheet would run as formulas, and how they are kept from it in a table."""

from __future__ import annotations

import re

# By this mark at its start a spreadsheet knows that a CSV file is in UTF-8.
BYTE_ORDER_MARK = "\ufeff"

# With the apostrophes that already keep it from that.
_RUN = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def neutral(text: str) -> str:
    """A text with an apostrophe before it where a spreadsheet would run it as a formula."""
    return f"'{text}" if _RUN.match(text) else text


def restored(text: str) -> str:
    """The text that `neutral` was given."""
    return text[1:] if text.startswith("'") and _RUN.match(text) else text
