"""Proposals beside what they change, in words: for the page of one, for lists, and for decisions on many."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from curation.models import Entry, Proposal
from curation.review.differences import Difference, differences, title_of
from regimens.models.choices import EntryKind, ProposalStatus

SHORTEST_MARKED = 40  # characters; in a shorter text one sees what differs


@dataclass(frozen=True)
class Piece:
    """Some words of a text, and whether the other version has others there."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Line:
    """One difference, as a row of a table; its texts in pieces, so that what differs within them can be marked."""

    label: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


@dataclass(frozen=True)
class Compared:
    """A proposal with what it was made on.

    entry       as it is now; None where it is new
    base        the content it was made on; None for a new or retired entry
    rivals      how many other open proposals there are on the same entry
    """

    proposal: Proposal
    entry: Entry | None
    base: dict[str, Any] | None
    rivals: int = 0

    @cached_property
    def content(self) -> dict[str, Any] | None:
        return self.proposal.values

    @property
    def title(self) -> str:
        content = self.content or self.base
        return title_of(self.proposal.kind, content) if content else self.proposal.key

    @property
    def kind_in_words(self) -> str:
        return str(self.proposal.get_kind_display())

    @property
    def what(self) -> str:
        """In a word or two."""
        if self.proposal.is_retirement:
            return _("retirement")
        if self.base is None:
            return _("back from retirement") if self.entry and self.entry.retired_at else pgettext("entry", "new")
        return _("change")

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        return differences(self.proposal.kind, self.base, self.content)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return in_lines(self.differences)

    @property
    def is_stale(self) -> bool:
        """Whether the entry changed since, so that it can no longer be accepted."""
        return self.proposal.is_open and self.proposal.base_sha256 != (self.entry.version if self.entry else "")


def compared(proposals: Iterable[Proposal]) -> list[Compared]:
    """Each with its entry, in the order given; three queries, however many they are."""
    rows = list(proposals)
    if not rows:
        return []
    keys = {row.key for row in rows}
    entries = {(entry.kind, entry.key): entry for entry in Entry.objects.filter(key__in=keys)}
    rivals = _rivals(keys)
    former = _former(
        row for row in rows if row.base_sha256 and row.base_sha256 != _sha256(entries.get((row.kind, row.key)))
    )
    found = []
    for row in rows:
        entry = entries.get((row.kind, row.key))
        base = None
        if row.base_sha256:
            is_same = entry is not None and entry.sha256 == row.base_sha256
            base = entry.values if entry and is_same else former.get((row.kind, row.key, row.base_sha256))
        others = rivals.get((row.kind, row.key), 0) - row.is_open
        found.append(Compared(row, entry, base, others))
    return found


def in_lines(found: Sequence[Difference]) -> tuple[Line, ...]:
    return tuple(Line(one.label, *_pieces(one.before, one.after)) for one in found)


def in_order_of_acceptance(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Entries before those that name them, as the lists of the evidence base are loaded; retirements the other way."""
    kinds = list(EntryKind.values)

    def place(row: Proposal) -> tuple[bool, int, int]:
        order = kinds.index(row.kind)
        return row.is_retirement, -order if row.is_retirement else order, row.pk

    return sorted(proposals, key=place)


def _pieces(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    if not before or not after or max(len(before), len(after)) < SHORTEST_MARKED:
        return tuple(_whole(before)), tuple(_whole(after))
    then, now = _words(before), _words(after)
    matcher = SequenceMatcher(None, then, now, autojunk=False)
    if matcher.ratio() < 0.4:  # another text altogether
        return tuple(_whole(before)), tuple(_whole(after))
    left, right = [], []
    for tag, then_from, then_to, now_from, now_to in matcher.get_opcodes():
        if then_to > then_from:
            left.append(Piece("".join(then[then_from:then_to]), tag != "equal"))
        if now_to > now_from:
            right.append(Piece("".join(now[now_from:now_to]), tag != "equal"))
    return tuple(left), tuple(right)


def _whole(text: str) -> Iterator[Piece]:
    if text:
        yield Piece(text, False)


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|[^\s]+", text)


def _sha256(entry: Entry | None) -> str:
    return entry.sha256 if entry else ""


def _rivals(keys: Iterable[str]) -> dict[tuple[str, str], int]:
    waiting = Proposal.objects.filter(key__in=keys, status=ProposalStatus.PROPOSED).order_by()
    return {(kind, key): count for kind, key, count in waiting.values_list("kind", "key").annotate(Count("pk"))}


def _former(proposals: Iterable[Proposal]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The contents that proposals were made on and that are no longer in force, by kind, key and SHA-256."""
    wanted = [Q(kind=row.kind, key=row.key, sha256=row.base_sha256) for row in proposals]
    if not wanted:
        return {}
    asked = wanted[0]
    for one in wanted[1:]:
        asked |= one
    versions = Entry.history.filter(asked).order_by("history_id").values_list("kind", "key", "sha256", "content")
    return {(kind, key, sha256): json.loads(content) for kind, key, sha256, content in versions}
