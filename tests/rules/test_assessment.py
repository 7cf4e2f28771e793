"""The band of a regimen and what decides it, cautions, shared resistance, level of evidence (METHOD, section 8)."""

from __future__ import annotations

import pytest
from scipy import stats

from regimens.rules.assessment import Band, Case, assess
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import describe
from regimens.rules.ranking import rank
from tests.factories.documents import (
    BENCHMARK,
    REGIONS,
    caution,
    drug,
    exposure_class,
    indication,
    licence,
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
    return assess(knowledge.regimens["drug"], Case.of(patient, knowledge))


def available(**by_region):
    return {"otherwise": dict.fromkeys(REGIONS, "off-label") | by_region}


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
    assert assessed(ACTIVE, features={"region": "CN"}, otherwise={"US": "unavailable"}).band is Band.SUPPORTED


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


def test_a_drug_that_does_not_lead_carries_no_resistance():
    found = assessed(
        ACTIVE,
        others=[FOLFIRI],
        drugs=["irinotecan", "new"],
        lead_drugs=["new"],
        features={"progressed_on": ["folfiri"]},
    )
    assert (found.band, found.cautions) == (Band.SUPPORTED, ())


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


def test_an_approval_without_a_biomarker_is_no_level_a():
    assert assessed(INDIRECT, **available(US="approved")).level == "D"


# ---- what an assessment carries


def test_cohorts_that_do_not_speak_are_not_evidence():
    study = publication("a", subgroup("ki67", n=60, orr=50, where={"feature": "ki67", "at_least": 55}))
    assert assessed(study, features={"ki67": 70}).band is Band.SUPPORTED
    assert assessed(study, features={"ki67": 40}).band is Band.NO_EVIDENCE
    assert assessed(study).band is Band.NO_EVIDENCE


# ---- licences, exposure classes, alternatives (second edition)


def on(regimens, features, *publications, **lists):
    """The assessments of a small release for a patient, by slug."""
    knowledge = release(*publications, regimens=regimens, **lists)
    case = Case.of(knowledge.patient({"primary_site": "colorectal", **features}), knowledge)
    return {slug: assess(each, case) for slug, each in knowledge.regimens.items()}


POSITIVE_RET = {"feature": "ret", "is": "positive"}


@pytest.mark.parametrize(
    ("fields", "features", "status", "keys", "possible"),
    [
        ({}, {"ret": "positive"}, "approved", 1, 0),
        ({}, {"ret": "negative"}, "investigational", 0, 0),
        ({}, {}, "investigational", 0, 1),
        ({"covers": "arguable"}, {"ret": "positive"}, "licensed-by-site", 1, 0),
        ({"covers": "no"}, {"ret": "positive"}, "investigational", 0, 0),
        ({"covers": "reimbursed"}, {"ret": "positive"}, "investigational", 0, 0),
        ({"kind": "withdrawn"}, {"ret": "positive"}, "investigational", 0, 0),
        ({"region": "EU"}, {"ret": "positive"}, "investigational", 0, 0),
        ({"region": "EU"}, {"ret": "positive", "region": "EU"}, "approved", 1, 0),
    ],
)
def test_a_licence_holds_in_its_region_where_its_criterion_does(fields, features, status, keys, possible):
    rows = [regimen(otherwise=dict.fromkeys(REGIONS, "investigational"))]
    found = on(rows, features, ACTIVE, licences=[licence("drug", POSITIVE_RET, **fields)])["drug"]
    assert (found.licence.status, len(found.licence.keys), len(found.licence.possible)) == (status, keys, possible)
    assert found.band is (Band.TRIAL_ONLY if status == "investigational" else Band.SUPPORTED)


def test_a_region_without_a_word_is_not_verified_and_ranked():
    found = on([regimen(otherwise={})], {}, ACTIVE)["drug"]
    assert (found.licence.status, found.band) == ("not-verified", Band.SUPPORTED)


@pytest.mark.parametrize(
    ("features", "level"),
    [({"ret": "positive"}, "A"), ({"ret": "negative"}, "D"), ({}, "D"), ({"ret": "positive", "region": "EU"}, "D")],
)
def test_a_licence_that_a_consideration_cites_makes_level_a_where_it_covers_the_patient(features, level):
    lists = {
        "licences": [licence("drug", POSITIVE_RET)],
        "indications": [indication("consider", {}, sources=["licence:drug-us"])],
    }
    assert on([regimen()], features, INDIRECT, **lists)["drug"].level == level


CLASSES = [exposure_class("pd-1"), exposure_class("ctla-4", "avoid", "avoid"), exposure_class("mild", "none", "none")]
ANTIBODIES = [
    drug("one", classes=["pd-1"]),
    drug("two", classes=["pd-1"]),
    drug("three", classes=["ctla-4"]),
    drug("four", classes=["mild"]),
    drug("five", classes=["mild"]),
]
REGIMENS = [
    regimen("one"),
    regimen("two"),
    regimen("both", drugs=["two", "three"], lead_drugs=["two"]),
    regimen("four"),
    regimen("five"),
    regimen("none"),
]


def listed(assessment):
    return [(f.caution.level, f.truth, f.caution.drug, f.caution.exposure_class) for f in assessment.cautions]


@pytest.mark.parametrize(
    ("features", "cautions"),
    [
        (
            {"progressed_on_drugs": ["one"]},
            {"two": [("avoid", True, None, "pd-1")], "both": [("caution", True, None, "pd-1")], "five": [], "none": []},
        ),
        (
            {"progressed_on_drugs": ["one", "three"]},
            {"both": [("avoid", True, None, "ctla-4"), ("avoid", True, None, "pd-1")]},
        ),
        ({"prior_drugs": ["one"]}, {"two": [("avoid", None, None, "pd-1")], "none": []}),
        ({"prior_drugs": ["one"], "progressed_on_drugs": []}, {"two": []}),
        (
            {"prior_regimens": ["two"], "progressed_on": ["two"]},
            {"both": [("avoid", True, "two", None), ("caution", True, None, "pd-1")]},
        ),
        ({"progressed_on_drugs": ["four"]}, {"five": [], "four": [("avoid", True, "four", None)]}),
    ],
)
def test_progression_on_a_drug_speaks_against_others_of_its_class(features, cautions):
    found = on(REGIMENS, features, drugs=ANTIBODIES, exposure_classes=CLASSES)
    assert {slug: listed(found[slug]) for slug in cautions} == cautions


def test_what_was_received_adds_only_what_progression_does_not_say_already():
    features = {"prior_regimens": ["one"], "progressed_on_drugs": ["one"], "prior_drugs": ["one", "three"]}
    features |= {"progressed_on": []}
    found = on(REGIMENS, features, drugs=ANTIBODIES, exposure_classes=CLASSES)
    assert listed(found["two"]) == [("avoid", True, None, "pd-1")]


def test_an_exception_and_platinum_again_are_left_alone():
    platinum = {"drugs": ["etoposide", "carboplatin"], "lead_drugs": ["etoposide", "cisplatin-carboplatin"]}
    rows = [
        regimen("platinum-rechallenge", **platinum),
        regimen("doublet", **platinum),
        regimen("free", drugs=["cisplatin"]),
    ]
    drugs = [drug("carboplatin", classes=["platinum"]), drug("cisplatin", classes=["platinum"])]
    classes = [exposure_class("platinum", "avoid", "avoid", "free")]
    features = {"prior_regimens": ["doublet"], "progressed_on": ["doublet"]}
    found = on(rows, features, drugs=drugs, exposure_classes=classes)
    assert listed(found["platinum-rechallenge"]) == []
    assert listed(found["free"]) == []
    assert found["doublet"].band is Band.UNSUITABLE


DEAF = {"feature": "hearing_impairment", "is": True}
NEUROPATHY = {"feature": "neuropathy_grade", "at_least": 2}


@pytest.mark.parametrize(
    ("other", "features", "level"),
    [
        ([], {}, "caution"),
        ([caution("avoid", NEUROPATHY)], {}, "caution"),
        ([caution("avoid", NEUROPATHY)], {"neuropathy_grade": 3}, "caution"),  # less grave than contraindicated
        ([caution("contraindicated", NEUROPATHY)], {"neuropathy_grade": 3}, "contraindicated"),
        ([caution("contraindicated", NEUROPATHY)], {"neuropathy_grade": 1}, "caution"),
    ],
)
def test_a_drug_with_an_alternative_is_ruled_out_only_with_it(other, features, level):
    drugs = [drug("cisplatin", caution("contraindicated", DEAF, "deafness")), drug("carboplatin", *other)]
    rows = [regimen(drugs=[{"alternatives": ["cisplatin", "carboplatin"]}], lead_drugs=["cisplatin-carboplatin"])]
    found = on(rows, {"hearing_impairment": True, **features}, ACTIVE, drugs=drugs)["drug"]
    first = found.cautions[0].caution
    assert (first.level, first.drug) == (level, "cisplatin")
    assert ("Use the other." in first.text) is (level == "caution")
    grave = [f for f in found.cautions if f.truth is True and f.caution.level in ("contraindicated", "avoid")]
    assert (found.band is Band.UNSUITABLE) is bool(grave)


def test_a_caution_of_several_drugs_counts_once_and_the_regimen_speaks_first():
    same = [caution("avoid", DEAF, "deafness")]
    drugs = [drug("one", *same), drug("two", *same, caution("avoid", DEAF, "another page"))]
    found = on([regimen(drugs=["one", "two"], lead_drugs=[])], {}, drugs=drugs)["drug"]
    assert [(f.caution.drug, f.caution.text) for f in found.cautions] == [("one", "deafness"), ("two", "another page")]
    found = on([regimen(drugs=["one"], lead_drugs=[], cautions=same)], {}, drugs=drugs)["drug"]
    assert [f.caution.drug for f in found.cautions] == [None]


@pytest.mark.parametrize(("orr", "band"), [(5, Band.LIMITED), (20, Band.SUPPORTED)])
def test_a_response_rate_that_is_hardly_above_a_tenth_is_limited(orr, band):
    rates = publication("a", result(n=30, orr=orr))
    # prior Beta(2, 8); 30 patients count 1/(1 + 0.02 · 29) each
    patients = 30 / 1.58
    chance = float(stats.beta(2 + patients * orr / 100, 8 + patients * (1 - orr / 100)).sf(0.1))
    assert (chance < 0.5) is (band is Band.LIMITED)
    assert assessed(rates).band is band


def test_a_drug_is_called_by_its_own_name_where_a_regimen_has_its_slug(knowledge: Knowledge) -> None:
    twins = knowledge.drugs.keys() & knowledge.regimens.keys()
    differing = [slug for slug in twins if knowledge.drugs[slug].name != knowledge.regimens[slug].name]
    assert "irinotecan" in differing
    for slug in differing:
        named = describe({"feature": "prior_drugs", "includes": slug}, names=knowledge.names)
        assert named.endswith(knowledge.drugs[slug].name)
        named = describe({"feature": "prior_regimens", "includes": slug}, names=knowledge.names)
        assert named.endswith(knowledge.regimens[slug].name)
    patient = knowledge.patient(
        {"platinum_received": True, "prior_regimens": ["folfiri"], "progressed_on": ["folfiri"]}
    )
    option = next(option for option in rank(patient, knowledge).options if option.regimen.slug == "irinotecan")
    said = [finding.caution.text for finding in option.cautions]
    assert "shares Irinotecan with FOLFIRI, on which the disease progressed" in said
