"""What was not sent is read of a listed server with the token that came along, within its limits; else 412."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.factories.fhir import ICDO3, PATIENT, concept, condition, ki67, observation
from tests.factories.hooks import ISSUER, OPTIONS, Hospital, bundle_of, hook_request
from tests.factories.keys import public, signing_key
from tests.factories.loopback import Call, Server, answer, serving

pytestmark = pytest.mark.django_db

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


class Records:
    """A FHIR server with one patient; `answers` by what is asked, in place of the usual."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.wait = 0.0

    def __call__(self, call: Call, handler: BaseHTTPRequestHandler) -> None:
        time.sleep(self.wait)
        asked = call.target.removeprefix("/r4/")
        kind = asked.partition("?")[0]
        usual = {"Patient/p1": PATIENT, "Condition": bundle_of(TUMOUR), "Observation": bundle_of(ki67("k", 80))}
        found = self.answers.get(asked, self.answers.get(kind, usual.get(kind, bundle_of())))
        status, body = found if isinstance(found, tuple) else (200, found)
        answer(handler, body if isinstance(body, bytes) else json.dumps(body).encode(), status)


class Setting:
    """An EHR, its records, and the server on which they are."""

    def __init__(self, system: Hospital, records: Records, server: Server) -> None:
        self.system, self.records, self.server = system, records, server

    def authorization(self, **changed: Any) -> dict[str, Any]:
        usual = {"access_token": "secret-token", "token_type": "Bearer", "expires_in": 300, "subject": "necapp"}
        return usual | {"scope": "patient/*.rs", "patient": "p1"} | changed

    def ask(self, prefetch: Any = None, server: str = "", **changed: Any) -> Any:
        sent = hook_request("p1", prefetch or {}, fhirServer=server or f"{self.server.origin}/r4")
        return self.system.ask(OPTIONS, sent | {"fhirAuthorization": self.authorization(**changed)})

    @property
    def asked(self) -> list[str]:
        return [call.target.removeprefix("/r4/") for call in self.server.calls]


@pytest.fixture
def ehr(db: None, listed: Any) -> Iterator[Setting]:
    records, key = Records(), signing_key()
    with serving(records) as server:
        entry = {"name": "Main EHR", "issuer": ISSUER, "algorithm": "ES384", "jwks": public(key)}
        listed(entry | {"fhir_server": f"{server.origin}/r4", "client_id": "necapp"})
        yield Setting(Hospital(key), records, server)


def test_all_is_read(ehr: Setting) -> None:
    response = ehr.ask()
    assert response.status_code == 200
    assert len(response.json()["cards"]) == 2
    assert "Not sent" not in response.text and "earlier treatment" not in response.text
    assert ehr.asked[:2] == ["Patient/p1", "Condition?patient=p1&_count=200"] and len(ehr.asked) == 10
    for call in ehr.server.calls:
        assert call.method == "GET"
        assert call.headers["authorization"] == "Bearer secret-token"
        assert call.headers["accept"] == "application/fhir+json"


def test_only_what_is_missing_is_read(ehr: Setting) -> None:
    sent = {"Patient": PATIENT, "Condition": bundle_of(TUMOUR), "Procedure": None}
    assert ehr.ask(sent).status_code == 200
    assert ehr.asked[0] == "Observation?patient=p1&_count=200"
    assert not {asked for asked in ehr.asked if asked.startswith(("Patient", "Condition", "Procedure"))}


def test_nothing_is_read_where_all_that_is_required_was_sent(ehr: Setting) -> None:
    assert ehr.ask({"Patient": PATIENT, "Condition": bundle_of(TUMOUR), "Observation": None}).status_code == 200
    assert ehr.asked == []


def test_further_pages(ehr: Setting) -> None:
    second = bundle_of(observation("e", "89247-1", valueInteger=1))
    first = bundle_of(ki67("k", 80)) | {"link": [{"relation": "next", "url": f"{ehr.server.origin}/r4/pages?2"}]}
    ehr.records.answers |= {"Observation": first, "pages?2": second}
    response = ehr.ask()
    assert "ECOG 1" in response.json()["cards"][0]["detail"]


def test_a_page_elsewhere_is_not_followed(ehr: Setting) -> None:
    with serving(Records()) as other:
        elsewhere = {"link": [{"relation": "next", "url": f"{other.origin}/r4/Observation"}]}
        ehr.records.answers["Observation"] = bundle_of(ki67("k", 80)) | elsewhere
        assert ehr.ask().status_code == 412
        assert other.calls == []


def test_pages_without_end(ehr: Setting) -> None:
    again = {"link": [{"relation": "next", "url": f"{ehr.server.origin}/r4/Observation"}]}
    ehr.records.answers["Observation"] = bundle_of(ki67("k", 80)) | again
    assert ehr.ask().status_code == 412
    assert len(ehr.asked) == 10


@pytest.mark.parametrize(
    "failing",
    [
        (401, {}),
        (404, {"resourceType": "OperationOutcome"}),
        (200, {"resourceType": "OperationOutcome"}),
        (200, b"no JSON"),
        (200, b"[]"),
        (302, b""),
        (200, b" " * (2 * 1024 * 1024 + 1)),
    ],
    ids=["not allowed", "not there", "an outcome", "no JSON", "a list", "elsewhere", "too large"],
)
def test_what_cannot_be_read(failing: Any, ehr: Setting) -> None:
    ehr.records.answers["Condition"] = failing
    response = ehr.ask()
    assert response.status_code == 412
    assert "Condition" in response.json()["detail"]


def test_an_optional_kind_that_cannot_be_read(ehr: Setting) -> None:
    ehr.records.answers["Procedure"] = (500, {})
    response = ehr.ask()
    assert response.status_code == 200
    assert "Not all records of earlier treatment were sent (Procedure)" in response.text


def test_two_seconds_in_all(ehr: Setting) -> None:
    ehr.records.wait = 0.9
    start = time.perf_counter()
    assert ehr.ask().status_code == 412
    assert time.perf_counter() - start < 7  # all the records would take nine


def test_resources_of_another_patient(ehr: Setting) -> None:
    ehr.records.answers["Observation"] = bundle_of(ki67("k", 80, subject={"reference": "Patient/p2"}))
    response = ehr.ask()
    assert response.status_code == 400
    assert "another patient" in response.text


@pytest.mark.parametrize(
    "changed",
    [
        {"server": "https://fhir.evil.example/r4"},
        {"server": "http://127.0.0.1:9/r4"},
        {"subject": "another"},
        {"subject": None},
        {"expires_in": 0},
        {"expires_in": "300"},
        {"token_type": "mac"},
        {"access_token": ""},
        {"access_token": "a\r\nHost: b"},
    ],
    ids=str,
)
def test_nothing_is_read_without_leave(changed: dict[str, Any], ehr: Setting) -> None:
    assert ehr.ask(**changed).status_code == 412
    assert ehr.asked == []


def test_nothing_is_read_for_nobody(ehr: Setting, settings: Any) -> None:
    settings.CDS_REQUIRE_JWT = False
    sent = hook_request("p1", {}, fhirServer=f"{ehr.server.origin}/r4", fhirAuthorization=ehr.authorization())
    assert ehr.system.ask(OPTIONS, sent, token="").status_code == 412
    assert ehr.asked == []
