"""Puts assessments in order and says how sure the order is: utility, rank numbers, 2,048 draws and their shares.

Source: METHOD, sections 7, 8 (order within a band) and 9.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count, permutations, zip_longest
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from .assessment import RANKED_BANDS, Assessment, Band
from .evidence import OUTCOMES, Outcome
from .synthesis import Estimate, Synthesis
from .wording import N_

Numbers = NDArray[np.float64]
Bands = NDArray[np.int8]
Indices = NDArray[np.intp]

DRAWS = 2048
AT_A_TIME = 3_000  # utilities drawn at a time: their arrays stay in the processor's cache
COMPARED_UP_TO = 20  # so many options are placed sooner by comparing each two than by sorting
KEPT_DRAWS = 32 << 20  # bytes of fixed draws: those of 512 options
SEED = 20231127
EQUAL_UTILITY = 1e-9
ABOUT_EQUAL = 0.6
SURE = 0.9  # the probability from which the order of two options is sure
SEPARABLE: tuple[Outcome, ...] = ("orr", "pfs", "os")
UPPER_BANDS = (Band.RECOMMENDED, Band.SUPPORTED)
_BANDS: tuple[Band | None, ...] = (*Band, None)
_IS_RANKED = np.array([band is not None and band.is_ranked for band in _BANDS])
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

    @cached_property
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

    `best` and `top3` are None for limited options; `expected_rank` is the mean rank within the band, 1 the best;
    `ahead_of_next` is the share in which it beats its neighbour below, None for the last of a band.
    """

    first_in_band: float
    best: float | None
    top3: float | None
    expected_rank: float
    ahead_of_next: float | None

    @property
    def about_equal_to_next(self) -> bool:
        return self.ahead_of_next is not None and self.ahead_of_next < ABOUT_EQUAL


def terms(estimates: Mapping[Outcome, Estimate], preference: Preference) -> Terms:
    """The utility's terms at the reported estimates (METHOD, section 7)."""
    return Terms(
        os=preference.os * min(estimates["os"].value / OS_CEILING_MONTHS, 1),
        pfs=preference.pfs * min(estimates["pfs"].value / PFS_CEILING_MONTHS, 1),
        orr=preference.orr * min(estimates["orr"].value / ORR_CEILING, 1),
        tox=-preference.grade3 * estimates["grade3"].value,
    )


def terms_of(synthesis: Synthesis, preference: Preference) -> Terms:
    """The same of a synthesis, which keeps them for the next patient."""
    found: Terms | None = synthesis.kept.get(preference.name)
    if found is None:
        found = synthesis.kept[preference.name] = terms(synthesis.estimates, preference)
    return found


def value(assessment: Assessment, preference: Preference) -> Valued:
    return Valued(assessment, terms_of(assessment.synthesis, preference))


def arranged(bands: Bands, utilities: Numbers) -> tuple[Indices, Indices]:
    """The order of options and the rank of each, best first: one row for each way in which they may stand.

    `bands` are positions among the bands, a higher one for an option that waits for a test; the options of a row are
    sorted by slug. Bands in their order, within a band by utility; neighbours within 1e-9 are equal, and so is a chain
    of them: they go by slug. A rank of 0 means none.
    """
    order = np.lexsort((-utilities, bands))
    band, utility = np.take_along_axis(bands, order, -1), np.take_along_axis(utilities, order, -1)
    is_next = (band[..., 1:] > band[..., :-1]) | (utility[..., :-1] - utility[..., 1:] > EQUAL_UTILITY)
    if not is_next.all():
        run = np.zeros_like(order)
        np.cumsum(is_next, axis=-1, out=run[..., 1:])
        order = np.take_along_axis(order, np.lexsort((order, run)), -1)
    is_ranked = _IS_RANKED[band]
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.where(is_ranked, is_ranked.cumsum(-1), 0), -1)
    return order, ranks


def in_order(options: Iterable[Valued]) -> tuple[Placed, ...]:
    """Every option that has a band, best first: bands in their order, within a band by utility, equal ones by slug."""
    by_slug = {option.slug: option for option in options}
    rank = count(1)
    return tuple(
        [
            Placed(option.assessment, option.terms, band, next(rank) if band.is_ranked else None)
            for band, members in by_band(option.standing for option in by_slug.values()).items()
            for option in (by_slug[standing.slug] for standing in members)
        ]
    )


