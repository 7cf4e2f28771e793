"""What one regimen is for one patient: its band and what decided it, cautions, indications, estimates, level.

Nothing here compares regimens; `ranking` orders the assessments. Source: METHOD, section 8.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .evidence import PLATINUM_RECHALLENGE, Caution, CautionFinding, Cohort, Indication, Regimen
from .knowledge import Knowledge
from .logic import NO_NAMES, InWords, Truth
from .patient import REGIONS, Patient
from .synthesis import LogNormalPosterior, Synthesis, synthesis_of
from .wording import N_, Figure, Listing, Sentence, say

FAIR_CHANCE_OF_ACTIVITY = 0.5
GOOD_CHANCE_OF_ACTIVITY = 0.8
FAIR_CHANCE_OF_SURVIVAL = 0.2

Reason = Callable[[], Sentence]  # made where somebody asks: most regimens are assessed to be compared, not to be read

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
class IndicationFinding:
    """An indication that holds in the patient's region, with its truth for the patient."""

    indication: Indication
    truth: Truth


@dataclass(frozen=True)
class Assessment:
    """One regimen for one patient.

    band     None when it waits for a test: whether its `requires` holds is unknown
    reason   what put it into its band
    """

    regimen: Regimen
    band: Band | None
    reason: Sentence
    level: str
    synthesis: Synthesis
    cautions: tuple[CautionFinding, ...]
    indications: tuple[IndicationFinding, ...]

    @property
    def decided_by(self) -> str:
        """The reason in English, as JSON has it."""
        return self.reason.worded()


def assess(
    regimen: Regimen, patient: Patient, knowledge: Knowledge, *, synthesis: Synthesis | None = None
) -> Assessment:
    """Assess a regimen for a patient in scope; a `synthesis` already made for the patient is taken over."""
    synthesis = synthesis or synthesis_of(regimen, patient, knowledge)
    band, reason = band_of(regimen, patient, knowledge, synthesis)
    indications = tuple(
        [IndicationFinding(i, i.check(patient.values)) for i in regimen.indications if i.holds_in(patient.region)]
    )
    cautions = [c.findings[truth] for c in regimen.cautions if (truth := c.check(patient.values)) is not False]
    cautions += _shared_resistance(regimen, patient, knowledge)
    level = _level(patient, synthesis, indications)
    return Assessment(regimen, band, reason(), level, synthesis, tuple(cautions), indications)


def band_of(
    regimen: Regimen, patient: Patient, knowledge: Knowledge, synthesis: Synthesis
) -> tuple[Band | None, Reason]:
    """The first rule of METHOD section 8 that applies, and why; None while it waits for a test."""
    if caution := _ruling_out(regimen, patient, knowledge):
        return Band.UNSUITABLE, lambda: _ruled_out(caution)
    region, values = patient.region, patient.values
    holding = [i for i in regimen.indications if i.holds_in(region) and i.check(values) is True]
    required = regimen.requirement(values)
    if regimen.slug in patient.progressed_on and not any(indication.rechallenge for indication in holding):
        return Band.UNSUITABLE, lambda: say(N_("the disease progressed on it"))
    if required is False:
        return Band.UNSUITABLE, lambda: say(
            N_("given only with %(criterion)s, which does not hold"), criterion=_required(regimen, knowledge)
        )
    if regimen.availability.get(region) == "unavailable":
        return Band.UNSUITABLE, lambda: say(N_("not available (%(region)s)"), region=say(REGIONS[region]))
    if required is None:
        return None, lambda: say(
            N_("given only with %(criterion)s, which is not known"), criterion=_required(regimen, knowledge)
        )
    if regimen.availability.get(region) == "investigational":
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
    if little := _limited_activity(synthesis, knowledge):
        return Band.LIMITED, little
    if "consider" in first:
        return Band.SUPPORTED, lambda: _because(first["consider"])
    if direct := [used.cohort for used in synthesis.cohorts if used.cohort.is_direct]:
        return Band.SUPPORTED, lambda: _by_direct_evidence(direct[0])
    return Band.LIMITED, lambda: say(N_("evidence from other tumours or first line only"))


def _shared_resistance(regimen: Regimen, patient: Patient, knowledge: Knowledge) -> list[CautionFinding]:
    """A drug that carries resistance, shared with a regimen on which the disease progressed (METHOD, section 8).

    Where it is unknown on which regimens it progressed, those received carry the same caution as unknown.
    """
    others = [knowledge.regimens[slug] for slug in patient.perhaps_resisted]
    known = patient.knows("progressed_on")
    return [_resistance(regimen, other, known=known) for other in others if shares_resistance(regimen, other)]


def shares_resistance(regimen: Regimen, other: Regimen) -> bool:
    """Whether progression on the other speaks against a regimen, since both rest on one drug (METHOD, section 8)."""
    if other is regimen or regimen.resistance.isdisjoint(other.resistance):
        return False
    return not (regimen.slug == PLATINUM_RECHALLENGE and other.is_platinum_doublet)


def _resistance(regimen: Regimen, other: Regimen, *, known: bool) -> CautionFinding:
    message = (
        N_("shares %(drugs)s with %(regimen)s, on which the disease progressed")
        if known
        else N_("shares %(drugs)s with %(regimen)s, which was received; whether it failed is not known")
    )
    drugs = Listing(tuple([drug for drug in regimen.lead_drugs if drug in other.resistance]))
    sentence = say(message, drugs=drugs, regimen=other.name)
    return CautionFinding(Caution({}, "avoid", sentence, None), True if known else None)


def _ruling_out(regimen: Regimen, patient: Patient, knowledge: Knowledge) -> Caution | None:
    """The first caution that makes it unsuitable: one of its own, else a resistance that it shares."""
    for caution in regimen.ruling_out:
        if caution.check(patient.values) is True:
            return caution
    shared = _shared_resistance(regimen, patient, knowledge) if patient.progressed_on else []
    return shared[0].caution if shared else None


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


def _limited_activity(synthesis: Synthesis, knowledge: Knowledge) -> Reason | None:
    """Why the pooled figures speak of little activity; None when they do not."""
    active = synthesis.chance_of_activity
    if active < FAIR_CHANCE_OF_ACTIVITY:
        return lambda: say(
            N_("limited activity: the response rate is above 10 %% with a probability of %(active)s"),
            active=Figure(active, ".2f"),
        )
    survival = synthesis.estimates["os"].posterior
    assert isinstance(survival, LogNormalPosterior)
    longer = survival.above(knowledge.benchmark.medians["os"].mean)
    if longer < FAIR_CHANCE_OF_SURVIVAL and active < GOOD_CHANCE_OF_ACTIVITY:
        return lambda: say(
            N_(
                "limited activity: survival is longer than the benchmark with a probability of %(longer)s, "
                "and the response rate above 10 %% with one of %(active)s"
            ),
            longer=Figure(longer, ".2f"),
            active=Figure(active, ".2f"),
        )
    return None


def _level(patient: Patient, synthesis: Synthesis, indications: Sequence[IndicationFinding]) -> str:
    """Level of evidence (METHOD, section 8): A for a recommendation or an approval that covers this patient.

    That the region approves the regimen for some patients with its biomarker is not enough; else the level is that of
    the cohorts.
    """
    approved_here = f"approval:{patient.region}"
    for finding in indications:
        stance, sources = finding.indication.stance, finding.indication.sources
        if finding.truth is True and (stance == "recommend" or (stance == "consider" and approved_here in sources)):
            return "A"
    return synthesis.level
