"""Drugs: what they are called, what to beware of, and what progression on one says of others of its class."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regimens.rules.evidence import RULING_OUT

from .base import (
    CanonicalField,
    CheckedModel,
    ReadOnField,
    choice_constraint,
    key_validator,
    validate_class_sources,
    validate_criterion,
    validate_labels,
    validate_text_list,
)
from .choices import CautionLevel, ClassResistance


class ExposureClass(CheckedModel):
    """What progression on a drug says of others of its class (METHOD, section 8).

    alone      the level where the regimen brings no class that has not failed
    combined   the level where it brings another
    """

    slug = models.CharField(max_length=60, unique=True, validators=[key_validator])
    name = models.CharField(max_length=80)
    alone = models.CharField(max_length=20, choices=ClassResistance, help_text=_("The regimen brings no other class."))
    combined = models.CharField(
        max_length=20, choices=ClassResistance, help_text=_("The regimen brings another class.")
    )
    exceptions = models.JSONField(
        default=list, blank=True, validators=[validate_text_list], help_text=_("Regimens that it does not touch.")
    )
    text = models.TextField()
    sources = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_class_sources],
        help_text=_("On what it rests; without any it is a convention, and the page says so."),
    )

    class Meta:
        verbose_name_plural = "exposure classes"
        ordering = ["slug"]
        constraints = [
            choice_constraint("exposureclass", "alone", ClassResistance),
            choice_constraint("exposureclass", "combined", ClassResistance),
        ]

    def __str__(self) -> str:
        return self.name


class Drug(CheckedModel):
    """A drug of a regimen, or one that a patient may have had before."""

    slug = models.CharField(max_length=60, unique=True, validators=[key_validator])
    name = models.CharField(max_length=80, unique=True, help_text=_("The international non-proprietary name."))
    synonyms = models.JSONField(
        default=list, blank=True, validators=[validate_text_list], help_text=_("Brands and abbreviations.")
    )
    atc = models.CharField("ATC code", max_length=10, blank=True)
    classes = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_text_list],
        help_text=_("Exposure classes; none for a companion."),
    )
    labels = models.JSONField(
        default=list, blank=True, validators=[validate_labels], help_text=_("Official label pages, by region.")
    )

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class CautionOf(CheckedModel):
    """A risk, tied to a criterion; above the level caution never to the empty one, which would rule out everybody.

    label         whose text the page gives: the country of an official label, or trial
    extrapolated  the page is about another drug of the class, and the text says so
    """

    position = models.PositiveIntegerField()
    when = models.JSONField(default=dict, blank=True, validators=[validate_criterion])
    level = models.CharField(max_length=20, choices=CautionLevel)
    text = models.TextField()
    section = models.CharField(max_length=60, blank=True, help_text=_("Of the label, or trial eligibility."))
    label = models.CharField(
        max_length=10, blank=True, help_text=_("Whose text the page gives: US, EU, JP, …, or trial.")
    )
    extrapolated = models.BooleanField(default=False, help_text=_("The page is about another drug of the class."))
    url = CanonicalField()
    read_on = ReadOnField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        if self.level in RULING_OUT and not self.when:
            raise ValidationError(
                {"when": f"a criterion: one of level {self.level} without any would rule it out for everybody"}
            )


class DrugCaution(CautionOf):
    """A risk of a drug, which every regimen with it inherits."""

    drug = models.ForeignKey(Drug, models.CASCADE, related_name="cautions")

    class Meta(CautionOf.Meta):
        ordering = ["drug__slug", "position"]
        constraints = [
            models.UniqueConstraint(fields=["drug", "position"], name="drugcaution_position_is_unique"),
            choice_constraint("drugcaution", "level", CautionLevel),
            models.CheckConstraint(
                condition=Q(level=CautionLevel.CAUTION) | ~Q(when={}), name="drugcaution_ruling_out_has_criterion"
            ),
        ]
