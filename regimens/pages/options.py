"""An option as a row of the page, and what opening it shows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from threading import Lock
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from display.cache import forgotten
from display.drawings import interval_mark, share_bar, terms_bar
from display.numbers import number
from regimens.models import choices
from regimens.models.choices import Histology
from regimens.rules.assessment import Band, CautionFinding, IndicationFinding
from regimens.rules.evidence import OUTCOMES, Cohort, Indication, Outcome, Regimen
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import describe, explain, features_named
from regimens.rules.ordering import ORR_CEILING, OS_CEILING_MONTHS, PFS_CEILING_MONTHS
from regimens.rules.patient import FEATURES, REGIONS, entered_features
from regimens.rules.ranking import Option, Ranking
from regimens.rules.synthesis import UsedCohort
from regimens.wording.citations import (
    Link,
    cohort_words,
    guideline_name,
    link_to,
)
from regimens.wording.cohorts import cohort_in_words
from regimens.wording.options import (
    AXIS_STEPS,
    BORROWED_FROM,
    LEVEL_WORDS,
    OF_NEC,
    TRUTH_KEYS,
    TRUTH_WORDS,
    CautionLine,
    CohortLine,
    IndicationLine,
    Mark,
    _approval_words,
    _basis,
    _caution_line,
    _part_line,
    _patients,
    _publication_link,
    _where,
    axis_ends,
    matched,
)
from regimens.wording.outcomes import OUTCOME_TITLES, SHORT_TITLES, figure, percent, signed, studies
from regimens.wording.sentences import ACTIVE, as_html
from regimens.wording.why_not import WhyNotLine, why_not_line

from .rank_changes import MoveMark

# The outcomes of a row, and the bands whose options are listed by name alone.
ROW_OUTCOMES: tuple[Outcome, ...] = ("orr", "pfs", "os")
NO_MARKS: Mapping[str, MoveMark] = {}
FOLDED = (Band.NO_EVIDENCE, Band.UNSUITABLE)


@dataclass(frozen=True)
class TermLine:
    name: str
    label: str
    calculation: str
    value: str


@dataclass(frozen=True)
class ApprovalLine:
    where: str
    indication: str
    source: Link | None


@dataclass(frozen=True, eq=False)
class OptionRow:
    """An option as a row, and what opening it shows.

    core   the row without what the other options decide (rank, shares, marks on shared axes): the same object for
           patients who are told the same of the option, so that its details are written once; None in a core itself
    """

    slug: str
    name: str
    rank: int | None
    chips: tuple[str, ...]
    decided_by: SafeString
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
    shares_drawing: SafeString | str
    terms_drawing: SafeString | str
    moved: MoveMark | None
    why_not: WhyNotLine | None
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
    core: OptionRow | None = None


@dataclass(frozen=True, eq=False)
class ListedOption:
    """An option that is not ranked here: why, and on whose word."""

    name: str
    decided_by: SafeString
    moved: MoveMark | None
    why_not: WhyNotLine | None
    cautions: tuple[CautionLine, ...]


# Some 60 for a patient, of 20 KB at most. Requests share them, so none is changed, and they come and go under the lock.
MOST_CORES = 2048
_cores: dict[tuple[Hashable, ...], OptionRow | ListedOption] = forgotten({})
_keeping = Lock()


class OptionPresenter:
    """Presents the options of one ranking, which share axes, patient and knowledge."""

    def __init__(
        self,
        ranking: Ranking,
        knowledge: Knowledge,
        ceilings: Mapping[Outcome, float],
        marks: Mapping[str, MoveMark] = NO_MARKS,
    ):
        self.moved = marks
        self.ranking, self.knowledge, self.ceilings = ranking, knowledge, ceilings
        self.patient = ranking.patient
        upper = (Band.RECOMMENDED, Band.SUPPORTED)
        self.is_compared = sum(o.rank is not None and o.band in upper for o in ranking.options) > 1
        self.records = {row["slug"]: row for row in knowledge.document["regimens"]}

    def rows(self, options: Iterable[Option]) -> tuple[OptionRow | ListedOption, ...]:
        return tuple(map(self._presented, options))

    def _presented(self, option: Option) -> OptionRow | ListedOption:
        core, moved = self._core(option), self.moved.get(option.regimen.slug)
        if isinstance(core, ListedOption):
            return replace(core, moved=moved) if moved else core
        shares = option.shares if option.shares and option.shares.best is not None and self.is_compared else None
        return replace(
            core,
            core=core,
            rank=option.rank,
            marks=tuple(self._drawn(mark, option) for mark in core.estimates if mark.outcome in ROW_OUTCOMES),
            best=percent(shares.best) if shares else "",
            top3=percent(shares.top3) if shares else "",
            about_equal_to_next=bool(option.shares and option.shares.about_equal_to_next),
            shares_drawing=share_bar(shares.best, shares.top3) if shares else "",
            moved=moved,
        )

    def _core(self, option: Option) -> OptionRow | ListedOption:
        """What is said of the option whatever the others are, kept for the next patient who is told the same.

        A key holds clinical values of a patient, and nothing that identifies one.
        """
        regimen, ranking = option.regimen, self.ranking
        kind = (ranking.release.sha256, ranking.is_nec_only, ranking.preference.name, get_language())
        key = (*kind, regimen.slug, regimen.seen_of(self.patient))
        core = _cores.get(key)
        if core is None:
            core = self._listed(option) if option.band in FOLDED else self._row(option)
            with _keeping:
                if len(_cores) >= MOST_CORES:
                    _cores.pop(next(iter(_cores)), None)
                _cores[key] = core
        return core

    def _listed(self, option: Option) -> ListedOption:
        grave = [f for f in option.cautions if f.truth is True and f.caution.level != "caution"]
        return ListedOption(
            option.regimen.name,
            as_html(option.reason),
            None,
            self._why_not(option),
            tuple(map(_caution_line, grave)),
        )

    def _row(self, option: Option) -> OptionRow:
        regimen, record = option.regimen, self.records[option.regimen.slug]
        held = [finding for finding in option.cautions if finding.truth is True]
        specific = [finding for finding in held if finding.caution.when or not finding.caution.url]
        general = [finding for finding in held if finding not in specific]
        unchecked = [finding for finding in option.cautions if finding.truth is None]
        used = option.synthesis.cohorts if option.synthesis else ()
        schedule, note = record["schedule"] or {}, record["region_note"] or {}
        estimates = tuple(self._estimates(option))
        return OptionRow(
            slug=regimen.slug,
            name=regimen.name,
            rank=None,
            chips=tuple(self._chips(option)),
            decided_by=as_html(option.reason),
            marks=(),
            patients=_patients(used),
            studies=studies(len({cohort.cohort.study_key for cohort in used})) if used else "",
            level=option.level,
            level_words=str(LEVEL_WORDS[option.level]),
            best="",
            top3="",
            availability=self._availability(option),
            received=self._received(regimen),
            grave_unknown=", ".join(self._not_known(f for f in unchecked if f.caution.level == "contraindicated")),
            cautions=tuple(map(_caution_line, specific)),
            further_cautions=tuple(map(_caution_line, general)),
            unchecked_cautions=tuple(map(_caution_line, unchecked)),
            unchecked=", ".join(self._not_known(unchecked)),
            about_equal_to_next=False,
            shares_drawing="",
            terms_drawing=self._terms_drawing(option),
            moved=None,
            why_not=self._why_not(option),
            terms=tuple(self._terms(option)),
            utility=number(option.utility, ".3f") if option.utility is not None else "",
            cohorts=tuple(map(self.cohort_line, used)),
            estimates=estimates,
            indications=tuple(self._indication_line(finding, regimen.slug) for finding in option.indications),
            schedule=schedule.get("text", ""),
            schedule_source=link_to(_("source"), schedule.get("url")),
            approvals=tuple(map(_approval_line, record["approvals"])),
            region_note=note.get("text", ""),
            region_note_source=link_to(_("source"), note.get("url")),
            gaps=record["gaps"] or "",
        )

    def _why_not(self, option: Option) -> WhyNotLine | None:
        """What keeps it out of the recommended band; None for what is in it."""
        if option.band is Band.RECOMMENDED:
            return None
        return why_not_line(option.regimen, self.patient, self.knowledge)

    def _chips(self, option: Option) -> Iterator[str]:
        """What speaks for the option here: the facts that matched, who says so, or the evidence it rests on."""
        holding = [f for f in option.indications if f.truth is True and f.indication.stance != "against"]
        facts = [
            matched(part, self.patient)
            for finding in holding
            for part in explain(finding.indication.when, self.patient.values, names=self.knowledge.names)
            if part.truth is True
        ]
        yield from dict.fromkeys(facts)
        for finding in holding:
            read = (link.text for link in self._sources(finding, option.regimen.slug) if link.is_read)
            yield from islice(read, 1)
        if not holding and option.synthesis:
            for used in option.synthesis.cohorts:
                if used.cohort.is_direct:
                    yield cohort_words(used.cohort)
                    break

    def _estimates(self, option: Option) -> Iterator[Mark]:
        for outcome in OUTCOMES if option.synthesis else ():
            estimate = option.synthesis.estimates[outcome]
            yield Mark(
                outcome,
                str(OUTCOME_TITLES[outcome]),
                figure(outcome, estimate.median, unit=True),
                f"{figure(outcome, estimate.low)}–{figure(outcome, estimate.high)}",
                estimate.has_data,
                "",
                _basis(estimate),
            )

    def _drawn(self, mark: Mark, option: Option) -> Mark:
        """The same estimate with its drawing on the axis that all rows share."""
        estimate = option.synthesis.estimates[mark.outcome]
        drawing = interval_mark(
            low=estimate.low,
            median=estimate.median,
            high=estimate.high,
            benchmark=self.knowledge.benchmark.typical(mark.outcome),
            ceiling=self.ceilings[mark.outcome],
            has_data=estimate.has_data,
        )
        return replace(mark, drawing=drawing)

    def _availability(self, option: Option) -> str:
        status = option.regimen.availability.get(self.patient.region, "not-verified")
        return str(choices.Availability(status).label)

    def _received(self, regimen: Regimen) -> str:
        """Whether the patient had it, and what is known of how that went."""
        if regimen.slug not in self.patient.prior_regimens:
            return ""
        known = self.patient.knows("progressed_on")
        if known:
            return _("already received")
        return _("already received; whether the disease progressed on it is not known")

    def _not_known(self, findings: Iterable[CautionFinding]) -> list[str]:
        """The features that leave cautions open, each once."""
        names: dict[str, None] = {}
        for finding in findings:
            for name in sorted(entered_features(features_named(finding.caution.when)) or {"progressed_on"}):
                if not self.patient.knows(name):
                    names[_(FEATURES[name].label)] = None
        return list(names)

    def _terms(self, option: Option) -> Iterator[TermLine]:
        if option.terms is None or option.synthesis is None:
            return
        weights, estimates = self.ranking.preference, option.synthesis.estimates
        for name, label, outcome, weight, ceiling, value in (
            ("os", _("Overall survival"), "os", weights.os, OS_CEILING_MONTHS, option.terms.os),
            ("pfs", _("Progression-free survival"), "pfs", weights.pfs, PFS_CEILING_MONTHS, option.terms.pfs),
            ("orr", _("Response rate"), "orr", weights.orr, ORR_CEILING, option.terms.orr),
            ("tox", _("Grade 3 or worse events"), "grade3", weights.grade3, None, option.terms.tox),
        ):
            factor, median = number(weight, ".2f"), figure(outcome, estimates[outcome].median, unit=True)
            if ceiling is None:
                calculation = f"−{factor} × {median}"
            else:
                calculation = f"{factor} × {median} / {figure(outcome, ceiling, unit=True)}"
            if not estimates[outcome].has_data:
                calculation = _("%(calculation)s (no data: the benchmark)") % {"calculation": calculation}
            yield TermLine(name, label, calculation, signed(value, 3))

    def _terms_drawing(self, option: Option) -> SafeString | str:
        if option.terms is None:
            return ""
        weights, terms = self.ranking.preference, option.terms
        gains = [("os", terms.os), ("pfs", terms.pfs), ("orr", terms.orr)]
        return terms_bar(gains, -terms.tox, most=weights.os + weights.pfs + weights.orr)

    def cohort_line(self, used: UsedCohort) -> CohortLine:
        cohort, weight = used.cohort, used.weight
        words = cohort_in_words(cohort, self.knowledge)
        return CohortLine(
            citation=words.citation,
            key=cohort.publication,
            who=words.who,
            where=words.where,
            borrowed=self._borrowed(cohort),
            size=words.size,
            reported=words.reported,
            weight=number(weight.product, ".2f"),
            factors=_("design %(design)s × histology %(histology)s × line %(line)s × site %(site)s")
            % {
                "design": number(weight.design),
                "histology": number(weight.histology),
                "line": number(weight.line),
                "site": number(weight.site),
            },
            shares=", ".join(f"{SHORT_TITLES[outcome]} {percent(share)}" for outcome, share in used.shares.items()),
            links=words.links,
            read=words.read,
            readers=words.readers,
            disputes=words.disputes,
            notice=words.notice,
        )

    def _borrowed(self, cohort: Cohort) -> str:
        """From whom a figure comes, as seen from this patient."""
        if cohort.histology != Histology.NEC:
            return str(BORROWED_FROM[cohort.histology])
        return str(OF_NEC[cohort.site_fits[self.patient.primary_site]])

    def _indication_line(self, finding: IndicationFinding, slug: str) -> IndicationLine:
        indication, names = finding.indication, self.knowledge.names
        regions = indication.regions
        return IndicationLine(
            stance=str(choices.Stance(indication.stance).label),
            truth=TRUTH_KEYS[finding.truth],
            truth_word=str(TRUTH_WORDS[finding.truth]),
            criterion=self._criterion(indication),
            parts=tuple(map(_part_line, explain(indication.when, self.patient.values, names=names))),
            regions=", ".join(_(REGIONS[region]) for region in REGIONS if region in (regions or ())) or _("everywhere"),
            rationale=indication.rationale,
            sources=self._sources(finding, slug),
        )

    def _criterion(self, indication: Indication) -> str:
        if not indication.when:
            return _("every patient")
        return describe(indication.when, names=self.knowledge.names, language=ACTIVE)

    def _sources(self, finding: IndicationFinding, slug: str) -> tuple[Link, ...]:
        """Guideline statements, publications and approvals behind an indication, as links to where they were read."""
        links: list[Link | None] = []
        for source in finding.indication.sources:
            kind, _colon, key = source.partition(":")
            if kind == "guideline":
                statement = self.knowledge.guidelines[key]
                links.append(link_to(guideline_name(statement), statement["url"]))
            elif kind == "publication":
                links.append(_publication_link(self.knowledge.publications[key]))
            else:
                approvals = self.records[slug]["approvals"]
                found = [approval for approval in approvals if approval["region"] == key]
                approved = [link_to(_approval_words(approval), approval["url"]) for approval in found]
                # The region of the patient first: it is what counts there.
                links = [*approved, *links] if key == self.patient.region else [*links, *approved]
        return tuple(link for link in links if link)


def ceilings_of(options: Iterable[Option]) -> dict[Outcome, float]:
    """Where each axis ends, so that all rows share it."""
    shown = [o.synthesis.estimates for o in options if o.synthesis and o.band not in FOLDED]
    return axis_ends({outcome: [e[outcome].high for e in shown if e[outcome].has_data] for outcome in AXIS_STEPS})


def _approval_line(approval: Mapping[str, Any]) -> ApprovalLine:
    return ApprovalLine(_where(approval), approval["indication"], link_to(_("source"), approval["url"]))
