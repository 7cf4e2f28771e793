"""The rules service: `rank(patient, knowledge)` gives the ranking; `record` is how it travels.

A pure function: the same patient and release give the same ranking, bit for bit. Source: METHOD, sections 8 to 12.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain, islice
from types import MappingProxyType
from typing import NamedTuple

from .assessment import Assessment, Band, Case, IndicationFinding, LicenceFinding
from .evidence import BEST_SUPPORTIVE_CARE, CautionFinding, Outcome, Regimen
from .knowledge import Knowledge, ReleaseIdentity
from .missing_tests import MissingTest, missing_tests, open_questions, standings
from .ordering import (
    DEFAULT_PREFERENCE,
    PREFERENCES,
    UPPER_BANDS,
    Indices,
    Preference,
    Shares,
    Terms,
    separates_of,
    shares_of,
    terms_of,
)
from .patient import Patient, Scope, scope
from .synthesis import Synthesis
from .tables import BANDS, NO_BAND, Asked, Decided, Tables
from .wording import N_, Sentence, say

NEC_ONLY = "nec-only"  # what the JSON says of a ranking without borrowed evidence
CELLS_AT_A_TIME = 20_000  # patients by regimens that are placed together: arrays of some megabytes
FRAIL = 3  # from this performance status on, best supportive care comes before every other option


class Option(NamedTuple):
    """A regimen at its place in the ranking, with everything that explains it.

    terms, synthesis   None for best supportive care, which is listed and never compared by figures
    shares      None where no draws were made or the option carries no rank
    assessed    makes the assessment, which is made where somebody asks; None for best supportive care
    """

    regimen: Regimen
    band: Band
    rank: int | None
    terms: Terms | None
    synthesis: Synthesis | None
    shares: Shares | None
    assessed: Callable[[], Assessment] | None

    @property
    def reason(self) -> Sentence:
        """What put it into its band."""
        return self.assessed().reason if self.assessed else say(N_("always an option, alone or beside treatment"))

    @property
    def decided_by(self) -> str:
        """The same in English, as JSON has it."""
        return self.reason.worded()

    @property
    def level(self) -> str:
        return self.assessed().level if self.assessed else "D"

    @property
    def utility(self) -> float | None:
        return self.terms.utility if self.terms else None

    @property
    def about_equal_to_next(self) -> bool:
        return bool(self.shares and self.shares.about_equal_to_next)

    @property
    def licence(self) -> LicenceFinding | None:
        """None for best supportive care."""
        return self.assessed().licence if self.assessed else None

    @property
    def cautions(self) -> tuple[CautionFinding, ...]:
        return self.assessed().cautions if self.assessed else ()

    @property
    def indications(self) -> tuple[IndicationFinding, ...]:
        return self.assessed().indications if self.assessed else ()


class NeedsTest(NamedTuple):
    """A regimen that cannot be placed before the features named are known."""

    regimen: Regimen
    features: tuple[str, ...]
    assessed: Callable[[], Assessment]

    @property
    def assessment(self) -> Assessment:
        return self.assessed()


@dataclass(frozen=True)
class Ranking:
    """The answer for one patient on one release.

    separates      for response, PFS and OS how many pairs of options are surely in order, of how many
    demonstrated   for each outcome whether it was shown to tell regimens apart
    is_nec_only    whether it was made without borrowed evidence, which is not the ranking of METHOD
    placement      what the options are made of; None for a patient out of scope
    """

    release: ReleaseIdentity
    patient: Patient
    preference: Preference
    scope: Scope
    placement: Placement | None = field(repr=False)
    tests: tuple[MissingTest, ...]
    separates: Mapping[Outcome, tuple[int, int]]
    demonstrated: Mapping[Outcome, bool]
    is_nec_only: bool = False

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """In order, made when they are asked for; empty when the patient is out of scope."""
        return tuple(_with_supportive_care(self.placement)) if self.placement else ()

    @cached_property
    def needs_test(self) -> tuple[NeedsTest, ...]:
        """The regimens that wait for a test, by slug."""
        return tuple(_needs_test(self.placement)) if self.placement else ()

    @property
    def first(self) -> Option | None:
        """The option ranked first; None where nothing is ranked."""
        return next((option for option in self.options if option.rank == 1), None)


@dataclass(frozen=True, eq=False)
class Placement:
    """Where the regimens stand for a patient, by their positions: the best first, and the rank of each (0: none)."""

    asked: Asked
    decided: Sequence[Decided]
    order: Indices
    ranks: Indices
    preference: Preference
    shares: Mapping[str, Shares]

    @classmethod
    def of(
        cls,
        asked: Asked,
        decided: Sequence[Decided],
        order: Indices,
        ranks: Indices,
        preference: Preference,
        draws: bool,
    ) -> Placement:
        shares: Mapping[str, Shares] = {}
        if draws:
            ranked = [(position, *decided[position]) for position in order[ranks[order] > 0].tolist()]
            slugs = asked.tables.slugs
            shares = shares_of([(slugs[at], BANDS[band], synthesis) for at, band, synthesis in ranked], preference)
        return cls(asked, decided, order, ranks, preference, shares)


def rank(
    patient: Patient,
    knowledge: Knowledge,
    preference: str = DEFAULT_PREFERENCE,
    *,
    draws: bool = True,
    tests: bool = True,
) -> Ranking:
    """Rank the later-line regimens of a release for a patient.

    `preference` is one of PREFERENCES; without `draws` the shares are left out, without `tests` the missing tests,
    everything else is the same. Raises KnowledgeError for a release of another edition of the method.
    """
    return next(rank_many((patient,), knowledge, preference, draws=draws, tests=tests))


def rank_many(
    patients: Iterable[Patient],
    knowledge: Knowledge,
    preference: str = DEFAULT_PREFERENCE,
    *,
    draws: bool = True,
    tests: bool = True,
) -> Iterator[Ranking]:
    """The rankings of many patients, each as `rank` gives it, in their order.

    Patients are taken and ranked so many at a time (`CELLS_AT_A_TIME`), placed together as the rows of arrays; no more
    of them is held. Raises as `rank` does, before the first patient is taken.
    """
    knowledge.check_edition()
    weights = PREFERENCES[preference]
    at_a_time = max(CELLS_AT_A_TIME // max(len(knowledge.ranked_regimens), 1), 1)
    return chain.from_iterable(
        _ranked(some, knowledge, weights, draws=draws, tests=tests) for some in _some_at_a_time(patients, at_a_time)
    )


def _some_at_a_time(patients: Iterable[Patient], many: int) -> Iterator[list[Patient]]:
    following = iter(patients)
    while some := list(islice(following, many)):
        yield some


def _ranked(
    patients: Sequence[Patient], knowledge: Knowledge, preference: Preference, *, draws: bool, tests: bool
) -> Iterator[Ranking]:
    tables = Tables.of(knowledge)
    scopes = [scope(patient) for patient in patients]
    asked = [
        Asked(Case.of(patient, knowledge), tables)
        for patient, judged in zip(patients, scopes, strict=True)
        if judged.in_scope
    ]
    decided = [tables.standings(each) for each in asked]
    questions = [open_questions(each) if tests else [] for each in asked]
    found = standings(decided, questions, preference) if asked else None
    ranked = zip(asked, decided, found.rows, missing_tests(asked, questions, found), strict=True) if found else iter(())
    for patient, judged in zip(patients, scopes, strict=True):
        placement: Placement | None = None
        missing: tuple[MissingTest, ...] = ()
        upper: list[Synthesis] = []
        if judged.in_scope and found:
            each, stands, (row, _), missing = next(ranked)
            placement = Placement.of(each, stands, found.order[row], found.ranks[row], preference, draws)
            upper = [synthesis for band, synthesis in stands if BANDS[band] in UPPER_BANDS]
        yield Ranking(
            release=knowledge.release,
            patient=patient,
            preference=preference,
            scope=judged,
            placement=placement,
            tests=missing,
            separates=MappingProxyType(separates_of(upper)),
            demonstrated=knowledge.demonstrated,
            is_nec_only=knowledge.is_nec_only,
        )


def is_frail(patient: Patient) -> bool:
    """Whether best supportive care comes before every other option."""
    ecog = patient.values.get("ecog")
    return isinstance(ecog, int) and ecog >= FRAIL


def _options(placement: Placement) -> list[Option]:
    """Every regimen that has a band, best first."""
    asked, ranks, shares = placement.asked, placement.ranks.tolist(), placement.shares
    regimens, slugs = asked.tables.regimens, asked.tables.slugs
    placed = ((position, *placement.decided[position]) for position in placement.order.tolist())
    return [
        Option(
            regimens[position],
            BANDS[band],
            ranks[position] or None,
            terms_of(synthesis, placement.preference),
            synthesis,
            shares.get(slugs[position]),
            partial(asked.assessment, position),
        )
        for position, band, synthesis in placed
        if band != NO_BAND
    ]


def _with_supportive_care(placement: Placement) -> list[Option]:
    """Best supportive care is always an option: last of the recommended, or first of all in a frail patient.

    It has no figures, and nothing is said of it but that.
    """
    options, case = _options(placement), placement.asked.case
    regimen = case.knowledge.regimens.get(BEST_SUPPORTIVE_CARE)
    if regimen is None:
        return options
    care = Option(regimen, Band.RECOMMENDED, None, None, None, None, None)
    place = 0 if is_frail(case.patient) else sum(option.band is Band.RECOMMENDED for option in options)
    return [*options[:place], care, *options[place:]]


def _needs_test(placement: Placement) -> Iterator[NeedsTest]:
    asked = placement.asked
    for position, (band, _) in enumerate(placement.decided):
        if band == NO_BAND:
            regimen = asked.tables.regimens[position]
            unknown = tuple([name for name in regimen.required_features if not asked.case.patient.knows(name)])
            yield NeedsTest(regimen, unknown, partial(asked.assessment, position))
