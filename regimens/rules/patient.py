"""The patient as the rules see it: every feature with its unit and range, and "unknown" for what was not said.

First stop of the flow: forms, files and interfaces hand their values to `Patient.from_features`, which refuses what is
out of range or contradicts itself; everything later reads a `Patient` and nothing else. Source: METHOD, section 1.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from .wording import ENGLISH, N_, Language, Sentence, say

Value = str | int | float | bool | frozenset[str]
Kind = Literal["choice", "number", "count", "flag", "set"]


@dataclass(frozen=True)
class Feature:
    """One feature of a patient.

    kind     choice (one of `values`), number and count (`low` to `high`, a count being whole), flag (true or false) or
             set (slugs of regimens or drugs)
    label    what a reader calls it; `unit` is written behind a number
    values   for a choice: each value and its wording
    holds    for a set: whether its slugs are of regimens or of drugs
    absent   what a reader says where a flag is false

    Label, unit and wordings are messages, written as they stand inside a sentence.
    """

    name: str
    kind: Kind
    label: str
    values: Mapping[str, str] = field(default_factory=dict)
    low: float = 0
    high: float = 0
    unit: str = ""
    absent: str = ""
    holds: Literal["regimens", "drugs"] = "regimens"

    @property
    def allowed(self) -> str:
        """The allowed values, in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.values)
        if self.kind == "flag":
            return "true or false"
        if self.kind == "set":
            return f"a list of {self.holds} that the release knows"
        whole = "a whole number from " if self.kind == "count" else ""
        return f"{whole}{self.low:g} to {self.high:g}{f' {self.unit}' if self.unit else ''}"

    @property
    def is_numeric(self) -> bool:
        return self.kind in ("number", "count")

    def worded(self, value: Value, language: Language = ENGLISH) -> str:
        """A value as it stands inside a sentence: "colon or rectum", "80 %", "yes"."""
        if isinstance(value, bool):
            return language.text(N_("yes") if value else N_("no"))
        if isinstance(value, (int, float)):
            number = language.number(value, "g")
            return language.text(QUANTITIES[self.unit]) % {"number": number} if self.unit else number
        if isinstance(value, frozenset):
            return ", ".join(sorted(value)) or language.text(N_("none"))
        return language.text(self.values[value]) if value in self.values else value


# A number with its unit, by the unit as it stands alone.
QUANTITIES = {
    "%": N_("%(number)s %%"),
    "months": N_("%(number)s months"),
    "mut/Mb": N_("%(number)s mut/Mb"),
    "× ULN": N_("%(number)s × ULN"),
    "mL/min": N_("%(number)s mL/min"),
    "ms": N_("%(number)s ms"),
    "× 10⁹/L": N_("%(number)s × 10⁹/L"),
    "g/24 h": N_("%(number)s g/24 h"),
}


def _choice(name: str, label: str, values: Mapping[str, str]) -> Feature:
    return Feature(name, "choice", label, MappingProxyType(dict(values)))


def _tested(name: str, label: str) -> Feature:
    return _choice(name, label, {"positive": N_("positive"), "negative": N_("negative")})


SITES = {
    "oesophagus": N_("oesophagus"),
    "oesophagogastric-junction": N_("oesophagogastric junction"),
    "stomach": N_("stomach"),
    "small-bowel": N_("small bowel"),
    "ampulla": N_("ampulla of Vater"),
    "colorectal": N_("colon or rectum"),
    "anal": N_("anal canal"),
    "pancreas": N_("pancreas"),
    "biliary": N_("gallbladder or bile duct"),
    "liver": N_("liver"),
    "gynaecological": N_("gynaecological"),
    "bladder": N_("bladder"),
    "prostate": N_("prostate"),
    "genitourinary": N_("other genitourinary"),
    "head-neck": N_("head and neck"),
    "breast": N_("breast"),
    "thymus": N_("thymus"),
    "skin": N_("skin (Merkel cell)"),
    "lung": N_("lung"),
    "unknown-primary": N_("primary not found"),
    "other": N_("another site"),
}

