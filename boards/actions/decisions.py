"""Decisions: recorded as versions with their plans, signed, corrected by a further version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actions import locked, writing
from audit.events import record
from audit.people import person_name
from boards import members
from boards.choice import Choice, name_of
from boards.errors import ChangedMeanwhile, Refused
from boards.models import GUARD, AgendaItem, Decision, PlanDraft, PlanStep, Presence, Signature, StepProgress
from boards.models.choices import BEFORE_TREATMENT, ChoiceKind, Reason
from boards.models.decision import SIGNATURES
from boards.plans import (
    AGREED,
    PLANNED,
    Identity,
    Standing,
    Step,
    checked_steps,
    headline,
    identity_of,
    of_item,
)
from boards.privacy import guard
from boards.sealing import of_decision, of_signature
from boards.shown.stored_ranking import Frozen
from regimens.rules.assessment import Band
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE

from .cases import settle
from .meetings import is_under_signature, side_by_side
from .room import quorum_missing, refuse_unless_in_session
from .votes import forget_voters

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class PlaceOfChoice:
    """Where a choice stands in the frozen ranking; `is_recommended` is null where no option is decided on yet."""

    is_recommended: bool | None
    agrees_with_first: bool = False
    rank: int | None = None
    level: str = ""


def record_decision(
    item: AgendaItem,
    *,
    based_on: int,
    rationale: str,
    present: Iterable[User],
    by: User,
    choice: Choice | None = None,
    steps: Sequence[Step] = (),
    guests: str = "",
    dissent: str = "",
    would_change: str = "",
    reason: str = "",
    reason_words: str = "",
    correction: str = "",
    question: str | None = None,
    options: Sequence[str] | None = None,
) -> Decision:
    """A further version of the decision on an item: a plan of `steps`, or of the one `choice`.

    `based_on` is the number of the version that the writer saw, 0 where there was none. `question` and `options` are
    those of a correction; where they are None they stay as the version before showed them, and without options
    those stand side by side that would anyway. Raises ChangedMeanwhile where there is a newer one by now; NotAllowed;
    Refused, which names the field.
    """
    person = members.preparer(by, item.meeting.board)
    guests, dissent = guard.kept(guests, "decision.guests"), guard.kept(dissent, "decision.dissent")
    would_change = guard.kept(would_change, "decision.would_change")
    written = Written(
        steps=tuple(steps) if choice is None else (Step(choice), *steps),
        rationale=guard.kept(rationale, "decision.rationale"),
        present=frozenset(each.pk for each in present),
        reason=reason,
        reason_words=guard.kept(reason_words, "decision.reason_words"),
        correction=guard.kept(correction, "decision.correction"),
        question=None if question is None else guard.kept(question, "agendaitem.question"),
        options=options,
    )
    with writing(GUARD):
        row = locked(item, "meeting__board", "case", "version__case")
        _refuse_unless_ready(row)
        latest = latest_decision(row)
        refuse_unless_in_session(row, is_decided=latest is not None)
        if (latest.number if latest else 0) != based_on:
            raise _changed(row)
        frozen = Frozen(row.version)
        kept, wrong = looked_through(row, written, frozen=frozen, latest=latest)
        if wrong:
            raise wrong[0]
        first = headline(kept, is_whole=True)
        assert first is not None
        place = place_of(first.choice, frozen)
        before = of_item(row)
        try:
            with transaction.atomic():
                decision = Decision.objects.create(
                    item=row,
                    number=based_on + 1,
                    kind=first.choice.kind,
                    option=first.choice.option,
                    option_name=name_of(first.choice, frozen.knowledge),
                    words=first.choice.words,
                    rationale=written.rationale,
                    guests=guests,
                    dissent=dissent,
                    would_change=would_change,
                    reason=reason if place.is_recommended is False else "",
                    reason_words=written.reason_words if place.is_recommended is False else "",
                    is_recommended=place.is_recommended,
                    agrees_with_first=place.agrees_with_first,
                    rank=place.rank,
                    level=place.level,
                    first_level=frozen.first.level if frozen.first else None,
                    correction=written.correction if latest and is_complete(latest) else "",
                    shown=_shown(row, written, latest, frozen),
                    signatures_needed=SIGNATURES if row.needs_discussion else 1,
                    decided_by=person,
                )
        except IntegrityError:
            if latest_number(row) == based_on:
                raise
            raise _changed(row) from None
        for pk in sorted(written.present):
            Presence.objects.create(decision=decision, person_id=pk)
        for position, step in enumerate(kept, start=1):
            _add_step(decision, position, step, frozen, before, person)
        PlanDraft.objects.filter(item=row).delete()
        settle(row.case)
        record("decide", row.case, by=person, details=_details(decision) | of_decision(decision))
    return decision


@dataclass(frozen=True)
class Written:
    """What somebody wrote of a decision, unchecked; `present` are the keys of accounts."""

    steps: Sequence[Step]
    rationale: str
    present: frozenset[int]
    reason: str = ""
    reason_words: str = ""
    correction: str = ""
    question: str | None = None
    options: Sequence[str] | None = None


def looked_through(
    item: AgendaItem, written: Written, *, frozen: Frozen, latest: Decision | None
) -> tuple[list[Step], list[Refused]]:
    """The recommendations as they are kept, and everything for which the decision is refused, each naming its field."""
    on_board = frozenset(held.person_id for held in members.members_of(item.meeting.board))
    kept, wrong = checked_steps(
        written.steps, knowledge=frozen.knowledge, held_on=item.meeting.held_on, people=on_board
    )
    unread = [int(each.field.split("-")[1]) for each in wrong if each.field.endswith(("-do", "-words"))]
    first = headline(kept[: min(unread, default=len(kept))], is_whole=not unread)
    if first:
        wrong += _reasons_missing(place_of(first.choice, frozen), written, frozen)
    if not written.rationale:
        wrong.append(Refused(_("Say why, in a sentence or two."), "rationale"))
    if not written.present:
        wrong.append(Refused(_("Say who was present."), "present"))
    elif gone := written.present - on_board:
        wrong.append(Refused(_only_members(gone), "present"))
    else:
        wrong += quorum_missing(item, written.present)
    if latest and is_complete(latest) and not written.correction:
        wrong.append(Refused(_("The decision is signed: say why it is corrected."), "correction"))
    if written.options and is_under_signature(item):
        try:
            side_by_side(frozen, written.options)
        except Refused as refusal:
            wrong.append(refusal)
    return kept, wrong


def sign(decision: Decision, *, by: User) -> Signature:
    """A member's signature; after the second one it is read-only. Raises NotAllowed, ChangedMeanwhile, Refused."""
    person = members.decider(by, decision.item.meeting.board)
    with writing(GUARD):
        row = locked(decision.item, "meeting__board", "case")
        if row.case.is_erased:
            raise Refused(_("The case is erased."))
        latest = latest_decision(row)
        if latest is None or latest.pk != decision.pk:
            raise _changed(row)
        if not latest.presences.filter(person=person).exists():
            raise Refused(_("Only who was present when this was decided may sign it."))
        signed = list(latest.signatures.values_list("person_id", flat=True))
        if person.pk in signed:
            raise Refused(_("You have signed this version: another member signs in the second place."))
        if len(signed) >= latest.signatures_needed:
            raise Refused(_("The decision has its signatures."))
        if latest.signatures_needed == 1:
            members.chair(person, row.meeting.board)
        signature = Signature.objects.create(decision=latest, place=len(signed) + 1, person=person)
        if signature.place == latest.signatures_needed:
            forget_voters(row)
        details = _details(latest) | {"place": signature.place} | of_signature(signature)
        record("sign", row.case, by=person, details=details)
    return signature


