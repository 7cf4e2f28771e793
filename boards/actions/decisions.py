"""Decisions: recorded as versions, signed by two, corrected by a further version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actions import locked, writing
from audit.events import record
from audit.people import person_name
from boards import members
from boards.choice import Choice, checked, name_of
from boards.errors import ChangedMeanwhile, Refused
from boards.models import GUARD, AgendaItem, Decision, Presence, Signature
from boards.models.choices import BEFORE_TREATMENT, ChoiceKind, Reason
from boards.models.decision import SIGNATURES
from boards.shown.stored_ranking import Frozen
from regimens.rules.assessment import Band
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE

from .cases import settle
from .room import refuse_below_quorum, refuse_unless_in_session
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
    choice: Choice,
    rationale: str,
    present: Iterable[User],
    by: User,
    guests: str = "",
    dissent: str = "",
    reason: str = "",
    reason_words: str = "",
    correction: str = "",
) -> Decision:
    """A further version of the decision on an item.

    `based_on` is the number of the version that the writer saw, 0 where there was none. Raises ChangedMeanwhile where
    there is a newer one by now; NotAllowed; Refused, which names the field.
    """
    person = members.preparer(by, item.meeting.board)
    with writing(GUARD):
        row = locked(item, "meeting__board", "case", "version__case")
        _refuse_unless_ready(row)
        latest = latest_decision(row)
        refuse_unless_in_session(row, is_decided=latest is not None)
        if (latest.number if latest else 0) != based_on:
            raise _changed(row)
        if latest and is_complete(latest) and not correction.strip():
            raise Refused(_("The decision is signed: say why it is corrected."), "correction")
        frozen = Frozen(row.version)
        kept = checked(choice, frozen.knowledge)
        place = place_of(kept, frozen)
        _check_reason(place, reason, reason_words, frozen)
        if not rationale.strip():
            raise Refused(_("Say why, in a sentence or two."), "rationale")
        try:
            with transaction.atomic():
                decision = Decision.objects.create(
                    item=row,
                    number=based_on + 1,
                    kind=kept.kind,
                    option=kept.option,
                    option_name=name_of(kept, frozen.knowledge),
                    words=kept.words,
                    rationale=rationale.strip(),
                    guests=guests.strip(),
                    dissent=dissent.strip(),
                    reason=reason if place.is_recommended is False else "",
                    reason_words=reason_words.strip() if place.is_recommended is False else "",
                    is_recommended=place.is_recommended,
                    agrees_with_first=place.agrees_with_first,
                    rank=place.rank,
                    level=place.level,
                    first_level=frozen.first.level if frozen.first else None,
                    correction=correction.strip() if latest and is_complete(latest) else "",
                    shown=_shown(row),
                    signatures_needed=SIGNATURES if row.needs_discussion else 1,
                    decided_by=person,
                )
        except IntegrityError:
            if latest_number(row) == based_on:
                raise
            raise _changed(row) from None
        _add_presences(decision, row, present)
        settle(row.case)
        record("decide", row.case, by=person, details=_details(decision))
    return decision


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
        record("sign", row.case, by=person, details=_details(latest) | {"place": signature.place})
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


def _shown(item: AgendaItem) -> dict[str, Any]:
    """What the documents of a decision show beside it and what is frozen anyway: kept as it is now."""
    board = item.meeting.board
    return {
        "label": item.case.label,
        "question": item.question,
        "options": item.options,
        "board": board.name,
        "header": board.header,
        "place": item.meeting.place,
    }


def _check_reason(place: PlaceOfChoice, reason: str, words: str, frozen: Frozen) -> None:
    if place.is_recommended is not False:
        return
    if reason not in Reason.values:
        raise Refused(_("It is not among the recommended: give a reason."), "reason")
    if reason == Reason.NONE_RECOMMENDED and frozen.recommends_treatment:
        raise Refused(_("The ranking does recommend a treatment: give another reason."), "reason")
    if not words.strip():
        raise Refused(_("Give the reason in words as well."), "reason_words")


def _refuse_unless_ready(item: AgendaItem) -> None:
    if item.case.is_erased or item.version is None:
        raise Refused(_("The case is erased."))
    if not item.meeting.is_fixed:
        raise Refused(_("The agenda has to be fixed before anything on it is decided."))
    if item.is_hidden:
        raise Refused(_("The vote has to be closed before anything is decided."))


def _add_presences(decision: Decision, item: AgendaItem, present: Iterable[User]) -> None:
    on_board = {held.person_id for held in members.members_of(item.meeting.board)}
    chosen = {person.pk for person in present}
    if not chosen:
        raise Refused(_("Say who was present."), "present")
    if chosen - on_board:
        raise Refused(_("Only members of the board can be present; name others as guests."), "present")
    refuse_below_quorum(item, chosen)
    for pk in sorted(chosen):
        Presence.objects.create(decision=decision, person_id=pk)


def _changed(item: AgendaItem) -> ChangedMeanwhile | Refused:
    latest = latest_decision(item)
    if latest is None:
        return Refused(_("There is no decision yet."))
    said = _("%(person)s recorded version %(number)d of this decision while you were writing.")
    return ChangedMeanwhile(said % {"person": person_name(latest.decided_by), "number": latest.number}, latest)


def _details(decision: Decision) -> dict[str, Any]:
    """What an event says of a decision: numbers alone, since what was chosen is the patient's."""
    return {"meeting": decision.item.meeting_id, "item": decision.item_id, "decision": decision.number}
