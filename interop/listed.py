"""That other systems are listed than before is an event, written before a worker's first answer: it read the list at
its start, and importing it alone writes nothing."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from audit.actions import exclusive
from audit.events import record
from audit.models import Event

from .clients import Clients, clients


def noting_first(application: Callable[..., Any]) -> Callable[..., Any]:
    """The same WSGI application, which notes once who is listed before it answers.

    What waits for no database is answered before: static files, and whether the server is well.
    """
    apart = ("/health/", f"/{settings.STATIC_URL.strip('/')}/")
    note_once = cache(note_listed_systems)

    def call(environ: dict[str, Any], start_response: Any) -> Any:
        if not environ.get("PATH_INFO", "").startswith(apart):
            note_once()
        return application(environ, start_response)

    return call


def note_listed_systems() -> None:
    """Without a database, or before it is migrated, a worker starts all the same."""
    try:
        note(clients())
    except DatabaseError as error:
        logging.getLogger(__name__).warning("Which systems are listed was not noted: %s", type(error).__name__)


def note(found: Clients) -> None:
    """The names of who may ask and who is asked, and what tells one list from another; keys stay in the file."""
    details = {
        "hooks": [each.name for each in found.hooks],
        "smart": [each.name for each in found.smart],
        "list_sha256": hashlib.sha256(found.model_dump_json().encode()).hexdigest(),
    }
    if _is_noted(found, details):
        return
    with exclusive():
        if not _is_noted(found, details):
            record("list-systems", details=details)


def _is_noted(found: Clients, details: dict[str, object]) -> bool:
    last = Event.objects.filter(action="list-systems").order_by("-pk").first()
    if last is None:
        return found == Clients()
    return bool(last.details.get("list_sha256") == details["list_sha256"])
