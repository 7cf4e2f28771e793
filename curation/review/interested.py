"""Which declared interests touch a change: a statement names a drug that the change is about.

Documents in, plain values out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from regimens.knowledge.loader import drug_groups

Content = Mapping[str, Any]
SHORTEST_NAME = 4  # letters; shorter names are found in other words


def drugs_of(kind: str, content: Content, base: Mapping[str, Mapping[str, Content]]) -> set[str]:
    """The drugs, by slug, that an entry is about: its own, or those of the regimens that it names."""
    if kind == "drugs":
        return {content["slug"]}
    if kind == "regimens":
        return {slug for group in drug_groups(content) for slug in group}
    named = {content.get("regimen")} | {one["regimen"] for one in content.get("results", ())}
    named |= set(content.get("regimens", ()))
    regimens = [base["regimens"][slug] for slug in named if slug in base["regimens"]]
    return {slug for regimen in regimens for group in drug_groups(regimen) for slug in group}


def named_in(statement: str, slugs: set[str], drugs: Mapping[str, Content]) -> list[str]:
    """The drugs that a statement of interests names, by name or synonym, in the order of their names."""
    return sorted({str(drug["name"]) for slug in slugs if (drug := drugs.get(slug)) and _names(statement, drug)})


def _names(statement: str, drug: Content) -> bool:
    return any(
        re.search(rf"(?<!\w){re.escape(name)}(?!\w)", statement, re.IGNORECASE) is not None
        for name in _all_names(drug)
        if len(name) >= SHORTEST_NAME
    )


def _all_names(drug: Content) -> Iterator[str]:
    yield from (drug["name"], drug["slug"], *drug["synonyms"])
