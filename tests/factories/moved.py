"""A database of its own with what a hospital has in one, for tests that back it up and move it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from boards.shown.stored_ranking import knowledge_of
from curation import actions
from curation.actions import Drafted
from curation.actions.reports import report
from curation.models import Entry
from curation.reported import About
from necapp.operations.backup.connections import Database, at, working_on
from tests.databases import own_database, without_triggers

from .accounts import account, with_app
from .boards import a_board, a_case, an_item, signed
from .curation import REASON, content, somebody
from .surveillance import found_from


def used(name: str, folder: Path) -> Database:
    """People, one with an authenticator app and one who is gone, a decision that two signed, a case with notes, what a
    search found, a package that waits to be reviewed, and a report that something is wrong.
    """
    database = at(own_database(name, folder)["DATABASE_URL"])
    with worked_on(database):
        with_app(account("cora"))
        signed(an_item())
        a_case(a_board("Second board"), "Ileum 3", notes="“Größe” 12 µm\n")
        found_from("records.nbib")
        ask_for_review(somebody("pia"))
        about = About("regimens", "folfiri", "FOLFIRI", "", "", "", "")
        report(about=about, words="The survival is another one.", source="", address=None)
        User.objects.create(username="dora").delete()
    return database


def ask_for_review(by: User) -> None:
    """Of a package with another name of a regimen."""
    version = Entry.objects.get(kind="regimens", key="folfiri").version
    drafted = Drafted("regimens", "folfiri", content("regimens", "folfiri", name="FOLFIRI, moved"), version)
    package = actions.begin_package(title="A study", identifier="39000001", entries=[drafted], by=by)
    actions.propose_package(package, **REASON, by=by)


def emptied(name: str, folder: Path) -> Database:
    """Of the kind that the tests run on, with every table and no row: a copy, which is quicker than to migrate anew."""
    database = at(own_database(name, folder)["DATABASE_URL"])
    with worked_on(database), transaction.atomic(), without_triggers(), connection.cursor() as cursor:
        for table in tables() - {"django_migrations"}:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - of our own tables
    return database


def a_file(folder: Path, name: str) -> Database:
    """An empty one of SQLite."""
    return at(f"sqlite:///{folder / name}.sqlite3")


@contextmanager
def worked_on(database: Database) -> Iterator[BaseDatabaseWrapper]:
    """As a process would that starts with it."""
    knowledge_of.cache_clear()
    with working_on(database) as opened:
        yield opened
    knowledge_of.cache_clear()


def tables() -> set[str]:
    return set(connection.introspection.table_names())


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - of our own tables
        return int(cursor.fetchone()[0])


def address(database: Database) -> str:
    """As `DATABASE_URL` has it."""
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{database['NAME']}"
    host = str(database["HOST"]).replace("/", "%2F")
    return f"postgres://{database['USER']}@{host}/{database['NAME']}"
