"""The patient as the rules see it: every feature with its unit and range, and "unknown" for what was not said.

First stop of the flow: forms, files and interfaces hand their values to `Patient.from_features`, which refuses what is
out of range or contradicts itself; everything later reads a `Patient` and nothing else. Source: METHOD, section 1.
"""

from __future__ import annotations

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
             set (regimen slugs)
    label    what a reader calls it; `unit` is written behind a number
    values   for a choice: each value and its wording
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

    @property
    def allowed(self) -> str:
        """The allowed values, in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.values)
        if self.kind == "flag":
            return "true or false"
        if self.kind == "set":
            return "a list of regimens that the release knows"
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
}


def _choice(name: str, label: str, values: Mapping[str, str]) -> Feature:
    return Feature(name, "choice", label, MappingProxyType(dict(values)))


def _tested(name: str, label: str) -> Feature:
    return _choice(name, label, {"positive": N_("positive"), "negative": N_("negative")})


SITES = {
    "oesophagus": N_("oesophagus"),
    "stomach": N_("stomach"),
    "small-bowel": N_("small bowel"),
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
    ("bleeding_or_thrombosis", N_("bleeding or recent thrombosis"), N_("no bleeding or recent thrombosis")),
    ("hypertension_uncontrolled", N_("uncontrolled hypertension"), N_("no uncontrolled hypertension")),
    ("recent_or_planned_surgery", N_("recent or planned surgery"), N_("no recent or planned surgery")),
    ("bowel_obstruction", N_("bowel obstruction"), N_("no bowel obstruction")),
    ("bowel_perforation_or_fistula", N_("bowel perforation or fistula"), N_("no bowel perforation or fistula")),
    ("brain_metastases_untreated", N_("untreated brain metastases"), N_("no untreated brain metastases")),
    ("ild", N_("interstitial lung disease"), N_("no interstitial lung disease")),
    ("hepatitis_b", N_("hepatitis B"), N_("no hepatitis B")),
    ("severe_hepatic_impairment", N_("severe hepatic impairment"), N_("no severe hepatic impairment")),
    ("marrow_reserve_low", N_("low marrow reserve"), N_("no low marrow reserve")),
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
    ("ras_mutation", N_("RAS mutation"), N_("no RAS mutation")),
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
            Feature("lines_received", "count", N_("lines received"), low=0, high=12),
            Feature("ecog", "count", N_("ECOG"), low=0, high=4),
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
            _choice(
                "her2",
                N_("HER2"),
                {"ihc-3+": N_("IHC 3+"), "ihc-2+": N_("IHC 2+"), "ihc-1+": N_("IHC 1+"), "negative": N_("negative")},
            ),
            Feature("pd_l1_cps", "number", N_("PD-L1 CPS"), low=0, high=100),
            Feature("bilirubin_uln", "number", N_("bilirubin"), low=0, high=50, unit=N_("× ULN")),
            Feature("creatinine_clearance", "number", N_("creatinine clearance"), low=0, high=250, unit=N_("mL/min")),
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
OUT_OF_SCOPE_SITES = {"chest": ("lung", "thymus"), "skin": ("skin",)}

_POSITION: Mapping[str, int] = MappingProxyType({name: position for position, name in enumerate(FEATURES)})


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

    features    the known features by name, in the order of `FEATURES`; a feature that is absent is unknown
    values      the same with the derived features that follow from them: what criteria are evaluated on

    Derived (None when it does not follow):
    platinum_status   naive | refractory | resistant | intermediate | sensitive
    tmb_high          TMB of 10 mutations per megabase or more
    lines_next        the line of therapy that the decision is about
    """

    features: MappingProxyType[str, Value]
    values: MappingProxyType[str, Value] = field(compare=False)

    @classmethod
    def from_features(
        cls,
        given: Mapping[str, Any],
        *,
        regimens: Collection[str],
        platinum_regimens: Collection[str] = frozenset(),
    ) -> Patient:
        """Build a patient from plain values (as JSON has them); None means unknown.

        `regimens` are the slugs that may be named, `platinum_regimens` those that hold cisplatin or carboplatin.
        Raises PatientError with every value out of range and every contradiction.
        """
        problems: list[Problem] = []
        known: dict[str, Value] = {}
        for name, value in given.items():
            if name not in FEATURES:
                problems.append(Problem((name,), f"{name}: unknown feature"))
            elif value is not None:
                try:
                    known[name] = _understood(FEATURES[name], value, regimens)
                except ValueError as error:
                    problems.append(Problem((name,), str(error)))
        known = _in_order(known)
        problems.extend(_contradictions(known, platinum_regimens))
        if problems:
            raise PatientError(problems)
        return cls._of(known)

    @classmethod
    def _of(cls, known: dict[str, Value]) -> Patient:
        return cls(MappingProxyType(known), MappingProxyType(known | dict(_derived(known))))

    def knows(self, feature: str) -> bool:
        return feature in self.values

    def supposing(self, feature: str, value: Value) -> Patient | None:
        """The same patient with one feature set; None where that would contradict what is known."""
        return self.supposing_all({feature: value})

    def supposing_all(self, changes: Mapping[str, Value]) -> Patient | None:
        """The same patient with features set; None where they would contradict each other or what is known."""
        known = _in_order({**self.features, **changes})
        return None if any(_contradictions(known, ())) else self._of(known)

    def changed(self, changes: Mapping[str, Value]) -> Patient:
        """The same with features set, on the way to a patient: it may contradict itself."""
        return self._of(_in_order({**self.features, **changes}))

    @cached_property
    def primary_site(self) -> str | None:
        return self._text("primary_site")

    @cached_property
    def region(self) -> str:
        """Where availability is looked up; unknown counts as the United States (METHOD, section 8)."""
        return self._text("region") or DEFAULT_REGION

    @cached_property
    def progressed_on(self) -> frozenset[str]:
        """Empty also when unknown: ask `knows("progressed_on")` where that matters."""
        return _set(self.values.get("progressed_on"))

    @property
    def prior_regimens(self) -> frozenset[str]:
        """Empty also when unknown: ask `knows("prior_regimens")` where that matters."""
        return _set(self.values.get("prior_regimens"))

    @cached_property
    def perhaps_resisted(self) -> tuple[str, ...]:
        """The regimens on which the disease progressed; where that is unknown, those received, for it may have."""
        return tuple(sorted(self.progressed_on if self.knows("progressed_on") else self.prior_regimens))

    @property
    def derived(self) -> dict[str, Value | None]:
        return {name: self.values.get(name) for name in DERIVED}

    def _text(self, name: str) -> str | None:
        value = self.values.get(name)
        return value if isinstance(value, str) else None


