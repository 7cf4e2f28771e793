"""A patient stored under the first edition: nothing is known of it today that was not asked then."""

from __future__ import annotations

from typing import Any

import pytest

from regimens.rules.first_edition import (
    ASKED_TOGETHER,
    FORMER,
    PARTS,
    absent_of_today,
    of_today,
    to_read,
)
from regimens.rules.knowledge import Knowledge, KnowledgeError
from regimens.rules.patient import CONDITIONS, FEATURES
from regimens.rules.rank_changes import standings
from regimens.rules.ranking import rank
from regimens.rules.record import from_json
from tests.factories.patients import shown_by_the_first_edition

BLEEDING = ("bleeding_active", "arterial_thrombosis", "venous_thrombosis")
# Those that the second edition asks for and the first did not.
NEW_CONDITIONS = ("active_infection", "pregnancy_or_breastfeeding")


def test_bleeding_or_thrombosis_is_asked_for_again() -> None:
    mapped = of_today({"bleeding_or_thrombosis": True, "ecog": 1})
    assert mapped.features == {"ecog": 1}
    assert mapped.to_ask == {"bleeding_or_thrombosis": BLEEDING}


def test_neither_bleeding_nor_thrombosis_is_none_of_the_three() -> None:
    mapped = of_today({"bleeding_or_thrombosis": False})
    assert mapped.features == dict.fromkeys(BLEEDING, False)
    assert not mapped.to_ask


@pytest.mark.parametrize("features", [{}, {"bleeding_or_thrombosis": None}])
def test_what_was_unknown_stays_unknown(features: dict[str, Any]) -> None:
    mapped = of_today(features)
    assert not mapped.features and not mapped.to_ask


def test_a_patient_of_today_stays_the_same() -> None:
    features = {"ecog": 1, "bleeding_active": True, "venous_thrombosis": False, "prior_drugs": ["nivolumab"]}
    assert of_today(features).features == features


@pytest.mark.parametrize("ticked", [(), *((name,) for name in ASKED_TOGETHER), ASKED_TOGETHER])
@pytest.mark.parametrize("condition", [*CONDITIONS, "ras_mutation", "tce_centre", "rapid_progression"])
def test_all_others_absent_covers_what_was_listed_then(condition: str, ticked: tuple[str, ...]) -> None:
    """And nothing else: of each condition of today, beside each that may have been ticked."""
    absent = absent_of_today(set(ticked))
    then = next((former for former, parts in PARTS.items() if condition in parts), condition)
    assert (condition in absent) == (then in ASKED_TOGETHER and then not in ticked)


def test_conditions_that_are_new_are_never_absent() -> None:
    assert not set(NEW_CONDITIONS) & set(absent_of_today(set()))


def test_every_feature_of_then_is_one_of_today_or_a_former_one() -> None:
    for line in shown_by_the_first_edition():
        assert from_json(line).patient.keys() <= FEATURES.keys() | FORMER.keys()
    assert set(ASKED_TOGETHER) - {"ras_mutation"} - FORMER.keys() == set(CONDITIONS) - set(NEW_CONDITIONS) - {*BLEEDING}
    assert PARTS.keys() == FORMER.keys() and not FORMER.keys() & FEATURES.keys()


def test_patients_of_then_are_accepted_today(knowledge: Knowledge) -> None:
    """With what they were, and nothing false that was not stored as false."""
    for line in shown_by_the_first_edition():
        stored = from_json(line).patient
        patient = knowledge.patient(of_today(stored).features)
        kept = {name: value for name, value in stored.items() if name not in FORMER}
        assert patient.features.items() >= kept.items()
        for name in patient.features.keys() - kept.keys():
            assert name in BLEEDING and patient.features[name] is False and stored["bleeding_or_thrombosis"] is False


def test_a_release_of_then_is_read_and_never_ranked_with(document: dict[str, Any], knowledge: Knowledge) -> None:
    rates = {outcome: {"p0": 0.25, "rho": 0.1, "strength": 9.0} for outcome in ("orr", "grade3")}
    medians = {outcome: {"m0": 0.0, "s0_squared": 0.1, "tau_squared": 0.1} for outcome in ("pfs", "os")}
    former = to_read({**document, "constants": {"benchmark": rates | medians}}, release=knowledge.release)
    assert former.edition == 1 and former.names == knowledge.names
    assert {outcome: former.benchmark.typical(outcome) for outcome in ("orr", "pfs")} == {"orr": 0.25, "pfs": 1.0}
    patient = knowledge.patient({"ecog": 1})
    for ranked in (lambda: former.patient({}), lambda: rank(patient, former), lambda: standings(patient, former, ())):
        with pytest.raises(KnowledgeError, match="is of edition 1 of the method"):
            ranked()
