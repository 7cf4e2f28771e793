"""Pages in the app's style for requests that Django alone answers with a bare one."""

import sys
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.views.csrf import csrf_failure as django_csrf_failure

from audit.unavailable import RETRY_SECONDS, is_unavailable

METHODS = ["GET", "HEAD", "POST"]
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be read; one whose body is too large is told so."""
    too_large = isinstance(exception, RequestDataTooBig)
    page = render_to_string("413.html" if too_large else "400.html")
    return HttpResponse(page, status=413 if too_large else 400)


def failed(request: HttpRequest) -> HttpResponse:
    """A failure; of a database that is away or full it is said that another try may do. Neither page asks it again."""
    if is_unavailable(sys.exc_info()[1]):
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(RETRY_SECONDS)})
    return HttpResponse(render_to_string("500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token; a method that no page answers is told so instead."""
    if request.method not in METHODS:
        return HttpResponseNotAllowed(METHODS)
    return django_csrf_failure(request, reason)


class PlainPages:
    """Refuses what no page answers: other methods, which some of Django's pages take for a GET, and a body that is no
    form. Gives a refused method a page, since Django's refusal has no body.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(settings.INTERFACES):
            return self.get_response(request)
        if request.method == "POST" and request.content_type not in FORM_TYPES:
            return HttpResponse(render_to_string("415.html"), status=415)
        is_asked = request.method in (*METHODS, "OPTIONS")
        response = self.get_response(request) if is_asked else HttpResponseNotAllowed(METHODS)
        if response.status_code == 405 and not response.content:
            response.content = render_to_string("405.html", {"allowed": response.headers["Allow"]})
        return response
