"""A ranking as it travels: the JSON of METHOD, section 12."""

from __future__ import annotations

import json
from typing import Any

from regimens.rules.evidence import OUTCOMES
from regimens.rules.logic import explain
from regimens.rules.missing_tests import MissingTest
from regimens.rules.patient import Patient, Value
from regimens.rules.synthesis import Estimate, UsedCohort

from .ranking import NEC_ONLY, Option, Ranking


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
