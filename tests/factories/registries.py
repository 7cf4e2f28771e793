"""Registries of a few patients in files, and the release on which they are ranked, as it is exported."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as parquet

from audit.canonical import canonical_json, sha256_of
from regimens.rules.benchmark import benchmark_constants
from regimens.rules.knowledge import Knowledge
from registries.engine.release import hold
from registries.engine.run import Asked, carried_of, run
from tests.factories.evidence import shipped_document

Row = Mapping[str, Any]
TABLES = ("rankings", "tests", "patients", "errors")


@cache
def exported() -> bytes:
    """The shipped evidence as `export_release` writes it; nothing here asks for the validation, which takes seconds."""
    document = shipped_document()
    return export_of({**document, "constants": benchmark_constants(document)})


def export_of(document: Mapping[str, Any], name: str = "shipped") -> bytes:
    text = canonical_json(document)
    header = {"format": "necapp knowledge release 1", "name": name, "published": "2026-11-25T00:00:00+00:00"}
    return canonical_json(header | {"sha256": sha256_of(text)}) + b"\n" + text + b"\n"


def knowledge_of(export: bytes) -> Knowledge:
    """A release from its export."""
    return hold(carried_of(export))


def as_lines(path: Path, rows: Iterable[Row]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def as_csv(path: Path, rows: Iterable[Row], delimiter: str = ",") -> Path:
    """Sets as text, parted by semicolons."""
    known = list(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*dict.fromkeys(name for row in known for name in row)], delimiter=delimiter)
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in known)
    return path


def as_parquet(path: Path, rows: Iterable[Row], *, rows_a_group: int | None = None) -> Path:
    parquet.write_table(table_of(rows), path, row_group_size=rows_a_group)
    return path


def table_of(rows: Iterable[Row]) -> arrow.Table:
    """A column for whatever a row names."""
    known = list(rows)
    names = [*dict.fromkeys(name for row in known for name in row)]
    return arrow.table({name: [row.get(name) for row in known] for name in names})


def ranked(given: Path | str, out: Path, **asked: Any) -> dict[str, Any]:
    """The manifest of a run in this process."""
    return run(
        Asked(given=str(given), out=out, **{"release": exported(), "preference": "balanced", "workers": 1} | asked)
    )


def small(given: Path | str, out: Path, **asked: Any) -> dict[str, Any]:
    """The same in parts of 20 patients."""
    return ranked(given, out, **{"rows_a_part": 20} | asked)


def read(out: Path, table: str) -> list[dict[str, Any]]:
    """The rows of a table, of all parts."""
    files = sorted((out / table).glob("*.parquet"))
    return [row for file in files for row in parquet.read_table(file).to_pylist()]


def data_of(out: Path) -> dict[str, bytes]:
    """The bytes of every table."""
    return {str(file.relative_to(out)): file.read_bytes() for table in TABLES for file in (out / table).iterdir()}


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return ";".join(value) or "none"
    return str(value).lower() if isinstance(value, bool) else value
