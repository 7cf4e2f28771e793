"""What mail has told whom, so that nobody is told twice."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from .base import BoardRow, person_field


class Told(BoardRow):
    """A message that was sent; it holds nothing of a patient.

    about   what it told, such as "meeting 12 of 2026-12-03" or "sign 31"
    """

    person = person_field()
    about = models.CharField(max_length=80)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-sent_at"]
        constraints = [models.UniqueConstraint(fields=["person", "about"], name="told_is_sent_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.about}"
