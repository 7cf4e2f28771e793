"""Regimens: their drugs, where they may be had, what to beware of, and when they are indicated."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from .base import (
    CheckedModel,
    SourceField,
    choice_constraint,
    key_validator,
    validate_criterion,
    validate_regions,
)
from .choices import Availability, CautionLevel, Region, Setting, Stance


class Drug(CheckedModel):
    name = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Regimen(CheckedModel):
    slug = models.CharField(max_length=60, unique=True, validators=[key_validator])
    name = models.CharField(max_length=120)
    drug_class = models.CharField(max_length=60)
    drugs = models.ManyToManyField(Drug, through="RegimenDrug", related_name="regimens")
    setting = models.CharField(max_length=20, choices=Setting)
    requires = models.JSONField(
        null=True,
        blank=True,
        validators=[validate_criterion],
        help_text="A criterion without which it is not given: its biomarker.",
    )
    schedule = models.TextField(blank=True, help_text="As published.")
    schedule_source = SourceField()
    region_note = models.TextField(blank=True)
    region_note_source = SourceField()
    gaps = models.TextField(blank=True, help_text="What could not be read.")

    class Meta:
        ordering = ["slug"]
        constraints = [choice_constraint("regimen", "setting", Setting)]

    def __str__(self) -> str:
        return self.name


class RegimenDrug(CheckedModel):
    regimen = models.ForeignKey(Regimen, models.CASCADE, related_name="drug_entries")
    drug = models.ForeignKey(Drug, models.PROTECT)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["regimen__slug", "position"]
        constraints = [
            models.UniqueConstraint(fields=["regimen", "drug"], name="regimendrug_is_unique"),
            models.UniqueConstraint(fields=["regimen", "position"], name="regimendrug_position_is_unique"),
        ]

    def __str__(self) -> str:
        return self.drug.name


class LeadDrug(CheckedModel):
    """What resistance is carried by: a drug, or a class such as checkpoint blockade."""

    regimen = models.ForeignKey(Regimen, models.CASCADE, related_name="lead_drugs")
    name = models.CharField(max_length=80)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["regimen__slug", "position"]
        constraints = [models.UniqueConstraint(fields=["regimen", "name"], name="leaddrug_is_unique")]

    def __str__(self) -> str:
        return self.name


class RegionalAvailability(CheckedModel):
    """Whether a regimen may be had for EP-NEC in a region."""

    regimen = models.ForeignKey(Regimen, models.CASCADE, related_name="availability")
    region = models.CharField(max_length=2, choices=Region)
    status = models.CharField(max_length=20, choices=Availability)

    class Meta:
        verbose_name_plural = "regional availability"
        ordering = ["regimen__slug", "region"]
        constraints = [
            models.UniqueConstraint(fields=["regimen", "region"], name="regionalavailability_is_unique"),
            choice_constraint("regionalavailability", "region", Region),
            choice_constraint("regionalavailability", "status", Availability),
        ]

    def __str__(self) -> str:
        return f"{self.region}: {self.get_status_display()}"


class Approval(CheckedModel):
    """A licence that bears on EP-NEC; “Not NEC” marks one that does not cover it."""

    regimen = models.ForeignKey(Regimen, models.CASCADE, related_name="approvals")
    position = models.PositiveIntegerField()
    region = models.CharField(max_length=2, choices=Region)
    indication = models.TextField()
    year = models.PositiveIntegerField(null=True, blank=True)
    url = SourceField("address")

    class Meta:
        ordering = ["regimen__slug", "position"]
        constraints = [
            models.UniqueConstraint(fields=["regimen", "position"], name="approval_position_is_unique"),
            choice_constraint("approval", "region", Region),
        ]

    def __str__(self) -> str:
        return f"{self.region}: {self.indication}"


class Caution(CheckedModel):
    """A risk of a regimen: the empty criterion always holds, so is a risk of the drug itself."""

    regimen = models.ForeignKey(Regimen, models.CASCADE, related_name="cautions")
    position = models.PositiveIntegerField()
    when = models.JSONField(default=dict, blank=True, validators=[validate_criterion])
    level = models.CharField(max_length=20, choices=CautionLevel)
    text = models.TextField()
    url = SourceField("address")

    class Meta:
        ordering = ["regimen__slug", "position"]
        constraints = [
            models.UniqueConstraint(fields=["regimen", "position"], name="caution_position_is_unique"),
            choice_constraint("caution", "level", CautionLevel),
        ]

    def __str__(self) -> str:
        return self.text


class Indication(CheckedModel):
    """When a regimen is recommended, considered or advised against."""

    key = models.CharField(max_length=80, unique=True, validators=[key_validator])
    regimen = models.ForeignKey(Regimen, models.PROTECT, related_name="indications")
    when = models.JSONField(default=dict, blank=True, validators=[validate_criterion])
    stance = models.CharField(max_length=20, choices=Stance)
    regions = models.JSONField(null=True, blank=True, validators=[validate_regions], help_text="Empty: everywhere.")
    rechallenge = models.BooleanField(help_text="Holds although the regimen’s drugs were given before.")
    rationale = models.TextField()

    class Meta:
        ordering = ["key"]
        constraints = [choice_constraint("indication", "stance", Stance)]

    def __str__(self) -> str:
        return self.key

    def clean(self) -> None:
        if self.regions == []:
            raise ValidationError({"regions": "one region or more, or null for everywhere"})


class IndicationSource(CheckedModel):
    """On whose word an indication stands: a guideline statement, a publication, or an approval in a region."""

    indication = models.ForeignKey(Indication, models.CASCADE, related_name="sources")
    position = models.PositiveIntegerField()
    statement = models.ForeignKey("GuidelineStatement", models.PROTECT, null=True, blank=True)
    publication = models.ForeignKey("Publication", models.PROTECT, null=True, blank=True)
    approval_region = models.CharField(max_length=2, choices=Region, blank=True)

    class Meta:
        ordering = ["indication__key", "position"]
        constraints = [
            models.UniqueConstraint(fields=["indication", "position"], name="indicationsource_position_is_unique"),
            choice_constraint("indicationsource", "approval_region", Region, empty=True),
            models.CheckConstraint(
                condition=Q(statement__isnull=False, publication__isnull=True, approval_region="")
                | Q(statement__isnull=True, publication__isnull=False, approval_region="")
                | Q(statement__isnull=True, publication__isnull=True) & ~Q(approval_region=""),
                name="indicationsource_is_one_thing",
            ),
        ]

    def __str__(self) -> str:
        if self.statement:
            return f"guideline:{self.statement.key}"
        return f"publication:{self.publication.key}" if self.publication else f"approval:{self.approval_region}"

    def clean(self) -> None:
        if [bool(self.statement_id), bool(self.publication_id), bool(self.approval_region)].count(True) != 1:
            raise ValidationError("exactly one of a guideline statement, a publication and the region of an approval")
