"""The audit trail: every action is an event, in the transaction of what it did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from regimens.models import Event
from regimens.models.guard import RECORDS

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_address: ContextVar[str | None] = ContextVar("address", default=None)


def record(
    action: str, subject: object = "", *, by: User | None = None, details: dict[str, Any] | None = None
) -> Event:
    """Write an event; its details are plain values, and never a patient's."""
    longest = Event._meta.get_field("subject").max_length
    with RECORDS.open():
        return Event.objects.create(
            action=action,
            subject=str(subject)[:longest],
            by=by,
            details=details or {},
            address=_address.get(),
        )


@contextmanager
def coming_from(address: str | None) -> Iterator[None]:
    """Events of this block came from an address."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)
