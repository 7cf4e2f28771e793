"""A ranking without borrowed evidence, what it moved, and the studies that fit a patient best."""

from __future__ import annotations

from itertools import pairwise

import pytest

from regimens.rules.closest_cohorts import closest_cohorts
from regimens.rules.knowledge import Knowledge
from regimens.rules.rank_changes import Place, moves
from regimens.rules.ranking import Band, Ranking, rank
from regimens.rules.record import as_dict, of
from tests.factories.patients import worked

PATIENTS = worked()


def used(ranking: Ranking) -> list[str]:
    return [
        found.cohort.histology for option in ranking.options if option.synthesis for found in option.synthesis.cohorts
    ]


@pytest.fixture(scope="module")
def patient() -> dict[str, object]:
    return {"primary_site": "colorectal", "ki67": 80, "platinum_received": True, "lines_received": 1, "ecog": 1}


class TestWithoutBorrowedEvidence:
    @pytest.mark.parametrize("features", PATIENTS)
    def test_every_figure_rests_on_nec(self, knowledge: Knowledge, features: dict[str, object]) -> None:
        ranking = rank(knowledge.patient(features), knowledge.nec_only, draws=False)
        assert set(used(ranking)) <= {"nec"}

    def test_a_regimen_with_nec_alone_keeps_its_estimates_and_one_without_loses_its_evidence(
        self, knowledge: Knowledge, patient: dict[str, object]
    ) -> None:
        of_patient = knowledge.patient(patient)
        everything, own = rank(of_patient, knowledge), rank(of_patient, knowledge.nec_only)
        before = {option.regimen.slug: option for option in everything.options}
        after = {option.regimen.slug: option for option in own.options}
        assert before["folfiri"].synthesis is not None and after["folfiri"].synthesis is not None
        assert after["folfiri"].synthesis.estimates == before["folfiri"].synthesis.estimates
        losing = [
            slug
            for slug, o in before.items()
            if o.synthesis and o.synthesis.cohorts and not after[slug].synthesis.cohorts
        ]
        assert losing
        assert {after[slug].band for slug in losing} & {Band.NO_EVIDENCE}

    def test_the_ordinary_ranking_is_as_it_was_and_says_nothing_of_it(
        self, knowledge: Knowledge, patient: dict[str, object]
    ) -> None:
        of_patient = knowledge.patient(patient)
        before = as_dict(of(rank(of_patient, knowledge)))
        own = as_dict(of(rank(of_patient, knowledge.nec_only)))
        assert as_dict(of(rank(of_patient, knowledge))) == before
        assert "evidence" not in before
        assert own["evidence"] == "nec-only"
        assert "sclc" in used(rank(of_patient, knowledge)) or "g3-mixed" in used(rank(of_patient, knowledge))


class TestMoves:
    def test_nothing_moves_between_a_ranking_and_itself(self, knowledge: Knowledge, patient: dict[str, object]) -> None:
        ranking = rank(knowledge.patient(patient), knowledge, draws=False)
        assert moves(ranking, ranking) == {}

    def test_what_stands_elsewhere_is_named_with_both_places(
        self, knowledge: Knowledge, patient: dict[str, object]
    ) -> None:
        of_patient = knowledge.patient(patient)
        before, after = rank(of_patient, knowledge), rank(of_patient, knowledge, "tolerability")
        then = {option.regimen.slug: option.rank for option in before.options}
        now = {option.regimen.slug: option.rank for option in after.options}
        found = moves(before, after)
        assert found
        assert set(found) == {slug for slug in then if then[slug] != now[slug]}
        for slug, move in found.items():
            assert move.before is not None and move.after is not None
            assert (move.before.rank, move.after.rank) == (then[slug], now[slug])

    def test_a_test_that_is_known_takes_its_regimens_out_of_waiting(self, knowledge: Knowledge) -> None:
        unknown = rank(knowledge.patient({"primary_site": "colorectal"}), knowledge, draws=False)
        waiting = [needs.regimen.slug for needs in unknown.needs_test if needs.features == ("braf_v600e",)]
        patient = knowledge.patient({"primary_site": "colorectal", "braf_v600e": "positive"})
        known = rank(patient, knowledge, draws=False)
        found = moves(unknown, known)
        assert waiting
        assert {found[slug].before for slug in waiting} == {Place(None, None)}
        assert all(found[slug].after != Place(None, None) for slug in waiting)


class TestClosest:
    @pytest.mark.parametrize("features", PATIENTS[:10])
    def test_the_cohorts_come_by_weight_each_with_its_regimen(
        self, knowledge: Knowledge, features: dict[str, object]
    ) -> None:
        ranking = rank(knowledge.patient(features), knowledge, draws=False)
        found = closest_cohorts(ranking)
        assert all(a.used.weight.product >= b.used.weight.product for a, b in pairwise(found))
        assert all(line.used.cohort.regimen == line.regimen.slug for line in found)
        named = [(line.regimen.slug, line.used.cohort.publication, line.used.cohort.index) for line in found]
        assert len(set(named)) == len(named)

    def test_of_equal_weight_the_more_specific_then_the_larger_comes_first(self, knowledge: Knowledge) -> None:
        patient = knowledge.patient({"primary_site": "colorectal", "ki67": 80, "lines_received": 1})
        found = [line.used for line in closest_cohorts(rank(patient, knowledge, draws=False))]
        for first, second in pairwise(found):
            if (
                first.weight.product == second.weight.product
                and first.cohort.subgroup_kind == second.cohort.subgroup_kind
            ):
                assert (first.cohort.size or 0) >= (second.cohort.size or 0)
