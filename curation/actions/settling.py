"""Where two readings of a figure differ, a third person decides which is right.

What is decided comes into the entry by a proposal, as everything does: all of a publication in one, since rules such as
responders by evaluable patients hold between figures. Decision: docs/adr/0012-reading-twice.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import exclusive
from audit.errors import ActionRefused, NotAllowed
from audit.events import record
from audit.people import permitted
from curation.errors import AlreadyDecided
from curation.models import Proposal, ReadingTask
from curation.permissions import PROPOSE
from regimens.models.choices import EntryKind, ProposalStatus, ReadingOutcome
from regimens.models.cohort_figures import is_allowed, range_of
from regimens.rules.readings import figures_of, matching

from .embedded_readings import DECLINED, content_in_force, settlements, with_readings
from .proposals import Change, Proposed, propose_as_read

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet


@dataclass(frozen=True)
class FigureDecision:
    """What stands of a figure on which readings differ; value, at and how are of a third reading alone."""

    task: ReadingTask
    outcome: ReadingOutcome
    value: float | None = None
    at: str = ""
    how: str = ""


def settle(key: str, *, decisions: Sequence[FigureDecision], comment: str, by: User) -> Proposed:
    """Decide on open tasks of one publication, and propose what stands: all of them in one proposal.

    By a person who read none of it, unless nobody else may. Raises NotAllowed, AlreadyDecided; ActionRefused without a
    comment or a decision, and where a figure on record changed since; InvalidContent.
    """
    person = permitted(by, PROPOSE)
    comment = comment.strip()
    with exclusive():
        if not decisions:
            raise ActionRefused(_("Decide on at least one figure."))
        if not comment:
            raise ActionRefused(_("Say why: a comment is required."))
        content = content_in_force(key)
        if content is None:
            raise ActionRefused(_("The publication is not in force."))
        now = timezone.now()
        tasks = [_resolved(decision, content, comment, now, person) for decision in decisions]
        is_reader = any(person.pk in _readers(task) for task in tasks)
        reason = f"Decided between readings that differ: {comment}"
        if is_reader:
            reason += " (By one of the readers, since nobody else may propose.)"
        proposed = propose_as_read(
            Change(EntryKind.PUBLICATIONS, key, with_readings(content, key, settlements(tasks))),
            reason=reason,
            source="; ".join(sorted({task.settled_at for task in tasks})),
            by=person,
        )
        for task in tasks:
            task.proposal = proposed.proposal
            task.save()
        details = {
            "proposal": proposed.proposal.pk,
            "tasks": {str(task.pk): task.outcome for task in tasks},
            "by_a_reader": is_reader,
        }
        record("settle-readings", key, by=person, details=details)
    return proposed


def reopen(task: ReadingTask, *, by: User) -> ReadingTask:
    """Open a task anew whose decision was not accepted. Raises NotAllowed, AlreadyDecided."""
    person = permitted(by, PROPOSE)
    with exclusive():
        row = ReadingTask.objects.select_related("proposal").get(pk=task.pk)
        if not may_reopen(row):
            raise AlreadyDecided(_("It is open, or its decision waits or is in force."))
        again = ReadingTask.objects.create(
            **{
                name: getattr(row, name)
                for name in (
                    *("reading", "publication", "position", "arm", "subgroup", "figure", "recorded", "read"),
                    *("first_reader", "recorded_at"),
                )
            }
        )
        record("reopen-reading-task", again, by=person, details={"task": again.pk, "former": row.pk})
    return again


def may_reopen(task: ReadingTask) -> bool:
    """Whether a decision was not accepted, nobody opened it anew, and there is something to decide still."""
    if task.is_open or _newer(task):
        return False
    last = last_proposal(task)
    is_declined = last.status in DECLINED or (last != task.proposal and last.status == ProposalStatus.SUPERSEDED)
    return is_declined and not is_overtaken(task, content_in_force(task.publication))


def last_proposal(task: ReadingTask) -> Proposal:
    """The proposal of a decision, or what was made of it where a change was asked for."""
    last = task.proposal
    while revised := Proposal.objects.filter(replaces=last).select_related("proposer").order_by("-pk").first():
        last = revised
    return last


def open_tasks(key: str = "") -> list[ReadingTask]:
    """The figures on which readings differ and nobody has decided, the oldest first."""
    return [task for task, is_over in _undecided(key) if not is_over]


def overtaken_tasks(key: str = "") -> list[ReadingTask]:
    """Those that nobody decided and nobody can any more: the figure on record is another one by now, or gone."""
    return [task for task, is_over in _undecided(key) if is_over]


def is_overtaken(task: ReadingTask, content: Mapping[str, Any] | None) -> bool:
    """Whether the figure on record, in what is in force, is not the one from which a reader differed.

    Both readings were of the figure that was there; what stands instead was read by who proposed it.
    """
    if content is None:
        return True
    index = matching(content["results"], task.position, task.arm, task.subgroup or None)
    return index is None or figures_of(content["results"][index]).get(task.figure) != task.recorded


def who_may_settle(tasks: Iterable[ReadingTask]) -> list[User]:
    """The people who may decide on all of the tasks: who read none of it, or, where there is nobody, its readers."""
    readers = {pk for task in tasks for pk in _readers(task)}
    people = [person for person in _people() if person.has_perm(PROPOSE)]
    return [person for person in people if person.pk not in readers] or people


def why_not_to_settle(tasks: Iterable[ReadingTask], by: User) -> str:
    """Why a person cannot decide on any of the tasks, in words; empty where they can."""
    for task in tasks:
        readers = _readers(task)
        if by.pk in readers and _others_exist(readers):
            return _("You are one of the two readers: another person decides which is right.")
    return ""


def is_last_resort(tasks: Iterable[ReadingTask], by: User) -> bool:
    """Whether a person is one of the readers, and may decide since nobody else may."""
    return any(by.pk in (readers := _readers(task)) and not _others_exist(readers) for task in tasks)


def _resolved(
    decision: FigureDecision, content: Mapping[str, Any], comment: str, now: Any, person: User
) -> ReadingTask:
    """The task as it will be, unsaved."""
    task = ReadingTask.objects.select_related("reading__reader", "first_reader").get(pk=decision.task.pk)
    if not task.is_open or task.publication != content["key"]:
        raise AlreadyDecided(_("This has already been decided: %(task)s.") % {"task": task})
    if why := why_not_to_settle([task], person):
        raise NotAllowed(why)
    if is_overtaken(task, content):
        raise ActionRefused(
            _("%(task)s: the figure on record has changed since, so there is nothing to decide.") % {"task": task}
        )
    task.outcome = decision.outcome
    task.comment, task.resolved_by, task.resolved_at = comment, person, now
    if decision.outcome == ReadingOutcome.FIRST:
        task.settled, task.settled_at, task.settled_how = task.recorded, task.recorded_at, content["verified"]
    elif decision.outcome == ReadingOutcome.SECOND:
        task.settled, task.settled_at, task.settled_how = task.read, task.reading.at, task.reading.how
    else:
        task.settled, task.settled_at, task.settled_how = decision.value, decision.at.strip(), decision.how
        if task.settled is not None and not is_allowed(task.figure, task.settled):
            raise ActionRefused(f"{task.figure} {task.settled:g}: {range_of(task.figure)}")
        if not task.settled_at:
            raise ActionRefused(_("Say where you read the third value."))
    return task


def _readers(task: ReadingTask) -> set[int]:
    return {pk for pk in (task.first_reader_id, task.reading.reader_id) if pk is not None}


def _others_exist(readers: set[int]) -> bool:
    """Whether someone who read none of it may propose."""
    return any(person.has_perm(PROPOSE) for person in _people().exclude(pk__in=readers).iterator())


def _people() -> QuerySet[User]:
    return get_user_model().objects.filter(is_active=True).order_by("username")


def _undecided(key: str) -> Iterator[tuple[ReadingTask, bool]]:
    rows = ReadingTask.objects.filter(outcome="").select_related("reading__reader", "first_reader").order_by("pk")
    contents: dict[str, dict[str, Any] | None] = {}
    for task in rows.filter(publication=key) if key else rows:
        if task.publication not in contents:
            contents[task.publication] = content_in_force(task.publication)
        yield task, is_overtaken(task, contents[task.publication])


def _newer(task: ReadingTask) -> bool:
    """Whether the same difference was opened anew."""
    same = ReadingTask.objects.filter(
        reading=task.reading_id, position=task.position, arm=task.arm, subgroup=task.subgroup, figure=task.figure
    )
    return same.filter(pk__gt=task.pk).exists()
