"""Every request and card keeps the invariants of CDS Hooks and of INTEROP, evaluated as FHIRPath."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from fhirpathpy import compile as compiled
from fhirpathpy import evaluate

from tests.factories.hooks import OPTIONS, ORDERS, Hospital, drafts_of, hook_request, prefetch_of
from tests.interop.shared import bundle, expected, needs_shared, shared, worked

pytestmark = [needs_shared, pytest.mark.django_db]

DRUGS = ("Cisplatin 50 mg", "Etoposide", "Irinotecan")


@cache  # compiling an expression takes half a second
def invariants(*contexts: str, origin: str = "") -> list[tuple[str, str, Any]]:
    found = yaml.safe_load(shared("cds-hooks", "invariants.yaml").read_text(encoding="utf-8"))
    return [
        (each["key"], each["context"], compiled(each["expression"]))
        for each in found
        if each["context"] in contexts and origin in ("", each["origin"])
    ]


def parts(answer: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Whatever an invariant may be about in an answer or a list of services."""
    if "services" in answer:
        yield "discovery", answer
        yield from (("service", service) for service in answer["services"])
        return
    yield "response", answer
    for card in answer["cards"]:
        yield "card", card
        yield from (("link", link) for link in card.get("links", ()))
        for suggestion in card.get("suggestions", ()):
            yield "suggestion", suggestion
            yield from (("action", action) for action in suggestion.get("actions", ()))


def broken(answer: dict[str, Any], origin: str = "") -> list[str]:
    contexts = ("discovery", "service", "response", "card", "link", "suggestion", "action")
    rules = invariants(*contexts, origin=origin)
    assert len(rules) >= 7
    found = []
    for kind, part in parts(answer):
        for key, context, holds in rules:
            if context == kind and holds(part) not in ([True], []):
                found.append(f"{key}: {str(part)[:200]}")
    return found


def test_discovery(anybody: Hospital) -> None:
    answer = anybody.client.get("/cds-services", secure=True)
    assert answer.status_code == 200
    assert broken(answer.json()) == []


@pytest.mark.parametrize("path", [OPTIONS, ORDERS])
@pytest.mark.parametrize("name", [name for name in worked() if name != "w13-several-patients"] if worked() else [])
def test_the_cards_of_every_worked_bundle(name: str, path: str, anybody: Hospital) -> None:
    patient, prefetch = prefetch_of(bundle(name))
    hook = "patient-view" if path == OPTIONS else "order-sign"
    sent = hook_request(patient, prefetch, hook, draftOrders=drafts_of(patient, *DRUGS))
    rules = [holds(sent) for _, _, holds in invariants("request")]
    assert all(held in ([True], []) for held in rules)
    answer = anybody.ask(path, sent, token="")
    assert answer.status_code == 200
    assert broken(answer.json()) == []
    assert bool(answer.json()["cards"]) == ("histology" in expected(name)["features"])


def test_valid_cards_of_da_vinci() -> None:
    cards = json.loads(shared("cds-hooks", "davinci", "valid_cards.json").read_text(encoding="utf-8"))
    cards = cards["cards"] if isinstance(cards, dict) else cards
    assert len(cards) == 7
    assert broken({"cards": cards}, origin="spec") == []


def test_a_card_that_breaks_them_is_found() -> None:
    card = {"summary": "x" * 140, "indicator": "critical", "source": {"label": "necapp"}, "suggestions": [{}]}
    keys = {each.partition(":")[0] for each in broken({"cards": [card], "systemActions": [{}]})}
    assert keys >= {"nec-resp-1", "nec-card-1", "nec-card-2", "nec-card-3", "nec-card-7", "cds-resp-6"}


def test_feedback_and_requests_of_others() -> None:
    feedback = json.loads(shared("cds-hooks", "ahrq", "feedback.json").read_text(encoding="utf-8"))["feedback"]
    for _, _, holds in invariants("feedback"):
        assert all(holds(each) == [True] for each in feedback)
    overrides = [each["overrideReason"] for each in feedback if "overrideReason" in each]
    assert all(holds(each) == [True] for _, _, holds in invariants("override") for each in overrides)
    for path in sorted(shared("cds-hooks", "davinci").glob("*_hook_request.json")):
        sent = json.loads(path.read_text(encoding="utf-8"))
        assert evaluate(sent, "hook.exists() and hookInstance.exists() and context.exists()") == [True]