def latest_decision(item: AgendaItem) -> Decision | None:
    """The version in force."""
    return Decision.objects.filter(item=item).select_related("decided_by").order_by("-number").first()


def latest_number(item: AgendaItem) -> int:
    latest = latest_decision(item)
    return latest.number if latest else 0


def is_complete(decision: Decision) -> bool:
    """Whether every signature is there that it needs."""
    return Signature.objects.filter(decision=decision, place=decision.signatures_needed).exists()


def place_of(choice: Choice, frozen: Frozen) -> PlaceOfChoice:
    """Where a choice stands in the ranking as it was shown."""
    if choice.kind in BEFORE_TREATMENT:
        return PlaceOfChoice(None)
    slug = {ChoiceKind.RANKED: choice.option, ChoiceKind.SUPPORTIVE: BEST_SUPPORTIVE_CARE}.get(ChoiceKind(choice.kind))
    standing = frozen.standing(slug) if slug else None
    if standing is None:
        return PlaceOfChoice(False)
    return PlaceOfChoice(standing.band is Band.RECOMMENDED, standing.rank == 1, standing.rank, standing.level)


def _shown(item: AgendaItem, written: Written, latest: Decision | None, frozen: Frozen) -> dict[str, Any]:
    """What the documents of a decision show beside it and what is frozen anyway: kept as it is now.

    Once anything was signed, the item keeps its question and options, and a decision says its own.
    """
    board, question, options = item.meeting.board, item.question, item.options
    if latest is not None and is_under_signature(item):
        question = latest.shown.get("question", question) if written.question is None else written.question
        former = latest.shown.get("options", options)
        if written.options is None:
            options = former
        else:
            options = side_by_side(frozen, written.options, former) if written.options else []
    return {
        "label": item.case.label,
        "question": question,
        "options": options,
        "board": board.name,
        "header": board.header,
        "place": item.meeting.place,
    }


