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
from .wording import ENGLISH, N_, Language, all_of_them, any_of_them, one_of_them

Truth = bool | None
Criterion = Mapping[str, Any]
Check = Callable[[Mapping[str, Value]], Truth]

# Each comparison of numbers: how it is made, how it is said, and how it is said negated.
COMPARISONS: Mapping[str, tuple[Callable[[Any, Any], bool], str, str]] = MappingProxyType(
    {
        "at_least": (operator.ge, N_("%(feature)s at least %(value)s"), N_("%(feature)s not at least %(value)s")),
        "above": (operator.gt, N_("%(feature)s above %(value)s"), N_("%(feature)s not above %(value)s")),
        "at_most": (operator.le, N_("%(feature)s at most %(value)s"), N_("%(feature)s not at most %(value)s")),
        "below": (operator.lt, N_("%(feature)s below %(value)s"), N_("%(feature)s not below %(value)s")),
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


def threshold_before(point: float) -> float | None:
    """The threshold that a turning point lies just past, as those of `above` and `at_most` do; None for the others.

    Thresholds are whole or halves, so that 0.1 past one cannot be another.
    """
    return round(point - 0.1, 1) if round(10 * point) % 5 == 1 else None


@dataclass(frozen=True)
class Part:
    """One comparison of a criterion with its truth for a patient; under a `not` its words and its truth are negated."""

    comparison: Criterion
    truth: Truth
    is_negated: bool
    names: Mapping[str, str]

    @property
    def feature(self) -> str:
        return str(self.comparison["feature"])

    @property
    def text(self) -> str:
        """In English, as JSON has it."""
        return self.worded()

    def worded(self, language: Language = ENGLISH) -> str:
        return _phrase(self.comparison, self.names, language, negated=self.is_negated)


@dataclass(frozen=True)
class InWords:
    """A criterion as a part of a sentence."""

    criterion: Criterion
    names: Mapping[str, str]

    def worded(self, language: Language = ENGLISH) -> str:
        return describe(self.criterion, names=self.names, language=language)


def explain(
    criterion: Criterion, values: Mapping[str, Value], *, names: Mapping[str, str] = NO_NAMES
) -> tuple[Part, ...]:
    """Each comparison of the criterion with its truth, a `not` pushed down to the comparisons (De Morgan)."""
    return tuple(_parts(criterion, values, names, negated=False))


def describe(criterion: Criterion, *, names: Mapping[str, str] = NO_NAMES, language: Language = ENGLISH) -> str:
    """The criterion as a phrase: "Ki-67 below 55 % and SSTR imaging positive". `names` maps regimen slugs to names."""
    if not criterion:
        return language.text(N_("always"))
    if "feature" in criterion:
        return _phrase(criterion, names, language, negated=False)
    if "not" in criterion:
        inner = criterion["not"]
        if "feature" in inner:
            return _phrase(inner, names, language, negated=True)
        return language.text(N_("not (%(criterion)s)")) % {"criterion": describe(inner, names=names, language=language)}
    joint, joined = ("all", all_of_them) if "all" in criterion else ("any", any_of_them)
    parts = [(part, describe(part, names=names, language=language)) for part in criterion[joint]]
    return joined([f"({words})" if {"all", "any"} & set(part) else words for part, words in parts], language)


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
    for name, (compare, *_) in COMPARISONS.items():
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
        yield Part(criterion, not_(truth) if negated else truth, negated, names)
    elif "not" in criterion:
        yield from _parts(criterion["not"], values, names, negated=not negated)
    else:
        for part in criterion.get("all") or criterion["any"]:
            yield from _parts(part, values, names, negated=negated)


def _phrase(comparison: Criterion, names: Mapping[str, str], language: Language, *, negated: bool) -> str:
    feature = _feature(comparison["feature"])
    for name, (_, plainly, denied) in COMPARISONS.items():
        if name in comparison:
            value = feature.worded(comparison[name], language)
            return _filled(denied if negated else plainly, language, feature, value)
    wanted = _as_list(comparison.get("includes", comparison.get("is")))
    if feature.kind == "flag":
        holds = (wanted == [True]) != negated
        return language.text(feature.label if holds else feature.absent)
    if feature.kind == "set":
        message = N_("%(feature)s do not include %(value)s") if negated else N_("%(feature)s include %(value)s")
        return _filled(message, language, feature, one_of_them([names.get(slug, slug) for slug in wanted], language))
    message = N_("%(feature)s not %(value)s") if negated else N_("%(feature)s %(value)s")
    return _filled(message, language, feature, one_of_them([feature.worded(x, language) for x in wanted], language))


def _filled(message: str, language: Language, feature: Feature, value: str) -> str:
    return language.text(message) % {"feature": language.text(feature.label), "value": value}


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
