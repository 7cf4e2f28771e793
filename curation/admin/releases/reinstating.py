"""Former and imported releases: one person asks that one be put in force, another sees what it does and confirms.

And two releases side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.sent_once import once
from audit import events
from audit.errors import ActionRefused
from curation import actions
from curation.permissions import REINSTATE
from regimens import releases
from regimens.models import KnowledgeRelease, ReleaseInForce
from staff.site import site

from .comparison import Finder, changed_entries
from .publishing import NOTHING, effect_context, effect_page

SEE = "regimens.view_knowledgerelease"


class AskForm(forms.Form):
    """Which release should be in force, and why."""

    release = forms.ModelChoiceField(KnowledgeRelease.objects.none(), label=gettext_lazy("Release"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=4000,
        widget=forms.Textarea({"rows": 3, "cols": 80}),
        help_text=gettext_lazy("Why it should be in force: for the person who confirms it, and for the record."),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        in_force = releases.in_force()
        rows = KnowledgeRelease.objects.defer("content")
        cast(Any, self.fields["release"]).queryset = rows.exclude(pk=in_force.pk) if in_force else rows


class CompareForm(forms.Form):
    """Two releases."""

    before = forms.ModelChoiceField(KnowledgeRelease.objects.defer("content"), label=gettext_lazy("From"))
    after = forms.ModelChoiceField(KnowledgeRelease.objects.defer("content"), label=gettext_lazy("To"))


@dataclass(frozen=True)
class Waiting:
    """A release that is asked for, and why a person cannot confirm it: empty where they can."""

    asked: ReleaseInForce
    url: str
    why_not: str


def _for_me(user: User) -> int:
    return sum(asked.asked_by_id != user.pk for asked in actions.waiting())


@site.tool(
    "releases/former/",
    name="former-releases",
    title=gettext_lazy("Put a former or imported release in force"),
    permission=REINSTATE,
    waiting=_for_me,
)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def former_releases(request: HttpRequest) -> HttpResponse:
    """What is asked for, and the form to ask."""
    person = cast(User, request.user)
    form = AskForm(request.POST) if request.method == "POST" else AskForm(initial={"release": request.GET.get("ask")})
    if form.is_valid():
        try:
            asked = actions.ask_to_reinstate(
                form.cleaned_data["release"], reason=form.cleaned_data["reason"], by=person
            )
        except ActionRefused as error:
            form.add_error(None, str(error))
        else:
            said = _("Asked. Another person has to confirm that release %(release)s be in force.")
            messages.success(request, said % {"release": asked.release})
            return redirect("admin:former-release", asked.pk)
    context = {
        "title": _("Put a former or imported release in force"),
        "form": form,
        "in_force": releases.in_force(),
        "waiting": [
            Waiting(asked, reverse("admin:former-release", args=[asked.pk]), _why_not(asked, person))
            for asked in actions.waiting()
        ],
    }
    return render(request, "admin/releases/former.html", site.each_context(request) | context)


@site.tool("releases/former/<int:pk>/", name="former-release", permission=REINSTATE)
@require_http_methods(["GET", "HEAD", "POST"])
def former_release(request: HttpRequest, pk: int) -> HttpResponse:
    """What going back to a release does, and its confirmation by somebody other than the person who asked."""
    asked = ReleaseInForce.objects.select_related("release", "asked_by", "confirmed_by").filter(pk=pk).first()
    if asked is None or asked.asked_by is None or not asked.reason:
        raise Http404
    person, refused = cast(User, request.user), ""
    if request.method == "POST":
        try:
            actions.confirm_reinstatement(asked, by=person)
        except ActionRefused as error:
            refused = _("It was not put in force: %(why)s") % {"why": error}
        else:
            messages.success(request, _("Release %(release)s is in force.") % {"release": asked.release})
            return redirect("admin:regimens_knowledgerelease_change", asked.release_id)
    why_not = _why_not(asked, person)
    title = _("Put release %(release)s in force") % {"release": asked.release}
    context = {"title": title, "asked": asked, "refused": refused, "why_not": why_not}
    if asked.confirmed_at is None:
        context |= comparison(releases.in_force(), asked.release)
    return render(request, "admin/releases/confirm.html", site.each_context(request) | context)


@site.tool("releases/compare/", name="compare-releases", title=gettext_lazy("Compare two releases"), permission=SEE)
@require_safe
def compare_releases(request: HttpRequest) -> HttpResponse:
    """Any two releases in words, with what the way from one to the other does."""
    form = CompareForm(request.GET or None)
    context: dict[str, Any] = {"title": _("Compare two releases"), "form": form}
    if form.is_valid():
        context |= {"is_compared": True, **comparison(form.cleaned_data["before"], form.cleaned_data["after"])}
    return render(request, "admin/releases/compare.html", site.each_context(request) | context)


@site.tool("releases/effect/", name="release-effect", permission=SEE)
@require_safe
def release_effect(request: HttpRequest) -> HttpResponse:
    """What the way from one release to another does, by itself."""
    form = CompareForm(request.GET)
    if not form.is_valid():
        raise Http404
    before, after = form.cleaned_data["before"], form.cleaned_data["after"]
    try:
        documents = releases.document_in(before), releases.document_in(after)
    except releases.DamagedRelease as error:
        return effect_page(request, {"effect_error": str(error)})
    return effect_page(request, {"before": before, "after": after, **effect_context(*documents, at_once=True)})


@site.tool("releases/<int:pk>/export/", name="export-release", permission=SEE)
@require_POST
def export_release(request: HttpRequest, pk: int) -> HttpResponse:
    """A release as the file that import_release takes elsewhere; an event, so it is asked for by POST."""
    release = KnowledgeRelease.objects.filter(pk=pk).first()
    if release is None:
        raise Http404
    try:
        content = releases.exported(release)
    except releases.DamagedRelease as error:
        messages.error(request, _("It was not exported: %(why)s") % {"why": error})
        return redirect("admin:regimens_knowledgerelease_change", release.pk)
    events.record("export", release, by=cast(User, request.user), details={"sha256": release.sha256})
    response = HttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="necapp-release-{release.sha256[:12]}.json"'
    return response


def comparison(before: KnowledgeRelease | None, after: KnowledgeRelease) -> dict[str, Any]:
    """What differs between two releases, and what that does: for a template."""
    found: dict[str, Any] = {"before": before, "after": after}
    try:
        then = releases.document_in(before) if before else NOTHING
        now = releases.document_in(after)
    except releases.DamagedRelease as error:
        return found | {"damaged": str(error)}
    entries = changed_entries(then, now, Finder.of(_in_force()))
    found |= {"entries": entries}
    if before and entries:
        found |= effect_context(then, now)
        found["effect_url"] = f"{reverse('admin:release-effect')}?before={before.pk}&after={after.pk}"
    return found


def _in_force() -> Mapping[str, Any]:
    try:
        return releases.current().document
    except releases.ReleaseError:
        return NOTHING


def _why_not(asked: ReleaseInForce, person: User) -> str:
    """Why a person cannot confirm what is asked for."""
    if asked.confirmed_at is not None:
        words = _("It was confirmed on %(day)s by %(person)s.")
        return words % {"day": f"{asked.confirmed_at:%Y-%m-%d}", "person": asked.confirmed_by}
    if ReleaseInForce.objects.filter(pk__gt=asked.pk, confirmed_at__isnull=False).exists():
        return _("Another release came into force since it was asked for. It would have to be asked for again.")
    if asked.asked_by_id == person.pk:
        return _("You asked for it. Another person confirms it.")
    return ""