# Each with what a reader says where it is there, and where it is not.
_CONDITIONS = (
    ("autoimmune_active", N_("active autoimmune disease"), N_("no active autoimmune disease")),
    ("transplant", N_("organ transplant"), N_("no organ transplant")),
    ("immunodeficiency", N_("immunodeficiency"), N_("no immunodeficiency")),
    ("long_term_steroids", N_("long-term steroids"), N_("no long-term steroids")),
    ("bleeding_active", N_("active bleeding"), N_("no active bleeding")),
    (
        "arterial_thrombosis",
        N_("arterial thrombosis within 6 months"),
        N_("no arterial thrombosis within 6 months"),
    ),
    ("venous_thrombosis", N_("venous thrombosis within 6 months"), N_("no venous thrombosis within 6 months")),
    ("hypertension_uncontrolled", N_("uncontrolled hypertension"), N_("no uncontrolled hypertension")),
    ("recent_or_planned_surgery", N_("recent or planned surgery"), N_("no recent or planned surgery")),
    ("bowel_obstruction", N_("bowel obstruction"), N_("no bowel obstruction")),
    ("bowel_perforation_or_fistula", N_("bowel perforation or fistula"), N_("no bowel perforation or fistula")),
    ("brain_metastases_untreated", N_("untreated brain metastases"), N_("no untreated brain metastases")),
    ("ild", N_("interstitial lung disease"), N_("no interstitial lung disease")),
    ("hepatitis_b", N_("hepatitis B"), N_("no hepatitis B")),
    ("severe_hepatic_impairment", N_("severe hepatic impairment"), N_("no severe hepatic impairment")),
    ("marrow_reserve_low", N_("low marrow reserve"), N_("no low marrow reserve")),
    ("active_infection", N_("active infection"), N_("no active infection")),
    ("hearing_impairment", N_("hearing impairment"), N_("no hearing impairment")),
    ("charcot_marie_tooth", N_("Charcot-Marie-Tooth disease"), N_("no Charcot-Marie-Tooth disease")),
    ("retinal_disease", N_("retinal disease"), N_("no retinal disease")),
    ("platinum_allergy", N_("platinum allergy"), N_("no platinum allergy")),
    (
        "drug_hypersensitivity",
        N_("hypersensitivity to one of the drugs"),
        N_("no hypersensitivity to one of the drugs"),
    ),
    ("warfarin", N_("warfarin"), N_("no warfarin")),
    ("cyp3a4_interaction", N_("a CYP3A4 interaction"), N_("no CYP3A4 interaction")),
    ("pregnancy_or_breastfeeding", N_("pregnancy or breastfeeding"), N_("no pregnancy or breastfeeding")),
)
CONDITIONS = {name: label for name, label, _ in _CONDITIONS}

REGIONS = {
    "US": N_("United States"),
    "EU": N_("European Union"),
    "UK": N_("United Kingdom"),
    "JP": N_("Japan"),
    "CN": N_("China"),
}

