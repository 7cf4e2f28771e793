"""Cases and their versions: what was entered of a patient, and the ranking that was shown for it."""

from __future__ import annotations

import zlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit.canonical import canonical_json, sha256_of
from regimens.models import KnowledgeRelease
from regimens.models.base import choice_constraint
from regimens.models.choices import Site
from regimens.rules.ordering import PREFERENCES
from regimens.rules.record import RankingRecord, RecordError, as_dict, from_json

from .base import BoardRow, person_field
from .board import Board
from .choices import CaseStatus

ALL, NEC_ONLY = "all", "nec-only"


class Case(BoardRow):
    """A patient of a board under a label that does not identify anyone.

    label        empty once erased
    current      the newest version; null once erased
    referred_by  the clinician who referred it and is told the outcome; null where a member brought it
    waiting_since, waits_with   the day since when it waits for a meeting, and the item that was not discussed or whose
                 plan waited for a result; both null unless it waits
    erasure_asked_by   who asked that a signed case be erased, which another person does
    salt         what the hashes of its records are made with (`boards.sealing`); another one once erased; null where it
                 was erased before there were any
    """

    board = models.ForeignKey(Board, models.PROTECT, related_name="cases")
    label = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=20, choices=CaseStatus, default=CaseStatus.PREPARED)
    current = models.ForeignKey("CaseVersion", models.SET_NULL, related_name="+", null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    referred_by = person_field(null=True, blank=True)
    waiting_since = models.DateField(null=True, blank=True)
    waits_with = models.ForeignKey("AgendaItem", models.SET_NULL, related_name="+", null=True, blank=True)
    erasure_asked_at = models.DateTimeField(null=True, blank=True)
    erasure_asked_by = person_field(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    salt = models.CharField(max_length=32, null=True, blank=True, editable=False)  # noqa: DJ001 - added without a default

    class Meta:
        ordering = ["-changed_at", "-pk"]
        indexes = [
            models.Index(fields=["board", "-changed_at", "-id"], name="case_of_board_newest_first"),
            models.Index(fields=["board", "status", "-changed_at"], name="case_of_board_by_status"),
        ]
        constraints = [
            choice_constraint("case", "status", CaseStatus),
            models.CheckConstraint(
                condition=Q(status=CaseStatus.ERASED, erased_at__isnull=False, label="", current__isnull=True)
                | ~Q(status=CaseStatus.ERASED) & Q(erased_at__isnull=True) & ~Q(label=""),
                name="case_holds_nothing_once_erased",
            ),
            models.CheckConstraint(
                condition=Q(erasure_asked_at__isnull=True, erasure_asked_by__isnull=True)
                | Q(erasure_asked_at__isnull=False, erasure_asked_by__isnull=False),
                name="case_erasure_is_asked_by_a_person",
            ),
            models.CheckConstraint(
                condition=Q(status=CaseStatus.WAITING, waiting_since__isnull=False)
                | ~Q(status=CaseStatus.WAITING) & Q(waiting_since__isnull=True, waits_with__isnull=True),
                name="case_waits_since_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None


class CaseVersion(BoardRow):
    """A case as it was entered once, with the ranking that this gave. Never changed; gone when the case is erased.

    entered       the fields of the form as sent: pairs of name and value, to fill it in again
    features      the known features by name (METHOD, section 1)
    wish          what the patient wishes, as asked
    ranking       its canonical JSON (METHOD, section 12), compressed with zlib
    sha256        of that JSON, before compression
    primary_site, first_option, first_option_name   from the ranking, to search and to list
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    entered = models.JSONField(default=list)
    features = models.JSONField()
    notes = models.TextField(blank=True)
    wish = models.CharField(max_length=300, blank=True)
    ranking = models.BinaryField()
    sha256 = models.CharField("SHA-256", max_length=64)
    release = models.ForeignKey(KnowledgeRelease, models.PROTECT, related_name="+")
    preference = models.CharField(max_length=20)
    evidence = models.CharField(max_length=20, choices=[(ALL, ALL), (NEC_ONLY, NEC_ONLY)], default=ALL)
    primary_site = models.CharField(max_length=30, blank=True)
    first_option = models.CharField(max_length=80, blank=True)
    first_option_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        indexes = [
            models.Index(fields=["primary_site"], name="caseversion_by_site"),
            models.Index(fields=["first_option"], name="caseversion_by_first_option"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="caseversion_number_is_unique"),
            models.CheckConstraint(condition=Q(number__gte=1), name="caseversion_numbers_start_at_1"),
            models.CheckConstraint(
                condition=Q(preference__in=list(PREFERENCES)), name="caseversion_preference_is_known"
            ),
            models.CheckConstraint(condition=Q(evidence__in=[ALL, NEC_ONLY]), name="caseversion_evidence_is_known"),
            models.CheckConstraint(
                condition=Q(primary_site__in=["", *Site.values]), name="caseversion_primary_site_is_known"
            ),
            models.CheckConstraint(
                condition=Q(first_option="", first_option_name="") | ~Q(first_option="") & ~Q(first_option_name=""),
                name="caseversion_first_option_is_named",
            ),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="caseversion_sha256_is_a_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.case}, version {self.number}"

    def keep(self, ranking: RankingRecord) -> None:
        text = canonical_json(as_dict(ranking))
        self.ranking, self.sha256 = zlib.compress(text, 6), sha256_of(text)

    @property
    def ranking_json(self) -> bytes:
        """The ranking as canonical JSON. Raises DamagedRanking."""
        try:
            text = zlib.decompress(self.ranking)
        except zlib.error as error:
            raise DamagedRanking(f"{self}: {error}") from error
        if sha256_of(text) != self.sha256:
            raise DamagedRanking(f"{self}: its SHA-256 is {sha256_of(text)} and should be {self.sha256}")
        return text

    @property
    def ranked(self) -> RankingRecord:
        """The ranking as it was stored. Raises DamagedRanking."""
        try:
            return from_json(self.ranking_json)
        except RecordError as error:
            raise DamagedRanking(f"{self}: {error}") from error


class DamagedRanking(Exception):  # noqa: N818 - says what the ranking is
    """A stored ranking that is not what its SHA-256 says, or that is none."""
