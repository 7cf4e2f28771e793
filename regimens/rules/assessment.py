"""What one regimen is for one patient: its band and what decided it, cautions, licence, indications, estimates, level.

Nothing here compares regimens; `ranking` orders the assessments. Source: METHOD, section 8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Literal

from .evidence import (
    PLATINUM_RECHALLENGE,
    Caution,
    CautionFinding,
    Cohort,
    Indication,
    Regimen,
    stands_for,
)
from .knowledge import Knowledge
from .logic import NO_NAMES, InWords, Truth, not_
from .patient import PLATINUM, REGIONS, Patient
from .synthesis import Synthesis, synthesis_of
from .wording import N_, Alternatives, Figure, Listing, Sentence, say

FAIR_CHANCE_OF_ACTIVITY = 0.5

Reason = Callable[[], Sentence]  # made where somebody asks: most regimens are assessed to be compared, not to be read

Status = Literal["approved", "licensed-by-site", "off-label", "investigational", "unavailable", "not-verified"]

# What an indication's stance says of a regimen: for every patient of the kind, or where its criterion holds.
STANCE_MESSAGES = {
    "recommend": (N_("recommended for every patient of this kind"), N_("recommended with %(criterion)s")),
    "against": (N_("advised against for every patient of this kind"), N_("advised against with %(criterion)s")),
    "consider": (N_("considered for every patient of this kind"), N_("considered with %(criterion)s")),
}


class Band(StrEnum):
    """Where an option stands, in the order in which the bands are shown."""

    RECOMMENDED = "recommended"
    SUPPORTED = "supported"
    TRIAL_ONLY = "trial-only"
    LIMITED = "limited"
    NO_EVIDENCE = "no-evidence"
    UNSUITABLE = "unsuitable"

    @property
    def is_ranked(self) -> bool:
        """Whether options of this band carry a rank number."""
        return self in RANKED_BANDS


RANKED_BANDS = (Band.RECOMMENDED, Band.SUPPORTED, Band.LIMITED)


@dataclass(frozen=True)
class Case:
    """A patient on a release: what every criterion of it says of the patient, asked once for all regimens.

    state   the truths as one integer, see `Criteria`
    """

    patient: Patient
    knowledge: Knowledge
    state: int
    resistances: dict[str, tuple[CautionFinding, ...]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, patient: Patient, knowledge: Knowledge) -> Case:
        """Raises KnowledgeError for a release of another edition of the method."""
        knowledge.check_edition()
        return cls(patient, knowledge, knowledge.criteria.state(patient.values))

    @cached_property
    def truths(self) -> Sequence[Truth]:
        """Each criterion's truth, by its place."""
        return self.knowledge.criteria.truths(self.state)

    def shared_resistance(self, regimen: Regimen) -> tuple[CautionFinding, ...]:
        """What progression on a drug says of the regimen (METHOD, section 8)."""
        if regimen.slug not in self.resistances:
            self.resistances[regimen.slug] = tuple(_shared_resistance(regimen, self))
        return self.resistances[regimen.slug]

    def synthesis(self, regimen: Regimen) -> Synthesis:
        return synthesis_of(regimen, self.truths, self.patient.primary_site, self.knowledge)

    @cached_property
    def failed(self) -> Failed:
        """What the disease progressed on."""
        return Failed.of(self.patient.progressed_on, self.patient.progressed_on_drugs, self.knowledge)

    @cached_property
    def perhaps_failed(self) -> Failed:
        """The same with what was received, where it is unknown on what of it the disease progressed."""
        regimens, drugs = self.patient.perhaps_failed
        if (regimens, drugs) == (self.patient.progressed_on, self.patient.progressed_on_drugs):
            return self.failed
        return Failed.of(regimens, drugs, self.knowledge)


