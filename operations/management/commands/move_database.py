"""`manage.py move_database URL`: all that the database holds into another, empty one, of SQLite or PostgreSQL."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.events import record
from operations.backup.connections import at, in_use, working_on
from operations.backup.errors import BackupError
from operations.backup.loading import Told, load
from operations.backup.snapshot import Manifest, Snapshot, snapshot


@dataclass(frozen=True)
class Moved:
    """The rows of a database that is open, with what they sum up to."""

    manifest: Manifest
    source: Snapshot

    def rows(self, table: str) -> Any:
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
        os.umask(0o077)
        try:
            target = at(url)
            database = in_use()
            if (target["ENGINE"], target["NAME"], target["HOST"]) == tuple(
                database[k] for k in ("ENGINE", "NAME", "HOST")
            ):
                raise BackupError("the address is that of the database itself")
            with snapshot(database) as source:
                if not source.is_of_this_version:
                    raise BackupError("migrations wait to be applied: run migrate first")
                manifest = source.manifest()
                with working_on(target) as into:
                    words = f"from {manifest.database} to {into.vendor}"
                    told = Told("move-database", words, {"rows": manifest.rows})
                    load(Moved(manifest, source), into, told)
        except BackupError as error:
            raise CommandError(f"Nothing was moved: {error}") from error
        record("move-database", words, details={"rows": manifest.rows})
        decided = len(manifest.rankings.decisions) if manifest.rankings else 0
        patients = len(manifest.rankings.patients) if manifest.rankings else 0
        self.stdout.write(
            f"Moved {manifest.rows} rows of {len(manifest.tables)} tables {words}. The same on both sides: every row, "
            f"{manifest.seals.sealed if manifest.seals else 0} sealed events, the rankings of {patients} reference "
            f"patients and of {decided} decided cases. Now set DATABASE_URL to the new address."
        )
