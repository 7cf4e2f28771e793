"""A check of the server's settings: PostgreSQL's log keeps no row (docs/deploy.md). Asked with `check --database`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage
from django.db import connections

# What a server's log would otherwise hold of a row: setting, values that keep it out, and what it would write.
QUIET: tuple[tuple[str, frozenset[str], str], ...] = (
    ("log_min_messages", frozenset({"log", "fatal", "panic"}), "refusals, which repeat a value"),
    ("log_min_error_statement", frozenset({"fatal", "panic"}), "statements that fail, with their values"),
    ("log_error_verbosity", frozenset({"terse"}), "the row that is refused, and the statement of a crash"),
    ("log_statement", frozenset({"none", "ddl"}), "every statement, with its values"),
    ("log_min_duration_statement", frozenset({"-1"}), "slow statements, with their values"),
    ("log_min_duration_sample", frozenset({"-1"}), "slow statements, with their values"),
    ("log_transaction_sample_rate", frozenset({"0"}), "statements of some transactions, with their values"),
    ("log_duration", frozenset({"off"}), "the duration of every statement"),
    ("log_parameter_max_length", frozenset({"0"}), "the values of prepared statements"),
    ("log_parameter_max_length_on_error", frozenset({"0"}), "the values of statements that fail"),
    ("debug_print_parse", frozenset({"off"}), "statements, taken apart"),
    ("debug_print_rewritten", frozenset({"off"}), "statements, taken apart"),
    ("debug_print_plan", frozenset({"off"}), "statements, taken apart"),
)
# As arguments of the server, the way that docker-compose.yml and docs/deploy.md give them.
WANTED = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


def quiet_log(app_configs: Any = None, databases: Sequence[str] | None = None, **options: Any) -> list[CheckMessage]:
    """A warning for each setting of the server with which rows would reach its log."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor == "postgresql":
            found += _warnings(connection)
    return found


def loud_settings(connection: Any) -> list[str]:
    """The settings of a PostgreSQL server that would let rows into its log, with what each would write."""
    names = [name for name, _, _ in QUIET]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [names])
        settings = dict(cursor.fetchall())
    return [
        f"{name} is {settings[name]}: the server's log holds {what}"
        for name, quiet, what in QUIET
        if name in settings and settings[name] not in quiet
    ]


def _warnings(connection: Any) -> list[CheckMessage]:
    hint = "docs/deploy.md, “What reaches a log”, gives the settings of the server."
    return [checks.Warning(words, hint=hint, id="audit.W001") for words in loud_settings(connection)]
