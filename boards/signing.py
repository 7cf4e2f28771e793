"""Who signs a decision: present members who decide, or the chair where it needs no discussion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from boards import members
from boards.models import Decision, Membership, Signature
from boards.models.choices import DECIDING_ROLES, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def to_sign(person: User) -> QuerySet[Decision]:
    """The decisions that wait for a person's signature, the oldest meeting first."""
    mine = Membership.objects.filter(members.IN_FORCE, person=person, role__in=DECIDING_ROLES)
    chaired = mine.filter(role=Role.CHAIR)
    later = Decision.objects.filter(item=OuterRef("item"), number__gt=OuterRef("number"))
    complete = Signature.objects.filter(decision=OuterRef("pk"), place=OuterRef("signatures_needed"))
    there = Decision.objects.filter(
        Q(signatures_needed__gt=1) | Q(item__meeting__board__in=chaired.values("board")),
        item__meeting__board__in=mine.values("board"),
        item__case__erased_at__isnull=True,
        presences__person=person,
    )
    waiting = there.exclude(Exists(later)).exclude(Exists(complete)).exclude(signatures__person=person)
    return waiting.order_by("item__meeting__held_on", "item__meeting", "item__position")


def who_may_sign(decision: Decision) -> list[User]:
    """Those who may sign it and have not, by name; nobody once it has its signatures."""
    signed = set(decision.signatures.values_list("person_id", flat=True))
    if len(signed) >= decision.signatures_needed:
        return []
    deciding = members.deciding_members_of(decision.item.meeting.board)
    if decision.signatures_needed == 1:
        deciding = deciding.filter(role=Role.CHAIR)
    present = decision.presences.values("person")
    return [held.person for held in deciding.filter(person__in=present).exclude(person__in=signed)]


def why_not(decision: Decision, person: User) -> str:
    """Why a person of the board cannot sign it, for who asks before trying; empty where they can."""
    if any(each.pk == person.pk for each in who_may_sign(decision)):
        return ""
    signed = decision.signatures.values_list("person_id", flat=True)
    if len(signed) >= decision.signatures_needed:
        return _("It has its signatures.")
    if person.pk in signed:
        return _("You have signed. Another member signs in the second place.")
    if decision.signatures_needed == 1:
        return _("The chair alone signs a case that was not discussed, and has to have been present.")
    if not members.deciding_members_of(decision.item.meeting.board).filter(person=person).exists():
        return _("Members of the board sign; your role does not.")
    return _("Only who was present when this was decided signs it, and you are not among them.")
