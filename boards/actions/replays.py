"""What a release makes of decided cases, worked out in batches and kept."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.actions import writing
from audit.events import record
from boards.models import GUARD, CaseVersion, Replay
from boards.shown.replay import replay_of, waiting_for
from boards.shown.stored_ranking import knowledge_of
from regimens.releases import FormerEdition
from regimens.rules.knowledge import EDITION, Knowledge

if TYPE_CHECKING:
    from django.contrib.auth.models import User

BATCH = 100
NEEDED = ("features", "preference", "evidence", "first_option", "release_id", "case_id")


@dataclass(frozen=True)
class Progress:
    """How many replays were made, for how many of them the first option changed, and how many are still to be made."""

    made: int
    changed: int
    left: int


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
    made = changed = 0
    waiting = waiting_for(release_id, **within)
    while end is None or time.monotonic() < end:
        batch = list(waiting.only(*NEEDED).order_by("pk")[:BATCH])
        if not batch:
            return Progress(made, changed, 0)
        found = _replay(batch, knowledge, release_id, by, end)
        made, changed = made + len(found), changed + sum(replay.is_first_changed for replay in found)
    return Progress(made, changed, waiting.count())


def _replay(
    batch: list[CaseVersion], knowledge: Knowledge, release_id: int, by: User | None, end: float | None
) -> list[Replay]:
    """Ranks before it writes, so that nobody waits for the ranking; what was erased meanwhile is left out.

    One at least, and none more after `end`.
    """
    replays = []
    for version in batch:
        replays.append(replay_of(version, knowledge, release_id))
        if end is not None and time.monotonic() >= end:
            break
    with writing(GUARD):
        rows = CaseVersion.objects.select_for_update().filter(pk__in=[version.pk for version in batch])
        there = set(rows.values_list("pk", flat=True))
        replays = [replay for replay in replays if replay.version_id in there]
        Replay.objects.bulk_create(replays, ignore_conflicts=True)
        changed = sum(replay.is_first_changed for replay in replays)
        release = knowledge.release
        details = {"release": release.sha256, "replayed": len(replays), "first_changed": changed}
        record("replay-decisions", release.name, by=by, details=details)
    return replays
