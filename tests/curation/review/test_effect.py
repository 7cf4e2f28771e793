"""What changes would do to the reference patients, and what a publisher should look at first."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from curation.review import effect as effect_module
from curation.review.concerns import Concern, concerns_in, is_possible
from curation.review.effect import (
    EntryChange,
    ReferencePatient,
    changed,
    differences,
    effects,
    reference_patients,
    tried_alone,
)
from regimens import releases
from regimens.knowledge.document import ENTRIES
from regimens.rules.benchmark import benchmark_constants
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import SITES, in_scope
from regimens.rules.rank_changes import moves, places
from regimens.rules.ranking import Ranking, rank

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 25)
REFRACTORY = {"feature": "platinum_status", "is": "refractory"}
SENSITIVE = {"feature": "platinum_status", "is": "sensitive"}


@pytest.fixture
def knowledge() -> Knowledge:
    return releases.current()


@pytest.fixture
def document(knowledge: Knowledge) -> Mapping[str, Any]:
    return knowledge.document


def entry(document: Mapping[str, Any], kind: str, key: str) -> dict[str, Any]:
    name = ENTRIES[kind][2]
    return copy.deepcopy(next(row for row in document[kind] if row[name] == key))


def compiled(document: Mapping[str, Any]) -> Knowledge:
    """A document with benchmark constants of its own, as a release is made of it."""
    content = {**document, "constants": benchmark_constants(document)}
    return Knowledge.from_document(content, release=releases.current().release)


class TestReferencePatients:
    def test_thirty_patients_in_scope_span_sites_platinum_status_and_regions(self, knowledge: Knowledge) -> None:
        patients = [knowledge.patient(one.features) for one in reference_patients()]
        assert len(patients) == len({one.label for one in reference_patients()}) == 30
        assert all(map(in_scope, patients))
        assert {p.primary_site for p in patients if p.primary_site} == SITES.keys() - {"lung", "thymus", "skin"}
        status = {p.values.get("platinum_status") for p in patients}
        assert status == {None, "refractory", "resistant", "intermediate", "sensitive"}
        assert {p.region for p in patients} == {"US", "EU", "UK", "JP", "CN"}
        for marker in ("msi", "tmb", "braf_v600e", "ntrk", "ret", "her2", "kras_g12c", "dll3", "sstr"):
            assert any(p.knows(marker) for p in patients), marker


class TestEffects:
    def test_no_change_moves_nothing(self, document: Mapping[str, Any]) -> None:
        found = effects(document, [], reference_patients())
        assert len(found) == 30
        assert not any(effect.moved or effect.changes_first for effect in found)

    @pytest.mark.parametrize(("preference", "is_nec_only"), [("survival", False), ("tolerability", True)])
    def test_a_patient_is_ranked_by_their_own_preference_and_evidence(
        self, document: Mapping[str, Any], preference: str, is_nec_only: bool
    ) -> None:
        weaker = entry(document, "indications", "folfiri-digestive") | {"stance": "consider"}
        change = EntryChange("indications", weaker["key"], weaker)
        given = [ReferencePatient(one.label, one.features, preference, is_nec_only) for one in reference_patients()[:6]]
        before, after = compiled(document), compiled(changed(document, [change]))
        for found in effects(document, [change], given):
            for side, every in ((found.before, before), (found.after, after)):
                known = every.nec_only if is_nec_only else every
                assert side == places(rank(known.patient(found.patient.features), known, preference, draws=False))

    def test_each_move_is_laid_at_the_door_of_the_change_that_makes_it(self, document: Mapping[str, Any]) -> None:
        weaker = entry(document, "indications", "folfiri-digestive") | {"stance": "consider"}
        better = entry(document, "publications", "walter-2023-bevanec")
        better["doubts"] = "words alone, which move nothing"
        moving, idle = (
            EntryChange("indications", weaker["key"], weaker),
            EntryChange("publications", better["key"], better),
        )
        found = effects(document, [idle, moving], reference_patients())
        first = found[0]
        assert first.changes_first
        assert all(moved.by == (moving,) for effect in found for moved in effect.moved)
        demoted = [m for m in first.moved if m.regimen == "folfiri"]
        assert demoted[0].move.before is not None and demoted[0].move.after is not None
        assert (demoted[0].move.before.band, demoted[0].move.after.band) == ("recommended", "supported")
        unmoved = [effect for effect in found if effect.patient.label.startswith("Bladder small-cell")]
        assert not unmoved[0].changes_first

    def test_the_changes_between_two_documents_lead_from_one_to_the_other(self, document: Mapping[str, Any]) -> None:
        trial = document["trials"][0]["nct"]
        regimen = entry(document, "regimens", "folfox") | {"name": "FOLFOX, renamed"}
        wanted = [EntryChange("regimens", "folfox", regimen), EntryChange("trials", trial, None)]
        after = changed(document, wanted)
        assert list(differences(document, after)) == wanted
        assert list(differences(document, document)) == []


def various_changes(document: Mapping[str, Any]) -> list[EntryChange]:
    """One of each way in which a change may reach a place, or not."""
    folfiri = entry(document, "indications", "folfiri-digestive") | {"stance": "consider"}
    pooled = entry(document, "publications", "walter-2023-bevanec")
    pooled["results"][0] |= {"orr": 40, "responders": None, "orr_ci": [None, None]}
    worded = entry(document, "publications", "walter-2023-bevanec") | {"doubts": "words alone"}
    cautioned = entry(document, "regimens", "folfox")
    anybody = {"when": {"feature": "ecog", "at_least": 0}, "level": "avoid", "text": "Not for anybody.", "url": None}
    cautioned["cautions"] = [anybody]
    resisted = entry(document, "regimens", "folfiri") | {"lead_drugs": ["irinotecan", "fluorouracil"]}
    no_longer_later = entry(document, "regimens", "captem") | {"setting": "first-line"}
    trial = entry(document, "trials", document["trials"][0]["nct"]) | {"title": "Another title"}
    inherited = entry(document, "drugs", "oxaliplatin")
    inherited["cautions"] = [anybody]
    classless = entry(document, "drugs", "irinotecan") | {"classes": []}
    graver = entry(document, "exposure_classes", "fluoropyrimidine") | {"alone": "avoid", "combined": "avoid"}
    unlicensed = entry(document, "licences", "pembrolizumab-us-msi") | {"covers": "no"}
    return [
        EntryChange("indications", folfiri["key"], folfiri),
        EntryChange("publications", pooled["key"], pooled),
        EntryChange("publications", worded["key"], worded),
        EntryChange("regimens", "folfox", cautioned),
        EntryChange("regimens", "folfiri", resisted),
        EntryChange("regimens", "captem", no_longer_later),
        EntryChange("trials", trial["nct"], trial),
        EntryChange("indications", "captem-lower-ki67", None),
        EntryChange("drugs", "oxaliplatin", inherited),
        EntryChange("drugs", "irinotecan", classless),
        EntryChange("exposure_classes", "fluoropyrimidine", graver),
        EntryChange("licences", unlicensed["key"], unlicensed),
    ]


# How many ways there are.
WAYS = 12


class TestTheShortWay:
    """What is taken over from one document to another is what ranking everybody anew would give."""

    def ranked(self, knowledge: Knowledge, patient: ReferencePatient) -> Ranking:
        return rank(knowledge.patient(patient.features), knowledge, draws=False)

    @pytest.mark.parametrize("index", range(WAYS))
    def test_it_ends_where_ranking_everybody_anew_does(self, document: Mapping[str, Any], index: int) -> None:
        change = various_changes(document)[index]
        before, after = compiled(document), compiled(changed(document, [change]))
        for effect in effects(document, [change], reference_patients()):
            assert effect.before == places(self.ranked(before, effect.patient))
            assert effect.after == places(self.ranked(after, effect.patient))

    def test_all_ways_are_tried(self, document: Mapping[str, Any]) -> None:
        assert len(various_changes(document)) == WAYS

    def test_each_of_several_moves_what_it_moves_alone(self, document: Mapping[str, Any]) -> None:
        several = [change for index, change in enumerate(various_changes(document)) if index != 2]
        before = compiled(document)
        changed_alone = [(change, compiled(changed(document, [change]))) for change in several]
        alone = {
            (change.kind, change.key, patient.label): moves(self.ranked(before, patient), self.ranked(after, patient))
            for change, after in changed_alone
            for patient in reference_patients()[:8]
        }
        assert any(alone.values())
        for effect in effects(document, several, reference_patients()[:8]):
            for moved in effect.moved:
                expected = [
                    change
                    for change in several
                    if moved.regimen in alone[change.kind, change.key, effect.patient.label]
                ]
                assert list(moved.by) == expected

    def test_what_can_move_nothing_is_not_tried_and_the_rest_up_to_a_bound(
        self, document: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        several = various_changes(document)
        assert [change.kind for change in several if change not in tried_alone(several)] == ["trials"]
        monkeypatch.setattr(effect_module, "MOST_TRIED_ALONE", 1)
        assert list(tried_alone(several)) == several[:1]
        found = effects(document, several, reference_patients())
        assert any(not moved.by for effect in found for moved in effect.moved)
        assert all(list(moved.by) in ([], several[:1]) for effect in found for moved in effect.moved)


class TestConcerns:
    def concerns(self, document: Mapping[str, Any], knowledge: Knowledge, *changes: EntryChange) -> set[Concern]:
        before = set(concerns_in(document, knowledge, today=TODAY))
        return set(concerns_in(changed(document, changes), knowledge, today=TODAY)) - before

    @pytest.mark.parametrize(
        ("figures", "text"),
        [
            ({"evaluable": 999, "responders": None}, "999 evaluable of 67 analysed"),
            ({"dcr": 10}, "response rate 18 % above disease control 10 %"),
            ({"pfs": 12.0, "pfs_ci": [None, None]}, "median PFS 12 months above median OS 8.9"),
            ({"rates": {"os-6": 40}}, "40 % at 6 months, and a median OS of 8.9"),
            ({"rates": {"os-6": 60, "os-12": 65}}, "OS 65 % at 12 months, above 60 % at 6"),
            ({"deaths": 80}, "80 treatment-related deaths among 67 analysed"),
        ],
    )
    def test_numbers_that_do_not_fit_together_are_named(
        self, document: Mapping[str, Any], knowledge: Knowledge, figures: dict[str, Any], text: str
    ) -> None:
        row = entry(document, "publications", "walter-2023-bevanec")
        row["results"][0] |= figures
        found = self.concerns(document, knowledge, EntryChange("publications", row["key"], row))
        assert text in {concern.text for concern in found}
        assert {concern.place for concern in found} == {"results[0]"}

    @pytest.mark.parametrize(
        ("figures", "place", "text"),
        [
            # A rate as a fraction beside whole percents, and a median of nothing: both were once accepted unseen.
            (
                {"n": 19, "evaluable": 19, "responders": None, "orr": 0.25},
                "orr",
                "ORR 0.25 % of 19, less than one patient: a fraction in place of a percentage?",
            ),
            (
                {"n": 19, "evaluable": 19, "responders": None, "orr": 1},
                "orr",
                "ORR 1 % of 19, less than one patient: a fraction in place of a percentage?",
            ),
            ({"grade3": 0.21}, "grade3", None),
            ({"rates": {"os-6": 0.6}}, "rates.os-6", None),
            (
                {"pfs": 0, "pfs_ci": [None, None]},
                "pfs",
                "PFS of 0 months: one that was not given or not reached is left empty",
            ),
            ({"os": 0, "os_ci": [None, None], "pfs": None, "pfs_ci": [None, None]}, "os", None),
        ],
    )
    def test_figures_in_another_unit_are_named(
        self,
        document: Mapping[str, Any],
        knowledge: Knowledge,
        figures: dict[str, Any],
        place: str,
        text: str | None,
    ) -> None:
        row = entry(document, "publications", "walter-2023-bevanec")
        row["results"][0] |= figures
        found = self.concerns(document, knowledge, EntryChange("publications", row["key"], row))
        named = {concern.text for concern in found if concern.place == f"results[0].{place}"}
        assert len(named) == 1
        assert text in (None, *named)

    @pytest.mark.parametrize("figures", [{"orr": 0, "responders": 0}, {"orr": 1.6, "responders": 1}, {"grade3": 3}])
    def test_small_figures_of_patients_are_not(
        self, document: Mapping[str, Any], knowledge: Knowledge, figures: dict[str, Any]
    ) -> None:
        row = entry(document, "publications", "walter-2023-bevanec")
        row["results"][0] |= {"orr_ci": [None, None]} | figures
        assert not self.concerns(document, knowledge, EntryChange("publications", row["key"], row))

    @pytest.mark.parametrize(
        ("criterion", "possible"),
        [
            ({}, True),
            ({"feature": "ki67", "at_least": 55}, True),
            ({"all": [{"feature": "ki67", "above": 55}, {"feature": "ki67", "below": 55}]}, False),
            ({"feature": "primary_site", "is": "lung"}, False),
            ({"feature": "platinum_status", "is": "resistant"}, True),
            (
                {
                    "all": [
                        {"feature": "platinum_status", "is": "refractory"},
                        {"feature": "platinum_best_response", "is": "CR"},
                    ]
                },
                True,
            ),
            (
                {
                    "all": [
                        {"feature": "platinum_status", "is": "sensitive"},
                        {"feature": "platinum_best_response", "is": "PD"},
                    ]
                },
                False,
            ),
            ({"all": [{"feature": "lines_next", "is": 2}, {"feature": "lines_received", "at_least": 2}]}, False),
            ({"feature": "prior_regimens", "includes": "folfiri"}, True),
            ({"feature": "prior_drugs", "includes": ["irinotecan", "nivolumab"]}, True),
            (
                {
                    "all": [
                        {"feature": "progressed_on_drugs", "includes": "cisplatin"},
                        {"feature": "platinum_received", "is": False},
                    ]
                },
                False,
            ),
            (
                {"all": [{"feature": "child_pugh", "is": "C"}, {"feature": "severe_hepatic_impairment", "is": False}]},
                False,
            ),
        ],
    )
    def test_a_criterion_is_possible_when_some_patient_in_scope_fulfils_it(
        self, knowledge: Knowledge, criterion: dict[str, Any], possible: bool
    ) -> None:
        assert is_possible(criterion, knowledge) is possible

    def test_what_else_the_rules_let_through_is_named(self, document: Mapping[str, Any], knowledge: Knowledge) -> None:
        licence = entry(document, "licences", "pembrolizumab-us-msi") | {"url": None, "read_on": None}
        lapsed = entry(document, "licences", "pembrolizumab-us-tmb") | {"kind": "withdrawn"}
        opposite = entry(document, "licences", "pembrolizumab-us-msi") | {"key": "pembrolizumab-us-mss", "covers": "no"}
        gone = entry(document, "regimens", "pembrolizumab")
        gone["otherwise"] = {**gone["otherwise"], "US": "unavailable"}
        trial = document["trials"][0]["nct"]
        old = entry(document, "trials", trial) | {"looked_up_on": "2026-01-01"}
        noticed = entry(document, "publications", "walter-2023-bevanec")
        noticed |= {"notice": {"kind": "expression-of-concern", "text": "doubted in 2026"}, "second_read_at": None}
        unsourced = entry(document, "indications", "folfiri-digestive") | {"sources": []}
        found = self.concerns(
            document,
            knowledge,
            *(EntryChange("licences", one["key"], one) for one in (licence, lapsed, opposite)),
            EntryChange("regimens", "pembrolizumab", gone),
            EntryChange("trials", trial, old),
            EntryChange("publications", noticed["key"], noticed),
            EntryChange("indications", unsourced["key"], unsourced),
        )
        assert {(concern.key, concern.place) for concern in found} == {
            ("pembrolizumab-us-msi", "url"),
            ("pembrolizumab-us-mss", "covers"),
            ("pembrolizumab-us-msi", "region"),
            ("pembrolizumab-tmb", "sources[0]"),
            (trial, "looked_up_on"),
            ("walter-2023-bevanec", "notice"),
            ("walter-2023-bevanec", "second_read_at"),
            ("folfiri-digestive", "sources"),
        }
        assert "last looked up 328 days ago, on 2026-01-01" in {concern.text for concern in found}
