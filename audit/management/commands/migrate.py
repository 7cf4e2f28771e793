"""Django's own, on databases of every version: migrations that were numbered anew are known by their former numbers.

On 25 November 2026 those of several branches were put in the order in which they run. A database that was migrated
before records them under their former names; without this it would be asked to make tables that it has.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

# App, former name, name.
RENAMED = (
    ("regimens", "0010_lookups_and_notices", "0006_lookups_and_notices"),
    ("regimens", "0050_event_seals", "0007_event_seals"),
    ("regimens", "0040_readings", "0008_readings"),
    ("regimens", "0041_readings_are_kept", "0009_readings_are_kept"),
    ("boards", "0020_follow_up_and_replays", "0004_follow_up_and_replays"),
    ("boards", "0021_follow_up_stays", "0005_follow_up_stays"),
)


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        call_by_present_names(connections[options["database"]])
        super().handle(*args, **options)


def call_by_present_names(connection: Any) -> None:
    """Record what ran under a former name as run, whatever else is recorded."""
    recorder = MigrationRecorder(connection)
    if not recorder.has_table():
        return
    ran = set(recorder.applied_migrations())
    for app, former, name in RENAMED:
        if (app, former) not in ran:
            continue
        if (app, name) not in ran:
            recorder.record_applied(app, name)
        recorder.record_unapplied(app, former)
