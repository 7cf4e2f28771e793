"""A ranking as FHIR: parses, keeps its invariants, says what the ranking says, and is the same for the same input."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from boards.shown.stored_ranking import Recorded
from interop.reading import Reading, Source
from interop.terminology import Terminology
from interop.writing.bundles import DISCLAIMER, as_json
from interop.writing.ranking import ranking_bundle
from regimens.rules.assessment import Band
from regimens.rules.knowledge import Knowledge
from regimens.rules.ranking import rank
from regimens.rules.record import from_json, of
from tests.factories.drawn import Shipped, every_run_alike, patients
from tests.factories.evidence import shipped_document
from tests.factories.patients import shown_by_the_first_edition, worked
from tests.interop.shared import needs_shared

from .checked import broken, invariants, one, parses, references, resources

AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
WORKED = worked()


@pytest.fixture(scope="module")
def written(knowledge: Knowledge, terms: Terminology) -> Any:
    """A patient's ranking as a Bundle."""

    def of_patient(features: dict[str, Any], at: datetime = AT, preference: str = "balanced", **more: Any) -> Any:
        recorded = Recorded(of(rank(knowledge.patient(features), knowledge, preference)), knowledge)
        return ranking_bundle(recorded, terms=terms, software="0.2.0", at=at, **more)

    return of_patient


