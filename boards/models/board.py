"""Boards and who is on them: a membership is the only key to a case."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .base import BoardRow, choice_constraint
from .choices import Ballots, Role


class Board(BoardRow):
    """A tumour board.

    header       the lines that stand above its documents
    blind_first  whether members vote before they see the ranking; a meeting takes it over when it is made
    ballots      how the votes are shown; likewise
    """

    name = models.CharField(max_length=120, unique=True)
    header = models.TextField(blank=True, max_length=600)
    blind_first = models.BooleanField(default=False)
    ballots = models.CharField(max_length=20, choices=Ballots, default=Ballots.NAMED)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["name"]
        permissions = [("manage_boards", "Can make boards and say who is on them")]
        constraints = [
            choice_constraint("board", "ballots", Ballots),
            models.CheckConstraint(condition=~Q(name=""), name="board_is_named"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(BoardRow):
    """A person on a board, since when, and until when: a row that ended stays."""

    board = models.ForeignKey(Board, models.PROTECT, related_name="memberships")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role, default=Role.MEMBER)
    since = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["person__username"]
        indexes = [models.Index(fields=["person", "ended_at"], name="membership_of_person")]
        constraints = [
            choice_constraint("membership", "role", Role),
            models.UniqueConstraint(
                fields=["board", "person"], condition=Q(ended_at__isnull=True), name="membership_is_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.board}"

    @property
    def is_chair(self) -> bool:
        return self.role == Role.CHAIR
