"""What was given, in which courses, and what became of them: lines, regimens, platinum.

Derived from dated facts alone; an order is no dose, and the start of the next line is no progression.
`exposures` and `assessments` take the facts from resources, `courses` puts them in lines, `derived` says what follows.
Source: INTEROP, section 5.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from interop.terminology.codes import Terminology
from regimens.rules.evidence import Regimen
from regimens.rules.patient import PLATINUM

from .dates import Span, span
from .drugs import Drugs
from .elements import (
    MalformedError,
    Resource,
    codings,
    codings_in,
    extensions,
    has_no_value,
    some_tables,
    table,
    text,
    value_key,
)
from .references import Entry, Key, Record
from .statements import Source, Statement, date_of_observation, said
from .tests import HUNDREDTH

MOST_DAYS_BETWEEN_DOSES = 90  # of one exposure
DAYS_OF_ONE_START = 28  # drugs that start so close are of one course
DAYS_OF_FAILURE = 91  # after the last dose: progression that counts as on the course
DAYS_TO_COUNT_A_CURATIVE_LINE = 182
DAYS_OF_RESPONSE = 60  # after the last platinum
DAYS_OF_PRIMARY_PROGRESSION = 28
DAYS_A_MONTH = Decimal("30.4375")
BEST_FIRST = ("CR", "PR", "SD")
RECHALLENGED, RECHALLENGE = "etoposide-platinum", "platinum-rechallenge"
GEMCITABINE, GEMCITABINE_BASED = "gemcitabine", "gemcitabine-based"
FOLINIC_ACID = frozenset({"folinic-acid"})
MEDICATIONS = ("MedicationAdministration", "MedicationStatement", "MedicationRequest")
ORDERS = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})


@dataclass(frozen=True)
class Exposure:
    """A drug that was given, from its first to its last dose as far as they are known.

    group     the Procedure or CarePlan that it belongs to
    intents   what it was meant for: curative, palliative, around-surgery
    is_failed whether it ended for progression
    """

    drug: str
    first: Span | None
    last: Span | None
    group: Key | None
    intents: frozenset[str]
    is_failed: bool
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Assessment:
    """A dated status of the disease; `status` None where it says no category of RECIST."""

    status: str
    date: Span
    source: Source


@dataclass(frozen=True)
class Course:
    """Drugs given together: a line of therapy, or a part of a curative treatment."""

    exposures: tuple[Exposure, ...]
    named: str = ""  # the regimen, where a Procedure or CarePlan names it
    plan: Exposure | None = None  # that Procedure or CarePlan itself, with its period
    slug: str = ""

    @cached_property
    def every(self) -> tuple[Exposure, ...]:
        return (*self.exposures, *((self.plan,) if self.plan else ()))

    @cached_property
    def drugs(self) -> frozenset[str]:
        return frozenset(each.drug for each in self.exposures)

    @cached_property
    def first(self) -> Span:
        return min((each.first for each in self.every if each.first), key=_place)

    @cached_property
    def last(self) -> Span | None:
        """The last dose; None where the end of one of its drugs is not known."""
        return _last(self.exposures or self.every)

    @cached_property
    def last_platinum(self) -> Span | None:
        platinum = [each for each in self.exposures if each.drug in PLATINUM]
        return _last(platinum or ((self.plan,) if self.plan and not self.exposures else ()))

    @cached_property
    def is_failed(self) -> bool:
        return any(each.is_failed for each in self.every)

    @cached_property
    def is_curative(self) -> bool:
        return any(each.intents & {"curative", "around-surgery"} for each in self.every)

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        return _joined(each.sources for each in self.every)


@dataclass
class Facts:
    """What the resources of a record say of treatment; `statements` are of those that cannot be used."""

    exposures: list[Exposure] = field(default_factory=list)
    plans: list[tuple[str, Exposure]] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)


def read_medication(entry: Entry, record: Record, drugs: Drugs, why: str, facts: Facts) -> None:
    """A medication that was given: an exposure for each of its drugs."""
    resource = entry.resource
    if "medication" in resource:  # as R5 has it
        raise MalformedError("medication")
    found, element = drugs.of_medication(entry, record)
    started, ended = _period(resource, entry.kind)
    if "warfarin" in found.slugs:
        facts.statements.append(_warfarin(entry, why, found.is_contradicted, element, started or ended))
    counting = found.slugs - drugs.supportive
    if not counting:
        return
    feature = "platinum_received" if counting & PLATINUM else "prior_regimens"
    why = why or _not_given(entry, drugs.terms)
    if why or found.is_contradicted:
        statement = said(entry, feature, None, element, started or ended, why=why or "display")
        facts.statements.append(statement.excluded(statement.why))
        return
    intents = _intents(resource, drugs.terms)
    shape: dict[str, Any] = {
        "first": started,
        "last": ended,
        "group": _group(entry, record),
        "intents": intents,
        "is_failed": _is_failed(resource, drugs.terms),
    }
    for drug in sorted(counting):
        source = Source(entry.label, element, _written(started or ended))
        facts.exposures.append(Exposure(drug=drug, sources=(source,), **shape))


def read_plan(entry: Entry, record: Record, terms: Terminology, why: str, facts: Facts) -> None:
    """A Procedure or CarePlan: the period and the end of what belongs to it; a course where its name is a regimen's."""
    resource = entry.resource
    period = table(resource, "performedPeriod") or table(resource, "period")
    one_day = span(resource.get("performedDateTime"))
    first, last = span(period.get("start")) or one_day, span(period.get("end")) or one_day
    name = _regimen_name(resource, terms)
    if why:
        if name:
            facts.statements.append(said(entry, "prior_regimens", None, "code.text", first, why=why).excluded(why))
        return
    source = Source(entry.label, "performedPeriod" if entry.kind == "Procedure" else "period", _written(first))
    intents, is_failed = _intents(resource, terms), _is_failed(resource, terms)
    facts.plans.append((name, Exposure("", first, last, entry.key, intents, is_failed, (source,))))


