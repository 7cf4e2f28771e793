"""Commands that write the audit trail, or a period of it, to a file."""

from __future__ import annotations

import argparse
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import QuerySet

from .events import record
from .export import in_period
from .models import Event


class ExportCommand(ABC, BaseCommand):
    """Such a command; what it wrote is itself an event."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--since", type=_day, metavar="DATE", help="the first day; default: from the beginning")
        parser.add_argument("--until", type=_day, metavar="DATE", help="the last day; default: until now")

    def handle(self, *args: Any, file: Path, since: date | None, until: date | None, **options: Any) -> None:
        newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        events = in_period(Event.objects.filter(pk__lte=newest), since, until)
        lines = self.lines(file, events)
        period = {name: day.isoformat() for name, day in (("since", since), ("until", until)) if day}
        count = events.count()
        try:
            # Where the file cannot be written, nothing was exported.
            with transaction.atomic():
                record("export-events", file.name, details={"rows": count, "filters": period})
                with file.open("w", encoding="utf-8", newline="") as out:
                    out.writelines(lines)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}") from error
        self.stdout.write(f"Wrote {count} events to {file}")

    @abstractmethod
    def lines(self, file: Path, events: QuerySet[Event]) -> Iterable[str]:
        """The text of the file, line by line. Raises CommandError for a file that is not written."""


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no date such as 2026-11-25") from error
