"""A decided case on releases that came into force since: where each option stands, what moved it, and whether the
ranking that was shown can be made again.

The stored ranking is what was shown, and stays so; everything else here is ranked anew, and nothing of it is stored but
the first option (`models.Replay`), so that the list of cases for which it changed needs no ranking.

A ranking of the method's first edition is not made again: it stands beside today's, and no change of the evidence is
named as the cause of a difference, since the method changed as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from boards.models import AgendaItem, CaseVersion, Decision, Development, Replay
from boards.models.case import NEC_ONLY
from curation.review.effect import EntryChange, ReferencePatient, differences, effects, tried_alone
from regimens import releases
from regimens.bundles import compared
from regimens.models import KnowledgeRelease, ReleaseInForce
from regimens.rules.first_edition import of_today
from regimens.rules.knowledge import EDITION, Knowledge, KnowledgeError
from regimens.rules.patient import PatientError, Problem
from regimens.rules.rank_changes import Move, Place, moves_between, placed, standings
from regimens.rules.ranking import Ranking, rank
from regimens.rules.record import as_dict, of
from regimens.wording.options import equal_places

from .stored_ranking import Frozen

Places = Mapping[str, Place]


class Reproduction(Enum):
    """Whether a stored ranking is made again on its own release: numbers to 1e-9, all else exactly.

    FORMER_EDITION   it is of the method's first edition, by which nothing is ranked any more: no failure
    """

    SAME = auto()
    ANOTHER = auto()
    FORMER_EDITION = auto()


class Tracing(Enum):
    """How far it is known what moved an option.

    DONE             each change was tried
    REFUSED          the changes could not be tried, since the patient is refused on the way
    METHOD_CHANGED   the two rankings are of different editions of the method, so that no change is a cause by itself
    NOT_RANKED       nothing is ranked on the other release, which is of the method's first edition
    """

    DONE = auto()
    REFUSED = auto()
    METHOD_CHANGED = auto()
    NOT_RANKED = auto()


@dataclass(frozen=True)
class PlacesOnRelease:
    """Where the options stand for a patient on a release, whose edition says by which method.

    places      by slug; empty where the release refuses the patient, or the patient is out of scope
    numbers     of those that carry a rank the place as a table has it, "=4" where several share it; empty where it was
                not asked for
    refusal     why the release cannot rank the patient; empty where it can
    is_ranked   false where nothing was placed: the release refuses the patient, or is of the method's first edition
    """

    knowledge: Knowledge
    places: Places
    refusal: tuple[Problem, ...] = ()
    is_ranked: bool = True
    numbers: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def first(self) -> str:
        """The slug of the option of rank 1; empty where nothing is ranked."""
        return next((slug for slug, place in self.places.items() if place.rank == 1), "")

    @property
    def first_name(self) -> str:
        return self.knowledge.names[self.first] if self.first else ""


@dataclass(frozen=True)
class MovedSince:
    """An option that stands elsewhere than it was shown to.

    by            the changes in the knowledge of which each, made alone, moves it
    is_software   whether today's rules move it on the release of the decision already
    """

    slug: str
    move: Move
    by: tuple[EntryChange, ...]
    is_software: bool


@dataclass(frozen=True)
class Account:
    """What moved between the ranking that was shown and the one on another release.

    changes      everything that the two releases say otherwise
    tried        those that were tried alone, where there are several
    """

    moved: tuple[MovedSince, ...]
    changes: tuple[EntryChange, ...]
    tried: tuple[EntryChange, ...]
    tracing: Tracing


def stored_places(frozen: Frozen) -> Places:
    """Where each option stood in the stored ranking."""
    waiting = {slug: Place(None, None) for slug in frozen.waiting}
    return waiting | {option.regimen: Place(option.band, option.rank) for option in frozen.options}


def as_shown(frozen: Frozen) -> PlacesOnRelease:
    return PlacesOnRelease(frozen.knowledge, stored_places(frozen), numbers=frozen.places)


def standing_on(version: CaseVersion, knowledge: Knowledge) -> PlacesOnRelease:
    """The same patient on another release, by the preference and the evidence of the version.

    Of one that was stored under the method's first edition counts what was asked then of today's features.
    """
    if knowledge.edition != EDITION:
        return PlacesOnRelease(knowledge, {}, is_ranked=False)
    known = knowledge.nec_only if version.evidence == NEC_ONLY else knowledge
    try:
        patient = known.patient(of_today(version.features).features)
    except PatientError as error:
        return PlacesOnRelease(knowledge, {}, error.problems, is_ranked=False)
    found = standings(patient, known, known.ranked_regimens, version.preference)
    return PlacesOnRelease(knowledge, placed(found, known))


def shown_on(version: CaseVersion, knowledge: Knowledge) -> PlacesOnRelease:
    """The same for a page, which also says which places are equal: that takes the draws."""
    standing = standing_on(version, knowledge)
    if not standing.is_ranked:
        return standing
    ranked = (option for option in ranked_on(version, knowledge).options if option.rank is not None)
    return replace(standing, numbers={option.regimen.slug: place for option, place in equal_places(ranked)})


def ranked_on(version: CaseVersion, knowledge: Knowledge, *, draws: bool = True) -> Ranking:
    """The same ranked in full. Raises PatientError where the release refuses the patient."""
    known = knowledge.nec_only if version.evidence == NEC_ONLY else knowledge
    return rank(known.patient(of_today(version.features).features), known, version.preference, draws=draws)


def reproduction(frozen: Frozen) -> Reproduction:
    """Whether the patient of a version, ranked again on its own release, gives the stored ranking."""
    if not frozen.record.can_be_made_again:
        return Reproduction.FORMER_EDITION
    version, knowledge = frozen.version, frozen.knowledge
    known = knowledge.nec_only if version.evidence == NEC_ONLY else knowledge
    try:
        again = as_dict(of(rank(known.patient(version.features), known, version.preference)))
    except PatientError:
        return Reproduction.ANOTHER
    return Reproduction.ANOTHER if any(compared(as_dict(frozen.record), again)) else Reproduction.SAME


def account(frozen: Frozen, now: PlacesOnRelease) -> Account:
    """What moved since the ranking that was shown, and which change in the knowledge moved it.

    Each change is tried alone on the release of the decision; an option that only several together move has none. None
    is tried where the method is another one as well.
    """
    then = frozen.knowledge
    if now.knowledge.edition != EDITION:
        return Account((), (), (), Tracing.NOT_RANKED)
    if then.edition != EDITION:
        moves = moves_between(stored_places(frozen), now.places) if now.is_ranked else {}
        moved = tuple(MovedSince(slug, move, (), is_software=False) for slug, move in moves.items())
        return Account(moved, (), (), Tracing.METHOD_CHANGED)
    changes = tuple(differences(then.document, now.knowledge.document))
    if now.refusal:
        return Account((), changes, (), Tracing.REFUSED)
    moves = moves_between(stored_places(frozen), now.places)
    again = standing_on(frozen.version, then)
    by_software = moves_between(stored_places(frozen), again.places)
    by, is_traced = _movers(frozen.version, then.document, changes) if moves else ({}, True)
    moved = tuple(MovedSince(slug, move, by.get(slug, ()), slug in by_software) for slug, move in moves.items())
    tried = tried_alone(changes) if moves else ()
    return Account(moved, changes, tried, Tracing.DONE if is_traced else Tracing.REFUSED)


def releases_since(version: CaseVersion) -> list[KnowledgeRelease]:
    """The release of a version, and every one that came into force after the version was made, without content.

    As far as anything is ranked on them: none of the method's first edition.
    """
    since = ReleaseInForce.objects.filter(confirmed_at__gte=version.created_at)
    rows = KnowledgeRelease.objects.filter(pk__in=since.values("release_id"))
    found = (rows | KnowledgeRelease.objects.filter(pk=version.release_id)).defer("content").order_by("pk")
    return [release for release in found if releases.edition_of(release.sha256) == EDITION]


def waiting_for(release_id: int, **within: Any) -> QuerySet[CaseVersion]:
    """The decided versions of which it is not known what a release makes of them; `within` narrows them down.

    A version of that very release needs no replay, unless another release said something of its decision meanwhile.
    Once a release is put in force again, or a watched decision is recorded after the replay, it is made anew.
    """
    decided = AgendaItem.objects.filter(version=OuterRef("pk"), decisions__isnull=False)
    told = Development.objects.filter(decision__item__version=OuterRef("pk"))
    later = AgendaItem.objects.filter(
        version=OuterRef("version"), watch_closed_at__isnull=True, decisions__decided_at__gt=OuterRef("computed_at")
    )
    known = Replay.objects.filter(~Exists(later), version=OuterRef("pk"), release_id=release_id)
    is_another = ~Q(release=release_id)
    if since := in_force_since(release_id):
        known, is_another = known.filter(computed_at__gte=since), is_another | Exists(told)
    return CaseVersion.objects.filter(is_another, Exists(decided), ~Exists(known), **within)


def in_force_since(release_id: int) -> datetime | None:
    """Since when a release is in force; None for one that is not."""
    newest = ReleaseInForce.objects.filter(confirmed_at__isnull=False).values_list("release_id", "confirmed_at").first()
    return newest[1] if newest and newest[0] == release_id else None


def watched_decisions(**within: Any) -> QuerySet[Decision]:
    """The decisions in force that are watched: of cases that are not erased, the last of each, until it is closed."""
    later = Decision.objects.filter(item=OuterRef("item"), number__gt=OuterRef("number"))
    items = decided_items(watch_closed_at__isnull=True)
    return Decision.objects.filter(~Exists(later), item__in=items.values("pk"), **within)


def replay_of(version: CaseVersion, knowledge: Knowledge, release_id: int, at: datetime) -> Replay:
    """What is stored of a version on a release, computed at a time; not saved."""
    now = standing_on(version, knowledge)
    return Replay(
        version=version,
        release_id=release_id,
        first_option=now.first,
        first_option_name=now.first_name,
        is_first_changed=not now.refusal and now.first != version.first_option,
        is_refused=bool(now.refusal),
        computed_at=at,
    )


def decided_items(**within: Any) -> QuerySet[AgendaItem]:
    """The newest decided item of each case that is not erased: what a board decided last."""
    later = AgendaItem.objects.filter(case=OuterRef("case"), decisions__isnull=False, pk__gt=OuterRef("pk"))
    decided = Decision.objects.filter(item=OuterRef("pk"))
    return AgendaItem.objects.filter(Exists(decided), ~Exists(later), version__isnull=False, **within)


def changed_items(release_id: int, **within: Any) -> QuerySet[AgendaItem]:
    """Of those, the ones for which the first option is another on a release, or which it cannot rank; newest first.

    `now_first` is the name of the first option there; `is_refused` says that there is none.
    """
    of_release = Q(version__replays__release=release_id)
    rows = decided_items(**within).annotate(replayed=FilteredRelation("version__replays", condition=of_release))
    changed = rows.filter(Q(replayed__is_first_changed=True) | Q(replayed__is_refused=True))
    now = {"now_first": F("replayed__first_option_name"), "is_refused": F("replayed__is_refused")}
    return changed.annotate(**now).order_by("-meeting__held_on", "-pk")


def release_in_use() -> int | None:
    """The release in force, by its key; None where there is none, or one of the method's first edition."""
    confirmed = ReleaseInForce.objects.filter(confirmed_at__isnull=False)
    newest = confirmed.values_list("release_id", "release__sha256").first()
    return int(newest[0]) if newest and releases.edition_of(newest[1]) == EDITION else None


def _movers(
    version: CaseVersion, before: Mapping[str, Any], changes: tuple[EntryChange, ...]
) -> tuple[dict[str, tuple[EntryChange, ...]], bool]:
    """The changes that move each option, by slug, and whether they could be tried."""
    patient = ReferencePatient(str(version.pk), version.features, version.preference, version.evidence == NEC_ONLY)
    try:
        (effect,) = effects(before, changes, [patient])
    except (PatientError, KnowledgeError, KeyError):
        return {}, False
    return {moved.regimen: moved.by for moved in effect.moved}, True
