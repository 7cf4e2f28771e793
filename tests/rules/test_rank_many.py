"""Many patients at a time, and what is kept of them: the same bytes as one by one, within the bounds in bytes."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from regimens.rules import ordering, ranking, tables
from regimens.rules.assessment import Case, band_of
from regimens.rules.kept import Kept
from regimens.rules.knowledge import Knowledge, KnowledgeError
from regimens.rules.logic import CriteriaBuilder, as_data, evaluate
from regimens.rules.ordering import PREFERENCES
from regimens.rules.patient import BOUND, FEATURES, Patient, added_by, in_scope
from regimens.rules.ranking import rank, rank_many
from regimens.rules.record import as_json, of
from regimens.rules.synthesis import synthesise
from regimens.rules.tables import BANDS, Asked, Tables
from tests.factories.documents import release
from tests.factories.drawn import Shipped, every_run_alike, patients, values_of
from tests.factories.patients import worked

SITES = FEATURES["primary_site"].values


@pytest.fixture(scope="module")
def known(knowledge: Knowledge) -> list[Patient]:
    """The worked patients; patients of whom little is known, and such out of scope."""
    little = [{}, {"region": "JP"}, *({"primary_site": site} for site in SITES), {"prior_regimens": []}]
    return [knowledge.patient(features) for features in (*worked(), *little)]


def fresh(knowledge: Knowledge) -> Knowledge:
    """The same release with nothing kept."""
    return replace(knowledge)


def places_of(criteria: CriteriaBuilder, document: dict[str, Any]) -> dict[int, Any]:
    """Every criterion of indications, licences and drugs, by its place."""
    found = [row["when"] for name in ("indications", "licences") for row in document[name]]
    found += [caution["when"] for drug in document["drugs"] for caution in drug["cautions"] or ()]
    return {criteria.place(criterion): criterion for criterion in found}


class TestManyPatients:
    @pytest.mark.parametrize(("preference", "draws"), [("balanced", True), ("survival", False), ("tolerability", True)])
    def test_each_ranking_is_that_of_the_patient_alone(
        self, known: list[Patient], knowledge: Knowledge, preference: str, draws: bool
    ) -> None:
        alone = [as_json(rank(patient, knowledge, preference, draws=draws)) for patient in known]
        assert [as_json(each) for each in rank_many(known, fresh(knowledge), preference, draws=draws)] == alone

    @settings(every_run_alike, max_examples=15)
    @given(data=st.data())
    def test_so_it_is_for_patients_drawn_at_random(self, shipped: Shipped, data: st.DataObject) -> None:
        drawn = data.draw(st.lists(patients(shipped) | patients(shipped, in_scope=False), min_size=1, max_size=5))
        preference = data.draw(st.sampled_from(list(PREFERENCES)))
        together = [as_json(of(each)) for each in rank_many(drawn, shipped.knowledge, preference)]
        assert together == [as_json(rank(patient, fresh(shipped.knowledge), preference)) for patient in drawn]

    def test_without_missing_tests_all_else_is_the_same(self, known: list[Patient], knowledge: Knowledge) -> None:
        for patient in known:
            found = rank(patient, knowledge, draws=False, tests=False)
            assert found.tests == ()
            whole = replace(rank(patient, knowledge, draws=False), tests=())
            assert as_json(found) == as_json(whole)

    def test_without_borrowed_evidence_too(self, known: list[Patient], knowledge: Knowledge) -> None:
        alone = [as_json(rank(patient, knowledge.nec_only)) for patient in known[:20]]
        assert [as_json(each) for each in rank_many(known[:20], knowledge.nec_only)] == alone

    def test_patients_are_taken_some_at_a_time(
        self, known: list[Patient], knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        taken = []

        def endless() -> Iterator[Patient]:
            while True:
                taken.append(known[len(taken) % len(known)])
                yield taken[-1]

        monkeypatch.setattr(ranking, "CELLS_AT_A_TIME", 5 * len(knowledge.ranked_regimens))
        found = [each.patient for each in islice(rank_many(endless(), knowledge, draws=False), 12)]
        assert found == known[:12]
        assert len(taken) == 15

    def test_nobody_is_ranked_where_there_is_nobody(self, knowledge: Knowledge) -> None:
        assert list(rank_many([], knowledge)) == []

    def test_what_cannot_be_ranked_with_is_said_before_a_patient_is_taken(self, knowledge: Knowledge) -> None:
        with pytest.raises(KeyError):
            rank_many(iter(()), knowledge, "comfort")
        with pytest.raises(KnowledgeError):
            rank_many(iter(()), replace(knowledge, edition=1))

    def test_a_release_without_regimens_ranks_none(self) -> None:
        empty = release()
        (found,) = rank_many([empty.patient({"primary_site": "colorectal"})], empty)
        assert found.options == found.needs_test == found.tests == ()


class TestTheBitsOfAPatient:
    @settings(every_run_alike, max_examples=60)
    @given(data=st.data())
    def test_they_say_what_each_criterion_says(self, shipped: Shipped, data: st.DataObject) -> None:
        builder = CriteriaBuilder()
        placed = places_of(builder, shipped.document)
        criteria, patient = builder.built(), data.draw(patients(shipped))
        truths = criteria.truths(criteria.state(patient.values))
        assert {as_data(c): truths[place] for place, c in placed.items()} == {
            as_data(c): evaluate(c, patient.values) for c in placed.values()
        }

    @settings(every_run_alike, max_examples=80)
    @given(data=st.data())
    def test_what_a_test_adds_is_what_a_patient_with_its_result_has(
        self, shipped: Shipped, data: st.DataObject
    ) -> None:
        patient = data.draw(patients(shipped))
        free = [f for f in FEATURES.values() if f.name not in BOUND and not patient.knows(f.name)]
        assume(free)
        feature = data.draw(st.sampled_from(free))
        value = data.draw(values_of(feature))
        supposed = patient.supposing(feature.name, value)
        assert supposed is not None
        assert in_scope(supposed) == in_scope(patient)
        added = added_by(feature.name, supposed.values[feature.name])
        assert supposed.values == {**patient.values, **added}
        criteria = shipped.knowledge.criteria
        assert criteria.state_with(criteria.state(patient.values), added) == criteria.state(supposed.values)

    @settings(every_run_alike, max_examples=60)
    @given(data=st.data())
    def test_a_table_says_what_the_rules_say(self, shipped: Shipped, data: st.DataObject) -> None:
        knowledge = shipped.knowledge
        found, case = Tables.of(knowledge), Case.of(data.draw(patients(shipped)), knowledge)
        for regimen, (band, synthesis) in zip(found.regimens, found.standings(Asked(case, found)), strict=True):
            applying = [regimen.cohorts[place] for place, _ in regimen.evidence(case.truths, case.patient.primary_site)]
            worked_out = synthesise(applying, case.patient.primary_site, knowledge.benchmark)
            assert synthesis == worked_out
            assert BANDS[band] is band_of(regimen, case, worked_out)[0]


class TestWhatIsKept:
    def test_it_is_forgotten_before_the_bound_is_passed(self) -> None:
        kept = Kept[str, int](1_000)
        for number in range(30):
            kept.keep(str(number), number, 90)
            assert kept.bytes <= 1_000
            assert kept.get(str(number)) == number
        assert kept.get("0") is None

    def test_another_takes_over_what_it_wants(self) -> None:
        kept, other = Kept[str, int](1_000), Kept[str, int](1_000)
        for number in range(4):
            other.keep(str(number), number, 100)
        kept.take_over(other, lambda key: key in "13")
        assert (kept.get("1"), kept.get("2"), kept.bytes) == (1, None, 200)

    def test_a_release_that_keeps_next_to_nothing_ranks_alike(
        self, known: list[Patient], knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lines = [as_json(rank(patient, knowledge)) for patient in known[:25]]
        monkeypatch.setattr(tables, "KEPT", 1_000)
        monkeypatch.setattr("regimens.rules.knowledge.KEPT_SYNTHESES", 300)
        narrow = fresh(knowledge)
        assert [as_json(rank(patient, narrow)) for patient in known[:25]] == lines
        assert all(kept.bytes <= 1_000 for kept in Tables.of(narrow).kept)
        assert narrow.syntheses.bytes <= 300 * len(knowledge.regimens)

    def test_a_release_reckons_no_less_than_it_takes(self, known: list[Patient], knowledge: Knowledge) -> None:
        """Memory grows by less than what is said to be kept, all that was written of it included.

        What hangs on the evidence itself, such as the text of a caution, is made before: there is one of each.
        """
        some = known[::3]
        for patient in some:
            as_json(rank(patient, knowledge))
        counted = fresh(knowledge)
        as_json(rank(some[0], counted))
        everything = Tables.of(counted)

        def reckoned() -> int:
            return counted.syntheses.bytes + sum(kept.bytes for kept in everything.kept)

        gc.collect()
        before = reckoned()
        tracemalloc.start()
        try:
            for patient in some:
                as_json(rank(patient, counted))
            gc.collect()
            taken, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert 0 < taken <= reckoned() - before

    def test_draws_are_kept_for_any_number_of_options_within_the_bound(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ordering, "_drawn", [])
        monkeypatch.setattr(ordering, "KEPT_DRAWS", 10 * ordering.DRAWS * 4 * 8)
        ten = ordering._standard_normals(10 * ordering.DRAWS)
        three = ordering._standard_normals(3 * ordering.DRAWS)
        assert three.base is ten.base
        more = ordering._standard_normals(11 * ordering.DRAWS)
        assert (more[:, : ten.shape[1]] == ten).all()
        assert sum(kept.nbytes for kept in ordering._drawn) <= ordering.KEPT_DRAWS

    def test_many_options_are_placed_as_few_are(self, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn = ordering.np.random.Generator(ordering.np.random.PCG64(1)).integers(0, 9, (12, 500)).astype(float)
        compared = ordering._numbers_ahead(drawn)
        monkeypatch.setattr(ordering, "COMPARED_UP_TO", 2)
        assert (ordering._numbers_ahead(drawn) == compared).all()
        assert (compared.sum(axis=0) == sum(range(12))).all()
