"""Months of a calendar, such as "2026-03": all that follow-up keeps of a time, so that no day is stored anywhere.

Written in this way they are in order as texts.
"""

from __future__ import annotations

import re
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

PATTERN = r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$"
# 2026-03 as browsers send it; 3/2026, 03.2026 and 3-2026 as people type it where a browser knows no months.
_YEAR_FIRST = re.compile(r"(?P<year>[0-9]{4})\s?[-/.]\s?(?P<month>[0-9]{1,2})")
_MONTH_FIRST = re.compile(r"(?P<month>[0-9]{1,2})\s?[-/.]\s?(?P<year>[0-9]{4})")


def parsed(text: str) -> str:
    """A month as it is kept; "" of nothing. Raises ValueError, whose message is for the person who typed it."""
    text = text.strip()
    if not text:
        return ""
    if match := _YEAR_FIRST.fullmatch(text):
        year, month = match.groups()
    elif match := _MONTH_FIRST.fullmatch(text):
        month, year = match.groups()
    else:
        raise ValueError(
            _("“%(text)s” is not a month: give year and month, such as 2026-03, and no day.") % {"text": text}
        )
    found = f"{year}-{int(month):02d}"
    if not re.match(PATTERN, found):
        raise ValueError(
            _("“%(text)s” is not a month: give year and month, such as 2026-03, and no day.") % {"text": text}
        )
    return found


def month_of(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"


def between(earlier: str, later: str) -> int:
    """Whole calendar months from one to the other: 0 within one month."""
    return _index(later) - _index(earlier)


def before(month: str, months: int) -> str:
    """The month that many months earlier."""
    year, index = divmod(_index(month) - months, 12)
    return f"{year:04d}-{index + 1:02d}"


def in_words(month: str) -> str:
    """ "March 2026", in the reader's language; "" of nothing."""
    return date_format(date(int(month[:4]), int(month[5:]), 1), "YEAR_MONTH_FORMAT") if month else ""


def _index(month: str) -> int:
    return 12 * int(month[:4]) + int(month[5:]) - 1
