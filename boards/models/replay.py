"""What a release that came into force later makes of a case that was decided."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from regimens.models import KnowledgeRelease

from .base import BoardRow
from .case import CaseVersion


class Replay(BoardRow):
    """The first option of a decided version on another release than its own, so that a list needs no ranking.

    Follows from the version and the release: it is made again when the rules change, and gone with the version.

    is_first_changed   whether it is another one than that of the stored ranking
    is_refused         whether the release cannot rank the patient, such as one who received a regimen that it does
                       not know
    """

    version = models.ForeignKey(CaseVersion, models.CASCADE, related_name="replays")
    release = models.ForeignKey(KnowledgeRelease, models.PROTECT, related_name="+")
    first_option = models.CharField(max_length=80, blank=True)
    first_option_name = models.CharField(max_length=200, blank=True)
    is_first_changed = models.BooleanField()
    is_refused = models.BooleanField(default=False)
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["release", "version"],
                condition=Q(is_first_changed=True) | Q(is_refused=True),
                name="replay_that_changed",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["version", "release"], name="replay_is_one_a_release"),
            models.CheckConstraint(
                condition=Q(is_refused=False) | Q(first_option="", is_first_changed=False),
                name="replay_refused_has_no_first_option",
            ),
            models.CheckConstraint(
                condition=Q(first_option="", first_option_name="") | ~Q(first_option="") & ~Q(first_option_name=""),
                name="replay_first_option_is_named",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} on {self.release}"
