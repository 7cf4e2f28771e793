"""The benchmark: which cohorts make it, and its constants against exact arithmetic (METHOD, section 6)."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from regimens.rules.benchmark import benchmark_constants, median_benchmark, rate_benchmark
from regimens.rules.evidence import LogMedian, Rate
from regimens.rules.knowledge import KnowledgeError
from tests.factories.documents import document, publication, regimen, result, subgroup


def rates(*groups):
    return [[Rate(events, patients) for events, patients in group] for group in groups]


def medians(*groups):
    return [[LogMedian(math.log(months), variance) for months, variance in group] for group in groups]


# ---- rates


def kleinman(k, n):
    """METHOD's formulas in exact fractions, clamps left out: p0 and rho of both passes."""
    p = [Fraction(events, patients) for events, patients in zip(k, n, strict=True)]
    weights, passes = [Fraction(patients) for patients in n], []
    for _ in range(2):
        total = sum(weights)
        p0 = sum(w * rate for w, rate in zip(weights, p, strict=True)) / total
        q = sum(w * (rate - p0) ** 2 for w, rate in zip(weights, p, strict=True))
        a = sum(w / patients * (1 - w / total) for w, patients in zip(weights, n, strict=True))
        b = sum(w * (1 - w / total) for w in weights)
        rho = (q / (p0 * (1 - p0)) - a) / (b - a)
        passes.append((p0, rho))
        weights = [patients / (1 + rho * (patients - 1)) for patients in n]
    return passes


def test_the_first_pass_by_hand():
    # p = 1/5 and 3/5, W = 30, p0 = 14/30, Q = 16/15, A = 2/3 + 1/3 = 1, B = 40/3
    assert kleinman([2, 12], [10, 20])[0] == (Fraction(14, 30), (Fraction(16, 15) / Fraction(56, 225) - 1) * 3 / 37)


@pytest.mark.parametrize(("k", "n"), [([2, 12], [10, 20]), ([1, 9, 4], [12, 30, 25]), ([0, 5, 11, 3], [8, 40, 21, 16])])
def test_rates_are_pooled_by_moments_in_two_passes(k, n):
    p0, rho = kleinman(k, n)[1]
    found = rate_benchmark(rates(*[[(events, patients)] for events, patients in zip(k, n, strict=True)]))
    assert Fraction(1, 100) < rho < Fraction(1, 2)
    assert found["p0"] == pytest.approx(float(p0), rel=1e-12)
    assert found["rho"] == pytest.approx(float(rho), rel=1e-12)
    assert found["strength"] == pytest.approx(float(1 / rho - 1), rel=1e-12)


def test_cohorts_of_one_regimen_are_summed():
    apart = rate_benchmark(rates([(1, 4), (1, 6)], [(7, 8), (5, 12)]))
    assert apart == rate_benchmark(rates([(2, 10)], [(12, 20)]))


def test_rates_alike_leave_a_correlation_of_one_in_a_hundred():
    found = rate_benchmark(rates([(4, 20)], [(6, 30)], [(2, 10)]))
    assert found["p0"] == pytest.approx(0.2, rel=1e-12)
    assert found["rho"] == 0.01
    assert found["strength"] == pytest.approx(99, rel=1e-12)


def test_rates_as_far_apart_as_can_be_keep_a_correlation_of_a_half():
    found = rate_benchmark(rates([(0, 50)], [(50, 50)]))
    assert found["p0"] == pytest.approx(0.5, rel=1e-12)
    assert (found["rho"], found["strength"]) == (0.5, 1)


@pytest.mark.parametrize(
    "groups",
    [
        [[(0, 20)], [(0, 30)]],  # nobody responds
        [[(20, 20)], [(30, 30)]],  # everybody does
        [[(1, 1)], [(0, 1)]],  # single patients say nothing of the spread within
    ],
)
def test_rates_that_show_no_variation_within_are_refused(groups):
    with pytest.raises(KnowledgeError, match="0 % or 100 %, or rests on single patients"):
        rate_benchmark(rates(*groups))


# ---- medians


