"""Releases: listed, shown with what was new in them, compared and exported; made on the page “Publish a release”."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import localize
from django.utils.safestring import SafeString
from django.utils.timezone import template_localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curation.permissions import PUBLISH, REINSTATE
from regimens import releases
from regimens.models import KnowledgeRelease, ReleaseInForce
from regimens.models.choices import InForceBy
from regimens.releases import DamagedRelease, edition_of
from staff.rows import EvidenceAdmin, link

from .reinstating import comparison


@admin.register(KnowledgeRelease)
class KnowledgeReleaseAdmin(EvidenceAdmin):
    list_display = ("name", "published_at", "published_by", "in_force", "digest")
    list_select_related = ("published_by",)
    search_fields = ("name", "sha256", "times_in_force__reason")
    fields = readonly_fields = ("called", "summary", "published", "publisher", "whole_digest", "edition", "in_force")
    change_form_template = "admin/releases/release.html"
    change_list_template = "admin/releases/list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        newest = ReleaseInForce.objects.filter(confirmed_at__isnull=False).values("release_id")[:1]
        return super().get_queryset(request).defer("content").annotate(newest=Subquery(newest))

    @admin.display(boolean=True, description=gettext_lazy("in force"))
    def in_force(self, row: KnowledgeRelease) -> bool:
        return bool(row.pk == row.newest)  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("edition of the method"))
    def edition(self, row: KnowledgeRelease) -> str:
        try:
            return str(edition_of(row.sha256))
        except DamagedRelease:
            return ""

    @admin.display(description=gettext_lazy("name"))
    def called(self, row: KnowledgeRelease) -> str:
        return row.name

    @admin.display(description=gettext_lazy("published at"))
    def published(self, row: KnowledgeRelease) -> str:
        return str(localize(template_localtime(row.published_at)))

    @admin.display(description=gettext_lazy("published by"))
    def publisher(self, row: KnowledgeRelease) -> SafeString | str:
        person = row.published_by
        return link(reverse("admin:auth_user_change", args=[person.pk]), str(person)) if person else "-"

    @admin.display(description="SHA-256")
    def whole_digest(self, row: KnowledgeRelease) -> str:
        return row.sha256

    @admin.display(description="SHA-256")
    def digest(self, row: KnowledgeRelease) -> str:
        return f"{row.sha256[:16]}…"

    @admin.display(description=gettext_lazy("what is new"))
    def summary(self, row: KnowledgeRelease) -> str:
        published = row.times_in_force.filter(how=InForceBy.PUBLISHING).first()
        return published.reason if published else ""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if failing := releases.failing():
            messages.error(request, failing.words)
        return super().changelist_view(request, _tools(request) | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        release = self.get_object(request, object_id)
        extra = _tools(request) | (extra_context or {})
        if release is not None and self.has_view_permission(request, release):
            extra |= {"title": _("Release")} | _history(release)
        return super().change_view(request, object_id, form_url, extra)


def _history(release: KnowledgeRelease) -> dict[str, Any]:
    """When a release was in force, and what was new in it: the differences to the one before."""
    times = list(release.times_in_force.select_related("asked_by", "confirmed_by").order_by("pk"))
    found: dict[str, Any] = {"times": times, "is_in_force": release.pk == release.newest}  # type: ignore[attr-defined]
    former = _former(release, times)
    if former is None:
        return found
    address = f"{reverse('admin:compare-releases')}?before={former.pk}&after={release.pk}"
    return found | {"former": former, "compare_url": address} | comparison(former, release)


def _former(release: KnowledgeRelease, times: list[ReleaseInForce]) -> KnowledgeRelease | None:
    """The release that was in force when this one first came, or now, where it never did."""
    rows = ReleaseInForce.objects.filter(confirmed_at__isnull=False).select_related("release")
    if first := next((time for time in times if time.confirmed_at), None):
        rows = rows.filter(pk__lt=first.pk)
    newest = rows.exclude(release=release).first()
    return newest.release if newest else None


def _tools(request: HttpRequest) -> dict[str, bool]:
    may = request.user.has_perm
    return {"may_publish": may(PUBLISH), "may_reinstate": may(REINSTATE)}


@admin.register(ReleaseInForce)
class ReleaseInForceAdmin(EvidenceAdmin):
    list_display = ("release", "how", "asked_by", "asked_at", "confirmed_by", "confirmed_at")
    list_select_related = ("release", "asked_by", "confirmed_by")
    search_fields = ("release__name", "reason")
