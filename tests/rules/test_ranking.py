"""The answer as a whole: supportive care, scope, preference, and the JSON of METHOD section 12."""

from __future__ import annotations

import json

import pytest

from regimens.rules.ranking import rank
from regimens.rules.record import as_dict, as_json, of
from tests.factories.documents import (
    IDENTITY,
    REGIONS,
    biomarker,
    caution,
    indication,
    prevalence,
    publication,
    regimen,
    release,
    result,
    subgroup,
)

RET = {"feature": "ret", "is": "positive"}
SURGERY = {"feature": "recent_or_planned_surgery", "is": True}


def small_release():
    """A recommended, a supported and a limited regimen, one that waits, one that is ruled out, and supportive care."""
    study = publication(
        "study-2020",
        result("first", n=30, orr=20, os=9, os_ci=[6, 12]),
        result("second", n=30, evaluable=25, responders=10, grade3=30),
        result("third", n=60, orr=0),
        result("matched", n=30, orr=60),
        result("ruled-out", n=30, orr=50),
    )
    low_index = {"where": {"feature": "ki67", "below": 20}, "n": 90, "orr": 70}
    return release(
        study,
        publication("subgroup-2021", subgroup("ki67", "second", **low_index), sites=["any"]),
        regimens=[
            regimen("first", name="Première", cautions=[caution("caution", SURGERY, "wound healing")]),
            regimen("second"),
            regimen("third"),
            regimen("matched", requires=RET),
            regimen("ruled-out", cautions=[caution("contraindicated", {}, "always")]),
            regimen("unlisted", setting="registry-only"),
            regimen("best-supportive-care", name="Best supportive care", drugs=[], lead_drugs=[]),
        ],
        indications=[
            indication("recommend", {"all": [{"feature": "ki67", "at_least": 55}, {"not": RET}]}, "first", key="b"),
            indication("recommend", {"feature": "ki67", "at_least": 20}, "first", key="a"),
            indication("against", {"feature": "neuropathy_grade", "at_least": 3}, "first", key="c"),
        ],
        biomarkers=[biomarker("ret", prevalence(4, "gep"))],
    )


@pytest.fixture(scope="module")
def small():
    return small_release()


KNOWN = {
    "primary_site": "colorectal",
    "ki67": 80,
    "progressed_on": [],
    "lines_received": 1,
    "ecog": 1,
    "tmb": 12,
    "neuropathy_grade": 0,
}


def answer(knowledge, preference="balanced", **features):
    return as_dict(of(rank(knowledge.patient({**KNOWN, **features}), knowledge, preference)))


def slugs(answered):
    return [option["regimen"] for option in answered["options"]]


# ---- supportive care


@pytest.mark.parametrize("ecog", [None, 0, 1, 2])
def test_supportive_care_is_last_of_the_recommended(small, ecog):
    assert slugs(answer(small, ecog=ecog)) == ["first", "best-supportive-care", "second", "third", "ruled-out"]


@pytest.mark.parametrize("ecog", [3, 4])
def test_supportive_care_is_first_for_the_frail(small, ecog):
    assert slugs(answer(small, ecog=ecog)) == ["best-supportive-care", "first", "second", "third", "ruled-out"]


def test_supportive_care_is_recommended_without_rank_or_figures(small):
    (care,) = [o for o in answer(small)["options"] if o["regimen"] == "best-supportive-care"]
    assert (care["band"], care["rank"], care["utility"], care["terms"]) == ("recommended", None, None, None)
    assert (care["estimates"], care["cohorts"], care["first_in_band"], care["best"]) == ({}, [], None, None)


def test_supportive_care_comes_first_where_nothing_is_recommended(small):
    assert slugs(answer(small, ki67=None))[0] == "best-supportive-care"


def test_supportive_care_takes_no_part_in_the_ranks(small):
    ranks = {option["regimen"]: option["rank"] for option in answer(small)["options"]}
    assert ranks == {"first": 1, "best-supportive-care": None, "second": 2, "third": 3, "ruled-out": None}


# ---- scope


@pytest.mark.parametrize(
    ("features", "named"),
    [
        ({"primary_site": "lung"}, ["lung"]),
        ({"primary_site": "thymus"}, ["thymus"]),
        ({"primary_site": "skin"}, ["Merkel"]),
        ({"platinum_received": False}, ["platinum"]),
        ({"lines_received": 0}, ["platinum"]),
        ({"differentiation": "well"}, ["NET G3"]),
        ({"primary_site": "skin", "differentiation": "well"}, ["Merkel", "NET G3"]),
    ],
)
def test_out_of_scope_gives_reasons_instead_of_options(small, features, named):
    found = answer(small, **features)
    assert found["scope"]["in_scope"] is False
    assert len(found["scope"]["reasons"]) == len(named)
    assert all(word in reason for word, reason in zip(named, found["scope"]["reasons"], strict=True))
    assert (found["options"], found["needs_test"], found["tests"]) == ([], [], [])
    assert (found["release"]["name"], found["derived"]["tmb_high"]) == ("by-hand", True)


