"""What is taken along of a ranking: the plain values that the copied text, the PDF and a printed page say alike.

A page can be asked again; what is taken from it cannot. So each option carries what was published beside what the model
says, what of its cautions applies, cannot be checked and does not apply, and its licence with the day it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from display.punctuation import in_series, sign
from regimens.rules.assessment import Band
from regimens.rules.evidence import Caution, CautionFinding, Outcome, PlacedCaution
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import describe, evaluate
from regimens.rules.patient import Patient
from regimens.rules.ranking import Option
from regimens.wording.cautions import CautionLine, caution_line, gravest_first
from regimens.wording.citations import study_name
from regimens.wording.earlier import earlier_treatment
from regimens.wording.estimates import EstimateWords, PublishedWords, estimates_in_words, published_words
from regimens.wording.indications import named_sources
from regimens.wording.licences import LicenceStanding, licence_standing
from regimens.wording.options import OptionWords, option_words
from regimens.wording.outcomes import OUTCOME_WORDS, effective_patients, studies
from regimens.wording.sentences import ACTIVE

from .missing_tests import TestLine, TrialLine
from .options import FOLDED, OptionRow
from .out_of_scope import OutOfScope
from .ranking import RankingPage

# How many options are told in full, and how many trials are named.
IN_FULL, TRIALS_NAMED = 3, 6


@dataclass(frozen=True)
class PublishedStudy:
    """What one study reported of an option, in its own figures.

    citation   with the tumour where that is no NEC, and the patients where all figures are of as many
    in_short   the study by the shortest name that it has, with its most patients
    """

    citation: str
    in_short: str
    figures: str


@dataclass(frozen=True)
class UncheckedCaution:
    """A caution that holds if its criterion does, of which that is not known."""

    criterion: str
    line: CautionLine


@dataclass(frozen=True)
class CautionsOf:
    """The cautions of an option by what is known of them, each gravest first; none of the last two is left out.

    applies       those that hold for the patient; of_drugs: those that hold for whoever is given the drugs
    had_before    what of it, or of its class, was given before, in sentences
    cannot_check  those of which it is not known whether they hold, by how grave they would be, with their criteria
    not_so        the criteria that are known not to hold
    """

    applies: tuple[CautionLine, ...]
    of_drugs: tuple[CautionLine, ...]
    had_before: tuple[str, ...]
    cannot_check: tuple[tuple[str, tuple[UncheckedCaution, ...]], ...]
    not_so: tuple[str, ...]


@dataclass(frozen=True)
class TakenOption:
    """An option as it is taken along.

    row          what the page shows of it in a line: place, figures, safety, licence
    named_by     the guidelines, licences and reviews that name it for this patient
    published    by study; model: the pooled estimates, and what they rest on, in words
    standing     its licences in the patient's region; None for best supportive care
    why          what put it into its band
    """

    row: OptionRow
    words: OptionWords
    band: Band
    named_by: tuple[str, ...]
    published: tuple[PublishedStudy, ...]
    model: str
    basis: str
    standing: LicenceStanding | None
    cautions: CautionsOf
    why: str

    @property
    def place(self) -> str:
        return self.row.place

    @property
    def name(self) -> str:
        return self.row.name


@dataclass(frozen=True)
class Taken:
    """A ranking as it is taken along; `page` is that ranking as it is shown, `made` when it was taken.

    options      in order, all but those without evidence and those not suitable; leading: those to be told in full
    tests        the biomarkers that could change what is first; questions: other facts that could change the order
    unsuitable   what rules options out, with their names
    """

    page: RankingPage
    made: datetime
    patient: str
    out_of_scope: tuple[OutOfScope, ...]
    options: tuple[TakenOption, ...]
    leading: tuple[TakenOption, ...]
    tests: tuple[TestLine, ...]
    questions: tuple[str, ...]
    trials: tuple[TrialLine, ...]
    more_trials: int
    unsuitable: tuple[tuple[str, str], ...]


def taken(page: RankingPage, *, at: datetime, base: str = "") -> Taken:
    """What is taken along of a page at a time; `base` is where the application is, for addresses within it."""
    # Days and not ages: it is read on another day than it was taken.
    page = replace(page, today=None)
    ranking = page.ranking
    listed = [option for option in ranking.options if option.band not in FOLDED]
    # Best supportive care carries no rank; it is among the first where the card says so.
    led = {option.regimen.slug for option in listed if option.rank is not None} | {
        *(page.card.slugs if page.card else ())
    }
    options = tuple(_option(page.presenter.row(option), page) for option in listed)
    return Taken(
        page=page,
        made=at,
        patient="".join(text for text, _emphasised in page.patient).strip(),
        out_of_scope=tuple(each.within(base.rstrip("/")) for each in page.out_of_scope),
        options=options,
        leading=tuple(option for option in options if option.words.slug in led)[:IN_FULL],
        tests=tuple(test for test in page.tests if test.changes_first),
        questions=tuple(f"{line.name}{sign(':')} {line.words}" for line in page.questions if line.changes),
        trials=page.trials[:TRIALS_NAMED],
        more_trials=max(0, page.trial_count - TRIALS_NAMED),
        unsuitable=tuple(_unsuitable(ranking.options)),
    )


def _option(row: OptionRow, page: RankingPage) -> TakenOption:
    option, knowledge, patient = row.option, page.knowledge, page.ranking.patient
    found = option.synthesis.estimates if option.synthesis else {}
    published = {
        outcome: published_words(outcome, *estimate.published.place, knowledge)
        for outcome, estimate in found.items()
        if estimate.published
    }
    estimates = tuple(estimates_in_words(found, page.ranking.demonstrated, published))
    count = len({used.cohort.study_key for used in option.synthesis.cohorts}) if option.synthesis else 0
    words = option_words(
        slug=row.slug, name=row.name, band=option.band, level=option.level, estimates=found, study_count=count
    )
    return TakenOption(
        row=row,
        words=words,
        band=option.band,
        named_by=tuple(_named_by(option, patient, knowledge)),
        published=tuple(_by_study(estimates, knowledge)),
        model=_model(estimates),
        basis=_basis(words, estimates, count),
        standing=option.licence and licence_standing(option.licence, row.slug, patient, knowledge),
        cautions=_cautions(option, patient, knowledge),
        why=capfirst(option.reason.worded(ACTIVE)),
    )


def _named_by(option: Option, patient: Patient, knowledge: Knowledge) -> Iterator[str]:
    """Who names it for this patient, recommendations first."""
    holding = [f.indication for f in option.indications if f.truth is True and f.indication.stance != "against"]
    holding.sort(key=lambda indication: indication.stance != "recommend")
    sources = (source for each in holding for source in named_sources(each.sources, knowledge))
    spoken = (s.name for s in sources if s.kind != "licence" or s.row["region"] == patient.region)
    yield from dict.fromkeys(spoken)


def _by_study(estimates: Iterable[EstimateWords], knowledge: Knowledge) -> Iterator[PublishedStudy]:
    """Published figures by the study and arm that they are of, with their patients."""
    beside = [(words.outcome, words.published) for words in estimates if words.published]
    found: dict[tuple[str, str], list[tuple[Outcome, PublishedWords]]] = {}
    for outcome, published in beside:
        found.setdefault((published.key, published.who), []).append((outcome, published))
    for told in found.values():
        first, is_of_one = told[0][1], len({published.size for _outcome, published in told}) == 1
        cited = [first.citation, first.borrowed, first.size if is_of_one else ""]
        figures = ", ".join(_figure(outcome, published, with_size=not is_of_one) for outcome, published in told)
        disputed = [words for _outcome, published in told for words in published.disputed]
        in_short = ", ".join(
            filter(None, (study_name(knowledge.publications[first.key]), first.borrowed, told[-1][1].size))
        )
        yield PublishedStudy(", ".join(filter(None, cited)), in_short, in_series([figures, *disputed]))


def _figure(outcome: Outcome, published: PublishedWords, *, with_size: bool) -> str:
    interval = f" ({published.interval})" if published.interval else ""
    figure = f"{OUTCOME_WORDS[outcome]} {published.with_unit}{interval}"
    return _("%(figure)s in %(patients)s") % {"figure": figure, "patients": published.size} if with_size else figure


def _model(estimates: Sequence[EstimateWords]) -> str:
    """The pooled estimates; an outcome for which no cohort speaks is said to have none."""
    told = [
        f"{OUTCOME_WORDS[words.outcome]} {words.number_with_unit} ({words.interval})"
        if words.has_data
        else _("%(outcome)s: no estimate") % {"outcome": OUTCOME_WORDS[words.outcome]}
        for words in estimates
    ]
    return ", ".join(told) if any(words.has_data for words in estimates) else ""


def _basis(words: OptionWords, estimates: Sequence[EstimateWords], count: int) -> str:
    """What the model rests on."""
    if not count:
        return ""
    effective = effective_patients(max(estimate.effective for estimate in estimates), studies(count))
    return _("%(patients)s, level %(level)s") % {"patients": effective, "level": words.level}


def _cautions(option: Option, patient: Patient, knowledge: Knowledge) -> CautionsOf:
    told = gravest_first(option.cautions)
    held = [finding for finding in told if finding.truth is True and finding.caution.is_evidence]
    unchecked = [finding for finding in told if finding.truth is None]
    shared = [finding for finding in told if finding.truth is True and not finding.caution.is_evidence]

    def lines(findings: Iterable[CautionFinding]) -> tuple[CautionLine, ...]:
        return tuple(caution_line(finding, option.regimen, patient, knowledge) for finding in findings)

    return CautionsOf(
        applies=lines(finding for finding in held if finding.caution.when),
        of_drugs=lines(finding for finding in held if not finding.caution.when),
        had_before=(
            *(line.text for line in lines(shared)),
            *(line.text for line in lines(finding for finding in unchecked if not finding.caution.when)),
            *map(capfirst, earlier_treatment(option.regimen, option.cautions, patient, knowledge)),
        ),
        cannot_check=tuple(
            (
                level,
                tuple(
                    UncheckedCaution(
                        caution_criterion(f.caution, knowledge), caution_line(f, option.regimen, patient, knowledge)
                    )
                    for f in found
                ),
            )
            for level, found in groupby((f for f in unchecked if f.caution.when), key=lambda f: f.caution.level)
        ),
        not_so=tuple(_not_so(option.regimen.cautions, patient, knowledge)),
    )


def caution_criterion(caution: Caution, knowledge: Knowledge) -> str:
    """When a caution holds, in words."""
    return describe(caution.when, names=knowledge.names, language=ACTIVE)


def _not_so(cautions: Iterable[PlacedCaution], patient: Patient, knowledge: Knowledge) -> Iterator[str]:
    """The criteria that are known not to hold: one that leaves a doubt is none of them."""
    found = (each.caution for each in cautions if each.caution.when)
    checked = [caution for caution in found if evaluate(caution.when, patient.values) is False]
    yield from dict.fromkeys(caution_criterion(caution, knowledge) for caution in checked)


def _unsuitable(options: Iterable[Option]) -> Iterator[tuple[str, str]]:
    """What rules options out, with their names."""
    found: dict[str, list[str]] = {}
    for option in options:
        if option.band is Band.UNSUITABLE:
            found.setdefault(capfirst(option.reason.worded(ACTIVE)), []).append(option.regimen.name)
    for reason, names in found.items():
        yield reason.removesuffix("."), ", ".join(names)
