"""The worked patients of tests/cases, as features and as what is entered on the page for them, and others at random."""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from regimens.pages import prefilled
from regimens.pages.changes import BEFORE
from regimens.pages.prefilled import Entered
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import (
    DEFAULT_REGION,
    FEATURES,
    RECEIVED,
    Feature,
    Patient,
    PatientError,
    in_scope,
)

CASES = Path(__file__).parents[1] / "tests" / "cases" / "patients.jsonl"


def cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


def entered(features: Mapping[str, Any]) -> Entered:
    """The form's fields, filled in as a clinician would who knows these features; by itself in the US."""
    return {"region": DEFAULT_REGION} | prefilled.entered(features)


def never_seen(knowledge: Knowledge, seed: int) -> Iterator[Patient]:
    """Patients in scope without contradiction, about half of whose features are known: no two alike."""
    drawn = random.Random(seed)  # noqa: S311 - draws examples, no secrets
    pools = {"regimens": sorted(knowledge.regimens), "drugs": sorted(knowledge.drugs)}
    while True:
        found = {name: _value(each, drawn) for name, each in FEATURES.items() if each.kind != "set" and _half(drawn)}
        for received, failed in RECEIVED:
            if _half(drawn):
                found[received] = drawn.sample(pools[FEATURES[received].holds], drawn.randint(0, 3))
                found[failed] = drawn.sample(found[received], drawn.randint(0, min(len(found[received]), 2)))
        try:
            patient = knowledge.patient(found)
        except PatientError:
            continue
        if in_scope(patient):
            yield patient


def sent(knowledge: Knowledge, seed: int) -> Iterator[Entered]:
    """The form of one patient after another, none of whom was seen before."""
    return (entered(patient.features) for patient in never_seen(knowledge, seed))


def sent_again(knowledge: Knowledge, seed: int, page_of: Callable[[Entered], bytes]) -> Iterator[Entered]:
    """The form of one patient after another with an entry changed, and with what the page held as it was before.

    `page_of` sends the form as it was, when the patient is taken, and gives the page.
    """
    drawn = random.Random(seed)  # noqa: S311 - draws examples, no secrets
    for patient in never_seen(knowledge, seed):
        page = page_of(entered(patient.features)).decode()
        held = [html.unescape(entry) for entry in re.findall(rf'name="{BEFORE}" value="([^"]*)"', page)]
        yield entered(changed(patient, knowledge, drawn).features) | {BEFORE: held}


def changed(patient: Patient, knowledge: Knowledge, drawn: random.Random) -> Patient:
    """The same patient with another value of one feature, as somebody changes one field of the form."""
    while True:
        name = drawn.choice([name for name in patient.features if FEATURES[name].kind != "set"])
        try:
            other = knowledge.patient({**patient.features, name: _value(FEATURES[name], drawn)})
        except PatientError:
            continue
        if in_scope(other) and other != patient:
            return other


def _half(drawn: random.Random) -> bool:
    return drawn.random() < 0.5


def _value(feature: Feature, drawn: random.Random) -> Any:
    if feature.kind == "choice":
        return drawn.choice(list(feature.values))
    if feature.kind == "flag":
        return drawn.random() < 0.25
    if feature.kind == "count":
        return drawn.randint(int(feature.low), int(feature.high))
    return round(drawn.triangular(feature.low, feature.high, feature.low + (feature.high - feature.low) / 20), 1)
