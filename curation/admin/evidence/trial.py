"""Trials."""

from __future__ import annotations

from django.contrib import admin

from curation.admin.editing.pages import EditingAdmin
from regimens.models import Trial


@admin.register(Trial)
class TrialAdmin(EditingAdmin):
    kind = "trials"
    list_display = ("nct", "acronym", "title", "phase", "regimen", "status_as_seen")
    list_filter = ("status_as_seen", "phase", "line", "histology", "biomarker")
    list_select_related = ("regimen",)
    search_fields = ("nct", "acronym", "title", "intervention", "regimen__name")
