"""Which cohorts speak for a patient, how far each applies, and what they come to (METHOD, sections 3, 5 and 6)."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from scipy import stats

from regimens.rules.synthesis import synthesise
from tests.factories.documents import BENCHMARK, publication, regimen, release, result, subgroup

OUTCOMES = ("orr", "pfs", "os", "grade3")


def pooled(*publications, **features):
    """The synthesis of the regimen "drug" for a patient with these features, of a colorectal primary unless told."""
    knowledge = release(*publications, regimens=[regimen(), regimen("other")])
    patient = knowledge.patient({"primary_site": "colorectal", **features})
    applying = [cohort for cohort in knowledge.regimens["drug"].cohorts if cohort.applies(patient.values)]
    return synthesise(applying, patient.primary_site, knowledge.benchmark)


def speaking(synthesis, outcome="orr"):
    return [(used.cohort.publication, used.cohort.index) for used in synthesis.cohorts if outcome in used.outcomes]


# ---- section 3: one cohort a study


KINDS = ["biomarker", "histology", "ki67", "platinum", "site", "line", "other", None]


def of_kind(kind, **fields):
    return result(**fields) if kind is None else subgroup(kind, **fields)


@pytest.mark.parametrize(("specific", "general"), list(pairwise(KINDS)))
def test_the_more_specific_subgroup_speaks_though_smaller_and_later(specific, general):
    study = publication("a", of_kind(general, n=90, orr=10), of_kind(specific, n=9, orr=20))
    assert speaking(pooled(study)) == [("a", 1)]


def test_the_order_of_subgroups_runs_through():
    study = publication("a", *[of_kind(kind, orr=10) for kind in reversed(KINDS)])
    assert speaking(pooled(study)) == [("a", 7)]


def test_of_cohorts_of_a_kind_the_larger_speaks():
    assert speaking(pooled(publication("a", result(n=20, orr=10), result(n=21, orr=10)))) == [("a", 1)]
    sizes = publication("a", result(n=20, orr=10), result(n=None, evaluable=30, orr=10), result(n=25, orr=10))
    assert speaking(pooled(sizes)) == [("a", 1)]


@pytest.mark.parametrize(("years", "speaks"), [((2019, 2021), "b"), ((2021, 2019), "a"), ((None, 1999), "b")])
def test_of_cohorts_of_a_size_the_later_year_speaks_and_no_year_comes_last(years, speaks):
    study = [publication(key, result(orr=10), study_key="s", year=year) for key, year in zip("ab", years, strict=True)]
    assert speaking(pooled(*study)) == [(speaks, 0)]


def test_of_cohorts_of_a_year_the_publication_key_and_then_the_index_decides():
    study = [publication(key, result(orr=10), result(orr=20), study_key="s") for key in ("b", "a")]
    assert speaking(pooled(*study)) == [("a", 0)]


def test_the_year_comes_before_the_key_and_the_size_before_the_year():
    old_large = publication("c", result(n=30, orr=10), study_key="s", year=2010)
    new_small = publication("a", result(n=20, orr=10), study_key="s", year=2024)
    assert speaking(pooled(new_small, old_large)) == [("c", 0)]


def test_every_study_speaks():
    assert speaking(pooled(*[publication(key, result(orr=10)) for key in "abc"])) == [("a", 0), ("b", 0), ("c", 0)]


def test_the_whole_arm_speaks_for_what_its_subgroup_does_not_report():
    study = publication("a", result(orr=10, pfs=3, grade3=50), subgroup("ki67", n=8, orr=20, os=9))
    found = pooled(study)
    assert {outcome: speaking(found, outcome) for outcome in OUTCOMES} == {
        "orr": [("a", 1)],
        "pfs": [("a", 0)],
        "os": [("a", 1)],
        "grade3": [("a", 0)],
    }
    assert [set(used.outcomes) for used in found.cohorts] == [{"pfs", "grade3"}, {"orr", "os"}]


def test_a_study_speaks_once_for_each_of_its_regimens():
    study = publication("a", result("drug", orr=10), result("other", n=90, orr=20))
    assert speaking(pooled(study)) == [("a", 0)]


@pytest.mark.parametrize(("ki67", "index"), [({"ki67": 70}, 1), ({"ki67": 40}, 0), ({}, 0)])
def test_a_subgroup_speaks_only_for_who_is_known_to_be_in_it(ki67, index):
    high = subgroup("ki67", where={"feature": "ki67", "at_least": 55}, n=9, orr=20)
    assert speaking(pooled(publication("a", result(orr=10), high), **ki67)) == [("a", index)]


def test_what_may_not_be_used_does_not_silence_what_may():
    subgroups = [subgroup("biomarker", where="never", orr=90), subgroup("histology", n=4, orr=90)]
    assert speaking(pooled(publication("a", *subgroups, result(orr=10)))) == [("a", 2)]
    unread = publication("a", result(n=90, orr=90), study_key="s", verified="none")
    assert speaking(pooled(unread, publication("b", result(orr=10), study_key="s"))) == [("b", 0)]


# ---- section 3: selected cohorts


HIGH = {"feature": "msi", "is": "high"}


@pytest.mark.parametrize(
    ("features", "speaks"), [({"msi": "high"}, [("b", 0)]), ({"msi": "stable"}, [("a", 0)]), ({}, [("a", 0)])]
)
@pytest.mark.parametrize("selected", [{"biomarker": "msi-h"}, {}])
def test_where_the_biomarker_is_positive_only_selected_cohorts_speak(selected, features, speaks):
    row = result(orr=40) if selected else subgroup("other", where=HIGH, orr=40)
    found = pooled(publication("a", result(orr=10)), publication("b", row, **selected), **features)
    assert speaking(found) == speaks
    assert found.is_selected is (speaks == [("b", 0)])


def test_unselected_cohorts_are_dropped_for_outcomes_that_no_selected_one_reports():
    unselected = publication("a", result(orr=10, pfs=3, os=9, grade3=50))
    found = pooled(unselected, publication("b", result(orr=40), biomarker="msi-h"), msi="high")
    assert {outcome: found.estimates[outcome].studies for outcome in OUTCOMES} == {
        "orr": 1,
        "pfs": 0,
        "os": 0,
        "grade3": 0,
    }
    assert [used.cohort.publication for used in found.cohorts] == ["b"]


def test_one_selected_cohort_for_one_outcome_is_enough():
    study = publication("a", result(orr=10, os=9), subgroup("other", where=HIGH, n=9, os=20))
    found = pooled(study, msi="high")
    assert speaking(found, "orr") == []
    assert speaking(found, "os") == [("a", 1)]


def test_a_selected_cohort_that_does_not_speak_drops_nothing():
    study = publication("a", subgroup("histology", orr=10), subgroup("other", where=HIGH, orr=40))
    found = pooled(study, publication("b", result(orr=20)), msi="high")
    assert speaking(found) == [("a", 0), ("b", 0)]
    assert not found.is_selected


# ---- section 5: weights


def weight(row=None, study=None, **features):
    (used,) = pooled(publication("a", row or result(orr=20), **(study or {})), **features).cohorts
    return used.weight


@pytest.mark.parametrize(
    ("design", "factor"),
    [
        ("randomised-phase-3", 1),
        ("randomised-phase-2", 1),
        ("single-arm-phase-2", 0.9),
        ("basket-phase-2", 0.9),
        ("phase-1", 0.7),
        ("prospective-observational", 0.7),
        ("retrospective", 0.5),
        ("registry", 0.5),
        ("case-series", 0.3),
        ("case-report", 0.2),
    ],
)
def test_weight_of_the_design(design, factor):
    assert weight(study={"design": design}).product == factor


@pytest.mark.parametrize(
    ("histology", "factor"),
    [
        ("nec", 1),
        ("g3-mixed", 0.7),
        ("tumour-agnostic", 0.4),
        ("nen-mixed", 0.4),
        ("lung-lcnec", 0.4),
        ("sclc", 0.3),
        ("other-solid", 0.25),
        ("net-g3", 0.2),
    ],
)
def test_weight_of_the_histology(histology, factor):
    assert weight(study={"histology": histology}).product == factor
    assert weight(result(orr=20, population={"histology": histology})).product == factor


@pytest.mark.parametrize(
    ("row", "study"), [(result(orr=20), {"biomarker": "msi-h"}), (subgroup("other", where=HIGH, orr=20), {})]
)
def test_tumour_agnostic_evidence_weighs_more_when_selected(row, study):
    assert weight(row, {"histology": "tumour-agnostic", **study}, msi="high").product == 0.7
    assert weight(row, {"histology": "other-solid", **study}, msi="high").product == 0.25


@pytest.mark.parametrize(
    ("line", "factor"), [("second", 1), ("second-or-later", 1), ("later", 0.9), ("any", 0.7), ("first", 0.4)]
)
def test_weight_of_the_line(line, factor):
    assert weight(study={"line": line}).product == factor


@pytest.mark.parametrize(
    ("sites", "site", "factor"),
    [
        (["colorectal"], "colorectal", 1),
        (["gep"], "colorectal", 1),
        (["gep"], "liver", 1),
        (["gastro-oesophageal"], "stomach", 1),
        (["genitourinary"], "prostate", 1),
        (["pancreas", "any"], "pancreas", 1),  # read from the top
        (["unknown-primary"], "unknown-primary", 1),  # a known value
        (["other"], "other", 1),
        (["any"], "colorectal", 0.8),
        (["other", "bladder"], "colorectal", 0.8),
        ([], "colorectal", 0.8),
        (None, "colorectal", 0.8),
        (["colorectal"], None, 0.8),
        (["pancreas"], "colorectal", 0.6),
        (["gastro-oesophageal"], "colorectal", 0.6),
        (["gep"], "bladder", 0.6),
        (["genitourinary"], "gynaecological", 0.6),
        (["gep"], "unknown-primary", 0.6),
    ],
)
def test_weight_of_the_site(sites, site, factor):
    assert weight(study={"sites": sites}, primary_site=site).product == factor


def test_the_weight_is_the_product_of_four_factors():
    study = {"design": "retrospective", "histology": "g3-mixed", "line": "later", "sites": ["pancreas"]}
    found = weight(study=study)
    assert (found.design, found.histology, found.line, found.site) == (0.5, 0.7, 0.9, 0.6)
    assert found.product == pytest.approx(0.189, rel=1e-12)


# ---- section 6: rates


def test_grade_3_is_pooled_with_its_own_benchmark():
    found = pooled(publication("a", result(n=10, grade3=60))).estimates["grade3"]
    counts = 1 / (1 + 0.02 * 9)
    alpha, beta = 4 + 6 * counts, 6 + 4 * counts
    assert (found.posterior.alpha, found.posterior.beta) == pytest.approx((alpha, beta), rel=1e-12)
    assert found.value == pytest.approx(alpha / (alpha + beta), rel=1e-12)


# ---- section 6: medians


def test_a_median_is_pooled_on_the_log_scale():
    # no interval, 25 patients, weight 1/2: v = 1/(25 (ln 2)²); pfs has s0² = 1/4 and no variance within
    found = pooled(publication("a", result(n=25, pfs=6), design="retrospective")).estimates["pfs"]
    term = 0.5 * 25 * math.log(2) ** 2
    mean = (4 * math.log(3) + term * math.log(6)) / (4 + term)
    sd = math.sqrt(1 / (4 + term))
    assert found.value == pytest.approx(math.exp(mean), rel=1e-12)
    assert found.low == pytest.approx(math.exp(mean - 1.959964 * sd), rel=1e-9)
    assert found.high == pytest.approx(math.exp(mean + 1.959964 * sd), rel=1e-9)
    assert found.benchmark_share == pytest.approx(4 / (4 + term), rel=1e-12)
    assert (found.effective_patients, found.studies) == (12.5, 1)


def test_the_variance_within_is_added_after_weighting():
    # intervals chosen for v = 0.1 and 0.05; os has s0² = 1/4 and τ² = 0.1; weights 1 and 1/2
    def interval(months, variance):
        half = 1.959963984540054 * math.sqrt(variance)
        return [months * math.exp(-half), months * math.exp(half)]

    found = pooled(
        publication("a", result(os=10, os_ci=interval(10, 0.1))),
        publication("b", result(os=5, os_ci=interval(5, 0.05)), design="registry"),
    )
    estimate = found.estimates["os"]
    # terms 1/(0.1 + 0.1) = 5 and 1/(0.05/0.5 + 0.1) = 5, prior 4: precision 14
    assert estimate.posterior.variance == pytest.approx(1 / 14, rel=1e-9)
    mean = (4 * math.log(8) + 5 * math.log(10) + 5 * math.log(5)) / 14
    assert estimate.posterior.mean == pytest.approx(mean, rel=1e-9)
    assert estimate.benchmark_share == pytest.approx(4 / 14, rel=1e-9)
    assert [used.shares["os"] for used in found.cohorts] == pytest.approx([5 / 14, 5 / 14], rel=1e-9)


def test_an_interval_at_90_percent_counts_for_less_than_the_same_at_95():
    at_95, at_90 = (
        pooled(publication("a", result(pfs=6, pfs_ci=[4, 9], **level))).estimates["pfs"].posterior
        for level in ({}, {"ci_level": 90})
    )
    precision = [(2 * z / math.log(9 / 4)) ** 2 for z in (1.959963984540054, 1.6448536269514722)]
    assert 1 / at_95.variance == pytest.approx(4 + precision[0], rel=1e-9)
    assert 1 / at_90.variance == pytest.approx(4 + precision[1], rel=1e-9)


def test_an_interval_without_width_is_no_certainty():
    narrow, none = (
        pooled(publication("a", result(pfs=6, pfs_ci=interval))).estimates["pfs"].posterior
        for interval in ([6, 6], [None, None])
    )
    assert narrow == none
    assert 1 / narrow.variance == pytest.approx(4 + 20 * math.log(2) ** 2, rel=1e-12)


# ---- section 6: without data, and with selected cohorts


def test_without_any_cohort_the_benchmark_stands():
    found = pooled()
    assert found.cohorts == ()
    assert found.estimates["orr"].value == pytest.approx(0.2, rel=1e-9)
    assert found.estimates["grade3"].high == pytest.approx(stats.beta(4, 6).ppf(0.975), rel=1e-9)
    assert found.estimates["pfs"].value == pytest.approx(3, rel=1e-12)
    assert found.estimates["os"].low == pytest.approx(8 * math.exp(-1.959964 * 0.5), rel=1e-9)
    for estimate in found.estimates.values():
        assert (estimate.has_data, estimate.studies, estimate.effective_patients) == (False, 0, 0)
        assert estimate.benchmark_share == pytest.approx(1, rel=1e-12)


def test_an_outcome_that_no_cohort_reports_has_the_benchmark():
    found = pooled(publication("a", result(orr=30))).estimates
    assert [found[outcome].has_data for outcome in OUTCOMES] == [True, False, False, False]
    assert found["os"].value == pytest.approx(8, rel=1e-12)


def test_selected_cohorts_owe_a_quarter_to_the_benchmark_of_a_median():
    # s0² = 1/4 becomes 1; 25 patients without an interval
    found = pooled(publication("a", result(n=25, pfs=12), biomarker="ret"), ret="positive").estimates["pfs"]
    term = 25 * math.log(2) ** 2
    assert found.posterior.variance == pytest.approx(1 / (1 + term), rel=1e-12)
    assert found.posterior.mean == pytest.approx((math.log(3) + term * math.log(12)) / (1 + term), rel=1e-12)
    assert found.benchmark_share == pytest.approx(1 / (1 + term), rel=1e-12)


def test_the_heavier_the_cohort_the_further_the_estimate_leaves_the_benchmark():
    designs = ["case-report", "case-series", "retrospective", "phase-1", "basket-phase-2", "randomised-phase-3"]
    found = [pooled(publication("a", result(orr=60, os=20), design=design)).estimates for design in designs]
    for outcome, benchmark in (("orr", 0.2), ("os", 8)):
        values = [estimates[outcome].value for estimates in found]
        assert [benchmark, *values] == sorted([benchmark, *values])
        assert len(set(values)) == len(designs)


# ---- section 6, second edition: correlation within studies, and medians that move with the response rate


@pytest.mark.parametrize(
    ("study", "weight", "distance"),
    [
        ({}, 1, 0),
        ({"design": "retrospective"}, 0.5, 0),
        ({"histology": "g3-mixed"}, 0.7, 0.25),
        ({"histology": "sclc"}, 0.3, 1),
        ({"histology": "tumour-agnostic"}, 0.4, 1),
    ],
)
def test_patients_of_a_study_count_for_less_the_more_they_are(study, weight, distance):
    found = pooled(publication("a", result(n=22, evaluable=20, responders=6), **study)).estimates["orr"]
    counts = weight / (1 + (0.02 + 0.16 * distance) * max(weight * 20 - 1, 0))
    alpha, beta = 2 + 6 * counts, 8 + 14 * counts
    assert (found.posterior.alpha, found.posterior.beta) == pytest.approx((alpha, beta), rel=1e-12)
    assert found.value == pytest.approx(alpha / (alpha + beta), rel=1e-12)
    assert found.value == pytest.approx(found.benchmark_share * 0.2 + (1 - found.benchmark_share) * 0.3, rel=1e-12)
    assert [found.low, found.high] == pytest.approx(list(stats.beta(alpha, beta).ppf([0.025, 0.975])), rel=1e-9)
    assert found.effective_patients == pytest.approx(counts * 22, rel=1e-12)


SLOPING = {
    **BENCHMARK,
    "pfs": {"m0": 1.2, "b": 0.45, "s_squared": 0.02, "tau_squared": 0.05, "V_m": 0.005, "V_b": 0.006, "V_mb": 0.0004},
}


@pytest.mark.parametrize("selected", [False, True])
def test_a_median_moves_with_the_response_rate(selected):
    fields = {"biomarker": "ret"} if selected else {}
    knowledge = release(
        publication("a", result(n=20, orr=50, pfs=6), histology="g3-mixed", **fields),
        regimens=[regimen()],
        benchmark=SLOPING,
    )
    found = synthesise(knowledge.regimens["drug"].cohorts, "colorectal", knowledge.benchmark)
    rate = found.estimates["orr"].posterior
    x = math.log(rate.alpha / rate.beta) - math.log(0.25)
    omega = 1 / rate.alpha + 1 / rate.beta
    prior = (0.08 if selected else 0.02) + 0.45**2 * omega + 0.005 + 2 * x * 0.0004 + x**2 * 0.006
    term = 1 / (1 / (20 * math.log(2) ** 2) / 0.7 + 0.05 + 0.25)
    q = 1 / prior / (1 / prior + term)
    estimate = found.estimates["pfs"]
    assert estimate.posterior.mean == pytest.approx(q * (1.2 + 0.45 * x) + (1 - q) * math.log(6), rel=1e-12)
    assert estimate.posterior.variance == pytest.approx(1 / (1 / prior + term), rel=1e-12)
    assert estimate.response == pytest.approx(math.exp(q * 0.45 * x), rel=1e-12)
    assert estimate.benchmark_share == pytest.approx(q, rel=1e-12)
    assert estimate.posterior.from_response == pytest.approx(q * 0.45 * math.sqrt(omega), rel=1e-12)
