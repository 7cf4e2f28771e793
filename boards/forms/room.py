"""The form of a meeting's room: who is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy

from audit.people import person_name
from boards.models import Membership
from boards.models.choices import DECIDING_ROLES, Discipline, Role

from .base import BoardForm, GuardedField


class AttendanceForm(BoardForm):
    """Members of the board who are in the room, and guests."""

    present = forms.ModelMultipleChoiceField(
        label=gettext_lazy("In the room"),
        queryset=get_user_model().objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    guests = GuardedField(
        "meeting.guests",
        label=gettext_lazy("Guests"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Those present who are not members of the board: roles, not patients."),
    )

    def __init__(self, *arguments: Any, members: Iterable[Membership], **options: Any):
        super().__init__(*arguments, **options)
        held = list(members)
        self.fields["present"].queryset = get_user_model().objects.filter(pk__in=[each.person_id for each in held])
        self.fields["present"].choices = [(each.person_id, _called(each)) for each in held]
        self._dress()


def _called(held: Membership) -> str:
    """A name, with the discipline that the member stands for and the role of one who does not decide."""
    said = [str(Discipline(held.discipline).label)] if held.discipline else []
    if held.role not in DECIDING_ROLES:
        said.append(str(Role(held.role).label))
    name = person_name(held.person)
    return f"{name} ({', '.join(said)})" if said else name
