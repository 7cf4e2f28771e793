"""Places without the rest of a ranking are those of the ranking."""

from __future__ import annotations

import pytest

from regimens.rules.knowledge import Knowledge
from regimens.rules.ordering import PREFERENCES
from regimens.rules.rank_changes import Move, Place, moves, placed, places, standings
from regimens.rules.ranking import rank
from tests.factories.patients import worked

PATIENTS = worked()
OUT_OF_SCOPE = {"primary_site": "lung", "differentiation": "poor"}


@pytest.mark.parametrize("features", [*PATIENTS, OUT_OF_SCOPE, {}])
def test_places_are_those_of_the_whole_ranking(knowledge: Knowledge, features: dict[str, object]) -> None:
    patient = knowledge.patient(features)
    found = placed(standings(patient, knowledge, knowledge.ranked_regimens), knowledge)
    assert found == places(rank(patient, knowledge, draws=False))


@pytest.mark.parametrize("preference", PREFERENCES)
def test_places_follow_the_preference_and_the_evidence(knowledge: Knowledge, preference: str) -> None:
    for known in (knowledge, knowledge.nec_only):
        patient = known.patient(PATIENTS[0])
        found = placed(standings(patient, known, known.ranked_regimens, preference), known)
        assert found == places(rank(patient, known, preference, draws=False))


def test_what_stands_elsewhere_is_named_with_both_places(knowledge: Knowledge) -> None:
    treated = {"primary_site": "colorectal", "platinum_received": True, "platinum_best_response": "PR"}
    sensitive, resistant = (
        rank(knowledge.patient(treated | {"platinum_free_interval_months": months}), knowledge, draws=False)
        for months in (9, 2)
    )
    found = moves(sensitive, resistant)
    then, now = places(sensitive), places(resistant)
    assert found and all(found[slug] == Move(then[slug], now[slug]) for slug in found)
    assert all(then[slug] == now[slug] for slug in then.keys() - found.keys())
    assert all(isinstance(place, Place) for place in then.values())
