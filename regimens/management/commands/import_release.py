"""`manage.py import_release FILE`: an exported release, stored and put in force when it is undamaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regimens import releases


class Command(BaseCommand):
    help = "Store a release that export_release wrote, and put it in force. A damaged one is refused."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            release, is_new = releases.import_release(file)
        except releases.ReleaseError as error:
            raise CommandError(str(error)) from error
        said = "Stored, and now in force:" if is_new else "In force already:"
        self.stdout.write(f"{said} release {release.name}, SHA-256 {release.sha256}")
