"""How many records a worker reads at once: reading takes the processor, and others wait for their rankings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

AT_ONCE = 4
READING_SECONDS = 2  # how long a record takes at most, and a caller waits

_slots = BoundedSemaphore(AT_ONCE)


class Busy(Exception):  # noqa: N818 - a state, and not a fault
    """As many records are being read as a worker reads at once."""


@contextmanager
def reading_slot() -> Iterator[None]:
    """Raises Busy where all are taken."""
    if not _slots.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        _slots.release()
