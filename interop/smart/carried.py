"""What a start needs when it comes back, in a signed cookie of its own: for 10 minutes, one use, and `/smart/` alone.

The session's cookie does not come along from another site, and nothing is held on the server.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import asdict, dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from .failures import LaunchError

COOKIE, PATH, SALT = "smart", "/smart/", "interop.smart"
SECONDS = 600


@dataclass(frozen=True)
class Start:
    """One start of the app.

    iss       the server that was asked
    state     what its answer has to bring
    verifier  of PKCE: whose challenge it was given
    nonce     what its word on who signed in has to hold
    """

    iss: str
    state: str
    verifier: str
    nonce: str

    @classmethod
    def of(cls, iss: str) -> Start:
        """256 random bits each."""
        return cls(iss, *(secrets.token_urlsafe(32) for _ in range(3)))


def give(response: HttpResponse, start: Start) -> None:
    response.set_cookie(
        COOKIE,
        signing.dumps(asdict(start), salt=SALT),
        max_age=SECONDS,
        path=PATH,
        secure=settings.SMART_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def take(request: HttpRequest, state: str) -> Start:
    """The start that an answer belongs to. Raises LaunchError."""
    try:
        start = Start(**signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=SECONDS))
    except (signing.BadSignature, TypeError) as error:
        raise LaunchError("state") from error
    if not hmac.compare_digest(start.state.encode(), state.encode()):
        raise LaunchError("state")
    return start


def drop(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
