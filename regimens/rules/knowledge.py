"""What a knowledge release holds, frozen and indexed once: the only source of facts that the rules read.

`Knowledge.from_document` takes the plain document that a release stores (the shapes of the evidence base, with the
constants and the validation computed when it was published) and prepares what every patient needs: criteria taken
apart once, cohorts with their figures as counts and log medians, regimens with the cautions of their drugs.
Source: METHOD, sections 3 to 5 and 8.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from statistics import NormalDist
from types import MappingProxyType
from typing import Any

from .evidence import (
    MEDIANS,
    OUTCOMES,
    RATES,
    RULING_OUT,
    STANCES,
    Benchmark,
    Caution,
    Cohort,
    Drug,
    Evidence,
    ExposureClass,
    Indication,
    Licence,
    LogMedian,
    MedianBenchmark,
    Outcome,
    PlacedCaution,
    Prevalence,
    Rate,
    RateBenchmark,
    Regimen,
)
from .kept import Kept
from .logic import Criteria, CriteriaBuilder, Criterion, comparisons, features_named, thresholds
from .patient import PLATINUM, Patient, Vocabulary, entered_features

EDITION = 2  # of the method
RANKED_BY = MappingProxyType({1: "necapp 0.1.0 (commit 668b308)"})  # what ranks by a former edition, to the last bit
USUAL_CI_LEVEL = 95  # percent: the confidence of an interval where a publication gives no other
NARROWEST = 4  # an interval counts as no narrower than one of the exponential variance divided by this
KEPT_SYNTHESES = 96 << 10  # bytes for each regimen of the release


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

    criteria      every distinct criterion, taken apart once
    demonstrated  for each outcome whether it was shown to tell regimens apart (METHOD, section 13)
    document      the release as it was stored, for what the rules do not read (citations, statements, trials)
    is_nec_only   whether borrowed cohorts are left out, see `nec_only`
    edition       of the method, which made its constants; one of a former edition is read, and not ranked with
    """

    release: ReleaseIdentity
    benchmark: Benchmark
    demonstrated: Mapping[Outcome, bool]
    criteria: Criteria
    drugs: Mapping[str, Drug]
    exposure_classes: Mapping[str, ExposureClass]
    regimens: Mapping[str, Regimen]
    prevalence: Mapping[str, tuple[Prevalence, ...]]
    positive_values: Mapping[str, Any]
    document: Mapping[str, Any]
    is_nec_only: bool = False
    edition: int = EDITION

    @classmethod
    def from_document(cls, document: Mapping[str, Any], *, release: ReleaseIdentity) -> Knowledge:
        """Raises KnowledgeError when the document holds no constants, so was never published.

        The document has the shapes of this edition; its `edition` is there where it is of a former one.
        """
        if "constants" not in document:
            raise KnowledgeError("the document holds no constants: publish it first")
        shown = document.get("validation", {}).get("demonstrated", {})
        edition = document.get("edition", EDITION)
        builder = CriteriaBuilder()
        drugs = drugs_of(document)
        regimens = _regimens(document, drugs, builder)
        return cls(
            release=release,
            benchmark=benchmark_of(document["constants"]),
            demonstrated=MappingProxyType({outcome: bool(shown.get(outcome)) for outcome in OUTCOMES}),
            criteria=builder.built(),
            drugs=MappingProxyType(drugs),
            exposure_classes=MappingProxyType(_exposure_classes(document)),
            regimens=MappingProxyType(regimens),
            prevalence=MappingProxyType(_prevalence(document)),
            positive_values=MappingProxyType(
                {row["feature"]: row["positive"] for row in document["biomarkers"] if row["positive"] is not None}
            ),
            document=document,
            edition=edition,
        )

    def check_edition(self) -> None:
        """Raises KnowledgeError for a release of another edition of the method, naming what can rank with it."""
        if self.edition != EDITION:
            raise KnowledgeError(
                f"release {self.release.name} is of edition {self.edition} of the method, and this version ranks by "
                f"edition {EDITION}: {RANKED_BY[self.edition]} can rank with it"
            )

    def patient(self, features: Mapping[str, Any]) -> Patient:
        """A patient whose treatments are checked against this release. Raises PatientError, KnowledgeError."""
        self.check_edition()
        return Patient.from_features(features, vocabulary=self.vocabulary)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The slugs that a patient's treatments may name, and the other names that people write."""
        synonyms = {slug.replace("-", " "): slug for slug in self.regimens}
        synonyms |= {regimen.name.lower(): slug for slug, regimen in self.regimens.items()}
        for slug, one in self.drugs.items():
            synonyms |= {name.lower(): slug for name in (one.name, *one.synonyms)}
        holding = {slug for slug, regimen in self.regimens.items() if regimen.holds_platinum}
        holders: dict[str, list[str]] = {}
        for slug, regimen in self.regimens.items():
            for drug in regimen.all_drugs:
                holders.setdefault(drug, []).append(slug)
        return Vocabulary(
            frozenset(self.regimens),
            frozenset(self.drugs),
            frozenset(holding | PLATINUM),
            MappingProxyType(synonyms),
            MappingProxyType({drug: slugs[0] for drug, slugs in holders.items() if len(slugs) == 1}),
        )

    @cached_property
    def nec_only(self) -> Knowledge:
        """The same release without borrowed evidence: what it ranks shows how much hangs on other tumours.

        The benchmark stays, for it rests on NEC alone; so do indications, which are words and not figures.
        """
        return replace(
            self,
            regimens=MappingProxyType({slug: _without_borrowed(regimen) for slug, regimen in self.regimens.items()}),
            is_nec_only=True,
        )

    @cached_property
    def ranked_regimens(self) -> tuple[Regimen, ...]:
        return tuple(regimen for regimen in self.regimens.values() if regimen.is_ranked)

    @cached_property
    def selecting_features(self) -> frozenset[str]:
        """The features that decide a `requires` of a ranked regimen or an indication, as they are entered."""
        return entered_features(frozenset[str]().union(*map(features_named, self._selecting())))

    @cached_property
    def thresholds(self) -> Mapping[str, tuple[float, ...]]:
        """The features that decide what rules a ranked regimen out or when an indication holds; of numbers where."""
        found: dict[str, set[float]] = {}
        ruling_out = (each.caution.when for regimen in self.ranked_regimens for each in regimen.grave)
        indications = (i.when for regimen in self.regimens.values() for i in regimen.indications)
        for criterion in (*ruling_out, *indications):
            for comparison in comparisons(criterion):
                found.setdefault(comparison["feature"], set()).update(thresholds(comparison))
        return MappingProxyType({feature: tuple(sorted(points)) for feature, points in found.items()})

    def _selecting(self) -> Iterator[Criterion]:
        for regimen in self.regimens.values():
            if regimen.is_ranked and regimen.requires:
                yield regimen.requires
            yield from (indication.when for indication in regimen.indications)

    @cached_property
    def syntheses(self) -> Kept[tuple[str, Evidence], Any]:
        """What `synthesis_of` has pooled so far: a regimen has few evidences, and many patients share one."""
        return Kept(KEPT_SYNTHESES * len(self.regimens))

    @cached_property
    def tables(self) -> dict[type, Any]:
        """What modules above this one keep of the release, by the class that keeps it."""
        return {}

    @cached_property
    def goals(self) -> dict[str, Any]:
        """What `why_not` has prepared so far: when a regimen is recommended, by slug."""
        return {}

    @cached_property
    def reasons_against(self) -> dict[tuple[Any, ...], Any]:
        """What `why_not` has found so far, by regimen, region and what of a patient it depends on."""
        return {}

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What others work out of a release once, by a name of theirs: it goes when the release goes."""
        return {}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What regimens and drugs are called, by slug; a drug with the slug of a regimen under `drugs:SLUG` alone."""
        named: dict[str, str] = {slug: drug.name for slug, drug in self.drugs.items()}
        twins = {f"drugs:{slug}": named[slug] for slug in self.drugs.keys() & self.regimens.keys()}
        return MappingProxyType(named | {slug: regimen.name for slug, regimen in self.regimens.items()} | twins)

    @cached_property
    def publications(self) -> Mapping[str, Mapping[str, Any]]:
        return _by(self.document["publications"], "key")

    @cached_property
    def guidelines(self) -> Mapping[str, Mapping[str, Any]]:
        return _by(self.document["guidelines"], "key")

    @cached_property
    def licences(self) -> Mapping[str, Mapping[str, Any]]:
        return _by(self.document["licences"], "key")


