"""The form of what mail tells a member."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from .base import BoardForm


class NotificationsForm(BoardForm):
    meetings = forms.BooleanField(
        label=gettext_lazy("Meetings: invitations, changes and cancellations, for your calendar"), required=False
    )
    signatures = forms.BooleanField(label=gettext_lazy("Decisions that wait for your signature"), required=False)
    actions = forms.BooleanField(
        label=gettext_lazy("Actions of yours that are due, and what speaks against a decision since"), required=False
    )
