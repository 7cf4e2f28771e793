"""The admin's pages of an entry: its form, the check while typing, and its retirement.

Saving makes a proposal. None of these pages writes a row, and none of Django's own that do is reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.sent_once import once
from audit.errors import ActionRefused
from audit.people import person_name
from curation import actions as curation_actions
from curation.accepted import accepted, with_changes
from curation.actions.duplicates import look_alikes_of
from curation.admin.addresses import public_address, published
from curation.errors import InvalidContent, LooksAlike
from curation.imports.batch import new_ones_proposed
from curation.models import Entry, PackageEntry, Proposal, WorkPackage
from curation.permissions import PROPOSE
from curation.review.differences import Difference, differences
from curation.review.second_looks import second_looks, stale_prose
from display.punctuation import sign
from regimens.knowledge import loader
from regimens.models import (
    Biomarker,
    Drug,
    ExposureClass,
    GuidelineStatement,
    Indication,
    Licence,
    Publication,
    Regimen,
    Trial,
)
from regimens.models.choices import IN_WORK, EntryKind, ProposalStatus, Region
from staff.rows import EvidenceAdmin
from staff.site import site

from .criteria import read, vocabulary, vocabulary_json
from .dependents import Resting, names, resting_on
from .editor import Editor, WhyForm
from .entries import SHAPES
from .reviewers import who_may_decide
from .script_words import script_words

# So many of those who may decide are named to the person who made a proposal.
NAMED_DECIDERS = 5

# The models that entries are edited on, by the list of the evidence base.
MODELS: dict[str, type[Model]] = {
    "drugs": Drug,
    "exposure_classes": ExposureClass,
    "regimens": Regimen,
    "licences": Licence,
    "guidelines": GuidelineStatement,
    "publications": Publication,
    "indications": Indication,
    "biomarkers": Biomarker,
    "trials": Trial,
}

# The lists whose entries hold criteria.
WITH_CRITERIA = ("publications", "drugs", "regimens", "licences", "indications")


def is_revisable(proposal: Proposal, user: Any) -> bool:
    """Whether a change was asked for this person's proposal, and not made yet."""
    is_mine = proposal.proposer_id is not None and proposal.proposer_id == user.pk
    return is_mine and proposal.status == ProposalStatus.CHANGE_ASKED and not hasattr(proposal, "revision")


def proposal_address(proposal: Proposal) -> str:
    return reverse("admin:regimens_proposal_change", args=[proposal.pk])


@site.tool("criterion/", name="criterion", permission=PROPOSE)
def criterion(request: HttpRequest) -> HttpResponse:
    """What a criterion reads as while it is edited, and for how many reference patients it holds."""
    names = {**_names("drugs"), **_names("regimens")}
    found = read(request.POST.get("text", ""), may_be_never=request.POST.get("never") == "yes", names=names)
    return JsonResponse(found.as_json())


class EditingAdmin(EvidenceAdmin):
    """A model whose rows are entries of the list `kind`: edited here, and saved as proposals."""

    kind = ""
    named_by = ""  # the column with the entries that name this one, where they are said beside its form
    actions = None

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return bool(request.user.has_perm(PROPOSE))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.has_perm(PROPOSE))

    def save_model(self, *args: Any, **kwargs: Any) -> None:
        raise PermissionDenied("a change is a proposal")

    save_related = save_formset = delete_model = delete_queryset = save_model  # type: ignore[assignment]

    @method_decorator(once)
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_change_permission(request):
            if request.method != "GET":
                raise PermissionDenied
            # Django's own page of the row, with the names of its columns.
            return super().changeform_view(request, object_id, form_url, extra_context)
        return _Form(self, request, object_id).response()

    @method_decorator(once)
    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Retire an entry: what Django would delete."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return _Retirement(self, request, object_id).response()


