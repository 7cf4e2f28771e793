"""What a browser carries to another site and back, in a signed cookie of its own: for 10 minutes, one use.

The session's cookie does not come along from another site, and nothing is held on the server.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import asdict, dataclass
from typing import Self, TypeVar

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

SECONDS = 600


class NotCarriedError(Exception):
    """The cookie is not there, is too old or no longer as it was given, or belongs to another answer."""


@dataclass(frozen=True, kw_only=True)
class Carried:
    """What every such way needs.

    state     what the answer has to bring
    verifier  of PKCE: whose challenge the other site was given
    nonce     what the token that it gives has to hold
    """

    state: str
    verifier: str
    nonce: str

    @classmethod
    def begun(cls, **more: str) -> Self:
        """256 random bits each."""
        return cls(**more, **{name: secrets.token_urlsafe(32) for name in ("state", "verifier", "nonce")})


Kind = TypeVar("Kind", bound=Carried)


@dataclass(frozen=True)
class CarryingCookie:
    name: str
    path: str
    salt: str

    @property
    def _name(self) -> str:
        """Under HTTPS one that is taken over HTTPS alone; `__Host-` is for cookies of every path."""
        return f"__Secure-{self.name}" if settings.HTTPS else self.name

    def give(self, response: HttpResponse, carried: Carried, *, secure: bool) -> None:
        response.set_cookie(
            self._name,
            signing.dumps(asdict(carried), salt=self.salt),
            max_age=SECONDS,
            path=self.path,
            secure=secure,
            httponly=True,
            samesite="Lax",
        )

    def take(self, request: HttpRequest, kind: type[Kind], *, state: str) -> Kind:
        """What an answer belongs to. Raises NotCarriedError."""
        try:
            carried = kind(**signing.loads(request.COOKIES.get(self._name, ""), salt=self.salt, max_age=SECONDS))
        except (signing.BadSignature, TypeError) as error:
            raise NotCarriedError from error
        if not hmac.compare_digest(carried.state.encode(), state.encode()):
            raise NotCarriedError
        return carried

    def drop(self, response: HttpResponse) -> None:
        response.delete_cookie(self._name, path=self.path, samesite="Lax")
