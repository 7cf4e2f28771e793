"""The forms of accounts. What they say of a failure never tells which of name, password and code was wrong."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, SetPasswordMixin, UsernameField
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .second_factor import device_of


class NewPassword(SetPasswordMixin):
    """Django's checks of a new password, in words of our own where the two differ."""

    error_messages = {"password_mismatch": _("The two new passwords are not the same.")}


class CodeInput(forms.TextInput):
    """A code that was sent is not shown again: it is used up, or wrong."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


def _code(help_text: Any = "", *, required: bool = False) -> forms.CharField:
    attributes = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
    return forms.CharField(
        label=_("Code"),
        max_length=40,
        required=required,
        help_text=help_text,
        widget=CodeInput(attributes),
    )


def _password(label: Any, autocomplete: str, help_text: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=1000, help_text=help_text, widget=widget)


class SignInForm(AuthenticationForm):
    """Name, password and code at once: nobody learns that a password alone was right."""

    error_messages = {
        "invalid_login": _("This user name, password and code do not belong together. Each code works once."),
        "inactive": _("This user name, password and code do not belong together. Each code works once."),
    }
    # Django's own field tells browsers alone how long a name can be; a longer one fits into no record of a failure.
    username = UsernameField(
        label=_("User name"),
        max_length=User._meta.get_field("username").max_length,
        widget=forms.TextInput({"autofocus": True}),
    )
    token = _code(_("From your authenticator app, or a recovery code. Leave it empty if you have not set one up yet."))

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any):
        super().__init__(request, *args, **kwargs)
        self.fields["password"] = _password(_("Password"), "current-password")
        if settings.OIDC_ISSUER:  # a break-glass account has its app
            self.fields["token"].help_text = _("From your authenticator app, or a recovery code.")
        self.order_fields(["username", "password", "token"])

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("username") and given.get("password") and "token" in given:
            self.user_cache = authenticate(self.request, **given)
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return given


class ConfirmationForm(forms.Form):
    """That it is still the person who is signed in, before what their account rests on is changed.

    A failure counts towards the lock-out as one at sign-in does.
    """

    password = _password(_("Your password"), "current-password")
    token = _code(_("From your authenticator app, a new one, or a recovery code."), required=True)

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.request = request
        self.person: User = User.objects.get(pk=request.user.pk)
        if device_of(self.person) is None:
            del self.fields["token"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            given = {name: cleaned[name] for name in ("password", "token") if name in cleaned}
            if authenticate(self.request, username=self.person.get_username(), **given) != self.person:
                raise ValidationError(_("Password and code do not belong together. Each code works once."))
        return cleaned


class SecondFactorForm(forms.Form):
    """A code after the word of the identity provider; a failure counts towards the lock-out as one at sign-in does."""

    token = _code(_("From your authenticator app, or a recovery code."), required=True)

    def __init__(self, request: HttpRequest, person: User, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.request, self.person = request, person

    def clean_token(self) -> str:
        given = {"username": self.person.get_username(), "token": self.cleaned_data["token"]}
        if authenticate(self.request, identity=self.person, **given) != self.person:
            raise ValidationError(_("This is no code of your authenticator app. Each code works once."))
        return str(given["token"])


class ChoosePasswordForm(NewPassword, forms.Form):
    """A new password, twice, by the rules of the project."""

    new_password1 = _password(_("New password"), "new-password")
    new_password2 = _password(_("New password again"), "new-password")

    def __init__(self, person: User, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        self.validate_passwords("new_password1", "new_password2")
        self.validate_password_for_user(self.person, "new_password2")
        return super().clean() or {}


class PasswordChangeForm(NewPassword, ConfirmationForm):
    """One's password changed: the old one with a code, and the new one twice."""

    new_password1 = _password(_("New password"), "new-password")
    new_password2 = _password(_("New password again"), "new-password")
    field_order = ["password", "token", "new_password1", "new_password2"]

    def clean(self) -> dict[str, Any]:
        # The new one first: a code is not used up where the new password is refused anyway.
        self.validate_passwords("new_password1", "new_password2")
        self.validate_password_for_user(self.person, "new_password2")
        return super().clean()


class CodeForm(forms.Form):
    """The first code of an app that is being set up."""

    wrong = _(
        "This is not the code that the app shows now. Wait for the next one, and check the time of the telephone."
    )
    token = _code(_("The six digits that the app shows now."), required=True)
