"""The language of a page: chosen in the header, else what the browser asks for."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_POST
from django.views.i18n import set_language


class LanguageMiddleware(LocaleMiddleware):
    """Django's own, which reads a cookie as well as a header: a cache between has to be told of both."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response = super().process_response(request, response)
        patch_vary_headers(response, ["Cookie"])
        return response


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the language and go back to the page `next`; without one, to a page that a patient is sent to.

    The button of such a page sends its form here, with all that was entered, and which page it is in `page`. 307 makes
    the browser post the same to that page, so that nothing is lost, and nothing of it is in an address.
    """
    response = set_language(request)
    if "next" not in request.POST:
        page = request.POST.get("page", "")
        response.status_code = 307
        response.headers["Location"] = reverse(page if page in settings.SENT_A_PATIENT else settings.SENT_A_PATIENT[0])
    return response


def languages(request: HttpRequest) -> dict[str, Any]:
    """For the menu in the header: the language that a page is in, and those that it is not, each by its own name."""
    others = dict(settings.LANGUAGES)
    name = others.pop(get_language() or "", "")
    return {"language_name": name, "other_languages": list(others.items())}
