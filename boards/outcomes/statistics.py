"""What a board decided in a period and what came of it, in numbers: rows in, plain values out.

Five queries whatever the number of cases; nothing here names a patient. Of an item the newest decision and the newest
follow-up count, and the time to a decision ends with its first version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from statistics import median
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.timezone import localdate

from boards.blindness import blind_cases
from boards.models import Ballot, Board, Decision, FollowUp, LaterCourse, Signature, Toxicity
from boards.models.choices import BEFORE_TREATMENT, ChoiceKind
from boards.models.followup import EVALUATED, RESPONSES, CarriedOut, Progression, Stopping, Vital
from boards.models.months import between

from .kaplan_meier import Curve, Interval, Time, at_risk, curve

# From how many patients a median is given, and a curve is drawn; with fewer, one patient more changes them altogether.
ENOUGH_FOR_MEDIAN, ENOUGH_FOR_CURVE = 5, 10
# From which grade on an adverse event is severe (CTCAE 5.0).
SEVERE = 3
# Months at which a curve is given in numbers.
EVERY_MONTHS = 3


@dataclass(frozen=True)
class Period:
    """By the day of the meeting, both ends included; None is open."""

    start: date | None = None
    end: date | None = None

    def within(self, meeting: str) -> Q:
        """As a condition on the meeting that a path leads to."""
        found = Q()
        if self.start:
            found &= Q(**{f"{meeting}__held_on__gte": self.start})
        if self.end:
            found &= Q(**{f"{meeting}__held_on__lte": self.end})
        return found


@dataclass(frozen=True)
class Decided:
    """The decision in force on an item. `is_blind`: a vote on its case is open, and nothing tells of its ranking."""

    item: int
    case: int
    held_on: date
    listed_at: datetime
    number: int
    kind: str
    option: str
    option_name: str
    reason: str
    is_recommended: bool | None
    agrees_with_first: bool
    rank: int | None
    level: str
    first_level: str | None
    first_decided_at: datetime
    is_signed: bool
    is_blind: bool

    @property
    def days(self) -> int:
        """From listing to the first decision, in whole days."""
        return max(0, (localdate(self.first_decided_at) - localdate(self.listed_at)).days)

    @property
    def is_comparable(self) -> bool:
        """Whether an option was decided on, and the ranking had a first one."""
        return self.kind not in BEFORE_TREATMENT and self.first_level is not None


@dataclass(frozen=True)
class GivenLater:
    """A further course of a follow-up."""

    line: int
    kind: str
    option: str
    option_name: str
    started_in: str
    stopped_in: str
    stop_reason: str
    best_response: str
    progressed_in: str


@dataclass(frozen=True)
class Event:
    """An adverse event with its highest grade in a course."""

    line: int
    term: str
    grade: int


@dataclass(frozen=True)
class Followed:
    """The follow-up in force on an item.

    vital, vital_in   as recorded on this item, to which progression and treatment belong
    died_in, seen_in  the latest that is known of the case, from whichever item
    later, events     further courses in order; adverse events of all courses
    """

    item: int
    case: int
    vital: str
    vital_in: str
    kind: str
    option: str
    option_name: str
    started_in: str
    stopped_in: str
    stop_reason: str
    best_response: str
    progression: str
    progressed_in: str
    carried_out: str
    not_carried_out: str
    died_in: str
    seen_in: str
    later: tuple[GivenLater, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def treatment(self) -> Time | None:
        """Months on treatment, ended by stopping; None where they are not known."""
        if self.stop_reason == Stopping.GOES_ON:
            return _observed(self.started_in, self.vital_in)
        return _ended(self.started_in, self.stopped_in)

    @property
    def progression_free(self) -> Time | None:
        """Months from the start to progression, or death without it; None where it is not known whether it came."""
        if self.progression == Progression.YES:
            return _ended(self.started_in, self.progressed_in)
        if self.progression == Progression.NO and self.vital == Vital.DEAD:
            return _ended(self.started_in, self.vital_in)
        return _observed(self.started_in, self.vital_in) if self.progression == Progression.NO else None

    @property
    def overall(self) -> Time | None:
        """Months from the start to death; None where it is not known whether the patient is alive."""
        return _ended(self.started_in, self.died_in) or _observed(self.started_in, self.seen_in)

    @property
    def next_treatment(self) -> Time | None:
        """Months from the start to the start of the next course, or to death without one; None where it is not known.

        Only where it was said whether the recommendation was carried out: forms of before asked for one course alone,
        so that no further one there does not mean that there was none.
        """
        if self.carried_out == CarriedOut.UNKNOWN:
            return None
        if self.later:
            return _ended(self.started_in, self.later[0].started_in)
        if self.vital == Vital.DEAD:
            return _ended(self.started_in, self.vital_in)
        return _observed(self.started_in, self.vital_in) if self.vital == Vital.ALIVE else None


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        return self.count / self.of if self.of else None


@dataclass(frozen=True)
class Spread:
    """Median and range; None where there is nothing."""

    count: int
    median: float | None
    low: int | None
    high: int | None


@dataclass(frozen=True)
class CountedOption:
    kind: str
    option: str
    name: str
    count: int


@dataclass(frozen=True)
class Treated:
    """What came of one treatment.

    evaluated   with a best response from CR to PD; responses: CR or PR among them
    timed       of how many the months on treatment are known; months: their Kaplan-Meier curve
    """

    kind: str
    option: str
    name: str
    patients: int
    evaluated: int
    responses: int
    timed: int
    months: Curve


@dataclass(frozen=True)
class CarriedOutOften:
    """How often a decided option was carried out, of the follow-ups that say so."""

    kind: str
    option: str
    name: str
    wholly: int
    partly: int
    known: int


@dataclass(frozen=True)
class Tolerated:
    """Adverse events under a treatment.

    courses   in which it was given; recorded: of those, with an adverse event of any grade entered; severe: of those,
              with one of grade 3 or more. A course without an entry is not known to have been without.
    terms     the severe ones, each with how many courses, the most frequent first
    """

    kind: str
    option: str
    name: str
    courses: int
    recorded: int
    severe: int
    terms: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class SurvivalAt:
    months: int
    at_risk: int
    share: float
    interval: Interval | None


@dataclass(frozen=True)
class TimesToEvent:
    """Times to an event: of how many it is known, the curve, and the curve in numbers."""

    known: int
    curve: Curve
    table: tuple[SurvivalAt, ...]

    @property
    def is_enough(self) -> bool:
        return self.known >= ENOUGH_FOR_CURVE


@dataclass(frozen=True)
class Figures:
    """The page of a board. What tells of rankings and votes leaves out the cases on which a vote is open.

    options      what was decided, the most frequent first
    agreement    decisions for the first option of the ranking, of those on an option where there was one
    by_level     the same by the level of evidence of that first option
    recommended  decisions for one of the recommended, of those on an option
    reasons      why others departed, the most frequent first
    days         from listing to decision
    votes        ballots changed after the ranking, of those that chose before and after it and whose vote is closed
    carried_out  by what was decided, the most frequent first; not_carried_out: why not, or not wholly, likewise
    tolerated    by what was given, in whichever course
    given_later  what was given after the first course
    next_treatment   of the first treatment after each decision
    progression_free, overall   of each treatment; of each case, from the treatment that was begun first
    """

    decisions: int
    cases: int
    signed: int
    options: tuple[CountedOption, ...]
    agreement: Share
    by_level: Mapping[str, Share]
    recommended: Share
    reasons: tuple[tuple[str, int], ...]
    days: Spread
    days_counted: Mapping[int, int]
    votes: Share
    followed: int
    treated: tuple[Treated, ...]
    carried_out: tuple[CarriedOutOften, ...]
    not_carried_out: tuple[tuple[str, int], ...]
    tolerated: tuple[Tolerated, ...]
    given_later: tuple[CountedOption, ...]
    progression_free: TimesToEvent
    overall: TimesToEvent
    next_treatment: TimesToEvent


def figures(board: Board, period: Period) -> Figures:
    decided = decisions_of(board, period)
    by_item = follow_ups_of(board, [each.item for each in decided])
    followed = list(by_item.values())
    told = [each for each in decided if not each.is_blind]
    optional = [each for each in told if each.is_recommended is not None]
    comparable = [each for each in told if each.is_comparable]
    levels = sorted({each.first_level for each in comparable if each.first_level})
    days = [each.days for each in decided]
    return Figures(
        decisions=len(decided),
        cases=len({each.case for each in decided}),
        signed=sum(each.is_signed for each in decided),
        options=_counted((each.kind, each.option, each.option_name) for each in decided),
        agreement=_agreement(comparable),
        by_level={level: _agreement([each for each in comparable if each.first_level == level]) for level in levels},
        recommended=Share(sum(bool(each.is_recommended) for each in optional), len(optional)),
        reasons=tuple(Counter(each.reason for each in told if each.reason).most_common()),
        days=Spread(len(days), median(days) if days else None, min(days, default=None), max(days, default=None)),
        days_counted=Counter(days),
        votes=_votes(board, period),
        followed=len(followed),
        treated=_treated(followed),
        carried_out=_carried_out(decided, by_item),
        not_carried_out=tuple(Counter(each.not_carried_out for each in followed if each.not_carried_out).most_common()),
        tolerated=_tolerated(followed),
        given_later=_counted((line.kind, line.option, line.option_name) for each in followed for line in each.later),
        progression_free=_outcome(each.progression_free for each in followed),
        overall=_outcome(each.overall for each in _first_treatments(followed)),
        next_treatment=_outcome(each.next_treatment for each in followed),
    )


def decisions_of(board: Board, period: Period) -> list[Decided]:
    """The decisions in force of a board's items, the newest meeting first; one query."""
    signed = Signature.objects.filter(decision=OuterRef("pk"), place=OuterRef("signatures_needed"))
    rows = (
        Decision.objects.filter(period.within("item__meeting"), item__meeting__board=board)
        .annotate(is_signed=Exists(signed), is_blind=Exists(blind_cases().filter(case=OuterRef("item__case"))))
        .order_by("-item__meeting__held_on", "-item_id", "number")
        .values_list(
            *("item_id", "item__case_id", "item__meeting__held_on", "item__listed_at", "number", "kind", "option"),
            *("option_name", "reason", "is_recommended", "agrees_with_first", "rank", "level", "first_level"),
            *("decided_at", "is_signed", "is_blind"),
        )
    )
    found: dict[int, Decided] = {}
    for *values, decided_at, is_signed, is_blind in rows:
        former = found.get(values[0])
        found[values[0]] = Decided(*values, former.first_decided_at if former else decided_at, is_signed, is_blind)
    return list(found.values())


