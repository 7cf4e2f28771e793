"""The forms of what comes after a decision: the course in months, and the period of a board's figures."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.choice import Choice
from boards.errors import Refused
from boards.models import Decision, FollowUp, LaterCourse
from boards.models.choices import GIVEN_KINDS, NotDone
from boards.models.followup import MONTHS, CarriedOut, Progression, Response, Stopping, Vital
from boards.models.months import parsed
from boards.outcomes.course import (
    CARRYING_OUT,
    FIELDS,
    LATER_MONTHS,
    LONGEST_TERM,
    LONGEST_WORDS,
    TOXICITY_FIELDS,
    WORST_GRADE,
    AdverseEvent,
    Course,
    LaterLine,
    problems,
)
from boards.outcomes.statistics import Period
from boards.shown.stored_ranking import later_line_regimens
from display.privacy.refusals import CANNOT_KNOW
from regimens.rules.knowledge import Knowledge

from .base import BoardForm, GuardedField
from .decisions import CHOOSE, ChoiceForm

# More rows than any course has; a form that sends more is no form of ours.
MOST_COURSES, MOST_TOXICITIES = 20, 60
ROWS = ("later", "toxicities")
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


class LaterCourseForm(ChoiceForm):
    """A further course; one of which nothing is entered is none."""

    kind = forms.ChoiceField(label=gettext_lazy("What was given"), required=False)
    started_in = MonthField(label=FIELDS["started_in"])
    stopped_in = MonthField(label=FIELDS["stopped_in"])
    stop_reason = forms.ChoiceField(label=FIELDS["stop_reason"], choices=Stopping.choices, initial=Stopping.UNKNOWN)
    best_response = forms.ChoiceField(label=FIELDS["best_response"], choices=Response.choices, initial=Response.UNKNOWN)
    progressed_in = MonthField(label=FIELDS["progressed_in"])

    def __init__(self, *arguments: Any, regimens: Sequence[tuple[str, str]], auto_id: str = "", **options: Any):
        super().__init__(*arguments, **options)
        self.fields["kind"].choices = [("", _("no further course")), *given_choices()]
        self.fields["regimen"].choices = regimens
        for name in ("stop_reason", "best_response"):
            self.fields[name].required = False
        del self.fields["test"]
        self.order_fields(("kind", "regimen", "trial", "words", "started_in", "stopped_in", "stop_reason"))
        self._dress()

    @property
    def is_empty(self) -> bool:
        return not any(_filled(self, ("kind", "regimen", "trial", "words", *LATER_MONTHS))) and all(
            _entered(self, name) in ("", "unknown") for name in ("stop_reason", "best_response")
        )

    @property
    def line(self) -> LaterLine:
        """What was entered, unchecked."""
        cleaned = self.cleaned_data
        answers = {name: cleaned.get(name) or "unknown" for name in ("stop_reason", "best_response")}
        return LaterLine(self.choice, **{name: cleaned.get(name) or "" for name in LATER_MONTHS}, **answers)

    @staticmethod
    def initial_of_line(row: LaterCourse) -> dict[str, Any]:
        choice = ChoiceForm.initial_of(Choice(row.kind, row.option, row.words))
        return choice | {name: getattr(row, name) for name in (*LATER_MONTHS, "stop_reason", "best_response")}


class ToxicityForm(BoardForm):
    """The highest grade of an adverse event; one of which nothing is entered is none."""

    term = GuardedField(
        "toxicity.term",
        label=TOXICITY_FIELDS["term"],
        required=False,
        max_length=LONGEST_TERM,
        widget=forms.TextInput({"list": "ctcae-terms"}),
    )
    grade = forms.ChoiceField(
        label=TOXICITY_FIELDS["grade"],
        required=False,
        choices=[("", "–"), *((str(grade), str(grade)) for grade in range(1, WORST_GRADE + 1))],
    )
    line = forms.IntegerField(
        label=TOXICITY_FIELDS["line"],
        required=False,
        min_value=1,
        max_value=MOST_COURSES,
        initial=1,
        widget=forms.NumberInput({"class": "form-control form-control-sm"}),
    )

    def __init__(self, *arguments: Any, auto_id: str = "", **options: Any):
        super().__init__(*arguments, **options)

    @property
    def is_empty(self) -> bool:
        return not any(_filled(self, ("term", "grade"))) and _entered(self, "line") in ("", "1")

    @property
    def event(self) -> AdverseEvent:
        """What was entered, unchecked."""
        cleaned = self.cleaned_data
        return AdverseEvent(cleaned.get("term") or "", int(cleaned.get("grade") or 0), cleaned.get("line") or 0)


def _entered(form: BoardForm, name: str) -> str:
    return str(form[name].data or "").strip()


def _filled(form: BoardForm, names: Iterable[str]) -> Iterator[bool]:
    return (bool(_entered(form, name)) for name in names)


class FollowUpForm(ChoiceForm):
    """What was given and what came of it, course by course. Nothing is asked for by the day.

    later, toxicities   the forms of further courses and of adverse events: rows of the same page
    """

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
    carried_out = forms.ChoiceField(label=CARRYING_OUT["carried_out"], choices=CarriedOut.choices, required=False)
    not_carried_out = forms.ChoiceField(
        label=CARRYING_OUT["not_carried_out"], choices=[CHOOSE, *NotDone.choices], required=False
    )
    not_carried_out_words = GuardedField(
        "followup.not_carried_out_words",
        label=CARRYING_OUT["not_carried_out_words"],
        required=False,
        max_length=LONGEST_WORDS,
        help_text=gettext_lazy("No names, dates or numbers under which somebody is filed."),
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    field_order = (
        *("based_on", "carried_out", "not_carried_out", "not_carried_out_words", "kind", "regimen", "trial", "words"),
        *("started_in", "stopped_in", "stop_reason"),
    )

    def __init__(self, *arguments: Any, then: Knowledge, listed_on: date, today: date, add: str = "", **options: Any):
        """`then` is the release of the decision, what it knows may be chosen too; `add` names rows of one more."""
        super().__init__(*arguments, **options)
        listed = dict(later_line_regimens(then)) | dict(later_line_regimens(options["knowledge"]))
        regimens = [CHOOSE, *sorted(listed.items(), key=lambda pair: pair[1].lower())]
        self.fields["regimen"].choices = regimens
        self.listed_on, self.today = listed_on, today
        self.fields["kind"].label = _("What was given first")
        self.fields["kind"].choices = given_choices()
        self.fields["words"].help_text = format_lazy("{} {}", self.fields["words"].help_text, CANNOT_KNOW)
        del self.fields["test"]
        self._dress()
        data = self.data.copy() if self.is_bound else None
        if data is not None:
            for name in ROWS:  # a form that sends no rows has none
                data.setdefault(f"{name}-TOTAL_FORMS", "0")
                data.setdefault(f"{name}-INITIAL_FORMS", "0")
        given = {"regimens": regimens, "knowledge": options["knowledge"]}
        rows: dict[str, list[Any]] = {name: self.initial.get(name, []) for name in ROWS}
        self.later = _formset(LaterCourseForm, MOST_COURSES - 1, extra=add == "later")(
            data, prefix="later", initial=rows["later"], form_kwargs=given
        )
        self.toxicities = _formset(ToxicityForm, MOST_TOXICITIES, extra=add == "toxicities")(
            data, prefix="toxicities", initial=rows["toxicities"]
        )

    @property
    def rows(self) -> list[BoardForm]:
        """The forms of every row, with what is wrong with each."""
        return [*self.later.forms, *self.toxicities.forms]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for formset in (self.later, self.toxicities):
            if not formset.is_valid():
                for error in formset.non_form_errors():
                    self.add_error(None, error)
        rows_are_clean = not any(form.errors for form in self.rows)
        if rows_are_clean and all(name in cleaned for name in (*MONTHS, *ANSWERS, *CARRYING_OUT)):
            for name, message in problems(self.course, listed_on=self.listed_on, today=self.today):
                self.say(name, message)
        if any(form.errors for form in self.rows):
            self.add_error(None, _("Correct the further courses and adverse events that are marked."))
        return cleaned

    def refuse(self, refusal: Refused) -> None:
        self.say(refusal.field, str(refusal))

    def say(self, field: str, message: str) -> None:
        """An error at its field: "later.0.started_in" is that of the first further course that is not empty."""
        rows, _dot, name = field.partition(".")
        if rows in ROWS and name:
            index, _dot, name = name.partition(".")
            form = [each for each in getattr(self, rows).forms if not each.is_empty][int(index)]
            form.add_error(name if name in form.fields else None, message)
        else:
            self.add_error(field if field in self.fields else None, message)

    @property
    def course(self) -> Course:
        """What was entered, unchecked."""
        return Course(
            self.choice,
            **{name: self.cleaned_data.get(name) or "" for name in (*MONTHS, *ANSWERS)},
            carried_out=self.cleaned_data.get("carried_out") or CarriedOut.UNKNOWN,
            not_carried_out=self.cleaned_data.get("not_carried_out") or "",
            not_carried_out_words=self.cleaned_data.get("not_carried_out_words") or "",
            later=tuple(form.line for form in self.later.forms if not form.is_empty),
            toxicities=tuple(form.event for form in self.toxicities.forms if not form.is_empty),
        )

    @classmethod
    def initial_from(cls, latest: FollowUp | None, decision: Decision) -> dict[str, Any]:
        """The follow-up that is gone on with; before the first, what was decided."""
        if latest is None:
            choice = Choice(decision.kind, decision.option, decision.words)
            given = ChoiceForm.initial_of(choice) if decision.kind in GIVEN_KINDS else {}
            unknown = dict.fromkeys([*ANSWERS, "carried_out"], "unknown")
            return given | unknown | {"based_on": 0}
        choice = Choice(latest.kind, latest.option, latest.words)
        course = {name: getattr(latest, name) for name in (*MONTHS, *ANSWERS, *CARRYING_OUT)}
        rows = {
            "later": [LaterCourseForm.initial_of_line(row) for row in latest.later_courses.all()],
            "toxicities": [
                {name: str(getattr(row, name)) for name in TOXICITY_FIELDS} for row in latest.toxicities.all()
            ],
        }
        return ChoiceForm.initial_of(choice) | course | rows | {"based_on": latest.number}

    @classmethod
    def initial_of_sent(cls, sent: QueryDict) -> dict[str, Any]:
        """What was sent, as it was typed, to be shown again without being judged."""
        entered = {name: sent.get(name, "") for name in (*cls.base_fields, "based_on")}
        rows = {
            "later": (LaterCourseForm, MOST_COURSES - 1),
            "toxicities": (ToxicityForm, MOST_TOXICITIES),
        }
        return entered | {
            prefix: [
                {name: sent.get(f"{prefix}-{index}-{name}", "") for name in form.base_fields}
                for index in range(min(_count(sent.get(f"{prefix}-TOTAL_FORMS", "")), most))
            ]
            for prefix, (form, most) in rows.items()
        }


def given_choices() -> list[tuple[str, Any]]:
    """What can be given to a patient."""
    return [(kind.value, kind.label) for kind in GIVEN_KINDS]


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _formset(form: type[BoardForm], most: int, *, extra: bool) -> type[forms.BaseFormSet]:
    """Rows of a form, of which none has to be there."""
    made: type[forms.BaseFormSet] = forms.formset_factory(
        form, extra=int(extra), max_num=most, absolute_max=most, validate_max=True
    )
    return made


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
