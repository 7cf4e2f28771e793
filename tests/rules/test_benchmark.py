"""The benchmark: which cohorts make it, and its constants against exact arithmetic (METHOD, section 6)."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from regimens.rules.benchmark import benchmark_constants, median_benchmark, rate_benchmark
from regimens.rules.evidence import LogMedian, Rate
from regimens.rules.knowledge import KnowledgeError
from tests.factories.documents import document, publication, result, subgroup


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
    assert found["S"] == pytest.approx(float(1 / rho - 1), rel=1e-12)


def test_cohorts_of_one_regimen_are_summed():
    apart = rate_benchmark(rates([(1, 4), (1, 6)], [(7, 8), (5, 12)]))
    assert apart == rate_benchmark(rates([(2, 10)], [(12, 20)]))


def test_rates_alike_leave_a_correlation_of_one_in_a_hundred():
    found = rate_benchmark(rates([(4, 20)], [(6, 30)], [(2, 10)]))
    assert found["p0"] == pytest.approx(0.2, rel=1e-12)
    assert found["S"] == pytest.approx(99, rel=1e-12)


def test_rates_as_far_apart_as_can_be_keep_a_correlation_of_a_half():
    found = rate_benchmark(rates([(0, 50)], [(50, 50)]))
    assert found["p0"] == pytest.approx(0.5, rel=1e-12)
    assert found["S"] == 1


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


# ---- which cohorts make it


OUTCOMES = {"n": 20, "orr": 20, "grade3": 40, "pfs": 3, "os": 8}


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


def test_publications_in_another_order_give_the_same_bits():
    extra = [publication(f"extra-{n}", result("first", n=10 + n, orr=7 * n, pfs=2 + n / 3)) for n in range(1, 6)]
    forwards = base(*extra)
    backwards = {**forwards, "publications": forwards["publications"][::-1]}
    assert benchmark_constants(backwards) == benchmark_constants(forwards)


# ---- the grid of medians, and documents, against the formulas written out


def grid_by_hand(groups, above, slope_sd):
    """METHOD's formulas node by node in plain Python: the seven constants but τ²."""
    nodes = []
    for i in range(1, 21):
        for j in range(1, 21):
            s2, tau2 = (0.05 * i) ** 2, (0.05 * j) ** 2
            log_weight = 0.0
            a = b = y = x = r = 0.0
            c = 1 / slope_sd**2
            for group, x_r in zip(groups, above, strict=True):
                w = [1 / (each.variance + tau2) for each in group]
                total = sum(w)
                mu = sum(one * each.log_months for one, each in zip(w, group, strict=True)) / total
                squares = sum(one * each.log_months**2 for one, each in zip(w, group, strict=True))
                omega = 1 / total + s2
                log_weight += sum(math.log(one) for one in w) / 2 - (squares - total * mu**2) / 2
                log_weight -= math.log(total) / 2 + math.log(omega) / 2
                g = 1 / omega
                a, b, c = a + g, b + g * x_r, c + g * x_r**2
                y, x, r = y + g * mu, x + g * x_r * mu, r + g * mu**2
            d = a * c - b * b
            m, slope = (c * y - b * x) / d, (a * x - b * y) / d
            log_weight -= (s2 + tau2) / (2 * 0.25**2) + (r - m * y - slope * x) / 2 + math.log(d) / 2
            nodes.append((log_weight, m, slope, s2, tau2, c / d, a / d, -b / d))
    top = max(node[0] for node in nodes)
    weights = [math.exp(node[0] - top) for node in nodes]
    total = sum(weights)

    def mean(values):
        return sum(weight * value for weight, value in zip(weights, values, strict=True)) / total

    m0, b0 = mean([node[1] for node in nodes]), mean([node[2] for node in nodes])
    return {
        "m0": m0,
        "b": b0,
        "s_squared": mean([node[3] for node in nodes]),
        "tau_squared": mean([node[4] for node in nodes]),
        "V_m": mean([node[5] + (node[1] - m0) ** 2 for node in nodes]),
        "V_b": mean([node[6] + (node[2] - b0) ** 2 for node in nodes]),
        "V_mb": mean([node[7] + (node[1] - m0) * (node[2] - b0) for node in nodes]),
    }


