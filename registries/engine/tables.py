"""The tables of a part, as Arrow has them: rankings, tests, patients and errors, in the order of the patients.

A row of `rankings` is an option of a patient in its order, best supportive care and what waits for a test included. The
figures are rounded as a ranking is written (`record.rounded`), so that processors which differ in the last bit write
the same bytes. Texts that recur are dictionaries in an order that the part gives, and not the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as arrow
from numpy.typing import NDArray

from regimens.rules.assessment import Band
from regimens.rules.columns import STATUSES, Columns, Flags
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE, OUTCOMES
from regimens.rules.knowledge import Knowledge
from regimens.rules.ordering import Preference, terms_of
from regimens.rules.patient import DERIVED, FEATURES, Feature, Patient
from regimens.rules.ranking import Placement, Ranking, is_frail
from regimens.rules.record import plain, rounded
from regimens.rules.synthesis import Synthesis
from regimens.rules.tables import NO_BAND, POSITIONS

from .mapping import DIED, MONTHS, TREATMENT

TABLES = ("rankings", "tests", "patients", "errors")
NEEDS_TEST = "needs-test"  # in the place of a band
BANDS = (*(band.value for band in Band), NEEDS_TEST)
LEVELS = ("A", "B", "C", "D")
SHARES = ("first_in_band", "best", "top3", "expected_rank")

_TEXTS = arrow.list_(arrow.string())
_TYPES = {
    "choice": arrow.string(),
    "number": arrow.float64(),
    "count": arrow.int16(),
    "flag": arrow.bool_(),
    "set": _TEXTS,
}


class Ranked(NamedTuple):
    """A row that was ranked, or is out of scope: its number, where it stood, and what was made of it."""

    number: int
    file: str
    row: int
    key: str | None
    outcome: dict[str, Any]
    ranking: Ranking


class Fault(NamedTuple):
    """Something that is wrong with a cell, or with a whole row (`column` empty); `refused`: the row is not ranked."""

    number: int
    file: str
    row: int
    column: str
    value: str
    rule: str
    refused: bool


@dataclass(frozen=True)
class First:
    """The option of rank 1 of a patient in scope, with the numbers among `Columns.said` of what cannot be checked."""

    option: str | None
    level: str | None
    licence: str | None
    unchecked: tuple[int, ...]


@dataclass(frozen=True)
class Options:
    """The table of rankings, with what is counted of it.

    firsts   one a patient in scope
    bands    positions among BANDS, a row a patient in scope and a column a ranked regimen
    """

    table: arrow.Table
    firsts: Sequence[First]
    bands: NDArray[np.int8]


def options(ranked: Sequence[Ranked], knowledge: Knowledge, preference: Preference, *, draws: bool) -> Options:
    """The options of the patients in scope."""
    placed = [(each.number, each.ranking.placement) for each in ranked if each.ranking.placement is not None]
    return _Placed(knowledge, preference, placed).options(draws=draws)


class _Placed:
    """Patients in scope as arrays: a row a patient, a column a ranked regimen."""

    def __init__(self, knowledge: Knowledge, preference: Preference, placed: Sequence[tuple[int, Placement]]):
        self.knowledge, self.columns = knowledge, Columns.of(knowledge)
        self.placements = [placement for _, placement in placed]
        self.numbers = np.array([number for number, _ in placed], dtype=np.int64)
        self.patients, self.regimens = len(placed), len(knowledge.ranked_regimens)
        shape = self.patients, self.regimens
        self.order = np.array([each.order for each in self.placements], dtype=np.intp).reshape(shape)
        self.ranks = np.array([each.ranks for each in self.placements], dtype=np.int16).reshape(shape)
        decided = [one for each in self.placements for one in each.decided]
        self.bands = np.array([one.band for one in decided], dtype=np.int8).reshape(shape)
        known: dict[int, int] = {}
        syntheses: list[Synthesis] = []
        for _, synthesis in decided:
            if id(synthesis) not in known:
                known[id(synthesis)] = len(syntheses)
                syntheses.append(synthesis)
        self.synthesis = np.array([known[id(one.synthesis)] for one in decided], dtype=np.intp).reshape(shape)
        self.figures = _figures(syntheses, preference)
        self.levels = np.array([LEVELS.index(synthesis.level) for synthesis in syntheses], dtype=np.int8)

    def options(self, *, draws: bool) -> Options:
        findings = self.columns.find([each.asked.case for each in self.placements])
        order = self._with_supportive_care()
        patient = np.repeat(np.arange(self.patients), order.shape[1])
        option = order.ravel()
        is_care = option == self.regimens
        at = patient, np.where(is_care, 0, option)
        band = np.where(is_care, POSITIONS[Band.RECOMMENDED], self.bands[at])
        rank = np.where(is_care, 0, self.ranks[at])
        level = np.where(findings.is_level_a[at], 0, self.levels[self.synthesis[at]])
        level = np.where(is_care, LEVELS.index("D"), level)
        of_row = np.empty((self.patients, self.regimens + 1), dtype=np.int64)
        of_row[patient, option] = np.arange(len(option))
        cautions = findings.cautions
        rows, holds = of_row[cautions.patients, cautions.regimens], cautions.holds
        codes = [said.code for said in self.columns.said]
        slugs = [*self.columns.slugs, BEST_SUPPORTIVE_CARE]
        named = {
            "patient": arrow.array(self.numbers[patient]),
            "regimen": _named(option, slugs),
            "band": _named(band, BANDS),
            "rank": arrow.array(rank, mask=rank == 0),
            **self._estimates(at, is_care),
            "level": _named(level, LEVELS),
            "licence": _named(findings.statuses[at], STATUSES, is_care),
            "licence_possible": arrow.array(findings.possible[at], mask=is_care),
            "cautions": _lists(rows[holds], cautions.numbers[holds], codes, len(option)),
            "unchecked": _lists(rows[~holds], cautions.numbers[~holds], codes, len(option)),
            "waits_for": self._waits_for(patient, option, band),
        }
        if draws:
            named |= self._shares(patient, option, rank)
        firsts = self._firsts(of_row, findings.statuses, level, cautions.numbers[~holds], rows[~holds])
        return Options(arrow.table(named), firsts, self.bands)

    def _with_supportive_care(self) -> NDArray[np.intp]:
        """The order with best supportive care as one column more, where the ranking has it."""
        if BEST_SUPPORTIVE_CARE not in self.knowledge.regimens:
            return self.order
        frail = np.array([is_frail(each.asked.case.patient) for each in self.placements], dtype=bool)
        recommended = (self.bands == POSITIONS[Band.RECOMMENDED]).sum(axis=1)
        place = np.where(frail, 0, recommended)[:, np.newaxis]
        column = np.arange(self.regimens + 1)[np.newaxis]
        moved = np.pad(self.order, ((0, 0), (0, 1)))
        return np.where(column < place, moved, np.where(column == place, self.regimens, np.roll(moved, 1, axis=1)))

    def _estimates(self, at: tuple[NDArray[np.intp], ...], is_care: Flags) -> dict[str, arrow.Array]:
        figures = self.figures[self.synthesis[at]]
        found = {}
        for place, outcome in enumerate(OUTCOMES):
            for offset, name in enumerate((outcome, f"{outcome}_low", f"{outcome}_high")):
                found[name] = arrow.array(np.ascontiguousarray(figures[:, 4 * place + offset]), mask=is_care)
            has_data = figures[:, 4 * place + 3] > 0
            found[f"{outcome}_has_data"] = arrow.array(has_data, mask=is_care)
        return found | {"utility": arrow.array(np.ascontiguousarray(figures[:, -1]), mask=is_care)}

    def _waits_for(self, patient: NDArray[np.intp], option: NDArray[np.intp], band: NDArray[Any]) -> arrow.Array:
        found: list[list[str] | None] = [None] * len(option)
        for row in (band == NO_BAND).nonzero()[0].tolist():
            required = self.knowledge.ranked_regimens[option[row]].required_features
            knows = self.placements[patient[row]].asked.case.patient.knows
            found[row] = [name for name in required if not knows(name)]
        return arrow.array(found, type=_TEXTS)

    def _shares(
        self, patient: NDArray[np.intp], option: NDArray[np.intp], rank: NDArray[Any]
    ) -> dict[str, arrow.Array]:
        drawn = [
            self.placements[whose].shares.get(self.columns.slugs[which]) if place else None
            for whose, which, place in zip(patient.tolist(), option.tolist(), rank.tolist(), strict=True)
        ]
        found = {
            name: arrow.array([_rounded(getattr(each, name)) if each else None for each in drawn], arrow.float64())
            for name in SHARES
        }
        equal = [each.about_equal_to_next if each else None for each in drawn]
        return found | {"about_equal_to_next": arrow.array(equal, arrow.bool_())}

    def _firsts(
        self,
        of_row: NDArray[np.int64],
        statuses: NDArray[np.int8],
        level: NDArray[Any],
        numbers: NDArray[np.int32],
        rows: NDArray[np.int64],
    ) -> list[First]:
        is_first = self.ranks == 1
        position, has_first = is_first.argmax(axis=1), is_first.any(axis=1)
        row = of_row[np.arange(self.patients), position]
        open_of: dict[int, list[int]] = {int(each): [] for each in row[has_first]}
        wanted = np.isin(rows, row[has_first])
        for which, number in zip(rows[wanted].tolist(), numbers[wanted].tolist(), strict=True):
            open_of[which].append(number)
        return [
            First(
                self.columns.slugs[position[whose]],
                LEVELS[level[row[whose]]],
                STATUSES[statuses[whose, position[whose]]],
                tuple(open_of[int(row[whose])]),
            )
            if has_first[whose]
            else First(None, None, None, ())
            for whose in range(self.patients)
        ]


def _figures(syntheses: Sequence[Synthesis], preference: Preference) -> NDArray[np.float64]:
    """A row a synthesis: for each outcome the estimate, its bounds and whether there are data; then the utility."""
    rows = []
    for synthesis in syntheses:
        row: list[float] = []
        for outcome in OUTCOMES:
            estimate = synthesis.estimates[outcome]
            row += [rounded(estimate.value), rounded(estimate.low), rounded(estimate.high), estimate.has_data]
        rows.append([*row, rounded(terms_of(synthesis, preference).utility)])
    return np.array(rows, dtype=np.float64).reshape(-1, 4 * len(OUTCOMES) + 1)


def tests(ranked: Iterable[Ranked]) -> arrow.Table:
    """What a missing test could change."""
    rows = [(each.number, test) for each in ranked for test in each.ranking.tests]

    def column(get: Callable[[Any], Any], kind: arrow.DataType) -> arrow.Array:
        return arrow.array([get(test) for _, test in rows], type=kind)

    return arrow.table(
        {
            "patient": arrow.array([number for number, _ in rows], type=arrow.int64()),
            "feature": column(lambda test: test.feature, arrow.string()),
            "value": column(lambda test: written(test.value), arrow.string()),
            "chance": column(chance_of, arrow.float64()),
            "first_becomes": column(lambda test: test.first_becomes, arrow.string()),
            "changes_first": column(lambda test: test.changes_first, arrow.bool_()),
            "changes_order": column(lambda test: test.changes_order, arrow.bool_()),
            "enters_recommended": column(lambda test: test.enters_recommended, _TEXTS),
            "utility_gain": column(lambda test: rounded(test.utility_gain), arrow.float64()),
            "opens": column(lambda test: [each.regimen for each in test.opens], _TEXTS),
        }
    )


def chance_of(test: Any) -> float | None:
    """The chance of a missing test's value, as it is written."""
    return _rounded(test.prevalence.chance) if test.prevalence else None


