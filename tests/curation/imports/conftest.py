"""A register on this machine, people who import, and the sample files."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

FILES = Path(__file__).parent / "files"


class Register:
    """A server on the loopback address that answers what `answers` says, in order, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.agents: list[str] = []
        self.answers: list[tuple[int, bytes, dict[str, str]]] = []
        self.before_answer: Callable[[], None] = lambda: None
        register = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                register.asked.append(self.path)
                register.agents.append(self.headers["User-Agent"])
                register.before_answer()
                status, body, headers = register.answers.pop(0)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def will(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.answers.append((status, body, {name.replace("_", "-"): value for name, value in headers.items()}))


@pytest.fixture
def register() -> Iterator[Register]:
    found = Register()
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


@pytest.fixture
def curator(db: None) -> User:
    user = User.objects.create_user("curator", password="x")
    user.user_permissions.set(Permission.objects.filter(codename__in=("propose_change", "review_change")))
    return user
