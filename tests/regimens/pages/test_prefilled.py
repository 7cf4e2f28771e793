"""The form filled in from features says what they say, and nothing besides."""

from __future__ import annotations

from typing import Any

import pytest

from regimens import releases
from regimens.pages.patient_form import PatientForm
from regimens.pages.prefilled import entered
from regimens.rules.knowledge import Knowledge
from tests.factories.patients import worked

pytestmark = pytest.mark.django_db

EP, TOPOTECAN = "etoposide-platinum", "topotecan"


@pytest.fixture
def knowledge() -> Knowledge:
    return releases.current()


def understood(features: dict[str, Any], knowledge: Knowledge) -> dict[str, Any]:
    form = PatientForm({**entered(features), "region": "US"}, knowledge=knowledge)
    assert form.is_valid(), form.errors
    assert form.patient is not None
    return {name: value for name, value in form.patient.features.items() if name != "region"}


def test_every_worked_patient_comes_back(knowledge: Knowledge) -> None:
    """But for the platinum, which the form takes as failed by itself where interval or response say so."""
    count = 0
    for case in worked():
        known = knowledge.patient(case).values
        for name, value in understood(case, knowledge).items():
            if isinstance(value, frozenset):
                more = value - (known.get(name) or frozenset())
                assert more <= knowledge.vocabulary.platinum, (case, name)
            else:
                assert known.get(name) == value, (case, name)
            count += 1
    assert count > 500


@pytest.mark.parametrize(
    ("features", "found"),
    [
        ({"ki67": 72.5, "ecog": 0}, {"ki67": 72.5, "ecog": 0}),
        ({"ild": False, "warfarin": True}, {"ild": False, "warfarin": True}),
        ({"ras_mutation": False}, {"ras_mutation": False}),
        ({"prior_regimens": [EP]}, {"prior_regimens": {EP}}),
        (
            {"prior_regimens": [EP, TOPOTECAN], "progressed_on": [TOPOTECAN]},
            {"prior_regimens": {EP, TOPOTECAN}, "progressed_on": {TOPOTECAN}},
        ),
        (
            {"prior_regimens": [EP], "prior_drugs": ["pazopanib"], "progressed_on": [EP]},
            {"prior_regimens": {EP}, "prior_drugs": {"pazopanib"}},
        ),
        (
            {
                "prior_regimens": [EP],
                "prior_drugs": ["pazopanib"],
                "progressed_on": [],
                "progressed_on_drugs": ["pazopanib"],
            },
            {"prior_regimens": {EP}, "prior_drugs": {"pazopanib"}, "progressed_on_drugs": {"pazopanib"}},
        ),
    ],
)
def test_what_is_said_and_nothing_besides(
    features: dict[str, Any], found: dict[str, Any], knowledge: Knowledge
) -> None:
    assert understood(features, knowledge).items() >= found.items()
    extra = understood(features, knowledge).keys() - features.keys()
    assert extra == set()
