"""What one item of a release says, as plain values: cohorts, cautions, licences, exposure classes, regimens.

Source: METHOD, sections 3 and 4.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from .logic import Check, Criterion, Truth, as_data, compiled, explain, features_named
from .patient import FEATURES, PLATINUM, SITES, TMB_HIGH_FROM, Value, entered_features
from .wording import ENGLISH, N_, Language, Sentence

Outcome = Literal["orr", "pfs", "os", "grade3"]

SiteFit = Literal["same", "unknown", "other"]

# Which of a regimen's cohorts apply to a patient (by their places), and how those stand to the patient's site.
Evidence = tuple[tuple[int, SiteFit], ...]

RATES: tuple[Outcome, ...] = ("orr", "grade3")

MEDIANS: tuple[Outcome, ...] = ("pfs", "os")

OUTCOMES: tuple[Outcome, ...] = ("orr", "pfs", "os", "grade3")

BEST_SUPPORTIVE_CARE = "best-supportive-care"

PLATINUM_RECHALLENGE = "platinum-rechallenge"

EITHER_PLATINUM = "cisplatin-carboplatin"  # a lead drug that stands for both

MINIMAL_SIZE = 5

# The features that count as biomarkers; a subgroup that asks for one of them is a selected one (METHOD, section 3).
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

NOT_THERE = frozenset({"negative", "stable"})  # the values of a biomarker that is not there

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

# What a patient of a study selected by a biomarker is taken to have (METHOD, section 13).
POSITIVE_VALUES: Mapping[str, tuple[str, Value]] = MappingProxyType(
    {
        "msi-h": ("msi", "high"),
        "tmb-h": ("tmb", TMB_HIGH_FROM),
        "her2": ("her2", "ihc-3+"),
        "pd-l1": ("pd_l1_cps", 1),
        "braf-v600e": ("braf_v600e", "positive"),
        "ntrk": ("ntrk", "positive"),
        "ret": ("ret", "positive"),
        "dll3": ("dll3", "positive"),
        "sstr": ("sstr", "positive"),
        "kras-g12c": ("kras_g12c", "positive"),
    }
)

# The most specific first: which of a study's cohorts speaks for a patient (METHOD, section 3).
SUBGROUP_ORDER = ("biomarker", "histology", "ki67", "platinum", "site", "line", "other", None)

# Groups of primary sites by which cohorts are named; each stands for its members (METHOD, section 5).
SITE_GROUPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "gep": frozenset(
            {
                "oesophagus",
                "oesophagogastric-junction",
                "stomach",
                "small-bowel",
                "ampulla",
                "colorectal",
                "anal",
                "pancreas",
                "biliary",
                "liver",
            }
        ),
        "gastro-oesophageal": frozenset({"oesophagus", "oesophagogastric-junction", "stomach"}),
        "biliary": frozenset({"biliary", "ampulla"}),
        "genitourinary": frozenset({"bladder", "prostate", "genitourinary"}),
    }
)

# Primary sites of a cohort as a reader knows them, each group after its members.
COHORT_SITES: Mapping[str, str] = MappingProxyType(
    {
        "oesophagus": SITES["oesophagus"],
        "oesophagogastric-junction": SITES["oesophagogastric-junction"],
        "stomach": SITES["stomach"],
        "gastro-oesophageal": N_("oesophagus and stomach"),
        "small-bowel": SITES["small-bowel"],
        "ampulla": SITES["ampulla"],
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

LEVELS = ("contraindicated", "avoid", "caution")  # of a caution, the gravest first
RULING_OUT = LEVELS[:2]  # those that make a regimen unsuitable

# The lines of therapy after the first (METHOD, sections 6 and 8).
LATER_LINES = frozenset({"second", "later", "second-or-later"})

RETROSPECTIVE_DESIGNS = frozenset({"retrospective", "registry", "case-series", "case-report"})

# δ² of METHOD section 5: the variance, on the log scale, of figures that come from another disease.
DISTANCE_MIXED, DISTANCE_OTHER = 0.25, 1.0


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

    index         position in the publication's `results`, from 0
    where         which patients it stands for: a criterion, None (everybody) or "never"
    size          patients: analysed, else evaluable
    is_retracted  whether its publication bears a notice of retraction
    figures       what it says of each outcome
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
    is_retracted: bool
    figures: Mapping[Outcome, Rate | LogMedian]

    @cached_property
    def is_usable(self) -> bool:
        return bool(
            self.verified != "none"
            and not self.is_retracted
            and self.design != "meta-analysis"
            and self.regimen
            and self.where != "never"
            and self.size is not None
            and self.size >= MINIMAL_SIZE
            and self.figures
        )

    @cached_property
    def is_selected(self) -> bool:
        """Whether its patients were chosen by a biomarker that is there; a negative part is specific, not selected."""
        return self.biomarker is not None or (isinstance(self.where, Mapping) and asks_for_biomarker(self.where))

    @cached_property
    def distance(self) -> float:
        """δ² of METHOD section 5, on the log scale."""
        if self.histology == "nec":
            return 0.0
        if self.histology == "g3-mixed" or (self.histology == "tumour-agnostic" and self.is_selected):
            return DISTANCE_MIXED
        return DISTANCE_OTHER

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
        return self.design not in RETROSPECTIVE_DESIGNS

    @cached_property
    def place(self) -> tuple[str, int]:
        """By which cohorts are sorted where nothing else tells them apart."""
        return self.publication, self.index

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
    def members(self) -> frozenset[str]:
        """Its primary sites, groups expanded."""
        return frozenset(site for named in self.sites for site in SITE_GROUPS.get(named, (named,)))

    @cached_property
    def site_fits(self) -> Mapping[str | None, SiteFit]:
        """How its sites stand to each primary site that a patient may have, and to an unknown one."""
        return MappingProxyType({site: self._site_fit(site) for site in (None, *FEATURES["primary_site"].values)})

    def _site_fit(self, site: str | None) -> SiteFit:
        if site is not None and site in self.members:
            return "same"
        return "unknown" if site is None or not self.sites or self.sites & {"any", "other"} else "other"

    @cached_property
    def criterion(self) -> Criterion:
        """Whether it stands for a patient: its `where`, and its biomarker positive. Unknown does not apply."""
        parts = [self.where] if isinstance(self.where, Mapping) and self.where else []
        if self.biomarker:
            parts.append(POSITIVE_FOR[self.biomarker])
        if len(parts) == 1:
            return parts[0]
        return {"all": parts} if parts else {}

    @cached_property
    def check(self) -> Check:
        return compiled(self.criterion)

    def applies(self, values: Mapping[str, Value]) -> bool:
        return self.check(values) is True


def asks_for_biomarker(criterion: Criterion, *, negated: bool = False) -> bool:
    """Whether a part of a criterion asks for a biomarker that is there (METHOD, section 3)."""
    if "not" in criterion:
        return asks_for_biomarker(criterion["not"], negated=not negated)
    if "feature" not in criterion:
        parts = criterion.get("all") or criterion.get("any") or ()
        return any(asks_for_biomarker(part, negated=negated) for part in parts)
    if criterion["feature"] not in BIOMARKER_FEATURES:
        return False
    if "is" in criterion:
        wanted = criterion["is"] if isinstance(criterion["is"], (list, tuple)) else [criterion["is"]]
        is_there = any(value not in NOT_THERE for value in wanted)
    else:
        is_there = "at_least" in criterion or "above" in criterion
    return is_there != negated


@dataclass(frozen=True)
class Caution:
    """A risk: when it holds, how grave it is (contraindicated, avoid, caution) and where that was read.

    said              in English, as the evidence base has it; a sentence where it is the rules that say it
    drug              the drug (or the lead drug) that it is of; None for one of the regimen or of a class
    exposure_class    the class that it is of, else None
    use_the_other     whether another drug can be given in place of the one it is of
    """

    when: Criterion
    level: str
    said: str | Sentence
    url: str | None
    drug: str | None = None
    exposure_class: str | None = None
    read_on: str | None = None
    section: str | None = None
    label: str | None = None
    is_extrapolated: bool = False
    use_the_other: bool = False

    @property
    def text(self) -> str:
        """In English, as JSON has it."""
        return self.worded()

    @property
    def is_evidence(self) -> bool:
        """Whether it is the evidence base that says it, which stays in English."""
        return isinstance(self.said, str)

    @property
    def source(self) -> str | None:
        return self.url or self.read_on

    def worded(self, language: Language = ENGLISH) -> str:
        words = self.said if isinstance(self.said, str) else self.said.worded(language)
        return f"{words} {language.text(N_('Use the other.'))}" if self.use_the_other else words

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The entered features that its criterion names, in the order in which they are asked for."""
        named = entered_features(features_named(self.when))
        return tuple(name for name in FEATURES if name in named)

    @cached_property
    def identity(self) -> tuple[str, str, str | None]:
        """Cautions that share it count once (METHOD, section 8)."""
        return self.level, as_data(self.when), self.source

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
    drug: str | None
    exposure_class: str | None


