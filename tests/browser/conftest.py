"""A real browser against the app as it is deployed: gunicorn, collected static files, a database of its own.

Without a Chromium these tests are left out, with a line that says so; NECAPP_BROWSER_TESTS=required makes that a
failure.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.databases import ROOT, collect_static_files, own_database
from tests.factories.hospital import CLIENT, Hospital, open_hospital
from tests.factories.running.identity import oidc_server

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# What comes, comes at once; on a machine that others keep busy it may take longer than Playwright's five seconds.
expect.set_options(timeout=20_000)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Playwright keeps an event loop in its thread, which Django's database refuses; so these tests run last.

    After pytest's own ordering, which brings together what shares a session's parameter.
    """
    here = Path(__file__).parent
    items.sort(key=lambda item: here in item.path.parents)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        said = f"no Chromium on the PATH ({', '.join(NAMES)}): the browser tests are left out"
        if os.environ.get("NECAPP_BROWSER_TESTS") == "required":
            pytest.fail(said)
        pytest.skip(said)
    return {"executable_path": chromium, "args": FLAGS}


@pytest.fixture(scope="session")
def hospital(browser_type_launch_args: dict[str, Any]) -> Iterator[Hospital]:
    """Under another name of this machine than the app, and so another site to a browser."""
    with open_hospital("localhost") as opened:
        yield opened


@pytest.fixture(scope="session")
def environment(hospital: Hospital, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """That of the running app, with a database of its own."""
    folder = tmp_path_factory.mktemp("app")
    server = {"name": "Main EHR", "iss": hospital.iss, "client_id": CLIENT}
    (folder / "clients.yaml").write_text(yaml.safe_dump({"test": True, "smart": [server]}), encoding="utf-8")
    settings = {
        "DEBUG": "false",
        "HTTPS": "false",
        "ALLOWED_HOSTS": "127.0.0.1",
        "INTEROP_CLIENTS": str(folder / "clients.yaml"),
        "REQUIRE_SECOND_FACTOR": "false",  # sessions are made without signing in
    }
    return collect_static_files(own_database("browser", folder) | settings)


@pytest.fixture(scope="session")
def app(environment: dict[str, str]) -> Iterator[str]:
    """The address of a running app, with the evidence base in force."""
    with _running(environment) as address:
        yield address


@pytest.fixture(scope="session")
def identity_provider(browser_type_launch_args: dict[str, Any]) -> Iterator[str]:
    """The issuer of a real one, under another name of this machine than the app."""
    with oidc_server() as issuer:
        yield issuer


@pytest.fixture(scope="session")
def hospital_app(environment: dict[str, str], identity_provider: str) -> Iterator[str]:
    """The app on the same database, of a hospital that signs its people in."""
    settings = {
        "OIDC_ISSUER": identity_provider,
        "OIDC_CLIENT_ID": "necapp",
        "OIDC_CLIENT_SECRET": "of tests alone",
        "OIDC_ROLES": '{"curators": "Curator"}',
        "OIDC_BREAK_GLASS": "glass",
        "REQUIRE_SECOND_FACTOR": "true",
    }
    with _running(environment | settings) as address:
        yield address


@contextmanager
def _running(environment: dict[str, str]) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = [
        sys.executable,
        "-m",
        "gunicorn",
        "necapp.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        "--threads",
        "8",
        "--log-level",
        "warning",
    ]
    server = subprocess.Popen(arguments, cwd=ROOT, env=environment)
    try:
        address = f"http://127.0.0.1:{port}/"
        _wait_for(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(60)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test when the browser reports an error, a broken policy among them."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB")
    page = context.new_page()
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # A ranking still on its way when the reader goes on to another page is given up, which htmx calls an error.
        is_given_up = message.text.startswith(("htmx:afterRequest", "htmx:sendAbort", "htmx:sendError"))
        if message.type in ("error", "warning") and not is_given_up:
            said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


@pytest.fixture
def accessible() -> Any:
    """Checks a page with axe: WCAG 2.2 A and AA, and good practice."""
    axe = Axe()

    def check(page: Page) -> None:
        results = axe.run(page)
        assert results.violations_count == 0, results.generate_report()

    return check


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert server.poll() is None, "the app stopped while starting"
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own address
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"nothing answers at {address}")
