"""What is given out with the app comes under licences that a hospital may use it by."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution

from tests.databases import ROOT


def locked() -> list[str]:
    """The packages of the production lock that are installed here: some are for other systems alone."""
    names = re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements" / "production.txt").read_text(), re.MULTILINE)
    return [name for name in names if _is_installed(name)]


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_licences_are_allowed() -> None:
    """By the list in pyproject.toml, which `make sbom` holds to as well."""
    names = locked()
    command = [sys.executable, "-m", "piplicenses", "--format", "json", "--packages", *names]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert {_canonical(row["Name"]) for row in json.loads(told.stdout)} == set(names)
