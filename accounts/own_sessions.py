"""Where a person is signed in: each session with its browser, ended one by one, or all others at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from audit.events import record
from audit.middleware import address_of

from .administering import AccountError, whole
from .sessions import ADDRESS, BROWSER, Session

# Of one person at once; signing in once more ends the one that was used longest ago.
MOST_SESSIONS = 20
# The first that is found counts: many browsers say that they are like others too.
_BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("macOS", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux|X11"),
)


@dataclass(frozen=True)
class OwnSession:
    """A session as its person sees it; `mark` names it in a form without saying its key, which would open it."""

    mark: str
    browser: str
    address: str | None
    started_at: datetime
    seen_at: datetime
    is_this: bool


def own_sessions(person: User, *, this: str | None) -> list[OwnSession]:
    """Where a person is signed in, this browser first, then the one that was used last."""
    rows = Session.objects.alive().filter(person=person).order_by("-seen_at")
    found = [
        OwnSession(_mark(row), row.browser, row.address, row.started_at, row.seen_at, row.pk == this) for row in rows
    ]
    return sorted(found, key=lambda one: not one.is_this)


@whole
def end_one(person: User, mark: str) -> bool:
    """End one of a person's own sessions; whether it was there. Raises AccountError for no mark of a session."""
    if not re.fullmatch(r"[0-9a-f]{64}", mark):
        raise AccountError("This names no session.")
    for row in Session.objects.filter(person=person):
        if constant_time_compare(_mark(row), mark):
            row.delete()
            record("end-own-sessions", person, by=person, details={"sessions": 1})
            return True
    return False


@whole
def end_others(person: User, *, keeping: str) -> int:
    """End every session of a person but the one they ask from; how many."""
    ended, _ = Session.objects.filter(person=person).exclude(pk=keeping).delete()
    record("end-own-sessions", person, by=person, details={"sessions": ended})
    return ended


def browser_of(agent: str) -> str:
    """The family of a browser and its system, as it says itself: "Firefox, Windows"; empty where neither is known."""
    found = (next((name for name, sign in signs if re.search(sign, agent)), "") for signs in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, found))


def connect() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="own_sessions")


def _signed_in(sender: Any, request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    if request is not None:
        request.session[BROWSER] = browser_of(request.headers.get("User-Agent", "")[:500])
        request.session[ADDRESS] = address_of(request)
        _make_room(user, besides=request.session.session_key or "")


@whole
def _make_room(person: User, *, besides: str) -> None:
    others = Session.objects.filter(person=person).exclude(pk=besides).order_by("-seen_at")
    over = list(others.values_list("pk", flat=True)[MOST_SESSIONS - 1 :])
    if over:
        Session.objects.filter(pk__in=over).delete()
        record("end-own-sessions", person, by=person, details={"sessions": len(over)})


def _mark(row: Session) -> str:
    return salted_hmac("necapp.accounts.own_sessions", row.pk, algorithm="sha256").hexdigest()
