"""Why an option is not recommended: the fewest facts that would have to be otherwise, found from the criteria alone.

A fact is an entered feature with the values that would do, the other facts being so too. What nothing about the patient
can mend (nobody recommends it here, no licence here covers it) is an obstacle. What is not known stands in nobody's
way: it is never read as negative. Source: METHOD, section 8.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, product
from typing import Any, Literal

from .cells import Cell, alike, as_criterion, as_set_criterion, cells_of, set_cells
from .evidence import LEVELS, PLATINUM_RECHALLENGE, RULING_OUT, Indication, Licence, PlacedCaution, Regimen, stands_for
from .knowledge import Knowledge
from .logic import Criterion, comparisons, compiled, features_named
from .patient import (
    FEATURES,
    IMPLIED_BY,
    PLATINUM,
    RECEIVED,
    REGIONS,
    TREATMENTS,
    Patient,
    Value,
    contradictions,
    entered_features,
    in_scope,
)
from .wording import N_, Listing, Sentence, say

MOST_WAYS = 3  # of several sets of facts that come to the same, so many are named
MOST_KEPT = 4096  # answers of a release that are kept in memory, some 60 for a patient
Kind = Literal["open", "changing", "fixed"]

# What is known today and may be otherwise in some weeks: performance status, organ function, what heals, passes or is
# stopped, and the place of treatment.
CHANGING = frozenset(
    {
        "ecog",
        "bilirubin_uln",
        "ast_alt_uln",
        "child_pugh",
        "creatinine_clearance",
        "anc",
        "platelets",
        "proteinuria",
        "neuropathy_grade",
        "lvef",
        "qtcf",
        "autoimmune_active",
        "long_term_steroids",
        "bleeding_active",
        "arterial_thrombosis",
        "venous_thrombosis",
        "hypertension_uncontrolled",
        "recent_or_planned_surgery",
        "bowel_obstruction",
        "brain_metastases_untreated",
        "severe_hepatic_impairment",
        "marrow_reserve_low",
        "active_infection",
        "warfarin",
        "cyp3a4_interaction",
        "tce_centre",
    }
)
# What only grows: more may come to it, nothing is taken back.
GROWING = frozenset({"lines_received", *TREATMENTS})

# The pairs that may contradict each other in a patient in scope (METHOD, section 1); a feature alone never does.
CONTRADICTING = (
    frozenset({"platinum_best_response", "platinum_free_interval_months"}),
    frozenset({"prior_regimens", "progressed_on"}),
    frozenset({"prior_drugs", "progressed_on_drugs"}),
    frozenset({"kras_g12c", "ras_mutation"}),
    frozenset({"child_pugh", "severe_hepatic_impairment"}),
    frozenset({"gynaecological_site", "primary_site"}),
)

# What a regimen is not given with, unless a licence of the region covers the patient.
NOT_GIVEN = ("unavailable", "investigational")

# Stands for the regimens or drugs of a set of which it does not matter which they are.
_OTHERS = "others"


@dataclass(frozen=True)
class Fact:
    """What would have to hold of one feature.

    criterion   the values that would do, as a criterion on the feature
    kind        open: not known, so that a test or the record could show it; changing: known to be otherwise today, and
                may change; fixed: known to be otherwise
    value       one of these values; of a set which of the slugs `among` it would hold, the others staying as they are

    A primary site that is not gynaecological takes a gynaecological site with it.
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
    licensed     where an obstacle stands in the way and it is not given for want of a licence: the ways with the fewest
                 facts after which one would cover the patient; empty where no licence of the region could
    """

    obstacles: tuple[Sentence, ...]
    smallest: tuple[Facts, ...]
    attainable: tuple[Facts, ...]
    licensed: tuple[Facts, ...] = ()


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
        if value is None:
            return value
        if isinstance(value, frozenset):
            matters = self.slugs(name)
            return (value & matters) | ({_OTHERS} if value - matters else frozenset())
        return next(cell.value for cell in self.cells[name] if cell.holds(value))

    def indications(self, stance: str, region: str) -> list[Indication]:
        return [i for i in self.regimen.indications if i.stance == stance and i.holds_in(region)]

    def licences(self, region: str) -> tuple[Licence, ...] | None:
        """The licences without which it is not given in a region; None where it is given without."""
        if self.regimen.otherwise.get(region) not in NOT_GIVEN:
            return None
        return self.regimen.covering.get(region, ())

    @cached_property
    def recommended_in(self) -> tuple[str, ...]:
        return tuple(
            region for region in REGIONS if self.indications("recommend", region) and self.licences(region) != ()
        )

    def reaches(self, patient: Patient, region: str) -> bool:
        return all(condition.holds(patient) for condition in self.conditions_in(region))

    def conditions_in(self, region: str) -> tuple[_Condition, ...]:
        if region not in self.conditions:
            self.conditions[region] = tuple(self._conditions(region))
        return self.conditions[region]

    def _conditions(self, region: str) -> Iterator[_Condition]:
        """METHOD, section 8, rules 1 to 4."""
        regimen = self.regimen
        yield _any_true([indication.when for indication in self.indications("recommend", region)])
        if regimen.requires:
            yield _any_true([regimen.requires])
        if licences := self.licences(region):
            yield _any_true([licence.when for licence in licences])
        for when in (*self.ruling_out, *(indication.when for indication in self.indications("against", region))):
            yield _never(when)
        yield _Condition(("progressed_on", "progressed_on_drugs"), lambda patient: not self._resists(patient))
        again = [i.when for i in regimen.indications if i.holds_in(region) and i.rechallenge]
        may_repeat = _any_true(again)
        yield _Condition(
            _in_order({"progressed_on", *may_repeat.features}),
            lambda patient: regimen.slug not in patient.progressed_on or may_repeat.holds(patient),
        )

    @cached_property
    def ruling_out(self) -> tuple[Criterion, ...]:
        """When a caution makes it unsuitable. Of a drug with alternatives: when each of those bears one as grave."""
        return tuple([when for placed in self.regimen.grave if (when := self._ruling_out(placed)) is not None])

    def _ruling_out(self, placed: PlacedCaution) -> Criterion | None:
        caution = placed.caution
        if placed.rivals is None:
            return caution.when
        grave = LEVELS[: LEVELS.index(caution.level) + 1]
        group = next(group for group in self.regimen.drugs if caution.drug in group)
        parts = [caution.when]
        for other in group:
            if other != caution.drug:
                as_grave = [each.when for each in self.knowledge.drugs[other].cautions if each.level in grave]
                if not as_grave:
                    return None
                parts.append({"any": as_grave})
        return {"all": parts}

    def _resists(self, patient: Patient) -> bool:
        """Whether progression on a drug advises against it (METHOD, section 8, shared resistance)."""
        failed = {"regimens": patient.progressed_on, "drugs": patient.progressed_on_drugs}
        if any(self.sharers[holds] & slugs for holds, slugs in failed.items()):
            return True
        brought = frozenset[str]().union(
            *(self.bringing[holds].get(slug, ()) for holds, slugs in failed.items() for slug in slugs)
        )
        return not brought.isdisjoint(self.grave_alone if self.regimen.classes <= brought else self.grave_combined)

    @cached_property
    def sharers(self) -> Mapping[str, frozenset[str]]:
        """The regimens and the drugs after whose failure it is advised against for a lead drug that they share."""
        spared = PLATINUM | stands_for("etoposide") if self.regimen.slug == PLATINUM_RECHALLENGE else frozenset()
        drugs = frozenset[str]().union(*(drugs for drugs in self.regimen.leads.values() if not drugs <= spared))
        others = (other for other in self.knowledge.regimens.values() if other is not self.regimen)
        return {"regimens": frozenset(other.slug for other in others if drugs & other.resistance), "drugs": drugs}

    @cached_property
    def bringing(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """The regimens and the drugs that bring exposure classes of it, where these may advise against it."""
        if not self.grave_alone | self.grave_combined:
            return {"regimens": {}, "drugs": {}}
        own, regimens, drugs = self.regimen.classes, self.knowledge.regimens, self.knowledge.drugs
        return {
            "regimens": {slug: one.classes & own for slug, one in regimens.items() if one.classes & own},
            "drugs": {slug: one.classes & own for slug, one in drugs.items() if one.classes & own},
        }

    @cached_property
    def grave_alone(self) -> frozenset[str]:
        """The exposure classes that advise against it where it brings no other class."""
        return frozenset(slug for slug in self._resisting if self._resisting[slug][0] in RULING_OUT)

    @cached_property
    def grave_combined(self) -> frozenset[str]:
        """The same where it brings another class."""
        return frozenset(slug for slug in self._resisting if self._resisting[slug][1] in RULING_OUT)

    @cached_property
    def _resisting(self) -> Mapping[str, tuple[str, str]]:
        """The levels of its exposure classes, alone and combined."""
        if self.regimen.slug == PLATINUM_RECHALLENGE:
            return {}
        known = (self.knowledge.exposure_classes[slug] for slug in self.regimen.classes)
        return {one.slug: (one.alone, one.combined) for one in known if self.regimen.slug not in one.exceptions}

    @cached_property
    def criteria(self) -> list[Criterion]:
        """Every criterion on which it depends whether it is recommended or licensed."""
        found = [licence.when for region in REGIONS for licence in self.licences(region) or ()]
        if self.recommended_in:
            indications = (indication.when for indication in self.regimen.indications)
            found += [self.regimen.requires or {}, *self.ruling_out, *indications]
        return found

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The features on which it depends whether it is recommended, and those that may contradict them (METHOD, 1).

        Where no region recommends it, only those of its licences matter.
        """
        failing = frozenset({"progressed_on", "progressed_on_drugs"} if self.recommended_in else ())
        named = failing | _behind(frozenset[str]().union(*map(features_named, self.criteria)))
        named = named.union(*(pair for pair in CONTRADICTING if pair & named))
        return _in_order(named - {"region"})

    @cached_property
    def cells(self) -> Mapping[str, tuple[Cell, ...]]:
        """The cells of the features that are no sets."""
        compared = [comparison for criterion in self.criteria for comparison in comparisons(criterion)]
        return {name: cells_of(FEATURES[name], compared) for name in self.features if FEATURES[name].kind != "set"}

    @cached_property
    def included(self) -> Mapping[str, list[frozenset[str]]]:
        """The regimens or drugs that its criteria ask for, by the set in which they do."""
        found: dict[str, list[frozenset[str]]] = {name: [] for name in TREATMENTS}
        for comparison in (c for criterion in self.criteria for c in comparisons(criterion)):
            if "includes" in comparison:
                slugs = comparison["includes"]
                found[comparison["feature"]].append(frozenset([slugs] if isinstance(slugs, str) else slugs))
            elif comparison["feature"] == "platinum_received":
                for name in TREATMENTS:
                    found[name].append(self.knowledge.vocabulary.platinum & self._known(name))
        return found

    def worsening(self, name: str) -> frozenset[str]:
        """The regimens, or drugs, after whose failure it is advised against, alone or with others."""
        holds = FEATURES[name].holds
        own = frozenset({self.regimen.slug} if holds == "regimens" else ())
        return own | self.sharers[holds] | self.bringing[holds].keys()

    def classes(self, name: str) -> tuple[frozenset[str], ...]:
        """The regimens, or drugs, of which it matters whether a set holds them, in classes that come to the same."""
        return self._classes[FEATURES[name].holds]

    @cached_property
    def _classes(self) -> Mapping[str, tuple[frozenset[str], ...]]:
        found: dict[str, tuple[frozenset[str], ...]] = {}
        for received, failed in RECEIVED:
            holds = FEATURES[received].holds
            groups = [self.sharers[holds], *chain(self.included[received], self.included[failed])]
            if holds == "regimens":
                groups.append(frozenset({self.regimen.slug}))
            for own in sorted(self.regimen.classes):
                groups.append(frozenset(slug for slug, classes in self.bringing[holds].items() if own in classes))
            found[holds] = alike(groups)
        return found

    def _known(self, name: str) -> frozenset[str]:
        return self.knowledge.vocabulary.of(FEATURES[name])

    def slugs(self, name: str) -> frozenset[str]:
        """The regimens, or drugs, of which it matters whether a set holds them."""
        return frozenset[str]().union(*self.classes(name))

    def choices(self, name: str, before: Value | None) -> tuple[Cell, ...]:
        """The cells into which a feature could move."""
        if FEATURES[name].kind == "set":
            pair = next(pair for pair in RECEIVED if name in pair)
            wanted = frozenset(chain(*chain(*(self.included[one] for one in pair))))
            if self.grave_combined - self.grave_alone:
                wanted |= self.bringing[FEATURES[name].holds].keys()  # with more of them it would be less grave
            return set_cells(before if isinstance(before, frozenset) else None, self.classes(name), wanted)
        return tuple(cell for cell in self.cells[name] if cell.value != before or before is None)

    def fact(self, name: str, found: Sequence[Cell], start: Mapping[str, Value]) -> Fact:
        value, before = found[0].value, start.get(name)
        kind = _kind(name, value, start)
        if isinstance(value, frozenset):
            share, slugs = before if isinstance(before, frozenset) else None, self.slugs(name)
            own = frozenset(chain(*self.included[name]))
            if name in ("progressed_on", "progressed_on_drugs"):
                own |= self.worsening(name)
            condition = as_set_criterion(name, share, found, self.classes(name), own)
            return Fact(name, condition, kind, value & slugs, slugs)
        return Fact(name, as_criterion(FEATURES[name], found, self.cells[name]), kind, value)


