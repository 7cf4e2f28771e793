"""What a FHIR server says of starting apps from it (`.well-known/smart-configuration`): checked, kept 10 minutes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.origins import Reach
from accounts.outgoing import Outgoing, OutgoingError
from interop.clients import SmartServer

from .failures import LaunchError

KEPT_SECONDS = 600
_kept: dict[tuple[str, Reach], tuple[float, Configuration]] = {}  # until when


@dataclass(frozen=True)
class Configuration:
    """What is used of it; "" where it is not stated.

    reads  ends the scopes: `.rs`, and `.read` for servers that know version 1 alone
    """

    authorization: str
    token: str
    revocation: str
    jwks: str
    issuer: str
    says_issuer: bool  # in its answers, to the letter: RFC 9207
    reads: str


def configuration(
    web: Outgoing, server: SmartServer, reach: Reach, clock: Callable[[], float] = time.monotonic
) -> Configuration:
    """Raises LaunchError."""
    until, known = _kept.get((server.iss, reach), (0.0, None))
    if known and clock() < until:
        return known
    try:
        answer = web.get(f"{server.iss.rstrip('/')}/.well-known/smart-configuration", {"Accept": "application/json"})
        said = answer.json() if answer.status == 200 else None
    except OutgoingError as error:
        raise LaunchError(error.why) from error
    except ValueError as error:
        raise LaunchError("no-smart") from error
    if not isinstance(said, dict):
        raise LaunchError("no-smart")
    found = _checked(said, reach)
    _kept[server.iss, reach] = clock() + KEPT_SECONDS, found
    return found


def _checked(said: Mapping[str, Any], reach: Reach) -> Configuration:
    """Raises LaunchError for what no app may be started with."""
    if "S256" not in _list(said, "code_challenge_methods_supported"):
        raise LaunchError("no-s256")
    endpoints = {name: _text(said, f"{name}_endpoint") for name in ("authorization", "token", "revocation")}
    endpoints["jwks"] = _text(said, "jwks_uri")
    if not endpoints["authorization"] or not endpoints["token"]:
        raise LaunchError("no-smart")
    if not all(reach.has(url) for url in endpoints.values() if url):
        raise LaunchError("endpoint")
    can = _list(said, "capabilities")
    is_former = "permission-v1" in can and "permission-v2" not in can
    return Configuration(
        **endpoints,
        issuer=_text(said, "issuer"),
        says_issuer=said.get("authorization_response_iss_parameter_supported") is True,
        reads=".read" if is_former else ".rs",
    )


def _text(said: Mapping[str, Any], key: str) -> str:
    value = said.get(key)
    return value if isinstance(value, str) else ""


def _list(said: Mapping[str, Any], key: str) -> list[Any]:
    value = said.get(key)
    return value if isinstance(value, list) else []
