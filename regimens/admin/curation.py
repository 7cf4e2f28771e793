"""What people decided besides entries and proposals: releases in force and events, to be read."""

from __future__ import annotations

from django.contrib import admin

from regimens.models import ReleaseInForce

from .base import EvidenceAdmin


@admin.register(ReleaseInForce)
class ReleaseInForceAdmin(EvidenceAdmin):
    list_display = ("release", "how", "asked_by", "asked_at", "confirmed_by", "confirmed_at")
    list_select_related = ("release", "asked_by", "confirmed_by")
    search_fields = ("release__name", "reason")