def _add_step(
    decision: Decision, position: int, step: Step, frozen: Frozen, before: Mapping[Identity, Standing], person: User
) -> None:
    place = place_of(step.choice, frozen)
    row = PlanStep.objects.create(
        decision=decision,
        position=position,
        kind=step.choice.kind,
        option=step.choice.option,
        option_name=name_of(step.choice, frozen.knowledge),
        words=step.choice.words,
        condition=step.condition,
        reason=step.reason,
        is_recommended=place.is_recommended,
        rank=place.rank,
        level=place.level,
        owner=step.owner,
        owner_words=step.owner_words,
        due_on=step.due_on,
    )
    former = before.get(identity_of(row), AGREED)
    if step.state in PLANNED and step.state != former.state:
        StepProgress.objects.create(step=row, number=1, state=step.state, recorded_by=person)


def _reasons_missing(place: PlaceOfChoice, written: Written, frozen: Frozen) -> Iterator[Refused]:
    if place.is_recommended is not False:
        return
    if written.reason not in Reason.values:
        yield Refused(_("It is not among the recommended: give a reason."), "reason")
    elif written.reason == Reason.NONE_RECOMMENDED and frozen.recommends_treatment:
        yield Refused(_("The ranking does recommend a treatment: give another reason."), "reason")
    if not written.reason_words:
        yield Refused(_("Give the reason in words as well."), "reason_words")


def _only_members(people: Iterable[int]) -> str:
    named = get_user_model().objects.filter(pk__in=people).order_by("username")
    said = _("Only members of the board can be present; name others as guests. Not on the board: %(people)s.")
    return said % {"people": ", ".join(person_name(person) for person in named)}


def _refuse_unless_ready(item: AgendaItem) -> None:
    if item.case.is_erased or item.version is None:
        raise Refused(_("The case is erased."))
    if not item.meeting.is_fixed:
        raise Refused(_("The agenda has to be fixed before anything on it is decided."))
    if item.is_hidden:
        raise Refused(_("The vote has to be closed before anything is decided."))


def _changed(item: AgendaItem) -> ChangedMeanwhile | Refused:
    latest = latest_decision(item)
    if latest is None:
        return Refused(_("There is no decision yet."))
    said = _("%(person)s recorded version %(number)d of this decision while you were writing.")
    return ChangedMeanwhile(said % {"person": person_name(latest.decided_by), "number": latest.number}, latest)


def _details(decision: Decision) -> dict[str, Any]:
    """What an event says of a decision: numbers alone, since what was chosen is the patient's."""
    return {"meeting": decision.item.meeting_id, "item": decision.item_id, "decision": decision.number}
