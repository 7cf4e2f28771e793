"""What keeps the values of rows out of logs: of an exception, its kind and where it was raised, and nothing it says.

The message of a database's refusal holds the row that it refuses, and that of any other exception may hold what
somebody entered. So each record of a log gets, in place of its exceptions, bare ones of the same name, with the code of
the database and the constraint: enough to find the line. While developing (DEBUG) they stay as they are, and so
does what a command says at a terminal.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

MOST_IN_A_CHAIN = 10
# What these say is of the installation, and of no row: an import, a setting, the history of migrations; SQLite, which
# names columns alone; that no connection was had.
OF_THE_INSTALLATION = (
    *("ImportError", "ModuleNotFoundError", "ImproperlyConfigured", "InconsistentMigrationHistory"),
    *("EnvError", "EnvNotSetError", "EnvValidationError"),
)


def bare(failure: BaseException, depth: int = 0) -> BaseException:
    """An exception of the same name, place and origin, which says no value."""
    cls = type(failure)
    name = {"__module__": cls.__module__, "__qualname__": cls.__qualname__}
    made: BaseException = type(cls.__name__, (Exception,), name)(*codes(failure))
    made.__traceback__ = failure.__traceback__
    made.__suppress_context__ = failure.__suppress_context__
    if depth < MOST_IN_A_CHAIN:
        if failure.__cause__ is not None:
            made.__cause__ = bare(failure.__cause__, depth + 1)
        if failure.__context__ is not None and not failure.__suppress_context__:
            made.__context__ = bare(failure.__context__, depth + 1)
    return made


def keep_values_out() -> None:
    """From now on, in this process: in every record of a log, and in what ends a process or a thread."""
    ordinary = logging.getLogRecordFactory()
    if getattr(ordinary, "keeps_values_out", False):
        return

    def record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        made = ordinary(*args, **kwargs)
        if made.exc_info and made.exc_info[1] is not None:
            said = bare(made.exc_info[1])
            made.exc_info = (type(said), said, made.exc_info[2])
        if isinstance(made.args, tuple):
            made.args = tuple(map(_without_values, made.args))
        made.msg = _without_values(made.msg)
        return made

    record.keeps_values_out = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(record)
    sys.excepthook = _ended
    threading.excepthook = lambda ended: _ended(ended.exc_type, ended.exc_value, ended.exc_traceback)


def _without_values(given: object) -> object:
    """What is written into a line of a log: an exception as its kind."""
    return f"{type(given).__name__} {' '.join(codes(given))}".strip() if isinstance(given, BaseException) else given


def codes(failure: BaseException) -> tuple[str, ...]:
    """What may be said of a failure: of a database's its code, and the constraint by name."""
    of_driver = failure.__cause__ if type(failure).__module__ == "django.db.utils" else failure
    code = getattr(of_driver, "pgcode", None)
    if isinstance(code, str):
        constraint = getattr(getattr(of_driver, "diag", None), "constraint_name", None)
        return (f"SQLSTATE {code}{f', constraint {constraint}' if constraint else ''}",)
    kind = type(of_driver)
    is_no_connection = kind.__module__.startswith("psycopg2") and kind.__name__ == "OperationalError"
    if is_no_connection or kind.__module__ == "sqlite3" or kind.__name__ in OF_THE_INSTALLATION:
        return (str(of_driver).strip().partition("\n")[0],)
    return ()


def _ended(kind: type[BaseException], failure: BaseException | None, way: TracebackType | None) -> None:
    """What ends a command: on a server its standard error is a log, of cron or of a container."""
    if failure is None or isinstance(failure, KeyboardInterrupt) or sys.stderr.isatty():
        sys.__excepthook__(kind, failure or kind(), way)
        return
    said = bare(failure)
    traceback.print_exception(type(said), said, way)
