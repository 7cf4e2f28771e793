"""The way of a browser through a launch: the app, the hospital's sign-in, and the app again."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from .hospital import Hospital


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        """A test looks at where it is sent."""


def signed_in_at(address: str) -> str:
    """Where the hospital's sign-in sends the browser on to, in its own app's words."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)
    try:
        opener.open(address, timeout=60)
    except urllib.error.HTTPError as answered:
        with answered:
            location: str = answered.headers["Location"]
            return location
    raise AssertionError("the sign-in sent nobody on")


def query(address: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(address).query).items()}


def launched(client: Client, hospital: Hospital, launch: str | None = "handle") -> str:
    """The address of the hospital's sign-in."""
    asked = {"iss": hospital.iss} | ({} if launch is None else {"launch": launch})
    response = client.get("/smart/launch", asked)
    assert response.status_code == 302, response.content.decode()
    return response.headers["Location"]


def back(client: Client, hospital: Hospital, launch: str | None = "handle", **changes: str) -> Any:
    """What the callback answers; `changes` of what the hospital sends along."""
    address = signed_in_at(launched(client, hospital, launch))
    assert urlsplit(address).path == "/smart/callback"
    return client.get("/smart/callback", query(address) | changes)
