"""Three-valued truth and criteria: what a criterion may say, whether it holds for a patient, and how it reads in words.

A criterion is data (METHOD, section 2), so that curators edit it, the rules evaluate it and pages explain it:

    {all: [c, ...]}   {any: [c, ...]}   {not: c}   {}  (always true)
    {feature: ki67, at_least: 55}                      also above, at_most, below     numbers
    {feature: msi, is: high}                           one value or a list            values
    {feature: prior_regimens, includes: folfiri}       one slug or a list (any)       sets

Truth is True, False or None for unknown; connectives are Kleene's strong ones (Kleene 1952).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from .patient import DERIVED, FEATURES, Feature, Value

Truth = bool | None
Criterion = Mapping[str, Any]
Check = Callable[[Mapping[str, Value]], Truth]

COMPARISONS: Mapping[str, tuple[Callable[[Any, Any], bool], str]] = MappingProxyType(
    {
        "at_least": (operator.ge, "at least"),
        "above": (operator.gt, "above"),
        "at_most": (operator.le, "at most"),
        "below": (operator.lt, "below"),
    }
)


NO_NAMES: Mapping[str, str] = MappingProxyType({})


class CriterionError(ValueError):
    """A criterion that cannot be evaluated: the message names feature, operator or value, and what is allowed."""


def all_of(truths: Iterable[Truth]) -> Truth:
    """False if any is false, else unknown if any is unknown, else true."""
    unknown = False
    for truth in truths:
        if truth is False:
            return False
        unknown = unknown or truth is None
    return None if unknown else True


def any_of(truths: Iterable[Truth]) -> Truth:
    """True if any is true, else unknown if any is unknown, else false."""
    unknown = False
    for truth in truths:
        if truth is True:
            return True
        unknown = unknown or truth is None
    return None if unknown else False


def not_(truth: Truth) -> Truth:
    """The opposite; unknown stays unknown."""
    return None if truth is None else not truth


def evaluate(criterion: Criterion, values: Mapping[str, Value]) -> Truth:
    """Whether a checked criterion holds for the values of a patient (`Patient.values`)."""
    return compiled(criterion)(values)


def compiled(criterion: Criterion) -> Check:
    """A checked criterion as a function of the values of a patient: taken apart once, for what is asked often."""
    if not criterion:
        return lambda values: True
    if "feature" in criterion:
        return _compiled_comparison(criterion)
    if "not" in criterion:
        inner = compiled(criterion["not"])
        return lambda values: not_(inner(values))
    joint, joined = ("all", all_of) if "all" in criterion else ("any", any_of)
    parts = [compiled(part) for part in criterion[joint]]
    return parts[0] if len(parts) == 1 else lambda values: joined([part(values) for part in parts])


def features_named(criterion: Criterion | None) -> frozenset[str]:
    """Every feature that the criterion looks at, derived ones as they are named."""
    return frozenset(comparison["feature"] for comparison in comparisons(criterion))


def comparisons(criterion: Criterion | None) -> Iterator[Criterion]:
    """The single comparisons that a criterion is made of, from left to right."""
    if not criterion:
        return
    if "feature" in criterion:
        yield criterion
    elif "not" in criterion:
        yield from comparisons(criterion["not"])
    else:
        for part in criterion.get("all") or criterion["any"]:
            yield from comparisons(part)


def turning_points(comparison: Criterion) -> Iterator[float]:
    """Where a numeric comparison changes: the lowest value of its upper side (just past an `above` or `at_most`)."""
    feature = FEATURES.get(comparison["feature"])
    if feature is None or not feature.is_numeric:
        return
    for name, bound in comparison.items():
        if name in ("at_least", "below"):
            yield float(bound)
        elif name in ("above", "at_most"):
            yield float(bound) + (1 if feature.kind == "count" else 0.1)
        elif name == "is":
            for single in _as_list(bound):
                yield from (float(single), float(single) + 1)


@dataclass(frozen=True)
class Part:
    """One comparison of a criterion, in words, with its truth for a patient. Under a `not` the words are negated."""

    text: str
    truth: Truth
    feature: str


def explain(
    criterion: Criterion, values: Mapping[str, Value], *, names: Mapping[str, str] = NO_NAMES
) -> tuple[Part, ...]:
    """Each comparison of the criterion with its truth, a `not` pushed down to the comparisons (De Morgan)."""
    return tuple(_parts(criterion, values, names, negated=False))


def describe(criterion: Criterion, *, names: Mapping[str, str] = NO_NAMES) -> str:
    """The criterion as a phrase: "Ki-67 below 55 % and SSTR imaging positive". `names` maps regimen slugs to names."""
    if not criterion:
        return "always"
    if "feature" in criterion:
        return _phrase(criterion, names, negated=False)
    if "not" in criterion:
        inner = criterion["not"]
        if "feature" in inner:
            return _phrase(inner, names, negated=True)
        return f"not ({describe(inner, names=names)})"
    joint, word = ("all", " and ") if "all" in criterion else ("any", " or ")
    return word.join(
        f"({describe(part, names=names)})" if {"all", "any"} & set(part) else describe(part, names=names)
        for part in criterion[joint]
    )


def check_criterion(criterion: Any, *, regimens: Collection[str] | None = None) -> None:
    """Raise CriterionError unless the criterion can be evaluated; `regimens` are the slugs a set may be asked for."""
    if not isinstance(criterion, Mapping):
        raise CriterionError(f"{criterion!r} is no criterion: a mapping with feature, all, any or not")
    if not criterion:
        return
    if "feature" in criterion:
        _check_comparison(criterion, regimens)
        return
    joint = next(iter(criterion))
    if len(criterion) != 1 or joint not in ("all", "any", "not"):
        raise CriterionError(f"{dict(criterion)!r} is no criterion: exactly one of all, any, not, or a feature")
    parts = [criterion[joint]] if joint == "not" else criterion[joint]
    if not isinstance(parts, (list, tuple)) or not parts:
        raise CriterionError(f"{joint}: {parts!r}: a list of one criterion or more")
    for part in parts:
        if not part and part != {}:
            raise CriterionError(f"{joint}: {part!r} is no criterion")
        check_criterion(part, regimens=regimens)


def _feature(name: str) -> Feature:
    return FEATURES.get(name) or DERIVED[name]


def _as_list(wanted: Any) -> list[Any]:
    return list(wanted) if isinstance(wanted, (list, tuple)) else [wanted]


def _compiled_comparison(comparison: Criterion) -> Check:
    feature, holds = comparison["feature"], _holding(comparison)

    def check(values: Mapping[str, Value]) -> Truth:
        value = values.get(feature)
        return None if value is None else holds(value)

    return check


def _holding(comparison: Criterion) -> Callable[[Any], bool]:
    """Whether a known value fulfils the comparison."""
    for name, (compare, _) in COMPARISONS.items():
        if name in comparison:
            bound = comparison[name]
            return lambda value: compare(value, bound)
    if "includes" in comparison:
        slugs = frozenset(_as_list(comparison["includes"]))
        return lambda value: not slugs.isdisjoint(value)
    wanted = _as_list(comparison["is"])
    return lambda value: value in wanted


def _parts(
    criterion: Criterion, values: Mapping[str, Value], names: Mapping[str, str], *, negated: bool
) -> Iterator[Part]:
    if not criterion:
        return
    if "feature" in criterion:
        truth = evaluate(criterion, values)
        yield Part(_phrase(criterion, names, negated=negated), not_(truth) if negated else truth, criterion["feature"])
    elif "not" in criterion:
        yield from _parts(criterion["not"], values, names, negated=not negated)
    else:
        for part in criterion.get("all") or criterion["any"]:
            yield from _parts(part, values, names, negated=negated)


def _phrase(comparison: Criterion, names: Mapping[str, str], *, negated: bool) -> str:
    feature = _feature(comparison["feature"])
    for name, (_, words) in COMPARISONS.items():
        if name in comparison:
            return f"{feature.label} {'not ' if negated else ''}{words} {feature.worded(comparison[name])}"
    wanted = _as_list(comparison.get("includes", comparison.get("is")))
    if feature.kind == "flag":
        holds = (wanted == [True]) != negated
        return feature.label if holds else f"no {feature.label}"
    worded = [names.get(value, value) if feature.kind == "set" else feature.worded(value) for value in wanted]
    if feature.kind == "set":
        return f"{feature.label} {'do not include' if negated else 'include'} {_alternatives(worded)}"
    lowered = [word if word[:2].isupper() or len(word) < 2 else word[0].lower() + word[1:] for word in worded]
    return f"{feature.label} {'not ' if negated else ''}{_alternatives(lowered)}"


def _alternatives(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _operators(feature: Feature) -> tuple[str, ...]:
    if feature.kind == "set":
        return ("includes",)
    if feature.kind == "count":
        return (*COMPARISONS, "is")
    return tuple(COMPARISONS) if feature.kind == "number" else ("is",)


def _check_comparison(criterion: Criterion, regimens: Collection[str] | None) -> None:
    name = criterion["feature"]
    feature = (FEATURES.get(name) or DERIVED.get(name)) if isinstance(name, str) else None
    if feature is None:
        raise CriterionError(f"unknown feature {name!r}")
    used = sorted((key for key in criterion if key != "feature"), key=str)
    if len(used) != 1 or used[0] not in _operators(feature):
        raise CriterionError(f"{name} with {used}: exactly one of {', '.join(_operators(feature))}")
    wanted = criterion[used[0]]
    several = isinstance(wanted, (list, tuple)) and used[0] in ("is", "includes")
    if several and not wanted:
        raise CriterionError(f"{name} {used[0]}: an empty list")
    for value in wanted if several else [wanted]:
        if not _fits(feature, value, whole=used[0] == "is", regimens=regimens):
            raise CriterionError(f"{name} {used[0]} {value!r}: allowed: {feature.allowed}")


def _fits(feature: Feature, value: Any, *, whole: bool, regimens: Collection[str] | None) -> bool:
    if feature.kind == "choice":
        return isinstance(value, str) and value in feature.values
    if feature.kind == "flag":
        return isinstance(value, bool)
    if feature.kind == "set":
        return isinstance(value, str) and (regimens is None or value in regimens)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return feature.low <= value <= feature.high and (not whole or value == int(value))
