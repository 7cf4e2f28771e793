"""Decisions of a board, each save a row of its own, and the two signatures that close one."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .base import BoardRow, choice_constraint, choice_constraints, choice_field, option_field
from .choices import ChoiceKind, Reason
from .meeting import AgendaItem

SIGNATURES = 2


class Decision(BoardRow):
    """What a board decided on an item. Never changed: a correction is the next number.

    words           what `other` is, or adds to what `option` names
    option_name     what `option` is called in the release of the item
    correction      why it takes the place of a signed one
    guests          those present who are not on the board: roles, not patients
    is_recommended  whether the option was among the recommended of the frozen ranking; null for a test first
    rank, level     of the option in the frozen ranking
    agrees_with_first  whether the option was the first of the ranking
    first_level     the level of evidence of the first of the ranking; null where nothing was ranked
    """

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    kind = choice_field()
    option = option_field()
    option_name = models.CharField(max_length=200, blank=True)
    words = models.CharField(max_length=200, blank=True)
    rationale = models.TextField(blank=True)
    present = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Presence", related_name="+")
    guests = models.CharField(max_length=300, blank=True)
    dissent = models.TextField(blank=True)
    reason = models.CharField(max_length=30, choices=Reason, blank=True)
    reason_words = models.TextField(blank=True)
    is_recommended = models.BooleanField(null=True)
    agrees_with_first = models.BooleanField(default=False)
    rank = models.PositiveSmallIntegerField(null=True, blank=True)
    level = models.CharField(max_length=1, blank=True)
    first_level = models.CharField(max_length=1, null=True, blank=True)  # noqa: DJ001 - added without a default
    correction = models.TextField(blank=True)
    decided_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="decision_number_is_unique"),
            models.CheckConstraint(condition=Q(number__gte=1), name="decision_numbers_start_at_1"),
            *choice_constraints("decision"),
            choice_constraint("decision", "reason", Reason, empty=True),
            models.CheckConstraint(
                condition=Q(kind=ChoiceKind.TEST_FIRST, is_recommended__isnull=True)
                | ~Q(kind=ChoiceKind.TEST_FIRST) & Q(is_recommended__isnull=False),
                name="decision_test_first_decides_on_no_option",
            ),
            models.CheckConstraint(
                condition=~Q(is_recommended=False) | ~Q(reason=""), name="decision_departing_has_a_coded_reason"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[ChoiceKind.RANKED, ChoiceKind.SUPPORTIVE]) | ~Q(is_recommended=True),
                name="decision_recommended_is_of_the_ranking",
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.number} on {self.item}"


class Presence(BoardRow):
    """Who of the board was present."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="presences")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["person__username"]
        constraints = [models.UniqueConstraint(fields=["decision", "person"], name="presence_is_said_once")]

    def __str__(self) -> str:
        return f"{self.person}, {self.decision}"


class Signature(BoardRow):
    """A member's signature under a decision, in the first or the second place."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="signatures")
    place = models.PositiveSmallIntegerField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "place"], name="signature_has_its_place"),
            models.UniqueConstraint(fields=["decision", "person"], name="signature_is_of_another_person"),
            models.CheckConstraint(condition=Q(place__in=[1, SIGNATURES]), name="signature_is_one_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.decision}"
