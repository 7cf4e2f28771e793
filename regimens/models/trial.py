"""Trials that were open or pending when last looked up."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import CanonicalField, CheckedModel, ReadOnField, choice_constraint, validate_sites, validate_text_list
from .choices import Histology, Line, SelectionBiomarker, TrialPhase, TrialStatus
from .regimen import Regimen


class Trial(CheckedModel):
    """A trial as the newest page shown gave it; the register is always to be asked."""

    nct = models.CharField(
        "ClinicalTrials.gov id",
        max_length=11,
        unique=True,
        validators=[RegexValidator(r"\ANCT\d{8}\Z", "NCT and eight digits")],
    )
    acronym = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=300)
    phase = models.CharField(max_length=3, choices=TrialPhase, blank=True)
    intervention = models.CharField(max_length=200)
    regimen = models.ForeignKey(Regimen, models.PROTECT, related_name="trials", null=True, blank=True)
    line = models.CharField(max_length=20, choices=Line)
    histology = models.CharField(max_length=20, choices=Histology)
    sites = models.JSONField(validators=[validate_sites], blank=True, default=list)
    biomarker = models.CharField(max_length=20, choices=SelectionBiomarker, blank=True)
    key_eligibility = models.JSONField(default=list, blank=True, validators=[validate_text_list])
    countries = models.JSONField(
        null=True, blank=True, validators=[validate_text_list], help_text=_("Empty: not known.")
    )
    status_as_seen = models.CharField(max_length=30, choices=TrialStatus)
    url = CanonicalField(blank=False)
    read_on = ReadOnField()
    seen_note = models.TextField(blank=True)
    looked_up_on = models.DateField(null=True, blank=True, help_text=_("In the register; empty: not recorded."))

    class Meta:
        ordering = ["nct"]
        constraints = [
            choice_constraint("trial", "phase", TrialPhase, empty=True),
            choice_constraint("trial", "line", Line),
            choice_constraint("trial", "histology", Histology),
            choice_constraint("trial", "biomarker", SelectionBiomarker, empty=True),
            choice_constraint("trial", "status_as_seen", TrialStatus),
        ]

    def __str__(self) -> str:
        return f"{self.nct} {self.acronym}".rstrip()
