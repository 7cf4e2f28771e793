"""Proposals: what each would change, in words, and the decision on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from audit.errors import ActionRefused, NotAllowed
from curation import actions as curation_actions
from curation.accepted import accepted
from curation.admin.addresses import edit_address, entry_address, public_address, published
from curation.admin.editing.labels import said_of
from curation.errors import AlreadyDecided, InvalidContent, LooksAlike, StaleProposal
from curation.models import Proposal
from curation.permissions import REVIEW
from curation.review.differences import differences
from curation.review.second_looks import second_looks
from regimens.models.choices import ProposalStatus
from staff.rows import EvidenceAdmin

from .effects import effect_of
from .proposed import Compared, compared, in_lines, in_order_of_acceptance
from .rights import interests_in, package_of, rights_on, why_not_reviewing

# One acceptance checks the whole evidence base: a fifth of a second each.
MOST_AT_ONCE = 50


def accept(proposal: Proposal, by: Any, comment: str, told_apart: Collection[str] = ()) -> str:
    accepted = curation_actions.accept(proposal, by=by, comment=comment, told_apart=told_apart)
    return _later(_said_of_acceptance, proposal, len(accepted.superseded))


def reject(proposal: Proposal, by: Any, comment: str, told_apart: Collection[str] = ()) -> str:
    curation_actions.reject(proposal, by=by, comment=comment)
    return _later(lambda: _("Rejected: %(proposal)s.") % {"proposal": proposal})


def ask_for_change(proposal: Proposal, by: Any, comment: str, told_apart: Collection[str] = ()) -> str:
    curation_actions.ask_for_change(proposal, by=by, comment=comment)
    return _later(_said_of_asking, proposal)


def withdraw(proposal: Proposal, by: Any, comment: str, told_apart: Collection[str] = ()) -> str:
    curation_actions.withdraw(proposal, by=by, comment=comment)
    return _later(lambda: _("Withdrawn: %(proposal)s.") % {"proposal": proposal})


def _said_of_acceptance(proposal: Proposal, others: int) -> str:
    fate = _("The next release leaves it out.") if proposal.is_retirement else _("The next release has it.")
    said = _("Accepted: %(proposal)s.") % {"proposal": proposal}
    if not others:
        return f"{said} {fate}"
    rest = ngettext(
        "%(count)d competing proposal is superseded.", "%(count)d competing proposals are superseded.", others
    )
    return f"{said} {fate} {rest % {'count': others}}"


def _said_of_asking(proposal: Proposal) -> str:
    if proposal.proposer is None:
        return _("Asked for a change: %(proposal)s. Nobody sees your comment.") % {"proposal": proposal}
    said = _("Asked for a change: %(proposal)s. %(person)s sees your comment.")
    return said % {"proposal": proposal, "person": proposal.proposer}


def _later(said: Callable[..., str], *of: Any) -> str:
    """Words in the language of the page that shows them, which may be another than that of the one that was left."""
    return lazy(said, str)(*of)  # type: ignore[return-value]


DECISIONS: Mapping[str, Callable[[Proposal, Any, str, Collection[str]], str]] = MappingProxyType(
    {"accept": accept, "reject": reject, "ask-for-change": ask_for_change, "withdraw": withdraw}
)


@dataclass(frozen=True)
class ProposalRefusal:
    """Why a decision was refused, said beside the form, and the status of the answer.

    told_apart   the publications that it looks like: sent again, it is taken for another one
    """

    said: str
    problems: tuple[str, ...]
    status: int
    told_apart: str = ""


@dataclass(frozen=True)
class Rival:
    """Another open proposal on the same entry; `shared` are the places that both change."""

    compared: Compared
    shared: tuple[str, ...]


@dataclass(frozen=True)
class BulkOutcome:
    """What became of one proposal among many."""

    proposal: Proposal
    is_accepted: bool
    said: str
    problems: tuple[str, ...]


@admin.register(Proposal)
class ProposalAdmin(EvidenceAdmin):
    list_display = ("key", "kind", "what", "status", "proposer", "proposed_on", "reviewer")
    list_filter = ("status", "kind", ("proposer", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("proposer", "reviewer")
    search_fields = ("key", "reason", "source", "comment")
    actions = ("accept_selected",)

    @admin.display(description=gettext_lazy("what"))
    def what(self, row: Proposal) -> str:
        if row.is_retirement:
            return _("retirement")
        return _("change") if row.base_sha256 else pgettext("entry", "new")

    @admin.display(description=gettext_lazy("proposed on"), ordering="proposed_at")
    def proposed_on(self, row: Proposal) -> date:
        return row.proposed_at.date()

    def has_review_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(REVIEW))

    def get_urls(self) -> list[URLPattern]:
        decide = path("<int:pk>/decide/", self.admin_site.admin_view(self.decide), name="regimens_proposal_decide")
        return [decide, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "POST":  # a decision has its own address; a proposal itself never changes
            raise PermissionDenied
        proposal = self._found(request, object_id)
        if proposal is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return self._page(request, proposal)

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Accept, reject, ask for a change or withdraw; what is refused comes back with what was typed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        proposal = self._found(request, pk)
        if proposal is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        typed = request.POST.get("comment", "")
        decision = request.POST.get("decision", "")
        if decision not in DECISIONS:
            return self._page(request, proposal, typed=typed, refusal=ProposalRefusal(_("Choose what to do."), (), 422))
        try:
            told_apart = request.POST.get("told_apart", "").split()
            said = DECISIONS[decision](proposal, request.user, typed, told_apart)
        except ActionRefused as error:
            return self._page(request, self._found(request, pk), typed=typed, refusal=refusal_of(error))
        address = reverse("admin:regimens_proposal_change", args=[pk])
        said = lazy(format_html, str)('{} <a href="{}">{}</a>', said, address, gettext_lazy("Show it"))
        self.message_user(request, said, messages.SUCCESS)
        return redirect(address if decision == "withdraw" else "admin:waiting")

    @admin.action(description=gettext_lazy("Accept the selected"), permissions=["review"])
    def accept_selected(self, request: HttpRequest, queryset: QuerySet[Proposal]) -> HttpResponse:
        """Show what is selected, in words; once confirmed, accept each on its own, as its page would."""
        chosen = queryset.filter(status=ProposalStatus.PROPOSED).select_related("proposer").order_by("pk")
        total = chosen.count()
        rows = in_order_of_acceptance(chosen[:MOST_AT_ONCE])
        context = self._context(request) | {"total": total, "most": MOST_AT_ONCE, "selected": queryset.count()}
        if "confirmed" in request.POST:
            comment = request.POST.get("comment", "")
            context |= {
                "title": _("What became of them"),
                "outcomes": [_accepted(row, request.user, comment) for row in rows],
            }
            return TemplateResponse(request, "admin/review/accepted.html", context)
        why_not, must_declare = why_not_reviewing(request.user)
        found = compared(rows)
        own = [one for one in found if one.proposal.proposer_id == request.user.pk]
        others = [one for one in found if one.proposal.proposer_id != request.user.pk]
        context |= {"title": _("Accept the selected proposals?"), "found": others, "own": own}
        context |= {"why_not": why_not, "must_declare": must_declare}
        return TemplateResponse(request, "admin/review/accept_selected.html", context)

    def _found(self, request: HttpRequest, pk: Any) -> Proposal | None:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Proposal.objects.select_related("proposer", "reviewer", "replaces", "superseded_by", "revision")
        return rows.filter(pk=pk).first() if str(pk).isdecimal() else None

    def _page(
        self, request: HttpRequest, proposal: Proposal, *, typed: str = "", refusal: ProposalRefusal | None = None
    ) -> HttpResponse:
        this, rivals = _with_rivals(proposal)
        kind, key = proposal.kind, proposal.key
        context = self._context(request) | {
            "title": _("%(kind)s %(title)s: %(what)s")
            % {"kind": capfirst(this.kind_in_words), "title": this.title, "what": this.what},
            "subtitle": None,
            "this": this,
            "proposal": proposal,
            "rivals": rivals,
            "now": _against_now(this),
            "source_is_address": bool(re.fullmatch(r"https?://\S+", proposal.source)),
            "revision": getattr(proposal, "revision", None),
            "rights": rights_on(proposal, request.user),
            "package": package_of(proposal),
            "typed": typed,
            "refusal": refusal,
            "may_propose_anew": _is_left_out(proposal, request.user),
            "revise_address": _revise_address(proposal, request.user),
            "edit_address": edit_address(kind, key),
            "entry_address": entry_address(kind, key) if this.entry else "",
            "public_address": public_address(kind, key, this.base or this.content or {}, published()),
        }
        if proposal.is_open:
            evidence = accepted()
            about, proposer = [(kind, this.content or this.base)], proposal.proposer
            context["declared"] = interests_in(about, evidence, proposer=proposer, you=request.user)
            context["second_looks"] = second_looks(kind, this.base, this.content, evidence)
        if proposal.is_open and "effect" in request.GET:
            context["effect"] = effect_of(proposal)
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/review/proposal.html", context, status=status)

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts}


def _with_rivals(proposal: Proposal) -> tuple[Compared, list[Rival]]:
    others = Proposal.objects.filter(kind=proposal.kind, key=proposal.key, status=ProposalStatus.PROPOSED)
    rivals = others.exclude(pk=proposal.pk).select_related("proposer").order_by("pk")
    this, *found = compared([proposal, *rivals])
    labels = {one.label for one in this.differences if not one.is_of_reading}
    return this, [Rival(one, tuple(d.label for d in one.differences if d.label in labels)) for one in found]


def _against_now(this: Compared) -> Any:
    """Of a proposal that is stale or superseded, what differs from the entry as it is in force now."""
    if not this.is_stale and this.proposal.status != ProposalStatus.SUPERSEDED:
        return ()
    in_force = this.entry.values if this.entry and this.entry.version else None
    return in_lines(differences(this.proposal.kind, in_force, this.content))


def _is_left_out(proposal: Proposal, person: Any) -> bool:
    """Whether a person's own proposal was superseded, with what it alone would have changed."""
    return proposal.status == ProposalStatus.SUPERSEDED and proposal.proposer_id == person.pk


