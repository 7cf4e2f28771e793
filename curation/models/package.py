"""Work packages: what one piece of work changes, drafted, proposed and decided together.

`curation.actions` alone writes here. Triggers (migration 0016 of regimens) hold that a package is accepted whole: none
of its proposals is accepted, and none of its entries comes into force, without the others.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from audit.models import Record
from regimens.models.base import choice_constraint
from regimens.models.choices import IN_WORK, EntryKind, PackageStatus

from .proposal import Proposal


class WorkPackage(Record):
    """The entries of one piece of work, such as a publication with its regimen and indication.

    identifier        what it was begun with: a PMID, DOI or NCT number; empty where it was begun without
    reason, source    as of a proposal; every proposal of the package has them
    reviewer          who decided last, and `decided_at`; a change asked for is a decision
    comment           of that decision; of a draft that was proposed before, why it is a draft again
    """

    title = models.CharField(max_length=200)
    identifier = models.CharField(max_length=200, blank=True)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=20, choices=PackageStatus, default=PackageStatus.DRAFT)
    reason = models.TextField(blank=True)
    source = models.TextField(blank=True)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)

    class Meta:
        app_label = "regimens"
        ordering = ["-pk"]
        constraints = [
            choice_constraint("workpackage", "status", PackageStatus),
            models.CheckConstraint(condition=~Q(title=""), name="workpackage_has_title"),
            models.CheckConstraint(condition=~Q(reviewer=F("begun_by")), name="workpackage_reviewer_is_another_person"),
            models.CheckConstraint(
                condition=Q(status__in=("draft", "proposed"), reviewer__isnull=True, decided_at__isnull=True)
                | Q(
                    status__in=("accepted", "rejected", "change-asked"),
                    reviewer__isnull=False,
                    decided_at__isnull=False,
                )
                | Q(status="withdrawn", reviewer__isnull=True, decided_at__isnull=False),
                name="workpackage_has_reviewer_when_decided",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("rejected", "change-asked")) | ~Q(comment=""),
                name="workpackage_comment_is_given",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("draft", "withdrawn")) | ~Q(reason="") & ~Q(source=""),
                name="workpackage_says_why_when_proposed",
            ),
        ]

    def __str__(self) -> str:
        return f"work package {self.pk}: {self.title}"

    @property
    def is_in_work(self) -> bool:
        return self.status in IN_WORK

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return bool(self.status == PackageStatus.PROPOSED)


class PackageEntry(Record):
    """An entry as a package would have it, as it was typed: what breaks a rule is refused when the package is proposed.

    content       JSON in the shape of its file
    base_sha256   of the entry that it was made of; empty for a new one
    told_apart    publications that it looks like and that somebody said are others, by key, with spaces between
    proposal      the newest that was made of it
    """

    package = models.ForeignKey(WorkPackage, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=20, choices=EntryKind)
    key = models.CharField(max_length=80)
    content = models.TextField()
    base_sha256 = models.CharField("SHA-256 of what it changes", max_length=64, blank=True)
    told_apart = models.TextField(blank=True)
    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="package_entry", null=True, blank=True)

    class Meta:
        app_label = "regimens"
        verbose_name_plural = "package entries"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["package", "kind", "key"], name="packageentry_is_once"),
            choice_constraint("packageentry", "kind", EntryKind),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key}"

    @property
    def values(self) -> dict[str, Any]:
        return json.loads(self.content)
