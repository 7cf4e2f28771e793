"""From years to months to days: by what a list over years of events is narrowed, from its first and last day alone.

Django's own date hierarchy reads every row to find out which months have any, which takes most of a second here.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format


@dataclass(frozen=True)
class Period:
    """Both days are part of it."""

    label: str
    since: date
    until: date


def narrower(first: date, last: date, since: date | None, until: date | None) -> list[Period]:
    """The months of a chosen year, the days of a chosen month, else the years: those between first and last alone."""
    if since and until and since == until:
        return []
    if since and until and (since, until) == _month(since):
        found = _days(since, until)
    elif since and until and (since, until) == _year(since.year):
        found = _months(since.year)
    elif first.year == last.year:
        found = _months(first.year)
    else:
        found = (Period(str(year), *_year(year)) for year in range(first.year, last.year + 1))
    return [period for period in found if period.until >= first and period.since <= last]


def wider(since: date | None, until: date | None) -> Period | None:
    """The month of a day, or the year of a month; None where there is nothing wider but all."""
    if not since or not until:
        return None
    start, end = _month(since)
    if since == until:
        return Period(date_format(since, "YEAR_MONTH_FORMAT"), start, end)
    if (since, until) == (start, end):
        return Period(str(since.year), *_year(since.year))
    return None


def _months(year: int) -> Iterator[Period]:
    starts = (date(year, month, 1) for month in range(1, 13))
    return (Period(date_format(start, "YEAR_MONTH_FORMAT"), *_month(start)) for start in starts)


def _days(since: date, until: date) -> Iterator[Period]:
    days = (since + timedelta(days=number) for number in range((until - since).days + 1))
    return (Period(date_format(day, "MONTH_DAY_FORMAT"), day, day) for day in days)


def _month(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)
