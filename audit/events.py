"""The audit trail: every action is an event, in the transaction of what it did."""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction

from staff.english import said_in_english

from .chain import SEALED_LATE, seal, seal_left_before
from .guard import RECORDS
from .models import Event

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class _Origin:
    """From where an action comes: an address, and the person who is signed in there."""

    address: str | None
    person: Callable[[], Any]


# None: not from a request, but from a command or a shell.
_origin: ContextVar[_Origin | None] = ContextVar("origin", default=None)


@said_in_english
def record(
    action: str, subject: object = "", *, by: User | None = None, details: dict[str, Any] | None = None
) -> Event:
    """Write an event; its details are plain values, and never a patient's.

    Without `by` it is the person signed in, where there is one. What a command does carries the account of the
    operating system that ran it. It is sealed when what it tells of is committed.
    """
    longest = Event._meta.get_field("subject").max_length
    origin = _origin.get()
    with RECORDS.open():
        event = Event.objects.create(
            action=action,
            subject=_storable(str(subject))[:longest],
            by=by or _signed_in(origin),
            details=(details or {}) | (_at_the_command_line() if origin is None else {}),
            address=origin.address if origin else None,
        )
    transaction.on_commit(partial(_seal, event.pk), robust=True)
    return event


def _seal(pk: int) -> None:
    """Seal an event, and those before it that were left without a hash: which ones is an event of nobody's."""
    seal(pk)
    if left := seal_left_before(pk):
        with coming_from(None):
            record(SEALED_LATE, f"{len(left)}", details={"events": left})


@contextmanager
def coming_from(address: str | None, person: Callable[[], Any] = lambda: None) -> Iterator[None]:
    """Events of this block came from an address, and from `person()`, asked for when there is an event."""
    token = _origin.set(_Origin(address, person))
    try:
        yield
    finally:
        _origin.reset(token)


def _signed_in(origin: _Origin | None) -> User | None:
    person = origin.person() if origin else None
    return person if getattr(person, "pk", None) else None


def _at_the_command_line() -> dict[str, Any]:
    """The account of the operating system, and which command: without its arguments, which may hold anything."""
    try:
        account = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # in a container, the number of an account may have no name
        account = str(os.getuid())
    is_command = len(sys.argv) > 1 and Path(sys.argv[0]).name == "manage.py"
    return {"os_user": account} | ({"command": sys.argv[1]} if is_command else {})


def _storable(text: str) -> str:
    """PostgreSQL stores no null character; line breaks would let one event look like two where it is printed."""
    return "".join(character if character.isprintable() else " " for character in text)
