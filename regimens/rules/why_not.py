"""Why an option is not recommended: the fewest facts that would have to be otherwise, found from the criteria alone.

A fact is an entered feature with the values that would do, the other facts being so too. What nothing about the patient
can mend (nobody recommends it here, it is not available here) is an obstacle. Source: METHOD, section 8.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Literal

from .assessment import Band, band_of, shares_resistance
from .knowledge import Indication, Knowledge, Regimen
from .logic import Criterion, comparisons, evaluate, threshold_before, turning_points
from .patient import FEATURES, REGIONS, Feature, Patient, Value, entered_features, in_scope
from .synthesis import Synthesis, synthesis_of
from .wording import N_, Listing, Sentence, say

MOST_FACTS = 4  # more than these together is no answer that a reader can use
MOST_KEPT = 4096  # answers of a release that are kept in memory, some 60 for a patient
Kind = Literal["open", "changing", "fixed"]

# What is known today and may be otherwise next week: performance status, organ function, and lines, which only add up.
CHANGING = frozenset(
    {"ecog", "bilirubin_uln", "creatinine_clearance", "neuropathy_grade", "lvef", "qtcf", "lines_received"}
)
PLATINUM = ("platinum_best_response", "platinum_free_interval_months")
# Numbers from which something else follows turn at bounds of their own: platinum status, TMB-high.
DERIVED_BOUNDS: Mapping[str, tuple[float, ...]] = {"platinum_free_interval_months": (1, 3, 6), "tmb": (10,)}

Changes = Mapping[str, Value]


@dataclass(frozen=True)
class Fact:
    """What would have to hold of one feature.

    criterion   the values that would do, as a criterion on the feature
    kind        open: not known, so that a test or the record could show it; changing: known to be otherwise today, and
                may change; fixed: known to be otherwise
    """

    feature: str
    criterion: Criterion
    kind: Kind


@dataclass(frozen=True)
class WhyNot:
    """What keeps a regimen from being recommended for a patient.

    obstacles    what nothing about the patient can mend; without any there is a set of facts, or none of up to 4
    smallest     the fewest facts with which it would be recommended; of equally many those of which fewest are fixed
    attainable   the fewest of which none is fixed, where that is another set; empty where there is none
    """

    obstacles: tuple[Sentence, ...]
    smallest: tuple[Fact, ...]
    attainable: tuple[Fact, ...]


def why_not(regimen: Regimen, patient: Patient, knowledge: Knowledge) -> WhyNot:
    """Why a regimen is not in the recommended band for a patient in scope; the release keeps what it found."""
    key = (regimen.slug, regimen.seen_of(patient))
    found: WhyNot | None = knowledge.reasons_against.get(key)
    if found is None:
        if len(knowledge.reasons_against) >= MOST_KEPT:
            knowledge.reasons_against.pop(next(iter(knowledge.reasons_against)), None)
        found = knowledge.reasons_against[key] = _Search(regimen, patient, knowledge).answer()
    return found


class _Search:
    """Looks for the fewest changes to a patient with which a regimen is recommended, a step deeper at a time.

    A step takes the first thing that stands in the way and tries every way to mend it, so that no change is made that
    mends nothing.
    """

    def __init__(self, regimen: Regimen, patient: Patient, knowledge: Knowledge):
        self.regimen, self.patient, self.knowledge = regimen, patient, knowledge
        self.synthesis: Synthesis = synthesis_of(regimen, patient, knowledge)
        self.here = [i for i in regimen.indications if i.holds_in(patient.region)]
        self.recommending = [i for i in self.here if i.stance == "recommend"]

    def answer(self) -> WhyNot:
        obstacles = tuple(self._obstacles())
        if obstacles:
            return WhyNot(obstacles, (), ())
        smallest = self._fewest(frozenset())
        if all(fact.kind != "fixed" for fact in smallest):
            return WhyNot((), smallest, ())
        fixed = frozenset(name for name in FEATURES if _kind(name, self.patient) == "fixed")
        attainable = self._fewest(fixed)
        return WhyNot((), smallest, attainable if all(fact.kind != "fixed" for fact in attainable) else ())

    def _obstacles(self) -> Iterator[Sentence]:
        region, status = self.patient.region, self.regimen.availability.get(self.patient.region)
        if status == "unavailable":
            yield say(N_("it is not available in this region (%(region)s)"), region=say(REGIONS[region]))
        if status == "investigational":
            yield say(N_("it is given only in trials in this region (%(region)s)"), region=say(REGIONS[region]))
        if not self.recommending:
            elsewhere = [i for i in self.regimen.indications if i.stance == "recommend"]
            if elsewhere:
                yield say(
                    N_("what recommends it holds only in other regions: %(regions)s"), regions=_regions(elsewhere)
                )
            else:
                yield say(N_("no guideline, approval or review recommends it for any situation"))
        if any(not caution.when for caution in self.regimen.ruling_out):
            yield say(N_("a caution that holds for every patient rules it out"))

    def _fewest(self, untouched: frozenset[str]) -> tuple[Fact, ...]:
        """The fewest facts, none of them of the features `untouched`; none where more than MOST_FACTS were needed."""
        for size in range(1, MOST_FACTS + 1):
            found = {frozenset(changes.items()): changes for changes in self._mended({}, size, untouched)}
            sets = [self._facts(changes) for changes in found.values()]
            if sets:
                return min(sets, key=_fewest_fixed)
        return ()

    def _mended(self, changes: Changes, left: int, untouched: frozenset[str]) -> Iterator[Changes]:
        """Every set of changes that goes on from `changes` by just `left` features and leads to a recommendation."""
        patient = self.patient.changed(changes)
        steps = self._steps(patient, changes, untouched)
        if left == 0:
            if next(steps, None) is None and self._is_recommended(changes):
                yield changes
            return
        for step in steps:
            if len(step) <= left:
                yield from self._mended({**changes, **step}, left - len(step), untouched)

    def _is_recommended(self, changes: Changes) -> bool:
        patient = self.patient.supposing_all(changes)
        if patient is None or not in_scope(patient):
            return False
        return band_of(self.regimen, patient, self.knowledge, self.synthesis)[0] is Band.RECOMMENDED

    def _steps(self, patient: Patient, changes: Changes, untouched: frozenset[str]) -> Iterator[Changes]:
        """Each way to mend the first thing that stands in the way; none when nothing does."""
        taken = frozenset(changes) | untouched
        for comparison, wanted in self._unmet(patient):
            yield from self._ways(comparison, wanted, patient, taken)

    def _unmet(self, patient: Patient) -> Iterator[tuple[Criterion, bool]]:
        """The first thing that stands in the way, as comparisons of which one has to turn out as wanted."""
        values = patient.values
        for caution in self.regimen.ruling_out:
            if caution.check(values) is True:
                yield from _turning(caution.when, False, values)
                return
        if barring := self._barring(patient):
            yield {"feature": "progressed_on", "includes": sorted(barring)}, False
            for indication in self.here:
                if indication.rechallenge and barring == {self.regimen.slug}:
                    yield from _turning(indication.when, True, values)
            return
        if self.regimen.requirement(values) is not True:
            yield from _turning(self.regimen.requires or {}, True, values)
            return
        if not any(indication.check(values) is True for indication in self.recommending):
            for indication in self.recommending:
                yield from _turning(indication.when, True, values)
            return
        for indication in self.here:
            if indication.stance == "against" and indication.check(values) is True:
                yield from _turning(indication.when, False, values)
                return

    def _barring(self, patient: Patient) -> frozenset[str]:
        """The regimens on which the disease progressed, and that bar this one: itself, or by a drug that they share."""
        resisting = {
            slug for slug in patient.progressed_on if shares_resistance(self.regimen, self.knowledge.regimens[slug])
        }
        if resisting:
            return frozenset(resisting)
        rechallenged = any(i.rechallenge and i.check(patient.values) is True for i in self.here)
        return frozenset({self.regimen.slug}) & patient.progressed_on if not rechallenged else frozenset()

    def _ways(self, comparison: Criterion, wanted: bool, patient: Patient, taken: frozenset[str]) -> Iterator[Changes]:
        """Every change by which a comparison turns out as wanted, without another look at what was changed before."""
        name = comparison["feature"]
        for changes in self._candidates(name, comparison, patient):
            if taken.isdisjoint(changes) and evaluate(comparison, patient.changed(changes).values) is wanted:
                yield changes

    def _candidates(self, name: str, comparison: Criterion, patient: Patient) -> Iterator[Changes]:
        entered = entered_features({name})
        if entered & set(PLATINUM):
            yield from self._platinum(patient)
            return
        for feature in sorted(entered):
            if FEATURES[feature].kind == "set":
                yield from _sets(feature, comparison, patient)
            else:
                yield from (
                    {feature: value} for value in self._telling(feature) if value != patient.features.get(feature)
                )

    def _platinum(self, patient: Patient) -> Iterator[Changes]:
        """Response and interval go together: one of them changed, or both."""
        settings = [[None, *(v for v in self._telling(name) if v != patient.features.get(name))] for name in PLATINUM]
        for response, interval in product(*settings):
            changes = {n: v for n, v in zip(PLATINUM, (response, interval), strict=True) if v is not None}
            if changes and patient.supposing_all(changes) is not None:
                yield changes

    def _telling(self, name: str) -> Sequence[Value]:
        """A value of every kind that the criteria tell apart."""
        feature = FEATURES[name]
        if feature.kind == "choice":
            return list(feature.values)
        if feature.kind == "flag":
            return [True, False]
        return [start for start, _ in self._stretches(feature)]

    def _stretches(self, feature: Feature) -> list[tuple[float, float | None]]:
        """The range of a number, cut where a criterion turns: each stretch by its first value and the next one's."""
        bounds = {feature.low, *DERIVED_BOUNDS.get(feature.name, ())}
        for criterion in _criteria(self.regimen):
            for comparison in comparisons(criterion):
                if comparison["feature"] == feature.name:
                    bounds.update(turning_points(comparison))
                elif feature.name == "lines_received" and comparison["feature"] == "lines_next":
                    bounds.update(bound - 1 for bound in turning_points(comparison))
        whole = feature.kind == "count"
        starts = sorted(int(b) if whole else b for b in bounds if feature.low <= b <= feature.high)
        return list(zip(starts, [*starts[1:], None], strict=True))

    def _facts(self, changes: Changes) -> tuple[Fact, ...]:
        return tuple(
            Fact(name, self._doing(name, changes), _kind(name, self.patient, changes[name]))
            for name in FEATURES
            if name in changes
        )

    def _doing(self, name: str, changes: Changes) -> Criterion:
        """All values of a feature that would do, the other changes being made, as a criterion."""
        feature, would_do = FEATURES[name], partial(self._would_do, name, changes)
        if feature.kind == "set":
            return _set_criterion(name, changes[name], self.patient)
        if feature.is_numeric:
            return _range_criterion(feature, [(s, would_do(s[0])) for s in self._stretches(feature)], changes[name])
        values = [value for value in self._telling(name) if would_do(value)]
        return {"feature": name, "is": values if len(values) > 1 else values[0]}

    def _would_do(self, name: str, changes: Changes, value: Value) -> bool:
        return self._is_recommended({**changes, name: value})


