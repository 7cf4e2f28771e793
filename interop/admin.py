"""API tokens in the admin: made, limited and revoked by administrators, each shown once. And what became of cards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.sent_once import leads_to, once
from boards.models import Board
from staff.rows import ReadOnly
from staff.site import site

from . import actions
from .models import LONGEST_DAYS, MOST_A_MINUTE, ApiToken, CardFeedback, Outcome, Scope

site.names["interop.apitoken"] = gettext_lazy("API tokens")
# What scopes and outcomes are called on pages; their own labels are English.
SCOPES: Mapping[Scope, Promise] = {
    Scope.KNOWLEDGE: gettext_lazy("Read the evidence base"),
    Scope.RANKINGS: gettext_lazy("Rank patients"),
    Scope.FHIR: gettext_lazy("Read FHIR"),
    Scope.DECISIONS: gettext_lazy("Read the decisions of one board"),
}
OUTCOMES: Mapping[Outcome, Promise] = {
    Outcome.ACCEPTED: gettext_lazy("Accepted"),
    Outcome.OVERRIDDEN: gettext_lazy("Overridden"),
}


@admin.register(ApiToken, site=site)
class TokenAdmin(ReadOnly, admin.ModelAdmin):
    """Which tokens there are. What is done to them is an action, with its event."""

    list_display = ("name", "key", "scopes", "state", "expires_on", "last_used", "made_by")
    search_fields = ("name", "key")
    fields = (
        *("name", "key", "scopes", "board", "agreed_at", "agreed_by", "state", "expires_on", "networks"),
        *("rankings_a_minute", "reads_a_minute"),
        *("last_used", "made_at", "made_by", "revoked_at", "revoked_by"),
    )
    actions = ("limit", "revoke")

    @admin.display(description=gettext_lazy("state"))
    def state(self, token: ApiToken) -> str:
        if token.revoked_at is not None:
            return _("revoked")
        if token.is_over(timezone.now().date()):
            return _("past its last day")
        return _("waits for the board's chair") if token.board_id and token.agreed_at is None else _("in use")

    def has_manage_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(actions.MANAGE)

    @admin.action(description=gettext_lazy("Change the limits of a token"), permissions=["manage"])
    def limit(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> HttpResponse | None:
        if chosen.count() != 1:
            messages.error(request, _("Choose one token to change its limits."))
            return None
        return redirect("admin:token-limits", chosen.get().pk)

    @admin.action(description=gettext_lazy("Revoke"), permissions=["manage"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> None:
        for token in chosen:
            try:
                actions.revoke_token(token, by=request.user, now=timezone.now())
            except actions.ActionRefused as error:
                messages.error(request, str(error))
            else:
                messages.success(request, _("Revoked: %(token)s.") % {"token": token})


class LimitsForm(forms.Form):
    expires_on = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=format_lazy(gettext_lazy("At most {count} days after it was made."), count=LONGEST_DAYS),
    )
    networks = forms.CharField(
        label=gettext_lazy("Networks"),
        required=False,
        max_length=400,
        help_text=gettext_lazy(
            "From where it may be used, such as 192.0.2.0/24 2001:db8::/32; from anywhere if left empty."
        ),
    )
    rankings_a_minute = forms.IntegerField(
        label=gettext_lazy("Rankings a minute"), min_value=1, max_value=MOST_A_MINUTE, initial=60
    )
    reads_a_minute = forms.IntegerField(
        label=gettext_lazy("Reads a minute"), min_value=1, max_value=MOST_A_MINUTE, initial=600
    )


class TokenForm(LimitsForm):
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("Which system uses it, and for what.")
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=[(scope, SCOPES[scope]) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
    )
    board = forms.ModelChoiceField(
        Board.objects.all(),
        label=gettext_lazy("Board"),
        required=False,
        help_text=format_lazy(
            gettext_lazy("Whose decisions it reads, once its chair agreed: for the scope {scope} alone."),
            scope=Scope.DECISIONS.value,
        ),
    )

    field_order = ("name", "scopes", "board")


@site.tool("tokens/new/", name="token-new", title=gettext_lazy("Make an API token"), permission=actions.MANAGE)
@once
def token_new(request: HttpRequest) -> HttpResponse:
    """A new token, shown this once."""
    now = timezone.now()
    last = now.date() + timedelta(days=LONGEST_DAYS - 1)
    form = TokenForm(request.POST or None, initial={"expires_on": last})
    if form.is_valid():
        try:
            token, sent = actions.make_token(**form.cleaned_data, by=request.user, now=now)
        except actions.ActionRefused as error:
            form.add_error(None, str(error))
        else:
            title = _("Token for %(name)s") % {"name": token.name}
            made = _page(request, "token_made.html", title, {"token": token, "sent": sent})
            return leads_to(made, reverse("admin:interop_apitoken_change", args=[token.pk]))
    return _page(request, "token.html", _("Make an API token"), {"form": form, "button": _("Make the token")})


@site.tool("tokens/<int:pk>/limits/", name="token-limits", permission=actions.MANAGE)
def token_limits(request: HttpRequest, pk: int) -> HttpResponse:
    """The limits of a token in use."""
    token = get_object_or_404(ApiToken, pk=pk)
    form = LimitsForm(request.POST or None, initial={name: getattr(token, name) for name in actions.LIMITS})
    if form.is_valid():
        try:
            actions.limit_token(token, **form.cleaned_data, by=request.user, now=timezone.now())
        except actions.ActionRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The limits of %(token)s are changed.") % {"token": token})
            return redirect("admin:interop_apitoken_changelist")
    return _page(
        request,
        "token.html",
        _("Limits of %(token)s") % {"token": token},
        {"form": form, "button": _("Change the limits")},
    )


@site.tool(
    "card-feedback/",
    name="card-feedback",
    title=gettext_lazy("Feedback on cards"),
    permission="interop.view_cardfeedback",
)
def card_feedback(request: HttpRequest) -> HttpResponse:
    """How often which cards were accepted and overridden, why, and which tests were taken up: counts, and no rows."""
    counted = CardFeedback.objects.values("topic", "release", "outcome").order_by("topic", "release", "outcome")
    cards = [
        row | {"outcome": OUTCOMES[Outcome(row["outcome"])]}
        for row in counted.annotate(count=Count("pk"), comments=Count("pk", filter=Q(has_comment=True)))
    ]
    reasons = CardFeedback.objects.exclude(reason="").values_list("reason").annotate(count=Count("pk"))
    taken_up: Counter[str] = Counter()
    for names, count in CardFeedback.objects.exclude(accepted="").values_list("accepted").annotate(count=Count("pk")):
        taken_up.update(dict.fromkeys(names.split(), count))
    context = {"cards": cards, "reasons": reasons.order_by("-count", "reason"), "tests": taken_up.most_common()}
    return _page(request, "card_feedback.html", _("Feedback on cards"), context)


def _page(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"admin/interop/{template}", site.each_context(request) | {"title": title} | context)
