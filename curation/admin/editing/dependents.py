"""What keeps an entry from being retired: the entries that name it, shown to those who would retire it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from curation.admin.addresses import edit_address
from curation.review.differences import part_of
from regimens.knowledge.loader import LoadProblem
from regimens.models.choices import EntryKind


@dataclass(frozen=True)
class Resting:
    """An entry that names the one to be retired: where it is edited, and in which of its parts it does."""

    kind: str
    key: str
    parts: tuple[str, ...]

    @property
    def kind_in_words(self) -> str:
        return str(EntryKind(self.kind).label)

    @property
    def address(self) -> str:
        return edit_address(self.kind, self.key)


def resting_on(key: str, problems: Iterable[LoadProblem]) -> list[Resting]:
    """The entries that name `key`, of what would be wrong without it; in the order of the problems."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for problem in problems:
        if names(key, problem):
            parts = found.setdefault((problem.file, problem.key), Counter())
            parts[part_of(problem.file, problem.field)] += 1
    return [
        Resting(kind, name, tuple(part if count == 1 else f"{part} ({count} times)" for part, count in parts.items()))
        for (kind, name), parts in found.items()
    ]


def names(key: str, problem: LoadProblem) -> bool:
    """Whether what is wrong is that an entry names `key`."""
    return problem.file in EntryKind.values and key in re.findall(r"[\w-]+", str(problem.value))
