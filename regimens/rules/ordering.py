"""Puts assessments in order and says how sure the order is: utility, rank numbers, 2,048 draws and their shares.

Source: METHOD, sections 7, 8 (order within a band) and 9.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, permutations, zip_longest
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from scipy import special

from .assessment import RANKED_BANDS, Assessment, Band
from .evidence import OUTCOMES, Outcome
from .synthesis import Estimate, Synthesis
from .wording import N_

DRAWS = 2048
BLOCK = 128  # draws made at a time: their arrays stay in the processor's cache and ask for no new pages of memory
SEED = 20231127
EQUAL_UTILITY = 1e-9
ABOUT_EQUAL = 0.6
OS_CEILING_MONTHS, PFS_CEILING_MONTHS, ORR_CEILING = 18, 9, 0.6


@dataclass(frozen=True)
class Preference:
    """What matters more to the patient: the weight of each outcome in the utility. The label is a message."""

    name: str
    label: str
    os: float
    pfs: float
    orr: float
    grade3: float


PREFERENCES: Mapping[str, Preference] = MappingProxyType(
    {
        preference.name: preference
        for preference in (
            Preference("balanced", N_("Balanced"), 0.40, 0.25, 0.20, 0.15),
            Preference("survival", N_("Survival"), 0.55, 0.20, 0.10, 0.15),
            Preference("response", N_("Response"), 0.25, 0.20, 0.45, 0.10),
            Preference("tolerability", N_("Tolerability"), 0.25, 0.15, 0.15, 0.45),
        )
    }
)
DEFAULT_PREFERENCE = "balanced"


@dataclass(frozen=True)
class Terms:
    """The four terms of the utility, which add up to it; toxicity counts against."""

    os: float
    pfs: float
    orr: float
    tox: float

    @property
    def utility(self) -> float:
        return self.os + self.pfs + self.orr + self.tox


class Standing(NamedTuple):
    """All that decides where an option is placed."""

    slug: str
    band: Band | None
    utility: float


@dataclass(frozen=True)
class Valued:
    """An assessment with its utility under a preference."""

    assessment: Assessment
    terms: Terms

    @property
    def utility(self) -> float:
        return self.terms.utility

    @property
    def slug(self) -> str:
        return self.assessment.regimen.slug

    @property
    def standing(self) -> Standing:
        return Standing(self.slug, self.assessment.band, self.utility)


@dataclass(frozen=True)
class Placed(Valued):
    """An option at its place: `rank` runs through the ranked bands, None elsewhere."""

    band: Band
    rank: int | None


@dataclass(frozen=True)
class Shares:
    """In how many of the draws an option is first of its band, first or among the first three of the upper two bands.

    `best` and `top3` are None for limited options; `ahead_of_next` is the share in which it beats its neighbour below,
    None for the last of a band.
    """

    first_in_band: float
    best: float | None
    top3: float | None
    ahead_of_next: float | None

    @property
    def about_equal_to_next(self) -> bool:
        return self.ahead_of_next is not None and self.ahead_of_next < ABOUT_EQUAL


def terms(estimates: Mapping[Outcome, Estimate], preference: Preference) -> Terms:
    """The utility's terms at the pooled medians (METHOD, section 7)."""
    return Terms(
        os=preference.os * min(estimates["os"].median / OS_CEILING_MONTHS, 1),
        pfs=preference.pfs * min(estimates["pfs"].median / PFS_CEILING_MONTHS, 1),
        orr=preference.orr * min(estimates["orr"].median / ORR_CEILING, 1),
        tox=-preference.grade3 * estimates["grade3"].median,
    )


def value(assessment: Assessment, preference: Preference) -> Valued:
    return Valued(assessment, terms(assessment.synthesis.estimates, preference))


def in_order(options: Iterable[Valued]) -> tuple[Placed, ...]:
    """Every option that has a band, best first: bands in their order, within a band by utility, equal ones by slug."""
    by_slug = {option.slug: option for option in options}
    placed: list[Placed] = []
    rank = count(1)
    for band, members in by_band(option.standing for option in by_slug.values()).items():
        ranked = band.is_ranked
        for standing in members:
            option = by_slug[standing.slug]
            placed.append(Placed(option.assessment, option.terms, band, next(rank) if ranked else None))
    return tuple(placed)


def by_band(standings: Iterable[Standing]) -> dict[Band, list[Standing]]:
    """The options of each band, best first; without those that wait for a test."""
    found: dict[Band, list[Standing]] = {band: [] for band in Band}
    for standing in standings:
        if standing.band is not None:
            found[standing.band].append(standing)
    return {band: by_utility(members) for band, members in found.items()}


def by_utility(standings: Iterable[Standing]) -> list[Standing]:
    """Higher utility first; a run of utilities that are equal to 1e-9 goes by slug."""
    runs: list[list[Standing]] = []
    for standing in sorted(standings, key=lambda standing: (-standing.utility, standing.slug)):
        if runs and runs[-1][0].utility - standing.utility <= EQUAL_UTILITY:
            runs[-1].append(standing)
        else:
            runs.append([standing])
    return [standing for run in runs for standing in sorted(run)]


