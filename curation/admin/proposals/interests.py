"""Statements of interests: each person's own, renewed every year; administrators see everybody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.sent_once import once
from curation import actions
from curation.models import InterestStatement
from staff.rows import EvidenceAdmin
from staff.site import site

from .rights import REMIND_WITHIN_DAYS, days_left, holds_today, reminder

SEES_PEOPLE = "auth.view_user"
PER_PAGE = 50


class InterestsForm(forms.Form):
    """The companies by name, or that there are none, said by a tick: an empty field says nothing."""

    companies = forms.CharField(
        label=gettext_lazy("Companies"),
        required=False,
        max_length=4000,
        strip=True,
        widget=forms.Textarea({"rows": 4, "cols": 60}),
        help_text=gettext_lazy(
            "One a line: those that paid you, employ you or fund your research, and in which you hold shares, within "
            "the last three years; with what for."
        ),
    )
    none = forms.BooleanField(label=gettext_lazy("I have no conflicts of interest to declare."), required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        companies, none = values.get("companies", ""), values.get("none")
        if none and companies:
            self.add_error("none", _("Companies are named above: take out either the tick or the names."))
        elif not none and companies.strip(" .").lower() in ("none", "no", "nil", "n/a", "-", "keine"):
            self.add_error("companies", _("To say that there are none, set the tick below."))
        elif not none and not companies and "companies" not in self.errors:
            self.add_error("companies", _("Name the companies, or set the tick below."))
        return values

    @property
    def declared(self) -> str:
        return "none" if self.cleaned_data["none"] else str(self.cleaned_data["companies"])


@dataclass(frozen=True)
class Declared:
    """A person and their newest statement, for administrators."""

    person: Any
    statement: InterestStatement | None

    @property
    def state(self) -> str:
        if self.statement is None:
            return _("never declared")
        if not holds_today(self.statement):
            return _("lapsed")
        is_long = days_left(self.statement) >= REMIND_WITHIN_DAYS
        if is_long:
            return pgettext("statement", "current")
        return _("lapses within %(count)d days") % {"count": REMIND_WITHIN_DAYS}


@site.tool("interests/", name="interests", title=gettext_lazy("My statement of interests"))
@once
def interests(request: HttpRequest) -> HttpResponse:
    """One's own statement, with those before it, and a new one."""
    form = InterestsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        statement = actions.declare_interests(by=request.user, companies=form.declared)
        said = _("Declared. It holds until %(day)s.") % {"day": date_format(statement.valid_until)}
        messages.success(request, said)
        return redirect("admin:interests")
    current = actions.current_statement(request.user)
    context = {
        "title": _("My statement of interests"),
        "form": form,
        "current": current,
        "left": days_left(current) if current else 0,
        "reminder": reminder(current),
        "history": InterestStatement.objects.filter(person=request.user)[:PER_PAGE],
        "sees_everybody": request.user.has_perm(SEES_PEOPLE),
    }
    if context["sees_everybody"]:
        context["page"] = Paginator(_people(), PER_PAGE).get_page(request.GET.get("page"))
        context["people"] = _declared(context["page"].object_list)
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/review/interests.html", site.each_context(request) | context, status=status)


@admin.register(InterestStatement)
class InterestStatementAdmin(EvidenceAdmin):
    list_display = ("person", "declared_on", "until", "holds", "companies")
    list_filter = ("declared_on",)
    list_select_related = ("person",)
    search_fields = ("person__username", "companies")

    @admin.display(description=gettext_lazy("valid until"))
    def until(self, row: InterestStatement) -> date:
        return row.valid_until

    @admin.display(boolean=True, description=gettext_lazy("current"))
    def holds(self, row: InterestStatement) -> bool:
        return holds_today(row)


def _people() -> Any:
    """Who may enter the admin, or ever declared; each with the number of the newest statement."""
    newest = InterestStatement.objects.filter(person=OuterRef("pk")).values("pk")[:1]
    people = get_user_model().objects.annotate(newest=Subquery(newest))
    return people.filter(Q(is_active=True, is_staff=True) | Q(newest__isnull=False)).order_by("username")


def _declared(people: Any) -> list[Declared]:
    people = list(people)
    statements = InterestStatement.objects.in_bulk([person.newest for person in people if person.newest])
    return [Declared(person, statements.get(person.newest)) for person in people]
