"""Who read which figure, and whether two read the same: derived from what a document says, and never stored in it.

A result of a publication may carry `readings`, each with the figures as someone read them:

    by, on, at, how   who, the day, where (an address or a citation), in what (full text, abstract, another's account)
    kind              first: they came in with it; second: read without having seen them; settling: decided between two
    figures           by name, null where the source does not give it; what was not looked for is absent

Documents in, plain values out. Decision: docs/adr/0012-reading-twice.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

from .knowledge import USUAL_CI_LEVEL, cohorts_by_regimen

State = Literal["none", "once", "partly", "twice", "settled", "differ"]
Kind = Literal["count", "percent", "months", "level"]
Reading = Mapping[str, Any]

FIRST, SECOND, SETTLING = "first", "second", "settling"

# The figures of a cohort that stand by themselves, in the order in which a paper is read: what else is to be said of
# each is in regimens.models.cohort_figures.
POINTS: Mapping[str, Kind] = MappingProxyType(
    {
        "n": "count",
        "evaluable": "count",
        "responders": "count",
        "orr": "percent",
        "dcr": "percent",
        "pfs": "months",
        "os": "months",
        "ci_level": "level",
        "dor": "months",
        "grade3": "percent",
        "deaths": "count",
    }
)
# Those that have a confidence interval, which is read as two figures more.
INTERVALS = ("orr", "pfs", "os")


def with_bounds(name: str) -> tuple[str, ...]:
    """The names of a figure, and of the bounds of its interval where it has one."""
    return (name, f"{name}_low", f"{name}_high") if name in INTERVALS else (name,)


# Every figure by name; survival rates are named like os-6 besides.
FIGURES: Mapping[str, Kind] = MappingProxyType(
    {name: kind for point, kind in POINTS.items() for name in with_bounds(point)}
)
RATE = re.compile(r"(?P<endpoint>os|pfs)-(?P<months>\d{1,3})")
# The figures behind each figure that is shown.
SHOWN_TOGETHER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: with_bounds(name) for name in INTERVALS} | {"orr": ("n", "evaluable", "responders", *with_bounds("orr"))}
)
# The fewest decimals that a figure is taken to be written with: whole months stand for months to a tenth.
LEAST_DECIMALS: Mapping[Kind, int] = MappingProxyType({"months": 1, "percent": 0})


@dataclass(frozen=True)
class FigureState:
    """One figure: its value on record, who read it, and what of that differs.

    first      the reading with which it came in; None where that is not recorded
    seconds    the blind readings of it, and `differing` those that a settlement has not answered
    settled    the decision for the value on record, where readings differed
    """

    name: str
    value: float | None
    state: State
    first: Reading | None
    seconds: tuple[Reading, ...]
    differing: tuple[Reading, ...]
    settled: Reading | None


def kind_of(name: str) -> Kind | None:
    """What kind of figure it is; None where there is no such figure."""
    return "percent" if RATE.fullmatch(name) else FIGURES.get(name)


def figures_of(result: Mapping[str, Any]) -> dict[str, float | None]:
    """Every figure of a result by name, null where none is given."""
    found = {name: result.get(name) for name in POINTS}
    for name in INTERVALS:
        found[f"{name}_low"], found[f"{name}_high"] = result[f"{name}_ci"] or (None, None)
    has_interval = any(found[f"{name}_{end}"] is not None for name in INTERVALS for end in ("low", "high"))
    found["ci_level"] = (result.get("ci_level") or USUAL_CI_LEVEL) if has_interval else None
    return {name: found[name] for name in FIGURES} | dict(result["rates"] or {})


def agree(name: str, one: float | None, other: float | None) -> bool:
    """Whether two readings of a figure are the same.

    They may differ by half a unit in the last decimal of the coarser: 18 and 18.4 percent are the same, 18 and 18.6 are
    not. Months are taken to be written to a tenth at least, so that 3 and 3.4 months differ. Counts agree exactly.
    """
    if one is None or other is None:
        return one is other
    kind = kind_of(name)
    if kind is None or kind not in LEAST_DECIMALS:
        return one == other
    first, second = _decimal(one), _decimal(other)
    places = max(LEAST_DECIMALS[kind], min(_places(first), _places(second)))
    return abs(first - second) * 2 <= Decimal(1).scaleb(-places)


def states_of(publication: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, FigureState]:
    """The state of each figure that a result gives, or that someone read though it gives none."""
    readings: Sequence[Reading] = result.get("readings") or ()
    values = figures_of(result)
    names = [*values, *sorted({name for reading in readings for name in reading["figures"]} - values.keys())]
    found = {name: _state_of(publication, name, values.get(name), readings) for name in names}
    return {name: one for name, one in found.items() if one.value is not None or one.state in ("differ", "settled")}


def state_of_result(publication: Mapping[str, Any], result: Mapping[str, Any]) -> State:
    """How the figures of one result were read, on the whole."""
    if publication["verified"] == "none":
        return "none"
    if not result.get("readings"):
        return _unrecorded(publication)
    return together([one.state for one in states_of(publication, result).values()]) or _unrecorded(publication)


def state_of_publication(publication: Mapping[str, Any]) -> State:
    """How the pooled figures of a publication were read, or where none is pooled, all of its figures."""
    results = publication.get("results") or []
    if publication["verified"] == "none":
        return "none"
    if not any(result.get("readings") for result in results):
        return _unrecorded(publication)
    pooled = [results[index] for index in pooled_results(publication)] or results
    return together([state_of_result(publication, result) for result in pooled]) or "once"


def together(states: Iterable[State]) -> State | None:
    """What several states come to; None of none."""
    found = set(states)
    if not found or "differ" in found:
        return "differ" if found else None
    if found <= {"twice", "settled"}:
        return "settled" if "settled" in found else "twice"
    return found.pop() if len(found) == 1 else "partly"


def pooled_results(publication: Mapping[str, Any]) -> tuple[int, ...]:
    """The places of the results that can enter a ranking (METHOD, section 3)."""
    cohorts = cohorts_by_regimen({"publications": [publication]})
    return tuple(sorted(cohort.index for found in cohorts.values() for cohort in found if cohort.is_usable))


def is_read_twice_throughout(publication: Mapping[str, Any]) -> bool:
    """Whether every figure of every pooled result was read by two who agree."""
    pooled = pooled_results(publication)
    states = [states_of(publication, publication["results"][index]) for index in pooled]
    return bool(pooled) and all(one.state == "twice" for found in states for one in found.values())


def matching(results: Sequence[Mapping[str, Any]], index: int, arm: str, subgroup: str | None) -> int | None:
    """The place of an arm or subgroup among results, which may have been put into another order since.

    Where its name is not there, the one at its former place; None where that has another's name.
    """
    named = [place for place, result in enumerate(results) if (result["arm"], result["subgroup"]) == (arm, subgroup)]
    if named:
        return index if index in named else named[0]
    return None


def paired(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Iterator[int | None]:
    """For each result after, the place of the one before that it was: by its name, else by its place.

    By its place alone where no result came or went, and where what stood there is not elsewhere now.
    """
    names = {(result["arm"], result["subgroup"]) for result in after}
    for index, result in enumerate(after):
        found = matching(before, index, result["arm"], result["subgroup"])
        if found is None and len(before) == len(after):
            is_renamed = (before[index]["arm"], before[index]["subgroup"]) not in names
            found = index if is_renamed else None
        yield found


def _state_of(
    publication: Mapping[str, Any], name: str, value: float | None, readings: Sequence[Reading]
) -> FigureState:
    first: Reading | None = None
    settled: Reading | None = None
    seconds: list[Reading] = []
    differing: list[Reading] = []
    for reading in readings:
        if name not in reading["figures"]:
            continue
        is_same = agree(name, reading["figures"][name], value)
        if reading["kind"] == FIRST:
            first, settled, seconds, differing = reading, None, [], []
        elif reading["kind"] == SECOND:
            seconds.append(reading)
            if not is_same:
                differing.append(reading)
        elif is_same:
            settled, differing = reading, []
    state: State = "once"
    if publication["verified"] == "none":
        state = "none"
    elif differing:
        state = "differ"
    elif settled:
        state = "settled"
    elif seconds or (first is None and publication["second_read_at"]):
        state = "twice"
    return FigureState(name, value, state, first, tuple(seconds), tuple(differing), settled)


def _unrecorded(publication: Mapping[str, Any]) -> State:
    return "twice" if publication["second_read_at"] else "once"


def _decimal(value: float) -> Decimal:
    return Decimal(repr(int(value) if float(value).is_integer() else value))


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
