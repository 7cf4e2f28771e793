"""The site on which the evidence base is curated, and how a page of it that is no model's is registered.

@tool("waiting/", name="waiting", title="Waiting for my review", permission="regimens.review_change")
def waiting(request: HttpRequest) -> HttpResponse:
    return render(request, "admin/waiting.html", site.each_context(request) | {…})
"""

from typing import cast

from django.contrib import admin

from necapp.admin import CurationSite

site = cast(CurationSite, admin.site)
tool = site.tool

__all__ = ["site", "tool"]
