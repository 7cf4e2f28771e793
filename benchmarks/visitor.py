"""A visitor over HTTP, who asks for compressed answers and brings the form's token, as a browser does."""

from __future__ import annotations

import gzip
import http.client
import re
from dataclasses import dataclass
from urllib.parse import urlencode

import brotli

from .patients import Entered
from .server import HOST

LIVE = {"HX-Request": "true"}


@dataclass(frozen=True)
class Answer:
    """An answer as it came over the wire: `sent` is its body before it is unpacked."""

    headers: dict[str, str]
    sent: bytes
    wire_bytes: int

    @property
    def body(self) -> bytes:
        unpack = {"gzip": gzip.decompress, "br": brotli.decompress}.get(self.headers.get("content-encoding", ""))
        return unpack(self.sent) if unpack else self.sent


@dataclass(frozen=True)
class Asked:
    """What is asked for: by POST where fields are sent, and as htmx does where it is live."""

    path: str
    fields: Entered | None = None
    is_live: bool = False


class Visitor:
    """One connection a request, since gunicorn's workers close them."""

    def __init__(self, port: int):
        self.port, self.cookie = port, ""
        page = self.get("/")
        self.cookie = page.headers["set-cookie"].partition(";")[0]
        token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page.body)
        self.token = token[1].decode() if token else ""

    def ask(self, asked: Asked) -> Answer:
        return self.get(asked.path) if asked.fields is None else self.post(asked.path, asked.fields, live=asked.is_live)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None, {"Cookie": self.cookie} if self.cookie else {})

    def post(self, path: str, fields: Entered, *, live: bool = False) -> Answer:
        body = urlencode(fields | {"csrfmiddlewaretoken": self.token}, doseq=True)
        sent_as = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        return self._ask("POST", path, body, sent_as | (LIVE if live else {}))

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        """Raises RuntimeError for any answer but a good one."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.request(method, path, body, headers | {"Accept-Encoding": "gzip, deflate, br"})
            response = connection.getresponse()
            sent = response.read()
        finally:
            connection.close()
        if response.status != 200:
            raise RuntimeError(f"{method} {path} was answered with {response.status}")
        lines = [f"{name}: {value}" for name, value in response.getheaders()]
        head = len(f"HTTP/1.1 {response.status} {response.reason}\r\n") + sum(len(line) + 2 for line in lines) + 2
        return Answer({name.lower(): value for name, value in response.getheaders()}, sent, head + len(sent))
