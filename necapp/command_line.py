"""The command line: what stands in a command's way is said in a sentence, be it a setting, the database or a file.

Only what is a fault of the app ends in a traceback; `--traceback` asks for one of anything.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError, InterfaceError
from environs import EnvError

from audit.unavailable import is_unavailable, sqlstate_of

from .log_values import codes

INTERRUPTED = 130  # as a shell has it
_NO_SUCH_TABLE = ("42P01", "42703")  # nor such a column


def main(arguments: Sequence[str]) -> int:
    try:
        execute_from_command_line(list(arguments))
    except KeyboardInterrupt:
        return _said("Interrupted.", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read has had enough; nothing is written there when this process ends, either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as failure:
        if "--traceback" in arguments or not (words := in_words(failure)):
            raise
        return _said(words, 1)
    return 0


def in_words(failure: Exception) -> str:
    """Why a command could not do its work, without a value of a row; "" for what is a fault."""
    match failure:
        case EnvError() | ImproperlyConfigured():
            return f"The settings do not hold: {failure}"
        case DatabaseError() | InterfaceError():
            why = " ".join(codes(failure)) or type(failure).__name__
            if is_unavailable(failure):
                return f"The database is away, busy or full: {why}"
            is_missing = sqlstate_of(failure) in _NO_SUCH_TABLE or why.startswith(("no such table", "no such column"))
            return f"The database is not of this version ({why}): run migrate first." if is_missing else ""
        case OSError(strerror=str(why)):
            return (
                f"{failure.filename}: {why}" if failure.filename else f"Something could not be read or written: {why}"
            )
    return ""


def _said(words: str, status: int) -> int:
    sys.stderr.write(f"{words}\n")
    return status
