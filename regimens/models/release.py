"""Releases of the knowledge: immutable, each known by the SHA-256 of its content."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models


class ImmutableError(RuntimeError):
    """A release is never changed or deleted."""


class ReleaseQuerySet(models.QuerySet["KnowledgeRelease"]):
    def update(self, **kwargs: Any) -> int:
        raise ImmutableError("a published release is never changed")

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise ImmutableError("a published release is never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise ImmutableError("a published release is never deleted")


class KnowledgeRelease(models.Model):
    """One row is one release; the newest is in force. A database trigger refuses changes as well.

    content   the canonical JSON of the document (UTF-8, keys sorted, no insignificant space), compressed with zlib
    sha256    of that JSON, before compression
    """

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
