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
from django.utils.safestring import SafeString

from audit.errors import ActionRefused
from audit.people import person_name
from curation import actions as curation_actions
from curation.accepted import accepted
from curation.admin.addresses import public_address, published
from curation.errors import InvalidContent
from curation.identity import identified, look_alikes
from curation.imports.batch import new_ones_proposed
from curation.models import Entry, Proposal
from curation.permissions import PROPOSE
from curation.review.differences import Difference, differences
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
from regimens.models.choices import ProposalStatus
from regimens.wording.citations import citation
from staff.rows import EvidenceAdmin
from staff.site import site

from .criteria import read, vocabulary, vocabulary_json
from .dependents import Resting, names, resting_on
from .editor import Editor, WhyForm
from .entries import SHAPES
from .reviewers import who_may_decide

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
    names = {**_names(Drug), **_names(Regimen)}
    found = read(request.POST.get("text", ""), may_be_never=request.POST.get("never") == "yes", names=names)
    return JsonResponse(found.as_json())


class EditingAdmin(EvidenceAdmin):
    """A model whose rows are entries of the list `kind`: edited here, and saved as proposals."""

    kind = ""
    actions = None

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return bool(request.user.has_perm(PROPOSE))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.has_perm(PROPOSE))

    def save_model(self, *args: Any, **kwargs: Any) -> None:
        raise PermissionDenied("a change is a proposal")

    save_related = save_formset = delete_model = delete_queryset = save_model  # type: ignore[assignment]

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
            return super().changeform_view(request, object_id, form_url, extra_context)
        return _Form(self, request, object_id).response()

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

    def missing(self) -> HttpResponse | None:
        if self.object_id and self.row is None:
            return self.admin._get_obj_does_not_exist_redirect(self.request, self.admin.opts, self.object_id)
        if self.request.GET.get("proposal") and self.revised is None:
            messages.warning(
                self.request, "No change is asked for on that proposal of yours: this is the value in force."
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
            "key": key,
            "entry": self.entry,
            "decided": self.entry.proposal if self.entry else None,
            "revised": self.revised,
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
            "list_address": reverse(f"admin:regimens_{self.admin.opts.model_name}_changelist"),
        }

    def done(self, proposed: curation_actions.Proposed) -> HttpResponse:
        messages.success(self.request, _said(proposed, self.request.user))
        if self.row:
            return redirect(f"admin:regimens_{self.admin.opts.model_name}_change", self.row.pk)
        return redirect(f"admin:regimens_{self.admin.opts.model_name}_changelist")

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
        why = {"proposal_reason": revised.reason, "proposal_source": revised.source} if revised else None
        is_new = self.row is None and revised is None
        return Editor(self.shape, self.before, offers=self.offers, data=data, is_new=is_new, why=why)

    @cached_property
    def offers(self) -> dict[str, dict[str, str]]:
        return _offers(self.kind)

    def _posted(self) -> HttpResponse:
        data = self.request.POST
        if part := data.get("_add"):
            return self._with_another_row(part)
        editor = self._editor(data)
        is_readable = editor.read()
        if editor.is_new and editor.key and (taken := self._entry(editor.key)) and not taken.retired_at:
            editor.main.add_error(self.shape.key_name, "There is one with this key already.")
            is_readable = False
        if "_live" in data:
            editor.judge()
            editor.leave_why_unjudged()
            return JsonResponse({"problems": editor.problems, "top": editor.top})
        if "_check" in data:
            editor.judge()
            editor.leave_why_unjudged()
            return self._page(editor, is_checked=editor.is_sound, is_compared=editor.is_sound)
        if not is_readable:
            editor.judge()
            return self._page(editor)
        if data.get("_version", "") != self.version:
            editor.top.append(
                "The published value changed while this form was open: compare it before you propose. Saved again, "
                "the form proposes what it says now in its place."
            )
            editor.judge()
            return self._page(editor, is_compared=not editor.problems)
        if (alike := self._looks_like(editor)) and data.get("_alike", "") != " ".join(alike):
            editor.top.append(
                f"This looks like a text that is here already: {'; '.join(alike.values())}. Saved again, the form "
                "proposes it as another one."
            )
            editor.judge()
            return self._page(editor, alike=alike)
        return self._proposed(editor)

    def _looks_like(self, editor: Editor) -> dict[str, str]:
        """The publications, in force or proposed, that a new one is in all likelihood: each with its citation."""
        if self.kind != "publications" or not editor.is_new:
            return {}
        known = {**accepted()["publications"], **new_ones_proposed("publications")}
        found = look_alikes(
            identified(editor.content()), {key: identified(entry) for key, entry in known.items() if key != editor.key}
        )
        return {key: f"{key} ({citation(known[key])})" for key in found}

    def _proposed(self, editor: Editor) -> HttpResponse:
        content = editor.content()
        why = editor.why.cleaned_data
        given = {"reason": why["proposal_reason"], "source": why["proposal_source"], "by": self.request.user}
        try:
            if self.revised:
                proposed = curation_actions.revise(self.revised, content=content, **given)
            else:
                proposed = curation_actions.propose(kind=self.kind, key=editor.key, content=content, **given)
        except InvalidContent as error:
            editor.show(error.problems)
        except ActionRefused as error:
            editor.top.append(str(error))
        else:
            return self.done(proposed)
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

    def _page(
        self,
        editor: Editor,
        *,
        is_checked: bool = False,
        is_compared: bool = False,
        alike: Mapping[str, str] = MappingProxyType({}),
    ) -> HttpResponse:
        if self.revised:
            title = f"Revise the proposal on {self.revised.key}"
        else:
            title = f"Propose a change to {self.row}" if self.row else f"Propose a new {self.admin.opts.verbose_name}"
        context = self.context(title) | {
            "editor": editor,
            "changes": self._changes(editor) if is_compared else None,
            "version": self.version,
            "alike": " ".join(alike),
            "opened_on": self._opened_on(self.entry).sha256 if self.entry else "",
            "is_checked": is_checked,
            "problem_count": sum(map(len, editor.problems.values())) + len(editor.top) if editor.main.is_bound else 0,
            "vocabulary": vocabulary(),
            "vocabulary_json": vocabulary_json(regimens=self.offers["regimens"], drugs=self.offers["drugs"]),
            "has_criteria": self.kind in WITH_CRITERIA,
            "suggestions": [(name, _suggestions(name)) for name in self.shape.suggestions],
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
        context = self.context(f"Retire {self.row}") | {"form": form, "problems": problems, "resting": resting}
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
        "rivals": [(one, proposal_address(one)) for one in proposed.competing],
    }
    return render_to_string("admin/regimens/editing/_proposed.html", told)


