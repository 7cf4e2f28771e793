"""What a newer release moves for a case that a meeting looks at: ranked anew, nothing stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from boards.models import CaseVersion
from regimens import releases
from regimens.models import ReleaseInForce
from regimens.rules.knowledge import EDITION
from regimens.rules.rank_changes import Move, moves_between

from .replay import PlacesOnRelease, standing_on, stored_places
from .stored_ranking import Frozen, knowledge_of


@dataclass(frozen=True)
class Newer:
    """The places on another release, and what moved since the ranking that was shown."""

    now: PlacesOnRelease
    moves: Mapping[str, Move]


@dataclass(frozen=True)
class _Asked:
    """The same by what the rows hold, which never changes."""

    ranking: str
    release: str
    version: CaseVersion = field(compare=False)
    release_id: int = field(compare=False)


@dataclass(frozen=True)
class InForce:
    """A release and since when it was in force."""

    since: datetime
    release_id: int
    sha256: str


def releases_in_force() -> list[InForce]:
    """Every time that a release came into force, the latest first."""
    confirmed = ReleaseInForce.objects.filter(confirmed_at__isnull=False).order_by("-pk")
    return [InForce(*row) for row in confirmed.values_list("confirmed_at", "release_id", "release__sha256")]


def newer_than(
    version: CaseVersion, at: datetime | None = None, history: Sequence[InForce] | None = None
) -> Newer | None:
    """On the release in force now, or `at` a moment; None where the version is ranked on it, or nothing can be ranked.

    `history` is `releases_in_force()`, where it is asked of many.
    """
    known = releases_in_force() if history is None else history
    found = next((each for each in known if at is None or each.since <= at), None)
    if found is None or found.release_id == version.release_id or releases.edition_of(found.sha256) != EDITION:
        return None
    return _newer(_Asked(version.sha256, found.sha256, version, found.release_id))


@lru_cache(maxsize=256)
def _newer(asked: _Asked) -> Newer:
    now = standing_on(asked.version, knowledge_of(asked.release_id))
    moves = moves_between(stored_places(Frozen(asked.version)), now.places) if now.is_ranked else {}
    return Newer(now, moves)
