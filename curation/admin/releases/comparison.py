"""Two versions of the evidence base as a publisher reads them: what changed and on whose word, what to look at again,
and what it does to the reference patients. Documents in, plain values for the templates out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.people import person_name
from curation.accepted import text_of
from curation.admin.addresses import PUBLIC
from curation.models import Proposal
from curation.review import differences as words
from curation.review.concerns import Concern, Topic, concerns_by_topic
from curation.review.differences import Difference
from curation.review.effect import Effect, EntryChange, differences
from regimens.knowledge.document import ENTRIES
from regimens.models.choices import EntryKind, ProposalStatus
from regimens.rules.knowledge import Knowledge
from regimens.rules.rank_changes import Move, Place
from regimens.wording.bands import BAND_TITLES
from regimens.wording.citations import arm_words

Document = Mapping[str, Any]

MOST_SHOWN_OPEN = 12  # differences of one entry, and causes of one move
WHAT_BECAME = {"new": gettext_lazy("new"), "retired": gettext_lazy("retired"), "changed": gettext_lazy("changed")}
# What a concern is about; its own words are English, as the evidence base is.
TOPICS = {
    Topic.CONTRADICTIONS: gettext_lazy("Cohorts that contradict their own numbers"),
    Topic.IMPOSSIBLE: gettext_lazy("Criteria that can never be true"),
    Topic.UNSUPPORTED: gettext_lazy("Indications without a source that was read"),
    Topic.IMPLAUSIBLE: gettext_lazy("Figures that look like another unit"),
    Topic.TWINS: gettext_lazy("Publications that look like one text"),
    Topic.LICENCES: gettext_lazy("Licences that do not fit together"),
    Topic.READ_ONCE: gettext_lazy("Pooled figures read by one person only"),
    Topic.WITHDRAWN: gettext_lazy("Publications retracted, corrected or superseded"),
    Topic.OLD_TRIALS: gettext_lazy("Trials not looked up for 90 days"),
}


@dataclass(frozen=True)
class Row:
    """An entry as one finds it: its page in the admin and, where it is in force, its public page."""

    kind: str
    key: str
    title: str
    admin_url: str
    public_url: str


@dataclass(frozen=True)
class EntryDecision:
    """A proposal that two people agreed on; `proposer` is empty for the shipped files."""

    proposer: str
    proposed_at: Any
    reviewer: str
    reviewed_at: Any
    reason: str
    source: str
    source_url: str
    comment: str
    url: str


@dataclass(frozen=True)
class ChangedEntry:
    """One entry before and after.

    what        new, changed or retired
    decisions   the proposals that lead from one to the other, the first first
    is_undone   whether it goes the other way, and takes them back
    is_loaded   whether loading files, or a release from elsewhere, had a part in it
    """

    row: Row
    anchor: str
    what: str
    differences: tuple[Difference, ...]
    decisions: tuple[EntryDecision, ...]
    is_undone: bool
    is_loaded: bool

    @property
    def what_in_words(self) -> str:
        return str(WHAT_BECAME[self.what])

    @property
    def is_long(self) -> bool:
        return len(self.differences) > MOST_SHOWN_OPEN


@dataclass(frozen=True)
class ConcernRow:
    """Something worth a second look; `where` in the entry, in words."""

    row: Row
    where: str
    text: str
    is_new: bool


@dataclass(frozen=True)
class ConcernGroup:
    """The concerns of one topic, the new ones first."""

    title: str
    rows: tuple[ConcernRow, ...]

    @property
    def new(self) -> int:
        return sum(row.is_new for row in self.rows)


@dataclass(frozen=True)
class Cause:
    """A change to which a move is laid: `anchor` is where the page shows it."""

    title: str
    anchor: str


@dataclass(frozen=True)
class MovedRow:
    """An option that stands elsewhere: how, in words; and the changes that move it alone, as far as they are shown."""

    name: str
    words: str
    causes: tuple[Cause, ...]
    further_causes: int


@dataclass(frozen=True)
class PatientRow:
    """What becomes of one reference patient."""

    label: str
    first_before: str
    first_after: str
    changes_first: bool
    moved: tuple[MovedRow, ...]


@dataclass(frozen=True)
class CauseRow:
    """A change with the number of patients for whom it moves something alone, and for whom what is or was first."""

    cause: Cause
    patients: int
    firsts: int


@dataclass(frozen=True)
class EffectTable:
    """The reference patients, those whose first option changes first, and the changes, those that move most first.

    left_out  patients who received a regimen that is not in both versions
    untried   changes that were not tried alone, of `changes` that can move anything
    """

    moved: tuple[PatientRow, ...]
    unmoved: tuple[PatientRow, ...]
    left_out: tuple[str, ...]
    causes: tuple[CauseRow, ...]
    untried: int
    changes: int

    @property
    def all(self) -> tuple[PatientRow, ...]:
        return self.moved + self.unmoved

    @property
    def first_changes(self) -> int:
        return sum(row.changes_first for row in self.moved)


@dataclass(frozen=True)
class Finder:
    """Finds the pages of entries: `in_force` is what the public pages show."""

    in_force: Document
    ids: Mapping[tuple[str, str], int]
    known: Mapping[tuple[str, str], Any] = field(init=False)

    def __post_init__(self) -> None:
        known = {
            (kind, row[key_name]): row
            for kind, (_rows, _schema, key_name) in ENTRIES.items()
            for row in self.in_force.get(kind, ())
        }
        object.__setattr__(self, "known", known)

    @classmethod
    def of(cls, in_force: Document) -> Finder:
        """One query a list."""
        ids = {
            (kind, key): pk
            for kind, (rows, _schema, key_name) in ENTRIES.items()
            for key, pk in rows().model._default_manager.values_list(key_name, "pk")
        }
        return cls(in_force, ids)

    def row(self, kind: str, key: str, content: Mapping[str, Any] | None) -> Row:
        content = content or self.known.get((kind, key))
        title = words.title_of(kind, content) if content else key
        return Row(str(EntryKind(kind).label), key, title, self._admin_url(kind, key), self._public_url(kind, key))

    def _admin_url(self, kind: str, key: str) -> str:
        pk = self.ids.get((kind, key))
        model = ENTRIES[kind][0]().model._meta.model_name
        return reverse(f"admin:regimens_{model}_change", args=[pk]) if pk else ""

    def _public_url(self, kind: str, key: str) -> str:
        content = self.known.get((kind, key))
        if content is None:
            return ""
        if kind in PUBLIC:
            return reverse(PUBLIC[kind][0], args=[key])
        if kind in ("indications", "licences"):
            return reverse("option", args=[content["regimen"]])
        return reverse("drugs" if kind == "exposure_classes" else kind)


def changed_entries(before: Document, after: Document, finder: Finder) -> list[ChangedEntry]:
    """Every entry that differs, list by list; three queries whatever their number."""
    changes = list(differences(before, after))
    proposals: dict[tuple[str, str], list[Proposal]] = {}
    agreed = Proposal.objects.filter(status=ProposalStatus.ACCEPTED, key__in={change.key for change in changes})
    for proposal in agreed.select_related("proposer", "reviewer").order_by("-pk"):
        proposals.setdefault((proposal.kind, proposal.key), []).append(proposal)
    formers = _by_key(before)
    found = []
    for change in changes:
        then = formers.get((change.kind, change.key))
        agreed_on = proposals.get((change.kind, change.key), [])
        path, is_loaded = _path(agreed_on, then, change.content)
        back, is_back_loaded = ([], True) if path else _path(agreed_on, change.content, then)
        found.append(
            ChangedEntry(
                row=finder.row(change.kind, change.key, change.content or then),
                anchor=anchor(change),
                what="new" if then is None else "retired" if change.content is None else "changed",
                differences=words.differences(change.kind, then, change.content),
                decisions=tuple(map(_decision, path or back)),
                is_undone=bool(back),
                is_loaded=is_back_loaded if back else is_loaded,
            )
        )
    return found


def anchor(change: EntryChange) -> str:
    return f"change-{change.kind}-{change.key}"


def concern_groups(
    before: tuple[Document, Knowledge] | None, after: tuple[Document, Knowledge], finder: Finder, *, today: date
) -> list[ConcernGroup]:
    """What deserves a second look, by topic; new is what the release in force does not have."""
    known: set[Concern] = set()
    if before:
        known = {one for found in concerns_by_topic(*before, today=today).values() for one in found}
    entries = _by_key(after[0])
    groups = []
    for topic, concerns in concerns_by_topic(*after, today=today).items():
        rows = []
        for concern in concerns:
            content = entries[concern.kind, concern.key]
            row = finder.row(concern.kind, concern.key, content)
            rows.append(ConcernRow(row, place_in_words(concern.place, content), concern.text, concern not in known))
        if rows:
            groups.append(ConcernGroup(str(TOPICS[topic]), tuple(sorted(rows, key=lambda row: not row.is_new))))
    return groups


def place_in_words(place: str, content: Mapping[str, Any]) -> str:
    """Where in an entry: the arm of a cohort, the words of a caution; empty where the text of a concern says it."""
    found = re.match(r"(results|cautions)\[(\d+)\]", place)
    if not found:
        return ""
    item = content[found[1]][int(found[2])]
    if found[1] == "cautions":
        return f"caution: {item['text']}"
    return arm_words(item)


def effect_table(
    effects: Sequence[Effect],
    changes: Sequence[EntryChange],
    tried: Sequence[EntryChange],
    left_out: Sequence[str],
    before: Document,
    after: Document,
) -> EffectTable:
    """The effect in words. `tried` are the changes that were tried alone, of all that can move anything."""
    names = {row["slug"]: row["name"] for document in (before, after) for row in document["regimens"]}
    entries = _by_key(before) | _by_key(after)
    rows = [_patient_row(effect, names, entries) for effect in effects]
    return EffectTable(
        moved=tuple(row for row in rows if row.moved),
        unmoved=tuple(row for row in rows if not row.moved),
        left_out=tuple(left_out),
        causes=tuple(_cause_rows(effects, entries)),
        untried=len(changes) - len(tried),
        changes=len(changes),
    )


def _patient_row(effect: Effect, names: Mapping[str, str], entries: Mapping[tuple[str, str], Any]) -> PatientRow:
    none = _("no ranked option")
    moved = sorted(effect.moved, key=lambda moved: _order(moved.move))
    return PatientRow(
        label=effect.patient.label,
        first_before=names[effect.first_before] if effect.first_before else none,
        first_after=names[effect.first_after] if effect.first_after else none,
        changes_first=effect.changes_first,
        moved=tuple(
            MovedRow(
                name=names[one.regimen],
                words=move_in_words(one.move),
                causes=tuple(_cause(change, entries) for change in one.by[:MOST_SHOWN_OPEN]),
                further_causes=max(0, len(one.by) - MOST_SHOWN_OPEN),
            )
            for one in moved
        ),
    )


def move_in_words(move: Move) -> str:
    """From rank to rank, and from band to band where that changes."""
    then, now = move.before, move.after
    if then and now and then.band and then.band is now.band and then.rank and now.rank:
        words = _("%(before)d → %(after)d, in “%(band)s”")
        return words % {"before": then.rank, "after": now.rank, "band": BAND_TITLES[then.band]}
    return f"{place_words(then)} → {place_words(now)}"


def _cause_rows(effects: Sequence[Effect], entries: Mapping[tuple[str, str], Any]) -> list[CauseRow]:
    patients: Counter[tuple[str, str]] = Counter()
    firsts: Counter[tuple[str, str]] = Counter()
    changes: dict[tuple[str, str], EntryChange] = {}
    for effect in effects:
        leads = {effect.first_before, effect.first_after} if effect.changes_first else set()
        moving = {(change.kind, change.key): change for moved in effect.moved for change in moved.by}
        leading = {(change.kind, change.key) for moved in effect.moved if moved.regimen in leads for change in moved.by}
        changes |= moving
        patients.update(moving.keys())
        firsts.update(leading)
    rows = [CauseRow(_cause(change, entries), patients[key], firsts[key]) for key, change in changes.items()]
    return sorted(rows, key=lambda row: (-row.firsts, -row.patients, row.cause.title))


def _cause(change: EntryChange, entries: Mapping[tuple[str, str], Any]) -> Cause:
    kind = EntryKind(change.kind).label
    title = words.title_of(change.kind, entries[change.kind, change.key])
    return Cause(f"{kind} {title}", anchor(change))


def _order(move: Move) -> tuple[bool, int]:
    """Changes of band first, then by where it stands now, or stood."""
    then, now = move.before, move.after
    is_same_band = bool(then and now and then.band is now.band)
    ranks = [place.rank for place in (now, then) if place and place.rank is not None]
    return is_same_band, ranks[0] if ranks else 999


def place_words(place: Place | None) -> str:
    """Where an option stands for a patient: its rank and band."""
    if place is None:
        return _("not among the options")
    if place.band is None:
        return _("waits for a test")
    title = str(BAND_TITLES[place.band])
    if place.rank is None:
        return _("“%(band)s”") % {"band": title}
    return _("%(rank)d, in “%(band)s”") % {"rank": place.rank, "band": title}


def _by_key(document: Document) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {
        (kind, row[key_name]): row for kind, (_rows, _schema, key_name) in ENTRIES.items() for row in document[kind]
    }


def _path(newest_first: Sequence[Proposal], before: Any, after: Any) -> tuple[list[Proposal], bool]:
    """The agreed proposals that lead from one version of an entry to another, and whether that is not all of the way.

    What is not is what was loaded: the shipped files, or a release from elsewhere.
    """
    start = text_of(before)[1] if before is not None else ""
    wanted = text_of(after)[1] if after is not None else ""
    path: list[Proposal] = []
    is_whole = True
    for proposal in newest_first:
        if not path and proposal.sha256 != wanted:
            continue
        if path and proposal.sha256 == start:
            break
        is_whole = is_whole and (not path or path[-1].base_sha256 == proposal.sha256)
        path.append(proposal)
        if proposal.base_sha256 == start:
            return path[::-1], not is_whole
    return path[::-1], True


def _decision(proposal: Proposal) -> EntryDecision:
    source = proposal.source
    return EntryDecision(
        proposer=person_name(proposal.proposer) if proposal.proposer else "",
        proposed_at=proposal.proposed_at,
        reviewer=person_name(proposal.reviewer) if proposal.reviewer else "",
        reviewed_at=proposal.reviewed_at,
        reason=proposal.reason,
        source=source,
        source_url=source if re.fullmatch(r"https?://\S+", source) else "",
        comment=proposal.comment,
        url=reverse("admin:regimens_proposal_change", args=[proposal.pk]),
    )
