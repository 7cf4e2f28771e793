"""What is refused, by what page and with what event; the hospital is real, and does wrong what a test says."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from joserfc import jwt

from accounts import outgoing
from audit.models import Event
from audit.sentences import tell
from interop import limits
from interop.patient_record import MOST_PAGES
from tests.factories.fhir import PATIENT, ki67
from tests.factories.hospital import CLIENT, Fault, Hospital, open_hospital
from tests.factories.keys import signing_key
from tests.factories.launches import back, launched, query, signed_in_at
from tests.factories.loopback import Call, answer
from tests.trail import newest, since

pytestmark = pytest.mark.django_db


def refused(response: Any, status: int, words: str) -> None:
    assert response.status_code == status, response.content.decode()
    page = response.content.decode()
    assert "Nothing was read" in page
    assert words in page, page
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Referrer-Policy"] == "no-referrer"


def knocked(before: int, words: str) -> None:
    assert since(before) == ["refuse-launch"]
    assert str(tell([Event.objects.get(pk__gt=before)])[0]) == f"was refused when a record was to be read: {words}"


def says(body: Any, status: int = 200, **headers: str) -> Fault:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _call, handler: answer(handler, data, status, **headers)


class TestLaunch:
    @pytest.mark.parametrize("iss", ["https://evil.example/r4", "{}/", "{}/../r4", "", "javascript:alert(1)"])
    def test_a_server_that_is_not_listed(self, iss: str, client: Client, listed: Hospital) -> None:
        before = newest()
        response = client.get("/smart/launch", {"iss": iss.format(listed.iss), "launch": "x"})
        refused(response, 403, "not one of those")
        knocked(before, "a server that is not listed")
        assert (listed.calls, "smart" in response.cookies) == ([], False)
        assert "evil" not in response.content.decode()

    def test_nobody_is_listed(self, client: Client) -> None:
        refused(client.get("/smart/launch", {"iss": "https://fhir.example/r4"}), 403, "not one of those")

    def test_one_event_a_minute(self, client: Client) -> None:
        before = newest()
        with time_machine.travel(timezone.now().replace(second=1), tick=False):
            for _ in range(5):
                client.get("/smart/launch", {"iss": "https://evil.example"})
        assert since(before) == ["refuse-launch"]

    @pytest.mark.parametrize("handle", ["a b", "a\r\nX: y", "x" * 2001])
    def test_a_handle_that_is_none(self, handle: str, client: Client, listed: Hospital) -> None:
        refused(client.get("/smart/launch", {"iss": listed.iss, "launch": handle}), 400, "cannot be read")
        assert listed.calls == []

    def test_no_server_is_named(self, client: Client) -> None:
        assert client.get("/smart/launch").headers["Location"] == "/smart/"

    @pytest.mark.parametrize("path", ["", "launch", "callback"])
    def test_they_are_read_alone(self, path: str, client: Client) -> None:
        assert client.post(f"/smart/{path}").status_code == 405

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"code_challenge_methods_supported": ["plain"]}, "PKCE with S256"),
            ({"code_challenge_methods_supported": None}, "PKCE with S256"),
            ({"code_challenge_methods_supported": "S256"}, "PKCE with S256"),
            ({"token_endpoint": None}, "does not say how apps are started"),
            ({"authorization_endpoint": 7}, "does not say how apps are started"),
            ({"token_endpoint": "http://fhir.example/token"}, "not on the list, or not encrypted"),
            ({"authorization_endpoint": "https://evil.example/authorize"}, "not on the list, or not encrypted"),
            ({"authorization_endpoint": "javascript:alert(1)"}, "not on the list, or not encrypted"),
            ({"revocation_endpoint": "https://evil.example/revoke"}, "not on the list, or not encrypted"),
            ({"jwks_uri": "file:///etc/passwd"}, "not on the list, or not encrypted"),
        ],
    )
    def test_a_server_from_which_no_app_may_be_started(
        self, changes: dict[str, Any], words: str, client: Client, listed: Hospital
    ) -> None:
        listed.changes = changes
        response = client.get("/smart/launch", {"iss": listed.iss})
        refused(response, 502, words)
        assert "smart" not in response.cookies
        listed.changes = {}  # and it is asked again as soon as it is put right
        launched(client, listed)

    @pytest.mark.parametrize(
        ("fault", "status", "words"),
        [
            (says(b"<html>"), 502, "does not say how apps are started"),
            (says([]), 502, "does not say how apps are started"),
            (says({}, 404), 502, "does not say how apps are started"),
            (says(b"", 302, Location="https://evil.example/"), 502, "not on the list"),
            (says(b" " * (outgoing.MOST_BYTES + 1)), 413, "larger than"),
        ],
    )
    def test_what_it_says_of_itself(
        self, fault: Fault, status: int, words: str, client: Client, listed: Hospital
    ) -> None:
        listed.faults = {"/r4/.well-known": fault}
        refused(client.get("/smart/launch", {"iss": listed.iss}), status, words)

    def test_nobody_answers(self, client: Client, allow: Callable[..., None]) -> None:
        with open_hospital() as gone:
            allow({"name": "EHR", "iss": gone.iss, "client_id": CLIENT})
        refused(client.get("/smart/launch", {"iss": gone.iss}), 502, "cannot be reached")

    def test_a_slow_one(self, client: Client, listed: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(outgoing, "SECONDS", 0.2)
        listed.faults = {"/r4/.well-known": lambda _call, _handler: time.sleep(1)}
        refused(client.get("/smart/launch", {"iss": listed.iss}), 504, "longer than two seconds")


class TestState:
    def answered(self, client: Client, hospital: Hospital) -> dict[str, str]:
        return query(signed_in_at(launched(client, hospital)))

    def test_a_forged_one(self, client: Client, listed: Hospital) -> None:
        before = newest()
        for state in ("x" * 43, "", "ä"):
            given = self.answered(client, listed)
            refused(client.get("/smart/callback", given | {"state": state}), 400, "belongs to no start")
        knocked(before, "an answer that belongs to no start")
        assert listed.asked_for("/auth/token") == []

    def test_that_of_another_browser(self, client: Client, listed: Hospital) -> None:
        given = self.answered(client, listed)
        other = Client()
        launched(other, listed)
        refused(other.get("/smart/callback", given), 400, "belongs to no start")
        refused(Client().get("/smart/callback", given), 400, "belongs to no start")

    def test_a_cookie_that_somebody_wrote(self, client: Client, listed: Hospital) -> None:
        given = self.answered(client, listed)
        for cookie in ("", "x", client.cookies["smart"].value + "x", f"{'A' * 400}:x:y"):
            other = Client()
            other.cookies["smart"] = cookie
            refused(other.get("/smart/callback", given), 400, "belongs to no start")

    def test_after_ten_minutes(self, client: Client, listed: Hospital) -> None:
        given = self.answered(client, listed)
        with time_machine.travel(timezone.now() + timedelta(seconds=602), tick=True):
            refused(client.get("/smart/callback", given), 400, "ten minutes")

    def test_a_second_time(self, client: Client, listed: Hospital) -> None:
        given = self.answered(client, listed)
        cookie = client.cookies["smart"].value
        assert client.get("/smart/callback", given).status_code == 200
        refused(client.get("/smart/callback", given), 400, "belongs to no start")
        client.cookies["smart"] = cookie  # and the hospital takes no code twice
        refused(client.get("/smart/callback", given), 502, "did not exchange the code")

    def test_it_is_gone_after_a_refusal_too(self, client: Client, listed: Hospital) -> None:
        response = client.get("/smart/callback", self.answered(client, listed) | {"state": "x"})
        assert response.cookies["smart"].value == ""

    def test_the_answer_of_another_server(self, client: Client, listed: Hospital) -> None:
        """Who mixes up two servers gets no code sent to the wrong one (RFC 9207)."""
        given = self.answered(client, listed)
        refused(client.get("/smart/callback", given | {"iss": "https://evil.example"}), 400, "belongs to no start")
        assert listed.asked_for("/auth/token") == []

    def test_a_server_taken_off_the_list_meanwhile(
        self, client: Client, listed: Hospital, allow: Callable[..., None]
    ) -> None:
        given = self.answered(client, listed)
        allow()
        refused(client.get("/smart/callback", given), 403, "not one of those")

    def test_who_cancels_there(self, client: Client, listed: Hospital) -> None:
        state = self.answered(client, listed)["state"]
        said = {"error": "access_denied", "error_description": "Kanarienvogel", "state": state}
        response = client.get("/smart/callback", said)
        refused(response, 403, "cancelled there")
        assert "Kanarienvogel" not in response.content.decode()


class TestGrant:
    @pytest.mark.parametrize(
        "scope",
        [
            *("patient/Observation.write", "patient/*.*", "patient/*.write", "user/Observation.write"),
            *("patient/Observation.cruds", "patient/Observation.c", "patient/Observation.rsu", "patient/*.d"),
            *("system/*.u", "patient/Observation.cud?category=x", "patient/Observation", "patient/Observation.sr"),
        ],
    )
    def test_leave_to_write(self, scope: str, client: Client, listed: Hospital) -> None:
        before = newest()
        listed.granted = f"launch patient/Patient.rs {scope}"
        refused(back(client, listed), 403, "leave to change its records")
        knocked(before, "leave to write")
        assert Event.objects.get(pk__gt=before).details["server"] == "Main EHR"
        assert listed.revoked == listed.tokens
        assert listed.asked_for("/r4/Patient") == []

    @pytest.mark.parametrize(
        "scope",
        [
            *("patient/*.rs", "patient/*.read", "patient/Observation.r patient/Observation.s", "user/Condition.rs", ""),
            *("launch openid fhirUser offline_access patient/*.rs", "patient/Observation.rs?category=laboratory"),
        ],
    )
    def test_leave_to_read(self, scope: str, client: Client, listed: Hospital) -> None:
        listed.granted = scope
        assert back(client, listed).status_code == 200

    @pytest.mark.parametrize("patient", [None, "", 7, ["p1"]])
    def test_no_patient_is_named(self, patient: Any, client: Client, listed: Hospital) -> None:
        listed.patient = patient
        refused(back(client, listed, patient="p1"), 422, "named no patient")
        assert listed.revoked == listed.tokens

    @pytest.mark.parametrize("patient", ["../Observation", "p1?x=y", "p1#", "p 1", "Patient/p1", "x" * 65, "ä"])
    def test_an_id_that_is_none(self, patient: str, client: Client, listed: Hospital) -> None:
        listed.patient = patient
        refused(back(client, listed), 422, "named no patient")
        assert [target for target in listed.asked_for("/r4/") if ".well-known" not in target] == []

    @pytest.mark.parametrize(
        "changes",
        [
            *({"access_token": None}, {"access_token": ""}, {"access_token": 7}, {"token_type": "mac"}),
            {"token_type": None},
        ],
    )
    def test_no_token(self, changes: dict[str, Any], client: Client, listed: Hospital) -> None:
        listed.token_changes = changes
        refused(back(client, listed), 502, "did not exchange the code")

    @pytest.mark.parametrize(
        "fault", [says(b"<html>"), says([]), says({"error": "invalid_client"}, 401), says({}, 500)]
    )
    def test_what_answers_instead(self, fault: Fault, client: Client, listed: Hospital) -> None:
        listed.faults = {"/auth/token": fault}
        refused(back(client, listed), 502, "did not exchange the code")

    def test_a_redirect(self, client: Client, listed: Hospital) -> None:
        """Code and verifier go nowhere else."""
        with open_hospital() as other:
            listed.faults = {"/auth/token": says(b"", 307, Location=f"{other.origin}/auth/token")}
            refused(back(client, listed), 502, "not on the list")
            assert other.calls == []

    def test_a_token_that_would_be_a_header_of_its_own(self, client: Client, listed: Hospital) -> None:
        listed.token_changes = {"access_token": "x\r\nX-Evil: 1"}
        refused(back(client, listed), 403, "does not give what is needed")
        assert listed.asked_for("/r4/Patient") == []


class TestIdentity:
    @pytest.fixture
    def opened(self, hospital: Hospital, allow: Callable[..., None]) -> Hospital:
        allow({"name": "EHR", "iss": hospital.iss, "client_id": CLIENT, "openid": True})
        return hospital

    @pytest.mark.parametrize(
        "changes",
        [
            *(
                {"nonce": "other"},
                {"nonce": None},
                {"aud": "other"},
                {"aud": ["other"]},
                {"iss": "https://evil.example"},
            ),
            *({"exp": 1}, {"exp": None}, {"exp": "never"}),
        ],
    )
    def test_that_of_another_start(self, changes: dict[str, Any], client: Client, opened: Hospital) -> None:
        before = newest()
        opened.identity_changes = changes
        refused(back(client, opened), 502, "does not fit this start")
        knocked(before, "an identity of another start")
        assert opened.revoked == opened.tokens
        assert opened.asked_for("/r4/Patient") == []

    def test_none(self, client: Client, opened: Hospital) -> None:
        opened.token_changes = {"id_token": None}
        refused(back(client, opened), 502, "does not fit this start")

    def test_one_that_somebody_else_signed(self, client: Client, opened: Hospital) -> None:
        claims = {"iss": opened.iss, "aud": CLIENT, "exp": 4_000_000_000}
        forged = jwt.encode({"alg": "ES384", "kid": "hospital"}, claims, signing_key("hospital"), algorithms=["ES384"])
        for token in (forged, "e30.e30.", "eyJhbGciOiJub25lIn0.e30.", "x"):
            opened.token_changes = {"id_token": token}
            refused(back(client, opened), 502, "does not fit this start")

    def test_keys_that_are_none(self, client: Client, opened: Hospital) -> None:
        for keys in ({}, [], {"keys": [{}]}, b"x"):
            opened.faults = {"/auth/keys": says(keys)}
            refused(back(client, opened), 502, "does not fit this start")


def searchset(*resources: Any, following: str = "") -> dict[str, Any]:
    link = {"link": [{"relation": "next", "url": following}]} if following else {}
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in resources], **link}


class TestRecord:
    @pytest.mark.parametrize(
        ("fault", "status", "words"),
        [
            (says(PATIENT | {"id": "p2"}), 502, "of another patient"),
            (says(searchset(PATIENT)), 502, "no FHIR"),
            (says(b"<html>"), 502, "no FHIR"),
            (says([]), 502, "no FHIR"),
            (says({}, 403), 403, "does not give what is needed"),
            (says({}, 401), 403, "does not give what is needed"),
            (says({}, 500), 502, "a fault of its own"),
            (says(b"", 302, Location="https://evil.example/"), 502, "not on the list"),
            (says(b"x", Content_Encoding="gzip"), 502, "no FHIR"),
        ],
    )
    def test_instead_of_the_patient(
        self, fault: Fault, status: int, words: str, client: Client, listed: Hospital
    ) -> None:
        listed.faults = {"/r4/Patient": fault}
        refused(back(client, listed), status, words)
        assert listed.revoked == listed.tokens

    def test_another_patient_among_them(self, client: Client, listed: Hospital) -> None:
        listed.resources = [ki67("a", 80), ki67("b", 60, subject={"reference": "Patient/p2"})]
        refused(back(client, listed), 502, "of another patient")

    def test_pages_without_an_end(self, client: Client, listed: Hospital) -> None:
        listed.faults = {"/r4/Observation": says(searchset(following=f"{listed.iss}/Observation?page=again"))}
        refused(back(client, listed), 413, "more pages")
        assert len(listed.asked_for("/r4/Observation")) == MOST_PAGES

    def test_a_next_page_elsewhere(self, client: Client, listed: Hospital) -> None:
        """The token goes to the server that gave it, and to no other."""
        with open_hospital() as other:
            places = (
                f"{other.iss}/Observation",
                "//evil.example/x",
                "https://evil.example",
                "file:///x",
                "http://[",
                7,
            )
            for place in places:
                listed.faults = {"/r4/Observation": says(searchset(following=place))}  # type: ignore[arg-type]
                refused(back(client, listed), 502, "not on the list")
            assert other.calls == []

    def test_a_next_page_that_is_relative(self, client: Client, listed: Hospital) -> None:
        def pages(call: Call, handler: BaseHTTPRequestHandler) -> None:
            first = "page" not in call.target
            found = searchset(ki67("a", 80), following="?page=2") if first else searchset(ki67("b", 90, "2026-02-01"))
            answer(handler, json.dumps(found).encode())

        listed.faults = {"/r4/Observation": pages}
        response = back(client, listed)
        assert [row.written for row in response.context["table"].rows] == ["90"]

    def test_two_megabytes_and_one(self, client: Client, listed: Hospital) -> None:
        listed.faults = {"/r4/Observation": says(b" " * (outgoing.MOST_BYTES + 1))}
        refused(back(client, listed), 413, "larger than")

    def test_two_megabytes_together(self, client: Client, listed: Hospital) -> None:
        listed.faults = {
            f"/r4/{kind}": says(json.dumps(searchset()).encode() + b" " * 1_100_000)
            for kind in ("Observation", "Condition")
        }
        refused(back(client, listed), 413, "larger than")

    def test_nested_too_deep(self, client: Client, listed: Hospital) -> None:
        deep = json.dumps(searchset(ki67("a", 80))).replace('"valueQuantity"', '"x": ' + "[" * 99 + "]" * 99 + ', "y"')
        listed.faults = {"/r4/Observation": says(deep.encode())}
        refused(back(client, listed), 502, "no FHIR")

    def test_a_slow_one(self, client: Client, listed: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
        given = query(signed_in_at(launched(client, listed)))
        listed.faults = {"/r4/Observation": lambda _call, _handler: time.sleep(2)}
        monkeypatch.setattr(outgoing, "SECONDS", 1)
        refused(client.get("/smart/callback", given), 504, "longer than two seconds")

    def test_four_are_read_at_once(self, client: Client, listed: Hospital) -> None:
        given = query(signed_in_at(launched(client, listed)))
        with limits.reading_slot(), limits.reading_slot(), limits.reading_slot(), limits.reading_slot():
            refused(client.get("/smart/callback", given), 503, "Try again")

    def test_none_of_it_is_an_event(self, client: Client, listed: Hospital) -> None:
        """A server's fault is no knock."""
        before = newest()
        listed.faults = {"/r4/Patient": says({}, 500)}
        back(client, listed)
        assert since(before) == []
