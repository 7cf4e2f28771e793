"""Which pages may ask from a browser: those of origins that are listed, each for its own system."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from interop.clients import Clients, HooksClient

SECONDS = 600  # a browser remembers what was allowed


def preflight() -> HttpResponse:
    """The answer to a browser that asks whether it may ask; `allow` says so to whom it may."""
    return HttpResponse(status=204)


def allow(request: HttpRequest, response: HttpResponse, known: Clients) -> None:
    """Let a page of a listed origin read the answer; where a system has said who it is, of its own origins alone."""
    patch_vary_headers(response, ["Origin"])
    origin = request.headers.get("Origin")
    client: HooksClient | None = getattr(request, "hooks_client", None)
    if origin is None or not any(origin in each.origins for each in ([client] if client else known.hooks)):
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "POST, GET"
        response.headers["Access-Control-Allow-Headers"] = "authorization, content-type"
        response.headers["Access-Control-Max-Age"] = str(SECONDS)
