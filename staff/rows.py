"""What lists of rows in the admin share."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString


class ReadOnly:
    """Shows and never changes: a row says what its entry does, and entries change by proposals."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class EvidenceAdmin(ReadOnly, admin.ModelAdmin):
    list_per_page = 50
    show_full_result_count = False

    class Media:
        css = {"all": ("admin-necapp.css",)}


def link(url: str, text: str) -> SafeString | str:
    return format_html('<a href="{}" rel="noopener noreferrer">{}</a>', url, text) if url else ""