@dataclass(frozen=True)
class Failed:
    """Regimens and drugs on which the disease progressed, or may have.

    all_drugs    the drugs named, and those of the regimens
    classes      the exposure classes of them, each with the names of what brings it
    """

    regimens: tuple[Regimen, ...]
    drugs: frozenset[str]
    all_drugs: frozenset[str]
    classes: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, regimens: Iterable[str], drugs: frozenset[str], knowledge: Knowledge) -> Failed:
        named = tuple(knowledge.regimens[slug] for slug in sorted(regimens))
        brought: dict[str, list[str]] = {}
        for regimen in named:
            for name in sorted(regimen.classes):
                brought.setdefault(name, []).append(regimen.name)
        for slug in sorted(drugs):
            for name in sorted(knowledge.drugs[slug].classes):
                brought.setdefault(name, []).append(knowledge.drugs[slug].name)
        return cls(
            named,
            drugs,
            drugs.union(*(regimen.all_drugs for regimen in named)),
            {name: tuple(names) for name, names in brought.items()},
        )

    def __bool__(self) -> bool:
        return bool(self.regimens or self.drugs)


@dataclass(frozen=True)
class IndicationFinding:
    """An indication that holds in the patient's region, with its truth for the patient and that of each part."""

    indication: Indication
    truth: Truth
    parts: tuple[Truth, ...]

    @classmethod
    def of(cls, indication: Indication, truths: Sequence[Truth]) -> IndicationFinding:
        parts = [not_(truths[place]) if is_negated else truths[place] for _, place, is_negated in indication.parts]
        return cls(indication, truths[indication.place], tuple(parts))


@dataclass(frozen=True)
class LicenceFinding:
    """The licence status of a regimen for a patient.

    keys       the licences of the region that are true and cover it, surely or arguably
    possible   those that are unknown: it would be licensed if …
    """

    status: str
    keys: tuple[str, ...]
    possible: tuple[str, ...]


@dataclass(frozen=True)
class Assessment:
    """One regimen for one patient.

    band     None when it waits for a test: whether its `requires` holds is unknown
    reason   what put it into its band
    """

    regimen: Regimen
    band: Band | None
    made_reason: Reason = field(compare=False, repr=False)
    level: str
    synthesis: Synthesis
    licence: LicenceFinding
    cautions: tuple[CautionFinding, ...]
    indications: tuple[IndicationFinding, ...]

    @cached_property
    def reason(self) -> Sentence:
        return self.made_reason()

    @property
    def decided_by(self) -> str:
        """The reason in English, as JSON has it."""
        return self.reason.worded()


def assess(regimen: Regimen, case: Case) -> Assessment:
    """Assess a regimen for a patient in scope."""
    region = case.patient.region
    synthesis = case.synthesis(regimen)
    cautions = tuple(cautions_of(regimen, case))
    licence = licence_of(regimen, case)
    indications = tuple([IndicationFinding.of(i, case.truths) for i in regimen.indications if i.holds_in(region)])
    band, reason = band_of(regimen, case, synthesis)
    level = _level(regimen, case, synthesis, indications)
    return Assessment(regimen, band, reason, level, synthesis, licence, cautions, indications)


