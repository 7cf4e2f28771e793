"""What a report is about: an entry of a release, and the part of it that seems wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curation.review.differences import title_of
from regimens import releases
from regimens.knowledge.document import ENTRIES
from regimens.models import KnowledgeRelease
from regimens.rules.knowledge import Knowledge
from regimens.wording.citations import arm_words
from regimens.wording.outcomes import SHORT_TITLES
from staff.english import said_in_english

_SHA256 = re.compile(r"[0-9a-f]{64}")
_COHORT = re.compile(r"cohort-(\d{1,4})")


@dataclass(frozen=True)
class About:
    """An entry as a release has it, and a part of it; `place` is empty for the whole."""

    kind: str
    key: str
    title: str
    place: str
    place_words: str
    release: str
    release_name: str


def about(entry: str, place: str, release: str, in_force: Knowledge) -> About | None:
    """What the link beside a figure names: "publications:KEY", "cohort-3", a release; None where there is none.

    A release that is not known, or no more to be read, is the one in force. A place that is no part of the entry is
    the whole entry, so that nothing stands on the page that somebody wrote into its address.
    """
    kind, _, key = entry.partition(":")
    if kind not in ENTRIES:
        return None
    name, sha256, document = _release(release, in_force)
    content = _entry(document, kind, key)
    if content is None:
        name, sha256 = in_force.release.name, in_force.release.sha256
        content = _entry(in_force.document, kind, key)
    if content is None:
        return None
    words = place_words(kind, content, place)
    return About(kind, key, title_of(kind, content), place if words else "", words, sha256, name)


@said_in_english
def place_words(kind: str, content: Mapping[str, Any], place: str) -> str:
    """A part of an entry in words; "" where it has no such part."""
    if kind == "publications" and (match := _COHORT.fullmatch(place)):
        results = content["results"]
        return arm_words(results[int(match[1])]) if int(match[1]) < len(results) else ""
    if kind == "regimens":
        return next((str(title) for outcome, title in SHORT_TITLES.items() if outcome == place), "")
    return ""


def _release(sha256: str, in_force: Knowledge) -> tuple[str, str, Mapping[str, Any]]:
    if sha256 != in_force.release.sha256 and _SHA256.fullmatch(sha256):
        row = KnowledgeRelease.objects.filter(sha256=sha256).first()
        if row is not None:
            try:
                return row.name, row.sha256, releases.document_in(row)
            except releases.ReleaseError:
                pass
    return in_force.release.name, in_force.release.sha256, in_force.document


def _entry(document: Mapping[str, Any], kind: str, key: str) -> Mapping[str, Any] | None:
    key_name = ENTRIES[kind][2]
    return next((row for row in document.get(kind, ()) if row[key_name] == key), None)
