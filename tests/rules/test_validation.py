"""Figures held out and predicted from the other studies (METHOD, section 13)."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from regimens.rules.evidence import OUTCOMES
from regimens.rules.knowledge import cohorts_by_regimen
from regimens.rules.validation import (
    DESIGNS,
    SELECTIONS,
    _midranks,
    targets,
    typical_patient,
    validate,
)
from tests.factories.documents import document, publication, result


def all_cohorts(found):
    return [cohort for cohorts in cohorts_by_regimen(found).values() for cohort in cohorts if cohort.is_usable]


def test_what_the_method_says_of_the_shipped_evidence(validation):
    pfs = validation.summary("leave-one-study-out", "pfs", "all")
    assert (pfs.targets, pfs.inside) == (31, 30)  # the example sentence of section 13
    assert validation.demonstrated == {"orr": True, "pfs": True, "os": False, "grade3": False}
    assert validation.warnings == ()
    assert str(validation.sentence("pfs")) == (
        "Of 31 figures held out, 30 fell inside their 95 % interval; for regimens with another study, prediction was "
        "better than the benchmark's."
    )
    assert "not shown to be better" in str(validation.sentence("os"))


def test_the_table_has_every_row_once_and_adds_up(validation):
    rows = {(row.design, row.outcome, row.selection): row for row in validation.table}
    assert len(rows) == len(validation.table) == len(DESIGNS) * len(OUTCOMES) * len(SELECTIONS)
    for (design, outcome, selection), row in rows.items():
        everyone = rows[design, outcome, "all"]
        assert row.targets <= everyone.targets
        assert row.studies <= row.targets
        if selection == "all" and row.targets:
            own = [each for each in validation.predictions if (each.design, each.outcome) == (design, outcome)]
            assert row.targets == len(own)
            assert row.gain == pytest.approx(sum(each.score - each.benchmark_score for each in own) / len(own))


def test_a_target_is_never_predicted_from_its_own_study(document):
    """A study with figures that nobody would predict changes nothing of the prediction for itself."""
    before = {
        (each.design, each.outcome, each.publication, each.index): each.predicted
        for each in validate(document).predictions
    }
    changed = [
        {**row, "results": [{**each, "pfs": each["pfs"] and 40.0} for each in row["results"]]}
        if row["key"] == "walter-2023-bevanec"
        else row
        for row in document["publications"]
    ]
    after = {
        (each.design, each.outcome, each.publication, each.index): each.predicted
        for each in validate({**document, "publications": changed}).predictions
    }
    own = [key for key in before if key[2] == "walter-2023-bevanec" and key[1] == "pfs"]
    assert own
    assert all(after[key] == before[key] for key in own)
    assert after != before


def test_forward_in_time_looks_back_only(validation, document):
    years = {(c.publication, c.index): c.year for c in all_cohorts(document)}
    forward = [each for each in validation.predictions if each.design == "forward-in-time"]
    assert forward
    assert all((years[each.publication, each.index] or 0) >= 2015 for each in forward)


def test_scores_are_those_of_the_distributions(validation, document):
    cohorts = {(c.publication, c.index): c for c in all_cohorts(document)}
    for each in validation.predictions:
        figure = cohorts[each.publication, each.index].figures[each.outcome]
        if each.outcome in ("pfs", "os"):
            y, mean = math.log(each.observed), math.log(each.predicted)
            sd = (math.log(each.high) - mean) / 1.959964
            assert each.score == pytest.approx(stats.norm(mean, sd).logpdf(y), rel=1e-9)
            assert each.is_inside is (abs(y - mean) <= 1.959964 * sd)
        else:
            events = round(figure.events)
            assert each.observed == figure.events / figure.patients
            assert each.is_inside is (each.low <= events / figure.patients <= each.high)
            assert each.score < 0


def test_the_patient_of_a_cohort_is_its_first_site_after_one_line():
    rows = [
        publication("a", result(orr=10), sites=["gep"]),
        publication("b", result(orr=10), sites=["any"]),
        publication("c", result(orr=10), sites=["stomach", "other"], biomarker="tmb-h"),
        publication("d", result(orr=10), sites=["genitourinary"], biomarker="her2"),
    ]
    found = [typical_patient(cohort) for cohort in all_cohorts(document(*rows))]
    once = {"lines_received": 1, "lines_next": 2}
    assert found == [
        {**once, "primary_site": "ampulla"},
        once,
        {**once, "primary_site": "stomach", "tmb": 10, "tmb_high": True},
        {**once, "primary_site": "bladder", "her2": "ihc-3+"},
    ]


def test_targets_are_whole_arms_or_histologies_after_first_line():
    rows = [
        publication("a", result("one", orr=10), result("one", orr=20, subgroup="x", subgroup_kind="histology")),
        publication("b", result("one", orr=10), line="first"),
        publication("c", result("one", orr=10), histology="sclc"),
        publication("d", result("one", orr=10, subgroup="x", subgroup_kind="ki67")),
        publication("e", result("one", orr=10), histology="g3-mixed"),
    ]
    found = targets(all_cohorts(document(*rows)), "orr")
    assert [(cohort.publication, cohort.index) for cohort in found] == [("a", 1), ("e", 0)]


def test_without_a_benchmark_nothing_is_held_out():
    found = validate(document(*[publication(key, result("one", orr=30)) for key in "abcdefg"]))
    assert found.predictions == ()
    assert not any(found.demonstrated.values())
    assert found.warnings == ()


def test_equal_values_share_the_mean_of_their_ranks():
    assert list(_midranks([3.0, 1.0, 3.0, 2.0])) == [3.5, 1.0, 3.5, 2.0]
    assert list(_midranks([5.0])) == [1.0]