class _Page:
    """What the form and the retirement of an entry share: the entry, who asks, and the proposal that is revised."""

    def __init__(self, model_admin: EditingAdmin, request: HttpRequest, object_id: str | None):
        self.admin, self.request = model_admin, request
        self.kind = model_admin.kind
        self.shape = SHAPES[self.kind]
        self.object_id = object_id
        self.row = model_admin.get_object(request, object_id) if object_id else None

    @cached_property
    def entry(self) -> Entry | None:
        return self._entry(getattr(self.row, self.shape.key_name)) if self.row else None

    @cached_property
    def revised(self) -> Proposal | None:
        """The proposal for which a change was asked, and that this form is to make."""
        pk = self.request.GET.get("proposal", "")
        if not pk.isdigit():
            return None
        proposal = Proposal.objects.select_related("reviewer", "revision").filter(pk=pk, kind=self.kind).first()
        if proposal is None or not is_revisable(proposal, self.request.user):
            return None
        if self.row and proposal.key != getattr(self.row, self.shape.key_name):
            return None
        return proposal

    @cached_property
    def package(self) -> WorkPackage | None:
        """The work package, the person's own and in work, into which this form saves."""
        pk = self.request.GET.get("package", "")
        rows = WorkPackage.objects.filter(begun_by=self.request.user, status__in=IN_WORK)
        return rows.filter(pk=pk).first() if pk.isdigit() else None

    @cached_property
    def drafted(self) -> PackageEntry | None:
        """The entry as the package has it already."""
        key = getattr(self.row, self.shape.key_name) if self.row else self.request.GET.get("key", "")
        return self.package.entries.filter(kind=self.kind, key=key).first() if self.package and key else None

    def missing(self) -> HttpResponse | None:
        if self.request.GET.get("package") and self.package is None:
            messages.warning(self.request, _("That work package is not yours, or no longer a draft."))
            return redirect("admin:work-packages")
        if self.object_id and self.row is None:
            return self.admin._get_obj_does_not_exist_redirect(self.request, self.admin.opts, self.object_id)
        if self.request.GET.get("proposal") and self.revised is None:
            messages.warning(
                self.request, _("No change is asked for on that proposal of yours: this is the value in force.")
            )
            return redirect(self.request.path)
        return None

    def context(self, title: str) -> dict[str, Any]:
        key = self.revised.key if self.revised else (getattr(self.row, self.shape.key_name) if self.row else "")
        values = self.entry.values if self.entry and not self.entry.retired_at else None
        return {
            **site.each_context(self.request),
            "title": title,
            "subtitle": None,
            "opts": self.admin.opts,
            "app_label": self.admin.opts.app_label,
            "original": self.row,
            "kind": self.kind,
            "key": key,
            "entry": self.entry,
            "decided": self.entry.proposal if self.entry else None,
            "revised": self.revised,
            "package": self.package,
            "deciders": [person_name(one) for one in who_may_decide(self.request.user)],
            "named_by": self._named_by(),
            "has_moved": self.revised and self.entry and self.revised.base_sha256 != self.entry.version,
            "open_proposals": [
                (proposal, proposal_address(proposal))
                for proposal in Proposal.objects.select_related("proposer")
                .filter(kind=self.kind, key=key, status=ProposalStatus.PROPOSED)
                .order_by("pk")
            ],
            "public_address": public_address(self.kind, key, values, published()) if values else "",
            "history_address": reverse("admin:regimens_entry_change", args=[self.entry.pk]) if self.entry else "",
            "decided_address": proposal_address(self.entry.proposal) if self.entry and self.entry.proposal else "",
            "revised_address": proposal_address(self.revised) if self.revised else "",
            "list_name": site.names[self.admin.opts.label_lower],
            "list_address": reverse(f"admin:regimens_{self.admin.opts.model_name}_changelist"),
        }

    def done(self, proposed: curation_actions.Proposed) -> HttpResponse:
        messages.success(self.request, _said(proposed, self.request.user))
        if self.row:
            return redirect(f"admin:regimens_{self.admin.opts.model_name}_change", self.row.pk)
        return redirect(f"admin:regimens_{self.admin.opts.model_name}_changelist")

    def _named_by(self) -> dict[str, Any]:
        """The entries that name this one, which a change of it reaches: what they are, and links to them."""
        column = getattr(self.admin, self.admin.named_by, None)
        links = column(self.row) if self.row and column else ""
        return {"title": f"{capfirst(column.short_description)}{sign(':')}", "links": links} if links else {}

    def _entry(self, key: str) -> Entry | None:
        entries = Entry.objects.select_related("proposal__proposer", "proposal__reviewer")
        return entries.filter(kind=self.kind, key=key).first()