def by_band(standings: Iterable[Standing]) -> dict[Band, list[Standing]]:
    """The options of each band, best first; without those that wait for a test."""
    found: dict[Band, list[Standing]] = {band: [] for band in Band}
    placed = sorted((standing for standing in standings if standing.band is not None), key=attrgetter("slug"))
    bands = np.array([_BANDS.index(standing.band) for standing in placed], dtype=np.int8)
    order, _ = arranged(bands, np.array([standing.utility for standing in placed], dtype=np.float64))
    for standing in (placed[position] for position in order.tolist()):
        assert standing.band is not None
        found[standing.band].append(standing)
    return found


def shares(placed: Sequence[Placed], preference: Preference) -> dict[str, Shares]:
    """How sure the order of the ranked options is, by slug: shares of 2,048 fixed draws (METHOD, section 9)."""
    return shares_of([(p.slug, p.band, p.assessment.synthesis) for p in placed if p.rank is not None], preference)


def shares_of(ranked: Sequence[tuple[str, Band, Synthesis]], preference: Preference) -> dict[str, Shares]:
    """The same of slug, band and synthesis of each ranked option, in the order of the ranking."""
    if not ranked:
        return {}
    by_slug = sorted(range(len(ranked)), key=lambda place: ranked[place][0])
    losses = _drawn_losses([ranked[place][2] for place in by_slug], preference)
    row = np.argsort(by_slug).tolist()
    upper = [row[place] for place, (_, band, _) in enumerate(ranked) if band in UPPER_BANDS]
    of_upper = _times_placed(losses, upper)
    found = {}
    for band in RANKED_BANDS:
        members = [place for place, each in enumerate(ranked) if each[1] is band]
        of_band = _times_placed(losses, [row[place] for place in members])
        for place, below in zip_longest(members, members[1:]):
            within, among_upper = of_band[row[place]], of_upper.get(row[place])
            found[ranked[place][0]] = Shares(
                first_in_band=within.first / DRAWS,
                best=among_upper.first / DRAWS if among_upper else None,
                top3=among_upper.among_three / DRAWS if among_upper else None,
                expected_rank=within.ranks / DRAWS,
                ahead_of_next=None if below is None else _times_ahead(losses, row[place], row[below]) / DRAWS,
            )
    return found


class _Placed(NamedTuple):
    """In how many draws an option is first and among the first three of some; the sum of its ranks over the draws."""

    first: int
    among_three: int
    ranks: int


def _times_placed(losses: Numbers, rows: Iterable[int]) -> dict[int, _Placed]:
    """How some options, by their rows, are placed among each other."""
    among = sorted(rows)
    ahead = _numbers_ahead(losses[among])
    first = np.count_nonzero(ahead == 0, axis=1).tolist()
    among_three = np.count_nonzero(ahead < 3, axis=1).tolist()
    ranks = (ahead.sum(axis=1, dtype=np.int64) + DRAWS).tolist()
    return {
        row: _Placed(*placed) for row, placed in zip(among, zip(first, among_three, ranks, strict=True), strict=True)
    }


def _numbers_ahead(losses: Numbers) -> NDArray[np.int16] | Indices:
    """How many options (rows, by slug) are ahead of each in each draw: of equal losses the earlier slug is."""
    many = len(losses)
    if many > COMPARED_UP_TO:
        by_draw = np.ascontiguousarray(losses.T)
        order = np.argsort(by_draw, axis=1)
        placed = np.take_along_axis(by_draw, order, axis=1)
        if (placed[:, 1:] == placed[:, :-1]).any():
            order = np.argsort(by_draw, axis=1, kind="stable")
        np.put_along_axis(ranks := np.empty_like(order), order, np.arange(many)[np.newaxis], axis=1)
        return ranks.T
    ahead = np.zeros(losses.shape, dtype=np.int16)
    for row in range(many - 1):
        is_ahead = losses[row] <= losses[row + 1 :]
        ahead[row + 1 :] += is_ahead
        ahead[row] += len(is_ahead) - is_ahead.sum(axis=0, dtype=np.int16)
    return ahead


def _times_ahead(losses: Numbers, one: int, other: int) -> int:
    """In how many draws the option of a row is ahead of that of another: of equal losses the earlier slug is."""
    is_ahead = losses[one] <= losses[other] if one < other else losses[one] < losses[other]
    return int(np.count_nonzero(is_ahead))


