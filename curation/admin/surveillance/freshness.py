"""What is due to be read again at its source, and “seen, unchanged”, for one or for many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from audit.errors import ActionRefused
from curation.actions.checks import check_unchanged
from curation.admin.addresses import edit_address
from curation.freshness import Freshness, OfKind, count_due, freshness
from curation.permissions import PROPOSE
from regimens.wording.states import CHECK_EVERY_DAYS
from staff.site import site

MOST_SHOWN = 15  # of a kind, unless one kind or everything is asked for: more is no list that a person goes through


@dataclass(frozen=True)
class Line:
    """An entry that is due; `value` is what its tick sends: what it is of, and the text that was seen."""

    entry: Freshness
    value: str
    edit: str


@dataclass(frozen=True)
class Listed:
    """The entries of a kind that are due, the oldest first, and how many more there are."""

    of: OfKind
    lines: tuple[Line, ...]
    more: int


def _count_due(user: Any) -> int:
    return count_due(timezone.localdate())


@site.tool(
    "freshness/",
    name="freshness",
    title=gettext_lazy("Due to be read again"),
    permission=PROPOSE,
    waiting=_count_due,
)
@require_http_methods(["GET", "HEAD", "POST"])
def fresh(request: HttpRequest) -> HttpResponse:
    """What is due, by kind, or with ?kind= all of one; with ?all also what is not."""
    if request.method == "POST":
        try:
            made = check_unchanged(_seen(request), by=request.user, now=timezone.now())
        except ActionRefused as error:
            messages.error(request, str(error))
        else:
            words = ngettext("%(count)d entry: seen, unchanged.", "%(count)d entries: seen, unchanged.", len(made))
            messages.success(request, words % {"count": len(made)})
        kind = request.GET.get("kind", "")
        return redirect(f"{reverse('admin:freshness')}?kind={kind}" if kind in CHECK_EVERY_DAYS else "admin:freshness")
    is_all = "all" in request.GET
    kinds = freshness(timezone.localdate())
    chosen = next((one for one in kinds if one.kind == request.GET.get("kind")), None)
    most = None if is_all or chosen else MOST_SHOWN
    context = {
        "title": _("Due to be read again"),
        "kinds": [_listed(one, is_all=is_all, most=most) for one in ([chosen] if chosen else kinds)],
        "chosen": chosen,
        "is_all": is_all,
        "today": timezone.localdate(),
    }
    return TemplateResponse(request, "admin/surveillance/freshness.html", site.each_context(request) | context)


def _listed(one: OfKind, *, is_all: bool, most: int | None) -> Listed:
    entries = one.due if not is_all else tuple(sorted(one.entries, key=lambda each: (not each.is_due, each.key)))
    lines = tuple(
        Line(each, f"{each.kind}|{each.key}|{each.version}", edit_address(each.kind, each.key))
        for each in entries[:most]
    )
    return Listed(one, lines, len(entries) - len(lines))


def _seen(request: HttpRequest) -> list[tuple[str, str, str]]:
    """One button, or those that are ticked."""
    values = [request.POST["one"]] if "one" in request.POST else request.POST.getlist("seen")
    parts = [value.split("|") for value in values]
    return [(kind, key, version) for kind, key, version in (part for part in parts if len(part) == 3)]