def band_of(regimen: Regimen, case: Case, synthesis: Synthesis) -> tuple[Band | None, Reason]:
    """The first rule of METHOD section 8 that applies, and why; None while it waits for a test."""
    region, knowledge, truths = case.patient.region, case.knowledge, case.truths  # a reason keeps no patient
    if caution := _ruling_out(regimen, case):
        return Band.UNSUITABLE, lambda: _ruled_out(caution)
    holding = [each for each in regimen.indications if truths[each.place] is True and each.holds_in(region)]
    if regimen.slug in case.patient.progressed_on and not any(indication.rechallenge for indication in holding):
        return Band.UNSUITABLE, lambda: say(N_("the disease progressed on it"))
    required = True if regimen.requires_place is None else truths[regimen.requires_place]
    if required is False:
        return Band.UNSUITABLE, lambda: say(
            N_("given only with %(criterion)s, which does not hold"), criterion=_required(regimen, knowledge)
        )
    status = licence_of(regimen, case).status
    if status == "unavailable":
        return Band.UNSUITABLE, lambda: say(N_("not available (%(region)s)"), region=say(REGIONS[region]))
    if required is None:
        return None, lambda: say(
            N_("given only with %(criterion)s, which is not known"), criterion=_required(regimen, knowledge)
        )
    if status == "investigational":
        return Band.TRIAL_ONLY, lambda: say(N_("given only in trials (%(region)s)"), region=say(REGIONS[region]))
    first: dict[str, Indication] = {}
    for indication in holding:
        first.setdefault(indication.stance, indication)
    if "recommend" in first and "against" not in first:
        return Band.RECOMMENDED, lambda: _because(first["recommend"])
    if not synthesis.cohorts and "consider" not in first:
        return Band.NO_EVIDENCE, lambda: say(
            N_("no usable cohort applies to this patient, and nobody names it for this situation")
        )
    if "against" in first:
        return Band.LIMITED, lambda: _because(first["against"])
    active = synthesis.chance_of_activity
    if active < FAIR_CHANCE_OF_ACTIVITY:
        return Band.LIMITED, lambda: say(
            N_("limited activity: the response rate is above 10 %% with a probability of %(active)s"),
            active=Figure(active, ".2f"),
        )
    if "consider" in first:
        return Band.SUPPORTED, lambda: _because(first["consider"])
    if direct := [used.cohort for used in synthesis.cohorts if used.cohort.is_direct]:
        return Band.SUPPORTED, lambda: _by_direct_evidence(direct[0])
    return Band.LIMITED, lambda: say(N_("evidence from other tumours or first line only"))


def licence_of(regimen: Regimen, case: Case) -> LicenceFinding:
    """Whether a licence of the region holds for the patient, else the region's word of the regimen."""
    region = case.patient.region
    covering = regimen.covering.get(region, ())
    true = [licence for licence in covering if case.truths[licence.place] is True]
    if any(licence.covers == "yes" for licence in true):
        status = "approved"
    elif true:
        status = "licensed-by-site"
    else:
        status = regimen.otherwise.get(region) or "not-verified"
    possible = tuple([licence.key for licence in covering if case.truths[licence.place] is None])
    return LicenceFinding(status, tuple([licence.key for licence in true]), possible)


def cautions_of(regimen: Regimen, case: Case) -> Sequence[CautionFinding]:
    """The cautions that hold or cannot be checked: its own, those of its drugs, and shared resistance."""
    truths = case.truths
    if not regimen.bears_twins:
        found = [finding for place, findings in regimen.findings if (finding := findings.get(truths[place]))]
    else:
        once: dict[object, CautionFinding] = {}
        for placed in regimen.cautions:
            if (truth := truths[placed.place]) is not False:
                caution = placed.as_borne(truths)
                once.setdefault(caution.identity, caution.findings[truth])
        found = list(once.values())
    return [*found, *case.shared_resistance(regimen)]


def _shared_resistance(regimen: Regimen, case: Case) -> Iterator[CautionFinding]:
    """What progression on a drug says of the regimen (METHOD, section 8).

    Where it is unknown on what the disease progressed, what was received is counted too, and what that adds is unknown.
    """
    true = set()
    if case.failed:
        for caution in _resistances(regimen, case.failed, case.knowledge, known=True):
            true.add((caution.level, caution.drug, caution.exposure_class))
            yield CautionFinding(caution, True)
    if case.perhaps_failed is not case.failed and case.perhaps_failed:
        for caution in _resistances(regimen, case.perhaps_failed, case.knowledge, known=False):
            if (caution.level, caution.drug, caution.exposure_class) not in true:
                yield CautionFinding(caution, None)


