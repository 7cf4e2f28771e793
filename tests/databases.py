"""Databases of their own for processes that a test starts: beside the tests' own, on the same kind of server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from django.db import connection
from psycopg2 import sql

ROOT = Path(__file__).parents[1]


def own_database(name: str, folder: Path) -> dict[str, str]:
    """The environment of processes that share a new database, with the evidence base in force as release "shipped"."""
    environment = os.environ | {"DATABASE_URL": _url(name, folder), "DJANGO_SETTINGS_MODULE": "necapp.settings"}
    for command in ("migrate", "load_evidence", "publish_release shipped"):
        manage(command, environment)
    return environment


def manage(command: str, environment: dict[str, str], *more: str) -> None:
    arguments = [sys.executable, "manage.py", *command.split(), *more]
    subprocess.run(arguments, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def _url(name: str, folder: Path) -> str:
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        return f"sqlite:///{folder / f'{name}.sqlite3'}"
    name = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    server = psycopg2.connect(given)
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    server.close()
    return given.rpartition("/")[0] + f"/{name}"


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
