"""The course after a decision as somebody enters it: checked against itself, the listing of the case, and today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.choice import Choice
from boards.errors import Refused
from boards.models import LaterCourse, Toxicity
from boards.models.choices import GIVEN_KINDS, NotDone
from boards.models.followup import MONTHS, CarriedOut, Progression, Response, Stopping, Vital
from boards.models.months import before, in_words, month_of, parsed
from display.punctuation import sign

from .ctcae import spelt

# How long before a case was listed a treatment may have begun: a month mistyped by a year is found out.
MONTHS_BEFORE_LISTING = 12
WORST_GRADE = 5  # death related to the adverse event
LONGEST_TERM = Toxicity._meta.get_field("term").max_length or 0
LONGEST_WORDS = LaterCourse._meta.get_field("words").max_length or 0

CARRYING_OUT = {
    "carried_out": gettext_lazy("Was the recommendation carried out?"),
    "not_carried_out": gettext_lazy("Why not, or not wholly"),
    "not_carried_out_words": gettext_lazy("Why not, in words"),
}
FIELDS = {
    "started_in": gettext_lazy("Given since"),
    "stopped_in": gettext_lazy("Given until"),
    "stop_reason": gettext_lazy("Reason for stopping"),
    "best_response": gettext_lazy("Best response"),
    "progression": gettext_lazy("Progression"),
    "progressed_in": gettext_lazy("Progressed in"),
    "vital": gettext_lazy("Alive or dead"),
    "vital_in": gettext_lazy("Last known alive, or died, in"),
}
TOXICITY_FIELDS = {
    "line": gettext_lazy("During course"),
    "term": gettext_lazy("Adverse event (CTCAE)"),
    "grade": gettext_lazy("Highest grade"),
}
LATER_MONTHS = ("started_in", "stopped_in", "progressed_in")
_ANSWERS = {
    "stop_reason": Stopping,
    "best_response": Response,
    "progression": Progression,
    "vital": Vital,
    "carried_out": CarriedOut,
}

# A field, and in words its value and what it may be. Fields of lines are such as "later.0.started_in".
Problem = tuple[str, str]


@dataclass(frozen=True)
class LaterLine:
    """A further course in order (`models.LaterCourse`); months as in `Course`."""

    given: Choice
    started_in: str = ""
    stopped_in: str = ""
    stop_reason: str = Stopping.UNKNOWN
    best_response: str = Response.UNKNOWN
    progressed_in: str = ""


@dataclass(frozen=True)
class AdverseEvent:
    """The highest grade of an adverse event in a course, of which the first is line 1 (`models.Toxicity`)."""

    term: str
    grade: int
    line: int = 1


@dataclass(frozen=True)
class Course:
    """What was given and what came of it; months such as "2026-03", empty where there is none (`models.FollowUp`).

    later, toxicities   the further courses in order, and the adverse events of all
    """

    given: Choice
    started_in: str = ""
    stopped_in: str = ""
    stop_reason: str = Stopping.UNKNOWN
    best_response: str = Response.UNKNOWN
    progression: str = Progression.UNKNOWN
    progressed_in: str = ""
    vital: str = Vital.UNKNOWN
    vital_in: str = ""
    carried_out: str = CarriedOut.UNKNOWN
    not_carried_out: str = ""
    not_carried_out_words: str = ""
    later: tuple[LaterLine, ...] = ()
    toxicities: tuple[AdverseEvent, ...] = ()

    @property
    def lines(self) -> tuple[LaterLine, ...]:
        """Every course in order, the first one as the later ones."""
        shared = [field.name for field in fields(LaterLine)]
        return (LaterLine(**{name: getattr(self, name) for name in shared}), *self.later)


def checked(course: Course, *, listed_on: date, today: date) -> Course:
    """The course as it is kept. Raises Refused with the first problem."""
    later = tuple(
        replace(line, **{name: _month(f"later.{index}.{name}", getattr(line, name)) for name in LATER_MONTHS})
        for index, line in enumerate(course.later)
    )
    toxicities = tuple(replace(event, term=spelt(" ".join(event.term.split()))) for event in course.toxicities)
    months = {name: _month(name, getattr(course, name)) for name in MONTHS}
    words = " ".join(course.not_carried_out_words.split())
    course = replace(course, **months, later=later, toxicities=toxicities, not_carried_out_words=words)
    for name, message in problems(course, listed_on=listed_on, today=today):
        raise Refused(message, name)
    return course


def problems(course: Course, *, listed_on: date, today: date) -> Iterator[Problem]:
    """What cannot be so. Months have to be such."""
    earliest, latest = before(month_of(listed_on), MONTHS_BEFORE_LISTING), month_of(today)
    yield from _unknown_values(course)
    yield from _not_carried_out(course)
    yield from _out_of_range(course, MONTHS, earliest, latest)
    yield from _out_of_order(course)
    yield from _contradictions(course)
    for index, line in enumerate(course.later):
        yield from _of_line(index, _line_problems(line, course.lines[index], course, earliest, latest))
    yield from _toxicity_problems(course)


def _month(name: str, text: str) -> str:
    try:
        return parsed(text)
    except ValueError as error:
        raise Refused(f"{FIELDS[name.rpartition('.')[2]]}{sign(':')} {error}", name) from error


def _of_line(index: int, found: Iterator[Problem]) -> Iterator[Problem]:
    """The problems of a later course: each names the course by its number."""
    for name, message in found:
        words = _("Course %(number)d: %(said)s") % {"number": index + 2, "said": message}
        yield f"later.{index}.{name}", words


def _unknown_values(course: Course) -> Iterator[Problem]:
    if course.given.kind not in GIVEN_KINDS:
        yield "kind", _("Say what was given: a test is not a treatment.")
    yield from _unlisted(course, _ANSWERS)


def _unlisted(course: Course | LaterLine, names: Sequence[str] | dict[str, object]) -> Iterator[Problem]:
    for name in names:
        if getattr(course, name) not in _ANSWERS[name].values:
            words = _("%(field)s: “%(value)s” is not one of the answers.")
            yield name, words % {"field": _field(name), "value": getattr(course, name)}


def _not_carried_out(course: Course) -> Iterator[Problem]:
    field = CARRYING_OUT["not_carried_out"]
    if course.carried_out in (CarriedOut.NO, CarriedOut.PARTLY):
        if course.not_carried_out not in NotDone.values:
            yield "not_carried_out", _("%(field)s: choose a reason from the list.") % {"field": field}
    elif course.not_carried_out or course.not_carried_out_words:
        name = "not_carried_out" if course.not_carried_out else "not_carried_out_words"
        words = _("%(field)s: leave it empty, unless the recommendation was not carried out, or only in part.")
        yield name, words % {"field": CARRYING_OUT[name]}
    if len(course.not_carried_out_words) > LONGEST_WORDS:
        yield "not_carried_out_words", _("At most %(most)d characters.") % {"most": LONGEST_WORDS}


def _out_of_range(course: Course | LaterLine, names: Sequence[str], earliest: str, latest: str) -> Iterator[Problem]:
    for name in names:
        month = getattr(course, name)
        if month and not earliest <= month <= latest:
            words = _("%(field)s: %(month)s, and it may be from %(earliest)s to %(latest)s, which is this month.")
            said = {"month": in_words(month), "earliest": in_words(earliest), "latest": in_words(latest)}
            yield name, words % ({"field": FIELDS[name]} | said)


def _out_of_order(course: Course) -> Iterator[Problem]:
    for later, earlier in (
        ("stopped_in", "started_in"),
        ("progressed_in", "started_in"),
        ("vital_in", "started_in"),
        ("vital_in", "stopped_in"),
        ("vital_in", "progressed_in"),
    ):
        yield from _too_early(later, getattr(course, later), getattr(course, earlier), str(FIELDS[earlier]))


def _too_early(name: str, month: str, earliest: str, other: str) -> Iterator[Problem]:
    """Of a month that is earlier than another one, which `other` names."""
    if earliest and month and month < earliest:
        words = _("%(field)s: %(month)s, and it may be from %(earliest)s on (“%(other)s”).")
        said = {"field": FIELDS[name], "month": in_words(month), "earliest": in_words(earliest)}
        yield name, words % (said | {"other": other})


def _contradictions(course: Course) -> Iterator[Problem]:
    if course.progression == Progression.YES and not course.progressed_in:
        yield "progressed_in", _("Progressed in: give the month of the first progression.")
    if course.progression != Progression.YES and course.progressed_in:
        yield (
            "progression",
            _conflict("progression", course.progression, "progressed_in", in_words(course.progressed_in)),
        )
    if course.vital != Vital.UNKNOWN and not course.vital_in:
        yield "vital_in", _("Last known alive, or died, in: give the month.")
    if course.vital == Vital.UNKNOWN and course.vital_in:
        yield "vital", _conflict("vital", course.vital, "vital_in", in_words(course.vital_in))
    if course.stop_reason == Stopping.GOES_ON and course.stopped_in:
        yield "stop_reason", _conflict("stop_reason", course.stop_reason, "stopped_in", in_words(course.stopped_in))
    for name, value, other, excluded in (
        ("progression", Progression.NO, "best_response", Response.PROGRESSIVE),
        ("progression", Progression.NO, "stop_reason", Stopping.PROGRESSION),
        ("vital", Vital.ALIVE, "stop_reason", Stopping.DEATH),
        ("vital", Vital.DEAD, "stop_reason", Stopping.GOES_ON),
    ):
        if getattr(course, name) == value and getattr(course, other) == excluded:
            yield name, _conflict(name, value, other, _label(other, excluded))
    if course.later and course.stop_reason in (Stopping.GOES_ON, Stopping.DEATH):
        yield "stop_reason", _followed("stop_reason", course.stop_reason)


def _line_problems(line: LaterLine, former: LaterLine, course: Course, earliest: str, latest: str) -> Iterator[Problem]:
    """Of a later course: in itself, with the course before it, and with what is said of the patient."""
    if line.given.kind not in GIVEN_KINDS:
        yield "kind", _("Say what was given: a test is not a treatment.")
    yield from _unlisted(line, ("stop_reason", "best_response"))
    yield from _out_of_range(line, LATER_MONTHS, earliest, latest)
    yield from _too_early("started_in", line.started_in, former.started_in, _("the start of the course before"))
    yield from _too_early("started_in", line.started_in, former.stopped_in, _("the end of the course before"))
    for name in ("stopped_in", "progressed_in"):
        yield from _too_early(name, getattr(line, name), line.started_in, str(FIELDS["started_in"]))
    yield from _too_early("progressed_in", line.progressed_in, course.progressed_in, _("the first progression"))
    if line.stop_reason == Stopping.GOES_ON and line.stopped_in:
        yield "stop_reason", _conflict("stop_reason", line.stop_reason, "stopped_in", in_words(line.stopped_in))
    if line is not course.later[-1] and line.stop_reason in (Stopping.GOES_ON, Stopping.DEATH):
        yield "stop_reason", _followed("stop_reason", line.stop_reason)
    yield from _line_and_patient(line, course)


def _line_and_patient(line: LaterLine, course: Course) -> Iterator[Problem]:
    for name in LATER_MONTHS:
        month = getattr(line, name)
        if month and course.vital_in and month > course.vital_in:
            words = _("%(field)s: %(month)s, and it may be until %(latest)s (“%(other)s”).")
            said = {"field": FIELDS[name], "month": in_words(month), "latest": in_words(course.vital_in)}
            yield name, words % (said | {"other": FIELDS["vital_in"]})
    progressed = (
        ("progressed_in", bool(line.progressed_in), in_words(line.progressed_in)),
        ("best_response", line.best_response == Response.PROGRESSIVE, ""),
        ("stop_reason", line.stop_reason == Stopping.PROGRESSION, ""),
    )
    for name, is_progression, said in progressed:
        if is_progression and course.progression == Progression.NO:
            value = said or _label(name, getattr(line, name))
            yield name, _conflict_of(name, value, "progression", _label("progression", course.progression))
    for vital, reason in ((Vital.ALIVE, Stopping.DEATH), (Vital.DEAD, Stopping.GOES_ON)):
        if course.vital == vital and line.stop_reason == reason:
            yield "stop_reason", _conflict_of("stop_reason", _label("stop_reason", reason), "vital", str(vital.label))


def _toxicity_problems(course: Course) -> Iterator[Problem]:
    last = len(course.lines)
    said = Counter((event.line, event.term.casefold()) for event in course.toxicities)
    for index, event in enumerate(course.toxicities):
        at = f"toxicities.{index}"
        if not event.term:
            yield f"{at}.term", _("%(field)s: say which.") % {"field": TOXICITY_FIELDS["term"]}
        elif len(event.term) > LONGEST_TERM:
            yield f"{at}.term", _("At most %(most)d characters.") % {"most": LONGEST_TERM}
        elif said[event.line, event.term.casefold()] > 1:
            words = _("“%(term)s” is there twice for course %(line)d: give its highest grade once.")
            yield f"{at}.term", words % {"term": event.term, "line": event.line}
        if not 1 <= event.grade <= WORST_GRADE:
            words = _("%(field)s: %(value)s, and it may be from %(low)d to %(high)d.")
            bounds = {"field": TOXICITY_FIELDS["grade"], "value": event.grade or "–", "low": 1, "high": WORST_GRADE}
            yield f"{at}.grade", words % bounds
        elif event.grade == WORST_GRADE and course.vital == Vital.ALIVE:
            words = _("%(field)s: grade 5 is death, and “%(other)s” says “%(value)s”.")
            other = {"other": FIELDS["vital"], "value": Vital.ALIVE.label}
            yield f"{at}.grade", words % ({"field": TOXICITY_FIELDS["grade"]} | other)
        if not 1 <= event.line <= last:
            words = _("%(field)s: %(value)s, and it may be from %(low)d to %(high)d.")
            yield (
                f"{at}.line",
                words
                % {
                    "field": TOXICITY_FIELDS["line"],
                    "value": event.line or "–",
                    "low": 1,
                    "high": last,
                },
            )


def _conflict(name: str, value: str, other: str, other_value: str) -> str:
    return _conflict_of(name, _label(name, value), other, other_value)


def _conflict_of(name: str, value: str, other: str, other_value: str) -> str:
    words = _("%(field)s: “%(value)s” contradicts “%(other)s”, which says “%(other_value)s”.")
    said = {"field": FIELDS[name], "value": value, "other": FIELDS[other], "other_value": other_value}
    return words % said


def _followed(name: str, value: str) -> str:
    """Of a course that cannot have been followed by another one."""
    words = _("%(field)s: “%(value)s”, and a further course follows.")
    return words % {"field": FIELDS[name], "value": _label(name, value)}


def _field(name: str) -> str:
    return str((FIELDS | CARRYING_OUT)[name])


def _label(name: str, value: str) -> str:
    return str(_ANSWERS[name](value).label)
