"""What accounts need beside Django's users and the devices of django-otp.

Sessions by person, apps whose seeds are encrypted, recovery codes, who somebody is at the hospital, what two
administrators do together, and what a person is told of their account.
"""

from __future__ import annotations

from binascii import unhexlify
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_otp.plugins.otp_totp.models import TOTPDevice

from . import seeds
from .sessions import Session

__all__ = [
    "AccountNotice",
    "AccountRequest",
    "AuthenticatorApp",
    "Identity",
    "RecoveryCode",
    "SentForm",
    "Session",
    "SpentSignIn",
]


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


class SentForm(models.Model):
    """A form that was sent and made something, so that it makes it once: accounts/sent_once.py.

    digest    a keyed hash of the form and of who sent it
    at        when; older ones than a day are tidied away
    location  the path of what it made
    """

    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(db_index=True)
    location = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"a form of {self.at}"


class AccountRequest(models.Model):
    """What one administrator asks for and another one confirms: neither of them becomes the person by it.

    person       whose account it is
    outcome      empty: it waits; decided_by is null where the server's command settled it
    """

    class Kind(models.TextChoices):
        LINK = "link", "a link to set a password"
        SECOND_FACTOR = "second-factor", "the second factor reset"
        ADMINISTRATOR = "administrator", "the role of an administrator"

    class Outcome(models.TextChoices):
        WAITS = "", "waits"
        CONFIRMED = "confirmed", "confirmed"
        WITHDRAWN = "withdrawn", "withdrawn"

    kind = models.CharField(max_length=20, choices=Kind)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="account_requests")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=("link", "second-factor", "administrator")), name="account_request_kind_is_listed"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at__isnull=True, decided_by__isnull=True)
                | Q(outcome="confirmed", decided_at__isnull=False, decided_by__isnull=False)
                | Q(outcome="withdrawn", decided_at__isnull=False),
                name="account_request_is_decided_whole",
            ),
            models.CheckConstraint(
                condition=~Q(asked_by=F("person"))
                & (~Q(outcome="confirmed") | (~Q(decided_by=F("asked_by")) & ~Q(decided_by=F("person")))),
                name="account_request_is_of_two_others",
            ),
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(outcome=""), name="account_request_is_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.person}"


class AccountNotice(models.Model):
    """Something that others did to an account, of which its person is told.

    what             a word of accounts.notices
    by               null: at the server's command line; asked_by: who asked, where two did it
    roles            what the roles are since, where they were changed
    signed_in_at     when the person first signed in since
    acknowledged_at  when the person said that they have read it
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="account_notices")
    what = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    roles = models.JSONField(default=list)
    signed_in_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["person", "acknowledged_at"], name="account_notice_to_be_read")]

    def __str__(self) -> str:
        return f"{self.what} of {self.person}"
