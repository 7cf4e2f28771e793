"""Rows into an empty database, all or nothing, and whether it then is what they were read from.

The tables are made by the migrations that the source has been through. Rows that are guarded by triggers get in as the
database's owner lets them: the triggers are off within the one transaction that loads, and stand again before it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from audit import chain
from audit.chain import batches
from audit.events import record

from .connections import check_opens, without_limits
from .errors import BackupError
from .rankings import ranked
from .snapshot import Manifest, seals
from .tables import AT_ONCE, Migrations, Row, Table, applied, tables_after

# What migrations fill: an empty database may hold these rows, which are replaced.
FILLED_BY_MIGRATIONS = (
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
)


class Source(Protocol):
    """Where rows come from: a backup, or another database."""

    @property
    def manifest(self) -> Manifest: ...

    def rows(self, table: str) -> Iterator[Row]: ...


@dataclass(frozen=True)
class Told:
    """What an event says of it."""

    action: str
    subject: str
    details: dict[str, Any]


def check_can_be_filled(into: BaseDatabaseWrapper) -> None:
    """Raises BackupError for a database that cannot be opened, or is not empty."""
    check_opens(into)
    _empty(into, MigrationLoader(into))


def load(source: Source, into: BaseDatabaseWrapper, told: Told) -> list[str]:
    """Load everything into the database that is worked on, and compare.

    Where the source is of an earlier version, it is brought up to this one afterwards; what is ranked otherwise than
    before is handed back then, in words. Raises BackupError, for what is ranked otherwise by one and the same version,
    too: then nothing was loaded.
    """
    manifest = source.manifest
    _known(into, manifest.migrations)
    _empty(into, MigrationLoader(into))
    _migrate(into, manifest.migrations)
    loader = MigrationLoader(into)
    tables = tables_after(loader, manifest.migrations)
    if {table.name: table.columns for table in tables} != {
        name: summary.columns for name, summary in manifest.tables.items()
    }:
        raise BackupError("the backup's tables are not those of its migrations")
    is_of_this_version = set(loader.graph.leaf_nodes()) <= set(loader.applied_migrations or ())
    with transaction.atomic():
        without_limits(into)
        with _without_triggers(into, tables):
            _empty(into, loader)  # nobody came between
            for name in FILLED_BY_MIGRATIONS:
                _run(into, f"DELETE FROM {into.ops.quote_name(name)}")  # noqa: S608 - names of tables
            for table in tables:
                _load_table(into, table, source.rows(table.name), manifest.tables[table.name].last_number)
            _compare_tables(into, tables, manifest)
        if is_of_this_version:
            _compare_seals(manifest)
            if differences := _differences(manifest):
                raise BackupError("what is ranked differs: " + "; ".join(differences))
            record(told.action, told.subject, details=told.details)
    if is_of_this_version:
        return []
    call_command("migrate", verbosity=0, interactive=False)
    record(told.action, told.subject, details=told.details)
    return [*_chain_went_on(manifest), *_differences(manifest)]


def _known(connection: BaseDatabaseWrapper, migrations: Migrations) -> None:
    """The source is not of a newer version, and the database to be filled has not gone further than it."""
    loader = MigrationLoader(connection)
    for app, names in migrations.items():
        for name in names:
            if (app, name) not in loader.disk_migrations:
                raise BackupError(f"it was made by a newer version: migration {app} {name} is not known to this one")
    ahead = {(app, name) for app, names in applied(loader).items() for name in names} - {
        (app, name) for app, names in migrations.items() for name in names
    }
    if ahead:
        raise BackupError(
            "the database to be filled has been through migrations that the backup has not: use one without tables"
        )


def _empty(connection: BaseDatabaseWrapper, loader: MigrationLoader) -> None:
    """Raises BackupError for a database that holds anything that migrations did not bring."""
    there = set(connection.introspection.table_names())
    filled = [
        table.name
        for table in tables_after(loader, applied(loader))
        if table.name in there and table.name not in FILLED_BY_MIGRATIONS and _has_rows(connection, table)
    ]
    if filled:
        raise BackupError(f"the database is not empty: there are rows in {', '.join(filled[:5])}")


def _has_rows(connection: BaseDatabaseWrapper, table: Table) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table.name)} LIMIT 1")  # noqa: S608 - names of tables
        return cursor.fetchone() is not None


def _migrate(connection: BaseDatabaseWrapper, migrations: Migrations) -> None:
    """To the state of the source; signals, which would fill in permissions of today, are left out."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    nodes = {(app, name) for app, names in migrations.items() for name in names} & graph.nodes.keys()
    executor.migrate(
        sorted(node for node in nodes if not any(child.key in nodes for child in graph.node_map[node].children))
    )


