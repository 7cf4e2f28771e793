"""What a knowledge release holds, frozen and indexed once: the only source of facts that the rules read.

`Knowledge.from_document` takes the plain document that a release stores (the shapes of the evidence base, with the
constants computed when it was published) and prepares what every patient needs: cohorts with their figures as counts
and log medians, regimens with their criteria, prevalence. Source: METHOD, sections 3 to 5.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from statistics import NormalDist
from types import MappingProxyType
from typing import Any, Literal

from .logic import Check, Criterion, Truth, comparisons, compiled, features_named, turning_points
from .patient import DERIVED_FROM, FEATURES, Patient, Value, entered_features
from .wording import ENGLISH, Language, Sentence

Outcome = Literal["orr", "pfs", "os", "grade3"]
SiteFit = Literal["same", "unknown", "other"]
Evidence = tuple[SiteFit | None, ...]
RATES: tuple[Outcome, ...] = ("orr", "grade3")
MEDIANS: tuple[Outcome, ...] = ("pfs", "os")
OUTCOMES: tuple[Outcome, ...] = ("orr", "pfs", "os", "grade3")

BEST_SUPPORTIVE_CARE = "best-supportive-care"
PLATINUM_RECHALLENGE = "platinum-rechallenge"
MINIMAL_SIZE = 5

# The features that count as biomarkers; a subgroup that one of them defines is a selected one (METHOD, section 3).
BIOMARKER_FEATURES = frozenset(
    {
        "msi",
        "tmb",
        "braf_v600e",
        "ntrk",
        "ret",
        "her2",
        "kras_g12c",
        "dll3",
        "sstr",
        "pd_l1_cps",
        "rb1_loss",
        "mgmt_methylated",
    }
)

# What "positive" means for each biomarker by which a study selected its patients.
POSITIVE_FOR: Mapping[str, Criterion] = MappingProxyType(
    {
        "msi-h": {"feature": "msi", "is": "high"},
        "tmb-h": {"feature": "tmb", "at_least": 10},
        "her2": {"feature": "her2", "is": ["ihc-2+", "ihc-3+"]},
        "pd-l1": {"feature": "pd_l1_cps", "at_least": 1},
        "braf-v600e": {"feature": "braf_v600e", "is": "positive"},
        "ntrk": {"feature": "ntrk", "is": "positive"},
        "ret": {"feature": "ret", "is": "positive"},
        "dll3": {"feature": "dll3", "is": "positive"},
        "sstr": {"feature": "sstr", "is": "positive"},
        "kras-g12c": {"feature": "kras_g12c", "is": "positive"},
    }
)

# The most specific first: which of a study's cohorts speaks for a patient (METHOD, section 3).
SUBGROUP_ORDER = ("biomarker", "histology", "ki67", "platinum", "site", "line", "other", None)

SITE_GROUPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "gep": frozenset(
            {"oesophagus", "stomach", "small-bowel", "colorectal", "anal", "pancreas", "biliary", "liver"}
        ),
        "gastro-oesophageal": frozenset({"oesophagus", "stomach"}),
        "genitourinary": frozenset({"bladder", "prostate"}),
    }
)

STANCES = ("recommend", "consider", "against")
RULING_OUT = ("contraindicated", "avoid")  # the levels of caution that make a regimen unsuitable, the graver first

# What counts for every regimen: where the tumour is, where availability is looked up, what was given and how it went.
ALWAYS_LOOKED_AT = frozenset({"primary_site", "region", "prior_regimens", "progressed_on"})
# Features that may contradict each other: who looks at one looks at all.
LOOKED_AT_TOGETHER = (
    frozenset({"histology", "differentiation"}),
    frozenset({"platinum_received", "platinum_best_response", "platinum_free_interval_months"}),
)

LATER_LINES = frozenset({"second", "later", "second-or-later"})
PROSPECTIVE_DESIGNS = frozenset(
    {
        "randomised-phase-3",
        "randomised-phase-2",
        "single-arm-phase-2",
        "basket-phase-2",
        "phase-1",
        "prospective-observational",
    }
)


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
class Rate:
    """`events` of `patients`; events need not be whole, since a percentage is not rounded to patients."""

    events: float
    patients: float


@dataclass(frozen=True)
class LogMedian:
    """A median in months on the log scale: its logarithm and the variance of that."""

    log_months: float
    variance: float


@dataclass(frozen=True)
class Cohort:
    """One arm or subgroup of a publication, with its study's description and its own laid over it.

    index       position in the publication's `results`, from 0
    where       which patients it stands for: a criterion, None (everybody) or "never"
    size        patients: analysed, else evaluable
    figures     what it says of each outcome
    """

    publication: str
    index: int
    study_key: str
    arm: str
    regimen: str | None
    subgroup: str | None
    subgroup_kind: str | None
    where: Criterion | str | None
    design: str
    histology: str
    line: str
    sites: frozenset[str]
    biomarker: str | None
    year: int | None
    size: float | None
    verified: str
    figures: Mapping[Outcome, Rate | LogMedian]

    @cached_property
    def is_usable(self) -> bool:
        return bool(
            self.verified != "none"
            and self.design != "meta-analysis"
            and self.regimen
            and self.where != "never"
            and self.size is not None
            and self.size >= MINIMAL_SIZE
            and self.figures
        )

    @cached_property
    def is_selected(self) -> bool:
        """Whether its patients were chosen by a biomarker."""
        return self.biomarker is not None or bool(self.features & BIOMARKER_FEATURES)

    @cached_property
    def features(self) -> frozenset[str]:
        """The features that decide whether it applies to a patient."""
        named = features_named(self.where) if isinstance(self.where, Mapping) else frozenset[str]()
        return named | (features_named(POSITIVE_FOR[self.biomarker]) if self.biomarker else frozenset())

    @cached_property
    def is_direct(self) -> bool:
        """Evidence for this situation itself: NEC after first line, or a matched drug whatever the tumour."""
        return (self.histology == "nec" and self.line != "first") or (
            self.is_selected and self.histology == "tumour-agnostic"
        )

    @property
    def is_borrowed(self) -> bool:
        """Whether its patients had something else than NEC, or NEC mixed with other tumours."""
        return self.histology != "nec"

    @property
    def is_prospective(self) -> bool:
        return self.design in PROSPECTIVE_DESIGNS

    @cached_property
    def specificity(self) -> tuple[Any, ...]:
        """Sorts the cohorts of a study, the one that speaks for a patient first (METHOD, section 3)."""
        return (
            SUBGROUP_ORDER.index(self.subgroup_kind),
            -(self.size or 0),
            -self.year if self.year is not None else math.inf,
            self.publication,
            self.index,
        )

    @cached_property
    def site_fits(self) -> Mapping[str | None, SiteFit]:
        """How its sites stand to each primary site that a patient may have, and to an unknown one."""
        return MappingProxyType(
            {site: _site_fit(self.sites, site) for site in (None, *FEATURES["primary_site"].values)}
        )

    def applies(self, values: Mapping[str, Value]) -> bool:
        """Whether it stands for a patient; what is unknown in the patient does not apply."""
        return self.check(values) is True

    @cached_property
    def check(self) -> Check:
        """Whether its criterion holds and its biomarker is positive."""
        where = [self.where] if isinstance(self.where, Mapping) else []
        biomarker = [POSITIVE_FOR[self.biomarker]] if self.biomarker else []
        return compiled({"all": [*where, *biomarker]} if where or biomarker else {})


@dataclass(frozen=True)
class Caution:
    """A risk of a regimen: when it holds, how grave it is (contraindicated, avoid, caution) and where that was read.

    said   in English, as the evidence base has it; a sentence where it is the rules that say it
    """

    when: Criterion
    level: str
    said: str | Sentence
    url: str | None

    @property
    def text(self) -> str:
        """In English, as JSON has it."""
        return str(self.said)

    @property
    def is_evidence(self) -> bool:
        """Whether it is the evidence base that says it, which stays in English."""
        return isinstance(self.said, str)

    def worded(self, language: Language = ENGLISH) -> str:
        return self.said if isinstance(self.said, str) else self.said.worded(language)

    @cached_property
    def check(self) -> Check:
        return compiled(self.when)

    @cached_property
    def findings(self) -> Mapping[Truth, CautionFinding]:
        """What may be found of it in a patient, by its truth."""
        return MappingProxyType({truth: CautionFinding(self, truth) for truth in (True, None)})


@dataclass(frozen=True)
class CautionFinding:
    """A caution that holds (truth True) or cannot be checked because a feature is unknown (None)."""

    caution: Caution
    truth: Truth


@dataclass(frozen=True)
class Indication:
    """When a regimen is recommended, considered or advised against, where (None: everywhere), and on whose word."""

    key: str
    when: Criterion
    stance: str
    regions: frozenset[str] | None
    rechallenge: bool
    sources: tuple[str, ...]
    rationale: str

    def holds_in(self, region: str) -> bool:
        return self.regions is None or region in self.regions

    @cached_property
    def check(self) -> Check:
        return compiled(self.when)


@dataclass(frozen=True)
class Regimen:
    """A regimen with everything that decides its place; `availability` by region."""

    slug: str
    name: str
    drug_class: str
    drugs: tuple[str, ...]
    lead_drugs: tuple[str, ...]
    setting: str
    requires: Criterion | None
    availability: Mapping[str, str]
    cautions: tuple[Caution, ...]
    indications: tuple[Indication, ...]
    cohorts: tuple[Cohort, ...]

    @property
    def is_ranked(self) -> bool:
        return self.setting == "later-line" and self.slug != BEST_SUPPORTIVE_CARE

    @property
    def is_platinum_doublet(self) -> bool:
        return self.drug_class == "platinum-doublet"

    @property
    def holds_platinum(self) -> bool:
        return bool({"cisplatin", "carboplatin"} & set(self.drugs))

    @cached_property
    def requirement(self) -> Check:
        """Whether what it requires holds; true where it requires nothing."""
        return compiled(self.requires or {})

    @cached_property
    def required_features(self) -> tuple[str, ...]:
        """The features that decide whether what it requires holds, by name, as they are entered."""
        return tuple(sorted(entered_features(features_named(self.requires))))

    @cached_property
    def ruling_out(self) -> tuple[Caution, ...]:
        """The cautions that make it unsuitable where they hold, in the order in which they are named as the reason."""
        return tuple(caution for level in RULING_OUT for caution in self.cautions if caution.level == level)

    @cached_property
    def resistance(self) -> frozenset[str]:
        """The drugs to which the disease resists after progression on it."""
        return frozenset(self.lead_drugs)

    @cached_property
    def looked_at(self) -> tuple[str, ...]:
        """The entered features on which all that is said of it for a patient rests, in the order of `FEATURES`."""
        named = features_named(self.requires).union(
            *(features_named(caution.when) for caution in self.cautions),
            *(features_named(indication.when) for indication in self.indications),
            *(cohort.features for cohort in self.cohorts),
        )
        entered = entered_features(named) | ALWAYS_LOOKED_AT
        entered = entered.union(*(group for group in LOOKED_AT_TOGETHER if group & entered))
        return tuple(name for name in FEATURES if name in entered)

    def seen_of(self, patient: Patient) -> tuple[Value | None, ...]:
        """The values of a patient that it looks at: patients who agree in these are told the same of it."""
        return tuple([patient.features.get(name) for name in self.looked_at])

    def evidence(self, values: Mapping[str, Value]) -> Evidence:
        """For each cohort how it fits the patient's site, None where it does not apply: all that estimates rest on."""
        fits = self._site_fits[values.get("primary_site")]
        if self._are_unconditional:
            return fits
        return tuple([fit if check(values) is True else None for check, fit in zip(self._checks, fits, strict=True)])

    @cached_property
    def _site_fits(self) -> Mapping[Value | None, Evidence]:
        return {
            site: tuple(c.site_fits[site] for c in self.cohorts) for site in (None, *FEATURES["primary_site"].values)
        }

    @cached_property
    def _checks(self) -> tuple[Check, ...]:
        return tuple(cohort.check for cohort in self.cohorts)

    @cached_property
    def _are_unconditional(self) -> bool:
        """Whether all of its cohorts apply to every patient, as most do."""
        return not any(cohort.features for cohort in self.cohorts)

    @cached_property
    def deciders(self) -> tuple[Decider, ...]:
        """What decides its band and utility for a patient: while each of these gives the same, so do band and utility.

        A caution or an indication decides once it surely holds, a requirement also while it is unknown.
        """
        holding = [caution.when for caution in self.ruling_out] + [indication.when for indication in self.indications]
        of_cohorts = frozenset({"primary_site"}).union(*(cohort.features for cohort in self.cohorts))
        return (
            Decider.of_criterion(self.requires or {}),
            *(Decider.of_criterion(when, surely=True) for when in holding),
            Decider(f"cohorts of {self.slug}", of_cohorts, self.evidence),
            *(Decider.of_feature(name) for name in ("region", "progressed_on", "prior_regimens")),
        )


