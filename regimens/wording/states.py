"""States of what is shown, each in words beside a sign: how old a source is, and whether it was read at all.

The words are one on every page; the signs stand in `templates/library/_sign.html`. Time is handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# After how many days the source of an entry is old enough to be looked at again, by the list that it is of: what a
# register says of a trial, the text of a licence, a drug's label, a guideline, and whether a publication still stands.
CHECK_EVERY_DAYS: Mapping[str, int] = {
    "trials": 30,
    "licences": 365,
    "drugs": 365,
    "guidelines": 365,
    "publications": 365,
}
STALE_TRIAL_DAYS = CHECK_EVERY_DAYS["trials"]
STALE_TEXT_DAYS = CHECK_EVERY_DAYS["licences"]


@dataclass(frozen=True)
class Age:
    """When a source was read, and how long ago that is where it is too long.

    sign   "clock" where it is stale, "open" where the day is not on record, "" otherwise
    words  the day in words; age: how old it is, "" where it is young enough
    """

    sign: str
    words: str
    age: str = ""


def age_of_reading(day: str | None, today: date, *, most_days: int) -> Age:
    """A page that was read on a day ("2026-11-28"), with its age where that is more than so many days."""
    if not day:
        return Age("open", _("when the page was read is not on record"))
    read = date.fromisoformat(day)
    words = _("page read on %(day)s") % {"day": date_format(read)}
    is_stale = (today - read).days > most_days
    return Age("clock", words, how_long_ago(read, today)) if is_stale else Age("", words)


def age_of_year(year: int | None, today: date) -> Age:
    """A text that is known by its year alone: stale where it is surely more than 12 months old."""
    if year is None:
        return Age("open", _("its year is not on record"))
    years = today.year - year
    if years < 2:
        return Age("", str(year))
    return Age("clock", str(year), ngettext("%(count)d year old", "%(count)d years old", years) % {"count": years})


def how_long_ago(day: date, today: date) -> str:
    """In whole months, or in days where it is less than two."""
    months = 12 * (today.year - day.year) + today.month - day.month - (today.day < day.day)
    if months < 2:
        days = (today - day).days
        return ngettext("%(count)d day old", "%(count)d days old", days) % {"count": days}
    return ngettext("%(count)d month old", "%(count)d months old", months) % {"count": months}
