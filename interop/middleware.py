"""What holds for every call of an interface: it has no session, an answer in its own form, and one line in the log.

Stands around all that reads a cookie. Calls that are no interface's pass through.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

access = logging.getLogger("interop.access")

# How an interface says no: a problem, or an OperationOutcome of FHIR.
REFUSALS = ("application/problem+json", "application/fhir+json")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Django writes a request's path to the log with each refusal; one who asks for an interface may write anything there.
_SAID_ALREADY = "_has_been_logged"


def is_interface(request: HttpRequest) -> bool:
    return request.path.startswith(settings.INTERFACES)


class Interfaces:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_interface(request):
            return self.get_response(request)
        start = time.perf_counter()
        request.COOKIES = {}  # no session, so nobody is signed in, and no forged form does anything
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            from .api.outcomes import refused
            from .api.problems import Problem

            response = refused(request, Problem("https"))
        else:
            response = self.get_response(request)
        if response.status_code >= 400 and not response.headers.get("Content-Type", "").startswith(REFUSALS):
            from .api.problems import instead_of

            response = instead_of(response)
        setattr(response, _SAID_ALREADY, True)
        milliseconds = 1000 * (time.perf_counter() - start)
        access.info(
            "%s %s %d %.0f ms %s%s",
            request.method if request.method in METHODS else "other",
            getattr(request, "route", "none"),
            response.status_code,
            milliseconds,
            getattr(request, "caller", "nobody"),
            getattr(request, "counted", ""),
        )
        return response
