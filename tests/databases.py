"""Databases of their own for processes that a test starts: beside the tests' own, on the same kind of server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg2
from psycopg2 import sql

ROOT = Path(__file__).parents[1]


def own_database(name: str, folder: Path) -> dict[str, str]:
    """The environment of processes that share a new database, with the evidence base in force as release "shipped"."""
    environment = os.environ | {"DATABASE_URL": _url(name, folder), "DJANGO_SETTINGS_MODULE": "necapp.settings"}
    for command in ("migrate", "load_evidence", "publish_release shipped"):
        manage(command, environment)
    return environment


def manage(command: str, environment: dict[str, str]) -> None:
    arguments = [sys.executable, "manage.py", *command.split()]
    subprocess.run(arguments, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def _url(name: str, folder: Path) -> str:
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        return f"sqlite:///{folder / f'{name}.sqlite3'}"
    name = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    connection = psycopg2.connect(given)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    connection.close()
    return given.rpartition("/")[0] + f"/{name}"
