"""What the interfaces keep: the tokens with which systems call, and how often each caller called in this minute.

Nothing of a patient is in any of it.
"""

from __future__ import annotations

from datetime import date
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.models import Record

LONGEST_DAYS = 366  # a token ends within a year
MOST_A_MINUTE = 100_000  # calls that a token may be allowed


class Scope(models.TextChoices):
    """What a token is for. Add a word here with the calls that ask for it: none is offered that no call honours."""

    KNOWLEDGE = "knowledge.read", "Read the evidence base"
    RANKINGS = "rankings.create", "Rank patients"
    FHIR = "fhir.read", "Read FHIR"
    DECISIONS = "boards.decisions.read", "Read the decisions of one board"


class ApiToken(Record):
    """What a system shows to be let in: `nec_<key>_<secret>`, made by an administrator and shown once.

    key       names the token in logs and events; no secret
    digest    SHA-256 of the secret: 256 random bits need no slow hash
    scopes    words of `Scope`, separated by spaces
    board     whose decisions it may read, where that is what it is for; null for any other
    networks  from where it may be used, such as "192.0.2.0/24", separated by spaces; empty: from anywhere
    last_used to the day
    """

    name = models.CharField(max_length=80, unique=True)
    key = models.CharField(max_length=10, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = models.CharField(max_length=200)
    board = models.ForeignKey("boards.Board", models.PROTECT, related_name="+", null=True, blank=True)
    networks = models.CharField(max_length=400, blank=True)
    rankings_a_minute = models.PositiveIntegerField()
    reads_a_minute = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    expires_on = models.DateField()
    last_used = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        verbose_name = "API token"
        ordering = ["-pk"]
        default_permissions = ("view",)
        permissions = [("manage_tokens", "Can make, limit and revoke API tokens")]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="apitoken_is_named"),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="apitoken_digest_is_a_digest"),
            models.CheckConstraint(condition=~Q(scopes=""), name="apitoken_has_a_scope"),
            models.CheckConstraint(
                condition=Q(scopes__contains=Scope.DECISIONS.value, board__isnull=False)
                | ~Q(scopes__contains=Scope.DECISIONS.value) & Q(board__isnull=True),
                name="apitoken_for_decisions_names_a_board",
            ),
            models.CheckConstraint(
                condition=Q(rankings_a_minute__range=(1, MOST_A_MINUTE), reads_a_minute__range=(1, MOST_A_MINUTE)),
                name="apitoken_is_limited",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="apitoken_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.key})"

    def allows(self, scope: str) -> bool:
        return scope in self.scopes.split()

    def is_over(self, on: date) -> bool:
        """Whether its last day is past."""
        return on > self.expires_on

    def may_come_from(self, address: str | None) -> bool:
        if not self.networks:
            return True
        return address is not None and any(
            ip_address(address) in ip_network(network) for network in self.networks.split()
        )


class CallCount(models.Model):
    """How often a caller called in a minute: a token by its key, else an address; rows of past minutes are deleted.

    Not Django's cache in the database: that reads and writes a counter in two steps, between which others are lost.
    """

    caller = models.CharField(max_length=80)
    minute = models.BigIntegerField()  # since 1970
    calls = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["caller", "minute"], name="callcount_once_a_minute")]

    def __str__(self) -> str:
        return f"{self.caller}: {self.calls}"