@contextmanager
def _without_triggers(connection: BaseDatabaseWrapper, tables: Iterable[Table]) -> Iterator[None]:
    """Within a transaction: where it fails, its end brings them back."""
    quoted = connection.ops.quote_name
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        for name, _ in triggers:
            _run(connection, f"DROP TRIGGER {quoted(name)}")
        yield
        for _, definition in triggers:
            _run(connection, definition)
        connection.check_constraints()
        return
    names = [quoted(table.name) for table in tables]
    for name in names:
        _run(connection, f"ALTER TABLE {name} DISABLE TRIGGER USER")
    yield
    _run(connection, "SET CONSTRAINTS ALL IMMEDIATE")
    for name in names:
        _run(connection, f"ALTER TABLE {name} ENABLE TRIGGER USER")


def _load_table(connection: BaseDatabaseWrapper, table: Table, rows: Iterator[Row], last_number: int | None) -> None:
    key = table.columns.index(str(table.key.column))
    largest = 0
    for some in batches(rows, AT_ONCE):
        try:
            table.insert(connection, some)
        except (DatabaseError, ValueError, TypeError, OverflowError) as error:
            # The database's own message may hold values of the row.
            where = f"{table.name}, among the rows {some[0][key]} to {some[-1][key]}"
            raise BackupError(f"{where}: the database takes one of them not ({type(error).__name__})") from None
        if table.counts_up:
            largest = max(largest, *(row[key] for row in some))
    if table.counts_up:
        table.go_on_from(connection, max(largest, last_number or 0))


def _compare_tables(connection: BaseDatabaseWrapper, tables: Iterable[Table], manifest: Manifest) -> None:
    for table in tables:
        expected, found = manifest.tables[table.name], table.sum(connection)
        if found.rows != expected.rows:
            raise BackupError(f"{table.name} holds {found.rows} rows and should hold {expected.rows}")
        if found.digest != expected.digest:
            raise BackupError(f"the {found.rows} rows of {table.name} are not those that were read")


def _compare_seals(manifest: Manifest) -> None:
    """The chain of hashes is the one that was read."""
    found = seals()
    if manifest.seals is not None and found != manifest.seals:
        raise BackupError(
            f"the chain of events holds {found.sealed} seals and ends in {found.head or 'none'}; "
            f"it should hold {manifest.seals.sealed} and end in {manifest.seals.head or 'none'}"
        )


def _chain_went_on(manifest: Manifest) -> Iterator[str]:
    """After an upgrade, which may have told what it did, the chain that was read is the beginning of the one there."""
    if manifest.seals is None or manifest.seals.broken:
        return
    found = chain.verify()
    if found.broken:
        yield f"the chain of events is broken at {found.broken}"
    elif manifest.seals.head and not chain.holds(manifest.seals.head):
        yield f"the chain of events does not hold {manifest.seals.head}"


def _differences(manifest: Manifest) -> list[str]:
    return list(manifest.rankings.differences(ranked())) if manifest.rankings else []


def _run(connection: BaseDatabaseWrapper, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
