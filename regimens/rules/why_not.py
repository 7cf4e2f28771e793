"""Why an option is not recommended: the fewest facts that would have to be otherwise, found from the criteria alone.

A fact is an entered feature with the values that would do, the other facts being so too. What nothing about the patient
can mend (nobody recommends it here, it is not available here) is an obstacle. Source: METHOD, section 8.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, product
from typing import Any, Literal

from .assessment import shares_resistance
from .cells import NOBODY, Cell, alike, as_criterion, as_set_criterion, cells_of, set_cells
from .evidence import Indication, Regimen
from .knowledge import Knowledge
from .logic import Criterion, comparisons, compiled, features_named
from .patient import FEATURES, REGIONS, Patient, Value, entered_features, in_scope
from .wording import N_, Listing, Sentence, say

MOST_WAYS = 3  # of several sets of facts that come to the same, so many are named
MOST_KEPT = 4096  # answers of a release that are kept in memory, some 60 for a patient
Kind = Literal["open", "changing", "fixed"]

# What is known today and may be otherwise in some weeks: performance status, organ function, what heals or is stopped.
CHANGING = frozenset(
    {
        "ecog",
        "bilirubin_uln",
        "creatinine_clearance",
        "neuropathy_grade",
        "lvef",
        "qtcf",
        "autoimmune_active",
        "long_term_steroids",
        "bleeding_or_thrombosis",
        "hypertension_uncontrolled",
        "recent_or_planned_surgery",
        "bowel_obstruction",
        "brain_metastases_untreated",
        "severe_hepatic_impairment",
        "marrow_reserve_low",
        "warfarin",
        "cyp3a4_interaction",
    }
)
# What only grows: more may come to it, nothing is taken back.
GROWING = frozenset({"lines_received", "prior_regimens", "progressed_on"})

# The pairs that may contradict each other in a patient in scope (METHOD, section 1); a feature alone never does.
CONTRADICTING = (
    frozenset({"platinum_best_response", "platinum_free_interval_months"}),
    frozenset({"prior_regimens", "progressed_on"}),
)

_NOT_GIVEN = ("unavailable", "investigational")


@dataclass(frozen=True)
class Fact:
    """What would have to hold of one feature.

    criterion   the values that would do, as a criterion on the feature
    kind        open: not known, so that a test or the record could show it; changing: known to be otherwise today, and
                may change; fixed: known to be otherwise
    value       one of these values; of a set which of the slugs `among` it would hold, the others staying as they are
    """

    feature: str
    criterion: Criterion
    kind: Kind
    value: Value
    among: frozenset[str] = frozenset()

    def value_in(self, patient: Patient) -> Value:
        """A value with which the patient would fulfil it."""
        if not isinstance(self.value, frozenset):
            return self.value
        held = patient.features.get(self.feature)
        return ((held if isinstance(held, frozenset) else frozenset()) - self.among) | self.value


Facts = tuple[Fact, ...]


@dataclass(frozen=True)
class WhyNot:
    """What keeps a regimen from being recommended for a patient.

    Each way is a set of facts that suffices with all else as it is, whichever of their values in scope the facts have.
    Of more than MOST_WAYS that come to the same, the first in the order of their features are named. No number of facts
    is too many: without an obstacle there is a way.

    obstacles    what nothing about the patient can mend
    smallest     the ways with the fewest facts; of equally many those of which fewest are fixed. One without any fact
                 where it is recommended already
    attainable   the ways with the fewest facts none of which is fixed, where these are others; empty without such
    """

    obstacles: tuple[Sentence, ...]
    smallest: tuple[Facts, ...]
    attainable: tuple[Facts, ...]


def why_not(regimen: Regimen, patient: Patient, knowledge: Knowledge) -> WhyNot:
    """Why a regimen of the release is not in the recommended band for a patient in scope.

    The release keeps what it found, for every patient whom no criterion of the regimen tells from this one. Raises
    ValueError for a patient out of scope, for whom nothing is recommended.
    """
    if not in_scope(patient):
        raise ValueError("the patient is out of scope: nothing is recommended")
    goal = knowledge.goals.get(regimen.slug)
    if goal is None:
        goal = knowledge.goals[regimen.slug] = _Goal(regimen, knowledge)
    start = goal.seen(patient)
    key = (regimen.slug, patient.region, tuple(start.values()))
    found: WhyNot | None = knowledge.reasons_against.get(key)
    if found is None:
        if len(knowledge.reasons_against) >= MOST_KEPT:
            knowledge.reasons_against.pop(next(iter(knowledge.reasons_against)), None)
        known = {name: value for name, value in start.items() if value is not None}
        found = knowledge.reasons_against[key] = _answer(goal, patient.region, known)
    return found


@dataclass(frozen=True)
class _Condition:
    """One thing that must hold for the recommended band, and the entered features that it hangs on."""

    features: tuple[str, ...]
    holds: Callable[[Patient], bool]


@dataclass(frozen=True)
class _Goal:
    """When a regimen is recommended: the conditions of `assessment.band_of`, and the features that decide them."""

    regimen: Regimen
    knowledge: Knowledge
    conditions: dict[str, tuple[_Condition, ...]] = field(default_factory=dict)

    def seen(self, patient: Patient) -> dict[str, Value | None]:
        """For each feature that matters the value that stands for the patient's cell, None where it is unknown."""
        return {name: self._seen(name, patient.features.get(name)) for name in self.features}

    def _seen(self, name: str, value: Value | None) -> Value | None:
        if value is None or name == "region":
            return value
        if isinstance(value, frozenset):
            return value & self.slugs
        return next(cell.value for cell in self.cells[name] if cell.holds(value))

    def indications(self, stance: str, region: str) -> list[Indication]:
        return [i for i in self.regimen.indications if i.stance == stance and i.holds_in(region)]

    @cached_property
    def recommended_in(self) -> tuple[str, ...]:
        return tuple(
            region
            for region in REGIONS
            if self.indications("recommend", region) and self.regimen.availability.get(region) not in _NOT_GIVEN
        )

    def reaches(self, patient: Patient, region: str) -> bool:
        return self.violated(patient, region) is None

    def violated(self, patient: Patient, region: str) -> _Condition | None:
        """The first condition that does not hold."""
        if region not in self.conditions:
            self.conditions[region] = tuple(self._conditions(region))
        return next((condition for condition in self.conditions[region] if not condition.holds(patient)), None)

    def _conditions(self, region: str) -> Iterator[_Condition]:
        """METHOD, section 8, rules 1, 2 and 4; availability is no matter of the patient."""
        regimen = self.regimen
        recommending = self.indications("recommend", region)
        yield _condition([i.when for i in recommending], lambda p: any(i.check(p.values) is True for i in recommending))
        if regimen.requires:
            yield _condition([regimen.requires], lambda p: regimen.requirement(p.values) is True)
        excluding = [caution.when for caution in regimen.ruling_out]
        excluding += [indication.when for indication in self.indications("against", region)]
        for when in excluding:
            yield _condition([when], _never(when))
        yield _Condition(("progressed_on",), lambda p: p.progressed_on.isdisjoint(self.sharers))
        again = [i for i in regimen.indications if i.holds_in(region) and i.rechallenge]
        yield _condition(
            [i.when for i in again],
            lambda p: regimen.slug not in p.progressed_on or any(i.check(p.values) is True for i in again),
            "progressed_on",
        )

    @cached_property
    def sharers(self) -> frozenset[str]:
        """The regimens after whose failure this one is advised against."""
        others = self.knowledge.regimens.values()
        return frozenset(other.slug for other in others if shares_resistance(self.regimen, other))

    @cached_property
    def criteria(self) -> list[Criterion]:
        regimen = self.regimen
        excluding = [caution.when for caution in regimen.ruling_out]
        return [regimen.requires or {}, *excluding, *(indication.when for indication in regimen.indications)]

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The features on which it depends whether it is recommended, and those that may contradict them (METHOD, 1).

        Where no region recommends it, no feature matters.
        """
        if not self.recommended_in:
            return ()
        named = entered_features(frozenset({"progressed_on"}).union(*map(features_named, self.criteria)))
        named = named.union(*(pair for pair in CONTRADICTING if pair & named))
        return tuple(name for name in FEATURES if name in named)

    @cached_property
    def cells(self) -> Mapping[str, tuple[Cell, ...]]:
        """The cells of the features that are no sets and can be otherwise: all but the region."""
        compared = [comparison for criterion in self.criteria for comparison in comparisons(criterion)]
        return {
            name: cells_of(FEATURES[name], compared)
            for name in self.features
            if FEATURES[name].kind != "set" and name != "region"
        }

    @cached_property
    def included(self) -> Mapping[str, list[frozenset[str]]]:
        """The regimens that its criteria ask for, by the set in which they do."""
        found: dict[str, list[frozenset[str]]] = {"prior_regimens": [], "progressed_on": []}
        for comparison in (c for criterion in self.criteria for c in comparisons(criterion) if "includes" in c):
            slugs = comparison["includes"]
            found[comparison["feature"]].append(frozenset([slugs] if isinstance(slugs, str) else slugs))
        return found

    @cached_property
    def classes(self) -> tuple[frozenset[str], ...]:
        """The regimens of which it matters whether they were received or failed, in classes that come to the same."""
        return alike([frozenset({self.regimen.slug}), self.sharers, *chain(*self.included.values())])

    @cached_property
    def slugs(self) -> frozenset[str]:
        return frozenset[str]().union(*self.classes)

    def choices(self, name: str, before: Value | None) -> tuple[Cell, ...]:
        """The cells into which a feature could move."""
        if name == "region":
            return ()
        if FEATURES[name].kind == "set":
            wanted = frozenset(chain(*chain(*self.included.values())))
            return set_cells(before if isinstance(before, frozenset) else None, self.classes, wanted)
        return tuple(cell for cell in self.cells[name] if cell.value != before or before is None)

    def fact(self, name: str, found: Sequence[Cell], before: Value | None) -> Fact:
        value = found[0].value
        kind = _kind(name, value, before)
        if FEATURES[name].kind == "set":
            share = before if isinstance(before, frozenset) else None
            own = frozenset(chain(*self.included[name]))
            if name == "progressed_on":
                own |= self.sharers | {self.regimen.slug}
            condition = as_set_criterion(name, share, found, self.classes, own)
            return Fact(name, condition, kind, value, self.slugs)
        return Fact(name, as_criterion(FEATURES[name], found, self.cells[name]), kind, value)


def _condition(criteria: Iterable[Criterion], holds: Callable[[Patient], bool], *more: str) -> _Condition:
    named = entered_features(frozenset(more).union(*map(features_named, criteria)))
    return _Condition(tuple(name for name in FEATURES if name in named), holds)


def _never(when: Criterion) -> Callable[[Patient], bool]:
    """Whether a criterion is false or unknown."""
    check = compiled(when)
    return lambda patient: check(patient.values) is not True


def _answer(goal: _Goal, region: str, start: Mapping[str, Value]) -> WhyNot:
    if obstacles := tuple(_obstacles(goal, region, start)):
        return WhyNot(obstacles, (), ())
    smallest = _Search(goal, region, start).ways(_by_number)
    if not smallest:
        return WhyNot((say(N_("whatever would have it recommended would also speak against it")),), (), ())
    if not _fixed(smallest[0]):
        return WhyNot((), smallest, ())
    sparing = _Search(goal, region, start).ways(_by_fixed)
    return WhyNot((), smallest, () if _fixed(sparing[0]) else sparing)


def _obstacles(goal: _Goal, region: str, start: Mapping[str, Value]) -> Iterator[Sentence]:
    regimen, status = goal.regimen, goal.regimen.availability.get(region)
    if status == "unavailable":
        yield say(N_("it is not available in this region (%(region)s)"), region=say(REGIONS[region]))
    if status == "investigational":
        yield say(N_("it is given only in trials in this region (%(region)s)"), region=say(REGIONS[region]))
    if not goal.indications("recommend", region):
        elsewhere = [other for other in REGIONS if goal.indications("recommend", other)]
        if elsewhere:
            yield say(N_("what recommends it holds only in other regions: %(regions)s"), regions=_named(elsewhere))
        else:
            yield say(N_("no guideline, approval or review recommends it for any situation"))
    if any(not caution.when for caution in regimen.ruling_out):
        yield say(N_("a caution that holds for every patient rules it out"))
    there = [other for other in goal.recommended_in if goal.reaches(NOBODY.changed({**start, "region": other}), other)]
    if there and region not in goal.recommended_in:
        yield say(N_("with nothing else changed it would be recommended in: %(regions)s"), regions=_named(there))


def _named(regions: Iterable[str]) -> Listing:
    return Listing(tuple(say(REGIONS[region]) for region in regions))


def _kind(name: str, value: Value, before: Value | None) -> Kind:
    """How the fact that a feature would have to have a value stands in a patient."""
    if before is None:
        return "open"
    larger: Any = value
    return "changing" if name in CHANGING or (name in GROWING and larger > before) else "fixed"


def _fixed(facts: Facts) -> int:
    return sum(fact.kind == "fixed" for fact in facts)


Cost = tuple[int, int]


def _by_number(kinds: Sequence[Kind]) -> Cost:
    """The fewest facts; of equally many those of which fewest are fixed."""
    return len(kinds), kinds.count("fixed")


def _by_fixed(kinds: Sequence[Kind]) -> Cost:
    """The fewest fixed facts, and with these the fewest facts."""
    return kinds.count("fixed"), len(kinds)


_Changes = dict[str, Cell]


class _Search:
    """Finds every cheapest change of a patient after which a regimen is recommended.

    It repairs: a violated condition, or a contradiction, hangs on some features, and each of these is tried in each of
    its cells. So no cheapest change is missed: whatever is recommended differs from what violates a condition in one of
    the features of that condition.
    """

    def __init__(self, goal: _Goal, region: str, start: Mapping[str, Value]):
        self.goal, self.region, self.start = goal, region, start
        self.patient = NOBODY.changed(start)
        self.visited: set[frozenset[tuple[str, Value]]] = set()
        self.best: Cost | None = None
        self.found: list[_Changes] = []

    def ways(self, cost: Callable[[Sequence[Kind]], Cost]) -> tuple[Facts, ...]:
        """The sets of facts that cost least; `cost` must not fall when a fact is added."""
        self._visit({}, cost)
        together: dict[tuple[str, ...], list[_Changes]] = {}
        for changes in self.found:
            together.setdefault(tuple(name for name in FEATURES if name in changes), []).append(changes)
        ways = [self._facts(box) for names, found in together.items() for box in _boxes(names, found)]
        return tuple(sorted(ways, key=_order)[:MOST_WAYS])

    def _visit(self, changes: _Changes, cost: Callable[[Sequence[Kind]], Cost]) -> None:
        costs = cost([_kind(name, cell.value, self.start.get(name)) for name, cell in changes.items()])
        key = frozenset((name, cell.value) for name, cell in changes.items())
        if key in self.visited or (self.best is not None and costs > self.best):
            return
        self.visited.add(key)
        concerned = self._concerned(changes)
        if concerned is None:
            if costs != self.best:
                self.best, self.found = costs, []
            self.found.append(changes)
            return
        for name in concerned:
            if name not in changes:
                for cell in self.goal.choices(name, self.start.get(name)):
                    self._visit({**changes, name: cell}, cost)

    def _concerned(self, changes: _Changes) -> Collection[str] | None:
        """The features of the contradiction or of the first violated condition; None when there is neither."""
        patient = self.patient.supposing_all({name: cell.value for name, cell in changes.items()})
        if patient is None:
            return [name for pair in CONTRADICTING if not pair.isdisjoint(changes) for name in sorted(pair)]
        violated = self.goal.violated(patient, self.region)
        return violated.features if violated else None

    def _facts(self, box: Mapping[str, Sequence[Cell]]) -> Facts:
        return tuple(self.goal.fact(name, cells, self.start.get(name)) for name, cells in box.items())


def _order(facts: Facts) -> tuple[object, ...]:
    """Those that are open first, then in the order of `FEATURES`."""
    return [fact.kind for fact in facts].count("changing"), [_POSITION[fact.feature] for fact in facts]


_POSITION = {name: position for position, name in enumerate(FEATURES)}


def _boxes(names: Sequence[str], found: Sequence[_Changes]) -> Iterator[dict[str, list[Cell]]]:
    """The changes of the same features, joined as far as every combination of what is joined is among them."""
    among = {tuple(changes[name].value for name in names) for changes in found}
    covered: set[tuple[Value, ...]] = set()
    cells = {name: {changes[name].value: changes[name] for changes in found} for name in names}
    for changes in found:
        if tuple(changes[name].value for name in names) in covered:
            continue
        box = {name: [changes[name]] for name in names}
        for name in names:
            for cell in cells[name].values():
                wider = {**box, name: [*box[name], cell]}
                if cell not in box[name] and among.issuperset(_combinations(wider)):
                    box = wider
        covered.update(_combinations(box))
        yield box


def _combinations(box: Mapping[str, Sequence[Cell]]) -> Iterator[tuple[Value, ...]]:
    return product(*([cell.value for cell in cells] for cells in box.values()))
