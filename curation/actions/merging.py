"""Three versions of an entry put together: what a proposal changed, on top of what changed meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# By what the items of a list are told apart, by the name of the list.
_KNOWN_BY: Mapping[str, tuple[str, ...]] = {
    "results": ("arm", "subgroup"),
    "cautions": ("text",),
    "prevalence": ("population",),
}


class NotMerged(ValueError):  # noqa: N818 - says what was found
    """The same place was changed to two different things; the message names it."""


def merged(base: Any, theirs: Any, now: Any, place: str = "") -> Any:
    """What `theirs` changed of `base`, made in `now`. Raises NotMerged.

    Of a mapping key by key; of a list item by item where both kept its items, and otherwise as a whole.
    """
    if theirs in (base, now):
        return now
    if now == base:
        return theirs
    if all(isinstance(one, dict) for one in (base, theirs, now)):
        keys = dict.fromkeys([*now, *theirs])
        found = {key: merged(*(one.get(key, _NONE) for one in (base, theirs, now)), _into(place, key)) for key in keys}
        return {key: value for key, value in found.items() if value is not _NONE}
    if all(isinstance(one, list) for one in (base, theirs, now)):
        return _merged_lists(base, theirs, now, place)
    raise NotMerged(place)


class _Absent:
    """A key that is not there."""


_NONE = _Absent()


def _merged_lists(base: list[Any], theirs: list[Any], now: list[Any], place: str) -> list[Any]:
    """Items are those that they are about: none is changed into another, and each change finds its own."""
    names = _KNOWN_BY.get(place.rpartition(".")[2])
    was, wanted, there = (_by_name(items, names) for items in (base, theirs, now))
    if was is None or wanted is None or there is None:
        raise NotMerged(place)
    found = {}
    for name, item in there.items():
        if name in was and name not in wanted:
            if item != was[name]:
                raise NotMerged(f"{place}: {name}")
            continue  # they took it out
        found[name] = merged(was.get(name, _NONE), wanted.get(name, item), item, f"{place}[]")
    for name, item in wanted.items():
        if name not in was and name not in there:
            found[name] = item
        elif name not in there and item != was[name]:
            raise NotMerged(f"{place}: {name}")
    return list(found.values())


def _by_name(items: list[Any], names: tuple[str, ...] | None) -> dict[str, Any] | None:
    """The items by what they are about; None where two are about the same."""
    found = {}
    for item in items:
        if isinstance(item, dict):
            if names is None:
                return None
            name = ", ".join(str(item[one]) for one in names if item[one] is not None)
        else:
            name = str(item)
        if name in found:
            return None
        found[name] = item
    return found


def _into(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key
