"""What a newer release moves for a case that a meeting looks at: ranked anew, nothing stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from boards.models import CaseVersion
from regimens.models import KnowledgeRelease
from regimens.rules.rank_changes import Move, moves_between

from .replay import PlacesOnRelease, release_in_use, standing_on, stored_places
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


def newer_than(version: CaseVersion) -> Newer | None:
    """On the release in use; None where the version is ranked on it, or nothing can be ranked."""
    other = release_in_use()
    if other is None or other == version.release_id:
        return None
    sha256 = KnowledgeRelease.objects.values_list("sha256", flat=True).get(pk=other)
    return _newer(_Asked(version.sha256, sha256, version, other))


@lru_cache(maxsize=256)
def _newer(asked: _Asked) -> Newer:
    now = standing_on(asked.version, knowledge_of(asked.release_id))
    moves = moves_between(stored_places(Frozen(asked.version)), now.places) if now.is_ranked else {}
    return Newer(now, moves)
