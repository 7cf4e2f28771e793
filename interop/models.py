"""What the interfaces keep: tokens, how often each caller called in this minute, and what became of cards.

Nothing of a patient is in any of it.
"""

from __future__ import annotations

from datetime import date
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import models
from django.db.models import F, Q

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
    agreed_at when the chair of that board agreed that it reads them: until then it does not
    agreed_by that chair; null, with `agreed_at`, where it was made before a chair was asked
    networks  from where it may be used, such as "192.0.2.0/24", separated by spaces; empty: from anywhere
    last_used to the day
    """

    name = models.CharField(max_length=80, unique=True)
    key = models.CharField(max_length=10, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = models.CharField(max_length=200)
    board = models.ForeignKey("boards.Board", models.PROTECT, related_name="+", null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
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
                condition=Q(agreed_at__isnull=True, agreed_by__isnull=True)
                | Q(agreed_at__isnull=False, board__isnull=False) & ~Q(agreed_by=F("made_by")),
                name="apitoken_agreed_by_another",
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


class ShownCard(models.Model):
    """A card of CDS Hooks that was answered, so that feedback on it says what it was about; kept for 30 days.

    Tied to nothing but its topic and the release: not to a call, a client or a time.
    """

    uuid = models.UUIDField(primary_key=True)
    topic = models.CharField(max_length=20)
    release = models.CharField(max_length=80)
    shown_on = models.DateField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.topic} {self.uuid}"


class Outcome(models.TextChoices):
    """What a clinician did with a card."""

    ACCEPTED = "accepted", "Accepted"
    OVERRIDDEN = "overridden", "Overridden"


class CardFeedback(models.Model):
    """What a clinician did with a card, as the client said later. No comment is kept: it may name a patient.

    topic, release  of the card; "" where it is not known any more
    accepted        the tests that were taken up, by the names of their features, separated by spaces
    reason          a code of the card's reasons, "other" for any other, "" for none
    has_comment     whether a comment came along, which is only counted
    day             on which the clinician did it
    client          its name among the systems that are allowed; "" where none had to say who it is
    """

    card = models.UUIDField()
    topic = models.CharField(max_length=20, blank=True)
    release = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome)
    accepted = models.CharField(max_length=400, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    has_comment = models.BooleanField()
    day = models.DateField()
    client = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "feedback on cards"
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="cardfeedback_outcome_is_listed"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.topic}".rstrip()


class UsedJwt(models.Model):
    """A signed token that was used, so that nobody uses it again; kept until it would be too old.

    jti  the SHA-256 of its number, of which only its issuer knows what it says
    """

    issuer = models.CharField(max_length=80)
    jti = models.CharField(max_length=64)
    until = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["issuer", "jti"], name="usedjwt_once_an_issuer")]

    def __str__(self) -> str:
        return f"{self.issuer} {self.jti}"
