"""Regimens: their drugs, where they are licensed and for whom, what to beware of, and when they are indicated."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .base import (
    CanonicalField,
    CheckedModel,
    ReadOnField,
    choice_constraint,
    key_validator,
    validate_criterion,
    validate_regions,
)
from .choices import Availability, CautionLevel, Covers, LicenceKind, Region, Setting, Stance
from .drug import CautionOf, Drug


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
        help_text=_("A criterion without which it is not given: its biomarker."),
    )
    schedule = models.TextField(blank=True, help_text=_("As published."))
    schedule_url = CanonicalField("address of the schedule")
    schedule_read_on = ReadOnField()
    region_note = models.TextField(blank=True)
    region_note_url = CanonicalField("address of the note")
    region_note_read_on = ReadOnField()
    gaps = models.TextField(blank=True, help_text=_("What could not be read."))

    class Meta:
        ordering = ["slug"]
        constraints = [choice_constraint("regimen", "setting", Setting)]

    def __str__(self) -> str:
        return self.name


class RegimenDrug(CheckedModel):
    """A drug of a regimen at its position; drugs at one position are alternatives to one another."""

    regimen = models.ForeignKey(Regimen, models.CASCADE, related_name="drug_entries")
    drug = models.ForeignKey(Drug, models.PROTECT)
    position = models.PositiveIntegerField()
    alternative = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Its place among alternatives."))

    class Meta:
        ordering = ["regimen__slug", "position", "alternative"]
        constraints = [
            models.UniqueConstraint(fields=["regimen", "drug"], name="regimendrug_is_unique"),
            models.UniqueConstraint(
                fields=["regimen", "position", "alternative"], name="regimendrug_alternative_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.drug.name


class LeadDrug(CheckedModel):
    """What resistance is carried by: a drug, or `cisplatin-carboplatin`, which stands for both."""

    regimen = models.ForeignKey(Regimen, models.CASCADE, related_name="lead_drugs")
    name = models.CharField(max_length=80)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["regimen__slug", "position"]
        constraints = [models.UniqueConstraint(fields=["regimen", "name"], name="leaddrug_is_unique")]

    def __str__(self) -> str:
        return self.name


class RegionalAvailability(CheckedModel):
    """What holds in a region where no licence of the regimen is true for a patient."""

    regimen = models.ForeignKey(Regimen, models.CASCADE, related_name="otherwise")
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


class Licence(CheckedModel):
    """A licence or ruling in a region, with the criterion under which it holds."""

    key = models.CharField(max_length=80, unique=True, validators=[key_validator])
    regimen = models.ForeignKey(Regimen, models.PROTECT, related_name="licences")
    region = models.CharField(max_length=2, choices=Region)
    when = models.JSONField(default=dict, blank=True, validators=[validate_criterion])
    covers = models.CharField(max_length=20, choices=Covers, help_text=_("A NEC that meets the criterion."))
    kind = models.CharField(max_length=20, choices=LicenceKind, blank=True)
    since = models.CharField(
        max_length=10,
        blank=True,
        validators=[RegexValidator(r"\A\d{4}(-\d{2}-\d{2})?\Z", "a year or a day, such as 2024 or 2024-04-05")],
        help_text=_("A year or a day."),
    )
    label = models.TextField(help_text=_("What it is for, in own words."))
    url = CanonicalField()
    read_on = ReadOnField()
    seen_on = models.DateField(null=True, blank=True, help_text=_("The day on which it was looked up."))

    class Meta:
        ordering = ["key"]
        constraints = [
            choice_constraint("licence", "region", Region),
            choice_constraint("licence", "covers", Covers),
            choice_constraint("licence", "kind", LicenceKind, empty=True),
            models.CheckConstraint(condition=Q(covers=Covers.REIMBURSED) | ~Q(when={}), name="licence_is_for_somebody"),
        ]

    def __str__(self) -> str:
        return self.key

    def clean(self) -> None:
        wrong: dict[str, str] = {}
        if self.covers != Covers.REIMBURSED and not self.when:
            wrong["when"] = "a criterion: a licence names the disease that it is for, and holds for nobody else"
        if not _is_year_or_day(self.since):
            wrong["since"] = "a year from 1950 to 2100 or a day of one"
        if wrong:
            raise ValidationError(wrong)


def _is_year_or_day(text: str) -> bool:
    """Whether a text in the form of a year or a day is one; no text is."""
    try:
        return not text or 1950 <= date.fromisoformat(text if "-" in text else f"{text}-01-01").year <= 2100
    except ValueError:
        return False


class Caution(CautionOf):
    """A risk of the combination, or one that its trials name; those of its drugs hang on the drugs."""

    regimen = models.ForeignKey(Regimen, models.CASCADE, related_name="cautions")

    class Meta(CautionOf.Meta):
        ordering = ["regimen__slug", "position"]
        constraints = [
            models.UniqueConstraint(fields=["regimen", "position"], name="caution_position_is_unique"),
            choice_constraint("caution", "level", CautionLevel),
            models.CheckConstraint(
                condition=Q(level=CautionLevel.CAUTION) | ~Q(when={}), name="caution_ruling_out_has_criterion"
            ),
        ]


class Indication(CheckedModel):
    """When a regimen is recommended, considered or advised against."""

    key = models.CharField(max_length=80, unique=True, validators=[key_validator])
    regimen = models.ForeignKey(Regimen, models.PROTECT, related_name="indications")
    when = models.JSONField(default=dict, blank=True, validators=[validate_criterion])
    stance = models.CharField(max_length=20, choices=Stance)
    regions = models.JSONField(null=True, blank=True, validators=[validate_regions], help_text=_("Empty: everywhere."))
    rechallenge = models.BooleanField(help_text=_("Holds although the regimen’s drugs were given before."))
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
    """On whose word an indication stands: a guideline statement, a publication, or a licence."""

    indication = models.ForeignKey(Indication, models.CASCADE, related_name="sources")
    position = models.PositiveIntegerField()
    statement = models.ForeignKey("GuidelineStatement", models.PROTECT, null=True, blank=True)
    publication = models.ForeignKey("Publication", models.PROTECT, null=True, blank=True)
    licence = models.ForeignKey(Licence, models.PROTECT, null=True, blank=True)

    class Meta:
        ordering = ["indication__key", "position"]
        constraints = [
            models.UniqueConstraint(fields=["indication", "position"], name="indicationsource_position_is_unique"),
            models.CheckConstraint(
                condition=Q(statement__isnull=False, publication__isnull=True, licence__isnull=True)
                | Q(statement__isnull=True, publication__isnull=False, licence__isnull=True)
                | Q(statement__isnull=True, publication__isnull=True, licence__isnull=False),
                name="indicationsource_is_one_thing",
            ),
        ]

    def __str__(self) -> str:
        if self.statement:
            return f"guideline:{self.statement.key}"
        return f"publication:{self.publication.key}" if self.publication else f"licence:{self.licence}"

    def clean(self) -> None:
        if [bool(self.statement_id), bool(self.publication_id), bool(self.licence_id)].count(True) != 1:
            raise ValidationError("exactly one of a guideline statement, a publication and a licence")
