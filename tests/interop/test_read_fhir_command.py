"""`manage.py read_fhir`: what was read, or an OperationOutcome and exit status 1."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.factories.fhir import PATIENT, as_bytes, ki67, observation

pytestmark = pytest.mark.django_db


def run(file: str, *arguments: str) -> tuple[str, int]:
    out, status = io.StringIO(), 0
    try:
        call_command("read_fhir", file, *arguments, stdout=out)
    except SystemExit as stopped:
        status = int(stopped.code or 0)
    return out.getvalue(), status


@pytest.fixture
def record(tmp_path: Path) -> str:
    path = tmp_path / "record.json"
    path.write_bytes(as_bytes(PATIENT, ki67("a", 80), observation("b", "81695-9")))
    return str(path)


def test_json(record: str) -> None:
    out, status = run(record, "--json")
    assert status == 0
    assert json.loads(out) == {
        "features": {"ki67": 80},
        "conflicts": [],
        "ignored": [{"resource": "Observation/b", "why": "no-value"}],
        "unknown_because": {"msi": "no-value"},
        "provenance": {"ki67": [{"resource": "Observation/a", "element": "valueQuantity", "date": "2026-01-10"}]},
    }


def test_a_table_for_people(record: str) -> None:
    out, status = run(record)
    assert status == 0
    assert "ki67: 80\n      Observation/a valueQuantity 2026-01-10\n" in out
    assert "msi: unknown (no-value)\n" in out
    assert "ignored: Observation/b (no-value)\n" in out


def test_standard_input(record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Standard:
        buffer = io.BytesIO(Path(record).read_bytes())

    monkeypatch.setattr("sys.stdin", Standard)
    assert json.loads(run("-", "--json")[0])["features"] == {"ki67": 80}


def test_a_refused_file(tmp_path: Path) -> None:
    (tmp_path / "two.json").write_bytes(as_bytes(PATIENT, PATIENT | {"id": "p2"}))
    out, status = run(str(tmp_path / "two.json"), "--json")
    outcome: dict[str, Any] = json.loads(out)
    assert status == 1
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["details"] == {"text": "several-patients"}
    assert outcome["issue"][0]["expression"] == ["Patient/p1; Patient/p2"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run(str(tmp_path / "none.json"))


def test_a_release_that_is_not_there(record: str) -> None:
    with pytest.raises(CommandError, match="no release"):
        run(record, "--release", "never")
