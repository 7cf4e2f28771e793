"""What is allowed and odd: said while it is typed, where it is decided on and before a release, by one table."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from curation.review.second_looks import odd_entry, odd_figures, second_looks
from regimens.rules.readings import INTERVALS
from tests.factories.evidence import shipped_document

KEY = "made-2025-up"
NOT_GIVEN = ("regimen", "subgroup", "responders", "orr", "dcr", "pfs", "os", "dor", "grade3", "deaths", "note")
COHORT: dict[str, Any] = (
    dict.fromkeys(NOT_GIVEN)
    | {f"{name}_ci": [None, None] for name in INTERVALS}
    | {"arm": "A", "n": 19, "evaluable": 19, "rates": {}}
)
ODD = [
    ({"orr": 0.25}, "orr", "0.25 % of 19, less than one patient: a fraction in place of a percentage?"),
    ({"dcr": 0.9, "n": 400, "evaluable": 400}, "dcr", "a fraction in place of a percentage?"),
    ({"grade3": 0.4}, "grade3", "a fraction"),
    ({"rates": {"os-12": 0.31}}, "rates.os-12", "a fraction"),
    ({"pfs": 0}, "pfs", "of 0 months: one that was not given or not reached is left empty"),
    ({"os": 0.0}, "os", "of 0 months"),
    ({"pfs": 96}, "pfs", "weeks or days in place of months?"),
    ({"os": 240}, "os", "weeks or days in place of months?"),
    ({"hr": {"value": 57}}, "hr", "percent in place of a ratio?"),
    ({"hr": {"value": 0}}, "hr", "left empty"),
    ({"n": 0, "evaluable": None}, "n", "0 patients"),
]


@pytest.mark.parametrize(("changes", "figure", "said"), ODD)
def test_a_figure_that_looks_like_another_unit_is_named(changes: dict[str, Any], figure: str, said: str) -> None:
    ((place, text),) = odd_figures(COHORT | changes)
    assert place == figure and said in text


@pytest.mark.parametrize(
    "changes",
    [{}, {"orr": 0}, {"orr": 5.3}, {"orr": 0.5, "evaluable": 200}, {"pfs": 2.1, "os": 9}, {"rates": {"pfs-6": 0}}],
)
def test_what_may_well_be_so_is_not(changes: dict[str, Any]) -> None:
    # A rate of 0.5 % among 200 is one patient: only below one percent is it asked about.
    assert not [one for one in odd_figures(COHORT | changes) if changes.get("orr") != 0.5]


def publication(**figures: Any) -> dict[str, Any]:
    return {
        "key": KEY,
        "results": [COHORT | {"n": 44, "evaluable": 44, "orr": 27.3, "pfs": 4, "os": 9.1} | figures],
        "findings": ["Response 27.3 % in second line.", "Median PFS 4 months, OS 9·1."],
        "doubts": None,
        "study": {"population": "40 of 44 had 4 cycles or more."},
    }


BASE = {
    "indications": {
        "on-it": {"key": "on-it", "sources": [f"publication:{KEY}"], "rationale": "27,3 % responded."},
        "other": {"key": "other", "sources": ["publication:other-2020"], "rationale": "27.3 % responded."},
    }
}


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"orr": 29.5}, {"findings[0]", "indication on-it, rationale"}),
        ({"pfs": 4.5}, {"findings[1]"}),
        ({"os": None}, {"findings[1]"}),
        ({"n": 45}, set()),
        ({}, set()),
    ],
)
def test_prose_that_quotes_a_changed_figure_is_named(changes: dict[str, Any], places: set[str]) -> None:
    found = second_looks("publications", publication(), publication(**changes), BASE)
    assert {one.place for one in found} == places


def test_prose_that_was_changed_with_it_is_not() -> None:
    after = copy.deepcopy(publication(orr=29.5))
    after["findings"][0] = "Response 29.5 %; 27.3 % in the abstract."
    found = second_looks("publications", publication(), after, {"indications": {}})
    assert found == [] == second_looks("publications", None, after, BASE) == second_looks("drugs", None, {}, BASE)


@pytest.mark.parametrize(
    ("criterion", "said"),
    [
        ({"feature": "ki67", "at_least": 0.55}, "Ki-67 0.55: a fraction"),
        ({"feature": "creatinine_clearance", "below": 1.1}, "a serum creatinine"),
        ({"not": {"feature": "platinum_free_interval_months", "at_least": 26}}, "weeks"),
        ({"all": [{"feature": "ecog", "at_most": 1}, {"feature": "ki67", "at_least": 1}]}, "a fraction"),
        ({"feature": "ki67", "at_least": 55}, ""),
        ({"feature": "platinum_free_interval_months", "at_least": 6}, ""),
    ],
)
def test_a_number_in_a_criterion_is_judged_as_a_patients_is(criterion: dict[str, Any], said: str) -> None:
    caution = {"text": "x", "level": "caution", "when": criterion}
    looks = second_looks("drugs", None, shipped("drugs", "topotecan") | {"cautions": [caution]}, {})
    assert [one.text for one in looks if said in one.text] == [one.text for one in looks]
    assert bool(looks) is bool(said)
    assert all(one.place.startswith("cautions[0].when") for one in looks)


def shipped(kind: str, key: str) -> dict[str, Any]:
    return copy.deepcopy(SHIPPED[kind][key])


SHIPPED: dict[str, dict[str, Any]] = {
    kind: {str(row.get("key") or row.get("slug") or row.get("nct")): row for row in rows}
    for kind, rows in shipped_document().items()
    if isinstance(rows, list) and rows and isinstance(rows[0], dict)
}
CAUTION = {"text": "Not below 30 ml/min.", "level": "avoid", "when": {"feature": "creatinine_clearance", "below": 30}}
OTHERWISE = [
    ("drugs", "topotecan", {"synonyms": ["Hycamtin", "CPT 11"]}, "synonyms", "is a name of irinotecan too"),
    ("drugs", "topotecan", {"atc": "L01C"}, "atc", "no code of a substance"),
    ("drugs", "topotecan", {"name": "Opdivo"}, "name", "is a name of nivolumab too"),
    ("exposure_classes", "topoisomerase-1", {"name": "Taxanes"}, "name", "is a name of taxane"),
    ("regimens", "folfiri", {"name": "XELOX (CAPOX)"}, "name", "is a name of xelox too"),
    ("drugs", "topotecan", {"cautions": [CAUTION, CAUTION]}, "cautions[1].text", "stands above already"),
    (
        "drugs",
        "topotecan",
        {"cautions": [CAUTION | {"when": {"feature": "creatinine_clearance", "below": 1.1}}]},
        "cautions[0].when",
        "a serum creatinine",
    ),
    (
        "drugs",
        "topotecan",
        {"cautions": [CAUTION | {"when": {"any": [{"feature": "ki67", "at_least": 0.55}]}}]},
        "cautions[0].when",
        "a fraction; percent is asked for",
    ),
    ("regimens", "folfiri", {"cautions": [CAUTION | {"text": "In 270 %."}]}, "cautions[0].text", "than all"),
    ("licences", "pembrolizumab-us-tmb", {"region": "EU"}, "region", "its key pembrolizumab-us-tmb says US"),
    ("licences", "pembrolizumab-us-tmb", {"since": "2026-12-24"}, "since", "before that"),
    ("licences", "pembrolizumab-us-tmb", {"since": 2027}, "since", "before that"),
    ("licences", "pembrolizumab-us-tmb", {"url": None, "read_on": None}, "url", "without a page"),
    ("licences", "pembrolizumab-us-tmb", {"when": {"feature": "ki67", "above": 0.2}}, "when", "a fraction"),
    ("licences", "pembrolizumab-us-msi", {"key": "another", "covers": "no"}, "covers", "yes by pembrolizumab-us-msi"),
    ("exposure_classes", "topoisomerase-1", {"alone": "none"}, "combined", "stricter (caution)"),
    ("exposure_classes", "topoisomerase-1", {"slug": "topoisomerase-9", "name": "New"}, "slug", "no drug is of this"),
    ("exposure_classes", "topoisomerase-1", {"exceptions": ["xelox"]}, "exceptions", "holds no drug of the class"),
    (
        "indications",
        "rechallenge-sensitive",
        {"when": {"feature": "platinum_free_interval_months", "at_least": 26}},
        "when",
        "weeks; months are asked for",
    ),
]


@pytest.mark.parametrize(("kind", "key", "changes", "place", "said"), OTHERWISE)
def test_what_does_not_fit_in_an_entry_is_named(
    kind: str, key: str, changes: dict[str, Any], place: str, said: str
) -> None:
    (found,) = odd_entry(kind, shipped(kind, key) | changes, SHIPPED)
    assert found.place == place and said in found.text


def test_nothing_of_what_is_shipped_is_odd_but_for_publications() -> None:
    kinds = ("drugs", "regimens", "licences", "exposure_classes", "indications", "biomarkers", "guidelines", "trials")
    assert [one for kind in kinds for row in SHIPPED[kind].values() for one in odd_entry(kind, row, SHIPPED)] == []


def test_prose_beside_a_bound_that_changes_is_named() -> None:
    before = shipped("drugs", "topotecan") | {"cautions": [CAUTION]}
    moved = CAUTION | {"when": {"feature": "creatinine_clearance", "below": 40}}
    (found,) = second_looks("drugs", before, before | {"cautions": [moved]}, SHIPPED)
    assert found.place == "cautions[0].text"
    assert "still says 30, where creatinine clearance becomes 40" in found.text
    said = moved | {"text": "Not below 40 ml/min."}
    assert second_looks("drugs", before, before | {"cautions": [said]}, SHIPPED) == []
    licence = shipped("licences", "pembrolizumab-us-tmb")
    higher = licence | {"when": {"feature": "tmb", "at_least": 16}}
    assert [one.place for one in second_looks("licences", licence, higher, SHIPPED)] == ["label"]