@dataclass(frozen=True)
class Scope:
    """Whether the application speaks about this patient at all; `reasons` say why not, `warnings` what to check first.

    Each reason and warning is (keyword, sentence).
    """

    reasons: tuple[tuple[str, Sentence], ...]
    warnings: tuple[tuple[str, Sentence], ...]

    @property
    def in_scope(self) -> bool:
        return not self.reasons


def in_scope(patient: Patient) -> bool:
    """Whether `scope` would find no reason against."""
    return next(_reasons(patient.values), None) is None


def scope(patient: Patient) -> Scope:
    """What is out of scope, and what to check first (METHOD, section 1)."""
    return Scope(tuple(_reasons(patient.values)), tuple(_warnings(patient.values)))


IN_THE_CHEST = N_(
    "The primary is in the lung or thymus. This application is for extrapulmonary NEC; in the chest both the evidence "
    "and the drugs differ."
)
IN_THE_SKIN = N_("The primary is in the skin. Merkel cell carcinoma is another disease, with treatments of its own.")
NO_FIRST_LINE = N_(
    "No first line with platinum has been given. This application is for the lines after platinum-etoposide."
)
WELL_DIFFERENTIATED = N_("The tumour is well differentiated. A NET G3 is not a NEC, and it is treated differently.")
UNCERTAIN = N_("This may be a NET G3: the differentiation is uncertain. Have the pathology reviewed.")
LIKE_NET_G3 = N_(
    "This may be a NET G3: Ki-67 is 55 %% or less, somatostatin receptors take up tracer and loss of RB1 is not shown. "
    "Have the pathology reviewed."
)
LOW_KI67 = N_("Ki-67 is below 20 %%. NEC is graded above 20 %%: check the diagnosis.")


