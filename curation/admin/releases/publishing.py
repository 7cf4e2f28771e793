"""Publishing: what is new, what to look at again and what it does, on one page; and then a release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.sent_once import once
from audit.canonical import canonical_json, sha256_of
from audit.errors import ActionRefused
from curation.actions import publishing
from curation.freshness import freshness, is_a_day_alone
from curation.models import Proposal
from curation.permissions import PUBLISH
from curation.review.effect import (
    DECIDING,
    EntryChange,
    differences,
    effects,
    names_known,
    reference_patients,
    tried_alone,
)
from curation.review.warnings import warnings_of
from regimens import releases
from regimens.knowledge.document import ENTRIES
from regimens.knowledge.loader import LoadProblem
from regimens.models import KnowledgeRelease, ReleaseInForce
from regimens.models.choices import InForceBy, ProposalStatus
from regimens.releases import newest_in_force
from regimens.rules.knowledge import Knowledge, KnowledgeError
from regimens.rules.patient import PatientError
from staff.site import site

from .comparison import ChangedEntry, EffectTable, Finder, Row, changed_entries, concern_groups, effect_table

# Up to so many changes that can move anything, the effect is on the page at once; more take a second and longer.
EFFECT_AT_ONCE = 12
CHANGED_MEANWHILE = gettext_lazy(
    "Nothing was published: the evidence base changed since this page was made for you. Below is how it is now. "
    "Look at it again; your words are kept."
)
OF_FORMER_EDITION = gettext_lazy(
    "What it does to patients cannot be worked out: one of the two releases is of edition %(edition)s of the method, "
    "and this version ranks by another. It can be from the first release on that this version publishes."
)
NOTHING: Mapping[str, Any] = {name: [] for name in ENTRIES}


class ReleaseForm(forms.Form):
    """The name and the words of a release, and what its publisher was shown."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("What people will call it, such as its date."),
    )
    summary = forms.CharField(
        label=gettext_lazy("What is new"),
        max_length=4000,
        widget=forms.Textarea({"rows": 4, "cols": 80}),
        help_text=gettext_lazy("A few sentences for those who use it; kept with the release."),
    )
    looked = forms.BooleanField(
        label=gettext_lazy("I have looked at the changes, at the problems found and at the effect."),
        error_messages={
            "required": gettext_lazy("Look at the changes, the problems found and the effect first, and say so here.")
        },
    )
    seen = forms.RegexField(r"\A[0-9a-f]{64}\Z", widget=forms.HiddenInput)

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if KnowledgeRelease.objects.filter(name=name).exists():
            raise forms.ValidationError(_("There is a release of this name already."))
        return str(name)


@dataclass(frozen=True)
class PublishingRefusal:
    """Why nothing may be published, in words, and the entries that stand against it."""

    words: str
    problems: tuple[tuple[Row, LoadProblem], ...] = ()


@dataclass(frozen=True)
class Preview:
    """What would be published, beside what is in force."""

    in_force: ReleaseInForce | None
    before: Knowledge | None
    damage: str
    content: Mapping[str, Any] | None
    sha256: str
    refusal: PublishingRefusal | None
    finder: Finder

    @classmethod
    def now(cls) -> Preview:
        in_force, before, damage = newest_in_force(), None, ""
        try:
            before = releases.current() if in_force else None
        except releases.FormerEdition:
            before = releases.compiled(in_force.release) if in_force else None
        except releases.ReleaseError as error:
            damage = str(error)
        finder = Finder.of(before.document if before else NOTHING)
        try:
            content = publishing.content_to_publish()
        except publishing.NotPublishable as error:
            rows = tuple((finder.row(one.file, one.key, None), one) for one in error.problems)
            return cls(
                in_force, before, damage, _as_accepted(), "", PublishingRefusal(_sentence(error.what), rows), finder
            )
        except releases.ReleaseError as error:
            return cls(in_force, before, damage, None, "", PublishingRefusal(_sentence(str(error))), finder)
        return cls(in_force, before, damage, content, sha256_of(canonical_json(content)), None, finder)

    @property
    def is_new(self) -> bool:
        return self.in_force is None or self.in_force.release.sha256 != self.sha256

    def context(self) -> dict[str, Any]:
        """All that the page shows."""
        found: dict[str, Any] = {
            "in_force": self.in_force,
            "was_put_back": self.in_force is not None and self.in_force.how != InForceBy.PUBLISHING,
            "damage": self.damage,
            "refusal": self.refusal,
            "sha256": self.sha256,
            "is_new": self.is_new,
            "due": [one for one in freshness(timezone.localdate()) if one.due],
        }
        if self.content is None:
            return found
        found["warnings"] = warnings_of(self.content["validation"])
        if self.before is None:
            return found | {"counts": [(kind, len(self.content[kind])) for kind in ENTRIES]}
        entries = changed_entries(self.before.document, self.content, self.finder)
        found |= {"entries": entries, "undone": _undone(self.in_force, entries)}
        if self.refusal is None:
            knowledge = Knowledge.from_document(self.content, release=self.before.release)
            found["concerns"] = concern_groups(
                (self.before.document, self.before),
                (self.content, knowledge),
                self.finder,
                today=timezone.localdate(),
            )
            found |= effect_context(self.before.document, self.content)
            found["effect_url"] = f"{reverse('admin:publish-effect')}?seen={self.sha256}"
        return found


def _proposed_changes(user: User) -> int:
    """How many entries people agreed to change since the release in force was published."""
    in_force = newest_in_force()
    accepted = Proposal.objects.filter(status=ProposalStatus.ACCEPTED)
    if in_force:
        accepted = accepted.filter(reviewed_at__gt=in_force.release.published_at)
    return accepted.values("kind", "key").distinct().count()


