"""The trail: what was done, and the chain of hashes over it.

`audit.events.record` alone writes here; triggers (migrations 0004 and 0007 of regimens) hold that nothing recorded is
changed or deleted, whatever writes to the database.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .guard import RECORDS, GuardedModel


class Record(GuardedModel):
    """A row that named actions alone write, each in one transaction with its event."""

    guard = RECORDS

    class Meta:
        abstract = True


class Event(Record):
    """Something that was done: who, when, what, from where. Never changed, never deleted; no patient's data.

    by        null: nobody was signed in, such as at the command line
    action    a word such as "accept"; subject: what it was done to
    address   from where the request came; null at the command line
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    action = models.CharField(max_length=40, db_index=True)
    subject = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        app_label = "regimens"
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=~Q(action=""), name="event_has_action")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}".rstrip()


class EventSeal(Record):
    """A link of the chain by which a later change of an event shows: each holds the hash of the one before it.

    former   the hash of the seal before; empty for the first; unique, so that the chain cannot fork
    sha256   of the event's fields and `former`, as `audit.chain` computes it
    """

    event = models.OneToOneField(Event, models.PROTECT, related_name="seal")
    former = models.CharField(max_length=64, blank=True, unique=True)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)

    class Meta:
        app_label = "regimens"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.sha256
