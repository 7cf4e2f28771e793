"""What supervises the service learns whether it is well and how busy, and nothing of patients or of why."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory

from audit.events import record
from audit.sentences import known_actions
from necapp.operations import health, logs, metrics, security
from necapp.operations.middleware import Numbered
from regimens import releases
from tests.databases import forget_releases
from tests.factories.accounts import account, signs_in
from tests.factories.releases import put_in_force

TOKEN = "of the hospital's own Prometheus"  # noqa: S105 - for the length of a test
MARKER = "Müllerhausen"


@pytest.fixture
def scraped(settings: Any) -> Client:
    settings.METRICS_TOKEN = TOKEN
    return Client()


def test_live_asks_nothing(client: Client) -> None:
    """No database, which this test has not; by any host, and without HTTPS."""
    answer = client.get("/health/live", headers={"Host": "10.0.0.7"})
    assert (answer.status_code, answer.json(), answer.headers["Cache-Control"]) == (200, {"status": "ok"}, "no-store")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.cookies == {}
    assert client.post("/health/live").status_code == 405


@pytest.mark.django_db
def test_ready(client: Client) -> None:
    checks = {"database": "ok", "migrations": "ok", "release": "ok", "disk": "ok"}
    assert client.get("/health/ready").json() == {"status": "ok", "checks": checks}


def _away() -> None:
    raise OperationalError(f'connection to server at "10.0.0.9", user "{MARKER}" failed')


@pytest.mark.django_db
@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("release", lambda patched: forget_releases()),
        ("disk", lambda patched: patched.setattr(health, "LEAST_FREE_BYTES", 1 << 80)),
        ("database", lambda patched: patched.setitem(health.READY, "database", _away)),
        ("migrations", lambda patched: _one_waits(patched)),
    ],
)
def test_not_ready(client: Client, monkeypatch: Any, caplog: Any, name: str, spoil: Any) -> None:
    """The check is named, and nothing of why; the log says it without the words of the database."""
    spoil(monkeypatch)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert [check for check, said in answer.json()["checks"].items() if said != "ok"] == [name]
    assert f"Not ready: {name}" in caplog.text
    assert MARKER not in caplog.text + answer.content.decode()


@pytest.mark.django_db
@pytest.mark.postgresql
class TestFailingRelease:
    """One that fails keeps the verified one, and says so: the service goes on, and somebody has to look."""

    @pytest.fixture(autouse=True)
    def failing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(releases, "_in_force", releases._InForce())
        releases.current()
        put_in_force("damaged", zlib.compress(b"{}"))

    def test_it_is_a_warning_and_no_failure(self, scraped: Client) -> None:
        answer = scraped.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (200, "warning")
        assert answer.json()["checks"] == {"database": "ok", "migrations": "ok", "release": "warning", "disk": "ok"}
        told = scraped.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
        assert 'necapp_ready{check="release"} 1.0' in told
        assert 'necapp_warning{check="release"} 1.0' in told

    @pytest.mark.parametrize(
        ("role", "is_told"), [("Curator", True), ("Publisher", True), ("Administrator", True), ("Clinician", False)]
    )
    def test_those_who_mend_it_are_told_on_every_page(self, client: Client, role: str, is_told: bool) -> None:
        client.force_login(account("bea", role))
        client.get("/")
        for path in ("/", "/account/", *(("/admin/",) if is_told else ())):
            page = client.get(path).content.decode()
            assert ("Release damaged is in force and cannot be used" in page) == is_told, path
            assert ("Release shipped is ranked with in its place." in page) == is_told, path

    def test_a_process_without_a_verified_one_is_not_ready(self, client: Client) -> None:
        releases._in_force.knowledge = None
        answer = client.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (503, "failed")


def _one_waits(patched: Any) -> None:
    patched.setattr(health, "_MIGRATED", [])
    patched.setattr(health.MigrationExecutor, "migration_plan", lambda executor, targets: ["one"])


def test_metrics_are_for_who_has_the_token(client: Client, scraped: Client) -> None:
    for header in ("", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}"):
        assert scraped.get("/metrics", headers={"Authorization": header} if header else {}).status_code == 401


@pytest.mark.django_db
def test_without_a_token_there_are_none(client: Client) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
def test_metrics_count(scraped: Client) -> None:
    """By the names of pages: no number of a row, and nothing that was typed, is a label."""
    scraped.get(f"/options/{MARKER}/?note={MARKER}")
    scraped.get("/evidence/")
    told = scraped.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    assert 'necapp_requests_total{method="GET",route="evidence",status="200"}' in told
    assert 'necapp_request_seconds_count{route="evidence"}' in told
    assert 'necapp_ready{check="release"} 1.0' in told
    assert "necapp_release_age_seconds" in told
    assert MARKER not in told


def test_workers_count_together(tmp_path: Path) -> None:
    """Each keeps its numbers where the others find them."""
    code = """
import os, django
django.setup()
from necapp.operations import metrics
for _worker in range(2):
    if os.fork() == 0:
        metrics.requests.labels("patient", "POST", "200").inc()
        os._exit(0)
    os.wait()
