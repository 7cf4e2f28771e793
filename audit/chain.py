"""A chain of hashes over the events, by which a change past the triggers shows.

An event is sealed just after the commit of what it tells of, in a transaction that does nothing else: so nobody who
signs in waits for a long import, and two locks never wait for each other. Where a process or the database is killed in
between, its event stays unsealed, which `verify` says, until the next event has it sealed as late (`events.py`) or
`seal_all` does. The chain is in the order of sealing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils import timezone

from .actions import exclusive
from .canonical import canonical_json, sha256_of
from .models import Event, EventSeal
from .records import Ledger

# Known to nobody else on the same database: the first bytes of SHA-256("necapp events").
_LOCK = 0x42D89C3B
_AT_ONCE = 1000
SEALED_LATE = "seal-late"
# An event that carries no hash after that long was left by a process that was stopped, or written past the app.
_LEFT_AFTER = timedelta(minutes=1)
# Looked for among so many events before one that is sealed, by each process once in that time; `seal_all` looks at all.
_LEFT_AMONG = 20_000
_looked_at: datetime | None = None

Item = TypeVar("Item")


@dataclass(frozen=True)
class Chain:
    """What checking found.

    sealed     how many events are in the chain, up to the first break
    head       the hash of the last of them: to be kept elsewhere, and asked for later
    broken     the first break in words; empty where there is none
    unsealed   the ids of events that carry no hash
    records    how many records that events tell of are as they were sealed (`audit.records`)
    wrong      those that are not, in words
    late       how many events were sealed a minute or more after they were made, as events of their own say
    """

    sealed: int
    head: str
    broken: str
    unsealed: tuple[int, ...]
    records: int = 0
    wrong: tuple[str, ...] = ()
    late: int = 0


def fields_of(event: Event) -> dict[str, Any]:
    """What of an event its hash is made of, as plain values."""
    return {
        "id": event.pk,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "by": event.by_id,
        "action": event.action,
        "subject": event.subject,
        "details": event.details,
        "address": event.address,
    }


def hash_of(fields: dict[str, Any], former: str) -> str:
    """SHA-256 over the canonical JSON of an event's fields and the hash before it."""
    return sha256_of(canonical_json(fields | {"former": former}))


def seal(pk: int) -> None:
    """Seal one event that was committed."""
    with exclusive(_LOCK):
        append(Event.objects.filter(pk=pk, seal__isnull=True))


def seal_left_before(pk: int) -> list[int]:
    """Seal the events that were left without a hash not long before this one, where it is time to look; their ids."""
    global _looked_at
    now = timezone.now()
    if _looked_at and now - _looked_at < _LEFT_AFTER:
        return []
    _looked_at = now
    near = Event.objects.filter(seal__isnull=True, pk__gte=pk - _LEFT_AMONG, pk__lt=pk)
    left = near.filter(at__lt=now - _LEFT_AFTER).order_by("pk")
    if not left.exists():
        return []
    with exclusive(_LOCK):
        found = list(left.values_list("pk", flat=True))
        append(left)
        return found


def seal_all() -> int:
    """Seal every event that is not, the first made first; how many."""
    with exclusive(_LOCK):
        return append(Event.objects.filter(seal__isnull=True).order_by("pk"))


def verify() -> Chain:
    """Check every link, up to the first break; in a whole chain, every record that it tells of as well."""
    former, sealed, late, ledger = "", 0, 0, Ledger()
    for seals in batches(EventSeal.objects.order_by("pk").iterator(_AT_ONCE), _AT_ONCE):
        events = Event.objects.in_bulk([one.event_id for one in seals])
        for one in seals:
            if broken := _break(one, events.get(one.event_id), former):
                return Chain(sealed, former, broken, _unsealed())
            former, sealed = one.sha256, sealed + 1
            late += _sealed_late(events[one.event_id])
            ledger.read(events[one.event_id])
    unsealed = _unsealed()
    for event in Event.objects.filter(pk__in=unsealed):
        ledger.read(event)
    wrong = tuple(ledger.wrong())
    return Chain(sealed, former, "", unsealed, ledger.count, wrong, late)


def holds(sha256: str) -> bool:
    """Whether a hash that was kept elsewhere is one of the chain."""
    return EventSeal.objects.filter(sha256=sha256).exists()


def verify_lines(lines: Iterable[dict[str, Any]]) -> tuple[int, str]:
    """Check exported events, without a database: how many hold, and the first break in words, else nothing.

    An export that leaves events out by a filter holds each event's own hash and not the chain's order.
    """
    count = 0
    for line in lines:
        fields = {name: line.get(name) for name in ("id", "at", "by", "action", "subject", "details", "address")}
        if line.get("sha256") != hash_of(fields, str(line.get("former"))):
            return count, f"event {line.get('id')}: it is not what its hash says"
        count += 1
    return count, ""


def append(events: QuerySet[Event], seals: type[EventSeal] = EventSeal) -> int:
    """Add events to the end of the chain, while nobody else does; how many."""
    last = seals._default_manager.order_by("-pk").values_list("sha256", flat=True).first()
    former, count = last or "", 0
    for some in batches(events.iterator(_AT_ONCE), _AT_ONCE):
        made = []
        for event in some:
            sha256 = hash_of(fields_of(event), former)
            made.append(seals(event=event, former=former, sha256=sha256))
            former = sha256
        seals._default_manager.bulk_create(made)
        count += len(made)
    return count


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of a size, the last one shorter."""
    left = iter(items)
    while some := list(islice(left, size)):
        yield some


def _break(one: EventSeal, event: Event | None, former: str) -> str:
    if event is None:
        return f"event {one.event_id}: it is gone, and its hash is there"
    named = f"event {event.pk} ({event}, {event.at:%Y-%m-%d %H:%M} UTC)"
    if one.former != former:
        return f"{named}: what stood before it in the chain is gone or was changed"
    if one.sha256 != hash_of(fields_of(event), former):
        return f"{named}: it is not what its hash says"
    return ""


def _sealed_late(event: Event) -> int:
    """How many events it says were sealed late."""
    return len(event.details.get("events", ())) if event.action == SEALED_LATE else 0


def _unsealed() -> tuple[int, ...]:
    return tuple(Event.objects.filter(seal__isnull=True).order_by("pk").values_list("pk", flat=True))
