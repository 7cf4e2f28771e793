"""The admin's pages of work packages: the list, the beginning, and the page of one, on which it is also decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.sent_once import once
from audit.errors import ActionRefused
from curation import actions
from curation.accepted import accepted, document_of
from curation.actions.duplicates import look_alikes_of
from curation.admin.editing.editor import WhyForm
from curation.admin.editing.labels import said_of
from curation.admin.editing.pages import MODELS, package_evidence, proposal_address
from curation.admin.proposals.effects import EffectInWords, effect_of_changes
from curation.admin.proposals.proposals import ProposalRefusal, refusal_of
from curation.admin.proposals.proposed import Line, compared, in_lines
from curation.admin.proposals.rights import interests_in, why_not_reviewing
from curation.errors import LooksAlike
from curation.imports.beginnings import Beginning, Records, beginning, identifier_among, in_the_way, records_of
from curation.imports.identifiers import Identifier, identifier_in
from curation.models import Entry, PackageEntry, WorkPackage
from curation.permissions import PROPOSE, REVIEW
from curation.review.differences import differences, title_of
from curation.review.effect import EntryChange
from curation.review.second_looks import SecondLook, second_looks
from regimens.knowledge import loader
from regimens.knowledge.loader import LoadError, LoadProblem, problems_in
from regimens.models.choices import IN_WORK, EntryKind, PackageStatus
from staff.english import said_in_english
from staff.rows import EvidenceAdmin
from staff.site import site

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SEE = "regimens.view_workpackage"
PER_PAGE = 25
LARGEST_FILE = 5 * 1024 * 1024  # bytes; a record is some 20 KB
RECORDS = (".xml", ".json")
# What can be added to a package by hand, in the order in which one thinks of it.
ADDED = ("regimens", "drugs", "publications", "indications", "licences", "guidelines", "trials")


class BeginningForm(forms.Form):
    """With what a package begins."""

    identifier = forms.CharField(
        label=gettext_lazy("PMID, DOI or NCT number"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Pasted as it is, an address too."),
        widget=forms.TextInput({"size": 50, "autofocus": True}),
    )
    file = forms.FileField(
        label=gettext_lazy("Its record as a file"),
        required=False,
        help_text=gettext_lazy(
            "Saved from PubMed (XML) or ClinicalTrials.gov (JSON). Only where the record is not here yet."
        ),
    )
    title = forms.CharField(
        label=gettext_lazy("Or what it is about"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("For work without such a number, such as a drug’s label."),
        widget=forms.TextInput({"size": 50}),
    )

    def clean_file(self) -> UploadedFile | None:
        file = self.cleaned_data["file"]
        if file is not None and file.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        if file is not None and not str(file.name).lower().endswith(RECORDS):
            raise forms.ValidationError(_("A record is a file whose name ends in .xml or .json."))
        return file

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        typed = values.get("identifier", "")
        if typed and identifier_in(typed) is None:
            said = _("“%(typed)s” holds no PMID, DOI or NCT number.") % {"typed": typed[:60]}
            self.add_error("identifier", said)
        elif not typed and not values.get("title") and not values.get("file") and not self.errors:
            self.add_error("identifier", _("Give a PMID, DOI or NCT number, a file, or what it is about."))
        return values


@dataclass(frozen=True)
class Drafted:
    """An entry of a package as its page shows it; `is_new` where nothing of it is or was in force."""

    entry: PackageEntry
    kind: str
    title: str
    what: str
    is_new: bool
    lines: tuple[Line, ...]
    problems: tuple[str, ...]
    alike: Mapping[str, str]
    second_looks: tuple[SecondLook, ...]
    edit: str
    proposal: str


def count_in_hand(person: User) -> int:
    """Packages on which it is a person's turn: drafts and asked changes of their own, and what others proposed."""
    mine = Q(begun_by=person, status__in=IN_WORK)
    theirs = Q(status=PackageStatus.PROPOSED) & ~Q(begun_by=person)
    return WorkPackage.objects.filter(mine | theirs if person.has_perm(REVIEW) else mine).count()


@site.tool(
    "packages/", name="work-packages", title=gettext_lazy("Work packages"), permission=SEE, waiting=count_in_hand
)
def packages(request: HttpRequest) -> HttpResponse:
    """Those in hand first, then what became of the others; and the beginning of a new one."""
    rows = WorkPackage.objects.select_related("begun_by", "reviewer").prefetch_related("entries")
    closed = Q(status__in=(PackageStatus.ACCEPTED, PackageStatus.REJECTED, PackageStatus.WITHDRAWN))
    page = Paginator(rows.filter(closed), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("Work packages"),
        "in_hand": _listed(rows.exclude(closed)),
        "page": page,
        "closed": _listed(page.object_list),
        "form": BeginningForm(),
        "may_begin": request.user.has_perm(PROPOSE),
    }
    return _page(request, "admin/packages/list.html", context)


