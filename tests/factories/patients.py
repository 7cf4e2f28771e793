"""Patients, as the form sends them and as the worked cases have them."""

from __future__ import annotations

import json
import lzma
from functools import cache
from typing import Any

from tests.databases import ROOT

CASES = ROOT / "tests" / "cases"


def colorectal(**values: Any) -> dict[str, Any]:
    """A colorectal small-cell carcinoma, platinum-resistant, as the form sends it, but for `values`."""
    ordinary: dict[str, Any] = {
        "primary_site": "colorectal",
        "histology": "small-cell",
        "differentiation": "poor",
        "ki67": "80",
        "first_line_platinum": "etoposide-platinum",
        "platinum_best_response": "PR",
        "platinum_free_interval_months": "2",
        "lines_received": "1",
        "ecog": "1",
        "region": "US",
    }
    return ordinary | values


def worked() -> list[dict[str, Any]]:
    """The features of the sixty patients with expected rankings."""
    lines = (CASES / "patients.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@cache
def shown_by_the_first_edition() -> tuple[str, ...]:
    """The sixty worked patients of the first edition of the method with the rankings that it gave, a JSON line each.

    The last is the first patient's once more: by survival, without borrowed evidence, without draws.
    """
    return tuple(lzma.decompress((CASES / "first-edition.jsonl.xz").read_bytes()).decode().splitlines())
