"""The rules service: `rank(patient, knowledge)` gives the ranking, and `as_json` the bytes in which it travels.

A pure function: the same patient and release give the same ranking, bit for bit. Source: METHOD, sections 8 to 12.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .assessment import Assessment, Band, IndicationFinding, assess
from .knowledge import BEST_SUPPORTIVE_CARE, OUTCOMES, CautionFinding, Knowledge, Regimen, ReleaseIdentity
from .logic import explain
from .ordering import DEFAULT_PREFERENCE, PREFERENCES, Placed, Preference, Shares, Terms, in_order, shares, value
from .patient import Patient, Scope, Value, scope
from .synthesis import Estimate, Synthesis, UsedCohort
from .testing import MissingTest, missing_tests
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


def as_json(ranking: Ranking) -> str:
    """The ranking on one line of JSON, byte for byte the same for the same patient, release and preference."""
    return json.dumps(as_dict(ranking), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def as_dict(ranking: Ranking) -> dict[str, Any]:
    """The ranking as plain values, with the keys of METHOD section 12."""
    release = ranking.release
    return {
        "release": {"name": release.name, "published": release.published, "sha256": release.sha256},
        "preference": ranking.preference.name,
        **({"evidence": NEC_ONLY} if ranking.is_nec_only else {}),
        "patient": {name: _plain(value) for name, value in ranking.patient.features.items()},
        "derived": {name: _plain(value) for name, value in ranking.patient.derived.items()},
        "scope": {
            "in_scope": ranking.scope.in_scope,
            "reasons": [sentence.worded() for _, sentence in ranking.scope.reasons],
            "warnings": [sentence.worded() for _, sentence in ranking.scope.warnings],
        },
        "options": [_option_dict(option, ranking.patient) for option in ranking.options],
        "needs_test": [
            {"regimen": waiting.regimen.slug, "features": list(waiting.features)} for waiting in ranking.needs_test
        ],
        "tests": [_test_dict(test) for test in ranking.tests],
    }


def _option_dict(option: Option, patient: Patient) -> dict[str, Any]:
    estimates = option.synthesis.estimates if option.synthesis else {}
    drawn = option.shares
    return {
        "regimen": option.regimen.slug,
        "name": option.regimen.name,
        "band": option.band.value,
        "rank": option.rank,
        "decided_by": option.decided_by,
        "level": option.level,
        "utility": option.utility,
        "terms": option.terms
        and {"os": option.terms.os, "pfs": option.terms.pfs, "orr": option.terms.orr, "tox": option.terms.tox},
        "estimates": {name: _estimate_dict(estimates[name]) for name in OUTCOMES if name in estimates},
        "first_in_band": drawn.first_in_band if drawn else None,
        "best": drawn.best if drawn else None,
        "top3": drawn.top3 if drawn else None,
        "about_equal_to_next": drawn.about_equal_to_next if drawn else False,
        "cohorts": [_cohort_dict(used) for used in (option.synthesis.cohorts if option.synthesis else ())],
        "indications": [
            {
                "key": finding.indication.key,
                "stance": finding.indication.stance,
                "truth": finding.truth,
                "parts": [
                    {"text": part.text, "truth": part.truth}
                    for part in explain(finding.indication.when, patient.values)
                ],
            }
            for finding in option.indications
        ],
        "cautions": [
            {"level": finding.caution.level, "text": finding.caution.text, "truth": finding.truth}
            for finding in option.cautions
        ],
    }


def _estimate_dict(estimate: Estimate) -> dict[str, Any]:
    return {
        "median": estimate.median,
        "low": estimate.low,
        "high": estimate.high,
        "effective_patients": estimate.effective_patients,
        "studies": estimate.studies,
        "benchmark_share": estimate.benchmark_share,
        "no_data": not estimate.has_data,
    }


def _cohort_dict(used: UsedCohort) -> dict[str, Any]:
    return {
        "publication": used.cohort.publication,
        "index": used.cohort.index,
        "outcomes": list(used.outcomes),
        "weight": used.weight.product,
        "shares": dict(used.shares),
    }


def _test_dict(test: MissingTest) -> dict[str, Any]:
    return {
        "feature": test.feature,
        "value": _plain(test.value),
        "prevalence": test.prevalence.chance if test.prevalence else None,
        "first_becomes": test.first_becomes,
        "changes_first": test.changes_first,
        "changes_order": test.changes_order,
        "enters_recommended": list(test.enters_recommended),
        "utility_gain": test.utility_gain,
    }


def _plain(value: Value | None) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value