@site.tool("packages/new/", name="work-package-new", permission=PROPOSE)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def begin(request: HttpRequest) -> HttpResponse:
    """A package from an identifier; on to the form of its text or trial where that is known."""
    if request.method != "POST":
        form = BeginningForm(initial={"identifier": request.GET.get("identifier", "")[:300]})
        return _page(request, "admin/packages/new.html", {"title": _("New work package"), "form": form})
    form = BeginningForm(request.POST, request.FILES)
    problems: tuple[LoadProblem, ...] = ()
    if form.is_valid():
        given = form.cleaned_data
        records = Records()
        if given["file"]:
            records = records_of(given["file"].name, given["file"].read(), today=timezone.localdate())
        identifier = identifier_in(given["identifier"]) or (None if records.problems else identifier_among(records))
        problems = in_the_way(records, identifier)
        if identifier is None and given["file"] and not given["title"] and not problems:
            form.add_error("identifier", _("The file holds several records: say which one is meant."))
        elif not problems:
            found = said_in_english(beginning)(identifier, records, today=timezone.localdate()) if identifier else None
            return _begun(request, given["title"], identifier, found)
    context = {"title": _("New work package"), "form": form, "problems": [str(one) for one in problems]}
    return _page(request, "admin/packages/new.html", context, status=422)


def in_hand() -> QuerySet[WorkPackage]:
    """The packages that are not decided yet, the newest first."""
    closed = (PackageStatus.ACCEPTED, PackageStatus.REJECTED, PackageStatus.WITHDRAWN)
    return WorkPackage.objects.exclude(status__in=closed).select_related("begun_by").prefetch_related("entries")


def begin_with_found(request: HttpRequest, identifier: Identifier) -> HttpResponse | None:
    """A package from what is known of an identifier without a file; None where nothing is, and none is begun."""
    found = said_in_english(beginning)(identifier, Records(), today=timezone.localdate())
    return _begun(request, "", identifier, found) if found.is_known else None


@site.tool("packages/<int:pk>/", name="work-package", permission=SEE)
def package(request: HttpRequest, pk: int) -> HttpResponse:
    return _package_page(request, _found(pk))


