"""Publications, studies and cohorts."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curation.admin.editing.pages import EditingAdmin
from regimens.models import Cohort, Finding, Publication, Study, StudyReport, SurvivalRate
from staff.rows import EvidenceAdmin, link

from .base import EvidenceInline, RowAdmin, StackedEvidenceInline, in_words, links_to


class StudyReportInline(StackedEvidenceInline):
    model = StudyReport


class CohortInline(EvidenceInline):
    model = Cohort
    fields = (
        "arm",
        "regimen",
        "subgroup",
        "patients",
        "responders",
        "evaluable",
        "objective_response_rate",
        "progression_free_survival",
        "overall_survival",
        "grade3_events",
    )


class FindingInline(EvidenceInline):
    model = Finding
    fields = ("text",)


class SurvivalRateInline(EvidenceInline):
    model = SurvivalRate


@admin.register(Publication)
class PublicationAdmin(EditingAdmin):
    kind = "publications"
    list_display = ("key", "short_title", "journal", "year", "kind", "reading", "read_twice")
    list_filter = ("verified", "kind", "year")
    search_fields = (
        "key",
        "authors",
        "title",
        "journal",
        "doi",
        "pmid",
        "study__key",
        "cohorts__arm",
        "findings__text",
    )
    readonly_fields = ("links",)
    inlines = (StudyReportInline, CohortInline, FindingInline)

    @admin.display(description=gettext_lazy("title"))
    def short_title(self, row: Publication) -> str:
        return row.title if len(row.title) <= 90 else f"{row.title[:89]}…"

    @admin.display(description=gettext_lazy("figures"), ordering="verified")
    def reading(self, row: Publication) -> str:
        return row.get_verified_display()

    @admin.display(boolean=True, description=gettext_lazy("second reading"))
    def read_twice(self, row: Publication) -> bool:
        return bool(row.second_read_at)

    @admin.display(description=gettext_lazy("links"))
    def links(self, row: Publication) -> SafeString | str:
        return link(f"https://doi.org/{row.doi}" if row.doi else row.verified_at or row.url, row.doi or _("page read"))


@admin.register(Study)
class StudyAdmin(EvidenceAdmin):
    list_display = ("key", "names", "edited_on")
    readonly_fields = ("edited_on",)
    search_fields = ("key", "publications__report__name", "publications__report__registry_id", "publications__key")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("publications__report")

    @admin.display(description=gettext_lazy("name"))
    def names(self, row: Study) -> str:
        reports = (getattr(publication, "report", None) for publication in row.publications.all())
        return ", ".join(sorted({report.name for report in reports if report and report.name}))

    @admin.display(description=gettext_lazy("edited on"))
    def edited_on(self, row: Study) -> SafeString | str:
        return links_to(row.publications.all())


@admin.register(StudyReport)
class StudyReportAdmin(RowAdmin):
    on = "publication"
    list_display = ("publication", "name", "registry_id", "design", "line", "histology", "biomarker", "patients")
    list_filter = ("design", "line", "histology", "biomarker")
    list_select_related = ("publication",)
    search_fields = ("publication__key", "name", "registry_id", "population")


@admin.register(Cohort)
class CohortAdmin(RowAdmin):
    on = "publication"
    list_display = (
        "publication",
        "arm",
        "subgroup",
        "regimen",
        "n",
        "response_rate",
        "progression_free",
        "overall",
        "reading",
    )
    list_filter = ("publication__verified", "subgroup_kind", "publication__report__histology")
    list_select_related = ("publication", "regimen")
    search_fields = ("publication__key", "arm", "subgroup", "regimen__name", "regimen__slug", "note")
    readonly_fields = ("stands_for",)
    inlines = (SurvivalRateInline,)

    @admin.display(description=gettext_lazy("figures"), ordering="publication__verified")
    def reading(self, row: Cohort) -> str:
        return row.publication.get_verified_display()

    @admin.display(description=gettext_lazy("n"), ordering="patients")
    def n(self, row: Cohort) -> int | None:
        return row.patients

    @admin.display(description=gettext_lazy("ORR, %"), ordering="objective_response_rate")
    def response_rate(self, row: Cohort) -> str | None:
        return _figure(row.objective_response_rate)

    @admin.display(description=gettext_lazy("PFS"), ordering="progression_free_survival")
    def progression_free(self, row: Cohort) -> str | None:
        return _figure(row.progression_free_survival)

    @admin.display(description=gettext_lazy("OS"), ordering="overall_survival")
    def overall(self, row: Cohort) -> str | None:
        return _figure(row.overall_survival)

    @admin.display(description=gettext_lazy("stands for"))
    def stands_for(self, row: Cohort) -> str:
        return in_words(row.where, empty=_("everybody"))


@admin.register(Finding)
class FindingAdmin(RowAdmin):
    on = "publication"
    list_display = ("publication", "text")
    list_select_related = ("publication",)
    search_fields = ("publication__key", "text")


@admin.register(SurvivalRate)
class SurvivalRateAdmin(RowAdmin):
    on = "cohort.publication"
    list_display = ("cohort", "endpoint", "months", "percent")
    list_filter = ("endpoint", "months")
    list_select_related = ("cohort__publication",)
    search_fields = ("cohort__arm", "cohort__publication__key")


def _figure(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"