FEATURES: Mapping[str, Feature] = MappingProxyType(
    {
        feature.name: feature
        for feature in [
            _choice("primary_site", N_("primary site"), SITES),
            _choice(
                "gynaecological_site",
                N_("gynaecological site"),
                {
                    "cervix": N_("cervix"),
                    "endometrium": N_("endometrium"),
                    "ovary": N_("ovary"),
                    "other": N_("another gynaecological site"),
                },
            ),
            _choice(
                "histology",
                N_("histology"),
                {
                    "small-cell": N_("small cell"),
                    "large-cell": N_("large cell"),
                    "nos": N_("not specified"),
                    "minen": N_("MiNEN"),
                },
            ),
            _choice(
                "differentiation",
                N_("differentiation"),
                {"poor": N_("poor"), "well": N_("well"), "uncertain": N_("uncertain")},
            ),
            Feature("ki67", "number", N_("Ki-67"), low=0, high=100, unit="%"),
            Feature("platinum_received", "flag", N_("platinum received"), absent=N_("no platinum received")),
            _choice(
                "platinum_best_response",
                N_("best response to platinum"),
                {
                    "CR": N_("complete response"),
                    "PR": N_("partial response"),
                    "SD": N_("stable disease"),
                    "PD": N_("progression"),
                },
            ),
            Feature(
                "platinum_free_interval_months",
                "number",
                N_("platinum-free interval"),
                low=0,
                high=240,
                unit=N_("months"),
            ),
            Feature("prior_regimens", "set", N_("regimens received")),
            Feature("progressed_on", "set", N_("regimens on which the disease progressed")),
            Feature("prior_drugs", "set", N_("drugs received"), holds="drugs"),
            Feature("progressed_on_drugs", "set", N_("drugs on which the disease progressed"), holds="drugs"),
            Feature("lines_received", "count", N_("lines received"), low=0, high=12),
            Feature("ecog", "count", N_("ECOG"), low=0, high=4),
            Feature("rapid_progression", "flag", N_("rapid progression"), absent=N_("no rapid progression")),
            _choice("msi", N_("MSI / MMR"), {"high": N_("MSI-high or dMMR"), "stable": N_("stable or proficient")}),
            Feature("tmb", "number", N_("TMB"), low=0, high=1000, unit=N_("mut/Mb")),
            _tested("braf_v600e", N_("BRAF V600E")),
            _tested("ntrk", N_("NTRK fusion")),
            _tested("ret", N_("RET fusion")),
            _tested("kras_g12c", N_("KRAS G12C")),
            _tested("dll3", N_("DLL3")),
            _tested("sstr", N_("SSTR imaging")),
            _tested("rb1_loss", N_("RB1 loss")),
            _tested("mgmt_methylated", N_("MGMT methylation")),
            Feature("ras_mutation", "flag", N_("RAS mutation"), absent=N_("no RAS mutation")),
            _choice(
                "her2",
                N_("HER2"),
                {"ihc-3+": N_("IHC 3+"), "ihc-2+": N_("IHC 2+"), "ihc-1+": N_("IHC 1+"), "negative": N_("negative")},
            ),
            Feature("pd_l1_cps", "number", N_("PD-L1 CPS"), low=0, high=100),
            Feature("bilirubin_uln", "number", N_("bilirubin"), low=0, high=50, unit=N_("× ULN")),
            Feature("ast_alt_uln", "number", N_("AST or ALT"), low=0, high=100, unit=N_("× ULN")),
            _choice("child_pugh", N_("Child-Pugh class"), {"A": N_("A"), "B": N_("B"), "C": N_("C")}),
            Feature("creatinine_clearance", "number", N_("creatinine clearance"), low=0, high=250, unit=N_("mL/min")),
            Feature("anc", "number", N_("neutrophils"), low=0, high=100, unit=N_("× 10⁹/L")),
            Feature("platelets", "number", N_("platelets"), low=0, high=2000, unit=N_("× 10⁹/L")),
            Feature("proteinuria", "number", N_("proteinuria"), low=0, high=50, unit=N_("g/24 h")),
            Feature("neuropathy_grade", "count", N_("neuropathy grade"), low=0, high=4),
            Feature("lvef", "number", N_("LVEF"), low=5, high=90, unit="%"),
            Feature("qtcf", "number", N_("QTcF"), low=300, high=700, unit=N_("ms")),
            _choice(
                "dpd",
                N_("DPD"),
                {"normal": N_("normal"), "partial": N_("partial deficiency"), "complete": N_("complete deficiency")},
            ),
            _choice(
                "ugt1a1",
                N_("UGT1A1"),
                {
                    "normal": N_("normal metaboliser"),
                    "intermediate": N_("intermediate metaboliser"),
                    "poor": N_("poor metaboliser"),
                },
            ),
            *(Feature(name, "flag", label, absent=absent) for name, label, absent in _CONDITIONS),
            Feature(
                "tce_centre",
                "flag",
                N_("a centre for T-cell engagers in reach"),
                absent=N_("no centre for T-cell engagers in reach"),
            ),
            _choice("region", N_("region"), REGIONS),
        ]
    }
)

DERIVED: Mapping[str, Feature] = MappingProxyType(
    {
        feature.name: feature
        for feature in [
            _choice(
                "platinum_status",
                N_("platinum status"),
                {
                    "naive": N_("naive"),
                    "refractory": N_("refractory"),
                    "resistant": N_("resistant"),
                    "intermediate": N_("intermediate"),
                    "sensitive": N_("sensitive"),
                },
            ),
            Feature("tmb_high", "flag", N_("TMB-high"), absent=N_("not TMB-high")),
            Feature("lines_next", "count", N_("next line"), low=1, high=13),
        ]
    }
)

# Which derived features follow from a feature: what to look at again when it changes.
DERIVED_FROM: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "platinum_received": frozenset({"platinum_status"}),
        "platinum_best_response": frozenset({"platinum_status"}),
        "platinum_free_interval_months": frozenset({"platinum_status"}),
        "tmb": frozenset({"tmb_high"}),
        "lines_received": frozenset({"lines_next"}),
    }
)


def entered_features(names: Iterable[str]) -> frozenset[str]:
    """The features that are entered behind those named: a derived one stands for what it follows from."""
    wanted = frozenset(names)
    behind = (name for name, derived in DERIVED_FROM.items() if derived & wanted)
    return (wanted & FEATURES.keys()) | frozenset(behind)


DEFAULT_REGION = "US"

