"""Entries with their versions: who changed what, when and why, and how a former version is proposed again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.sent_once import once
from audit.errors import ActionRefused
from curation import actions
from curation.admin.addresses import edit_address, public_address, published
from curation.models import Entry, Proposal
from curation.permissions import PROPOSE
from curation.review.differences import differences, title_of
from regimens.models.choices import EntryKind, ProposalStatus
from staff.rows import EvidenceAdmin

from .proposals import ProposalRefusal, refusal_of
from .proposed import Line, in_lines

VERSIONS_PER_PAGE = 50


class AgainForm(forms.Form):
    """Why a former version should be in force again, and on what source."""

    reason = forms.CharField(label=gettext_lazy("Why"), strip=True, widget=forms.Textarea({"rows": 3, "cols": 60}))
    source = forms.CharField(
        label=gettext_lazy("Source"),
        strip=True,
        help_text=gettext_lazy("An address or a citation."),
        widget=forms.TextInput({"size": 60}),
    )


class IsRetired(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("in-force", _("in force")), ("retired", pgettext("entry", "retired"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        if self.value() in ("in-force", "retired"):
            return queryset.filter(retired_at__isnull=self.value() == "in-force")
        return queryset


@dataclass(frozen=True)
class Version:
    """One version in the list: its number from 1, and who made it and why."""

    number: int
    row: Any
    is_now: bool

    @property
    def who(self) -> str:
        proposal = self.row.proposal
        if proposal is None:
            return str(self.row.history_user or _("as shipped"))
        proposer = proposal.proposer or _("the shipped evidence base")
        return _("%(proposer)s, accepted by %(reviewer)s") % {"proposer": proposer, "reviewer": proposal.reviewer}


@dataclass(frozen=True)
class Between:
    """Two versions side by side."""

    then: Any
    now: Any
    lines: tuple[Line, ...]


@admin.register(Entry)
class EntryAdmin(EvidenceAdmin):
    list_display = ("title", "key", "kind", "origin", "state")
    list_filter = ("kind", "origin", IsRetired)
    search_fields = ("key", "content")

    @admin.display(description=gettext_lazy("entry"), ordering="key")
    def title(self, row: Entry) -> str:
        return title_of(row.kind, row.values)

    @admin.display(description=gettext_lazy("state"), ordering="retired_at")
    def state(self, row: Entry) -> str:
        return _("retired %(day)s") % {"day": f"{row.retired_at:%Y-%m-%d}"} if row.retired_at else _("in force")

    def get_urls(self) -> list[URLPattern]:
        again = self.admin_site.admin_view(self.again)
        route = path("<int:pk>/versions/<int:version>/", again, name="regimens_entry_version")
        return [route, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "POST":
            raise PermissionDenied
        entry = self._found(request, object_id)
        if entry is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        values = entry.values
        page, versions = _versions(entry, request.GET.get("page"))
        proposals = Proposal.objects.filter(kind=entry.kind, key=entry.key, status=ProposalStatus.PROPOSED)
        between = _between(entry, request.GET)
        context = self._context(request) | {
            "title": f"{_capitalised(entry)} {title_of(entry.kind, values)}",
            "subtitle": None,
            "entry": entry,
            "lines": in_lines(differences(entry.kind, None, values)),
            "page": page,
            "versions": versions,
            "is_one_version": page.paginator.count == 1,
            "between": between,
            "then_chosen": between.then.pk if between else None,
            "now_chosen": between.now.pk if between else None,
            "open_proposals": proposals.select_related("proposer").order_by("pk"),
            "may_propose": request.user.has_perm(PROPOSE),
            "edit_address": edit_address(entry.kind, entry.key),
            "public_address": public_address(entry.kind, entry.key, values, published()),
        }
        return TemplateResponse(request, "admin/review/entry.html", context)

    @method_decorator(once)
    def again(self, request: HttpRequest, pk: int, version: int) -> HttpResponse:
        """One version in words, what proposing it again would change, and the form that does."""
        entry = self._found(request, pk)
        row = Entry.history.select_related("history_user").filter(id=pk, pk=version).first() if entry else None
        if entry is None or row is None:
            raise Http404
        content = json.loads(row.content)
        in_force = entry.values if entry.version else None
        may_propose = request.user.has_perm(PROPOSE)
        if request.method == "POST" and not may_propose:
            raise PermissionDenied
        form = AgainForm(request.POST if request.method == "POST" else None)
        refusal: ProposalRefusal | None = None
        if form.is_valid():
            try:
                proposed = actions.propose_former(row, by=request.user, **form.cleaned_data)
            except ActionRefused as error:
                refusal = refusal_of(error)
            else:
                said = _("Proposed: %(proposal)s. Another person decides on it.") % {"proposal": proposed.proposal}
                if others := len(proposed.competing):
                    rest = ngettext(
                        "%(count)d other open on the same entry: the first that is accepted wins.",
                        "%(count)d other open on the same entry: the first that is accepted wins.",
                        others,
                    )
                    said = f"{said} {rest % {'count': others}}"
                messages.success(request, said)
                return redirect("admin:regimens_proposal_change", proposed.proposal.pk)
        context = self._context(request) | {
            "title": _("%(kind)s %(title)s as of %(day)s")
            % {
                "kind": _capitalised(entry),
                "title": title_of(entry.kind, content),
                "day": f"{row.history_date:%Y-%m-%d}",
            },
            "subtitle": None,
            "entry": entry,
            "version": row,
            "lines": in_lines(differences(entry.kind, in_force, content)),
            "whole": in_lines(differences(entry.kind, None, content)),
            "may_propose": may_propose,
            "form": form,
            "refusal": refusal,
        }
        status = refusal.status if refusal else 422 if form.errors else 200
        return TemplateResponse(request, "admin/review/version.html", context, status=status)

    def _found(self, request: HttpRequest, pk: Any) -> Entry | None:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return Entry.objects.filter(pk=pk).first() if str(pk).isdecimal() else None

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts}


def _versions(entry: Entry, number: str | None) -> tuple[Any, list[Version]]:
    """A page of the versions, the newest first; numbered from the first one on."""
    rows = entry.history.select_related("history_user", "proposal__proposer", "proposal__reviewer")
    page = Paginator(rows.defer("content").order_by("-history_id"), VERSIONS_PER_PAGE).get_page(number)
    count = page.paginator.count
    numbers = range(count - page.start_index() + 1, 0, -1)
    return page, [Version(n, row, n == count) for n, row in zip(numbers, page.object_list, strict=False)]


def _between(entry: Entry, given: Mapping[str, str]) -> Between | None:
    """The two versions that are asked for, the older one first."""
    asked = [given.get(name, "") for name in ("then", "now")]
    if not all(one.isdecimal() for one in asked):
        return None
    rows = list(entry.history.select_related("history_user").filter(pk__in=asked).order_by("history_id"))
    if not rows:
        return None
    then, now = rows[0], rows[-1]
    return Between(then, now, in_lines(differences(entry.kind, _content(then), _content(now))))


def _content(row: Any) -> dict[str, Any] | None:
    """What a version said; one that is retired says nothing."""
    return None if row.retired_at else json.loads(row.content)


def _capitalised(entry: Entry) -> str:
    label = str(EntryKind(entry.kind).label)
    return f"{label[:1].upper()}{label[1:]}"
