"""`manage.py backup DIR`: the whole database as files, as of one moment, while the app runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.events import record
from necapp.operations.backup import folder as backups
from necapp.operations.backup.connections import in_use
from necapp.operations.backup.errors import told_as
from necapp.operations.backup.snapshot import snapshot


class Command(BaseCommand):
    help = (
        "Write the whole database to a new folder, as it is at one moment; nobody has to stop working. It holds all "
        "that boards saved of patients, and who may sign in: keep it on an encrypted medium. `restore` loads it into "
        "an empty database, of SQLite or PostgreSQL."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--no-rankings",
            action="store_true",
            help="leave out what reference patients and decided cases are ranked as, by which `restore` checks that "
            "they still are: it takes seconds, and minutes for thousands of decided cases",
        )

    def handle(self, *args: Any, folder: Path, no_rankings: bool, **options: Any) -> None:
        with told_as("Nothing was backed up"), snapshot(in_use()) as source:
            is_of_this_version = source.is_of_this_version
            made = backups.write(source, folder, rankings=not no_rankings)
        manifest = made.manifest
        if is_of_this_version:
            details = {"rows": manifest.rows, "manifest": made.sha256}
            record("back-up", made.path.name, details=details)
        self.stdout.write(
            f"Backed {manifest.rows} rows of {len(manifest.tables)} tables up to {made.path}; "
            f"the SHA-256 of its manifest is {made.sha256}"
        )
        if manifest.seals and manifest.seals.broken:
            self.stderr.write(f"The chain of events is broken, and is so in the backup: {manifest.seals.broken}")
        if not is_of_this_version:
            self.stderr.write(
                "Migrations wait to be applied: the backup is of the earlier version, and says nothing of rankings."
            )
