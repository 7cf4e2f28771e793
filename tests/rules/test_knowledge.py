"""What a release holds: which cohorts may speak, what they were selected by, and their figures (METHOD, 3 and 4)."""

from __future__ import annotations

import math

import pytest

from regimens.rules.evidence import SUBGROUP_ORDER, covers, speaking_for
from regimens.rules.knowledge import Knowledge, KnowledgeError, cohorts_by_regimen
from regimens.rules.patient import PatientError
from tests.factories.documents import (
    IDENTITY,
    biomarker,
    document,
    indication,
    prevalence,
    publication,
    regimen,
    release,
    result,
)


def only_cohort(row, **study):
    """The one cohort of a publication with this result, whether it may be used or not."""
    (cohort,) = cohorts_by_regimen(document(publication("one", row, **study)))["drug"]
    return cohort


def used(row, **study):
    return release(publication("one", row, **study), regimens=[regimen()]).regimens["drug"].cohorts


# ---- section 3: which cohorts are usable


@pytest.mark.parametrize(
    ("row", "study"),
    [
        ({"n": 20}, {}),
        ({"n": 5}, {}),
        ({"n": None, "evaluable": 5}, {}),
        ({"n": 5, "evaluable": 3}, {}),
        ({"where": {"feature": "ki67", "at_least": 55}}, {}),
        ({}, {"verified": "secondary"}),
        ({}, {"verified": "fulltext"}),
        ({}, {"design": "case-report"}),
    ],
)
def test_a_cohort_is_used_when_it_was_read_is_large_enough_and_stands_for_somebody(row, study):
    assert len(used(result(orr=30, **row), **study)) == 1


@pytest.mark.parametrize(
    ("row", "study"),
    [
        ({}, {"verified": "none"}),
        ({}, {"design": "meta-analysis"}),
        ({"where": "never"}, {}),
        ({"n": 4}, {}),
        ({"n": 4, "evaluable": 20}, {}),  # n comes first
        ({"n": None, "evaluable": 4}, {}),
        ({"n": None, "evaluable": None}, {}),
    ],
)
def test_a_cohort_is_never_used_when_unread_pooled_unsayable_or_small(row, study):
    assert used(result(orr=30, pfs=3, **row), **study) == ()


@pytest.mark.parametrize("row", [{}, {"orr_ci": [10, 40]}, {"dcr": 50}, {"rates": {"os-6": 60}}, {"deaths": 1}])
def test_a_cohort_without_an_outcome_of_the_method_is_not_used(row):
    assert used(result(**row)) == ()


def test_an_arm_that_pools_regimens_belongs_to_none():
    both = document(publication("one", result(None, orr=30), result("drug", orr=30)))
    assert {slug: [cohort.index for cohort in found] for slug, found in cohorts_by_regimen(both).items()} == {
        "drug": [1]
    }


@pytest.mark.parametrize(
    ("row", "size"),
    [({"n": 12, "evaluable": 10}, 12), ({"n": None, "evaluable": 10}, 10), ({"n": None, "evaluable": None}, None)],
)
def test_the_size_is_n_else_evaluable(row, size):
    assert only_cohort(result(orr=30, **row)).size == size


def test_a_population_lies_over_that_of_the_study():
    row = result(orr=30, population={"histology": "net-g3", "sites": ["gep"], "line": "later", "biomarker": "dll3"})
    cohort = only_cohort(row, histology="nec", sites=["lung"], line="second", design="registry")
    assert (cohort.histology, cohort.line, cohort.sites, cohort.biomarker) == ("net-g3", "later", {"gep"}, "dll3")
    assert cohort.design == "registry"


def test_a_population_leaves_what_it_does_not_name():
    cohort = only_cohort(result(orr=30, population={"histology": "net-g3"}), sites=["lung"], biomarker="msi-h")
    assert (cohort.histology, cohort.line, cohort.sites, cohort.biomarker) == ("net-g3", "second", {"lung"}, "msi-h")


# ---- section 3: selected cohorts, and to whom a cohort applies


@pytest.mark.parametrize("where", [None, "never", {"feature": "ki67", "at_least": 55}, {"feature": "ecog", "is": 1}])
def test_other_cohorts_are_selected_only_by_the_biomarker_of_their_study(where):
    assert not only_cohort(result(orr=30, where=where)).is_selected
    assert only_cohort(result(orr=30, where=where), biomarker="ret").is_selected