def read_status(entry: Entry, terms: Terminology, why: str, facts: Facts) -> None:
    """A status of the disease, dated; one without a date dates nothing."""
    resource = entry.resource
    questions = terms.asked(codings(resource, "code"))
    if not any(question.reads == "question" and question.value == "status" for question in questions):
        return
    when = date_of_observation(resource)
    key = value_key(resource)
    element = key or "value"
    told = [] if has_no_value(resource, key) else codings(resource, "valueCodeableConcept")
    found = {code.value for code in terms.all("status", told)}
    if not why and len(found) == 1 and when:
        facts.assessments.append(Assessment(found.pop(), when, Source(entry.label, element, when.written)))
        return
    reason = why or ("undated" if len(found) == 1 else "conflict" if found else _no_status(resource))
    facts.statements.append(said(entry, "platinum_best_response", None, element, when, why=reason).excluded(reason))


def derived(facts: Facts, regimens: Mapping[str, Regimen], known_drugs: Iterable[str]) -> Iterator[Statement]:
    """What follows from the facts for the features of treatment."""
    lined = _with_slugs(courses(facts), regimens)
    assessments = sorted(facts.assessments, key=lambda each: (_place(each.date), each.source.resource))
    yield from facts.statements
    platinum = [each for each in facts.exposures if each.drug in PLATINUM]
    named = [
        course
        for course in lined
        if course.slug in regimens and not course.exposures and regimens[course.slug].holds_platinum
    ]
    if platinum or named:
        basis = _joined([*(each.sources for each in platinum), *(course.sources for course in named)])
        yield Statement("platinum_received", True, "", None, basis)
    undated = [each for each in facts.exposures if not _is_placed(each, facts)]
    for each in undated:
        if each.drug not in PLATINUM:
            yield Statement("prior_regimens", None, "undated", None, each.sources, is_excluded=True)
    decided = {index: _decision(course, _next(lined, index), assessments) for index, course in enumerate(lined)}
    yield from _sets(lined, decided, frozenset(known_drugs))
    if lined:
        yield _lines(lined, undated, assessments)
    yield from _platinum(lined, assessments)