class _Form(_Page):
    """The form of an entry, new or in force, and what is done with what it says."""

    def response(self) -> HttpResponse:
        if missing := self.missing():
            return missing
        if self.row and self.revised and self.revised.is_retirement:
            address = reverse(f"admin:regimens_{self.admin.opts.model_name}_delete", args=[self.row.pk])
            return redirect(f"{address}?proposal={self.revised.pk}")
        if self.request.method != "POST":
            return self._page(self._editor())
        return self._posted()

    @cached_property
    def before(self) -> dict[str, Any]:
        """The content that the form is filled from, in the shape of this edition."""
        if self.drafted:
            return self.drafted.values
        if self.entry or self.revised:
            given = self.revised or self._opened_on(self.entry)
            return curation_actions.in_this_edition(self.kind, given.key, given.values) if given.values else {}
        return curation_actions.content_of(self.kind, getattr(self.row, self.shape.key_name)) or {} if self.row else {}

    @property
    def version(self) -> str:
        """Of the entry as the page shows it: whoever saves has seen what they change."""
        return self.entry.version if self.entry else ""

    def _opened_on(self, entry: Entry) -> Any:
        """The version of the entry that the form was filled from, whose rows its own are."""
        opened_on = self.request.POST.get("_opened_on", entry.sha256)
        if opened_on == entry.sha256:
            return entry
        former = Entry.history.filter(id=entry.pk, sha256=opened_on).first()
        return former.instance if former else entry

    def _editor(self, data: Any = None) -> Editor:
        revised = self.revised
        given = revised or self.package
        why = {"proposal_reason": given.reason, "proposal_source": given.source} if given else None
        is_new = self.row is None and revised is None
        # A text that comes with its citation alone gets a cohort to fill in.
        wants_cohort = self.package and self.kind == "publications" and not self.before.get("results")
        return Editor(
            self.shape,
            self.before,
            offers=self.offers,
            data=data,
            is_new=is_new,
            why=why,
            blank={"results": 1} if wants_cohort else {},
            around=self.around,
        )

    @cached_property
    def around(self) -> loader.Evidence | None:
        """The evidence base in which the entry will stand: with the others of its package."""
        return package_evidence(self.package, but=self.drafted) if self.package else None

    @cached_property
    def offers(self) -> dict[str, dict[str, str]]:
        return _offers(self.kind, self.around)

    def _posted(self) -> HttpResponse:
        data = self.request.POST
        if part := data.get("_add"):
            return self._with_another_row(part)
        if "_restore" in data:
            return self._restored()
        editor = self._editor(data)
        is_readable = editor.read()
        if editor.is_new and editor.key and (taken := self._entry(editor.key)) and not taken.retired_at:
            editor.main.add_error(self.shape.key_name, _("There is one with this key already."))
            is_readable = False
        if "_live" in data:
            editor.judge()
            editor.leave_why_unjudged()
            return JsonResponse({"problems": editor.problems, "top": editor.top, "warnings": editor.warnings})
        if "_check" in data:
            editor.judge()
            editor.leave_why_unjudged()
            return self._page(editor, is_checked=editor.is_sound, is_compared=editor.is_sound)
        if "_keep" in data and self.package:
            is_readable = is_readable or (not editor.main.errors and editor.read_entry())
            editor.leave_why_unjudged()
        if not is_readable:
            editor.judge()
            return self._page(editor)
        if data.get("_version", "") != self.version:
            editor.top.append(
                _(
                    "The published value changed while this form was open: compare it before you propose. Saved again, "
                    "the form proposes what it says now in its place."
                )
            )
            editor.judge()
            return self._page(editor, is_compared=not editor.problems)
        if (alike := self._looks_like(editor)) and data.get("_alike", "") != " ".join(alike):
            editor.top.append(
                _(
                    "This looks like a text that is here already: %(texts)s. Saved again, the form proposes it as "
                    "another one."
                )
                % {"texts": "; ".join(alike.values())}
            )
            editor.judge()
            return self._page(editor, alike=alike)
        return self._proposed(editor)

    def _looks_like(self, editor: Editor) -> dict[str, str]:
        """The publications, in force or proposed, that a new one is in all likelihood: each with its citation."""
        if self.kind != "publications" or not editor.is_new:
            return {}
        known = {**accepted()["publications"], **new_ones_proposed("publications")}
        found = look_alikes_of(editor.key, editor.content(), known)
        return {key: f"{key} ({words})" for key, words in found.items()}

    def _proposed(self, editor: Editor) -> HttpResponse:
        content = editor.content()
        why = editor.why.cleaned_data
        told_apart = self.request.POST.get("_alike", "").split()
        given = {
            "reason": why.get("proposal_reason") or "",
            "source": why.get("proposal_source") or "",
            "by": self.request.user,
        }
        try:
            if self.package:
                return self._kept(editor, content, told_apart, given)
            given["told_apart"] = told_apart
            if self.revised:
                proposed = curation_actions.revise(self.revised, content=content, **given)
            else:
                proposed = curation_actions.propose(kind=self.kind, key=editor.key, content=content, **given)
        except InvalidContent as error:
            editor.show(error.problems)
        except LooksAlike as error:
            editor.top.append(str(error))
            return self._page(editor, alike=error.alike)
        except ActionRefused as error:
            editor.top.append(str(error))
        else:
            self._say_second_looks(proposed.proposal)
            return self.done(proposed)
        return self._page(editor)

    def _say_second_looks(self, proposal: Proposal) -> None:
        """What a person should look at again who proposed something odd."""
        before = self.entry.values if self.entry and not self.entry.retired_at else None
        for one in second_looks(proposal.kind, before, proposal.values, accepted()):
            said = _("Look again: %(place)s: %(text)s") % {"place": one.place, "text": one.text}
            messages.warning(self.request, said)

    def _kept(
        self, editor: Editor, content: dict[str, Any], told_apart: list[str], given: dict[str, Any]
    ) -> HttpResponse:
        """Save into the package; and propose all of it, where that is asked for. Raises as the actions do."""
        package = self.package
        drafted = curation_actions.Drafted(self.kind, editor.key, content, self.version)
        held = curation_actions.keep_in_package(
            package, drafted=drafted, in_place_of=self.drafted, told_apart=told_apart, **given
        )
        if "_keep" in self.request.POST:
            said = _("Kept in the work package: %(entry)s. Nothing is proposed yet.") % {"entry": held}
            messages.success(self.request, said)
        else:
            curation_actions.propose_package(package, by=self.request.user)
            messages.success(self.request, _package_said(package, self.request.user))
        return redirect("admin:work-package", package.pk)

    def _restored(self) -> HttpResponse:
        """What the browser had kept of the form when it was left."""
        editor = self._editor(self.request.POST)
        editor.leave_unjudged()
        return self._page(editor)

    def _with_another_row(self, part: str) -> HttpResponse:
        data = self.request.POST.copy()
        total = f"{part}-TOTAL_FORMS"
        if data.get(total, "").isdigit() and any(part == one.name for one in self.shape.parts):
            data[total] = str(min(int(data[total]) + 1, 500))
        editor = self._editor(data)
        editor.leave_unjudged()
        return self._page(editor)

    def _changes(self, editor: Editor) -> tuple[Difference, ...]:
        """What would differ from the published value."""
        before = self.entry.values if self.entry and not self.entry.retired_at else None
        return differences(self.kind, before, loader.normal(self.kind, editor.key, editor.content()))

    def _second_looks(self, editor: Editor) -> list[str]:
        """Prose that quotes what a change makes another; what is odd in a field itself is said beside it."""
        before = self.entry.values if self.entry and not self.entry.retired_at else None
        after = loader.normal(self.kind, editor.key, editor.content())
        found = stale_prose(self.kind, before, after, self.around or accepted())
        return [f"{one.place} {one.text}" for one in found]

    def _page(
        self,
        editor: Editor,
        *,
        is_checked: bool = False,
        is_compared: bool = False,
        alike: Mapping[str, str] = MappingProxyType({}),
    ) -> HttpResponse:
        if self.revised:
            title = _("Revise the proposal on %(key)s") % {"key": self.revised.key}
        elif self.row:
            title = _("Propose a change to %(entry)s") % {"entry": self.row}
        else:
            title = _("Propose a new %(kind)s") % {"kind": EntryKind(self.kind).label}
        context = self.context(title) | {
            "editor": editor,
            "changes": self._changes(editor) if is_compared else None,
            "version": self.version,
            "alike": " ".join(alike),
            "opened_on": self._opened_on(self.entry).sha256 if self.entry else "",
            "is_checked": is_checked,
            "second_looks": self._second_looks(editor) if is_checked else (),
            "problem_count": sum(map(len, editor.problems.values())) + len(editor.top) if editor.main.is_bound else 0,
            "script_words": script_words(),
            "vocabulary": vocabulary(),
            "vocabulary_json": vocabulary_json(regimens=self.offers["regimens"], drugs=self.offers["drugs"]),
            "has_criteria": self.kind in WITH_CRITERIA,
            "suggestions": [(name, _suggestions(name, self.around)) for name in self.shape.suggestions],
        }
        return TemplateResponse(self.request, "admin/regimens/editing/form.html", context)


