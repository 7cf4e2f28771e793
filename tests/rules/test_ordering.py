"""Utilities, places and draws, against plain arithmetic (METHOD, sections 7, 8 and 9)."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import special

from regimens.rules.assessment import Band, Case, assess
from regimens.rules.ordering import PREFERENCES, ahead, in_order, shares, value
from tests.factories.documents import (
    BENCHMARK,
    NO_SLOPE,
    REGIONS,
    caution,
    indication,
    publication,
    regimen,
    release,
    result,
)

OUTCOMES = ("orr", "pfs", "os", "grade3")

# Medians that divide the ceilings well: 9 of 18 months, 4.5 of 9 months, rates of one in two.
ROUND = {
    "orr": {"p0": 0.5, "S": 10},
    "grade3": {"p0": 0.5, "S": 10},
    "pfs": {"m0": math.log(4.5), "s_squared": 0.25, "tau_squared": 0.0, **NO_SLOPE},
    "os": {"m0": math.log(9), "s_squared": 0.25, "tau_squared": 0.0, **NO_SLOPE},
}


def valued(knowledge, preference="balanced", **features):
    """Every later-line regimen of a release with its utility, by slug."""
    patient = knowledge.patient({"primary_site": "colorectal", **features})
    options = [assess(each, Case.of(patient, knowledge)) for each in knowledge.ranked_regimens]
    return {option.regimen.slug: value(option, PREFERENCES[preference]) for option in options}


def one(benchmark=ROUND, preference="balanced"):
    """A regimen without data: its estimates are the benchmark."""
    return valued(release(regimens=[regimen()], benchmark=benchmark), preference)["drug"]


# ---- section 7: utility


@pytest.mark.parametrize(
    ("preference", "os", "pfs", "orr", "tox"),
    [
        ("balanced", 0.40, 0.25, 0.20, 0.15),
        ("survival", 0.55, 0.20, 0.10, 0.15),
        ("response", 0.25, 0.20, 0.45, 0.10),
        ("tolerability", 0.25, 0.15, 0.15, 0.45),
    ],
)
def test_the_terms_weigh_the_pooled_medians_by_what_matters(preference, os, pfs, orr, tox):
    found = one(preference=preference)
    expected = [os * 9 / 18, pfs * 4.5 / 9, orr * 0.5 / 0.6, -tox * 0.5]
    terms = found.terms
    assert [terms.os, terms.pfs, terms.orr, terms.tox] == pytest.approx(expected, rel=1e-9)
    assert found.utility == pytest.approx(sum(expected), rel=1e-9)


def test_the_preferences_are_four_and_balanced_comes_first():
    assert list(PREFERENCES) == ["balanced", "survival", "response", "tolerability"]


def test_what_is_beyond_a_ceiling_adds_no_more():
    high = {
        "orr": {"p0": 0.9, "S": 9},
        "grade3": ROUND["grade3"],
        "pfs": {**ROUND["pfs"], "m0": math.log(20)},
        "os": {**ROUND["os"], "m0": math.log(40)},
    }
    terms = one(high).terms
    assert (terms.os, terms.pfs, terms.orr) == (0.40, 0.25, 0.20)


def test_toxicity_counts_in_full():
    toxic = {**ROUND, "grade3": {"p0": 0.9, "S": 9}}
    assert one(toxic).terms.tox == pytest.approx(-0.15 * 0.9, rel=1e-9)


# ---- section 8: places


def ladder():
    """One regimen of every band, in alphabetical disorder, and one that waits for a test."""
    study = publication(
        "a",
        result("zeta-recommended", n=30, orr=20),
        result("yankee-supported", n=30, orr=30),
        result("xray-trial", n=30, orr=40),
        result("whiskey-limited", n=60, orr=0),
        result("uniform-unsuitable", n=30, orr=50),
        result("waiting", n=30, orr=60),
    )
    trial = regimen("xray-trial", otherwise=dict.fromkeys(REGIONS, "investigational"))
    return release(
        study,
        regimens=[
            regimen("zeta-recommended"),
            regimen("yankee-supported"),
            trial,
            regimen("whiskey-limited"),
            regimen("victor-no-evidence"),
            regimen("uniform-unsuitable", cautions=[caution("contraindicated", {})]),
            regimen("waiting", requires={"feature": "dll3", "is": "positive"}),
        ],
        indications=[indication("recommend", {}, "zeta-recommended")],
    )


def test_bands_come_in_their_order_and_ranks_run_through_the_ranked_ones():
    placed = in_order(valued(ladder()).values())
    assert [(place.slug, place.band, place.rank) for place in placed] == [
        ("zeta-recommended", Band.RECOMMENDED, 1),
        ("yankee-supported", Band.SUPPORTED, 2),
        ("xray-trial", Band.TRIAL_ONLY, None),
        ("whiskey-limited", Band.LIMITED, 3),
        ("victor-no-evidence", Band.NO_EVIDENCE, None),
        ("uniform-unsuitable", Band.UNSUITABLE, None),
    ]


def test_a_lower_utility_in_a_higher_band_stays_ahead():
    placed = in_order(valued(ladder()).values())
    assert placed[0].utility < placed[1].utility


def rates(*responses, n=30):
    """A release with one supported regimen for each response rate, called a, b, c ..."""
    slugs = "abcdefgh"[: len(responses)]
    return release(publication("study", *[result(s, n=n, orr=orr) for s, orr in zip(slugs, responses, strict=True)]))


def test_within_a_band_the_higher_utility_comes_first():
    placed = in_order(valued(rates(30, 50, 40)).values())
    assert [(place.slug, place.rank) for place in placed] == [("b", 1), ("c", 2), ("a", 3)]
    assert [place.utility for place in placed] == sorted((place.utility for place in placed), reverse=True)


def test_equal_utilities_go_by_slug():
    assert [place.slug for place in in_order(reversed(valued(rates(40, 40, 40)).values()))] == ["a", "b", "c"]


@pytest.mark.parametrize(("more", "order"), [(0.95e-9, ["a", "b"]), (1.05e-9, ["b", "a"])])
def test_utilities_are_equal_to_a_thousand_millionth(more, order):
    first, second = valued(rates(40, 40)).values()
    better = replace(second, terms=replace(second.terms, os=second.terms.os + more))
    assert [place.slug for place in in_order([first, better])] == order


def test_a_preference_may_change_the_order():
    # a responds more, b lives longer
    study = publication("s", result("a", n=40, orr=60, os=6), result("b", n=40, orr=20, os=14))
    knowledge = release(study)
    first = {name: in_order(valued(knowledge, name).values())[0].slug for name in ("survival", "response")}
    assert first == {"survival": "b", "response": "a"}


def test_tolerability_prefers_the_milder_regimen():
    study = publication("s", result("a", n=60, orr=50, os=12, grade3=70), result("b", n=60, orr=40, os=11, grade3=5))
    knowledge = release(study)
    first = {name: in_order(valued(knowledge, name).values())[0].slug for name in ("response", "tolerability")}
    assert first == {"response": "a", "tolerability": "b"}


# ---- section 9: draws


def drawn(knowledge, preference="balanced"):
    placed = in_order(valued(knowledge, preference).values())
    return placed, shares(placed, PREFERENCES[preference])


def utilities_by_hand(placed, weights):
    """METHOD's draws written out: one column of utilities for each ranked option, by slug."""
    ranked = sorted((place for place in placed if place.rank is not None), key=lambda place: place.slug)
    generator = np.random.Generator(np.random.PCG64(20231127))
    normals = generator.standard_normal((2048, len(ranked), 4))
    columns = {}
    for position, place in enumerate(ranked):
        outcome = {}
        for column, name in enumerate(OUTCOMES):
            known, z = place.assessment.synthesis.estimates[name].posterior, normals[:, position, column]
            if name in ("orr", "grade3"):
                mean = special.digamma(known.alpha) - special.digamma(known.beta)
                variance = special.polygamma(1, known.alpha) + special.polygamma(1, known.beta)
                outcome[name] = 1 / (1 + np.exp(-(mean + np.sqrt(variance) * z)))
            else:
                outcome[name] = np.exp(known.mean + np.sqrt(known.variance) * z)
        w_os, w_pfs, w_orr, w_tox = weights
        columns[place.slug] = (
            w_os * np.minimum(outcome["os"] / 18, 1)
            + w_pfs * np.minimum(outcome["pfs"] / 9, 1)
            + w_orr * np.minimum(outcome["orr"] / 0.6, 1)
            - w_tox * outcome["grade3"]
        )
    return columns


