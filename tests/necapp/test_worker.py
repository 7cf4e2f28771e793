"""The server's worker: nobody who is silent or slow keeps another waiting, and what is too large stays unread.

One worker with one thread, so that a single client that kept a thread would keep everybody.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from necapp.bodies import MIB, OF_A_PAGE

ROOT = Path(__file__).parents[2]
PATIENCE = 10
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of a server with one thread, and its log."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("served") / "log"
    at = ("--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "1", "--log-level", "info")
    arguments = [sys.executable, "-m", "gunicorn", "tests.factories.spoken_to", *at]
    with log.open("wb") as file:
        server = subprocess.Popen(arguments, cwd=ROOT, stderr=file)
        try:
            for _ in range(600):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield port, log
        finally:
            server.terminate()
            server.wait(60)


def connected(port: int, first: bytes = b"") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    made.sendall(first)
    return made


def answer(sock: socket.socket) -> tuple[bytes, bytes]:
    """Status line with headers, and body, as far as its length says."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = sock.recv(65536)
        assert more, got
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-len"))
    while len(body) < length:
        body += sock.recv(65536)
    return head, body


def asked(port: int, request: bytes = HEAD + b"\r\n") -> dict[str, Any]:
    with connected(port, request) as sock:
        found: dict[str, Any] = json.loads(answer(sock)[1])
        return found


@pytest.mark.parametrize(
    "beginning",
    [b"", b"G", HEAD, HEAD + b"X-a: b", POST + b"Content-Length: 5000\r\n\r\nki67=", b"\r", HEAD + b"\r\nGET /second"],
    ids=["silent", "letter", "head", "header", "body", "line", "second"],
)
def test_who_is_slow_keeps_nobody_waiting(served: tuple[int, Path], beginning: bytes) -> None:
    with ExitStack() as open_sockets:
        for _ in range(20):
            open_sockets.enter_context(connected(served[0], beginning))
        assert asked(served[0]) == {"path": "/", "read": 0, "length": 0}


def test_a_request_in_pieces_is_answered_whole(served: tuple[int, Path]) -> None:
    with connected(served[0]) as sock:
        for piece in (POST[:20], POST[20:], b"Content-Length: 6\r\n\r", b"\nki6", b"7=8"):
            sock.sendall(piece)
            assert asked(served[0])["read"] == 0
        assert json.loads(answer(sock)[1]) == {"path": "/", "read": 6, "length": 6}


def test_two_requests_at_once_and_one_later_on_a_connection(served: tuple[int, Path]) -> None:
    one, two = HEAD + b"\r\n", HEAD.replace(b"/ ", b"/two ") + b"\r\n"
    with connected(served[0], one + two) as sock:
        got = b""
        while got.count(b"}") < 2:
            got += sock.recv(65536)
        assert b'"/two"' in got
        sock.sendall(two)
        assert json.loads(answer(sock)[1])["path"] == "/two"


@pytest.mark.parametrize(
    ("request_", "length"),
    [
        (POST + b"Content-Length: %d\r\n\r\nki67=" % (OF_A_PAGE + 1), OF_A_PAGE + 1),
        (POST.replace(b"/ ", b"/fill/ ") + b"Content-Length: %d\r\n\r\nki67=" % (3 * MIB), 3 * MIB),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nki67=\r\n", 0),
    ],
    ids=["page", "file", "chunks"],
)
def test_what_is_too_large_is_handed_on_unread(served: tuple[int, Path], request_: bytes, length: int) -> None:
    """At once, without its body: the middleware refuses it; the connection is not used again."""
    with connected(served[0], request_) as sock:
        head, body = answer(sock)
        assert b"Connection: close" in head
        assert (json.loads(body)["read"], json.loads(body)["length"]) == (0, length)


def test_what_expects_leave_gets_it_once(served: tuple[int, Path]) -> None:
    with connected(served[0], POST + b"Expect: 100-continue\r\nContent-Length: 6\r\n\r\n") as sock:
        assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"ki67=8")
        head, body = answer(sock)
        assert head.startswith(b"HTTP/1.1 200")
        assert json.loads(body)["read"] == 6


def test_a_head_without_end_is_refused(served: tuple[int, Path]) -> None:
    with connected(served[0], HEAD + b"X-a: " + b"b" * 70_000) as sock:
        assert sock.recv(100).startswith(b"HTTP/1.1 431")


def test_what_is_no_request_is_not_written_to_the_log(served: tuple[int, Path]) -> None:
    port, log = served
    for nonsense in (b"ki67=MARKER\r\n\r\n", b"GET / HTTP/1.1\r\nMARKER\r\n\r\n", b"\0MARKER\r\n\r\n"):
        with connected(port, nonsense) as sock:
            got = sock.recv(4096)
        assert got.startswith(b"HTTP/1.1 400")
        assert b"MARKER" not in got
    said = log.read_text(encoding="utf-8")
    assert "A request that cannot be read" in said
    assert "MARKER" not in said
    assert "[ERROR]" not in said