def courses(facts: Facts) -> list[Course]:
    """The courses of treatment, in their order (INTEROP, section 5, rule 1)."""
    plans = {plan.group: (name, plan) for name, plan in facts.plans}
    grouped: dict[Key, list[Exposure]] = {}
    alone: list[Exposure] = []
    for each in facts.exposures:
        if each.group is None:
            alone.append(each)
        else:
            grouped.setdefault(each.group, []).append(_within(each, plans.get(each.group)))
    found = []
    for key in sorted({*grouped, *(key for key, (name, _) in plans.items() if name)}, key=repr):
        name, plan = plans.get(key, ("", None))
        members = [each for each in _merged(grouped.get(key, [])) if each.first]
        if members or (plan and plan.first and name):
            found.append(Course(tuple(members), name, plan if plan and plan.first else None))
        else:
            alone.extend(grouped.get(key, []))
    found = _placed([each for each in _merged(alone) if each.first], found)
    return sorted(found, key=lambda course: (_place(course.first), sorted(course.drugs), course.named))


def _placed(alone: Sequence[Exposure], found: Sequence[Course]) -> list[Course]:
    """Drugs that belong to no plan, each in the course with which it starts, or in one of its own."""
    members = [list(course.exposures) for course in found]
    whole = list(found)
    starting: dict[int, int] = {}  # by the day of their start
    with_etoposide: list[int] = []
    for index, course in enumerate(found):
        starting.setdefault(course.first.first_day.toordinal(), index)
        if "etoposide" in course.drugs:
            with_etoposide.append(index)
    for each in sorted(alone, key=_exposure_place):
        assert each.first
        start = each.first.first_day.toordinal()
        place = next((starting[start + days] for days in _AROUND if start + days in starting), None)
        if place is None and each.drug in PLATINUM:
            place = next((index for index in with_etoposide if _replaces(each, members[index])), None)
        if place is None:
            place = len(members)
            members.append([])
            whole.append(Course(()))
            starting[start] = place
        members[place].append(each)
        if each.drug == "etoposide":
            with_etoposide.append(place)
    return [replace(course, exposures=tuple(given)) for course, given in zip(whole, members, strict=True)]


# The days of one start, the nearest first, the earlier before the later.
_AROUND = sorted(range(-DAYS_OF_ONE_START, DAYS_OF_ONE_START + 1), key=lambda days: (abs(days), days))


def _replaces(each: Exposure, given: Sequence[Exposure]) -> bool:
    """Whether a platinum takes the place of the other one, beside etoposide that goes on."""
    assert each.first
    start = each.first.first_day
    has_other = any(other.drug in PLATINUM - {each.drug} for other in given)
    return has_other and any(
        other.first and other.first.first_day <= start <= (other.last or other.first).last_day
        for other in given
        if other.drug == "etoposide"
    )


def _within(each: Exposure, plan: tuple[str, Exposure] | None) -> Exposure:
    """With the dates, the intent and the end of the plan that it belongs to, where its own are missing."""
    if plan is None:
        return each
    whole = plan[1]
    first, last = (each.first, each.last) if each.first or each.last else (whole.first, whole.last)
    return replace(each, first=first or last, last=last, sources=(*each.sources, *whole.sources))


def _merged(found: Sequence[Exposure]) -> list[Exposure]:
    """Doses of one drug with short gaps as one exposure."""
    undated = [each for each in found if each.first is None]
    runs: dict[str, list[list[Exposure]]] = {}
    ends: dict[str, Span] = {}
    for each in sorted((each for each in found if each.first), key=_exposure_place):
        end = each.last or each.first
        same = runs.setdefault(each.drug, [])
        if same and _days(ends[each.drug], each.first)[0] <= MOST_DAYS_BETWEEN_DOSES:
            same[-1].append(each)
            ends[each.drug] = max(ends[each.drug], end or ends[each.drug], key=lambda day: (day.last, day.written))
        else:
            same.append([each])
            ends[each.drug] = end or ends[each.drug]
    return undated + [_one(run) for same in runs.values() for run in same]


def _one(run: Sequence[Exposure]) -> Exposure:
    """Doses of one drug as an exposure from the first to the last."""
    return Exposure(
        run[0].drug,
        run[0].first,
        _last(run),
        run[0].group,
        frozenset[str]().union(*(each.intents for each in run)),
        any(each.is_failed for each in run),
        _joined(each.sources for each in run),
    )


def _with_slugs(found: Sequence[Course], regimens: Mapping[str, Regimen]) -> list[Course]:
    """Each course with its regimen; the second of etoposide and platinum is that again."""
    named, is_rechallenge = [], False
    for course in found:
        slug = regimen_of(course.drugs, regimens) or (course.named if course.named in regimens else "")
        if slug == RECHALLENGED:
            slug, is_rechallenge = RECHALLENGE if is_rechallenge and RECHALLENGE in regimens else slug, True
        named.append(replace(course, slug=slug))
    return named


