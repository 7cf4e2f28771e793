"""How each call under /cds-services is answered, whatever happens. Imported with the first call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from interop.api.answers import knowledge_for
from interop.api.bodies import JSON
from interop.api.failures import problem_of
from interop.api.problems import Problem
from interop.clients import NOBODY, Clients, HooksClient, clients
from interop.limits import READING_SECONDS, Busy
from interop.terminology import terminology

from . import cors, feedback
from .cards import Asker, Card
from .cautions_card import cautions_card
from .fetching import fetch_for
from .options_card import options_card
from .orders import drafted, warned
from .prefetch import received
from .received import FEEDBACK_BYTES, REQUEST_BYTES, HookRequest, json_of, taken
from .services import SERVICES, Service, listed
from .tests_card import tests_card
from .trust import client_of
from .understood import understood

FEEDBACK = "feedback"


def answer(request: HttpRequest, rest: str) -> HttpResponse:
    """What is answered at an address under /cds-services. Raises nothing."""
    known = NOBODY
    try:
        known = clients()
        response = _answer(request, rest.strip("/"), known)
    except Problem as problem:
        response = problem.as_response()
    except Exception as failure:
        response = problem_of(failure).as_response()
    cors.allow(request, response, known)
    return response


def _answer(request: HttpRequest, rest: str, known: Clients) -> HttpResponse:
    """Raises Problem."""
    name, _, what = rest.partition("/")
    if not rest:
        request.route = "hooks:services"  # type: ignore[attr-defined]
        _only(request, "GET", "HEAD")
        return cors.preflight() if request.method == "OPTIONS" else _json(listed())
    service = SERVICES.get(name)
    if service is None or what not in ("", FEEDBACK):
        raise Problem("not-found")
    request.route = f"hooks:{service.id}{':feedback' if what else ''}"  # type: ignore[attr-defined]
    _only(request, "POST")
    if request.method == "OPTIONS":
        return cors.preflight()
    now = timezone.now()
    client = client_of(request, known, now)
    request.caller = client.name if client else "nobody"  # type: ignore[attr-defined]
    request.hooks_client = client  # type: ignore[attr-defined]
    if what == FEEDBACK:
        count = _fed_back(request, client, now)
        request.counted = f" {count} entries"  # type: ignore[attr-defined]
        return _json({})
    asked = taken(json_of(request, most=REQUEST_BYTES), service)
    return _cards(request, asked, service, client, known, now)


def _fed_back(request: HttpRequest, client: HooksClient | None, now: datetime) -> int:
    sent = json_of(request, most=FEEDBACK_BYTES)
    return feedback.take(sent, client.name if client else "", timezone.localdate(now))


def _cards(
    request: HttpRequest,
    asked: HookRequest,
    service: Service,
    client: HooksClient | None,
    known: Clients,
    now: datetime,
) -> HttpResponse:
    knowledge, terms = knowledge_for(None, to_rank=True), terminology()
    found = received(asked, fetch_for(client, known))
    try:
        said = understood(found, knowledge, terms)
    except Busy:
        raise Problem("reading", headers={"Retry-After": str(READING_SECONDS)}) from None
    cards: list[Card] = []
    if said is not None:
        cards.append(options_card(said))
        if service.is_for_orders and asked.drafts:
            drugs = drafted(asked.drafts, asked.patient, terms, knowledge)
            if grave := warned(drugs, said.ranking.patient, knowledge):
                cards.append(cautions_card(grave))
        if tests := tests_card(said.ranking, knowledge, terms, asked.patient):
            cards.append(tests)
        feedback.remember(cards, knowledge.release.name, timezone.localdate(now))
    request.counted = f" {found.resources} resources, {len(cards)} cards"  # type: ignore[attr-defined]
    asker = Asker(f"https://{request.get_host()}", service.id)
    response = _json({"cards": [card.as_sent(knowledge.release, asker) for card in cards]})
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _only(request: HttpRequest, *methods: str) -> None:
    if request.method not in (*methods, "OPTIONS"):
        raise Problem("method", headers={"Allow": ", ".join((*methods, "OPTIONS"))})


def _json(content: Mapping[str, Any]) -> HttpResponse:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return HttpResponse(text, JSON, headers={"Cache-Control": "no-store"})
