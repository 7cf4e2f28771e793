"""The files of the evidence base, for tests that need them to say something else."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

Change = Callable[[dict[str, Any]], Any]


def change(directory: Path, file: str, key: str, how: Change) -> None:
    """Do something to one entry of a file in a directory; `how` is given its row."""
    path = directory / file
    rows = read(path)
    how(next(row for row in rows if key in (row.get("key"), row.get("slug"), row.get("nct"))))
    write(path, rows)


def read(path: Path) -> list[dict[str, Any]]:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text(yaml.dump(rows, Dumper=yaml.CSafeDumper, allow_unicode=True), encoding="utf-8")


def result(**values: Any) -> Change:
    """Change the first result of a publication."""
    return lambda row: row["results"][0].update(values)


def parsed(text: str, Loader: type) -> Any:  # noqa: N803 - in place of yaml.load
    """What a file says, parsed once though many tests read it: all but the one that a test spoils are as shipped."""
    return pickle.loads(_parsed(text, Loader))  # noqa: S301 - made below, anew for each who may change it


@lru_cache(maxsize=100)
def _parsed(text: str, loader: type) -> bytes:
    return pickle.dumps(_load(text, Loader=loader))


_load = yaml.load
