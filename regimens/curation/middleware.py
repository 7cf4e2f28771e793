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
        with coming_from(_address(request)):
            return self.get_response(request)


def _address(request: HttpRequest) -> str | None:
    given = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        # Each proxy adds at the end; what stands before may be anybody's.
        given = request.headers.get("X-Forwarded-For", given).rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(given))
    except ValueError:
        return None
