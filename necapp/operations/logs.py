"""Lines of the log, for people or as JSON for a hospital's collector: what happened, where, and in which request.

Nothing that was typed gets in: of a request the name of its page, of an exception its kind and where it was raised,
without its message, which may repeat a value.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from logging.handlers import SysLogHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog

ROOT = str(Path(__file__).resolve().parents[2])
# What our own lines say besides, each a name or a number.
TOLD = ("route", "method", "status", "milliseconds")
REFUSED = "Request refused"
STANDARD_ERROR = "-"
SYSLOG_PORT = 514

Fields = MutableMapping[str, Any]

log = logging.getLogger("necapp.collector")


def json_formatter() -> logging.Formatter:
    """For `logging.config`, as a factory."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            _of_record,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        pass_foreign_args=True,
    )


def _of_record(logger: Any, name: str, line: Fields) -> Fields:
    record: logging.LogRecord = line["_record"]
    line.pop("positional_args", ())
    if of_request := _of_request(record):
        line["event"], status, route = of_request
        line |= {"status": status, "route": route}
    line |= {key: vars(record)[key] for key in TOLD if key in vars(record)}
    if raised := line.pop("exc_info", None):
        line |= {"exception": raised[0].__name__, "raised": _frames(raised[2])}
    line.pop("stack_info", None)
    return line


def _of_request(record: logging.LogRecord) -> tuple[str, int, str] | None:
    """What Django's own line says of a refused request or a fault: why, the status and the name of the page."""
    status = getattr(record, "status_code", None)
    if not isinstance(status, int) or not record.name.startswith("django."):
        return None
    words = record.args if isinstance(record.args, tuple) else ()
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return str(words[0]) if len(words) > 1 else REFUSED, status, (match.view_name if match else None) or "none"


class Line(logging.Formatter):
    """Lines for people, which hold no address of a page and no name of a host, either: somebody typed them."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as the library calls it
        if of_request := _of_request(record):
            why, status, route = of_request
            record.message = f"{why}: {status} {route}"
        return super().formatMessage(record)


def _frames(found: Any) -> list[str]:
    """Where in the code, the innermost last."""
    frames = traceback.extract_tb(found)
    return [f"{frame.filename.removeprefix(ROOT + '/')}:{frame.lineno} {frame.name}" for frame in frames]


def security_handler(to: str) -> logging.Handler:
    """Where the lines go: nowhere, to standard error, or to a collector that speaks syslog over UDP."""
    if to == STANDARD_ERROR:
        return logging.StreamHandler(sys.stderr)
    if not to:
        return logging.NullHandler()
    address = urlsplit(to)
    found = Collector((address.hostname or "", address.port or SYSLOG_PORT), SysLogHandler.LOG_AUTH)
    found.ident = "necapp: "
    return found


class Collector(SysLogHandler):
    """One whose name cannot be looked up keeps nothing from starting: the next event tries it again."""

    def createSocket(self) -> None:  # noqa: N802 - as the library calls it
        with suppress(OSError):
            super().createSocket()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - as the library calls it
        log.warning("The collector of security events (SECURITY_LOG) cannot be reached.")
