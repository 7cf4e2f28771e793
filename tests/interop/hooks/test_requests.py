"""Addresses, methods, bodies and the order in which a request is refused; each refusal is JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interop import limits
from interop.hooks.services import SERVICES
from tests.factories.fhir import PATIENT, ki67
from tests.factories.hooks import OPTIONS, ORDERS, Hospital, bundle_of, drafts_of, hook_request

pytestmark = pytest.mark.django_db

NOTHING = {"Patient": PATIENT, "Condition": None, "Observation": None}


def sent(**changed: Any) -> dict[str, Any]:
    return hook_request("p1", NOTHING) | changed


def refused(answer: Any, status: int, code: str = "hook-request") -> str:
    """The detail of a refusal of that kind."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.text
    problem = answer.json()
    assert problem["type"] == f"/api/problems/{code}/"
    assert answer.headers["Cache-Control"] == "no-store"
    detail: str = problem.get("detail", "")
    return detail


def test_the_list_of_services(anybody: Hospital) -> None:
    answer = anybody.client.get("/cds-services", secure=True)
    services = answer.json()["services"]
    assert [(each["id"], each["hook"]) for each in services] == [
        ("necapp-options", "patient-view"),
        ("necapp-orders", "order-sign"),
    ]
    for service in services:
        prefetch = service["prefetch"]
        assert prefetch["Patient"] == "Patient/{{context.patientId}}"
        assert prefetch["Condition"] == "Condition?patient={{context.patientId}}&_count=200"
        assert list(prefetch)[:3] == ["Patient", "Condition", "Observation"] and len(prefetch) == 10
    assert anybody.client.head("/cds-services", secure=True).status_code == 200


def test_the_list_is_open(hospital: Hospital) -> None:
    assert hospital.client.get("/cds-services", secure=True).status_code == 200


@pytest.mark.parametrize("path", ["/cds-services/other", f"{OPTIONS}/other", f"{OPTIONS}/feedback/other"])
def test_an_unknown_address_comes_before_the_token(path: str, hospital: Hospital) -> None:
    refused(hospital.ask(path, sent(), token="x"), 404, "not-found")


def test_the_token_comes_before_the_body(hospital: Hospital) -> None:
    refused(hospital.ask(OPTIONS, b"no JSON", token="x"), 401, "jwt")
    refused(hospital.ask(OPTIONS, b"no JSON"), 400, "no-json")


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_methods(method: str, anybody: Hospital) -> None:
    answer = getattr(anybody.client, method)(OPTIONS, secure=True)
    refused(answer, 405, "method")
    assert answer.headers["Allow"] == "POST, OPTIONS"
    refused(anybody.client.post("/cds-services", secure=True), 405, "method")


def test_media_types(anybody: Hospital) -> None:
    post = anybody.client.post
    refused(post(OPTIONS, b"{}", content_type="application/fhir+json", secure=True), 400)
    refused(post(OPTIONS, b"{}", content_type="application/json; charset=latin-1", secure=True), 415, "media-type")
    zipped = {"Content-Encoding": "gzip"}
    refused(post(OPTIONS, b"{}", content_type="application/json", headers=zipped, secure=True), 415, "media-type")


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 400, "no JSON"),
        (b" ", 400, "no JSON"),
        (b"\xff", 400, "not UTF-8 at byte 1"),
        (b'{"hook": NaN}', 400, "NaN"),
        (b'{"a": {"hook": 1, "hook": 2}}', 400, "the key hook stands twice"),
        (b'{"Erika Mustermann": 1, "Erika Mustermann": 2}', 400, "of 16 characters stands twice"),
        (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", 400, "nested more than 64 deep"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "nested more than 64 deep"),
        (b" " * (2 * 1024 * 1024) + b"{}", 413, "at most 2097152"),
    ],
    ids=["broken", "empty", "no UTF-8", "NaN", "twice", "twice, a name", "depth 65", "very deep", "too large"],
)
def test_bodies(body: bytes, status: int, words: str, anybody: Hospital) -> None:
    detail = refused(anybody.ask(OPTIONS, body, token=""), status, "no-json" if status == 400 else "too-large")
    assert words in detail and "Mustermann" not in detail


def test_two_mebibytes_are_read(anybody: Hospital) -> None:
    body = json.dumps(sent()).encode()
    answer = anybody.ask(OPTIONS, body + b" " * (2 * 1024 * 1024 - len(body)), token="")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"hook": "order-sign"}, "“hook” has to be patient-view for this service."),
        ({"hook": None}, "“hook”"),
        ({"hookInstance": "1"}, "“hookInstance” has to be a UUID."),
        ({"hookInstance": None}, "“hookInstance”"),
        ({"fhirServer": 7}, "“fhirServer” has to be a text."),
        ({"fhirAuthorization": {"access_token": "x"}}, "“fhirAuthorization” is given without “fhirServer”."),
        ({"fhirAuthorization": "x", "fhirServer": "https://x.example"}, "“fhirAuthorization” has to be an object."),
        ({"context": {}}, "“context.patientId” has to be the id of a Patient."),
        ({"context": {"patientId": "Patient/p1"}}, "“context.patientId”"),
        ({"context": None}, "“context.patientId”"),
        ({"context": []}, "“context” has to be an object."),
        ({"prefetch": []}, "“prefetch” has to be an object."),
        ({"prefetch": NOTHING | {"Condition": "none"}}, "“prefetch.Condition” has to be a resource or null."),
        ({"prefetch": NOTHING | {"Condition": {}}}, "there is no resourceType"),
        ({"prefetch": NOTHING | {"Observation": {"resourceType": "Bundle", "entry": 1}}}, "entry has to be a list"),
    ],
)
def test_a_request_that_is_none(changed: dict[str, Any], words: str, anybody: Hospital) -> None:
    assert words in refused(anybody.ask(OPTIONS, sent(**changed), token=""), 400)


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"null"])
def test_a_body_that_is_no_object(body: bytes, anybody: Hospital) -> None:
    assert refused(anybody.ask(OPTIONS, body, token=""), 400) == "The body has to be an object."


