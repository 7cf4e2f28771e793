"""The rules service: `rank(patient, knowledge)` gives the ranking; `record` is how it travels.

A pure function: the same patient and release give the same ranking, bit for bit. Source: METHOD, sections 8 to 12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .assessment import Assessment, Band, IndicationFinding, assess
from .evidence import BEST_SUPPORTIVE_CARE, CautionFinding, Regimen
from .knowledge import Knowledge, ReleaseIdentity
from .missing_tests import MissingTest, missing_tests
from .ordering import DEFAULT_PREFERENCE, PREFERENCES, Placed, Preference, Shares, Terms, in_order, shares, value
from .patient import Patient, Scope, scope
from .synthesis import Synthesis
from .wording import N_, Sentence, say

NEC_ONLY = "nec-only"  # what the JSON says of a ranking without borrowed evidence
FRAIL = 3  # from this performance status on, best supportive care comes before every other option


@dataclass(frozen=True)
class Option:
    """A regimen at its place in the ranking, with everything that explains it.

    utility, terms, synthesis   None for best supportive care, which is listed and never compared by figures
    shares                      None where no draws were made or the option carries no rank
    """

    regimen: Regimen
    band: Band
    rank: int | None
    reason: Sentence
    level: str
    terms: Terms | None
    synthesis: Synthesis | None
    shares: Shares | None
    cautions: tuple[CautionFinding, ...]
    indications: tuple[IndicationFinding, ...]

    @property
    def decided_by(self) -> str:
        """What put it into its band, in English, as JSON has it."""
        return self.reason.worded()

    @property
    def utility(self) -> float | None:
        return self.terms.utility if self.terms else None


@dataclass(frozen=True)
class NeedsTest:
    """A regimen that cannot be placed before the features named are known."""

    regimen: Regimen
    features: tuple[str, ...]
    assessment: Assessment


@dataclass(frozen=True)
class Ranking:
    """The answer for one patient on one release; `options` are in order and empty when the patient is out of scope.

    is_nec_only   whether it was made without borrowed evidence, which is not the ranking of METHOD
    """

    release: ReleaseIdentity
    patient: Patient
    preference: Preference
    scope: Scope
    options: tuple[Option, ...]
    needs_test: tuple[NeedsTest, ...]
    tests: tuple[MissingTest, ...]
    is_nec_only: bool = False

    @property
    def first(self) -> Option | None:
        """The option ranked first; None where nothing is ranked."""
        return next((option for option in self.options if option.rank == 1), None)


def rank(
    patient: Patient, knowledge: Knowledge, preference: str = DEFAULT_PREFERENCE, *, draws: bool = True
) -> Ranking:
    """Rank the later-line regimens of a release for a patient.

    `preference` is one of PREFERENCES; without `draws` the shares are left out, everything else is the same.
    """
    weights = PREFERENCES[preference]
    judged = scope(patient)
    empty = Ranking(knowledge.release, patient, weights, judged, (), (), (), knowledge.is_nec_only)
    if not judged.in_scope:
        return empty
    valued = {
        regimen.slug: value(assess(regimen, patient, knowledge), weights) for regimen in knowledge.ranked_regimens
    }
    placed = in_order(valued.values())
    drawn = shares(placed, weights) if draws else {}
    options = [_option(place, drawn.get(place.slug)) for place in placed]
    return replace(
        empty,
        options=tuple(_with_supportive_care(options, patient, knowledge)),
        needs_test=tuple(_needs_test([option.assessment for option in valued.values()], patient)),
        tests=missing_tests(patient, knowledge, weights, valued),
    )


def _option(place: Placed, found: Shares | None) -> Option:
    assessment = place.assessment
    return Option(
        regimen=assessment.regimen,
        band=place.band,
        rank=place.rank,
        reason=assessment.reason,
        level=assessment.level,
        terms=place.terms,
        synthesis=assessment.synthesis,
        shares=found,
        cautions=assessment.cautions,
        indications=assessment.indications,
    )


def _with_supportive_care(options: list[Option], patient: Patient, knowledge: Knowledge) -> list[Option]:
    """Best supportive care is always an option: last of the recommended, or first of all in a frail patient."""
    regimen = knowledge.regimens.get(BEST_SUPPORTIVE_CARE)
    if regimen is None:
        return options
    assessment = assess(regimen, patient, knowledge)
    care = Option(
        regimen,
        Band.RECOMMENDED,
        None,
        say(N_("always an option, alone or beside treatment")),
        assessment.level,
        None,
        None,
        None,
        assessment.cautions,
        assessment.indications,
    )
    ecog = patient.values.get("ecog")
    frail = isinstance(ecog, int) and ecog >= FRAIL
    place = 0 if frail else sum(option.band is Band.RECOMMENDED for option in options)
    return [*options[:place], care, *options[place:]]


def _needs_test(assessments: Sequence[Assessment], patient: Patient) -> Sequence[NeedsTest]:
    waiting = sorted((a for a in assessments if a.band is None), key=lambda a: a.regimen.slug)
    return [
        NeedsTest(a.regimen, tuple([name for name in a.regimen.required_features if not patient.knows(name)]), a)
        for a in waiting
    ]