# The platinum-free interval in months: refractory below the first, sensitive from the last on (METHOD, section 1).
RESISTANT_FROM_MONTHS, INTERMEDIATE_FROM_MONTHS, SENSITIVE_FROM_MONTHS = 1, 3, 6
TMB_HIGH_FROM = 10  # mutations per megabase
NET_G3_KI67_UP_TO = 55  # percent: with uptake of tracer up to here, a NET G3 is possible
NEC_KI67_FROM = 20  # percent: below it the diagnosis is in doubt
ECOG_WITHOUT_TREATMENT = 4  # no treatment of the tumour is advised by the sources read
OUT_OF_SCOPE_SITES = {"chest": ("lung", "thymus"), "skin": ("skin",)}
PLATINUM = frozenset({"cisplatin", "carboplatin"})
NO_GYNAECOLOGICAL_SITE = "none"  # only implied, so that no `is` holds for it

# The four sets of what was given: what was received, with that of it on which the disease progressed.
RECEIVED = (("prior_regimens", "progressed_on"), ("prior_drugs", "progressed_on_drugs"))
TREATMENTS = tuple(name for pair in RECEIVED for name in pair)

# For each feature that may be implied the features from which it then follows.
IMPLIED_BY: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "gynaecological_site": frozenset({"primary_site"}),
        "platinum_received": frozenset(TREATMENTS),
        "platinum_free_interval_months": frozenset({"platinum_best_response"}),
        "progressed_on": frozenset({"progressed_on_drugs", "prior_regimens"}),
        "progressed_on_drugs": frozenset({"progressed_on", "prior_drugs"}),
        "kras_g12c": frozenset({"ras_mutation"}),
        "ras_mutation": frozenset({"kras_g12c"}),
        "severe_hepatic_impairment": frozenset({"child_pugh"}),
    }
)


@dataclass(frozen=True)
class OtherUnit:
    """Values of a feature that are possible and look like another unit: those within all the bounds given.

    looks_like   what the number may be instead, a message
    """

    feature: str
    looks_like: str
    above: float | None = None
    at_most: float | None = None
    below: float | None = None

    def fits(self, value: float) -> bool:
        return (
            (self.above is None or value > self.above)
            and (self.at_most is None or value <= self.at_most)
            and (self.below is None or value < self.below)
        )


# In the order of METHOD, section 1.
OTHER_UNITS = (
    OtherUnit("ki67", N_("a fraction; percent is asked for"), above=0, at_most=1),
    OtherUnit("creatinine_clearance", N_("a serum creatinine; the clearance in mL/min is asked for"), below=5),
    OtherUnit("platinum_free_interval_months", N_("weeks; months are asked for"), above=24),
    OtherUnit("tmb", N_("a count of mutations; mutations per megabase are asked for"), above=200),
    OtherUnit("bilirubin_uln", N_("µmol/L; multiples of the upper limit are asked for"), above=15),
    OtherUnit("ast_alt_uln", N_("U/L; multiples of the upper limit are asked for"), above=40),
    OtherUnit("anc", N_("a percentage; 10⁹/L is asked for"), above=30),
    OtherUnit("platelets", N_("a count in 10⁵/µL; 10⁹/L is asked for"), below=5),
    OtherUnit("lvef", N_("another unit; percent is asked for"), below=15),
    OtherUnit("proteinuria", N_("mg/dL or mg/mmol; grams in 24 hours are asked for"), above=20),
)

# The features that may contradict another, imply one or decide the scope. Any other, once it is known, adds itself and
# what is derived from it alone.
BOUND = frozenset(
    {
        *("primary_site", "gynaecological_site", "histology", "differentiation", "lines_received", *TREATMENTS),
        *("platinum_received", "platinum_best_response", "platinum_free_interval_months", "kras_g12c", "ras_mutation"),
        *("child_pugh", "severe_hepatic_impairment", "pregnancy_or_breastfeeding"),
    }
)

_POSITION: Mapping[str, int] = MappingProxyType({name: position for position, name in enumerate(FEATURES)})


ALIKE = 0.75  # from this similarity on (0 to 1) one name is taken for another that was meant


