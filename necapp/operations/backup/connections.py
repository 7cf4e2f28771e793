"""Databases beside the one that the settings name, which code that knows one database only works on for a while."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import dj_database_url
from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

from necapp.log_values import codes

from .errors import BackupError

SQLITE, POSTGRESQL = "django.db.backends.sqlite3", "django.db.backends.postgresql"
# As the settings have it: a writer takes its lock at once.
OF_SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}

Database = dict[str, Any]


def at(url: str) -> Database:
    """The settings of the database at an address as `DATABASE_URL` has it. Raises BackupError."""
    try:
        database: Database = dict(dj_database_url.parse(url))
    except (ValueError, KeyError) as error:
        raise BackupError("that is no address of a database, such as postgres://user:password@host/name") from error
    if database.get("ENGINE") not in (SQLITE, POSTGRESQL) or not database.get("NAME"):
        raise BackupError("the address names no database of PostgreSQL or SQLite")
    if database["ENGINE"] == SQLITE:
        if database["NAME"] == ":memory:":
            raise BackupError("the address names no file: sqlite:////path/to/file")
        database["OPTIONS"] = {**OF_SQLITE}
    return database


def in_use() -> Database:
    """The settings of the database that is worked on."""
    return deepcopy(connections[DEFAULT_DB_ALIAS].settings_dict)


@contextmanager
def working_on(database: Database) -> Iterator[BaseDatabaseWrapper]:
    """Within it, all that reads and writes does so there."""
    configured = connections.configure_settings({DEFAULT_DB_ALIAS: deepcopy(database)})[DEFAULT_DB_ALIAS]
    opened: BaseDatabaseWrapper = load_backend(configured["ENGINE"]).DatabaseWrapper(configured, DEFAULT_DB_ALIAS)
    former = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = opened
    ContentType.objects.clear_cache()
    try:
        yield opened
    finally:
        connections[DEFAULT_DB_ALIAS] = former
        ContentType.objects.clear_cache()
        opened.close()


def check_opens(connection: BaseDatabaseWrapper) -> None:
    """Raises BackupError, which says why in the words of whoever was asked to connect."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise BackupError(f"the database to be filled cannot be opened: {' '.join(codes(error))}") from None


@contextmanager
def one_moment(database: Database) -> Iterator[BaseDatabaseWrapper]:
    """The same, as the database is at one moment, however long it takes; nobody who writes meanwhile has to wait."""
    with working_on(_reading(database)) as connection, transaction.atomic():
        without_limits(connection)
        yield connection


@contextmanager
def for_its_owner_alone() -> Iterator[None]:
    """A file that is made within, such as a database of SQLite, is nobody else's to read."""
    former = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(former)


def without_limits(connection: BaseDatabaseWrapper) -> None:
    """No limit of time that is meant for pages ends what takes as long as the database is large."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def _reading(database: Database) -> Database:
    database = deepcopy(database)
    if database["ENGINE"] == SQLITE:
        options = {"transaction_mode": "DEFERRED"}  # what is read first fixes the moment, and takes no writer's lock
    else:
        from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

        options = {"isolation_level": ISOLATION_LEVEL_REPEATABLE_READ}
    database["OPTIONS"] = {**database.get("OPTIONS", {}), **options}
    return database