def _revise_address(proposal: Proposal, person: Any) -> str:
    """Of the form in which the proposer makes the change that was asked for."""
    is_asked = proposal.status == ProposalStatus.CHANGE_ASKED and not hasattr(proposal, "revision")
    if not is_asked or proposal.proposer_id != person.pk:
        return ""
    if package := package_of(proposal):
        return reverse("admin:work-package", args=[package.pk])
    return edit_address(proposal.kind, proposal.key, proposal.pk)


def refusal_of(error: ActionRefused) -> ProposalRefusal:
    if isinstance(error, NotAllowed):
        return ProposalRefusal(str(error), (), 403)
    if isinstance(error, LooksAlike):
        said = _("%(refusal)s Accepted again, it is taken for another one.") % {"refusal": error}
        return ProposalRefusal(said, (), 409, " ".join(error.alike))
    if isinstance(error, InvalidContent):
        said = _("The evidence base would break its own rules, so it cannot be accepted as it is.")
        return ProposalRefusal(said, tuple(map(said_of, error.problems)), 422)
    return ProposalRefusal(str(error), (), 409 if isinstance(error, AlreadyDecided | StaleProposal) else 422)


def _accepted(proposal: Proposal, person: Any, comment: str) -> BulkOutcome:
    try:
        said = accept(proposal, person, comment)
    except ActionRefused as error:
        refusal = refusal_of(error)
        return BulkOutcome(proposal, False, refusal.said, refusal.problems)
    return BulkOutcome(proposal, True, said, ())
