"""Which missing test could change the order, and how likely: an unknown feature is supposed known, all ranked again.

Only what rests on a criterion that turns out otherwise is assessed again. Source: METHOD, section 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .assessment import Band, Case
from .evidence import Prevalence, covers
from .knowledge import Knowledge
from .ordering import Bands, Indices, Numbers, Preference, arranged, terms_of
from .patient import BOUND, FEATURES, TMB_HIGH_FROM, Feature, Value, added_by, in_scope
from .tables import BANDS, NO_BAND, POSITIONS, Asked, Decided, Tables

# What a biomarker is set to when its test is supposed to come back positive.
POSITIVE_VALUE: Mapping[str, Value] = MappingProxyType(
    {
        "msi": "high",
        "tmb": TMB_HIGH_FROM,
        "braf_v600e": "positive",
        "ntrk": "positive",
        "ret": "positive",
        "her2": "ihc-3+",
        "kras_g12c": "positive",
        "dll3": "positive",
        "sstr": "positive",
    }
)

# The other features of which each value is tried.
OTHERS_TRIED = ("ki67", "platinum_free_interval_months", "dpd", "ecog")

MOST_OPENED = 5

_RECOMMENDED, _UNSUITABLE = POSITIONS[Band.RECOMMENDED], POSITIONS[Band.UNSUITABLE]


class Opened(NamedTuple):
    """A regimen that a test result would open, with the band and the rank that it would have."""

    regimen: str
    band: Band
    rank: int | None


class MissingTest(NamedTuple):
    """An unknown feature, a value it may have, and what the ranking would be then.

    prevalence           the chance of that value with its source; None when not known, or when it is no biomarker
    first_becomes        which option would have rank 1 (None: no option would)
    changes_order        whether the ranked options, their bands or their order would differ
    enters_recommended   which options would enter the recommended band
    utility_gain         utility of rank 1 then, less that of rank 1 now; where no option has rank 1 it counts as 0
    opens                the regimens that wait for the feature and would be placed, then those that would rise; five
    """

    feature: str
    value: Value
    prevalence: Prevalence | None
    first_becomes: str | None
    changes_first: bool
    changes_order: bool
    enters_recommended: tuple[str, ...]
    utility_gain: float
    opens: tuple[Opened, ...]

    @property
    def is_biomarker(self) -> bool:
        return self.feature in POSITIVE_VALUE


class Question(NamedTuple):
    """An unknown feature supposed to have a value, and where regimens stand then, by their position.

    Those that it does not touch are left out.
    """

    feature: str
    value: Value
    then: Mapping[int, Decided]


class _Tried(NamedTuple):
    """A value to try; `added` is what becomes known with it, None where that has to be found for each patient."""

    feature: str
    value: Value
    added: Mapping[str, Value] | None


@dataclass(frozen=True)
class Standings:
    """How the regimens are placed for some patients, as things are and after each answer that moves any.

    A row each for a patient and, behind it, for each of the answers; a column for each ranked regimen, by slug.

    bands, utilities   what places them, see `ordering.arranged`
    order, ranks       how they are placed
    now                for each row that of its patient as things are
    rows               for each patient that row, and the row of each question: the same where nothing moves
    """

    bands: Bands
    utilities: Numbers
    order: Indices
    ranks: Indices
    now: Indices
    rows: Sequence[tuple[int, Sequence[int]]]


def open_questions(asked: Asked) -> list[Question]:
    """Each unknown feature that decides something, with each value to try that does not contradict the patient."""
    patient, tables, before = asked.case.patient, asked.tables, asked.case.state
    criteria = tables.knowledge.criteria
    found = []
    for feature, value, added in _to_try(tables):
        if feature in patient.values:
            continue
        if added is None:
            supposed = patient.supposing(feature, value)
            if supposed is None or not in_scope(supposed):
                continue
            added = {name: each for name, each in supposed.values.items() if name not in patient.values}
        state = criteria.state_with(before, added)
        then: dict[int, Decided] = {}
        if state != before:
            positions = tables.resting_on(added, state ^ before)
            then = dict(tables.supposed(asked, state, positions, partial(_supposed, asked.case, feature, value, state)))
        found.append(Question(feature, value, then))
    return found


def _supposed(case: Case, feature: str, value: Value, state: int) -> Case:
    patient = case.patient.supposing(feature, value)
    assert patient is not None
    return Case(patient, case.knowledge, state)


def standings(
    decided: Sequence[Sequence[Decided]], questions: Sequence[Sequence[Question]], preference: Preference
) -> Standings:
    """How the regimens are placed for each of some patients now and after each answer, all at once."""
    base = [[each.band for each in row] for row in decided]
    valued = [[terms_of(each.synthesis, preference).utility for each in row] for row in decided]
    rows: list[tuple[int, list[int]]] = []
    now: list[int] = []
    changes: list[tuple[int, int, int, float]] = []
    for patient, (bands, utilities, asked) in enumerate(zip(base, valued, questions, strict=True)):
        first, last = len(now), len(now)
        now.append(patient)
        of_questions = []
        for question in asked:
            moved = False
            for position, (band, synthesis) in question.then.items():
                utility = terms_of(synthesis, preference).utility
                if band != bands[position] or utility != utilities[position]:
                    changes.append((last + 1, position, band, utility))
                    moved = True
            if moved:
                last += 1
                now.append(patient)
            of_questions.append(last if moved else first)
        rows.append((first, of_questions))
    bands_of, utilities_of = np.array(base, dtype=np.int8)[now], np.array(valued)[now]
    if changes:
        where, whose, banded, worth = (list(column) for column in zip(*changes, strict=True))
        bands_of[where, whose], utilities_of[where, whose] = banded, worth
    firsts = np.array([first for first, _ in rows])[now]
    return Standings(bands_of, utilities_of, *arranged(bands_of, utilities_of), firsts, rows)


def missing_tests(
    asked: Sequence[Asked], questions: Sequence[Sequence[Question]], found: Standings
) -> Iterator[tuple[MissingTest, ...]]:
    """For each of the patients, the most worthwhile at the top."""
    if not asked or not asked[0].tables.regimens:
        yield from (() for _ in asked)
        return
    tables, bands, ranks, now = asked[0].tables, found.bands, found.ranks, found.now
    slugs = tables.slugs
    is_first = ranks == 1
    positions = is_first.argmax(axis=1)
    has_first = is_first.any(axis=1)
    best = np.where(has_first, found.utilities[np.arange(len(now)), positions], 0.0).tolist()
    first = [
        slugs[position] if has else None for position, has in zip(positions.tolist(), has_first.tolist(), strict=True)
    ]
    is_other_order = ((ranks != ranks[now]) | ((bands != bands[now]) & (ranks > 0))).any(axis=1).tolist()
    entering = _by_row((bands == _RECOMMENDED) & (bands[now] != _RECOMMENDED))
    opened = _Opening(found, tables)
    for each, of_patient, (present, rows) in zip(asked, questions, found.rows, strict=True):
        tests = [
            MissingTest(
                question.feature,
                question.value,
                _prevalence(question.feature, each.case) if question.feature in POSITIVE_VALUE else None,
                first[row],
                first[row] != first[present],
                is_other_order[row],
                tuple([slugs[position] for position in entering.get(row, ())]),
                best[row] - best[present],
                opened.by(question.feature, row),
            )
            for question, row in zip(of_patient, rows, strict=True)
        ]
        yield tuple(sorted(tests, key=_worth))


def _by_row(mask: NDArray[np.bool_]) -> dict[int, list[int]]:
    """The positions in each row where the mask holds."""
    found: dict[int, list[int]] = {}
    for row, position in zip(*(places.tolist() for places in mask.nonzero()), strict=True):
        found.setdefault(row, []).append(position)
    return found


class _Opening:
    """What the answers open, each to whoever tests for a feature."""

    def __init__(self, found: Standings, tables: Tables):
        self._found, self._regimens = found, tables.regimens
        bands, ranks, before = found.bands, found.ranks, found.ranks[found.now]
        waits = bands[found.now] == NO_BAND
        self._waiting = _by_row(waits & (bands != NO_BAND) & (bands != _UNSUITABLE))
        self._rising = _by_row(~waits & (ranks > 0) & ((ranks < before) | (before == 0)))

    def by(self, feature: str, row: int) -> tuple[Opened, ...]:
        """What waits for the feature now, then what would rise."""
        if row not in self._waiting and row not in self._rising:
            return ()
        placed = [p for p in self._waiting.get(row, ()) if feature in self._regimens[p].required_features]
        if len(placed) > 1:
            place = np.argsort(self._found.order[row])
            placed.sort(key=place.__getitem__)
        ranks = self._found.ranks[row]
        risen = sorted(self._rising.get(row, ()), key=ranks.__getitem__)
        return tuple([self._opened(position, row) for position in [*placed, *risen][:MOST_OPENED]])

    def _opened(self, position: int, row: int) -> Opened:
        band, rank = BANDS[self._found.bands[row, position]], int(self._found.ranks[row, position])
        assert band is not None
        return Opened(self._regimens[position].slug, band, rank or None)


def _to_try(tables: Tables) -> Sequence[_Tried]:
    """Each feature that decides something, with each value to try."""
    found: list[_Tried] | None = tables.knowledge.tables.get(_Tried)
    if found is None:
        knowledge = tables.knowledge
        biomarkers = [pair for pair in POSITIVE_VALUE.items() if pair[0] in knowledge.selecting_features]
        others = [(feature, value) for feature, values in values_to_try(knowledge).items() for value in values]
        found = [
            _Tried(feature, value, None if feature in BOUND else added_by(feature, value))
            for feature, value in [*biomarkers, *others]
        ]
        knowledge.tables[_Tried] = found
    return found


def values_to_try(knowledge: Knowledge) -> dict[str, list[Value]]:
    """For each feature other than biomarkers that decides an indication or rules an option out, the values to try.

    Of a choice every one; of a number one below the lowest threshold that the criteria name, and each threshold.
    """
    return {
        name: _values(FEATURES[name], knowledge.thresholds[name])
        for name in OTHERS_TRIED
        if name in knowledge.thresholds
    }


def _values(feature: Feature, thresholds: Sequence[float]) -> list[Value]:
    if not feature.is_numeric:
        return list(feature.values)
    lowest = thresholds[0]
    below = lowest - 1 if feature.kind == "count" else (feature.low + lowest) / 2
    tried = [value for value in (below, *thresholds) if feature.low <= value <= feature.high]
    return [int(value) if value == int(value) else value for value in dict.fromkeys(tried)]


def _prevalence(feature: str, case: Case) -> Prevalence | None:
    """The figure for the patient's primary site; else for a group that holds it; else for any site; else not known."""
    figures, site = case.knowledge.prevalence.get(feature, ()), case.patient.primary_site
    named = (figure for figure in figures if site in figure.sites)
    grouped = (figure for figure in figures if covers(figure.sites, site))
    anywhere = (figure for figure in figures if "any" in figure.sites)
    return next(named, None) or next(grouped, None) or next(anywhere, None)


def _worth(test: MissingTest) -> tuple[object, ...]:
    """Sorts tests; those of one feature that are worth the same stay in the order in which they were tried."""
    chance = test.prevalence.chance if test.prevalence else 0
    rise = max(test.utility_gain, 0)
    return (not test.changes_first, -chance * rise, test.feature)
