"""Three-valued truth and criteria: what a criterion may say, whether it holds for a patient, and how it reads in words.

A criterion is data (METHOD, section 2), so that curators edit it, the rules evaluate it and pages explain it:

    {all: [c, ...]}   {any: [c, ...]}   {not: c}   {}  (always true)
    {feature: ki67, at_least: 55}                      also above, at_most, below     numbers
    {feature: msi, is: high}                           one value or a list            values
    {feature: prior_regimens, includes: folfiri}       one slug or a list (any)       sets

Truth is True, False or None for unknown; connectives are Kleene's strong ones (Kleene 1952).
"""

from __future__ import annotations

import json
import operator
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain, pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

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


def thresholds(comparison: Criterion) -> Iterator[float]:
    """The numbers that a comparison of a number names, as they are."""
    feature = FEATURES.get(comparison["feature"])
    if feature is not None and feature.is_numeric:
        for name, bound in comparison.items():
            if name != "feature":
                yield from _as_list(bound)


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
    """The criterion as a phrase: "Ki-67 below 55 % and SSTR imaging positive". `names`: see `Knowledge.names`."""
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


# What reads a feature's value into the bits of the comparisons that look at it.
Reader = Callable[[Any], int]


class Joint(NamedTuple):
    """A criterion made of others, by their bits: `some` of them decides it, and so do `every` one of the opposite.

    "all" is false as soon as some part is false and true once every part is true; "any" the other way round.
    """

    some: int
    then_some: int
    every: int
    then_every: int


