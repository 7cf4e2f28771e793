"""JSON to resources: what is taken, its limits, and what is refused in words that name the line or the path.

First stop of reading: a Bundle, an array, NDJSON or one resource, as bytes. Nothing that was sent comes back in a
refusal but the names of elements. Source: INTEROP, sections 3.1 and 10.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from interop.nul import holds_half, holds_nul

MOST_BYTES = 2 * 1024 * 1024
MOST_RESOURCES = 5_000
MOST_CODINGS = 20_000
DEEPEST = 64
DEEPEST_BUNDLE = 3

RELEASE_OF_PROFILE = re.compile(
    r"http://hl7\.org/fhir/(?:(?P<of>\d+\.\d+|DSTU2|STU3|R5|R6)/)?\S*?(?:\|(?P<version>\d+\.\d+)\S*)?$"
)


class Refused(ValueError):  # noqa: N818 - says what became of the file
    """A file that is not read at all.

    code        the IssueType of an OperationOutcome
    expression  the path, or the line, at which it is
    status      what an interface answers: 400 no JSON, 413 too large, 422 not what can be read
    reason      `several-patients` where that is why
    """

    def __init__(self, code: str, message: str, expression: str = "", *, status: int = 422, reason: str = ""):
        self.code, self.message, self.expression = code, message, expression
        self.status, self.reason = status, reason
        super().__init__(f"{expression}: {message}" if expression else message)

    def outcome(self) -> dict[str, Any]:
        """As FHIR says it: an OperationOutcome."""
        issue: dict[str, Any] = {"severity": "error", "code": self.code, "diagnostics": self.message}
        if self.reason:
            issue["details"] = {"text": self.reason}
        if self.expression:
            issue["expression"] = [self.expression]
        return {"resourceType": "OperationOutcome", "issue": [issue]}


@dataclass(frozen=True)
class Item:
    """A resource with where it stood: its path or line, and its `fullUrl` in a Bundle."""

    resource: dict[str, Any]
    place: str
    full_url: str = ""


def resources(data: bytes) -> list[Item]:
    """The resources of a file, Bundles taken apart. Raises Refused."""
    items: list[Item] = []
    codings = 0
    for place, value in _documents(_decoded(data)):
        codings += _checked(value, place)
        if codings > MOST_CODINGS:
            raise _too_many_codings()
        items += items_in(value, place, most=MOST_RESOURCES - len(items))
    return items


def document(data: bytes) -> Any:
    """The one JSON value of a text that holds resources among other things, as strictly read. Raises Refused."""
    text = _decoded(data)
    try:
        value = _loads(text)
    except json.JSONDecodeError as error:
        raise _no_json(error) from error
    if _checked(value, "") > MOST_CODINGS:
        raise _too_many_codings()
    return value


def items_in(value: Any, place: str, *, most: int = MOST_RESOURCES) -> list[Item]:
    """The resources of a value that is checked, Bundles taken apart; at most so many. Raises Refused."""
    items = []
    for item in _taken_apart(value, place):
        items.append(item)
        if len(items) > most:
            raise Refused("too-costly", f"more than {MOST_RESOURCES} resources", status=413)
    return items


def _decoded(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise Refused("too-costly", f"{len(data)} bytes are more than {MOST_BYTES}", status=413)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("structure", f"not UTF-8 at byte {error.start + 1}", status=400) from error
    if holds_nul(text):
        raise Refused("value", "the character U+0000 stands in it", status=400)
    if holds_half(text):
        raise Refused("value", "half of a pair of surrogates stands in it, which is no character", status=400)
    return text


def _documents(text: str) -> Iterator[tuple[str, Any]]:
    """One JSON document, or one a line."""
    if not text.strip():
        raise Refused("structure", "there is nothing in it", status=400)
    try:
        yield "", _loads(text)
        return
    except json.JSONDecodeError as error:
        if not (error.msg == "Extra data" and _is_one_a_line(text, error.pos)):
            raise _no_json(error) from error
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield f"line {number}", _loads(line)
            except json.JSONDecodeError as error:
                where = f"line {number}, column {error.colno}"
                raise Refused("structure", f"no JSON: {error.msg}", where, status=400) from error


def _no_json(error: json.JSONDecodeError) -> Refused:
    where = f"line {error.lineno}, column {error.colno}"
    return Refused("structure", f"no JSON: {error.msg}", where, status=400)


def _too_many_codings() -> Refused:
    return Refused("too-costly", f"more than {MOST_CODINGS} codings", status=413)


def _is_one_a_line(text: str, position: int) -> bool:
    """Whether the first document ends with its line, and so another one may be on the next."""
    return "\n" in text[:position] and not text[:position].strip().count("\n")


class _Repeated(dict[str, Any]):
    """An object in which a key stands twice."""

    key = ""


class _NoNumber:
    """NaN or an infinity."""


def _loads(text: str) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=lambda name: _NoNumber(),
            parse_float=Decimal,
            parse_int=_whole,
        )
    except RecursionError as error:
        raise _too_deep() from error
    except InvalidOperation as error:
        raise Refused("value", "a number is too large", status=400) from error


def _whole(digits: str) -> Any:
    """A number of thousands of digits is none of a record, and slow to convert."""
    return int(digits) if len(digits) <= 30 else Decimal(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeated, seen = _Repeated(found), set[str]()
    for key, _ in pairs:
        if key in seen:
            repeated.key = key
            break
        seen.add(key)
    return repeated


def _checked(value: Any, place: str) -> int:
    """Depth, keys and numbers of a document; how many codings it holds. Raises Refused."""
    codings = 0
    waiting: list[tuple[Any, str, int]] = [(value, place, 1)]
    while waiting:
        each, path, depth = waiting.pop()
        if isinstance(each, dict):
            if depth > DEEPEST:
                raise _too_deep(path)
            if isinstance(each, _Repeated):
                raise Refused("structure", f"the key {_named(each.key)} stands twice", path or "$", status=400)
            for key, below in each.items():
                if isinstance(below, (dict, list, _NoNumber)):
                    if key == "coding" and isinstance(below, list):
                        codings += len(below)
                    waiting.append(
                        (below, f"{path}.{key}" if path else str(each.get("resourceType", "$")) + f".{key}", depth + 1)
                    )
        elif isinstance(each, list):
            if depth > DEEPEST:
                raise _too_deep(path)
            for index, below in enumerate(each):
                if isinstance(below, (dict, list, _NoNumber)):
                    waiting.append((below, f"{path}[{index}]", depth + 1))
        elif isinstance(each, _NoNumber):
            raise Refused("value", "NaN and infinities are no numbers of JSON", path or "$", status=400)
    return codings


def _too_deep(path: str = "") -> Refused:
    return Refused("structure", f"nested more than {DEEPEST} deep", _shortened(path), status=400)


def _named(key: str) -> str:
    """A key as it may be repeated: a name of FHIR, or how long another one is."""
    return key if re.fullmatch(r"_?[A-Za-z]{1,64}", key) else f"of {len(key)} characters"


def _shortened(path: str) -> str:
    return path if len(path) <= 200 else f"{path[:200]}…"


def _taken_apart(value: Any, place: str) -> Iterator[Item]:
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _of(each, f"{place or '$'}[{index}]", "", 0)
    else:
        yield from _of(value, place, "", 0)


def _of(value: Any, place: str, full_url: str, bundles: int) -> Iterator[Item]:
    if not isinstance(value, dict):
        raise Refused("structure", "a resource is wanted: an object with resourceType", place or "$")
    kind = value.get("resourceType")
    if not isinstance(kind, str) or not kind:
        raise Refused("required", "there is no resourceType", place or "$")
    _check_version(value, place or kind)
    if kind != "Bundle":
        yield Item(value, place or kind, full_url)
        return
    if bundles == DEEPEST_BUNDLE:
        raise Refused("structure", f"Bundles inside Bundles, more than {DEEPEST_BUNDLE} deep", place)
    entries = value.get("entry", [])
    path = f"{place}.entry" if place else "Bundle.entry"
    if not isinstance(entries, list):
        raise Refused("structure", "entry has to be a list", path)
    for index, entry in enumerate(entries):
        where = f"{path}[{index}]"
        if not isinstance(entry, dict):
            raise Refused("structure", "an entry has to be an object", where)
        if "resource" in entry:
            url = entry.get("fullUrl", "")
            yield from _of(entry["resource"], f"{where}.resource", url if isinstance(url, str) else "", bundles + 1)


def _check_version(resource: dict[str, Any], place: str) -> None:
    """Refuses what says that it is of another version than R4 or R4B."""
    stated = resource.get("fhirVersion")
    if isinstance(stated, str) and not re.match(r"4\.[013]\b", stated):
        raise Refused("not-supported", "only FHIR R4 and R4B are read", f"{place}.fhirVersion")
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    for index, profile in enumerate(profiles if isinstance(profiles, list) else []):
        found = RELEASE_OF_PROFILE.match(profile) if isinstance(profile, str) and len(profile) < 300 else None
        if found and (version := found["of"] or found["version"]) and not re.match(r"4\.[013]$", version):
            raise Refused("not-supported", "only FHIR R4 and R4B are read", f"{place}.meta.profile[{index}]")