def heterogeneity(y, v):
    """Q less its degrees of freedom, and C, as METHOD writes them."""
    w = [1 / variance for variance in v]
    mean = sum(a * b for a, b in zip(w, y, strict=True)) / sum(w)
    q = sum(a * (b - mean) ** 2 for a, b in zip(w, y, strict=True))
    return q - (len(y) - 1), sum(w) - sum(a * a for a in w) / sum(w)


def test_medians_of_single_cohorts_have_no_variance_within():
    # y = ln 2 and ln 8, v = 0.1: Q = 10 · 2 · (ln 2)², df = 1, C = 20 - 10 = 10
    found = median_benchmark(medians([(2, 0.1)], [(8, 0.1)]))
    assert found["tau_squared"] == 0
    assert found["s0_squared"] == pytest.approx((20 * math.log(2) ** 2 - 1) / 10, rel=1e-12)
    assert found["m0"] == pytest.approx(math.log(4), rel=1e-12)


def test_medians_alike_keep_a_variance_between_of_one_in_twenty():
    found = median_benchmark(medians([(4, 0.1)], [(4, 0.3)], [(4, 0.2), (4, 0.1)]))
    assert found["tau_squared"] == 0
    assert found["s0_squared"] == 0.05
    assert found["m0"] == pytest.approx(math.log(4), rel=1e-12)


def test_the_variance_within_is_summed_over_groups_of_two_or_more():
    # two groups with y = ±ln 2 about their mean and v = 0.1: Q = 20 (ln 2)² and C = 10 each; the single one is left out
    groups = medians([(2, 0.1), (8, 0.1)], [(3, 0.1), (12, 0.1)], [(50, 0.1)])
    assert median_benchmark(groups)["tau_squared"] == pytest.approx((20 * math.log(2) ** 2 - 1) / 10, rel=1e-12)


def test_the_variance_between_is_of_the_means_of_regimens():
    found = median_benchmark(medians([(2, 0.1), (8, 0.2)], [(3, 0.1), (30, 0.4)], [(20, 0.3)]))
    log = math.log
    parts = [heterogeneity([log(2), log(8)], [0.1, 0.2]), heterogeneity([log(3), log(30)], [0.1, 0.4])]
    tau = sum(part[0] for part in parts) / sum(part[1] for part in parts)
    assert found["tau_squared"] == pytest.approx(tau, rel=1e-12)
    w = [(1 / (0.1 + tau), 1 / (0.2 + tau)), (1 / (0.1 + tau), 1 / (0.4 + tau)), (1 / (0.3 + tau),)]
    means = [
        (w[0][0] * log(2) + w[0][1] * log(8)) / sum(w[0]),
        (w[1][0] * log(3) + w[1][1] * log(30)) / sum(w[1]),
        log(20),
    ]
    variances = [1 / sum(each) for each in w]
    excess, scale = heterogeneity(means, variances)
    assert found["s0_squared"] == pytest.approx(max(0.05, excess / scale), rel=1e-12)
    outer = [1 / (variance + found["s0_squared"]) for variance in variances]
    m0 = sum(a * b for a, b in zip(outer, means, strict=True)) / sum(outer)
    assert found["m0"] == pytest.approx(m0, rel=1e-12)


def test_a_variance_within_below_zero_counts_as_none():
    # the two medians of a regimen agree better than chance: Q = 0 < df = 1
    found = median_benchmark(medians([(4, 0.1), (4, 0.1)], [(8, 0.1)]))
    assert found["tau_squared"] == 0
    # means ln 4 (variance 0.05) and ln 8 (0.1): w = 20 and 10, Q = 20/3 (ln 2)², C = 30 - 500/30 = 40/3
    expected = max(0.05, (20 / 3 * math.log(2) ** 2 - 1) / (40 / 3))
    assert found["s0_squared"] == pytest.approx(expected, rel=1e-12)


# ---- which cohorts make it


OUTCOMES = {"n": 20, "orr": 20, "grade3": 40, "pfs": 3, "os": 8}


def base(*more, **changes):
    """Two regimens with every outcome, and what a test adds."""
    one = publication("one", result("first", **OUTCOMES | changes))
    two = publication("two", result("second", n=30, orr=40, grade3=20, pfs=5, os=10))
    return document(one, two, *more)


EXTRA = {"n": 40, "orr": 70, "grade3": 80, "pfs": 12, "os": 30}


