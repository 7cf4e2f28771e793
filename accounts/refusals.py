"""Whoever is signed in and is refused a page leaves an event with their name: the page's name, and no more of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import timezone

from audit.events import record
from audit.models import Event

ACTION = "refuse-access"
# A person who asks for the same page again and again within it leaves one event.
ONCE_WITHIN = timedelta(minutes=5)


def note(request: HttpRequest, response: HttpResponseBase) -> None:
    """Record a refusal to somebody who is signed in; nothing of the address but the name of its route."""
    if response.status_code != 403 or not request.user.is_authenticated:
        return
    route, now = _route(request), timezone.now()
    if not is_told(request.user.pk, route, now=now):
        record(ACTION, route, by=_person(request), details={"method": str(request.method)[:10]})


def is_told(person: int, route: str, *, now: datetime) -> bool:
    """Whether there is an event of it from the last minutes; one from a clock that was ahead counts for nothing."""
    before = Event.objects.filter(action=ACTION, by=person, subject=route)
    return before.filter(at__gt=now - ONCE_WITHIN, at__lte=now).exists()


def _route(request: HttpRequest) -> str:
    """The name of the page that was asked for; the admin refuses through its sign-in, which is told of the page."""
    name = _name(request.resolver_match)
    asked = request.GET.get("next", "").partition("?")[0]
    if name == "admin:login" and asked:
        try:
            return _name(resolve(asked))
        except Resolver404:
            return name
    return name


def _name(match: Any) -> str:
    return (match.view_name if match else "") or "a page without a name"


def _person(request: HttpRequest) -> Any:
    """The account itself: `request.user` stands for it, and is asked for late."""
    return getattr(request.user, "_wrapped", request.user)