def regimen_of(drugs: frozenset[str], regimens: Mapping[str, Regimen]) -> str:
    """The regimen that a set of drugs is, folinic acid aside; of several with the same drugs the plain one."""
    given = drugs - FOLINIC_ACID
    fitting = [
        slug
        for slug, regimen in regimens.items()
        if slug != RECHALLENGE and regimen.setting != "comparator" and _fits(given, regimen)
    ]
    if fitting:
        return min(fitting, key=lambda slug: (len(slug), slug))
    return GEMCITABINE_BASED if GEMCITABINE in given and GEMCITABINE_BASED in regimens else ""


def _fits(given: frozenset[str], regimen: Regimen) -> bool:
    groups = [frozenset(group) for group in regimen.drugs if not FOLINIC_ACID & set(group)]
    if not groups or given != given & frozenset().union(*groups):
        return False
    return all(len(given & group) == 1 or (given & group and group == PLATINUM) for group in groups)


def _next(found: Sequence[Course], index: int) -> Span | None:
    """When the next course starts."""
    return found[index + 1].first if index + 1 < len(found) else None


def _decision(
    course: Course, following: Span | None, assessments: Sequence[Assessment]
) -> tuple[bool | None, tuple[Source, ...]]:
    """Whether the disease progressed on it (rule 6); None where that is not decided."""
    if course.is_failed:
        return True, course.sources
    progression = _first_progression(course, following, assessments)
    end = course.last
    if progression:
        least, most = _days(end or course.first, progression.date)
        sources = (*course.sources, progression.source)
        if most <= DAYS_OF_FAILURE:
            return True, sources
        return (False if end and least > DAYS_OF_FAILURE else None), sources
    if end:
        start = bisect_right(assessments, end.last_day.toordinal() + DAYS_OF_FAILURE, key=_ordinal)
        for each in assessments[start:]:
            if following and each.date.first_day >= following.first_day:
                break
            if each.status != "PD" and (following is None or each.date.is_before(following)):
                return False, (*course.sources, each.source)
    return None, course.sources


def _first_progression(course: Course, following: Span | None, assessments: Sequence[Assessment]) -> Assessment | None:
    """The first after its first day and not after the start of the next course."""
    start = bisect_left(assessments, course.first.last_day.toordinal(), key=_ordinal)
    for each in assessments[start:]:
        if each.status == "PD" and course.first.is_before(each.date):
            return None if following and following.is_before(each.date) else each
    return None


def _sets(
    found: Sequence[Course], decided: Mapping[int, tuple[bool | None, tuple[Source, ...]]], known_drugs: frozenset[str]
) -> Iterator[Statement]:
    """Regimens and drugs received, and those on which the disease progressed."""
    regimens: dict[str, list[int]] = {}
    drugs: dict[str, list[int]] = {}
    for index, course in enumerate(found):
        if course.slug:
            regimens.setdefault(course.slug, []).append(index)
            continue
        for drug in sorted(course.drugs & known_drugs):
            drugs.setdefault(drug, []).append(index)
        for each in course.exposures:
            if each.drug not in known_drugs:
                yield Statement("prior_drugs", None, "no-regimen", each.first, each.sources, is_excluded=True)
    for received, failed, by_name in (
        ("prior_regimens", "progressed_on", regimens),
        ("prior_drugs", "progressed_on_drugs", drugs),
    ):
        if not by_name:
            continue
        places = {index for indexes in by_name.values() for index in indexes}
        yield Statement(received, frozenset(by_name), "", None, _joined(found[index].sources for index in places))
        basis = _joined(decided[index][1] for index in places)
        answers = {name: [decided[index][0] for index in indexes] for name, indexes in by_name.items()}
        decided_of = {name: True if True in each else None if None in each else False for name, each in answers.items()}
        if None in decided_of.values():
            known = tuple(sorted(decided_of.items()))
            yield Statement(failed, None, "undecided", None, basis, decided=known)
        else:
            yield Statement(failed, frozenset(name for name, each in decided_of.items() if each), "", None, basis)


