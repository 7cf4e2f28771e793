"""What clients say became of cards: stored without comment and time of day, counted for administrators."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from interop.models import CardFeedback, ShownCard
from tests.factories.accounts import account
from tests.factories.fhir import ICDO3, PATIENT, concept, condition
from tests.factories.hooks import OPTIONS, Hospital, bundle_of, hook_request

pytestmark = pytest.mark.django_db

FEEDBACK = f"{OPTIONS}/feedback"
CARD = "4e0a3a1e-3283-4575-ab82-028d55fe2719"
HL7 = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
TUMOUR = condition(
    "tumour",
    "http://hl7.org/fhir/sid/icd-10",
    "C18.0",
    extension=[
        {
            "url": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior",
            "valueCodeableConcept": concept(ICDO3, "8041/3"),
        }
    ],
)


def card_of_tests(system: Hospital) -> dict[str, Any]:
    record = {"Patient": PATIENT, "Condition": bundle_of(TUMOUR), "Observation": None}
    card: dict[str, Any] = system.ask(OPTIONS, hook_request("p1", record)).json()["cards"][-1]
    return card


def accepted(card: str, *suggestions: str, at: str = "2026-11-20T23:30:00-05:00") -> dict[str, Any]:
    ids = [{"id": each} for each in suggestions]
    return {"card": card, "outcome": "accepted", "acceptedSuggestions": ids, "outcomeTimestamp": at}


def overridden(card: str = CARD, **reason: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-11-20T10:00:00Z"}
    return found | ({"overrideReason": reason} if reason else {})


def send(system: Hospital, *entries: dict[str, Any]) -> Any:
    return system.ask(FEEDBACK, {"feedback": list(entries)})


def test_tests_that_were_taken_up(hospital: Hospital) -> None:
    card = card_of_tests(hospital)
    by_name = {each["actions"][0]["resource"]["code"]["text"]: each["uuid"] for each in card["suggestions"]}
    sent = accepted(card["uuid"], by_name["BRAF V600E"], by_name["MSI / MMR"], str(uuid.uuid4()))
    answer = send(hospital, sent)
    assert (answer.status_code, answer.json()) == (200, {})
    row = CardFeedback.objects.get()
    assert (row.topic, row.release, row.accepted, row.client) == ("tests", "shipped", "msi braf_v600e", "Main EHR")
    assert (row.outcome, row.reason, row.has_comment, row.day.isoformat()) == ("accepted", "", False, "2026-11-20")


@pytest.mark.parametrize(
    ("reason", "stored"),
    [
        ({"reason": {"system": HL7, "code": "patient-refuses"}}, ("patient-refuses", False)),
        ({"reason": {"system": "urn:necapp:board-reason", "code": "cost"}}, ("board:cost", False)),
        ({"reason": {"system": HL7, "code": "cost"}}, ("other", False)),
        ({"reason": {"code": "Erika Mustermann"}, "userComment": "Erika Mustermann"}, ("other", True)),
        ({"userComment": "Erika Mustermann refuses"}, ("", True)),
        ({}, ("", False)),
    ],
    ids=str,
)
def test_reasons(reason: dict[str, Any], stored: tuple[str, bool], hospital: Hospital) -> None:
    assert send(hospital, overridden(**reason)).status_code == 200
    row = CardFeedback.objects.get()
    assert (row.reason, row.has_comment) == stored
    assert "Mustermann" not in str(CardFeedback.objects.values())


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("x", "“feedback[1]” has to be an object."),
        (overridden() | {"outcome": "ignored"}, "“feedback[1].outcome” has to be one of accepted, overridden."),
        (overridden("p1"), "“feedback[1].card” has to be a UUID."),
        (accepted(CARD), "“feedback[1].acceptedSuggestions” has to be a list of at least one suggestion."),
        (accepted(CARD, "1"), "“feedback[1].acceptedSuggestions[0].id” has to be a UUID."),
        (overridden() | {"overrideReason": {}}, "“feedback[1].overrideReason” has to hold a reason or a userComment."),
        (overridden(reason="x"), "“feedback[1].overrideReason.reason” has to be a coding."),
        (overridden() | {"outcomeTimestamp": "yesterday"}, "“feedback[1].outcomeTimestamp” has to be a time in ISO"),
        (overridden() | {"outcomeTimestamp": None}, "“feedback[1].outcomeTimestamp”"),
    ],
    ids=str,
)
def test_an_entry_that_is_none_keeps_all_from_being_stored(entry: Any, words: str, hospital: Hospital) -> None:
    answer = send(hospital, overridden(), entry)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    assert not CardFeedback.objects.exists()


@pytest.mark.parametrize("content", [{}, {"feedback": []}, {"feedback": {}}])
def test_no_feedback(content: Any, hospital: Hospital) -> None:
    assert hospital.ask(FEEDBACK, content).status_code == 400


def test_64_kib(hospital: Hospital) -> None:
    body = json.dumps({"feedback": [overridden()]}).encode()
    assert hospital.ask(FEEDBACK, body + b" " * (64 * 1024 - len(body))).status_code == 200
    assert hospital.ask(FEEDBACK, body + b" " * (64 * 1024 + 1 - len(body))).status_code == 413


@pytest.mark.postgresql
def test_cards_are_known_for_30_days(hospital: Hospital) -> None:
    card = card_of_tests(hospital)
    today = timezone.localdate()
    ShownCard.objects.update(shown_on=today - timedelta(days=30))
    send(hospital, overridden(card["uuid"]))
    ShownCard.objects.update(shown_on=today - timedelta(days=31))
    send(hospital, overridden(card["uuid"]))
    assert list(CardFeedback.objects.order_by("pk").values_list("topic", flat=True)) == ["tests", ""]
    card_of_tests(hospital)
    assert not ShownCard.objects.filter(uuid=card["uuid"]).exists()
    assert ShownCard.objects.count() == 2


def test_feedback_needs_a_token_of_its_own_address(hospital: Hospital) -> None:
    sent = {"feedback": [overridden()]}
    assert hospital.ask(FEEDBACK, sent, token="").status_code == 401
    assert hospital.ask(FEEDBACK, sent, token=hospital.token(OPTIONS)).status_code == 401
    assert not CardFeedback.objects.exists()


def test_administrators_see_counts(hospital: Hospital) -> None:
    card = card_of_tests(hospital)
    first = card["suggestions"][0]["uuid"]
    send(hospital, accepted(card["uuid"], first), accepted(card["uuid"], first), overridden(userComment="no"))
    client = Client()
    client.force_login(account("admin", "Administrator"))
    page = client.get("/admin/card-feedback/", secure=True)
    assert page.status_code == 200
    text = " ".join(page.content.decode().split())
    assert "<td>tests</td> <td>shipped</td> <td>Accepted</td> <td>2</td> <td>0</td>" in text
    assert "<td>not known any more</td> <td></td> <td>Overridden</td> <td>1</td> <td>1</td>" in text
    assert "Feedback on cards" in client.get("/admin/", secure=True).content.decode()


def test_others_do_not(hospital: Hospital) -> None:
    client = Client()
    client.force_login(account("curator", "Curator"))
    assert client.get("/admin/card-feedback/", secure=True).status_code == 403
