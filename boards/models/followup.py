"""What came of a decision: counted in months, and written down in versions like the decision itself."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regimens.models.base import choice_constraint

from .base import BoardRow, choice_constraints, choice_field, option_field
from .choices import GIVEN_KINDS, NotDone
from .meeting import AgendaItem
from .months import PATTERN


class Response(TextChoices):
    """Best response to what was given, by RECIST 1.1."""

    COMPLETE = "CR", _("Complete response")
    PARTIAL = "PR", _("Partial response")
    STABLE = "SD", _("Stable disease")
    PROGRESSIVE = "PD", _("Progressive disease")
    NOT_EVALUATED = "not-evaluated", _("Not evaluated")
    UNKNOWN = "unknown", _("Not known")


class Stopping(TextChoices):
    """Why it was stopped, if it was."""

    GOES_ON = "goes-on", _("It goes on")
    PROGRESSION = "progression", _("Progression")
    TOXICITY = "toxicity", _("Toxicity")
    WISH = "patients-wish", _("The patient’s wish")
    COMPLETED = "completed", _("Completed as planned")
    DEATH = "death", _("Death")
    OTHER = "other", _("Another reason")
    UNKNOWN = "unknown", _("Not known")


class Progression(TextChoices):
    NO = "no", _("No progression so far")
    YES = "yes", _("Progressed")
    UNKNOWN = "unknown", _("Not known")


class CarriedOut(TextChoices):
    """Whether what the board recommended was carried out."""

    YES = "yes", _("Yes")
    PARTLY = "partly", _("In part")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("Not known")


class Vital(TextChoices):
    ALIVE = "alive", _("Alive")
    DEAD = "dead", _("Dead")
    UNKNOWN = "unknown", _("Not known")


EVALUATED = (Response.COMPLETE, Response.PARTIAL, Response.STABLE, Response.PROGRESSIVE)
RESPONSES = (Response.COMPLETE, Response.PARTIAL)
MONTHS = ("started_in", "stopped_in", "progressed_in", "vital_in")


def month_field() -> models.CharField:
    """A month such as "2026-03"; empty where it is not known, or where there is none."""
    return models.CharField(max_length=7, blank=True)


class FollowUp(BoardRow):
    """What was given after a decision, and what came of it. Never changed: a correction is the next number.

    kind, option, words   what was given, in the terms of a decision; option_name is what `option` is called
    stopped_in            empty while it goes on
    progressed_in         the month of the first progression, where it progressed
    vital_in              the month in which the patient was last known to be alive, or the month of death

    carried_out, not_carried_out   whether the recommendation was carried out, and why not, coded and in words

    The row itself is the first course; later ones and toxicity are rows of their own.

    Once its case is erased, months and words are empty, and progression and vital status unknown.
    """

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="follow_ups")
    number = models.PositiveSmallIntegerField()
    kind = choice_field()
    option = option_field()
    option_name = models.CharField(max_length=200, blank=True)
    words = models.CharField(max_length=200, blank=True)
    started_in = month_field()
    stopped_in = month_field()
    stop_reason = models.CharField(max_length=20, choices=Stopping, default=Stopping.UNKNOWN)
    best_response = models.CharField(max_length=20, choices=Response, default=Response.UNKNOWN)
    progression = models.CharField(max_length=20, choices=Progression, default=Progression.UNKNOWN)
    progressed_in = month_field()
    vital = models.CharField(max_length=20, choices=Vital, default=Vital.UNKNOWN)
    vital_in = month_field()
    carried_out = models.CharField(max_length=10, choices=CarriedOut, default=CarriedOut.UNKNOWN)
    not_carried_out = models.CharField(max_length=30, choices=NotDone, blank=True)
    not_carried_out_words = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="followup_number_is_unique"),
            models.CheckConstraint(condition=Q(number__gte=1), name="followup_numbers_start_at_1"),
            *choice_constraints("followup", kinds=GIVEN_KINDS),
            choice_constraint("followup", "carried_out", CarriedOut),
            choice_constraint("followup", "not_carried_out", NotDone, empty=True),
            models.CheckConstraint(
                condition=Q(carried_out__in=[CarriedOut.NO, CarriedOut.PARTLY]) & ~Q(not_carried_out="")
                | ~Q(carried_out__in=[CarriedOut.NO, CarriedOut.PARTLY])
                & Q(not_carried_out="", not_carried_out_words=""),
                name="followup_not_carried_out_has_a_reason",
            ),
            choice_constraint("followup", "stop_reason", Stopping),
            choice_constraint("followup", "best_response", Response),
            choice_constraint("followup", "progression", Progression),
            choice_constraint("followup", "vital", Vital),
            *(
                models.CheckConstraint(
                    condition=Q(**{name: ""}) | Q(**{f"{name}__regex": PATTERN}), name=f"followup_{name}_is_a_month"
                )
                for name in MONTHS
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{earlier: ""}) | Q(**{later: ""}) | Q(**{f"{later}__gte": F(earlier)}),
                    name=f"followup_{earlier}_not_after_{later}",
                )
                for earlier, later in (
                    ("started_in", "stopped_in"),
                    ("started_in", "progressed_in"),
                    ("started_in", "vital_in"),
                    ("stopped_in", "vital_in"),
                    ("progressed_in", "vital_in"),
                )
            ),
            models.CheckConstraint(
                condition=~Q(stop_reason=Stopping.GOES_ON) | Q(stopped_in=""), name="followup_going_on_has_not_stopped"
            ),
            models.CheckConstraint(
                condition=Q(progression=Progression.YES) & ~Q(progressed_in="")
                | ~Q(progression=Progression.YES) & Q(progressed_in=""),
                name="followup_progression_has_its_month",
            ),
            models.CheckConstraint(
                condition=Q(vital=Vital.UNKNOWN, vital_in="") | ~Q(vital=Vital.UNKNOWN) & ~Q(vital_in=""),
                name="followup_vital_status_has_its_month",
            ),
            models.CheckConstraint(
                condition=~Q(progression=Progression.NO)
                | ~Q(best_response=Response.PROGRESSIVE) & ~Q(stop_reason=Stopping.PROGRESSION),
                name="followup_progression_is_not_denied",
            ),
            models.CheckConstraint(
                condition=~Q(vital=Vital.ALIVE) | ~Q(stop_reason=Stopping.DEATH), name="followup_death_is_not_denied"
            ),
            models.CheckConstraint(
                condition=~Q(vital=Vital.DEAD) | ~Q(stop_reason=Stopping.GOES_ON), name="followup_ends_with_death"
            ),
        ]

    def __str__(self) -> str:
        return f"follow-up {self.number} on {self.item}"


class LaterCourse(BoardRow):
    """A further course after the first one of a follow-up, in order. Never changed.

    line             2 for the second course, and so on
    progressed_in    the month of progression during or after it; empty where it is not known or did not happen
    """

    follow_up = models.ForeignKey(FollowUp, models.PROTECT, related_name="later_courses")
    line = models.PositiveSmallIntegerField()
    kind = choice_field()
    option = option_field()
    option_name = models.CharField(max_length=200, blank=True)
    words = models.CharField(max_length=200, blank=True)
    started_in = month_field()
    stopped_in = month_field()
    stop_reason = models.CharField(max_length=20, choices=Stopping, default=Stopping.UNKNOWN)
    best_response = models.CharField(max_length=20, choices=Response, default=Response.UNKNOWN)
    progressed_in = month_field()

    class Meta:
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(fields=["follow_up", "line"], name="latercourse_line_is_unique"),
            models.CheckConstraint(condition=Q(line__gte=2), name="latercourse_lines_start_at_2"),
            *choice_constraints("latercourse", kinds=GIVEN_KINDS),
            choice_constraint("latercourse", "stop_reason", Stopping),
            choice_constraint("latercourse", "best_response", Response),
            *(
                models.CheckConstraint(
                    condition=Q(**{name: ""}) | Q(**{f"{name}__regex": PATTERN}), name=f"latercourse_{name}_is_a_month"
                )
                for name in ("started_in", "stopped_in", "progressed_in")
            ),
            *(
                models.CheckConstraint(
                    condition=Q(started_in="") | Q(**{later: ""}) | Q(**{f"{later}__gte": F("started_in")}),
                    name=f"latercourse_started_in_not_after_{later}",
                )
                for later in ("stopped_in", "progressed_in")
            ),
            models.CheckConstraint(
                condition=~Q(stop_reason=Stopping.GOES_ON) | Q(stopped_in=""),
                name="latercourse_going_on_has_not_stopped",
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.line} of {self.follow_up}"


class Toxicity(BoardRow):
    """The highest grade of an adverse event in a course, by CTCAE. Never changed.

    line    of the course: 1 for the first one
    term    the adverse event
    grade   1 to 5
    """

    follow_up = models.ForeignKey(FollowUp, models.PROTECT, related_name="toxicities")
    line = models.PositiveSmallIntegerField(default=1)
    term = models.CharField(max_length=80)
    grade = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["line", "-grade", "term"]
        constraints = [
            models.UniqueConstraint(fields=["follow_up", "line", "term"], name="toxicity_is_said_once"),
            models.CheckConstraint(condition=Q(line__gte=1), name="toxicity_lines_start_at_1"),
            models.CheckConstraint(condition=~Q(term=""), name="toxicity_is_named"),
            models.CheckConstraint(condition=Q(grade__range=(1, 5)), name="toxicity_grade_is_1_to_5"),
        ]

    def __str__(self) -> str:
        return f"{self.term}, grade {self.grade}"
