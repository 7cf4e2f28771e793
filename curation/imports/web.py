"""Reads a page of a public register over the network: with time limits, and again where the register was busy.

With a list of hosts it asks those alone, over https, wherever it is redirected to. Commands ask so; a server, which
must not wait, asks by `accounts/outgoing.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType

import httpx

ATTEMPTS = 4
FIRST_WAIT_SECONDS = 1.0  # doubled each time
LONGEST_WAIT_SECONDS = 60.0  # however long the register asks for
TIMEOUT = httpx.Timeout(30, connect=10)
LARGEST_ANSWER = 50 * 1024 * 1024  # bytes; a study is some 100 KB
PASSING = frozenset({429, 500, 502, 503, 504})
SCHEMES = ("https",)  # of hosts that are listed
AGENT = "necapp (curation of published evidence)"


class FetchError(Exception):
    """A page that could not be had; `status` is the register's answer, None where there was none."""

    def __init__(self, url: str, reason: str, status: int | None = None):
        self.status = status
        super().__init__(f"{url}: {reason}")


class Web:
    """One connection for many pages: `with Web() as web: web.read(url)`.

    hosts     those that may be asked, redirects included; None: any
    seconds   for all that is read over the connection; None: as long as each page takes
    """

    def __init__(
        self,
        *,
        timeout: httpx.Timeout = TIMEOUT,
        sleep: Callable[[float], None] = time.sleep,
        hosts: Collection[str] | None = None,
        seconds: float | None = None,
    ):
        self._hosts = hosts
        self._seconds = seconds
        self._started = time.monotonic()
        self._client = httpx.Client(
            timeout=timeout,
            headers={"User-Agent": AGENT},
            follow_redirects=True,
            event_hooks={"request": [self._allow]},
        )
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
            self._check_time(url)
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
                wait = min(wait, LONGEST_WAIT_SECONDS)
                self._check_time(url, wait)
                self._sleep(wait)
        raise failure

    def _once(self, url: str, parameters: Mapping[str, str] | None) -> tuple[int, bytes, float]:
        """Status, body, and the seconds after which the register asks to be tried again."""
        with self._client.stream("GET", url, params=parameters) as response:
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                self._check_time(url)
                if len(body) > LARGEST_ANSWER:
                    raise FetchError(url, f"larger than {LARGEST_ANSWER // 1024 // 1024} MB", response.status_code)
            return response.status_code, bytes(body), _seconds(response.headers.get("Retry-After", ""))

    def _allow(self, request: httpx.Request) -> None:
        """Called before every request, those of redirects too. Raises FetchError."""
        if self._hosts is None:
            return
        if request.url.scheme not in SCHEMES or request.url.host not in self._hosts:
            raise FetchError(
                str(request.url), f"only {', '.join(sorted(self._hosts)) or 'no host'} may be asked, by https"
            )

    def _check_time(self, url: str, wait: float = 0.0) -> None:
        """Raises FetchError where the time for the connection is over, or will be after a wait of so many seconds."""
        if self._seconds is not None and time.monotonic() - self._started + wait > self._seconds:
            raise FetchError(url, f"not done within {self._seconds:g} seconds")


def _seconds(retry_after: str) -> float:
    """For how long a register asks to be left alone: it gives seconds, or a moment; 0 where it gives neither."""
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):  # a moment without a time zone is none
        return 0.0
