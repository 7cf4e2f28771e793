"""From where a request came, for the events of what it does."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .events import coming_from


class RequestAddress:
    """Events of a request carry its address: behind a proxy, the one that the proxy saw."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with coming_from(address_of(request)):
            return self.get_response(request)


def address_of(request: HttpRequest) -> str | None:
    """None where it is no address, as on a socket of the machine."""
    given = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        # Each proxy adds at the end; what stands before may be anybody's.
        given = request.headers.get("X-Forwarded-For", given).rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(given))
    except ValueError:
        return None
