"""What an import found and did not propose, since the evidence base seems to know better: a question to a curator.

`curation.actions` alone writes here; triggers (migration 0016 of regimens) keep what was answered.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit.models import Record
from regimens.models.base import choice_constraint
from regimens.models.choices import EntryKind, QuestionAnswer

from .proposal import Proposal


class ImportQuestion(Record):
    """One field of an entry, as it is held and as a register or a record gives it; each value is asked about once.

    held, offered   canonical JSON; `offered_sha256` of the latter, by which it is asked once
    why             why what is offered was not simply proposed, in a sentence
    proposal        the one by which what was offered comes into the entry, where it was taken
    """

    kind = models.CharField(max_length=20, choices=EntryKind)
    key = models.CharField(max_length=80)
    field = models.CharField(max_length=40)
    held = models.TextField()
    offered = models.TextField()
    offered_sha256 = models.CharField("SHA-256", max_length=64)
    why = models.CharField(max_length=200)
    source = models.TextField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=20, choices=QuestionAnswer, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        app_label = "regimens"
        ordering = ["kind", "key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key", "field", "offered_sha256"], name="importquestion_is_asked_once"
            ),
            choice_constraint("importquestion", "kind", EntryKind),
            choice_constraint("importquestion", "answer", QuestionAnswer, empty=True),
            models.CheckConstraint(
                condition=Q(answer="", answered_by__isnull=True, answered_at__isnull=True, proposal__isnull=True)
                | Q(answer="keep", answered_by__isnull=False, answered_at__isnull=False, proposal__isnull=True)
                | Q(answer="take", answered_by__isnull=False, answered_at__isnull=False, proposal__isnull=False),
                name="importquestion_is_answered_by_someone",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="importquestion_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key}: {self.field}"

    @property
    def is_open(self) -> bool:
        return not self.answer

    @property
    def held_value(self) -> Any:
        return json.loads(self.held)

    @property
    def offered_value(self) -> Any:
        return json.loads(self.offered)
