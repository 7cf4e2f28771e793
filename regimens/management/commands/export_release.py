"""`manage.py export_release FILE`: a release to a file, to be loaded elsewhere with the same SHA-256."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from audit.events import record
from regimens import releases


class Command(BaseCommand):
    help = "Write a release to a file; import_release loads it elsewhere with the same SHA-256."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--release", help="name or SHA-256; default: the release in force")

    def handle(self, *args: Any, file: Path, release: str | None, **options: Any) -> None:
        try:
            row = releases.find(release) if release else releases.in_force()
            if row is None:
                raise releases.NoRelease
            with transaction.atomic():
                record("export-release", row, details={"sha256": row.sha256, "file": file.name})
                releases.export(row, file)
        except releases.ReleaseError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Wrote release {row.name}, SHA-256 {row.sha256}, to {file}")
