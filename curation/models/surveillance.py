"""The surveillance desk: saved searches, each look, what was found and why, and what people decided on it.

And who saw that an entry is as its source still says. `curation.surveillance` and `curation.actions.checks` alone write
here; triggers (migration 0015 of regimens) hold that nothing of it is deleted, and that looks, reasons and checks never
change.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.models import Record
from regimens.models.base import choice_constraint, key_validator
from regimens.models.choices import (
    ASKS_ABOUT_HELD,
    EntryKind,
    ExclusionReason,
    FindingKind,
    FindingState,
    SurveySource,
)


class SavedSearch(Record):
    """What is looked for, where, again and again.

    query            in the source's own language; the address of a feed; empty where all that is held is asked about
    words            what is marked in what was found, and of a feed has to occur
    since            the day from which the first look looks
    searched_until   until this day, everything that was found was looked at by a person; null: not yet
    """

    key = models.CharField(max_length=80, unique=True, validators=[key_validator])
    name = models.CharField(max_length=120)
    source = models.CharField(max_length=30, choices=SurveySource)
    query = models.TextField(blank=True)
    words = models.JSONField(default=list, blank=True)
    since = models.DateField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    searched_until = models.DateField(null=True, blank=True)

    class Meta:
        app_label = "regimens"
        ordering = ["key"]
        verbose_name_plural = "saved searches"
        constraints = [
            choice_constraint("savedsearch", "source", SurveySource),
            models.CheckConstraint(condition=~Q(name=""), name="savedsearch_is_named"),
            models.CheckConstraint(
                condition=Q(source__in=ASKS_ABOUT_HELD, query="") | ~Q(source__in=ASKS_ABOUT_HELD) & ~Q(query=""),
                name="savedsearch_has_query_or_asks_about_held",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SearchLook(Record):
    """One look of a search, with all that came of it; never changed.

    query      what was asked then
    until      the day up to which the source was looked at
    came_from  the file that was read; empty where the source itself was asked
    answered   how many records the source gave; known: how many of them are held, proposed or were found before
    unchanged  the keys of held entries that the source says the same of
    """

    search = models.ForeignKey(SavedSearch, models.PROTECT, related_name="looks")
    at = models.DateTimeField()
    query = models.TextField(blank=True)
    until = models.DateField()
    came_from = models.CharField(max_length=200, blank=True)
    answered = models.PositiveIntegerField()
    known = models.PositiveIntegerField()
    unchanged = models.JSONField(default=list, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        app_label = "regimens"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.search}, until {self.until}"


class SurveyFinding(Record):
    """Something that searches found, once however many found it.

    identity      by what it is known again: "pmid:1", "doi:10.1/x", "nct:NCT1", "link:…"; of a change, with the state
    author, year  of the first author, in plain letters, as identity.py compares them
    place         where it appeared
    text          what else the source says, for the words to be found in; at most so long
    record        as it was read, for a proposal to be made of it
    same_study    the key of an entry of the same register number; held: of the entry that changed
    later_until   the day on which it comes back; reason: why it was excluded
    """

    kind = models.CharField(max_length=20, choices=FindingKind)
    identity = models.CharField(max_length=300, unique=True)
    title = models.TextField()
    author = models.CharField(max_length=120, blank=True)
    year = models.PositiveIntegerField(null=True, blank=True)
    pmid = models.CharField("PMID", max_length=9, blank=True)
    doi = models.CharField("DOI", max_length=200, blank=True)
    nct = models.CharField("NCT", max_length=11, blank=True)
    place = models.CharField(max_length=300, blank=True)
    url = models.CharField("address", max_length=500, blank=True)
    text = models.TextField(blank=True)
    record = models.JSONField(default=dict, blank=True)
    same_study = models.CharField(max_length=80, blank=True)
    held = models.CharField(max_length=80, blank=True)
    found_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=FindingState, default=FindingState.UNDECIDED, db_index=True)
    later_until = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=30, choices=ExclusionReason, blank=True)
    note = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "regimens"
        ordering = ["-pk"]
        constraints = [
            choice_constraint("surveyfinding", "kind", FindingKind),
            choice_constraint("surveyfinding", "state", FindingState),
            choice_constraint("surveyfinding", "reason", ExclusionReason, empty=True),
            models.CheckConstraint(condition=~Q(title=""), name="surveyfinding_has_title"),
            models.CheckConstraint(
                condition=Q(state=FindingState.UNDECIDED, decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(state=FindingState.UNDECIDED) & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="surveyfinding_is_decided_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(state=FindingState.LATER, later_until__isnull=False)
                | ~Q(state=FindingState.LATER) & Q(later_until__isnull=True),
                name="surveyfinding_later_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state=FindingState.EXCLUDED) & ~Q(reason="")
                | ~Q(state=FindingState.EXCLUDED) & Q(reason=""),
                name="surveyfinding_is_excluded_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(reason=ExclusionReason.OTHER) | ~Q(note=""), name="surveyfinding_other_reason_is_said"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FindingReason(Record):
    """Why something was found: by which search, at which look, and which of its words occur; never changed."""

    finding = models.ForeignKey(SurveyFinding, models.PROTECT, related_name="reasons")
    search = models.ForeignKey(SavedSearch, models.PROTECT, related_name="+")
    look = models.ForeignKey(SearchLook, models.PROTECT, related_name="reasons")
    words = models.JSONField(default=list, blank=True)

    class Meta:
        app_label = "regimens"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["finding", "search"], name="findingreason_is_once_a_search"),
        ]

    def __str__(self) -> str:
        return f"{self.search}: {', '.join(self.words)}" if self.words else str(self.search)


class EntryCheck(Record):
    """Somebody saw that the source of an entry still says what the entry says; never changed.

    sha256   of what the entry said: of another content it says nothing
    """

    kind = models.CharField(max_length=20, choices=EntryKind)
    key = models.CharField(max_length=80)
    sha256 = models.CharField("SHA-256", max_length=64)
    checked_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        app_label = "regimens"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["kind", "key"], name="check_of_entry")]
        constraints = [
            choice_constraint("entrycheck", "kind", EntryKind),
            # Two clicks at once, or a page sent twice, are one check.
            models.UniqueConstraint(fields=["kind", "key", "sha256", "checked_on"], name="entrycheck_is_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key}, {self.checked_on}"
