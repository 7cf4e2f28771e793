"""Dates of FHIR as the spans that they cover: 2026-03 is of one age with 2026-03-15."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

_WRITTEN = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:T(?P<clock>\d{2}:\d{2}(?::\d{2})?)(?P<fraction>\.\d+)?(?P<zone>Z|[+-]\d{2}:\d{2})?)?)?)?"
)


@dataclass(frozen=True)
class Span:
    """From the first to the last moment that a date may mean, on the wall; `instant` where it has a zone."""

    written: str
    first: datetime
    last: datetime
    instant: datetime | None = None

    def is_before(self, other: Span) -> bool:
        """Whether it ends before the other one begins."""
        if self.instant and other.instant:
            return self.instant < other.instant
        return self.last < other.first

    @property
    def is_to_the_day(self) -> bool:
        return self.first.date() == self.last.date()

    @property
    def first_day(self) -> date:
        return self.first.date()

    @property
    def last_day(self) -> date:
        return self.last.date()


def span(written: Any) -> Span | None:
    """A date, dateTime or instant of FHIR; None where it is none."""
    found = _WRITTEN.fullmatch(written) if isinstance(written, str) and len(written) < 50 else None
    if found is None:
        return None
    year, month, day = (int(found[part] or 0) for part in ("year", "month", "day"))
    try:
        first = date(year, month or 1, day or 1)
        last = date(year, month or 12, day or monthrange(year, month or 12)[1])
        if found["clock"] is None:
            return Span(written, datetime.combine(first, time.min), datetime.combine(last, time.max))
        moment = datetime.fromisoformat(f"{first}T{found['clock']}")
        if found["fraction"]:
            moment += timedelta(microseconds=int(found["fraction"][1:7].ljust(6, "0")))
        zoned = datetime.fromisoformat(f"{moment.isoformat()}{(found['zone'] or '').replace('Z', '+00:00')}")
        return Span(written, moment, moment, zoned.astimezone(UTC) if zoned.tzinfo else None)
    except (ValueError, OverflowError):
        return None


def newest(spans: Iterable[Span]) -> set[Span]:
    """Those that are before none of the others, in one pass."""
    every = set(spans)
    latest = max((each.first for each in every if not each.instant), default=None)
    latest_of_all = max((each.first for each in every), default=None)
    instant = max((each.instant for each in every if each.instant), default=None)

    def is_older(each: Span) -> bool:
        if each.instant:
            return (latest is not None and each.last < latest) or (instant is not None and each.instant < instant)
        return latest_of_all is not None and each.last < latest_of_all

    return {each for each in every if not is_older(each)}
