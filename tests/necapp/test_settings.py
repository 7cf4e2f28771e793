"""Settings as on a hospital's server: what the headers say, what is served, what is refused."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from necapp.check_port import problem

ROOT = Path(__file__).parents[2]


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.django_db
def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere(client: Client) -> None:
    policy = dict(
        directive.strip().split(" ", 1) for directive in client.get("/").headers["Content-Security-Policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


@pytest.mark.django_db
def test_headers_that_browsers_keep_to(client: Client) -> None:
    headers = client.get("/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_pages_are_compressed(client: Client) -> None:
    plain = client.get("/")
    compressed = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert len(compressed.content) < len(plain.content) / 5


def test_production_settings_pass_djangos_check() -> None:
    key = "only-for-this-test-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2
    environment = {"SECRET_KEY": key, "HTTPS": "true", "DEBUG": "false", "ALLOWED_HOSTS": "necapp.example"}
    environment |= {"SEED_KEY": "seeds-" + key}
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **environment)
    assert checked.returncode == 0, checked.stderr


def test_static_files_are_collected_compressed_and_named_by_content(tmp_path: Path) -> None:
    collected = manage("collectstatic", "--no-input", "--verbosity", "0", STATIC_ROOT=str(tmp_path), DEBUG="false")
    assert collected.returncode == 0, collected.stderr
    for name in ("necapp.*.css", "patient.*.js", "bootstrap/css/bootstrap.min.*.css", "django_htmx/htmx-2.min.*.js"):
        assert list(tmp_path.glob(name)), name
    assert list(tmp_path.glob("necapp.*.css.gz"))
    assert list(tmp_path.glob("necapp.*.css.br"))


def test_a_taken_port_is_said_plainly() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = problem("127.0.0.1", str(port))
    assert said == f"Port {port} is taken. Choose another: make run PORT={min(port + 1, 65535)}"
    assert problem("127.0.0.1", str(port)) is None


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", ""])
def test_no_port(port: str) -> None:
    assert problem("127.0.0.1", port) == f"PORT={port} is no port: a whole number from 1 to 65535."


def test_cookies_are_secure_where_the_server_speaks_https() -> None:
    asked = "from django.conf import settings as s; print(s.SESSION_COOKIE_SECURE, s.REQUIRE_SECOND_FACTOR)"
    environment = {"HTTPS": "true", "DEBUG": "false", "SECRET_KEY": "x" * 50}
    assert manage("shell", "-v0", "-c", asked, **environment).stdout.split() == ["True", "True"]
    assert manage("shell", "-v0", "-c", asked, **environment | {"DEBUG": "true"}).stdout.split() == [
        "True",
        "False",
    ]


def test_cookies_are_of_this_host_alone_where_the_server_speaks_https() -> None:
    """ASVS 3.3.1 and 3.3.3: names that a browser takes from this host alone, for every path, and securely."""
    asked = """
from django.conf import settings as s
from django.contrib.messages import api
from accounts.oidc.carried import _COOKIE
from necapp.cookies import MessagesCookie
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME, s.REGION_COOKIE_NAME)
print(MessagesCookie.cookie_name, _COOKIE._name)
print(s.SESSION_COOKIE_PATH, s.CSRF_COOKIE_PATH, s.LANGUAGE_COOKIE_PATH, s.SESSION_COOKIE_DOMAIN, s.CSRF_COOKIE_DOMAIN)
"""
    environment = {"HTTPS": "true", "DEBUG": "false", "SECRET_KEY": "x" * 50}
    names = ["sessionid", "csrftoken", "django_language", "region", "messages"]
    told = manage("shell", "-v0", "-c", asked, **environment).stdout.split()
    assert told == [*(f"__Host-{name}" for name in names), "__Secure-oidc", "/", "/", "/", "None", "None"]
    told = manage("shell", "-v0", "-c", asked, **environment | {"HTTPS": "false"}).stdout.split()
    assert told[:6] == [*names, "oidc"]


def test_secrets_may_stand_in_files(tmp_path: Path) -> None:
    path = tmp_path / "seed_key"
    path.write_text("the-first-of-them\nand-another\n", encoding="utf-8")
    asked = "from django.conf import settings as s; print(*s.SEED_KEYS)"
    said = manage("shell", "-v0", "-c", asked, SEED_KEY_FILE=str(path), SEED_KEY="not this one")
    assert said.stdout.split() == ["the-first-of-them", "and-another"]


def test_the_version_that_is_said_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == settings.VERSION
