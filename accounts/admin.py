"""Accounts in the admin: invited, given roles, closed and helped, but never entered in somebody's place.

An administrator sets nobody's password and sees nobody's secret; a new link goes to the person whose account it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff.site import site

from . import actions
from .mail import send_link
from .sessions import alive

Action = Callable[..., Any]

# The secrets of the apps are nobody's to read.
site.unregister(TOTPDevice)
site.unregister(User)


@admin.register(User, site=site)
class AccountAdmin(UserAdmin):
    """People and their roles. What ends sessions or opens doors is an action, with its event."""

    list_display = ("username", "full_name", "roles", "is_active", "has_second_factor", "open_sessions", "last_login")
    list_filter = ("is_active", "groups")
    search_fields = ("username", "first_name", "last_name", "email")
    readonly_fields = ("is_active", "has_second_factor", "open_sessions", "last_login", "date_joined")
    filter_horizontal = ("groups",)
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        ("Roles", {"fields": ("groups",)}),
        ("State", {"fields": readonly_fields, "description": "The list of accounts has actions to change these."}),
    )
    actions = ("new_link", "reset_second_factor", "end_sessions", "lift_lockout", "deactivate", "activate")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        apps = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        return (
            super()
            .get_queryset(request)
            .prefetch_related("groups")
            .annotate(has_app=Exists(apps), signed_in=Count("sessions", filter=alive("sessions__"), distinct=True))
        )

    @admin.display(description="name")
    def full_name(self, person: User) -> str:
        return person.get_full_name()

    @admin.display
    def roles(self, person: User) -> str:
        named = [group.name for group in person.groups.all()]
        return ", ".join(["Superuser", *named] if person.is_superuser else named)

    @admin.display(description="second factor", boolean=True)
    def has_second_factor(self, person: User) -> bool:
        return person.has_app

    @admin.display(description="signed in")
    def open_sessions(self, person: User) -> int:
        return person.signed_in

    def has_add_permission(self, request: HttpRequest) -> bool:
        """By invitation alone."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """What a person decided keeps their name: accounts are closed."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody gives roles to themselves, and none but superusers changes a superuser."""
        is_open = obj is None or (obj != request.user and (request.user.is_superuser or not obj.is_superuser))
        return is_open and super().has_change_permission(request, obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Nobody sets another's password: there are links for that."""
        raise PermissionDenied

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """What was changed alone, so that the roles given at the same time are not undone by it."""
        changed = [name for name in form.changed_data if name != "groups"]
        if changed:
            obj.save(update_fields=changed)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if "groups" in form.changed_data:
            actions.change_roles(form.instance, form.cleaned_data["groups"], by=request.user)

    @admin.action(description="Make a link to set a new password", permissions=["change"])
    def new_link(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        if chosen.count() != 1:
            messages.error(request, "Choose one account for a link.")
            return None
        person = chosen.get()
        try:
            path = actions.make_link(person, by=request.user)
        except actions.AccountError as error:
            messages.error(request, str(error))
            return None
        return _link_page(request, person, path)

    @admin.action(description="Reset the second factor and end sessions", permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        _each(request, chosen, actions.reset_second_factor, "No authenticator app any more")

    @admin.action(description="End sessions", permissions=["change"])
    def end_sessions(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        _each(request, chosen, actions.end_sessions, "Signed out everywhere")

    @admin.action(description="Lift the lock-out after failed sign-ins", permissions=["change"])
    def lift_lockout(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        _each(request, chosen, actions.lift_lockout, "May try again at once")

    @admin.action(description="Deactivate and end sessions", permissions=["change"])
    def deactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        _each(request, chosen, actions.deactivate, "Deactivated")

    @admin.action(description="Activate", permissions=["change"])
    def activate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        _each(request, chosen, actions.activate, "Activated")


class InvitationForm(forms.Form):
    username = UsernameField(max_length=150, validators=[User.username_validator])
    first_name = forms.CharField(max_length=150, required=False)
    last_name = forms.CharField(max_length=150, required=False)
    email = forms.EmailField(
        label="E-mail", required=False, help_text="Where the link goes, if there is a server for it."
    )
    roles = forms.ModelMultipleChoiceField(
        Group.objects.order_by("name"),
        widget=forms.CheckboxSelectMultiple,
        help_text="Somebody who is only a clinician has no use for the admin, and cannot enter it.",
    )


@site.tool("invite/", name="invite", title=gettext_lazy("Invite a person"), permission=actions.ADD)
def invite(request: HttpRequest) -> HttpResponse:
    """A new account, and the link with which its person sets a password and a second factor."""
    form = InvitationForm(request.POST or None)
    if form.is_valid():
        try:
            person, path = actions.invite(**form.cleaned_data, by=request.user)
        except actions.AccountError as error:
            form.add_error("username", str(error))
        else:
            return _link_page(request, person, path)
    context = site.each_context(request) | {"form": form, "title": "Invite a person"}
    return render(request, "admin/accounts/invite.html", context)


def _link_page(request: HttpRequest, person: User, path: str) -> HttpResponse:
    """The link, this once, for the person who hands it over; or that it was sent."""
    link = request.build_absolute_uri(path)
    if send_link(person, link):
        messages.success(request, f"A link for {person} was sent to {person.email}.")
        return redirect("admin:auth_user_changelist")
    context = site.each_context(request) | {"person": person, "link": link, "title": f"Link for {person}"}
    return render(request, "admin/accounts/link.html", context)


def _each(request: HttpRequest, chosen: QuerySet[User], action: Action, done: str) -> None:
    named: list[str] = []
    for person in chosen:
        try:
            action(person, by=request.user)
        except actions.AccountError as error:
            messages.error(request, str(error))
        else:
            named.append(person.get_username())
    if named:
        messages.success(request, f"{done}: {', '.join(named)}.")