@dataclass(frozen=True)
class Vocabulary:
    """The slugs that a patient's treatments may name.

    platinum    those of regimens and drugs that are or hold cisplatin or carboplatin
    synonyms    other names (in lower case) of regimens and of drugs, each with its slug
    held_in     of a drug that a single regimen holds, that regimen
    """

    regimens: frozenset[str] = frozenset()
    drugs: frozenset[str] = frozenset()
    platinum: frozenset[str] = PLATINUM
    synonyms: Mapping[str, str] = field(default_factory=dict)
    held_in: Mapping[str, str] = field(default_factory=dict)

    def of(self, feature: Feature) -> frozenset[str]:
        return self.drugs if feature.holds == "drugs" else self.regimens

    def nearest(self, name: str, feature: Feature) -> str | None:
        """The slug that somebody who wrote `name` probably meant."""
        slugs, wanted = self.of(feature), name.strip().lower()
        meant = {other: slug if slug in slugs else self.held_in.get(slug, "") for other, slug in self.synonyms.items()}
        known = {slug.lower(): slug for slug in slugs} | {other: slug for other, slug in meant.items() if slug in slugs}
        if wanted in known:
            return known[wanted]
        found = difflib.get_close_matches(wanted, sorted(known), n=1, cutoff=ALIKE)
        return known[found[0]] if found else None


@dataclass(frozen=True)
class Problem:
    """Why a patient is refused: the features concerned, and a sentence that names them, the value and the range."""

    features: tuple[str, ...]
    message: str


class PatientError(ValueError):
    """The values given are no patient: every problem found, not only the first."""

    def __init__(self, problems: Collection[Problem]):
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


@dataclass(frozen=True)
class Patient:
    """What is known of a patient.

    features    what was given, by name, in the order of `FEATURES`; a feature that is absent is unknown
    implied     what follows from that for features that were not given, in the same order
    values      both with the derived features that follow: what criteria are evaluated on
    vocabulary  the slugs that its treatments may name

    Derived (None when it does not follow):
    platinum_status   naive | refractory | resistant | intermediate | sensitive
    tmb_high          TMB of 10 mutations per megabase or more
    lines_next        the line of therapy that the decision is about
    """

    features: MappingProxyType[str, Value]
    implied: MappingProxyType[str, Value] = field(compare=False)
    values: MappingProxyType[str, Value] = field(compare=False)
    vocabulary: Vocabulary = field(compare=False, repr=False)

    @classmethod
    def from_features(cls, given: Mapping[str, Any], *, vocabulary: Vocabulary) -> Patient:
        """Build a patient from plain values (as JSON has them); None means unknown.

        Raises PatientError with every value out of range and every contradiction.
        """
        problems: list[Problem] = []
        known: dict[str, Value] = {}
        for name, value in given.items():
            if name not in FEATURES:
                problems.append(Problem((name,), f"{name}: unknown feature"))
            elif value is not None:
                try:
                    known[name] = _understood(FEATURES[name], value, vocabulary)
                except ValueError as error:
                    problems.append(Problem((name,), str(error)))
        known = _in_order(known)
        problems.extend(contradictions(known, vocabulary))
        if problems:
            raise PatientError(problems)
        return cls._of(known, vocabulary)

    @classmethod
    def _of(cls, known: dict[str, Value], vocabulary: Vocabulary) -> Patient:
        implied = _in_order(dict(_implied(known, vocabulary)))
        understood = known | implied
        values = understood | dict(_derived(understood))
        return cls(MappingProxyType(known), MappingProxyType(implied), MappingProxyType(values), vocabulary)

    def knows(self, feature: str) -> bool:
        return feature in self.values

    def supposing(self, feature: str, value: Value) -> Patient | None:
        """The same patient with one feature set; None where that would contradict what is known."""
        return self.supposing_all({feature: value})

    def supposing_all(self, changes: Mapping[str, Value]) -> Patient | None:
        """The same patient with features set; None where they would contradict each other or what is known."""
        known = _in_order({**self.features, **changes})
        return None if any(contradictions(known, self.vocabulary)) else self._of(known, self.vocabulary)

    def changed(self, changes: Mapping[str, Value]) -> Patient:
        """The same with features set, on the way to a patient: it may contradict itself."""
        return self._of(_in_order({**self.features, **changes}), self.vocabulary)

    @cached_property
    def primary_site(self) -> str | None:
        return self._text("primary_site")

    @cached_property
    def region(self) -> str:
        """Where licences are looked up; unknown counts as the United States (METHOD, section 8)."""
        return self._text("region") or DEFAULT_REGION

    @cached_property
    def progressed_on(self) -> frozenset[str]:
        """Empty also when unknown: ask `knows("progressed_on")` where that matters."""
        return _set(self.values.get("progressed_on"))

    @cached_property
    def progressed_on_drugs(self) -> frozenset[str]:
        """Empty also when unknown."""
        return _set(self.values.get("progressed_on_drugs"))

    @property
    def prior_regimens(self) -> frozenset[str]:
        """Empty also when unknown: ask `knows("prior_regimens")` where that matters."""
        return _set(self.values.get("prior_regimens"))

    @property
    def prior_drugs(self) -> frozenset[str]:
        """Empty also when unknown."""
        return _set(self.values.get("prior_drugs"))

    @cached_property
    def perhaps_failed(self) -> tuple[frozenset[str], frozenset[str]]:
        """Regimens and drugs on which the disease progressed, or may have: those received where that is unknown."""
        regimens = self.progressed_on if self.knows("progressed_on") else self.prior_regimens
        drugs = self.progressed_on_drugs if self.knows("progressed_on_drugs") else self.prior_drugs
        return regimens, drugs

    @property
    def derived(self) -> dict[str, Value | None]:
        return {name: self.values.get(name) for name in DERIVED}

    def _text(self, name: str) -> str | None:
        value = self.values.get(name)
        return value if isinstance(value, str) else None


