"""Accounts in the admin: invited, given roles, closed and helped, but never entered in somebody's place.

An administrator sets nobody's password and sees nobody's secret; a new link goes to the person whose account it is, or
is shown to the administrator who confirms what another one asked for (decision 21).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm, UsernameField
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff.rows import ReadOnly
from staff.site import site

from . import actions, rights, two_administrators
from .mail import reaches, send_link
from .models import AccountRequest
from .sent_once import once
from .sessions import alive

Action = Callable[..., Any]

# The secrets of the apps are nobody's to read.
site.unregister(TOTPDevice)
site.unregister(User)
site.unregister(Group)
# What account requests ask for, in words; their own labels are English.
ASKED_FOR: Mapping[str, Promise] = {
    AccountRequest.Kind.LINK: gettext_lazy("a link to set a password"),
    AccountRequest.Kind.SECOND_FACTOR: gettext_lazy("the second factor reset"),
    AccountRequest.Kind.ADMINISTRATOR: gettext_lazy("the role of an administrator"),
}


def _refuse_together(roles: QuerySet[Group]) -> QuerySet[Group]:
    """Raises ValidationError for an administrator who would be something else besides."""
    if refused := rights.why_not_together([role.name for role in roles]):
        raise ValidationError(refused)
    return roles


class AccountForm(UserChangeForm):
    """Roles that one person may hold together, and an address that is nobody else's."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if "groups" in self.fields:
            held = self.instance.groups.values("pk")
            roles = Group.objects.filter(Q(name__in=rights.ROLES) | Q(pk__in=held))
            self.fields["groups"].queryset = roles.order_by("name")

    def clean_groups(self) -> QuerySet[Group]:
        return _refuse_together(self.cleaned_data["groups"])

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        if email and User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Another account has this address."))
        return email


@admin.register(Group, site=site)
class RoleAdmin(ReadOnly, admin.ModelAdmin):
    """What each role may do and who holds it: fixed in code, and shown."""

    list_display = ("name", "people")
    fields = readonly_fields = ("name", "may", "held_by")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(holders=Count("user"))

    @admin.display(description=gettext_lazy("people"))
    def people(self, group: Group) -> int:
        return group.holders

    @admin.display(description=gettext_lazy("may"))
    def may(self, group: Group) -> SafeString:
        held = Permission.objects.filter(group=group).order_by("content_type__app_label", "codename")
        names = format_html_join("", '<div lang="en">{}</div>', ((permission.name,) for permission in held))
        return names or conditional_escape(_("none"))

    @admin.display(description=gettext_lazy("held by"))
    def held_by(self, group: Group) -> SafeString:
        return _listed(person.get_username() for person in group.user_set.order_by("username"))


def _listed(words: Iterable[str]) -> SafeString:
    return format_html_join("", "<div>{}</div>", ((each,) for each in words)) or conditional_escape(_("none"))


