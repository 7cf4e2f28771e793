"""From where a request came and who is signed in there, for the events of what it does."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .events import coming_from

# As some proxies write an address: 192.0.2.7:51234, [2001:db8::7]:51234, [2001:db8::7]
_WITH_PORT = re.compile(r"(?:(?P<v4>[\d.]+):\d+|\[(?P<v6>[^\]]+)\](?::\d+)?)")


class RequestAddress:
    """Events of a request carry its address and who is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Who it is costs queries, and is asked for when there is an event.
        with coming_from(address_of(request), partial(getattr, request, "user", None)):
            return self.get_response(request)


def address_of(request: HttpRequest) -> str | None:
    """The address from which a request came: behind a proxy, the one that the proxy saw.

    `X-Forwarded-For` is anybody's to send: it is believed only behind a proxy, and only its end, which the proxy wrote.
    """
    given = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        given = request.headers.get("X-Forwarded-For", given).rpartition(",")[2].strip()
    if match := _WITH_PORT.fullmatch(given):
        given = match["v4"] or match["v6"]
    try:
        # The zone of a link-local address is the server's own, and PostgreSQL stores none.
        address = ipaddress.ip_address(given.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
