"""Who read figures, and what became of those on which two readers differ.

`curation.actions` alone writes here, and triggers (migration 0009 of regimens) keep what was written. What of it two
people agreed to publish is in the entries: `regimens.rules.readings`.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit.models import Record
from regimens.models.base import choice_constraint
from regimens.models.choices import READABLE, ReadingKind, ReadingOutcome, Verified

from .proposal import Proposal


class Reading(Record):
    """One person's reading of the figures of a publication, in one sitting; never changed.

    at        where: an address, or the citation that a proposal gave
    how       in full text, in the abstract, in another paper's account
    cohorts   canonical JSON: for each cohort its place among the results, arm and subgroup, and the figures by name,
              null where the source does not give it; what was left empty is absent
    proposal  the one that brings it into the entry
    """

    publication = models.CharField(max_length=80, db_index=True)
    kind = models.CharField(max_length=20, choices=ReadingKind)
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    read_on = models.DateField()
    recorded_at = models.DateTimeField(default=timezone.now)
    at = models.TextField("where")
    how = models.CharField("in what", max_length=20, choices=Verified)
    cohorts = models.TextField()
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="readings")

    class Meta:
        app_label = "regimens"
        ordering = ["-pk"]
        constraints = [
            choice_constraint("reading", "kind", ReadingKind),
            models.CheckConstraint(condition=Q(how__in=READABLE), name="reading_how_is_listed"),
            models.CheckConstraint(condition=~Q(at=""), name="reading_says_where"),
            models.UniqueConstraint(
                fields=["publication", "reader"], condition=Q(kind=ReadingKind.SECOND), name="reading_second_is_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication}, {self.get_kind_display()} by {self.reader}"

    @property
    def values(self) -> list[dict[str, Any]]:
        """The cohorts that were read: index, arm, subgroup, figures."""
        return json.loads(self.cohorts)


class ReadingTask(Record):
    """A figure on which a second reader differs from the one on record: for a third person to decide.

    position, arm, subgroup   the cohort, as it was named when the task was opened
    recorded, read            the two values; null where the source is said not to give it
    first_reader              null where it is not recorded
    recorded_at               where the figure on record was read
    outcome                   which is right; empty while the task is open
    settled                   the value that stands, and `settled_at` where it was read
    proposal                  the one that brings the decision into the entry
    """

    reading = models.ForeignKey(Reading, models.PROTECT, related_name="tasks")
    publication = models.CharField(max_length=80, db_index=True)
    position = models.PositiveIntegerField()
    arm = models.CharField(max_length=120)
    subgroup = models.CharField(max_length=120, blank=True)
    figure = models.CharField(max_length=20)
    recorded = models.FloatField("on record", null=True, blank=True)
    read = models.FloatField("second reading", null=True, blank=True)
    first_reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    recorded_at = models.TextField(blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=20, choices=ReadingOutcome, blank=True)
    settled = models.FloatField(null=True, blank=True)
    settled_at = models.TextField(blank=True)
    settled_how = models.CharField(max_length=20, choices=Verified, blank=True)
    comment = models.TextField(blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="reading_tasks", null=True, blank=True)

    class Meta:
        app_label = "regimens"
        ordering = ["-pk"]
        constraints = [
            choice_constraint("readingtask", "outcome", ReadingOutcome, empty=True),
            models.CheckConstraint(
                condition=Q(outcome="", resolved_by__isnull=True, resolved_at__isnull=True, proposal__isnull=True)
                | ~Q(outcome="") & Q(resolved_by__isnull=False, resolved_at__isnull=False, proposal__isnull=False),
                name="readingtask_is_resolved_by_someone",
            ),
            models.CheckConstraint(condition=Q(outcome="") | ~Q(comment=""), name="readingtask_comment_is_given"),
            models.CheckConstraint(
                condition=Q(outcome="") | ~Q(settled_at="") & Q(settled_how__in=READABLE),
                name="readingtask_says_where",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication}, {self.arm}: {self.figure}"

    @property
    def is_open(self) -> bool:
        return not self.outcome
