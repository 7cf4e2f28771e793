"""What an entry as it shall be changes of the entry in force, field by field: for previews and reasons."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """A value that changes; `field` names it as problems do: results[0].orr."""

    field: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{self.field}: {_shown(self.old)} → {_shown(self.new)}"


def differences(old: Any, new: Any, field: str = "") -> Iterator[Difference]:
    """Every value that differs, in the order of the new entry; a key that one side lacks is null there."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*new, *(key for key in old if key not in new)]:
            yield from differences(old.get(key), new.get(key), f"{field}.{key}" if field else key)
    elif _is_list_of_entries(old) and _is_list_of_entries(new):
        for index in range(max(len(old), len(new))):
            pair = (rows[index] if index < len(rows) else None for rows in (old, new))
            yield from differences(*pair, f"{field}[{index}]")
    elif old != new:
        yield Difference(field, old, new)


def _is_list_of_entries(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(x, Mapping) for x in value)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
