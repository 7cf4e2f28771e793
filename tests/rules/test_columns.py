"""Findings of many patients as columns: the same that `assess` finds for each option of each patient."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regimens.rules.assessment import Case, assess
from regimens.rules.columns import STATUSES, Columns, said_of
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import Patient, in_scope
from tests.factories.documents import caution, drug, publication, regimen, release, result
from tests.factories.drawn import Shipped, every_run_alike, patients
from tests.factories.patients import worked

Found = dict[tuple[int, str], tuple[object, ...]]


def one_by_one(cases: list[Case]) -> Found:
    found: Found = {}
    for row, case in enumerate(cases):
        for each in case.knowledge.ranked_regimens:
            assessed = assess(each, case)
            cautions = [(said_of(finding.caution).code, finding.truth is True) for finding in assessed.cautions]
            found[row, each.slug] = (
                assessed.licence.status,
                bool(assessed.licence.possible),
                assessed.level,
                cautions,
            )
    return found


def together(cases: list[Case]) -> Found:
    columns = Columns.of(cases[0].knowledge)
    found = columns.find(cases)
    cautions = {
        place: [(columns.said[number].code, bool(holds)) for _, _, number, holds in rows]
        for place, rows in groupby(zip(*map(list, found.cautions), strict=True), key=lambda row: row[:2])
    }
    return {
        (row, each.slug): (
            STATUSES[found.statuses[row, column]],
            bool(found.possible[row, column]),
            "A" if found.is_level_a[row, column] else case.synthesis(each).level,
            cautions.get((row, column), []),
        )
        for row, case in enumerate(cases)
        for column, each in enumerate(case.knowledge.ranked_regimens)
    }


def cases_of(patients: list[Patient], knowledge: Knowledge) -> list[Case]:
    return [Case.of(patient, knowledge) for patient in patients if in_scope(patient)]


def test_the_worked_patients_have_what_each_has_alone(knowledge: Knowledge) -> None:
    known = [knowledge.patient(features) for features in (*worked(), {}, {"region": "JP"}, {"prior_regimens": []})]
    cases = cases_of(known, knowledge)
    assert together(cases) == one_by_one(cases)


@settings(every_run_alike, max_examples=15)
@given(data=st.data())
def test_so_have_patients_drawn_at_random(shipped: Shipped, data: st.DataObject) -> None:
    drawn = data.draw(st.lists(patients(shipped), min_size=1, max_size=4))
    cases = cases_of(drawn, shipped.knowledge)
    assert together(cases) == one_by_one(cases)


def test_a_regimen_without_cautions_licences_or_indications() -> None:
    bare = release(publication("one", result()))
    cases = [Case.of(bare.patient({"primary_site": "colorectal"}), bare)]
    assert together(cases) == one_by_one(cases)


@pytest.mark.parametrize("value", [True, False, None])
def test_drugs_that_others_can_stand_in_for(value: bool | None) -> None:
    """A caution of one of two alternatives is softer unless the other bears one as grave."""
    hearing, allergy = {"feature": "hearing_impairment", "is": True}, {"feature": "platinum_allergy", "is": True}
    known = release(
        publication("one", result("either")),
        regimens=[regimen("either", drugs=[{"alternatives": ["one", "two"]}], lead_drugs=["one"])],
        drugs=[
            drug("one", caution("contraindicated", hearing), caution("avoid", allergy, "both")),
            drug("two", caution("avoid", allergy, "both")),
        ],
    )
    both = [{"hearing_impairment": True, "platinum_allergy": value}, {"hearing_impairment": value}]
    cases = [Case.of(known.patient(features), known) for features in both]
    found = together(cases)
    assert found == one_by_one(cases)
    assert found[0, "either"][3]


def test_a_caution_has_one_code_whatever_the_release(knowledge: Knowledge) -> None:
    codes = [said.code for said in Columns.of(knowledge).said]
    assert len(set(codes)) == len(codes)
    assert codes[0] == Columns(knowledge).said[0].code