@admin.register(User, site=site)
class AccountAdmin(UserAdmin):
    """People and their roles. What ends sessions or opens doors is an action, with its event."""

    list_display = ("username", "full_name", "roles", "is_active", "has_second_factor", "open_sessions", "last_login")
    list_filter = ("is_active", "groups")
    search_fields = ("username", "first_name", "last_name", "email")
    readonly_fields = ("is_active", "has_second_factor", "open_sessions", "last_login", "date_joined")
    filter_horizontal = ("groups",)
    form = AccountForm
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        (gettext_lazy("Roles"), {"fields": ("groups",)}),
        (
            gettext_lazy("State"),
            {
                "fields": readonly_fields,
                "description": gettext_lazy("The list of accounts has actions to change these."),
            },
        ),
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

    @admin.display(description=gettext_lazy("name"))
    def full_name(self, person: User) -> str:
        return person.get_full_name()

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, person: User) -> str:
        if idle := rights.without_effect(person):
            said = _("%(role)s; without effect: %(others)s")
            return said % {"role": rights.ADMINISTRATOR, "others": ", ".join(idle)}
        return ", ".join(group.name for group in person.groups.all())

    @method_decorator(once)
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "GET":
            for person in _with_idle_roles():
                idle = ", ".join(rights.without_effect(person))
                said = _(
                    "%(person)s is an administrator and holds other roles, which have no effect until one side is "
                    "taken away: %(roles)s."
                )
                messages.warning(request, said % {"person": person, "roles": idle})
        return super().changelist_view(request, extra_context)

    @admin.display(description=gettext_lazy("second factor"), boolean=True)
    def has_second_factor(self, person: User) -> bool:
        return person.has_app

    @admin.display(description=gettext_lazy("signed in"))
    def open_sessions(self, person: User) -> int:
        return person.signed_in

    def has_add_permission(self, request: HttpRequest) -> bool:
        """By invitation alone."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """What a person decided keeps their name: accounts are closed."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody gives roles to themselves."""
        return obj != request.user and super().has_change_permission(request, obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Nobody sets another's password: there are links for that."""
        raise PermissionDenied

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """What was changed alone, so that the roles given at the same time are not undone by it."""
        if changed := {name: form.cleaned_data[name] for name in form.changed_data if name != "groups"}:
            _tried(request, actions.change_names, obj, changed)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if "groups" not in form.changed_data:
            return
        if _tried(request, actions.change_roles, form.instance, form.cleaned_data["groups"]) is False:
            said = _(
                "%(person)s keeps the roles as they were until then. Another administrator has to confirm this, on the "
                "page “To be confirmed”."
            )
            messages.warning(request, said % {"person": form.instance})

    @admin.action(description=gettext_lazy("Make a link to set a new password"), permissions=["change"])
    def new_link(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        if chosen.count() != 1:
            messages.error(request, _("Choose one account for a link."))
            return None
        person = chosen.get()
        try:
            path = actions.make_link(person, by=request.user)
            return _sent_or_asked(request, person, path)
        except actions.AccountError as error:
            messages.error(request, str(error))
            return None

    @admin.action(description=gettext_lazy("Reset the second factor and end sessions"), permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for person in chosen:
            done = _tried(request, actions.reset_second_factor, person)
            if done:
                messages.success(request, _("No authenticator app any more: %(person)s.") % {"person": person})
            elif done is False:
                said = _(
                    "For %(person)s a link was made, or the address changed, since they last signed in. Another "
                    "administrator has to confirm this, on the page “To be confirmed”."
                )
                messages.warning(request, said % {"person": person})

    @admin.action(description=gettext_lazy("End sessions"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        _each(request, chosen, actions.end_sessions, _("Signed out everywhere: %(people)s."))

    @admin.action(description=gettext_lazy("Lift the lock-out after failed sign-ins"), permissions=["change"])
    def lift_lockout(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        _each(request, chosen, actions.lift_lockout, _("May try again at once: %(people)s."))

    @admin.action(description=gettext_lazy("Deactivate and end sessions"), permissions=["change"])
    def deactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        _each(request, chosen, actions.deactivate, _("Deactivated: %(people)s."))

    @admin.action(description=gettext_lazy("Activate"), permissions=["change"])
    def activate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        _each(request, chosen, actions.activate, _("Activated: %(people)s."))


class InvitationForm(forms.Form):
    username = UsernameField(label=gettext_lazy("Username"), max_length=150, validators=[User.username_validator])
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=150, required=False)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        help_text=gettext_lazy("Where the link goes, if there is a server for it."),
    )
    roles = forms.ModelMultipleChoiceField(
        Group.objects.filter(name__in=rights.ROLES).order_by("name"),
        label=gettext_lazy("Roles"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Somebody who is only a clinician has no use for the admin, and cannot enter it. An administrator holds no "
            "other role, and is made by two administrators."
        ),
    )

    def clean_roles(self) -> QuerySet[Group]:
        return _refuse_together(self.cleaned_data["roles"])


@site.tool("invite/", name="invite", title=gettext_lazy("Invite a person"), permission=actions.ADD)
@once
def invite(request: HttpRequest) -> HttpResponse:
    """A new account, and the link with which its person sets a password and a second factor."""
    form = InvitationForm(request.POST or None)
    if form.is_valid():
        try:
            person, path = actions.invite(**form.cleaned_data, by=request.user)
        except actions.AccountError as error:
            form.add_error(None, str(error))
        else:
            return _sent_or_asked(request, person, path)
    context = site.each_context(request) | {"form": form, "title": _("Invite a person")}
    return render(request, "admin/accounts/invite.html", context)


@site.tool(
    "to-be-confirmed/",
    name="account_requests",
    title=gettext_lazy("To be confirmed by a second administrator"),
    permission=actions.CHANGE,
    waiting=lambda person: two_administrators.for_others(person).count(),
)
def account_requests(request: HttpRequest) -> HttpResponse:
    """What one administrator asked for and another confirms; a link is shown here, once, to the one who confirms."""
    if request.method == "POST":
        number = request.POST.get("request", "")
        is_number = number.isascii() and number.isdecimal() and len(number) < 18
        asked = get_object_or_404(AccountRequest, pk=number if is_number else 0)
        try:
            if "withdraw" in request.POST:
                two_administrators.withdraw(asked, by=request.user)
                messages.success(request, _("Withdrawn: %(what)s.") % {"what": _request_in_words(asked)})
            else:
                path = two_administrators.confirm(asked, by=request.user)
                if path:
                    return _link_page(request, asked.person, path)
                messages.success(request, _("Done: %(what)s.") % {"what": _request_in_words(asked)})
        except actions.AccountError as error:
            messages.error(request, str(error))
        return redirect("admin:account_requests")
    rows = two_administrators.waiting().select_related("person", "asked_by").prefetch_related("person__groups")
    context = site.each_context(request) | {
        "waiting": [
            (row, ASKED_FOR[row.kind], request.user.pk not in (row.asked_by_id, row.person_id)) for row in rows
        ],
        "title": _("To be confirmed by a second administrator"),
    }
    return render(request, "admin/accounts/to_be_confirmed.html", context)


def _request_in_words(asked: AccountRequest) -> str:
    return _("%(what)s for %(person)s") % {"what": ASKED_FOR[asked.kind], "person": asked.person}


def _sent(person: User) -> str:
    return _("A link for %(person)s was sent to %(email)s.") % {"person": person, "email": person.email}


def _sent_or_asked(request: HttpRequest, person: User, path: str | None) -> HttpResponse:
    """A link goes to its person by mail; the administrator who asked for it never sees it. Raises AccountError."""
    if path and send_link(person, request.build_absolute_uri(path)):
        messages.success(request, _sent(person))
    else:
        if path:
            two_administrators.ask(person, AccountRequest.Kind.LINK, by=request.user)
        said = _(
            "No link for %(person)s was sent. Another administrator has to confirm this, on the page “To be confirmed”."
        )
        messages.warning(request, said % {"person": person})
    return redirect("admin:auth_user_changelist")


def _link_page(request: HttpRequest, person: User, path: str) -> HttpResponse:
    """That the link was sent; else the link, this once, for the administrator who confirmed it and hands it over."""
    link = request.build_absolute_uri(path)
    if reaches(person) and send_link(person, link):
        messages.success(request, _sent(person))
        return redirect("admin:account_requests")
    context = site.each_context(request) | {
        "person": person,
        "link": link,
        "title": _("Link for %(person)s") % {"person": person},
    }
    return render(request, "admin/accounts/link.html", context)


def _with_idle_roles() -> QuerySet[User]:
    """Administrators who hold other roles from before that was refused."""
    others = User.groups.through.objects.filter(user=OuterRef("pk")).exclude(group__name=rights.ADMINISTRATOR)
    return User.objects.filter(rights.IS_ADMINISTRATORS, Exists(others)).prefetch_related("groups")


def _tried(request: HttpRequest, action: Action, person: User, *arguments: Any) -> Any:
    """What an action returned; None where it was refused, which is said."""
    try:
        return action(person, *arguments, by=request.user)
    except actions.AccountError as error:
        messages.error(request, str(error))
        return None


def _each(request: HttpRequest, chosen: QuerySet[User], action: Action, done: str) -> None:
    """`done` says what was done to %(people)s."""
    named: list[str] = []
    for person in chosen:
        try:
            action(person, by=request.user)
        except actions.AccountError as error:
            messages.error(request, str(error))
        else:
            named.append(person.get_username())
    if named:
        messages.success(request, done % {"people": ", ".join(named)})
