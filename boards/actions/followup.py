"""What came of a decision: recorded in versions, of which none is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import locked, writing
from audit.events import record
from audit.people import person_name
from audit.records import sealed
from boards import members
from boards.choice import Choice, checked, name_of
from boards.errors import ChangedMeanwhile, Refused
from boards.models import GUARD, AgendaItem, Case, Decision, FollowUp, LaterCourse, Toxicity
from boards.models.followup import Progression, Vital
from boards.outcomes.course import Course
from boards.outcomes.course import checked as checked_course
from boards.outcomes.ctcae import TERMS, is_listed
from boards.privacy import guard
from boards.sealing import FOLLOW_UP
from boards.shown.stored_ranking import knowledge_of
from regimens import releases
from regimens.rules.knowledge import Knowledge

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Of a course what is kept in rows of its own.
LINES = ("given", "later", "toxicities")
# What an adverse event that somebody typed is called once the case is erased, with a number behind it.
ERASED_TERM = "other"


def record_follow_up(item: AgendaItem, *, based_on: int, course: Course, by: User) -> FollowUp:
    """A further version of what was given after a decision, and of what came of it.

    `based_on` is the number of the version that the writer saw, 0 where there was none. Raises ChangedMeanwhile where
    there is a newer one by now; NotAllowed; Refused, which names the field.
    """
    person = members.preparer(by, item.meeting.board)
    with writing(GUARD):
        row = locked(item, "meeting__board", "case", "version")
        _refuse_unless_decided(row)
        latest = latest_follow_up(row)
        if (latest.number if latest else 0) != based_on:
            raise _changed(latest) if latest else Refused(_("There is no follow-up yet."))
        course = checked_course(course, listed_on=row.listed_at.date(), today=timezone.localdate())
        course = _guarded(course)
        given = [_given(line.given, row, index) for index, line in enumerate(course.lines)]
        of_first = {field.name: getattr(course, field.name) for field in fields(course) if field.name not in LINES}
        try:
            with transaction.atomic():
                follow_up = FollowUp.objects.create(
                    item=row,
                    number=based_on + 1,
                    recorded_by=person,
                    **given[0],
                    **of_first,
                )
                _add_lines(follow_up, course, given)
        except IntegrityError:
            latest = latest_follow_up(row)
            if latest is None or latest.number == based_on:
                raise
            raise _changed(latest) from None
        record("follow-up", row.case, by=person, details=_details(follow_up) | sealed({FOLLOW_UP: [follow_up.pk]}))
    return follow_up


def latest_follow_up(item: AgendaItem) -> FollowUp | None:
    """The version in force."""
    return FollowUp.objects.filter(item=item).select_related("recorded_by").order_by("-number").first()


def empty_follow_up(case: Case) -> None:
    """Take from the follow-up of an erased case what is the patient's: words, months, the course; within an action."""
    FollowUp.objects.filter(item__case=case).update(
        words="",
        started_in="",
        stopped_in="",
        progression=Progression.UNKNOWN,
        progressed_in="",
        vital=Vital.UNKNOWN,
        vital_in="",
        not_carried_out_words="",
    )
    LaterCourse.objects.filter(follow_up__item__case=case).update(
        words="", started_in="", stopped_in="", progressed_in=""
    )
    typed = Toxicity.objects.filter(follow_up__item__case=case).exclude(term__in=TERMS)
    for number, toxicity in enumerate(typed.order_by("pk"), start=1):
        toxicity.term = f"{ERASED_TERM} {number}"
        toxicity.save()


def _add_lines(follow_up: FollowUp, course: Course, given: Sequence[Mapping[str, str]]) -> None:
    for number, (line, named) in enumerate(zip(course.later, given[1:], strict=True), start=2):
        facts = {field.name: getattr(line, field.name) for field in fields(line) if field.name not in LINES}
        LaterCourse.objects.create(follow_up=follow_up, line=number, **named, **facts)
    for event in course.toxicities:
        Toxicity.objects.create(follow_up=follow_up, **asdict(event))


def _guarded(course: Course) -> Course:
    """The course with its texts as they are kept: why not, and adverse events. Raises Refused."""
    events = tuple(
        event
        if is_listed(event.term)
        else replace(event, term=guard.kept(event.term, "toxicity.term", f"toxicities.{index}.term"))
        for index, event in enumerate(course.toxicities)
    )
    why = guard.kept(course.not_carried_out_words, "followup.not_carried_out_words")
    return replace(course, toxicities=events, not_carried_out_words=why)


def _given(choice: Choice, item: AgendaItem, index: int) -> dict[str, str]:
    """What was given in a course as it is kept, named by the release of the decision, or by the one in force."""
    knowledge = _knowledge(choice, item)
    try:
        kept = checked(choice, knowledge)
    except Refused as refusal:
        if index == 0:
            raise
        said = _("Course %(number)d: %(said)s") % {"number": index + 1, "said": refusal}
        raise Refused(said, f"later.{index - 1}.{refusal.field}") from None
    return {
        "kind": kept.kind,
        "option": kept.option,
        "option_name": name_of(kept, knowledge),
        "words": kept.words,
    }


def _knowledge(choice: Choice, item: AgendaItem) -> Knowledge:
    then = knowledge_of(item.version.release_id)
    if choice.option in then.regimens:
        return then
    try:
        return releases.current()
    except releases.ReleaseError:
        return then


def _refuse_unless_decided(item: AgendaItem) -> None:
    if item.case.is_erased or item.version is None:
        raise Refused(_("The case is erased."))
    if not Decision.objects.filter(item=item).exists():
        raise Refused(_("There is no decision yet."))


def _changed(latest: FollowUp) -> ChangedMeanwhile:
    said = _("%(person)s recorded version %(number)d of this follow-up while you were writing.")
    return ChangedMeanwhile(said % {"person": person_name(latest.recorded_by), "number": latest.number}, latest)


def _details(follow_up: FollowUp) -> dict[str, Any]:
    """What an event says of a follow-up: numbers alone."""
    item = follow_up.item
    return {"meeting": item.meeting_id, "item": item.pk, "follow-up": follow_up.number}