def _lines(found: Sequence[Course], undated: Sequence[Exposure], assessments: Sequence[Assessment]) -> Statement:
    """How many lines were received (rule 4); unknown too where a drug without a date may be a line of its own."""
    count, is_unclear = 0, False
    heard: list[tuple[Source, ...]] = [course.sources for course in found]
    placed = frozenset[str]().union(*(course.drugs for course in found))
    if strays := [each for each in undated if each.drug not in placed]:
        every = _joined([*heard, *(each.sources for each in strays)])
        return Statement("lines_received", None, "undated", None, every)
    for index, course in enumerate(found):
        if not course.is_curative:
            count += 1
            continue
        following = _next(found, index)
        progression = _first_progression(course, following, assessments)
        event = progression.date if progression else following
        if progression:
            heard.append((progression.source,))
        if event is None or course.last is None:
            is_unclear = True
            continue
        least, most = _days(course.last, event)
        if most <= DAYS_TO_COUNT_A_CURATIVE_LINE:
            count += 1
        elif least <= DAYS_TO_COUNT_A_CURATIVE_LINE:
            is_unclear = True
    sources = _joined(heard)
    if is_unclear or not count:
        return Statement("lines_received", None, "intent", None, sources)
    return Statement("lines_received", count, "" if count <= 12 else "out-of-range", None, sources)


def _platinum(found: Sequence[Course], assessments: Sequence[Assessment]) -> Iterator[Statement]:
    """The interval and the best response of the last platinum course (rules 7 and 8)."""
    platinum = [
        index
        for index, course in enumerate(found)
        if course.drugs & PLATINUM or (not course.exposures and course.slug in (RECHALLENGED, RECHALLENGE))
    ]
    if not platinum:
        return
    index = platinum[-1]
    course, following = found[index], _next(found, index)
    progression = _first_progression(course, following, assessments)
    last = course.last_platinum
    sources = (*course.sources, *((progression.source,) if progression else ()))
    months, why = _interval(course, last, progression)
    yield Statement("platinum_free_interval_months", months, why, None, sources)
    response, of = _best_response(course, last, progression, following, assessments)
    basis = _joined([sources, *of])
    yield Statement("platinum_best_response", response, "" if response else "no-assessment", None, basis)


def _interval(course: Course, last: Span | None, progression: Assessment | None) -> tuple[int | float | None, str]:
    if course.is_failed:
        return 0, ""
    if progression is None:
        return None, "no-progression-date"
    if last is None:
        return None, "no-end-date"
    if not (last.is_to_the_day and progression.date.is_to_the_day):
        return None, "imprecise-date"
    days = (progression.date.first_day - last.first_day).days
    if days <= 0:
        return 0, ""
    months = float((Decimal(days) / DAYS_A_MONTH).quantize(HUNDREDTH, ROUND_HALF_UP))
    return (int(months) if months.is_integer() else months), ""


def _best_response(
    course: Course,
    last: Span | None,
    progression: Assessment | None,
    following: Span | None,
    assessments: Sequence[Assessment],
) -> tuple[str | None, list[tuple[Source, ...]]]:
    counting = [
        each
        for each in assessments
        if each.status in BEST_FIRST
        and course.first.is_before(each.date)
        and last is not None
        and _days(last, each.date)[1] <= DAYS_OF_RESPONSE
        and (progression is None or each.date.is_before(progression.date))
        and (following is None or each.date.is_before(following))
    ]
    if counting:
        best = min(counting, key=lambda each: (BEST_FIRST.index(each.status), _place(each.date), each.source.resource))
        return best.status, [(best.source,)]
    is_early = progression and last and _days(last, progression.date)[1] <= DAYS_OF_PRIMARY_PROGRESSION
    return ("PD" if course.is_failed or is_early else None), []


def _warfarin(entry: Entry, why: str, is_contradicted: bool, element: str, when: Span | None) -> Statement:
    """Taken now: a statement or an order that is active. One that ended says nothing."""
    resource = entry.resource
    when = when or span(resource.get("dateAsserted")) or span(resource.get("authoredOn"))
    if is_contradicted:
        return said(entry, "warfarin", None, element, when, why="display")
    is_order = entry.kind == "MedicationRequest" and _is_order(resource)
    is_taken = text(resource, "status") == "active" and (is_order or entry.kind == "MedicationStatement")
    if is_taken and not why:
        return said(entry, "warfarin", True, element, when)
    return said(entry, "warfarin", None, element, when, why=why or "not-given").excluded(why or "not-given")


