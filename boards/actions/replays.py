"""What a release makes of decided cases, worked out in batches and kept: the first option, and what it says otherwise
of decisions that are watched.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from audit.actions import writing
from audit.events import record
from boards.blindness import blind_among
from boards.models import GUARD, Case, CaseVersion, DamagedRanking, Decision, Development, Replay
from boards.shown.developments import developments
from boards.shown.replay import in_force_since, replay_of, waiting_for, watched_decisions
from boards.shown.stored_ranking import knowledge_of
from regimens.releases import DamagedRelease, FormerEdition
from regimens.rules.knowledge import EDITION, Knowledge

if TYPE_CHECKING:
    from django.contrib.auth.models import User

BATCH = 100
NEEDED = ("features", "preference", "evidence", "first_option", "release_id", "case_id", "ranking", "sha256")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """How many replays were made, for how many of them the first option changed, and how many are still to be made;
    and how many developments were raised of decisions that are watched."""

    made: int
    changed: int
    left: int
    raised: int = 0


def replay_decisions(
    release_id: int, *, by: User | None = None, seconds: float | None = None, again: bool = False, **within: Any
) -> Progress:
    """Replay the decided versions that wait for it on a release, each batch in a transaction of its own.

    On one of the method's first edition nothing is ranked, and what is stored of it stays. Raises FormerEdition,
    DamagedRelease.


    seconds   after which no further one is replayed; None goes on until none is left
    again     make those anew that are there already, as after a change of the rules
    within    of which versions, such as `case__board=board`
    """
    end = time.monotonic() + seconds if seconds is not None else None
    knowledge = knowledge_of(release_id)
    if knowledge.edition != EDITION:
        raise FormerEdition(knowledge)
    if again:
        with writing(GUARD):
            of_them = {f"version__{name}": value for name, value in within.items()}
            Replay.objects.filter(release_id=release_id, **of_them).delete()
    made = changed = raised = 0
    waiting = waiting_for(release_id, **within)
    while end is None or time.monotonic() < end:
        batch = list(waiting.only(*NEEDED).order_by("pk")[:BATCH])
        if not batch:
            return Progress(made, changed, 0, raised)
        found, told = _replay(batch, knowledge, release_id, by, end)
        made, changed = made + len(found), changed + sum(replay.is_first_changed for replay in found)
        raised += told
    return Progress(made, changed, waiting.count(), raised)


def _replay(
    batch: list[CaseVersion], knowledge: Knowledge, release_id: int, by: User | None, end: float | None
) -> tuple[list[Replay], int]:
    """Ranks before it writes, so that nobody waits for the ranking; what was erased meanwhile is left out.

    One at least, and none more after `end`.
    """
    at = timezone.now()
    watched = _watched(batch) if in_force_since(release_id) else {}
    replays, rows = [], []
    for version in batch:
        replays.append(replay_of(version, knowledge, release_id, at))
        for decision in watched.get(version.pk, ()):
            rows += _developments(decision, version, knowledge, release_id, at)
        if end is not None and time.monotonic() >= end:
            break
    with writing(GUARD):
        cases = {version.case_id for version in batch}
        list(Case.objects.select_for_update().filter(pk__in=cases).order_by("pk"))  # so that none is erased meanwhile
        there = set(
            CaseVersion.objects.filter(pk__in=[each.version_id for each in replays]).values_list("pk", flat=True)
        )
        replays = [replay for replay in replays if replay.version_id in there]
        Replay.objects.filter(release_id=release_id, version__in=there).delete()
        Replay.objects.bulk_create(replays)
        new = _raise(row for row in rows if row.decision.item.version_id in there)
        # A count over few cases tells of each: those on which a vote is open are left out of what the event says.
        blind = blind_among(cases)
        told = {version.pk for version in batch if version.case_id not in blind}
        changed = sum(replay.is_first_changed for replay in replays if replay.version_id in told)
        raised = [row for row in new if row.decision.item.version_id in told]
        release = knowledge.release
        details = {"release": release.sha256, "replayed": len(replays), "first_changed": changed}
        details |= {"raised": len(raised), "undermining": sum(row.undermines for row in raised)}
        record("replay-decisions", release.name, by=by, details=details)
    return replays, len(new)


def _watched(batch: list[CaseVersion]) -> dict[int, list[Decision]]:
    """The decisions that are watched, by the version on which each rests."""
    found: dict[int, list[Decision]] = defaultdict(list)
    rows = watched_decisions(item__version__in=[version.pk for version in batch]).select_related("item")
    for decision in rows.prefetch_related("steps", "developments", "item__decisions__steps__progress"):
        found[decision.item.version_id].append(decision)
    return found


def _developments(
    decision: Decision, version: CaseVersion, knowledge: Knowledge, release_id: int, at: datetime
) -> list[Development]:
    """What a release says of a decision, as rows; nothing where what was shown cannot be read, which is logged."""
    try:
        found = developments(decision, version, knowledge)
    except (DamagedRanking, DamagedRelease):
        logger.exception("decision %s is not watched", decision.pk)
        return []
    return [Development(decision=decision, release_id=release_id, raised_at=at, **asdict(each)) for each in found]


def _raise(rows: Iterable[Development]) -> list[Development]:
    """Store those that are not there; within an action that keeps others from the cases."""
    by_key = {(row.decision_id, str(row.kind), row.option, row.release_id): row for row in rows}
    decisions = {row.decision_id for row in by_key.values()}
    keys = ("decision_id", "kind", "option", "release_id")
    there = set(Development.objects.filter(decision__in=decisions).values_list(*keys))
    return Development.objects.bulk_create(row for key, row in by_key.items() if key not in there)
