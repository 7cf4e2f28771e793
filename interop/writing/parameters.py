"""A patient as it was understood, and on what it was ranked, as Parameters: no Observation is forged from what somebody
typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from boards.presenters.options import not_told_apart
from boards.shown.stored_ranking import Recorded
from regimens.rules.patient import FEATURES, Value

from .bundles import DISCLAIMER, Resource, decimal


def parameters(recorded: Recorded) -> list[Resource]:
    record, release = recorded.record, recorded.release
    found = [
        _parts(
            "release",
            [
                _one("name", String=release.name),
                _one("published", Date=release.published),
                _one("sha256", String=release.sha256),
            ],
        ),
        _one("method", Integer=record.method),
        _one("preference", Code=record.preference),
        _one("evidence", Code=record.evidence or "all"),
    ]
    derived = {name: value for name, value in record.derived.items() if value is not None}
    for name, features in (("patient", record.patient), ("implied", record.implied), ("derived", derived)):
        if features:
            found.append(_parts(name, map(_feature, features, features.values())))
    if not recorded.is_of_first_edition:
        found += [_one("unknown", Code=name) for name in FEATURES if not recorded.patient.knows(name)]
    found += [_parts("waiting", _waiting(slug, names)) for slug, names in recorded.waiting.items()]
    found += [_one("not-told-apart", String=words) for words in not_told_apart(recorded)]
    return [*found, _one("disclaimer", String=DISCLAIMER)]


def _feature(name: str, value: Value) -> Resource:
    """A set is counted, and each of it named: a parameter without any value is none in FHIR."""
    if isinstance(value, frozenset | set | list | tuple):
        each = (_one("value", Code=slug) for slug in sorted(value))
        return _parts(name, [_one("count", Integer=len(value)), *each])
    if isinstance(value, bool):
        return _one(name, Boolean=value)
    if isinstance(value, str):
        return _one(name, Code=value)
    # Of one type whether it is whole or not: a count of the features, and what is derived of counts.
    is_count = FEATURES[name].kind == "count" if name in FEATURES else isinstance(value, int)
    return _one(name, Integer=int(value)) if is_count else _one(name, Decimal=decimal(value))


def _waiting(slug: str, features: Iterable[str]) -> Iterator[Resource]:
    yield _one("option", Code=slug)
    yield from (_one("for", Code=feature) for feature in features)


def _one(name: str, **value: Any) -> Resource:
    return {"name": name} | {f"value{kind}": each for kind, each in value.items()}


def _parts(name: str, parts: Iterable[Mapping[str, Any]]) -> Resource:
    return {"name": name, "part": list(parts)}
