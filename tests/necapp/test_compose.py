"""What a hospital starts with Docker, read and run without it: settings, commands, proxy, and the files of secrets."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from audit.checks import WANTED
from necapp.bodies import LARGER, MIB

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
NGINX = (ROOT / "necapp" / "deploy" / "nginx.conf").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_held_in(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] and service["mem_limit"]
    assert "privileged" not in service
    assert set(service["networks"]) <= set(COMPOSE["networks"])


def test_the_proxy_alone_is_reached() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["web"]["networks"] == SERVICES["database"]["networks"] == ["inside"]


def test_no_secret_stands_in_the_environment() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("KEY|PASSWORD|SECRET", name):
                assert name.endswith("_FILE")
                assert Path(value).name in service["secrets"]
    assert set(COMPOSE["secrets"]) == {each for service in SERVICES.values() for each in service.get("secrets", ())}
    assert all(each["file"].startswith("./secrets/") for each in COMPOSE["secrets"].values())
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {"tests", "benchmarks", "curation/management/commands/create_demo_users.py"} <= set(left_out)
    for ignored in (".gitignore", ".dockerignore"):
        assert {"secrets", "secrets/"} & set((ROOT / ignored).read_text(encoding="utf-8").split())


def test_each_image_can_be_pinned_and_none_names_where_it_comes_from() -> None:
    given = [service["image"] for service in SERVICES.values()]
    given.append(SERVICES["web"]["build"]["args"]["PYTHON_IMAGE"])
    for image in given:
        assert image == "necapp:local" or re.fullmatch(r"\$\{[A-Z]+_IMAGE:-[a-z]+:[\w.-]+\}", image), image


def test_the_database_keeps_rows_out_of_its_log() -> None:
    given = dict(each.removeprefix("-c").split("=") for each in SERVICES["database"]["command"][1:])
    assert given == WANTED
    said = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    assert all(f"{name} = {value}" in said for name, value in WANTED.items())


def test_what_waits_for_what() -> None:
    assert SERVICES["web"]["depends_on"] == {
        "database": {"condition": "service_healthy"},
        "migrate": {"condition": "service_completed_successfully"},
    }
    assert SERVICES["proxy"]["depends_on"] == {"web": {"condition": "service_healthy"}}
    assert all("healthcheck" in service for name, service in SERVICES.items() if name != "migrate")
    for service in SERVICES.values():
        for path in re.findall(r"necapp/deploy/[\w.]+", " ".join(map(str, service.get("command", [])))):
            assert (ROOT / path).exists()


@pytest.mark.parametrize("name", ["prepare.sh", "begin.sh"])
def test_scripts_can_be_read(name: str) -> None:
    assert subprocess.run(["/bin/sh", "-n", str(ROOT / "necapp" / "deploy" / name)], check=False).returncode == 0


def test_secrets_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 60 + "\n", encoding="utf-8")
    (tmp_path / "password").write_text("of the database\n", encoding="utf-8")
    asked = "from django.conf import settings as s; print(s.SECRET_KEY, s.DATABASES['default']['PASSWORD'], sep='|')"
    environment = {name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "DATABASE_URL")}
    environment |= {
        "SECRET_KEY_FILE": str(tmp_path / "key"),
        "DATABASE_PASSWORD_FILE": str(tmp_path / "password"),
        "DATABASE_URL": "postgres://necapp@database:5432/necapp",
    }
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", asked]
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert said.split("\n")[-2] == f"{'k' * 60}|of the database"


def test_settings_reach_the_app_but_for_what_the_file_gives() -> None:
    """Each that docs/deploy.md names may stand in `.env`, which is no part of the image."""
    for name in ("web", "migrate"):
        assert SERVICES[name]["env_file"] == [{"path": ".env", "required": False}]
        given = SERVICES[name]["environment"]
        assert {"DEBUG": "false", "HTTPS": "true", "BEHIND_PROXY": "true"}.items() <= given.items()
    assert ".env" in (ROOT / ".dockerignore").read_text(encoding="utf-8").split()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "ALLOWED_HOSTS=necapp.example\n"),
        ("METRICS_TOKEN=x\n", "METRICS_TOKEN=x\nALLOWED_HOSTS=necapp.example\n"),
        ("ALLOWED_HOSTS=a.example,necapp.example\n", "ALLOWED_HOSTS=a.example,necapp.example\n"),
        ("ALLOWED_HOSTS=localhost,127.0.0.1\n", None),
    ],
)
@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl here")
def test_the_server_is_known_by_its_name(tmp_path: Path, before: str | None, after: str | None) -> None:
    """As where `make run` wrote `.env` before, for a developer's machine."""
    if before is not None:
        (tmp_path / ".env").write_text(before, encoding="utf-8")
    command = ["sh", str(ROOT / "necapp" / "deploy" / "begin.sh"), "necapp.example"]
    ran = subprocess.run(command, cwd=tmp_path, env=os.environ | {"COMPOSE": "echo"}, capture_output=True, text=True)
    if after is None:
        assert (ran.returncode, ran.stdout) == (1, "")
        assert "names other hosts than necapp.example" in ran.stderr
        return
    assert ran.returncode == 0
    assert ran.stdout.splitlines()[:2] == ["up --detach --build --wait", "exec web python manage.py createsuperuser"]
    assert (tmp_path / ".env").read_text(encoding="utf-8") == after
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_what_was_typed_as_an_address_reaches_no_log() -> None:
    format_ = runpy.run_path(str(ROOT / "gunicorn.conf.py"))["access_log_format"]
    assert not set(re.findall(r"%\((\w+)\)s", format_)) & {"r", "m", "U", "q", "f", "a"}
    (format_,) = re.findall(r"log_format plain '(.*)';", NGINX)
    assert not set(re.findall(r"\$(\w+)", format_)) & {
        "request",
        "request_uri",
        "request_method",
        "uri",
        "args",
        "host",
    }
    assert "proxy_set_header X-Request-ID      $request_id;" in NGINX


