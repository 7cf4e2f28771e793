"""`manage.py import_release FILE`: an exported release, stored when undamaged, for another person to put in force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.errors import ActionRefused
from curation.actions import publishing
from regimens import releases

from ._people import add_by, person


class Command(BaseCommand):
    help = (
        "Store a release that export_release wrote, and ask that it be put in force, which another person confirms. "
        "A damaged one is refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        add_by(parser, "who asks that it be put in force")
        parser.add_argument(
            "--as-baseline", action="store_true", help="put it in force at once, as the first of an installation"
        )

    def handle(self, *args: Any, file: Path, by: str | None, as_baseline: bool, **options: Any) -> None:
        importer = person(by) if by or not as_baseline else None
        try:
            release, _ = publishing.import_release(file, by=importer, as_baseline=as_baseline)
            is_in_force = release == releases.in_force()
        except (releases.ReleaseError, ActionRefused) as error:
            raise CommandError(str(error)) from error
        said = "In force:" if is_in_force else "Stored; another person has to confirm that it be put in force:"
        self.stdout.write(f"{said} release {release.name}, SHA-256 {release.sha256}")
