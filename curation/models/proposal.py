"""What makes up the evidence base and who decided it: entries, proposals and statements of interest.

`curation.actions` alone writes here. Triggers (migration 0004 of regimens) hold, whatever writes to the database, that
an entry says what two people agreed on, and that nothing decided or recorded is changed or deleted.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.models import HistoricalRecords

from audit.models import Record
from regimens.models.base import choice_constraint
from regimens.models.choices import REVIEWED, EntryKind, Origin, ProposalStatus

# How long a statement of interests holds.
STATEMENT_DAYS = 365


class Proposal(Record):
    """One person's change to one entry, and what another person decided on it; once decided, it never changes.

    content        the canonical JSON of the entry as it would be; null when it is to be retired
    sha256         of that text; empty for a retirement
    base_sha256    of the content that it was made on; empty for a new entry
    proposer       null: the evidence base as shipped
    reviewed_at    when it was decided, superseded or withdrawn
    replaces       the proposal for which a change was asked, and which this one revises
    """

    kind = models.CharField(max_length=20, choices=EntryKind)
    key = models.CharField(max_length=80)
    content = models.TextField(null=True, blank=True)  # noqa: DJ001 - null is a retirement
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    base_sha256 = models.CharField("SHA-256 of what it changes", max_length=64, blank=True)
    proposer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    proposed_at = models.DateTimeField(default=timezone.now)
    reason = models.TextField(help_text=gettext_lazy("Why."))
    source = models.TextField(help_text=gettext_lazy("An address or a citation."))
    status = models.CharField(max_length=20, choices=ProposalStatus, default=ProposalStatus.PROPOSED)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)
    replaces = models.OneToOneField("self", models.PROTECT, related_name="revision", null=True, blank=True)
    superseded_by = models.ForeignKey("self", models.PROTECT, related_name="superseded", null=True, blank=True)

    class Meta:
        app_label = "regimens"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["kind", "key", "status"], name="proposal_of_entry")]
        permissions = [("propose_change", "Can propose a change"), ("review_change", "Can decide on a change")]
        constraints = [
            choice_constraint("proposal", "kind", EntryKind),
            choice_constraint("proposal", "status", ProposalStatus),
            models.CheckConstraint(condition=~Q(reviewer=F("proposer")), name="proposal_reviewer_is_another_person"),
            models.CheckConstraint(
                condition=Q(status__in=REVIEWED, reviewer__isnull=False, reviewed_at__isnull=False)
                | Q(status=ProposalStatus.PROPOSED, reviewer__isnull=True, reviewed_at__isnull=True)
                | Q(status__in=("superseded", "withdrawn"), reviewer__isnull=True, reviewed_at__isnull=False),
                name="proposal_has_reviewer_when_decided",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("rejected", "change-asked")) | ~Q(comment=""),
                name="proposal_comment_is_given",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="proposal_reason_is_given"),
            models.CheckConstraint(condition=~Q(source=""), name="proposal_source_is_given"),
            models.CheckConstraint(
                condition=Q(content__isnull=True, sha256="") | Q(content__isnull=False) & ~Q(sha256=""),
                name="proposal_content_has_sha256",
            ),
        ]

    def __str__(self) -> str:
        words = _("%(kind)s %(key)s, proposal %(number)s")
        return words % {"kind": self.get_kind_display(), "key": self.key, "number": self.pk}

    @property
    def is_open(self) -> bool:
        return bool(self.status == ProposalStatus.PROPOSED)

    @property
    def is_retirement(self) -> bool:
        return self.content is None

    @property
    def values(self) -> dict[str, Any] | None:
        """The entry as it would be, in the shape of its file; null for a retirement."""
        return None if self.content is None else json.loads(self.content)


class Entry(Record):
    """One item of the evidence base in the shape of its file: what releases are built from. Never deleted but retired.

    content   its canonical JSON
    sha256    of that text
    origin    as shipped with the app; the baseline of this installation; or curated, by an accepted proposal
    """

    kind = models.CharField(max_length=20, choices=EntryKind)
    key = models.CharField(max_length=80)
    content = models.TextField()
    sha256 = models.CharField("SHA-256", max_length=64)
    origin = models.CharField(max_length=20, choices=Origin)
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="+", null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_because = models.TextField(blank=True)
    history = HistoricalRecords(history_change_reason_field=models.TextField(null=True))

    class Meta:
        app_label = "regimens"
        verbose_name_plural = "entries"
        ordering = ["kind", "key"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="entry_is_unique"),
            choice_constraint("entry", "kind", EntryKind),
            choice_constraint("entry", "origin", Origin),
            models.CheckConstraint(
                condition=~Q(origin=Origin.CURATED) | Q(proposal__isnull=False), name="entry_curated_by_proposal"
            ),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True, retired_because="")
                | Q(retired_at__isnull=False) & ~Q(retired_because=""),
                name="entry_is_retired_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key}"

    @property
    def values(self) -> dict[str, Any]:
        """The entry in the shape of its file."""
        return json.loads(self.content)

    @property
    def version(self) -> str:
        """What a proposal is made on: the SHA-256 of the content in force; empty for a retired entry."""
        return "" if self.retired_at else self.sha256


class InterestStatement(Record):
    """A person's conflicts of interest, as declared; it holds for a year, and is never changed but declared anew."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    declared_on = models.DateField()
    companies = models.TextField(help_text=gettext_lazy("The companies, by name, or “none”."))

    class Meta:
        app_label = "regimens"
        ordering = ["-declared_on", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(companies=""), name="intereststatement_names_companies")]

    def __str__(self) -> str:
        return f"{self.person}, {self.declared_on}"

    @property
    def valid_until(self) -> date:
        """The last day on which it holds."""
        return self.declared_on + timedelta(days=STATEMENT_DAYS)
