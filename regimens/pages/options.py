"""An option as a row of the page, and what opening it shows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import islice
from threading import Lock
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from display.cache import forgotten
from display.drawings import terms_bar
from display.numbers import number
from display.punctuation import in_series
from regimens.rules.assessment import Band, CautionFinding
from regimens.rules.evidence import RULING_OUT, Outcome, Regimen
from regimens.rules.explanation import Explanation
from regimens.rules.logic import explain
from regimens.rules.ordering import ORR_CEILING, OS_CEILING_MONTHS, PFS_CEILING_MONTHS
from regimens.rules.patient import FEATURES, TREATMENTS, Patient
from regimens.rules.ranking import Option
from regimens.wording.cautions import (
    CautionLine,
    CautionMark,
    caution_line,
    caution_marks,
    features_not_known,
    gravest_first,
)
from regimens.wording.cohorts import CohortLine, cohort_line, kind_of_cohort
from regimens.wording.drugs import drugs_in_words
from regimens.wording.earlier import earlier_treatment
from regimens.wording.estimates import (
    AXIS_MAXIMA,
    EstimateWords,
    Mark,
    PublishedWords,
    estimates_in_words,
    mark_of,
    published_words,
)
from regimens.wording.indications import IndicationLine, indication_line, matched, source_links
from regimens.wording.licences import LicenceCell, LicenceStanding, Sourced, licence_cell, licence_standing, sourced
from regimens.wording.options import OptionWords, StandingWords, equal_places, option_words, standing_words
from regimens.wording.outcomes import figure, signed
from regimens.wording.sentences import as_html
from regimens.wording.why_not import WhyNotLine, why_not_line

from .answer import published_figures
from .rank_changes import MoveMark
from .rows import ROW_OUTCOMES, Figures, figures_of, named_by

# The bands whose options are listed by name alone.
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
    """The cautions of an option, the gravest first.

    specific    those that hold and ask something of the patient; general: those that hold of the drugs themselves
    unchecked   those that cannot be checked, for want of the features `not_known`, in words
    grave_not_known   those features that leave open whether something rules it out or advises against it
    """

    specific: tuple[CautionLine, ...]
    general: tuple[CautionLine, ...]
    unchecked: tuple[CautionLine, ...]
    not_known: str
    grave_not_known: str


@dataclass(frozen=True)
class Practicalities:
    """How an option is given; `gaps` is what nobody could read."""

    drugs: str
    schedule: Sourced | None
    region_note: Sourced | None
    gaps: str


@dataclass(frozen=True, eq=False)
class OptionDetails:
    """What is said of an option whatever the others are.

    The same object for patients who are told the same of it, so that it is written once.

    earlier   what of it the patient had before
    licence   None for best supportive care
    """

    words: OptionWords
    decided_by: SafeString
    chips: tuple[str, ...]
    earlier: tuple[str, ...]
    licence: LicenceStanding | None
    estimates: tuple[EstimateWords, ...]
    utility: UtilityWords
    why_not: WhyNotLine | None
    indications: tuple[IndicationLine, ...]
    cohorts: tuple[CohortLine, ...]
    cautions: CautionsTold
    practicalities: Practicalities

    @property
    def has_undemonstrated(self) -> bool:
        """Whether an outcome of its estimates was not shown to tell regimens apart."""
        return any(estimate.mark for estimate in self.estimates)


@dataclass(frozen=True, eq=False)
class OptionRow:
    """An option among the others: its place, figures, safety and licence; what opening it shows is made when asked for.

    place   as a table of results has it: "4", or "=4" for all that share the fourth; "" without a rank
    """

    option: Option
    presenter: OptionPresenter = field(repr=False)
    place: str = ""
    moved: MoveMark | None = None

    @property
    def slug(self) -> str:
        return self.option.regimen.slug

    @property
    def name(self) -> str:
        return self.option.regimen.name

    @cached_property
    def figures(self) -> Figures | None:
        """None for best supportive care, which has none."""
        return figures_of(self.option, self.presenter.knowledge)

    @cached_property
    def kind(self) -> str:
        """Who names it for this situation, and the design of the study that weighs most."""
        presenter = self.presenter
        named = named_by(self.option, presenter.knowledge, presenter.patient.region)
        design = self.figures.kind if self.figures else ""
        return in_series(filter(None, (", ".join(named), design)))

    @cached_property
    def safety(self) -> tuple[CautionMark, ...]:
        """What applies, cannot be checked and was had before, each with its source."""
        option, presenter = self.option, self.presenter
        if option.synthesis is None:
            return ()
        return tuple(caution_marks(option.regimen, option.cautions, presenter.patient, presenter.knowledge))

    @cached_property
    def licence(self) -> LicenceCell | None:
        """None for best supportive care."""
        found, presenter = self.option.licence, self.presenter
        return found and licence_cell(found, self.slug, presenter.patient, presenter.knowledge, presenter.today)

    @cached_property
    def details(self) -> OptionDetails:
        return self.presenter.details(self.option)

    @property
    def words(self) -> OptionWords:
        return self.details.words

    @cached_property
    def standing(self) -> StandingWords:
        option, shares = self.option, self.option.shares
        compared = shares if shares and shares.best is not None and self.presenter.is_compared else None
        return standing_words(
            rank=option.rank,
            best=compared and compared.best,
            top3=compared and compared.top3,
            first_in_band=shares and shares.first_in_band,
            expected_rank=shares and shares.expected_rank,
            about_equal_to_next=option.about_equal_to_next,
        )

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """The estimates of a row as other places show them, each drawn on an axis that the rows share."""
        synthesis, presenter = self.option.synthesis, self.presenter
        if synthesis is None:
            return ()
        return tuple(
            mark_of(words, synthesis.estimates[words.outcome], presenter.knowledge.benchmark, presenter.ceilings)
            for words in self.details.estimates
            if words.outcome in ROW_OUTCOMES
        )


@dataclass(frozen=True, eq=False)
class ListedOption:
    """An option that is not ranked here: why, and on whose word.

    decided_by   "" where a caution, which stands below, puts it there
    published    what was published of it, which the order does not use; "" where nothing was that would apply
    """

    slug: str
    name: str
    decided_by: SafeString | str
    moved: MoveMark | None
    why_not: WhyNotLine | None
    cautions: tuple[CautionLine, ...]
    published: str = ""


# Some 60 for a patient, of 20 KB at most. Requests share them, so none is changed, and they come and go under the lock.
MOST_DETAILS = 2048
_told: dict[tuple[Hashable, ...], OptionDetails | ListedOption] = forgotten({})
_keeping = Lock()


class OptionPresenter:
    """Presents the options of one ranking, which share patient and knowledge.

    today   the day on which somebody reads it; without one nothing is said of the age of what was read
    """

    def __init__(
        self,
        explanation: Explanation,
        ceilings: Mapping[Outcome, float] = AXIS_MAXIMA,
        marks: Mapping[str, MoveMark] = NO_MARKS,
        *,
        today: date | None = None,
    ):
        self.explanation, self.ceilings, self.moved, self.today = explanation, ceilings, marks, today
        self.ranking, self.knowledge = explanation.ranking, explanation.knowledge
        self.patient = self.ranking.patient
        ranked = [option for option in self.ranking.options if option.rank is not None]
        self.places = {option.regimen.slug: place for option, place in equal_places(ranked)}
        upper = (Band.RECOMMENDED, Band.SUPPORTED)
        self.is_compared = sum(option.band in upper for option in ranked) > 1

    def rows(self, options: Iterable[Option]) -> tuple[OptionRow | ListedOption, ...]:
        return tuple(self.listed(option) if option.band in FOLDED else self.row(option) for option in options)

    def row(self, option: Option) -> OptionRow:
        slug = option.regimen.slug
        return OptionRow(option, self, self.places.get(slug, ""), self.moved.get(slug))

    def listed(self, option: Option) -> ListedOption:
        told, moved = self._told(option), self.moved.get(option.regimen.slug)
        assert isinstance(told, ListedOption)
        return replace(told, moved=moved) if moved else told

    def details(self, option: Option) -> OptionDetails:
        told = self._told(option)
        assert isinstance(told, OptionDetails)
        return told

    @cached_property
    def records(self) -> Mapping[str, Mapping[str, Any]]:
        """The regimens of the release, by slug."""
        return {row["slug"]: row for row in self.knowledge.document["regimens"]}

    def _told(self, option: Option) -> OptionDetails | ListedOption:
        """What is said of the option whatever the others are, kept for the next patient who is told the same.

        A key holds clinical values of a patient, and nothing that identifies one.
        """
        regimen, ranking = option.regimen, self.ranking
        kind = (ranking.release.sha256, ranking.is_nec_only, ranking.preference.name, get_language())
        key = (*kind, regimen.slug, *_seen(regimen, self.patient))
        told = _told.get(key)
        if told is None:
            told = self._listed(option) if option.band in FOLDED else self._details(option)
            with _keeping:
                if len(_told) >= MOST_DETAILS:
                    _told.pop(next(iter(_told)), None)
                _told[key] = told
        return told

    def _listed(self, option: Option) -> ListedOption:
        """One that is not ranked here; what was published of it stays beside why it is not used."""
        grave = [f for f in option.cautions if f.truth is True and f.caution.level in RULING_OUT]
        return ListedOption(
            option.regimen.slug,
            option.regimen.name,
            "" if grave else as_html(option.reason),
            None,
            self._why_not(option),
            self._caution_lines(option, grave),
            published_figures(option, self.knowledge),
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
            earlier=tuple(earlier_treatment(regimen, option.cautions, self.patient, self.knowledge)),
            licence=option.licence and licence_standing(option.licence, regimen.slug, self.patient, self.knowledge),
            estimates=tuple(estimates_in_words(estimates, self.ranking.demonstrated, self._published(option))),
            utility=self._utility(option),
            why_not=self._why_not(option),
            indications=tuple(indication_line(each, self.patient, self.knowledge) for each in option.indications),
            cohorts=tuple(cohort_line(one, self.patient, self.knowledge) for one in used),
            cautions=self._cautions(option),
            practicalities=Practicalities(
                drugs=drugs_in_words(regimen, self.knowledge),
                schedule=sourced(record["schedule"]),
                region_note=sourced(record["region_note"]),
                gaps=record["gaps"] or "",
            ),
        )

    def _published(self, option: Option) -> dict[Outcome, PublishedWords]:
        """What was published of each outcome, by the cohort that weighs most in its estimate."""
        found = option.synthesis.estimates if option.synthesis else {}
        return {
            outcome: published_words(outcome, *estimate.published.place, self.knowledge)
            for outcome, estimate in found.items()
            if estimate.published
        }

    def _cautions(self, option: Option) -> CautionsTold:
        held = [finding for finding in option.cautions if finding.truth is True]
        general = [finding for finding in held if finding.caution.is_evidence and not finding.caution.when]
        unchecked = [finding for finding in option.cautions if finding.truth is None]
        grave = [finding for finding in unchecked if finding.caution.level in RULING_OUT]
        return CautionsTold(
            specific=self._caution_lines(option, [finding for finding in held if finding not in general]),
            general=self._caution_lines(option, general),
            unchecked=self._caution_lines(option, unchecked),
            not_known=", ".join(self._not_known(unchecked)),
            grave_not_known=", ".join(self._not_known(grave)),
        )

    def _caution_lines(self, option: Option, findings: Iterable[CautionFinding]) -> tuple[CautionLine, ...]:
        return tuple(
            caution_line(finding, option.regimen, self.patient, self.knowledge) for finding in gravest_first(findings)
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
        for finding in holding:
            links = source_links(finding.indication.sources, self.knowledge, region=self.patient.region)
            yield from islice((link.text for link in links if link.is_read), 1)
        if not holding and option.synthesis:
            for used in option.synthesis.cohorts:
                if used.cohort.is_direct:
                    yield kind_of_cohort(used.cohort)
                    break

    def _not_known(self, findings: Iterable[CautionFinding]) -> list[str]:
        """The features that leave cautions open, each once."""
        return list(
            dict.fromkeys(name for finding in findings for name in features_not_known(finding.caution, self.patient))
        )

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
            factor, found = number(weight, ".2f"), figure(outcome, estimates[outcome].value, unit=True)
            if ceiling is None:
                calculation = f"−{factor} × {found}"
            else:
                calculation = f"{factor} × {found} / {figure(outcome, ceiling, unit=True)}"
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


# What may be said of any option: earlier treatment, site, region, and what may contradict a fact (METHOD, section 1).
_ALWAYS_SEEN = frozenset(
    {
        *("primary_site", "gynaecological_site", "region", "histology", "differentiation", "lines_received"),
        *("platinum_received", "platinum_best_response", "platinum_free_interval_months", *TREATMENTS),
        *("kras_g12c", "ras_mutation", "child_pugh", "severe_hepatic_impairment"),
    }
)


def _seen(regimen: Regimen, patient: Patient) -> tuple[Hashable, ...]:
    """All of a patient that decides what is said of a regimen."""
    return tuple(patient.values.get(name) for name in FEATURES if name in _ALWAYS_SEEN or name in regimen.features)
