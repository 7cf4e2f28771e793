"""What holds for every patient, on the shipped evidence: drawn patients, drawn criteria, documents in another order."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from regimens.rules.assessment import Case, assess
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE, MEDIANS, OUTCOMES, RATES
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import Criterion, evaluate, explain, features_named
from regimens.rules.ordering import PREFERENCES, Placed, in_order, value
from regimens.rules.patient import DERIVED, FEATURES, Patient, PatientError, scope
from regimens.rules.ranking import Ranking, rank
from regimens.rules.record import as_dict, as_json, of
from tests.factories.documents import published
from tests.factories.drawn import Shipped, every_run_alike, patients, values_of

few = settings(every_run_alike, max_examples=25)
many = settings(every_run_alike, max_examples=80)

UPPER_BANDS = ("recommended", "supported")
RANKED_BANDS = (*UPPER_BANDS, "limited")
BANDS = ("recommended", "supported", "trial-only", "limited", "no-evidence", "unsuitable")
LESS = 1e-12  # rounding


def comparisons() -> st.SearchStrategy[Criterion]:
    """One comparison over any feature but the sets. Left out is platinum_status, which the interval alone may give."""
    named = {**FEATURES, **{name: feature for name, feature in DERIVED.items() if name != "platinum_status"}}
    parts: list[st.SearchStrategy[Criterion]] = []
    for feature in named.values():
        if feature.is_numeric:
            bounds = st.integers(math.ceil(feature.low), int(feature.high))
            operators = st.sampled_from(["at_least", "above", "at_most", "below"])
            parts.append(st.builds(lambda op, bound, f=feature: {"feature": f.name, op: bound}, operators, bounds))
        elif feature.kind != "set":
            values = st.lists(values_of(feature), min_size=1, max_size=3, unique=True)
            parts.append(st.builds(lambda wanted, f=feature: {"feature": f.name, "is": wanted}, values))
    return st.one_of(parts)


def joined(parts: st.SearchStrategy[Criterion]) -> st.SearchStrategy[Criterion]:
    several = st.lists(parts, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda found: {"all": found}, several),
        st.builds(lambda found: {"any": found}, several),
        st.builds(lambda found: {"not": found}, parts),
    )


criteria = st.recursive(comparisons() | st.just({}), joined, max_leaves=8)


def criteria_of(knowledge: Knowledge) -> Iterator[Criterion]:
    """Every criterion of the release: of regimens, cautions, indications and cohorts."""
    for regimen in knowledge.regimens.values():
        if regimen.requires is not None:
            yield regimen.requires
        yield from (placed.caution.when for placed in regimen.cautions)
        yield from (indication.when for indication in regimen.indications)
        yield from (cohort.where for cohort in regimen.cohorts if isinstance(cohort.where, Mapping))


def without(knowledge: Knowledge, patient: Patient, feature: str) -> Patient:
    """The same patient with one feature unknown."""
    return knowledge.patient({name: value for name, value in patient.features.items() if name != feature})


def compared(ranking: Ranking) -> list[dict[str, Any]]:
    return [option for option in as_dict(of(ranking))["options"] if option["regimen"] != BEST_SUPPORTIVE_CARE]


def figures_used(ranking: Ranking, outcome: str) -> Iterator[tuple[Any, list[tuple[Any, Any]]]]:
    """For each option with data on the outcome: its estimate and its (used cohort, figures)."""
    for option in ranking.options:
        if option.synthesis is not None:
            used = [cohort for cohort in option.synthesis.cohorts if outcome in cohort.outcomes]
            if used:
                yield option.synthesis.estimates[outcome], [(cohort, cohort.cohort.figures[outcome]) for cohort in used]


def shuffled(rows: list[Any], generator: np.random.Generator) -> list[Any]:
    return [rows[position] for position in generator.permutation(len(rows))]


# ---- the order of rows


@few
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_the_order_of_rows_in_the_document_changes_no_byte(shipped, data, seed):
    generator = np.random.default_rng(seed)
    lists = ("publications", "drugs", "exposure_classes", "licences", "regimens", "indications", "biomarkers")
    other = published(shipped.document | {name: shuffled(shipped.document[name], generator) for name in lists})
    features = data.draw(patients(shipped)).features
    assert as_json(of(rank(other.patient(features), other))) == as_json(
        of(rank(shipped.knowledge.patient(features), shipped.knowledge))
    )


@few
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_the_order_of_cautions_changes_only_their_listing(shipped, data, seed):
    generator = np.random.default_rng(seed)
    regimens = [row | {"cautions": shuffled(row["cautions"], generator)} for row in shipped.document["regimens"]]
    other = published(shipped.document | {"regimens": regimens})
    features = data.draw(patients(shipped)).features
    first, second = (as_dict(of(rank(release.patient(features), release))) for release in (shipped.knowledge, other))
    for option in first["options"] + second["options"]:
        option["cautions"] = sorted(json.dumps(caution) for caution in option["cautions"])
        if option["band"] == "unsuitable":
            del option["decided_by"]  # names the first caution that rules it out
    assert first == second


@few
@given(data=st.data())
def test_the_order_in_which_features_are_given_changes_no_byte(shipped, data):
    patient = data.draw(patients(shipped, in_scope=False))
    names = data.draw(st.permutations(list(patient.features)))
    again = shipped.knowledge.patient({name: patient.features[name] for name in names})
    assert as_json(of(rank(again, shipped.knowledge))) == as_json(of(rank(patient, shipped.knowledge)))


# ---- unknown


@many
@given(data=st.data())
def test_forgetting_a_feature_makes_criteria_unknown_and_never_the_opposite(shipped, data):
    patient = data.draw(patients(shipped, in_scope=False))
    assume(patient.features)
    feature = data.draw(st.sampled_from(list(patient.features)))
    forgotten = without(shipped.knowledge, patient, feature)
    for criterion in criteria_of(shipped.knowledge):
        before, after = evaluate(criterion, patient.values), evaluate(criterion, forgotten.values)
        assert after is before or after is None, criterion


@many
@given(data=st.data())
def test_learning_a_feature_keeps_criteria_of_the_release_that_were_true_or_false(shipped, data):
    patient = data.draw(patients(shipped))
    unknown = [name for name in FEATURES if FEATURES[name].kind != "set" and not patient.knows(name)]
    assume(unknown)
    feature = data.draw(st.sampled_from(unknown))
    informed = patient.supposing(feature, data.draw(values_of(FEATURES[feature])))
    assume(informed is not None)
    for criterion in criteria_of(shipped.knowledge):
        before, after = evaluate(criterion, patient.values), evaluate(criterion, informed.values)
        assert before is None or after is before, criterion


@many
@given(data=st.data(), criterion=criteria)
def test_learning_everything_keeps_any_criterion_that_was_true_or_false(shipped, data, criterion):
    patient = data.draw(patients(shipped, in_scope=False))
    before = evaluate(criterion, patient.values)
    # Those that others imply or exclude are left to what is implied.
    left_out = {"child_pugh", "kras_g12c", "gynaecological_site", *patient.implied}
    drawn_ones = [name for name in FEATURES if FEATURES[name].kind != "set" and name not in left_out]
    informed = patient
    for name in drawn_ones:
        if informed.knows(name):
            continue
        try:
            informed = shipped.knowledge.patient({**informed.features, name: data.draw(values_of(FEATURES[name]))})
        except PatientError:
            continue
    after = evaluate(criterion, informed.values)
    assert after is not None or not features_named(criterion) <= informed.values.keys()
    assert before is None or after is before


@many
@given(data=st.data(), criterion=criteria)
def test_a_part_of_an_explanation_is_unknown_exactly_when_its_feature_is(shipped, data, criterion):
    patient = data.draw(patients(shipped))
    for part in explain(criterion, patient.values):
        assert (part.truth is None) == (not patient.knows(part.feature))


@few
@given(data=st.data())
def test_forgetting_a_feature_never_flips_an_indication_of_an_option(shipped, data):
    patient = data.draw(patients(shipped))
    known = [name for name in patient.features if name != "region"]  # an unknown region counts as the United States
    assume(known)
    forgotten = without(shipped.knowledge, patient, data.draw(st.sampled_from(known)))
    truths: list[dict[str, Any]] = []
    for features in (patient, forgotten):
        options = as_dict(of(rank(features, shipped.knowledge, draws=False)))["options"]
        truths.append({row["key"]: row["truth"] for option in options for row in option["indications"]})
    for key in truths[0].keys() & truths[1].keys():
        assert truths[1][key] is truths[0][key] or truths[1][key] is None


@few
@given(data=st.data())
def test_an_option_is_unsuitable_exactly_when_something_known_says_so(shipped, data):
    patient = data.draw(patients(shipped))
    for option in rank(patient, shipped.knowledge, draws=False).options:
        if option.regimen.slug == BEST_SUPPORTIVE_CARE:
            continue
        assert option.licence is not None
        regimen = option.regimen
        again = any(f.truth is True and f.indication.rechallenge for f in option.indications)
        reasons = [
            any(f.truth is True and f.caution.level in ("contraindicated", "avoid") for f in option.cautions),
            regimen.slug in patient.progressed_on and not again,
            regimen.requires is not None and evaluate(regimen.requires, patient.values) is False,
            option.licence.status == "unavailable",
        ]
        assert (option.band == "unsuitable") == any(reasons), regimen.slug


@few
@given(data=st.data())
def test_what_waits_for_a_test_has_an_unknown_requirement_and_nothing_else_is_left_out(shipped, data):
    patient = data.draw(patients(shipped))
    ranking = rank(patient, shipped.knowledge, draws=False)
    for waiting in ranking.needs_test:
        assert evaluate(waiting.regimen.requires, patient.values) is None
        assert waiting.features
        assert not any(patient.knows(name) for name in waiting.features)
    for option in ranking.options:
        if option.band != "unsuitable" and option.regimen.requires is not None:
            assert evaluate(option.regimen.requires, patient.values) is True
    listed = [option.regimen.slug for option in ranking.options] + [w.regimen.slug for w in ranking.needs_test]
    later = [slug for slug, regimen in shipped.knowledge.regimens.items() if regimen.setting == "later-line"]
    assert sorted(listed) == sorted({*later, BEST_SUPPORTIVE_CARE})


# ---- estimates


@few
@given(data=st.data())
def test_a_pooled_rate_lies_between_the_benchmark_and_the_pooled_raw_rate(shipped, data):
    ranking = rank(data.draw(patients(shipped)), shipped.knowledge, draws=False)
    for outcome in RATES:
        benchmark = shipped.knowledge.benchmark.rates[outcome].mean
        for estimate, used in figures_used(ranking, outcome):
            share = sum(cohort.shares[outcome] for cohort, _ in used)
            raw = sum(cohort.shares[outcome] * rate.events / rate.patients for cohort, rate in used) / share
            mean = estimate.posterior.alpha / (estimate.posterior.alpha + estimate.posterior.beta)
            assert min(benchmark, raw) - LESS <= mean <= max(benchmark, raw) + LESS
            share = estimate.benchmark_share
            assert mean == pytest.approx(share * benchmark + (1 - share) * raw, rel=1e-9)


@few
@given(data=st.data())
def test_a_pooled_median_lies_between_the_benchmark_and_the_medians_of_its_cohorts(shipped, data):
    ranking = rank(data.draw(patients(shipped)), shipped.knowledge, draws=False)
    for outcome in MEDIANS:
        benchmark = shipped.knowledge.benchmark.medians[outcome].mean
        for estimate, used in figures_used(ranking, outcome):
            logs = [median.log_months for _, median in used]
            found = math.log(estimate.value)
            centre = benchmark + math.log(estimate.response) / estimate.benchmark_share  # moved by the response rate
            assert min(centre, *logs) - LESS <= found <= max(centre, *logs) + LESS
            weighted = sum(cohort.shares[outcome] * median.log_months for cohort, median in used)
            assert found == pytest.approx(estimate.benchmark_share * centre + weighted, rel=1e-9)


@few
@given(data=st.data())
def test_shares_of_an_estimate_add_up_and_its_interval_holds_its_median(shipped, data):
    for option in compared(rank(data.draw(patients(shipped)), shipped.knowledge, draws=False)):
        for outcome in OUTCOMES:
            estimate = option["estimates"][outcome]
            cohorts = [row for row in option["cohorts"] if outcome in row["outcomes"]]
            assert 0 < estimate["low"] < estimate["estimate"] < estimate["high"]
            assert outcome in MEDIANS or estimate["high"] < 1
            total = estimate["benchmark_share"] + sum(row["shares"][outcome] for row in cohorts)
            assert total == pytest.approx(1, abs=1e-9)
            assert estimate["no_data"] == (not cohorts)
            assert estimate["studies"] == len(cohorts)
            assert all(0 < row["weight"] <= 1 for row in cohorts)


# ---- order


@few
@given(data=st.data())
def test_bands_ranks_and_utilities_are_in_order(shipped, data):
    options = compared(rank(data.draw(patients(shipped)), shipped.knowledge, draws=False))
    positions = [BANDS.index(option["band"]) for option in options]
    assert positions == sorted(positions)
    ranked = [option["rank"] for option in options if option["band"] in RANKED_BANDS]
    assert ranked == list(range(1, len(ranked) + 1))
    assert all(option["rank"] is None for option in options if option["band"] not in RANKED_BANDS)
    for option, below in pairwise(options):
        assert option["band"] != below["band"] or option["utility"] >= below["utility"] - 1e-9
        assert option["utility"] == pytest.approx(sum(option["terms"].values()), abs=1e-11)


@few
@given(data=st.data())
def test_shares_are_shares_of_the_options_that_are_compared(shipped, data):
    options = compared(rank(data.draw(patients(shipped)), shipped.knowledge))
    for option in options:
        shares = [option[name] for name in ("first_in_band", "best", "top3")]
        given_for = 3 if option["band"] in UPPER_BANDS else 1 if option["band"] in RANKED_BANDS else 0
        assert [share is not None for share in shares] == [position < given_for for position in range(3)]
        assert all(0 <= share <= 1 for share in shares if share is not None)
        assert option["best"] is None or option["best"] <= min(option["first_in_band"], option["top3"])
    upper = [option for option in options if option["band"] in UPPER_BANDS]
    assert sum(option["best"] for option in upper) == (1 if upper else 0)
    assert sum(option["top3"] for option in upper) == min(3, len(upper))
    for band in RANKED_BANDS:
        members = [option for option in options if option["band"] == band]
        assert sum(option["first_in_band"] for option in members) == (1 if members else 0)
        assert not members or members[-1]["about_equal_to_next"] is False


@few
@given(data=st.data())
def test_a_preference_changes_order_and_utilities_and_nothing_else(shipped, data):
    patient = data.draw(patients(shipped))
    kept = ("name", "band", "decided_by", "level", "estimates", "cohorts", "indications", "cautions")
    found = [as_dict(of(rank(patient, shipped.knowledge, preference, draws=False))) for preference in PREFERENCES]
    parts = [
        {option["regimen"]: {key: option[key] for key in kept} for option in answer["options"]} for answer in found
    ]
    assert all(part == parts[0] for part in parts)
    assert all(answer["needs_test"] == found[0]["needs_test"] for answer in found)
    assert [answer["preference"] for answer in found] == list(PREFERENCES)


@few
@given(data=st.data())
def test_without_draws_only_the_shares_are_missing(shipped, data):
    patient = data.draw(patients(shipped, in_scope=False))
    drawn, plain = (
        as_dict(of(rank(patient, shipped.knowledge))),
        as_dict(of(rank(patient, shipped.knowledge, draws=False))),
    )
    for option in drawn["options"]:
        option.update(first_in_band=None, best=None, top3=None, expected_rank=None, about_equal_to_next=False)
    assert plain == drawn


@many
@given(data=st.data())
def test_there_are_options_exactly_when_the_patient_is_in_scope(shipped, data):
    patient = data.draw(patients(shipped, in_scope=False))
    features = patient.features
    outside = (
        features.get("primary_site") in ("lung", "thymus", "skin")
        or features.get("platinum_received") is False
        or features.get("lines_received") == 0
        or features.get("differentiation") == "well"
        or features.get("pregnancy_or_breastfeeding") is True
    )
    ranking = rank(patient, shipped.knowledge, draws=False)
    assert scope(patient).in_scope is (not outside)
    assert bool(ranking.options) is (not outside)
    assert not outside or (ranking.needs_test, ranking.tests) == ((), ())


# ---- missing tests


def placed(shipped: Shipped, patient: Patient) -> tuple[Placed, ...]:
    """Every option at its place, assessed from nothing."""
    knowledge = shipped.knowledge
    return in_order(
        value(assess(regimen, Case.of(patient, knowledge)), PREFERENCES["balanced"])
        for regimen in knowledge.ranked_regimens
    )


def ranked(options: Iterable[Placed]) -> list[tuple[str, str]]:
    return [(option.slug, option.band) for option in options if option.rank is not None]


@few
@given(data=st.data())
def test_a_missing_test_changes_what_ranking_again_with_its_result_changes(shipped, data):
    patient = data.draw(patients(shipped))
    before = placed(shipped, patient)
    now = next((option for option in before if option.rank == 1), None)
    for test in rank(patient, shipped.knowledge, draws=False).tests:
        assert not patient.knows(test.feature)
        after = placed(shipped, shipped.knowledge.patient({**patient.features, test.feature: test.value}))
        first = next((option for option in after if option.rank == 1), None)
        assert test.first_becomes == (first and first.slug)
        assert test.changes_first is ((now and now.slug) != (first and first.slug))
        assert test.changes_order is (ranked(before) != ranked(after))
        recommended, were = ({o.slug for o in options if o.band == "recommended"} for options in (after, before))
        assert list(test.enters_recommended) == sorted(recommended - were)
        gain = (first.utility if first else 0) - (now.utility if now else 0)
        assert test.utility_gain == pytest.approx(gain, abs=1e-12)


# ---- bytes


@few
@given(data=st.data())
def test_two_runs_give_the_same_bytes(shipped, data):
    patient = data.draw(patients(shipped, in_scope=False))
    first = as_json(of(rank(patient, shipped.knowledge)))
    assert as_json(of(rank(shipped.knowledge.patient(patient.features), shipped.knowledge))) == first
    assert json.loads(first) == as_dict(of(rank(patient, shipped.knowledge)))


PROGRAM = """
import json, sys
from regimens.rules.benchmark import benchmark_constants
from regimens.rules.knowledge import Knowledge, ReleaseIdentity
from regimens.rules.ranking import rank
from regimens.rules.record import as_json, of
document, features = json.load(sys.stdin)
document["constants"] = benchmark_constants(document)
knowledge = Knowledge.from_document(document, release=ReleaseIdentity("test", "2026-11-25", "0" * 64))
sys.stdout.buffer.write(as_json(of(rank(knowledge.patient(features), knowledge))).encode())
"""


def test_processes_with_different_hash_seeds_give_the_same_bytes(document, knowledge):
    features = {
        "primary_site": "colorectal",
        "ki67": 60,
        "prior_regimens": ["folfox", "etoposide-platinum", "folfiri"],
        "progressed_on": ["folfiri", "etoposide-platinum"],
        "region": "EU",
    }
    answers = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            input=json.dumps([dict(knowledge.document), features]).encode(),
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "20231127")
    }
    assert answers == {as_json(of(rank(knowledge.patient(features), knowledge))).encode()}
