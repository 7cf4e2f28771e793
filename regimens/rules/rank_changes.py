"""What moved between two rankings: of one patient by another preference or other evidence, or on another release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count

from .assessment import Band, Case, band_of
from .evidence import BEST_SUPPORTIVE_CARE, Caution, CautionFinding, Regimen
from .knowledge import Knowledge
from .logic import Truth
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


@dataclass(frozen=True)
class Stand:
    """Where a regimen is shown to stand: like its Place, but one rank for all whose order is about equal.

    is_joint   whether it shares that rank with a neighbour
    """

    band: Band | None
    rank: int | None
    is_joint: bool = False


Ranks = tuple[int, int]  # the first and the last of a row of ranks that share a place


def stands(ranking: Ranking, joint: Iterable[Ranks]) -> dict[str, Stand]:
    """Where each regimen is shown to stand, by slug; `joint`: of neighbours whose order is about equal."""
    shared = {rank: first for first, last in joint for rank in range(first, last + 1)}
    return {
        slug: Stand(
            place.band, place.rank if place.rank is None else shared.get(place.rank, place.rank), place.rank in shared
        )
        for slug, place in places(ranking).items()
    }


def caution_changes(before: Iterable[CautionFinding], after: Iterable[CautionFinding]) -> CautionChanges:
    """What became of the cautions of one regimen.

    A caution is the same by its level, its text and what it is of, so that one of shared resistance with another
    regimen is another caution.
    """
    then, now = _by_identity(before), _by_identity(after)
    changed = [key for key in {**then, **now} if _truth(then, key) != _truth(now, key)]
    return CautionChanges(
        applies=tuple(now[key].caution for key in changed if _truth(now, key) is True),
        is_open=tuple(now[key].caution for key in changed if _truth(now, key) is None),
        gone=tuple(then[key].caution for key in changed if _truth(now, key) is False),
    )


@dataclass(frozen=True)
class CautionChanges:
    """Cautions that hold now and did not, that cannot be checked now and were decided, and that are listed no more."""

    applies: tuple[Caution, ...]
    is_open: tuple[Caution, ...]
    gone: tuple[Caution, ...]


def _by_identity(findings: Iterable[CautionFinding]) -> dict[tuple[str | None, ...], CautionFinding]:
    return {(f.caution.level, f.caution.text, f.caution.drug, f.caution.exposure_class): f for f in findings}


def _truth(findings: Mapping[tuple[str | None, ...], CautionFinding], key: tuple[str | None, ...]) -> Truth:
    return findings[key].truth if key in findings else False
