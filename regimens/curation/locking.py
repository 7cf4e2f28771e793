"""One action of curation at a time, so that each sees what the one before it left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from regimens.models.guard import RECORDS

# Known to nobody else on the same database: the first bytes of SHA-256("necapp curation").
_LOCK = 0xA15856D1


@contextmanager
def exclusive() -> Iterator[None]:
    """One transaction in which records may be written, and during which no other such is under way.

    On SQLite, a transaction takes the writer's lock when it begins (settings.DATABASES).
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        with RECORDS.open():
            yield