@pytest.mark.parametrize(
    ("features", "named"),
    [
        ({}, []),
        ({"differentiation": "uncertain"}, ["NET G3"]),
        ({"ki67": 50, "sstr": "positive"}, ["NET G3"]),
        ({"ki67": 10}, ["20 %"]),
        ({"ki67": 10, "differentiation": "uncertain"}, ["NET G3", "20 %"]),
    ],
)
def test_warnings_stand_beside_the_options(small, features, named):
    found = answer(small, **features)
    assert found["scope"]["in_scope"] is True
    assert found["scope"]["reasons"] == []
    texts = [warning["text"] for warning in found["scope"]["warnings"]]
    assert all(word in warning for word, warning in zip(named, texts, strict=True))
    assert found["options"]


# ---- preference and region


@pytest.mark.parametrize("preference", ["balanced", "survival", "response", "tolerability"])
def test_the_preference_is_named_and_weighs_every_option(small, preference):
    found = answer(small, preference)
    assert found["preference"] == preference
    os = {"balanced": 0.40, "survival": 0.55, "response": 0.25, "tolerability": 0.25}[preference]
    for option in found["options"]:
        if option["terms"]:
            assert option["terms"]["os"] == pytest.approx(os * option["estimates"]["os"]["estimate"] / 18, rel=1e-11)


def test_balanced_is_the_default(small):
    patient = small.patient(KNOWN)
    assert as_json(of(rank(patient, small))) == as_json(of(rank(patient, small, "balanced")))


def test_an_unknown_preference_is_an_error(small):
    with pytest.raises(KeyError, match="cheapest"):
        rank(small.patient(KNOWN), small, "cheapest")


def test_the_region_decides_availability_and_no_region_is_the_united_states():
    here = regimen("drug", otherwise=dict.fromkeys(REGIONS, "off-label") | {"US": "investigational"})
    knowledge = release(publication("a", result(n=30, orr=40)), regimens=[here])
    bands = {region: answer(knowledge, region=region)["options"][0]["band"] for region in (None, *REGIONS)}
    assert bands == {None: "trial-only", "US": "trial-only"} | dict.fromkeys(REGIONS[1:], "supported")


def test_who_was_asked_for_before_changes_no_answer():
    asked = [
        {},
        {"primary_site": "bladder"},
        {"ret": "positive"},
        {"region": "JP", "ki67": 10},
        {"primary_site": None, "ki67": 10},
        {"ecog": 4},
        {},
    ]
    knowledge = small_release()
    together = [
        answer(knowledge, preference, **features) for preference in ("balanced", "response") for features in asked
    ]
    apart = [
        answer(small_release(), preference, **features) for preference in ("balanced", "response") for features in asked
    ]
    assert together == apart
    assert together[0] == together[6] != together[1]


# ---- the JSON


def test_the_keys_are_those_of_the_method(small):
    found = answer(small)
    assert list(found) == [
        *("release", "method", "preference", "patient", "implied", "derived", "scope", "separates", "demonstrated"),
        *("options", "needs_test", "tests"),
    ]
    assert found["release"] == {"name": IDENTITY.name, "published": IDENTITY.published, "sha256": IDENTITY.sha256}
    assert found["derived"] == {"platinum_status": None, "tmb_high": True, "lines_next": 2}
    assert found["scope"].keys() == {"in_scope", "reasons", "warnings"}
    expected = (
        "regimen name band rank decided_by level utility terms estimates published licence first_in_band best top3"
    )
    expected += " expected_rank"
    for option in found["options"]:
        assert option.keys() == {*expected.split(), "about_equal_to_next", "cohorts", "indications", "cautions"}
        for estimate in option["estimates"].values():
            figures = "estimate low high effective_patients studies benchmark_share no_data"
            assert estimate.keys() - {"response"} == set(figures.split())
        for outcome, estimate in option["estimates"].items():
            assert ("response" in estimate) is (outcome in ("pfs", "os"))
    expected = "feature value prevalence first_becomes changes_first enters_recommended utility_gain opens"
    assert all(test.keys() == set(expected.split()) for test in found["tests"])


def test_the_patient_is_given_back_as_understood(small):
    found = answer(small, prior_regimens=["third", "second"], progressed_on=["second"], msi=None)
    assert found["patient"] == {
        "primary_site": "colorectal",
        "ki67": 80,
        "prior_regimens": ["second", "third"],
        "progressed_on": ["second"],
        "lines_received": 1,
        "ecog": 1,
        "tmb": 12,
        "neuropathy_grade": 0,
    }


