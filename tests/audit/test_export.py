"""Events that are taken away: what is in the files, and exports by command as events."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit import chain
from audit import events as audit_events
from audit.export import csv_lines, json_lines
from audit.models import Event
from tests.factories.curation import rename_folfiri
from tests.trail import newest, since

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


class TestCommands:
    def test_each_export_is_one(self, tmp_path: Path) -> None:
        before = newest()
        call_command("export_cohorts", tmp_path / "cohorts.csv", verbosity=0)
        call_command("export_release", tmp_path / "release", verbosity=0)
        call_command("export_events", tmp_path / "events.jsonl", verbosity=0)
        assert since(before) == ["export", "export-release", "export-events"]
        assert all(event.details["os_user"] for event in Event.objects.filter(pk__gt=before))

    def test_what_cannot_be_written_is_none(self, tmp_path: Path) -> None:
        before = newest()
        for command in ("export_cohorts", "export_release", "export_events", "export_security_events"):
            with pytest.raises(CommandError):
                call_command(command, tmp_path / "no folder" / "file.csv", verbosity=0)
        assert since(before) == []


class TestExportedEvents:
    @pytest.fixture(autouse=True)
    def some(self) -> None:
        rename_folfiri()
        audit_events.record("try", "=HYPERLINK(1)", details={"reason": "ä\n+1"})
        chain.seal_all()

    def test_json_lines_hold_what_the_hash_is_made_of(self, tmp_path: Path) -> None:
        path = tmp_path / "events.jsonl"
        call_command("export_events", path, verbosity=0)
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert [line["id"] for line in lines] == sorted(Event.objects.values_list("pk", flat=True))[:-1]
        assert [line["former"] for line in lines[1:]] == [line["sha256"] for line in lines[:-1]]
        out = io.StringIO()
        call_command("verify_events", file=path, stdout=out)
        assert f"{len(lines)} events" in out.getvalue()
        lines[3]["subject"] = "another"
        path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        with pytest.raises(CommandError, match=f"event {lines[3]['id']}"):
            call_command("verify_events", file=path)

    def test_no_cell_is_run_as_a_formula(self) -> None:
        rows = list(csv.DictReader(io.StringIO("".join(csv_lines(Event.objects.all())).removeprefix("\ufeff"))))
        assert len(rows) == Event.objects.count()
        assert rows[-1]["subject"] == "'=HYPERLINK(1)"
        assert not any(cell[:1] in tuple("=+-@\t\r") for row in rows for cell in row.values())
        said = {row["what"] for row in rows}
        assert "accepted the proposal on FOLFIRI, renamed (regimen)" in said

    def test_a_period_is_from_day_to_day(self, tmp_path: Path) -> None:
        path = tmp_path / "events.csv"
        for period, count in (({"since": date(2026, 1, 1)}, True), ({"until": date(2020, 1, 1)}, False)):
            call_command("export_events", path, verbosity=0, **period)
            assert (len(path.read_text(encoding="utf-8-sig").splitlines()) > 1) == count

    def test_however_many_they_are_they_are_read_in_parts(self, django_assert_max_num_queries: Any) -> None:
        with django_assert_max_num_queries(3):
            assert len(list(json_lines(Event.objects.all()))) == Event.objects.count()
