"""An option of a stored ranking: figures, reasons for and against, cautions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from boards.shown.stored_ranking import Recorded
from display.punctuation import sign
from regimens.models import choices
from regimens.rules.assessment import Band
from regimens.rules.evidence import OUTCOMES, Outcome
from regimens.rules.first_edition import feature_called
from regimens.rules.knowledge import EDITION
from regimens.rules.ordering import SEPARABLE
from regimens.rules.record import CautionRecord, OptionRecord
from regimens.wording.cautions import CautionLine, CautionMark, caution_in_words, caution_marks
from regimens.wording.citations import Link, sentence
from regimens.wording.drugs import drug_name
from regimens.wording.estimates import EstimateWords, drawn_beside, estimate_words, published_words
from regimens.wording.indications import named_sources, stance_word
from regimens.wording.licences import LicenceCell, licence_cell
from regimens.wording.options import (
    EvidenceWords,
    Item,
    OptionWords,
    StandingWords,
    caution_item,
    option_words,
    reason_item,
    standing_words,
)
from regimens.wording.outcomes import OUTCOME_TITLES, effective_patients, separation

TITLES: Mapping[Outcome, Promise | str] = {
    **OUTCOME_TITLES,
    "orr": gettext_lazy("Response"),
    "grade3": gettext_lazy("Grade 3+"),
}
GRAVE = (choices.CautionLevel.CONTRAINDICATED, choices.CautionLevel.AVOID)
CAUTIONS_SHOWN = 2
WEAK = (Band.LIMITED, Band.NO_EVIDENCE, Band.UNSUITABLE)


@dataclass(frozen=True)
class FigureLine:
    """An outcome of an option: what was published, beside what the model says of this patient's group.

    published       the figure of the study that weighs most, as it gave it; interval, patients and study with it
    number, interval   the model's; "" where no cohort speaks for the outcome
    says_published  whether the ranking names published figures: one of the method's first edition does not
    """

    title: str
    number: str = ""
    interval: str = ""
    drawing: SafeString | str = ""
    published: str = ""
    published_interval: str = ""
    patients: str = ""
    study: str = ""
    says_published: bool = True


@dataclass(frozen=True)
class OptionColumn:
    """An option that stands beside others.

    rests_on  what its figures rest on; "" while it waits for a test
    studied   the studies whose figures are shown, each with its patients
    safety    what applies, cannot be checked, rules it out and was had before, at a glance
    licence   whether it is licensed for the patient; None where the ranking does not say
    cautions  those that hold for the patient, the gravest first
    further   how many of them the screen leaves to the list in full; unchecked: how many cannot be checked, and how
              many of these would rule the option out or advise against it; where `safety` does not say it
    not_checked  those that cannot be checked, each with its level, the gravest first
    """

    words: OptionWords
    standing: StandingWords
    figures: tuple[FigureLine, ...]
    rests_on: str
    studied: tuple[str, ...]
    safety: tuple[CautionMark, ...]
    licence: LicenceCell | None
    reasons_for: tuple[Item, ...]
    reasons_against: tuple[Item, ...]
    cautions: tuple[Item, ...]
    further: str
    unchecked: str
    not_checked: tuple[Item, ...]


def option_columns(frozen: Recorded, slugs: Iterable[str], *, today: date) -> tuple[OptionColumn, ...]:
    """Options side by side, on axes that are the same for every patient; `today` is when somebody reads it."""
    return tuple(
        _column(frozen, frozen.by_slug[slug], today) if slug in frozen.by_slug else _waiting(frozen, slug)
        for slug in slugs
        if slug in frozen.by_slug or slug in frozen.waiting
    )


def figure_lines(frozen: Recorded, option: OptionRecord) -> Iterator[FigureLine]:
    for outcome in OUTCOMES if option.estimates else ():
        title, words = str(TITLES[outcome]), stored_estimate(frozen, option, outcome)
        if words is None:
            yield FigureLine(title, says_published=not frozen.is_of_first_edition)
            continue
        published = words.published
        yield FigureLine(
            title=title,
            number=words.number if words.has_data else "",
            interval=words.interval if words.has_data else "",
            drawing=drawn_beside(words, option.estimates[outcome], frozen.knowledge.benchmark),
            published=published.number if published else "",
            published_interval=published.interval if published else "",
            patients=", ".join(filter(None, (published.size, published.borrowed))) if published else "",
            study=published.citation if published else "",
            says_published=not frozen.is_of_first_edition,
        )


def studied(figures: Sequence[FigureLine]) -> Iterator[str]:
    """The studies behind published figures, each with its patients: those of a median, since a response is of fewer."""
    by_study: dict[str, str] = {}
    for figure in reversed(figures):
        if figure.study:
            by_study.setdefault(figure.study, figure.patients)
    yield from (f"{study}{sign(':')} {patients}" for study, patients in by_study.items())


def stored_estimate(frozen: Recorded, option: OptionRecord, outcome: Outcome) -> EstimateWords | None:
    """An estimate in words, with what was published beside it, which a ranking of the first edition does not say.

    None where the option has no such estimate.
    """
    estimate, beside = option.estimates.get(outcome), option.published.get(outcome)
    if estimate is None:
        return None
    return estimate_words(
        outcome,
        estimate,
        demonstrated=frozen.record.demonstrated.get(outcome, True),
        published=published_words(outcome, beside.publication, beside.index, frozen.knowledge) if beside else None,
    )


def not_told_apart(frozen: Recorded) -> tuple[str, ...]:
    """What the evidence could not tell apart then, each said once; a ranking of the first edition does not say."""
    record = frozen.record
    if frozen.is_of_first_edition or not record.scope.in_scope:
        return ()
    return tuple(separation(record.separates, record.demonstrated, SEPARABLE))


def safety_of(frozen: Recorded, option: OptionRecord) -> tuple[CautionMark, ...]:
    """Its safety at a glance; none in a ranking of the first edition, which is told as it was, nor of care alone."""
    if frozen.is_of_first_edition or not option.estimates:
        return ()
    regimen, patient, knowledge = frozen.knowledge.regimens[option.regimen], frozen.patient, frozen.knowledge
    return tuple(caution_marks(regimen, tuple(frozen.findings(option)), patient, knowledge))


def licence_of(frozen: Recorded, option: OptionRecord, *, today: date | None) -> LicenceCell | None:
    """Whether an option is licensed for the patient, and when that was read; None where the ranking does not say.

    `today` is the day on which somebody reads it; without one nothing is said of its age.
    """
    if option.licence is None:
        return None
    return licence_cell(option.licence, option.regimen, frozen.patient, frozen.knowledge, today)


def caution_words_of(caution: CautionRecord, frozen: Recorded, url: str | None = None) -> CautionLine:
    """A stored caution, with the drug that it is of, or that it is of the regimen.

    One of a class names it in its words, and the first edition told no drugs apart.
    """
    if frozen.record.method != EDITION or caution.exposure_class:
        of = ""
    else:
        of = drug_name(caution.drug, frozen.knowledge) if caution.drug else _("this regimen")
    return caution_in_words(caution.level, caution.text, url=url, of=of)


def words_of(frozen: Recorded, option: OptionRecord) -> OptionWords:
    """What the option is and rests on, as the page of a patient says it."""
    publications = frozen.knowledge.publications
    keys = {publications[cohort.publication]["study_key"] or cohort.publication for cohort in option.cohorts}
    return option_words(
        slug=option.regimen,
        name=option.name,
        band=option.band,
        level=option.level,
        estimates=option.estimates,
        study_count=len(keys),
    )


def rests_on(frozen: Recorded, option: OptionRecord) -> str:
    """Effective patients and studies; as the first edition said it, of a ranking of that edition."""
    words = words_of(frozen, option).evidence
    if not option.cohorts or frozen.is_of_first_edition:
        return words.in_one
    effective = round(max(estimate.effective_patients for estimate in option.estimates.values()))
    return effective_patients(effective, words.studies)


def standing_of(frozen: Recorded, option: OptionRecord) -> StandingWords:
    """Where it stands among the others."""
    return standing_words(
        rank=option.rank,
        best=option.best,
        top3=option.top3,
        expected_rank=option.expected_rank,
        number=frozen.places.get(option.regimen, ""),
    )


def _column(frozen: Recorded, option: OptionRecord, today: date) -> OptionColumn:
    cautions, figures = tuple(_cautions(frozen, option)), tuple(figure_lines(frozen, option))
    return OptionColumn(
        words=words_of(frozen, option),
        standing=standing_of(frozen, option),
        figures=figures,
        rests_on=rests_on(frozen, option),
        studied=tuple(studied(figures)),
        safety=safety_of(frozen, option),
        licence=licence_of(frozen, option, today=today),
        reasons_for=tuple(_reasons_for(frozen, option)),
        reasons_against=tuple(_reasons_against(frozen, option)),
        cautions=cautions,
        further=_further(len(cautions) - CAUTIONS_SHOWN),
        unchecked=_unchecked([caution for caution in option.cautions if caution.truth is None]),
        not_checked=tuple(_not_checked(frozen, option)),
    )


def _further(count: int) -> str:
    words = ngettext("and %(count)d more, below;", "and %(count)d more, below;", count)
    return words % {"count": count} if count > 0 else ""


def _unchecked(cautions: Sequence[CautionRecord]) -> str:
    """How many cannot be checked, and how many of these are grave."""
    if not cautions:
        return ""
    grave = sum(caution.level in GRAVE for caution in cautions)
    words = ngettext("%(count)d caution cannot be checked", "%(count)d cautions cannot be checked", len(cautions))
    counted = words % {"count": len(cautions)}
    if not grave:
        return counted
    return _("%(counted)s, grave if they hold: %(grave)d") % {"counted": counted, "grave": grave}


def _waiting(frozen: Recorded, slug: str) -> OptionColumn:
    tests = ", ".join(_(feature_called(name).label) for name in frozen.waiting[slug])
    return OptionColumn(
        words=OptionWords(
            slug=slug,
            name=frozen.name(slug),
            band_key="waiting",
            band=_("Waits for a test: %(tests)s") % {"tests": tests},
            level="",
            level_words="",
            evidence=EvidenceWords("", ""),
        ),
        standing=standing_words(rank=None),
        figures=(),
        rests_on="",
        studied=(),
        safety=(),
        licence=None,
        reasons_for=(),
        reasons_against=(),
        cautions=(),
        further="",
        unchecked="",
        not_checked=(),
    )


def _reasons_for(frozen: Recorded, option: OptionRecord) -> Iterator[Item]:
    found = list(_indications(frozen, option, "recommend", "consider"))
    yield from found
    if not found and option.band not in WEAK:
        yield _decided_by(option)


def _reasons_against(frozen: Recorded, option: OptionRecord) -> Iterator[Item]:
    found = list(_indications(frozen, option, "against"))
    yield from found
    if not found and option.band in WEAK:
        grave = any(c.truth is True and c.level in GRAVE for c in option.cautions)
        yield Item(_("A caution speaks against it.")) if grave else _decided_by(option)


def _decided_by(option: OptionRecord) -> Item:
    """What put it into its band: stored in English, and translated where it is a message without parts."""
    stored = option.decided_by
    words = _(stored)
    is_english = words == stored and not (get_language() or "en").startswith("en")
    return Item(sentence(words), lang="en" if is_english else "")


def _indications(frozen: Recorded, option: OptionRecord, *stances: str) -> Iterator[Item]:
    """What guidelines, approvals and publications say for this patient, and who says it."""
    for finding in option.indications:
        row, stance = frozen.indications.get(finding.key), finding.stance
        if finding.truth is True and stance in stances and row:
            names = ", ".join(source.name for source in named_sources(row["sources"], frozen.knowledge))
            kind = "against-word" if stance == "against" else "for"
            yield reason_item(stance_word(stance), row["rationale"], (Link(names, ""),) if names else (), kind)


def _cautions(frozen: Recorded, option: OptionRecord) -> Iterator[Item]:
    """Those that hold, the gravest first."""
    for caution in _gravest_first(option, truth=True):
        yield caution_item(caution_words_of(caution, frozen))


def _not_checked(frozen: Recorded, option: OptionRecord) -> Iterator[Item]:
    """Those of which nobody knows whether they hold, the gravest first."""
    for caution in _gravest_first(option, truth=None):
        yield caution_item(caution_words_of(caution, frozen), truth=None)


def _gravest_first(option: OptionRecord, *, truth: bool | None) -> list[CautionRecord]:
    levels = list(choices.CautionLevel.values)
    found = [caution for caution in option.cautions if caution.truth is truth]
    return sorted(found, key=lambda caution: levels.index(caution.level))