def _resistances(regimen: Regimen, failed: Failed, knowledge: Knowledge, *, known: bool) -> Iterator[Caution]:
    is_rechallenge = regimen.slug == PLATINUM_RECHALLENGE
    for lead, drugs in regimen.leads.items():
        if is_rechallenge and drugs <= PLATINUM | stands_for("etoposide"):
            continue
        sharing = [other.name for other in failed.regimens if other is not regimen and drugs & other.resistance]
        sharing += [knowledge.drugs[slug].name for slug in sorted(drugs & failed.drugs)]
        if sharing:
            named = [knowledge.drugs[slug].name for slug in sorted(drugs, reverse=True) if slug in knowledge.drugs]
            names = Alternatives(tuple(named) or (lead,))
            message = (
                N_("shares %(drugs)s with %(regimen)s, on which the disease progressed")
                if known
                else N_("shares %(drugs)s with %(regimen)s, which was received; whether it failed is not known")
            )
            sentence = say(message, drugs=names, regimen=Listing(tuple(sharing)))
            yield Caution({}, "avoid", sentence, None, drug=lead)
    if is_rechallenge:
        return
    for slug in sorted(regimen.classes & failed.classes.keys()):
        found = knowledge.exposure_classes[slug]
        level = found.alone if regimen.classes <= failed.classes.keys() else found.combined
        if level == "none" or regimen.slug in found.exceptions:
            continue
        message = (
            N_("another drug of the class %(group)s, on which the disease progressed (%(regimen)s)")
            if known
            else N_(
                "another drug of the class %(group)s, which was received (%(regimen)s); whether it failed is not known"
            )
        )
        sentence = say(message, group=found.name, regimen=Listing(failed.classes[slug]))
        yield Caution({}, level, sentence, None, exposure_class=slug)


def _ruling_out(regimen: Regimen, case: Case) -> Caution | None:
    """The first caution that makes it unsuitable, the gravest before the others."""
    avoid = None
    for placed in regimen.grave:
        if case.truths[placed.place] is True:
            caution = placed.as_borne(case.truths)
            if caution.level == "contraindicated":
                return caution
            if avoid is None and caution.level == "avoid":
                avoid = caution
    shared = [finding.caution for finding in case.shared_resistance(regimen) if finding.truth is True]
    grave = next((caution for caution in shared if caution.level == "contraindicated"), None)
    return grave or avoid or next((caution for caution in shared if caution.level == "avoid"), None)


def _ruled_out(caution: Caution) -> Sentence:
    message = N_("ruled out: %(why)s") if caution.level == "contraindicated" else N_("advised against: %(why)s")
    return say(message, why=caution.said)


def _because(indication: Indication) -> Sentence:
    for_all, conditional = STANCE_MESSAGES[indication.stance]
    return say(conditional, criterion=InWords(indication.when, NO_NAMES)) if indication.when else say(for_all)


def _required(regimen: Regimen, knowledge: Knowledge) -> InWords:
    return InWords(regimen.requires or {}, knowledge.names)


def _by_direct_evidence(cohort: Cohort) -> Sentence:
    if cohort.histology == "nec":
        return say(N_("direct evidence in NEC after first line"))
    return say(N_("direct evidence in its biomarker, whatever the tumour"))


def _level(regimen: Regimen, case: Case, synthesis: Synthesis, indications: Sequence[IndicationFinding]) -> str:
    """Level of evidence (METHOD, section 8): A for a recommendation, or a licence that covers this patient and is cited
    by an indication that holds; else the level is that of the cohorts."""
    covering = {
        licence.key
        for licence in regimen.licences
        if licence.region == case.patient.region and licence.covers == "yes" and case.truths[licence.place] is True
    }
    for finding in indications:
        stance = finding.indication.stance
        if finding.truth is True and (
            stance == "recommend" or (stance == "consider" and finding.indication.licences & covering)
        ):
            return "A"
    return synthesis.level
