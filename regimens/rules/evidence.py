"""What one item of a release says, as plain values: cohorts, cautions, indications, regimens, benchmarks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from .logic import Check, Criterion, Truth, compiled, features_named
from .patient import FEATURES, SITES, TMB_HIGH_FROM, Patient, Value, entered_features
from .wording import ENGLISH, N_, Language, Sentence

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
        "tmb-h": {"feature": "tmb", "at_least": TMB_HIGH_FROM},
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


# Groups of primary sites by which cohorts are named; each stands for its members.
SITE_GROUPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "gep": frozenset(
            {"oesophagus", "stomach", "small-bowel", "colorectal", "anal", "pancreas", "biliary", "liver"}
        ),
        "gastro-oesophageal": frozenset({"oesophagus", "stomach"}),
        "genitourinary": frozenset({"bladder", "prostate"}),
    }
)


# Primary sites of a cohort as a reader knows them, each group after its members.
COHORT_SITES: Mapping[str, str] = MappingProxyType(
    {
        "oesophagus": SITES["oesophagus"],
        "stomach": SITES["stomach"],
        "gastro-oesophageal": N_("oesophagus and stomach"),
        "small-bowel": SITES["small-bowel"],
        "colorectal": N_("colon and rectum"),
        "anal": SITES["anal"],
        "pancreas": SITES["pancreas"],
        "biliary": N_("biliary tract"),
        "liver": SITES["liver"],
        "gep": N_("gastroenteropancreatic"),
        "gynaecological": SITES["gynaecological"],
        "bladder": SITES["bladder"],
        "prostate": SITES["prostate"],
        "genitourinary": N_("genitourinary"),
        "head-neck": SITES["head-neck"],
        "breast": SITES["breast"],
        "thymus": SITES["thymus"],
        "skin": N_("skin"),
        "lung": SITES["lung"],
        "unknown-primary": N_("unknown primary"),
        "other": N_("other"),
        "any": N_("any site"),
    }
)


# What an indication says of a regimen, and how a reader knows it; the order is that in which a regimen's are read.
STANCES: Mapping[str, str] = MappingProxyType(
    {"recommend": N_("Recommended"), "consider": N_("To be considered"), "against": N_("Advised against")}
)


RULING_OUT = ("contraindicated", "avoid")  # the levels of caution that make a regimen unsuitable, the graver first


# What counts for every regimen: where the tumour is, where availability is looked up, what was given and how it went.
ALWAYS_LOOKED_AT = frozenset({"primary_site", "region", "prior_regimens", "progressed_on"})


# Features that may contradict each other: who looks at one looks at all.
LOOKED_AT_TOGETHER = (
    frozenset({"histology", "differentiation"}),
    frozenset({"platinum_received", "platinum_best_response", "platinum_free_interval_months"}),
)


# The lines of therapy after the first (METHOD, section 6).
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


@dataclass(frozen=True, kw_only=True)
class CautionRecord:
    """A caution as it travels (`record`), its text in English; truth None where it cannot be checked."""

    level: str
    text: str
    truth: Truth


@dataclass(frozen=True)
class CautionFinding:
    """A caution that holds (truth True) or cannot be checked because a feature is unknown (None)."""

    caution: Caution
    truth: Truth

    @cached_property
    def record(self) -> CautionRecord:
        """As it travels; made once, since a release keeps what may be found of its cautions."""
        return CautionRecord(level=self.caution.level, text=self.caution.text, truth=self.truth)


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
