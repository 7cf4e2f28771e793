"""The shipped evidence base as Knowledge, read from its files without a database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from regimens.rules.knowledge import Knowledge
from tests.factories.documents import published
from tests.factories.drawn import Shipped

SHIPPED = Path(__file__).parents[2] / "regimens" / "knowledge"
LISTS = ("regimens", "indications", "biomarkers", "guidelines", "trials")


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    def read(path: Path) -> Any:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)

    publications = [entry for path in sorted((SHIPPED / "publications").glob("*.yaml")) for entry in read(path)]
    return {"format": 1, "publications": publications} | {name: read(SHIPPED / f"{name}.yaml") for name in LISTS}


@pytest.fixture(scope="session")
def knowledge(document: dict[str, Any]) -> Knowledge:
    return published(document)


@pytest.fixture(scope="session")
def shipped(document: dict[str, Any], knowledge: Knowledge) -> Shipped:
    return Shipped(document, knowledge)
