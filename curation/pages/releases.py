"""Releases, for everybody: what came into force when, and what it changed."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .notes import notes_of, put_in_force

PER_PAGE = 20


@require_safe
def release_list(request: HttpRequest) -> HttpResponse:
    """Every release that came into force, the newest first, with what it changed in a sentence."""
    page = Paginator(put_in_force(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": [(put, notes_of(put)) for put in page.object_list]}
    return render(request, "curation/releases.html", context)


@require_safe
def release_notes(request: HttpRequest, sha256: str) -> HttpResponse:
    """What a release changed when it came into force first, entry by entry."""
    found = [put for put in put_in_force() if put.release.sha256 == sha256]
    if not found:
        raise Http404
    put = found[-1]
    return render(request, "curation/release_notes.html", {"put": put, "notes": notes_of(put), "times": len(found)})