@dataclass(frozen=True)
class Decider:
    """Something about a patient on which the place of a regimen depends; deciders of one key are the same thing.

    features   the features that it looks at
    outcome    what it gives for the values of a patient
    """

    key: str
    features: frozenset[str]
    outcome: Callable[[Mapping[str, Value]], object]

    @classmethod
    def of_criterion(cls, criterion: Criterion, *, surely: bool = False) -> Decider:
        """The truth of a criterion; with `surely` only whether it holds, so that unknown counts as false."""
        check = compiled(criterion)
        outcome = (lambda values: check(values) is True) if surely else check
        return cls(f"{'surely ' if surely else ''}{criterion!r}", features_named(criterion), outcome)

    @classmethod
    def of_feature(cls, name: str) -> Decider:
        return cls(name, frozenset({name}), lambda values: values.get(name))


@dataclass(frozen=True)
class Prevalence:
    """How often a biomarker is positive: a fraction, the sites it holds for, the population and its source."""

    chance: float
    sites: frozenset[str]
    population: str
    url: str


@dataclass(frozen=True)
class RateBenchmark:
    """What later-line regimens achieve: mean rate, correlation within regimens, strength of the prior in patients."""

    mean: float
    correlation: float
    strength: float


@dataclass(frozen=True)
class MedianBenchmark:
    """The same for a median on the log scale: mean, variance between regimens, variance between studies of one."""

    mean: float
    variance_between: float
    variance_within: float


