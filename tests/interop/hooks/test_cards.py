"""What the cards say of worked patients: options, cautions when drugs are ordered, and tests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from boards.models.choices import Reason
from interop.models import ShownCard
from tests.factories.fhir import ICDO3, PATIENT, concept, condition, ki67
from tests.factories.hooks import OPTIONS, ORDERS, Hospital, bundle_of, drafts_of, hook_request, prefetch_of
from tests.interop.shared import bundle, needs_shared

pytestmark = pytest.mark.django_db

SMALL_CELL = {
    "url": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior",
    "valueCodeableConcept": concept(ICDO3, "8041/3"),
}
TUMOUR = condition("tumour", "http://hl7.org/fhir/sid/icd-10", "C18.0", extension=[SMALL_CELL])
RECORD = {"Patient": PATIENT, "Condition": bundle_of(TUMOUR), "Observation": bundle_of(ki67("k", 80))}


def cards(system: Hospital, path: str, sent: dict[str, Any], **headers: str) -> dict[str, Any]:
    """By topic, in their order."""
    answer = system.ask(path, sent, token="", **headers)
    assert answer.status_code == 200, answer.text
    return {card["source"]["topic"]["code"]: card for card in answer.json()["cards"]}


def ordered(system: Hospital, record: dict[str, Any], patient: str, *drugs: str, hook: str = "order-sign") -> Any:
    return cards(system, ORDERS, hook_request(patient, record, hook, draftOrders=drafts_of(patient, *drugs)))


def with_site(code: str, **elements: Any) -> dict[str, Any]:
    found = condition("tumour", "http://hl7.org/fhir/sid/icd-10", code, extension=[SMALL_CELL], **elements)
    return RECORD | {"Condition": bundle_of(found)}


@needs_shared
def test_options_of_a_worked_patient(anybody: Hospital) -> None:
    patient, prefetch = prefetch_of(bundle("w21-mii-onkologie"))
    found = cards(anybody, OPTIONS, hook_request(patient, prefetch))
    assert list(found) == ["options", "tests"]
    card, detail = found["options"], found["options"]["detail"]
    assert card["indicator"] == "info" and "suggestions" not in card and "overrideReasons" not in card
    count = detail.split("**Only in a trial**")[0].count("\n- **") - 1  # but best supportive care
    tests = len(found["tests"]["suggestions"])
    assert card["summary"] == f"NEC, second line: {count} options recommended or supported; {tests} tests could " + (
        "change the order"
    )
    assert "**Understood**: Colorectal NEC; partial response to platinum" in detail
    assert "- **FOLFIRI**: Response rate " in detail and "- **Best supportive care**" in detail
    assert "Supports and does not replace judgement." in detail
    assert "Not all records of earlier treatment" not in detail


def test_the_source_and_the_links_name_no_patient(anybody: Hospital) -> None:
    for topic, card in cards(anybody, OPTIONS, hook_request("p1", RECORD)).items():
        assert card["source"]["label"] == "necapp, release shipped"
        assert card["source"]["url"] == "https://testserver/method/"
        assert card["source"]["topic"]["system"] == "urn:necapp:card-topic"
        absolute, smart = card["links"]
        assert (absolute["type"], absolute["url"]) == ("absolute", "https://testserver/options/")
        assert (smart["type"], smart["url"]) == ("smart", "https://testserver/smart/launch")
        assert smart["appContext"] == "necapp-options" and "appContext" not in absolute
        assert ShownCard.objects.get(uuid=card["uuid"]).topic == topic


def test_tests_are_drafts_of_a_proposal(anybody: Hospital) -> None:
    card = cards(anybody, OPTIONS, hook_request("p1", RECORD))["tests"]
    assert card["selectionBehavior"] == "any"
    drafts = {}
    for suggestion in card["suggestions"]:
        (action,) = suggestion["actions"]
        assert "isRecommended" not in suggestion
        assert action["type"] == "create"
        drafts[action["resource"]["code"]["text"]] = action["resource"]
    assert drafts["BRAF V600E"] == {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "code": {
            "text": "BRAF V600E",
            "coding": [{"system": "http://loinc.org", "code": "85299-6", "display": "BRAF V600E"}],
        },
        "subject": {"reference": "Patient/p1"},
        "reasonCode": [{"text": "could change the order"}],
    }
    assert "coding" not in drafts["NTRK fusion"]["code"]
    assert "Ki-67" not in drafts


def test_why_a_card_may_be_overridden(anybody: Hospital) -> None:
    reasons = cards(anybody, OPTIONS, hook_request("p1", RECORD))["tests"]["overrideReasons"]
    systems = [reason["system"] for reason in reasons]
    assert systems.count("http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes") == 13
    board = [reason for reason in reasons if reason["system"] == "urn:necapp:board-reason"]
    assert [reason["code"] for reason in board] == Reason.values
    assert all(reason["display"] for reason in reasons)


@pytest.mark.parametrize(
    "record",
    [
        with_site("C34.1"),
        with_site("C44.9"),
        with_site("C37"),
        RECORD | {"Condition": None},
        RECORD | {"Condition": None, "Observation": None},
        RECORD | {"Condition": bundle_of(condition("c", "http://hl7.org/fhir/sid/icd-10", "C18.0"))},
    ],
    ids=["lung", "skin", "thymus", "no tumour", "nothing known", "no histology"],
)
def test_nothing_is_said_outside_of_its_scope(record: dict[str, Any], anybody: Hospital) -> None:
    assert cards(anybody, OPTIONS, hook_request("p1", record)) == {}
    assert not ShownCard.objects.exists()


def test_records_that_were_not_sent(anybody: Hospital) -> None:
    detail = cards(anybody, OPTIONS, hook_request("p1", RECORD))["options"]["detail"]
    kinds = "MedicationStatement, MedicationAdministration, MedicationRequest, Procedure, CarePlan"
    assert f"Not all records of earlier treatment were sent ({kinds})" in detail
    assert "Not sent: AllergyIntolerance, AdverseEvent." in detail
    assert cards(anybody, OPTIONS, hook_request("p1", RECORD))["options"]["summary"].startswith("NEC, line not known: ")


def test_what_is_unknown_and_why(anybody: Hospital) -> None:
    bounded = ki67("k", 80) | {"valueQuantity": {"value": 80, "comparator": ">", "code": "%"}}
    record = RECORD | {"Observation": bundle_of(bounded)}
    detail = cards(anybody, OPTIONS, hook_request("p1", record))["options"]["detail"]
    assert "- Ki-67: a bound, not a number" in detail
    assert "Nothing that counts is said of: " in detail


@needs_shared
@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_a_drug_that_is_advised_against(hook: str, anybody: Hospital) -> None:
    """The neuropathy of w21 advises against cisplatin, and not against carboplatin."""
    patient, record = prefetch_of(bundle("w21-mii-onkologie"))
    found = ordered(anybody, record, patient, "Cisplatin 50 mg", "Etoposide", hook=hook)
    assert list(found) == ["options", "cautions", "tests"]
    card = found["cautions"]
    assert card["indicator"] == "warning" and "suggestions" not in card
    assert card["summary"] == "Ordered, and ruled out or advised against for this patient: Cisplatin"
    assert "**Cisplatin**, advised against: " in card["detail"] and card["overrideReasons"]
    assert "cautions" not in ordered(anybody, record, patient, "Carboplatin", "Etoposide", hook=hook)


def test_only_orders_have_cautions(anybody: Hospital) -> None:
    sent = hook_request("p1", RECORD, draftOrders=drafts_of("p1", "Cisplatin"))
    assert "cautions" not in cards(anybody, OPTIONS, sent)
    assert "cautions" not in cards(anybody, ORDERS, hook_request("p1", RECORD, "order-sign"))


def allergic() -> dict[str, Any]:
    allergy = {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "type": "allergy",
        "patient": {"reference": "Patient/p1"},
        "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active"),
        "code": concept("http://www.whocc.no/atc", "L01XA02", "carboplatin"),
    }
    return RECORD | {"AllergyIntolerance": bundle_of(allergy)}


def test_a_drug_that_is_ruled_out(anybody: Hospital) -> None:
    found = ordered(anybody, allergic(), "p1", "Carboplatin AUC 5")
    assert "**Carboplatin**, must not be given: " in found["cautions"]["detail"]
    assert "cautions" not in ordered(anybody, allergic(), "p1", "Topotecan")


def test_orders_of_others_and_orders_not_to_give(anybody: Hospital) -> None:
    sent = hook_request("p1", allergic(), "order-sign", draftOrders=drafts_of("p2", "Carboplatin"))
    assert "cautions" not in cards(anybody, ORDERS, sent)
    drafts = drafts_of("p1", "Carboplatin")
    drafts["entry"][0]["resource"]["doNotPerform"] = True
    assert "cautions" not in cards(anybody, ORDERS, hook_request("p1", allergic(), "order-sign", draftOrders=drafts))


@needs_shared
def test_drugs_on_which_the_disease_progressed(anybody: Hospital) -> None:
    """Given again as they were, and one of them alone."""
    patient, record = prefetch_of(bundle("w16-two-lines"))
    tumour = condition("t", "http://hl7.org/fhir/sid/icd-10", "C18.0", extension=[SMALL_CELL])
    tumour["subject"] = {"reference": f"Patient/{patient}"}
    record["Condition"] = bundle_of(tumour)
    found = ordered(anybody, record, patient, "Irinotecan", "Fluorouracil", "Folinic acid")
    assert "FOLFIRI" in found["cautions"]["summary"]
    assert "the disease progressed" in found["cautions"]["detail"].lower()
    alone = ordered(anybody, record, patient, "Irinotecan")
    assert "the disease progressed" in alone["cautions"]["detail"].lower()


def test_nothing_of_a_treatment_is_suggested(anybody: Hospital) -> None:
    found = ordered(anybody, allergic(), "p1", "Carboplatin")
    kinds = {
        action["resource"]["resourceType"]
        for card in found.values()
        for suggestion in card.get("suggestions", ())
        for action in suggestion["actions"]
    }
    assert kinds == {"ServiceRequest"}


def test_the_language_is_the_reader_s(anybody: Hospital) -> None:
    answer = anybody.ask(OPTIONS, hook_request("p1", RECORD), token="", **{"Accept-Language": "de"})
    assert "Accept-Language" in answer.headers["Vary"]
    assert (
        "Für diese Patientin oder diesen Patienten" in answer.text or "Dickdarm" in answer.text or "NEC" in answer.text
    )
    assert answer.headers["Cache-Control"] == "no-store"


def test_text_of_a_record_is_never_shown(anybody: Hospital) -> None:
    record = json.loads(json.dumps(RECORD).replace('"text"', '"text_"'))
    record["Patient"] |= {"name": [{"family": "Kanarienvogel"}], "birthDate": "1941-05-17"}
    record["Observation"]["entry"][0]["resource"]["note"] = [{"text": "Kanarienvogel"}]
    answer = anybody.ask(OPTIONS, hook_request("p1", record), token="")
    assert len(answer.json()["cards"]) == 2
    assert "Kanarienvogel" not in answer.text and "1941-05-17" not in answer.text