@site.tool("packages/<int:pk>/decide/", name="work-package-decide", permission=SEE)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose, accept, reject, ask for a change or withdraw; what is refused comes back with what was typed."""
    row = _found(pk)
    what = DECISIONS.get(request.POST.get("decision", ""))
    if what is None:
        return _package_page(request, row, refusal=ProposalRefusal(_("Choose what to do."), (), 422))
    try:
        said = what(row, request)
    except LooksAlike as error:
        again = f"{error} Sent again, it is taken for another one."
        return _package_page(request, _found(pk), refusal=ProposalRefusal(again, (), 409, " ".join(error.alike)))
    except ActionRefused as error:
        return _package_page(request, _found(pk), refusal=refusal_of(error))
    messages.success(request, said)
    return redirect("admin:work-package", pk)


@site.tool("packages/<int:pk>/take-out/<int:entry>/", name="work-package-take-out", permission=PROPOSE)
@require_POST
def take_out(request: HttpRequest, pk: int, entry: int) -> HttpResponse:
    held = _found(pk).entries.filter(pk=entry).first()
    if held is None:
        raise Http404
    try:
        actions.take_out_of_package(held, by=request.user)
    except ActionRefused as error:
        messages.error(request, str(error))
    return redirect("admin:work-package", pk)


@admin.register(WorkPackage)
class WorkPackageAdmin(EvidenceAdmin):
    list_display = ("title", "identifier", "status", "begun_by", "begun_at", "reviewer")
    list_filter = ("status",)
    list_select_related = ("begun_by", "reviewer")
    search_fields = ("title", "identifier", "entries__key")


@admin.register(PackageEntry)
class PackageEntryAdmin(EvidenceAdmin):
    list_display = ("key", "kind", "package", "proposal")
    list_filter = ("kind",)
    list_select_related = ("package", "proposal")
    search_fields = ("key", "package__title")


def _begun(request: HttpRequest, title: str, identifier: Identifier | None, found: Beginning | None) -> HttpResponse:
    """Begin it, say what is to be known first, and go to the form of its text or trial where that is known.

    `found` is in English, as the title of a package is stored.
    """
    package = actions.begin_package(
        title=title or (found.title if found else ""),
        identifier=str(identifier or ""),
        source=found.source if found else "",
        entries=found.entries if found else (),
        by=request.user,
    )
    for remark in found.remarks if found else ():
        messages.info(request, remark)
    if found and found.is_known:
        first = found.entries[0]
        return redirect(_edit_address(package, first.kind, first.key))
    return redirect("admin:work-package", package.pk)


def _propose(row: WorkPackage, request: HttpRequest) -> str:
    given = request.POST
    reason, source = given.get("proposal_reason", ""), given.get("proposal_source", "")
    for one in row.entries.filter(kind=EntryKind.PUBLICATIONS) if given.get("told_apart") else ():
        drafted = actions.Drafted(one.kind, one.key, one.values, one.base_sha256)
        told_apart = given["told_apart"].split()
        actions.keep_in_package(row, drafted=drafted, told_apart=told_apart, by=request.user)
    actions.propose_package(row, reason=reason, source=source, by=request.user)
    return _("Proposed: another person decides on all of it at once.")


def _accept(row: WorkPackage, request: HttpRequest) -> str:
    given = request.POST
    told_apart = given.get("told_apart", "").split()
    found = actions.accept_package(row, by=request.user, comment=given.get("comment", ""), told_apart=told_apart)
    count = len(found.entries)
    said = ngettext(
        "Accepted, %(count)s entry: the next release has it.",
        "Accepted, %(count)s entries: the next release has them.",
        count,
    ) % {"count": count}
    if others := len(found.superseded):
        more = ngettext(
            "%(count)s competing proposal is superseded.", "%(count)s competing proposals are superseded.", others
        )
        said = f"{said} {more % {'count': others}}"
    return said


def _reject(row: WorkPackage, request: HttpRequest) -> str:
    actions.reject_package(row, by=request.user, comment=request.POST.get("comment", ""))
    return _("Rejected, all of it.")


def _ask(row: WorkPackage, request: HttpRequest) -> str:
    actions.ask_for_change_of_package(row, by=request.user, comment=request.POST.get("comment", ""))
    return _("Asked for a change: %(person)s sees your comment.") % {"person": row.begun_by}


def _withdraw(row: WorkPackage, request: HttpRequest) -> str:
    actions.withdraw_package(row, by=request.user)
    return _("Withdrawn, all of it.")


DECISIONS: Mapping[str, Callable[[WorkPackage, HttpRequest], str]] = {
    "propose": _propose,
    "accept": _accept,
    "reject": _reject,
    "ask-for-change": _ask,
    "withdraw": _withdraw,
}


def _found(pk: int) -> WorkPackage:
    row = WorkPackage.objects.select_related("begun_by", "reviewer").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _package_page(
    request: HttpRequest,
    row: WorkPackage,
    *,
    refusal: ProposalRefusal | None = None,
) -> HttpResponse:
    is_mine = row.begun_by_id == request.user.pk and request.user.has_perm(PROPOSE)
    why_not, must_declare = why_not_reviewing(request.user)
    if row.is_open and row.begun_by_id == request.user.pk:
        why_not, must_declare = _("You proposed this: another person decides on it."), False
    entries = _drafted(row, is_edited=is_mine and row.is_in_work)
    given = request.POST if refusal else {}
    why = {
        "proposal_reason": given.get("proposal_reason") or row.reason,
        "proposal_source": given.get("proposal_source") or row.source,
    }
    context = {
        "title": _("Work package %(number)s: %(title)s") % {"number": row.pk, "title": row.title},
        "subtitle": None,
        "package": row,
        "entries": entries,
        "problem_count": sum(len(one.problems) for one in entries),
        "is_mine": is_mine,
        "may_edit": is_mine and row.is_in_work,
        "may_withdraw": is_mine and (row.is_in_work or row.is_open),
        "may_decide": row.is_open and not why_not,
        "why_not": why_not if row.is_open else "",
        "must_declare": must_declare,
        "why": WhyForm(initial=why),
        "declared": interests_in(
            [(one.kind, one.values) for one in row.entries.all() if _normal(one)],
            package_evidence(row),
            proposer=row.begun_by,
            you=request.user,
        )
        if row.is_open
        else (),
        "added": [(kind, str(EntryKind(kind).label), _add_address(row, kind)) for kind in ADDED],
        "known": _known_of(row),
        "typed": given.get("comment", ""),
        "refusal": refusal,
        "told_apart": refusal.told_apart if refusal else "",
    }
    if "effect" in request.GET and (row.is_in_work or row.is_open):
        context["effect"] = _effect(row)
    status = refusal.status if refusal else 200
    return _page(request, "admin/packages/package.html", context, status=status)


def _drafted(row: WorkPackage, *, is_edited: bool) -> list[Drafted]:
    """The entries with what each changes, and what breaks a rule where the others stand beside it."""
    entries = list(row.entries.select_related("proposal__proposer"))
    if not row.is_in_work:
        shown = {one.proposal.pk: one for one in compared([each.proposal for each in entries if each.proposal])}
    evidence = accepted()
    problems = _problems(row) if row.is_in_work else {}
    found = []
    for one in entries:
        alike = {}
        if one.kind == EntryKind.PUBLICATIONS and one.key not in evidence[one.kind] and row.status != "accepted":
            alike = look_alikes_of(one.key, one.values, evidence[one.kind])
        if not row.is_in_work and one.proposal:
            this = shown[one.proposal.pk]
            title, what, lines, before, content = this.title, this.what, this.lines, this.base, this.content
            is_new = before is None and not (this.entry and this.entry.retired_at)
        else:
            before = evidence[one.kind].get(one.key)
            content = _normal(one)
            title = title_of(one.kind, content) if content else one.key
            is_new = not before
            what = pgettext("entry", "new") if is_new else _("change")
            lines = in_lines(differences(one.kind, before, content)) if content else ()
        found.append(
            Drafted(
                entry=one,
                kind=str(EntryKind(one.kind).label),
                title=title,
                what=what,
                is_new=is_new,
                lines=lines,
                problems=tuple(problems.get((one.kind, one.key), ())),
                alike=alike,
                second_looks=tuple(second_looks(one.kind, before, content, evidence)),
                edit=_edit_address(row, one.kind, one.key) if is_edited else "",
                proposal=proposal_address(one.proposal) if one.proposal else "",
            )
        )
    return found


def _problems(row: WorkPackage) -> dict[tuple[str, str], list[str]]:
    """What breaks a rule of the evidence base, by entry, with the field in words."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in row.entries.all():
        try:
            loader.normal(one.kind, one.key, one.values)
        except LoadError as error:
            found[one.kind, one.key] = [said_of(problem, names_entry=False) for problem in error.problems]
    for problem in problems_in(document_of(package_evidence(row))):
        found.setdefault((problem.file, problem.key), []).append(said_of(problem, names_entry=False))
    return found


