"""Pages in the app's style for requests that Django alone answers with a bare one."""

from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be read; one whose body is too large is told so."""
    too_large = isinstance(exception, RequestDataTooBig)
    page = render_to_string("413.html" if too_large else "400.html")
    return HttpResponse(page, status=413 if too_large else 400)


class MethodNotAllowedPage:
    """Gives a refused method a page, since Django's refusal has no body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            response.content = render_to_string("405.html", {"allowed": response.headers["Allow"]})
        return response
