"""The only place from which the identity provider is asked: at its own addresses, within 5 seconds and 1 MiB in all.

No redirect is followed, no proxy or certificate of the environment is used, no compressed answer is taken.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx

from accounts.identity_provider import Provider

from .failures import SignInError

SECONDS = 5.0
MOST_BYTES = 1024 * 1024
# What asks has a time limit for each step alone: it is left behind in a thread when the time for all is over.
_askers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="identity-provider")


@dataclass(frozen=True)
class Answer:
    """What Authlib's client reads of an answer."""

    status_code: int
    content: bytes

    def json(self) -> Any:
        """Raises ValueError where it is none."""
        try:
            return json.loads(self.content)
        except RecursionError as error:
            raise ValueError("nested too deep") from error

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise SignInError("configuration")


class Web:
    """Asks within one time, whatever it asks."""

    def __init__(self, provider: Provider, *, seconds: float = SECONDS):
        self._provider = provider
        self._end = time.monotonic() + seconds
        self._bytes_left = MOST_BYTES

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Raises SignInError."""
        return self._ask("GET", url, dict(headers or {}), b"")

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> Answer:
        """A form, as Authlib's client sends one. Raises SignInError."""
        body = str(httpx.QueryParams(dict(data)))
        url, sent, body = auth.prepare("POST", url, dict(headers), body)
        return self._ask("POST", url, sent, body.encode())

    def json(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """An object. Raises SignInError."""
        answer = self.get(url, {"Accept": "application/json"} | dict(headers or {}))
        answer.raise_for_status()
        try:
            found = answer.json()
        except ValueError as error:
            raise SignInError("configuration") from error
        if not isinstance(found, dict):
            raise SignInError("configuration")
        return found

    def _ask(self, method: str, url: str, headers: dict[str, str], content: bytes) -> Answer:
        if not self._provider.reaches(url):
            raise SignInError("configuration")
        task = _askers.submit(self._answer, method, url, headers, content)
        try:
            return task.result(max(0.0, self._end - time.monotonic()))
        except TimeoutError as error:
            raise SignInError("unreachable") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise SignInError("unreachable") from error

    def _answer(self, method: str, url: str, headers: dict[str, str], content: bytes) -> Answer:
        wanted = {"User-Agent": "necapp", "Accept-Encoding": "identity"} | headers
        trust = _trust(self._provider.certificates)
        left = max(0.01, self._end - time.monotonic())
        with (
            httpx.Client(verify=trust, trust_env=False, follow_redirects=False, timeout=left) as client,
            client.stream(method, url, headers=wanted, content=content) as response,
        ):
            encoding = response.headers.get("content-encoding", "identity")
            if 300 <= response.status_code < 400 or encoding.lower() != "identity":
                raise SignInError("configuration")
            return Answer(response.status_code, self._read(response))

    def _read(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for part in response.iter_raw():
            self._bytes_left -= len(part)
            if self._bytes_left < 0:
                raise SignInError("configuration")
            if time.monotonic() > self._end:
                raise SignInError("unreachable")
            body += part
        return bytes(body)


@lru_cache(maxsize=4)
def _trust(certificates: str) -> ssl.SSLContext:
    """The public authorities, whatever the environment names, and a hospital's own."""
    context = httpx.create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificates:
        context.load_verify_locations(cafile=certificates)
    return context