@dataclass(frozen=True)
class Scope:
    """Whether the application speaks about this patient at all; `reasons` say why not, `warnings` what to check first.

    Each reason and warning is (code, sentence).
    """

    reasons: tuple[tuple[str, Sentence], ...]
    warnings: tuple[tuple[str, Sentence], ...]

    @property
    def in_scope(self) -> bool:
        return not self.reasons


def added_by(feature: str, value: Value) -> dict[str, Value]:
    """What becomes known, of any patient of whom it was not, with a feature that is not among BOUND."""
    return {feature: value, **dict(_derived({feature: value}))}


def in_scope(patient: Patient) -> bool:
    """Whether `scope` would find no reason against."""
    return next(_reasons(patient.values), None) is None


def scope(patient: Patient) -> Scope:
    """What is out of scope, and what to check first (METHOD, section 1)."""
    return Scope(tuple(_reasons(patient.values)), tuple(_warnings(patient)))


IN_THE_CHEST = N_(
    "The primary is in the lung or thymus. This application is for extrapulmonary NEC; in the chest both the evidence "
    "and the drugs differ."
)
IN_THE_SKIN = N_("The primary is in the skin. Merkel cell carcinoma is another disease, with treatments of its own.")
NO_FIRST_LINE = N_(
    "No first line with platinum has been given. This application is for the lines after platinum-etoposide."
)
WELL_DIFFERENTIATED = N_("The tumour is well differentiated. A NET G3 is not a NEC, and it is treated differently.")
PREGNANCY = N_(
    "Pregnancy or breastfeeding: nearly every drug is ruled out or advised against. This is a matter for a specialist "
    "centre."
)
UNCERTAIN = N_("This may be a NET G3: the differentiation is uncertain. Have the pathology reviewed.")
LIKE_NET_G3 = N_(
    "This may be a NET G3: Ki-67 is 55 %% or less, somatostatin receptors take up tracer and loss of RB1 is not shown. "
    "Have the pathology reviewed."
)
LOW_KI67 = N_("Ki-67 is below 20 %%. NEC is graded above 20 %%: check the diagnosis.")
PROGRESSED_YET_LATE = N_(
    "The disease is said to have progressed on platinum, and the platinum-free interval is 3 months or more. One of "
    "the two is probably not meant: the interval counts for platinum again."
)
LINES_AND_REGIMENS = N_("More regimens are named than lines were received.")
ECOG_4 = N_("Performance status 4: no treatment of the tumour is advised by the sources read.")
INFECTION = N_("Active infection: most options wait until it is controlled.")
UNIT = N_("%(feature)s %(value)s: the number looks like %(other)s.")


def _reasons(values: Mapping[str, Value]) -> Iterator[tuple[str, Sentence]]:
    if values.get("primary_site") in OUT_OF_SCOPE_SITES["chest"]:
        yield "site", say(IN_THE_CHEST)
    if values.get("primary_site") in OUT_OF_SCOPE_SITES["skin"]:
        yield "site", say(IN_THE_SKIN)
    if values.get("platinum_received") is False or values.get("lines_received") == 0:
        yield "first-line", say(NO_FIRST_LINE)
    if values.get("differentiation") == "well":
        yield "net-g3", say(WELL_DIFFERENTIATED)
    if values.get("pregnancy_or_breastfeeding") is True:
        yield "pregnancy", say(PREGNANCY)


