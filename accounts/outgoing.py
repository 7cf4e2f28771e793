"""The only place from which a server asks other systems: listed origins, checked addresses, 2 seconds, 2 MiB.

    with Outgoing(reach) as web:
        answer = web.get("https://fhir.example/r4/Patient/1", {"Authorization": "Bearer …"})

The time and the size are those of all that one `Outgoing` asks. A name is resolved once, each address that it has is
checked, and the connection goes to an address that was checked. No redirect is followed, no proxy of the environment is
used, no compressed answer is taken. Source: INTEROP, section 10.

It stands in the lowest room that asks. Registers are asked by `curation/imports/web.py`, for a command whose caller
waits: busy ones again, large answers, redirects, and the hospital's proxy.
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import httpcore
import httpx

from .origins import Reach

SECONDS = 2.0
MOST_BYTES = 2 * 1024 * 1024
CONNECTIONS = 6
AGENT = "necapp"

_FAILURES = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol)
# A resolver has no time limit of its own: it is left behind in a thread when the time is over.
_resolvers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="resolve")


class OutgoingError(Exception):
    """What could not be had; `why` is one of these words, and names nothing that was asked for.

    not-allowed  an origin that is not listed, or no https
    address      a name that leads to an address that may not be reached
    unreachable  no such name, no connection, a certificate that is not trusted, no HTTP
    too-slow     the time is over
    too-large    more than may be read in all
    redirect     sent on to another place
    encoded      a compressed answer, which was not asked for
    """

    def __init__(self, why: str):
        self.why = why
        super().__init__(why)


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    def json(self) -> Any:
        """Raises ValueError where it is none."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("nested too deep") from error


class Outgoing:
    """Asks systems within one time and one size, from as many threads as one likes.

    seconds     for all of it, names and connections included; None: SECONDS
    most_bytes  of all bodies together
    """

    def __init__(
        self,
        reach: Reach,
        *,
        seconds: float | None = None,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._reach = reach
        self._clock = clock
        self._end = clock() + (SECONDS if seconds is None else seconds)
        self._bytes_left = most_bytes
        self._counting = Lock()
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trust(reach.certificates),
            max_connections=CONNECTIONS,
            network_backend=_Guarded(reach, self._seconds_left),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Raises OutgoingError; an answer of any status but a redirect is an answer."""
        return self.ask("GET", url, headers or {}, None)

    def post_form(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """A form, as endpoints for tokens take it. Raises OutgoingError."""
        sent = {"Content-Type": "application/x-www-form-urlencoded"} | dict(headers or {})
        return self.ask("POST", url, sent, urlencode(fields).encode())

    def ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
        """Raises OutgoingError."""
        if not self._reach.has(url):
            raise OutgoingError("not-allowed")
        wanted = {"User-Agent": AGENT, "Accept-Encoding": "identity"} | dict(headers)
        # The pool's own limit, of the wait for one of its connections; all else is held by what it connects with.
        limits = {"timeout": {"pool": self._seconds_left()}}
        try:
            with self._pool.stream(
                method, url.partition("#")[0], headers=wanted, content=content, extensions=limits
            ) as response:
                return self._read(response)
        except httpcore.TimeoutException as error:
            raise OutgoingError("too-slow") from error
        except _FAILURES as error:
            raise OutgoingError("unreachable") from error

    def _read(self, response: httpcore.Response) -> Answer:
        if 300 <= response.status < 400:
            raise OutgoingError("redirect")
        said = {name.lower(): value for name, value in response.headers}
        if said.get(b"content-encoding", b"identity").lower() != b"identity":
            raise OutgoingError("encoded")
        body = bytearray()
        for part in response.iter_stream():
            self._count(len(part))
            body += part
        return Answer(response.status, bytes(body))

    def _count(self, size: int) -> None:
        with self._counting:
            self._bytes_left -= size
            if self._bytes_left < 0:
                raise OutgoingError("too-large")

    def _seconds_left(self) -> float:
        left = self._end - self._clock()
        if left <= 0:
            raise OutgoingError("too-slow")
        return left


@lru_cache(maxsize=4)
def _trust(certificates: str) -> ssl.SSLContext:
    """The public authorities, whatever the environment names, and a hospital's own."""
    context = httpx.create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificates:
        context.load_verify_locations(cafile=certificates)
    return context


class _Guarded(httpcore.NetworkBackend):
    """Connects to addresses that were checked, and hands out connections that end with the time."""

    def __init__(self, reach: Reach, seconds_left: Callable[[], float]):
        self._reach = reach
        self._seconds_left = seconds_left
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._addresses(host, port)
        if not all(map(self._reach.leads_to, addresses)):
            raise OutgoingError("address")
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                stream = self._plain.connect_tcp(address, port, self._seconds_left(), local_address, socket_options)
            except httpcore.ConnectError as error:
                failure = error
            else:
                return _Timed(stream, self._seconds_left)
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        """Those that a name has, in the order in which they are to be tried."""
        found = _resolvers.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            return list(dict.fromkeys(str(each[4][0]) for each in found.result(self._seconds_left())))
        except TimeoutError as error:
            raise OutgoingError("too-slow") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error


class _Timed(httpcore.NetworkStream):
    """A connection of which each step has the time that is left, and not one of its own.

    So a system that sends a byte now and then is given up too.
    """

    def __init__(self, stream: httpcore.NetworkStream, seconds_left: Callable[[], float]):
        self._stream = stream
        self._seconds_left = seconds_left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._seconds_left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._seconds_left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, self._seconds_left()), self._seconds_left)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
