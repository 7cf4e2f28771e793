"""How often visitors without an account may have a patient ranked: so that none of them takes the processor from all.

Counted by address in each worker's memory, for the minute that runs: no row is written for somebody who only reads.
Calls from the machine itself are not counted: behind a proxy that hands on no address they are everybody's.
People who are signed in are known by name, and are not counted; the API counts for itself (interop/api/limits.py).
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from audit.middleware import address_of

# What an address answers with costs as many rankings.
COSTS = {
    "patient": 1,
    "compare": 1,
    "trials": 1,
    "answer-part": 1,
    "option-details": 1,
    "print": 1,
    "ranking-json": 1,
    "bundle-json": 1,
    "summary-text": 1,
    "ranking-fhir": 1,
    "fill": 5,  # a record is read first
    "ranking-pdf": 20,  # is typeset
}
# Of addresses in a minute: whoever comes from more than these is counted as one.
MOST_ADDRESSES = 10_000
_OTHERS = "others"


class Pace:
    """Stands where the person is known, before the page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        self._minute, self._spent, self._lock = 0, Counter[str](), threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        most = settings.RANKINGS_A_MINUTE
        cost = COSTS.get(request.resolver_match.view_name, 0) if request.method == "POST" else 0
        if not most or not cost:
            return None
        address = address_of(request)
        if (address and ip_address(address).is_loopback) or request.user.is_authenticated:
            return None
        now = time.time()
        if self._spend(_visitor(address), cost, int(now) // 60) <= most:
            return None
        seconds = str(60 - int(now) % 60)
        page = render_to_string("429.html", _to_send_again(request))
        return HttpResponse(page, status=429, headers={"Retry-After": seconds, "Cache-Control": "no-store"})

    def _spend(self, visitor: str, cost: int, minute: int) -> int:
        """What a visitor has had in this minute, this included."""
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._spent.clear()
            if visitor not in self._spent and len(self._spent) >= MOST_ADDRESSES:
                visitor = _OTHERS
            self._spent[visitor] += cost
            return self._spent[visitor]


def _to_send_again(request: HttpRequest) -> dict[str, Any]:
    """What was sent and was not answered, for a form that sends it again; a file has to be chosen anew."""
    entered = [
        (name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"
    ]
    return {
        "entered": entered,
        "has_files": bool(request.FILES),
        "address": request.get_full_path(),
        "csrf": get_token(request),
    }


def _visitor(address: str | None) -> str:
    """An address; of IPv6 the network of 64 bits that a connection is given whole."""
    if address is None:
        return "nowhere"
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
