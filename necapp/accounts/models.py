"""What accounts need beside Django's users and the devices of django-otp: sessions by person, and recovery codes."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models import Q
from django.utils import timezone


class SessionQuerySet(models.QuerySet["Session"]):
    def alive(self) -> SessionQuerySet:
        return self.filter(alive())

    def over(self) -> SessionQuerySet:
        return self.exclude(alive())


class Session(AbstractBaseSession):
    """Django's session, with whose it is and since when; known by its key, which the browser's cookie holds.

    person       null: of nobody who is signed in
    started_at   when it was signed in
    seen_at      when its person last did something
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions", null=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)

    objects = BaseSessionManager.from_queryset(SessionQuerySet)()

    @property
    def is_alive(self) -> bool:
        """Neither idle for too long nor too old, whatever the age of its cookie."""
        now = timezone.now()
        return self.expire_date > now and self.seen_at > now - _idle() and self.started_at > now - _longest()

    @classmethod
    def get_session_store_class(cls) -> type:
        from .sessions import SessionStore

        return SessionStore


class RecoveryCode(models.Model):
    """A code that stands in for the authenticator app once: its SHA-256, since nobody needs to read it again."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "digest"], name="recovery_code_once_a_person")]

    def __str__(self) -> str:
        return f"a recovery code of {self.person}"


def alive(prefix: str = "") -> Q:
    """Of sessions, or of what has sessions under a name, that they have not ended."""
    now = timezone.now()
    since = {"expire_date": now, "seen_at": now - _idle(), "started_at": now - _longest()}
    return Q(**{f"{prefix}{name}__gt": moment for name, moment in since.items()})


def _idle() -> timedelta:
    return timedelta(seconds=settings.SESSION_IDLE_SECONDS)


def _longest() -> timedelta:
    return timedelta(seconds=settings.SESSION_LONGEST_SECONDS)
