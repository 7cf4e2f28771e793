"""Regimens with what hangs on them, and indications."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curation.admin.editing.pages import EditingAdmin
from regimens.models import (
    Caution,
    Indication,
    IndicationSource,
    LeadDrug,
    Licence,
    Regimen,
    RegimenDrug,
    RegionalAvailability,
)
from regimens.models.choices import Region

from .base import EvidenceInline, RowAdmin, in_words


class RegimenDrugInline(EvidenceInline):
    model = RegimenDrug
    fields = ("position", "drug", "alternative")


class LeadDrugInline(EvidenceInline):
    model = LeadDrug
    fields = ("name",)


class RegionalAvailabilityInline(EvidenceInline):
    model = RegionalAvailability


class LicenceInline(EvidenceInline):
    model = Licence
    fields = ("key", "region", "when", "covers", "kind", "since", "label")


class CautionInline(EvidenceInline):
    model = Caution
    fields = ("level", "when", "text", "label", "section", "url")


class IndicationInline(EvidenceInline):
    model = Indication
    fields = ("key", "stance", "when", "regions", "rationale")


class IndicationSourceInline(EvidenceInline):
    model = IndicationSource
    fields = ("statement", "publication", "licence")


@admin.register(Regimen)
class RegimenAdmin(EditingAdmin):
    kind = "regimens"
    list_display = ("name", "slug", "drug_class", "setting", "required")
    list_filter = ("setting", "drug_class")
    search_fields = ("slug", "name", "drug_class", "drugs__name", "drugs__synonyms", "lead_drugs__name")
    inlines = (
        RegimenDrugInline,
        LeadDrugInline,
        RegionalAvailabilityInline,
        LicenceInline,
        CautionInline,
        IndicationInline,
    )
    readonly_fields = ("required",)

    @admin.display(description=gettext_lazy("given only with"))
    def required(self, row: Regimen) -> str:
        return in_words(row.requires, empty="")


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


@admin.register(Licence)
class LicenceAdmin(EditingAdmin):
    kind = "licences"
    list_display = ("key", "regimen", "region", "covers", "kind", "since", "criterion")
    list_filter = ("region", "covers", "kind")
    list_select_related = ("regimen",)
    search_fields = ("key", "regimen__name", "regimen__slug", "label")
    readonly_fields = ("criterion",)

    @admin.display(description=gettext_lazy("for, in words"))
    def criterion(self, row: Licence) -> str:
        return in_words(row.when, empty=_("everybody"))


@admin.register(Caution)
class CautionAdmin(RowAdmin):
    on = "regimen"
    list_display = ("regimen", "level", "criterion", "text")
    list_filter = ("level",)
    list_select_related = ("regimen",)
    search_fields = ("regimen__name", "regimen__slug", "text")
    readonly_fields = ("criterion",)

    @admin.display(description=gettext_lazy("when, in words"))
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

    @admin.display(description=gettext_lazy("when, in words"))
    def criterion(self, row: Indication) -> str:
        return in_words(row.when, empty="")

    @admin.display(description=gettext_lazy("regions"))
    def where(self, row: Indication) -> str:
        return ", ".join(str(Region(region).label) for region in row.regions or ()) or _("everywhere")


@admin.register(IndicationSource)
class IndicationSourceAdmin(RowAdmin):
    on = "indication"
    list_display = ("indication", "statement", "publication", "licence")
    list_select_related = ("indication", "statement", "publication", "licence")
    search_fields = ("indication__key", "statement__key", "publication__key", "licence__key")
