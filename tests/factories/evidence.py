"""The shipped evidence base as one plain document, read from its files without a database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

SHIPPED = Path(__file__).parents[2] / "regimens" / "knowledge"
LISTS = ("drugs", "exposure_classes", "regimens", "licences", "indications", "biomarkers", "guidelines", "trials")


def shipped_document(folder: Path = SHIPPED) -> dict[str, Any]:
    """Every list of the evidence base, publications of all files together."""

    def read(path: Path) -> Any:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)

    publications = [entry for path in sorted((folder / "publications").glob("*.yaml")) for entry in read(path)]
    return {"format": 2, "publications": publications} | {name: read(folder / f"{name}.yaml") for name in LISTS}