def of_another(**where: Any) -> dict[str, Any]:
    return hook_request("p1", NOTHING | where)


@pytest.mark.parametrize(
    "request_",
    [
        of_another(Patient=PATIENT | {"id": "p2"}),
        of_another(Patient={"resourceType": "Patient"}),
        of_another(Observation=bundle_of(ki67("k", 80, subject={"reference": "Patient/p2"}))),
        of_another(CarePlan=bundle_of(PATIENT | {"id": "p2"})),
        sent(fhirServer="https://x.example", fhirAuthorization={"patient": "p2"}),
        # Before anything else that is the matter with it:
        {**of_another(Patient=PATIENT | {"id": "p2"}), "prefetch": {"Patient": PATIENT | {"id": "p2"}}},
    ],
    ids=["patient", "without id", "observation", "second patient", "authorization", "before what is missing"],
)
def test_resources_of_another_patient(request_: dict[str, Any], anybody: Hospital) -> None:
    assert "another patient" in refused(anybody.ask(OPTIONS, request_, token=""), 400)


def test_drafts_that_are_none(anybody: Hospital) -> None:
    request_ = hook_request("p1", NOTHING, "order-sign", draftOrders=drafts_of("p1", "Cisplatin"))
    request_["context"]["draftOrders"] = "none"
    assert "“context.draftOrders”" in refused(anybody.ask(ORDERS, request_, token=""), 400)


@pytest.mark.parametrize("lacking", ["Patient", "Condition", "Observation"])
def test_what_is_missing(lacking: str, anybody: Hospital) -> None:
    without = {kind: value for kind, value in NOTHING.items() if kind != lacking}
    detail = refused(anybody.ask(OPTIONS, hook_request("p1", without), token=""), 412, "prefetch")
    assert detail == f"Neither sent nor to be read: {lacking}."
    failed = NOTHING | {lacking: {"resourceType": "OperationOutcome"}}
    assert refused(anybody.ask(OPTIONS, hook_request("p1", failed), token=""), 412, "prefetch") == detail


def test_a_page_of_several_is_not_all(anybody: Hospital) -> None:
    page = bundle_of(ki67("k", 80)) | {"link": [{"relation": "next", "url": "https://x.example/2"}]}
    refused(anybody.ask(OPTIONS, hook_request("p1", NOTHING | {"Observation": page}), token=""), 412, "prefetch")
    answer = anybody.ask(OPTIONS, hook_request("p1", NOTHING | {"Procedure": page}), token="")
    assert answer.status_code == 200


def test_no_release(anybody: Hospital, without_releases: None) -> None:
    refused(anybody.ask(OPTIONS, sent(), token=""), 503, "no-release")


def test_four_records_at_once(anybody: Hospital) -> None:
    slots = [limits.reading_slot() for _ in range(limits.AT_ONCE)]
    for slot in slots:
        slot.__enter__()
    try:
        answer = anybody.ask(OPTIONS, sent(), token="")
    finally:
        for slot in slots:
            slot.__exit__(None, None, None)
    refused(answer, 503, "reading")
    assert answer.headers["Retry-After"] == "2"


def test_a_failure_says_nothing_of_what_was_sent(anybody: Hospital, monkeypatch: Any, caplog: Any) -> None:
    def fails(*arguments: Any, **named: Any) -> None:
        raise RuntimeError("Kanarienvogel")

    monkeypatch.setattr("interop.hooks.service.understood", fails)
    refused(anybody.ask(OPTIONS, sent(), token=""), 500, "fault")
    assert "Kanarienvogel" not in caplog.text and "RuntimeError at " in caplog.text


def test_one_line_a_call(hospital: Hospital, caplog: Any) -> None:
    caplog.set_level("INFO")
    hospital.ask(OPTIONS, sent())
    hospital.client.get("/cds-services", secure=True)
    lines = [record.getMessage() for record in caplog.records if record.name == "interop.access"]
    assert [" ".join(line.split()[:3]) for line in lines] == [
        "POST hooks:necapp-options 200",
        "GET hooks:services 200",
    ]
    assert lines[0].endswith(" ms Main EHR 1 resources, 0 cards")


def test_services_answer_their_hooks() -> None:
    assert {service.id: service.hooks for service in SERVICES.values()} == {
        "necapp-options": ("patient-view",),
        "necapp-orders": ("order-select", "order-sign"),
    }