@dataclass(frozen=True)
class CautionFinding:
    """A caution that holds (truth True) or cannot be checked because a feature is unknown (None)."""

    caution: Caution
    truth: Truth

    @cached_property
    def record(self) -> CautionRecord:
        """As it travels; made once, since a release keeps what may be found of its cautions."""
        caution = self.caution
        return CautionRecord(
            level=caution.level,
            text=caution.text,
            truth=self.truth,
            drug=caution.drug,
            exposure_class=caution.exposure_class,
        )


@dataclass(frozen=True)
class PlacedCaution:
    """A caution as a regimen bears it.

    place   that of its criterion among those of the release
    rivals  for a drug that others can stand in for: for each of those the cautions it would have to bear as well, by
            level and place; None for a drug without an alternative
    softer  the same caution where another drug can be given
    """

    caution: Caution
    place: int
    rivals: tuple[tuple[tuple[str, int], ...], ...] | None = None
    softer: Caution | None = None

    def as_borne(self, truths: Sequence[Truth]) -> Caution:
        """At its own level, or as `caution` where an alternative of its drug bears nothing as grave that is true."""
        if self.rivals is None or self.softer is None:
            return self.caution
        grave = LEVELS[: LEVELS.index(self.caution.level) + 1]
        if all(any(level in grave and truths[place] is True for level, place in rival) for rival in self.rivals):
            return self.caution
        return self.softer


