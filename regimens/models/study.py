"""Studies: the patients behind publications, which count once however often they are published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .base import (
    CheckedModel,
    MonthsField,
    PercentField,
    check_interval,
    choice_constraint,
    interval_constraints,
    key_validator,
    range_constraint,
    response_rate_constraints,
    validate_finite,
    validate_readings,
    validate_sites,
    validate_where,
)
from .choices import (
    ConfidenceLevel,
    Design,
    Endpoint,
    HazardRatioEndpoint,
    Histology,
    Line,
    SelectionBiomarker,
    SubgroupKind,
)
from .cohort_figures import COHORT_FIGURES, HIGHEST, NUMBERS, WITH_INTERVAL
from .publication import Publication

# How far a reported response rate may lie from responders by evaluable patients, in percentage points.
RESPONSE_RATE_TOLERANCE = 1.6

_FIELDS: Mapping[str, Callable[..., models.Field]] = {
    "count": partial(models.PositiveIntegerField, null=True, blank=True),
    "level": partial(models.PositiveSmallIntegerField, null=True, blank=True, choices=ConfidenceLevel),
    "percent": PercentField,
    "months": MonthsField,
}


def _figure_fields() -> dict[str, models.Field]:
    """A field for each figure and each bound of an interval, by column; the level stands before all intervals."""
    level = [figure for figure in COHORT_FIGURES if figure.kind == "level"]
    first = COHORT_FIGURES.index(WITH_INTERVAL[0])
    fields: dict[str, models.Field] = {}
    for figure in (*COHORT_FIGURES[:first], *level, *COHORT_FIGURES[first:]):
        if figure.column and figure.column not in fields:
            fields[figure.column] = _FIELDS[figure.kind](help_text=figure.column_help)
            fields |= {column: _FIELDS[figure.kind]() for column in figure.bound_columns}
    return fields


def _figure_ranges() -> Iterator[models.CheckConstraint]:
    """Rates and medians lie in their ranges, and so do the bounds of their intervals."""
    for kind in ("percent", "months"):
        figures = [figure for figure in NUMBERS if figure.kind == kind]
        columns = [figure.column for figure in figures]
        for column in (*columns, *(column for figure in figures for column in figure.bound_columns)):
            yield range_constraint("cohort", column, 0, HIGHEST[kind])


class Study(CheckedModel):
    """An identity alone: what a publication says of its study is a `StudyReport`."""

    key = models.CharField(
        max_length=80,
        unique=True,
        validators=[key_validator],
        help_text=_("The registry id where there is one, else a name of its own."),
    )

    class Meta:
        verbose_name_plural = "studies"
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


class StudyReport(CheckedModel):
    """A study as one publication describes it; two publications of a study may differ in patients, sites and line."""

    publication = models.OneToOneField(Publication, models.CASCADE, related_name="report")
    name = models.CharField(max_length=80, blank=True, help_text=_("Acronym."))
    registry_id = models.CharField(max_length=40, blank=True)
    design = models.CharField(max_length=30, choices=Design)
    comparative = models.BooleanField(help_text=_("The arms were formally compared."))
    line = models.CharField(max_length=20, choices=Line)
    histology = models.CharField(max_length=20, choices=Histology)
    sites = models.JSONField(validators=[validate_sites], blank=True, default=list)
    population = models.TextField(blank=True)
    biomarker = models.CharField(
        max_length=20,
        choices=SelectionBiomarker,
        blank=True,
        help_text=_("What every patient had, because patients were selected by it."),
    )
    patients = models.PositiveIntegerField(null=True, blank=True, help_text=_("Enrolled or included."))

    class Meta:
        ordering = ["publication__key"]
        constraints = [
            choice_constraint("studyreport", "design", Design),
            choice_constraint("studyreport", "line", Line),
            choice_constraint("studyreport", "histology", Histology),
            choice_constraint("studyreport", "biomarker", SelectionBiomarker, empty=True),
        ]

    def __str__(self) -> str:
        return self.name or self.registry_id or self.publication.key


class Cohort(CheckedModel):
    """The results of one arm, or of one reported subgroup of it.

    Rates are in percent and medians in months; the figures are those of `cohort_figures`. What differs from the study
    is in the four `population_` fields.
    """

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="cohorts")
    position = models.PositiveIntegerField(help_text=_("Its place among the results of the publication, from 0."))
    arm = models.CharField(max_length=120)
    regimen = models.ForeignKey(
        "Regimen",
        models.PROTECT,
        related_name="cohorts",
        null=True,
        blank=True,
        help_text=_("Empty when the arm pools several regimens."),
    )
    subgroup = models.CharField(max_length=120, blank=True)
    subgroup_kind = models.CharField(max_length=20, choices=SubgroupKind, blank=True)
    where = models.JSONField(
        null=True,
        blank=True,
        validators=[validate_where],
        help_text=_("Which patients it stands for: a criterion, empty for everybody, or “never” (shown, not pooled)."),
    )
    population_histology = models.CharField(max_length=20, choices=Histology, blank=True)
    population_line = models.CharField(max_length=20, choices=Line, blank=True)
    population_sites = models.JSONField(null=True, blank=True, validators=[validate_sites])
    population_biomarker = models.CharField(max_length=20, choices=SelectionBiomarker, blank=True)
    # In the namespace of the class, as if each were written here.
    locals().update(_figure_fields())
    hazard_ratio_endpoint = models.CharField(max_length=10, choices=HazardRatioEndpoint, blank=True)
    hazard_ratio = models.FloatField(null=True, blank=True, validators=[validate_finite, MinValueValidator(0)])
    hazard_ratio_low = models.FloatField(null=True, blank=True, validators=[validate_finite, MinValueValidator(0)])
    hazard_ratio_high = models.FloatField(null=True, blank=True, validators=[validate_finite, MinValueValidator(0)])
    hazard_ratio_versus = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)
    # Who read which figure: no form's business, but that of curation.actions.
    readings = models.JSONField(null=True, blank=True, editable=False, validators=[validate_readings])

    class Meta:
        ordering = ["publication__key", "position"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "position"], name="cohort_position_is_unique"),
            choice_constraint("cohort", "subgroup_kind", SubgroupKind, empty=True),
            choice_constraint("cohort", "population_histology", Histology, empty=True),
            choice_constraint("cohort", "population_line", Line, empty=True),
            choice_constraint("cohort", "population_biomarker", SelectionBiomarker, empty=True),
            choice_constraint("cohort", "hazard_ratio_endpoint", HazardRatioEndpoint, empty=True),
            models.CheckConstraint(
                condition=Q(confidence_level__isnull=True) | Q(confidence_level__in=ConfidenceLevel.values),
                name="cohort_confidence_level_is_listed",
            ),
            models.CheckConstraint(
                condition=Q(subgroup="", subgroup_kind="") | ~Q(subgroup="") & ~Q(subgroup_kind=""),
                name="cohort_subgroup_and_kind_go_together",
            ),
            models.CheckConstraint(
                condition=Q(hazard_ratio__isnull=True, hazard_ratio_endpoint="", hazard_ratio_versus="")
                | Q(hazard_ratio__isnull=False) & ~Q(hazard_ratio_endpoint="") & ~Q(hazard_ratio_versus=""),
                name="cohort_hazard_ratio_has_endpoint_and_comparator",
            ),
            *_figure_ranges(),
            range_constraint("cohort", "hazard_ratio", 0, None),
            *(constraint for figure in WITH_INTERVAL for constraint in interval_constraints("cohort", figure.column)),
            *interval_constraints("cohort", "hazard_ratio", rounding=0),
            *response_rate_constraints("cohort", RESPONSE_RATE_TOLERANCE),
        ]

    def __str__(self) -> str:
        return f"{self.arm}, {self.subgroup}" if self.subgroup else self.arm

    def clean(self) -> None:
        wrong: dict[str, str] = {}
        if self.where == {}:
            wrong["where"] = "a criterion, null (everybody) or never"
        if bool(self.subgroup) != bool(self.subgroup_kind):
            wrong["subgroup_kind"] = "set together with the subgroup, or neither"
        for figure in WITH_INTERVAL:
            wrong |= check_interval(self, figure.column)
        wrong |= check_interval(self, "hazard_ratio", rounding=0)
        if (self.hazard_ratio is None) != (not self.hazard_ratio_endpoint) or (self.hazard_ratio is None) != (
            not self.hazard_ratio_versus
        ):
            wrong["hazard_ratio"] = "set together with its endpoint and what it is against, or none of them"
        wrong |= self._check_response_rate()
        if wrong:
            raise ValidationError(wrong)

    def _check_response_rate(self) -> dict[str, str]:
        responders, evaluable, rate = self.responders, self.evaluable, self.objective_response_rate
        if responders is None or evaluable is None:
            return {}
        if responders > evaluable:
            return {"responders": f"at most the {evaluable} evaluable"}
        if rate is None or not evaluable:
            return {}
        counted = 100 * responders / evaluable
        if abs(counted - rate) > RESPONSE_RATE_TOLERANCE:
            return {
                "objective_response_rate": f"within {RESPONSE_RATE_TOLERANCE} points of {responders} of {evaluable}, "
                f"which is {counted:.1f}"
            }
        return {}


class SurvivalRate(CheckedModel):
    """The share of a cohort that was alive, or free of progression, after so many months."""

    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="survival_rates")
    endpoint = models.CharField(max_length=10, choices=Endpoint)
    months = models.PositiveIntegerField()
    percent = PercentField(null=False, blank=False)

    class Meta:
        ordering = ["endpoint", "months"]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "endpoint", "months"], name="survivalrate_is_unique"),
            choice_constraint("survivalrate", "endpoint", Endpoint),
            range_constraint("survivalrate", "percent", 0, 100),
        ]

    def __str__(self) -> str:
        return f"{self.get_endpoint_display()} at {self.months} months: {self.percent:g} %"
