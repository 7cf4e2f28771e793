"""The character U+0000, which no text holds and no database keeps: a request with one is refused before it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

NUL = "\0"
# Calls that are answered in FHIR, whatever is the matter.
SPEAKS_FHIR = "/api/v1/fhir/"


class NoNul:
    """Answers 400 to a NUL in the path, the question, a header, a cookie, or a field of a form.

    Stands where the language is known, and before whatever asks the database.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _in_head(request):
            return _refused(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """A form, where its token was looked for in it; a page that takes a file reads it by itself."""
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        return _refused(request) if has_nul(request.POST.lists()) else None


def has_nul(fields: Iterable[tuple[str, Iterable[object]]]) -> bool:
    """Whether a field's name or one of its values holds the character."""
    return any(NUL in name or any(NUL in str(value) for value in values) for name, values in fields)


def _in_head(request: HttpRequest) -> bool:
    meta = request.META
    if NUL in meta.get("PATH_INFO", "") or NUL in request.path or "%00" in meta.get("QUERY_STRING", ""):
        return True
    if any(NUL in value for name, value in meta.items() if name.startswith("HTTP_") and isinstance(value, str)):
        return True
    return any(NUL in name or NUL in value for name, value in request.COOKIES.items())


def _refused(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(settings.INTERFACES):
        from interop.api import outcomes
        from interop.api.problems import Problem

        if request.path.startswith(SPEAKS_FHIR):
            request.route = outcomes.ROUTE  # type: ignore[attr-defined]
        return outcomes.refused(request, Problem("nul"))
    return HttpResponse(render_to_string("400.html"), status=400)
