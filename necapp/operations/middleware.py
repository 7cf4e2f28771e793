"""Around all else: what supervises the service is answered before cookies, hosts and sessions are looked at, and each
request has a number by which its lines in the log are found together.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from secrets import compare_digest

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from . import health, metrics

REQUEST_ID = "X-Request-ID"
# What answers before all else bears itself what others are given.
PLAIN = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_GIVEN = re.compile(r"[A-Za-z0-9_-]{8,64}")

log = logging.getLogger("necapp.request")


class Supervised:
    """Answers `/health/live`, `/health/ready` and `/metrics`, by whatever host and without HTTPS, as probes ask."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        self.answers = {"/health/live": _live, "/health/ready": _ready}
        if settings.METRICS_TOKEN:
            self.answers["/metrics"] = _metrics

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.answers.get(request.path)
        if answer is None:
            return self.get_response(request)
        response = answer(request) if request.method in ("GET", "HEAD") else HttpResponseNotAllowed(["GET", "HEAD"])
        for name, value in PLAIN.items():
            response.headers[name] = value
        return response


class Numbered:
    """A number for each request, in the answer and in every line of the log; and what is counted of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = _number(request)
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=number):
            response = self.get_response(request)
            took = time.perf_counter() - began
            if settings.METRICS_TOKEN:
                metrics.count(request, response.status_code, took)
            # By the name of the page: an address holds numbers of rows, and a query what was typed.
            told = {
                "route": metrics.route_of(request),
                "method": metrics.method_of(request),
                "status": response.status_code,
                "milliseconds": round(took * 1000),
            }
            log.info("answered", extra=told)
        response.headers[REQUEST_ID] = number
        return response


def _number(request: HttpRequest) -> str:
    """A proxy's own, or a new one."""
    given = request.headers.get(REQUEST_ID, "") if settings.BEHIND_PROXY else ""
    return given if _GIVEN.fullmatch(given) else uuid.uuid4().hex


def _live(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def _ready(request: HttpRequest) -> HttpResponse:
    checks = health.ready()
    words = {name: "ok" if passes else "failed" for name, passes in checks.items()}
    is_ready = all(checks.values())
    words |= dict.fromkeys(warned := health.warnings(checks), "warning")
    status = "failed" if not is_ready else "warning" if warned else "ok"
    answer = {"status": status, "checks": words}
    return JsonResponse(answer, status=200 if is_ready else 503)


def _metrics(request: HttpRequest) -> HttpResponse:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(metrics.exposed(), content_type="text/plain; version=0.0.4; charset=utf-8")
