"""Reads of a client's own FHIR server what it did not send: of a listed server, with the token that came along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.origins import origin_of
from accounts.outgoing import Outgoing, OutgoingError
from interop.clients import Clients, HooksClient
from interop.reading.input import Refused, document

from .prefetch import Fetch, Resource, next_page
from .received import HookRequest
from .services import query

MOST_PAGES = 10  # of all that is read for a call


class _Missing(Exception):  # noqa: N818 - says what came of it
    """Something that could not be read whole."""


def fetch_for(client: HooksClient | None, known: Clients) -> Fetch:
    """How what is missing is read for a client; nothing is, where the client is not known by its token."""

    def fetch(request: HookRequest, kinds: Sequence[str]) -> Mapping[str, Sequence[Resource]]:
        token = _token(request, client)
        if client is None or not token:
            return {}
        with Outgoing(known.reach([request.server])) as web:
            reader = _Reader(web, request.server, token)
            found: dict[str, Sequence[Resource]] = {}
            for kind in kinds:  # those that are required come first
                try:
                    found[kind] = reader.read(query(kind, request.patient))
                except (_Missing, OutgoingError):
                    continue
        return found

    return fetch


def _token(request: HookRequest, client: HooksClient | None) -> str:
    """The token to read with; "" where it is not for us, not of the client's own server, or expired."""
    given = request.authorization
    expires, token = given.get("expires_in"), given.get("access_token")
    if client is None or client.fhir_server is None or request.server.rstrip("/") != client.fhir_server.rstrip("/"):
        return ""
    if client.client_id is None or given.get("subject") != client.client_id or given.get("token_type") != "Bearer":
        return ""
    if isinstance(expires, bool) or not isinstance(expires, int) or expires <= 0:
        return ""
    is_plain = isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token
    return token if is_plain else ""


class _Reader:
    def __init__(self, web: Outgoing, server: str, token: str):
        self._web, self._server, self._pages = web, server.rstrip("/"), 0
        self._headers = {"Accept": "application/fhir+json", "Authorization": f"Bearer {token}"}

    def read(self, asked: str) -> Sequence[Resource]:
        """All pages of a search, or the one resource. Raises _Missing, OutgoingError."""
        found, url = [], f"{self._server}/{asked}"
        while url:
            page = self._page(url)
            found.append(page)
            url = next_page(page)
            if url and not self._is_same_origin(url):
                raise _Missing
        return found

    def _page(self, url: str) -> Resource:
        self._pages += 1
        if self._pages > MOST_PAGES:
            raise _Missing
        answer = self._web.get(url, self._headers)
        if answer.status != 200:
            raise _Missing
        try:
            value: Any = document(answer.body)
        except Refused:
            raise _Missing from None
        if not isinstance(value, dict) or value.get("resourceType") == "OperationOutcome":
            raise _Missing
        return value

    def _is_same_origin(self, url: str) -> bool:
        try:
            return origin_of(url) == origin_of(self._server)
        except ValueError:
            return False