@dataclass(frozen=True)
class ExposureClass:
    """What progression on a drug says of others of its class (METHOD, section 8).

    alone, combined   the level of the caution where the regimen brings no other class, and where it brings one; "none"
                      for nothing
    exceptions        regimens that it does not touch
    """

    slug: str
    name: str
    alone: str
    combined: str
    exceptions: frozenset[str]


@dataclass(frozen=True)
class Drug:
    """A drug: its exposure classes, its cautions, and the names that it is known by."""

    slug: str
    name: str
    synonyms: tuple[str, ...]
    classes: frozenset[str]
    cautions: tuple[Caution, ...]


@dataclass(frozen=True)
class Licence:
    """A licence, or a payer's ruling, of a regimen in a region.

    covers   yes (holds for a NEC that meets the criterion) | arguable (names the cancer of the site without a
             histology) | no (another disease) | reimbursed; one that was withdrawn counts as no
    place    that of its criterion among those of the release
    """

    key: str
    regimen: str
    region: str
    when: Criterion
    covers: str
    kind: str | None
    place: int


@dataclass(frozen=True)
class Indication:
    """When a regimen is recommended, considered or advised against, where (None: everywhere), and on whose word.

    place        that of its criterion among those of the release; part_places those of the comparisons it is made of
    """

    key: str
    when: Criterion
    stance: str
    regions: frozenset[str] | None
    rechallenge: bool
    sources: tuple[str, ...]
    rationale: str
    place: int
    part_places: tuple[int, ...]

    def holds_in(self, region: str) -> bool:
        return self.regions is None or region in self.regions

    @cached_property
    def parts(self) -> tuple[tuple[str, int, bool], ...]:
        """Each comparison that it is made of: in English, the place of its criterion, and whether it is negated."""
        explained = explain(self.when, {})
        return tuple(
            [(part.text, place, part.is_negated) for part, place in zip(explained, self.part_places, strict=True)]
        )

    @cached_property
    def licences(self) -> frozenset[str]:
        """The keys of the licences that it cites."""
        return frozenset(s.removeprefix("licence:") for s in self.sources if s.startswith("licence:"))


