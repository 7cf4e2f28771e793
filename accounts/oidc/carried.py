"""What a sign-in needs when it comes back from the provider, in a signed cookie of its own: for 10 minutes, one use.

The session's cookie does not come along from another site, and nothing is held on the server.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import asdict, dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from .failures import SignInError

COOKIE, PATH, SALT = "oidc", "/account/oidc/", "accounts.oidc"
SECONDS = 600


@dataclass(frozen=True)
class Start:
    """One sign-in that was begun.

    path      where to go on; empty: nowhere, since it was begun for another tab
    state     what the answer has to bring
    verifier  of PKCE: whose challenge the provider was given
    nonce     what the token has to hold
    """

    path: str
    state: str
    verifier: str
    nonce: str

    @classmethod
    def of(cls, path: str) -> Start:
        """256 random bits each."""
        return cls(path, *(secrets.token_urlsafe(32) for _ in range(3)))


def give(response: HttpResponse, start: Start) -> None:
    response.set_cookie(
        COOKIE,
        signing.dumps(asdict(start), salt=SALT),
        max_age=SECONDS,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def take(request: HttpRequest, state: str) -> Start:
    """The sign-in that an answer belongs to. Raises SignInError."""
    try:
        start = Start(**signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=SECONDS))
    except (signing.BadSignature, TypeError) as error:
        raise SignInError("state") from error
    if not hmac.compare_digest(start.state.encode(), state.encode()):
        raise SignInError("state")
    return start


def drop(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
