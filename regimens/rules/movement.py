"""What moved between two rankings: of one patient by another preference or other evidence, or on another release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .assessment import Band
from .ranking import Ranking


@dataclass(frozen=True)
class Place:
    """Where a regimen stands in a ranking: `band` is None while it waits for a test, `rank` where it is not ranked."""

    band: Band | None
    rank: int | None


@dataclass(frozen=True)
class Move:
    """Where a regimen stood and where it stands; None where a ranking does not have it."""

    before: Place | None
    after: Place | None


def moves(before: Ranking, after: Ranking) -> Mapping[str, Move]:
    """The regimens whose band or rank differs, by slug."""
    then, now = places(before), places(after)
    return {
        slug: Move(then.get(slug), now.get(slug))
        for slug in sorted(then.keys() | now.keys())
        if then.get(slug) != now.get(slug)
    }


def places(ranking: Ranking) -> dict[str, Place]:
    """Where each regimen stands, by slug."""
    waiting = {waits.regimen.slug: Place(None, None) for waits in ranking.needs_test}
    return waiting | {option.regimen.slug: Place(option.band, option.rank) for option in ranking.options}
