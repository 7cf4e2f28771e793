"""Events as CSV, for people and spreadsheets, and as JSON lines, complete and with the hash of each, for archives."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from display.spreadsheets import BYTE_ORDER_MARK, neutral
from staff.english import said_in_english

from .chain import fields_of
from .models import Event
from .sentences import as_stored, tell

COLUMNS = ("id", "at", "person", "action", "what", "subject", "address", "in words", "details", "sha256")
_AT_ONCE = 500


def csv_lines(events: QuerySet[Event]) -> Iterator[str]:
    """A line for each event; no cell is one that a spreadsheet would run as a formula."""
    writer = csv.writer(_Handed())
    yield BYTE_ORDER_MARK + writer.writerow(COLUMNS)
    for some in _in_batches(events):
        for event, told in zip(some, said_in_english(tell)(some), strict=True):
            said = "; ".join(map(str, told.details))
            cells = (
                event.pk,
                event.at.isoformat(),
                event.by.get_username() if event.by else "",
                event.action,
                told,
                event.subject,
                event.address or "",
                said,
                as_stored(event.details),
                _seal(event)[1],
            )
            yield writer.writerow([neutral(str(cell)) for cell in cells])


def json_lines(events: QuerySet[Event]) -> Iterator[str]:
    """A JSON object for each event: what its hash is made of, that hash, the one before it, and the person's name."""
    for some in _in_batches(events):
        for event in some:
            former, sha256 = _seal(event)
            person = event.by.get_username() if event.by else None
            line: dict[str, Any] = fields_of(event) | {"person": person, "former": former, "sha256": sha256}
            yield json.dumps(line, ensure_ascii=False) + "\n"


# By how the name of a file ends: what it is, and how it is written.
FORMATS: dict[str, tuple[str, Callable[[QuerySet[Event]], Iterator[str]]]] = {
    "csv": ("text/csv; charset=utf-8", csv_lines),
    "jsonl": ("application/jsonl; charset=utf-8", json_lines),
}


def in_period(events: QuerySet[Event], since: date | None, until: date | None) -> QuerySet[Event]:
    """Events from the start of a day to the end of another; days are those of the server's time zone."""
    if since:
        events = events.filter(at__gte=_start(since))
    if until and until < date.max:
        events = events.filter(at__lt=_start(until + timedelta(days=1)))
    return events


class _Handed:
    """Hands back what it is told to write."""

    def write(self, text: str) -> str:
        return text


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _in_batches(events: QuerySet[Event]) -> Iterator[list[Event]]:
    """In the order in which they were made, a part at a time: an export of years is never held at once."""
    found = events.order_by("pk").select_related("by", "seal")
    last = 0
    while some := list(found.filter(pk__gt=last)[:_AT_ONCE]):
        last = some[-1].pk
        yield some


def _seal(event: Event) -> tuple[str, str]:
    seal = getattr(event, "seal", None)
    return (seal.former, seal.sha256) if seal else ("", "")
