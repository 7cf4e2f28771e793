"""What every action of boards stands in: one transaction in which its rows may be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import models, transaction

from boards.models import GUARD

Row = TypeVar("Row", bound=models.Model)


@contextmanager
def writing() -> Iterator[None]:
    """One transaction in which rows of boards may be written."""
    with transaction.atomic(), GUARD.open():
        yield


def locked(row: Row, *related: str) -> Row:
    """The row as it is now, kept from others until the transaction ends.

    On SQLite, a transaction takes the writer's lock when it begins (settings.DATABASES).
    """
    rows = type(row)._default_manager.select_for_update(of=("self",))  # type: ignore[attr-defined]
    return rows.select_related(*related).get(pk=row.pk)
