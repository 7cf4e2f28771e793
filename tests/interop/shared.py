"""The public example data and the worked bundles beside the checkout: read there, and not committed.

Where they are not, the tests that need them are skipped with a line that says so; NECAPP_SHARED=required makes that a
failure, as `.ci/run` does where the folder is.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.databases import ROOT

FOLDER = ROOT.parent / "shared" / "interop"
IS_REQUIRED = os.environ.get("NECAPP_SHARED") == "required"

needs_shared = pytest.mark.skipif(
    not FOLDER.is_dir() and not IS_REQUIRED, reason=f"the shared examples are not there: {FOLDER}"
)


def shared(*parts: str) -> Path:
    return FOLDER.joinpath(*parts)


def examples(folder: str) -> list[Path]:
    """The files of a folder of public examples."""
    return sorted(shared(folder).glob("*.json"))


def worked() -> list[str]:
    """The names of the worked bundles."""
    found = shared("worked").glob("*.expected.json")
    return sorted(path.name.removesuffix(".expected.json") for path in found)


def bundle(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared("worked", f"{name}.json").read_text(encoding="utf-8"))
    return found


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared("worked", f"{name}.expected.json").read_text(encoding="utf-8"))
    return found