def test_workers_of_before_are_not_counted(tmp_path: Path, monkeypatch: Any) -> None:
    folder = tmp_path / "metrics"
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    starting = runpy.run_path(str(ROOT / "gunicorn.conf.py"))["on_starting"]
    starting(None)
    (folder / "counter_7.db").touch()
    starting(None)
    assert list(folder.iterdir()) == []


def test_the_proxy_takes_as_much_as_the_app() -> None:
    most = re.search(r"client_max_body_size (\d+)m;", NGINX)
    in_memory = re.search(r"client_body_buffer_size (\d+)m;", NGINX)
    assert most and in_memory
    assert int(most[1]) * MIB == int(in_memory[1]) * MIB == max(LARGER.values())
    assert "proxy_max_temp_file_size 0;" in NGINX


@pytest.mark.skipif(not shutil.which("nginx") or not shutil.which("openssl"), reason="no nginx here, or no openssl")
def test_the_proxy_hands_on(tmp_path: Path) -> None:
    """nginx with the file as it is, but for ports and paths, in front of an application that says what reached it."""
    ports = _free_ports(3)
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"]
    made += ["-keyout", str(tmp_path / "certificate_key"), "-out", str(tmp_path / "certificate")]
    subprocess.run(made, check=True, capture_output=True)
    text = NGINX.replace("/tmp", str(tmp_path)).replace("/run/secrets", str(tmp_path))  # noqa: S108
    text = text.replace("web:8000", f"127.0.0.1:{ports[0]}").replace("8443 ssl", f"{ports[1]} ssl")
    text = text.replace("listen 8080", f"listen {ports[2]}").replace("/dev/stdout plain", "off")
    (tmp_path / "nginx.conf").write_text(text, encoding="utf-8")
    app = [sys.executable, "-m", "gunicorn", "tests.factories.spoken_to", "--bind", f"127.0.0.1:{ports[0]}"]
    proxy = ["nginx", "-c", str(tmp_path / "nginx.conf"), "-g", "daemon off;"]
    running = [subprocess.Popen(command, cwd=ROOT) for command in (app, proxy)]
    try:
        import httpx

        address = f"https://localhost:{ports[1]}/"
        with httpx.Client(verify=False, timeout=10) as client:  # noqa: S501 - of a certificate made for this test
            for _ in range(600):  # the application may take longer to start than the proxy, which answers 502
                with suppress(httpx.HTTPError):
                    if client.get(address).status_code == 200:
                        break
                time.sleep(0.1)
            assert client.post(f"{address}fill/", content=b"x" * MIB).json()["path"] == "/fill/"
            assert client.post(address, content=b"x" * 17 * MIB).status_code == 413
            assert client.get(f"{address}metrics").status_code == 404
            plain = client.get(f"http://localhost:{ports[2]}/a?b=c", follow_redirects=False)
            assert (plain.status_code, plain.headers["Location"]) == (308, "https://localhost/a?b=c")
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(60)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
