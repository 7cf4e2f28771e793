"""A ranking as the page shows it: bands of options, what stands above and beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regimens.rules.assessment import Band
from regimens.rules.explanation import Explanation
from regimens.rules.knowledge import Knowledge, ReleaseIdentity
from regimens.rules.ordering import SEPARABLE
from regimens.rules.ranking import Option, Ranking
from regimens.wording.bands import BAND_NOTES, BAND_TITLES
from regimens.wording.cohorts import CohortLine, cohort_line
from regimens.wording.outcomes import OUTCOME_TITLES, figure, percent, separation
from regimens.wording.patient import patient_details, patient_sentence, supposed_words
from regimens.wording.sentences import ACTIVE

from .missing_tests import (
    QuestionLine,
    TestLine,
    TrialLine,
    WaitingLine,
    question_lines,
    test_line,
    trial_line,
    waiting_lines,
)
from .options import FOLDED, ROW_OUTCOMES, ListedOption, OptionPresenter, OptionRow, ceilings_of
from .rank_changes import move_marks, moves_note

# The bands above the cards; how many trials are shown unfolded, and how many of the closest studies.
_LEADING = {Band.RECOMMENDED.value, Band.SUPPORTED.value, Band.TRIAL_ONLY.value}
_TRIALS_SHOWN = 6
_CLOSEST_SHOWN = 8


@dataclass(frozen=True)
class Axis:
    title: str
    end: str


@dataclass(frozen=True)
class BandSection:
    key: str
    title: str
    note: str
    options: tuple[OptionRow | ListedOption, ...]
    is_folded: bool


@dataclass(frozen=True)
class ClosestLine:
    """A cohort near to the patient, with the regimen that it was given."""

    cohort: CohortLine
    regimen: str
    slug: str


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
    separation: tuple[str, ...]
    axes: tuple[Axis, ...]
    bands: tuple[BandSection, ...]
    further_bands: tuple[BandSection, ...]
    waiting: tuple[WaitingLine, ...]
    tests: tuple[TestLine, ...]
    questions: tuple[QuestionLine, ...]
    trials: tuple[TrialLine, ...]
    further_trials: tuple[TrialLine, ...]
    closest: tuple[ClosestLine, ...]
    moves: str
    is_nec_only: bool
    supposed: tuple[str, ...]
    in_scope: bool
    is_net_g3: bool


def present(
    ranking: Ranking, knowledge: Knowledge, supposed: Iterable[str] = (), *, usual: Ranking | None = None
) -> RankingPage:
    """The ranking as the page shows it.

    supposed   the features whose values are tried out and not known
    usual      the ranking by the usual preference and all evidence, to mark what is elsewhere; None where this is it
    """
    ceilings = ceilings_of(ranking.options)
    explanation = Explanation(ranking, knowledge, usual=usual)
    marks = move_marks(explanation.moves)
    presenter = OptionPresenter(explanation, ceilings, marks)
    trials = tuple(trial_line(fit, ranking.patient) for fit in explanation.trials)
    bands = [
        BandSection(
            band.value, str(BAND_TITLES[band]), _band_note(band, listed), presenter.rows(listed), band in FOLDED
        )
        for band, options in groupby(ranking.options, key=lambda option: option.band)
        for listed in [list(options)]
    ]
    return RankingPage(
        release=ranking.release,
        patient=tuple(patient_sentence(ranking.patient)),
        more=tuple(patient_details(ranking.patient, knowledge)),
        counts=_counts(ranking),
        announcement=_announcement(ranking),
        reasons=tuple(sentence.worded(ACTIVE) for _key, sentence in ranking.scope.reasons),
        warnings=tuple(sentence.worded(ACTIVE) for _key, sentence in ranking.scope.warnings),
        leader_note=_leader_note(ranking),
        separation=tuple(separation(ranking.separates, ranking.demonstrated, SEPARABLE)),
        axes=tuple(Axis(str(OUTCOME_TITLES[o]), figure(o, ceilings[o], unit=True)) for o in ROW_OUTCOMES),
        bands=tuple(band for band in bands if band.key in _LEADING),
        further_bands=tuple(band for band in bands if band.key not in _LEADING),
        waiting=tuple(waiting_lines(ranking, knowledge)),
        tests=tuple(test_line(test, ranking, knowledge) for test in ranking.tests if test.is_biomarker),
        questions=tuple(question_lines(ranking.tests, knowledge)),
        trials=trials[:_TRIALS_SHOWN],
        further_trials=trials[_TRIALS_SHOWN:],
        closest=tuple(_closest(explanation)),
        moves=moves_note(usual, ranking, len(marks)) if usual and ranking.scope.in_scope else "",
        is_nec_only=ranking.is_nec_only,
        supposed=supposed_words(ranking.patient, supposed),
        in_scope=ranking.scope.in_scope,
        is_net_g3=any(code == "net-g3" for code, _sentence in ranking.scope.reasons),
    )


def _band_note(band: Band, options: Sequence[Option]) -> str:
    if band is Band.RECOMMENDED and all(option.synthesis is None for option in options):
        return _("no guideline, licence or review recommends a treatment for this situation")
    return str(BAND_NOTES[band])


def _counts(ranking: Ranking) -> str:
    ranked = sum(option.rank is not None for option in ranking.options)
    waiting, trial_only = len(ranking.needs_test), _in(ranking, Band.TRIAL_ONLY)
    without, unsuitable = _in(ranking, Band.NO_EVIDENCE), _in(ranking, Band.UNSUITABLE)
    counted = [
        (ranked, ngettext("%(count)d option ranked", "%(count)d options ranked", ranked)),
        (waiting, ngettext("%(count)d waits for a test", "%(count)d wait for a test", waiting)),
        (trial_only, ngettext("%(count)d only in a trial", "%(count)d only in a trial", trial_only)),
        (without, ngettext("%(count)d without evidence", "%(count)d without evidence", without)),
        (unsuitable, ngettext("%(count)d not suitable", "%(count)d not suitable", unsuitable)),
    ]
    said = [words % {"count": count} for position, (count, words) in enumerate(counted) if count or not position]
    return f"{', '.join(said)}."


def _in(ranking: Ranking, band: Band) -> int:
    return sum(option.band is band for option in ranking.options)


def _announcement(ranking: Ranking) -> str:
    """What a screen reader is told after a change."""
    if not ranking.scope.in_scope:
        return _("Out of scope. No options are ranked.")
    ranked = [option for option in ranking.options if option.rank is not None]
    if not ranked:
        return _("No option is ranked.")
    words = ngettext(
        "%(count)d option ranked, first %(regimen)s.", "%(count)d options ranked, first %(regimen)s.", len(ranked)
    )
    return words % {"count": len(ranked), "regimen": ranked[0].regimen.name}


def _leader_note(ranking: Ranking) -> str:
    """Says so where another option than the first comes out best in most draws (METHOD, section 9)."""
    drawn = [(o.shares.best, o) for o in ranking.options if o.shares and o.shares.best is not None and o.synthesis]
    first = ranking.first
    if not drawn or first is None:
        return ""
    best, leader = max(drawn, key=lambda pair: pair[0])
    if leader is first:
        return ""
    studies = len({used.cohort.study_key for used in leader.synthesis.cohorts}) if leader.synthesis else 0
    ahead = ngettext(
        "On the figures alone, %(leader)s is ahead in %(share)s of the draws; it rests on %(count)d study.",
        "On the figures alone, %(leader)s is ahead in %(share)s of the draws; it rests on %(count)d studies.",
        studies,
    ) % {"leader": leader.regimen.name, "share": percent(best), "count": studies}
    why = (
        _("%(first)s stands first because a guideline, a licence or a review recommends it for this situation.")
        if leader.band is not first.band
        else _("%(first)s stands first because its estimates add up to more.")
    )
    return f"{ahead} {why % {'first': first.regimen.name}}"


def _closest(explanation: Explanation) -> Iterator[ClosestLine]:
    for found in explanation.closest[:_CLOSEST_SHOWN]:
        line = cohort_line(found.used, explanation.ranking.patient, explanation.knowledge)
        yield ClosestLine(line, found.regimen.name, found.regimen.slug)