@pytest.mark.parametrize(
    ("row", "study"),
    [
        (result("third", **EXTRA), {"verified": "none"}),
        (result("third", **EXTRA), {"design": "meta-analysis"}),
        (result(None, **EXTRA), {}),
        (result("third", **EXTRA | {"n": 4}), {}),
        (result("third", **EXTRA, where="never"), {}),
        (result("third", **EXTRA), {"biomarker": "dll3"}),
        (result("third", **EXTRA, where={"feature": "msi", "is": "high"}), {}),
        (subgroup("ki67", "third", **EXTRA, where={"feature": "ki67", "at_least": 55}), {}),
        (subgroup("other", "third", **EXTRA), {}),
        (result("third", **EXTRA), {"histology": "g3-mixed"}),
        (result("third", **EXTRA), {"histology": "sclc"}),
        (result("third", **EXTRA, population={"histology": "net-g3"}), {}),
        (result("third", **EXTRA), {"line": "first"}),
        (result("third", **EXTRA), {"line": "any"}),
    ],
)
def test_other_cohorts_leave_the_benchmark_alone(row, study):
    assert benchmark_constants(base(publication("three", row, **study))) == benchmark_constants(base())


@pytest.mark.parametrize("line", ["second", "later", "second-or-later"])
@pytest.mark.parametrize("design", ["randomised-phase-3", "case-series"])
def test_every_usable_cohort_of_nec_after_first_line_counts_alike(line, design):
    found = benchmark_constants(base(publication("three", result("third", **EXTRA), line=line, design=design)))
    expected = rate_benchmark(rates([(4, 20)], [(12, 30)], [(28, 40)]))
    assert found["benchmark"]["orr"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("setting", ["first-line", "comparator", "registry-only"])
def test_regimens_of_any_setting_count(setting):
    extra = publication("three", result("third", **EXTRA))
    regimens = [regimen("first"), regimen("second"), regimen("third", setting=setting)]
    assert benchmark_constants({**base(extra), "regimens": regimens}) == benchmark_constants(base(extra))
    assert benchmark_constants(base(extra)) != benchmark_constants(base())


def test_a_study_counts_once_for_a_regimen_with_its_larger_cohort():
    again = publication("again", result("first", n=10, orr=90, grade3=90, pfs=20, os=40), study_key="one")
    assert benchmark_constants(base(again)) == benchmark_constants(base())
    larger = publication("again", result("first", n=50, orr=40), study_key="one")
    expected = rate_benchmark(rates([(20, 50)], [(12, 30)]))
    found = benchmark_constants(base(larger))["benchmark"]
    assert found["orr"] == pytest.approx(expected, rel=1e-12)
    assert found["pfs"] == benchmark_constants(base())["benchmark"]["pfs"]


def test_studies_of_one_regimen_are_grouped():
    found = benchmark_constants(base(publication("three", result("second", **EXTRA))))["benchmark"]
    assert found["grade3"] == pytest.approx(rate_benchmark(rates([(8, 20)], [(6, 30), (32, 40)])), rel=1e-12)
    variance = 1 / math.log(2) ** 2
    groups = medians([(8, variance / 20)], [(10, variance / 30), (30, variance / 40)])
    assert found["os"] == pytest.approx(median_benchmark(groups), rel=1e-12)
    assert found["os"]["tau_squared"] > 0


@pytest.mark.parametrize("outcome", ["orr", "pfs", "os", "grade3"])
def test_an_outcome_of_fewer_than_two_regimens_is_refused_by_name(outcome):
    with pytest.raises(KnowledgeError, match=f"^{outcome}: 1 regimens"):
        benchmark_constants(base(**{outcome: None}))


def test_a_document_without_publications_is_refused():
    with pytest.raises(KnowledgeError, match="a benchmark needs two"):
        benchmark_constants(document())


def test_publications_in_another_order_give_the_same_bits():
    extra = [publication(f"extra-{n}", result("first", n=10 + n, orr=7 * n, pfs=2 + n / 3)) for n in range(1, 6)]
    forwards = base(*extra)
    backwards = {**forwards, "publications": forwards["publications"][::-1]}
    assert benchmark_constants(backwards) == benchmark_constants(forwards)
