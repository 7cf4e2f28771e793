"""What the provider's token says, once it is believed: signature, issuer, audience, time, nonce, strength."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from accounts.identity_provider import Provider

from .failures import SignInError

# By public keys alone: no "none", and none by which the client's secret could sign.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
KINDS = ("RSA", "EC")
SKEW_SECONDS = 60
LONGEST_SUBJECT = 255


@dataclass(frozen=True)
class Claims:
    """What was said of a person, by whose word it is taken."""

    issuer: str
    subject: str
    said: Mapping[str, Any]

    def text(self, name: str) -> str:
        found = self.said.get(name)
        return found.strip() if isinstance(found, str) else ""

    def groups(self, name: str) -> frozenset[str]:
        """Raises SignInError where they are not there, or too many for the token to hold."""
        found: Any = self.said
        for part in name.split(".") if name not in self.said else [name]:
            found = found.get(part) if isinstance(found, Mapping) else None
        if isinstance(found, str):
            found = [found]
        if not isinstance(found, list) or not all(isinstance(group, str) for group in found):
            raise SignInError("groups")
        return frozenset(found)


def believed(
    token: object, keys: object, *, provider: Provider, nonce: str, access_token: object, now: datetime
) -> Claims:
    """Raises SignInError."""
    try:
        decoded = jwt.decode(token, _public(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
        said = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
                "sub": {"essential": True},
                "exp": {"essential": True},
                "nonce": {"essential": True, "value": nonce},
            },
            params={"nonce": nonce, "client_id": provider.client_id, "access_token": access_token},
        )
        said.validate(now=int(now.timestamp()), leeway=SKEW_SECONDS)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SignInError("token") from error
    subject = said["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise SignInError("token")
    _strong_enough(said, provider)
    _new_enough(said, provider, now)
    return Claims(provider.issuer, subject, dict(said))


def _public(found: object) -> KeySet:
    """The keys with which a token may be signed: others, and kinds that are not known, are passed over."""
    keys = found.get("keys") if isinstance(found, dict) else None
    used = [key for key in keys or [] if isinstance(key, dict) and key.get("kty") in KINDS and key.get("use") != "enc"]
    return KeySet.import_key_set({"keys": used})


def _strong_enough(said: Mapping[str, Any], provider: Provider) -> None:
    amr = said.get("amr")
    if provider.acr and said.get("acr") not in provider.acr:
        raise SignInError("strength")
    if provider.amr and not (
        isinstance(amr, list) and set(provider.amr) <= {each for each in amr if isinstance(each, str)}
    ):
        raise SignInError("strength")


def _new_enough(said: Mapping[str, Any], provider: Provider, now: datetime) -> None:
    """That the person was asked who they are, and not only their browser."""
    if provider.max_age is None:
        return
    at = said.get("auth_time")
    if not isinstance(at, int | float) or isinstance(at, bool):
        raise SignInError("stale")
    age = now.timestamp() - at
    if not -SKEW_SECONDS <= age <= provider.max_age + SKEW_SECONDS:
        raise SignInError("stale")
