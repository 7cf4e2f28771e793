"""Whether a call is of a system that is listed: by a token that it signed, for this address, now, and once.

    Authorization: Bearer <JWT>      alg as listed, typ JWT, kid, jku as listed; iss, aud, exp, iat, jti

Nothing in a token is believed before its signature is, but where its keys are looked for, and that is listed. A refusal
is 401 and an event, which says why to administrators and to nobody else. Source: INTEROP, section 8.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from joserfc import jws
from joserfc.errors import JoseError

from audit.middleware import address_of
from interop.actions import note_refused_jwt
from interop.api import limits
from interop.api.problems import Problem
from interop.clients import ALGORITHMS, Clients, HooksClient
from interop.models import UsedJwt

from . import keys

LONGEST_LIFE = timedelta(minutes=5)
SKEW = timedelta(seconds=60)  # by how much clocks may differ
LONGEST_TOKEN = 8 * 1024
LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()

_REGISTRY = jws.JWSRegistry(algorithms=[*ALGORITHMS], strict_check_header=False)
_REGISTRY.max_header_length = LONGEST_TOKEN


class Untrusted(Exception):  # noqa: N818 - says what a token is
    """A token that lets nobody in; `reason` is for administrators, `client` whose it says it is, if that is listed."""

    def __init__(self, reason: str, client: HooksClient | None = None):
        self.reason, self.client = reason, client
        super().__init__(reason)


def client_of(request: HttpRequest, known: Clients, now: datetime) -> HooksClient | None:
    """The system that calls; None where none has to say who it is and none does. Raises Problem."""
    sent = request.headers.get("Authorization")
    if sent is None:
        if settings.CDS_REQUIRE_JWT:
            raise Problem("jwt", headers={"WWW-Authenticate": 'Bearer realm="necapp"'})
        return None
    try:
        return _client(sent, request.build_absolute_uri(), known, now)
    except Untrusted as untrusted:
        address = limits.caller_at(address_of(request))
        if limits.count(address, limits.KNOCKS, now) > limits.ANONYMOUS[limits.KNOCKS]:
            raise limits.too_many("Too many calls with a token that lets nobody in.", now) from None
        note_refused_jwt(untrusted.reason, untrusted.client.name if untrusted.client else "")
        challenge = 'Bearer realm="necapp", error="invalid_token"'
        raise Problem("jwt", headers={"WWW-Authenticate": challenge}) from None


def _client(sent: str, address: str, known: Clients, now: datetime) -> HooksClient:
    """The system that signed a token for this address. Raises Untrusted."""
    scheme, _, credentials = sent.partition(" ")
    token = credentials.strip().encode("latin-1", "replace")
    if scheme.lower() != "bearer" or len(token) > LONGEST_TOKEN:
        raise Untrusted("no token as CDS Hooks has it")
    try:
        claimed = jws.extract_compact(token, registry=_REGISTRY)
        header, client = dict(claimed.headers()), known.issuer(_text(_claims(claimed.payload), "iss"))
    except (JoseError, ValueError, TypeError, RecursionError):
        raise Untrusted("no token as CDS Hooks has it") from None
    algorithm = _text(header, "alg")
    if algorithm not in ALGORITHMS:
        raise Untrusted("an algorithm that is not allowed", client)
    if client is None:
        raise Untrusted("an issuer that is not listed")
    if algorithm != client.algorithm:
        raise Untrusted("another algorithm than the one listed for the issuer", client)
    if str(header.get("typ")).upper() != "JWT":
        raise Untrusted("a token of another type than JWT", client)
    if "jku" in header and header["jku"] != client.jku:
        raise Untrusted("a place of keys (jku) that is not listed for the issuer", client)
    try:
        key = keys.key_of(client, header.get("kid"), known, now)
    except keys.NoKeyError as error:
        raise Untrusted(str(error), client) from None
    try:
        verified = jws.deserialize_compact(token, key, algorithms=[client.algorithm], registry=_REGISTRY)
        claims = _claims(verified.payload)
    except (JoseError, ValueError, TypeError):
        raise Untrusted("a wrong signature", client) from None
    _check(claims, address, client, now)
    return client


def _check(claims: Mapping[str, Any], address: str, client: HooksClient, now: datetime) -> None:
    """What a verified token says: for whom, from when to when, and that it is used for the first time."""
    audience = claims.get("aud")
    if address not in (audience if isinstance(audience, list) else [audience]):
        raise Untrusted("a token for another address (aud)", client)
    issued, ends = _time(claims, "iat", client), _time(claims, "exp", client)
    if ends - issued > LONGEST_LIFE:
        raise Untrusted("a token for longer than 5 minutes", client)
    if ends + SKEW <= now:
        raise Untrusted("a token that is expired", client)
    if max(issued, _time(claims, "nbf", client) if "nbf" in claims else issued) > now + SKEW:
        raise Untrusted("a token of a later time", client)
    number = _text(claims, "jti")
    if not number:
        raise Untrusted("a token without a number of its own (jti)", client)
    digest = hashlib.sha256(number.encode("utf-8", "surrogatepass")).hexdigest()
    try:
        with transaction.atomic():
            UsedJwt.objects.filter(until__lt=now).delete()
            UsedJwt.objects.create(issuer=client.issuer, jti=digest, until=ends + SKEW)
    except IntegrityError:
        raise Untrusted("a token that was used before", client) from None


def _claims(payload: bytes) -> Mapping[str, Any]:
    """Raises ValueError."""
    try:
        claims = json.loads(payload)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(claims, dict):
        raise ValueError("no object")
    return claims


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _time(claims: Mapping[str, Any], name: str, client: HooksClient) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LATEST:
        raise Untrusted(f"a token without a time ({name})", client)
    return datetime.fromtimestamp(value, UTC)
