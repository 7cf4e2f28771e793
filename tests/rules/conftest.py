"""The shipped evidence base as Knowledge, read from its files without a database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from regimens.rules.benchmark import benchmark_constants
from regimens.rules.knowledge import Knowledge, ReleaseIdentity

SHIPPED = Path(__file__).parents[2] / "regimens" / "knowledge"
LISTS = ("regimens", "indications", "biomarkers", "guidelines", "trials")
IDENTITY = ReleaseIdentity(name="test", published="2026-11-25", sha256="0" * 64)


def published(document: dict[str, Any]) -> Knowledge:
    """A document as it would be in force: with its constants."""
    constants = benchmark_constants(document)
    return Knowledge.from_document({**document, "constants": constants}, release=IDENTITY)


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    def read(path: Path) -> Any:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)

    publications = [entry for path in sorted((SHIPPED / "publications").glob("*.yaml")) for entry in read(path)]
    return {"format": 1, "publications": publications} | {name: read(SHIPPED / f"{name}.yaml") for name in LISTS}


@pytest.fixture(scope="session")
def knowledge(document: dict[str, Any]) -> Knowledge:
    return published(document)
