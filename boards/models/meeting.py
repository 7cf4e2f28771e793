"""Meetings and their agendas: an item names the version of the case that the meeting looks at."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from audit.canonical import canonical_json, sha256_of

from .base import BoardRow, choice_constraint, choice_constraints, choice_field, option_field
from .board import Board
from .case import Case, CaseVersion
from .choices import Ballots


class Meeting(BoardRow):
    """A meeting of a board.

    blind_first, ballots   as the board had them when the meeting was made
    fixed_at               since when its agenda is fixed: nothing is added, removed or put elsewhere
    """

    board = models.ForeignKey(Board, models.PROTECT, related_name="meetings")
    held_on = models.DateField()
    place = models.CharField(max_length=120, blank=True)
    blind_first = models.BooleanField()
    ballots = models.CharField(max_length=20, choices=Ballots)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    fixed_at = models.DateTimeField(null=True, blank=True)
    fixed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["-held_on", "-pk"]
        indexes = [models.Index(fields=["board", "-held_on", "-id"], name="meeting_of_board_newest_first")]
        constraints = [
            choice_constraint("meeting", "ballots", Ballots),
            models.CheckConstraint(
                condition=Q(fixed_at__isnull=True, fixed_by__isnull=True)
                | Q(fixed_at__isnull=False, fixed_by__isnull=False),
                name="meeting_is_fixed_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"meeting {self.pk}"

    @property
    def is_fixed(self) -> bool:
        return self.fixed_at is not None

    @property
    def is_anonymous(self) -> bool:
        return self.ballots == Ballots.ANONYMOUS


class AgendaItem(BoardRow):
    """A case on the agenda of a meeting, frozen in one version.

    version         null once the case is erased
    question        what the board is asked
    options         slugs of the options that stand side by side; empty: the first of the ranking
    vote_closed_at  since when the ranking is shown; meetings that are not blind have no vote
    vote_closed_by  null where everybody had voted
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="items")
    case = models.ForeignKey(Case, models.PROTECT, related_name="items")
    version = models.ForeignKey(CaseVersion, models.PROTECT, related_name="+", null=True, blank=True)
    position = models.PositiveSmallIntegerField()
    question = models.TextField(blank=True, max_length=600)
    options = models.JSONField(default=list, blank=True)
    listed_at = models.DateTimeField(default=timezone.now)
    listed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    vote_closed_at = models.DateTimeField(null=True, blank=True)
    vote_closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "case"], name="agendaitem_lists_a_case_once"),
            models.UniqueConstraint(fields=["meeting", "position"], name="agendaitem_has_its_own_place"),
            models.CheckConstraint(condition=Q(position__gte=1), name="agendaitem_places_start_at_1"),
            models.CheckConstraint(
                condition=Q(vote_closed_by__isnull=True) | Q(vote_closed_at__isnull=False),
                name="agendaitem_vote_is_closed_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"

    @property
    def prepared(self) -> str:
        """A mark of the question and the options side by side: another one once either is changed."""
        return sha256_of(canonical_json([self.question, self.options]))[:16]

    @property
    def is_hidden(self) -> bool:
        """Whether the ranking may not be shown yet."""
        return self.meeting.blind_first and self.vote_closed_at is None


class Ballot(BoardRow):
    """A member's first choice, made before the ranking was shown, and the choice after the discussion.

    voter       null where ballots are anonymous
    voter_key   by which an anonymous member finds it again: an HMAC that is wiped when the decision is signed
    """

    id = models.UUIDField(primary_key=True, editable=False)
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="ballots_cast")
    voter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    voter_key = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - null once wiped
    first_kind = choice_field()
    first_option = option_field()
    first_words = models.CharField(max_length=200, blank=True)
    final_kind = choice_field()
    final_option = option_field()
    final_words = models.CharField(max_length=200, blank=True)
    is_changed = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]  # random, so that the order of voting is not told
        constraints = [
            *choice_constraints("ballot", "first_"),
            *choice_constraints("ballot", "final_"),
            models.UniqueConstraint(fields=["item", "voter"], name="ballot_is_one_a_person"),
            models.UniqueConstraint(fields=["item", "voter_key"], name="ballot_is_one_a_key"),
            models.CheckConstraint(
                condition=Q(voter__isnull=True) | Q(voter_key__isnull=True), name="ballot_is_named_or_anonymous"
            ),
            models.CheckConstraint(
                condition=Q(is_changed=True)
                | Q(final_kind=F("first_kind"), final_option=F("first_option"), final_words=F("first_words")),
                name="ballot_unchanged_is_the_first_choice",
            ),
        ]

    def __str__(self) -> str:
        return f"ballot on {self.item}"