def test_an_option_carries_its_evidence(small):
    second = answer(small)["options"][2]
    assert (second["regimen"], second["name"], second["band"], second["level"]) == (
        "second",
        "Second",
        "supported",
        "B",
    )
    (cohort,) = second["cohorts"]
    assert (cohort["publication"], cohort["index"], cohort["weight"]) == ("study-2020", 1, 1)
    assert cohort["outcomes"] == ["orr", "grade3"]
    # 25 evaluable and 30 analysed, each discounted by the correlation within studies, beside 10 of the benchmark
    responses, toxicities = 25 / 1.48, 30 / 1.58
    shares = {"orr": responses / (10 + responses), "grade3": toxicities / (10 + toxicities)}
    assert cohort["shares"] == pytest.approx(shares, rel=1e-11)
    assert second["estimates"]["orr"]["benchmark_share"] == pytest.approx(10 / (10 + responses), rel=1e-11)
    assert [second["estimates"][outcome]["no_data"] for outcome in ("orr", "pfs", "os", "grade3")] == [
        False,
        True,
        True,
        False,
    ]
    assert second["utility"] == pytest.approx(sum(second["terms"].values()), rel=1e-11)


@pytest.mark.parametrize(
    ("features", "truths"),
    [
        ({}, {"a": True, "b": None, "c": False}),
        ({"ret": "negative"}, {"a": True, "b": True, "c": False}),
        ({"ret": "positive"}, {"a": True, "b": False, "c": False}),
        ({"ki67": 30, "neuropathy_grade": None}, {"a": True, "b": False, "c": None}),
        ({"ki67": None, "neuropathy_grade": 3}, {"a": None, "b": None, "c": True}),
    ],
)
def test_indications_are_listed_with_their_truth(small, features, truths):
    (first,) = [option for option in answer(small, **features)["options"] if option["regimen"] == "first"]
    assert {row["key"]: row["truth"] for row in first["indications"]} == truths
    assert {row["key"]: row["stance"] for row in first["indications"]} == {
        "a": "recommend",
        "b": "recommend",
        "c": "against",
    }


def test_indications_say_which_part_is_true_false_or_unknown(small):
    (first,) = [option for option in answer(small, ki67=30)["options"] if option["regimen"] == "first"]
    (parts,) = [row["parts"] for row in first["indications"] if row["key"] == "b"]
    assert parts == [
        {"text": "Ki-67 at least 55 %", "truth": False},
        {"text": "RET fusion not positive", "truth": None},
    ]


@pytest.mark.parametrize(
    ("surgery", "cautions"),
    [
        (True, [{"level": "caution", "text": "wound healing", "truth": True, "drug": None, "class": None}]),
        (None, [{"level": "caution", "text": "wound healing", "truth": None, "drug": None, "class": None}]),
        (False, []),
    ],
)
def test_cautions_are_listed_when_true_or_unknown(small, surgery, cautions):
    assert answer(small, recent_or_planned_surgery=surgery)["options"][0]["cautions"] == cautions


def test_what_waits_and_what_would_change_it_are_listed(small):
    found = answer(small)
    assert found["needs_test"] == [{"regimen": "matched", "features": ["ret"]}]
    (test,) = [test for test in found["tests"] if test["feature"] == "ret"]
    assert (test["value"], test["prevalence"]) == ("positive", pytest.approx(0.04, rel=1e-12))
    assert (test["first_becomes"], test["changes_first"], test["enters_recommended"]) == ("first", False, [])


def test_the_json_is_one_line_and_reads_back(small):
    ranking = rank(small.patient(KNOWN), small)
    line = as_json(of(ranking))
    assert json.loads(line) == as_dict(of(ranking))
    assert "\n" not in line
    assert "Première" in line


def test_shares_and_marks_of_the_order_are_in_the_json(small):
    first, care, second, third, ruled_out = answer(small)["options"]
    assert (first["first_in_band"], second["first_in_band"], third["first_in_band"]) == (1, 1, 1)
    assert first["best"] + second["best"] == 1
    assert (first["top3"], second["top3"]) == (1, 1)
    for option in (third, ruled_out, care):
        assert (option["best"], option["top3"]) == (None, None)
    assert ruled_out["first_in_band"] is None
    assert [option["about_equal_to_next"] for option in (first, care, second, third, ruled_out)] == [False] * 5


def test_neighbours_that_cannot_be_told_apart_are_marked():
    knowledge = release(publication("s", result("a", n=30, orr=40), result("b", n=30, orr=40)))
    assert [option["about_equal_to_next"] for option in answer(knowledge)["options"]] == [True, False]


def test_without_draws_there_are_no_shares(small):
    found = as_dict(of(rank(small.patient(KNOWN), small, draws=False)))
    assert all(option["first_in_band"] is None for option in found["options"])
    assert slugs(found) == slugs(answer(small))


def test_a_release_without_supportive_care_ranks_its_regimens():
    knowledge = release(publication("a", result(n=30, orr=40)))
    assert slugs(answer(knowledge)) == ["drug"]
