"""Reads a page of a public register over the network: with time limits, and again where the register was busy."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import TracebackType

import httpx

ATTEMPTS = 4
FIRST_WAIT_SECONDS = 1.0  # doubled each time
LONGEST_WAIT_SECONDS = 60.0  # however long the register asks for
TIMEOUT = httpx.Timeout(30, connect=10)
LARGEST_ANSWER = 50 * 1024 * 1024  # bytes; a study is some 100 KB
PASSING = frozenset({429, 500, 502, 503, 504})
AGENT = "necapp (curation of published evidence)"


class FetchError(Exception):
    """A page that could not be had; `status` is the register's answer, None where there was none."""

    def __init__(self, url: str, reason: str, status: int | None = None):
        self.status = status
        super().__init__(f"{url}: {reason}")


class Web:
    """One connection for many pages: `with Web() as web: web.read(url)`."""

    def __init__(self, *, timeout: httpx.Timeout = TIMEOUT, sleep: Callable[[float], None] = time.sleep):
        self._client = httpx.Client(timeout=timeout, headers={"User-Agent": AGENT}, follow_redirects=True)
        self._sleep = sleep

    def __enter__(self) -> Web:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def read(self, url: str, parameters: Mapping[str, str] | None = None) -> bytes:
        """The body of a page. A busy register or a broken line is tried again, later each time. Raises FetchError."""
        for attempt in range(ATTEMPTS):
            wait = FIRST_WAIT_SECONDS * 2**attempt
            try:
                status, body, asked = self._once(url, parameters)
            except (httpx.TransportError, httpx.DecodingError) as error:
                failure = FetchError(url, f"no answer ({type(error).__name__})")
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise FetchError(url, str(error)) from error
            else:
                if status == 200:
                    return body
                failure = FetchError(url, f"answered {status}", status)
                if status not in PASSING:
                    raise failure
                wait = max(wait, asked)
            if attempt + 1 < ATTEMPTS:
                self._sleep(min(wait, LONGEST_WAIT_SECONDS))
        raise failure

    def _once(self, url: str, parameters: Mapping[str, str] | None) -> tuple[int, bytes, float]:
        """Status, body, and the seconds after which the register asks to be tried again."""
        with self._client.stream("GET", url, params=parameters) as response:
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > LARGEST_ANSWER:
                    raise FetchError(url, f"larger than {LARGEST_ANSWER // 1024 // 1024} MB", response.status_code)
            given = response.headers.get("Retry-After", "")
            return response.status_code, bytes(body), float(given) if given.isdecimal() else 0.0
