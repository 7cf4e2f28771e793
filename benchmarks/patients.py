"""The forty patients of tests/cases, as features and as what is entered on the page for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from regimens.pages.patient_form import PLATINUM_GIVEN, PLATINUM_NOT_GIVEN, SINGLE
from regimens.rules.patient import CONDITIONS

CASES = Path(__file__).parents[1] / "tests" / "cases" / "patients.jsonl"

Entered = dict[str, str | list[str]]


def cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


def entered(features: dict[str, Any]) -> Entered:
    """The form's fields, filled in as a clinician would who knows these features."""
    fields: Entered = {name: str(features[name]) for name in SINGLE if name in features}
    fields["first_line_platinum"] = PLATINUM_GIVEN if features.get("platinum_received") else PLATINUM_NOT_GIVEN
    fields["received"] = features.get("prior_regimens", [])
    fields["progressed"] = features.get("progressed_on", [])
    fields["conditions"] = [name for name in CONDITIONS if features.get(name) is True]
    return fields
