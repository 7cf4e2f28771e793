"""A follow-up in words, and what differs between two versions of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from audit.people import person_name
from boards.choice import Choice, choice_words
from boards.models import FollowUp, LaterCourse
from boards.models.followup import MONTHS
from boards.models.months import in_words
from boards.outcomes.course import CARRYING_OUT, FIELDS
from display.punctuation import in_series, sign

from .changes import ChangedField


@dataclass(frozen=True)
class FollowUpView:
    """A version: what was given, also without what somebody wrote of it, and each fact that is known with its label."""

    number: int
    given: str
    given_alone: str
    facts: tuple[tuple[str, str], ...]
    by: str
    at: datetime


def follow_up_view(row: FollowUp) -> FollowUpView:
    return FollowUpView(
        number=row.number,
        given=choice_words(Choice(row.kind, row.option, row.words), row.option_name),
        given_alone=choice_words(Choice(row.kind, row.option), row.option_name),
        facts=tuple(_facts(row)),
        by=person_name(row.recorded_by),
        at=row.recorded_at,
    )


def history(rows: Iterable[FollowUp]) -> tuple[tuple[FollowUpView, tuple[ChangedField, ...]], ...]:
    """Versions, the newest first, each with what it changed."""
    views = [follow_up_view(row) for row in rows]
    return tuple(
        (view, changes_between(before, view, is_in_force=view is views[0]))
        for view, before in zip(views, [*views[1:], None], strict=False)
    )


def changes_between(
    before: FollowUpView | None, after: FollowUpView, *, is_in_force: bool = True
) -> tuple[ChangedField, ...]:
    """What differs between two versions; all of it where there was none before.

    What somebody wrote is shown of the version in force alone.
    """
    then = dict(before.facts) if before else {}
    now = dict(after.facts)
    given = ChangedField(
        _given(), before.given_alone if before else "", after.given if is_in_force else after.given_alone
    )
    facts = tuple(
        ChangedField(label, then.get(label, ""), now.get(label, ""))
        for label in dict.fromkeys([*now, *then])
        if then.get(label) != now.get(label)
    )
    return facts if before and before.given == after.given else (given, *facts)


def _given() -> str:
    return _("What was given")


def _facts(row: FollowUp) -> Iterator[tuple[str, str]]:
    for name, label in (CARRYING_OUT | FIELDS).items():
        if said := _said(row, name):
            yield str(label), said
    for course in row.later_courses.all():
        yield _("Course %(number)d") % {"number": course.line}, _course_words(course)
    for event in row.toxicities.all():
        label = _("%(term)s, course %(number)d") % {"term": event.term, "number": event.line}
        yield label, _("grade %(grade)d") % {"grade": event.grade}


def _course_words(course: LaterCourse) -> str:
    """ "FOLFOX; Given since: March 2026; Reason for stopping: Progression"."""
    given = choice_words(Choice(course.kind, course.option, course.words), course.option_name)
    names = ("started_in", "stopped_in", "stop_reason", "best_response", "progressed_in")
    facts = [f"{FIELDS[name]}{sign(':')} {said}" for name in names if (said := _said(course, name))]
    return in_series([given, *facts])


def _said(row: FollowUp | LaterCourse, name: str) -> str:
    if name in MONTHS:
        return in_words(getattr(row, name))
    if name == "not_carried_out_words":
        return str(getattr(row, name))
    return str(getattr(row, f"get_{name}_display")())
