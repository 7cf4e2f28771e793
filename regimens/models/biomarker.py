"""Biomarkers: how they are tested, how often they are found, what they make actionable."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regimens.rules.logic import CriterionError, check_criterion
from regimens.rules.patient import FEATURES

from .base import (
    CanonicalField,
    CheckedModel,
    PercentField,
    ReadOnField,
    key_validator,
    range_constraint,
    validate_sites,
    validate_text_list,
)
from .guideline import GuidelineStatement
from .regimen import Regimen


def validate_feature(value: str) -> None:
    if value not in FEATURES:
        raise ValidationError(f"a feature of a patient: one of {', '.join(FEATURES)}")


class Biomarker(CheckedModel):
    slug = models.CharField(max_length=40, unique=True, validators=[key_validator])
    name = models.CharField(max_length=120)
    feature = models.CharField(
        max_length=40, blank=True, validators=[validate_feature], help_text=_("The feature of a patient that holds it.")
    )
    positive = models.JSONField(
        null=True,
        blank=True,
        help_text=_("The value that counts as positive when a missing test is tried out; empty: not tried out."),
    )
    values = models.JSONField(default=list, blank=True, validators=[validate_text_list])
    test_methods = models.JSONField(default=list, blank=True, validators=[validate_text_list])
    why_it_matters = models.TextField()
    actionable_with = models.ManyToManyField(Regimen, related_name="biomarkers", blank=True)
    guideline_statements = models.ManyToManyField(GuidelineStatement, related_name="biomarkers", blank=True)

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(positive__isnull=True) | ~Q(feature=""), name="biomarker_positive_value_is_of_a_feature"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.positive is None:
            return
        if not self.feature:
            raise ValidationError({"positive": "null where there is no feature"})
        if self.feature in FEATURES and (problem := _problem(self.feature, self.positive)):
            raise ValidationError({"positive": problem})


class Prevalence(CheckedModel):
    """How often a biomarker was positive in a population.

    With `chance_percent` the figure is used as the chance of a positive result at the sites named.
    """

    biomarker = models.ForeignKey(Biomarker, models.CASCADE, related_name="prevalence")
    position = models.PositiveIntegerField()
    population = models.CharField(max_length=200)
    percent = PercentField(null=False, blank=False)
    tested = models.PositiveIntegerField(null=True, blank=True)
    url = CanonicalField()
    read_on = ReadOnField()
    chance_percent = PercentField()
    chance_sites = models.JSONField(null=True, blank=True, validators=[validate_sites])

    class Meta:
        verbose_name_plural = "prevalence"
        ordering = ["biomarker__slug", "position"]
        constraints = [
            models.UniqueConstraint(fields=["biomarker", "position"], name="prevalence_position_is_unique"),
            range_constraint("prevalence", "percent", 0, 100),
            range_constraint("prevalence", "chance_percent", 0, 100),
            models.CheckConstraint(
                condition=Q(chance_percent__isnull=True, chance_sites__isnull=True)
                | Q(chance_percent__isnull=False, chance_sites__isnull=False),
                name="prevalence_chance_has_sites",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent:g} % of {self.population}"

    def clean(self) -> None:
        if (self.chance_percent is None) != (not self.chance_sites):
            raise ValidationError({"chance_percent": "set together with the sites it holds for, or neither"})


def _problem(feature: str, positive: Any) -> str | None:
    """Why a value cannot be that of a feature, in words."""
    comparison = "at_least" if FEATURES[feature].is_numeric else "is"
    try:
        check_criterion({"feature": feature, comparison: positive})
    except CriterionError as error:
        return str(error)
    return None
