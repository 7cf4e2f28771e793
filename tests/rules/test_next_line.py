"""The patient one line later: what progression on an option changes, and nothing else."""

from __future__ import annotations

import pytest

from regimens.rules.knowledge import Knowledge
from regimens.rules.next_line import MOST_PATIENTS, after_progression_on
from regimens.rules.patient import Patient
from tests.factories.patients import worked

# Colorectal, after one line of platinum with an interval of nine months.
ONE_LINE = {
    "primary_site": "colorectal",
    "histology": "large-cell",
    "ecog": 1,
    "platinum_best_response": "PR",
    "platinum_free_interval_months": 9,
    "prior_regimens": ["etoposide-platinum"],
    "progressed_on": [],
    "lines_received": 1,
}


def later(knowledge: Knowledge, regimen: str, **features: object) -> list[Patient]:
    patient = knowledge.patient({k: v for k, v in (ONE_LINE | features).items() if v is not None})
    return list(after_progression_on(knowledge.regimens[regimen], patient).patients)


def test_it_was_received_and_the_disease_progressed_on_it(knowledge: Knowledge) -> None:
    (patient,) = later(knowledge, "folfiri")
    assert patient.features["prior_regimens"] == {"etoposide-platinum", "folfiri"}
    assert patient.features["progressed_on"] == {"folfiri"}
    assert patient.features["lines_received"] == 2
    unchanged = ONE_LINE.keys() - {"prior_regimens", "progressed_on", "lines_received"}
    assert {name: patient.features[name] for name in unchanged} == {name: ONE_LINE[name] for name in unchanged}
    assert patient.values["platinum_status"] == "sensitive"


def test_after_platinum_the_interval_is_below_three_months_and_the_response_is_not_known(knowledge: Knowledge) -> None:
    patients = later(knowledge, "platinum-rechallenge")
    assert {patient.values["platinum_status"] for patient in patients} == {"refractory", "resistant"}
    for patient in patients:
        assert patient.features["platinum_received"] is True
        assert not patient.knows("platinum_best_response")
        assert patient.progressed_on == {"platinum-rechallenge"}


def test_oxaliplatin_is_no_platinum_whose_interval_counts(knowledge: Knowledge) -> None:
    (patient,) = later(knowledge, "folfox")
    assert patient.features["platinum_free_interval_months"] == 9


def test_what_is_not_known_is_looked_at_both_ways_and_never_read_as_no(knowledge: Knowledge) -> None:
    patients = later(knowledge, "folfiri", progressed_on=None, platinum_best_response=None)
    assert {patient.progressed_on for patient in patients} == {
        frozenset({"folfiri"}),
        frozenset({"folfiri", "etoposide-platinum"}),
    }
    drugs = later(knowledge, "folfiri", prior_drugs=["olaparib", "everolimus"])
    assert {patient.progressed_on_drugs for patient in drugs} == {
        frozenset(),
        frozenset({"olaparib"}),
        frozenset({"everolimus"}),
        frozenset({"olaparib", "everolimus"}),
    }


def test_what_is_unknown_of_the_rest_stays_unknown(knowledge: Knowledge) -> None:
    (patient,) = later(knowledge, "folfiri", prior_regimens=None, progressed_on=None, lines_received=None)
    assert not patient.knows("prior_regimens")
    assert not patient.knows("lines_received")
    assert patient.progressed_on == {"folfiri"}


def test_lines_end_where_their_range_ends(knowledge: Knowledge) -> None:
    (patient,) = later(knowledge, "folfiri", lines_received=12)
    assert not patient.knows("lines_received")


def test_too_many_ways_are_none(knowledge: Knowledge) -> None:
    many = [slug for slug in sorted(knowledge.regimens) if slug != "folfiri"][: MOST_PATIENTS.bit_length()]
    patient = knowledge.patient(ONE_LINE | {"prior_regimens": many, "progressed_on": None, "lines_received": 9})
    found = after_progression_on(knowledge.regimens["folfiri"], patient)
    assert found.patients == ()
    assert found.uncertain == set(many)


@pytest.mark.parametrize("features", worked())
def test_no_worked_patient_contradicts_itself_later(knowledge: Knowledge, features: dict[str, object]) -> None:
    patient = knowledge.patient(features)
    if patient.values.get("platinum_received") is False or patient.values.get("lines_received") == 0:
        return
    for slug in ("folfiri", "platinum-rechallenge", "irinotecan-platinum", "nivolumab-ipilimumab"):
        found = after_progression_on(knowledge.regimens[slug], patient)
        assert found.patients, (slug, features)
        assert all(slug in each.progressed_on for each in found.patients)
