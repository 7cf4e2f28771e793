"""Elements of a resource, taken with their type: one of the wrong type makes the resource unreadable, with its path."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from interop.terminology.codes import Coding

Resource = dict[str, Any]

DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
MOST_DIGITS = 30  # before or behind the point: no measurement has more


class MalformedError(ValueError):
    """An element that we read is of the wrong type; `path` says which."""

    def __init__(self, path: str):
        self.path = path
        super().__init__(path)


def text(element: Resource, key: str, path: str = "") -> str:
    value = element.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedError(_path(path, key))
    return value


def table(element: Resource, key: str, path: str = "") -> Resource:
    value = element.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise MalformedError(_path(path, key))
    return value


def tables(element: Resource, key: str, path: str = "") -> list[Resource]:
    value = element.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise MalformedError(_path(path, key))
    return value


def some_tables(element: Resource, key: str, path: str = "") -> list[Resource]:
    """A list, or the one object that older versions had in its place."""
    return [element[key]] if isinstance(element.get(key), dict) else tables(element, key, path)


def codings(element: Resource, key: str, path: str = "") -> list[Coding]:
    """The codings of a CodeableConcept."""
    return codings_in(table(element, key, path), _path(path, key))


def codings_in(concept: Resource, path: str) -> list[Coding]:
    found = []
    for coding in tables(concept, "coding", path):
        within = _path(path, "coding")
        found.append((text(coding, "system", within), text(coding, "code", within), text(coding, "display", within)))
    return found


def number(element: Resource, key: str, path: str = "") -> Decimal | None:
    value = element.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise MalformedError(_path(path, key))
    exact = Decimal(value)
    if exact and abs(exact.adjusted()) > MOST_DIGITS:
        raise MalformedError(_path(path, key))
    return exact if exact else Decimal(0)


def extensions(element: Resource, addresses: frozenset[str], path: str = "") -> Iterator[Resource]:
    for each in tables(element, "extension", path):
        if text(each, "url", _path(path, "extension")) in addresses:
            yield each


def value_key(part: Resource) -> str:
    """The element that holds the value: valueQuantity, valueCodeableConcept, …; of two none is to be believed."""
    found = [key for key in part if key.startswith("value") and part[key] is not None]
    if len(found) > 1:
        raise MalformedError("value[x]")
    return found[0] if found else ""


def has_no_value(part: Resource, key: str) -> bool:
    """Whether it says by itself that its value is missing, whatever stands in its place."""
    if not key or part.get("dataAbsentReason"):
        return True
    value = part[key]
    within = [part.get(f"_{key}"), value]
    if isinstance(value, dict):
        within += [value.get("_value"), value.get("_coding"), value.get("_text")]
    return any(_is_absent(each) for each in within)


def _is_absent(element: Any) -> bool:
    if isinstance(element, list):
        return any(_is_absent(each) for each in element)
    told = element.get("extension") if isinstance(element, dict) else None
    return isinstance(told, list) and any(isinstance(each, dict) and each.get("url") == DATA_ABSENT for each in told)


def _path(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
