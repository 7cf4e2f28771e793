"""A save that the database refuses or cannot finish leaves no value of its row in any log: ours, or the server's."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from audit.checks import QUIET, WANTED, loud_settings
from boards.models import Case
from necapp.log_values import bare, keep_values_out
from tests.factories.boards import a_board, account

MARKER = "ZZMARKER4711"
FORM = {
    "primary_site": "colorectal",
    "histology": "small-cell",
    "ki67": "80",
    "region": "EU",
    "label": "Colon 1",
    "notes": MARKER,
    "save": "1",
}


@contextmanager
def log() -> Iterator[io.StringIO]:
    """What a handler of the root and one of Django's loggers would write, tracebacks included."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    loggers = [logging.getLogger(), logging.getLogger("django")]
    for each in loggers:
        each.addHandler(handler)
    try:
        yield written
    finally:
        for each in loggers:
            each.removeHandler(handler)


def server_log() -> str:
    """The log of the PostgreSQL server of the tests (tests/postgresql.py)."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        return (Path(cursor.fetchone()[0]) / "log").read_text(encoding="utf-8")


# How a save fails in the middle: at the last row that it writes, with the whole row in what the server says.
BREAKS = {
    "sqlite": ["CREATE TRIGGER broken BEFORE INSERT ON boards_caseversion BEGIN SELECT RAISE(ABORT, 'disk full'); END"],
    "postgresql": [
        "ALTER TABLE boards_caseversion ADD CONSTRAINT broken CHECK (false) NOT VALID",
        "CREATE FUNCTION broken() RETURNS trigger AS $$ BEGIN "
        "RAISE EXCEPTION 'no room for %', NEW USING ERRCODE = 'disk_full'; END $$ LANGUAGE plpgsql; "
        "CREATE TRIGGER broken BEFORE INSERT ON boards_caseversion FOR EACH ROW EXECUTE FUNCTION broken()",
        "CREATE FUNCTION broken() RETURNS trigger AS $$ BEGIN PERFORM NEW.notes::integer; RETURN NEW; END $$ "
        "LANGUAGE plpgsql; "
        "CREATE TRIGGER broken BEFORE INSERT ON boards_caseversion FOR EACH ROW EXECUTE FUNCTION broken()",
        "CREATE FUNCTION broken() RETURNS trigger AS $$ BEGIN PERFORM pg_sleep(5); RETURN NEW; END $$ "
        "LANGUAGE plpgsql; SET LOCAL statement_timeout = 100; "
        "CREATE TRIGGER broken BEFORE INSERT ON boards_caseversion FOR EACH ROW EXECUTE FUNCTION broken()",
    ],
}


@pytest.mark.postgresql
@pytest.mark.django_db
@pytest.mark.parametrize("number", range(4), ids=["constraint", "disk", "value", "time"])
def test_a_save_that_fails_in_the_middle(number: int) -> None:
    ways = BREAKS[connection.vendor]
    if number >= len(ways):
        pytest.skip("of PostgreSQL")
    board = a_board()
    client = Client(raise_request_exception=False)
    client.force_login(account("ada"))
    with connection.cursor() as cursor:
        cursor.execute(ways[number])
    with log() as written:
        response = client.post("/cases/new/", FORM | {"board": board.pk})
    assert response.status_code in (500, 503)
    assert MARKER not in response.content.decode()
    assert "Traceback" in written.getvalue()
    assert MARKER not in written.getvalue()
    if connection.vendor == "postgresql":
        assert "SQLSTATE" in written.getvalue()
        assert MARKER not in server_log()
        connection.needs_rollback = False
    assert not Case.objects.filter(label="Colon 1").exists()


@pytest.mark.postgresql
@pytest.mark.django_db
def test_the_servers_log_keeps_no_statement_that_fails() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("of PostgreSQL")
    for statement in ("SELECT %s::integer", "SELECT %s FROM nowhere", "SELECT 1 %s 2"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [MARKER])
    assert MARKER not in server_log()
    assert "LOG:" in server_log()


@pytest.mark.postgresql
@pytest.mark.django_db
def test_settings_that_would_let_rows_in_are_named() -> None:
    if connection.vendor != "postgresql":
        call_command("check", "--database", "default")
        pytest.skip("of PostgreSQL")
    assert loud_settings(connection) == []
    loud = {"log_min_messages": "warning", "log_min_error_statement": "error", "log_error_verbosity": "verbose"}
    with connection.cursor() as cursor:
        for name, value in loud.items():
            cursor.execute(f"SET {name} = {value}")
        try:
            found = loud_settings(connection)
        finally:
            for name in loud:
                cursor.execute(f"RESET {name}")
    assert [words.split()[0] for words in found] == list(loud)


def test_what_is_wanted_is_quiet() -> None:
    quiet = {name: values for name, values, _ in QUIET}
    assert all(value in quiet[name] for name, value in WANTED.items())


def failed() -> BaseException:
    try:
        try:
            raise KeyError(MARKER)
        except KeyError as error:
            raise ValueError(f"no number: {MARKER}") from error
    except ValueError as error:
        return error


class TestRecords:
    def test_an_exception_is_its_name_and_its_place(self) -> None:
        with log() as written:
            logging.getLogger("any").error("It failed: %s", failed(), exc_info=failed())
            logging.getLogger("any").error(failed())
        said = written.getvalue()
        assert MARKER not in said
        assert "It failed: ValueError" in said
        assert "in failed" in said
        assert said.count("\nKeyError\n") == 1
        assert "direct cause" in said

    def test_what_is_said_of_the_installation_stays(self) -> None:
        assert str(bare(ImportError("no module named x"))) == "no module named x"

    def test_it_is_put_in_place_once(self) -> None:
        before = logging.getLogRecordFactory()
        keep_values_out()
        assert logging.getLogRecordFactory() is before

    @pytest.mark.parametrize("where", ["process", "thread"])
    def test_what_ends_one_says_no_value(self, where: str, capsys: pytest.CaptureFixture[str]) -> None:
        error = failed()
        if where == "process":
            sys.excepthook(type(error), error, error.__traceback__)
        else:
            hook: Any = threading.excepthook
            from necapp import log_values

            hook = hook if hook.__module__ == log_values.__name__ else None
            if hook is None:
                pytest.skip("pytest has a hook of its own in its place")
            hook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))
        said = capsys.readouterr().err
        assert "ValueError" in said
        assert MARKER not in said
