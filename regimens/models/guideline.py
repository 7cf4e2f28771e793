"""What guidelines say about later lines, statement by statement."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import CanonicalField, CheckedModel, ReadOnField, choice_constraint, key_validator, validate_sites
from .choices import GuidelineTopic, Histology, Verified
from .regimen import Regimen


class GuidelineStatement(CheckedModel):
    """One statement in own words; a text that is not a guideline says so in `guideline`.

    The `applies_` fields say to whom, as far as the source does.
    """

    key = models.CharField(max_length=80, unique=True, validators=[key_validator])
    guideline = models.CharField(max_length=300)
    year = models.PositiveIntegerField(null=True, blank=True)
    topic = models.CharField(max_length=20, choices=GuidelineTopic)
    statement = models.TextField()
    strength = models.CharField(max_length=80, blank=True, help_text=_("As the source grades it."))
    regimens = models.ManyToManyField(Regimen, related_name="guideline_statements", blank=True)
    applies_sites = models.JSONField(default=list, blank=True, validators=[validate_sites])
    applies_histology = models.CharField(max_length=20, choices=Histology, blank=True)
    applies_ki67 = models.CharField("applies to Ki-67", max_length=20, blank=True, help_text=_("In percent: >=55."))
    applies_platinum_free_interval_months = models.CharField(max_length=20, blank=True, help_text=_("Such as >=3."))
    applies_biomarker = models.CharField(max_length=20, blank=True)
    url = CanonicalField()
    read_on = ReadOnField()
    verified = models.CharField(max_length=20, choices=Verified)

    class Meta:
        ordering = ["key"]
        constraints = [
            choice_constraint("guidelinestatement", "topic", GuidelineTopic),
            choice_constraint("guidelinestatement", "verified", Verified),
            choice_constraint("guidelinestatement", "applies_histology", Histology, empty=True),
        ]

    def __str__(self) -> str:
        return self.key
