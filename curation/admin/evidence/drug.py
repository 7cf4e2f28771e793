"""Drugs, and the exposure classes that they belong to."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from curation.admin.editing.pages import EditingAdmin
from regimens.models import Drug, DrugCaution, ExposureClass

from .base import EvidenceInline, RowAdmin, in_words, links_to


class DrugCautionInline(EvidenceInline):
    model = DrugCaution
    fields = ("level", "when", "text", "label", "section", "url")


@admin.register(Drug)
class DrugAdmin(EditingAdmin):
    kind = "drugs"
    list_display = ("name", "slug", "also_called", "atc", "class_names")
    search_fields = ("slug", "name", "synonyms", "atc", "classes")
    readonly_fields = ("part_of",)
    named_by = "part_of"
    inlines = (DrugCautionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("regimens")

    @admin.display(description=gettext_lazy("synonyms"))
    def also_called(self, row: Drug) -> str:
        return ", ".join(row.synonyms)

    @admin.display(description=gettext_lazy("classes"))
    def class_names(self, row: Drug) -> str:
        return ", ".join(row.classes)

    @admin.display(description=gettext_lazy("regimens with it"))
    def part_of(self, row: Drug) -> SafeString | str:
        return links_to(row.regimens.all())


@admin.register(DrugCaution)
class DrugCautionAdmin(RowAdmin):
    on = "drug"
    list_display = ("drug", "level", "criterion", "text")
    list_filter = ("level", "label")
    list_select_related = ("drug",)
    search_fields = ("drug__name", "drug__slug", "text")
    readonly_fields = ("criterion",)

    @admin.display(description=gettext_lazy("when, in words"))
    def criterion(self, row: DrugCaution) -> str:
        return in_words(row.when, empty="")


@admin.register(ExposureClass)
class ExposureClassAdmin(EditingAdmin):
    kind = "exposure_classes"
    list_display = ("name", "slug", "alone", "combined", "text")
    list_filter = ("alone", "combined")
    search_fields = ("slug", "name", "text")
    readonly_fields = ("members",)
    named_by = "members"

    @admin.display(description=gettext_lazy("drugs of the class"))
    def members(self, row: ExposureClass) -> SafeString | str:
        return links_to(drug for drug in Drug.objects.order_by("name") if row.slug in drug.classes)
