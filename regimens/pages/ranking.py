"""A ranking as the page shows it: the card, tests and trials beside it, and the options in their bands.

What a place shows is made when that place asks for it: the page names the options of a folded band and makes nothing
of them, the copied text and the PDF ask for more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from display.numbers import number
from regimens.reported import Reported
from regimens.rules.assessment import Band
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE, BIOMARKER_FEATURES
from regimens.rules.explanation import Explanation
from regimens.rules.knowledge import Knowledge, ReleaseIdentity
from regimens.rules.ordering import SEPARABLE
from regimens.rules.patient import CONDITIONS, FEATURES, REGIONS
from regimens.rules.ranking import Option, Ranking
from regimens.rules.synthesis import UsedCohort
from regimens.wording.bands import BAND_NOTES, BAND_TITLES
from regimens.wording.cohorts import CohortLine, cohort_line
from regimens.wording.estimates import AXIS_MAXIMA
from regimens.wording.outcomes import percent, separation
from regimens.wording.patient import patient_details, patient_sentence, supposed_words
from regimens.wording.reports import report_lines
from regimens.wording.sentences import ACTIVE

from .after import AfterThat, after_that
from .answer import AnswerCard, answer_card
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
from .options import FOLDED, NO_MARKS, ListedOption, OptionPresenter, OptionRow
from .out_of_scope import OutOfScope, out_of_scope
from .rank_changes import MoveMark, move_marks, moves_note
from .rows import ROW_OUTCOMES

# The bands whose rows are shown.
UPPER = (Band.RECOMMENDED, Band.SUPPORTED)
# How many rows, tests, trials, names of a folded band and closest studies are shown before "n more".
ROWS_SHOWN = 10
TESTS_SHOWN, TRIALS_SHOWN, NAMES_SHOWN, CLOSEST_SHOWN = 5, 3, 6, 8


@dataclass(frozen=True)
class Axis:
    """The head of a column: what is drawn, and from where to where."""

    title: str
    span: str


AXES = {
    "orr": gettext_lazy("Response"),
    "pfs": gettext_lazy("PFS, months"),
    "os": gettext_lazy("Survival, months"),
}


@dataclass(frozen=True, eq=False)
class BandSection:
    """A band with its options; `rows` of them are made when somebody looks at them.

    names       of its options, in their order
    is_folded   whether a text lists them by name alone
    """

    key: str
    title: str
    note: str
    found: Sequence[Option] = field(repr=False)
    presenter: OptionPresenter = field(repr=False)
    is_folded: bool

    @cached_property
    def options(self) -> tuple[OptionRow | ListedOption, ...]:
        return self.presenter.rows(self.found)

    @property
    def names(self) -> list[str]:
        return [option.regimen.name for option in self.found]

    @property
    def count(self) -> int:
        return len(self.found)

    @property
    def summary(self) -> str:
        """The first names of a closed band, and how many more there are."""
        return summary_of(self.names)


@dataclass(frozen=True)
class Fold:
    """A closed part of the answer: its title with how many it holds, and what these are."""

    key: str
    title: str
    summary: str
    note: str = ""


@dataclass(frozen=True)
class NotKnown:
    """What is not known of a patient and would matter to what is shown: a heading with the facts under it."""

    title: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class ClosestLine:
    """A cohort near to the patient, with the regimen that it was given."""

    cohort: CohortLine
    regimen: str
    slug: str


@dataclass(frozen=True, eq=False)
class RankingPage:
    """Everything that the page shows of one ranking.

    supposing   the features whose values are tried out and not known
    usual       the ranking by the usual preference and all evidence, to mark what is elsewhere; None where this is it
    today       the day on which it is read
    marks       where options stood before the entries were changed, which is then marked in place of the usual
    reported    notices against publications that the release does not know of yet: told, and in no figure
    """

    ranking: Ranking = field(repr=False)
    knowledge: Knowledge = field(repr=False)
    supposing: tuple[str, ...] = ()
    usual: Ranking | None = None
    today: date | None = None
    marks: Mapping[str, MoveMark] = field(default_factory=dict)
    reported: tuple[Reported, ...] = ()

    # ---- whose ranking it is

    @property
    def release(self) -> ReleaseIdentity:
        return self.ranking.release

    @property
    def in_scope(self) -> bool:
        return self.ranking.scope.in_scope

    @property
    def is_nec_only(self) -> bool:
        return self.ranking.is_nec_only

    @cached_property
    def patient(self) -> tuple[tuple[str, bool], ...]:
        return tuple(patient_sentence(self.ranking.patient))

    @cached_property
    def more(self) -> tuple[str, ...]:
        return tuple(patient_details(self.ranking.patient, self.knowledge))

    @cached_property
    def supposed(self) -> tuple[str, ...]:
        return supposed_words(self.ranking.patient, self.supposing)

    @property
    def supposed_words(self) -> str:
        return _("%(values)s: supposed, and not known of this patient.") % {"values": ", ".join(self.supposed)}

    @cached_property
    def out_of_scope(self) -> tuple[OutOfScope, ...]:
        """Why it is out of scope, and where to go on."""
        return out_of_scope(self.ranking, self.knowledge)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What to check first: values that contradict each other, and a retraction since of what this rests on."""
        warnings = [sentence.worded(ACTIVE) for _key, sentence in self.ranking.scope.warnings]
        used = {used.cohort.publication for option in self.ranking.options for used in _cohorts(option)}
        lines = report_lines(self.reported, self.knowledge) if self.reported else ()
        return (*warnings, *(line.in_full for line in lines if line.publication in used))

    @cached_property
    def not_known(self) -> tuple[NotKnown, ...]:
        """The facts on which the order, or a caution of an option that is shown, would depend."""
        return tuple(NotKnown(title, facts) for title, facts in self._not_known() if facts)

    @property
    def not_known_words(self) -> str:
        count = sum(len(group.facts) for group in self.not_known)
        return ngettext("%(count)d fact not known", "%(count)d facts not known", count) % {"count": count}

    def _not_known(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        patient, ranking = self.ranking.patient, self.ranking
        deciding = {test.feature for test in ranking.tests}
        deciding |= {name for waiting in ranking.needs_test for name in waiting.features}
        of_cautions = {
            name
            for row in self._shown
            for finding in row.option.cautions
            if finding.truth is None
            for name in finding.caution.features
        }
        asked = [name for name in FEATURES if name in deciding | of_cautions and not patient.knows(name)]
        markers = [name for name in asked if name in BIOMARKER_FEATURES]
        yield _("Markers"), self._labels(markers)
        others = [name for name in asked if name not in markers]
        yield _("Decide the order"), self._labels(name for name in others if name in deciding)
        asked_by_cautions = [name for name in others if name not in deciding]
        yield _("For cautions"), self._labels(asked_by_cautions)

    @staticmethod
    def _labels(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(str(_(CONDITIONS.get(name) or FEATURES[name].label)) for name in names)

    # ---- what comes first

    @cached_property
    def card(self) -> AnswerCard | None:
        return answer_card(self.ranking, self.knowledge)

    @property
    def is_care_first(self) -> bool:
        """Whether best supportive care stands before every other option."""
        options = self.ranking.options
        return bool(options) and options[0].regimen.slug == BEST_SUPPORTIVE_CARE

    @cached_property
    def separation(self) -> tuple[str, ...]:
        return tuple(separation(self.ranking.separates, self.ranking.demonstrated, SEPARABLE))

    @cached_property
    def counts(self) -> str:
        return _counts(self.ranking)

    @cached_property
    def announcement(self) -> str:
        return _announcement(self.ranking)

    @cached_property
    def leader_note(self) -> str:
        return _leader_note(self.ranking)

    @cached_property
    def moves(self) -> str:
        if not self.usual or not self.in_scope:
            return ""
        return moves_note(self.usual, self.ranking, len(move_marks(self.explanation.moves)))

    # ---- options

    @cached_property
    def explanation(self) -> Explanation:
        return Explanation(self.ranking, self.knowledge, usual=self.usual)

    @cached_property
    def presenter(self) -> OptionPresenter:
        marks = self.marks or move_marks(self.explanation.moves)
        return OptionPresenter(self.explanation, marks=marks, today=self.today)

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        return tuple(Axis(str(AXES[outcome]), _span(AXIS_MAXIMA[outcome], outcome)) for outcome in ROW_OUTCOMES)

    @cached_property
    def region(self) -> str:
        return str(_(REGIONS[self.ranking.patient.region]))

    @cached_property
    def bands(self) -> tuple[BandSection, ...]:
        by_band: dict[Band, list[Option]] = {}
        for option in self.ranking.options:
            by_band.setdefault(option.band, []).append(option)
        return tuple(
            BandSection(
                band.value,
                str(BAND_TITLES[band]),
                _band_note(band, listed),
                listed,
                self.presenter,
                band in FOLDED,
            )
            for band, listed in by_band.items()
        )

    @cached_property
    def open_bands(self) -> tuple[OpenBand, ...]:
        """The bands whose rows are shown, up to a number of rows that a reader takes in."""
        found, left = [], ROWS_SHOWN
        for band in self.bands:
            if band.key in UPPER:
                compared = [option for option in band.found if option.regimen.slug != BEST_SUPPORTIVE_CARE]
                care = next((o for o in band.found if o.regimen.slug == BEST_SUPPORTIVE_CARE), None)
                shown, rest = compared[: max(left, 0)], compared[max(left, 0) :]
                rows = tuple(self.presenter.row(option) for option in shown)
                found.append(OpenBand(band, rows, tuple(rest), care and self.presenter.row(care)))
                left -= len(shown)
        return tuple(found)

    @property
    def _shown(self) -> Iterator[OptionRow]:
        for band in self.open_bands:
            yield from band.rows

    def part(self, key: str) -> Sequence[Option] | None:
        """The options of a closed band, or of an open one that are not shown; None for any other key."""
        for band in self.closed_bands:
            if band.key == key:
                return band.found
        return next((open.rest for open in self.open_bands if f"rest-{open.band.key}" == key), None)

    @cached_property
    def closed_bands(self) -> tuple[BandSection, ...]:
        """The other bands, each of which is named with what it holds."""
        return tuple(band for band in self.bands if band.key not in UPPER)

    @cached_property
    def folds(self) -> tuple[Fold, ...]:
        """The closed parts below the rows, in their order."""
        found = [
            Fold(band.key, _counted(band.title, band.count), band.summary, band.note) for band in self.closed_bands
        ]
        place = 1 if found and found[0].key == Band.TRIAL_ONLY else 0
        if count := len(self.ranking.needs_test):
            found.insert(place, Fold("waiting", _counted(_("Wait for a test"), count), self._waiting_summary))
        after = Fold("after", _("And after that?"), _("what would stand first after progression on the first two"))
        closest = Fold("closest", _("Closest studies"), _("the cohorts that fit this patient best, across all options"))
        return (after, *found, closest)

    @property
    def _waiting_summary(self) -> str:
        """The tests that options wait for, each with how many: "BRAF V600E 8 · DLL3 3"."""
        counted = Counter(
            ", ".join(str(_(FEATURES[name].label)) for name in waiting.features) for waiting in self.ranking.needs_test
        )
        return " · ".join(f"{tests} {count}" for tests, count in counted.most_common())

    @cached_property
    def waiting(self) -> tuple[WaitingLine, ...]:
        return tuple(waiting_lines(self.ranking, self.knowledge))

    # ---- tests, trials and closest studies

    @cached_property
    def tests(self) -> tuple[TestLine, ...]:
        """The biomarkers that are not known."""
        return tuple(test_line(test, self.ranking, self.knowledge) for test in self.ranking.tests if test.is_biomarker)

    @cached_property
    def first_tests(self) -> tuple[TestLine, ...]:
        """The few that matter most, a fact that could rule the first option out among them."""
        told = [test for test in self.ranking.tests if test.is_biomarker or test.changes_first]
        once = {test.feature: test for test in reversed(told)}
        first = [test for test in told if once[test.feature] is test][:TESTS_SHOWN]
        return tuple(test_line(test, self.ranking, self.knowledge) for test in first)

    @property
    def test_count(self) -> int:
        """Of all that can be told of tests: biomarkers, and other facts by name."""
        return len({test.feature for test in self.ranking.tests})

    @property
    def all_tests_words(self) -> str:
        return _("All %(count)d, with what each opens") % {"count": self.test_count}

    @cached_property
    def questions(self) -> tuple[QuestionLine, ...]:
        return tuple(question_lines(self.ranking.tests, self.knowledge))

    @property
    def trial_count(self) -> int:
        return len(self.explanation.trials)

    @property
    def all_trials_words(self) -> str:
        words = ngettext(
            "All %(count)d, checked against this patient",
            "All %(count)d, checked against this patient",
            self.trial_count,
        )
        return words % {"count": self.trial_count}

    @cached_property
    def first_trials(self) -> tuple[TrialLine, ...]:
        return self._trials(self.explanation.trials[:TRIALS_SHOWN])

    @cached_property
    def trials(self) -> tuple[TrialLine, ...]:
        return self._trials(self.explanation.trials)

    def _trials(self, found: Iterable[object]) -> tuple[TrialLine, ...]:
        return tuple(trial_line(fit, self.ranking.patient, self.today) for fit in found)  # type: ignore[arg-type]

    @cached_property
    def after(self) -> tuple[AfterThat, ...]:
        """What would stand first if the disease progressed on one of the first options."""
        return after_that(self.ranking, self.knowledge.nec_only if self.is_nec_only else self.knowledge)

    @cached_property
    def closest(self) -> tuple[ClosestLine, ...]:
        return tuple(_closest(self.explanation))


@dataclass(frozen=True)
class OpenBand:
    """A band with the rows that are shown, the options of which there is no more room, and best supportive care."""

    band: BandSection
    rows: tuple[OptionRow, ...]
    rest: tuple[Option, ...]
    care: OptionRow | None

    @property
    def rest_fold(self) -> Fold:
        words = ngettext("%(count)d more in this band", "%(count)d more in this band", len(self.rest))
        names = summary_of([option.regimen.name for option in self.rest])
        return Fold(f"rest-{self.band.key}", words % {"count": len(self.rest)}, names)


def present(
    ranking: Ranking,
    knowledge: Knowledge,
    supposed: Iterable[str] = (),
    *,
    usual: Ranking | None = None,
    today: date | None = None,
    marks: Mapping[str, MoveMark] = NO_MARKS,
    reported: tuple[Reported, ...] = (),
) -> RankingPage:
    """The ranking as the page shows it. Without `today` nothing is said of the age of what was read."""
    return RankingPage(ranking, knowledge, tuple(supposed), usual, today, marks, reported)


def _cohorts(option: Option) -> Sequence[UsedCohort]:
    return option.synthesis.cohorts if option.synthesis else ()


def _counted(title: str, count: int) -> str:
    return _("%(title)s, %(count)d") % {"title": title, "count": count}


def summary_of(names: Sequence[str]) -> str:
    words, more = " · ".join(names[:NAMES_SHOWN]), len(names) - NAMES_SHOWN
    if more <= 0:
        return words
    return ngettext("%(names)s · %(count)d more", "%(names)s · %(count)d more", more) % {"names": words, "count": more}


def _span(ceiling: float, outcome: str) -> str:
    end = percent(ceiling) if outcome == "orr" else number(ceiling)
    return _("0 to %(end)s") % {"end": end}


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
    for found in explanation.closest[:CLOSEST_SHOWN]:
        line = cohort_line(found.used, explanation.ranking.patient, explanation.knowledge)
        yield ClosestLine(line, found.regimen.name, found.regimen.slug)
