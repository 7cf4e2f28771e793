"""The contracts of import-linter name every room: one that is new at the root cannot be forgotten in them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
NO_ROOMS = {"benchmarks", "tests"}


def contracts() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    return found


def test_every_room_has_its_place() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - NO_ROOMS
    linter = contracts()
    layers = next(c["layers"] for c in linter["contracts"] if c["type"] == "layers" and "containers" not in c)
    circles = next(c["ancestors"] for c in linter["contracts"] if c["type"] == "acyclic_siblings")
    of_all = [c["source_modules"] for c in linter["contracts"] if "necapp" in c.get("source_modules", ())]
    assert set(linter["root_packages"]) == rooms
    assert {room.strip() for layer in layers for room in layer.split("|")} == rooms
    assert len(of_all) == 2  # which of them imports tests, and which asks other systems
    assert all(set(named) == rooms for named in [circles, *of_all])
