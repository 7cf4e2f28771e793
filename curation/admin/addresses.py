"""Where an entry is to be found: to edit it, to see its versions, and as clinicians see it.

The first two are addresses by kind and key, which lead on to the page by number: a list links them without a query.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from curation.models import Entry
from regimens import releases
from regimens.knowledge.document import ENTRIES
from regimens.rules.knowledge import Knowledge
from staff.site import site

PUBLIC = {
    "regimens": ("option", "slug"),
    "publications": ("publication", "key"),
    "biomarkers": ("biomarker", "slug"),
    "drugs": ("drug", "slug"),
}


def edit_address(kind: str, key: str, proposal: int | None = None) -> str:
    """Of the form that proposes a change; filled with a proposal's content where one is given."""
    address = reverse("admin:edit-entry", args=[kind, key])
    return address if proposal is None else f"{address}?proposal={proposal}"


def entry_address(kind: str, key: str) -> str:
    """Of the entry with its versions."""
    return reverse("admin:entry-of", args=[kind, key])


def public_address(kind: str, key: str, content: Mapping[str, Any], published: Knowledge | None) -> str:
    """Of the page on which clinicians see it; empty where the release in force does not hold it."""
    if published is None or not _holds(published, kind, key):
        return ""
    if kind in PUBLIC:
        return reverse(PUBLIC[kind][0], args=[key])
    if kind == "guidelines":
        return f"{reverse('guidelines')}#{key}"
    if kind == "trials":
        return f"{reverse('trials')}?q={key}"
    if kind == "exposure_classes":
        return reverse("drugs")
    regimen = str(content.get("regimen", ""))
    if regimen not in published.regimens:
        return ""
    return reverse("option", args=[regimen]) + ("#indications-heading" if kind == "indications" else "")


def published() -> Knowledge | None:
    """The release in force, where there is one that can be read; one query."""
    try:
        return releases.current()
    except releases.ReleaseError:
        return None


@site.tool("entry/<str:kind>/<str:key>/", name="entry-of", permission="regimens.view_entry")
def entry_of(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """On to the entry with its versions."""
    entry = Entry.objects.filter(kind=kind, key=key).only("pk").first()
    if entry is None:
        raise Http404
    return redirect("admin:regimens_entry_change", entry.pk)


@site.tool("edit/<str:kind>/<str:key>/", name="edit-entry", permission="regimens.view_entry")
def edit_entry(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """On to the form of the rows that an entry is edited on; of new ones, where there are none yet."""
    if kind not in ENTRIES:
        raise Http404
    rows, _, key_name = ENTRIES[kind]
    model = rows().model
    row = model._default_manager.filter(**{key_name: key}).only("pk").first()
    name = f"admin:regimens_{model._meta.model_name}"
    address = reverse(f"{name}_add") if row is None else reverse(f"{name}_change", args=[row.pk])
    query = request.GET.urlencode()
    return redirect(f"{address}?{query}" if query else address)


def _holds(published: Knowledge, kind: str, key: str) -> bool:
    if kind == "regimens":
        return key in published.regimens
    if kind == "publications":
        return key in published.publications
    key_name = ENTRIES[kind][2]
    return any(row[key_name] == key for row in published.document[kind])
