"""Which resource a reference means, whose record it is, and which of two copies counts. Nothing is ever fetched.

Second stop: `Record.of(items)` raises Refused where resources of several patients stand together.
Source: INTEROP, section 3.1.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .dates import Span, newest, span
from .elements import Resource
from .input import Item, Refused

Key = tuple[str, str]  # of a resource: its type and its id, or its fullUrl


@dataclass(frozen=True)
class Entry:
    """A resource of the record; `label` is how the answer names it."""

    resource: Resource
    label: str
    key: Key

    @property
    def kind(self) -> str:
        kind: str = self.resource["resourceType"]
        return kind


@dataclass(frozen=True)
class Record:
    """The resources of one patient, each once; `dropped` are copies that do not count, with why."""

    entries: tuple[Entry, ...]
    dropped: tuple[tuple[Entry, str], ...]
    _keys: dict[str, Entry] = field(repr=False)

    @classmethod
    def of(cls, items: list[Item]) -> Record:
        entries = _in_order(_entry(item) for item in items)
        kept, dropped = _each_once(entries)
        keys = {}
        urls = {id(item.resource): item.full_url for item in items}
        for entry in kept:
            for name in _names(entry, urls[id(entry.resource)]):
                keys.setdefault(name, entry)
        record = cls(tuple(kept), tuple(dropped), keys)
        record._check_patient([entry for entry in entries if entry.kind == "Patient"])
        return record

    def resolve(self, reference: Any, within: Resource | None = None) -> Entry | None:
        """The resource that a Reference means; None where it is not in the record."""
        address = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(address, str) or not address:
            return None
        if address.startswith("#"):
            return self._contained(address[1:], within)
        for name in _addresses(address):
            if name in self._keys:
                return self._keys[name]
        return None

    def key_of(self, reference: Any, within: Resource | None = None) -> Key | None:
        """What a reference means, whether it is in the record or not."""
        if found := self.resolve(reference, within):
            return found.key
        address = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(address, str) or not address or address.startswith("#"):
            return None
        parts = _without_history(address).rsplit("/", 2)
        if len(parts) > 1:
            return parts[-2], parts[-1]
        return "", address.removeprefix("urn:uuid:").removeprefix("urn:oid:")

    @property
    def patients(self) -> frozenset[Key]:
        """The patient whose record it is; none where nothing names one."""
        named = {entry.key for entry in self.entries if entry.kind == "Patient"}
        return frozenset(named | {key for _, key in self._subjects()})

    def _contained(self, name: str, within: Resource | None) -> Entry | None:
        contained = (within or {}).get("contained")
        for each in contained if isinstance(contained, list) else []:
            if isinstance(each, dict) and each.get("id") == name and isinstance(each.get("resourceType"), str):
                return Entry(each, f"#{name}", ("#", name))
        return None

    def _check_patient(self, patients: list[Entry]) -> None:
        """Raises Refused where there is more than one."""
        found = {entry.key for entry in patients}
        first = {key: place for place, key in self._subjects()}
        if len(found | first.keys()) > 1:
            places = sorted({*(entry.label for entry in patients), *first.values()})[:5]
            raise Refused(
                "multiple-matches",
                f"resources of {len(found | first.keys())} patients stand together; one patient is read at a time",
                "; ".join(places),
                reason="several-patients",
            )

    def _subjects(self) -> Iterator[tuple[str, Key]]:
        """Every patient that a resource is about."""
        for entry in self.entries:
            for element in ("subject", "patient"):
                reference = entry.resource.get(element)
                key = self.key_of(reference, entry.resource)
                if key and (key[0] in ("Patient", "") or self._is_contained_patient(reference, entry.resource)):
                    yield f"{entry.label}.{element}", ("Patient", key[1]) if key[0] == "" else key

    def _is_contained_patient(self, reference: Any, within: Resource) -> bool:
        found = self.resolve(reference, within)
        return found is not None and found.key[0] == "#" and found.kind == "Patient"


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    """By label; those that share one by what they say, which is written for them alone."""
    by_label: dict[str, list[Entry]] = {}
    for entry in entries:
        by_label.setdefault(entry.label, []).append(entry)
    alike = (by_label[label] for label in sorted(by_label))
    ordered = (same if len(same) == 1 else sorted(same, key=lambda each: _written(each.resource)) for same in alike)
    return [entry for same in ordered for entry in same]


def _entry(item: Item) -> Entry:
    kind, name = item.resource["resourceType"], item.resource.get("id")
    if isinstance(name, str) and name:
        return Entry(item.resource, f"{kind}/{name}", (kind, name))
    if item.full_url:
        url = item.full_url
        return Entry(item.resource, url, (kind, url.removeprefix("urn:uuid:") if ":" in url else url))
    digest = hashlib.sha256(_written(item.resource).encode()).hexdigest()[:8]
    return Entry(item.resource, f"{kind} without id ({digest})", (kind, f"?{digest}"))


def _names(entry: Entry, full_url: str) -> Iterator[str]:
    kind, name = entry.kind, entry.resource.get("id")
    if full_url:
        yield _without_history(full_url)
    if isinstance(name, str) and name:
        yield f"{kind}/{name}"
        yield f"urn:uuid:{name}"


def _addresses(address: str) -> Iterator[str]:
    address = _without_history(address)
    yield address
    parts = address.rsplit("/", 2)
    if len(parts) == 3:
        yield "/".join(parts[1:])


def _without_history(address: str) -> str:
    return address.partition("/_history/")[0]


def _each_once(entries: list[Entry]) -> tuple[list[Entry], list[tuple[Entry, str]]]:
    """Of resources with one id the one that was updated last; where that does not decide, none. Equal ones are one."""
    by_key: dict[Key, list[Entry]] = {}
    for entry in entries:
        by_key.setdefault(entry.key, []).append(entry)
    kept, dropped = [], []
    for same in by_key.values():
        copies = same
        if len(same) > 1:
            different: dict[str, Entry] = {}
            for entry in same:
                different.setdefault(_written(entry.resource), entry)
            copies = list(different.values())
        updated = [_updated(each.resource) for each in copies] if len(copies) > 1 else []
        latest = newest(each for each in updated if each)
        last = [each for each, when in zip(copies, updated, strict=True) if when in latest] if updated else copies
        is_decided = len(last) == 1 and None not in updated
        kept.extend(last if is_decided else ())
        rest = [each for each in copies if each is not last[0]] if is_decided else copies
        dropped.extend((each, "superseded" if is_decided else "duplicate") for each in rest)
    return kept, dropped


def _updated(resource: Resource) -> Span | None:
    meta = resource.get("meta")
    return span(meta.get("lastUpdated")) if isinstance(meta, dict) else None


def _written(resource: Resource) -> str:
    return json.dumps(resource, sort_keys=True, default=str)