def follow_ups_of(board: Board, items: Iterable[int]) -> dict[int, Followed]:
    """The follow-ups in force of these items of a board, by item; three queries."""
    rows = (
        FollowUp.objects.filter(item__meeting__board=board)
        .order_by("number")
        .values_list(
            *("item_id", "item__case_id", "vital", "vital_in", "kind", "option", "option_name", "started_in"),
            *("stopped_in", "stop_reason", "best_response", "progression", "progressed_in"),
            *("carried_out", "not_carried_out", "pk"),
        )
    )
    newest: dict[int, tuple[Any, ...]] = {row[0]: row for row in rows}
    later = _by_follow_up(LaterCourse, GivenLater, board)
    events = _by_follow_up(Toxicity, Event, board)
    died: dict[int, str] = {}
    seen: dict[int, str] = {}
    for _item, case, vital, month, *_course in newest.values():
        if vital == Vital.DEAD:
            died[case] = max(died.get(case, ""), month)
        elif vital == Vital.ALIVE:
            seen[case] = max(seen.get(case, ""), month)
    wanted = [newest[item] for item in items if item in newest]
    return {
        item: Followed(
            item,
            case,
            *course,
            died_in=died.get(case, ""),
            seen_in=seen.get(case, ""),
            later=tuple(later.get(pk, ())),
            events=tuple(events.get(pk, ())),
        )
        for item, case, *course, pk in wanted
    }


