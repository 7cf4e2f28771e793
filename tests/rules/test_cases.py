"""Forty worked patients on the shipped evidence, against the rankings of an independent implementation."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from regimens.rules.evidence import BEST_SUPPORTIVE_CARE
from regimens.rules.knowledge import Knowledge
from regimens.rules.ranking import Ranking, rank
from regimens.rules.record import as_dict, of
from tests.factories.patients import CASES, worked

TOLERANCE = 1e-9
SHARES = ("first_in_band", "best", "top3")  # counts of draws: exactly
NOT_COMPARED = ("reasons", "warnings")  # keywords in the worked cases, sentences in ours: compared by keyword below
BIOMARKERS = ("msi", "tmb", "braf_v600e", "ntrk", "ret", "her2", "kras_g12c", "dll3", "sstr")


def lines(text: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


PATIENTS = worked()
RANKINGS = lines(gzip.decompress((CASES / "rankings.jsonl.gz").read_bytes()))
NUMBERS = list(range(len(PATIENTS)))


@pytest.fixture(scope="module")
def rankings(knowledge: Knowledge) -> list[Ranking]:
    return [rank(knowledge.patient(features), knowledge) for features in PATIENTS]


def differences(expected: Any, found: Any, path: str = "") -> Iterator[str]:
    """Every place where the two differ; `found` may hold more keys, never more rows."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            if key in NOT_COMPARED:
                continue
            if key in found:
                yield from differences(value, found[key], f"{path}.{key}")
            else:
                yield f"{path}.{key} is missing"
    elif isinstance(expected, list):
        if len(expected) != len(found):
            yield f"{path}: {len(found)} rows, expected {len(expected)}"
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


def as_set(value: Any) -> Any:
    """Sets of regimens travel as lists; ours are sorted."""
    return sorted(value) if isinstance(value, list) else value


def test_there_is_a_ranking_for_every_patient():
    assert len(PATIENTS) == len(RANKINGS) == 40
    assert [ranking["patient"] for ranking in RANKINGS] == PATIENTS


@pytest.mark.parametrize("number", NUMBERS)
def test_the_ranking_agrees_in_every_key(number, rankings):
    found = as_dict(of(rankings[number]))
    found["options"] = [option for option in found["options"] if option["regimen"] != BEST_SUPPORTIVE_CARE]
    found["tests"] = [test for test in found["tests"] if test["feature"] in BIOMARKERS]
    patient = {name: as_set(value) for name, value in RANKINGS[number]["patient"].items()}
    assert list(differences({**RANKINGS[number], "patient": patient}, found)) == []
    assert found["patient"].keys() == patient.keys()


@pytest.mark.parametrize("number", NUMBERS)
def test_scope_and_warnings_agree_by_keyword(number, rankings):
    expected, found = RANKINGS[number]["scope"], rankings[number].scope
    assert [keyword for keyword, _ in found.reasons] == expected["reasons"]
    assert [keyword for keyword, _ in found.warnings] == expected["warnings"]


@pytest.mark.parametrize("number", NUMBERS)
def test_supportive_care_is_listed_once_and_only_in_scope(number, rankings):
    care = [option for option in rankings[number].options if option.regimen.slug == BEST_SUPPORTIVE_CARE]
    assert len(care) == (1 if RANKINGS[number]["scope"]["in_scope"] else 0)
    assert all((option.band, option.rank) == ("recommended", None) for option in care)
