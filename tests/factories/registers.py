"""A register on the loopback address, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.databases import ROOT

FILES = ROOT / "tests" / "curation" / "imports" / "files"


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


@contextmanager
def running_register() -> Iterator[Register]:
    """One that answers until the test is over."""
    found = Register()
    thread = Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.server.shutdown()
        found.server.server_close()
        thread.join()
