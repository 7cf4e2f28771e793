"""A launch from a record and one without, walked as a browser does; the hospital checks what it is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from interop.patient_record import KINDS
from tests import valid_html
from tests.factories.fhir import ICD10, condition, dose, ki67
from tests.factories.hospital import CLIENT, Hospital
from tests.factories.keys import private_file, signing_key
from tests.factories.launches import back, launched, query, signed_in_at
from tests.factories.loopback import answer
from tests.pseudo_language import in_force, untranslated

pytestmark = pytest.mark.django_db

EP = [dose(f"{drug}-{day}", drug, day) for drug in ("L01XA01", "L01CB01") for day in ("2025-01-06", "2025-01-27")]
RECORD = [condition("c", ICD10, "C25.9"), ki67("k", 72.5), *EP]


def rows(response: Any) -> dict[str, Any]:
    assert response.status_code == 200, response.content.decode()
    return {row.name: row for row in response.context["table"].rows}


def test_from_an_open_record(client: Client, listed: Hospital) -> None:
    listed.resources = RECORD
    response = back(client, listed, "handle-1")
    found = rows(response)
    assert (found["ki67"].written, found["ki67"].is_ticked) == ("72.5", True)
    assert found["primary_site"].is_ticked and found["lines_received"].written == "1"
    asked = listed.asked[0]
    scopes = asked.pop("scope").split()
    assert asked.pop("redirect_uri") == "http://testserver/smart/callback"
    assert (asked["launch"], asked["aud"], "nonce" in asked) == ("handle-1", listed.iss, False)
    assert scopes == ["launch", *(f"patient/{kind}.rs" for kind in KINDS)]
    assert len(asked["state"]) == 43
    page = response.content.decode()
    assert "Main EHR" in page
    assert 'action="/fill/take/"' in page
    assert "did not give" not in page


def test_without_one_a_patient_is_chosen_there(client: Client, listed: Hospital) -> None:
    listed.resources = RECORD
    page = client.get("/smart/").content.decode()
    address = f"/smart/launch?iss={listed.iss.replace(':', '%3A').replace('/', '%2F')}"
    assert f'href="{address}"' in page
    assert 'action="/smart' not in page
    to = client.get(address).headers["Location"]
    assert rows(client.get("/smart/callback", query(signed_in_at(to))))["ki67"].written == "72.5"
    assert "launch" not in listed.asked[0]
    assert listed.asked[0]["scope"].split()[0] == "launch/patient"


def test_the_values_fill_the_form(client: Client, listed: Hospital) -> None:
    listed.resources = RECORD
    back(client, listed)
    fields = {"take": ["ki67", "primary_site"], "ki67": "72.5", "primary_site": "pancreas", "decimal_mark": "."}
    form = client.post("/fill/take/", fields).context["form"]
    assert (form["ki67"].value(), form["primary_site"].value()) == ("72.5", "pancreas")


def test_a_client_with_a_key(client: Client, hospital: Hospital, allow: Callable[..., None], tmp_path: Path) -> None:
    """Signed with ES384, each time anew: the hospital looks."""
    key = signing_key()
    hospital.client_key = key
    server = {"name": "EHR", "iss": hospital.iss, "client_id": CLIENT, "private_key": str(private_file(tmp_path, key))}
    allow(server)
    assert rows(back(client, hospital)) == {}
    assert hospital.revoked == hospital.tokens
    assert "client_id=" not in str([call.body for call in hospital.calls])


def test_a_server_that_demands_openid(client: Client, hospital: Hospital, allow: Callable[..., None]) -> None:
    allow({"name": "EHR", "iss": hospital.iss, "client_id": CLIENT, "openid": True})
    assert back(client, hospital).status_code == 200
    assert hospital.asked[0]["scope"].split()[0] == "openid"
    assert len(hospital.asked[0]["nonce"]) == 43


def test_a_server_that_knows_the_first_version_alone(client: Client, listed: Hospital) -> None:
    listed.changes = {"capabilities": ["launch-ehr", "permission-v1"]}
    assert back(client, listed).status_code == 200
    assert "patient/Observation.read" in listed.asked[0]["scope"].split()


def test_an_authorization_server_elsewhere(client: Client, hospital: Hospital, allow: Callable[..., None]) -> None:
    """On a host of its own, which is listed."""
    other = hospital.origin.replace("127.0.0.1", "localhost")
    names = ("authorization", "token", "revocation")
    hospital.changes = {f"{name}_endpoint": f"{other}/auth/{name[:9].rstrip('z')}" for name in names}
    hospital.changes |= {
        "authorization_endpoint": f"{other}/auth/authorize",
        "revocation_endpoint": f"{other}/auth/revoke",
    }
    allow({"name": "EHR", "iss": hospital.iss, "client_id": CLIENT, "origins": [other]})
    assert back(client, hospital).status_code == 200
    allow({"name": "EHR", "iss": hospital.iss, "client_id": CLIENT})
    response = client.get("/smart/launch", {"iss": hospital.iss})
    assert response.status_code == 502
    assert "not on the list" in response.content.decode()


class TestReading:
    def test_each_kind_is_searched_for_once_by_patient(self, client: Client, listed: Hospital) -> None:
        back(client, listed)
        read = [target for target in listed.asked_for("/r4/") if ".well-known" not in target]
        searches = {f"/r4/{kind}?patient=p1&_count=200" for kind in KINDS if kind != "Patient"}
        assert sorted(read) == sorted({"/r4/Patient/p1", *searches})
        assert {call.method for call in listed.calls if call.target.startswith("/r4/")} == {"GET"}

    def test_all_pages(self, client: Client, listed: Hospital) -> None:
        """The newest value is on the last one."""
        listed.resources = [ki67(str(number), number, f"2025-01-{number:02}") for number in range(1, 21)]
        listed.page_size = 2
        assert rows(back(client, listed))["ki67"].written == "20"

    def test_what_a_server_does_not_have_is_named(self, client: Client, listed: Hospital) -> None:
        listed.resources = RECORD
        listed.faults = {"/r4/AdverseEvent": lambda _call, handler: answer(handler, b"{}", 404)}
        response = back(client, listed)
        assert response.context["missing"] == ("AdverseEvent",)
        assert rows(response)["lines_received"].written == "1"
        assert "did not give, or not completely: AdverseEvent." in response.content.decode()

    def test_lines_are_not_counted_from_a_part_of_therapy(self, client: Client, listed: Hospital) -> None:
        listed.resources = RECORD
        listed.faults = {"/r4/MedicationStatement": lambda _call, handler: answer(handler, b"{}", 500)}
        response = back(client, listed)
        assert "lines_received" not in rows(response)
        assert "MedicationAdministration" in response.context["missing"]
        assert rows(response)["ki67"].is_ticked


class TestAfterwards:
    def test_the_token_is_given_back(self, client: Client, listed: Hospital) -> None:
        listed.token_changes = {"refresh_token": "refresh"}
        back(client, listed)
        assert listed.revoked == ["refresh", *listed.tokens]

    def test_where_the_server_can(self, client: Client, listed: Hospital) -> None:
        listed.changes = {"revocation_endpoint": None}
        assert back(client, listed).status_code == 200
        assert listed.revoked == []

    def test_a_server_that_does_not_take_it_back(self, client: Client, listed: Hospital) -> None:
        listed.faults = {"/auth/revoke": lambda _call, handler: answer(handler, b"", 503)}
        assert back(client, listed).status_code == 200

    def test_headers_of_the_table(self, client: Client, listed: Hospital) -> None:
        response = back(client, listed)
        assert "no-store" in response.headers["Cache-Control"]
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert '<meta name="referrer" content="strict-origin">' in response.content.decode()
        policy = response.headers["Content-Security-Policy"]
        assert "form-action 'self'" in policy and "frame-ancestors 'none'" in policy

    def test_code_and_state_are_in_no_link(self, client: Client, listed: Hospital) -> None:
        address = query(signed_in_at(launched(client, listed)))
        page = client.get("/smart/callback", address).content.decode()
        assert address["code"] not in page
        assert address["state"] not in page
        assert client.get("/smart/callback").headers["Location"] == "/smart/"

    def test_the_cookie(self, client: Client, listed: Hospital, settings: Any) -> None:
        settings.SMART_COOKIE_SECURE = True
        response = client.get("/smart/launch", {"iss": listed.iss, "launch": "x"})
        cookie = response.cookies["smart"]
        assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["path"], cookie["max-age"]) == ("/smart/", 600)
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response.headers["Cache-Control"]
        assert list(response.cookies) == ["smart"]

    def test_it_is_gone_after_use(self, client: Client, listed: Hospital) -> None:
        response = back(client, listed)
        cookie = response.cookies["smart"]
        assert (cookie.value, cookie["max-age"], cookie["path"]) == ("", 0, "/smart/")

    def test_nobody_gets_a_session(self, client: Client, listed: Hospital) -> None:
        back(client, listed)
        assert "sessionid" not in client.cookies


def test_the_pages_are_valid(client: Client, listed: Hospital) -> None:
    listed.resources = RECORD
    listed.faults = {"/r4/AdverseEvent": lambda _call, handler: answer(handler, b"{}", 404)}
    valid_html.check(client.get("/smart/"))
    valid_html.check(back(client, listed))
    valid_html.check(client.get("/smart/callback?state=x"), status=400)


def test_every_word_of_the_pages_is_translated(pseudo_client: Client, listed: Hospital) -> None:
    known = in_force().with_names("Main EHR")
    for address in ("/smart/", "/smart/callback?state=x", "/smart/launch?iss=x"):
        assert untranslated(pseudo_client.get(address).content.decode(), known) == []


def test_what_it_can_is_asked_once_in_ten_minutes(client: Client, listed: Hospital) -> None:
    back(client, listed)
    back(client, listed)
    assert len(listed.asked_for("/r4/.well-known/")) == 1


def test_no_server_is_set_up(client: Client) -> None:
    assert "No server is set up here." in client.get("/smart/").content.decode()
    assert "/smart/" not in client.get("/fill/").content.decode()


def test_the_page_that_takes_a_record_leads_there(client: Client, listed: Hospital) -> None:
    assert 'href="/smart/"' in client.get("/fill/").content.decode()
