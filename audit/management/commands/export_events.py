"""`manage.py export_events FILE.jsonl|FILE.csv`: the audit trail, or a period of it, to a file."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from audit.events import record
from audit.export import FORMATS, in_period
from audit.models import Event


class Command(BaseCommand):
    help = (
        "Write events to a file: as JSON lines, complete and with their hashes, or as CSV for a spreadsheet, as the "
        "name of the file ends. The export is itself an event."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--since", type=_day, metavar="DATE", help="the first day; default: from the beginning")
        parser.add_argument("--until", type=_day, metavar="DATE", help="the last day; default: until now")

    def handle(self, *args: Any, file: Path, since: date | None, until: date | None, **options: Any) -> None:
        suffix = file.suffix.lower().removeprefix(".")
        if suffix not in FORMATS:
            raise CommandError(f"{file}: a file whose name ends in .jsonl or .csv")
        newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        events = in_period(Event.objects.filter(pk__lte=newest), since, until)
        period = {name: day.isoformat() for name, day in (("since", since), ("until", until)) if day}
        count = events.count()
        try:
            # Where the file cannot be written, nothing was exported.
            with transaction.atomic():
                record("export-events", file.name, details={"rows": count, "filters": period})
                with file.open("w", encoding="utf-8", newline="") as out:
                    out.writelines(FORMATS[suffix][1](events))
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}") from error
        self.stdout.write(f"Wrote {count} events to {file}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no date such as 2026-11-25") from error
