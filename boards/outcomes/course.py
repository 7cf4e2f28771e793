"""The course after a decision as somebody enters it: checked against itself, the listing of the case, and today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.choice import Choice
from boards.errors import Refused
from boards.models.choices import GIVEN_KINDS
from boards.models.followup import MONTHS, Progression, Response, Stopping, Vital
from boards.models.months import before, in_words, month_of, parsed

# How long before a case was listed a treatment may have begun: a month mistyped by a year is found out.
MONTHS_BEFORE_LISTING = 12

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


@dataclass(frozen=True)
class Course:
    """What was given and what came of it; months such as "2026-03", empty where there is none (`models.FollowUp`)."""

    given: Choice
    started_in: str = ""
    stopped_in: str = ""
    stop_reason: str = Stopping.UNKNOWN
    best_response: str = Response.UNKNOWN
    progression: str = Progression.UNKNOWN
    progressed_in: str = ""
    vital: str = Vital.UNKNOWN
    vital_in: str = ""


def checked(course: Course, *, listed_on: date, today: date) -> Course:
    """The course as it is kept. Raises Refused with the first problem."""
    course = replace(course, **{name: _month(name, getattr(course, name)) for name in MONTHS})
    for name, message in problems(course, listed_on=listed_on, today=today):
        raise Refused(message, name)
    return course


def problems(course: Course, *, listed_on: date, today: date) -> Iterator[tuple[str, str]]:
    """What cannot be so: the field, and in words its value and what it may be. Months have to be such."""
    yield from _unknown_values(course)
    yield from _out_of_range(course, before(month_of(listed_on), MONTHS_BEFORE_LISTING), month_of(today))
    yield from _out_of_order(course)
    yield from _contradictions(course)


def _month(name: str, text: str) -> str:
    try:
        return parsed(text)
    except ValueError as error:
        raise Refused(f"{FIELDS[name]}: {error}", name) from error


def _unknown_values(course: Course) -> Iterator[tuple[str, str]]:
    if course.given.kind not in GIVEN_KINDS:
        yield "kind", _("Say what was given: a test is not a treatment.")
    known = {"stop_reason": Stopping, "best_response": Response, "progression": Progression, "vital": Vital}
    for name, choices in known.items():
        if getattr(course, name) not in choices.values:
            words = _("%(field)s: “%(value)s” is not one of the answers.")
            yield name, words % {"field": FIELDS[name], "value": getattr(course, name)}


def _out_of_range(course: Course, earliest: str, latest: str) -> Iterator[tuple[str, str]]:
    for name in MONTHS:
        month = getattr(course, name)
        if month and not earliest <= month <= latest:
            words = _("%(field)s: %(month)s, and it may be from %(earliest)s to %(latest)s, which is this month.")
            said = {"month": in_words(month), "earliest": in_words(earliest), "latest": in_words(latest)}
            yield name, words % ({"field": FIELDS[name]} | said)


def _out_of_order(course: Course) -> Iterator[tuple[str, str]]:
    for later, earlier in (
        ("stopped_in", "started_in"),
        ("progressed_in", "started_in"),
        ("vital_in", "started_in"),
        ("vital_in", "stopped_in"),
        ("vital_in", "progressed_in"),
    ):
        then, now = getattr(course, earlier), getattr(course, later)
        if then and now and now < then:
            words = _("%(field)s: %(month)s, and it may be from %(earliest)s on (“%(other)s”).")
            said = {"field": FIELDS[later], "month": in_words(now), "other": FIELDS[earlier]}
            yield later, words % (said | {"earliest": in_words(then)})


def _contradictions(course: Course) -> Iterator[tuple[str, str]]:
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


def _conflict(name: str, value: str, other: str, other_value: str) -> str:
    words = _("%(field)s: “%(value)s” contradicts “%(other)s”, which says “%(other_value)s”.")
    said = {"field": FIELDS[name], "value": _label(name, value), "other": FIELDS[other]}
    return words % (said | {"other_value": other_value})


def _label(name: str, value: str) -> str:
    choices = {"stop_reason": Stopping, "best_response": Response, "progression": Progression, "vital": Vital}[name]
    return str(choices(value).label)
