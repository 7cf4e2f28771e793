"""Boards and who is on them: a membership is the only key to a case."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from regimens.models.base import choice_constraint

from .base import BoardRow
from .choices import Ballots, Discipline, Role

# Two members sign a decision: no board can do with fewer.
FEWEST_PRESENT = 2


class Board(BoardRow):
    """A tumour board.

    header       the lines that stand above its documents
    blind_first  whether members vote before they see the ranking; a meeting takes it over when it is made
    ballots      how the votes are shown; likewise
    time_zone    of its meetings' times, by its name in the IANA database
    quorum       how many members have to be present; likewise taken over
    disciplines  which disciplines have to be present; likewise
    minutes_each how long a case is meant to be discussed; likewise
    takes_referrals  whether clinicians who are not on the board may refer a case to it
    """

    name = models.CharField(max_length=120, unique=True)
    header = models.TextField(blank=True, max_length=600)
    blind_first = models.BooleanField(default=False)
    ballots = models.CharField(max_length=20, choices=Ballots, default=Ballots.NAMED)
    time_zone = models.CharField(max_length=60, default="UTC")
    quorum = models.PositiveSmallIntegerField(default=FEWEST_PRESENT)
    disciplines = models.JSONField(default=list, blank=True)
    minutes_each = models.PositiveSmallIntegerField(default=10)
    takes_referrals = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["name"]
        permissions = [("manage_boards", "Can make boards and say who is on them")]
        constraints = [
            choice_constraint("board", "ballots", Ballots),
            models.CheckConstraint(condition=~Q(name=""), name="board_is_named"),
            models.CheckConstraint(condition=Q(quorum__gte=FEWEST_PRESENT), name="board_quorum_can_sign"),
            models.CheckConstraint(condition=Q(minutes_each__range=(1, 120)), name="board_minutes_each_in_range"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(BoardRow):
    """A person on a board, since when, and until when: a row that ended stays.

    discipline   for which the person stands in a quorum; empty where it was not said
    told_of_…    whether mail tells of meetings, of decisions to sign, of actions that are due
    """

    board = models.ForeignKey(Board, models.PROTECT, related_name="memberships")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role, default=Role.MEMBER)
    discipline = models.CharField(max_length=30, choices=Discipline, blank=True)
    told_of_meetings = models.BooleanField(default=True)
    told_of_signatures = models.BooleanField(default=True)
    told_of_actions = models.BooleanField(default=True)
    since = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["person__username"]
        indexes = [models.Index(fields=["person", "ended_at"], name="membership_of_person")]
        constraints = [
            choice_constraint("membership", "role", Role),
            choice_constraint("membership", "discipline", Discipline, empty=True),
            models.UniqueConstraint(
                fields=["board", "person"], condition=Q(ended_at__isnull=True), name="membership_is_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.board}"

    @property
    def is_chair(self) -> bool:
        return self.role == Role.CHAIR