def _warnings(patient: Patient) -> Iterator[tuple[str, Sentence]]:
    values = patient.values
    ki67, interval = _number(values.get("ki67")), _number(values.get("platinum_free_interval_months"))
    low_index = ki67 is not None and ki67 <= NET_G3_KI67_UP_TO
    takes_up_tracer = values.get("sstr") == "positive" and values.get("rb1_loss") != "positive"
    if values.get("differentiation") == "uncertain":
        yield "maybe-net-g3", say(UNCERTAIN)
    elif low_index and takes_up_tracer:
        yield "maybe-net-g3", say(LIKE_NET_G3)
    if ki67 is not None and ki67 < NEC_KI67_FROM:
        yield "ki67-low", say(LOW_KI67)
    failed = patient.progressed_on | patient.progressed_on_drugs
    if failed & patient.vocabulary.platinum and interval is not None and interval >= INTERMEDIATE_FROM_MONTHS:
        yield "progressed-yet-late", say(PROGRESSED_YET_LATE)
    lines = _number(values.get("lines_received"))
    if lines is not None and len(patient.prior_regimens) > lines:
        yield "lines-and-regimens", say(LINES_AND_REGIMENS)
    if values.get("ecog") == ECOG_WITHOUT_TREATMENT:
        yield "ecog-4", say(ECOG_4)
    if values.get("active_infection") is True:
        yield "infection", say(INFECTION)
    for unit in OTHER_UNITS:
        number, feature = _number(values.get(unit.feature)), FEATURES[unit.feature]
        if number is not None and (other := looks_like(unit.feature, number)):
            words = say(UNIT, feature=say(feature.label), value=_Worded(feature, number), other=other)
            yield f"unit-{unit.feature}", words


def looks_like(feature: str, number: float) -> Sentence | None:
    """What a number of a feature may be instead, where it looks like one in another unit; None where it does not."""
    unit = next((unit for unit in OTHER_UNITS if unit.feature == feature), None)
    return say(unit.looks_like) if unit and unit.fits(number) else None


@dataclass(frozen=True)
class _Worded:
    """A value of a feature inside a sentence."""

    feature: Feature
    value: Value

    def worded(self, language: Language = ENGLISH) -> str:
        return self.feature.worded(self.value, language)


def _understood(feature: Feature, value: Any, vocabulary: Vocabulary) -> Value:
    refused = ValueError(f"{feature.name}: {value!r} is not allowed; allowed: {feature.allowed}")
    if feature.kind == "choice":
        if isinstance(value, str) and value in feature.values:
            return value
    elif feature.kind == "flag":
        if isinstance(value, bool):
            return value
    elif feature.kind == "set":
        return _slugs(feature, value, vocabulary)
    elif (number := _number(value)) is not None and feature.low <= number <= feature.high:
        if number == int(number):
            return int(number)  # 80.0 is 80 and -0.0 is 0: one value, the same bytes
        if feature.kind == "number":
            return number
    raise refused


def _slugs(feature: Feature, value: Any, vocabulary: Vocabulary) -> frozenset[str]:
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise ValueError(f"{feature.name}: {value!r} is not allowed; allowed: {feature.allowed}")
    for slug in value:
        if not isinstance(slug, str) or slug not in vocabulary.of(feature):
            nearest = vocabulary.nearest(slug, feature) if isinstance(slug, str) else None
            meant = f"; did you mean {nearest}?" if nearest else ""
            kind = feature.holds.removesuffix("s")
            raise ValueError(
                f"{feature.name}: {slug!r} is no {kind} of this release; allowed: {feature.allowed}{meant}"
            )
    return frozenset(value)


