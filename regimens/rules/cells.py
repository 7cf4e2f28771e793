"""What a feature may be, divided where the criteria of one regimen turn: within a cell none of them changes.

So a handful of cells stands for all values, and what holds for one value of a cell holds for every other. The
`why_not` looks for its answers among them and puts the cells that it found back into a criterion.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from types import MappingProxyType
from typing import Any

from .logic import Criterion, evaluate
from .patient import (
    INTERMEDIATE_FROM_MONTHS,
    RESISTANT_FROM_MONTHS,
    SENSITIVE_FROM_MONTHS,
    TMB_HIGH_FROM,
    Feature,
    Patient,
    Value,
    Vocabulary,
    in_scope,
)

# A place on the axis of a number: at the value (False) or just past it (True).
Bound = tuple[float, bool]

# Where a derived feature turns, in the features that it follows from (METHOD, section 1).
BEHIND: Mapping[str, tuple[Criterion, ...]] = MappingProxyType(
    {
        "platinum_status": (
            {"feature": "platinum_best_response", "is": "PD"},
            *(
                {"feature": "platinum_free_interval_months", "at_least": months}
                for months in (RESISTANT_FROM_MONTHS, INTERMEDIATE_FROM_MONTHS, SENSITIVE_FROM_MONTHS)
            ),
        ),
        "tmb_high": ({"feature": "tmb", "at_least": TMB_HIGH_FROM},),
        "lines_next": tuple({"feature": "lines_received", "at_least": lines} for lines in range(1, 13)),
    }
)
# Where contradictions, what is implied and the scope turn, whatever the criteria say.
ALWAYS: tuple[Criterion, ...] = (
    {"feature": "primary_site", "is": "gynaecological"},
    {"feature": "platinum_best_response", "is": "PD"},
    {"feature": "platinum_free_interval_months", "at_least": INTERMEDIATE_FROM_MONTHS},
    {"feature": "lines_received", "at_least": 1},
    {"feature": "kras_g12c", "is": "positive"},
    {"feature": "ras_mutation", "is": True},
    {"feature": "child_pugh", "is": "C"},
    {"feature": "severe_hepatic_impairment", "is": True},
)

# A patient of whom nothing is known, to suppose values of.
NOBODY = Patient.from_features({}, vocabulary=Vocabulary())


@dataclass(frozen=True)
class Cell:
    """Values of one feature that the criteria do not tell apart.

    value       one of them; of a set, which of the slugs that matter it holds
    values      of a choice or a flag: all of them
    low, high   of a number: where they begin and end
    """

    value: Value
    values: tuple[Value, ...] = ()
    low: Bound = (-math.inf, False)
    high: Bound = (math.inf, False)

    def holds(self, value: Value) -> bool:
        """Whether a value of the feature lies in it."""
        if isinstance(value, frozenset):
            return value == self.value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self.low <= (value, False) < self.high
        return value in self.values


def cells_of(feature: Feature, comparisons: Iterable[Criterion]) -> tuple[Cell, ...]:
    """The cells of a choice, flag or number, without those that lie outside the application's scope.

    `comparisons` are all that are made of a patient; those of other features are passed over.
    """
    behind = list(chain.from_iterable(BEHIND.get(c["feature"], (c,)) for c in comparisons))
    own = [comparison for comparison in (*ALWAYS, *behind) if comparison["feature"] == feature.name]
    found = _of_number(feature, own) if feature.is_numeric else _of_choice(feature, own)
    return tuple(cell for cell in found if _is_in_scope(feature, cell.value))


def alike(groups: Iterable[frozenset[str]]) -> tuple[frozenset[str], ...]:
    """The slugs of the groups in classes: no group holds one of a class without the others."""
    found: dict[tuple[bool, ...], set[str]] = {}
    every = tuple(dict.fromkeys(groups))
    for slug in sorted(frozenset[str]().union(*every)):
        found.setdefault(tuple(slug in group for group in every), set()).add(slug)
    return tuple(map(frozenset, found.values()))


def set_cells(
    before: frozenset[str] | None, classes: Iterable[frozenset[str]], wanted: frozenset[str]
) -> tuple[Cell, ...]:
    """What a set of regimens or drugs may be turned into: of each class all taken out or one put in.

    `before` is the set as it is, restricted to the slugs of the classes, None where it is unknown; `wanted` are those
    that it may help to put in.
    """
    now = before or frozenset()
    found = [now]
    for members in classes:
        if now & members:
            found += [each - members for each in found]
        elif members & wanted:
            found += [each | {min(members)} for each in found]
    return tuple(Cell(value) for value in found if value != before)


def as_criterion(feature: Feature, found: Sequence[Cell], everything: Sequence[Cell]) -> Criterion:
    """The criterion that holds for the values of the cells found, of all cells that a number, choice or flag has.

    It may also hold for values out of scope ("primary site not colon or rectum"), where no ranking is made.
    """
    if feature.is_numeric:
        runs = [_run(feature, low, high) for low, high in _joined(found)]
        return runs[0] if len(runs) == 1 else {"any": runs}
    inside = _in_order(feature, found)
    outside = _in_order(feature, [cell for cell in everything if cell not in found])
    if feature.kind == "choice" and 0 < 2 * len(outside) <= len(inside):
        return {"not": {"feature": feature.name, "is": _one_or_list(outside)}}
    return {"feature": feature.name, "is": _one_or_list(inside)}


def as_set_criterion(
    name: str,
    before: frozenset[str] | None,
    found: Sequence[Cell],
    classes: Collection[frozenset[str]],
    slugs: frozenset[str],
) -> Criterion:
    """What would have to be in a set of regimens or drugs and what would not.

    A set that is unknown would have to be without all else of the `slugs`, those that matter in this set.
    """
    changes = []
    for after in (cell.value for cell in found if isinstance(cell.value, frozenset)):
        put = [members for members in classes if members & (after - (before or frozenset()))]
        changes.append((put, (slugs if before is None else before) - after.union(*put)))
    changes = [(put, taken) for put, taken in changes if not any(_implies(put, taken, *other) for other in changes)]
    if all(len(put) == 1 and not taken for put, taken in changes):
        return _includes(name, frozenset[str]().union(*(put[0] for put, _ in changes)))
    wanted = [_set_change(name, put, taken) for put, taken in changes]
    return wanted[0] if len(wanted) == 1 else {"any": wanted}


def _implies(
    put: Sequence[frozenset[str]], taken: frozenset[str], lesser: Sequence[frozenset[str]], spared: frozenset[str]
) -> bool:
    """Whether a change does all of a lesser one and more, so that the lesser says it too."""
    return (lesser, spared) != (put, taken) and set(lesser) <= set(put) and spared <= taken


def _set_change(name: str, put: Iterable[frozenset[str]], taken: frozenset[str]) -> Criterion:
    parts = [_includes(name, members) for members in put]
    if taken:
        parts.append({"not": _includes(name, taken)})
    return parts[0] if len(parts) == 1 else {"all": parts}


def _includes(name: str, slugs: frozenset[str]) -> Criterion:
    return {"feature": name, "includes": _one_or_list(sorted(slugs))}


def _one_or_list(values: list[Any]) -> Any:
    return values if len(values) > 1 else values[0]


def _is_in_scope(feature: Feature, value: Value) -> bool:
    supposed = NOBODY.supposing(feature.name, value)
    return supposed is not None and in_scope(supposed)


def _of_choice(feature: Feature, comparisons: Sequence[Criterion]) -> Iterator[Cell]:
    grouped: dict[tuple[object, ...], list[Value]] = {}
    for value in [True, False] if feature.kind == "flag" else list(feature.values):
        if _is_in_scope(feature, value):
            truths = tuple(evaluate(comparison, {feature.name: value}) for comparison in comparisons)
            grouped.setdefault(truths, []).append(value)
    return (Cell(values[0], tuple(values)) for values in grouped.values())


def _of_number(feature: Feature, comparisons: Sequence[Criterion]) -> Iterator[Cell]:
    cuts = {_whole(cut) if feature.kind == "count" else cut for c in comparisons for cut in _cuts(c)}
    start, end = (feature.low, False), (feature.high, True)
    for low, high in pairwise([start, *sorted(cut for cut in cuts if start < cut < end), end]):
        yield Cell(_value_between(feature, low, high), (), low, high)


def _cuts(comparison: Criterion) -> Iterator[Bound]:
    for name, bound in comparison.items():
        if name in ("at_least", "below"):
            yield float(bound), False
        elif name in ("above", "at_most"):
            yield float(bound), True
        elif name == "is":
            for single in bound if isinstance(bound, (list, tuple)) else [bound]:
                yield from ((float(single), False), (float(single), True))


def _whole(cut: Bound) -> Bound:
    """The same place among whole numbers: at the first that lies behind it."""
    return (math.floor(cut[0]) + 1 if cut[1] else math.ceil(cut[0])), False


def _value_between(feature: Feature, low: Bound, high: Bound) -> Value:
    """A value from `low` to before `high`: `low` itself where it belongs to it."""
    at, past = low
    if feature.kind == "count":
        return int(at)
    return (at + high[0]) / 2 if past else at


def _joined(cells: Iterable[Cell]) -> Iterator[tuple[Bound, Bound]]:
    """Cells of a number that touch, taken together."""
    run: tuple[Bound, Bound] | None = None
    for cell in sorted(cells, key=lambda cell: cell.low):
        if run is not None and run[1] == cell.low:
            run = run[0], cell.high
        else:
            if run is not None:
                yield run
            run = cell.low, cell.high
    if run is not None:
        yield run


def _run(feature: Feature, low: Bound, high: Bound) -> Criterion:
    name, parts = feature.name, []
    if feature.kind == "count":
        high = (high[0] if high[1] else high[0] - 1), True
        if low[0] == high[0]:
            return {"feature": name, "is": int(low[0])}
    if low > (feature.low, False):
        parts.append({"feature": name, "above" if low[1] else "at_least": _plain(low[0])})
    if high < (feature.high, True):
        parts.append({"feature": name, "at_most" if high[1] else "below": _plain(high[0])})
    parts = parts or [{"feature": name, "at_least": _plain(feature.low)}]
    return parts[0] if len(parts) == 1 else {"all": parts}


def _plain(number: float) -> int | float:
    return int(number) if number == int(number) else number


def _in_order(feature: Feature, cells: Iterable[Cell]) -> list[Value]:
    values = {value for cell in cells for value in cell.values}
    return [value for value in ([True, False] if feature.kind == "flag" else feature.values) if value in values]
