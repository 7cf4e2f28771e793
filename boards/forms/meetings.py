"""The forms of meetings, boards and their members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.models.choices import Ballots, Discipline, Role

from .base import BoardForm, text_area

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class MeetingForm(BoardForm):
    held_on = forms.DateField(
        label=gettext_lazy("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    place = forms.CharField(label=gettext_lazy("Place"), required=False, max_length=120)


class SettingsForm(BoardForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    header = forms.CharField(
        label=gettext_lazy("Header of its documents"),
        required=False,
        max_length=600,
        widget=text_area(3),
        help_text=gettext_lazy("Hospital and department, as they stand above minutes and reports."),
    )
    blind_first = forms.BooleanField(
        label=gettext_lazy("Vote before the ranking is shown"),
        required=False,
        help_text=gettext_lazy(
            "Each member records a first choice; the ranking of a case is shown once its vote is closed. For meetings "
            "made from now on."
        ),
    )
    ballots = forms.ChoiceField(
        label=gettext_lazy("Votes are shown"), choices=Ballots.choices, widget=forms.RadioSelect
    )
    takes_referrals = forms.BooleanField(
        label=gettext_lazy("Clinicians who are not on the board may refer cases to it"),
        required=False,
        help_text=gettext_lazy("They see the label, the status and the signed outcome of what they referred."),
    )


class RoleForm(BoardForm):
    """What somebody does on a board, and for which discipline."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
    discipline = forms.ChoiceField(
        label=gettext_lazy("Discipline"),
        choices=[("", gettext_lazy("no discipline")), *Discipline.choices],
        required=False,
    )


class NewBoardForm(BoardForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    chair = forms.CharField(label=gettext_lazy("Chair (user name)"), max_length=150)

    def clean_chair(self) -> User:
        return account_of(self.cleaned_data["chair"])


class MemberForm(RoleForm):
    username = forms.CharField(label=gettext_lazy("User name"), max_length=150)

    field_order = ("username", "role", "discipline")

    def clean_username(self) -> User:
        return account_of(self.cleaned_data["username"])


def account_of(username: str) -> User:
    """The account of that name. Raises ValidationError."""
    person = get_user_model().objects.filter(username=username.strip(), is_active=True).first()
    if person is None:
        raise forms.ValidationError(_("There is no account with this name."))
    return person
