"""What people decided: entries, proposals, statements of interests, releases in force and events, all to be read."""

from __future__ import annotations

from django.contrib import admin

from regimens.models import Entry, InterestStatement, Proposal, ReleaseInForce

from .base import EvidenceAdmin


@admin.register(Entry)
class EntryAdmin(EvidenceAdmin):
    list_display = ("key", "kind", "origin", "retired_at")
    list_filter = ("kind", "origin")
    search_fields = ("key", "content")


@admin.register(Proposal)
class ProposalAdmin(EvidenceAdmin):
    list_display = ("key", "kind", "status", "proposer", "proposed_at", "reviewer")
    list_filter = ("status", "kind")
    list_select_related = ("proposer", "reviewer")
    search_fields = ("key", "reason", "source", "comment")


@admin.register(InterestStatement)
class InterestStatementAdmin(EvidenceAdmin):
    list_display = ("person", "declared_on", "valid_until", "companies")
    list_select_related = ("person",)
    search_fields = ("person__username", "companies")


@admin.register(ReleaseInForce)
class ReleaseInForceAdmin(EvidenceAdmin):
    list_display = ("release", "how", "asked_by", "asked_at", "confirmed_by", "confirmed_at")
    list_select_related = ("release", "asked_by", "confirmed_by")
    search_fields = ("release__name", "reason")