@pytest.mark.parametrize(
    ("marker", "features", "applies"),
    [
        ("msi-h", {"msi": "high"}, True),
        ("msi-h", {"msi": "stable"}, False),
        ("tmb-h", {"tmb": 10}, True),
        ("tmb-h", {"tmb": 9.9}, False),
        ("her2", {"her2": "ihc-3+"}, True),
        ("her2", {"her2": "ihc-2+"}, True),
        ("her2", {"her2": "ihc-1+"}, False),
        ("her2", {"her2": "negative"}, False),
        ("pd-l1", {"pd_l1_cps": 1}, True),
        ("pd-l1", {"pd_l1_cps": 0.9}, False),
        ("braf-v600e", {"braf_v600e": "positive"}, True),
        ("braf-v600e", {"braf_v600e": "negative"}, False),
        ("ntrk", {"ntrk": "positive"}, True),
        ("ntrk", {"ntrk": "negative"}, False),
        ("ret", {"ret": "positive"}, True),
        ("ret", {"ret": "negative"}, False),
        ("dll3", {"dll3": "positive"}, True),
        ("dll3", {"dll3": "negative"}, False),
        ("sstr", {"sstr": "positive"}, True),
        ("sstr", {"sstr": "negative"}, False),
        ("kras-g12c", {"kras_g12c": "positive"}, True),
        ("kras-g12c", {"kras_g12c": "negative"}, False),
    ],
)
def test_a_selected_cohort_applies_only_to_who_is_known_to_be_positive(marker, features, applies):
    cohort = only_cohort(result(orr=30), biomarker=marker)
    assert cohort.applies(features) is applies
    assert cohort.applies({}) is False


@pytest.mark.parametrize(
    ("where", "applies"),
    [
        (None, True),
        ({}, True),
        ({"feature": "ki67", "at_least": 55}, True),
        ({"feature": "ki67", "below": 55}, False),
        ({"feature": "ecog", "at_most": 1}, False),  # unknown
        ({"not": {"feature": "ecog", "at_most": 1}}, False),  # still unknown
        ({"any": [{"feature": "ecog", "at_most": 1}, {"feature": "ki67", "at_most": 70}]}, True),
    ],
)
def test_a_cohort_applies_when_its_where_is_true_and_not_when_it_is_unknown(where, applies):
    assert only_cohort(result(orr=30, where=where)).applies({"ki67": 70}) is applies


def test_a_selected_subgroup_needs_both_its_where_and_its_biomarker():
    cohort = only_cohort(result(orr=30, where={"feature": "ki67", "at_least": 55}), biomarker="dll3")
    assert cohort.applies({"ki67": 70, "dll3": "positive"})
    assert not cohort.applies({"ki67": 70})
    assert not cohort.applies({"dll3": "positive"})


# ---- section 3: which cohort of a study speaks


def test_kinds_of_subgroups_are_in_the_order_of_the_method():
    assert SUBGROUP_ORDER == ("biomarker", "histology", "ki67", "platinum", "site", "line", "other", None)


def test_one_cohort_a_study_speaks_for_an_outcome():
    publications = [
        publication("a", result(orr=10), result(orr=20, n=30)),
        publication("b", result(orr=30), study_key="a"),
        publication("c", result(orr=40)),
        publication("d", result(pfs=3)),
    ]
    cohorts = cohorts_by_regimen(document(*publications))["drug"]
    assert [(cohort.publication, cohort.index) for cohort in speaking_for(cohorts, "orr")] == [("a", 1), ("c", 0)]
    assert [(cohort.publication, cohort.index) for cohort in speaking_for(cohorts, "pfs")] == [("d", 0)]
    assert speaking_for(cohorts, "os") == ()


def test_a_publication_without_a_study_key_is_a_study_of_its_own():
    publications = [publication(key, result(orr=10), study_key=None) for key in ("a", "b")]
    cohorts = cohorts_by_regimen(document(*publications))["drug"]
    assert [cohort.publication for cohort in speaking_for(cohorts, "orr")] == ["a", "b"]


# ---- section 4: what a cohort says


@pytest.mark.parametrize(
    ("row", "events", "patients"),
    [
        ({"n": 30, "evaluable": 25, "responders": 5, "orr": 99}, 5, 25),  # counts come first
        ({"n": 30, "evaluable": 25, "responders": 0}, 0, 25),
        ({"n": 30, "evaluable": 25, "orr": 30}, 7.5, 25),  # not rounded
        ({"n": 30, "evaluable": None, "orr": 30}, 9, 30),
        ({"n": 30, "evaluable": None, "orr": 0}, 0, 30),
        ({"n": 30, "evaluable": None, "responders": 5, "orr": 30}, 9, 30),  # of how many is not said
        ({"n": None, "evaluable": 10, "orr": 12.5}, 1.25, 10),
    ],
)
def test_response_is_counted(row, events, patients):
    rate = only_cohort(result(**row)).figures["orr"]
    assert (rate.events, rate.patients) == (pytest.approx(events, rel=1e-12), patients)