def _by_follow_up(model: type[LaterCourse | Toxicity], made: type[Any], board: Board) -> dict[int, list[Any]]:
    """The rows of the follow-ups of a board, by follow-up and in their order; one query."""
    names = [field.name for field in fields(made)]
    found: dict[int, list[Any]] = {}
    rows = model.objects.filter(follow_up__item__meeting__board=board)
    for follow_up, *values in rows.values_list("follow_up_id", *names):
        found.setdefault(follow_up, []).append(made(*values))
    return found


def _ended(start: str, end: str) -> Time | None:
    return Time(between(start, end), True) if start and start <= end else None


def _observed(start: str, seen: str) -> Time | None:
    return Time(between(start, seen), False) if start and start <= seen else None


def _agreement(comparable: Sequence[Decided]) -> Share:
    return Share(sum(each.agrees_with_first for each in comparable), len(comparable))


def _counted(chosen: Iterable[tuple[str, str, str]]) -> tuple[CountedOption, ...]:
    """How often each was chosen, by kind and option; one that has several names goes by the newest."""
    counts: Counter[tuple[str, str]] = Counter()
    names: dict[tuple[str, str], str] = {}
    for kind, option, name in chosen:
        counts[kind, option] += 1
        names.setdefault((kind, option), name)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], names[pair[0]].lower(), pair[0]))
    return tuple(CountedOption(*key, names[key], count) for key, count in ordered)


