"""Decisions that stay watched: what happened since is answered by a member, until the watch is closed."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import locked, writing
from audit.events import record
from boards import members
from boards.blindness import is_blind
from boards.errors import ChangedMeanwhile, Refused
from boards.models import GUARD, AgendaItem, Decision, Development
from boards.models.choices import Acknowledged

from .meetings import list_again

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def acknowledge(decision: Decision, *, shown: Collection[int], answer: str, by: User) -> AgendaItem | None:
    """What a member answers to what happened since a decision; `shown`: the developments that the member saw.

    Listed again, the case is on the board's next open agenda, whose item is given back, or waits for a meeting. Raises
    NotAllowed; ChangedMeanwhile where something happened that was not shown; Refused, which names the field.
    """
    person = members.decider(by, decision.item.meeting.board)
    with writing(GUARD):
        item = _watched(decision)
        if answer not in Acknowledged.values:
            raise Refused(_("Say what follows."), "answer")
        rows = Development.objects.select_for_update().filter(decision=decision, acknowledged_as="")
        waiting = list(rows.order_by("pk"))
        if {row.pk for row in waiting} - set(shown):
            raise ChangedMeanwhile(_("Something else has happened since you opened the page: look again."), waiting[-1])
        if not waiting:
            raise Refused(_("This has been answered already."))
        listed = _listed_again(item, person) if answer == Acknowledged.LISTED_AGAIN else None
        for row in waiting:
            row.acknowledged_as, row.acknowledged_at, row.acknowledged_by = answer, timezone.now(), person
            row.save()
        details = _details(decision) | {"developments": len(waiting), "answer": answer}
        record("acknowledge", item.case, by=person, details=details)
    return listed


def close_watch(decision: Decision, *, by: User) -> AgendaItem:
    """Watch a decision no more. Raises NotAllowed; Refused while something that speaks against it is not answered."""
    person = members.decider(by, decision.item.meeting.board)
    with writing(GUARD):
        item = _watched(decision)
        if Development.objects.filter(decision=decision, undermines=True, acknowledged_as="").exists():
            raise Refused(_("Answer first to what speaks against the decision."))
        item.watch_closed_at, item.watch_closed_by = timezone.now(), person
        item.save()
        record("close-watch", item.case, by=person, details=_details(decision))
    return item


def _watched(decision: Decision) -> AgendaItem:
    """The item of the decision in force, kept from others."""
    item = locked(decision.item, "case", "meeting__board")
    if item.case.is_erased:
        raise Refused(_("The case is erased."))
    if item.watch_closed_at is not None:
        raise Refused(_("The decision is not watched any more."))
    if is_blind(item.case_id):
        raise Refused(_("A vote on the case is open or to come: what happened since is shown once it is closed."))
    if Decision.objects.filter(item=item, number__gt=decision.number).exists():
        raise Refused(_("The decision has a newer version: look at that one."))
    return item


def _listed_again(item: AgendaItem, person: User) -> AgendaItem | None:
    """Where the case stands on an agenda; None where it waits for a meeting."""
    case = locked(item.case)
    there = AgendaItem.objects.filter(case=case, decisions__isnull=True, meeting__finished_at__isnull=True)
    if on_agenda := there.order_by("meeting__held_on", "pk").first():
        return on_agenda
    return list_again(item, question=_("The evidence has changed since the decision. Does it still hold?"), by=person)


def _details(decision: Decision) -> dict[str, object]:
    return {"meeting": decision.item.meeting_id, "item": decision.item_id, "decision": decision.number}
