"""What every action stands in: one transaction, in which the rows that it writes may be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection, models, transaction

from .guard import RECORDS, Guard

# Known to nobody else on the same database: the first bytes of SHA-256("necapp curation").
_LOCK = 0xA15856D1

Row = TypeVar("Row", bound=models.Model)


@contextmanager
def writing(guard: Guard) -> Iterator[None]:
    """One transaction in which the rows of a guard may be written."""
    with transaction.atomic(), guard.open():
        yield


@contextmanager
def exclusive(lock: int = _LOCK) -> Iterator[None]:
    """One transaction in which records may be written, and during which no other with the same lock is under way.

    So each sees what the one before it left. On SQLite, a transaction takes the writer's lock when it begins
    (settings.DATABASES).
    """
    with writing(RECORDS):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
        yield


def locked(row: Row, *related: str) -> Row:
    """The row as it is now, kept from others until the transaction ends.

    On SQLite, a transaction takes the writer's lock when it begins (settings.DATABASES).
    """
    rows = type(row)._default_manager.select_for_update(of=("self",))  # type: ignore[attr-defined]
    return rows.select_related(*related).get(pk=row.pk)
