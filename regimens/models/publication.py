"""Publications: what was printed, where it was read, and what of it is doubtful."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .base import (
    CanonicalField,
    CheckedModel,
    ReadOnField,
    SourceField,
    choice_constraint,
    key_validator,
    validate_host,
)
from .choices import NoticeKind, PublicationKind, ReviewMark, Verified


class Publication(CheckedModel):
    key = models.CharField(
        max_length=80, unique=True, validators=[key_validator], help_text=_("First author, year, one word.")
    )
    review_reference = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Its number in the reference list of the 2023 review.")
    )
    review_mark = models.CharField(max_length=20, choices=ReviewMark, blank=True)
    authors = models.CharField(max_length=300, blank=True)
    title = models.CharField(max_length=500, blank=True)
    journal = models.CharField(max_length=200, blank=True)
    year = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1950, "a year from 1950"), MaxValueValidator(2100, "a year to 2100")],
    )
    locator = models.CharField(max_length=100, blank=True, help_text=_("Volume and pages, or abstract number."))
    doi = models.CharField(
        "DOI",
        max_length=200,
        blank=True,
        validators=[RegexValidator(r"\A10\.\d{4,9}/\S+\Z", "a DOI, such as 10.1016/S1470-2045(22)00805-9")],
    )
    pmid = models.CharField(
        "PubMed id", max_length=9, blank=True, validators=[RegexValidator(r"\A\d{5,9}\Z", "five to nine digits")]
    )
    url = CanonicalField()
    read_on = ReadOnField()
    kind = models.CharField(max_length=20, choices=PublicationKind)
    study = models.ForeignKey(
        "Study",
        models.PROTECT,
        related_name="publications",
        null=True,
        blank=True,
        help_text=_("Empty for a text without patients of its own."),
    )
    verified = models.CharField(max_length=20, choices=Verified, help_text=_("Where the figures were read."))
    verified_at = SourceField(validators=[validate_host])
    second_read_at = SourceField(
        help_text=_("Where a second reader, who had not seen the first reading, read the same.")
    )
    doubts = models.TextField(
        blank=True, help_text=_("Figures that disagree between sources, what could not be found.")
    )
    notice_kind = models.CharField(
        max_length=30, choices=NoticeKind, blank=True, help_text=_("What was printed against it, the gravest.")
    )
    notice_text = models.TextField(blank=True, help_text=_("Where the notice is printed, and what it says."))
    notice_url = SourceField(validators=[validate_host], help_text=_("The page of the notice."))

    class Meta:
        ordering = ["key"]
        constraints = [
            choice_constraint("publication", "kind", PublicationKind),
            choice_constraint("publication", "verified", Verified),
            choice_constraint("publication", "review_mark", ReviewMark, empty=True),
            choice_constraint("publication", "notice_kind", NoticeKind, empty=True),
            models.CheckConstraint(
                condition=Q(notice_kind="", notice_text="", notice_url="")
                | ~Q(notice_kind="") & ~Q(notice_text="") & ~Q(notice_url=""),
                name="publication_notice_has_kind_text_and_address",
            ),
            models.CheckConstraint(
                condition=Q(verified=Verified.NONE) | ~Q(verified_at=""), name="publication_verified_somewhere"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def clean(self) -> None:
        if self.verified and self.verified != Verified.NONE and not self.verified_at:
            raise ValidationError({"verified_at": "the page on which it was read, unless verified is none"})
        if len({bool(part) for part in (self.notice_kind, self.notice_text, self.notice_url)}) > 1:
            raise ValidationError({"notice_kind": "set together with its text and its address, or none of them"})


class Finding(CheckedModel):
    """One clinically useful fact of a publication, in own words, with its figures."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="findings")
    position = models.PositiveIntegerField()
    text = models.TextField()

    class Meta:
        ordering = ["publication__key", "position"]
        constraints = [models.UniqueConstraint(fields=["publication", "position"], name="finding_position_is_unique")]

    def __str__(self) -> str:
        return self.text
