"""Releases of the knowledge: immutable, each known by the SHA-256 of its content."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.guard import RECORDS, GuardedModel, GuardedQuerySet

from .base import choice_constraint
from .choices import InForceBy


class ImmutableError(RuntimeError):
    """A release is never changed or deleted."""


class ReleaseQuerySet(GuardedQuerySet):
    def update(self, **kwargs: Any) -> int:
        raise ImmutableError("a published release is never changed")

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise ImmutableError("a published release is never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise ImmutableError("a published release is never deleted")

    delete.alters_data = delete.queryset_only = True  # type: ignore[attr-defined]


class KnowledgeRelease(GuardedModel):
    """One row is one release; `ReleaseInForce` says which is in force. A database trigger refuses changes as well.

    content   the canonical JSON of the document (UTF-8, keys sorted, no insignificant space), compressed with zlib
    sha256    of that JSON, before compression
    """

    guard = RECORDS

    name = models.CharField(max_length=80, unique=True)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    content = models.BinaryField()

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        permissions = [
            ("publish_release", "Can publish a release"),
            ("reinstate_release", "Can put a former or imported release in force"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="knowledgerelease_sha256_is_a_digest"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="knowledgerelease_is_named"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise ImmutableError("a published release is never changed")
        super().save(*args, force_insert=True)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise ImmutableError("a published release is never deleted")


class ReleaseInForce(GuardedModel):
    """A release coming into force: the newest row that is confirmed says which one is.

    Publishing confirms its own row. A former release, or one from elsewhere, is asked for by one person and confirmed
    by another; triggers refuse any other change, and deletion.
    """

    guard = RECORDS

    release = models.ForeignKey(KnowledgeRelease, models.PROTECT, related_name="times_in_force")
    how = models.CharField(max_length=20, choices=InForceBy)
    reason = models.TextField(blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "releases in force"
        ordering = ["-pk"]
        constraints = [
            choice_constraint("releaseinforce", "how", InForceBy),
            models.UniqueConstraint(
                fields=["release"], condition=Q(how=InForceBy.PUBLISHING), name="releaseinforce_is_published_once"
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("asked_by")), name="releaseinforce_confirmed_by_another_person"
            ),
            models.CheckConstraint(
                condition=Q(how=InForceBy.PUBLISHING, confirmed_by__isnull=True, confirmed_at__isnull=False)
                | ~Q(how=InForceBy.PUBLISHING)
                & ~Q(reason="")
                & Q(asked_by__isnull=False)
                & (
                    Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                    | Q(confirmed_by__isnull=False, confirmed_at__isnull=False)
                ),
                name="releaseinforce_takes_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release}, {self.get_how_display()}"
