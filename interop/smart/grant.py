"""The leave to read one patient's record: asked for, exchanged once, checked, and given back when it was read."""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from accounts.outgoing import Outgoing, OutgoingError
from interop.clients import SmartServer, read_private_key
from interop.patient_record import KINDS

from .carried import Start
from .discovery import Configuration
from .failures import LaunchError

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LASTS = timedelta(minutes=4)
_DATA = re.compile(r"(?:patient|user|system)/")
# patient/Observation.rs, patient/*.read, user/Condition.r?category=…: what reads, and does nothing else.
_READS = re.compile(r"(?:patient|user|system)/[A-Za-z*]+\.(?:read|rs?|s)(?:\?\S*)?")


@dataclass(frozen=True)
class Grant:
    """What a server gave; nothing of it is stored or shown.

    tokens    the one to read with first, and any other that came along
    patient   whose record it is, "" where the server named none
    """

    tokens: tuple[str, ...] = field(repr=False)
    scopes: tuple[str, ...]
    patient: str = field(repr=False)
    identity: str = field(repr=False)

    def check(self) -> None:
        """Raises LaunchError for a leave to do more than read, and for one without a patient."""
        if any(_DATA.match(scope) and not _READS.fullmatch(scope) for scope in self.scopes):
            raise LaunchError("write-scope")
        if not self.patient:
            raise LaunchError("no-patient")


def address(found: Configuration, server: SmartServer, start: Start, launch: str, redirect_uri: str) -> str:
    """Where the browser is sent, to sign in and to choose a patient where `launch` names none."""
    challenge = urlsafe_b64encode(hashlib.sha256(start.verifier.encode()).digest()).rstrip(b"=").decode()
    scopes = ["launch" if launch else "launch/patient", *(f"patient/{kind}{found.reads}" for kind in KINDS)]
    asked = {
        "response_type": "code",
        "client_id": server.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(["openid", *scopes] if server.openid else scopes),
        "state": start.state,
        "aud": server.iss,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if launch:
        asked["launch"] = launch
    if server.openid:
        asked["nonce"] = start.nonce
    return f"{found.authorization}{'&' if '?' in found.authorization else '?'}{urlencode(asked)}"


def exchange(
    web: Outgoing,
    found: Configuration,
    server: SmartServer,
    start: Start,
    code: str,
    *,
    redirect_uri: str,
    now: datetime,
) -> Grant:
    """The code for a token, once. Raises LaunchError."""
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": start.verifier,
    }
    try:
        answer = web.post_form(found.token, sent | _as_client(server, found, now), {"Accept": "application/json"})
        said = answer.json() if answer.status == 200 else None
    except OutgoingError as error:
        raise LaunchError(error.why) from error
    except ValueError as error:
        raise LaunchError("token") from error
    if not isinstance(said, dict) or _text(said, "token_type").lower() != "bearer" or not _text(said, "access_token"):
        raise LaunchError("token")
    return Grant(
        tokens=tuple(filter(None, (_text(said, name) for name in ("access_token", "refresh_token")))),
        scopes=tuple(_text(said, "scope").split()),
        patient=_text(said, "patient"),
        identity=_text(said, "id_token"),
    )


def give_back(web: Outgoing, found: Configuration, server: SmartServer, grant: Grant, now: datetime) -> None:
    """Revoke the tokens where the server can. They end by themselves where it cannot or does not answer."""
    if not found.revocation:
        return
    with suppress(OutgoingError):
        for token in reversed(grant.tokens):  # a refresh token before what it makes
            web.post_form(found.revocation, {"token": token} | _as_client(server, found, now))


def _as_client(server: SmartServer, found: Configuration, now: datetime) -> dict[str, str]:
    """Who asks: by name, or by a signature of its own (private_key_jwt)."""
    if server.private_key is None:
        return {"client_id": server.client_id}
    from joserfc import jwt

    key = read_private_key(server.private_key)
    claims = {
        "iss": server.client_id,
        "sub": server.client_id,
        "aud": found.token,
        "jti": secrets.token_urlsafe(32),
        "iat": int(now.timestamp()),
        "exp": int((now + ASSERTION_LASTS).timestamp()),
    }
    signed = jwt.encode({"alg": "ES384", "kid": key.kid}, claims, key, algorithms=["ES384"])
    return {"client_assertion_type": ASSERTION, "client_assertion": signed}


def _text(said: dict[str, Any], key: str) -> str:
    value = said.get(key)
    return value if isinstance(value, str) else ""
