"""What somebody reported as wrong, and what a curator answered.

`curation.actions` alone writes here. Triggers (migration 0017 of regimens) hold that a report is never deleted, that
what it is about never changes, that its words can only be let go of, and that an answer stands once it is given.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit.models import Record
from regimens.models.base import choice_constraint
from regimens.models.choices import EntryKind, ReportState

# The alphabet of references: no letter or digit that is read as another.
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE_LENGTH = 12


class Report(Record):
    """Something in a release that seems wrong to a person who need not have an account.

    reference   known to its reporter alone, until there is an answer for everybody
    kind, key   the entry that it is about; `title` is what it was called then
    place       the part of it, such as "cohort-3"; `place_words` says which
    release     the SHA-256 of the release that it was seen in, and `release_name` its name
    words       what was typed: never shown to anybody but curators; empty once it was let go of
    source      where it can be read otherwise: an address, a DOI, a PMID or a trial's number
    published   what was reported, in the words that a curator publishes
    answer      what came of it: for everybody where it is answered, for its reporter alone where it is declined
    """

    reference = models.CharField(max_length=REFERENCE_LENGTH, unique=True)
    kind = models.CharField(max_length=20, choices=EntryKind)
    key = models.CharField(max_length=80)
    title = models.CharField(max_length=300)
    place = models.CharField(max_length=40, blank=True)
    place_words = models.CharField(max_length=300, blank=True)
    release = models.CharField("release, SHA-256", max_length=64)
    release_name = models.CharField("release", max_length=80)
    words = models.TextField(blank=True)
    source = models.CharField(max_length=300, blank=True)
    reported_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=20, choices=ReportState, default=ReportState.OPEN)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    published = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "regimens"
        ordering = ["-pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["kind", "key", "state"], name="report_of_entry")]
        constraints = [
            choice_constraint("report", "kind", EntryKind),
            choice_constraint("report", "state", ReportState),
            models.CheckConstraint(
                condition=Q(state=ReportState.OPEN, taken_by__isnull=True, taken_at__isnull=True)
                | ~Q(state=ReportState.OPEN) & Q(taken_by__isnull=False, taken_at__isnull=False),
                name="report_is_taken_up_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=(ReportState.OPEN, ReportState.IN_WORK),
                    answer="",
                    answered_by__isnull=True,
                    answered_at__isnull=True,
                )
                | Q(
                    state__in=(ReportState.ANSWERED, ReportState.DECLINED),
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                )
                & ~Q(answer=""),
                name="report_is_answered_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(state=ReportState.ANSWERED) & ~Q(published="")
                | ~Q(state=ReportState.ANSWERED) & Q(published=""),
                name="report_is_published_when_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, report {self.pk}"

    @property
    def is_decided(self) -> bool:
        return self.state in (ReportState.ANSWERED, ReportState.DECLINED)


class ReportCount(models.Model):
    """How much was reported from one address in an hour: rows of former hours are deleted.

    caller   a keyed hash of the address and the hour, from which nobody reads the address; "" counts all of them
    """

    caller = models.CharField(max_length=64)
    hour = models.BigIntegerField()  # since 1970
    reports = models.PositiveIntegerField()

    class Meta:
        app_label = "regimens"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["caller", "hour"], name="reportcount_once_an_hour")]

    def __str__(self) -> str:
        return f"{self.hour}: {self.reports}"