def _offers(kind: str) -> dict[str, dict[str, str]]:
    """What fields of a kind offer that the database knows."""
    offers = {"regimens": _names(Regimen), "drugs": _names(Drug)}
    if kind == "biomarkers":
        statements = GuidelineStatement.objects.values_list("key", "statement")
        offers["guidelines"] = {key: f"{key}: {statement[:80]}" for key, statement in statements}
    elif kind == "drugs":
        offers["exposure_classes"] = _names(ExposureClass)
    elif kind == "regimens":
        offers["drug_slugs"] = {
            name.casefold(): slug
            for slug, *names, synonyms in Drug.objects.values_list("slug", "name", "synonyms")
            for name in (*synonyms, *names, slug)
        }
    return offers


def _names(model: Any) -> dict[str, str]:
    return dict(model.objects.order_by("name").values_list("slug", "name"))


def _suggestions(name: str) -> Iterable[tuple[str, str]]:
    if name == "drug-classes":
        return [
            (one, "") for one in Regimen.objects.order_by("drug_class").values_list("drug_class", flat=True).distinct()
        ]
    if name == "drugs":
        drugs = Drug.objects.order_by("name").values_list("slug", "name", "synonyms")
        return [(slug, ", ".join([words, *synonyms])) for slug, words, synonyms in drugs]
    licences = Licence.objects.values_list("key", "regimen__name", "region", "label")
    return [
        *((f"guideline:{key}", text[:90]) for key, text in GuidelineStatement.objects.values_list("key", "statement")),
        *((f"licence:{key}", f"{regimen}, {region}: {text[:90]}") for key, regimen, region, text in licences),
        *((f"publication:{key}", title[:90]) for key, title in Publication.objects.values_list("key", "title")),
    ]
