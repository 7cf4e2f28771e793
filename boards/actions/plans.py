"""What becomes of a plan: how far a step has come, results of tests, and what is typed before it is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import locked, writing
from audit.events import record
from audit.people import person_name
from audit.records import sealed
from boards import members
from boards.errors import ChangedMeanwhile, Refused
from boards.models import GUARD, AgendaItem, CaseVersion, Decision, PlanDraft, PlanStep, StepProgress
from boards.models.choices import ChoiceKind, NotDone, StepState
from boards.plans import AGREED, Standing, identity_of, of_item
from boards.privacy import guard
from boards.sealing import PROGRESS, VERSION
from boards.shown.snapshot import Snapshot, not_entered_again, snapshot, with_result
from regimens import releases
from regimens.rules.first_edition import of_today
from regimens.rules.patient import FEATURES

from .cases import add_next, open_case
from .decisions import latest_decision
from .meetings import list_again, take_newest

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST_DRAFT = 60_000  # characters of all that is typed
LONGEST_PROGRESS = StepProgress._meta.get_field("words").max_length or 0


def record_progress(
    step: PlanStep, *, state: str, not_done: str = "", words: str = "", by: User
) -> StepProgress | None:
    """How far a recommendation of the plan in force has come; None where it is recorded so already.

    Raises NotAllowed; ChangedMeanwhile where its decision has a newer version; Refused, which names the field.
    """
    item = step.decision.item
    person = members.preparer(by, item.meeting.board)
    with writing(GUARD):
        row = locked(item, "case")
        here = _in_force(row, step)
        if state not in StepState.values:
            raise Refused(_("Say how far it has come."), "state")
        if state == StepState.NOT_DONE and not_done not in NotDone.values:
            raise Refused(_("Say why it was not carried out."), "not_done")
        kept = guard.kept(words, "stepprogress.words", "words")
        if len(kept) > LONGEST_PROGRESS:
            raise Refused(_("At most %(most)d characters.") % {"most": LONGEST_PROGRESS}, "words")
        code = not_done if state == StepState.NOT_DONE else ""
        before = here.record
        if state == here.state and (before.not_done, before.words) == (code, kept) if before else state == here.state:
            return before
        found = _add(step, state, person, code, kept)
        details = _details(step) | {"state": state} | sealed({PROGRESS: [found.pk]})
        record("record-progress", row.case, by=person, details=details)
    return found


def enter_result(step: PlanStep, *, value: str, by: User) -> CaseVersion:
    """The result of a test that a plan waits for, as the field of the patient form takes it.

    The case becomes a new version, ranked on the release in force, with that feature set in what was entered; the
    recommendation is done; and the case is put on the board's next open agenda, or waits for one. Nothing follows from
    a test without a result: it is recorded as not carried out, and the feature stays unknown.

    Raises NotAllowed; ChangedMeanwhile; NoRelease; Refused, which names the field.
    """
    item = step.decision.item
    person = members.preparer(by, item.meeting.board)
    with writing(GUARD):
        row = locked(item, "case")
        here, case = _in_force(row, step), open_case(row.case)
        assert case.current is not None
        if here.state == StepState.DONE and step.option in case.current.features:
            raise Refused(_("Its result has been entered."))
        kept = _with_result(case.current, step, value)
        version = add_next(case, kept, case.current.notes, case.current.wish, person)
        done = _add(step, StepState.DONE, person)
        listed = _listed_again(row, step, person)
        details = _details(step) | {"version": version.number, "listed": listed.meeting_id if listed else None}
        details |= sealed({VERSION: [version.pk], PROGRESS: [done.pk]})
        record("enter-result", case, by=person, details=details)
    return version


def choose_discussion(item: AgendaItem, *, is_needed: bool, by: User) -> AgendaItem:
    """Put a case on the list of those that need no discussion, which the chair's signature alone decides, or off it.

    Raises NotAllowed; Refused once something is decided.
    """
    person = members.chair(by, item.meeting.board)
    with writing(GUARD):
        row = locked(item, "case")
        if row.case.is_erased:
            raise Refused(_("The case is erased."))
        if latest_decision(row) is not None:
            raise Refused(_("The case is decided: how it was decided stays."))
        row.needs_discussion = is_needed
        row.save()
        details = {"meeting": row.meeting_id, "item": row.pk, "needs_discussion": is_needed}
        record("choose-discussion", row.case, by=person, details=details)
    return row


def save_draft(item: AgendaItem, *, fields: Sequence[tuple[str, str]], revision: int, by: User) -> PlanDraft:
    """A plan as it is being typed. `revision` is the one that the writer saw, 0 where there was none.

    Only the first of a writer's saves in a row is an event. Raises NotAllowed; ChangedMeanwhile where somebody else has
    saved since; Refused.
    """
    person = members.preparer(by, item.meeting.board)
    with writing(GUARD):
        row = locked(item, "case")
        if row.case.is_erased:
            raise Refused(_("The case is erased."))
        if sum(len(name) + len(value) for name, value in fields) > LONGEST_DRAFT:
            raise Refused(_("The draft is too long to be saved."))
        found = PlanDraft.objects.select_related("saved_by").filter(item=row).first()
        if found is not None and found.revision != revision:
            raise ChangedMeanwhile(_("%(person)s is typing as well.") % {"person": person_name(found.saved_by)}, found)
        is_new = found is None or found.saved_by_id != person.pk
        draft = found or PlanDraft(item=row, revision=0)
        draft.fields, draft.saved_by, draft.saved_at = [list(pair) for pair in fields], person, timezone.now()
        draft.revision += 1
        draft.save()
        if is_new:
            record("save-draft", row.case, by=person, details={"meeting": row.meeting_id, "item": row.pk})
    return draft


def _in_force(item: AgendaItem, step: PlanStep) -> Standing:
    """How far a recommendation has come, which is one of the plan in force."""
    if item.case.is_erased:
        raise Refused(_("The case is erased."))
    latest = latest_decision(item)
    if latest is None or latest.pk != step.decision_id:
        raise ChangedMeanwhile(_("The decision has a newer version: look at its plan."), latest)
    return of_item(item).get(identity_of(step), AGREED)


def _add(step: PlanStep, state: str, person: User, not_done: str = "", words: str = "") -> StepProgress:
    number = step.progress.count() + 1
    return StepProgress.objects.create(
        step=step, number=number, state=state, not_done=not_done, words=words, recorded_by=person
    )


def _with_result(version: CaseVersion, step: PlanStep, value: str) -> Snapshot:
    if step.kind != ChoiceKind.TEST_FIRST:
        raise Refused(_("Only a test has a result to enter."))
    if not value.strip():
        said = _("Say what %(test)s showed. A test without a result is recorded as not carried out: it stays unknown.")
        raise Refused(said % {"test": _(FEATURES[step.option].label)}, "value")
    form = with_result(version, step.option, value.strip(), releases.current())
    lost = [name for name in not_entered_again(version, form) if name != step.option]
    asked_again = of_today(version.features).to_ask
    kept = snapshot(form, form.knowledge)
    if kept is not None and (lost or asked_again):
        raise Refused(_("The release in force reads this patient differently: enter the result in the case’s form."))
    if kept is None:
        errors = [str(error) for listed in form.errors.values() for error in listed]
        raise Refused(" ".join(errors) or _("This cannot be entered."), "value")
    if step.option not in kept.features:
        raise Refused(_("This says nothing about %(test)s.") % {"test": _(FEATURES[step.option].label)}, "value")
    return kept


def _listed_again(item: AgendaItem, step: PlanStep, person: User) -> AgendaItem | None:
    """The item of an open agenda on which the case is now; None where it waits for one."""
    there = AgendaItem.objects.filter(case=item.case, meeting__fixed_at__isnull=True, decisions__isnull=True).first()
    if there is not None:
        return take_newest(there, by=person)
    question = _("%(test)s is known now. Does the plan still hold?") % {"test": _(FEATURES[step.option].label)}
    return list_again(item, question=question, by=person)


def _details(step: PlanStep) -> dict[str, object]:
    decision: Decision = step.decision
    place = {"decision": decision.number, "step": step.position}
    return {"meeting": decision.item.meeting_id, "item": decision.item_id} | place
