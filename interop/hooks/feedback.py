"""What clients say became of cards: taken by 400 or stored, without the comment and without the time of day."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from interop.models import CardFeedback, Outcome, ShownCard
from regimens.rules.patient import FEATURES

from .cards import Card, suggestion_uuid
from .reasons import stored
from .received import UUID, refusal

KEPT = timedelta(days=30)  # cards, for what comes back of them


def remember(cards: Iterable[Card], release: str, today: date) -> None:
    """Cards that are shown, by uuid, topic and release; those of 30 days ago are forgotten."""
    rows = [ShownCard(uuid=card.uuid, topic=card.topic, release=release, shown_on=today) for card in cards]
    with transaction.atomic():
        ShownCard.objects.filter(shown_on__lt=today - KEPT).delete()
        ShownCard.objects.bulk_create(rows)


def take(sent: Mapping[str, Any], client: str, today: date) -> int:
    """Store every entry, or none where one is not as CDS Hooks has it; how many there were. Raises Problem."""
    given = sent.get("feedback")
    if not isinstance(given, list) or not given:
        raise refusal("“feedback” has to be a list of at least one entry.")
    rows = [_row(each, f"feedback[{number}]", client) for number, each in enumerate(given)]
    known = ShownCard.objects.filter(shown_on__gte=today - KEPT).in_bulk([row.card for row in rows])
    for row in rows:
        if card := known.get(row.card):
            row.topic, row.release = card.topic, card.release
    CardFeedback.objects.bulk_create(rows)
    return len(rows)


def _row(entry: Any, place: str, client: str) -> CardFeedback:
    if not isinstance(entry, dict):
        raise refusal(f"“{place}” has to be an object.")
    outcome = entry.get("outcome")
    if outcome not in Outcome.values:
        raise refusal(f"“{place}.outcome” has to be one of {', '.join(Outcome.values)}.")
    card = _uuid(entry.get("card"), f"{place}.card")
    accepted = " ".join(_accepted(entry, card, place)) if outcome == Outcome.ACCEPTED else ""
    reason, has_comment = _reason(entry, place)
    return CardFeedback(
        card=card,
        outcome=outcome,
        accepted=accepted,
        reason=reason,
        has_comment=has_comment,
        day=_day(entry.get("outcomeTimestamp"), f"{place}.outcomeTimestamp"),
        client=client,
    )


def _accepted(entry: Mapping[str, Any], card: uuid.UUID, place: str) -> Iterator[str]:
    """The tests that were taken up, in the order of features; a suggestion that is none of ours is not named."""
    given = entry.get("acceptedSuggestions")
    if not isinstance(given, list) or not given:
        raise refusal(f"“{place}.acceptedSuggestions” has to be a list of at least one suggestion.")
    ids = {
        _uuid(each.get("id") if isinstance(each, dict) else None, f"{place}.acceptedSuggestions[{number}].id")
        for number, each in enumerate(given)
    }
    yield from (name for name in FEATURES if suggestion_uuid(card, name) in ids)


def _reason(entry: Mapping[str, Any], place: str) -> tuple[str, bool]:
    """The reason as it is kept, and whether a comment came along."""
    given = entry.get("overrideReason")
    if given is None:
        return "", False
    if not isinstance(given, dict) or not (given.get("reason") or given.get("userComment")):
        raise refusal(f"“{place}.overrideReason” has to hold a reason or a userComment.")
    reason = given.get("reason")
    if reason is not None and not isinstance(reason, dict):
        raise refusal(f"“{place}.overrideReason.reason” has to be a coding.")
    return stored(reason.get("system"), reason.get("code")) if reason else "", bool(given.get("userComment"))


def _uuid(value: Any, place: str) -> uuid.UUID:
    if not isinstance(value, str) or not UUID.fullmatch(value):
        raise refusal(f"“{place}” has to be a UUID.")
    return uuid.UUID(value)


def _day(value: Any, place: str) -> date:
    """Of a time in ISO 8601, the day: no more of it is kept."""
    try:
        return datetime.fromisoformat(value).date()
    except (TypeError, ValueError):
        raise refusal(f"“{place}” has to be a time in ISO 8601.") from None
