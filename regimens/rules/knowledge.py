"""What a knowledge release holds, frozen and indexed once: the only source of facts that the rules read.

`Knowledge.from_document` takes the plain document that a release stores (the shapes of the evidence base, with the
constants computed when it was published) and prepares what every patient needs: cohorts with their figures as counts
and log medians, regimens with their criteria, prevalence. Source: METHOD, sections 3 to 5.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from statistics import NormalDist
from types import MappingProxyType
from typing import Any

from .evidence import (
    MEDIANS,
    RATES,
    STANCES,
    Benchmark,
    Caution,
    Cohort,
    Decider,
    Evidence,
    Indication,
    LogMedian,
    MedianBenchmark,
    Outcome,
    Prevalence,
    Rate,
    RateBenchmark,
    Regimen,
)
from .logic import comparisons, features_named, turning_points
from .patient import DERIVED_FROM, FEATURES, Patient, entered_features

USUAL_CI_LEVEL = 95  # percent: the confidence of an interval where a publication gives no other


class KnowledgeError(ValueError):
    """A document from which no ranking can be computed."""


@dataclass(frozen=True)
class ReleaseIdentity:
    """Which knowledge an answer rests on: its name, the day it was published and the SHA-256 of its canonical JSON."""

    name: str
    published: str
    sha256: str

    @property
    def published_on(self) -> date:
        """As a date, which a page writes in its own language."""
        return date.fromisoformat(self.published)


@dataclass(frozen=True)
class Knowledge:
    """A release, ready to rank with. Lists are in the order of their keys, whatever order the document had.

    document     the release as it was stored, for what the rules do not read (citations, statements, trials)
    is_nec_only  whether borrowed cohorts are left out, see `nec_only`
    """

    release: ReleaseIdentity
    benchmark: Benchmark
    regimens: Mapping[str, Regimen]
    prevalence: Mapping[str, tuple[Prevalence, ...]]
    document: Mapping[str, Any]
    is_nec_only: bool = False

    @classmethod
    def from_document(cls, document: Mapping[str, Any], *, release: ReleaseIdentity) -> Knowledge:
        """Raises KnowledgeError when the document holds no constants, so was never published."""
        if "constants" not in document:
            raise KnowledgeError("the document holds no constants: publish it first")
        cohorts = cohorts_by_regimen(document)
        return cls(
            release=release,
            benchmark=_benchmark(document["constants"]["benchmark"]),
            regimens=MappingProxyType(_regimens(document, cohorts)),
            prevalence=MappingProxyType(_prevalence(document)),
            document=document,
        )

    def patient(self, features: Mapping[str, Any]) -> Patient:
        """A patient whose regimens are checked against this release. Raises PatientError."""
        return Patient.from_features(
            features,
            regimens=self.regimens.keys(),
            platinum_regimens={slug for slug, regimen in self.regimens.items() if regimen.holds_platinum},
        )

    @cached_property
    def nec_only(self) -> Knowledge:
        """The same release without borrowed evidence: what it ranks shows how much hangs on other tumours.

        The benchmark stays, for it rests on NEC alone; so do indications, which are words and not figures.
        """
        own = {
            slug: replace(regimen, cohorts=tuple(cohort for cohort in regimen.cohorts if not cohort.is_borrowed))
            for slug, regimen in self.regimens.items()
        }
        return replace(self, regimens=MappingProxyType(own), is_nec_only=True)

    @cached_property
    def ranked_regimens(self) -> tuple[Regimen, ...]:
        return tuple(regimen for regimen in self.regimens.values() if regimen.is_ranked)

    @cached_property
    def deciders(self) -> Mapping[str, tuple[tuple[Decider, tuple[Regimen, ...]], ...]]:
        """For each feature what it may decide, each with the ranked regimens whose place hangs on that."""
        return MappingProxyType({feature: tuple(self._deciders(feature)) for feature in FEATURES})

    def _deciders(self, feature: str) -> Iterator[tuple[Decider, tuple[Regimen, ...]]]:
        touched = {feature} | DERIVED_FROM.get(feature, frozenset())
        found: dict[str, tuple[Decider, list[Regimen]]] = {}
        for regimen in self.ranked_regimens:
            for decider in regimen.deciders:
                if touched & decider.features:
                    found.setdefault(decider.key, (decider, []))[1].append(regimen)
        return ((decider, tuple(regimens)) for decider, regimens in found.values())

    @cached_property
    def selecting_features(self) -> frozenset[str]:
        """The features that decide an indication or a `requires`, as they are entered."""
        criteria = (c for r in self.ranked_regimens for c in (r.requires, *(i.when for i in r.indications)))
        return entered_features(frozenset[str]().union(*map(features_named, criteria)))

    @cached_property
    def turning_points(self) -> Mapping[str, tuple[float, ...]]:
        """The features that decide an indication or rule an option out; for a number, where such a criterion turns."""
        found: dict[str, set[float]] = {}
        for regimen in self.ranked_regimens:
            ruling_out = [caution.when for caution in regimen.ruling_out]
            for when in [*(indication.when for indication in regimen.indications), *ruling_out]:
                for comparison in comparisons(when):
                    found.setdefault(comparison["feature"], set()).update(turning_points(comparison))
        return MappingProxyType({feature: tuple(sorted(points)) for feature, points in found.items()})

    @cached_property
    def goals(self) -> dict[str, Any]:
        """For `why_not`: when each regimen is recommended, taken apart once."""
        return {}

    @cached_property
    def reasons_against(self) -> dict[tuple[object, ...], Any]:
        """What `why_not` has found so far, by regimen and what it looks at: few patients differ in all of that."""
        return {}

    @cached_property
    def syntheses(self) -> dict[tuple[str, Evidence], Any]:
        """What `synthesis_of` has pooled so far: a regimen has few evidences, and many patients share one."""
        return {}

    @cached_property
    def names(self) -> Mapping[str, str]:
        return MappingProxyType({slug: regimen.name for slug, regimen in self.regimens.items()})

    @cached_property
    def publications(self) -> Mapping[str, Mapping[str, Any]]:
        return _by(self.document["publications"], "key")

    @cached_property
    def guidelines(self) -> Mapping[str, Mapping[str, Any]]:
        return _by(self.document["guidelines"], "key")


def cohorts_by_regimen(document: Mapping[str, Any]) -> dict[str, tuple[Cohort, ...]]:
    """Every cohort of a document that names a regimen, by that regimen, in the order of publication key and index."""
    found: dict[str, list[Cohort]] = {}
    for publication in sorted(document["publications"], key=lambda publication: publication["key"]):
        for index, result in enumerate(publication["results"] or []):
            if result["regimen"]:
                cohort = _cohort(publication, index, result)
                found.setdefault(result["regimen"], []).append(cohort)
    return {slug: tuple(cohorts) for slug, cohorts in found.items()}


def _by(rows: Sequence[Mapping[str, Any]], key: str) -> Mapping[str, Mapping[str, Any]]:
    return MappingProxyType({row[key]: row for row in sorted(rows, key=lambda row: str(row[key]))})


def _cohort(publication: Mapping[str, Any], index: int, result: Mapping[str, Any]) -> Cohort:
    study = {**publication["study"], **(result.get("population") or {})}
    size = result["n"] if result["n"] is not None else result["evaluable"]
    return Cohort(
        publication=publication["key"],
        index=index,
        study_key=publication["study_key"] or publication["key"],
        arm=result["arm"],
        regimen=result["regimen"],
        subgroup=result["subgroup"],
        subgroup_kind=result["subgroup_kind"],
        where=result.get("where"),
        design=study["design"],
        histology=study["histology"],
        line=study["line"],
        sites=frozenset(study["sites"] or ()),
        biomarker=study["biomarker"],
        year=publication["year"],
        size=size,
        verified=publication["verified"],
        figures=MappingProxyType(dict(_figures(result, size))),
    )


def _figures(result: Mapping[str, Any], size: float | None) -> Iterator[tuple[Outcome, Rate | LogMedian]]:
    """METHOD, section 4: rates as counts, medians as normal on the log scale."""
    evaluable = result["evaluable"] if result["evaluable"] is not None else result["n"]
    if result["responders"] is not None and result["evaluable"]:
        yield "orr", Rate(result["responders"], result["evaluable"])
    elif result["orr"] is not None and evaluable:
        yield "orr", Rate(result["orr"] * evaluable / 100, evaluable)
    if result["grade3"] is not None and result["n"]:
        yield "grade3", Rate(result["grade3"] * result["n"] / 100, result["n"])
    for outcome in MEDIANS:
        if result[outcome] and size:
            level = result.get("ci_level") or USUAL_CI_LEVEL
            variance = _log_variance(result[f"{outcome}_ci"], level) or 1 / (size * math.log(2) ** 2)
            yield outcome, LogMedian(math.log(result[outcome]), variance)


def _log_variance(interval: Sequence[float | None] | None, level: float) -> float | None:
    """From a confidence interval of a median; None when a bound is missing or the interval has no width."""
    low, high = interval or (None, None)
    if not low or not high or high <= low:
        return None
    z = NormalDist().inv_cdf(0.5 + level / 200)
    return ((math.log(high) - math.log(low)) / (2 * z)) ** 2


def _regimens(document: Mapping[str, Any], cohorts: Mapping[str, tuple[Cohort, ...]]) -> dict[str, Regimen]:
    indications: dict[str, list[Indication]] = {}
    order = tuple(STANCES)
    for row in sorted(document["indications"], key=lambda row: (order.index(row["stance"]), row["key"])):
        regions = row["regions"]
        indications.setdefault(row["regimen"], []).append(
            Indication(
                key=row["key"],
                when=row["when"],
                stance=row["stance"],
                regions=None if regions is None else frozenset(regions),
                rechallenge=row["rechallenge"],
                sources=tuple(row["sources"]),
                rationale=row["rationale"],
            )
        )
    return {
        row["slug"]: Regimen(
            slug=row["slug"],
            name=row["name"],
            drug_class=row["class"],
            drugs=tuple(row["drugs"]),
            lead_drugs=tuple(row["lead_drugs"]),
            setting=row["setting"],
            requires=row["requires"],
            availability=MappingProxyType(dict(row["availability"])),
            cautions=tuple(
                Caution(caution["when"], caution["level"], caution["text"], caution["url"])
                for caution in row["cautions"]
            ),
            indications=tuple(indications.get(row["slug"], ())),
            cohorts=tuple(cohort for cohort in cohorts.get(row["slug"], ()) if cohort.is_usable),
        )
        for row in sorted(document["regimens"], key=lambda row: str(row["slug"]))
    }


def _prevalence(document: Mapping[str, Any]) -> dict[str, tuple[Prevalence, ...]]:
    found: dict[str, list[Prevalence]] = {}
    for biomarker in sorted(document["biomarkers"], key=lambda row: str(row["slug"])):
        for row in biomarker["prevalence"]:
            if biomarker["feature"] and row["chance"]:
                found.setdefault(biomarker["feature"], []).append(
                    Prevalence(
                        row["chance"]["percent"] / 100,
                        frozenset(row["chance"]["sites"]),
                        row["population"],
                        row["url"],
                    )
                )
    return {feature: tuple(rows) for feature, rows in found.items()}


def _benchmark(constants: Mapping[str, Any]) -> Benchmark:
    return Benchmark(
        rates=MappingProxyType(
            {
                outcome: RateBenchmark(
                    constants[outcome]["p0"], constants[outcome]["rho"], constants[outcome]["strength"]
                )
                for outcome in RATES
            }
        ),
        medians=MappingProxyType(
            {
                outcome: MedianBenchmark(
                    constants[outcome]["m0"], constants[outcome]["s0_squared"], constants[outcome]["tau_squared"]
                )
                for outcome in MEDIANS
            }
        ),
    )
