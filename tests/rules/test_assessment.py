"""The band of a regimen and what decides it, cautions, shared resistance, level of evidence (METHOD, section 8)."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from regimens.rules.assessment import Band, assess
from tests.factories.documents import (
    BENCHMARK,
    REGIONS,
    caution,
    indication,
    publication,
    regimen,
    release,
    result,
    subgroup,
)

# Cohorts of the regimen "drug". 12 of 30 responders in NEC after first line: active and direct.
ACTIVE = publication("active", result(n=30, orr=40))
INACTIVE = publication("inactive", result(n=60, orr=0))
INDIRECT = publication("indirect", result(n=30, orr=40), histology="sclc")

LOW_KI67 = {"feature": "ki67", "below": 55}


def assessed(*publications, features=None, indications=(), others=(), benchmark=BENCHMARK, **fields):
    """The assessment of the regimen "drug" with these fields, for a patient who is like the cohorts."""
    knowledge = release(
        *publications, regimens=[regimen(**fields), *others], indications=indications, benchmark=benchmark
    )
    patient = knowledge.patient({"primary_site": "colorectal", **(features or {})})
    return assess(knowledge.regimens["drug"], patient, knowledge)


def available(**by_region):
    return {"availability": dict.fromkeys(REGIONS, "off-label") | by_region}


# ---- not suitable


@pytest.mark.parametrize("level", ["contraindicated", "avoid"])
@pytest.mark.parametrize(
    ("features", "truth", "band"),
    [
        ({"transplant": True}, True, Band.UNSUITABLE),
        ({"transplant": False}, False, Band.SUPPORTED),
        ({}, None, Band.SUPPORTED),  # unknown rules nothing out
    ],
)
def test_a_grave_caution_makes_unsuitable_when_true_and_only_then(level, features, truth, band):
    found = assessed(
        ACTIVE, cautions=[caution(level, {"feature": "transplant", "is": True}, "rejection")], features=features
    )
    assert found.band is band
    listed = [(finding.caution.text, finding.truth) for finding in found.cautions]
    assert listed == ([] if truth is False else [("rejection", truth)])


def test_a_plain_caution_is_shown_and_rules_nothing_out():
    found = assessed(ACTIVE, cautions=[caution("caution", {}, "lower the dose")])
    assert found.band is Band.SUPPORTED
    assert [(f.caution.level, f.caution.text, f.truth) for f in found.cautions] == [("caution", "lower the dose", True)]


@pytest.mark.parametrize(("level", "words"), [("contraindicated", "ruled out"), ("avoid", "advised against")])
def test_what_decides_names_the_caution(level, words):
    assert assessed(ACTIVE, cautions=[caution(level, {}, "rejection")]).decided_by == f"{words}: rejection"


def test_a_contraindication_is_named_before_what_is_to_be_avoided():
    found = assessed(ACTIVE, cautions=[caution("avoid", {}, "first"), caution("contraindicated", {}, "second")])
    assert found.decided_by == "ruled out: second"


@pytest.mark.parametrize(
    ("features", "band"),
    [
        ({"prior_regimens": ["drug"], "progressed_on": ["drug"]}, Band.UNSUITABLE),
        ({"progressed_on": ["drug"]}, Band.UNSUITABLE),
        ({"prior_regimens": ["drug"], "progressed_on": []}, Band.SUPPORTED),
        ({"prior_regimens": ["drug"]}, Band.SUPPORTED),  # whether it failed is not known
        ({}, Band.SUPPORTED),
    ],
)
def test_a_regimen_on_which_the_disease_progressed_is_not_given_again(features, band):
    assert assessed(ACTIVE, features=features).band is band


@pytest.mark.parametrize(
    ("when", "fields", "band"),
    [
        ({}, {"rechallenge": True}, Band.RECOMMENDED),
        ({"feature": "platinum_free_interval_months", "at_least": 6}, {"rechallenge": True}, Band.RECOMMENDED),
        ({}, {"rechallenge": False}, Band.UNSUITABLE),
        ({"feature": "platinum_free_interval_months", "at_least": 9}, {"rechallenge": True}, Band.UNSUITABLE),
        ({"feature": "ecog", "at_most": 1}, {"rechallenge": True}, Band.UNSUITABLE),  # unknown
        ({}, {"rechallenge": True, "regions": ["JP"]}, Band.UNSUITABLE),  # elsewhere
    ],
)
def test_a_rechallenge_needs_an_indication_for_it_that_is_true(when, fields, band):
    features = {"progressed_on": ["drug"], "platinum_free_interval_months": 7}
    assert assessed(ACTIVE, features=features, indications=[indication("recommend", when, **fields)]).band is band


@pytest.mark.parametrize(
    ("features", "band"),
    [
        ({"dll3": "positive"}, Band.SUPPORTED),
        ({"dll3": "negative"}, Band.UNSUITABLE),
        ({}, None),  # waits for the test: neither positive nor negative
    ],
)
def test_a_requirement_is_true_false_or_unknown(features, band):
    found = assessed(ACTIVE, requires={"feature": "dll3", "is": "positive"}, features=features)
    assert found.band is band


@pytest.mark.parametrize(
    ("features", "band"), [({"region": "EU"}, Band.UNSUITABLE), ({"region": "JP"}, Band.SUPPORTED)]
)
def test_a_regimen_that_is_unavailable_in_the_region_is_not_suitable(features, band):
    assert assessed(ACTIVE, features=features, **available(EU="unavailable")).band is band


@pytest.mark.parametrize(
    ("availability", "band"),
    [
        ("approved", Band.SUPPORTED),
        ("off-label", Band.SUPPORTED),
        ("not-verified", Band.SUPPORTED),
        ("investigational", Band.TRIAL_ONLY),
        ("unavailable", Band.UNSUITABLE),
    ],
)
@pytest.mark.parametrize("features", [{}, {"region": "US"}])
def test_no_region_counts_as_the_united_states(availability, band, features):
    assert assessed(ACTIVE, features=features, **available(US=availability)).band is band


def test_a_region_that_the_regimen_does_not_list_counts_as_not_verified():
    assert assessed(ACTIVE, features={"region": "CN"}, availability={"US": "unavailable"}).band is Band.SUPPORTED


# ---- the first that applies

UNKNOWN_REQUIREMENT = {"requires": {"feature": "dll3", "is": "positive"}}
RECOMMENDED_FOR_ALL = [indication("recommend", {})]


@pytest.mark.parametrize(
    ("publications", "fields", "band"),
    [
        # unsuitable comes before all else
        ([ACTIVE], {**UNKNOWN_REQUIREMENT, "cautions": [caution("contraindicated", {})]}, Band.UNSUITABLE),
        ([ACTIVE], {**UNKNOWN_REQUIREMENT, **available(US="unavailable")}, Band.UNSUITABLE),
        ([ACTIVE], {**available(US="investigational"), "cautions": [caution("avoid", {})]}, Band.UNSUITABLE),
        ([ACTIVE], {"indications": RECOMMENDED_FOR_ALL, "cautions": [caution("avoid", {})]}, Band.UNSUITABLE),
        ([], {"cautions": [caution("avoid", {})]}, Band.UNSUITABLE),
        # then the test that is missing
        ([ACTIVE], {**UNKNOWN_REQUIREMENT, **available(US="investigational")}, None),
        ([ACTIVE], {**UNKNOWN_REQUIREMENT, "indications": RECOMMENDED_FOR_ALL}, None),
        ([], UNKNOWN_REQUIREMENT, None),
        # then trials
        ([ACTIVE], {"indications": RECOMMENDED_FOR_ALL, **available(US="investigational")}, Band.TRIAL_ONLY),
        ([], available(US="investigational"), Band.TRIAL_ONLY),
        # then a recommendation, with or without figures
        ([INACTIVE], {"indications": RECOMMENDED_FOR_ALL}, Band.RECOMMENDED),
        ([], {"indications": RECOMMENDED_FOR_ALL}, Band.RECOMMENDED),
    ],
)
def test_the_first_rule_that_applies_decides(publications, fields, band):
    assert assessed(*publications, **fields).band is band


# ---- recommended, considered, advised against


@pytest.mark.parametrize("stance", ["recommend", "consider", "against"])
def test_an_indication_that_is_false_or_unknown_decides_nothing(stance):
    plain = assessed(ACTIVE, features={"ki67": 70})
    for features in ({"ki67": 70}, {}):
        found = assessed(ACTIVE, features=features, indications=[indication(stance, LOW_KI67)])
        assert (found.band, found.decided_by, found.level) == (plain.band, plain.decided_by, plain.level)
        assert [finding.truth for finding in found.indications] == [False if features else None]


@pytest.mark.parametrize(
    ("regions", "features", "band"),
    [
        (["EU", "UK"], {"region": "EU"}, Band.RECOMMENDED),
        (["EU", "UK"], {"region": "JP"}, Band.SUPPORTED),
        (["EU", "UK"], {}, Band.SUPPORTED),
        (["US"], {}, Band.RECOMMENDED),
        (None, {"region": "CN"}, Band.RECOMMENDED),
    ],
)
def test_an_indication_holds_in_its_regions(regions, features, band):
    found = assessed(ACTIVE, features=features, indications=[indication("recommend", {}, regions=regions)])
    assert found.band is band
    assert len(found.indications) == (band is Band.RECOMMENDED)


@pytest.mark.parametrize(
    ("publications", "against", "features", "band"),
    [
        ([ACTIVE], LOW_KI67, {"ki67": 40}, Band.LIMITED),
        ([ACTIVE], LOW_KI67, {"ki67": 70}, Band.RECOMMENDED),
        ([ACTIVE], LOW_KI67, {}, Band.RECOMMENDED),
        ([], LOW_KI67, {"ki67": 40}, Band.NO_EVIDENCE),  # nobody considers it, and there are no figures
    ],
)
def test_advice_against_takes_a_recommendation_back(publications, against, features, band):
    stances = [indication("recommend", {}), indication("against", against)]
    assert assessed(*publications, features=features, indications=stances).band is band


def test_advice_against_outweighs_evidence_and_that_others_consider_it():
    stances = [indication("consider", {}), indication("against", {})]
    assert assessed(ACTIVE, indications=stances).band is Band.LIMITED
    assert assessed(indications=stances).band is Band.LIMITED
    assert assessed(ACTIVE, indications=stances).decided_by.startswith("advised against")


def test_what_decides_names_the_indication():
    found = assessed(ACTIVE, features={"ki67": 40}, indications=[indication("recommend", LOW_KI67, key="low-index")])
    assert found.decided_by == "recommended with Ki-67 below 55 %"


def test_without_any_figures_or_indication_there_is_no_evidence():
    assert assessed().band is Band.NO_EVIDENCE
    assert assessed(publication("a", result(n=4, orr=50))).band is Band.NO_EVIDENCE
    assert assessed(publication("a", result(orr=50), biomarker="ret")).band is Band.NO_EVIDENCE  # not known positive
    assert assessed(indications=[indication("recommend", LOW_KI67)]).band is Band.NO_EVIDENCE


def test_one_who_considers_it_supports_it_without_figures():
    # the benchmark itself is active: P(Beta(2, 8) > 10 %) = 0.77
    assert assessed(indications=[indication("consider", {})]).band is Band.SUPPORTED


# ---- limited activity: P(response > 10 %) and P(survival > the benchmark's)


def activity(orr):
    """P(response > 10 %) after 30 patients with this rate, in percent."""
    return stats.beta(2 + 0.3 * orr, 8 + 30 - 0.3 * orr).sf(0.1)


def test_a_response_rate_that_is_hardly_above_a_tenth_is_limited():
    assert 0.49 < activity(7.4) < 0.5 < activity(7.6) < 0.51
    few, more = (publication("a", result(n=30, orr=orr)) for orr in (7.4, 7.6))
    assert assessed(few).band is Band.LIMITED
    assert assessed(few).decided_by.startswith("limited activity: the response rate is above 10 %")
    assert assessed(more).band is Band.SUPPORTED
    assert assessed(few, indications=[indication("consider", {})]).band is Band.LIMITED


def outliving(months):
    """P(median survival > 8 months) after 30 patients with this median: prior variance 1/4, variance within 0.1."""
    term = 1 / (1 / (30 * math.log(2) ** 2) + 0.1)
    mean = (4 * math.log(8) + term * math.log(months)) / (4 + term)
    return stats.norm(mean, (4 + term) ** -0.5).sf(math.log(8))


@pytest.mark.parametrize(
    ("orr", "months", "active", "longer", "band"),
    [
        (10, 5.1, 0.65, 0.199, Band.LIMITED),
        (10, 5.15, 0.65, 0.204, Band.SUPPORTED),
        (13, 4.5, 0.796, 0.14, Band.LIMITED),
        (13.2, 4.5, 0.805, 0.14, Band.SUPPORTED),
        (7, 30, 0.47, 0.99, Band.LIMITED),
    ],
)
def test_short_survival_limits_unless_responses_are_likely(orr, months, active, longer, band):
    assert activity(orr) == pytest.approx(active, abs=0.006)
    assert outliving(months) == pytest.approx(longer, abs=0.006)
    assert assessed(publication("a", result(n=30, orr=orr, os=months))).band is band


def test_short_survival_is_named_as_the_reason():
    found = assessed(publication("a", result(n=30, orr=10, os=4.5)))
    assert found.decided_by.startswith("limited activity: survival is longer than the benchmark")


def test_survival_is_compared_with_the_benchmark_of_the_release():
    study = publication("a", result(n=30, orr=10, os=4.5))
    shorter = {**BENCHMARK, "os": {**BENCHMARK["os"], "m0": math.log(4)}}
    assert assessed(study).band is Band.LIMITED
    assert assessed(study, benchmark=shorter).band is Band.SUPPORTED


# ---- direct evidence


@pytest.mark.parametrize(
    ("row", "study", "features", "band"),
    [
        ({}, {"histology": "nec", "line": "second"}, {}, Band.SUPPORTED),
        ({}, {"histology": "nec", "line": "later"}, {}, Band.SUPPORTED),
        ({}, {"histology": "nec", "line": "any"}, {}, Band.SUPPORTED),
        ({}, {"histology": "nec", "line": "first"}, {}, Band.LIMITED),
        ({}, {"histology": "g3-mixed"}, {}, Band.LIMITED),
        ({}, {"histology": "sclc"}, {}, Band.LIMITED),
        ({"population": {"histology": "nec"}}, {"histology": "g3-mixed"}, {}, Band.SUPPORTED),
        ({}, {"histology": "tumour-agnostic"}, {}, Band.LIMITED),
        ({}, {"histology": "tumour-agnostic", "biomarker": "ret"}, {"ret": "positive"}, Band.SUPPORTED),
        (
            {},
            {"histology": "tumour-agnostic", "biomarker": "ret", "line": "first"},
            {"ret": "positive"},
            Band.SUPPORTED,
        ),
        ({}, {"histology": "other-solid", "biomarker": "ret"}, {"ret": "positive"}, Band.LIMITED),
    ],
)
def test_evidence_supports_when_it_is_direct(row, study, features, band):
    assert assessed(publication("a", result(n=60, orr=50, **row), **study), features=features).band is band


def test_one_direct_cohort_among_others_is_enough():
    assert assessed(INDIRECT).band is Band.LIMITED
    assert assessed(INDIRECT, ACTIVE).band is Band.SUPPORTED
    assert assessed(INDIRECT, ACTIVE).decided_by == "direct evidence in NEC after first line"


def test_a_matched_cohort_is_named_as_direct_evidence():
    study = publication("basket", result(n=30, orr=40), histology="tumour-agnostic", biomarker="ret")
    found = assessed(study, features={"ret": "positive"})
    assert found.decided_by == "direct evidence in its biomarker, whatever the tumour"


def test_who_considers_it_supports_indirect_evidence():
    assert assessed(INDIRECT, indications=[indication("consider", {})]).band is Band.SUPPORTED


# ---- shared lead drugs

FOLFIRI = regimen("folfiri", name="FOLFIRI", drugs=["irinotecan", "5-fu"], lead_drugs=["irinotecan", "5-fu"])


@pytest.mark.parametrize(
    ("features", "band", "truth"),
    [
        ({"progressed_on": ["folfiri"]}, Band.UNSUITABLE, True),
        ({"prior_regimens": ["folfiri"], "progressed_on": []}, Band.SUPPORTED, "none"),
        ({"prior_regimens": ["folfiri"]}, Band.SUPPORTED, None),  # whether it failed is not known
        ({}, Band.SUPPORTED, "none"),
    ],
)
def test_a_lead_drug_shared_with_a_failed_regimen_is_to_be_avoided(features, band, truth):
    found = assessed(ACTIVE, others=[FOLFIRI], lead_drugs=["irinotecan"], features=features)
    assert found.band is band
    assert [f.truth for f in found.cautions] == ([] if truth == "none" else [truth])
    assert all(f.caution.level == "avoid" for f in found.cautions)


def test_the_caution_names_the_shared_drugs_and_the_regimen():
    found = assessed(ACTIVE, others=[FOLFIRI], lead_drugs=["irinotecan"], features={"progressed_on": ["folfiri"]})
    assert found.cautions[0].caution.text == "shares irinotecan with FOLFIRI, on which the disease progressed"


def test_a_drug_that_does_not_lead_carries_no_resistance():
    found = assessed(
        ACTIVE,
        others=[FOLFIRI],
        drugs=["irinotecan", "new"],
        lead_drugs=["new"],
        features={"progressed_on": ["folfiri"]},
    )
    assert (found.band, found.cautions) == (Band.SUPPORTED, ())


@pytest.mark.parametrize(
    ("failed", "cautioned"), [("doublet", False), ("other", True)], ids=["a platinum doublet", "another regimen"]
)
def test_a_platinum_rechallenge_may_share_its_drugs_with_a_platinum_doublet_alone(failed, cautioned):
    shared = {"drugs": ["etoposide", "cisplatin"], "lead_drugs": ["etoposide", "cisplatin-carboplatin"]}
    knowledge = release(
        publication("a", result("platinum-rechallenge", n=30, orr=40), result("drug", n=30, orr=40)),
        regimens=[
            regimen("platinum-rechallenge", **shared, **{"class": "platinum-doublet"}),
            regimen("drug", **shared),
            regimen("doublet", **shared, **{"class": "platinum-doublet", "setting": "first-line"}),
            regimen("other", lead_drugs=["etoposide"]),
        ],
    )
    patient = knowledge.patient({"prior_regimens": [failed], "progressed_on": [failed]})
    again = assess(knowledge.regimens["platinum-rechallenge"], patient, knowledge)
    assert bool(again.cautions) is cautioned
    assert again.band is (Band.UNSUITABLE if cautioned else Band.SUPPORTED)
    assert assess(knowledge.regimens["drug"], patient, knowledge).band is Band.UNSUITABLE


def test_a_regimen_shares_no_lead_drug_with_itself():
    assert assessed(ACTIVE, features={"progressed_on": ["drug"]}).cautions == ()


# ---- levels of evidence


@pytest.mark.parametrize(
    ("row", "study", "level"),
    [
        ({"n": 10}, {"design": "single-arm-phase-2"}, "B"),
        ({"n": 10}, {"design": "randomised-phase-3"}, "B"),
        ({"n": 10}, {"design": "phase-1"}, "B"),
        ({"n": 10}, {"design": "prospective-observational"}, "B"),
        ({"n": 10}, {"design": "basket-phase-2", "line": "later"}, "B"),
        ({"n": 10}, {"design": "basket-phase-2", "line": "second-or-later"}, "B"),
        ({"n": 9}, {"design": "single-arm-phase-2"}, "D"),
        ({"n": 90}, {"design": "single-arm-phase-2", "line": "any"}, "D"),
        ({"n": 90}, {"design": "single-arm-phase-2", "line": "first"}, "D"),
        ({"n": 10}, {"design": "retrospective"}, "C"),
        ({"n": 10}, {"design": "registry"}, "C"),
        ({"n": 10}, {"design": "case-series"}, "C"),
        ({"n": 9}, {"design": "retrospective"}, "D"),
        ({"n": 20}, {"design": "single-arm-phase-2", "histology": "g3-mixed"}, "C"),
        ({"n": 20}, {"design": "retrospective", "histology": "g3-mixed"}, "D"),
        ({"n": 90}, {"design": "randomised-phase-3", "histology": "sclc"}, "D"),
    ],
)
def test_level_of_the_cohorts(row, study, level):
    assert assessed(publication("a", result(orr=40, **row), **study)).level == level


def test_the_best_cohort_gives_the_level_and_no_cohort_the_last():
    retrospective = publication("b", result(orr=40), design="retrospective")
    assert assessed(ACTIVE, INDIRECT, retrospective).level == "B"
    assert assessed(INDIRECT, retrospective).level == "C"
    assert assessed().level == "D"


@pytest.mark.parametrize(
    ("stance", "when", "level"),
    [("recommend", {}, "A"), ("recommend", LOW_KI67, "D"), ("consider", {}, "D"), ("against", {}, "D")],
)
def test_a_recommendation_for_this_situation_is_level_a(stance, when, level):
    assert assessed(INDIRECT, indications=[indication(stance, when)]).level == level


@pytest.mark.parametrize(
    ("features", "stance", "level"),
    [
        ({"ret": "positive", "region": "US", "primary_site": "pancreas"}, "consider", "A"),
        ({"ret": "positive", "region": "EU", "primary_site": "pancreas"}, "consider", "D"),  # not approved there
        ({"ret": "positive", "region": "US", "primary_site": "pancreas"}, "against", "D"),
        (
            {"ret": "positive", "region": "US", "primary_site": "colorectal"},
            "consider",
            "D",
        ),  # the licence leaves it out
        ({"ret": "positive", "region": "US"}, "consider", "D"),  # whether it covers the patient is not known
        ({"ret": "negative", "region": "US", "primary_site": "pancreas"}, "consider", "D"),
    ],
)
def test_an_approval_that_covers_the_patient_is_level_a(features, stance, level):
    covers = {"all": [{"feature": "ret", "is": "positive"}, {"not": {"feature": "primary_site", "is": "colorectal"}}]}
    licence = indication(stance, covers, sources=["approval:US"])
    found = assessed(INDIRECT, features=features, indications=[licence], **available(US="approved"))
    assert found.level == level


def test_an_approval_of_the_regimen_for_others_is_no_level_a():
    needs = {"requires": {"feature": "ret", "is": "positive"}}
    features = {"ret": "positive", "region": "US"}
    assert assessed(INDIRECT, features=features, **needs, **available(US="approved")).level == "D"


def test_an_approval_without_a_biomarker_is_no_level_a():
    assert assessed(INDIRECT, **available(US="approved")).level == "D"


# ---- what an assessment carries


def test_cohorts_that_do_not_speak_are_not_evidence():
    study = publication("a", subgroup("ki67", n=60, orr=50, where={"feature": "ki67", "at_least": 55}))
    assert assessed(study, features={"ki67": 70}).band is Band.SUPPORTED
    assert assessed(study, features={"ki67": 40}).band is Band.NO_EVIDENCE
    assert assessed(study).band is Band.NO_EVIDENCE
