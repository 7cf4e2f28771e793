"""What moved between two rankings: of one patient by another preference or other evidence, or on another release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count

from .assessment import Band, Case, band_of
from .evidence import BEST_SUPPORTIVE_CARE, Regimen
from .knowledge import Knowledge
from .ordering import DEFAULT_PREFERENCE, PREFERENCES, Standing, by_band, terms
from .patient import Patient, in_scope
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
    return moves_between(places(before), places(after))


def moves_between(then: Mapping[str, Place], now: Mapping[str, Place]) -> Mapping[str, Move]:
    """The regimens that stand elsewhere, by slug."""
    return {
        slug: Move(then.get(slug), now.get(slug))
        for slug in sorted(then.keys() | now.keys())
        if then.get(slug) != now.get(slug)
    }


def places(ranking: Ranking) -> dict[str, Place]:
    """Where each regimen stands, by slug."""
    waiting = {waits.regimen.slug: Place(None, None) for waits in ranking.needs_test}
    return waiting | {option.regimen.slug: Place(option.band, option.rank) for option in ranking.options}


def standings(
    patient: Patient, knowledge: Knowledge, regimens: Iterable[Regimen], preference: str = DEFAULT_PREFERENCE
) -> dict[str, Standing]:
    """Band and utility of regimens for a patient, by slug; nothing for a patient out of scope."""
    if not in_scope(patient):
        return {}
    weights = PREFERENCES[preference]
    found, case = {}, Case.of(patient, knowledge)
    for regimen in regimens:
        synthesis = case.synthesis(regimen)
        band, _ = band_of(regimen, case, synthesis)
        found[regimen.slug] = Standing(regimen.slug, band, terms(synthesis.estimates, weights).utility)
    return found


def placed(standings: Mapping[str, Standing], knowledge: Knowledge) -> dict[str, Place]:
    """The places that `rank` gives, of the standings of all ranked regimens: all else of a ranking is left out."""
    found: dict[str, Place] = {}
    if not standings:
        return found
    rank = count(1)
    for band, members in by_band(standings.values()).items():
        found |= {one.slug: Place(band, next(rank) if band.is_ranked else None) for one in members}
    found |= {slug: Place(None, None) for slug, one in standings.items() if one.band is None}
    if BEST_SUPPORTIVE_CARE in knowledge.regimens:
        found[BEST_SUPPORTIVE_CARE] = Place(Band.RECOMMENDED, None)
    return found
