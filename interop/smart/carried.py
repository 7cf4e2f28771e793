"""What a start needs when it comes back, for `/smart/` alone: accounts/carried.py."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.carried import Carried, CarryingCookie, NotCarriedError

from .failures import LaunchError

_COOKIE = CarryingCookie("smart", "/smart/", "interop.smart")


@dataclass(frozen=True, kw_only=True)
class Start(Carried):
    """One start of the app.

    iss       the server that was asked
    """

    iss: str

    @classmethod
    def of(cls, iss: str) -> Start:
        return cls.begun(iss=iss)


def give(response: HttpResponse, start: Start) -> None:
    _COOKIE.give(response, start, secure=settings.SMART_COOKIE_SECURE)


def take(request: HttpRequest, state: str) -> Start:
    """The start that an answer belongs to. Raises LaunchError."""
    try:
        return _COOKIE.take(request, Start, state=state)
    except NotCarriedError as error:
        raise LaunchError("state") from error


drop = _COOKIE.drop
