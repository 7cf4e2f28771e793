"""`manage.py export_security_events FILE`: who did what, when and from where, for a collector of security events."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from audit.events import record
from audit.export import in_period
from audit.models import Event
from necapp.operations.security import lines_of


class Command(BaseCommand):
    help = (
        "Write events as JSON lines, as SECURITY_LOG sends each when it happens: who did what, when and from where, "
        "and to which account or group. The trail itself, complete and with its hashes, is exported by export_events."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--since", type=_day, metavar="DATE", help="the first day; default: from the beginning")
        parser.add_argument("--until", type=_day, metavar="DATE", help="the last day; default: until now")

    def handle(self, *args: Any, file: Path, since: date | None, until: date | None, **options: Any) -> None:
        events = in_period(Event.objects.order_by("pk").select_related("by"), since, until)
        newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        events = events.filter(pk__lte=newest)
        period = {name: day.isoformat() for name, day in (("since", since), ("until", until)) if day}
        count = events.count()
        try:
            with transaction.atomic():
                record("export-events", file.name, details={"rows": count, "filters": period})
                with file.open("w", encoding="utf-8") as out:
                    out.writelines(lines_of(events.iterator(500)))
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}") from error
        self.stdout.write(f"Wrote {count} events to {file}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no date such as 2026-11-25") from error
