"""Lines of the log as JSON, for a hospital's collector: what happened, where in the code, and in which request.

Nothing that was typed gets in: of a request the name of its page, of an exception its kind and where it was raised,
without its message, which may repeat a value.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
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

Line = MutableMapping[str, Any]


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


def _of_record(logger: Any, name: str, line: Line) -> Line:
    record: logging.LogRecord = line["_record"]
    words = line.pop("positional_args", ())
    status = getattr(record, "status_code", None)
    if isinstance(status, int) and record.name.startswith("django."):
        # Django's own line on a refused request or a fault, whose address is left out.
        match = getattr(getattr(record, "request", None), "resolver_match", None)
        line["event"] = str(words[0]) if len(words) > 1 else REFUSED
        line |= {"status": status, "route": (match.view_name if match else None) or "none"}
    line |= {key: vars(record)[key] for key in TOLD if key in vars(record)}
    if raised := line.pop("exc_info", None):
        line |= {"exception": raised[0].__name__, "raised": _frames(raised[2])}
    line.pop("stack_info", None)
    return line


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
    if address.scheme != "syslog" or not address.hostname:
        raise ValueError(f"SECURITY_LOG: {to} is neither - nor such as syslog://collector.example:514")
    found = SysLogHandler((address.hostname, address.port or SYSLOG_PORT), SysLogHandler.LOG_AUTH)
    found.ident = "necapp: "
    return found