def _without_borrowed(regimen: Regimen) -> Regimen:
    own = [
        (cohort, place)
        for cohort, place in zip(regimen.cohorts, regimen.cohort_places, strict=True)
        if not cohort.is_borrowed
    ]
    return replace(regimen, cohorts=tuple(cohort for cohort, _ in own), cohort_places=tuple(place for _, place in own))


def cohorts_by_regimen(document: Mapping[str, Any]) -> dict[str, tuple[Cohort, ...]]:
    """Every cohort of a document that names a regimen, by that regimen, in the order of publication key and index."""
    found: dict[str, list[Cohort]] = {}
    for publication in sorted(document["publications"], key=lambda publication: str(publication["key"])):
        for index, result in enumerate(publication["results"] or []):
            if result["regimen"]:
                cohort = _cohort(publication, index, result)
                found.setdefault(result["regimen"], []).append(cohort)
    return {slug: tuple(cohorts) for slug, cohorts in sorted(found.items())}


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
        is_retracted=(publication.get("notice") or {}).get("kind") == "retraction",
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
            variance = log_variance(size, result[f"{outcome}_ci"], level)
            yield outcome, LogMedian(math.log(result[outcome]), variance)


def log_variance(size: float, interval: Sequence[float | None] | None, level: float = USUAL_CI_LEVEL) -> float:
    """The variance of the log of a median: from its confidence interval, else that of an exponential median.

    An interval less than half as wide as the exponential one counts as half as wide (METHOD, section 4).
    """
    exponential = 1 / (size * math.log(2) ** 2)
    low, high = interval or (None, None)
    if not low or not high or not high > low > 0:
        return exponential
    z = NormalDist().inv_cdf(0.5 + level / 200)
    return float(max(((math.log(high) - math.log(low)) / (2 * z)) ** 2, exponential / NARROWEST))