def share_first(columns, slugs, slug):
    return float(np.mean([max(slugs, key=lambda s: columns[s][draw]) == slug for draw in range(2048)]))


def share_top3(columns, slugs, slug):
    return float(np.mean([slug in sorted(slugs, key=lambda s: -columns[s][draw])[:3] for draw in range(2048)]))


MIXED = publication(
    "mixed",
    result("a", n=30, orr=40, os=9, grade3=60),
    result("b", n=20, orr=35, pfs=4),
    result("c", n=12, orr=30, pfs=5, pfs_ci=[3, 8]),
    result("d", n=45, orr=25, os=11, os_ci=[7, 15]),
    result("e", n=60, orr=2),
    result("f", n=40, orr=4, os=7),
)
RECOMMENDED = [indication("recommend", {}, slug) for slug in ("b", "d")]


@pytest.mark.parametrize(
    ("preference", "weights"),
    [
        ("balanced", (0.40, 0.25, 0.20, 0.15)),
        ("survival", (0.55, 0.20, 0.10, 0.15)),
        ("response", (0.25, 0.20, 0.45, 0.10)),
        ("tolerability", (0.25, 0.15, 0.15, 0.45)),
    ],
)
def test_shares_are_counts_of_the_draws_that_the_method_writes_down(preference, weights):
    placed, found = drawn(release(MIXED, indications=RECOMMENDED), preference)
    bands = {band: [place.slug for place in placed if place.band is band] for band in Band}
    assert [len(bands[band]) for band in (Band.RECOMMENDED, Band.SUPPORTED, Band.LIMITED)] == [2, 2, 2]
    columns = utilities_by_hand(placed, weights)
    upper = bands[Band.RECOMMENDED] + bands[Band.SUPPORTED]
    for place in placed:
        share = found[place.slug]
        assert share.first_in_band == share_first(columns, bands[place.band], place.slug)
        if place.slug in upper:
            assert share.best == share_first(columns, upper, place.slug)
            assert share.top3 == share_top3(columns, upper, place.slug)
        else:
            assert (share.best, share.top3) == (None, None)
    for slugs in bands.values():
        for slug, below in pairwise(slugs):
            ahead = float(np.mean(columns[slug] > columns[below]))
            assert found[slug].ahead_of_next == ahead
            assert found[slug].about_equal_to_next is (ahead < 0.6)


