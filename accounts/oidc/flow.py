"""The way to the identity provider and back: what it says of itself, where a browser is sent, what a code is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Client, OAuth2Error

from accounts.identity_provider import Provider

from .carried import Start
from .failures import SignInError
from .tokens import Claims, believed
from .web import Web

METADATA = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class Configuration:
    """What the provider says of itself: its endpoints, each at an address that is its own."""

    authorize: str
    token: str
    keys: str
    userinfo: str
    sign_out: str
    secret_by: str
    says_issuer: bool


@dataclass(frozen=True)
class Answered:
    """claims: of whom; sign_out: where its own session ends, "" for nowhere; token: what it knows its session by."""

    claims: Claims
    sign_out: str
    token: str


def configuration(web: Web, provider: Provider) -> Configuration:
    """Raises SignInError."""
    said = web.json(provider.issuer.rstrip("/") + METADATA)
    needed = [said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if said.get("issuer") != provider.issuer or not all(map(provider.reaches, needed)):
        raise SignInError("configuration")
    optional = [said.get(name) or "" for name in ("userinfo_endpoint", "end_session_endpoint")]
    userinfo, sign_out = (url if provider.reaches(url) else "" for url in optional)
    methods = said.get("token_endpoint_auth_methods_supported")
    by_form = isinstance(methods, list) and "client_secret_basic" not in methods
    return Configuration(
        *map(str, needed),
        userinfo=userinfo,
        sign_out=sign_out,
        secret_by="none" if not provider.client_secret else "client_secret_post" if by_form else "client_secret_basic",
        says_issuer=said.get("authorization_response_iss_parameter_supported") is True,
    )


def address(found: Configuration, provider: Provider, start: Start, redirect_uri: str) -> str:
    """Where a browser is sent to sign in."""
    more = {"nonce": start.nonce}
    if provider.max_age is not None:
        more["max_age"] = str(provider.max_age)
    if provider.acr:
        more["acr_values"] = " ".join(provider.acr)
    url, _ = _client(None, provider, found, redirect_uri).create_authorization_url(
        found.authorize, state=start.state, code_verifier=start.verifier, **more
    )
    return str(url)


def answered(provider: Provider, start: Start, given: Mapping[str, str], redirect_uri: str, now: datetime) -> Answered:
    """What a sign-in came to, by what the browser brought back. Raises SignInError."""
    with Web(provider) as web:
        return _answered(web, provider, start, given, redirect_uri, now)


def _answered(
    web: Web, provider: Provider, start: Start, given: Mapping[str, str], redirect_uri: str, now: datetime
) -> Answered:
    found = configuration(web, provider)
    issuer = given.get("iss", None if found.says_issuer else provider.issuer)
    if issuer != provider.issuer:  # RFC 9207: the answer of another provider
        raise SignInError("state")
    if "error" in given or not given.get("code"):
        raise SignInError("denied")
    said = _exchanged(web, provider, found, start, given["code"], redirect_uri)
    access, token = said.get("access_token"), said.get("id_token")
    claims = believed(token, web.json(found.keys), provider=provider, nonce=start.nonce, access_token=access, now=now)
    if provider.asks_userinfo:
        claims = _with_userinfo(web, found, claims, access)
    return Answered(claims, found.sign_out, str(token))


def sign_out_address(url: str, token: str, provider: Provider, back: str) -> str:
    """Where the provider's own session ends: OpenID Connect RP-Initiated Logout 1.0."""
    more = {"id_token_hint": token, "client_id": provider.client_id, "post_logout_redirect_uri": back}
    return str(add_params_to_uri(url, list(more.items())))


def _exchanged(
    web: Web, provider: Provider, found: Configuration, start: Start, code: str, redirect_uri: str
) -> Mapping[str, Any]:
    client = _client(web, provider, found, redirect_uri)
    try:
        return dict(
            client.fetch_token(
                found.token,
                grant_type="authorization_code",
                code=code,
                code_verifier=start.verifier,
                redirect_uri=redirect_uri,
            )
        )
    except OAuth2Error as error:
        raise SignInError("denied") from error
    except (ValueError, TypeError) as error:
        raise SignInError("configuration") from error


def _with_userinfo(web: Web, found: Configuration, claims: Claims, access: object) -> Claims:
    """What the provider says of the same person besides; what the token says stands."""
    if not found.userinfo or not isinstance(access, str) or not access.isascii() or not access.isprintable():
        raise SignInError("configuration")
    said = web.json(found.userinfo, {"Authorization": f"Bearer {access}"})
    if said.get("sub") != claims.subject:
        raise SignInError("token")
    return Claims(claims.issuer, claims.subject, said | dict(claims.said))


def _client(web: Web | None, provider: Provider, found: Configuration, redirect_uri: str) -> OAuth2Client:
    return OAuth2Client(
        web,
        client_id=provider.client_id,
        client_secret=provider.client_secret or None,
        token_endpoint_auth_method=found.secret_by,
        scope=" ".join(provider.scopes),
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )
