"""A database that is away, hangs or is full: 503 with Retry-After, in the app's style, and never a half page."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import psycopg2
import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.test import Client

from audit.unavailable import is_unavailable
from interop.listed import noting_first
from tests.factories.boards import a_board, account
from tests.factories.tokens import token


def failure(kind: type[Exception], words: str, cause: type[Exception] | None = None, code: str = "") -> Exception:
    made = kind(words)
    if cause:
        attributes = {"pgcode": code} if code else {}
        made.__cause__ = type(cause.__name__, (cause,), attributes | {"__module__": cause.__module__})(words)
    return made


AWAY = failure(OperationalError, "connection refused", psycopg2.OperationalError)


@contextmanager
def away(error: Exception = AWAY) -> Iterator[None]:
    """As if the database answered nothing any more."""
    with patch("django.db.backends.utils.CursorWrapper.execute", side_effect=error):
        yield


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AWAY, True),
        (InterfaceError("connection already closed"), True),
        (failure(OperationalError, "no room", psycopg2.OperationalError, "53100"), True),
        (failure(OperationalError, "too many connections", psycopg2.OperationalError, "53300"), True),
        (failure(OperationalError, "statement timeout", psycopg2.OperationalError, "57014"), True),
        (failure(OperationalError, "lock timeout", psycopg2.OperationalError, "55P03"), True),
        (failure(OperationalError, "shut down", psycopg2.OperationalError, "57P01"), True),
        (failure(OperationalError, "deadlock", psycopg2.OperationalError, "40P01"), True),
        (failure(OperationalError, "database or disk is full", sqlite3.OperationalError), True),
        (failure(OperationalError, "database is locked", sqlite3.OperationalError), True),
        (failure(OperationalError, "no such table: x", sqlite3.OperationalError), False),
        (failure(IntegrityError, "twice", psycopg2.IntegrityError, "23505"), False),
        (DatabaseError("anything"), False),
        (ValueError("anything"), False),
    ],
)
def test_what_says_that_it_is_away(error: Exception, expected: bool) -> None:
    assert is_unavailable(error) is expected
    outer = RuntimeError("a template that asked")
    outer.__cause__ = error
    assert is_unavailable(outer) is expected


@pytest.mark.django_db
class TestAway:
    @pytest.mark.parametrize("path", ["/", "/options/", "/account/sign-in/", "/cases/", "/admin/", "/about/"])
    def test_pages_say_so(self, path: str) -> None:
        client = Client(raise_request_exception=False)
        client.force_login(account("ada"))
        with away():
            response = client.get(path)
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "30"
        html = response.content.decode()
        assert "<h1>Not available just now</h1>" in html
        assert 'class="site-header"' in html

    def test_saving_says_so(self) -> None:
        client = Client(raise_request_exception=False)
        board = a_board()
        client.force_login(account("ada"))
        with away():
            response = client.post("/cases/new/", {"label": "Colon 1", "board": board.pk, "save": "1"})
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "30"

    @pytest.mark.parametrize(("method", "path"), [("get", "options"), ("post", "rankings"), ("post", "fhir/rankings")])
    def test_the_api_says_so(self, method: str, path: str) -> None:
        _, head = token()
        client = Client(raise_request_exception=False)
        with away():
            response = client.generic(method.upper(), f"/api/v1/{path}", "{}", "application/json", headers=head)
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "30"
        assert response.headers["Content-Type"].startswith(("application/problem+json", "application/fhir+json"))

    def test_another_failure_is_one(self) -> None:
        client = Client(raise_request_exception=False)
        with away(failure(OperationalError, "no such table: x", sqlite3.OperationalError)):
            response = client.get("/options/")
        assert response.status_code == 500
        assert "Retry-After" not in response.headers


@pytest.mark.parametrize("path", ["/static/necapp.css", "/health/live"])
def test_static_files_ask_no_database(path: str) -> None:
    """Nor does what stands around the application: without the mark that would allow it, none can be asked here."""
    answered = noting_first(lambda environ, start_response: [environ["PATH_INFO"].encode()])
    assert answered({"PATH_INFO": path}, None) == [path.encode()]
    with away():
        assert Client().get("/static/nothing.css").status_code == 404


@pytest.mark.django_db
@pytest.mark.postgresql
def test_nobody_waits_for_ever_on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("of PostgreSQL's settings")
    with connection.cursor() as cursor:
        for name in ("lock_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute("SELECT setting::int FROM pg_settings WHERE name = %s", [name])
            assert 1000 <= cursor.fetchone()[0] <= 600_000
        cursor.execute("SET LOCAL statement_timeout = 50")
        with pytest.raises(OperationalError) as raised, transaction.atomic():
            cursor.execute("SELECT pg_sleep(5)")
    assert is_unavailable(raised.value)
