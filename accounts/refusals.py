"""Whoever is signed in and is refused a page leaves an event with their name: the page's name, and no more of it.

What is not of one's own board is not found (boards/views/access.py): asked for by the number of a row, that is a
refusal, too, whether or not there is such a row. The event says the number, by which events of the row are found.
"""

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
# Whoever tries many, such as a program that follows every number, leaves so many an hour and no more.
MOST_AN_HOUR = 60
FORBIDDEN, NOT_FOUND = 403, 404


def note(request: HttpRequest, response: HttpResponseBase) -> None:
    """Record a refusal to somebody who is signed in; of the address the name of its route and the number of a row."""
    row = _row(request)
    is_refused = response.status_code == FORBIDDEN or (response.status_code == NOT_FOUND and row is not None)
    if not is_refused or not request.user.is_authenticated:
        return
    route, now = _route(request), timezone.now()
    if is_told(request.user.pk, route, now=now) or _are_many(request.user.pk, now=now):
        return
    details = {"method": str(request.method)[:10]} | ({} if row is None else {"row": row})
    record(ACTION, route, by=_person(request), details=details)


def is_told(person: int, route: str, *, now: datetime) -> bool:
    """Whether there is an event of it from the last minutes; one from a clock that was ahead counts for nothing."""
    before = Event.objects.filter(action=ACTION, by=person, subject=route)
    return before.filter(at__gt=now - ONCE_WITHIN, at__lte=now).exists()


def _are_many(person: int, *, now: datetime) -> bool:
    before = Event.objects.filter(action=ACTION, by=person, at__gt=now - timedelta(hours=1), at__lte=now)
    return before.count() >= MOST_AN_HOUR


def _row(request: HttpRequest) -> int | None:
    """The number of the row that an address names; what it names by a word is open to everybody, or to nobody."""
    match = request.resolver_match
    named = match.kwargs.values() if match else ()
    return next((value for value in named if isinstance(value, int)), None)


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