def _in_order(names: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in FEATURES if name in names)


def _behind(named: frozenset[str]) -> frozenset[str]:
    """The entered features on which those named depend: what they are derived from, and what may imply them.

    Whether platinum was received derives nothing in a patient in scope, who received it.
    """
    entered = entered_features(named) - (frozenset({"platinum_received"}) - named)
    return entered.union(*(IMPLIED_BY[name] for name in entered & IMPLIED_BY.keys()))


def _deciding(named: frozenset[str]) -> tuple[str, ...]:
    """Those of them that are to be tried, in the order of `FEATURES`.

    Where treatments imply something that is not known (that platinum was received, that of the other kind there was
    none), saying that outright does as well.
    """
    return _in_order(_behind(named) - (frozenset(TREATMENTS) - named))


def _any_true(criteria: Sequence[Criterion]) -> _Condition:
    """That one of some criteria is true."""
    checks = [compiled(criterion) for criterion in criteria]
    named = frozenset[str]().union(*map(features_named, criteria))
    return _Condition(_deciding(named), lambda patient: any(check(patient.values) is True for check in checks))


def _never(when: Criterion) -> _Condition:
    """That a criterion is false or unknown."""
    check = compiled(when)
    return _Condition(_deciding(features_named(when)), lambda patient: check(patient.values) is not True)


