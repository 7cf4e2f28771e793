"""Who is let in: a listed system, by a token that it signed for this address, now, and once. An attack is an event."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.utils import timezone
from joserfc.jwk import RSAKey

from audit.models import Event
from interop.hooks import keys
from interop.models import UsedJwt
from tests.factories.fhir import PATIENT
from tests.factories.hooks import ISSUER, OPTIONS, SERVER, Hospital, hook_request
from tests.factories.keys import public, signing_key
from tests.factories.loopback import Call, Server, answer, serving

pytestmark = pytest.mark.django_db

NOTHING_KNOWN = hook_request("p1", {"Patient": PATIENT, "Condition": None, "Observation": None})


def ask(system: Hospital, token: str | None = None) -> Any:
    return system.ask(OPTIONS, NOTHING_KNOWN, token=token)


def refusals() -> list[tuple[str, str]]:
    """Why systems were refused, and whose tokens those seemed to be."""
    events = Event.objects.filter(action="refuse-jwt").order_by("pk")
    assert all(event.address == "127.0.0.1" for event in events)
    return [(event.subject, event.details["issuer"]) for event in events]


def test_a_listed_system_is_let_in(hospital: Hospital) -> None:
    response = ask(hospital)
    assert (response.status_code, response.json()) == (200, {"cards": []})
    assert refusals() == []


def test_without_a_token(hospital: Hospital) -> None:
    response = ask(hospital, token="")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="necapp"'
    assert response.json()["type"] == "/api/problems/jwt/"


def test_a_server_asks_for_tokens(settings: Any) -> None:
    assert settings.CDS_REQUIRE_JWT is True


def test_a_wrong_token_is_refused_where_none_is_needed(hospital: Hospital, settings: Any) -> None:
    settings.CDS_REQUIRE_JWT = False
    assert ask(hospital, token="").status_code == 200
    assert ask(hospital, hospital.token(OPTIONS, aud="https://other.example/")).status_code == 401


def _segment(value: Any) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _unsigned(system: Hospital) -> str:
    head = _segment({"alg": "none", "typ": "JWT", "kid": system.key.kid})
    return f"{head}.{_segment(system.claims(OPTIONS))}."


def _by_the_public_key(system: Hospital) -> str:
    """The old confusion: the public key, which everybody has, as the secret of an HMAC."""
    head = _segment({"alg": "HS384", "typ": "JWT", "kid": system.key.kid})
    said = f"{head}.{_segment(system.claims(OPTIONS))}"
    signature = hmac.new(system.key.as_pem(private=False), said.encode(), hashlib.sha384).digest()
    return f"{said}.{_encoded(signature)}"


ATTACKS: dict[str, tuple[Callable[[Hospital], str], str, str]] = {
    "no algorithm": (_unsigned, "an algorithm that is not allowed", "Main EHR"),
    "HMAC with the public key": (_by_the_public_key, "an algorithm that is not allowed", "Main EHR"),
    "another allowed algorithm": (
        lambda system: system.token(
            OPTIONS, header={"alg": "RS384"}, key=RSAKey.generate_key(2048, {"kid": system.key.kid}, private=True)
        ),
        "another algorithm than the one listed for the issuer",
        "Main EHR",
    ),
    "expired": (
        lambda system: system.token(OPTIONS, now=timezone.now() - timedelta(minutes=7)),
        "a token that is expired",
        "Main EHR",
    ),
    "of a later time": (
        lambda system: system.token(OPTIONS, now=timezone.now() + timedelta(minutes=2)),
        "a token of a later time",
        "Main EHR",
    ),
    "for an hour": (
        lambda system: system.token(OPTIONS, exp=int(timezone.now().timestamp()) + 3600),
        "a token for longer than 5 minutes",
        "Main EHR",
    ),
    "for ever": (lambda system: system.token(OPTIONS, exp=None), "a token without a time (exp)", "Main EHR"),
    "without a beginning": (lambda system: system.token(OPTIONS, iat=None), "a token without a time (iat)", "Main EHR"),
    "for another address": (
        lambda system: system.token(OPTIONS, aud=f"{SERVER}/cds-services/necapp-orders"),
        "a token for another address (aud)",
        "Main EHR",
    ),
    "without an address": (
        lambda system: system.token(OPTIONS, aud=None),
        "a token for another address (aud)",
        "Main EHR",
    ),
    "without a number": (
        lambda system: system.token(OPTIONS, jti=None),
        "a token without a number of its own (jti)",
        "Main EHR",
    ),
    "of an unknown key": (
        lambda system: system.token(OPTIONS, header={"kid": "k2"}),
        "a key (kid) that the issuer has not published",
        "Main EHR",
    ),
    "of no key": (
        lambda system: system.token(OPTIONS, header={"kid": None}),
        "a token that names no key (kid)",
        "Main EHR",
    ),
    "of another key under its name": (
        lambda system: system.token(OPTIONS, key=signing_key(str(system.key.kid))),
        "a wrong signature",
        "Main EHR",
    ),
    "with keys from elsewhere": (
        lambda system: system.token(OPTIONS, header={"jku": "https://evil.example/jwks.json"}),
        "a place of keys (jku) that is not listed for the issuer",
        "Main EHR",
    ),
    "of a foreign issuer": (
        lambda system: system.token(OPTIONS, iss="https://evil.example/"),
        "an issuer that is not listed",
        "not listed",
    ),
    "of another type": (
        lambda system: system.token(OPTIONS, header={"typ": "at+jwt"}),
        "a token of another type than JWT",
        "Main EHR",
    ),
    "no token": (lambda system: "nec_0123456789_secret", "no token as CDS Hooks has it", "not listed"),
    "no JSON": (lambda system: f"{_segment([])}.{_segment(7)}.AAAA", "no token as CDS Hooks has it", "not listed"),
    "too long": (lambda system: "e" * 9000, "no token as CDS Hooks has it", "not listed"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack(name: str, hospital: Hospital) -> None:
    attack, reason, issuer = ATTACKS[name]
    response = ask(hospital, attack(hospital))
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="necapp", error="invalid_token"'
    assert reason not in response.text  # who is refused does not learn why
    assert refusals() == [(reason, issuer)]
    assert not UsedJwt.objects.exists()


@pytest.mark.postgresql
def test_a_token_is_good_once(hospital: Hospital) -> None:
    token = hospital.token(OPTIONS)
    assert ask(hospital, token).status_code == 200
    assert ask(hospital, token).status_code == 401
    assert refusals() == [("a token that was used before", "Main EHR")]
    used = UsedJwt.objects.get()
    assert used.issuer == ISSUER and len(used.jti) == 64


def test_a_used_token_is_forgotten_when_it_is_too_old(hospital: Hospital) -> None:
    assert ask(hospital).status_code == 200
    UsedJwt.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert ask(hospital).status_code == 200
    assert UsedJwt.objects.count() == 1


@pytest.mark.parametrize("seconds", [-355, 55])
def test_clocks_may_differ_by_a_minute(seconds: int, hospital: Hospital) -> None:
    token = hospital.token(OPTIONS, now=timezone.now() + timedelta(seconds=seconds))
    assert ask(hospital, token).status_code == 200


def test_one_of_several_addresses(hospital: Hospital) -> None:
    token = hospital.token(OPTIONS, aud=["https://other.example/", f"{SERVER}{OPTIONS}"])
    assert ask(hospital, token).status_code == 200


def test_rsa(hospital: Hospital, listed: Any) -> None:
    system = Hospital(RSAKey.generate_key(2048, {"kid": "r1"}, private=True), algorithm="RS384")
    jwks = {"keys": [system.key.as_dict(private=False)]}
    listed({"name": "Other EHR", "issuer": ISSUER, "algorithm": "RS384", "jwks": jwks})
    assert ask(system).status_code == 200


def test_who_knocks_too_often(hospital: Hospital) -> None:
    answers = [ask(hospital, "x").status_code for _ in range(121)]  # of any minute and the next, one has too many
    assert set(answers[:60]) == {401}
    assert 429 in answers
    assert len(refusals()) == answers.count(401)


class Published:
    """Keys where a hospital publishes them, which may change."""

    def __init__(self, *published: Any) -> None:
        self.keys = published
        self.status = 200

    def __call__(self, call: Call, handler: BaseHTTPRequestHandler) -> None:
        answer(handler, json.dumps(public(*self.keys)).encode(), self.status)


@pytest.fixture
def published(db: None, listed: Any) -> Iterator[tuple[Hospital, Published, Server]]:
    key = signing_key("k1")
    keys_there = Published(key)
    with serving(keys_there) as server:
        jku = f"{server.origin}/jwks.json"
        listed({"name": "Main EHR", "issuer": ISSUER, "algorithm": "ES384", "jku": jku})
        yield Hospital(key, jku=jku), keys_there, server


def test_keys_are_fetched_once_in_ten_minutes(published: tuple[Hospital, Published, Server], time_machine: Any) -> None:
    system, _, server = published
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    assert [ask(system).status_code for _ in range(3)] == [200, 200, 200]
    time_machine.move_to(start + timedelta(minutes=9, seconds=59), tick=False)
    assert ask(system).status_code == 200
    assert len(server.calls) == 1
    time_machine.move_to(start + timedelta(minutes=10), tick=False)
    assert ask(system).status_code == 200
    assert [call.target for call in server.calls] == ["/jwks.json", "/jwks.json"]


def test_a_new_key_is_looked_for_once(published: tuple[Hospital, Published, Server]) -> None:
    system, keys_there, server = published
    assert ask(system).status_code == 200
    second = signing_key("k2")
    keys_there.keys = (*keys_there.keys, second)
    assert ask(Hospital(second, jku=system.jku)).status_code == 200
    assert len(server.calls) == 2
    unknown = Hospital(signing_key("k3"), jku=system.jku)
    assert [ask(unknown).status_code for _ in range(3)] == [401, 401, 401]
    assert len(server.calls) == 3
    assert {reason for reason, _ in refusals()} == {"a key (kid) that the issuer has not published"}


def test_keys_that_cannot_be_read(published: tuple[Hospital, Published, Server]) -> None:
    system, keys_there, _ = published
    keys_there.status = 500
    assert ask(system).status_code == 401
    assert refusals() == [("keys (jku) that could not be read", "Main EHR")]
    keys.forget()
    keys_there.status = 302
    assert ask(system).status_code == 401
    assert refusals()[1:] == [("keys (jku) that could not be read: redirect", "Main EHR")]


def test_a_foreign_place_of_keys_is_never_asked(published: tuple[Hospital, Published, Server]) -> None:
    system, _, server = published
    with serving(Published(system.key)) as foreign:
        attacker = Hospital(system.key, jku=f"{foreign.origin}/jwks.json")
        assert ask(attacker).status_code == 401
        assert foreign.calls == [] and server.calls == []
