"""The databases of the tests, and others beside them for processes that a test starts, on the same kind of server.

To migrate one and load the evidence base takes seconds; it is done once a run, and copied. Static files
are collected once, too.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from django.db import connection
from psycopg2 import sql

ROOT = Path(__file__).parents[1]
# The variable of the environment that names the folder by which processes of one run share a filled database.
SHARED = "NECAPP_TESTS_SHARED"
FILLED = "necapp_filled"


def share_in(folder: str) -> None:
    """Have this process and those that it starts share a database that one of them fills."""
    os.environ[SHARED] = folder


@contextmanager
def filling() -> Iterator[bool]:
    """While the test database of this process is made: yields whether it has to be filled, or is a copy already."""
    with locked():
        is_first = not _filled().exists()
        if is_first:
            yield True
            _keep()
            return
        if connection.vendor == "postgresql":
            connection.settings_dict["TEST"]["TEMPLATE"] = FILLED
            yield False
            return
        # In memory, where it stays as long as somebody is connected: Django is, once it has made its own.
        with closing(sqlite3.connect(connection.creation._get_test_db_name(), uri=True)) as copied:
            with closing(sqlite3.connect(_file())) as filled:
                filled.backup(copied)
            yield False


def empty_database(name: str, folder: Path) -> dict[str, str]:
    """The environment of processes with a database of their own, without a table."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    server = _server()
    return _environment(_create(server, f"{name}_{worker}") if server else f"sqlite:///{folder / name}.sqlite3")


def own_database(name: str, folder: Path) -> dict[str, str]:
    """The environment of processes that share a new database, with the evidence base in force as release "shipped"."""
    with locked():
        if not _filled().exists():  # no test before this one needed the test database
            _fill()
    if server := _server():
        url = _create(server, f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}", like=FILLED)
    else:
        shutil.copy(_file(), folder / f"{name}.sqlite3")
        url = f"sqlite:///{folder / f'{name}.sqlite3'}"
    return _environment(url)


def collect_static_files(environment: dict[str, str]) -> dict[str, str]:
    """The environment with static files as the app serves them: collected once a run, which takes as long as a test."""
    folder = Path(os.environ[SHARED]) / "static"
    environment = environment | {"STATIC_ROOT": str(folder)}
    with locked():
        if not folder.exists():
            manage("collectstatic --no-input", environment)
    return environment


def manage(command: str, environment: dict[str, str], *more: str) -> None:
    arguments = [sys.executable, "manage.py", *command.split(), *more]
    subprocess.run(arguments, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def locked(name: str = "filled") -> Iterator[None]:
    """One process of the run at a time; under each name another lock."""
    with (Path(os.environ[SHARED]) / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _server() -> str:
    """The PostgreSQL server that the tests are given; empty for SQLite."""
    given = os.environ.get("DATABASE_URL", "")
    return given if given.startswith("postgres") else ""


def _file() -> Path:
    return Path(os.environ[SHARED]) / "filled.sqlite3"


def _filled() -> Path:
    """Is there when the database is."""
    return Path(os.environ[SHARED]) / "filled"


def _keep() -> None:
    """Copy the test database of this process for the others."""
    if server := _server():
        name = connection.settings_dict["NAME"]
        connection.close()  # nobody may be connected to what is copied
        _create(server, FILLED, like=name)
    else:
        with closing(sqlite3.connect(_file())) as file:
            connection.connection.backup(file)
    _filled().touch()


def _fill() -> None:
    server = _server()
    url = _create(server, FILLED) if server else f"sqlite:///{_file()}"
    for command in ("migrate", "load_evidence", "publish_release shipped"):
        manage(command, _environment(url))
    _filled().touch()


def _environment(url: str) -> dict[str, str]:
    return os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "necapp.settings"}


def _create(server: str, name: str, *, like: str = "template1") -> str:
    """The address of a new database on the server, a copy of another one."""
    names = {"name": sql.Identifier(name), "like": sql.Identifier(like)}
    connected = psycopg2.connect(server)
    connected.autocommit = True
    with connected.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {name}").format(**names))
        cursor.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {like}").format(**names))
    connected.close()
    return server.rpartition("/")[0] + f"/{name}"


@contextmanager
def without_triggers() -> Iterator[None]:
    """What only the database's owner can do, who is trusted: for a state that nothing else reaches."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL session_replication_role = replica")
            yield
            cursor.execute("SET LOCAL session_replication_role = origin")
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            yield
            for _, definition in triggers:
                cursor.execute(definition)


def forget_releases() -> None:
    """As if nothing was ever published."""
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM regimens_releaseinforce")
        cursor.execute("DELETE FROM regimens_knowledgerelease")
