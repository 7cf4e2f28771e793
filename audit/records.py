"""Records of other apps under the chain of hashes: what an event tells of carries the SHA-256 of what it wrote.

An app declares kinds of records (`register`); its actions put the hashes of what they write into the details of their
event (`sealed`), and so into the chain. `Ledger` reads them back and finds a record that was changed, replaced, taken
out or added since. What may lawfully be written anew, such as when a case is erased, is sealed again by that event.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Model

from .canonical import canonical_json, sha256_of
from .models import Event

DETAIL = "sealed"

# A model by its label, such as "boards.Decision": today's, or in a migration that of then.
Models = Callable[[str], type[Model]]
# Keys of records with what they say as plain values: of some keys, or of all with None.
Said = Callable[[Models, int, "Collection[int] | None"], Iterable[tuple[int, Any]]]


@dataclass(frozen=True)
class Kind:
    """A kind of record.

    format  of what is hashed; a later one may hold more, and records that were sealed under a former one stay so
    said    what the records say in a format
    again   the actions whose events may seal a record a further time
    """

    name: str
    format: int
    said: Said
    again: frozenset[str]


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Kinds of an app, once ready."""
    _kinds.update({kind.name: kind for kind in kinds})


def plain(value: Any) -> Any:
    """A value of a row as JSON has it, the same on every database."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return sha256_of(bytes(value))
    return str(value) if isinstance(value, UUID) else value


def hash_of(kind: Kind, number: int, key: int, said: Any) -> str:
    """What a record of a kind is known by in a format; what it says is plain values."""
    return sha256_of(canonical_json({"kind": kind.name, "format": number, "key": key, "says": said}))


def hashes(
    kind: Kind, number: int, keys: Collection[int] | None = None, models: Models = apps.get_model
) -> Iterator[tuple[int, str]]:
    """The keys of records, of all of a kind with None, each with its hash as it is now."""
    for key, said in kind.said(models, number, keys):
        yield key, hash_of(kind, number, key, said)


def sealed(records: Mapping[str, Collection[int]], gone: Mapping[str, Iterable[int]] | None = None) -> dict[str, Any]:
    """For the details of the event that tells of it: the hashes of records as they are now, by the name of their kind;
    within the transaction that wrote them. `gone`: those that were deleted.
    """
    found: dict[str, dict[str, str | None]] = {}
    for name, keys in records.items():
        kind = _kinds[name]
        rows = {str(key): sha256 for key, sha256 in hashes(kind, kind.format, keys)}
        if rows:
            found[f"{name}/{kind.format}"] = dict(rows)
    for name, keys in (gone or {}).items():
        place = found.setdefault(f"{name}/{_kinds[name].format}", {})
        place.update({str(key): None for key in keys})
    return {DETAIL: found} if found else {}


@dataclass(frozen=True)
class _Seal:
    event: int
    action: str
    format: int
    sha256: str | None


@dataclass
class Ledger:
    """What the events say of records, and what is there. `count`: how many are as they were sealed."""

    seals: dict[tuple[str, int], list[_Seal]] = field(default_factory=dict)
    count: int = 0

    def read(self, event: Event) -> None:
        """Take in what an event sealed."""
        for place, rows in event.details.get(DETAIL, {}).items():
            name, _, number = place.partition("/")
            for key, sha256 in rows.items():
                seal = _Seal(event.pk, event.action, int(number), sha256)
                self.seals.setdefault((name, int(key)), []).append(seal)

    def wrong(self) -> Iterator[str]:
        """Every record that is not as it was sealed, in words; those of a kind after one another."""
        for name, kind in _kinds.items():
            held = {key: sorted(found, key=_by_event) for (of, key), found in self.seals.items() if of == name}
            for key, found in held.items():
                yield from (
                    f"{name} {key}: event {again.event} ({again.action}) seals it anew, which it may not"
                    for again in found[1:]
                    if again.action not in kind.again
                )
            yield from self._compared(kind, {key: found[-1] for key, found in held.items()})

    def _compared(self, kind: Kind, held: dict[int, _Seal]) -> Iterator[str]:
        formats = {seal.format for seal in held.values()} | {kind.format}
        left = {key for key, seal in held.items() if seal.sha256 is not None}
        for number in sorted(formats):
            for key, sha256 in hashes(kind, number):
                seal = held.get(key)
                if seal is None and number == kind.format:
                    yield f"{kind.name} {key}: no event tells of it"
                elif seal is not None and seal.format == number:
                    left.discard(key)
                    if seal.sha256 is None:
                        yield f"{kind.name} {key}: event {seal.event} says that it is gone"
                    elif seal.sha256 != sha256:
                        yield f"{kind.name} {key}: it is not what event {seal.event} ({seal.action}) says"
                    else:
                        self.count += 1
        yield from (f"{kind.name} {key}: it is gone, and event {held[key].event} tells of it" for key in sorted(left))


def _by_event(seal: _Seal) -> int:
    """By when it was recorded: of one record, each waits for the transaction of the one before."""
    return seal.event


def seal_what_is_there(models: Models, formats: Mapping[str, int], at_once: int) -> Iterator[dict[str, Any]]:
    """For a migration: the details of events that seal every record that is there, so many in each."""
    kinds = [(_kinds[name], number) for name, number in formats.items()]
    rows = ((kind.name, number, *row) for kind, number in kinds for row in hashes(kind, number, None, models))
    found: dict[str, dict[str, str]] = {}
    count = 0
    for name, number, key, sha256 in rows:
        found.setdefault(f"{name}/{number}", {})[str(key)] = sha256
        count += 1
        if count == at_once:
            yield {"records": count, DETAIL: found}
            found, count = {}, 0
    if count:
        yield {"records": count, DETAIL: found}
