"""The public keys of a system that is listed: pinned in the settings, or fetched from where it publishes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from accounts.outgoing import Outgoing, OutgoingError
from interop.clients import SMALLEST_RSA, Clients, HooksClient

KEPT = timedelta(minutes=10)
# After a name that was not found even in fresh keys, nothing is fetched anew for an unknown name for so long.
WAIT = timedelta(minutes=1)
MOST_KEYS = 50

Key = ECKey | RSAKey


class NoKeyError(Exception):
    """No key with which a token could be verified, in words for administrators."""


@dataclass
class _Fetched:
    keys: Mapping[str, Key]
    at: datetime
    not_found_at: datetime | None = None


_fetched: dict[str, _Fetched] = {}
_pinned: dict[str, tuple[HooksClient, Mapping[str, Key]]] = {}  # by issuer: reading a key takes a while
_fetching = Lock()


def key_of(client: HooksClient, name: Any, known: Clients, now: datetime) -> Key:
    """The key that a token names. Raises NoKeyError."""
    if not isinstance(name, str) or not name:
        raise NoKeyError("a token that names no key (kid)")
    found = _pinned_keys(client) if client.jku is None else _published(client, name, known, now)
    if name not in found:
        raise NoKeyError("a key (kid) that the issuer has not published")
    return found[name]


def forget() -> None:
    """Every key that is kept."""
    _fetched.clear()
    _pinned.clear()


def _pinned_keys(client: HooksClient) -> Mapping[str, Key]:
    kept = _pinned.get(client.issuer)
    if kept is None or kept[0] is not client:
        kept = _pinned[client.issuer] = (client, _usable(client.jwks, client))
    return kept[1]


def _published(client: HooksClient, name: str, known: Clients, now: datetime) -> Mapping[str, Key]:
    """Those at the address of the client, fetched again when they are old or the name is not among them."""
    assert client.jku is not None
    with _fetching:
        kept = _fetched.get(client.jku)
        if kept is None or not timedelta(0) <= now - kept.at < KEPT:
            kept = _fetched[client.jku] = _Fetched(_fetch(client, known), now)
        elif name not in kept.keys and (kept.not_found_at is None or now - kept.not_found_at >= WAIT):
            kept = _fetched[client.jku] = _Fetched(_fetch(client, known), now)
            kept.not_found_at = None if name in kept.keys else now
        return kept.keys


def _fetch(client: HooksClient, known: Clients) -> Mapping[str, Key]:
    assert client.jku is not None
    try:
        with Outgoing(known.reach([client.jku])) as web:
            answer = web.get(client.jku, {"Accept": "application/json"})
        if answer.status != 200:
            raise NoKeyError("keys (jku) that could not be read")
        return _usable(answer.json(), client)
    except OutgoingError as error:
        raise NoKeyError(f"keys (jku) that could not be read: {error.why}") from None
    except ValueError:
        raise NoKeyError("keys (jku) that could not be read") from None


def _usable(jwks: Any, client: HooksClient) -> Mapping[str, Key]:
    """The keys of a set that can verify a signature of the client's, by name; others are not looked at."""
    found: dict[str, Key] = {}
    given = jwks.get("keys") if isinstance(jwks, dict) else None
    for each in given[:MOST_KEYS] if isinstance(given, list) else ():
        if not isinstance(each, dict) or not isinstance(each.get("kid"), str) or each.get("use", "sig") != "sig":
            continue
        try:
            key = (RSAKey if client.algorithm == "RS384" else ECKey).import_key(each)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if isinstance(key, ECKey) and key.curve_name != "P-384":
            continue
        if isinstance(key, RSAKey) and key.raw_value.key_size < SMALLEST_RSA:
            continue
        found[each["kid"]] = key
    return found
