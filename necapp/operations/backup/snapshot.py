"""A database as of one moment: what it holds, in numbers and hashes, and its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from audit import chain

from .connections import Database, one_moment
from .errors import BackupError
from .rankings import Rankings, ranked
from .tables import Migrations, Row, Sum, Table, applied, tables_after

FORMAT = "necapp backup 1"

# Takes a table's rows and returns the hash of what it wrote of them.
Writer = Callable[[Table, Iterator[Row]], str]


@dataclass(frozen=True)
class TableSummary:
    """digest        a hash over all rows, in whatever order
    last_number   the last number that was given to a row as its key; None where none is
    sha256        of the file, where there is one
    """

    rows: int
    digest: str
    columns: list[str]
    last_number: int | None = None
    sha256: str = ""


@dataclass(frozen=True)
class Seals:
    """The chain of hashes over the events, as `audit.chain` checks it."""

    sealed: int
    head: str
    broken: str
    unsealed: list[int]


@dataclass(frozen=True)
class Manifest:
    """What a backup or a database holds. `seals` and `rankings` are None where migrations waited to be applied.

    database   sqlite or postgresql
    version    of the app that read it
    """

    made_at: str
    version: str
    database: str
    migrations: Migrations
    tables: dict[str, TableSummary] = field(default_factory=dict)
    seals: Seals | None = None
    rankings: Rankings | None = None
    format: str = FORMAT

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    def as_plain(self) -> dict[str, Any]:
        return asdict(self)


class Snapshot:
    """A database that is read as of one moment, while it is worked on."""

    def __init__(self, connection: BaseDatabaseWrapper):
        self.connection = connection
        loader = MigrationLoader(connection)
        self.migrations = applied(loader)
        if not self.migrations:
            raise BackupError("the database is empty: it has been through no migration")
        self.tables = {table.name: table for table in tables_after(loader, self.migrations)}
        self.is_of_this_version = self.migrations.keys() == {app for app, _ in loader.disk_migrations} and all(
            (app, name) in (loader.applied_migrations or ()) for app, name in loader.graph.leaf_nodes()
        )

    def rows(self, table: str) -> Iterator[Row]:
        return self.tables[table].rows(self.connection)

    def manifest(
        self, write: Callable[[Table, Iterator[Row]], str] | None = None, *, rankings: bool = True
    ) -> Manifest:
        """What it holds. Each table's rows pass through `write`."""
        return Manifest(
            made_at=timezone.now().isoformat(timespec="seconds"),
            version=settings.VERSION,
            database=self.connection.vendor,
            migrations=self.migrations,
            tables={name: self._summary(table, write) for name, table in self.tables.items()},
            seals=seals() if self.is_of_this_version else None,
            rankings=ranked() if self.is_of_this_version and rankings else None,
        )

    def _summary(self, table: Table, write: Writer | None) -> TableSummary:
        found = Sum()

        def summed() -> Iterator[Row]:
            for row in table.rows(self.connection):
                found.add(row)
                yield row

        if write is None:
            sha256 = ""
            for _row in summed():
                pass
        else:
            sha256 = write(table, summed())
        return TableSummary(found.rows, found.digest, table.columns, table.last_number(self.connection), sha256)


@contextmanager
def snapshot(database: Database) -> Iterator[Snapshot]:
    """Raises BackupError where there is nothing to be read."""
    with one_moment(database) as connection:
        yield Snapshot(connection)


def seals() -> Seals:
    """Of the database that is worked on."""
    found = chain.verify()
    return Seals(found.sealed, found.head, found.broken, list(found.unsealed))
