"""What is counted of a registry: whole numbers that add up, whichever worker counted them and in whatever order.

A report is made of these counts alone; no patient stands in them, though a small count may point at one, so that
reports hide it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Key = tuple[str | int | float | bool | None, ...]

OTHER = "other"  # a treatment that is no regimen of the release

# What each counter counts, and what its keys are.
COUNTED: Mapping[str, str] = {
    "rows": "rows of the files, by what became of them: ranked, out-of-scope or refused",
    "written": "rows of the tables, by table",
    "out_of_scope": "patients out of scope, by reason",
    "warnings": "patients in scope, by what is to be checked first",
    "sites": "patients in scope, by site, first option, its level and its licence",
    "bands": "patients in scope, by option and band",
    "known": "patients in scope, by a feature that is known or follows",
    "numbers": "values given, by feature and whether they look like another unit",
    "tests": "patients in scope, by missing test, value, its chance, whether the first option would change, whether "
    "the order would",
    "tests_first": "patients in scope whose first option would be another, by missing test, value and that option",
    "unchecked": "patients in scope, by a caution of the first option that cannot be checked",
    "unchecked_patients": "patients in scope whose first option has such a caution, by the gravest level",
    "agreement": "patients with a treatment, by site, the treatment and whether it is the first option",
    "survival": "patients with a treatment and an outcome, by whether it is the first option, months, and death",
    "errors": "errors, by column and whether the row was refused",
}


@dataclass
class Summary:
    """The counters of COUNTED, by name."""

    counts: dict[str, Counter[Key]] = field(default_factory=lambda: {name: Counter() for name in COUNTED})

    def add(self, name: str, *key: str | int | float | bool | None, many: int = 1) -> None:
        if many:
            self.counts[name][key] += many

    def add_all(self, name: str, keys: Iterable[Key]) -> None:
        self.counts[name].update(keys)

    def merge(self, other: Summary) -> None:
        for name, counted in other.counts.items():
            self.counts[name].update(counted)

    def as_plain(self) -> dict[str, list[list[Any]]]:
        """Sorted, so that equal counts are equal bytes: each key with its count behind it."""
        return {
            name: [[*key, many] for key, many in sorted(counted.items(), key=lambda item: [*map(_sortable, item[0])])]
            for name, counted in self.counts.items()
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Iterable[Iterable[Any]]]) -> Summary:
        found = cls()
        for name, rows in plain.items():
            for *key, many in rows:
                found.counts[name][tuple(key)] += many
        return found


def _sortable(value: str | int | float | bool | None) -> tuple[str, str | float]:
    return ("", "") if value is None else (type(value).__name__, value)
