"""`manage.py export_events FILE.jsonl|FILE.csv`: the audit trail, or a period of it, to a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import CommandError
from django.db.models import QuerySet

from audit.export import FORMATS
from audit.export_command import ExportCommand
from audit.models import Event


class Command(ExportCommand):
    help = (
        "Write events to a file: as JSON lines, complete and with their hashes, or as CSV for a spreadsheet, as the "
        "name of the file ends. The export is itself an event."
    )

    def lines(self, file: Path, events: QuerySet[Event]) -> Iterable[str]:
        suffix = file.suffix.lower().removeprefix(".")
        if suffix not in FORMATS:
            raise CommandError(f"{file}: a file whose name ends in .jsonl or .csv")
        return FORMATS[suffix][1](events)