@dataclass(frozen=True)
class Regimen:
    """A regimen with everything that decides its place.

    drugs           slugs in their order, each with its alternatives: one of a tuple is given
    otherwise       by region, what holds where no licence is true
    cautions        its own and those of its drugs
    classes         the exposure classes that its drugs bring
    cohorts         the usable ones, in the order of publication and index; cohort_places those of their criteria
    requires_place  that of what it requires among the criteria of the release, None where it requires nothing
    """

    slug: str
    name: str
    drug_class: str
    drugs: tuple[tuple[str, ...], ...]
    lead_drugs: tuple[str, ...]
    setting: str
    requires: Criterion | None
    requires_place: int | None
    otherwise: Mapping[str, str]
    cautions: tuple[PlacedCaution, ...]
    classes: frozenset[str]
    indications: tuple[Indication, ...]
    licences: tuple[Licence, ...]
    cohorts: tuple[Cohort, ...]
    cohort_places: tuple[int, ...]

    @property
    def is_ranked(self) -> bool:
        return self.setting == "later-line" and self.slug != BEST_SUPPORTIVE_CARE

    @cached_property
    def all_drugs(self) -> frozenset[str]:
        """Every drug that may be given in it, alternatives included."""
        return frozenset(slug for group in self.drugs for slug in group)

    @property
    def holds_platinum(self) -> bool:
        return bool(PLATINUM & self.all_drugs)

    @cached_property
    def required_features(self) -> tuple[str, ...]:
        """The features that decide whether what it requires holds, by name, as they are entered."""
        return tuple(sorted(entered_features(features_named(self.requires))))

    @cached_property
    def leads(self) -> Mapping[str, frozenset[str]]:
        """Each of its lead drugs with the drugs that it stands for."""
        return MappingProxyType({lead: stands_for(lead) for lead in self.lead_drugs})

    @cached_property
    def resistance(self) -> frozenset[str]:
        """The drugs to which the disease resists after progression on it."""
        return frozenset[str]().union(*self.leads.values())

    @cached_property
    def bears_twins(self) -> bool:
        """Whether some of its cautions count once, or may once a level has changed for want of an alternative."""
        found = [each.caution.identity for each in self.cautions]
        return len(set(found)) < len(found) or any(each.rivals is not None for each in self.cautions)

    @cached_property
    def findings(self) -> tuple[tuple[int, Mapping[Truth, CautionFinding]], ...]:
        """Its cautions by the place of their criterion and what may be found of each; for one that bears no twins."""
        return tuple((placed.place, dict(placed.caution.findings)) for placed in self.cautions)

    @cached_property
    def grave(self) -> tuple[PlacedCaution, ...]:
        """The cautions that may make it unsuitable, in the order in which they are named as the reason."""
        return tuple(each for level in RULING_OUT for each in self.cautions if each.caution.level == level)

    @cached_property
    def covering(self) -> Mapping[str, tuple[Licence, ...]]:
        """By region the licences that cover a NEC, surely or arguably."""
        found: dict[str, list[Licence]] = {}
        for licence in self.licences:
            if licence.covers in ("yes", "arguable"):
                found.setdefault(licence.region, []).append(licence)
        return MappingProxyType({region: tuple(licences) for region, licences in found.items()})

    @cached_property
    def cohort_fits(self) -> Mapping[str | None, tuple[tuple[int, int, SiteFit], ...]]:
        """By primary site each cohort's position, the place of its criterion, and how it fits the site."""
        return MappingProxyType(
            {
                site: tuple(
                    (position, place, cohort.site_fits[site])
                    for position, (cohort, place) in enumerate(zip(self.cohorts, self.cohort_places, strict=True))
                )
                for site in (None, *FEATURES["primary_site"].values)
            }
        )

    @cached_property
    def features(self) -> frozenset[str]:
        """The entered features that any of its criteria names."""
        criteria: list[Criterion | None] = [self.requires, *(each.caution.when for each in self.cautions)]
        criteria += [indication.when for indication in self.indications]
        criteria += [licence.when for licence in self.licences]
        criteria += [cohort.criterion for cohort in self.cohorts]
        return entered_features(frozenset[str]().union(*map(features_named, criteria)))

    @cached_property
    def places(self) -> frozenset[int]:
        """The places of the criteria on which its band and its estimates rest."""
        rivals = (rival for each in self.grave for rival in each.rivals or ())
        return frozenset(
            {
                *(() if self.requires_place is None else (self.requires_place,)),
                *(each.place for each in self.grave),
                *(place for rival in rivals for _, place in rival),
                *(indication.place for indication in self.indications),
                *(licence.place for licence in self.licences),
                *self.cohort_places,
            }
        )

    def evidence(self, truths: Sequence[Truth], site: str | None) -> Evidence:
        """Which of its cohorts apply, and how they fit the site: all that its estimates rest on."""
        return tuple([(position, fit) for position, place, fit in self.cohort_fits[site] if truths[place] is True])


def stands_for(lead: str) -> frozenset[str]:
    """The drugs that a lead drug stands for."""
    return PLATINUM if lead == EITHER_PLATINUM else frozenset({lead})


@dataclass(frozen=True)
class Prevalence:
    """How often a biomarker is positive (a fraction) at the sites named, with its source."""

    chance: float
    sites: frozenset[str]
    population: str
    url: str | None


@dataclass(frozen=True)
class RateBenchmark:
    """p0 (a fraction) and S (patients) of METHOD section 6: the prior is Beta(p0·S, (1 − p0)·S)."""

    mean: float
    strength: float

    @property
    def logit(self) -> float:
        return math.log(self.mean / (1 - self.mean))


@dataclass(frozen=True)
class MedianBenchmark:
    """The seven constants of a median, on the log scale (METHOD, section 6).

    mean                m0                   slope              b, by the log odds of response above the benchmark's
    variance_between    s², of regimens      variance_within    τ², of the studies of one regimen
    mean_variance       V_m                  slope_variance     V_b
    covariance          V_mb
    """

    mean: float
    slope: float
    variance_between: float
    variance_within: float
    mean_variance: float
    slope_variance: float
    covariance: float


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
    return tuple(sorted(chosen.values(), key=lambda cohort: cohort.place))


def covers(sites: frozenset[str], site: str | None) -> bool:
    """Whether the sites of a figure, groups expanded, hold a patient's primary site."""
    return site is not None and any(site in SITE_GROUPS.get(named, (named,)) for named in sites)
