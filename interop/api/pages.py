"""The pages of the API for people: its document, drawn by Swagger UI, and what each kind of problem means."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .problems import KINDS


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI from our own static files; the settings are data, since no script stands in a page."""
    settings = {"url": "../openapi.json", "layout": "BaseLayout", "deepLinking": True, "validatorUrl": None}
    return render(request, "interop/docs.html", {"settings": settings})


def problems(request: HttpRequest, code: str) -> HttpResponse:
    """Every kind of problem, or one: the address is the type that a problem carries."""
    if code and code not in KINDS:
        raise Http404
    kinds = [KINDS[code]] if code else list(KINDS.values())
    return render(request, "interop/problems.html", {"kinds": kinds, "is_one": bool(code)})