print(metrics.counted().decode())
"""
    environment = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "necapp.settings"}
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True).stdout
    assert 'necapp_requests_total{method="POST",route="patient",status="200"} 2.0' in told


def test_an_answer_does_not_wait_on_a_folder(monkeypatch: Any, caplog: Any) -> None:
    """In which nothing can be counted, since it is missing or its disk is full."""

    def full(*labels: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(metrics.requests, "labels", full)
    metrics.count(RequestFactory().get("/"), 200, 0.1)
    assert "Nothing is counted: PROMETHEUS_MULTIPROC_DIR: No space left" in caplog.text


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """What is logged as JSON meanwhile, by whatever writes lines."""

    class Kept(logging.Handler):
        def emit(self, line: logging.LogRecord) -> None:
            found.append(json.loads(self.format(line)))

    found: list[dict[str, Any]] = []
    handler = Kept()
    handler.setFormatter(logs.json_formatter())
    loggers = [logging.getLogger(name) for name in ("", "django", "necapp.request")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
    loggers[-1].setLevel(logging.INFO)
    loggers[-1].propagate = False
    yield found
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)
    loggers[-1].propagate = True


@pytest.mark.django_db
def test_lines_hold_nothing_that_was_typed(lines: list[dict[str, Any]], monkeypatch: Any) -> None:
    """Of a page, of one that is not there, of a refused form and of a fault whose message repeats a value."""

    def faulty() -> None:
        raise ValueError(f"invalid literal: {MARKER}")

    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.get(f"/?note={MARKER}")
    client.get(f"/{MARKER}/?note={MARKER}")
    client.post("/", {"note": MARKER})
    monkeypatch.setattr("regimens.pages.views.releases.current", faulty)
    client.get(f"/?note={MARKER}")
    told = [line for line in lines if line["logger"] == "necapp.request"]
    assert [(line["route"], line["method"], line["status"]) for line in told] == [
        ("patient", "GET", 200),
        ("none", "GET", 404),
        ("patient", "POST", 403),
        ("patient", "GET", 500),
    ]
    assert len({line["request_id"] for line in told}) == len(told)
    fault = next(line for line in lines if line.get("exception") == "ValueError")
    assert fault["request_id"] == told[-1]["request_id"]
    assert fault["raised"][-1].startswith("tests/necapp/operations/test_supervised.py:")
    assert MARKER not in json.dumps(lines, ensure_ascii=False)


def test_lines_for_people_hold_as_little(monkeypatch: Any) -> None:
    """Of a page that is not there, a host that is not ours, a refused form, and a method that is none."""
    found: list[str] = []

    class Kept(logging.Handler):
        def emit(self, line: logging.LogRecord) -> None:
            found.append(self.format(line))

    handler = Kept()
    handler.setFormatter(logs.Line("{levelname} {name}: {message}", style="{"))
    logger = logging.getLogger("django")
    logger.addHandler(handler)
    try:
        client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        client.get(f"/{MARKER}/?note={MARKER}")
        client.get("/", headers={"Host": f"{MARKER}.example"})
        client.post(f"/?note={MARKER}", {"note": MARKER})
        client.generic(MARKER, "/")
    finally:
        logger.removeHandler(handler)
    assert "WARNING django.request: Not Found: 404 none" in found
    assert any(line.startswith("ERROR django.security.DisallowedHost: Request refused: 400") for line in found)
    assert MARKER.casefold() not in "\n".join(found).casefold()


def test_a_method_that_is_none_is_not_told(lines: list[dict[str, Any]]) -> None:
    Client().generic(MARKER, "/health/live")
    Client().generic(MARKER, "/")
    assert MARKER.casefold() not in json.dumps(lines, ensure_ascii=False).casefold()


@pytest.mark.parametrize(
    ("behind", "given", "is_kept"),
    [
        (True, "0af7651916cd43dd8448eb211c80319c", True),
        (True, "x\r\nforged", False),
        (True, "a" * 65, False),
        (False, "0af7651916cd43dd8448eb211c80319c", False),
    ],
)
def test_number_of_a_request(settings: Any, behind: bool, given: str, is_kept: bool) -> None:
    settings.BEHIND_PROXY = behind
    request = RequestFactory().get("/", headers={"X-Request-ID": given})
    answer = Numbered(lambda request: HttpResponse())(request)
    assert (answer.headers["X-Request-ID"] == given) is is_kept


@pytest.mark.django_db
def test_events_for_a_collector(
    client: Client, tmp_path: Path, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    """As they are committed, and as a file: the same lines, without what was tried as a name, and without details."""
    sent: list[str] = []
    monkeypatch.setattr(security.log, "isEnabledFor", lambda level: True)
    monkeypatch.setattr(security.log, "info", sent.append)
    with django_capture_on_commit_callbacks(execute=True):
        account("cora")
        signs_in(client, MARKER, "wrong")
        record("invite", "dora", details={"roles": [MARKER]})
        assert sent == []
    told = [json.loads(line) for line in sent]
    assert [(line["action"], line["subject"]) for line in told[-2:]] == [("sign-in-failed", None), ("invite", "dora")]
    assert told[-2]["address"] == "127.0.0.1"
    assert MARKER not in json.dumps(told, ensure_ascii=False)
    file = tmp_path / "events.jsonl"
    call_command("export_security_events", str(file), stdout=io.StringIO())
    assert [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()][-2:] == told[-2:]


def test_actions_on_accounts_are_actions() -> None:
    assert set(known_actions()) >= security.SUBJECT_IS_AN_ACCOUNT


def test_route_of_nothing() -> None:
    assert metrics.route_of(RequestFactory().get("/")) == metrics.NO_ROUTE
