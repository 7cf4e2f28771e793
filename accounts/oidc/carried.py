"""What a sign-in needs when it comes back from the provider: accounts/carried.py."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.carried import Carried, CarryingCookie, NotCarriedError

from .failures import SignInError

_COOKIE = CarryingCookie("oidc", "/account/oidc/", "accounts.oidc")


@dataclass(frozen=True, kw_only=True)
class Start(Carried):
    """One sign-in that was begun.

    path      where to go on; empty: nowhere, since it was begun for another tab
    """

    path: str

    @classmethod
    def of(cls, path: str) -> Start:
        return cls.begun(path=path)


def give(response: HttpResponse, start: Start) -> None:
    _COOKIE.give(response, start, secure=settings.SESSION_COOKIE_SECURE)


def take(request: HttpRequest, state: str) -> Start:
    """The sign-in that an answer belongs to. Raises SignInError."""
    try:
        return _COOKIE.take(request, Start, state=state)
    except NotCarriedError as error:
        raise SignInError("state") from error


drop = _COOKIE.drop
