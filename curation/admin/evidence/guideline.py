"""Guideline statements."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy

from curation.admin.editing.pages import EditingAdmin
from regimens.models import GuidelineStatement


@admin.register(GuidelineStatement)
class GuidelineStatementAdmin(EditingAdmin):
    kind = "guidelines"
    list_display = ("key", "statement", "year", "topic", "reading")
    list_filter = ("topic", "verified", "year")
    search_fields = ("key", "guideline", "statement", "regimens__name", "regimens__slug")

    @admin.display(description=gettext_lazy("statement read"), ordering="verified")
    def reading(self, row: GuidelineStatement) -> str:
        return row.get_verified_display()