@site.tool(
    "publish/", name="publish", title=gettext_lazy("Publish a release"), permission=PUBLISH, waiting=_proposed_changes
)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def publish(request: HttpRequest) -> HttpResponse:
    """The page before a release, and its publication."""
    if request.method != "POST":
        return _page(request, Preview.now(), _new_form(), [])
    form, refused = ReleaseForm(request.POST), []
    if form.is_valid():
        given = form.cleaned_data
        try:
            release, is_new = publishing.publish(
                given["name"], by=cast(User, request.user), summary=given["summary"], seen=given["seen"]
            )
        except publishing.NotWhatWasSeen:
            pass  # said below, where the page is made anew
        except (releases.ReleaseError, ActionRefused) as error:
            refused.append(_("Nothing was published: %(why)s") % {"why": error})
        else:
            _say_published(request, release, is_new=is_new)
            return redirect("admin:regimens_knowledgerelease_change", release.pk)
    preview = Preview.now()
    if not preview.refusal and request.POST.get("seen") != preview.sha256:
        refused.append(str(CHANGED_MEANWHILE))
        form = _new_form(name=request.POST.get("name", ""), summary=request.POST.get("summary", ""))
    return _page(request, preview, form, refused)


@site.tool("publish/effect/", name="publish-effect", permission=PUBLISH)
@require_safe
def publish_effect(request: HttpRequest) -> HttpResponse:
    """The effect by itself, where it takes longer than the page should."""
    try:
        before, content = releases.current(), publishing.content_as_accepted()
    except releases.FormerEdition as error:
        return effect_page(request, {"effect_error": OF_FORMER_EDITION % {"edition": error.edition}})
    except releases.ReleaseError as error:
        return effect_page(request, {"effect_error": _sentence(str(error))})
    found = effect_context(before.document, content, at_once=True)
    is_seen = request.GET.get("seen", "") == sha256_of(canonical_json(content))
    return effect_page(request, found | {"is_stale": not is_seen})


def effect_page(request: HttpRequest, context: Mapping[str, Any]) -> HttpResponse:
    """The effect as a page of its own, or as the part of a page that htmx asks for."""
    template = "admin/releases/_effect.html" if request.htmx else "admin/releases/effect.html"  # type: ignore[attr-defined]
    title = {"title": _("What it does to the reference patients")}
    return render(request, template, site.each_context(request) | title | context)


def effect_context(before: Mapping[str, Any], after: Mapping[str, Any], *, at_once: bool = False) -> dict[str, Any]:
    """The effect, or its absence where it would take too long for a page and is not asked for by itself."""
    if former := [one for one in (before, after) if "edition" in one]:
        return {"effect": None, "effect_error": OF_FORMER_EDITION % {"edition": former[0]["edition"]}}
    changes = [one for one in differences(before, after) if not _is_a_day_alone(one, before)]
    if not at_once and len(tried_alone(changes)) > EFFECT_AT_ONCE:
        return {"effect": None}
    try:
        return {"effect": _effect(before, after, changes)}
    except (KnowledgeError, PatientError) as error:
        return {"effect": None, "effect_error": _("It cannot be worked out: %(why)s.") % {"why": error}}


def _is_a_day_alone(change: EntryChange, before: Mapping[str, Any]) -> bool:
    """Whether only the day changes on which an entry was seen: no ranking knows of it."""
    key = ENTRIES[change.kind][2]
    then = next((row for row in before[change.kind] if row[key] == change.key), None)
    return is_a_day_alone(change.kind, then, change.content)


def _effect(before: Mapping[str, Any], after: Mapping[str, Any], changes: Sequence[EntryChange]) -> EffectTable:
    can_move = [change for change in changes if change.kind in DECIDING]
    patients = [one for one in reference_patients() if names_known(one, before, after)]
    left_out = [one.label for one in reference_patients() if one not in patients]
    found = effects(before, changes, patients, is_kept=True)
    return effect_table(found, can_move, tried_alone(changes), left_out, before, after)


def _page(request: HttpRequest, preview: Preview, form: ReleaseForm, refused: Sequence[str]) -> HttpResponse:
    context = {"title": _("Publish a release"), "form": form, "refused": refused} | preview.context()
    return render(request, "admin/releases/publish.html", site.each_context(request) | context)


def _new_form(**initial: str) -> ReleaseForm:
    return ReleaseForm(initial={"name": timezone.localdate().isoformat()} | initial)


def _say_published(request: HttpRequest, release: KnowledgeRelease, *, is_new: bool) -> None:
    if is_new:
        messages.success(request, _("Release %(release)s is published and in force.") % {"release": release})
    else:
        said = _("Nothing to publish: release %(release)s, in force, is just this already.")
        messages.info(request, said % {"release": release})


def _undone(in_force: ReleaseInForce | None, entries: Sequence[ChangedEntry]) -> list[Proposal]:
    """What was accepted since the release was published, and does not show in what differs from it."""
    if in_force is None:
        return []
    shown = {entry.anchor for entry in entries}
    accepted = Proposal.objects.filter(status=ProposalStatus.ACCEPTED, reviewed_at__gt=in_force.release.published_at)
    return [
        proposal
        for proposal in accepted.select_related("proposer", "reviewer").order_by("pk")
        if f"change-{proposal.kind}-{proposal.key}" not in shown
    ]


def _as_accepted() -> Mapping[str, Any] | None:
    try:
        return publishing.content_as_accepted()
    except releases.ReleaseError:
        return None


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