class _Retirement(_Page):
    """The page on which an entry is proposed to be retired."""

    def response(self) -> HttpResponse:
        if missing := self.missing():
            return missing
        revised = self.revised
        why = {"proposal_reason": revised.reason, "proposal_source": revised.source} if revised else {}
        form = WhyForm(self.request.POST if self.request.method == "POST" else None, initial=why)
        problems: list[str] = []
        resting: list[Resting] = []
        if form.is_valid():
            given = {"reason": form.cleaned_data["proposal_reason"], "source": form.cleaned_data["proposal_source"]}
            try:
                return self.done(self._proposed(given))
            except InvalidContent as error:
                key = getattr(self.row, self.shape.key_name)
                resting = resting_on(key, error.problems)
                problems = [str(one) for one in error.problems if not names(key, one)]
            except ActionRefused as error:
                problems = [str(error)]
        context = self.context(_("Retire %(key)s") % {"key": self.row}) | {
            "form": form,
            "problems": problems,
            "resting": resting,
        }
        return TemplateResponse(self.request, "admin/regimens/editing/retire.html", context)

    def _proposed(self, given: dict[str, str]) -> curation_actions.Proposed:
        if self.revised:
            return curation_actions.revise(self.revised, content=None, **given, by=self.request.user)
        key = getattr(self.row, self.shape.key_name)
        return curation_actions.propose_retirement(kind=self.kind, key=key, **given, by=self.request.user)


