"""How large the body of a request may be, by its address: what is larger is refused before any of it is read.

Read by the server's worker, which waits for no more than this (necapp/worker.py), and by the middleware, which answers.
Needs no Django until it answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

KIB = 1024
MIB = 1024 * KIB

# A patient form is some 3 KB, and the largest form of the admin some 100.
OF_A_PAGE = 256 * KIB
BESIDE_A_FILE = 64 * KIB  # the form's other fields, and what parts them
# Where more is taken, by the beginning of the address.
LARGER = {
    "/fill/": 2 * MIB + BESIDE_A_FILE,
    "/registries/": 4 * MIB + BESIDE_A_FILE,
    "/admin/packages/": 5 * MIB + BESIDE_A_FILE,
    "/api/v1/": 16 * MIB,
    "/cds-services": 2 * MIB,
}


def most_at(path: str) -> int:
    """Bytes of a body at an address."""
    return next((most for start, most in LARGER.items() if path.startswith(start)), OF_A_PAGE)


class BodyLimits:
    """Refuses a body that is too large, or whose length is not said, before anything reads it: signed in or not.

    Stands before whatever reads a form. A body in chunks says no length; no browser sends a form so. What interfaces
    take is refused by themselves, as they answer, by the same header.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from django.conf import settings

        if request.path.startswith(settings.INTERFACES):
            return self.get_response(request)
        given = request.META.get("CONTENT_LENGTH") or "0"
        if request.META.get("HTTP_TRANSFER_ENCODING") or not (given.isascii() and given.isdigit()):
            return _refused(request, 411, {})
        most = most_at(request.path)
        if len(given) > 15 or int(given) > most:
            is_small = most < MIB
            return _refused(request, 413, {"kilobytes": most // KIB if is_small else 0, "megabytes": most // MIB})
        return self.get_response(request)


def _refused(request: HttpRequest, status: int, context: dict[str, int]) -> HttpResponse:
    """A page in the language of the request, which nobody has read yet."""
    from django.http import HttpResponse
    from django.template.loader import render_to_string
    from django.utils import translation

    with translation.override(translation.get_language_from_request(request)):
        return HttpResponse(render_to_string(f"{status}.html", context), status=status)