def test_responders_without_a_denominator_say_nothing():
    assert "orr" not in only_cohort(result(responders=5, evaluable=None, n=20)).figures


def test_grade_3_is_of_those_analysed():
    rate = only_cohort(result(n=30, evaluable=25, grade3=45)).figures["grade3"]
    assert (rate.events, rate.patients) == (pytest.approx(13.5, rel=1e-12), 30)
    assert "grade3" not in only_cohort(result(n=None, evaluable=25, grade3=45)).figures


# Two-sided normal quantiles, from a table.
Z80, Z90, Z95 = 1.2815515655446004, 1.6448536269514722, 1.959963984540054


@pytest.mark.parametrize("outcome", ["pfs", "os"])
@pytest.mark.parametrize(
    ("level", "z"), [({}, Z95), ({"ci_level": 95}, Z95), ({"ci_level": 90}, Z90), ({"ci_level": 80}, Z80)]
)
def test_a_median_with_its_interval_is_normal_on_the_log_scale(outcome, level, z):
    median = only_cohort(result(**{outcome: 4, f"{outcome}_ci": [2, 9]}, **level)).figures[outcome]
    assert median.log_months == pytest.approx(math.log(4), rel=1e-12)
    assert median.variance == pytest.approx((math.log(4.5) / (2 * z)) ** 2, rel=1e-9)


@pytest.mark.parametrize("interval", [None, [None, None], [2, None], [None, 9], [4, 4]])
def test_a_median_without_a_usable_interval_has_the_variance_of_an_exponential_one(interval):
    found = only_cohort(result(n=25, evaluable=20, pfs=4, pfs_ci=interval)).figures["pfs"]
    assert found.log_months == pytest.approx(math.log(4), rel=1e-12)
    assert found.variance == pytest.approx(1 / (25 * math.log(2) ** 2), rel=1e-12)
    smaller = only_cohort(result(n=None, evaluable=20, pfs=4, pfs_ci=interval)).figures["pfs"]
    assert smaller.variance == pytest.approx(1 / (20 * math.log(2) ** 2), rel=1e-12)


def test_a_median_that_was_not_reached_says_nothing():
    assert set(only_cohort(result(pfs=None, pfs_ci=[4, None], os=9)).figures) == {"os"}


# ---- sections 3 and 5: sites, regimens, indications, prevalence


@pytest.mark.parametrize(
    ("sites", "inside", "outside"),
    [
        (
            {"gep"},
            ["oesophagus", "stomach", "small-bowel", "colorectal", "anal", "pancreas", "biliary", "liver"],
            ["unknown-primary", "bladder", "other"],
        ),
        ({"gastro-oesophageal"}, ["oesophagus", "stomach"], ["small-bowel", "pancreas"]),
        ({"genitourinary"}, ["bladder", "prostate"], ["gynaecological"]),
        ({"pancreas", "bladder"}, ["pancreas", "bladder"], ["biliary", "prostate"]),
        (set(), [], ["pancreas"]),
        ({"any"}, [], ["pancreas"]),
    ],
)
def test_groups_of_sites_stand_for_their_members(sites, inside, outside):
    found = [site for site in [*inside, *outside] if covers(frozenset(sites), site)]
    assert found == inside
    assert not covers(frozenset(sites), None)


def test_only_later_line_regimens_are_ranked_and_all_are_kept():
    settings = ["later-line", "first-line", "comparator", "registry-only"]
    found = release(regimens=[regimen(f"as-{setting}", setting=setting) for setting in settings])
    assert [each.slug for each in found.ranked_regimens] == ["as-later-line"]
    assert list(found.regimens) == sorted(f"as-{setting}" for setting in settings)


def test_supportive_care_is_not_ranked_by_figures():
    found = release(regimens=[regimen("best-supportive-care"), regimen("drug")])
    assert [each.slug for each in found.ranked_regimens] == ["drug"]


def test_a_regimen_takes_its_cohorts_in_the_order_of_key_and_index():
    publications = [publication(key, result("drug", orr=10), result("drug", orr=20)) for key in ("b", "a")]
    cohorts = release(*publications).regimens["drug"].cohorts
    assert [(cohort.publication, cohort.index) for cohort in cohorts] == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]


@pytest.mark.parametrize(
    ("regions", "region", "holds"),
    [(None, "US", True), (None, "JP", True), (["EU", "UK"], "EU", True), (["EU", "UK"], "US", False)],
)
def test_an_indication_holds_in_its_regions_and_without_any_everywhere(regions, region, holds):
    found = release(regimens=[regimen()], indications=[indication("recommend", {}, regions=regions)])
    (one,) = found.regimens["drug"].indications
    assert one.holds_in(region) is holds