def drugs_of(document: Mapping[str, Any]) -> dict[str, Drug]:
    """The drugs of a document by slug."""
    return {
        row["slug"]: Drug(
            slug=row["slug"],
            name=row["name"],
            synonyms=tuple(row["synonyms"] or ()),
            classes=frozenset(row["classes"] or ()),
            cautions=tuple(_caution(caution, drug=row["slug"]) for caution in row["cautions"] or ()),
        )
        for row in sorted(document["drugs"], key=lambda row: str(row["slug"]))
    }


def _caution(row: Mapping[str, Any], *, drug: str | None = None) -> Caution:
    return Caution(
        when=row["when"],
        level=row["level"],
        said=row["text"],
        url=row["url"],
        drug=drug,
        read_on=row.get("read_on"),
        section=row.get("section"),
        label=row.get("label"),
        is_extrapolated=bool(row.get("extrapolated")),
    )


def _exposure_classes(document: Mapping[str, Any]) -> dict[str, ExposureClass]:
    return {
        row["slug"]: ExposureClass(
            row["slug"], row["name"], row["alone"], row["combined"], frozenset(row["exceptions"] or ())
        )
        for row in sorted(document["exposure_classes"], key=lambda row: str(row["slug"]))
    }


def _regimens(document: Mapping[str, Any], drugs: Mapping[str, Drug], builder: CriteriaBuilder) -> dict[str, Regimen]:
    cohorts = cohorts_by_regimen(document)
    indications = _indications(document, builder)
    licences = _licences(document, builder)
    found = {}
    for row in sorted(document["regimens"], key=lambda row: str(row["slug"])):
        slug = row["slug"]
        groups = tuple(
            tuple(entry["alternatives"]) if isinstance(entry, Mapping) else (entry,) for entry in row["drugs"]
        )
        usable = tuple(cohort for cohort in cohorts.get(slug, ()) if cohort.is_usable)
        found[slug] = Regimen(
            slug=slug,
            name=row["name"],
            drug_class=row["class"],
            drugs=groups,
            lead_drugs=tuple(row["lead_drugs"]),
            setting=row["setting"],
            requires=row["requires"],
            requires_place=builder.place(row["requires"]) if row["requires"] else None,
            otherwise=MappingProxyType(dict(row["otherwise"] or {})),
            cautions=tuple(_borne(row["cautions"] or (), groups, drugs, builder)),
            classes=frozenset[str]().union(*(drugs[drug].classes for group in groups for drug in group)),
            indications=tuple(indications.get(slug, ())),
            licences=tuple(licences.get(slug, ())),
            cohorts=usable,
            cohort_places=tuple(builder.place(cohort.criterion) for cohort in usable),
        )
    return found