def _said(proposed: curation_actions.Proposed, person: Any) -> SafeString:
    """What a person is told who made a proposal: what it is, who decides, and what else waits on the same entry."""
    deciders = [person_name(one) for one in who_may_decide(person)]
    told = {
        "proposal": proposed.proposal,
        "address": proposal_address(proposed.proposal),
        "deciders": deciders[:NAMED_DECIDERS],
        "others": len(deciders[NAMED_DECIDERS:]),
        "rivals": format_html_join(
            ", ",
            '<a href="{}">{}</a>',
            [(proposal_address(one), _("proposal %(number)s") % {"number": one.pk}) for one in proposed.competing],
        ),
    }
    return render_to_string("admin/regimens/editing/_proposed.html", told)


def _package_said(package: WorkPackage, person: Any) -> str:
    """What a person is told who proposed a work package."""
    deciders = [person_name(one) for one in who_may_decide(person)]
    people, more = ", ".join(deciders[:NAMED_DECIDERS]), len(deciders) - NAMED_DECIDERS
    if not deciders:
        who = _("Nobody else may decide at the moment: that takes a reviewer with a current statement of interests.")
    elif more > 0:
        who = _("Another person decides on all of it: %(people)s and %(count)s more.")
    else:
        who = _("Another person decides on all of it: %(people)s.")
    count = package.entries.count()
    said = ngettext(
        "Proposed, %(count)s entry; what is published stays until then.",
        "Proposed, %(count)s entries together; what is published stays until then.",
        count,
    )
    return f"{said % {'count': count}} {who % {'people': people, 'count': more}}"


