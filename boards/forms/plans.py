"""The forms of what becomes of a plan: how far a recommendation has come, and the result of a test."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.actions.plans import LONGEST_PROGRESS
from boards.models.choices import NotDone, StepState
from regimens.rules.patient import FEATURES
from regimens.wording.sentences import ACTIVE

from .base import BoardForm, GuardedField
from .decisions import CHOOSE


class ProgressForm(BoardForm):
    state = forms.ChoiceField(
        label=gettext_lazy("How far it has come"),
        choices=StepState.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say how far it has come.")},
    )
    not_done = forms.ChoiceField(
        label=gettext_lazy("Why it was not carried out"), choices=[CHOOSE, *NotDone.choices], required=False
    )
    words = GuardedField(
        "stepprogress.words", label=gettext_lazy("In words"), required=False, max_length=LONGEST_PROGRESS
    )


class ResultForm(BoardForm):
    """The result of a test as the patient form asks for it; without one, nothing is known."""

    value = forms.CharField(label="", required=False, max_length=60)

    def __init__(self, *arguments: Any, feature: str, **options: Any):
        super().__init__(*arguments, prefix_id="result_", **options)
        asked = FEATURES[feature]
        label = capfirst(_(asked.label))
        if asked.kind in ("choice", "flag"):
            values = list(asked.values) if asked.kind == "choice" else ["true", "false"]
            worded = [
                capfirst(asked.worded({"true": True, "false": False}.get(value, value), ACTIVE)) for value in values
            ]
            self.fields["value"] = forms.ChoiceField(
                label=label,
                required=False,
                choices=[
                    ("", _("not known")),
                    *((value, capfirst(said)) for value, said in zip(values, worded, strict=True)),
                ],
            )
        else:
            self.fields["value"].label = f"{label} ({asked.unit})" if asked.unit else label
        self._dress()
