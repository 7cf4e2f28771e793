"""Every table as rows of plain values: JSON that is the same whether SQLite or PostgreSQL holds it.

Tables and columns are those of the migrations that a database has been through, which may be an earlier state than the
models of this version. Values are read as they are stored: what a field of ours makes of them, such as opening what is
encrypted, is left out.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.apps.registry import Apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.models.expressions import Col

from audit.canonical import canonical_json

from .errors import BackupError

# Who is signed in signs in again: a key of a session opens it.
LEFT_OUT = ("sessions.session", "accounts.session")
AT_ONCE = 500

Migrations = dict[str, list[str]]
Row = list[Any]


class Sum:
    """What rows sum up to, in whatever order they come: how many, and a hash over all."""

    def __init__(self) -> None:
        self._hashes: list[bytes] = []

    def add(self, row: Row) -> None:
        self._hashes.append(sha256(canonical_json(row)).digest())

    @property
    def rows(self) -> int:
        return len(self._hashes)

    @property
    def digest(self) -> str:
        return sha256(b"".join(sorted(self._hashes))).hexdigest()


@dataclass(frozen=True)
class Table:
    """A table and its columns, as fields that read and write what is stored and nothing else.

    counts_up   whether the database gives each new row the next number as its key
    """

    name: str
    fields: tuple[models.Field, ...]
    key: models.Field
    counts_up: bool

    @property
    def columns(self) -> list[str]:
        return [str(field.column) for field in self.fields]

    def rows(self, connection: BaseDatabaseWrapper) -> Iterator[Row]:
        """In the order of their keys, some at a time; within a transaction."""
        quoted = connection.ops.quote_name
        columns = ", ".join(map(quoted, self.columns))
        converters = [_converters(field, self.name, connection) for field in self.fields]
        with connection.chunked_cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM {quoted(self.name)} ORDER BY {quoted(self.key.column)}")  # noqa: S608 - names of tables
            while some := cursor.fetchmany(AT_ONCE):
                for row in some:
                    yield [_plain(value, by) for value, by in zip(row, converters, strict=True)]

    def insert(self, connection: BaseDatabaseWrapper, rows: Sequence[Row]) -> None:
        quoted = connection.ops.quote_name
        columns = ", ".join(map(quoted, self.columns))
        places = ", ".join(["%s"] * len(self.fields))
        stored = [
            [
                field.get_db_prep_save(_read(field, value), connection)
                for field, value in zip(self.fields, row, strict=True)
            ]
            for row in rows
        ]
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {quoted(self.name)} ({columns}) VALUES ({places})", stored)  # noqa: S608 - names of tables

    def sum(self, connection: BaseDatabaseWrapper) -> Sum:
        found = Sum()
        for row in self.rows(connection):
            found.add(row)
        return found

    def last_number(self, connection: BaseDatabaseWrapper) -> int | None:
        """The last number that was given to a row, which may be gone: none is ever given twice."""
        if not self.counts_up:
            return None
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [self.name])
                found = cursor.fetchone()
                return int(found[0]) if found else 0
            cursor.execute(f"SELECT last_value, is_called FROM {self._sequence(cursor)}")  # noqa: S608 - names of tables
            last, is_given = cursor.fetchone()
            return int(last) if is_given else int(last) - 1

    def go_on_from(self, connection: BaseDatabaseWrapper, last: int) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [self.name])
                if last:
                    cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [self.name, last])
            else:
                cursor.execute("SELECT setval(%s, %s, %s)", [self._sequence(cursor), max(last, 1), last > 0])

    def _sequence(self, cursor: Any) -> str:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{self.name}"', self.key.column])
        return str(cursor.fetchone()[0])


def applied(loader: MigrationLoader) -> Migrations:
    """The migrations that a database has been through, by app. Raises BackupError for one that is not known here."""
    found: Migrations = {}
    for app, name in sorted(loader.applied_migrations or ()):
        if app in loader.migrated_apps and (app, name) not in loader.disk_migrations:
            raise BackupError(f"the database is of a newer version: migration {app} {name} is not known to this one")
        if app in loader.migrated_apps:
            found.setdefault(app, []).append(name)
    return found


def tables_after(loader: MigrationLoader, migrations: Migrations) -> tuple[Table, ...]:
    """Every table that is there after these migrations and is carried over, by name."""
    nodes = [(app, name) for app, names in migrations.items() for name in names if (app, name) in loader.graph.nodes]
    return tables_of(loader.project_state(nodes).apps) if nodes else ()


def tables_of(apps: Apps) -> tuple[Table, ...]:
    found = {}
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.managed and not meta.proxy and not meta.swapped and meta.label_lower not in LEFT_OUT:
            fields = tuple(map(_as_stored, meta.local_concrete_fields))
            counts_up = isinstance(meta.pk, models.AutoField)
            found[meta.db_table] = Table(meta.db_table, fields, _as_stored(meta.pk), counts_up)
    return tuple(found[name] for name in sorted(found))


def _as_stored(field: models.Field) -> models.Field:
    """A field that reads and writes its column as Django's own does; of a key of another table, as that one does."""
    column = field.column
    while field.remote_field is not None:
        field = field.target_field
    own = next(kind for kind in type(field).__mro__ if kind.__module__.startswith("django.db.models"))
    stored: models.Field = copy(field)
    stored.__class__ = own
    stored.column = column
    return stored


def _converters(field: models.Field, table: str, connection: BaseDatabaseWrapper) -> list[Callable[[Any], Any]]:
    col = Col(table, field)
    found = [*connection.ops.get_db_converters(col), *field.get_db_converters(connection)]
    return [partial(_convert, converter, col, connection) for converter in found]


def _convert(converter: Any, col: Col, connection: BaseDatabaseWrapper, value: Any) -> Any:
    return converter(value, col, connection)


def _plain(value: Any, converters: Sequence[Callable[[Any], Any]]) -> Any:
    """A value as JSON has it."""
    for converter in converters:
        value = converter(value)
    match value:
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(bytes(value)).decode()
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value // timedelta(microseconds=1)
        case Decimal():
            return format(value.normalize(), "f")
        case UUID():
            return str(value)
    return value


def _read(field: models.Field, value: Any) -> Any:
    """What `_plain` made of a value, as the field takes it."""
    if value is None:
        return None
    match field:
        case models.JSONField():
            return value
        case models.BinaryField():
            return base64.b64decode(value)
        case models.DurationField():
            return timedelta(microseconds=value)
    return field.to_python(value)
