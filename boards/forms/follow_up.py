"""The forms of what comes after a decision: the course in months, and the period of a board's figures."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.choice import Choice
from boards.models import Decision, FollowUp
from boards.models.choices import GIVEN_KINDS
from boards.models.followup import MONTHS, Progression, Response, Stopping, Vital
from boards.models.months import parsed
from boards.outcomes.course import FIELDS, Course, problems
from boards.outcomes.statistics import Period
from boards.privacy.guard import CANNOT_KNOW
from boards.shown.stored_ranking import later_line_regimens
from regimens.rules.knowledge import Knowledge

from .decisions import CHOOSE, ChoiceForm

ANSWERS = {"stop_reason": Stopping, "best_response": Response, "progression": Progression, "vital": Vital}


class MonthField(forms.CharField):
    """A month such as "2026-03"; browsers that know months offer a picker, in others it is typed."""

    def __init__(self, **options: Any):
        attributes = {"type": "month", "placeholder": "2026-03", "pattern": r"\d{4}-\d{1,2}|\d{1,2}[.\/]\d{4}"}
        super().__init__(required=False, max_length=10, widget=forms.TextInput(attributes), **options)

    def clean(self, value: Any) -> str:
        try:
            return parsed(super().clean(value) or "")
        except ValueError as error:
            if isinstance(error, forms.ValidationError):
                raise
            raise forms.ValidationError(str(error)) from error


class FollowUpForm(ChoiceForm):
    """What was given and what came of it. Nothing is asked for by the day."""

    started_in = MonthField(label=FIELDS["started_in"], help_text=gettext_lazy("Month and year, no day."))
    stopped_in = MonthField(label=FIELDS["stopped_in"], help_text=gettext_lazy("Empty while it goes on."))
    stop_reason = forms.ChoiceField(label=FIELDS["stop_reason"], choices=Stopping.choices)
    best_response = forms.ChoiceField(label=FIELDS["best_response"], choices=Response.choices)
    progression = forms.ChoiceField(label=FIELDS["progression"], choices=Progression.choices)
    progressed_in = MonthField(label=FIELDS["progressed_in"])
    vital = forms.ChoiceField(label=FIELDS["vital"], choices=Vital.choices)
    vital_in = MonthField(
        label=FIELDS["vital_in"], help_text=gettext_lazy("The last month in which it was known, or the month of death.")
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    field_order = ("based_on", "kind", "regimen", "trial", "words", "started_in", "stopped_in", "stop_reason")

    def __init__(self, *arguments: Any, then: Knowledge, listed_on: date, today: date, **options: Any):
        """`then` is the release of the decision: what it knows may be chosen too."""
        super().__init__(*arguments, **options)
        listed = dict(later_line_regimens(then)) | dict(later_line_regimens(options["knowledge"]))
        self.fields["regimen"].choices = [CHOOSE, *sorted(listed.items(), key=lambda pair: pair[1].lower())]
        self.listed_on, self.today = listed_on, today
        self.fields["kind"].label = _("What was given")
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in GIVEN_KINDS]
        self.fields["words"].help_text = format_lazy("{} {}", self.fields["words"].help_text, CANNOT_KNOW)
        del self.fields["test"]
        self._dress()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if all(name in cleaned for name in (*MONTHS, *ANSWERS)):
            for name, message in problems(self.course, listed_on=self.listed_on, today=self.today):
                self.add_error(name if name in self.fields else None, message)
        return cleaned

    @property
    def course(self) -> Course:
        """What was entered, unchecked."""
        return Course(self.choice, **{name: self.cleaned_data.get(name) or "" for name in (*MONTHS, *ANSWERS)})

    @classmethod
    def initial_from(cls, latest: FollowUp | None, decision: Decision) -> dict[str, Any]:
        """The follow-up that is gone on with; before the first, what was decided."""
        if latest is None:
            choice = Choice(decision.kind, decision.option, decision.words)
            given = ChoiceForm.initial_of(choice) if decision.kind in GIVEN_KINDS else {}
            return given | dict.fromkeys(ANSWERS, "unknown") | {"based_on": 0}
        choice = Choice(latest.kind, latest.option, latest.words)
        course = {name: getattr(latest, name) for name in (*MONTHS, *ANSWERS)}
        return ChoiceForm.initial_of(choice) | course | {"based_on": latest.number}


class PeriodForm(forms.Form):
    """From month to month, by the day of the meeting; both may be open."""

    start = MonthField(label=gettext_lazy("Meetings from"))
    end = MonthField(label=gettext_lazy("Meetings until"))

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control form-control-sm"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end < start:
            words = _("The period ends in %(end)s, before it begins in %(start)s.")
            self.add_error("end", words % {"end": end, "start": start})
        return cleaned

    @property
    def period(self) -> Period:
        """All that is open where something entered is wrong."""
        if not self.is_valid():
            return Period()
        start, end = self.cleaned_data["start"], self.cleaned_data["end"]
        return Period(_first(start) if start else None, _last(end) if end else None)


def _first(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)


def _last(month: str) -> date:
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, monthrange(year, number)[1])
