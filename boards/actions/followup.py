"""What came of a decision: recorded in versions, of which none is changed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import locked, writing
from audit.events import record
from audit.people import person_name
from boards import members
from boards.choice import Choice, checked, name_of
from boards.errors import ChangedMeanwhile, Refused
from boards.models import GUARD, AgendaItem, Case, Decision, FollowUp, LaterCourse
from boards.models.followup import Progression, Vital
from boards.outcomes.course import Course
from boards.outcomes.course import checked as checked_course
from boards.shown.stored_ranking import knowledge_of
from regimens import releases
from regimens.rules.knowledge import Knowledge

if TYPE_CHECKING:
    from django.contrib.auth.models import User


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
        given, name = _given(course.given, row)
        kept = asdict(checked_course(course, listed_on=row.listed_at.date(), today=timezone.localdate()))
        del kept["given"]
        try:
            with transaction.atomic():
                follow_up = FollowUp.objects.create(
                    item=row,
                    number=based_on + 1,
                    kind=given.kind,
                    option=given.option,
                    option_name=name,
                    words=given.words,
                    recorded_by=person,
                    **kept,
                )
        except IntegrityError:
            latest = latest_follow_up(row)
            if latest is None or latest.number == based_on:
                raise
            raise _changed(latest) from None
        record("follow-up", row.case, by=person, details=_details(follow_up))
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


def _given(choice: Choice, item: AgendaItem) -> tuple[Choice, str]:
    """What was given as it is kept, and its name: by the release in force, or by that of the decision."""
    knowledge = _knowledge(choice, item)
    kept = checked(choice, knowledge)
    return kept, name_of(kept, knowledge)


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
