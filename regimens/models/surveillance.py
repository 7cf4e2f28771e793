"""What became known since a release was made: notices against publications, and until when sources were searched.

`curation.surveillance` writes both; pages read them through `regimens.reported`, beside the release.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.guard import RECORDS, GuardedModel

from .base import choice_constraint
from .choices import NoticeKind, SurveySource


class ReportedNotice(GuardedModel):
    """A retraction, concern or correction that was reported against a publication, and is under review.

    It is over where the evidence base says the same, and where somebody found that it is not against this text.

    publication   its key; url: of the notice; found_by: the search or the file that reported it
    matched       by what the publication was known again
    settled_because   why it is not against this text; never changed afterwards
    """

    guard = RECORDS

    publication = models.CharField(max_length=80)
    kind = models.CharField(max_length=30, choices=NoticeKind)
    text = models.TextField(help_text=_("Where the notice is printed, and what it says."))
    url = models.CharField(max_length=500)
    found_by = models.CharField(max_length=200)
    matched = models.CharField(max_length=60)
    reported_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    settled_because = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            choice_constraint("reportednotice", "kind", NoticeKind),
            models.UniqueConstraint(fields=["publication", "kind", "url"], name="reportednotice_is_reported_once"),
            models.UniqueConstraint(
                fields=["publication", "kind"],
                # A retraction is one, whoever reports it; a text may have several errata.
                condition=Q(settled_at__isnull=True) & ~Q(kind=NoticeKind.ERRATUM),
                name="reportednotice_is_open_once",
            ),
            models.CheckConstraint(condition=~Q(text="") & ~Q(url=""), name="reportednotice_says_where"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, settled_because="")
                | Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(settled_because=""),
                name="reportednotice_is_settled_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication}, {self.get_kind_display()}"


class SearchedUntil(GuardedModel):
    """Until which day a source was searched, and what was found there was looked at by a person."""

    guard = RECORDS

    source = models.CharField(max_length=30, choices=SurveySource, unique=True)
    until = models.DateField()

    class Meta:
        verbose_name = "searched until"
        verbose_name_plural = "searched until"
        ordering = ["source"]
        constraints = [choice_constraint("searcheduntil", "source", SurveySource)]

    def __str__(self) -> str:
        return f"{self.get_source_display()}, {self.until}"