def _criteria(regimen: Regimen) -> Iterator[Criterion]:
    yield regimen.requires or {}
    yield from (caution.when for caution in regimen.ruling_out)
    yield from (indication.when for indication in regimen.indications)


def _turning(criterion: Criterion, wanted: bool, values: Mapping[str, Value]) -> Iterator[tuple[Criterion, bool]]:
    """The comparisons of which one has to turn for a criterion to come nearer to what is wanted of it."""
    if "feature" in criterion:
        if evaluate(criterion, values) is not wanted:
            yield criterion, wanted
    elif "not" in criterion:
        yield from _turning(criterion["not"], not wanted, values)
    elif criterion:
        parts = criterion.get("all") or criterion["any"]
        unmet = [part for part in parts if evaluate(part, values) is not wanted]
        every_part_counts = ("all" in criterion) is wanted
        for part in unmet[:1] if every_part_counts else unmet:
            yield from _turning(part, wanted, values)


def _sets(feature: str, comparison: Criterion, patient: Patient) -> Iterator[Changes]:
    """A set of regimens with one more of those asked for, or without any of them."""
    asked = comparison["includes"]
    slugs = frozenset(asked if isinstance(asked, (list, tuple)) else [asked])
    held = patient.features.get(feature)
    held = held if isinstance(held, frozenset) else frozenset()
    yield from ({feature: held | {slug}} for slug in sorted(slugs - held))
    yield {feature: held - slugs}