def _answer(goal: _Goal, region: str, start: Mapping[str, Value]) -> WhyNot:
    conditions = goal.conditions_in(region)
    if obstacles := tuple(_obstacles(goal, region, start)):
        return WhyNot(obstacles, (), (), _licensed(goal, region, start))
    smallest = _Search(goal, conditions, start).ways(_by_number)
    if not smallest:
        impossible = say(N_("whatever would have it recommended would also speak against it"))
        return WhyNot((impossible,), (), (), _licensed(goal, region, start))
    if not _fixed(smallest[0]):
        return WhyNot((), smallest, ())
    sparing = _Search(goal, conditions, start).ways(_by_fixed)
    return WhyNot((), smallest, () if _fixed(sparing[0]) else sparing)


def _licensed(goal: _Goal, region: str, start: Mapping[str, Value]) -> tuple[Facts, ...]:
    """What would have a licence cover the patient, without which it is not given; nothing where one does."""
    licences = goal.licences(region)
    if not licences:
        return ()
    ways = _Search(goal, (_any_true([licence.when for licence in licences]),), start).ways(_by_number)
    return ways if all(ways) else ()


def _obstacles(goal: _Goal, region: str, start: Mapping[str, Value]) -> Iterator[Sentence]:
    status = goal.regimen.otherwise.get(region)
    if status == "unavailable" and not goal.licences(region):
        yield say(N_("it is not available in this region (%(region)s)"), region=say(REGIONS[region]))
    if status == "investigational" and not goal.licences(region):
        yield say(N_("it is given only in trials in this region (%(region)s)"), region=say(REGIONS[region]))
    if not goal.indications("recommend", region):
        elsewhere = [other for other in REGIONS if goal.indications("recommend", other)]
        if elsewhere:
            yield say(N_("what recommends it holds only in other regions: %(regions)s"), regions=_named(elsewhere))
        else:
            yield say(N_("no guideline, approval or review recommends it for any situation"))
    if any(not when for when in goal.ruling_out):
        yield say(N_("a caution that holds for every patient rules it out"))
    there = [other for other in goal.recommended_in if other != region and goal.reaches(_patient(goal, start), other)]
    if there and region not in goal.recommended_in:
        yield say(N_("with nothing else changed it would be recommended in: %(regions)s"), regions=_named(there))


