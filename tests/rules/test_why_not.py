"""Why an option is not recommended: every answer is tried out by changing the facts and ranking again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regimens.rules.assessment import Band
from regimens.rules.evidence import Regimen
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import evaluate
from regimens.rules.patient import FEATURES, Patient, PatientError, Value, scope
from regimens.rules.ranking import Ranking, rank
from regimens.rules.why_not import CHANGING, GROWING, MOST_WAYS, Fact, why_not
from tests.factories import documents
from tests.factories.documents import caution, indication, publication, release, result
from tests.factories.drawn import every_run_alike
from tests.factories.patients import worked

PATIENTS = worked()


def recommended(ranking: Ranking) -> set[str]:
    return {option.regimen.slug for option in ranking.options if option.band is Band.RECOMMENDED}


def outside(ranking: Ranking) -> Iterator[Regimen]:
    yield from (option.regimen for option in ranking.options if option.band is not Band.RECOMMENDED)
    yield from (waiting.regimen for waiting in ranking.needs_test)


def supposed(patient: Patient, changes: Mapping[str, Value]) -> dict[str, Any]:
    """The features with changes: a primary that is not gynaecological has no gynaecological site."""
    features: dict[str, Any] = {**patient.features, **changes}
    if changes.get("primary_site", "gynaecological") != "gynaecological" and "gynaecological_site" not in changes:
        features.pop("gynaecological_site", None)
    return features


def values_for(fact: Fact, patient: Patient) -> list[Value]:
    """Values of a feature that fulfil a fact, as a reader would choose them."""
    feature = FEATURES[fact.feature]
    if feature.kind == "set":
        held = patient.features.get(fact.feature, frozenset())
        assert isinstance(held, frozenset)
        if "not" in fact.criterion:
            excludes = fact.criterion["not"]["includes"]
            return [held - {*([excludes] if isinstance(excludes, str) else excludes)}]
        includes = fact.criterion["includes"]
        return [held | {slug} for slug in ([includes] if isinstance(includes, str) else includes)]
    if feature.kind == "choice":
        tried: Sequence[Value] = list(feature.values)
    elif feature.kind == "flag":
        tried = [True, False]
    elif feature.kind == "count":
        tried = list(range(int(feature.low), int(feature.high) + 1))
    else:
        tried = [feature.low + step * (feature.high - feature.low) / 2000 for step in range(2001)]
        tried = [value for value in tried if evaluate(fact.criterion, {fact.feature: value})]
        return [tried[0], tried[len(tried) // 2], tried[-1]]
    return [value for value in tried if evaluate(fact.criterion, {fact.feature: value}) is True]


def check(regimen: Regimen, patient: Patient, knowledge: Knowledge) -> None:
    found = why_not(regimen, patient, knowledge)
    assert bool(found.obstacles) != bool(found.smallest)
    assert all(fact.kind != "fixed" for facts in found.attainable for fact in facts)
    assert max(len(found.smallest), len(found.attainable)) <= MOST_WAYS
    for facts in found.smallest + found.attainable:
        assert facts
        for fact in facts:
            known = patient.features.get(fact.feature)
            leaves = fact.feature == "primary_site" and fact.value != "gynaecological"
            if leaves and "gynaecological_site" in patient.features:
                known = "gynaecological"
            assert (fact.kind == "open") is (known is None)
            assert fact.kind != "changing" or fact.feature in CHANGING | GROWING
        for values in product(*(values_for(fact, patient) for fact in facts)):
            changes = {fact.feature: value for fact, value in zip(facts, values, strict=True)}
            changed = knowledge.patient(supposed(patient, changes))
            if scope(changed).in_scope:
                assert regimen.slug in recommended(rank(changed, knowledge, draws=False)), changes
    if found.attainable:
        assert all(any(fact.kind == "fixed" for fact in facts) for facts in found.smallest)


@pytest.mark.parametrize("features", PATIENTS)
def test_the_facts_put_an_option_among_the_recommended(knowledge: Knowledge, features: dict[str, Any]) -> None:
    patient = knowledge.patient(features)
    ranking = rank(patient, knowledge, draws=False)
    answers = 0
    for regimen in outside(ranking):
        check(regimen, patient, knowledge)
        answers += bool(why_not(regimen, patient, knowledge).smallest)
    assert answers or not ranking.options


def features_of_patients() -> st.SearchStrategy[dict[str, Any]]:
    def values(name: str) -> st.SearchStrategy[Any]:
        feature = FEATURES[name]
        if feature.kind == "choice":
            return st.sampled_from(list(feature.values))
        if feature.kind == "flag":
            return st.booleans()
        if feature.kind == "count":
            return st.integers(int(feature.low), int(feature.high))
        if feature.kind == "number":
            return st.floats(feature.low, min(feature.high, 300)).map(lambda value: round(value, 1))
        return st.sets(st.sampled_from(["etoposide-platinum", "folfiri", "folfox", "captem", "topotecan"])).map(sorted)

    named = [name for name in FEATURES if name not in ("platinum_received", "region")]
    return st.fixed_dictionaries({}, optional={name: values(name) for name in named}).flatmap(
        lambda drawn: st.fixed_dictionaries(
            {name: st.just(value) for name, value in drawn.items()}, optional={"region": values("region")}
        )
    )


@settings(every_run_alike, max_examples=40, suppress_health_check=list(HealthCheck))
@given(features=features_of_patients())
def test_the_same_holds_for_any_patient(knowledge: Knowledge, features: dict[str, Any]) -> None:
    try:
        patient = knowledge.patient(features)
    except PatientError:
        return
    ranking = rank(patient, knowledge, draws=False)
    for regimen in outside(ranking):
        check(regimen, patient, knowledge)


@pytest.mark.parametrize("features", PATIENTS[::5])
def test_no_smaller_set_would_do(knowledge: Knowledge, features: dict[str, Any]) -> None:
    """Every single other value, and for sets of three every pair of values of open features, leaves it where it is."""
    patient = knowledge.patient(features)
    ranking = rank(patient, knowledge, draws=False)
    larger = [(r, why_not(r, patient, knowledge)) for r in outside(ranking)]
    larger = [
        (regimen, found.smallest[0]) for regimen, found in larger if found.smallest and len(found.smallest[0]) > 1
    ]
    single = [
        {name: value}
        for name, feature in FEATURES.items()
        if name != "region"
        for value in (list(feature.values) or ([True, False] if feature.kind == "flag" else tried(feature)))
    ]
    pairs = [{**a, **b} for a, b in combinations(single, 2) if a.keys() != b.keys()]
    for size, changes in [(1, one) for one in single] + [(2, two) for two in pairs[:: max(1, len(pairs) // 400)]]:
        changed = patient.supposing_all(changes)
        if changed is None or not scope(changed).in_scope:
            continue
        there = recommended(rank(changed, knowledge, draws=False))
        for regimen, facts in larger:
            assert len(facts) <= size or regimen.slug not in there, (regimen.slug, changes)


def tried(feature: Any) -> list[float]:
    if feature.kind == "set":
        return []
    middle = [feature.low, 1, 3, 6, 10, 20, 55, feature.high]
    return [value for value in middle if feature.low <= value <= feature.high]


def test_where_nobody_recommends_it_nothing_of_the_patient_would(knowledge: Knowledge) -> None:
    patient = knowledge.patient({"primary_site": "colorectal", "region": "EU"})
    for regimen in knowledge.ranked_regimens:
        here = [i for i in regimen.indications if i.stance == "recommend" and i.holds_in("EU")]
        found = why_not(regimen, patient, knowledge)
        if not here:
            assert any("recommend" in str(obstacle) for obstacle in found.obstacles)
            assert found.smallest == ()


@pytest.fixture
def made() -> Any:
    """A release of one drug, made by hand."""

    def make(*indications: Any, **fields: Any) -> Knowledge:
        study = publication("study", result("drug", n=20, orr=30))
        return release(study, regimens=[documents.regimen("drug", **fields)], indications=list(indications))

    return make


def facts(knowledge: Knowledge, features: dict[str, Any]) -> list[tuple[str, Any, str]]:
    found = why_not(knowledge.regimens["drug"], knowledge.patient(features), knowledge)
    (way,) = found.smallest
    return [(fact.feature, dict(fact.criterion), fact.kind) for fact in way]


KI67 = {"feature": "ki67", "at_least": 55}
MSI = {"feature": "msi", "is": "high"}
RESISTANT = {"feature": "platinum_status", "is": ["refractory", "resistant"]}


class TestMadeByHand:
    def test_an_unknown_feature_is_open_and_a_known_one_fixed(self, made: Any) -> None:
        knowledge = made(indication("recommend", {"all": [KI67, MSI]}))
        assert facts(knowledge, {"ki67": 30}) == [
            ("ki67", {"feature": "ki67", "at_least": 55}, "fixed"),
            ("msi", {"feature": "msi", "is": "high"}, "open"),
        ]

    def test_of_equally_many_facts_those_that_can_still_be_shown_are_named(self, made: Any) -> None:
        knowledge = made(indication("recommend", {"any": [KI67, MSI]}))
        assert facts(knowledge, {"ki67": 30}) == [("msi", {"feature": "msi", "is": "high"}, "open")]

    def test_a_larger_set_that_is_attainable_stands_beside_a_smaller_that_is_not(self, made: Any) -> None:
        both = {"all": [MSI, {"feature": "ret", "is": "positive"}]}
        knowledge = made(indication("recommend", {"any": [KI67, both]}))
        found = why_not(knowledge.regimens["drug"], knowledge.patient({"ki67": 30}), knowledge)
        assert [[fact.feature for fact in way] for way in found.smallest] == [["ki67"]]
        assert [[fact.feature for fact in way] for way in found.attainable] == [["msi", "ret"]]

    def test_a_range_is_as_wide_as_the_criteria_allow(self, made: Any) -> None:
        low = {"feature": "ki67", "at_most": 70}
        knowledge = made(indication("recommend", KI67), cautions=[caution("avoid", {"not": low}, "only to 70")])
        (fact,) = facts(knowledge, {"ki67": 30})
        assert fact[1] == {"all": [{"feature": "ki67", "at_least": 55}, {"feature": "ki67", "at_most": 70}]}
        assert facts(knowledge, {"ki67": 90}) == [fact]

    def test_what_follows_from_features_is_reached_through_them(self, made: Any) -> None:
        knowledge = made(indication("recommend", RESISTANT))
        (fact,) = facts(knowledge, {"platinum_best_response": "PR", "platinum_free_interval_months": 8})
        assert fact == (
            "platinum_free_interval_months",
            {"feature": "platinum_free_interval_months", "below": 3},
            "fixed",
        )
        sensitive = made(indication("recommend", {"feature": "platinum_status", "is": "sensitive"}))
        both = facts(sensitive, {"platinum_best_response": "PD"})
        assert [(name, kind) for name, _, kind in both] == [
            ("platinum_best_response", "fixed"),
            ("platinum_free_interval_months", "open"),
        ]

    def test_what_may_change_is_told_from_what_cannot(self, made: Any) -> None:
        fit = {"feature": "ecog", "at_most": 1}
        knowledge = made(indication("recommend", {}), cautions=[caution("contraindicated", {"not": fit}, "frail")])
        assert facts(knowledge, {"ecog": 3}) == [("ecog", {"feature": "ecog", "at_most": 1}, "changing")]
        later = made(indication("recommend", {"feature": "lines_received", "at_least": 2}))
        assert [kind for *_, kind in facts(later, {"lines_received": 1})] == ["changing"]
        earlier = made(indication("recommend", {"feature": "lines_received", "is": 1}))
        assert [kind for *_, kind in facts(earlier, {"lines_received": 3})] == ["fixed"]

    def test_progression_on_it_cannot_be_undone(self, made: Any) -> None:
        knowledge = made(indication("recommend", {}))
        assert facts(knowledge, {"prior_regimens": ["drug"], "progressed_on": ["drug"]}) == [
            ("progressed_on", {"not": {"feature": "progressed_on", "includes": "drug"}}, "fixed")
        ]

    def test_advice_against_has_to_fall(self, made: Any) -> None:
        knowledge = made(indication("recommend", {}, key="a"), indication("against", KI67, key="b"))
        assert facts(knowledge, {"ki67": 80}) == [("ki67", {"feature": "ki67", "below": 55}, "fixed")]

    def test_an_obstacle_is_no_fact(self, made: Any) -> None:
        knowledge = made(indication("recommend", {}), cautions=[caution("avoid", {}, "always")])
        found = why_not(knowledge.regimens["drug"], knowledge.patient({}), knowledge)
        assert [str(obstacle) for obstacle in found.obstacles] == [
            "a caution that holds for every patient rules it out"
        ]