def patients(ranked: Sequence[Ranked], firsts: Sequence[First], *, key: bool) -> arrow.Table:
    """What was understood of each patient, one in scope and one out of it: features given and implied, and derived."""
    known = [each.ranking.patient for each in ranked]
    scopes = [each.ranking.scope for each in ranked]
    in_scope = iter(firsts)
    first = [next(in_scope) if scope.in_scope else First(None, None, None, ()) for scope in scopes]
    found = {
        "patient": arrow.array([each.number for each in ranked], type=arrow.int64()),
        "file": arrow.array([each.file for each in ranked], type=arrow.string()),
        "row": arrow.array([each.row for each in ranked], type=arrow.int64()),
    }
    if key:
        found["key"] = arrow.array([each.key for each in ranked], type=arrow.string())
    found |= {
        "in_scope": arrow.array([scope.in_scope for scope in scopes], type=arrow.bool_()),
        "out_of_scope": arrow.array([[code for code, _ in scope.reasons] for scope in scopes], type=_TEXTS),
        "warnings": arrow.array([[code for code, _ in scope.warnings] for scope in scopes], type=_TEXTS),
        "first": arrow.array([each.option for each in first], type=arrow.string()),
        "first_level": arrow.array([each.level for each in first], type=arrow.string()),
        "first_licence": arrow.array([each.licence for each in first], type=arrow.string()),
        "implied": arrow.array([list(each.implied) for each in known], type=_TEXTS),
    }
    found |= {feature.name: _values(known, feature) for feature in (*FEATURES.values(), *DERIVED.values())}
    for name, kind in ((TREATMENT, arrow.string()), (MONTHS, arrow.int16()), (DIED, arrow.bool_())):
        found[name] = arrow.array([each.outcome.get(name) for each in ranked], type=kind)
    return arrow.table(found)


