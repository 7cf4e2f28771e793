"""How the identity provider is asked: at its own addresses, within 5 seconds and 1 MiB in all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from accounts import outgoing
from accounts.identity_provider import Provider

from .failures import SignInError

SECONDS = 5.0
MOST_BYTES = 1024 * 1024
# Why nothing was had that another try may have; all else is an answer that was not agreed.
_UNREACHABLE = {"address", "too-slow", "unreachable"}


class Answer(outgoing.Answer):
    """As Authlib's client reads one."""

    @property
    def status_code(self) -> int:
        return self.status

    def raise_for_status(self) -> None:
        if self.status >= 400:
            raise SignInError("configuration")


class Web(outgoing.Outgoing):
    """What cannot be had is a sign-in that comes to nothing."""

    def __init__(self, provider: Provider, *, seconds: float = SECONDS):
        super().__init__(provider.reach, seconds=seconds, most_bytes=MOST_BYTES)

    def ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
        """Raises SignInError."""
        try:
            found = super().ask(method, url, headers, content)
        except outgoing.OutgoingError as error:
            raise SignInError("unreachable" if error.why in _UNREACHABLE else "configuration") from error
        return Answer(found.status, found.body)

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> Answer:
        """A form, as Authlib's client sends one. Raises SignInError."""
        url, sent, body = auth.prepare("POST", url, dict(headers), urlencode(dict(data)))
        return self.ask("POST", url, sent, body.encode())

    def json(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """An object. Raises SignInError."""
        answer = self.ask("GET", url, {"Accept": "application/json"} | dict(headers or {}), None)
        answer.raise_for_status()
        try:
            found = answer.json()
        except ValueError as error:
            raise SignInError("configuration") from error
        if not isinstance(found, dict):
            raise SignInError("configuration")
        return found
