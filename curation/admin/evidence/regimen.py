"""Regimens with what hangs on them, and indications."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from curation.admin.editing.pages import EditingAdmin
from regimens.models import (
    Approval,
    Caution,
    Drug,
    Indication,
    IndicationSource,
    LeadDrug,
    Regimen,
    RegimenDrug,
    RegionalAvailability,
)
from regimens.models.choices import Region
from staff.rows import EvidenceAdmin

from .base import EvidenceInline, RowAdmin, in_words, link_to


class RegimenDrugInline(EvidenceInline):
    model = RegimenDrug
    fields = ("drug",)


class LeadDrugInline(EvidenceInline):
    model = LeadDrug
    fields = ("name",)


class RegionalAvailabilityInline(EvidenceInline):
    model = RegionalAvailability


class ApprovalInline(EvidenceInline):
    model = Approval
    fields = ("region", "indication", "year", "url")


class CautionInline(EvidenceInline):
    model = Caution
    fields = ("level", "when", "text", "url")


class IndicationInline(EvidenceInline):
    model = Indication
    fields = ("key", "stance", "when", "regions", "rationale")


class IndicationSourceInline(EvidenceInline):
    model = IndicationSource
    fields = ("statement", "publication", "approval_region")


@admin.register(Regimen)
class RegimenAdmin(EditingAdmin):
    kind = "regimens"
    list_display = ("name", "slug", "drug_class", "setting", "required")
    list_filter = ("setting", "drug_class")
    search_fields = ("slug", "name", "drug_class", "drugs__name", "lead_drugs__name")
    inlines = (
        RegimenDrugInline,
        LeadDrugInline,
        RegionalAvailabilityInline,
        ApprovalInline,
        CautionInline,
        IndicationInline,
    )
    readonly_fields = ("required",)

    @admin.display(description="given only with")
    def required(self, row: Regimen) -> str:
        return in_words(row.requires, empty="")


@admin.register(Drug)
class DrugAdmin(EvidenceAdmin):
    list_display = ("name", "edited_on")
    readonly_fields = ("edited_on",)
    search_fields = ("name", "regimens__name")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("regimens")

    @admin.display(description="edited on")
    def edited_on(self, row: Drug) -> SafeString | str:
        return format_html_join(", ", "{}", ((link_to(regimen),) for regimen in row.regimens.all()))


@admin.register(RegimenDrug)
class RegimenDrugAdmin(RowAdmin):
    on = "regimen"
    list_display = ("regimen", "drug", "position")
    list_select_related = ("regimen", "drug")
    search_fields = ("regimen__name", "regimen__slug", "drug__name")


@admin.register(LeadDrug)
class LeadDrugAdmin(RowAdmin):
    on = "regimen"
    list_display = ("regimen", "name")
    list_select_related = ("regimen",)
    search_fields = ("regimen__name", "regimen__slug", "name")


@admin.register(RegionalAvailability)
class RegionalAvailabilityAdmin(RowAdmin):
    on = "regimen"
    list_display = ("regimen", "region", "status")
    list_filter = ("region", "status")
    list_select_related = ("regimen",)
    search_fields = ("regimen__name", "regimen__slug")


@admin.register(Approval)
class ApprovalAdmin(RowAdmin):
    on = "regimen"
    list_display = ("regimen", "region", "indication", "year")
    list_filter = ("region", "year")
    list_select_related = ("regimen",)
    search_fields = ("regimen__name", "regimen__slug", "indication")


@admin.register(Caution)
class CautionAdmin(RowAdmin):
    on = "regimen"
    list_display = ("regimen", "level", "criterion", "text")
    list_filter = ("level",)
    list_select_related = ("regimen",)
    search_fields = ("regimen__name", "regimen__slug", "text")
    readonly_fields = ("criterion",)

    @admin.display(description="when, in words")
    def criterion(self, row: Caution) -> str:
        return in_words(row.when, empty="")


@admin.register(Indication)
class IndicationAdmin(EditingAdmin):
    kind = "indications"
    list_display = ("key", "regimen", "stance", "criterion", "where")
    list_filter = ("stance",)
    list_select_related = ("regimen",)
    search_fields = ("key", "regimen__name", "regimen__slug", "rationale")
    readonly_fields = ("criterion",)
    inlines = (IndicationSourceInline,)

    @admin.display(description="when, in words")
    def criterion(self, row: Indication) -> str:
        return in_words(row.when, empty="")

    @admin.display(description="regions")
    def where(self, row: Indication) -> str:
        return ", ".join(str(Region(region).label) for region in row.regions or ()) or "everywhere"


@admin.register(IndicationSource)
class IndicationSourceAdmin(RowAdmin):
    on = "indication"
    list_display = ("indication", "statement", "publication", "approval_region")
    list_select_related = ("indication", "statement", "publication")
    search_fields = ("indication__key", "statement__key", "publication__key")
