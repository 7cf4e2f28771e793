"""What holds for every request of somebody who is signed in: idle time, the second factor, and nothing left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from . import notices, refusals
from .resumed_forms import keep
from .second_factor import device_of
from .sessions import Session
from .views import sign_in_address, sign_in_page

# A request that a page makes by itself says so, and does not keep a session alive: a page that asks again and again
# sends it with hx-headers='{"Necapp-Background": "true"}'.
BACKGROUND = "Necapp-Background"
# Open to those who have passed the password alone: what sets up the second factor, and the ways out.
WITHOUT_SECOND_FACTOR = {"second-factor", "sign-out", "signed-out", "session", "language", "invitation"}
# Open before a person has read what others did to their account; what is sent is not held up either.
BEFORE_NOTICES = WITHOUT_SECOND_FACTOR | {"account-notices", "sign-in", "admin:jsi18n"}


class SignedIn:
    """Stands after everything that knows the person and the address of a request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if key is None:
            return self._sent_to_sign_in(request, self.get_response(request), None)
        was_idle = None
        is_signed_in = request.user.is_authenticated
        if not is_signed_in:
            was_idle = _end(request, key)
        elif BACKGROUND not in request.headers:
            request.session.note()
        response = self._sent_to_sign_in(request, self.get_response(request), was_idle)
        if is_signed_in:
            # What was shown to a person is gone from the browser when they are.
            add_never_cache_headers(response)
            refusals.note(request, response)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """No page for a session without its second factor, and none before its person was told what others did."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return None
        if settings.REQUIRE_SECOND_FACTOR and not request.user.is_verified():
            return self._without_second_factor(request)
        is_held_up = _is_page(request) and request.resolver_match.view_name not in BEFORE_NOTICES
        if is_held_up and request.session.get(notices.UNREAD):
            return redirect(f"{reverse('account-notices')}?{urlencode({'next': request.get_full_path()})}")
        return None

    def _without_second_factor(self, request: HttpRequest) -> HttpResponse | None:
        """No session where it should have passed the second factor and has not."""
        path = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
        if device_of(request.user):
            logout(request)
            return redirect(sign_in_address(path))
        if request.resolver_match.view_name in WITHOUT_SECOND_FACTOR:
            return None
        return redirect(reverse("second-factor") + "?" + sign_in_address(path).partition("?")[2])

    def _sent_to_sign_in(self, request: HttpRequest, response: HttpResponse, was_idle: int | None) -> HttpResponse:
        """Nothing that was entered is lost because nobody is signed in any more.

        A page that sent a request by script is told so, and covers itself; a form is carried through the sign-in.
        """
        if response.status_code != 302 or not response.headers["Location"].startswith(_doors()):
            return response
        if "HX-Request" in request.headers:
            return HttpResponse(status=403, headers={"HX-Trigger": "signed-out", "Cache-Control": "no-store"})
        if request.method == "POST" and was_idle is not None:
            path = request.get_full_path()
            kept = keep(request, path, was_idle)
            return sign_in_page(request, path, kept, is_idle=True, has_files=bool(request.FILES))
        return response


def _is_page(request: HttpRequest) -> bool:
    """Whether a person asks for it to look at, and no script or background of a page does."""
    is_by_itself = "HX-Request" in request.headers or BACKGROUND in request.headers
    return request.method == "GET" and not is_by_itself and request.accepts("text/html")


def _doors() -> tuple[str, ...]:
    return reverse("sign-in"), reverse("admin:login")


def _end(request: HttpRequest, key: str) -> int | None:
    """End a session that was idle for too long or is too old; whose it was. None for any other."""
    row = Session.objects.over().filter(pk=key).select_related("person").first()
    if row is None:
        return None
    row.delete()
    if row.person is None:
        return None
    user_logged_out.send(sender=type(row.person), request=request, user=row.person)
    return int(row.person.pk)
