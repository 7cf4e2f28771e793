"""Releases: listed and shown; made by publish_release."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet, Subquery
from django.http import HttpRequest

from regimens.models import KnowledgeRelease, ReleaseInForce

from .base import EvidenceAdmin


@admin.register(KnowledgeRelease)
class KnowledgeReleaseAdmin(EvidenceAdmin):
    list_display = ("name", "published_at", "sha256", "in_force")
    search_fields = ("name", "sha256")
    fields = ("name", "published_at", "published_by", "sha256", "in_force")
    readonly_fields = ("in_force",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        newest = ReleaseInForce.objects.filter(confirmed_at__isnull=False).values("release_id")[:1]
        return super().get_queryset(request).defer("content").annotate(newest=Subquery(newest))

    @admin.display(boolean=True, description="in force")
    def in_force(self, row: KnowledgeRelease) -> bool:
        return bool(row.pk == row.newest)
