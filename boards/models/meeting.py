"""Meetings and their agendas: an item names the version of the case that the meeting looks at."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from audit.canonical import canonical_json, sha256_of
from regimens.models.base import choice_constraint

from .base import BoardRow, choice_constraints, choice_field, option_field, person_field
from .board import Board
from .case import Case, CaseVersion
from .choices import Ballots, ChoiceKind, Discipline


class Meeting(BoardRow):
    """A meeting of a board.

    begins_at              the time of day; null where none was said
    time_zone              in which it is meant, by its name in the IANA database; empty where none was said
    blind_first, ballots, quorum, disciplines, minutes_each   as the board had them when the meeting was made; a quorum
                           of 0 where it was made before boards had one
    fixed_at               since when its agenda is fixed: nothing is added, removed or put elsewhere
    started_at, finished_at   when its room was opened and left; once finished, what its minutes show stays
    guests                 those present who are not on the board: roles, not patients
    current                the item that is on the screen
    board_name, header     as they stand above its minutes; empty until it is finished
    """

    board = models.ForeignKey(Board, models.PROTECT, related_name="meetings")
    held_on = models.DateField()
    begins_at = models.TimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=60, blank=True)
    place = models.CharField(max_length=120, blank=True)
    blind_first = models.BooleanField()
    ballots = models.CharField(max_length=20, choices=Ballots)
    quorum = models.PositiveSmallIntegerField(default=0)
    disciplines = models.JSONField(default=list, blank=True)
    minutes_each = models.PositiveSmallIntegerField(default=10)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    fixed_at = models.DateTimeField(null=True, blank=True)
    fixed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = person_field(null=True, blank=True)
    guests = models.CharField(max_length=300, blank=True)
    current = models.ForeignKey("AgendaItem", models.SET_NULL, related_name="+", null=True, blank=True)
    board_name = models.CharField(max_length=120, blank=True)
    header = models.TextField(blank=True, max_length=600)

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
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, finished_by__isnull=True)
                | Q(finished_at__isnull=False, finished_by__isnull=False, fixed_at__isnull=False),
                name="meeting_is_finished_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"meeting {self.pk}"

    @property
    def is_fixed(self) -> bool:
        return self.fixed_at is not None

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def is_anonymous(self) -> bool:
        return self.ballots == Ballots.ANONYMOUS


class Attendance(BoardRow):
    """A member in the room of a meeting, from when to when; who comes back has a further row.

    discipline   for which the member stands in the quorum, as it was then
    left_at      null while the member is there
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances")
    person = person_field()
    discipline = models.CharField(max_length=30, choices=Discipline, blank=True)
    arrived_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["person__username", "arrived_at"]
        constraints = [
            choice_constraint("attendance", "discipline", Discipline, empty=True),
            models.UniqueConstraint(
                fields=["meeting", "person"], condition=Q(left_at__isnull=True), name="attendance_is_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("arrived_at")),
                name="attendance_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} at {self.meeting}"


class AgendaItem(BoardRow):
    """A case on the agenda of a meeting, frozen in one version.

    version         null once the case is erased
    question        what the board is asked
    options         slugs of the options that stand side by side; empty: the first of the ranking
    vote_closed_at  since when the ranking is shown; meetings that are not blind have no vote
    vote_closed_by  null where everybody had voted
    needs_discussion   false for a case of the standard-of-care list, which the chair's signature alone decides
    carried_from    the item of an earlier meeting at which the case was not discussed
    waiting_since   the day of the first meeting at which it was listed and not discussed
    discussed_from, discussed_seconds   since when it is on the screen, and how long it was before
    watch_closed_at   since when its decision is not watched any more
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
    needs_discussion = models.BooleanField(default=True)
    carried_from = models.ForeignKey("self", models.PROTECT, related_name="carried_to", null=True, blank=True)
    waiting_since = models.DateField(null=True, blank=True)
    discussed_from = models.DateTimeField(null=True, blank=True)
    discussed_seconds = models.PositiveIntegerField(default=0)
    watch_closed_at = models.DateTimeField(null=True, blank=True)
    watch_closed_by = person_field(null=True, blank=True)

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
            models.UniqueConstraint(fields=["carried_from"], name="agendaitem_is_carried_over_once"),
            models.CheckConstraint(
                condition=Q(watch_closed_at__isnull=True, watch_closed_by__isnull=True)
                | Q(watch_closed_at__isnull=False, watch_closed_by__isnull=False),
                name="agendaitem_watch_is_closed_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"

    @property
    def prepared(self) -> str:
        """A mark of the question and the options side by side: another one once either is changed."""
        return sha256_of(canonical_json([self.question, self.options]))[:16]

    @property
    def is_vote_open(self) -> bool:
        """Whether members vote on it first, at its own meeting, and the vote is not closed."""
        return self.meeting.blind_first and self.vote_closed_at is None

    @property
    def is_hidden(self) -> bool:
        """Whether nothing of the ranking, and no vote, may be shown: the rule is told in `boards.blindness`."""
        if self.is_vote_open:
            return True
        known: bool | None = getattr(self, "is_case_blind", None)
        return self.awaiting_votes().filter(case=self.case_id).exists() if known is None else known

    @classmethod
    def awaiting_votes(cls) -> models.QuerySet[AgendaItem]:
        """The items on which a vote is open or to come.

        A meeting that is finished waits for no votes; what it did not decide is on another agenda, or waits for one.
        """
        voting = cls.objects.filter(meeting__blind_first=True, vote_closed_at__isnull=True)
        return voting.filter(meeting__finished_at__isnull=True)


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
            *choice_constraints("ballot", "first_", tuple(ChoiceKind)),
            *choice_constraints("ballot", "final_", tuple(ChoiceKind)),
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