@dataclass(frozen=True)
class Criteria:
    """The distinct criteria of a release and their parts: what they say of a patient is one integer, the *state*.

    Each has a place and, in the state, two bits: bit 2·place is set where it is true, the next where it is false,
    neither where it is unknown. A feature's value is looked up as the bits of all comparisons that look at it; a
    criterion made of others follows from their bits. Two patients whose states agree in the bits of some criteria are
    the same to whoever asks no others.

    always      the bits of criteria that are true of everybody
    readers     by feature, entered or derived
    joints      the criteria made of others, each behind its parts; by feature those that rest on it
    looking_at  by feature the places of the criteria that rest on it, parts of others included
    places      how many there are
    """

    always: int
    readers: Mapping[str, Reader]
    joints: tuple[Joint, ...]
    joints_of: Mapping[str, tuple[Joint, ...]]
    looking_at: Mapping[str, frozenset[int]]
    places: int

    def state(self, values: Mapping[str, Value]) -> int:
        """What every criterion says of the values of a patient."""
        state, readers = self.always, self.readers
        for name, value in values.items():
            if name in readers:
                state |= readers[name](value)
        return _joined(state, self.joints)

    def state_with(self, state: int, added: Mapping[str, Value]) -> int:
        """The state once values are known that were not.

        What is true or false stays so (Kleene 1952), so that only criteria which rest on the new values are asked.
        """
        for name, value in added.items():
            if name in self.readers:
                state |= self.readers[name](value)
        for name in added:
            state = _joined(state, self.joints_of.get(name, ()))
        return state

    def truths(self, state: int) -> list[Truth]:
        """The truth of every criterion, by its place."""
        told = state.to_bytes(-(-self.places // 4), "little")
        return list(chain.from_iterable(map(_TRUTHS.__getitem__, told)))


# The truths of four criteria, by the byte that says them.
_TRUTHS: tuple[tuple[Truth, ...], ...] = tuple(
    tuple({0b00: None, 0b01: True, 0b10: False}.get(byte >> 2 * place & 0b11) for place in range(4))
    for byte in range(256)
)


def bits_of(places: Iterable[int]) -> int:
    """The bits of a state that the criteria at the places have."""
    return reduce(operator.or_, (0b11 << 2 * place for place in places), 0)


def true_bits_of(places: Iterable[int]) -> int:
    """Those of them that are set where the criteria are true."""
    return reduce(operator.or_, (0b01 << 2 * place for place in places), 0)


def _joined(state: int, joints: Iterable[Joint]) -> int:
    for some, then_some, every, then_every in joints:
        if state & some:
            state |= then_some
        elif state & every == every:
            state |= then_every
    return state


class CriteriaBuilder:
    """Collects criteria and their parts; the same data, however its keys are ordered, has one place."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._always = 0
        self._comparisons: dict[str, list[tuple[int, Criterion]]] = {}
        self._joints: list[tuple[int, frozenset[str], Joint]] = []

    def place(self, criterion: Criterion) -> int:
        key = as_data(criterion)
        if key not in self._places:
            joint = None if not criterion or "feature" in criterion else self._joint(criterion)
            place = self._places[key] = len(self._places)
            if joint is not None:
                some, every, is_all = joint
                on_true, on_false = 1 << 2 * place, 2 << 2 * place
                then_some, then_every = (on_false, on_true) if is_all else (on_true, on_false)
                self._joints.append((place, features_named(criterion), Joint(some, then_some, every, then_every)))
            elif criterion:
                self._comparisons.setdefault(criterion["feature"], []).append((place, criterion))
            else:
                self._always |= 1 << 2 * place
        return self._places[key]

    def built(self) -> Criteria:
        of_feature: dict[str, list[Joint]] = {}
        looking = {name: {place for place, _ in found} for name, found in self._comparisons.items()}
        for place, features, joint in self._joints:
            for feature in features:
                of_feature.setdefault(feature, []).append(joint)
                looking[feature].add(place)
        return Criteria(
            self._always,
            MappingProxyType({name: _reader(name, found) for name, found in self._comparisons.items()}),
            tuple(joint for _, _, joint in self._joints),
            MappingProxyType({feature: tuple(joints) for feature, joints in of_feature.items()}),
            MappingProxyType({feature: frozenset(places) for feature, places in looking.items()}),
            len(self._places),
        )

    def _joint(self, criterion: Criterion) -> tuple[int, int, bool]:
        """The bits of which some and of which every one decides a criterion made of others; whether it is an "all"."""
        name = next(iter(criterion))
        parts = [criterion["not"]] if name == "not" else criterion[name]
        places = [self.place(part) for part in parts]
        true = reduce(operator.or_, (1 << 2 * place for place in places))
        false = true << 1
        if name == "not":
            return true, false, True  # false where its part is true, true where it is false
        return (false, true, True) if name == "all" else (true, false, False)


def _reader(name: str, compared: Sequence[tuple[int, Criterion]]) -> Reader:
    """How a value of a feature is looked up as the bits of its comparisons: each value is compared once a release."""
    feature = _feature(name)
    holding = [(1 << 2 * place, _holding(comparison)) for place, comparison in compared]

    def bits(value: Any) -> int:
        return reduce(operator.or_, (bit if holds(value) else bit << 1 for bit, holds in holding))

    if feature.kind == "set":
        true = {slug: bits({slug}) for _, comparison in compared for slug in _as_list(comparison["includes"])}
        every = reduce(operator.or_, (bit for bit, _ in holding))
        nothing = every << 1
        true = {slug: found & every for slug, found in true.items()}

        def of_set(value: frozenset[str]) -> int:
            found = 0
            for slug in value:
                found |= true.get(slug, 0)
            return nothing ^ found ^ found << 1

        return of_set
    if feature.is_numeric:
        bounds = (bound for _, comparison in compared for name, bound in comparison.items() if name != "feature")
        cuts = sorted({cut for bound in bounds for cut in _as_list(bound)})
        # One entry below the first cut, one at it, one between it and the next, and so on.
        between = [(low + high) / 2 for low, high in pairwise(cuts)]
        samples = chain.from_iterable(zip([cuts[0] - 1, *between], cuts, strict=True))
        table = [bits(sample) for sample in (*samples, cuts[-1] + 1)]
        return lambda value: table[bisect_left(cuts, value) + bisect_right(cuts, value)]
    named = {value: bits(value) for _, comparison in compared for value in _as_list(comparison["is"])}
    other = reduce(operator.or_, (bit << 1 for bit, _ in holding))
    return lambda value: named.get(value, other)


def as_data(criterion: Criterion) -> str:
    """A criterion as text that is the same where the data are: 60 and 60.0, and keys in any order."""
    return json.dumps(_plain(criterion), sort_keys=True, ensure_ascii=False)


def _plain(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {key: _plain(value) for key, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_plain(each) for each in part]
    return int(part) if isinstance(part, float) and part.is_integer() else part


def check_criterion(
    criterion: Any, *, regimens: Collection[str] | None = None, drugs: Collection[str] | None = None
) -> None:
    """Raise CriterionError unless the criterion can be evaluated; `regimens` and `drugs` are the slugs of sets."""
    if not isinstance(criterion, Mapping):
        raise CriterionError(f"{criterion!r} is no criterion: a mapping with feature, all, any or not")
    if not criterion:
        return
    if "feature" in criterion:
        _check_comparison(criterion, regimens, drugs)
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
        check_criterion(part, regimens=regimens, drugs=drugs)


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
        listed = [names.get(f"{feature.holds}:{slug}", names.get(slug, slug)) for slug in wanted]
        return _filled(message, language, feature, one_of_them(listed, language))
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


def _check_comparison(criterion: Criterion, regimens: Collection[str] | None, drugs: Collection[str] | None) -> None:
    name = criterion["feature"]
    feature = (FEATURES.get(name) or DERIVED.get(name)) if isinstance(name, str) else None
    if feature is None:
        raise CriterionError(f"unknown feature {name!r}")
    used = sorted((key for key in criterion if key != "feature"), key=str)
    if len(used) != 1 or used[0] not in _operators(feature):
        raise CriterionError(f"{name} with {used}: exactly one of {', '.join(_operators(feature))}")
    wanted = criterion[used[0]]
    slugs = drugs if feature.holds == "drugs" else regimens
    several = isinstance(wanted, (list, tuple)) and used[0] in ("is", "includes")
    if several and not wanted:
        raise CriterionError(f"{name} {used[0]}: an empty list")
    for value in wanted if several else [wanted]:
        if not _fits(feature, value, whole=used[0] == "is", slugs=slugs):
            raise CriterionError(f"{name} {used[0]} {value!r}: allowed: {feature.allowed}")


def _fits(feature: Feature, value: Any, *, whole: bool, slugs: Collection[str] | None) -> bool:
    if feature.kind == "choice":
        return isinstance(value, str) and value in feature.values
    if feature.kind == "flag":
        return isinstance(value, bool)
    if feature.kind == "set":
        return isinstance(value, str) and (slugs is None or value in slugs)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return feature.low <= value <= feature.high and (not whole or value == int(value))
