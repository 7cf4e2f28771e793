"""Decisions of a board, each save a row of its own, with its plan of care, and the signatures that close one."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from regimens.models import KnowledgeRelease
from regimens.models.base import choice_constraint

from .base import BoardRow, choice_constraints, choice_field, option_field, person_field
from .choices import (
    BEFORE_TREATMENT,
    Acknowledged,
    ChoiceKind,
    DevelopmentKind,
    NotDone,
    Reason,
    StepState,
)
from .meeting import AgendaItem

SIGNATURES = 2  # of a case that was discussed; one of a case of the standard-of-care list


class Decision(BoardRow):
    """What a board decided on an item. Never changed: a correction is the next number.

    kind, option    of the first treatment of the plan, or of its first recommendation where it has no treatment
    shown           what else its documents show, as it was when it was recorded: the case's label, the question, the
                    options side by side, the names of board and place; empty once the case is erased
    would_change    what would change the decision
    signatures_needed  two, or the chair's alone
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
    would_change = models.TextField(blank=True)
    shown = models.JSONField(default=dict, blank=True)
    signatures_needed = models.PositiveSmallIntegerField(default=SIGNATURES)
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
                condition=Q(kind__in=[kind.value for kind in BEFORE_TREATMENT], is_recommended__isnull=True)
                | ~Q(kind__in=[kind.value for kind in BEFORE_TREATMENT]) & Q(is_recommended__isnull=False),
                name="decision_before_treatment_decides_on_no_option",
            ),
            models.CheckConstraint(
                condition=Q(signatures_needed__in=[1, SIGNATURES]), name="decision_needs_one_or_two_signatures"
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


class PlanStep(BoardRow):
    """A recommendation of a decision's plan, in order. Never changed; a decision from before plans has none.

    kind, option, words   as in a decision; option_name is what `option` is called
    condition       under which it is to be done, such as "if DPD is normal"; empty where it is to be done anyway
    rank, level, is_recommended   of the option in the frozen ranking; null or empty where it stands in none
    owner, owner_words   who sees to it: an account, or a role in words
    due_on          by when
    """

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    kind = choice_field()
    option = option_field()
    option_name = models.CharField(max_length=200, blank=True)
    words = models.CharField(max_length=200, blank=True)
    condition = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    is_recommended = models.BooleanField(null=True)
    rank = models.PositiveSmallIntegerField(null=True, blank=True)
    level = models.CharField(max_length=1, blank=True)
    owner = person_field(null=True, blank=True)
    owner_words = models.CharField(max_length=80, blank=True)
    due_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "position"], name="planstep_has_its_own_place"),
            models.CheckConstraint(condition=Q(position__gte=1), name="planstep_places_start_at_1"),
            *choice_constraints("planstep"),
        ]

    def __str__(self) -> str:
        return f"step {self.position} of {self.decision}"


class StepProgress(BoardRow):
    """How far a recommendation has come, each time it was said. Never changed: the newest number counts.

    not_done   why it was not carried out, where it was not
    """

    step = models.ForeignKey(PlanStep, models.PROTECT, related_name="progress")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=20, choices=StepState)
    not_done = models.CharField(max_length=30, choices=NotDone, blank=True)
    words = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = person_field()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["step", "number"], name="stepprogress_number_is_unique"),
            models.CheckConstraint(condition=Q(number__gte=1), name="stepprogress_numbers_start_at_1"),
            choice_constraint("stepprogress", "state", StepState),
            choice_constraint("stepprogress", "not_done", NotDone, empty=True),
            models.CheckConstraint(
                condition=Q(state=StepState.NOT_DONE) & ~Q(not_done="") | ~Q(state=StepState.NOT_DONE) & Q(not_done=""),
                name="stepprogress_not_done_has_a_coded_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.state}"


class PlanDraft(BoardRow):
    """A plan as it is being typed, before it is recorded; gone once it is.

    fields     pairs of name and value as the form sends them
    revision   one more at each save, by which a writer sees that somebody else wrote
    """

    item = models.OneToOneField(AgendaItem, models.CASCADE, related_name="draft")
    fields = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = person_field()

    def __str__(self) -> str:
        return f"draft on {self.item}"


class Development(BoardRow):
    """What happened after a decision that its board has to know: raised once, and acknowledged by a member.

    option       the regimen or trial of the plan that it concerns; empty where none does
    release      the release that brought it
    undermines   whether it speaks against the decision; false where it confirms it or leaves it
    before, after   the standing in words of the method, such as a band and a rank; empty once the case is erased
    """

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="developments")
    kind = models.CharField(max_length=20, choices=DevelopmentKind)
    option = option_field()
    release = models.ForeignKey(KnowledgeRelease, models.PROTECT, related_name="+")
    undermines = models.BooleanField()
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    raised_at = models.DateTimeField(default=timezone.now)
    acknowledged_as = models.CharField(max_length=20, choices=Acknowledged, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = person_field(null=True, blank=True)

    class Meta:
        ordering = ["-raised_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "kind", "option", "release"], name="development_is_raised_once"
            ),
            choice_constraint("development", "kind", DevelopmentKind),
            choice_constraint("development", "acknowledged_as", Acknowledged, empty=True),
            models.CheckConstraint(
                condition=Q(acknowledged_as="", acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | ~Q(acknowledged_as="") & Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="development_is_acknowledged_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.decision}"


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
