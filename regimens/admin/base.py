"""What every page of the evidence base's admin shares."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from regimens.rules.logic import describe


class ReadOnly:
    """Shows and never changes: a change reaches a ranking through the evidence files and a release alone."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class EvidenceAdmin(ReadOnly, admin.ModelAdmin):
    list_per_page = 50
    show_full_result_count = False


class EvidenceInline(ReadOnly, admin.TabularInline):
    extra = 0
    show_change_link = True


class StackedEvidenceInline(ReadOnly, admin.StackedInline):
    extra = 0


def link(url: str, text: str) -> SafeString | str:
    return format_html('<a href="{}" rel="noopener noreferrer">{}</a>', url, text) if url else ""


def in_words(criterion: Any, *, empty: str) -> str:
    """A criterion as the sentence that it reads as."""
    if criterion is None:
        return empty
    return str(describe(criterion)) if isinstance(criterion, dict) else str(criterion)
