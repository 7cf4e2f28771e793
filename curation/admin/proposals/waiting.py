"""What waits for a person's review, and what became of what they proposed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curation.actions import current_statement
from curation.admin.addresses import edit_address
from curation.models import Proposal, WorkPackage
from curation.permissions import REVIEW
from regimens.models.choices import EntryKind, PackageStatus, ProposalStatus
from staff.site import site

from .proposed import Compared, compared
from .rights import package_of, reminder, why_not_reviewing

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PER_PAGE = 25


@dataclass(frozen=True)
class Group:
    """The open proposals of one kind on this page."""

    title: str
    proposals: tuple[Compared, ...]


@dataclass(frozen=True)
class Mine:
    """One's own proposal; `revise` is where the change that was asked for is made."""

    compared: Compared
    revise: str


def waiting_for(person: User) -> QuerySet[Proposal]:
    """The open proposals that others made: those that a person may decide on, given a statement of interests.

    Those of a work package are decided on its own page.
    """
    return Proposal.objects.filter(status=ProposalStatus.PROPOSED, package_entry=None).exclude(proposer=person)


def packages_waiting_for(person: User) -> QuerySet[WorkPackage]:
    """The work packages that others proposed, the oldest first."""
    return WorkPackage.objects.filter(status=PackageStatus.PROPOSED).exclude(begun_by=person).order_by("pk")


def count_waiting(person: User) -> int:
    return waiting_for(person).count() + packages_waiting_for(person).count()


def count_to_revise(person: User) -> int:
    """How many of a person's proposals others asked a change for that is not made yet."""
    asked = Proposal.objects.filter(proposer=person, status=ProposalStatus.CHANGE_ASKED, revision=None)
    packages = WorkPackage.objects.filter(begun_by=person, status=PackageStatus.CHANGE_ASKED)
    return asked.filter(package_entry=None).count() + packages.count()


@site.tool(
    "waiting/", name="waiting", title=gettext_lazy("Waiting for my review"), permission=REVIEW, waiting=count_waiting
)
def waiting(request: HttpRequest) -> HttpResponse:
    """By kind, the oldest first; below, one's own."""
    open_ones = waiting_for(request.user)
    filters = _filters(request.GET, open_ones)
    rows = _filtered(open_ones, request.GET).select_related("proposer")
    page = Paginator(rows.order_by(_order_of_kinds(), "pk"), PER_PAGE).get_page(request.GET.get("page"))
    own = Proposal.objects.filter(proposer=request.user).select_related("reviewer", "revision", "superseded_by")
    mine = Paginator(own.order_by("-pk"), PER_PAGE).get_page(request.GET.get("mine"))
    found = compared([*page.object_list, *mine.object_list])
    why_not, must_declare = why_not_reviewing(request.user)
    context = {
        "title": _("Waiting for my review"),
        "page": page,
        "packages": list(packages_waiting_for(request.user).select_related("begun_by")),
        "groups": _grouped(found[: len(page.object_list)]),
        "mine_page": mine,
        "mine": [Mine(one, _revise(one.proposal)) for one in found[len(page.object_list) :]],
        "filters": filters,
        "is_filtered": any(request.GET.get(name) for name in ("kind", "proposer")),
        "address": _address(request, "page"),
        "mine_address": _address(request, "mine"),
        "why_not": why_not,
        "must_declare": must_declare,
        "reminder": "" if must_declare else reminder(current_statement(request.user)),
    }
    return TemplateResponse(request, "admin/review/waiting.html", site.each_context(request) | context)


def _filtered(rows: QuerySet[Proposal], given: Mapping[str, str]) -> QuerySet[Proposal]:
    if given.get("kind") in EntryKind.values:
        rows = rows.filter(kind=given["kind"])
    proposer = given.get("proposer", "")
    if proposer == "nobody":
        rows = rows.filter(proposer__isnull=True)
    elif proposer.isdecimal():
        rows = rows.filter(proposer_id=int(proposer))
    return rows


def _filters(given: Mapping[str, str], rows: QuerySet[Proposal]) -> list[dict[str, Any]]:
    """A choice of kind and one of proposer, of those that occur; one query."""
    pairs = rows.order_by().values_list("kind", "proposer_id", "proposer__username").distinct()
    kinds, people = set(), {}
    for kind, pk, username in pairs:
        kinds.add(kind)
        people["nobody" if pk is None else str(pk)] = username or _("the shipped evidence base")
    kind_options = [(kind.value, str(kind.label)) for kind in EntryKind if kind in kinds]
    return [
        _filter("kind", _("Kind"), kind_options, given),
        _filter("proposer", _("Proposed by"), sorted(people.items(), key=lambda one: one[1]), given),
    ]


def _filter(name: str, label: str, options: Iterable[tuple[str, str]], given: Mapping[str, str]) -> dict[str, Any]:
    chosen = given.get(name, "")
    return {"name": name, "label": label, "options": [(value, text, value == chosen) for value, text in options]}


def _order_of_kinds() -> Case:
    places = (When(kind=kind, then=Value(place)) for place, kind in enumerate(EntryKind.values))
    return Case(*places, output_field=IntegerField())


def _grouped(found: Iterable[Compared]) -> list[Group]:
    by_kind = groupby(found, key=lambda one: one.kind_in_words)
    return [Group(f"{kind[:1].upper()}{kind[1:]}", tuple(ones)) for kind, ones in by_kind]


def _revise(proposal: Proposal) -> str:
    is_asked = proposal.status == ProposalStatus.CHANGE_ASKED and not hasattr(proposal, "revision")
    if is_asked and (package := package_of(proposal)):
        return reverse("admin:work-package", args=[package.pk])
    return edit_address(proposal.kind, proposal.key, proposal.pk) if is_asked else ""


def _address(request: HttpRequest, without: str) -> str:
    given = request.GET.copy()
    given.pop(without, None)
    return given.urlencode()