def test_draws_are_the_same_every_time():
    assert drawn(release(MIXED)) == drawn(release(MIXED))


def test_the_figure_at_rank_1_may_not_be_the_best():
    study = publication("s", result("a", n=90, orr=15), result("b", n=90, orr=60))
    placed, found = drawn(release(study, indications=[indication("recommend", {}, "a")]))
    assert (placed[0].slug, placed[0].rank) == ("a", 1)
    assert found["a"].first_in_band == 1
    assert found["a"].best < 0.25 < 0.75 < found["b"].best
    assert found["a"].best + found["b"].best == 1


@pytest.mark.parametrize("count", [1, 2, 3])
def test_up_to_three_options_are_always_among_the_first_three(count):
    _, found = drawn(rates(*[30, 40, 50][:count]))
    assert [share.top3 for share in found.values()] == [1] * count


def test_a_pair_that_cannot_be_told_apart_is_about_equal():
    _, alike = drawn(rates(40, 40))
    assert 0.45 < alike["a"].ahead_of_next < 0.55
    assert alike["a"].about_equal_to_next
    assert (alike["b"].ahead_of_next, alike["b"].about_equal_to_next) == (None, False)


def test_a_pair_that_is_far_apart_is_not_about_equal():
    study = publication("s", result("a", n=90, orr=20, pfs=2, os=5), result("b", n=90, orr=60, pfs=8, os=16))
    placed, apart = drawn(release(study))
    assert [place.slug for place in placed] == ["b", "a"]
    assert apart["b"].ahead_of_next > 0.95
    assert not apart["b"].about_equal_to_next


def test_neighbours_of_two_bands_are_not_compared():
    placed, found = drawn(release(MIXED, indications=RECOMMENDED))
    last = {place.band: place.slug for place in placed}
    assert [found[last[band]].ahead_of_next for band in (Band.RECOMMENDED, Band.SUPPORTED, Band.LIMITED)] == [None] * 3


def test_options_without_rank_are_not_drawn():
    placed, found = drawn(ladder())
    assert set(found) == {place.slug for place in placed if place.rank is not None}
    lesser = in_order(option for option in valued(ladder()).values() if option.slug.startswith(("v", "u", "x")))
    assert len(lesser) == 3
    assert shares(lesser, PREFERENCES["balanced"]) == {}


def test_the_benchmark_of_a_release_has_its_own_draws():
    better = {**BENCHMARK, "orr": {"p0": 0.6, "S": 10}}
    study = publication("s", result("a", n=30, orr=40), result("b", n=10, orr=40))
    (_, plain), (_, other) = drawn(release(study)), drawn(release(study, benchmark=better))
    assert plain["a"].best > plain["b"].best
    assert other["a"].best < other["b"].best


# ---- two options against each other


def test_two_options_are_compared_in_the_draws_of_the_shares():
    placed, found = drawn(rates(45, 40, 35))
    ranked = {option.slug: option.assessment.synthesis for option in placed if option.rank is not None}
    pairs = ahead(ranked, PREFERENCES["balanced"], list(ranked))
    assert len(pairs) == 6
    for one, other in pairwise(placed):
        assert pairs[one.slug, other.slug] == found[one.slug].ahead_of_next
    assert all(pairs[one, other] + pairs[other, one] == 1 for one, other in pairs)  # no two draws are equal


def test_an_option_that_was_not_drawn_is_in_no_pair():
    assert ahead({"drug": one().assessment.synthesis}, PREFERENCES["balanced"], ["drug", "in-a-trial"]) == {}
    assert ahead({}, PREFERENCES["balanced"], ["drug"]) == {}
