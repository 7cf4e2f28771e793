"""Turns a ranking into what the page shows: plain values and sentences, so that templates compute nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from django.utils.safestring import SafeString

from .intervals import interval_mark
from .models import choices
from .rules.assessment import Band, CautionFinding, IndicationFinding
from .rules.knowledge import OUTCOMES, Knowledge, Outcome, Regimen, ReleaseIdentity
from .rules.logic import Part, Truth, describe, explain, features_named
from .rules.ordering import ORR_CEILING, OS_CEILING_MONTHS, PFS_CEILING_MONTHS
from .rules.patient import CONDITIONS, FEATURES, REGIONS, Feature, Patient, Value
from .rules.ranking import Option, Ranking
from .rules.synthesis import Estimate, UsedCohort
from .rules.testing import MissingTest
from .rules.trials import TrialFit, fitting_trials
from .sources import (
    Link,
    citation,
    cohort_words,
    guideline_name,
    how_read,
    link_to,
    lower_first,
    publication_links,
    reported_figures,
    sentence,
)

BAND_TITLES: Mapping[Band, tuple[str, str]] = {
    Band.RECOMMENDED: (
        "Recommended for this patient",
        "a guideline or an approval names it for this situation",
    ),
    Band.SUPPORTED: ("Supported by evidence in NEC", "studied in NEC after first line, or matched to a biomarker"),
    Band.TRIAL_ONLY: ("Only in a trial", "investigational in this region"),
    Band.LIMITED: ("Limited activity or indirect evidence", "weak figures, advised against, or borrowed evidence"),
    Band.NO_EVIDENCE: ("No evidence", "no usable cohort applies to this patient; not ranked"),
    Band.UNSUITABLE: ("Not suitable", "ruled out or advised against for this patient, or not available"),
}
LEVEL_WORDS = {
    "A": "a guideline’s recommendation or a biomarker-matched approval for this situation",
    "B": "a prospective cohort in NEC after first line, 10 patients or more",
    "C": "a retrospective cohort in NEC, or a prospective one in mixed grade 3",
    "D": "anything less",
}
OUTCOME_TITLES: Mapping[Outcome, str] = {
    "orr": "Response rate",
    "pfs": "PFS, months",
    "os": "OS, months",
    "grade3": "Grade 3+ events",
}
TRUTH_WORDS: Mapping[Truth, str] = {True: "true", False: "false", None: "unknown"}
SITE_ADJECTIVES = {
    "oesophagus": "Oesophageal",
    "stomach": "Gastric",
    "small-bowel": "Small-bowel",
    "colorectal": "Colorectal",
    "anal": "Anal",
    "pancreas": "Pancreatic",
    "biliary": "Biliary",
    "liver": "Hepatic",
    "gynaecological": "Gynaecological",
    "bladder": "Bladder",
    "prostate": "Prostate",
    "genitourinary": "Genitourinary",
    "head-neck": "Head-and-neck",
    "breast": "Breast",
    "thymus": "Thymic",
    "skin": "Cutaneous",
    "lung": "Pulmonary",
}


@dataclass(frozen=True)
class Mark:
    """One estimate: its number and interval in words, and in a row the drawing on the shared axis."""

    outcome: Outcome
    title: str
    number: str
    interval: str
    has_data: bool
    drawing: SafeString | str
    basis: str


@dataclass(frozen=True)
class Axis:
    title: str
    end: str


@dataclass(frozen=True)
class CautionLine:
    level: str
    word: str
    text: str
    source: Link | None


@dataclass(frozen=True)
class PartLine:
    text: str
    truth: str


@dataclass(frozen=True)
class IndicationLine:
    stance: str
    truth: str
    criterion: str
    parts: tuple[PartLine, ...]
    regions: str
    rationale: str
    sources: tuple[Link, ...]


@dataclass(frozen=True)
class CohortLine:
    """A cohort that was used: who it was, what it reported, how far it applies and its share of each estimate."""

    citation: str
    key: str
    who: str
    where: str
    size: str
    reported: tuple[tuple[str, str], ...]
    weight: str
    factors: str
    shares: str
    links: tuple[Link, ...]
    read: str


@dataclass(frozen=True)
class TermLine:
    label: str
    calculation: str
    value: str


@dataclass(frozen=True)
class ApprovalLine:
    where: str
    indication: str
    source: Link | None


@dataclass(frozen=True)
class OptionRow:
    """An option as a row, and what opening it shows."""

    slug: str
    name: str
    rank: int | None
    chips: tuple[str, ...]
    decided_by: str
    marks: tuple[Mark, ...]
    patients: str
    studies: str
    level: str
    level_words: str
    best: str
    top3: str
    availability: str
    received: str
    grave_unknown: str
    cautions: tuple[CautionLine, ...]
    further_cautions: tuple[CautionLine, ...]
    unchecked_cautions: tuple[CautionLine, ...]
    unchecked: str
    about_equal_to_next: bool
    terms: tuple[TermLine, ...]
    utility: str
    cohorts: tuple[CohortLine, ...]
    estimates: tuple[Mark, ...]
    indications: tuple[IndicationLine, ...]
    schedule: str
    schedule_source: Link | None
    approvals: tuple[ApprovalLine, ...]
    region_note: str
    region_note_source: Link | None
    gaps: str


@dataclass(frozen=True)
class ListedOption:
    """An option that is not ranked here: why, and on whose word."""

    name: str
    decided_by: str
    cautions: tuple[CautionLine, ...]


@dataclass(frozen=True)
class BandSection:
    key: str
    title: str
    note: str
    options: tuple[OptionRow | ListedOption, ...]
    is_folded: bool


@dataclass(frozen=True)
class WaitingLine:
    """The regimens that wait for one test."""

    tests: str
    given_with: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class TestLine:
    """A missing biomarker: the chance that it is positive here, and what would then be first."""

    name: str
    supposed: str
    chance: str
    source: Link | None
    then_first: str
    changes_first: bool
    enters: str
    gain: str
    feature: str
    value: str


@dataclass(frozen=True)
class QuestionLine:
    """Another unknown feature: whether knowing it would change the order, and at which values."""

    name: str
    changes: bool
    words: str


@dataclass(frozen=True)
class TrialLine:
    """A trial that the patient may fit: what of it is met, and what is not known."""

    nct: str
    url: str
    name: str
    status: str
    open_questions: tuple[str, ...]
    eligibility: str


@dataclass(frozen=True)
class RankingPage:
    """Everything that the options pane shows for one ranking."""

    release: ReleaseIdentity
    patient: tuple[tuple[str, bool], ...]
    more: tuple[str, ...]
    counts: str
    announcement: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    leader_note: str
    axes: tuple[Axis, ...]
    bands: tuple[BandSection, ...]
    further_bands: tuple[BandSection, ...]
    waiting: tuple[WaitingLine, ...]
    tests: tuple[TestLine, ...]
    questions: tuple[QuestionLine, ...]
    trials: tuple[TrialLine, ...]
    further_trials: tuple[TrialLine, ...]
    supposed: tuple[str, ...]
    in_scope: bool


def present(ranking: Ranking, knowledge: Knowledge, supposed: Iterable[str] = ()) -> RankingPage:
    """The ranking as the page shows it; `supposed` are the features whose values are tried out and not known."""
    ceilings = _ceilings(ranking.options)
    presenter = _OptionPresenter(ranking, knowledge, ceilings)
    fits = fitting_trials(ranking.patient, knowledge) if ranking.scope.in_scope else ()
    trials = tuple(map(_trial_line, fits))
    bands = [
        BandSection(band.value, BAND_TITLES[band][0], _band_note(band, listed), presenter.rows(listed), band in _FOLDED)
        for band, options in groupby(ranking.options, key=lambda option: option.band)
        for listed in [list(options)]
    ]
    return RankingPage(
        release=ranking.release,
        patient=tuple(_patient_sentence(ranking.patient)),
        more=tuple(_patient_details(ranking.patient, knowledge)),
        counts=_counts(ranking),
        announcement=_announcement(ranking),
        reasons=tuple(text for _, text in ranking.scope.reasons),
        warnings=tuple(text for _, text in ranking.scope.warnings),
        leader_note=_leader_note(ranking.options),
        axes=tuple(Axis(OUTCOME_TITLES[o], _number(o, ceilings[o], unit=True)) for o in _ROW_OUTCOMES),
        bands=tuple(band for band in bands if band.key in _LEADING),
        further_bands=tuple(band for band in bands if band.key not in _LEADING),
        waiting=tuple(_waiting_lines(ranking, knowledge)),
        tests=tuple(_test_line(test, ranking, knowledge) for test in ranking.tests if test.is_biomarker),
        questions=tuple(_question_lines(ranking.tests, knowledge)),
        trials=trials[:_TRIALS_SHOWN],
        further_trials=trials[_TRIALS_SHOWN:],
        supposed=tuple(
            f"{FEATURES[name].label} {FEATURES[name].worded(ranking.patient.values[name])}"
            for name in supposed
            if name in ranking.patient.values
        ),
        in_scope=ranking.scope.in_scope,
    )


_ROW_OUTCOMES: tuple[Outcome, ...] = ("orr", "pfs", "os")
_TRIALS_SHOWN = 6
_FOLDED = (Band.NO_EVIDENCE, Band.UNSUITABLE)
_LEADING = {Band.RECOMMENDED.value, Band.SUPPORTED.value, Band.TRIAL_ONLY.value}


def _band_note(band: Band, options: Sequence[Option]) -> str:
    if band is Band.RECOMMENDED and all(option.synthesis is None for option in options):
        return "no guideline or approval names a treatment for this situation"
    return BAND_TITLES[band][1]


class _OptionPresenter:
    """Presents the options of one ranking, which share axes, patient and knowledge."""

    def __init__(self, ranking: Ranking, knowledge: Knowledge, ceilings: Mapping[Outcome, float]):
        self.ranking, self.knowledge, self.ceilings = ranking, knowledge, ceilings
        self.patient = ranking.patient
        upper = (Band.RECOMMENDED, Band.SUPPORTED)
        self.is_compared = sum(o.rank is not None and o.band in upper for o in ranking.options) > 1
        self.records = {row["slug"]: row for row in knowledge.document["regimens"]}

    def rows(self, options: Iterable[Option]) -> tuple[OptionRow | ListedOption, ...]:
        return tuple(self._listed(option) if option.band in _FOLDED else self._row(option) for option in options)

    def _listed(self, option: Option) -> ListedOption:
        grave = [f for f in option.cautions if f.truth is True and f.caution.level != "caution"]
        return ListedOption(option.regimen.name, sentence(option.decided_by), tuple(map(_caution_line, grave)))

    def _row(self, option: Option) -> OptionRow:
        regimen, record = option.regimen, self.records[option.regimen.slug]
        held = [finding for finding in option.cautions if finding.truth is True]
        specific = [finding for finding in held if finding.caution.when or not finding.caution.url]
        general = [finding for finding in held if finding not in specific]
        unchecked = [finding for finding in option.cautions if finding.truth is None]
        used = option.synthesis.cohorts if option.synthesis else ()
        shares = option.shares
        schedule, note = record["schedule"] or {}, record["region_note"] or {}
        return OptionRow(
            slug=regimen.slug,
            name=regimen.name,
            rank=option.rank,
            chips=tuple(self._chips(option)),
            decided_by=sentence(option.decided_by),
            marks=self._marks(option, _ROW_OUTCOMES, drawn=True),
            patients=_patients(used),
            studies=_plural(len({cohort.cohort.study_key for cohort in used}), "study", "studies") if used else "",
            level=option.level,
            level_words=LEVEL_WORDS[option.level],
            best=_percent(shares.best) if shares and shares.best is not None and self.is_compared else "",
            top3=_percent(shares.top3) if shares and shares.top3 is not None and self.is_compared else "",
            availability=self._availability(option),
            received=self._received(regimen),
            grave_unknown=", ".join(self._not_known(f for f in unchecked if f.caution.level == "contraindicated")),
            cautions=tuple(map(_caution_line, specific)),
            further_cautions=tuple(map(_caution_line, general)),
            unchecked_cautions=tuple(map(_caution_line, unchecked)),
            unchecked=", ".join(self._not_known(unchecked)),
            about_equal_to_next=bool(shares and shares.about_equal_to_next),
            terms=tuple(self._terms(option)),
            utility=f"{option.utility:.3f}" if option.utility is not None else "",
            cohorts=tuple(map(self._cohort_line, used)),
            estimates=self._marks(option, OUTCOMES, drawn=False),
            indications=tuple(self._indication_line(finding, regimen.slug) for finding in option.indications),
            schedule=schedule.get("text", ""),
            schedule_source=link_to("source", schedule.get("url")),
            approvals=tuple(map(_approval_line, record["approvals"])),
            region_note=note.get("text", ""),
            region_note_source=link_to("source", note.get("url")),
            gaps=record["gaps"] or "",
        )

    def _chips(self, option: Option) -> Iterator[str]:
        """What speaks for the option here: the facts that matched, who says so, or the evidence it rests on."""
        holding = [f for f in option.indications if f.truth is True and f.indication.stance != "against"]
        facts = [
            self._matched(part)
            for finding in holding
            for part in explain(finding.indication.when, self.patient.values, names=self.knowledge.names)
            if part.truth is True
        ]
        yield from dict.fromkeys(facts)
        for finding in holding:
            read = (
                link.text
                for link in self._sources(finding, option.regimen.slug)
                if not link.text.endswith("(not read)")
            )
            yield from islice(read, 1)
        if not holding and option.synthesis:
            for used in option.synthesis.cohorts:
                if used.cohort.is_direct:
                    yield cohort_words(used.cohort)
                    break

    def _matched(self, part: Part) -> str:
        """A part of a criterion that is true: of a list of values, the one that the patient has."""
        feature = FEATURES.get(part.feature)
        if feature is None or feature.kind != "choice" or part.feature not in self.patient.values:
            return part.text
        return f"{feature.label} {lower_first(feature.worded(self.patient.values[part.feature]))}"

    def _marks(self, option: Option, outcomes: Sequence[Outcome], *, drawn: bool) -> tuple[Mark, ...]:
        if option.synthesis is None:
            return ()
        estimates = option.synthesis.estimates
        return tuple(
            Mark(
                outcome,
                OUTCOME_TITLES[outcome],
                _number(outcome, estimates[outcome].median, unit=True),
                f"{_number(outcome, estimates[outcome].low)}–{_number(outcome, estimates[outcome].high)}",
                estimates[outcome].has_data,
                self._drawing(outcome, estimates[outcome]) if drawn else "",
                _basis(estimates[outcome]),
            )
            for outcome in outcomes
        )

    def _drawing(self, outcome: Outcome, estimate: Estimate) -> SafeString:
        return interval_mark(
            low=estimate.low,
            median=estimate.median,
            high=estimate.high,
            benchmark=self._benchmark(outcome),
            ceiling=self.ceilings[outcome],
            has_data=estimate.has_data,
        )

    def _benchmark(self, outcome: Outcome) -> float:
        benchmark = self.knowledge.benchmark
        if outcome in benchmark.rates:
            return benchmark.rates[outcome].mean
        return math.exp(benchmark.medians[outcome].mean)

    def _availability(self, option: Option) -> str:
        status = option.regimen.availability.get(self.patient.region, "not-verified")
        return str(choices.Availability(status).label)

    def _received(self, regimen: Regimen) -> str:
        """Whether the patient had it, and what is known of how that went."""
        if regimen.slug not in self.patient.prior_regimens:
            return ""
        known = self.patient.knows("progressed_on")
        return "already received" if known else "already received; whether the disease progressed on it is not known"

    def _not_known(self, findings: Iterable[CautionFinding]) -> list[str]:
        """The features that leave cautions open, each once."""
        names: dict[str, None] = {}
        for finding in findings:
            for name in sorted(features_named(finding.caution.when) or {"progressed_on"}):
                if not self.patient.knows(name):
                    names[FEATURES[name].label] = None
        return list(names)

    def _terms(self, option: Option) -> Iterator[TermLine]:
        if option.terms is None or option.synthesis is None:
            return
        weights, estimates = self.ranking.preference, option.synthesis.estimates
        for label, outcome, weight, ceiling, value in (
            ("Overall survival", "os", weights.os, OS_CEILING_MONTHS, option.terms.os),
            ("Progression-free survival", "pfs", weights.pfs, PFS_CEILING_MONTHS, option.terms.pfs),
            ("Response rate", "orr", weights.orr, ORR_CEILING, option.terms.orr),
            ("Grade 3 or worse events", "grade3", weights.grade3, None, option.terms.tox),
        ):
            number = _number(outcome, estimates[outcome].median, unit=True)
            if ceiling is None:
                calculation = f"−{weight:.2f} × {number}"
            else:
                calculation = f"{weight:.2f} × {number} / {_number(outcome, ceiling, unit=True)}"
            if not estimates[outcome].has_data:
                calculation += " (no data: the benchmark)"
            yield TermLine(label, calculation, f"{value:+.3f}".replace("-", "−"))

    def _cohort_line(self, used: UsedCohort) -> CohortLine:
        cohort, weight = used.cohort, used.weight
        publication = self.knowledge.publications[cohort.publication]
        result = publication["results"][cohort.index]
        return CohortLine(
            citation=citation(publication),
            key=cohort.publication,
            who=f"{cohort.arm}{f', {cohort.subgroup}' if cohort.subgroup else ''}",
            where=cohort_words(cohort),
            size=_plural(round(cohort.size or 0), "patient", "patients"),
            reported=tuple(reported_figures(result)),
            weight=f"{weight.product:.2f}",
            factors=(
                f"design {weight.design:g} × histology {weight.histology:g} × "
                f"line {weight.line:g} × site {weight.site:g}"
            ),
            shares=", ".join(f"{OUTCOME_TITLES[o].split(',')[0]} {_percent(x)}" for o, x in used.shares.items()),
            links=publication_links(publication),
            read=how_read(publication),
        )

    def _indication_line(self, finding: IndicationFinding, slug: str) -> IndicationLine:
        indication, names = finding.indication, self.knowledge.names
        regions = indication.regions
        return IndicationLine(
            stance=str(choices.Stance(indication.stance).label),
            truth=TRUTH_WORDS[finding.truth],
            criterion=describe(indication.when, names=names) if indication.when else "every patient",
            parts=tuple(map(_part_line, explain(indication.when, self.patient.values, names=names))),
            regions=", ".join(REGIONS[region] for region in REGIONS if region in regions) if regions else "everywhere",
            rationale=indication.rationale,
            sources=self._sources(finding, slug),
        )

    def _sources(self, finding: IndicationFinding, slug: str) -> tuple[Link, ...]:
        """Guideline statements, publications and approvals behind an indication, as links to where they were read."""
        links: list[Link | None] = []
        for source in finding.indication.sources:
            kind, _, key = source.partition(":")
            if kind == "guideline":
                statement = self.knowledge.guidelines[key]
                links.append(link_to(guideline_name(statement), statement["url"]))
            elif kind == "publication":
                links.append(_publication_link(self.knowledge.publications[key]))
            else:
                approvals = self.records[slug]["approvals"]
                found = [approval for approval in approvals if approval["region"] == key]
                approved = [link_to(f"Approval, {_where(approval)}", approval["url"]) for approval in found]
                # The region of the patient first: it is what counts there.
                links = [*approved, *links] if key == self.patient.region else [*links, *approved]
        return tuple(link for link in links if link)


def _publication_link(publication: Mapping[str, Any]) -> Link:
    """A publication by its name, which says so where nobody could read it."""
    best = next(iter(publication_links(publication)), None)
    unread = " (not read)" if publication["verified"] == "none" else ""
    return Link(f"{citation(publication)}{unread}", best.url if best else "")


def _basis(estimate: Estimate) -> str:
    """What an estimate rests on: effective patients, studies, and how much of it is the benchmark."""
    patients = _plural(round(estimate.effective_patients), "effective patient", "effective patients")
    studies = _plural(estimate.studies, "study", "studies")
    return f"{patients} in {studies}, {_percent(estimate.benchmark_share)} benchmark"


def _ceilings(options: Iterable[Option]) -> dict[Outcome, float]:
    """Where each axis ends: just above the widest interval shown, so that all rows share it."""
    shown = [o.synthesis.estimates for o in options if o.synthesis and o.band not in _FOLDED]
    ceilings: dict[Outcome, float] = {}
    for outcome, step in (("orr", 0.1), ("pfs", 3), ("os", 6), ("grade3", 0.1)):
        highest = max((e[outcome].high for e in shown if e[outcome].has_data), default=step)
        ceilings[outcome] = step * math.ceil(highest / step)
    return ceilings


def _number(outcome: Outcome, value: float, *, unit: bool = False) -> str:
    if outcome in ("orr", "grade3"):
        return f"{100 * value:.0f}{' %' if unit else ''}"
    return f"{value:.1f}"


def _percent(share: float) -> str:
    """A share of draws, honest at the ends: neither 0 nor 100 % is said of what is not."""
    if 0 < share < 0.005:
        return "<1 %"
    if 0.995 <= share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _patients(used: Sequence[UsedCohort]) -> str:
    """Effective patients behind the outcome that has most."""
    if not used:
        return ""
    totals: dict[Outcome, float] = {}
    for cohort in used:
        for outcome in cohort.outcomes:
            totals[outcome] = totals.get(outcome, 0) + cohort.weight.product * (cohort.cohort.size or 0)
    return _plural(round(max(totals.values())), "patient", "patients")


def _caution_line(finding: CautionFinding) -> CautionLine:
    caution = finding.caution
    return CautionLine(
        caution.level,
        str(choices.CautionLevel(caution.level).label),
        sentence(caution.text),
        link_to("source", caution.url),
    )


def _approval_line(approval: Mapping[str, Any]) -> ApprovalLine:
    return ApprovalLine(_where(approval), approval["indication"], link_to("source", approval["url"]))


def _where(approval: Mapping[str, Any]) -> str:
    year = f", {approval['year']}" if approval["year"] else ""
    return f"{REGIONS[approval['region']]}{year}"


def _part_line(part: Part) -> PartLine:
    return PartLine(part.text, TRUTH_WORDS[part.truth])


def _patient_sentence(patient: Patient) -> Iterator[tuple[str, bool]]:
    """What was understood, as runs of (text, emphasised)."""
    values = patient.values
    yield _tumour(values), True
    treatment = _platinum(values)
    if treatment:
        yield f"; {treatment}", False
    status = values.get("platinum_status")
    if status and status != "naive":
        yield ": ", False
        yield f"platinum-{status}", True
    yield ".", False
    if "ecog" in values:
        yield f" ECOG {values['ecog']}.", False


def _tumour(values: Mapping[str, Value]) -> str:
    site, histology = values.get("primary_site"), values.get("histology")
    kind = {"small-cell": "small-cell NEC", "large-cell": "large-cell NEC", "minen": "MiNEN"}.get(str(histology), "NEC")
    if site is None:
        text = f"{kind[:1].upper()}{kind[1:]}, primary site not entered"
    elif site == "unknown-primary":
        text = f"{kind[:1].upper()}{kind[1:]} of unknown primary"
    elif site == "other":
        text = f"{kind[:1].upper()}{kind[1:]} of another site"
    else:
        text = f"{SITE_ADJECTIVES[str(site)]} {kind}"
    differentiation = values.get("differentiation")
    if differentiation in ("well", "uncertain"):
        word = FEATURES["differentiation"].worded(differentiation).lower()
        text += f", {word}ly differentiated" if word == "uncertain" else ", well differentiated"
    return f"{text}, Ki-67 {values['ki67']:g} %" if "ki67" in values else text


def _platinum(values: Mapping[str, Value]) -> str:
    received, response = values.get("platinum_received"), values.get("platinum_best_response")
    if received is False:
        return "no platinum so far"
    parts = []
    if response is not None:
        word = FEATURES["platinum_best_response"].worded(response).lower()
        parts.append(f"{word} {'to' if response in ('CR', 'PR') else 'on'} platinum")
    elif received:
        parts.append("after platinum")
    if "platinum_free_interval_months" in values:
        parts.append(f"progressed after {values['platinum_free_interval_months']:g} months")
    return ", ".join(parts)


def _patient_details(patient: Patient, knowledge: Knowledge) -> Iterator[str]:
    """The rest of what was entered, so that every value can be checked against the form."""
    values = patient.values
    if patient.knows("prior_regimens"):
        names = [
            knowledge.names[slug] + (" (progressed)" if slug in patient.progressed_on else "")
            for slug in sorted(patient.prior_regimens)
        ]
        yield f"Received: {', '.join(names) or 'none'}"
    elif patient.progressed_on:
        yield f"Progressed on: {', '.join(knowledge.names[slug] for slug in sorted(patient.progressed_on))}"
    said = {"primary_site", "histology", "ki67", "ecog", "region", "prior_regimens", "progressed_on"}
    said |= {"platinum_received", "platinum_best_response", "platinum_free_interval_months", *CONDITIONS}
    plain = [
        f"{feature.label} {feature.worded(values[name])}"
        for name, feature in FEATURES.items()
        if name in values and name not in said and not (name == "differentiation" and values[name] != "poor")
    ]
    if plain:
        yield f"{plain[0][:1].upper()}{', '.join(plain)[1:]}"
    present = [label for name, label in CONDITIONS.items() if values.get(name) is True]
    absent = sum(values.get(name) is False for name in CONDITIONS)
    if present:
        yield f"Present: {', '.join(present)}"
    if absent:
        yield f"{_plural(absent, 'condition', 'conditions')} stated absent"
    region = values.get("region")
    yield f"Region: {REGIONS[str(region)]}" if region else "Region not entered: the United States count"


def _waiting_lines(ranking: Ranking, knowledge: Knowledge) -> Iterator[WaitingLine]:
    found: dict[tuple[str, str], list[str]] = {}
    for waiting in ranking.needs_test:
        tests = ", ".join(FEATURES[name].label for name in waiting.features)
        given_with = describe(waiting.regimen.requires or {}, names=knowledge.names)
        found.setdefault((tests, given_with), []).append(waiting.regimen.name)
    for (tests, given_with), names in sorted(found.items()):
        yield WaitingLine(tests, given_with, tuple(names))


def _counts(ranking: Ranking) -> str:
    ranked = sum(option.rank is not None for option in ranking.options)
    counted = [
        (len(ranking.needs_test), "wait for a test", "waits for a test"),
        (_in(ranking, Band.TRIAL_ONLY), "only in a trial", "only in a trial"),
        (_in(ranking, Band.NO_EVIDENCE), "without evidence", "without evidence"),
        (_in(ranking, Band.UNSUITABLE), "not suitable", "not suitable"),
    ]
    rest = [f"{count} {one if count == 1 else many}" for count, many, one in counted if count]
    return f"{', '.join([_plural(ranked, 'option ranked', 'options ranked'), *rest])}."


def _in(ranking: Ranking, band: Band) -> int:
    return sum(option.band is band for option in ranking.options)


def _announcement(ranking: Ranking) -> str:
    """What a screen reader is told after a change."""
    if not ranking.scope.in_scope:
        return "Out of scope. No options are ranked."
    ranked = [option for option in ranking.options if option.rank is not None]
    if not ranked:
        return "No option is ranked."
    return f"{_plural(len(ranked), 'option', 'options')} ranked, first {ranked[0].regimen.name}."


def _leader_note(options: Sequence[Option]) -> str:
    """Says so where another option than the first comes out best in most draws (METHOD, section 9)."""
    drawn = [(o.shares.best, o) for o in options if o.shares and o.shares.best is not None and o.synthesis]
    first = next((option for option in options if option.rank == 1), None)
    if not drawn or first is None:
        return ""
    best, leader = max(drawn, key=lambda pair: pair[0])
    if leader is first:
        return ""
    studies = len({used.cohort.study_key for used in leader.synthesis.cohorts}) if leader.synthesis else 0
    why = (
        "a guideline or an approval names it for this situation"
        if leader.band is not first.band
        else "its pooled medians add up to more"
    )
    return (
        f"On the figures alone, {leader.regimen.name} is ahead in {_percent(best)} of the draws; it rests on "
        f"{_plural(studies, 'study', 'studies')}. {first.regimen.name} stands first because {why}."
    )


def _trial_line(fit: TrialFit) -> TrialLine:
    trial = fit.trial
    return TrialLine(
        nct=trial["nct"],
        url=f"https://clinicaltrials.gov/study/{trial['nct']}",
        name=trial["acronym"] or trial["intervention"],
        status=str(choices.TrialStatus(trial["status_as_seen"]).label).lower(),
        open_questions=tuple(part.text for part in fit.parts if part.truth is None),
        eligibility="; ".join(trial["key_eligibility"]),
    )


def _test_line(test: MissingTest, ranking: Ranking, knowledge: Knowledge) -> TestLine:
    feature, prevalence = FEATURES[test.feature], test.prevalence
    first = next((option for option in ranking.options if option.rank == 1), None)
    if test.first_becomes is None:
        then = "no option would be ranked"
    elif not test.changes_first and first:
        then = f"{first.regimen.name} stays first"
    else:
        then = knowledge.names[test.first_becomes]
    supposed = feature.worded(test.value)
    gain = f"{test.utility_gain:+.2f}".replace("-", "−") if test.utility_gain is not None and test.changes_first else ""
    return TestLine(
        name=feature.label,
        supposed=f"{supposed} or more" if feature.is_numeric else supposed,
        chance=f"{100 * prevalence.chance:.3g} %" if prevalence else "not known",
        source=link_to(prevalence.population, prevalence.url) if prevalence else None,
        then_first=then,
        changes_first=test.changes_first,
        enters=", ".join(knowledge.names[slug] for slug in test.enters_recommended if slug != test.first_becomes),
        gain=gain,
        feature=test.feature,
        value=str(test.value),
    )


def _question_lines(tests: Sequence[MissingTest], knowledge: Knowledge) -> Iterator[QuestionLine]:
    """The other unknown features, those that would change the order first."""
    others = [test for test in tests if not test.is_biomarker]
    by_feature: dict[str, list[MissingTest]] = {}
    for test in others:
        by_feature.setdefault(test.feature, []).append(test)
    lines = [_question_line(found, knowledge) for found in by_feature.values()]
    yield from sorted(lines, key=lambda line: not line.changes)


def _question_line(tests: Sequence[MissingTest], knowledge: Knowledge) -> QuestionLine:
    feature = FEATURES[tests[0].feature]
    name = f"{feature.label[:1].upper()}{feature.label[1:]}"
    changing = [test for test in tests if test.changes_order]
    if not changing:
        return QuestionLine(name, False, "would not change the order")
    first = sorted({knowledge.names[t.first_becomes] for t in changing if t.changes_first and t.first_becomes})
    if len(changing) == len(tests) and len(tests) > 3:
        values = "whatever it is"
    elif feature.is_numeric:
        bounds = knowledge.turning_points[feature.name]
        values = "at " + " or ".join(_range(feature, test.value, bounds) for test in changing)
    else:
        values = "if " + " or ".join(lower_first(feature.worded(test.value)) for test in changing)
    then = f"; {' or '.join(first)} could come first" if first else ""
    return QuestionLine(name, True, f"would change the order {values}{then}")


def _range(feature: Feature, value: Any, bounds: Sequence[float]) -> str:
    """The stretch between two turning points that a value was tried for: "above 1, up to 1.5 × ULN"."""
    above = [bound for bound in bounds if bound > value]
    start = [] if value < bounds[0] else [_start(value)]
    end = [_end(above[0])] if above else []
    return f"{', '.join(start + end)}{f' {feature.unit}' if feature.unit else ''}"


def _start(bound: float) -> str:
    return f"above {bound - 0.1:g}" if _is_just_past(bound) else f"{bound:g} or more"


def _end(bound: float) -> str:
    return f"up to {bound - 0.1:g}" if _is_just_past(bound) else f"below {bound:g}"


def _is_just_past(bound: float) -> bool:
    """Whether a turning point is that of `above` or `at_most`, which lies 0.1 past a threshold in halves."""
    return round(10 * bound) % 5 == 1
