"""What accounts need beside Django's users and the devices of django-otp.

Sessions by person, apps whose seeds are encrypted, recovery codes, and who somebody is at the hospital.
"""

from __future__ import annotations

from binascii import unhexlify
from typing import Any

from django.conf import settings
from django.db import models
from django_otp.plugins.otp_totp.models import TOTPDevice

from . import seeds
from .sessions import Session

__all__ = ["AuthenticatorApp", "Identity", "RecoveryCode", "Session", "SpentSignIn"]


class AuthenticatorApp(TOTPDevice):
    """A device of django-otp whose seed is stored encrypted: `key` is what accounts/seeds.py made of it."""

    class Meta:
        proxy = True
        default_permissions = ()

    def __str__(self) -> str:
        return f"the authenticator app of {self.user}"

    @property
    def bin_key(self) -> bytes:
        """The seed. Raises SeedError."""
        return seeds.opened(self.key, self.user_id)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding and not seeds.is_sealed(self.key):
            self.key = seeds.sealed(unhexlify(self.key), self.user_id)
        super().save(*args, **kwargs)


class RecoveryCode(models.Model):
    """A code that stands in for the authenticator app once: its SHA-256, since nobody needs to read it again."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "digest"], name="recovery_code_once_a_person")]

    def __str__(self) -> str:
        return f"a recovery code of {self.person}"


class Identity(models.Model):
    """Who an account is at the identity provider of the hospital: by issuer and subject, which never pass to others.

    person   whose account it is, which has no other identity
    issuer   of the identity provider, as its tokens write it
    subject  what that provider calls the person
    made_at  when they were connected
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="identity")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_of_one_account"),
            models.CheckConstraint(condition=~models.Q(issuer="") & ~models.Q(subject=""), name="identity_is_named"),
        ]

    def __str__(self) -> str:
        return f"the identity of {self.person}"


class SpentSignIn(models.Model):
    """A sign-in by the identity provider that was completed, so that no process completes it a second time.

    digest  SHA-256 of its nonce
    at      when; older ones than a start is good for are tidied away
    """

    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"a sign-in of {self.at}"
