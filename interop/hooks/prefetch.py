"""The record of one patient from what came along, or what is missing of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from interop.api.problems import Problem
from interop.reading.input import Item, Refused, items_in
from interop.reading.references import Record

from .received import HookRequest, another_patient, unreadable
from .services import KINDS, REQUIRED

Resource = Mapping[str, Any]
# Reads the kinds named of the client's server: those that it could, by kind.
Fetch = Callable[[HookRequest, Sequence[str]], Mapping[str, Sequence[Resource]]]


@dataclass(frozen=True)
class Received:
    """A patient's record: `resources` were read for it, `missing` are the kinds that were not sent."""

    record: Record
    resources: int
    missing: frozenset[str]


def received(request: HookRequest, fetch: Fetch) -> Received:
    """Raises Problem: 400 for resources of another patient, 412 where a required kind is neither sent nor there."""
    # Whose resources they are comes first, whatever else is the matter with them.
    record, resources = _record(request, [value for value in request.prefetch.values() if value is not None])
    whole = {kind: [value] if value else [] for kind, value in request.prefetch.items() if _is_whole(value)}
    missing = [kind for kind in KINDS if kind not in whole]
    if any(kind in REQUIRED for kind in missing):
        whole |= fetch(request, missing)
    if lacking := [kind for kind in REQUIRED if kind not in whole]:
        raise Problem("prefetch", f"Neither sent nor to be read: {', '.join(lacking)}.")
    if missing:
        record, resources = _record(request, [each for kind in KINDS for each in whole.get(kind, ())])
    return Received(record, resources, frozenset(KINDS) - whole.keys())


def _is_whole(value: Resource | None) -> bool:
    """Whether all was sent: no error in its place, and no further page."""
    if value is None:
        return True
    return value.get("resourceType") != "OperationOutcome" and not next_page(value)


def next_page(bundle: Resource) -> str:
    """The address of a Bundle's next page; "" where there is none."""
    links = bundle.get("link")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("relation") == "next":
            url = link.get("url")
            return url if isinstance(url, str) and url else "?"
    return ""


def _record(request: HookRequest, values: Sequence[Resource]) -> tuple[Record, int]:
    """Of resources that are all this patient's. Raises Problem."""
    try:
        items: list[Item] = items_in([*values], "prefetch")
        record = Record.of(items)
    except Refused as refused:
        raise unreadable(refused) from None
    if record.patients - {("Patient", request.patient)}:
        raise another_patient()
    return record, len(items)
