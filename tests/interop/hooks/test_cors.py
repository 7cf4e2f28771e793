"""Pages of listed origins may ask from a browser, each for its own system; all others may not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.fhir import PATIENT
from tests.factories.hooks import ISSUER, OPTIONS, Hospital, hook_request
from tests.factories.keys import public, signing_key

pytestmark = pytest.mark.django_db

OURS, THEIRS, FOREIGN = "https://ehr.example", "https://clinic.example", "https://evil.example"
SENT = hook_request("p1", {"Patient": PATIENT, "Condition": None, "Observation": None})
ALLOW = "Access-Control-Allow-"


@pytest.fixture
def ehr(db: None, listed: Any) -> Hospital:
    system, other = Hospital(signing_key()), signing_key()
    entry = {"name": "Main EHR", "issuer": ISSUER, "algorithm": "ES384", "jwks": public(system.key)}
    clinic = {"name": "Clinic", "issuer": "https://clinic.example/", "jwks": public(other)}
    listed(entry | {"origins": [OURS]}, entry | clinic | {"origins": [THEIRS]})
    return system


@pytest.mark.parametrize("path", ["/cds-services", OPTIONS, f"{OPTIONS}/feedback"])
def test_a_browser_asks_whether_it_may(path: str, ehr: Hospital) -> None:
    answer = ehr.client.options(path, secure=True, headers={"Origin": OURS, "Access-Control-Request-Method": "POST"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers[f"{ALLOW}Origin"] == OURS
    assert answer.headers[f"{ALLOW}Methods"] == "POST, GET"
    assert answer.headers[f"{ALLOW}Headers"] == "authorization, content-type"
    assert answer.headers["Access-Control-Max-Age"] == "600"
    assert f"{ALLOW}Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("origin", [FOREIGN, "null", "https://ehr.example.evil.example", "http://ehr.example", ""])
def test_foreign_pages(origin: str, ehr: Hospital) -> None:
    for answer in (
        ehr.client.options(OPTIONS, secure=True, headers={"Origin": origin}),
        ehr.client.get("/cds-services", secure=True, headers={"Origin": origin}),
        ehr.ask(OPTIONS, SENT, Origin=origin),
    ):
        assert not [name for name in answer.headers if name.startswith(ALLOW)]


def test_answers_and_refusals_may_be_read(ehr: Hospital) -> None:
    assert ehr.client.get("/cds-services", secure=True, headers={"Origin": THEIRS}).headers[f"{ALLOW}Origin"] == THEIRS
    assert ehr.ask(OPTIONS, SENT, Origin=OURS).headers[f"{ALLOW}Origin"] == OURS
    refused = ehr.ask(OPTIONS, SENT, token="x", Origin=OURS)
    assert refused.status_code == 401 and refused.headers[f"{ALLOW}Origin"] == OURS


def test_a_page_of_another_system_may_not_read_its_answers(ehr: Hospital) -> None:
    answer = ehr.ask(OPTIONS, SENT, Origin=THEIRS)
    assert answer.status_code == 200
    assert f"{ALLOW}Origin" not in answer.headers