def _number(value: Any) -> int | float | None:
    """The value if it is a finite number, and no truth value; a whole number may be too large for a float."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else None


def _in_order(known: Mapping[str, Value]) -> dict[str, Value]:
    """The features in the order of `FEATURES`."""
    return {name: known[name] for name in sorted(known, key=_POSITION.__getitem__)}


def _set(value: Any) -> frozenset[str]:
    return value if isinstance(value, frozenset) else frozenset()


def contradictions(known: Mapping[str, Value], vocabulary: Vocabulary) -> Iterator[Problem]:
    """Pairs of features that cannot both hold (METHOD, section 1), each naming both."""
    interval, response = _number(known.get("platinum_free_interval_months")), known.get("platinum_best_response")
    if response == "PD" and interval is not None and interval >= INTERMEDIATE_FROM_MONTHS:
        yield Problem(
            ("platinum_best_response", "platinum_free_interval_months"),
            f"platinum_best_response PD contradicts platinum_free_interval_months {interval:g}: after progression as "
            f"best response the interval is below {INTERMEDIATE_FROM_MONTHS} months",
        )
    for received, failed in RECEIVED:
        lacking = _set(known.get(failed)) - _set(known.get(received))
        if received in known and lacking:
            yield Problem(
                (failed, received),
                f"{failed} names {_listed(lacking)}, which {received} lacks: the disease progresses on what was "
                "received",
            )
    if known.get("platinum_received") is False:
        for name in ("platinum_best_response", "platinum_free_interval_months"):
            if name in known:
                yield Problem(("platinum_received", name), f"platinum_received false contradicts {name} {known[name]}")
        for name in TREATMENTS:
            if holding := _set(known.get(name)) & vocabulary.platinum:
                yield Problem(
                    ("platinum_received", name),
                    f"platinum_received false contradicts {name} with {_listed(holding)}, which is or holds platinum",
                )
    if known.get("differentiation") == "well" and known.get("histology") in ("minen", "small-cell"):
        yield Problem(
            ("histology", "differentiation"),
            f"histology {known['histology']} contradicts differentiation well: it is poorly differentiated by name",
        )
    if known.get("lines_received") == 0:
        for name in TREATMENTS:
            if named := _set(known.get(name)):
                yield Problem(("lines_received", name), f"lines_received 0 contradicts {name} with {_listed(named)}")
    if known.get("kras_g12c") == "positive" and known.get("ras_mutation") is False:
        yield Problem(
            ("kras_g12c", "ras_mutation"), "kras_g12c positive contradicts ras_mutation false: it is a RAS mutation"
        )
    grade, severe = known.get("child_pugh"), known.get("severe_hepatic_impairment")
    if grade is not None and severe is not None and (grade == "C") != severe:
        yield Problem(
            ("child_pugh", "severe_hepatic_impairment"),
            f"child_pugh {grade} contradicts severe_hepatic_impairment {str(severe).lower()}: class C is severe, A and "
            "B are not",
        )
    site = known.get("primary_site")
    if "gynaecological_site" in known and site is not None and site != "gynaecological":
        yield Problem(
            ("gynaecological_site", "primary_site"),
            f"gynaecological_site {known['gynaecological_site']} contradicts primary_site {site}",
        )


def _implied(known: Mapping[str, Value], vocabulary: Vocabulary) -> Iterator[tuple[str, Value]]:
    """What follows for features that were not given (METHOD, section 1)."""

    def unknown(name: str) -> bool:
        return name not in known

    if known.get("platinum_best_response") == "PD" and unknown("platinum_free_interval_months"):
        yield "platinum_free_interval_months", 0
    if known.get("kras_g12c") == "positive" and unknown("ras_mutation"):
        yield "ras_mutation", True
    if known.get("ras_mutation") is False and unknown("kras_g12c"):
        yield "kras_g12c", "negative"
    if not unknown("child_pugh") and unknown("severe_hepatic_impairment"):
        yield "severe_hepatic_impairment", known["child_pugh"] == "C"
    if known.get("primary_site", "gynaecological") != "gynaecological" and unknown("gynaecological_site"):
        yield "gynaecological_site", NO_GYNAECOLOGICAL_SITE
    if unknown("platinum_received") and any(_set(known.get(name)) & vocabulary.platinum for name in TREATMENTS):
        yield "platinum_received", True
    for (_, failed), (received, other) in (RECEIVED, RECEIVED[::-1]):
        if failed in known and unknown(other) and not known.get(received):
            yield other, frozenset()


def _listed(slugs: Collection[str]) -> str:
    return ", ".join(sorted(slugs))


def _derived(known: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    if status := _platinum_status(known):
        yield "platinum_status", status
    if (tmb := _number(known.get("tmb"))) is not None:
        yield "tmb_high", tmb >= TMB_HIGH_FROM
    if (lines := _number(known.get("lines_received"))) is not None:
        yield "lines_next", int(lines) + 1


def _platinum_status(known: Mapping[str, Value]) -> str | None:
    """The guidelines draw the line at 3 or at 6 months; `intermediate` keeps both readable (METHOD, section 1)."""
    months = _number(known.get("platinum_free_interval_months"))
    if known.get("platinum_received") is False:
        return "naive"
    if known.get("platinum_best_response") == "PD":
        return "refractory"
    if months is None:
        return None
    if months < RESISTANT_FROM_MONTHS:
        return "refractory"
    if months < INTERMEDIATE_FROM_MONTHS:
        return "resistant"
    return "intermediate" if months < SENSITIVE_FROM_MONTHS else "sensitive"