def _set_criterion(name: str, value: Value, patient: Patient) -> Criterion:
    held = patient.features.get(name)
    before = held if isinstance(held, frozenset) else frozenset()
    after = value if isinstance(value, frozenset) else frozenset()
    if gone := sorted(before - after):
        return {"not": {"feature": name, "includes": gone}}
    return {"feature": name, "includes": sorted(after - before)}


def _range_criterion(
    feature: Feature, stretches: Sequence[tuple[tuple[float, float | None], bool]], chosen: Value
) -> Criterion:
    """The run of stretches around the chosen value that would do: "at least 20, below 55"."""
    at = next(index for index, ((start, _), _) in enumerate(stretches) if start == chosen)
    first = last = at
    while first > 0 and stretches[first - 1][1]:
        first -= 1
    while last + 1 < len(stretches) and stretches[last + 1][1]:
        last += 1
    start, end = stretches[first][0][0], stretches[last][0][1]
    parts: list[Criterion] = []
    if start > feature.low:
        threshold = threshold_before(start) if feature.kind == "number" else None
        bound = {"at_least": start} if threshold is None else {"above": threshold}
        parts.append({"feature": feature.name, **bound})
    if end is not None:
        threshold = threshold_before(end)
        if feature.kind == "count":
            bound = {"at_most": int(end) - 1}
        else:
            bound = {"below": end} if threshold is None else {"at_most": threshold}
        parts.append({"feature": feature.name, **bound})
    if not parts:
        return {"feature": feature.name, "at_least": feature.low}
    return parts[0] if len(parts) == 1 else {"all": parts}


def _kind(name: str, patient: Patient, value: Value | None = None) -> Kind:
    known = patient.features.get(name)
    if known is None:
        return "open"
    if name == "lines_received" and value is not None:
        return "changing" if isinstance(value, int) and isinstance(known, int) and value > known else "fixed"
    return "changing" if name in CHANGING else "fixed"


def _fewest_fixed(facts: Sequence[Fact]) -> tuple[object, ...]:
    kinds = [fact.kind for fact in facts]
    return kinds.count("fixed"), kinds.count("changing"), [fact.feature for fact in facts]


def _regions(indications: Sequence[Indication]) -> Listing:
    named = {region for indication in indications for region in indication.regions or ()}
    return Listing(tuple(region for region in REGIONS if region in named))
