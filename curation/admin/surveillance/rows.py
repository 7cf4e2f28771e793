"""Looks, findings, checks and notices as lists of rows, to search and to count in; they are decided on the desk."""

from __future__ import annotations

from django.contrib import admin

from curation.models import EntryCheck, FindingReason, SavedSearch, SearchLook, SurveyFinding
from regimens.models import ReportedNotice, SearchedUntil
from staff.rows import EvidenceAdmin


@admin.register(SavedSearch)
class SavedSearchAdmin(EvidenceAdmin):
    list_display = ("name", "key", "source", "is_active", "searched_until")
    list_filter = ("source", "is_active")
    search_fields = ("key", "name", "query")


@admin.register(SearchLook)
class SearchLookAdmin(EvidenceAdmin):
    list_display = ("search", "at", "until", "came_from", "answered", "known", "by")
    list_filter = ("search",)
    list_select_related = ("search", "by")
    search_fields = ("search__name", "came_from")


@admin.register(SurveyFinding)
class SurveyFindingAdmin(EvidenceAdmin):
    list_display = ("title", "kind", "place", "state", "reason", "decided_by", "found_at")
    list_filter = ("state", "reason", "kind")
    list_select_related = ("decided_by",)
    search_fields = ("identity", "title", "place", "note")


@admin.register(FindingReason)
class FindingReasonAdmin(EvidenceAdmin):
    list_display = ("finding", "search", "words")
    list_filter = ("search",)
    list_select_related = ("search", "finding")
    search_fields = ("finding__title",)


@admin.register(EntryCheck)
class EntryCheckAdmin(EvidenceAdmin):
    list_display = ("kind", "key", "checked_on", "by")
    list_filter = ("kind",)
    list_select_related = ("by",)
    search_fields = ("key", "by__username")


@admin.register(ReportedNotice)
class ReportedNoticeAdmin(EvidenceAdmin):
    list_display = ("publication", "kind", "text", "found_by", "reported_at", "settled_at", "settled_by")
    list_filter = ("kind",)
    list_select_related = ("settled_by",)
    search_fields = ("publication", "text", "url")


@admin.register(SearchedUntil)
class SearchedUntilAdmin(EvidenceAdmin):
    list_display = ("source", "until")
    search_fields = ("source",)
