"""Facts that exclude, imply or follow each other, each kind whole: every pair of features, every unit, every number."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import pytest

from regimens.rules.evidence import CautionFinding
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import (
    FEATURES,
    IMPLIED_BY,
    OTHER_UNITS,
    TREATMENTS,
    OtherUnit,
    PatientError,
    scope,
)
from regimens.rules.ranking import Option, Ranking, rank
from regimens.rules.record import as_json, of
from regimens.rules.why_not import CONTRADICTING

SECOND_LINE = {"primary_site": "colorectal", "platinum_received": True, "lines_received": 1}
NUMERIC = [name for name, feature in FEATURES.items() if feature.is_numeric]

# Each pair of features that may contradict each other (METHOD, section 1), with an example of its values.
CONTRADICTIONS: list[dict[str, Any]] = [
    {"platinum_best_response": "PD", "platinum_free_interval_months": 3},
    {"prior_regimens": ["folfiri"], "progressed_on": ["folfox"]},
    {"prior_drugs": ["irinotecan"], "progressed_on_drugs": ["topotecan"]},
    {"platinum_received": False, "platinum_best_response": "SD"},
    {"platinum_received": False, "platinum_free_interval_months": 0},
    *({"platinum_received": False, name: ["etoposide-platinum"]} for name in ("prior_regimens", "progressed_on")),
    *({"platinum_received": False, name: ["carboplatin"]} for name in ("prior_drugs", "progressed_on_drugs")),
    {"histology": "minen", "differentiation": "well"},
    {"histology": "small-cell", "differentiation": "well"},
    *({"lines_received": 0, name: ["irinotecan"]} for name in TREATMENTS),
    {"kras_g12c": "positive", "ras_mutation": False},
    {"child_pugh": "C", "severe_hepatic_impairment": False},
    {"child_pugh": "A", "severe_hepatic_impairment": True},
    {"child_pugh": "B", "severe_hepatic_impairment": True},
    {"gynaecological_site": "cervix", "primary_site": "bladder"},
]


def tried(name: str) -> list[Any]:
    """Values on each side of whatever a contradiction could turn on."""
    feature = FEATURES[name]
    if feature.kind == "choice":
        return list(feature.values)
    if feature.kind == "flag":
        return [True, False]
    if feature.kind == "set":
        return [[], ["irinotecan"], ["etoposide-platinum" if feature.holds == "regimens" else "carboplatin"]]
    return sorted({feature.low, *(turn for turn in (1, 2.5, 3, 6) if feature.kind == "number"), 10, 30, feature.high})


def within_range(name: str) -> Iterator[Any]:
    feature = FEATURES[name]
    for value in tried(name):
        if not feature.is_numeric or feature.low <= value <= feature.high:
            yield value


@pytest.mark.parametrize("features", CONTRADICTIONS, ids=lambda features: "-".join(features))
def test_a_contradiction_is_refused_and_names_both(knowledge: Knowledge, features: dict[str, Any]) -> None:
    with pytest.raises(PatientError) as refused:
        knowledge.patient(features)
    (problem,) = refused.value.problems
    assert set(problem.features) == features.keys()
    assert all(name in problem.message for name in features)
    for name in features:  # each alone is a patient
        assert knowledge.patient({name: features[name]}).knows(name)


def features_refused(knowledge: Knowledge, features: dict[str, Any]) -> frozenset[str]:
    """The features that the problems of a patient name; none where it is one."""
    try:
        knowledge.patient(features)
    except PatientError as refused:
        return frozenset(name for problem in refused.problems for name in problem.features)
    return frozenset()


def test_no_other_pair_of_features_contradicts_itself(knowledge: Knowledge) -> None:
    found: set[frozenset[str]] = set()
    for one, other in combinations(FEATURES, 2):
        for first, second in product(within_range(one), within_range(other)):
            named = features_refused(knowledge, {one: first, other: second})
            assert named in (frozenset(), {one, other})
            found |= {named} if named else set()
    assert found == {frozenset(features) for features in CONTRADICTIONS}


def test_the_pairs_that_contradict_each_other_in_scope_are_those_of_why_not(knowledge: Knowledge) -> None:
    in_scope = set()
    for features in CONTRADICTIONS:
        alone = [scope(knowledge.patient({name: value})) for name, value in features.items()]
        if all(judged.in_scope for judged in alone):
            in_scope.add(frozenset(features))
    assert in_scope == set(CONTRADICTING)


def test_one_feature_implies_what_the_table_of_implications_says(knowledge: Knowledge) -> None:
    found: dict[str, set[str]] = {}
    for name in FEATURES:
        for value in within_range(name):
            for implied in knowledge.patient({name: value}).implied:
                found.setdefault(implied, set()).add(name)
    # That nothing is known of what was received decides in two cases, and implies nothing by itself.
    conditions = {"progressed_on": {"prior_regimens"}, "progressed_on_drugs": {"prior_drugs"}}
    assert found == {name: set(behind) - conditions.get(name, set()) for name, behind in IMPLIED_BY.items()}


def test_what_is_given_is_never_replaced_by_what_follows(knowledge: Knowledge) -> None:
    for one, other in combinations(FEATURES, 2):
        for first, second in product(within_range(one), within_range(other)):
            try:
                patient = knowledge.patient({one: first, other: second})
            except PatientError:
                continue
            assert not {one, other} & patient.implied.keys()
            assert set(patient.features) == {one, other}


# ---- what follows in a ranking


def ranked(knowledge: Knowledge, **features: Any) -> Ranking:
    return rank(knowledge.patient({**SECOND_LINE, **features}), knowledge, draws=False)


def option(ranking: Ranking, slug: str) -> Option:
    return next(option for option in ranking.options if option.regimen.slug == slug)


def codes(ranking: Ranking) -> list[str]:
    return [code for code, _ in ranking.scope.warnings]


def true_cautions(found: Option) -> list[CautionFinding]:
    return [finding for finding in found.cautions if finding.truth is True]


def test_progression_as_best_response_is_an_interval_of_nothing(knowledge: Knowledge) -> None:
    said, given = ranked(knowledge, platinum_best_response="PD"), ranked(knowledge, platinum_free_interval_months=0)
    for ranking in (said, given):
        again = option(ranking, "platinum-rechallenge")
        assert again.band == "unsuitable"
        assert any("platinum_free_interval_months" in str(found.caution.when) for found in true_cautions(again))
    assert option(ranked(knowledge), "platinum-rechallenge").band != "unsuitable"


def test_kras_g12c_is_a_mutation_of_ras(knowledge: Knowledge) -> None:
    features = {"braf_v600e": "positive", "kras_g12c": "positive"}
    assert ranked(knowledge, **features).patient.implied["ras_mutation"] is True
    told = {
        finding.caution.text: finding.truth
        for found in ranked(knowledge, **features).options
        for finding in found.cautions
        if "ras_mutation" in str(finding.caution.when)
    }
    assert told
    assert set(told.values()) == {True}


def test_the_absence_of_ras_mutations_excludes_kras_g12c(knowledge: Knowledge) -> None:
    needing = [regimen.slug for regimen in knowledge.ranked_regimens if "kras_g12c" in str(regimen.requires)]
    assert needing
    for slug in needing:
        assert option(ranked(knowledge, ras_mutation=False), slug).band == "unsuitable"
        assert slug in {waiting.regimen.slug for waiting in ranked(knowledge, ras_mutation=True).needs_test}


@pytest.mark.parametrize("grade", ["A", "B", "C"])
def test_a_child_pugh_class_says_whether_the_liver_is_severely_impaired(knowledge: Knowledge, grade: str) -> None:
    alike = (
        ranked(knowledge, child_pugh=grade),
        ranked(knowledge, child_pugh=grade, severe_hepatic_impairment=grade == "C"),
    )
    assert [o.regimen.slug for o in alike[0].options] == [o.regimen.slug for o in alike[1].options]
    assert [o.band for o in alike[0].options] == [o.band for o in alike[1].options]


@pytest.mark.parametrize("months", [3, 6, 12, 24])
@pytest.mark.parametrize(
    "failed", [{"progressed_on": ["etoposide-platinum"]}, {"progressed_on_drugs": ["carboplatin"]}]
)
def test_progression_on_platinum_with_a_long_interval_is_a_warning(
    knowledge: Knowledge, months: int, failed: dict[str, Any]
) -> None:
    """The interval counts for platinum again: both may be meant, so nothing is refused."""
    assert "progressed-yet-late" in codes(ranked(knowledge, platinum_free_interval_months=months, **failed))
    assert "progressed-yet-late" not in codes(ranked(knowledge, platinum_free_interval_months=2, **failed))
    assert "progressed-yet-late" not in codes(ranked(knowledge, **failed))


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_more_regimens_than_lines_are_a_warning(knowledge: Knowledge, lines: int) -> None:
    received = ["etoposide-platinum", "folfiri", "captem", "topotecan"]
    told = codes(ranked(knowledge, lines_received=lines, prior_regimens=received))
    assert "lines-and-regimens" in told
    assert "lines-and-regimens" not in codes(ranked(knowledge, lines_received=lines, prior_regimens=received[:lines]))


# ---- values in another unit


def just_within(unit: OtherUnit) -> list[float]:
    low = [] if unit.above is None else [math.nextafter(unit.above, math.inf), unit.above + 0.1]
    high = [] if unit.below is None else [math.nextafter(unit.below, -math.inf), unit.below - 0.1]
    return low + high + ([] if unit.at_most is None else [unit.at_most])


def just_outside(unit: OtherUnit) -> list[float]:
    bounds = [bound for bound in (unit.above, unit.below) if bound is not None]
    return bounds + ([] if unit.at_most is None else [math.nextafter(unit.at_most, math.inf)])


@pytest.mark.parametrize("unit", OTHER_UNITS, ids=lambda unit: unit.feature)
def test_a_value_that_looks_like_another_unit_is_ranked_with_a_warning(knowledge: Knowledge, unit: OtherUnit) -> None:
    code = f"unit-{unit.feature}"
    for value in just_within(unit):
        ranking = ranked(knowledge, **{unit.feature: value})
        assert ranking.options
        said = next(str(sentence) for found, sentence in ranking.scope.warnings if found == code)
        assert FEATURES[unit.feature].label in said
        assert unit.looks_like in said
        assert FEATURES[unit.feature].worded(value) in said
    for value in just_outside(unit):
        assert code not in codes(ranked(knowledge, **{unit.feature: value}))
    assert code not in codes(ranked(knowledge))


def test_warnings_of_units_come_last_in_the_order_of_the_method(knowledge: Knowledge) -> None:
    wrong = {unit.feature: just_within(unit)[0] for unit in OTHER_UNITS}
    told = codes(ranked(knowledge, **wrong, ecog=4, active_infection=True, differentiation="uncertain"))
    assert told == [
        "maybe-net-g3",
        "ki67-low",
        "ecog-4",
        "infection",
        *(f"unit-{unit.feature}" for unit in OTHER_UNITS),
    ]


# ---- one number, several forms


@pytest.mark.parametrize("name", NUMERIC)
def test_one_number_gives_the_same_bytes_in_every_form(knowledge: Knowledge, name: str) -> None:
    feature = FEATURES[name]
    for whole in {math.ceil(feature.low), int(feature.low + feature.high) // 2 or 1}:
        forms: list[Any] = [whole, float(whole), *([-0.0] if whole == 0 else [])]
        base = {key: value for key, value in SECOND_LINE.items() if key != name}
        lines = {as_json(of(rank(knowledge.patient({**base, name: form}), knowledge, draws=False))) for form in forms}
        assert len(lines) == 1
        assert f'"{name}":{whole}' in lines.pop()