@pytest.mark.parametrize("above", [[0.0, 0.0, 0.0], [0.4, -0.3, 0.0], [1.2, 0.9, -2.0]])
@pytest.mark.parametrize("slope_sd", [0.5, 0.15])
def test_the_seven_constants_are_means_over_the_grid(above, slope_sd):
    groups = medians([(2, 0.1), (8, 0.2)], [(3, 0.1), (5, 0.4), (4, 0.02)], [(6, 0.3)])
    expected = grid_by_hand(groups, above, slope_sd)
    expected["tau_squared"] = grid_by_hand(groups, [0.0, 0.0, 0.0], slope_sd)["tau_squared"]
    found = median_benchmark(groups, above, slope_sd)
    assert found == pytest.approx(expected, rel=1e-10)


def base(*more, **changes):
    """Five cohorts of three regimens with every outcome, and what a test adds."""
    one = publication("one", result("first", **OUTCOMES | changes))
    two = publication("two", result("second", n=30, orr=40, grade3=20, pfs=5, os=10))
    rest = [
        publication(f"more-{n}", result(slug, n=20 + n, orr=10 * n, grade3=20 + n, pfs=2 + n, os=6 + n))
        for n, slug in ((1, "first"), (2, "second"), (3, "fourth"))
    ]
    return document(one, two, *rest, *more)


@pytest.mark.parametrize("line", ["second", "later", "second-or-later"])
@pytest.mark.parametrize("design", ["randomised-phase-3", "case-series"])
def test_every_usable_cohort_of_nec_after_first_line_counts_alike(line, design):
    extra = publication("three", result("third", **EXTRA), line=line, design=design)
    found = benchmark_constants(base(extra))["orr"]
    groups = rates([(4, 20), (2.1, 21)], [(6.9, 23)], [(12, 30), (4.4, 22)], [(28, 40)])
    assert found == pytest.approx(rate_benchmark(groups), rel=1e-12)


@pytest.mark.parametrize("setting", ["first-line", "comparator", "registry-only"])
def test_regimens_of_any_setting_count(setting):
    extra = publication("three", result("third", **EXTRA))
    found = base(extra)
    regimens = [{**row, "setting": setting} if row["slug"] == "third" else row for row in found["regimens"]]
    assert benchmark_constants({**found, "regimens": regimens}) == benchmark_constants(found)
    assert benchmark_constants(found) != benchmark_constants(base())


def test_a_study_counts_once_for_a_regimen_with_its_larger_cohort():
    again = publication("again", result("first", n=10, orr=90, grade3=90, pfs=20, os=40), study_key="one")
    assert benchmark_constants(base(again)) == benchmark_constants(base())


def test_a_retracted_publication_makes_no_benchmark():
    retracted = publication("three", result("third", **EXTRA), notice={"kind": "retraction", "text": "", "url": ""})
    assert benchmark_constants(base(retracted)) == benchmark_constants(base())
    corrected = publication("three", result("third", **EXTRA), notice={"kind": "erratum", "text": "", "url": ""})
    assert benchmark_constants(base(corrected)) != benchmark_constants(base())


@pytest.mark.parametrize("outcome", ["orr", "pfs", "os", "grade3"])
def test_an_outcome_of_too_few_cohorts_is_refused_by_name(outcome):
    with pytest.raises(KnowledgeError, match=rf"^{outcome}: 4 unselected .* of 3 regimens; a benchmark needs 5 of 3"):
        benchmark_constants(base(**{outcome: None}))


def test_an_outcome_of_too_few_regimens_is_refused():
    five = [publication(f"p-{n}", result("first" if n % 2 else "second", **OUTCOMES)) for n in range(6)]
    with pytest.raises(KnowledgeError, match=r"^orr: 6 unselected .* of 2 regimens"):
        benchmark_constants(document(*five))
