"""The form in which a third person decides, figure by figure, which of two readings is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curation.actions import FigureDecision
from curation.models import ReadingTask
from display import decimals
from regimens.models.base import validate_address, validate_host
from regimens.models.choices import READABLE, ReadingOutcome
from regimens.models.cohort_figures import is_allowed
from regimens.wording.readings import figure_name

from .reading_form import SummarisedForm, range_in_words

OPEN = ("", gettext_lazy("leave it open"))


@dataclass(frozen=True)
class Row:
    """A task with the fields in which it is decided."""

    task: ReadingTask
    outcome: forms.BoundField
    value: forms.BoundField
    is_missing: forms.BoundField
    at: forms.BoundField
    how: forms.BoundField


class SettlingForm(SummarisedForm):
    """When it is valid, `decisions` holds what was decided; a figure may be left open."""

    comment = forms.CharField(
        label=gettext_lazy("Why"),
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=gettext_lazy("In words; required."),
    )

    def __init__(self, tasks: Sequence[ReadingTask], *args: Any, **kwargs: Any):
        super().__init__(*args, **{"use_required_attribute": False} | kwargs)
        self.tasks = tasks
        self.decisions: list[FigureDecision] = []
        for task in tasks:
            self.fields |= {
                f"t{task.pk}-outcome": forms.ChoiceField(
                    label=_("Right is"),
                    choices=[OPEN, *((one.value, str(one.label)) for one in ReadingOutcome)],
                    required=False,
                    widget=forms.RadioSelect,
                ),
                f"t{task.pk}-value": forms.CharField(
                    label=_("third value"),
                    required=False,
                    max_length=12,
                    widget=forms.TextInput(attrs={"size": 7, "inputmode": "decimal", "autocomplete": "off"}),
                ),
                f"t{task.pk}-missing": forms.BooleanField(label=_("not given in the source"), required=False),
                f"t{task.pk}-at": forms.CharField(
                    label=_("read at"),
                    required=False,
                    max_length=500,
                    validators=[validate_address, validate_host],
                    widget=forms.URLInput,
                ),
                f"t{task.pk}-how": forms.ChoiceField(
                    label=_("in what"), choices=[(one.value, str(one.label)) for one in READABLE], required=False
                ),
            }

    def rows(self) -> list[Row]:
        return [
            Row(task, *(self[f"t{task.pk}-{part}"] for part in ("outcome", "value", "missing", "at", "how")))
            for task in self.tasks
        ]

    def clean(self) -> dict[str, Any]:
        for task in self.tasks:
            outcome = self.cleaned_data.get(f"t{task.pk}-outcome")
            if not outcome:
                continue
            if outcome == ReadingOutcome.NEITHER:
                self._third(task)
            else:
                self.decisions.append(FigureDecision(task, ReadingOutcome(outcome)))
        if not self.errors and not self.decisions:
            raise ValidationError(_("Decide on at least one figure."))
        return self.cleaned_data

    def name_of(self, name: str) -> str:
        tasks = {f"t{task.pk}": task for task in self.tasks}
        task = tasks.get(name.partition("-")[0])
        return f"{task.arm}: {figure_name(task.figure)}: " if task else super().name_of(name)

    def _third(self, task: ReadingTask) -> None:
        given = (self.cleaned_data.get(f"t{task.pk}-value") or "").strip()
        is_missing = bool(self.cleaned_data.get(f"t{task.pk}-missing"))
        at = self.cleaned_data.get(f"t{task.pk}-at") or ""
        if bool(given) == is_missing:
            rule = _("either a third value, %(range)s, or not given in the source")
            rule %= {"range": range_in_words(task.figure)}
            self.add_error(f"t{task.pk}-value", f"{given}: {rule}" if given else rule)
            return
        try:
            value = None if is_missing else decimals.read(given, decimals.POINT, allows=self._allows(task))
        except ValueError:
            value = -1
        if value is not None and not is_allowed(task.figure, value):
            self.add_error(f"t{task.pk}-value", f"{given}: {range_in_words(task.figure)}")
        elif not at and f"t{task.pk}-at" not in self.errors:
            self.add_error(f"t{task.pk}-at", _("the address where the third value was read"))
        else:
            how = self.cleaned_data.get(f"t{task.pk}-how") or READABLE[0].value
            self.decisions.append(FigureDecision(task, ReadingOutcome.NEITHER, value=value, at=at, how=how))

    def _allows(self, task: ReadingTask) -> Any:
        return lambda value: is_allowed(task.figure, value)
