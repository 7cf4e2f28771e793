"""Patients drawn at random on the shipped evidence: what must hold of every ranking (METHOD, sections 1, 10 and 11).

`RANDOM_PATIENTS=3000 .venv/bin/python -m pytest tests/rules/test_random_patients.py` draws so many.
"""

from __future__ import annotations

import json
import os
import random
from typing import Any

import pytest

from regimens.rules.assessment import Band
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import features_named
from regimens.rules.missing_tests import POSITIVE_VALUE
from regimens.rules.patient import FEATURES, RECEIVED, Feature, Patient, PatientError
from regimens.rules.rank_changes import Place, placed, places, standings
from regimens.rules.ranking import Ranking, rank
from regimens.rules.record import as_json, from_json, of
from regimens.rules.wording import Language

SEEDS = range(int(os.environ.get("RANDOM_PATIENTS", "40")))
QUOTED = Language(text="«{}»".format, number=lambda value, spec: f"<{value:{spec}}>")
NEGATIVE = {"msi": "stable", "tmb": 1}


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - draws examples, no secrets


def value_of(feature: Feature, drawn: random.Random) -> Any:
    if feature.kind == "choice":
        return drawn.choice([value for value in feature.values if value not in ("lung", "thymus", "skin", "well")])
    if feature.kind == "flag":
        return drawn.random() < 0.3
    if feature.kind == "count":
        return drawn.randint(int(feature.low), int(feature.high))
    near = drawn.uniform(feature.low, min(feature.high, feature.low + 8))
    return drawn.choice([drawn.randint(int(feature.low), int(feature.high)), near, feature.low, feature.high])


def features_of(seed: int, knowledge: Knowledge) -> dict[str, Any]:
    """The features of a patient in scope without contradiction, as JSON has them."""
    drawn = chance(seed)
    pools = (list(knowledge.regimens), list(knowledge.drugs))
    while True:
        density = drawn.choice([0.1, 0.3, 0.6, 0.9])
        single = [feature for feature in FEATURES.values() if feature.kind != "set"]
        found = {feature.name: value_of(feature, drawn) for feature in single if drawn.random() < density}
        found |= {"platinum_received": True, "pregnancy_or_breastfeeding": False}
        if found.get("lines_received") == 0:
            found["lines_received"] = 1
        for (received, failed), pool in zip(RECEIVED, pools, strict=True):
            if drawn.random() < 0.6:
                found[received] = drawn.sample(pool, drawn.randint(0, 3))
            if drawn.random() < 0.5:
                among = found.get(received, pool)
                found[failed] = drawn.sample(among, drawn.randint(0, min(2, len(among))))
        try:
            knowledge.patient(found)
        except PatientError:
            continue
        return found