def _reasons(values: Mapping[str, Value]) -> Iterator[tuple[str, Sentence]]:
    if values.get("primary_site") in OUT_OF_SCOPE_SITES["chest"]:
        yield "site", say(IN_THE_CHEST)
    if values.get("primary_site") in OUT_OF_SCOPE_SITES["skin"]:
        yield "site", say(IN_THE_SKIN)
    if values.get("platinum_received") is False or values.get("lines_received") == 0:
        yield "first-line", say(NO_FIRST_LINE)
    if values.get("differentiation") == "well":
        yield "net-g3", say(WELL_DIFFERENTIATED)


def _warnings(values: Mapping[str, Value]) -> Iterator[tuple[str, Sentence]]:
    ki67 = _number(values.get("ki67"))
    low_index = ki67 is not None and ki67 <= NET_G3_KI67_UP_TO
    takes_up_tracer = values.get("sstr") == "positive" and values.get("rb1_loss") != "positive"
    if values.get("differentiation") == "uncertain":
        yield "net-g3?", say(UNCERTAIN)
    elif low_index and takes_up_tracer:
        yield "net-g3?", say(LIKE_NET_G3)
    if ki67 is not None and ki67 < NEC_KI67_FROM:
        yield "ki67", say(LOW_KI67)


def _understood(feature: Feature, value: Any, regimens: Collection[str]) -> Value:
    refused = ValueError(f"{feature.name}: {value!r} is not allowed; allowed: {feature.allowed}")
    if feature.kind == "choice":
        if isinstance(value, str) and value in feature.values:
            return value
    elif feature.kind == "flag":
        if isinstance(value, bool):
            return value
    elif feature.kind == "set":
        return _slugs(feature, value, regimens)
    elif (number := _number(value)) is not None and feature.low <= number <= feature.high:
        if feature.kind == "number":
            return number
        if number == int(number):
            return int(number)
    raise refused


def _slugs(feature: Feature, value: Any, regimens: Collection[str]) -> frozenset[str]:
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise ValueError(f"{feature.name}: {value!r} is not allowed; allowed: {feature.allowed}")
    for slug in value:
        if not isinstance(slug, str) or slug not in regimens:
            raise ValueError(f"{feature.name}: {slug!r} is no regimen of this release; allowed: {feature.allowed}")
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


def _contradictions(known: Mapping[str, Value], platinum_regimens: Collection[str]) -> Iterator[Problem]:
    """Pairs of features that cannot both hold (METHOD, section 1)."""
    interval, response = _number(known.get("platinum_free_interval_months")), known.get("platinum_best_response")
    prior, progressed = _set(known.get("prior_regimens")), _set(known.get("progressed_on"))
    if response == "PD" and interval is not None and interval >= INTERMEDIATE_FROM_MONTHS:
        yield Problem(
            ("platinum_best_response", "platinum_free_interval_months"),
            f"platinum_best_response PD contradicts platinum_free_interval_months {interval:g}: after progression as "
            f"best response the interval is below {INTERMEDIATE_FROM_MONTHS} months",
        )
    if "prior_regimens" in known and not progressed <= prior:
        yield Problem(
            ("progressed_on", "prior_regimens"),
            f"progressed_on names {_listed(progressed - prior)}, which prior_regimens lacks: the disease progresses on "
            "what was received",
        )
    if known.get("platinum_received") is False:
        for name in ("platinum_best_response", "platinum_free_interval_months"):
            if name in known:
                yield Problem(("platinum_received", name), f"platinum_received false contradicts {name} {known[name]}")
        if holding := prior.intersection(platinum_regimens):
            yield Problem(
                ("platinum_received", "prior_regimens"),
                f"platinum_received false contradicts prior_regimens with {_listed(holding)}, which holds platinum",
            )
    if known.get("differentiation") == "well" and known.get("histology") in ("minen", "small-cell"):
        yield Problem(
            ("histology", "differentiation"),
            f"histology {known['histology']} contradicts differentiation well: it is poorly differentiated by name",
        )
    if known.get("lines_received") == 0 and prior:
        yield Problem(
            ("lines_received", "prior_regimens"),
            f"lines_received 0 contradicts prior_regimens with {_listed(prior)}",
        )


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
