"""Databases of their own for processes that a test starts: beside the tests' own, on the same kind of server."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg2
from django.db import connection
from psycopg2 import sql

ROOT = Path(__file__).parents[1]


def own_database(name: str, folder: Path) -> dict[str, str]:
    """The environment of processes that share a new database, with the evidence base in force as release "shipped".

    It is a copy of one that each process of the tests fills once.
    """
    if server := _server():
        url = _create(server, name, like=_filled_on(server))
    else:
        shutil.copy(_filled_file(), folder / f"{name}.sqlite3")
        url = f"sqlite:///{folder / f'{name}.sqlite3'}"
    return _environment(url)


def manage(command: str, environment: dict[str, str], *more: str) -> None:
    arguments = [sys.executable, "manage.py", *command.split(), *more]
    subprocess.run(arguments, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def _server() -> str:
    """The PostgreSQL server that the tests are given; empty for SQLite."""
    given = os.environ.get("DATABASE_URL", "")
    return given if given.startswith("postgres") else ""


@cache
def _filled_file() -> Path:
    folder = tempfile.mkdtemp(prefix="necapp-filled-")
    atexit.register(shutil.rmtree, folder)
    file = Path(folder) / "filled.sqlite3"
    _fill(f"sqlite:///{file}")
    return file


@cache
def _filled_on(server: str) -> str:
    _fill(_create(server, "filled"))
    return _named("filled")


def _fill(url: str) -> None:
    for command in ("migrate", "load_evidence", "publish_release shipped"):
        manage(command, _environment(url))


def _environment(url: str) -> dict[str, str]:
    return os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "necapp.settings"}


def _create(server: str, name: str, *, like: str = "template1") -> str:
    """The address of a new database on the server, a copy of another one."""
    names = {"name": sql.Identifier(_named(name)), "like": sql.Identifier(like)}
    connected = psycopg2.connect(server)
    connected.autocommit = True
    with connected.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {name}").format(**names))
        cursor.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {like}").format(**names))
    connected.close()
    return server.rpartition("/")[0] + f"/{_named(name)}"


def _named(name: str) -> str:
    return f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


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