def shares(placed: Sequence[Placed], preference: Preference) -> dict[str, Shares]:
    """How sure the order of the ranked options is, by slug: shares of 2,048 fixed draws (METHOD, section 9)."""
    ranked = sorted((option for option in placed if option.rank is not None), key=lambda option: option.slug)
    if not ranked:
        return {}
    utilities = _drawn({option.slug: option.assessment.synthesis for option in ranked}, preference)
    upper = [option.slug for option in ranked if option.band in (Band.RECOMMENDED, Band.SUPPORTED)]
    best, top3 = _leads(upper, utilities, 1), _leads(upper, utilities, 3)
    found = {}
    for band in RANKED_BANDS:
        members = [option.slug for option in placed if option.band is band]
        first = _leads(sorted(members), utilities, 1)
        for slug, below in zip_longest(members, members[1:]):
            found[slug] = Shares(
                first_in_band=first[slug],
                best=best.get(slug),
                top3=top3.get(slug),
                ahead_of_next=None if below is None else _ahead(utilities[slug], utilities[below]),
            )
    return found


def ahead(
    ranked: Mapping[str, Synthesis], preference: Preference, slugs: Collection[str]
) -> dict[tuple[str, str], float]:
    """For each two of the options `slugs`, in what share of the draws the first has the higher utility.

    `ranked` is the synthesis of every option that carries a rank, by slug: the draws are those of the shares. An option
    that is not among them was not drawn, and is in no pair.
    """
    utilities = _drawn(ranked, preference)
    drawn = [slug for slug in slugs if slug in utilities]
    return {(one, other): _ahead(utilities[one], utilities[other]) for one, other in permutations(drawn, 2)}


def _drawn(ranked: Mapping[str, Synthesis], preference: Preference) -> dict[str, np.ndarray]:
    """The drawn utilities of every ranked option, by slug."""
    slugs = sorted(ranked)
    if not slugs:
        return {}
    return dict(zip(slugs, _drawn_utilities([ranked[slug] for slug in slugs], preference), strict=True))


def _drawn_utilities(ranked: Sequence[Synthesis], preference: Preference) -> np.ndarray:
    """Utilities, shape (options, draws); options by slug, outcomes in the order orr, pfs, os, grade3."""
    mean, sd = _moments(ranked)
    utilities = np.empty((len(ranked), DRAWS))
    for block, normals in enumerate(_standard_normals(len(ranked))):
        drawn = normals * sd
        drawn += mean
        utilities[:, block * BLOCK : (block + 1) * BLOCK] = _utilities(drawn, preference)
    return utilities


@lru_cache(maxsize=16)
def _standard_normals(options: int) -> tuple[np.ndarray, ...]:
    """The fixed draws for so many options, in blocks of shape (outcomes, options, draws).

    Draws come last, so that what is done with them runs over contiguous numbers.
    """
    generator = np.random.Generator(np.random.PCG64(SEED))
    blocks = []
    for _ in range(0, DRAWS, BLOCK):
        block = np.ascontiguousarray(generator.standard_normal((BLOCK, options, len(OUTCOMES))).T)
        block.flags.writeable = False
        blocks.append(block)
    return tuple(blocks)


def _utilities(drawn: np.ndarray, preference: Preference) -> np.ndarray:
    """From outcomes on the scale on which they are drawn, shape (outcomes, options, draws)."""
    orr, grade3 = special.expit(drawn[0]), special.expit(drawn[3])
    pfs, os = np.exp(drawn[1]), np.exp(drawn[2])
    utilities: np.ndarray = (
        preference.os * np.minimum(os / OS_CEILING_MONTHS, 1)
        + preference.pfs * np.minimum(pfs / PFS_CEILING_MONTHS, 1)
        + preference.orr * np.minimum(orr / ORR_CEILING, 1)
        - preference.grade3 * grade3
    )
    return utilities


def _moments(ranked: Sequence[Synthesis]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each outcome on the scale on which it is drawn, each (outcomes, options, 1)."""
    moments = np.array([synthesis.moments for synthesis in ranked]).T[..., np.newaxis]
    return moments[0], moments[1]


def _leads(slugs: Sequence[str], utilities: Mapping[str, np.ndarray], places: int) -> dict[str, float]:
    """For each option, the share of draws in which it is among the first `places` of these options.

    Of equal utilities the first of `slugs` leads.
    """
    if not slugs:
        return {}
    drawn = np.stack([utilities[slug] for slug in slugs])
    counts = np.zeros(len(slugs), dtype=int)
    for _ in range(min(places, len(slugs))):
        leader = drawn.argmax(axis=0)
        counts += np.bincount(leader, minlength=len(slugs))
        drawn[leader, np.arange(DRAWS)] = -np.inf
    return {slug: float(times / DRAWS) for slug, times in zip(slugs, counts, strict=True)}


def _ahead(utilities: np.ndarray, below: np.ndarray) -> float:
    return int(np.count_nonzero(utilities > below)) / DRAWS
