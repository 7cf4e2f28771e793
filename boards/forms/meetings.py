"""The forms of meetings, boards and their members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from audit.people import person_name
from boards.actions.boards import FEWEST_MINUTES, MOST_MINUTES, MOST_PRESENT
from boards.models.board import FEWEST_PRESENT
from boards.models.choices import Ballots, Discipline, Role
from boards.times import zone_names

from .base import BoardForm, GuardedField, text_area

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_FOUND = 12


class MeetingForm(BoardForm):
    held_on = forms.DateField(
        label=gettext_lazy("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    begins_at = forms.TimeField(
        label=gettext_lazy("Begins at"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S"],
    )
    place = GuardedField("meeting.place", label=pgettext_lazy("of a meeting", "Place"), required=False, max_length=120)

    def __init__(self, *arguments: Any, time_zone: str, **options: Any):
        super().__init__(*arguments, **options)
        said = _("In the board’s time zone, %(zone)s. It may be left open.")
        self.fields["begins_at"].help_text = said % {"zone": time_zone}
        self._dress()


class SettingsForm(BoardForm):
    name = GuardedField("board.name", label=gettext_lazy("Name"), max_length=120)
    header = GuardedField(
        "board.header",
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
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone of its meetings"),
        required=False,
        help_text=gettext_lazy("By its name in the IANA database; it stands beside every time of a meeting."),
    )
    quorum = forms.IntegerField(
        label=gettext_lazy("Quorum: members who have to be present"),
        required=False,
        min_value=FEWEST_PRESENT,
        max_value=MOST_PRESENT,
        help_text=gettext_lazy("Of those who decide; at least two, since two sign. For meetings made from now on."),
    )
    disciplines = forms.MultipleChoiceField(
        label=gettext_lazy("Disciplines that have to be present"),
        required=False,
        choices=Discipline.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    minutes_each = forms.IntegerField(
        label=gettext_lazy("Minutes for each case"),
        required=False,
        min_value=FEWEST_MINUTES,
        max_value=MOST_MINUTES,
    )
    takes_referrals = forms.BooleanField(
        label=gettext_lazy("Clinicians who are not on the board may refer cases to it"),
        required=False,
        help_text=gettext_lazy("They see the label, the status and the signed outcome of what they referred."),
    )

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.fields["time_zone"].choices = [(name, name) for name in zone_names()]
        self._dress()

    def clean_time_zone(self) -> str | None:
        """One that is not sent stays as it is, as do quorum and minutes."""
        return self.cleaned_data["time_zone"] or None


class RoleForm(BoardForm):
    """What somebody does on a board, and for which discipline."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices)
    discipline = forms.ChoiceField(
        label=gettext_lazy("Discipline"),
        choices=[("", gettext_lazy("no discipline")), *Discipline.choices],
        required=False,
    )


class NewBoardForm(BoardForm):
    name = GuardedField("board.name", label=gettext_lazy("Name"), max_length=120)
    chair = forms.CharField(label=gettext_lazy("Chair (user name)"), max_length=150)

    def clean_chair(self) -> User:
        return account_of(self.cleaned_data["chair"])


class MemberForm(RoleForm):
    username = forms.CharField(
        label=gettext_lazy("Name or user name"),
        max_length=150,
        help_text=gettext_lazy("A part of the name is enough to find an account."),
    )

    field_order = ("username", "role", "discipline")

    found: list[User] = []

    def clean_username(self) -> User:
        """The account with this user name, or the only one with such a name; `found` are the others that fit."""
        words = self.cleaned_data["username"]
        self.found = accounts_named(words)
        exact = [person for person in self.found if person.get_username() == words.strip()]
        if len(exact or self.found) == 1:
            return (exact or self.found)[0]
        if self.found:
            raise forms.ValidationError(_("Several accounts fit “%(name)s”: choose one of them.") % {"name": words})
        raise forms.ValidationError(_("No account fits “%(name)s”, by name or user name.") % {"name": words})


def accounts_named(words: str) -> list[User]:
    """Active accounts each word of which is in their name or user name, by name; `MOST_FOUND` at most."""
    people = get_user_model().objects.filter(is_active=True)
    for word in words.split():
        named = Q(username__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word)
        people = people.filter(named)
    exact = people.filter(username=words.strip())
    return sorted({*exact, *people.order_by("last_name", "username")[:MOST_FOUND]}, key=lambda each: person_name(each))


def account_of(username: str) -> User:
    """The account of that name. Raises ValidationError."""
    person = get_user_model().objects.filter(username=username.strip(), is_active=True).first()
    if person is None:
        raise forms.ValidationError(_("There is no account with this name."))
    return person
