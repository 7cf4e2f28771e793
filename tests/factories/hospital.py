"""A hospital for tests: a FHIR server with its authorization server on this machine, as SMART App Launch 2.2 has them.

It asks of the app what a real one does: PKCE, the audience, the client's signature, each code once, a token that was
not revoked. What it does wrong is for a test to set.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from .fhir import PATIENT, Resource
from .keys import public, signing_key
from .loopback import Call, Server, answer, serving

CLIENT = "necapp"
Fault = Callable[[Call, BaseHTTPRequestHandler], None]


@dataclass
class Hospital:
    """What it holds and how it answers.

    origin        where it is
    resources     of its one patient, p1 where none of them is a Patient
    client_key    the app's public key; None: a public client
    granted       the scopes that it gives whatever was asked
    patient       whom the token names, None for nobody
    changes       laid over its configuration; None takes a key away
    token_changes laid over the answer with the token
    page_size     resources a page of a search
    faults        what answers instead, by the start of a path
    asked         what the app asked for at the sign-in
    revoked       tokens that were given back
    app           where the app is, for the link in its record
    """

    origin: str = ""
    resources: list[Resource] = field(default_factory=list)
    client_key: ECKey | None = None
    granted: str | None = None
    patient: str | None = "p1"
    changes: dict[str, Any] = field(default_factory=dict)
    token_changes: dict[str, Any] = field(default_factory=dict)
    identity_changes: dict[str, Any] = field(default_factory=dict)
    page_size: int = 200
    faults: dict[str, Fault] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    app: str = ""
    server: Server | None = None
    identity_key: ECKey = field(default_factory=lambda: signing_key("hospital"))
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _assertions: set[str] = field(default_factory=set)

    @property
    def iss(self) -> str:
        return f"{self.origin}/r4"

    @property
    def calls(self) -> list[Call]:
        assert self.server is not None
        return self.server.calls

    def asked_for(self, start: str) -> list[str]:
        """The addresses below one that were asked for."""
        return [call.target for call in self.calls if call.target.startswith(start)]

    def respond(self, call: Call, handler: BaseHTTPRequestHandler) -> None:
        path = urlsplit(call.target).path
        for start, fault in self.faults.items():
            if path.startswith(start):
                fault(call, handler)
                return
        match call.method, path:
            case "GET", "/record":
                answer(handler, self._record().encode(), media_type="text/html")
            case "GET", "/r4/.well-known/smart-configuration":
                _send(handler, self._configuration())
            case "GET", "/auth/authorize":
                self._authorize(call, handler)
            case "GET", "/auth/keys":
                _send(handler, public(self.identity_key))
            case "POST", "/auth/token":
                self._token(call, handler)
            case "POST", "/auth/revoke":
                self._as_client(_form(call))
                self.revoked.append(_form(call)["token"])
                _send(handler, {})
            case "GET", _ if path.startswith("/r4/"):
                self._read(call, handler, path.removeprefix("/r4/"))
            case _:
                _send(handler, {"error": "not_found"}, 404)

    def _record(self) -> str:
        """The page of a record, with the link that starts the app."""
        start = f"{self.app}smart/launch?{urlencode({'iss': self.iss, 'launch': 'handle'})}"
        head = '<meta charset="utf-8"><title>Record</title><link rel="icon" href="data:,">'
        body = f'<a href="{escape(start)}">necapp</a>'
        return f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{body}</body></html>'

    def _configuration(self) -> dict[str, Any]:
        said = {
            "issuer": self.iss,
            "authorization_endpoint": f"{self.origin}/auth/authorize",
            "token_endpoint": f"{self.origin}/auth/token",
            "revocation_endpoint": f"{self.origin}/auth/revoke",
            "jwks_uri": f"{self.origin}/auth/keys",
            "code_challenge_methods_supported": ["S256"],
            "grant_types_supported": ["authorization_code"],
            "capabilities": ["launch-ehr", "launch-standalone", "client-public", "permission-v2"],
        } | self.changes
        return {key: value for key, value in said.items() if value is not None}

    def _authorize(self, call: Call, handler: BaseHTTPRequestHandler) -> None:
        """Who signs in here is signed in: straight on to the app."""
        asked = {name: values[-1] for name, values in parse_qs(urlsplit(call.target).query).items()}
        self.asked.append(asked)
        is_right = (asked["response_type"], asked["client_id"], asked["aud"]) == ("code", CLIENT, self.iss)
        assert is_right and asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
        answer(handler, b"", 302, Location=back)

    def _token(self, call: Call, handler: BaseHTTPRequestHandler) -> None:
        form = _form(call)
        self._as_client(form)
        asked = self._codes.pop(form["code"], None)
        challenge = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        is_right = asked and (asked["redirect_uri"], asked["code_challenge"]) == (form["redirect_uri"], challenge)
        if not asked or not is_right or form["grant_type"] != "authorization_code":
            _send(handler, {"error": "invalid_grant"}, 400)
            return
        token = secrets.token_urlsafe(24)
        self.tokens.append(token)
        scope = asked["scope"] if self.granted is None else self.granted
        said = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": scope,
            "patient": self.patient,
        }
        if "openid" in asked["scope"].split():
            said["id_token"] = self._identity(asked)
        said |= self.token_changes
        _send(handler, {key: value for key, value in said.items() if value is not None}, Cache_Control="no-store")

    def _identity(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {"iss": self.iss, "sub": "dr", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        header = {"alg": "ES384", "kid": "hospital"}
        return jwt.encode(header, claims | self.identity_changes, self.identity_key, algorithms=["ES384"])

    def _as_client(self, form: dict[str, str]) -> None:
        """It is the app that was registered."""
        if self.client_key is None:
            assert form["client_id"] == CLIENT and "client_assertion" not in form
            return
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        token = jwt.decode(form["client_assertion"], self.client_key, algorithms=["ES384"])
        claims, now = token.claims, time.time()
        assert token.header["kid"] == self.client_key.kid
        assert (claims["iss"], claims["sub"], claims["aud"]) == (CLIENT, CLIENT, f"{self.origin}/auth/token")
        assert now - 60 < claims["iat"] <= now + 60 and now < claims["exp"] <= now + 300
        assert claims["jti"] not in self._assertions
        self._assertions.add(claims["jti"])

    def _read(self, call: Call, handler: BaseHTTPRequestHandler, path: str) -> None:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens or token in self.revoked:
            _send(handler, {"resourceType": "OperationOutcome"}, 401)
            return
        if path.startswith("Patient/"):
            found = [each for each in self._of("Patient") if each["id"] == path.removeprefix("Patient/")]
            _send(handler, found[0] if found else {"resourceType": "OperationOutcome"}, 200 if found else 404)
            return
        query = {name: values[-1] for name, values in parse_qs(urlsplit(call.target).query).items()}
        assert query["patient"] == self.patient
        first = int(query.get("from", 0))
        found = self._of(path)
        bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
        bundle["entry"] = [
            {"fullUrl": f"{self.iss}/{path}/{each['id']}", "resource": each, "search": {"mode": "match"}}
            for each in found[first : first + self.page_size]
        ]
        if first + self.page_size < len(found):
            following = urlencode({"patient": self.patient, "from": first + self.page_size})
            bundle["link"] = [{"relation": "next", "url": f"{self.iss}/{path}?{following}"}]
        _send(handler, bundle)

    def _of(self, kind: str) -> list[Resource]:
        found = [each for each in self.resources if each["resourceType"] == kind]
        return found or [PATIENT] * (kind == "Patient")


@contextmanager
def open_hospital(host: str = "127.0.0.1", **given: Any) -> Iterator[Hospital]:
    """Runs while the block does. `host` by which name of this machine it is known."""
    hospital = Hospital(**given)
    with serving(hospital.respond) as server:
        hospital.origin = server.origin.replace("127.0.0.1", host)
        hospital.server = server
        yield hospital


def _form(call: Call) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(call.body.decode(), keep_blank_values=True).items()}


def _send(handler: BaseHTTPRequestHandler, said: Any, status: int = 200, **headers: str) -> None:
    answer(handler, json.dumps(said).encode(), status, **headers)
