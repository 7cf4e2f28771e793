"""An identity provider for tests, on this machine: OpenID Connect as a hospital's has it, with faults that a test sets.

It holds to what it is sent as a real one does: the client's secret, PKCE, the address to go back to, each code once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey

from .keys import public, signing_key
from .loopback import Call, Server, answer, serving

CLIENT, SECRET = "necapp", "of tests alone"
CALLBACK = "/account/oidc/callback"
Fault = Callable[[Call, BaseHTTPRequestHandler], None]


@dataclass
class IdentityProvider:
    """Whom it knows and how it answers.

    origin        where it is, which is its issuer
    person        what it says of who signs in now
    changes       laid over its configuration; None takes a key away
    claim_changes laid over the claims of its token; None takes one away
    answer_changes laid over the answer with the token
    sign          how the claims become a token
    faults        what answers instead, by the start of a path
    asked         what the app asked for at the sign-in
    """

    origin: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    claim_changes: dict[str, Any] = field(default_factory=dict)
    answer_changes: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    key: ECKey = field(default_factory=lambda: signing_key("provider"))
    sign: Callable[[dict[str, Any]], str] | None = None
    secret: str = SECRET
    userinfo: dict[str, Any] = field(default_factory=dict)
    server: Server | None = None
    _codes: dict[str, tuple[dict[str, str], dict[str, Any]]] = field(default_factory=dict)

    @property
    def calls(self) -> list[Call]:
        assert self.server is not None
        return self.server.calls

    def signs_in(self, to: str, **person: Any) -> str:
        """What somebody's browser brings back who was sent there and signed in: the path and its query."""
        asked = {name: values[-1] for name, values in parse_qs(urlsplit(to).query).items()}
        self.asked.append(asked)
        assert to.startswith(f"{self.origin}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
        code = secrets.token_urlsafe(16)
        self._codes[code] = (asked, self.person | person)
        assert urlsplit(asked["redirect_uri"]).path == CALLBACK
        return f"{CALLBACK}?code={code}&state={asked['state']}"

    def respond(self, call: Call, handler: BaseHTTPRequestHandler) -> None:
        path = urlsplit(call.target).path
        for start, fault in self.faults.items():
            if path.startswith(start):
                fault(call, handler)
                return
        match call.method, path:
            case "GET", "/.well-known/openid-configuration":
                send(handler, self._configuration())
            case "GET", "/keys":
                send(handler, public(self.key))
            case "POST", "/token":
                self._token(call, handler)
            case "GET", "/userinfo":
                send(handler, self.userinfo)
            case _:
                send(handler, {"error": "not_found"}, 404)

    def _configuration(self) -> dict[str, Any]:
        said = {
            "issuer": self.origin,
            "authorization_endpoint": f"{self.origin}/authorize",
            "token_endpoint": f"{self.origin}/token",
            "jwks_uri": f"{self.origin}/keys",
            "userinfo_endpoint": f"{self.origin}/userinfo",
            "end_session_endpoint": f"{self.origin}/logout?x=1",
        } | self.changes
        return {key: value for key, value in said.items() if value is not None}

    def _token(self, call: Call, handler: BaseHTTPRequestHandler) -> None:
        form = {name: values[-1] for name, values in parse_qs(call.body.decode()).items()}
        given = call.headers.get("authorization", "").removeprefix("Basic ")
        client = b64decode(given).decode() if given else f"{form.get('client_id')}:{form.get('client_secret')}"
        asked, person = self._codes.pop(form["code"], ({}, {}))
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if client != f"{CLIENT}:{self.secret}":
            send(handler, {"error": "invalid_client"}, 401)
        elif (asked.get("redirect_uri"), asked.get("code_challenge")) != (form["redirect_uri"], challenge):
            send(handler, {"error": "invalid_grant"}, 400)
        else:
            access = secrets.token_urlsafe(24)
            said = {"access_token": access, "token_type": "Bearer", "id_token": self._signed(asked, person, access)}
            send(handler, said | self.answer_changes)

    def _signed(self, asked: dict[str, str], person: dict[str, Any], access: str) -> str:
        now = int(datetime.now(UTC).timestamp())
        half = hashlib.sha384(access.encode()).digest()[:24]
        claims = {
            "iss": self.origin,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": asked["nonce"],
            "at_hash": urlsafe_b64encode(half).rstrip(b"=").decode(),
        }
        claims |= person | self.claim_changes
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.sign:
            return self.sign(claims)
        return jwt.encode({"alg": "ES384", "kid": self.key.kid}, claims, self.key, algorithms=["ES384"])


@contextmanager
def open_identity_provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    with serving(provider.respond) as server:
        provider.server, provider.origin = server, server.origin
        yield provider


def settings_of(issuer: str, **changes: Any) -> dict[str, Any]:
    """Those of a hospital whose provider this is."""
    return {
        "OIDC_ISSUER": issuer,
        "OIDC_CLIENT_ID": CLIENT,
        "OIDC_CLIENT_SECRET": SECRET,
        "OIDC_ROLES": {
            "curators": "Curator",
            "publishers": "Publisher",
            "tumour board": ["Board member", "Clinician"],
            "it": "Administrator",
        },
        "OIDC_BREAK_GLASS": ["glass"],
    } | changes


def begun(client: Client, **query: str) -> str:
    """Where a browser is sent that begins to sign in."""
    return str(client.get("/account/oidc/", query).headers["Location"])


def unsigned(claims: dict[str, Any]) -> str:
    """A token by the algorithm "none"."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join([*(b64encode(part, b"-_").rstrip(b"=").decode() for part in parts), ""])


def signed_by_secret(claims: dict[str, Any], secret: str) -> str:
    """A token by HS256, as a library makes none with a public key for its secret."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "kid": "provider"}, claims)]
    written = ".".join(b64encode(part, b"-_").rstrip(b"=").decode() for part in parts)
    mark = hmac.new(secret.encode(), written.encode(), "sha256").digest()
    return f"{written}.{b64encode(mark, b'-_').rstrip(b'=').decode()}"


def send(handler: BaseHTTPRequestHandler, content: Any, status: int = 200, **headers: str) -> None:
    answer(handler, json.dumps(content).encode(), status, **headers)
