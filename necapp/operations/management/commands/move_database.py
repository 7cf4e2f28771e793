"""`manage.py move_database URL`: all that the database holds into another, empty one, of SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.events import record
from necapp.operations.backup.connections import at, for_its_owner_alone, in_use, working_on
from necapp.operations.backup.errors import BackupError, told_as
from necapp.operations.backup.loading import Told, check_can_be_filled, load
from necapp.operations.backup.snapshot import Manifest, Snapshot, snapshot
from necapp.operations.backup.tables import Row

# By which two addresses are of the same database.
PLACE = ("ENGINE", "NAME", "HOST", "PORT")


@dataclass(frozen=True)
class Moved:
    """The rows of a database that is open, with what they sum up to."""

    manifest: Manifest
    source: Snapshot

    def rows(self, table: str) -> Iterator[Row]:
        return self.source.rows(table)


class Command(BaseCommand):
    help = (
        "Load all that the database holds into another one, which is empty: from SQLite to PostgreSQL, or back. Rows, "
        "the chain of events and rankings are compared; the database that is left stays as it is. Stop the app first: "
        "what is written after this began is not moved."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help="as DATABASE_URL, such as postgres://user:password@host/name")

    def handle(self, *args: Any, url: str, **options: Any) -> None:
        with told_as("Nothing was moved"), for_its_owner_alone():
            target, database = at(url), in_use()
            if [target[part] for part in PLACE] == [database[part] for part in PLACE]:
                raise BackupError("the address is that of the database itself")
            with working_on(target) as into:
                check_can_be_filled(into)  # before all is read, which takes its time
            with snapshot(database) as source:
                if not source.is_of_this_version:
                    raise BackupError("migrations wait to be applied: run migrate first")
                manifest = source.manifest()
                with working_on(target) as into:
                    words = f"from {manifest.database} to {into.vendor}"
                    load(Moved(manifest, source), into, Told("move-database", words, {"rows": manifest.rows}))
        record("move-database", words, details={"rows": manifest.rows})
        decided = len(manifest.rankings.decisions) if manifest.rankings else 0
        patients = len(manifest.rankings.patients) if manifest.rankings else 0
        self.stdout.write(
            f"Moved {manifest.rows} rows of {len(manifest.tables)} tables {words}. The same on both sides: every row, "
            f"{manifest.seals.sealed if manifest.seals else 0} sealed events, the rankings of {patients} reference "
            f"patients and of {decided} decided cases. Now set DATABASE_URL to the new address."
        )
