"""An option as a row of the page, and what opening it shows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from threading import Lock

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from display.cache import forgotten
from display.drawings import share_bar, terms_bar
from display.numbers import number
from regimens.rules.assessment import Band, CautionFinding
from regimens.rules.evidence import Outcome, Regimen
from regimens.rules.explanation import Explanation
from regimens.rules.logic import explain, features_named
from regimens.rules.ordering import ORR_CEILING, OS_CEILING_MONTHS, PFS_CEILING_MONTHS
from regimens.rules.patient import FEATURES, entered_features
from regimens.rules.ranking import Option
from regimens.wording.availability import ApprovalLine, Sourced, approval_line, availability_in, sourced
from regimens.wording.cautions import CautionLine, caution_line
from regimens.wording.cohorts import CohortLine, cohort_line, kind_of_cohort
from regimens.wording.estimates import AXIS_STEPS, EstimateWords, Mark, axis_ends, estimates_in_words, mark_of
from regimens.wording.indications import IndicationLine, indication_line, matched, source_links
from regimens.wording.options import OptionWords, StandingWords, option_words, standing_words
from regimens.wording.outcomes import figure, signed
from regimens.wording.sentences import as_html
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
class UtilityWords:
    """The sum by which options of one band are ordered, and its terms; empty where figures do not compare it."""

    value: str
    terms: tuple[TermLine, ...]
    drawing: SafeString | str


@dataclass(frozen=True)
class CautionsTold:
    """The cautions of an option.

    specific    those that hold and ask something of the patient; general: those that hold of the drugs themselves
    unchecked   those that cannot be checked, for want of the features `not_known`, in words
    grave_not_known   those features that leave a contraindication open
    """

    specific: tuple[CautionLine, ...]
    general: tuple[CautionLine, ...]
    unchecked: tuple[CautionLine, ...]
    not_known: str
    grave_not_known: str


@dataclass(frozen=True)
class Practicalities:
    """How an option is given and where it may be had; `gaps` is what nobody could read."""

    availability: str
    schedule: Sourced | None
    approvals: tuple[ApprovalLine, ...]
    region_note: Sourced | None
    gaps: str


@dataclass(frozen=True, eq=False)
class OptionDetails:
    """What is said of an option whatever the others are.

    The same object for patients who are told the same of it, so that it is written once.
    """

    words: OptionWords
    decided_by: SafeString
    chips: tuple[str, ...]
    received: str
    estimates: tuple[EstimateWords, ...]
    utility: UtilityWords
    why_not: WhyNotLine | None
    indications: tuple[IndicationLine, ...]
    cohorts: tuple[CohortLine, ...]
    cautions: CautionsTold
    practicalities: Practicalities


@dataclass(frozen=True, eq=False)
class OptionRow:
    """An option among the others: its rank and shares, marks on axes that all rows share; `details` open below it."""

    details: OptionDetails
    standing: StandingWords
    shares_drawing: SafeString | str
    marks: tuple[Mark, ...]
    moved: MoveMark | None

    @property
    def words(self) -> OptionWords:
        return self.details.words


@dataclass(frozen=True, eq=False)
class ListedOption:
    """An option that is not ranked here: why, and on whose word."""

    name: str
    decided_by: SafeString
    moved: MoveMark | None
    why_not: WhyNotLine | None
    cautions: tuple[CautionLine, ...]


# Some 60 for a patient, of 20 KB at most. Requests share them, so none is changed, and they come and go under the lock.
MOST_DETAILS = 2048
_told: dict[tuple[Hashable, ...], OptionDetails | ListedOption] = forgotten({})
_keeping = Lock()


class OptionPresenter:
    """Presents the options of one ranking, which share axes, patient and knowledge."""

    def __init__(
        self,
        explanation: Explanation,
        ceilings: Mapping[Outcome, float],
        marks: Mapping[str, MoveMark] = NO_MARKS,
    ):
        self.explanation, self.ceilings, self.moved = explanation, ceilings, marks
        self.ranking, self.knowledge = explanation.ranking, explanation.knowledge
        self.patient = self.ranking.patient
        upper = (Band.RECOMMENDED, Band.SUPPORTED)
        self.is_compared = sum(o.rank is not None and o.band in upper for o in self.ranking.options) > 1
        self.records = {row["slug"]: row for row in self.knowledge.document["regimens"]}

    def rows(self, options: Iterable[Option]) -> tuple[OptionRow | ListedOption, ...]:
        return tuple(map(self._presented, options))

    def _presented(self, option: Option) -> OptionRow | ListedOption:
        told, moved = self._told(option), self.moved.get(option.regimen.slug)
        if isinstance(told, ListedOption):
            return replace(told, moved=moved) if moved else told
        shares = option.shares
        compared = shares if shares and shares.best is not None and self.is_compared else None
        return OptionRow(
            details=told,
            standing=standing_words(
                rank=option.rank,
                best=compared and compared.best,
                top3=compared and compared.top3,
                first_in_band=shares and shares.first_in_band,
                about_equal_to_next=bool(shares and shares.about_equal_to_next),
            ),
            shares_drawing=share_bar(compared.best, compared.top3) if compared else "",
            marks=tuple(self._marks(told, option)),
            moved=moved,
        )

    def _marks(self, told: OptionDetails, option: Option) -> Iterator[Mark]:
        """The estimates of a row, each drawn on the axis that all rows share."""
        for words in told.estimates:
            if words.outcome in ROW_OUTCOMES and option.synthesis:
                estimate = option.synthesis.estimates[words.outcome]
                yield mark_of(words, estimate, self.knowledge.benchmark, self.ceilings)

    def _told(self, option: Option) -> OptionDetails | ListedOption:
        """What is said of the option whatever the others are, kept for the next patient who is told the same.

        A key holds clinical values of a patient, and nothing that identifies one.
        """
        regimen, ranking = option.regimen, self.ranking
        kind = (ranking.release.sha256, ranking.is_nec_only, ranking.preference.name, get_language())
        key = (*kind, regimen.slug, regimen.seen_of(self.patient))
        told = _told.get(key)
        if told is None:
            told = self._listed(option) if option.band in FOLDED else self._details(option)
            with _keeping:
                if len(_told) >= MOST_DETAILS:
                    _told.pop(next(iter(_told)), None)
                _told[key] = told
        return told

    def _listed(self, option: Option) -> ListedOption:
        grave = [f for f in option.cautions if f.truth is True and f.caution.level != "caution"]
        return ListedOption(
            option.regimen.name,
            as_html(option.reason),
            None,
            self._why_not(option),
            tuple(map(caution_line, grave)),
        )

    def _details(self, option: Option) -> OptionDetails:
        regimen, record = option.regimen, self.records[option.regimen.slug]
        used = option.synthesis.cohorts if option.synthesis else ()
        estimates = option.synthesis.estimates if option.synthesis else {}
        return OptionDetails(
            words=option_words(
                slug=regimen.slug,
                name=regimen.name,
                band=option.band,
                level=option.level,
                estimates=estimates,
                study_count=len({cohort.cohort.study_key for cohort in used}),
            ),
            decided_by=as_html(option.reason),
            chips=tuple(self._chips(option)),
            received=self._received(regimen),
            estimates=tuple(estimates_in_words(estimates)),
            utility=self._utility(option),
            why_not=self._why_not(option),
            indications=tuple(
                indication_line(finding, record, self.patient, self.knowledge) for finding in option.indications
            ),
            cohorts=tuple(cohort_line(one, self.patient, self.knowledge) for one in used),
            cautions=self._cautions(option),
            practicalities=Practicalities(
                availability=availability_in(self.patient.region, regimen),
                schedule=sourced(record["schedule"]),
                approvals=tuple(map(approval_line, record["approvals"])),
                region_note=sourced(record["region_note"]),
                gaps=record["gaps"] or "",
            ),
        )

    def _cautions(self, option: Option) -> CautionsTold:
        held = [finding for finding in option.cautions if finding.truth is True]
        specific = [finding for finding in held if finding.caution.when or not finding.caution.url]
        unchecked = [finding for finding in option.cautions if finding.truth is None]
        grave = [finding for finding in unchecked if finding.caution.level == "contraindicated"]
        return CautionsTold(
            specific=tuple(map(caution_line, specific)),
            general=tuple(caution_line(finding) for finding in held if finding not in specific),
            unchecked=tuple(map(caution_line, unchecked)),
            not_known=", ".join(self._not_known(unchecked)),
            grave_not_known=", ".join(self._not_known(grave)),
        )

    def _why_not(self, option: Option) -> WhyNotLine | None:
        """What keeps it out of the recommended band; None for what is in it."""
        if option.band is Band.RECOMMENDED:
            return None
        return why_not_line(self.explanation.why_not[option.regimen.slug], self.patient, self.knowledge.names)

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
        record = self.records[option.regimen.slug]
        for finding in holding:
            links = source_links(finding.indication.sources, record, self.knowledge, region=self.patient.region)
            yield from islice((link.text for link in links if link.is_read), 1)
        if not holding and option.synthesis:
            for used in option.synthesis.cohorts:
                if used.cohort.is_direct:
                    yield kind_of_cohort(used.cohort)
                    break

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

    def _utility(self, option: Option) -> UtilityWords:
        if option.terms is None:
            return UtilityWords("", (), "")
        weights, terms = self.ranking.preference, option.terms
        gains = [("os", terms.os), ("pfs", terms.pfs), ("orr", terms.orr)]
        drawing = terms_bar(gains, -terms.tox, most=weights.os + weights.pfs + weights.orr)
        return UtilityWords(number(terms.utility, ".3f"), tuple(self._terms(option)), drawing)


def ceilings_of(options: Iterable[Option]) -> dict[Outcome, float]:
    """Where each axis ends, so that all rows share it."""
    shown = [o.synthesis.estimates for o in options if o.synthesis and o.band not in FOLDED]
    return axis_ends({outcome: [e[outcome].high for e in shown if e[outcome].has_data] for outcome in AXIS_STEPS})