def _not_given(entry: Entry, terms: Terminology) -> str:
    """Why an order is no dose; "" where it was completed, or stopped for a reason that implies doses."""
    resource = entry.resource
    if entry.kind != "MedicationRequest":
        return ""
    status = text(resource, "status")
    reasons = codings(resource, "statusReason")
    is_after_doses = status == "stopped" and bool(terms.first("ended", reasons))
    return "" if _is_order(resource) and (status == "completed" or is_after_doses) else "not-given"


def _is_order(resource: Resource) -> bool:
    return text(resource, "intent") in ORDERS and resource.get("doNotPerform") is not True


def _period(resource: Resource, kind: str) -> tuple[Span | None, Span | None]:
    """First and last dose as far as they are stated; the day of an order is that of no dose."""
    if kind == "MedicationRequest":
        return None, None
    period = table(resource, "effectivePeriod")
    if period:
        return span(period.get("start")) or span(period.get("end")), span(period.get("end"))
    day = span(resource.get("effectiveDateTime"))
    return day, day if kind == "MedicationAdministration" else None


def _group(entry: Entry, record: Record) -> Key | None:
    """The Procedure or CarePlan that a medication belongs to."""
    resource = entry.resource
    found = []
    for element, kind in (("partOf", "Procedure"), ("basedOn", "CarePlan")):
        for reference in some_tables(resource, element):
            key = record.key_of(reference, resource)
            if key and key[0] == kind:
                found.append(key)
    return min(found, default=None)


def _intents(resource: Resource, terms: Terminology) -> frozenset[str]:
    addresses = terms.extensions["intent"] | terms.extensions["position"]
    found = (codings(each, "valueCodeableConcept", "extension") for each in extensions(resource, addresses))
    return frozenset(code.value for each in found for code in terms.all("intent", each))


def _is_failed(resource: Resource, terms: Terminology) -> bool:
    """Whether it ended because the disease progressed."""
    concepts = [*some_tables(resource, "statusReason"), *some_tables(resource, "outcome")]
    found = [coding for each in concepts for coding in codings_in(each, "statusReason")]
    return any(code.value == "progression" for code in terms.all("ended", found))


def _regimen_name(resource: Resource, terms: Terminology) -> str:
    """The regimen whose name a text or title is, word for word."""
    names = {code.means.casefold(): code.value for code in terms.of("regimen-name")}
    code = table(resource, "code")
    written = [text(code, "text", "code"), text(resource, "title")]
    found = {names[word.strip().casefold()] for word in written if word.strip().casefold() in names}
    return found.pop() if len(found) == 1 else ""


def _no_status(resource: Resource) -> str:
    key = value_key(resource)
    if has_no_value(resource, key):
        return "no-value"
    return "free-text" if key == "valueString" else "not-specific"


def _is_placed(each: Exposure, facts: Facts) -> bool:
    """Whether it has a date, of its own or of the plan that it belongs to."""
    plans = {plan.group for _, plan in facts.plans if plan.first}
    return each.first is not None or each.group in plans


def _last(found: Iterable[Exposure]) -> Span | None:
    ends = [each.last for each in found]
    known = [end for end in ends if end]
    return max(known, key=lambda end: (end.last, end.written)) if known and len(known) == len(ends) else None


def _ordinal(each: Assessment) -> int:
    return each.date.first_day.toordinal()


def _written(each: Span | None) -> str | None:
    return each.written if each else None


def _days(one: Span | None, other: Span | None) -> tuple[int, int]:
    """At least and at most how many days lie between two dates."""
    assert one and other
    return (other.first_day - one.last_day).days, (other.last_day - one.first_day).days


def _place(each: Span | None) -> tuple[date, date, str]:
    assert each
    return each.first_day, each.last_day, each.written


def _exposure_place(each: Exposure) -> tuple[Any, ...]:
    end = each.last.last_day if each.last else date.max
    return _place(each.first), each.drug, end, tuple(source.resource for source in each.sources)


def _joined(found: Iterable[Iterable[Source]]) -> tuple[Source, ...]:
    every = {source for each in found for source in each}
    return tuple(sorted(every, key=lambda each: (each.resource, each.element, each.date or "")))
