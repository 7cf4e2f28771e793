"""What stands in a command's way is said in a sentence: a setting, the database, a file. Faults end in a traceback."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DataError, OperationalError, ProgrammingError
from environs import EnvError, validate

from necapp.command_line import in_words
from necapp.environment import Environment, check_collector, check_database, check_mail
from necapp.log_values import bare
from necapp.operations.logs import security_handler

ROOT = Path(__file__).parents[2]
AWAY = "postgres://necapp@127.0.0.1:1/necapp"
pytestmark = pytest.mark.quick


@pytest.fixture
def env() -> Environment:
    return Environment(strip_whitespace=True)


class TestASetting:
    """It is named, and its value, which may be a secret, is not."""

    @pytest.mark.parametrize(
        ("kind", "value"), [("int", "s3cret"), ("bool", "s3cret"), ("json", "{s3cret"), ("dj_db_url", "s3cret")]
    )
    def test_that_is_none(self, env: Environment, monkeypatch: Any, kind: str, value: str) -> None:
        monkeypatch.setenv("A_SETTING", value)
        with pytest.raises(EnvError) as found:
            getattr(env, kind)("A_SETTING")
        assert "A_SETTING" in in_words(found.value)
        assert "s3cret" not in in_words(found.value)
        assert "A_SETTING" in str(bare(found.value))  # in a log, too

    def test_that_is_missing(self, env: Environment) -> None:
        with pytest.raises(EnvError) as found:
            env.str("A_SETTING")
        assert "A_SETTING" in in_words(found.value)

    @pytest.mark.parametrize(
        ("check", "value"),
        [
            *((check_mail, value) for value in ("s3cret", "http://s3cret")),
            *(
                (check_collector, value)
                for value in ("s3cret", "/var/log/s3cret", "syslog://", "syslog://host:port", "http://s3cret:514")
            ),
        ],
    )
    def test_that_is_no_such_address(self, env: Environment, monkeypatch: Any, check: Any, value: str) -> None:
        monkeypatch.setenv("A_SETTING", value)
        with pytest.raises(EnvError) as found:
            env.str("A_SETTING", default="", validate=check)
        assert "A_SETTING" in in_words(found.value)
        assert "s3cret" not in in_words(found.value)

    @pytest.mark.parametrize("value", ["", "-", "syslog://collector.example", "syslog://collector.example:1514"])
    def test_of_a_collector(self, env: Environment, monkeypatch: Any, value: str) -> None:
        monkeypatch.setenv("A_SETTING", value)
        assert env.str("A_SETTING", default="", validate=check_collector) == value

    def test_of_another_database(self) -> None:
        with pytest.raises(EnvError, match="DATABASE_URL"):
            check_database({"ENGINE": "django.db.backends.mysql"})

    @pytest.mark.parametrize(
        ("file", "why"), [("none", "No such file"), (".", "Is a directory"), ("no-text", "it is no text")]
    )
    def test_whose_file_cannot_be_read(
        self, env: Environment, monkeypatch: Any, tmp_path: Path, file: str, why: str
    ) -> None:
        (tmp_path / "no-text").write_bytes(b"\xff\xfe\x00")
        monkeypatch.setenv("A_SETTING_FILE", str(tmp_path / file))
        with pytest.raises(EnvError, match=f"A_SETTING_FILE.*{why}"):
            env.str("A_SETTING", default="")

    def test_in_a_file(self, env: Environment, monkeypatch: Any, tmp_path: Path) -> None:
        (tmp_path / "key").write_text("of the hospital\n", encoding="utf-8")
        monkeypatch.setenv("A_SETTING_FILE", str(tmp_path / "key"))
        assert env.str("A_SETTING", validate=validate.Length(min=1)) == "of the hospital"


def test_a_collector_that_cannot_be_looked_up_keeps_nothing_from_starting(caplog: Any) -> None:
    handler = security_handler("syslog://no-such-host.invalid:514")
    handler.handle(_record())
    assert "cannot be reached" in caplog.text
    handler.close()


def _record() -> logging.LogRecord:
    return logging.LogRecord("necapp.security", logging.INFO, __file__, 1, "{}", (), None)


def _from_sqlite(words: str) -> OperationalError:
    try:
        try:
            raise sqlite3.OperationalError(words)
        except sqlite3.OperationalError as error:
            raise OperationalError(words) from error
    except OperationalError as failure:
        return failure


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (_from_sqlite("unable to open database file"), "The database is away, busy or full: unable to open"),
        (_from_sqlite("database or disk is full"), "The database is away, busy or full"),
        (_from_sqlite("no such table: auth_user"), "run migrate first"),
        (ImproperlyConfigured("A_SETTING"), "The settings do not hold: A_SETTING"),
        (PermissionError(13, "Permission denied", "/a/file"), "/a/file: Permission denied"),
        (OSError(28, "No space left on device"), "could not be read or written: No space left on device"),
    ],
)
def test_in_words(failure: Exception, words: str) -> None:
    assert words in in_words(failure)


@pytest.mark.parametrize("failure", [KeyError("a row"), ProgrammingError("a row"), DataError("a row")])
def test_a_fault_is_none_of_these(failure: Exception) -> None:
    assert in_words(failure) == ""


@pytest.mark.parametrize("command", ["verify_events", "migrate", "export_events events.jsonl"])
def test_the_database_is_away(command: str, tmp_path: Path) -> None:
    environment = os.environ | {"DATABASE_URL": AWAY, "DEBUG": "false"}
    line = [sys.executable, str(ROOT / "manage.py"), *command.split()]
    said = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert said.returncode == 1
    assert said.stderr.startswith("The database is away, busy or full: connection to server at")
    assert "Traceback" not in said.stdout + said.stderr
    assert list(tmp_path.iterdir()) == []
