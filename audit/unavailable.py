"""Whether a failure says that the database is away or has no room: nothing is wrong with what was asked.

The page or the interface then answers 503, and asks to try again. What was under way was rolled back.
"""

from __future__ import annotations

from django.db import InterfaceError, OperationalError

RETRY_SECONDS = 30

# PostgreSQL: no connection; no room, memory or connection left; shut down or cancelled; a broken disk; a deadlock.
_CLASSES = ("08", "53", "57", "58", "40")
_LOCK_NOT_AVAILABLE = "55P03"
# SQLite says it in words.
_SQLITE = ("disk is full", "unable to open", "is locked", "disk i/o error", "readonly database")


def is_unavailable(failure: BaseException | None) -> bool:
    """Of a failure or of what it came from."""
    seen: set[int] = set()
    while failure is not None and id(failure) not in seen:
        seen.add(id(failure))
        if _says_so(failure):
            return True
        failure = failure.__cause__ or failure.__context__
    return False


def sqlstate_of(failure: BaseException | None) -> str:
    """PostgreSQL's code of a failure; "" where it has none."""
    code = getattr(failure, "pgcode", None) or getattr(getattr(failure, "__cause__", None), "pgcode", None)
    return code if isinstance(code, str) else ""


def _says_so(failure: BaseException) -> bool:
    code = sqlstate_of(failure)
    if code:
        return code.startswith(_CLASSES) or code == _LOCK_NOT_AVAILABLE
    if isinstance(failure, InterfaceError):
        return True
    if not isinstance(failure, OperationalError):
        return False
    words = str(failure).casefold()
    is_of_sqlite = type(failure.__cause__).__module__ == "sqlite3"
    return any(each in words for each in _SQLITE) if is_of_sqlite else True