def ahead(
    ranked: Mapping[str, Synthesis], preference: Preference, slugs: Collection[str]
) -> dict[tuple[str, str], float]:
    """For each two of the options `slugs`, in what share of the draws the first has the higher utility.

    `ranked` is the synthesis of every option that carries a rank, by slug: the draws are those of the shares. An option
    that is not among them was not drawn, and is in no pair.
    """
    order = sorted(ranked)
    if not order:
        return {}
    losses = dict(zip(order, _drawn_losses([ranked[slug] for slug in order], preference), strict=True))
    drawn = [slug for slug in slugs if slug in losses]
    return {
        (one, other): int(np.count_nonzero(losses[one] < losses[other])) / DRAWS
        for one, other in permutations(drawn, 2)
    }


def separates(placed: Sequence[Placed]) -> dict[Outcome, tuple[int, int]]:
    """For response, PFS and OS how many pairs of recommended and supported options are surely in order, of how many."""
    return separates_of([option.assessment.synthesis for option in placed if option.band in UPPER_BANDS])


def separates_of(upper: Sequence[Synthesis]) -> dict[Outcome, tuple[int, int]]:
    """The same of the options of the upper two bands.

    Only options with a study of the outcome, or of response, are compared (METHOD, section 9).
    """
    told = np.array([synthesis.told for synthesis in upper], dtype=bool).reshape(-1, len(SEPARABLE))
    mean, variance = np.array([s.means_and_variances for s in upper]).reshape(-1, 2, len(SEPARABLE)).transpose(1, 0, 2)
    one, other = np.triu_indices(len(upper), 1)
    is_pair = told[one] & told[other]
    certainty = special.ndtr(np.abs(mean[one] - mean[other]) / np.sqrt(variance[one] + variance[other]))
    sure = np.count_nonzero(is_pair & (certainty >= SURE), axis=0).tolist()
    pairs = np.count_nonzero(is_pair, axis=0).tolist()
    return dict(zip(SEPARABLE, zip(sure, pairs, strict=True), strict=True))


def _drawn_losses(ranked: Sequence[Synthesis], preference: Preference) -> Numbers:
    """Utilities with the opposite sign, so that the smallest is the best: shape (options, draws), options by slug."""
    options = len(ranked)
    normals = _standard_normals(DRAWS * options)
    # What each number is multiplied with stands beside it: one pass over numbers in a row, no loop for each draw.
    together = min(max(AT_A_TIME // options, 1), DRAWS)
    tiled = np.tile(np.array([synthesis.moments for synthesis in ranked]).transpose(1, 2, 0), together)
    losses, room = np.empty(DRAWS * options), np.empty((2, together * options))
    for start in range(0, DRAWS * options, together * options):
        z = normals[:, start : start + together * options]
        total = losses[start : start + together * options]
        orr, pfs, os, grade3 = tiled[:, :, : len(total)]
        drawn, own = room[:, : len(total)]
        _rates(grade3[0], grade3[2], z[3], preference.grade3, out=total)
        _rates(orr[0], orr[1], z[0], preference.orr / ORR_CEILING, out=drawn)
        total -= np.minimum(drawn, preference.orr, out=drawn)
        for (mean, of_response, of_own), normal, weight, ceiling in (
            (pfs, z[1], preference.pfs, PFS_CEILING_MONTHS),
            (os, z[2], preference.os, OS_CEILING_MONTHS),
        ):
            np.multiply(of_response, z[0], out=drawn)
            drawn += np.multiply(of_own, normal, out=own)
            drawn += mean
            np.exp(drawn, out=drawn)
            drawn *= weight / ceiling
            total -= np.minimum(drawn, weight, out=drawn)
    return np.ascontiguousarray(losses.reshape(DRAWS, options).T)


def _rates(mean: Numbers, sd: Numbers, normal: Numbers, weight: float, out: Numbers) -> None:
    """weight·expit(mean + sd·z); SciPy's expit costs several times NumPy's exponential."""
    np.multiply(sd, normal, out=out)
    out += mean
    np.exp(np.negative(out, out=out), out=out)
    out += 1
    np.divide(weight, out, out=out)


_drawn: list[Numbers] = []


def _standard_normals(many: int) -> Numbers:
    """The first numbers z₁ to z₄ of METHOD section 9, shape (4, many): draw after draw, in it option after option.

    The draws for fewer options are the beginning of those for more: one array serves any number, and is kept while it
    takes no more than `KEPT_DRAWS` bytes.
    """
    kept = _drawn[-1] if _drawn else np.empty((len(OUTCOMES), 0))
    if kept.shape[1] < many:
        generator = np.random.Generator(np.random.PCG64(SEED))
        kept = np.ascontiguousarray(generator.standard_normal((many, len(OUTCOMES))).T)
        kept.flags.writeable = False
        if kept.nbytes <= KEPT_DRAWS:
            _drawn[:] = [kept]
    return kept[:, :many]
