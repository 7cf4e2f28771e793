"""gunicorn's worker with threads, which hands a request to a thread once it is there whole.

A thread of gunicorn's own worker waits for whoever speaks slowly, and closes connections where it takes others; 16 slow
clients then keep everybody waiting. Here the loop that accepts connections gathers what comes, without waiting for
anybody, and a thread is taken when head and body are there. What takes too long is told so and closed. Static files and
what says whether the server is well have threads of their own, since they wait for no database.
Decision: docs/adr/0024-a-service-that-withstands.md.
"""

from __future__ import annotations

import re
import socket
import struct
import time
from concurrent import futures
from contextlib import suppress
from dataclasses import dataclass, field
from selectors import EVENT_READ
from typing import Any

from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from .bodies import MIB, most_at

MOST_OF_A_HEAD = 64 * 1024
SILENT_SECONDS = 60.0  # a browser opens connections ahead of need
HEAD_SECONDS = 20.0
BODY_SECONDS = 60.0
SEND_SECONDS = 20  # for one piece of an answer that nobody fetches
LINGER_SECONDS = 5.0  # for whoever still sends what was refused, so that the answer is read
HELD_AT_MOST = 64 * MIB  # of a worker's requests that are not there whole
APART = (b"/static/", b"/health/")
THREADS_APART = 2
AT_ONCE = 64 * 1024

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,15})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)
_TARGET = re.compile(rb"[A-Z]+ (?:https?://[^/ ]*)?([^ ?]*)")
_SAID = {
    408: b"Request Timeout",
    431: b"Request Header Fields Too Large",
    503: b"Service Unavailable",
}


@dataclass
class Gathered:
    """What came of a request that is not there whole."""

    until: float
    held: bytearray = field(default_factory=bytearray)
    need: int | None = None  # bytes of head and body together; None while the head is not there whole
    is_read: bool = True  # False: the body is too large, or of no length, and stays unread
    is_apart: bool = False

    def take(self, data: bytes) -> None:
        if not self.held and data:
            self.until = time.monotonic() + HEAD_SECONDS
        self.held += data

    def is_whole(self) -> bool:
        if self.need is None:
            self._measure()
        return self.need is not None and len(self.held) >= self.need

    def expects_leave(self) -> bool:
        """Whether the client waits to be told to go on; it is told once."""
        if self.need is None or not self.is_read:
            return False
        shorter, count = _EXPECTS.subn(b"", bytes(self.held), count=1)
        if count:
            self.need -= len(self.held) - len(shorter)
            self.held = bytearray(shorter)
        return bool(count)

    def _measure(self) -> None:
        end = self.held.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self.held[: end + 2])
        target = _TARGET.match(head)
        path = target[1] if target else b""
        self.is_apart = path.startswith(APART)
        self.need = end + 4
        length = _LENGTH.search(head)
        if _CHUNKED.search(head) or (length and int(length[1]) > most_at(path.decode("latin-1"))):
            self.is_read = False
        elif length:
            self.need += int(length[1])
            self.until = time.monotonic() + BODY_SECONDS


class GatheringWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        if cfg.is_ssl:
            raise RuntimeError("TLS is a proxy's in front: docs/deploy.md")
        super().check_config(cfg, log)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gathering: dict[TConn, Gathered] = {}
        self.closing: dict[TConn, float] = {}
        self.apart: futures.ThreadPoolExecutor | None = None
        self._looked_at = 0.0
        self._is_stopping = False

    def init_process(self) -> None:
        self.apart = futures.ThreadPoolExecutor(max_workers=THREADS_APART)
        super().init_process()

    # Connections

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except OSError:
            return  # it was taken by another worker, or is gone
        self.nr_conns += 1
        conn = TConn(self.cfg, client, address, listener.getsockname())
        # What is sent to somebody who does not read, or read of what never comes, gives up.
        for option, seconds in ((socket.SO_SNDTIMEO, SEND_SECONDS), (socket.SO_RCVTIMEO, int(LINGER_SECONDS))):
            client.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", seconds, 0))
        self._gather(conn, b"", time.monotonic() + SILENT_SECONDS)
        if self.nr_conns >= self.worker_connections:
            self._drop_longest_silent()

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """A connection that was kept after its answer says something again."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._gather(conn, b"", time.monotonic() + HEAD_SECONDS)
        self._readable(conn, client)

    def finish_request(self, conn: TConn, fs: futures.Future[Any]) -> None:
        try:
            is_kept = bool(fs.result()) and not fs.cancelled()
        except Exception:
            is_kept = False
        if not is_kept:
            self._close_when_read(conn)
            return
        if rest := conn.parser.unreader.take_buffered():  # the next request came with this one
            self._gather(conn, rest, time.monotonic() + HEAD_SECONDS)
            self._go_on(conn)
            return
        super().finish_request(conn, fs)

    # Gathering

    def _gather(self, conn: TConn, data: bytes, until: float) -> None:
        conn.sock.setblocking(False)
        gathered = Gathered(until)
        gathered.take(data)
        self.gathering[conn] = gathered
        self.poller.register(conn.sock, EVENT_READ, lambda client: self._readable(conn, client))

    def _readable(self, conn: TConn, client: socket.socket) -> None:
        try:
            data = client.recv(AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(conn)
            return
        self.gathering[conn].take(data)
        self._go_on(conn)

    def _go_on(self, conn: TConn) -> None:
        """Hand the request to a thread where it is there whole, or is refused by its head alone."""
        gathered = self.gathering[conn]
        if gathered.is_whole():
            self._forget(conn)
            conn.sock.setblocking(True)
            conn.init()
            conn.parser.unreader.unread(bytes(gathered.held))
            conn.data_ready = True
            conn.is_read = gathered.is_read
            pool = self.apart if gathered.is_apart and self.apart else self.tpool
            future = pool.submit(self.handle, conn)
            future.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))
        elif gathered.need is None and len(gathered.held) > MOST_OF_A_HEAD:
            self._refuse(conn, 431)
        elif gathered.expects_leave():
            self._say(conn, b"HTTP/1.1 100 Continue\r\n\r\n")
        elif sum(len(each.held) for each in self.gathering.values()) > HELD_AT_MOST:
            self._refuse(max(self.gathering, key=lambda each: len(self.gathering[each].held)), 503)

    def murder_pending(self) -> None:
        """Called once a round: whatever takes too long ends. When the worker is to stop, nobody silent keeps it."""
        now = time.monotonic()
        if not self.alive and not self._is_stopping:
            self._is_stopping = True
            for gathered in self.gathering.values():
                if not gathered.held:
                    gathered.until = min(gathered.until, now + STOP_KEEPALIVE_LINGER)
        elif now - self._looked_at < 0.5:
            return
        self._looked_at = now
        for conn, gathered in list(self.gathering.items()):
            if gathered.until < now:
                self._refuse(conn, 408) if gathered.held else self._drop(conn)
        for conn, until in list(self.closing.items()):
            if until < now:
                self._end(conn)

    def _drop_longest_silent(self) -> None:
        """Room for whoever comes next: the connection that has waited longest goes."""
        if self.gathering:
            self._drop(next(iter(self.gathering)))

    # Ends

    def _refuse(self, conn: TConn, status: int) -> None:
        reason = _SAID[status]
        self._say(conn, b"HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" % (status, reason))
        self._forget(conn)
        self._close_when_read(conn)

    def _say(self, conn: TConn, text: bytes) -> None:
        with suppress(OSError):  # one that does not listen is found gone later
            conn.sock.send(text)

    def _close_when_read(self, conn: TConn) -> None:
        """Close once the client has, so that it reads the answer: closed on what it still sends, it would not."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, EVENT_READ, lambda client: self._read_away(conn, client))
        except (OSError, ValueError, KeyError):
            self.nr_conns -= 1
            conn.close()
            return
        self.closing[conn] = time.monotonic() + LINGER_SECONDS

    def _read_away(self, conn: TConn, client: socket.socket) -> None:
        try:
            data = client.recv(AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._end(conn)

    def _end(self, conn: TConn) -> None:
        del self.closing[conn]
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def _forget(self, conn: TConn) -> None:
        del self.gathering[conn]
        self.poller.unregister(conn.sock)

    def _drop(self, conn: TConn) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        conn.close()

    # In a thread

    def handle_request(self, req: Any, conn: TConn) -> Any:
        if not conn.is_read:
            req.force_close()
        return super().handle_request(req, conn)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """What was refused unread stays unread."""
        return conn.is_read and super()._keepalive_after(conn, keepalive)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """gunicorn writes what could not be read as a request to the log, and back: it may be anything of a form."""
        if isinstance(exc, ParseException):
            self.log.warning("A request that cannot be read: %s", type(exc).__name__)
            with suppress(OSError):
                client.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            return
        super().handle_error(req, client, addr, exc)
