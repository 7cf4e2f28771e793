"""The app as `make run` serves it, with a hospital's settings: a port and a database of its own."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from .urls import BODIES

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"


@contextmanager
def served(folder: Path, database: str = "", log: Path | None = None) -> Iterator[int]:
    """The port at which the app answers, its files in `folder`; the bodies of bare views are read from there.

    What it says goes to a file where one is given.
    """
    environment = os.environ | {
        "DATABASE_URL": database or f"sqlite:///{folder / 'necapp.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "DEBUG": "false",
        "HTTPS": "false",
        "ALLOWED_HOSTS": HOST,
        BODIES: str(folder),
    }
    for command in ("migrate", "load_evidence", "publish_release measured", "collectstatic --no-input"):
        arguments = [sys.executable, "manage.py", *command.split()]
        subprocess.run(arguments, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    port = _free_port()
    with nullcontext() if log is None else log.open("wb") as out:
        server = subprocess.Popen(_command(port), cwd=ROOT, env=environment, stdout=out, stderr=out)
        try:
            _wait_for(port, server)
            yield port
        finally:
            server.terminate()
            server.wait(30)


def _command(port: int) -> list[str]:
    """gunicorn exactly as the Makefile starts it."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    line = re.search(r"\$\(BIN\)/gunicorn (.+)", makefile)
    if line is None:
        raise RuntimeError("the Makefile starts no gunicorn")
    arguments = line[1].replace("$(HOST)", HOST).replace("$(PORT)", str(port))
    return [sys.executable, "-m", "gunicorn", *shlex.split(arguments)]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if server.poll() is not None:
            raise RuntimeError("the app stopped while starting")
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing answers at port {port}")