def _patient(goal: _Goal, start: Mapping[str, Value]) -> Patient:
    return goal.knowledge.patient({}).changed(start)


def _named(regions: Iterable[str]) -> Listing:
    return Listing(tuple(say(REGIONS[region]) for region in regions))


def _kind(name: str, value: Value, start: Mapping[str, Value]) -> Kind:
    """How the fact that a feature would have to have a value stands in a patient."""
    before = start.get(name)
    if before is None:
        # Where the gynaecological site is known, so is that the primary is no other.
        return "fixed" if name == "primary_site" and _leaves_gynaecology(value, start) else "open"
    larger: Any = value
    return "changing" if name in CHANGING or (name in GROWING and larger > before) else "fixed"


def _leaves_gynaecology(site: Value | None, start: Mapping[str, Value]) -> bool:
    """Whether a primary site would take a known gynaecological site with it."""
    return site is not None and site != "gynaecological" and "gynaecological_site" in start


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

    def __init__(self, goal: _Goal, conditions: Sequence[_Condition], start: Mapping[str, Value]):
        self.goal, self.conditions, self.start = goal, conditions, start
        self.nobody = goal.knowledge.patient({})
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
        costs = cost([_kind(name, cell.value, self.start) for name, cell in changes.items()])
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
        supposed = {**self.start, **{name: cell.value for name, cell in changes.items()}}
        if "gynaecological_site" not in changes and _leaves_gynaecology(supposed.get("primary_site"), self.start):
            del supposed["gynaecological_site"]
        contradiction = next(contradictions(supposed, self.nobody.vocabulary), None)
        if contradiction is not None:
            return contradiction.features
        patient = self.nobody.changed(supposed)
        return next((condition.features for condition in self.conditions if not condition.holds(patient)), None)

    def _facts(self, box: Mapping[str, Sequence[Cell]]) -> Facts:
        return tuple(self.goal.fact(name, cells, self.start) for name, cells in box.items())


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
