"""What accounts need beside Django's users and the devices of django-otp: sessions by person, and recovery codes."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .sessions import Session

__all__ = ["RecoveryCode", "Session"]


class RecoveryCode(models.Model):
    """A code that stands in for the authenticator app once: its SHA-256, since nobody needs to read it again."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "digest"], name="recovery_code_once_a_person")]

    def __str__(self) -> str:
        return f"a recovery code of {self.person}"
