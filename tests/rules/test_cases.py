"""Sixty worked patients on the shipped evidence, against the rankings of an independent implementation."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from regimens.rules.knowledge import Knowledge
from regimens.rules.ranking import rank
from regimens.rules.record import as_dict, of
from tests.factories.patients import CASES, worked

TOLERANCE = 1e-9
SHARES = ("first_in_band", "best", "top3", "expected_rank")  # counts of draws: exactly
BIOMARKERS = ("msi", "tmb", "braf_v600e", "ntrk", "ret", "her2", "kras_g12c", "dll3", "sstr")

# The lists to which the method gives no order: compared as sets, by what tells their rows apart.
UNORDERED = ("cautions", "indications", "keys", "possible", "cohorts", "needs_test", "features", "enters_recommended")
TOLD_APART_BY = ("publication", "index", "key", "level", "truth", "drug", "class", "regimen")


def lines(text: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


PATIENTS = worked()
RANKINGS = lines(gzip.decompress((CASES / "rankings.jsonl.gz").read_bytes()))
NUMBERS = list(range(len(PATIENTS)))


@pytest.fixture(scope="module")
def rankings(knowledge: Knowledge) -> list[dict[str, Any]]:
    return [as_dict(of(rank(knowledge.patient(features), knowledge))) for features in PATIENTS]


def told_apart(row: Any) -> str:
    return json.dumps({key: row.get(key) for key in TOLD_APART_BY} if isinstance(row, dict) else row)


def differences(expected: Any, found: Any, path: str = "") -> Iterator[str]:
    """Every place where the two differ; `found` may hold more keys, never more rows."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            if key in found:
                yield from differences(value, found[key], f"{path}.{key}")
            else:
                yield f"{path}.{key} is missing"
    elif isinstance(expected, list):
        if len(expected) != len(found):
            yield f"{path}: {len(found)} rows, expected {len(expected)}"
        if path.endswith(UNORDERED):
            expected, found = sorted(expected, key=told_apart), sorted(found, key=told_apart)
        for position, (value, ours) in enumerate(zip(expected, found, strict=False)):
            yield from differences(value, ours, f"{path}[{position}]")
    elif not same(expected, found, exactly=path.endswith(SHARES)):
        yield f"{path}: {found!r}, expected {expected!r}"


def same(expected: Any, found: Any, *, exactly: bool) -> bool:
    if expected is None or isinstance(expected, (bool, str)):
        return type(found) is type(expected) and found == expected
    if found is None or isinstance(found, (bool, str)):
        return False
    return found == expected if exactly else math.isclose(found, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def test_there_is_a_ranking_for_every_patient():
    assert len(PATIENTS) == len(RANKINGS) == 60


@pytest.mark.parametrize("number", NUMBERS)
def test_the_ranking_agrees_in_every_key(number, rankings):
    # Reasons are keywords in the worked cases and sentences in ours; of the tests they hold to biomarkers.
    found, expected = dict(rankings[number]), dict(RANKINGS[number])
    reasons = [ranking["scope"].pop("reasons") for ranking in (found, expected)]
    assert len(reasons[0]) == len(reasons[1])
    for ranking in (found, expected):
        ranking["tests"] = [test for test in ranking["tests"] if test["feature"] in BIOMARKERS]
    assert list(differences(expected, found)) == []
    assert list(found["patient"]) == list(expected["patient"])
    assert list(found["implied"]) == list(expected["implied"])
    assert (expected["options"] == []) == bool(reasons[1])


@pytest.mark.parametrize("number", NUMBERS)
def test_what_was_shown_to_tell_regimens_apart_agrees(number, validation):
    assert validation.demonstrated == RANKINGS[number]["demonstrated"]