def package_evidence(package: WorkPackage, but: PackageEntry | None = None) -> loader.Evidence:
    """The accepted evidence base with the entries of a package, but for one; those that cannot be read are left out."""
    changes = []
    for one in package.entries.all():
        if but is not None and one.pk == but.pk:
            continue
        try:
            changes.append((one.kind, one.key, loader.normal(one.kind, one.key, one.values)))
        except loader.LoadError:
            continue
    return with_changes(accepted(), changes)


def _offers(kind: str, around: loader.Evidence | None = None) -> dict[str, dict[str, str]]:
    """What fields of a kind offer that the database knows, and the work package that the entry is of."""
    offers = {"regimens": _names("regimens", around), "drugs": _names("drugs", around)}
    if kind == "biomarkers":
        statements = GuidelineStatement.objects.values_list("key", "statement")
        offers["guidelines"] = {key: f"{key}: {statement[:80]}" for key, statement in statements}
    elif kind == "drugs":
        offers["exposure_classes"] = _names("exposure_classes", around)
    elif kind == "regimens":
        offers["drug_slugs"] = {
            name.casefold(): slug for slug, *names, synonyms in _drugs(around) for name in (*synonyms, *names, slug)
        }
        classes = Regimen.objects.order_by("drug_class").values_list("drug_class", flat=True).distinct()
        more = {one["class"] for one in (around or {}).get("regimens", {}).values()}
        offers["drug_classes"] = {name: name for name in sorted({*classes, *more})}
    return offers


def _names(kind: str, around: loader.Evidence | None = None) -> dict[str, str]:
    names = dict(MODELS[kind]._default_manager.order_by("name").values_list("slug", "name"))
    added = {key: str(one["name"]) for key, one in around[kind].items() if key not in names} if around else {}
    return names | added


def _drugs(around: loader.Evidence | None) -> list[tuple[str, str, list[str]]]:
    known = list(Drug.objects.order_by("name").values_list("slug", "name", "synonyms"))
    if around:
        slugs = {slug for slug, *_ in known}
        known += [(key, one["name"], one["synonyms"]) for key, one in around["drugs"].items() if key not in slugs]
    return known


def _suggestions(name: str, around: loader.Evidence | None = None) -> Iterable[tuple[str, str]]:
    if name == "drugs":
        return [(slug, ", ".join([words, *synonyms])) for slug, words, synonyms in _drugs(around)]
    if name == "studies":
        return _studies()
    if name == "label-regions":
        return [*((region, str(Region(region).label)) for region in Region.values), ("trial", _("of a trial"))]
    if around:
        return [
            *((f"guideline:{key}", one["statement"][:90]) for key, one in around["guidelines"].items()),
            *((f"licence:{key}", f"{one['regimen']}, {one['label'][:90]}") for key, one in around["licences"].items()),
            *((f"publication:{key}", (one["title"] or "")[:90]) for key, one in around["publications"].items()),
        ]
    licences = Licence.objects.values_list("key", "regimen__name", "region", "label")
    return [
        *((f"guideline:{key}", text[:90]) for key, text in GuidelineStatement.objects.values_list("key", "statement")),
        *((f"licence:{key}", f"{regimen}, {region}: {text[:90]}") for key, regimen, region, text in licences),
        *((f"publication:{key}", title[:90]) for key, title in Publication.objects.values_list("key", "title")),
    ]


def _studies() -> list[tuple[str, str]]:
    """The studies by key, each with its names, its number in a register and how many publications are of it."""
    found: dict[str, tuple[set[str], int]] = {}
    rows = Publication.objects.filter(study__isnull=False).order_by("study__key")
    for key, name, number, title in rows.values_list("study__key", "report__name", "report__registry_id", "title"):
        names, count = found.get(key, (set(), 0))
        names |= {one for one in (name, number) if one and one != key} or {(title or "")[:60]}
        found[key] = names, count + 1
    return [
        (
            key,
            ngettext("%(names)s; %(count)s publication", "%(names)s; %(count)s publications", count)
            % {"names": ", ".join(sorted(names)), "count": count},
        )
        for key, (names, count) in found.items()
    ]