def test_only_marked_figures_of_tested_features_are_chances():
    tests = [
        biomarker("msi", prevalence(5.3, "gep"), prevalence(12.4)),
        biomarker(None, prevalence(50, "any")),
        biomarker("ret", prevalence(2)),
    ]
    found = release(regimens=[regimen()], biomarkers=tests).prevalence
    assert list(found) == ["msi"]
    (figure,) = found["msi"]
    assert figure.chance == pytest.approx(0.053, rel=1e-12)
    assert (figure.sites, figure.url) == ({"gep"}, "https://example.org/figure")


def test_a_document_that_was_not_published_is_refused():
    with pytest.raises(KnowledgeError, match="publish it first"):
        Knowledge.from_document(document(regimens=[regimen()]), release=IDENTITY)


def test_a_patient_may_name_only_the_regimens_of_the_release():
    found = release(regimens=[regimen("drug"), regimen("doublet", drugs=["etoposide", "carboplatin"])])
    assert found.patient({"prior_regimens": ["drug"]}).prior_regimens == {"drug"}
    with pytest.raises(PatientError, match="'other' is no regimen of this release"):
        found.patient({"prior_regimens": ["other"]})


@pytest.mark.parametrize("drugs", [["etoposide", "carboplatin"], ["etoposide", "cisplatin"]])
def test_a_doublet_of_the_release_contradicts_that_no_platinum_was_received(drugs):
    found = release(regimens=[regimen("drug"), regimen("doublet", drugs=drugs)])
    assert found.patient({"platinum_received": False, "prior_regimens": ["drug"]}).prior_regimens == {"drug"}
    with pytest.raises(PatientError, match="doublet, which is or holds platinum"):
        found.patient({"platinum_received": False, "prior_regimens": ["doublet"]})


@pytest.mark.parametrize(
    ("where", "is_selected"),
    [
        ({"feature": "msi", "is": "high"}, True),
        ({"feature": "msi", "is": "stable"}, False),
        ({"feature": "dll3", "is": "negative"}, False),
        ({"feature": "her2", "is": ["ihc-2+", "ihc-3+"]}, True),
        ({"feature": "tmb", "at_least": 10}, True),
        ({"feature": "tmb", "below": 10}, False),
        ({"feature": "pd_l1_cps", "above": 1}, True),
        ({"feature": "pd_l1_cps", "at_most": 1}, False),
        ({"not": {"feature": "msi", "is": "high"}}, False),
        ({"not": {"feature": "msi", "is": "stable"}}, True),
        ({"not": {"feature": "tmb", "below": 10}}, True),
        ({"not": {"not": {"feature": "ret", "is": "positive"}}}, True),
        ({"all": [{"feature": "ki67", "above": 20}, {"feature": "sstr", "is": "positive"}]}, True),
        ({"any": [{"feature": "ki67", "above": 20}, {"feature": "rb1_loss", "is": "negative"}]}, False),
    ],
)
def test_a_cohort_is_selected_where_it_asks_for_a_biomarker_that_is_there(where, is_selected):
    assert only_cohort(result(orr=30, where=where)).is_selected is is_selected


def test_a_retracted_publication_is_not_usable():
    notice = {"kind": "retraction", "text": "", "url": ""}
    assert not only_cohort_of(publication("one", result(orr=30), notice=notice))
    assert only_cohort_of(publication("one", result(orr=30), notice=notice | {"kind": "expression-of-concern"}))


def only_cohort_of(row):
    return release(row, regimens=[regimen()]).regimens["drug"].cohorts


@pytest.mark.parametrize(
    ("interval", "level", "half_widths"),
    [
        ([2, 8], None, 1.959963984540054),
        ([2, 8], 90, 1.6448536269514722),
        ([2, 8], 80, 1.2815515655446004),
    ],
)
def test_an_interval_gives_the_variance_of_a_median(interval, level, half_widths):
    row = result(pfs=4, pfs_ci=interval, n=20, **({"ci_level": level} if level else {}))
    assert only_cohort(row).figures["pfs"].variance == pytest.approx((math.log(4) / (2 * half_widths)) ** 2, rel=1e-12)


@pytest.mark.parametrize("interval", [[3.99, 4.01], [3.5, 4.5]])
def test_an_interval_counts_as_no_narrower_than_half_the_exponential_one(interval):
    exponential = 1 / (20 * math.log(2) ** 2)
    variance = only_cohort(result(pfs=4, pfs_ci=interval, n=20)).figures["pfs"].variance
    assert variance == pytest.approx(exponential / 4, rel=1e-12)
