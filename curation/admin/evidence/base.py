"""What every page of the evidence base's admin shares."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from regimens.rules.logic import describe
from regimens.wording.sentences import ACTIVE
from staff.rows import EvidenceAdmin, ReadOnly, link


class RowAdmin(EvidenceAdmin):
    """Rows that hang on an entry: listed and searched here, edited on the form of the entry.

    on   leads from a row to the row of its entry, as "cohort.publication"
    """

    on = ""

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        above = self.on.rpartition(".")[2]
        return ["edited_on", *(column for column in super().get_list_display(request) if column != above)]

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> list[Any]:
        return [list_display[1]]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return ["edited_on", *super().get_readonly_fields(request, obj)]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return ["edited_on", *(field for field in super().get_fields(request, obj) if field != "edited_on")]

    @admin.display(description=gettext_lazy("edited on"))
    def edited_on(self, row: Model) -> SafeString | str:
        return link_to(attrgetter(self.on)(row))


class EvidenceInline(ReadOnly, admin.TabularInline):
    extra = 0
    show_change_link = True


class StackedEvidenceInline(ReadOnly, admin.StackedInline):
    extra = 0


def link_to(row: Model) -> SafeString | str:
    """A link to the form of an entry's row."""
    return link(reverse(f"admin:regimens_{row._meta.model_name}_change", args=[row.pk]), str(row))


def links_to(rows: Iterable[Model]) -> SafeString | str:
    """Links to the forms of several rows, in one line."""
    return format_html_join(", ", "{}", ((link_to(row),) for row in rows))


def in_words(criterion: Any, *, empty: str) -> str:
    """A criterion as the sentence that it reads as."""
    if criterion is None:
        return empty
    return str(describe(criterion, language=ACTIVE)) if isinstance(criterion, dict) else str(criterion)
