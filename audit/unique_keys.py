"""On SQLite no row of a guarded table takes the place of another: INSERT OR REPLACE and UPDATE OR REPLACE are refused.

Both delete, without firing the trigger on deletion, whatever row stands against a unique key. So each unique key of
each guarded table has triggers that refuse a row whose key is there. They are made after every `migrate` from the keys
that the database has, so that no migration can forget them: SQLite drops the triggers of a table that it makes anew.

PostgreSQL needs none: ON CONFLICT DO UPDATE fires the triggers on changes there, and MERGE those on what it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections

from .guard import GuardedModel

WHY = "a row with this key is there, and no row is replaced"
# Guarded by triggers alone: former versions of entries, which django-simple-history writes.
OTHERS = ("regimens_historicalentry",)


@dataclass(frozen=True)
class Key:
    """A unique key of a table; `condition` is that of a partial index, in SQL, else empty."""

    table: str
    name: str
    columns: tuple[str, ...]
    condition: str = ""

    def matches(self, other: str) -> str:
        """The condition, in SQL, that a row of the table has the key of the row `other`, such as NEW."""
        found = [f'"{column}" = {other}."{column}"' for column in self.columns]
        if self.condition:
            found += [f"({self.condition})", "(" + re.sub(r'"(\w+)"', rf'{other}."\1"', self.condition) + ")"]
        return " AND ".join(found)

    def triggers(self) -> Iterator[tuple[str, str]]:
        """Names and definitions."""
        for statement, besides in (("INSERT", ""), ("UPDATE", " AND rowid <> OLD.rowid")):
            name = f"{self.table}_{self.name}_{statement.lower()}"
            there = f'SELECT 1 FROM "{self.table}" WHERE {self.matches("NEW")}{besides}'  # noqa: S608 - our own names
            fires = f'BEFORE {statement} ON "{self.table}" WHEN EXISTS ({there})'
            yield name, f"CREATE TRIGGER \"{name}\" {fires} BEGIN SELECT RAISE(ABORT, '{WHY}'); END"


def guarded_tables() -> list[str]:
    models = (model for model in apps.get_models() if issubclass(model, GuardedModel))
    return sorted({model._meta.db_table for model in models} | set(OTHERS))


def keys_of(cursor: Any, table: str) -> list[Key]:
    """The unique keys of a table as SQLite has them, the key of its rows included."""
    cursor.execute(f'PRAGMA table_info("{table}")')
    columns = [(name, kind.lower(), place) for _cid, name, kind, _null, _default, place in cursor.fetchall()]
    own = [name for name, kind, place in columns if place and kind == "integer"]
    found = [Key(table, "rowid", (own[0] if own else "rowid",))]
    cursor.execute(f'PRAGMA index_list("{table}")')
    for _seq, index, is_unique, _origin, _partial in cursor.fetchall():
        if not is_unique:
            continue
        cursor.execute(f'PRAGMA index_info("{index}")')
        named = tuple(name for _rank, _cid, name in cursor.fetchall())
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [index])
        definition = (cursor.fetchone() or [""])[0] or ""
        if None in named:
            raise NotImplementedError(f"{index} of {table} is over an expression: say how its rows are told apart")
        found.append(Key(table, index, named, definition.partition(" WHERE ")[2]))
    return found


def keep(using: str = "default") -> None:
    """Make the triggers that are missing, or that are of other keys."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        known = dict(cursor.fetchall())
        for table in guarded_tables():
            for key in keys_of(cursor, table) if table in there else ():
                for name, definition in key.triggers():
                    if known.get(name) != definition:
                        cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
                        cursor.execute(definition)