def _normal(entry: PackageEntry) -> dict[str, Any] | None:
    try:
        return loader.normal(entry.kind, entry.key, entry.values)
    except LoadError:
        return None


def _effect(row: WorkPackage) -> EffectInWords:
    """Of all of it together."""
    contents = {(one.kind, one.key): _normal(one) for one in row.entries.all()}
    if None in contents.values() or (row.is_in_work and _problems(row)):
        return EffectInWords((), 0, _("The patients cannot be ranked before what breaks a rule is corrected."))
    return effect_of_changes([EntryChange(kind, key, content) for (kind, key), content in contents.items()])


def _edit_address(row: WorkPackage, kind: str, key: str) -> str:
    """Of the form of an entry that saves into the package."""
    return f"{reverse('admin:edit-entry', args=[kind, key])}?{urlencode({'package': row.pk, 'key': key})}"


def _add_address(row: WorkPackage, kind: str) -> str:
    name = MODELS[kind]._meta.model_name
    return f"{reverse(f'admin:regimens_{name}_add')}?package={row.pk}"


def _known_of(row: WorkPackage) -> list[tuple[str, str]]:
    """The entries in force that a package may change: those that its own ones name, with the address of their form."""
    named = {("regimens", str(one.values.get("regimen"))) for one in row.entries.all() if one.values.get("regimen")}
    for one in row.entries.filter(kind=EntryKind.PUBLICATIONS):
        named |= {
            ("regimens", str(each.get("regimen"))) for each in one.values.get("results") or () if each.get("regimen")
        }
    kept = {(one.kind, one.key) for one in row.entries.all()}
    there = set(Entry.objects.filter(kind="regimens", retired_at=None).values_list("kind", "key"))
    return [(key, _edit_address(row, kind, key)) for kind, key in sorted((named - kept) & there)]


def _listed(rows: QuerySet[WorkPackage] | list[WorkPackage]) -> list[tuple[WorkPackage, str]]:
    return [(row, ", ".join(f"{one.get_kind_display()} {one.key}" for one in row.entries.all())) for row in rows]


def _page(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    return TemplateResponse(request, template, site.each_context(request) | dict(context), status=status)