def errors(faults: Sequence[Fault]) -> arrow.Table:
    """Everything that is wrong with the rows."""
    kinds = {"number": arrow.int64(), "row": arrow.int64(), "refused": arrow.bool_()}
    columns = list(zip(*faults, strict=True)) if faults else [()] * len(Fault._fields)
    named = {
        name: arrow.array(column, type=kinds.get(name, arrow.string()))
        for name, column in zip(Fault._fields, columns, strict=True)
    }
    return arrow.table({"patient": named.pop("number"), **named})


def written(value: Any) -> str:
    """A value as a cell of text."""
    if isinstance(value, frozenset):
        return ";".join(sorted(value)) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _values(known: Sequence[Patient], feature: Feature) -> arrow.Array:
    values = (each.values.get(feature.name) for each in known)
    return arrow.array([None if value is None else plain(value) for value in values], type=_TYPES[feature.kind])


def _rounded(value: float | None) -> float | None:
    return None if value is None else rounded(value)


def _named(numbers: NDArray[Any], names: Sequence[str], mask: Flags | None = None) -> arrow.Array:
    """Names by their numbers."""
    return arrow.DictionaryArray.from_arrays(
        arrow.array(numbers.astype(np.int16), mask=mask), arrow.array(list(names), type=arrow.string())
    )


def _lists(rows: NDArray[np.int64], numbers: NDArray[np.int32], names: Sequence[str], many: int) -> arrow.Array:
    """For each of so many rows the names of its numbers, in their order; names stand in the order of the alphabet."""
    order = np.argsort(rows, kind="stable")
    there = sorted({names[number] for number in np.unique(numbers).tolist()})
    place = {name: position for position, name in enumerate(there)}
    renumbered = np.array([place.get(name, 0) for name in names] or [0], dtype=np.int32)
    offsets = np.zeros(many + 1, dtype=np.int32)
    np.cumsum(np.bincount(rows, minlength=many), out=offsets[1:])
    values = arrow.DictionaryArray.from_arrays(
        arrow.array(renumbered[numbers[order]]), arrow.array(there, type=arrow.string())
    )
    return arrow.ListArray.from_arrays(arrow.array(offsets), values)
