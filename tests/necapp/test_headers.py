"""Every answer says what a browser may do with it, refusals and files among them; an answer to HEAD has no body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings

from necapp.head import without_body
from necapp.headers import HEADERS, NEVER

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/options/",
        "/nothing/",
        "/?q=%00",
        "/static/nothing.css",
        "/api/v1/options",
        "/api/v1/nothing",
        "/cds-services",
        "/admin/",
        "/cases/",
        "/favicon.ico",
    ],
)
def test_every_answer_bears_them(path: str) -> None:
    headers = Client().get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS


def test_refusals_and_failures_bear_them(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    with override_settings(SECURE_SSL_REDIRECT=True):
        answers = [Client().get("/")]
    answers += [client.post("/", b"x" * 300_000, content_type="application/x-www-form-urlencoded"), client.put("/")]
    monkeypatch.setattr("regimens.releases.current", lambda: 1 / 0)
    answers.append(client.get("/"))
    assert [answer.status_code for answer in answers] == [301, 413, 405, 500]
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_nothing_is_allowed_twice() -> None:
    assert len(set(NEVER)) == len(NEVER) > 20
    assert all(f"{each}=()" in HEADERS["Permissions-Policy"] for each in ("camera", "microphone", "geolocation"))


@pytest.mark.parametrize(("method", "body"), [("GET", [b"text"]), ("HEAD", [])])
def test_head_has_no_body(method: str, body: list[bytes]) -> None:
    closed: list[str] = []

    class Body(list[bytes]):
        def close(self) -> None:
            closed.append(method)

    application: Callable[..., Any] = without_body(lambda environ, start_response: Body([b"text"]))
    assert list(application({"REQUEST_METHOD": method}, None)) == body
    assert closed == (["HEAD"] if method == "HEAD" else [])