def _first_treatments(followed: Iterable[Followed]) -> list[Followed]:
    """Of each case the treatment that was begun first, so that nobody dies twice."""
    first: dict[int, Followed] = {}
    for each in sorted(followed, key=lambda each: (not each.started_in, each.started_in, each.item)):
        first.setdefault(each.case, each)
    return list(first.values())


def _votes(board: Board, period: Period) -> Share:
    """Who abstained, before the ranking or after it, chose nothing that could have changed."""
    of_items = Q(item__meeting__board=board, item__vote_closed_at__isnull=False)
    abstained = Q(first_kind=ChoiceKind.ABSTENTION) | Q(final_kind=ChoiceKind.ABSTENTION)
    told = Ballot.objects.exclude(item__case__in=blind_cases())
    counted = told.filter(of_items & period.within("item__meeting") & ~abstained).aggregate(
        all=Count("pk"), changed=Count("pk", filter=Q(is_changed=True))
    )
    return Share(counted["changed"], counted["all"])


def _treated(followed: Sequence[Followed]) -> tuple[Treated, ...]:
    by_option: dict[tuple[str, str], list[Followed]] = {}
    for each in followed:
        by_option.setdefault((each.kind, each.option), []).append(each)
    rows = []
    for counted in _counted((each.kind, each.option, each.option_name) for each in followed):
        those = by_option[counted.kind, counted.option]
        times = [time for each in those if (time := each.treatment)]
        rows.append(
            Treated(
                kind=counted.kind,
                option=counted.option,
                name=counted.name,
                patients=counted.count,
                evaluated=sum(each.best_response in EVALUATED for each in those),
                responses=sum(each.best_response in RESPONSES for each in those),
                timed=len(times),
                months=curve(times),
            )
        )
    return tuple(rows)


def _carried_out(decided: Sequence[Decided], followed: Mapping[int, Followed]) -> tuple[CarriedOutOften, ...]:
    known = [
        (each, followed[each.item].carried_out)
        for each in decided
        if each.item in followed and followed[each.item].carried_out != CarriedOut.UNKNOWN
    ]
    answers: dict[tuple[str, str], Counter[str]] = {}
    for each, answer in known:
        answers.setdefault((each.kind, each.option), Counter())[answer] += 1
    return tuple(
        CarriedOutOften(
            counted.kind,
            counted.option,
            counted.name,
            wholly=answers[counted.kind, counted.option][CarriedOut.YES],
            partly=answers[counted.kind, counted.option][CarriedOut.PARTLY],
            known=counted.count,
        )
        for counted in _counted((each.kind, each.option, each.option_name) for each, _answer in known)
    )


def _tolerated(followed: Sequence[Followed]) -> tuple[Tolerated, ...]:
    """Of each treatment in which an adverse event was recorded."""
    events: dict[tuple[str, str], list[list[Event]]] = {}
    given = []
    for each in followed:
        for line, course in enumerate((each, *each.later), start=1):
            given.append((course.kind, course.option, course.option_name))
            in_course = [event for event in each.events if event.line == line]
            events.setdefault((course.kind, course.option), []).append(in_course)
    rows = []
    for counted in _counted(given):
        recorded = [found for found in events[counted.kind, counted.option] if found]
        severe = [[event for event in found if event.grade >= SEVERE] for found in recorded]
        if recorded:
            rows.append(
                Tolerated(
                    counted.kind,
                    counted.option,
                    counted.name,
                    courses=counted.count,
                    recorded=len(recorded),
                    severe=sum(bool(found) for found in severe),
                    terms=tuple(Counter(event.term for found in severe for event in found).most_common()),
                )
            )
    return tuple(rows)


def _outcome(times: Iterable[Time | None]) -> TimesToEvent:
    known = [time for time in times if time is not None]
    found = curve(known)
    table = tuple(
        SurvivalAt(months, at_risk(known, months), found.share_at(months), found.interval_at(months))
        for months in range(0, found.longest + 1, EVERY_MONTHS)
    )
    return TimesToEvent(len(known), found, table)
