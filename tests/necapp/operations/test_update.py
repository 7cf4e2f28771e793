"""An update and the way back: a backup of an earlier version is that version's, and is brought up to this one."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection

from tests.factories.moved import a_file, worked_on
from tests.upgrade.former import GROWING, NO_SUPERUSER, PROJECTED, SEEDS, of_table, record, restored

# Who is signed in is not carried over; events and their seals go on with what was done.
GOES_ON = {"regimens_event", "regimens_eventseal", "accounts_session", "django_session", "django_admin_log"}
# What the update changes: a superuser is an administrator, and seeds are encrypted (tests/upgrade/).
GOES_ON |= {NO_SUPERUSER, SEEDS}


def said(command: str, *arguments: object) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def test_of_an_earlier_version(tmp_path: Path, django_db_blocker: Any) -> None:
    """Backed up before the update by what comes with it; restored into a new database with nothing that people entered
    changed, and every event that was sealed."""
    kept = record()["sqlite"]["tables"]
    with restored("sqlite", tmp_path) as url, django_db_blocker.unblock():
        former = a_file(tmp_path, "former")
        assert url.endswith(former["NAME"])
        with worked_on(former):
            assert "Migrations wait to be applied" in said("backup", tmp_path / "before")
            stood = {table: of_table(table, kept[table]["columns"]) for table in kept}
        manifest = json.loads((tmp_path / "before" / "manifest.json").read_text().splitlines()[1])
        assert (manifest["seals"], manifest["rankings"]) == (None, None)
        with worked_on(a_file(tmp_path, "updated")):
            assert "none were compared" in said("restore", tmp_path / "before")
            assert (tmp_path / "updated.sqlite3").stat().st_mode & 0o777 == 0o600
            there = set(connection.introspection.table_names())
            same = kept.keys() & there - PROJECTED - GOES_ON - {*GROWING}
            assert {table for table in same if of_table(table, kept[table]["columns"]) != stood[table]} == set()
            assert "none changed" in said("verify_events")
            said("migrate", "--check")
