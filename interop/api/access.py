"""Who is let in: tokens with their scopes, or anybody where the server's settings say so. No cookie is read."""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from audit.middleware import address_of
from interop.actions import digest_of, note_refusal, note_use
from interop.models import ApiToken, Scope

from . import limits
from .problems import Problem

_TOKEN = re.compile(r"nec_([a-z0-9]{10})_([A-Za-z0-9_-]{43})")
_NOBODYS = "0" * 64  # a digest that no secret has, compared with where no token has the key
# What is limited as rankings are, and not as reads.
TAKES_THE_PROCESSOR = frozenset({Scope.RANKINGS, Scope.FHIR})
# What anybody may do, by the setting API_ANONYMOUS.
ANYBODY = {"none": (), "knowledge": (Scope.KNOWLEDGE,), "rankings": (Scope.KNOWLEDGE, Scope.RANKINGS)}


class Bearer(HttpBearer):
    """Lets in who may do what its scopes say, all of them, and counts the call.

    needs_token   nobody is let in without one, whatever the settings say
    """

    def __init__(self, *scopes: Scope, needs_token: bool = False) -> None:
        super().__init__()
        self.scopes = scopes
        self.needs_token = needs_token
        self.counts_as = limits.RANKINGS if TAKES_THE_PROCESSOR.intersection(scopes) else limits.READS

    def __call__(self, request: HttpRequest) -> Any:
        now = timezone.now()
        what = self.counts_as
        sent = request.headers.get("Authorization")
        if sent is None:
            self._let_anybody_in()
            limits.limit(limits.caller_at(address_of(request)), what, limits.ANONYMOUS[what], now)
            return True
        token = self._known(request, sent, now)
        request.caller = token.key  # type: ignore[attr-defined]
        if missing := next((scope for scope in self.scopes if not token.allows(scope)), None):
            challenge = f'Bearer realm="necapp", error="insufficient_scope", scope="{" ".join(self.scopes)}"'
            self._knock(request, f"without the scope {missing}", token, now)
            raise Problem("scope", f"The call asks for {missing}.", headers={"WWW-Authenticate": challenge})
        if Scope.DECISIONS in self.scopes and token.agreed_at is None:
            self._knock(request, "before the board's chair agreed", token, now)
            raise Problem("scope", "The chair of the board has not agreed yet that the token reads its decisions.")
        most = token.rankings_a_minute if what == limits.RANKINGS else token.reads_a_minute
        limits.limit(token.key, what, most, now)
        note_use(token, on=now.date())
        return token

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Not asked: `__call__` sees to the whole header."""
        raise NotImplementedError

    def _let_anybody_in(self) -> None:
        if self.needs_token or not set(self.scopes) <= set(ANYBODY[settings.API_ANONYMOUS]):
            raise Problem("token", headers={"WWW-Authenticate": 'Bearer realm="necapp"'})

    def _known(self, request: HttpRequest, sent: str, now: datetime) -> ApiToken:
        """The token that was sent, if it lets somebody in today and from here. Raises Problem, and always the same."""
        scheme, _, credentials = sent.partition(" ")
        match = _TOKEN.fullmatch(credentials.strip()) if scheme.lower() == "bearer" else None
        token = ApiToken.objects.filter(key=match[1]).first() if match else None
        is_right = hmac.compare_digest(digest_of(match[2] if match else ""), token.digest if token else _NOBODYS)
        if token is None or not is_right:
            reason, token = "no such token", None
        elif token.revoked_at is not None:
            reason = "a revoked token"
        elif token.is_over(now.date()):
            reason = "a token past its last day"
        elif not token.may_come_from(address_of(request)):
            reason = "a token from a network that it is not for"
        else:
            return token
        self._knock(request, reason, token, now)
        challenge = 'Bearer realm="necapp", error="invalid_token"'
        raise Problem("token", headers={"WWW-Authenticate": challenge})

    def _knock(self, request: HttpRequest, reason: str, token: ApiToken | None, now: datetime) -> None:
        """Somebody is refused: an event, once a minute for each address and reason. Raises Problem for too many."""
        address = limits.caller_at(address_of(request))
        if limits.count(address, limits.KNOCKS, now) > limits.ANONYMOUS[limits.KNOCKS]:
            raise limits.too_many("Too many calls with a token that lets nobody in.", now)
        if limits.count(f"{address} {reason[:20]}", limits.KNOCKS, now) == 1:
            note_refusal(reason, token)
