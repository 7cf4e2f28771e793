"""Biomarkers and their prevalence."""

from __future__ import annotations

from django.contrib import admin

from curation.admin.editing.pages import EditingAdmin
from regimens.models import Biomarker, Prevalence

from .base import EvidenceInline, RowAdmin


class PrevalenceInline(EvidenceInline):
    model = Prevalence
    fields = ("population", "percent", "tested", "url", "chance_percent", "chance_sites")


@admin.register(Biomarker)
class BiomarkerAdmin(EditingAdmin):
    kind = "biomarkers"
    list_display = ("name", "slug", "feature", "positive")
    search_fields = ("slug", "name", "feature", "why_it_matters", "actionable_with__name")
    inlines = (PrevalenceInline,)


@admin.register(Prevalence)
class PrevalenceAdmin(RowAdmin):
    on = "biomarker"
    list_display = ("biomarker", "population", "percent", "tested", "chance_percent")
    list_filter = ("biomarker",)
    list_select_related = ("biomarker",)
    search_fields = ("biomarker__name", "population")
