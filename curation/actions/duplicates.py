"""One text stands in the evidence base once: whatever path it comes by, a new one that looks like another is refused
until a person says that they are two."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from curation.errors import LooksAlike
from curation.identity import identified, suspected, suspects
from regimens.wording.citations import citation

Content = Mapping[str, Any]


def look_alikes_of(key: str, content: Content, others: Mapping[str, Content]) -> dict[str, str]:
    """The publications among others that a text is in all likelihood, by key, each with its citation."""
    texts = {other: identified(entry) for other, entry in others.items() if other != key}
    return {other: citation(others[other]) for other in suspects(identified(content), texts)}


def refuse_twin(
    key: str, content: Content, others: Mapping[str, Content], *, before: Content | None, told_apart: Collection[str]
) -> None:
    """Raises LooksAlike for a publication that is another one, unless that one is among `told_apart`.

    before   what it said in force: one that is there already, and was as much like another before, is asked nothing
    """
    found = look_alikes_of(key, content, others)
    if before is not None:
        was = identified(before)
        texts = {other: identified(others[other]) for other in found}
        found = {other: words for other, words in found.items() if suspected(was, texts[other]) is None}
    if alike := {other: words for other, words in found.items() if other not in told_apart}:
        raise LooksAlike(key, alike)