def _borne(
    own: Iterable[Mapping[str, Any]],
    groups: Iterable[Sequence[str]],
    drugs: Mapping[str, Drug],
    builder: CriteriaBuilder,
) -> Iterator[PlacedCaution]:
    """A regimen's own cautions first, then those of its drugs in their order (METHOD, section 8)."""
    for row in own:
        caution = _caution(row)
        yield PlacedCaution(caution, builder.place(caution.when))
    for group in groups:
        for slug in group:
            others = [drugs[other] for other in group if other != slug]
            for caution in drugs[slug].cautions:
                place = builder.place(caution.when)
                if not others or caution.level not in RULING_OUT:
                    yield PlacedCaution(caution, place)
                    continue
                rivals = tuple(
                    tuple((each.level, builder.place(each.when)) for each in other.cautions) for other in others
                )
                yield PlacedCaution(caution, place, rivals, replace(caution, level="caution", use_the_other=True))


def _indications(document: Mapping[str, Any], builder: CriteriaBuilder) -> dict[str, list[Indication]]:
    found: dict[str, list[Indication]] = {}
    order = tuple(STANCES)
    for row in sorted(document["indications"], key=lambda row: (order.index(row["stance"]), str(row["key"]))):
        regions = row["regions"]
        found.setdefault(row["regimen"], []).append(
            Indication(
                key=row["key"],
                when=row["when"],
                stance=row["stance"],
                regions=None if regions is None else frozenset(regions),
                rechallenge=row["rechallenge"],
                sources=tuple(row["sources"]),
                rationale=row["rationale"],
                place=builder.place(row["when"]),
                part_places=tuple(builder.place(part) for part in comparisons(row["when"])),
            )
        )
    return found


def _licences(document: Mapping[str, Any], builder: CriteriaBuilder) -> dict[str, list[Licence]]:
    found: dict[str, list[Licence]] = {}
    for row in sorted(document["licences"], key=lambda row: str(row["key"])):
        found.setdefault(row["regimen"], []).append(
            Licence(
                key=row["key"],
                regimen=row["regimen"],
                region=row["region"],
                when=row["when"],
                covers="no" if row["kind"] == "withdrawn" else row["covers"],
                kind=row["kind"],
                place=builder.place(row["when"]),
            )
        )
    return found


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
                        row["url"] or row.get("read_on"),
                    )
                )
    return {feature: tuple(rows) for feature, rows in found.items()}


def benchmark_of(constants: Mapping[str, Any]) -> Benchmark:
    """The constants of a release as the rules take them."""
    return Benchmark(
        rates=MappingProxyType(
            {outcome: RateBenchmark(constants[outcome]["p0"], constants[outcome]["S"]) for outcome in RATES}
        ),
        medians=MappingProxyType(
            {
                outcome: MedianBenchmark(
                    mean=constants[outcome]["m0"],
                    slope=constants[outcome]["b"],
                    variance_between=constants[outcome]["s_squared"],
                    variance_within=constants[outcome]["tau_squared"],
                    mean_variance=constants[outcome]["V_m"],
                    slope_variance=constants[outcome]["V_b"],
                    covariance=constants[outcome]["V_mb"],
                )
                for outcome in MEDIANS
            }
        ),
    )
