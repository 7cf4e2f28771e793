"""`manage.py restore DIR`: a backup into the database of the settings, which has to be empty."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.checks import LOCKED
from accounts.second_factor import locked
from necapp.operations.backup import folder as backups
from necapp.operations.backup.connections import for_its_owner_alone, in_use, working_on
from necapp.operations.backup.errors import told_as
from necapp.operations.backup.loading import Told, check_can_be_filled, load


class Command(BaseCommand):
    help = (
        "Load a backup into the database that DATABASE_URL names, of SQLite or PostgreSQL: without tables, or migrated "
        "and without rows. Every file is checked first; rows, the chain of events and rankings are compared with the "
        "backup's; then all of it is there, or nothing. A backup of an earlier version is brought up to this one."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        with told_as("Nothing was restored"), for_its_owner_alone():
            with working_on(in_use()) as into:
                check_can_be_filled(into)  # before all is read, which takes its time
            backup = backups.read(folder)
            manifest = backup.manifest
            details = {"rows": manifest.rows, "manifest": backup.sha256, "made_at": manifest.made_at}
            with working_on(in_use()) as into:
                differences = load(backup, into, Told("restore", folder.name, details))
                apps = locked()
        self.stdout.write(
            f"Restored {manifest.rows} rows of {len(manifest.tables)} tables, as they were at {manifest.made_at}; each "
            "table, the chain of events and what is ranked are those of the backup"
            if manifest.rankings and not differences
            else f"Restored {manifest.rows} rows of {len(manifest.tables)} tables, as they were at {manifest.made_at}"
        )
        if manifest.rankings is None:
            self.stderr.write("The backup says nothing of rankings: none were compared.")
        if apps:
            self.stderr.write(LOCKED.format(apps=apps))
        for difference in differences:
            self.stderr.write(f"Since version {manifest.version}: {difference}")