def options_of(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    return [option for band in one(bundle, "RequestGroup")["action"] for option in band["action"]]


@needs_shared
def test_there_are_invariants() -> None:
    assert len(invariants("ranking-bundle")) >= 13


@pytest.mark.parametrize("place", range(0, 60, 15))
def test_worked_patients_parse_and_keep_the_invariants(written: Any, place: int) -> None:
    bundle = written(WORKED[place])
    parses(bundle)
    assert broken(bundle, "ranking-bundle") == []


@settings(every_run_alike, max_examples=4)
@given(data=st.data())
def test_drawn_patients_do_so_too(data: st.DataObject, written: Any, knowledge: Knowledge, terms: Terminology) -> None:
    patient = data.draw(patients(Shipped(shipped_document(), knowledge), in_scope=False))
    recorded = Recorded(of(rank(patient, knowledge)), knowledge)
    bundle = ranking_bundle(recorded, terms=terms, software="0.2.0", at=AT)
    parses(bundle)
    assert broken(bundle, "ranking-bundle") == []
    assert bool(resources(bundle, "RequestGroup")) == recorded.scope.in_scope


def test_a_stored_ranking_of_the_first_edition_does_so_too(knowledge: Knowledge, terms: Terminology) -> None:
    """It holds no published figures and no licences, and its cautions are told as they were."""
    recorded = Recorded(from_json(shown_by_the_first_edition()[0]), knowledge)
    bundle = ranking_bundle(recorded, terms=terms, software="0.2.0", at=AT)
    parses(bundle)
    assert broken(bundle, "ranking-bundle") == []
    assert "unknown" not in [each["name"] for each in one(bundle, "Parameters")["parameter"]]


def test_references_lead_to_entries(written: Any) -> None:
    bundle = written(WORKED[0])
    assert references(bundle["entry"]) <= {entry["fullUrl"] for entry in bundle["entry"]}


def of_record(resources: list[str], **unknown_because: str) -> Reading:
    """A reading of the Ki-67 from some resources, which leaves others unknown."""
    sources = tuple(Source(resource, "valueQuantity") for resource in resources)
    return Reading({"ki67": 80}, (), (), unknown_because, {"ki67": sources})


def options_in(issue: dict[str, Any]) -> list[str]:
    return [each["valueCoding"]["code"] for each in issue["extension"]]


class TestBytes:
    def test_the_same_for_the_same_but_for_when_it_was_written(self, written: Any) -> None:
        bundle = written(WORKED[3])
        assert as_json(bundle) == as_json(written(WORKED[3]))
        later = written(WORKED[3], at=AT.replace(year=2029))
        assert as_json(later) != as_json(bundle)
        one(later, "Provenance")["recorded"] = one(bundle, "Provenance")["recorded"]
        assert as_json(later) == as_json(bundle)

    def test_another_patient_or_preference_has_other_addresses(self, written: Any) -> None:
        found = [written(WORKED[0]), written(WORKED[1]), written(WORKED[0], preference="survival")]
        addresses = [{entry["fullUrl"] for entry in bundle["entry"]} for bundle in found]
        assert not addresses[0] & addresses[1] and not addresses[0] & addresses[2]

    @pytest.mark.parametrize("language", ["de", "fr"])
    def test_the_language_of_a_page_changes_nothing(self, written: Any, language: str) -> None:
        with translation.override(language):
            there = as_json(written(WORKED[0]))
        assert there == as_json(written(WORKED[0]))


class TestOptions:
    def test_every_option_of_the_ranking_in_its_order(self, written: Any, knowledge: Knowledge) -> None:
        ranking = rank(knowledge.patient(WORKED[0]), knowledge)
        found = [option["code"][0]["coding"][0]["code"] for option in options_of(written(WORKED[0]))]
        by_band = [o.regimen.slug for band in Band for o in ranking.options if o.band is band]
        assert found == by_band

    def test_published_figures_stand_beside_the_model_s(self, written: Any) -> None:
        (option,) = [each for each in options_of(written(WORKED[0])) if each["title"].startswith("FOLFIRINOX")]
        text = option["textEquivalent"]
        for words in ("published 46\N{NO-BREAK SPACE}% in 17 of 37 patients", "Model: ", "Licence: ", "Check: "):
            assert words.replace("\N{NO-BREAK SPACE}", " ") in text.replace("\N{NO-BREAK SPACE}", " ")

    def test_what_is_not_reported_has_no_figure(self, written: Any) -> None:
        for option in options_of(written(WORKED[0])):
            for outcome in option["extension"][0]["extension"]:
                if outcome["url"] == "outcome":
                    found = {each["url"]: each for each in outcome["extension"]}
                    assert ("estimate" in found) == (found["studies"]["valueInteger"] > 0)

    def test_the_ruled_out_do_not_apply(self, written: Any) -> None:
        for band in one(written(WORKED[0]), "RequestGroup")["action"]:
            is_ruled_out = band["code"][0]["coding"][0]["code"] == "unsuitable"
            assert all(("condition" in option) == is_ruled_out for option in band["action"])

    def test_never_one_alone(self, written: Any, knowledge: Knowledge, terms: Terminology) -> None:
        record = of(rank(knowledge.patient(WORKED[0]), knowledge))
        alone = replace(record, options=record.options[:1])
        bundle = ranking_bundle(Recorded(alone, knowledge), terms=terms, software="0.2.0", at=AT)
        assert not resources(bundle, "RequestGroup") and "result" not in one(bundle, "GuidanceResponse")


class TestOutOfScope:
    def test_no_options_and_why(self, written: Any) -> None:
        bundle = written({"primary_site": "lung"})
        parses(bundle)
        assert broken(bundle, "ranking-bundle") == []
        answer = one(bundle, "GuidanceResponse")
        assert (answer["status"], "result" in answer) == ("failure", False)
        assert {entry["resource"]["resourceType"] for entry in bundle["entry"]} == {
            *("GuidanceResponse", "Patient", "Parameters", "OperationOutcome", "Device", "Provenance")
        }
        issues = one(bundle, "OperationOutcome")["issue"]
        assert issues[0]["severity"] == "error" and issues[0]["details"]["text"]


class TestCautions:
    def test_each_of_the_ranking_that_holds_or_may(self, written: Any, knowledge: Knowledge) -> None:
        record = of(rank(knowledge.patient(WORKED[0]), knowledge))
        issues = resources(written(WORKED[0]), "DetectedIssue")
        for option in record.options:
            mine = [each for each in issues if option.regimen in options_in(each)]
            assert {each["status"] for each in mine} <= {"final", "preliminary"}
            for caution in option.cautions:
                of_level = [each for each in mine if each["code"]["coding"][0]["code"] == caution.level]
                said = caution.text.removesuffix(" Use the other.").rstrip(".")[1:]  # it is named which other
                assert any(said in each["detail"] for each in of_level), caution

    def test_what_cannot_be_checked_says_when_it_would_hold(self, written: Any) -> None:
        issues = resources(written(WORKED[0]), "DetectedIssue")
        open_ones = [each["detail"] for each in issues if each["status"] == "preliminary"]
        assert open_ones and all("cannot be checked" in detail for detail in open_ones)
        assert any("Holds if: " in detail for detail in open_ones)

    def test_severity_is_that_of_the_level(self, written: Any) -> None:
        found = {
            (each["code"]["coding"][0]["code"], each["severity"])
            for each in resources(written(WORKED[0]), "DetectedIssue")
        }
        assert found <= {("contraindicated", "high"), ("avoid", "moderate"), ("caution", "low")}


class TestTests:
    def test_drafts_with_their_code_and_why(self, written: Any) -> None:
        found = {each["code"]["text"]: each for each in resources(written(WORKED[0]), "ServiceRequest")}
        assert found["MSI / MMR"]["code"]["coding"][0] == {"system": "http://loinc.org", "code": "81695-9"}
        assert [c["system"] for c in found["NTRK fusion"]["code"]["coding"]] == ["urn:necapp:feature"]
        assert {each["reasonCode"][0]["text"] for each in found.values()} == {"could change the order"}

    def test_none_for_what_is_known(self, written: Any) -> None:
        found = resources(written(WORKED[0] | {"msi": "stable"}), "ServiceRequest")
        assert "MSI / MMR" not in [each["code"]["text"] for each in found]


class TestPatient:
    def test_nothing_that_identifies(self, written: Any) -> None:
        assert set(one(written(WORKED[0]), "Patient")) == {"resourceType", "meta"}

    def test_as_understood(self, written: Any) -> None:
        parameters = one(written(WORKED[0]), "Parameters")["parameter"]
        patient = next(each for each in parameters if each["name"] == "patient")
        assert {part["name"] for part in patient["part"]} == set(WORKED[0])
        unknown = {each["valueCode"] for each in parameters if each["name"] == "unknown"}
        assert "msi" in unknown and not unknown & set(WORKED[0])

    def test_a_set_of_nothing_is_counted(self, written: Any) -> None:
        bundle = written({"primary_site": "pancreas", "prior_drugs": []})
        patient = next(each for each in one(bundle, "Parameters")["parameter"] if each["name"] == "patient")
        drugs = next(part for part in patient["part"] if part["name"] == "prior_drugs")
        assert drugs["part"] == [{"name": "count", "valueInteger": 0}]


class TestWhereItComesFrom:
    def test_what_was_read_by_reference(self, written: Any) -> None:
        named = ["Observation/b", "urn:uuid:6f1c", "Condition without id (6f1c)", "Observation/b", "#here"]
        entity = one(written(WORKED[0], reading=of_record(named)), "Provenance")["entity"]
        assert [each["what"]["reference"] for each in entity] == ["Observation/b", "urn:uuid:6f1c"]

    def test_why_something_could_not_be_read(self, written: Any) -> None:
        bundle = written(WORKED[0], reading=of_record([], msi="conflict", tmb="unit"))
        parses(bundle)
        issues = one(bundle, "OperationOutcome")["issue"]
        assert [(each["severity"], each["details"]["text"]) for each in issues] == [
            ("warning", "MSI / MMR is not known from what was read: the record contradicts itself"),
            ("information", "TMB is not known from what was read: in another unit, or without one"),
        ]

    def test_release_and_version(self, written: Any, knowledge: Knowledge) -> None:
        bundle = written(WORKED[0])
        assert bundle["identifier"] == {"system": "urn:necapp:release", "value": knowledge.release.sha256}
        assert bundle["timestamp"] == f"{knowledge.release.published}T00:00:00Z"
        assert one(bundle, "Device")["version"][0]["value"] == "0.2.0"

    def test_what_it_is_not(self, written: Any) -> None:
        bundle = written(WORKED[0])
        for kind in ("GuidanceResponse", "RequestGroup", "Device"):
            assert one(bundle, kind)["note"][0]["text"] == DISCLAIMER
        assert DISCLAIMER.startswith("Supports and does not replace judgement.")