@pytest.fixture(scope="module", params=SEEDS)
def seed(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


@pytest.fixture(scope="module")
def features(seed: int, knowledge: Knowledge) -> dict[str, Any]:
    return features_of(seed, knowledge)


@pytest.fixture(scope="module")
def ranking(features: dict[str, Any], knowledge: Knowledge) -> Ranking:
    return rank(knowledge.patient(features), knowledge)


@pytest.fixture(scope="module")
def warm(knowledge: Knowledge) -> Knowledge:
    """The same release, whose memory others have filled before."""
    found = Knowledge.from_document(knowledge.document, release=knowledge.release)
    for seed in (10_001, 10_002, 10_003):
        rank(found.patient(features_of(seed, found)), found)
    return found


def test_order_form_language_and_memory_never_change_a_byte(
    seed: int, features: dict[str, Any], ranking: Ranking, knowledge: Knowledge, warm: Knowledge
) -> None:
    line, drawn = as_json(of(ranking)), chance(seed)
    shuffled = {
        name: float(value)
        if isinstance(value, int) and not isinstance(value, bool)
        else drawn.sample(value, len(value))
        if isinstance(value, list)
        else value
        for name, value in drawn.sample(list(features.items()), len(features))
    }
    with_nulls = shuffled | {name: None for name in FEATURES if name not in features}
    again = rank(warm.patient(with_nulls), warm)
    for sentence in (*(text for _, text in again.scope.warnings), *(option.reason for option in again.options)):
        sentence.worded(QUOTED)
    assert as_json(of(again)) == line
    assert as_json(from_json(line)) == line
    assert json.loads(line)["method"] == 2
    if seed % 20 == 0:
        fresh = Knowledge.from_document(knowledge.document, release=knowledge.release)
        assert as_json(of(rank(fresh.patient(features), fresh))) == line


def test_a_negative_test_never_makes_an_option_appear_that_needs_it(ranking: Ranking, knowledge: Knowledge) -> None:
    before = places(ranking)
    for feature in POSITIVE_VALUE:
        if ranking.patient.knows(feature):
            continue
        negative = ranking.patient.supposing(feature, NEGATIVE.get(feature, "negative"))
        assert isinstance(negative, Patient)
        for slug, standing in standings(negative, knowledge, knowledge.ranked_regimens).items():
            needed = features_named(knowledge.regimens[slug].requires)
            if needed == {feature} or (feature in needed and before[slug].band is None):
                assert standing.band in (Band.UNSUITABLE, before[slug].band)
                assert needed != {feature} or standing.band is Band.UNSUITABLE


def test_what_a_test_would_change_is_what_it_changes(seed: int, ranking: Ranking, knowledge: Knowledge) -> None:
    now, drawn = places(ranking), chance(seed)
    for test in drawn.sample(ranking.tests, min(4, len(ranking.tests))):
        supposed = ranking.patient.supposing(test.feature, test.value)
        assert isinstance(supposed, Patient)
        found = standings(supposed, knowledge, knowledge.ranked_regimens)
        then = placed(found, knowledge)
        first = next((slug for slug, place in then.items() if place.rank == 1), None)
        assert test.first_becomes == first
        assert test.changes_first is (first != (ranking.first and ranking.first.regimen.slug))
        before = ranking.first.utility if ranking.first else 0.0
        gain = (found[first].utility if first else 0.0) - (before or 0.0)
        assert test.utility_gain == pytest.approx(gain, abs=1e-12)
        recommended, were = (
            {slug for slug, place in all_of_them.items() if place.band is Band.RECOMMENDED}
            for all_of_them in (then, now)
        )
        assert set(test.enters_recommended) == recommended - were
        waiting = {each.regimen.slug for each in ranking.needs_test if test.feature in each.features}
        listed = [(slug, place) for slug, place in then.items() if place.band is not None]
        opened = [(slug, at) for slug, at in listed if slug in waiting and at.band is not Band.UNSUITABLE]
        opened += [(slug, at) for slug, at in listed if is_risen(now[slug], at)]
        assert [(each.regimen, each.band, each.rank) for each in test.opens] == [
            (slug, at.band, at.rank) for slug, at in opened[:5]
        ]


def is_risen(before: Place, now: Place) -> bool:
    """Whether a regimen that is listed has a better rank, or one where it had none."""
    if before.band is None or now.rank is None:
        return False
    return before.rank is None or now.rank < before.rank


def test_unknown_is_never_negative(ranking: Ranking, knowledge: Knowledge) -> None:
    """What is said as true or as false rests on something known; what rests on nothing known is unknown."""
    patient = ranking.patient
    for option in ranking.options:
        for finding in option.cautions:
            named = features_named(finding.caution.when)
            assert not (finding.truth is True and named and not any(patient.knows(name) for name in named))
        for found in option.indications:
            named = features_named(found.indication.when)
            assert found.truth is None or not named or any(patient.knows(name) for name in named)
    told = {option.regimen.slug for option in ranking.options} | {each.regimen.slug for each in ranking.needs_test}
    assert {regimen.slug for regimen in knowledge.ranked_regimens} <= told


def test_shares_add_up(ranking: Ranking) -> None:
    for band in Band:
        shares = [option.shares for option in ranking.options if option.band is band and option.shares]
        if shares:
            assert sum(each.first_in_band for each in shares) == pytest.approx(1, abs=1e-12)
            assert sum(each.expected_rank for each in shares) == pytest.approx(len(shares) * (len(shares) + 1) / 2)
    for option in ranking.options:
        if option.synthesis:
            for outcome, estimate in option.synthesis.estimates.items():
                of_cohorts = sum(used.shares.get(outcome, 0) for used in option.synthesis.cohorts)
                assert estimate.benchmark_share + of_cohorts == pytest.approx(1, abs=1e-9)
                assert estimate.low <= estimate.value <= estimate.high
