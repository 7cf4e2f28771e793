"""Why something is not backed up, restored or moved, in words for the person at the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import DatabaseError

from audit.unavailable import is_unavailable
from necapp.log_values import codes


class BackupError(Exception):
    """Nothing was changed, unless the message says otherwise."""


@contextmanager
def told_as(outcome: str) -> Iterator[None]:
    """For a command: what went wrong, after what that means. The database's own words, which may hold values of a row,
    are left to its log.
    """
    try:
        yield
    except BackupError as error:
        raise CommandError(f"{outcome}: {error}") from error
    except DatabaseError as error:
        raise CommandError(f"{outcome}: {in_words(error)}") from None


def in_words(failure: DatabaseError) -> str:
    why = " ".join(codes(failure)) or type(failure).__name__
    if is_unavailable(failure):
        return f"the database is away, busy or full: {why}"
    return f"the database refused it ({why}); its log says why"
