"""API tokens for tests, and systems that call with them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from boards.actions import make_board
from boards.members import members_of
from boards.models.choices import Role
from interop.actions import agree_to_token, make_token
from interop.models import MOST_A_MINUTE, ApiToken, Scope
from tests.factories import boards
from tests.factories.accounts import account

API = "/api/v1/"


def token(*scopes: str, by: Any = None, agreed: bool = True, **limits: Any) -> tuple[ApiToken, dict[str, str]]:
    """A token for these scopes, for all without any, and the header that a system sends.

    One for decisions is of a board of its own, unless `board` names another; its chair agreed, but for `agreed=False`.
    """
    now = timezone.now()
    usual = {
        "name": f"System {ApiToken.objects.count() + 1}",
        "networks": "",
        "expires_on": now.date() + timedelta(days=30),
        "rankings_a_minute": MOST_A_MINUTE,
        "reads_a_minute": MOST_A_MINUTE,
        "now": now,
    }
    by = by or account(f"admin-{ApiToken.objects.count()}", "Administrator")
    scopes = scopes or tuple(Scope.values)
    if Scope.DECISIONS in scopes and "board" not in limits:
        name = f"Board of {usual['name']}"
        keeper = boards.account("administrator", "Administrator")
        limits["board"] = make_board(name=name, chair=boards.account("chair"), by=keeper)
    made, sent = make_token(scopes=scopes, by=by, **usual | limits)
    if made.board and agreed:
        chair = members_of(made.board).get(role=Role.CHAIR).person
        agree_to_token(made, by=chair, now=now)
    return made, {"Authorization": f"Bearer {sent}"}


class System:
    """A system that calls the API with a token for everything, from an address of its own."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = headers

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(API + path, headers=self.headers | headers)

    def rank(self, patient: Any, path: str = "rankings", content_type: str = "application/json", **headers: str) -> Any:
        body = patient if isinstance(patient, str | bytes) else json.dumps(patient)
        return self.client.post(API + path, body, content_type=content_type, headers=self.headers | headers)

    def read(
        self, record: Any, path: str = "fhir/read", content_type: str = "application/fhir+json", **more: str
    ) -> Any:
        """A call that takes FHIR."""
        return self.rank(record, path, content_type, **more)

    def batch(self, *lines: str, query: str = "") -> Any:
        body = "\n".join(lines).encode()
        return self.rank(body, f"rankings/batch{query}", "application/x-ndjson", Accept="application/x-ndjson")
