"""A decided case on releases that came into force since: where each option stands, what moved it, and whether the
ranking that was shown can be made again bit for bit.

The stored ranking is what was shown, and stays so; everything else here is ranked anew, and nothing of it is stored but
the first option (`models.Replay`), so that the list of cases for which it changed needs no ranking.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from audit.canonical import canonical_json, sha256_of
from boards.models import AgendaItem, CaseVersion, Decision, Replay
from boards.models.case import NEC_ONLY
from curation.review.effect import EntryChange, ReferencePatient, differences, effects, tried_alone
from regimens.models import KnowledgeRelease, ReleaseInForce
from regimens.rules.knowledge import Knowledge, KnowledgeError
from regimens.rules.patient import PatientError, Problem
from regimens.rules.rank_changes import Move, Place, moves_between, placed, standings
from regimens.rules.ranking import rank
from regimens.rules.record import as_dict, of

from .stored_ranking import Frozen

Places = Mapping[str, Place]


@dataclass(frozen=True)
class PlacesOnRelease:
    """Where the options stand for a patient on a release.

    places    by slug; empty where the release refuses the patient, or the patient is out of scope
    refusal   why the release cannot rank the patient; empty where it can
    """

    knowledge: Knowledge
    places: Places
    refusal: tuple[Problem, ...] = ()

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
    is_traced    False where the changes could not be tried, since the patient is refused on the way
    """

    moved: tuple[MovedSince, ...]
    changes: tuple[EntryChange, ...]
    tried: tuple[EntryChange, ...]
    is_traced: bool = True


def stored_places(frozen: Frozen) -> Places:
    """Where each option stood in the stored ranking."""
    waiting = {slug: Place(None, None) for slug in frozen.waiting}
    return waiting | {option.regimen: Place(option.band, option.rank) for option in frozen.options}


def as_shown(frozen: Frozen) -> PlacesOnRelease:
    return PlacesOnRelease(frozen.knowledge, stored_places(frozen))


def standing_on(version: CaseVersion, knowledge: Knowledge) -> PlacesOnRelease:
    """The same patient on another release, by the preference and the evidence of the version."""
    known = knowledge.nec_only if version.evidence == NEC_ONLY else knowledge
    try:
        patient = known.patient(version.features)
    except PatientError as error:
        return PlacesOnRelease(knowledge, {}, error.problems)
    found = standings(patient, known, known.ranked_regimens, version.preference)
    return PlacesOnRelease(knowledge, placed(found, known))


def is_reproduced(frozen: Frozen) -> bool:
    """Whether the patient of a version, ranked again on its own release, gives the stored ranking bit for bit."""
    version, knowledge = frozen.version, frozen.knowledge
    known = knowledge.nec_only if version.evidence == NEC_ONLY else knowledge
    try:
        again = as_dict(of(rank(known.patient(version.features), known, version.preference)))
    except PatientError:
        return False
    return sha256_of(canonical_json(again)) == version.sha256


def account(frozen: Frozen, now: PlacesOnRelease) -> Account:
    """What moved since the ranking that was shown, and which change in the knowledge moved it.

    Each change is tried alone on the release of the decision; an option that only several together move has none.
    """
    then = frozen.knowledge
    changes = tuple(differences(then.document, now.knowledge.document))
    if now.refusal:
        return Account((), changes, (), is_traced=False)
    moves = moves_between(stored_places(frozen), now.places)
    again = standing_on(frozen.version, then)
    by_software = moves_between(stored_places(frozen), again.places)
    by, is_traced = _movers(frozen.version, then.document, changes) if moves else ({}, True)
    moved = tuple(MovedSince(slug, move, by.get(slug, ()), slug in by_software) for slug, move in moves.items())
    return Account(moved, changes, tried_alone(changes) if moves else (), is_traced)


def releases_since(version: CaseVersion) -> list[KnowledgeRelease]:
    """The release of a version, and every one that came into force after the version was made, without content."""
    since = ReleaseInForce.objects.filter(confirmed_at__gte=version.created_at)
    rows = KnowledgeRelease.objects.filter(pk__in=since.values("release_id"))
    return list((rows | KnowledgeRelease.objects.filter(pk=version.release_id)).defer("content").order_by("pk"))


def waiting_for(release_id: int, **within: Any) -> QuerySet[CaseVersion]:
    """The decided versions of which it is not known what a release makes of them; `within` narrows them down.

    A version of that very release needs no replay.
    """
    decided = AgendaItem.objects.filter(version=OuterRef("pk"), decisions__isnull=False)
    known = Replay.objects.filter(version=OuterRef("pk"), release_id=release_id)
    return CaseVersion.objects.filter(Exists(decided), ~Exists(known), **within).exclude(release_id=release_id)


def replay_of(version: CaseVersion, knowledge: Knowledge, release_id: int) -> Replay:
    """What is stored of a version on a release; not saved."""
    now = standing_on(version, knowledge)
    return Replay(
        version=version,
        release_id=release_id,
        first_option=now.first,
        first_option_name=now.first_name,
        is_first_changed=not now.refusal and now.first != version.first_option,
        is_refused=bool(now.refusal),
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
    """The release in force, by its key."""
    newest = ReleaseInForce.objects.filter(confirmed_at__isnull=False).values_list("release_id", flat=True).first()
    return int(newest) if newest else None


def hidden_cases() -> QuerySet[AgendaItem]:
    """The cases, as rows of `case_id`, on which a vote is open or to come: no page holds a ranking of theirs."""
    return AgendaItem.objects.filter(meeting__blind_first=True, vote_closed_at__isnull=True).values("case_id")


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
