"""Several proposals on one page, each with what it changes and a comment of its own: decided on together or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from curation import actions
from curation.models import Proposal
from curation.permissions import PROPOSE
from regimens.models.choices import ProposalStatus
from staff.site import site

from .proposals import MOST_AT_ONCE, ProposalRefusal, refusal_of
from .proposed import Compared, compared, in_order_of_acceptance
from .rights import why_not_reviewing

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# What can be done to proposals of others, and to one's own: how, with the words of its button.
OF_OTHERS: Mapping[str, Promise] = {
    "accept": gettext_lazy("Accept all of them"),
    "reject": gettext_lazy("Reject all of them"),
    "ask-for-change": gettext_lazy("Ask for a change of all of them"),
}
OWN: Mapping[str, Promise] = {"withdraw": gettext_lazy("Withdraw all of them")}


@dataclass(frozen=True)
class Row:
    """A proposal that was selected, what was typed of it, and why it cannot be decided on so."""

    compared: Compared
    comment: str
    refusal: ProposalRefusal | None


@site.tool("waiting/several/", name="decide-several", permission=PROPOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def decide_several(request: HttpRequest) -> HttpResponse:
    """What is selected, in words; where some of it cannot be decided on, nothing was, and each says why."""
    given = request.POST if request.method == "POST" else request.GET
    rows, total = _selected(given)
    if request.method != "POST":
        return _page(request, rows, total, {}, "")
    how = request.POST.get("decision", "")
    if how not in {**OF_OTHERS, **OWN}:
        return _page(request, rows, total, {}, _("Choose what to do."), 422)
    decided = [actions.Decided(row, given.get(f"comment-{row.pk}", "") or given.get("comment", "")) for row in rows]
    try:
        actions.decide_all(decided, how=how, by=request.user)
    except actions.NotDecided as error:
        refusals = {row.pk: refusal_of(refused) for row, refused in error.refusals}
        return _page(request, rows, total, refusals, str(error), 409)
    if not rows:
        return redirect("admin:waiting")
    said = ngettext("%(count)d proposal: %(done)s.", "%(count)d proposals: %(done)s.", len(rows))
    messages.success(request, said % {"count": len(rows), "done": _done(how)})
    return redirect("admin:waiting")


def _selected(given: QueryDict) -> tuple[list[Proposal], int]:
    """Those that are still open, at most so many, in the order in which they can be accepted; and how many were."""
    numbers = {int(value) for value in given.getlist("selected") if value.isdecimal() and len(value) < 10}
    found = Proposal.objects.filter(pk__in=numbers, status=ProposalStatus.PROPOSED).select_related("proposer")
    return in_order_of_acceptance(found.order_by("pk")[:MOST_AT_ONCE]), len(numbers)


def _done(how: str) -> str:
    status = {
        "accept": ProposalStatus.ACCEPTED,
        "reject": ProposalStatus.REJECTED,
        "ask-for-change": ProposalStatus.CHANGE_ASKED,
        "withdraw": ProposalStatus.WITHDRAWN,
    }
    return str(status[how].label)


def _page(
    request: HttpRequest,
    rows: list[Proposal],
    total: int,
    refusals: Mapping[int, ProposalRefusal],
    said: str,
    status: int = 200,
) -> HttpResponse:
    person: User = request.user
    is_own = bool(rows) and all(row.proposer_id == person.pk for row in rows)
    why_not, must_declare = ("", False) if is_own else why_not_reviewing(person)
    context = {
        "title": _("Decide on several proposals together"),
        "rows": [
            Row(one, request.POST.get(f"comment-{one.proposal.pk}", ""), refusals.get(one.proposal.pk))
            for one in compared(rows)
        ],
        "left_out": total - len(rows),
        "said": said,
        "buttons": (OWN if is_own else OF_OTHERS).items(),
        "why_not": why_not,
        "must_declare": must_declare,
        "comment": request.POST.get("comment", ""),
    }
    context = site.each_context(request) | context
    return TemplateResponse(request, "admin/review/several.html", context, status=status)
