"""Which missing test could change the order, its chance by site, and what waits for one (METHOD, section 10)."""

from __future__ import annotations

import pytest

from regimens.rules.ranking import rank
from tests.factories.documents import (
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

# Every patient may have "usual"; a study in patients chosen by a biomarker makes "matched" better.
USUAL = publication("usual", result("usual", n=60, orr=30))


def positive(feature, value="positive"):
    return {"feature": feature, "is": value}


NEEDS = {
    "msi": ("high", positive("msi", "high")),
    "tmb": (10, {"feature": "tmb", "at_least": 10}),
    "braf_v600e": ("positive", positive("braf_v600e")),
    "ntrk": ("positive", positive("ntrk")),
    "ret": ("positive", positive("ret")),
    "her2": ("ihc-3+", positive("her2", "ihc-3+")),
    "kras_g12c": ("positive", positive("kras_g12c")),
    "dll3": ("positive", positive("dll3")),
    "sstr": ("positive", positive("sstr")),
}


def missing(knowledge, **features):
    patient = knowledge.patient({"primary_site": "colorectal", **features})
    return rank(patient, knowledge, draws=False).tests


def matched(requires, *figures, orr=60, **more):
    """A release with a usual regimen and one that needs a biomarker; `figures` are chances of feature ret."""
    study = publication("matched", result("matched", n=60, orr=orr))
    return release(
        USUAL,
        study,
        regimens=[regimen("usual"), regimen("matched", requires=requires)],
        biomarkers=[biomarker("ret", *figures)],
        **more,
    )


# ---- which tests are asked for


@pytest.mark.parametrize("feature", list(NEEDS))
def test_an_unknown_biomarker_that_a_regimen_requires_is_supposed_positive(feature):
    value, requires = NEEDS[feature]
    (test,) = missing(matched(requires))
    assert (test.feature, test.value, test.is_biomarker) == (feature, value, True)
    assert (test.first_becomes, test.changes_first, test.changes_order) == ("matched", True, True)


@pytest.mark.parametrize("feature", list(NEEDS))
def test_a_biomarker_that_decides_an_indication_is_asked_for_too(feature):
    value, when = NEEDS[feature]
    knowledge = release(USUAL, indications=[indication("recommend", when, "usual")])
    (test,) = missing(knowledge)
    assert (test.feature, test.value, test.enters_recommended) == (feature, value, ("usual",))


@pytest.mark.parametrize("known", ["positive", "negative"])
def test_a_biomarker_that_is_known_is_not_asked_for(known):
    assert missing(matched(positive("ret")), ret=known) == ()


def test_a_biomarker_that_decides_nothing_is_not_asked_for():
    only_a_subgroup = subgroup("biomarker", "usual", n=60, orr=60, where=positive("ret"))
    knowledge = release(publication("a", result("usual", n=60, orr=30), only_a_subgroup))
    assert missing(knowledge) == ()
    only_a_caution = regimen("usual", cautions=[caution("contraindicated", positive("ret"))])
    assert missing(release(USUAL, regimens=[only_a_caution])) == ()


@pytest.mark.parametrize("feature", ["pd_l1_cps", "rb1_loss", "mgmt_methylated"])
def test_other_biomarkers_have_no_positive_value_and_are_not_tried(feature):
    when = {"feature": feature, "at_least": 1} if feature == "pd_l1_cps" else positive(feature)
    assert missing(release(USUAL, indications=[indication("consider", when, "usual")])) == ()


def test_what_only_an_unranked_regimen_needs_is_not_asked_for():
    unranked = regimen("matched", requires=positive("ret"), setting="first-line")
    assert missing(release(USUAL, regimens=[regimen("usual"), unranked])) == ()


# ---- what it would change


def test_the_gain_is_the_utility_of_rank_1_after_less_before():
    knowledge = matched(positive("ret"))
    features = {"primary_site": "colorectal"}
    before, after = (
        rank(knowledge.patient({**features, **more}), knowledge).options[0] for more in ({}, {"ret": "positive"})
    )
    (test,) = missing(knowledge)
    assert (before.regimen.slug, after.regimen.slug) == ("usual", "matched")
    assert test.utility_gain == pytest.approx(after.utility - before.utility, rel=1e-12)
    assert test.utility_gain > 0


def test_a_regimen_that_is_no_better_enters_behind_and_gains_nothing():
    (test,) = missing(matched(positive("ret"), orr=20))
    assert (test.first_becomes, test.changes_first, test.changes_order) == ("usual", False, True)
    assert (test.utility_gain, test.enters_recommended) == (0, ())


def test_a_test_that_moves_nothing_is_listed_as_such():
    knowledge = release(USUAL, indications=[indication("consider", positive("ret"), "usual")])
    (test,) = missing(knowledge)
    assert (test.first_becomes, test.changes_first, test.changes_order) == ("usual", False, False)
    assert test.utility_gain == 0


def test_a_recommendation_may_put_a_lesser_regimen_first():
    study = publication("lesser", result("lesser", n=60, orr=20))
    knowledge = release(USUAL, study, indications=[indication("recommend", positive("ret"), "lesser")])
    (test,) = missing(knowledge)
    assert (test.first_becomes, test.changes_first, test.enters_recommended) == ("lesser", True, ("lesser",))
    assert test.utility_gain < 0


def test_where_nothing_was_ranked_the_gain_is_all_of_the_utility():
    knowledge = release(
        publication("matched", result("matched", n=60, orr=60)),
        regimens=[regimen("matched", requires=positive("ret"))],
    )
    (test,) = missing(knowledge)
    assert (test.first_becomes, test.changes_first) == ("matched", True)
    (first,) = (
        o
        for o in rank(knowledge.patient({"primary_site": "colorectal", "ret": "positive"}), knowledge).options
        if o.rank
    )
    assert test.utility_gain == first.utility


def test_a_regimen_that_waits_for_two_tests_enters_with_neither_alone():
    knowledge = matched({"all": [positive("ret"), positive("ntrk")]})
    assert [(test.feature, test.changes_order) for test in missing(knowledge)] == [("ntrk", False), ("ret", False)]
    assert [(test.feature, test.changes_first) for test in missing(knowledge, ntrk="positive")] == [("ret", True)]


def test_a_test_is_supposed_for_cohorts_as_well():
    # positive patients respond more: the same regimen stays first, at a higher utility
    high = subgroup("biomarker", "usual", n=60, orr=60, where=positive("ret"))
    knowledge = release(
        publication("a", result("usual", n=60, orr=30), high),
        indications=[indication("recommend", positive("ret"), "usual")],
    )
    (test,) = missing(knowledge)
    assert (test.first_becomes, test.changes_first) == ("usual", False)
    assert test.utility_gain > 0.09


@pytest.mark.parametrize(("orr", "changes"), [(50, True), (35, False)])
def test_the_order_changes_when_places_within_a_band_do_and_not_with_figures_alone(orr, changes):
    # a, b, c by response; where the marker is positive c responds more, and b falls behind or not
    rows = [result(slug, n=60, orr=rate) for slug, rate in (("a", 60), ("b", 40), ("c", 30))]
    high = subgroup("biomarker", "c", n=60, orr=orr, where=positive("ret"))
    knowledge = release(publication("s", *rows, high), indications=[indication("consider", positive("ret"), "c")])
    patient = knowledge.patient({"primary_site": "colorectal", "ret": "positive"})
    order = [option.regimen.slug for option in rank(patient, knowledge).options]
    assert order == (["a", "c", "b"] if changes else ["a", "b", "c"])
    (test,) = missing(knowledge)
    assert (test.changes_order, test.changes_first, test.utility_gain) == (changes, False, 0)


# ---- the chance


@pytest.mark.parametrize(
    ("figures", "site", "chance"),
    [
        # the site itself, else a group that holds it, else any
        ([prevalence(1, "any"), prevalence(2, "gep"), prevalence(3, "colorectal")], "colorectal", 0.03),
        ([prevalence(1, "any"), prevalence(2, "gep"), prevalence(3, "colorectal")], "pancreas", 0.02),
        ([prevalence(1, "any"), prevalence(2, "gep"), prevalence(3, "colorectal")], "bladder", 0.01),
        ([prevalence(1, "any"), prevalence(2, "gep"), prevalence(3, "colorectal")], None, 0.01),
        ([prevalence(4, "pancreas", "biliary")], "biliary", 0.04),
        ([prevalence(5, "genitourinary")], "prostate", 0.05),
        ([prevalence(6, "gastro-oesophageal"), prevalence(7, "any")], "stomach", 0.06),
        # not known: another site, no figure, or a figure that is only shown
        ([prevalence(2, "gep"), prevalence(3, "colorectal")], "bladder", None),
        ([prevalence(3, "colorectal")], None, None),
        ([], "colorectal", None),
        ([prevalence(9)], "colorectal", None),
    ],
)
def test_the_chance_is_that_of_the_nearest_site(figures, site, chance):
    (test,) = missing(matched(positive("ret"), *figures), primary_site=site)
    if chance is None:
        assert test.prevalence is None
    else:
        assert test.prevalence.chance == pytest.approx(chance, rel=1e-12)
        assert test.prevalence.url == "https://example.org/figure"


def test_a_figure_for_another_biomarker_is_no_chance():
    (test,) = missing(matched(positive("ntrk"), prevalence(50, "any")))
    assert test.prevalence is None


# ---- the order of tests


def several(chances, **rates):
    """A release in which each biomarker of `rates` opens a regimen with that response rate."""
    study = publication("matched", *[result(f"by-{name}", n=60, orr=orr) for name, orr in rates.items()])
    regimens = [regimen(f"by-{name}", requires=NEEDS[name][1]) for name in rates]
    biomarkers = [biomarker(name, prevalence(percent, "any")) for name, percent in chances.items()]
    return release(USUAL, study, regimens=[regimen("usual"), *regimens], biomarkers=biomarkers)


def test_a_likelier_test_with_the_same_gain_comes_first():
    knowledge = several({"ret": 5, "ntrk": 1, "dll3": 50}, ret=60, ntrk=60, dll3=60)
    assert [test.feature for test in missing(knowledge)] == ["dll3", "ret", "ntrk"]


def test_a_greater_gain_at_the_same_chance_comes_first():
    knowledge = several({"ret": 5, "ntrk": 5, "dll3": 5}, ret=50, ntrk=60, dll3=40)
    assert [test.feature for test in missing(knowledge)] == ["ntrk", "ret", "dll3"]


def test_chance_times_rise_decides():
    # about 5 % of a large gain, 30 % of a small one
    knowledge = several({"ret": 5, "ntrk": 30}, ret=60, ntrk=40)
    rise = {test.feature: test.utility_gain for test in missing(knowledge)}
    assert rise["ret"] > rise["ntrk"] > rise["ret"] / 6
    assert list(rise) == ["ntrk", "ret"]


def test_what_changes_the_first_option_comes_before_what_does_not():
    knowledge = several({"ret": 1, "ntrk": 90}, ret=60, ntrk=20)
    assert [(test.feature, test.changes_first) for test in missing(knowledge)] == [("ret", True), ("ntrk", False)]


def test_an_unknown_chance_counts_as_none_and_names_decide_last():
    knowledge = several({"sstr": 5}, ret=60, braf_v600e=60, sstr=60, ntrk=60)
    assert [test.feature for test in missing(knowledge)] == ["sstr", "braf_v600e", "ntrk", "ret"]


def test_a_fall_counts_as_no_rise():
    # both recommend a lesser regimen; the likelier fall is not the worse
    studies = [publication(f"s-{slug}", result(slug, n=60, orr=orr)) for slug, orr in (("x", 20), ("y", 10))]
    stances = [
        indication("recommend", positive("ret"), "x"),
        indication("recommend", positive("ntrk"), "y", key="y-recommend"),
    ]
    figures = [biomarker("ret", prevalence(90, "any")), biomarker("ntrk", prevalence(1, "any"))]
    found = missing(release(USUAL, *studies, indications=stances, biomarkers=figures))
    assert all(test.changes_first and test.utility_gain < 0 for test in found)
    assert [test.feature for test in found] == ["ntrk", "ret"]


# ---- features other than biomarkers


def tried(knowledge, feature, **features):
    return {test.value: test.changes_order for test in missing(knowledge, **features) if test.feature == feature}


@pytest.mark.parametrize("stance", ["recommend", "consider", "against"])
def test_ki67_is_tried_below_and_above_its_bound(stance):
    when = {"feature": "ki67", "below": 55}
    study = publication("other", result("other", n=60, orr=40), histology="sclc")
    knowledge = release(USUAL, study, indications=[indication(stance, when, "other")])
    found = tried(knowledge, "ki67")
    assert {value < 55 for value in found} == {True, False}
    # indirect evidence is limited, as advice against makes it; a recommendation or consideration lifts it
    assert {value < 55: changes for value, changes in found.items()} == {True: stance != "against", False: False}


@pytest.mark.parametrize(
    ("feature", "when", "changes"),
    [
        ("ecog", {"feature": "ecog", "at_least": 3}, lambda value: value >= 3),
        ("dpd", {"feature": "dpd", "is": "complete"}, lambda value: value == "complete"),
        ("ki67", {"feature": "ki67", "below": 55}, lambda value: value < 55),
    ],
)
def test_an_unknown_feature_that_decides_a_contraindication_is_tried_on_both_sides(feature, when, changes):
    second = publication("second", result("second", n=60, orr=20))
    risky = regimen("usual", cautions=[caution("contraindicated", when)])
    knowledge = release(USUAL, second, regimens=[risky, regimen("second")])
    found = tried(knowledge, feature)
    assert set(found.values()) == {True, False}
    assert all(found[value] is changes(value) for value in found)
    removed = [test for test in missing(knowledge) if test.changes_order]
    assert all((test.first_becomes, test.prevalence, test.is_biomarker) == ("second", None, False) for test in removed)


def test_the_interval_is_tried_at_each_bound_of_a_rechallenge():
    between = [{"feature": "platinum_free_interval_months", op: bound} for op, bound in (("at_least", 3), ("below", 6))]
    knowledge = release(
        USUAL,
        publication("again", result("again", n=60, orr=20)),
        indications=[
            indication("recommend", {"feature": "platinum_free_interval_months", "at_least": 6}, "again"),
            indication("consider", {"all": between}, "again"),
        ],
    )
    found = tried(knowledge, "platinum_free_interval_months")
    assert {(value >= 3) + (value >= 6) for value in found} == {0, 1, 2}
    assert {value >= 6: changes for value, changes in found.items()} == {True: True, False: False}


def test_a_set_of_regimens_is_not_tried_and_does_not_stop_the_ranking():
    when = {"feature": "prior_regimens", "includes": "usual"}
    assert missing(release(USUAL, indications=[indication("recommend", when, "usual")])) == ()


@pytest.mark.parametrize(
    "when",
    [
        {"feature": "ecog", "at_least": 0},
        {"feature": "ecog", "at_most": 4},
        {"feature": "ki67", "above": 100},
        {"feature": "ki67", "at_least": 0},
        {"feature": "platinum_free_interval_months", "at_most": 240},
    ],
)
def test_every_value_that_is_tried_is_one_that_a_patient_may_have(when):
    knowledge = release(USUAL, indications=[indication("recommend", when, "usual")])
    found = tried(knowledge, when["feature"])
    assert found
    assert all(knowledge.patient({when["feature"]: value}).features == {when["feature"]: value} for value in found)


def test_a_value_that_contradicts_what_is_known_is_not_tried():
    when = {"feature": "platinum_free_interval_months", "at_least": 6}
    knowledge = release(USUAL, indications=[indication("recommend", when, "usual")])
    assert any(value >= 6 for value in tried(knowledge, "platinum_free_interval_months"))
    refractory = tried(knowledge, "platinum_free_interval_months", platinum_best_response="PD")
    assert all(value < 3 for value in refractory)


def test_a_feature_that_only_calls_for_caution_is_not_tried():
    risky = regimen("usual", cautions=[caution("caution", {"feature": "transplant", "is": True})])
    assert missing(release(USUAL, regimens=[risky])) == ()


def test_a_feature_that_is_known_is_not_tried():
    risky = regimen("usual", cautions=[caution("contraindicated", {"feature": "ecog", "at_least": 3})])
    knowledge = release(USUAL, regimens=[risky])
    assert tried(knowledge, "ecog")
    assert tried(knowledge, "ecog", ecog=1) == {}


# ---- what waits


@pytest.mark.parametrize(
    ("requires", "features", "waits_for"),
    [
        (positive("ret"), {}, ("ret",)),
        (positive("ret"), {"ret": "positive"}, None),
        (positive("ret"), {"ret": "negative"}, None),
        ({"any": [positive("ret"), positive("ntrk")]}, {}, ("ntrk", "ret")),
        ({"any": [positive("ret"), positive("ntrk")]}, {"ret": "negative"}, ("ntrk",)),
        ({"any": [positive("ret"), positive("ntrk")]}, {"ret": "positive"}, None),
        ({"all": [positive("ret"), positive("ntrk")]}, {"ret": "positive"}, ("ntrk",)),
        ({"all": [positive("ret"), positive("ntrk")]}, {"ret": "negative"}, None),
        ({"not": positive("ret")}, {}, ("ret",)),
    ],
)
def test_a_regimen_waits_for_the_unknown_features_of_its_requirement(requires, features, waits_for):
    knowledge = matched(requires)
    ranking = rank(knowledge.patient({"primary_site": "colorectal", **features}), knowledge)
    assert [(w.regimen.slug, w.features) for w in ranking.needs_test] == ([("matched", waits_for)] if waits_for else [])
    assert ("matched" in [option.regimen.slug for option in ranking.options]) is (waits_for is None)


def test_a_set_that_is_not_known_is_no_test_to_try():
    when = {"feature": "prior_regimens", "includes": "usual"}
    assert missing(release(USUAL, indications=[indication("recommend", when, "usual")])) == ()


def test_a_derived_feature_asks_for_what_it_follows_from():
    knowledge = matched({"feature": "tmb_high", "is": True})
    (test,) = missing(knowledge)
    assert (test.feature, test.value, test.first_becomes) == ("tmb", 10, "matched")
    (waiting,) = rank(knowledge.patient({}), knowledge, draws=False).needs_test
    assert waiting.features == ("tmb",)


@pytest.mark.parametrize("level", ["contraindicated", "avoid"])
def test_a_feature_that_rules_an_option_out_is_tried(level):
    risky = regimen("usual", cautions=[caution(level, {"feature": "ecog", "at_least": 3})])
    assert tried(release(USUAL, regimens=[risky]), "ecog") == {2: False, 3: True}


def test_other_features_than_the_four_are_not_tried():
    risky = regimen("usual", cautions=[caution("contraindicated", {"feature": "transplant", "is": True})])
    assert missing(release(USUAL, regimens=[risky])) == ()


def test_the_order_does_not_change_with_what_has_no_rank():
    risky = regimen("unknown", cautions=[caution("contraindicated", {"feature": "ecog", "at_least": 3})])
    knowledge = release(USUAL, regimens=[regimen("usual"), risky])
    assert tried(knowledge, "ecog") == {2: False, 3: False}


def test_a_test_opens_what_waits_for_it_before_what_would_rise():
    knowledge = matched(positive("ret"))
    (test,) = missing(knowledge)
    assert [(each.regimen, str(each.band), each.rank) for each in test.opens] == [("matched", "supported", 1)]
    rising = release(
        USUAL,
        publication("other", result("other", n=60, orr=20)),
        publication("third", result("third", n=60, orr=25)),
        regimens=[regimen("usual"), regimen("other"), regimen("third", requires=positive("ret"))],
        indications=[indication("recommend", positive("ret"), "other")],
    )
    (test,) = missing(rising)
    assert [(each.regimen, str(each.band), each.rank) for each in test.opens] == [
        ("third", "supported", 3),
        ("other", "recommended", 1),
    ]
    assert test.enters_recommended == ("other",)