@dataclass(frozen=True)
class Benchmark:
    """What every estimate is shrunk towards (METHOD, section 6)."""

    rates: Mapping[Outcome, RateBenchmark]
    medians: Mapping[Outcome, MedianBenchmark]

    def typical(self, outcome: Outcome) -> float:
        """What is typical of an outcome: a fraction, or months."""
        return self.rates[outcome].mean if outcome in self.rates else math.exp(self.medians[outcome].mean)


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


def speaking_for(cohorts: Sequence[Cohort], outcome: Outcome) -> tuple[Cohort, ...]:
    """One cohort a study, of those that have the outcome: the most specific (METHOD, section 3)."""
    chosen: dict[str, Cohort] = {}
    for cohort in cohorts:
        if outcome in cohort.figures:
            rival = chosen.get(cohort.study_key)
            if rival is None or cohort.specificity < rival.specificity:
                chosen[cohort.study_key] = cohort
    return tuple(sorted(chosen.values(), key=lambda cohort: (cohort.publication, cohort.index)))


def covers(sites: frozenset[str], site: str | None) -> bool:
    """Whether the sites of a cohort hold a patient's primary site; a group stands for its members alone.

    So a patient recorded as `genitourinary` is not among a cohort's `genitourinary`: that is bladder and prostate.
    """
    return site is not None and any(site in SITE_GROUPS.get(named, (named,)) for named in sites)


def _site_fit(sites: frozenset[str], site: str | None) -> SiteFit:
    if covers(sites, site):
        return "same"
    return "unknown" if site is None or not sites or sites & {"any", "other"} else "other"


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
            level = result.get("ci_level") or 95
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
    for row in sorted(document["indications"], key=lambda row: (STANCES.index(row["stance"]), row["key"])):
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
