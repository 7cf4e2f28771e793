"""What a release changed, in words: from the release before it, as readers and the feed are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from curation.review import differences as words
from curation.review.differences import Difference
from curation.review.effect import differences
from display.cache import kept
from display.punctuation import in_series
from display.texts import readable
from regimens.knowledge.document import ENTRIES
from regimens.models import KnowledgeRelease, ReleaseInForce
from regimens.models.choices import EntryKind, InForceBy
from regimens.releases import ReleaseError, document_in
from staff.english import said_in_english

MOST_NOTES = 200  # of releases that are kept in memory


@dataclass(frozen=True)
class Put:
    """A release put in force, and the one before it: what its notes tell apart."""

    pk: int
    release: KnowledgeRelease
    former: KnowledgeRelease | None
    at: datetime
    how: str
    reason: str

    @property
    def on(self) -> date:
        return self.at.date()

    @property
    def how_in_words(self) -> str:
        return str(InForceBy(self.how).label)


@dataclass(frozen=True)
class Changed:
    """An entry that a release changed: `what` is new, changed or retired; its differences are in English."""

    kind: str
    key: str
    title: str
    what: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Notes:
    """What a release changed.

    changed    every entry, list by list; None where one of the two can no longer be read
    is_first   whether nothing was in force before
    """

    changed: tuple[Changed, ...] | None
    is_first: bool
    entries: int

    @property
    def by_kind(self) -> list[tuple[str, list[Changed]]]:
        found: dict[str, list[Changed]] = {}
        for one in self.changed or ():
            found.setdefault(one.kind, []).append(one)
        return [(str(EntryKind(kind).label), ones) for kind, ones in found.items()]

    @property
    def sentence(self) -> str:
        """What changed, in one sentence."""
        if self.is_first:
            counted = ngettext(
                "The first release: %(count)d entry.", "The first release: %(count)d entries.", self.entries
            )
            return counted % {"count": self.entries}
        if self.changed is None:
            return _("What changed can no longer be read from the releases.")
        if not self.changed:
            return _("The evidence is that of the release before.")
        counts = [(what, sum(one.what == what for one in self.changed)) for what in ("new", "changed", "retired")]
        return _("%(counts)s.") % {"counts": in_series(_counted(what, count) for what, count in counts if count)}


def put_in_force() -> list[Put]:
    """Every release that came into force, the newest first, with the one that it followed; one query."""
    rows = ReleaseInForce.objects.filter(confirmed_at__isnull=False).select_related("release")
    listed = list(rows.defer("release__content").order_by("pk"))
    found = []
    former: KnowledgeRelease | None = None
    for row in listed:
        found.append(Put(row.pk, row.release, former, row.confirmed_at, row.how, readable(row.reason)))
        former = row.release
    return found[::-1]


def notes_of(put: Put) -> Notes:
    """What it changed, worked out once for each two releases, which are known by their SHA-256."""
    former = put.former
    return _notes(former.sha256 if former else "", put.release.sha256, get_language() or "")


@kept(most=MOST_NOTES)
def _notes(former: str, release: str, language: str) -> Notes:
    found = {row.sha256: row for row in KnowledgeRelease.objects.filter(sha256__in=[former, release])}
    try:
        after = document_in(found[release])
        before = document_in(found[former]) if former else None
    except ReleaseError:
        return Notes(None, False, 0)
    entries = sum(len(after[kind]) for kind in ENTRIES)
    if before is None:
        return Notes((), True, entries)
    return Notes(_changed(before, after), False, entries)


@said_in_english
def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Changed, ...]:
    then_by_key = {(kind, row[ENTRIES[kind][2]]): row for kind in ENTRIES for row in before[kind]}
    found = []
    for change in differences(before, after):
        then = then_by_key.get((change.kind, change.key))
        what = "new" if then is None else "retired" if change.content is None else "changed"
        told = words.differences(change.kind, then, change.content) if what == "changed" else ()
        title = words.title_of(change.kind, change.content or then or {})
        found.append(Changed(change.kind, change.key, title, what, told))
    return tuple(found)


def _counted(what: str, count: int) -> str:
    """How many entries are new, changed or retired."""
    if what == "new":
        return ngettext("%(count)d new entry", "%(count)d new entries", count) % {"count": count}
    if what == "changed":
        return ngettext("%(count)d changed entry", "%(count)d changed entries", count) % {"count": count}
    return ngettext("%(count)d retired entry", "%(count)d retired entries", count) % {"count": count}
