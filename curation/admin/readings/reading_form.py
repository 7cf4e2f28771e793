"""The form in which a second reader enters figures: it knows the arms and subgroups of a publication, and no figure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curation.actions.second_readings import CohortRead
from display import decimals
from regimens.models import Cohort
from regimens.models.base import validate_address, validate_host
from regimens.models.choices import READABLE, ConfidenceLevel, Endpoint
from regimens.models.cohort_figures import LONGEST_MONTHS, MOST_PATIENTS, NUMBERS, CohortFigure, is_allowed
from regimens.rules.readings import INTERVALS, kind_of
from regimens.wording.citations import arm_words

RATES = 4
ENDPOINTS = [("", "—"), *((endpoint.value, endpoint.value.upper()) for endpoint in reversed(Endpoint))]
LEVELS = [(str(level.value), level.label) for level in reversed(ConfidenceLevel)]
# The fields of the model that hold figures, for the rules that hold between them.
FIELDS = {figure.key: figure.column for figure in NUMBERS}


@dataclass(frozen=True)
class Row:
    """One figure of a cohort as the page shows it: bound fields; without an interval, none of its fields."""

    label: str
    value: forms.BoundField
    is_missing: forms.BoundField
    low: forms.BoundField | None = None
    high: forms.BoundField | None = None
    no_interval: forms.BoundField | None = None


@dataclass(frozen=True)
class CohortFields:
    """A cohort as the page shows it: its arm and subgroup, apart and as one title, and its fields."""

    title: str
    name: str
    subgroup: str
    rows: tuple[Row, ...]
    level: forms.BoundField
    rates: tuple[tuple[forms.BoundField, forms.BoundField, forms.BoundField], ...]
    no_other_rates: forms.BoundField
    rest: forms.BoundField
    is_so: forms.BoundField | None


class SummarisedForm(forms.Form):
    """A form whose errors stand above it as well, each linked to its field."""

    def error_list(self) -> list[tuple[str, str]]:
        """Every error: the id of its field, empty where it is no field's, and the text, which names the field."""
        found = []
        for name, errors in self.errors.items():
            at = "" if name == "__all__" else self[name].auto_id
            found += [(at, f"{self.name_of(name)}{error}") for error in errors]
        return found

    def name_of(self, name: str) -> str:
        """What a field is called before its error; empty for errors that say enough."""
        return "" if name == "__all__" else f"{self.fields[name].label}: "


class SecondReadingForm(SummarisedForm):
    """Figures of the pooled cohorts, each a number, or not given in the source, or left empty: not looked for.

    When it is valid, `read` holds what was read, by the place of the cohort.
    """

    at = forms.CharField(
        label=gettext_lazy("Address of the page or paper"),
        max_length=500,
        validators=[validate_address, validate_host],
        widget=forms.URLInput(attrs={"class": "vURLField"}),
        help_text=gettext_lazy("Where you read the figures."),
    )
    how = forms.ChoiceField(
        label=gettext_lazy("What you read"), choices=[("", "—"), *((one.value, one.label) for one in READABLE)]
    )
    read_on = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    unseen = forms.BooleanField(
        label=gettext_lazy("I read these figures in the source, and have not looked at those on record."),
        error_messages={
            "required": gettext_lazy("Say that you have not looked at those on record; else another person reads.")
        },
    )
    shape = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, results: Mapping[int, Mapping[str, Any]], *args: Any, **kwargs: Any):
        super().__init__(*args, **{"use_required_attribute": False} | kwargs)
        self.results = results
        self.read: dict[int, CohortRead] = {}
        self.contradictions: dict[int, list[str]] = {}
        self.fields["read_on"].initial = timezone.now().date()
        for index in results:
            self._add_fields(index)

    def cohorts(self) -> list[CohortFields]:
        return [self._cohort(index, result) for index, result in self.results.items()]

    def clean_read_on(self) -> Any:
        day = self.cleaned_data["read_on"]
        if day > timezone.now().date():
            raise ValidationError(_("%(day)s: a day that is not in the future") % {"day": day})
        return day

    def clean(self) -> dict[str, Any]:
        for index in self.results:
            figures = dict(self._figures(index))
            rates = dict(self._rates(index))
            if found := self._contradictions(figures):
                self.contradictions[index] = found
                if not self._ticked(index, "is_so"):
                    for text in found:
                        said = _("%(cohort)s: %(problem)s. If the source says so, confirm it.")
                        self.add_error(None, said % {"cohort": self._title(index), "problem": text})
            no_other_rates = self._ticked(index, "no_other_rates") or self._ticked(index, "rest")
            if figures or rates or no_other_rates:
                self.read[index] = CohortRead(figures | rates, no_other_rates)
        if not self.errors and not self.read:
            self.add_error(None, _("Enter at least one figure, or say of one that it is not given."))
        return self.cleaned_data

    def name_of(self, name: str) -> str:
        if name == "unseen":
            return ""
        index = re.match(r"c(\d+)-", name)
        return f"{self._title(int(index[1]))}: {super().name_of(name)}" if index else super().name_of(name)

    def _add_fields(self, index: int) -> None:
        def add(name: str, field: forms.Field) -> None:
            self.fields[_name(index, name)] = field

        for name, label in labels().items():
            of = {"figure": label}
            add(name, _figure(label))
            add(f"{name}_missing", _tick(_("%(figure)s: not given in the source") % of))
            if name in INTERVALS:
                add(f"{name}_low", _figure(_("%(figure)s: lower bound") % of))
                add(f"{name}_high", _figure(_("%(figure)s: upper bound") % of))
                missing = _("%(figure)s: interval, or the bound left empty, not given in the source")
                add(f"{name}_ci_missing", _tick(missing % of))
        level = forms.ChoiceField(label=_("Level of the intervals"), choices=LEVELS, required=False, initial="95")
        add("ci_level", level)
        for place in range(RATES):
            add(f"rate{place}_endpoint", forms.ChoiceField(label=_("Endpoint"), choices=ENDPOINTS, required=False))
            add(f"rate{place}_months", _figure(_("Months"), maxlength=3))
            add(f"rate{place}_percent", _figure(_("Percent")))
        add("no_other_rates", _tick(_("The source gives no other survival rates")))
        add("rest", _tick(_("Everything that I left empty for this cohort is not given in the source")))
        add("is_so", _tick(_("The source says so")))

    def _cohort(self, index: int, result: Mapping[str, Any]) -> CohortFields:
        def field(name: str) -> forms.BoundField:
            return self[_name(index, name)]

        rows = []
        for name, label in labels().items():
            interval = (
                (field(f"{name}_low"), field(f"{name}_high"), field(f"{name}_ci_missing")) if name in INTERVALS else ()
            )
            rows.append(Row(label, field(name), field(f"{name}_missing"), *interval))
        return CohortFields(
            title=self._title(index),
            name=result["arm"],
            subgroup=result["subgroup"] or "",
            rows=tuple(rows),
            level=field("ci_level"),
            rates=tuple(
                (field(f"rate{place}_endpoint"), field(f"rate{place}_months"), field(f"rate{place}_percent"))
                for place in range(RATES)
            ),
            no_other_rates=field("no_other_rates"),
            rest=field("rest"),
            is_so=field("is_so") if index in self.contradictions else None,
        )

    def _figures(self, index: int) -> Iterator[tuple[str, float | None]]:
        for name in (figure.key for figure in NUMBERS):
            yield from self._one(index, name)
        bounds = [bound for name in INTERVALS for bound in self._interval(index, name)]
        yield from bounds
        if any(value is not None for _, value in bounds):
            yield "ci_level", int(self.cleaned_data.get(_name(index, "ci_level")) or 95)

    def _one(self, index: int, name: str) -> Iterator[tuple[str, float | None]]:
        given, is_missing = self._number(index, name), self._ticked(index, f"{name}_missing")
        if given is not None and is_missing:
            self._wrong(index, name, given, _("either a figure, or not given in the source"))
        elif given is not None:
            yield name, given
        elif not self._is_wrong(index, name) and (is_missing or self._ticked(index, "rest")):
            yield name, None

    def _interval(self, index: int, name: str) -> Iterator[tuple[str, float | None]]:
        ends = [f"{name}_low", f"{name}_high"]
        given = [self._number(index, end) for end in ends]
        is_missing = self._ticked(index, f"{name}_ci_missing") or self._ticked(index, "rest")
        if any(self._is_wrong(index, end) for end in ends):
            return
        if None not in given and self._ticked(index, f"{name}_ci_missing"):
            self._wrong(index, ends[0], given[0], _("either both bounds, or not given in the source"))
        elif any(bound is not None for bound in given) or is_missing:
            for end, bound in zip(ends, given, strict=True):
                if bound is None and not is_missing:
                    self._wrong(index, end, None, _("the other bound, or not given in the source"))
                else:
                    yield end, bound

    def _rates(self, index: int) -> Iterator[tuple[str, float]]:
        seen = set()
        for place in range(RATES):
            endpoint = self.cleaned_data.get(_name(index, f"rate{place}_endpoint")) or ""
            months = self._number(index, f"rate{place}_months", "count")
            percent = self._number(index, f"rate{place}_percent", "os-1")
            names = [f"rate{place}_{part}" for part in ("endpoint", "months", "percent")]
            if any(self._is_wrong(index, name) for name in names):
                continue
            if not endpoint and months is None and percent is None:
                continue
            missing = [
                name for name, value in zip(names, (endpoint, months, percent), strict=True) if value in ("", None)
            ]
            if missing:
                self._wrong(index, missing[0], None, _("endpoint, months and percent together, or none of them"))
            elif not 1 <= (months or 0) <= 200:
                self._wrong(index, names[1], months, _("a whole number of months from 1 to 200"))
            elif (rate := f"{endpoint}-{months:g}") in seen:
                self._wrong(index, names[1], months, _("each endpoint at each time once"))
            else:
                seen.add(rate)
                yield rate, percent or 0

    def _number(self, index: int, name: str, kind: str = "") -> float | None:
        """The number in a field; None where it is empty, or is none, which becomes an error."""
        given = (self.cleaned_data.get(_name(index, name)) or "").strip()
        if not given:
            return None
        figure = {"count": "n", "os-1": "os-1"}.get(kind, name)
        try:
            number = decimals.read(given, decimals.POINT, allows=lambda value: is_allowed(figure, value))
        except ValueError:
            rule = _("a number with a decimal point: %(range)s") % {"range": range_in_words(figure)}
            self._wrong(index, name, given, rule)
            return None
        if not is_allowed(figure, number):
            self._wrong(index, name, given, range_in_words(figure))
            return None
        return int(number) if number.is_integer() else number

    def _contradictions(self, figures: Mapping[str, float | None]) -> list[str]:
        """What does not fit together among the figures entered, by the rules of the evidence base."""
        values = {}
        for name, value in figures.items():
            base, _bar, end = name.rpartition("_")
            field = f"{FIELDS[base]}_{end}" if end in ("low", "high") else FIELDS.get(name)
            if field:
                values[field] = value
        try:
            Cohort(**values).clean()
        except ValidationError as error:
            called = labels()
            back = {field: called[name] for name, field in FIELDS.items()}
            return [
                f"{back.get(field.removesuffix('_low').removesuffix('_high'), field)}: {' '.join(texts)}"
                for field, texts in error.message_dict.items()
            ]
        return []

    def _ticked(self, index: int, name: str) -> bool:
        return bool(self.cleaned_data.get(_name(index, name)))

    def _wrong(self, index: int, name: str, given: Any, rule: str) -> None:
        self.add_error(_name(index, name), rule if given is None else f"{given}: {rule}")

    def _is_wrong(self, index: int, name: str) -> bool:
        return _name(index, name) in self.errors

    def _title(self, index: int) -> str:
        return arm_words(self.results[index])


def labels() -> dict[str, str]:
    """What each figure is called when it is asked for, with its unit."""
    return {figure.key: _label(figure) for figure in NUMBERS}


def _label(figure: CohortFigure) -> str:
    if figure.kind == "months":
        return _("%(figure)s, months") % {"figure": figure.asked}
    return figure.with_unit(figure.asked) if figure.unit else str(figure.asked)


def range_in_words(name: str) -> str:
    """What a figure may be, in the reader's language; `range_of` says the same where commands do."""
    kind = kind_of(name)
    if kind == "level":
        return _("80, 90 or 95")
    if kind == "count":
        return _("a whole number from 0 to %(most)d") % {"most": MOST_PATIENTS}
    if kind == "months":
        return _("months from 0 to %(most)d") % {"most": LONGEST_MONTHS}
    return _("a percentage from 0 to 100")


def pooled_for_reading(content: Mapping[str, Any], places: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What a second reader may know of each cohort: who it was, and nothing that was found."""
    return {index: {name: content["results"][index][name] for name in ("arm", "subgroup")} for index in places}


def _name(index: int, name: str) -> str:
    return f"c{index}-{name}"


def _figure(label: str, maxlength: int = 12) -> forms.CharField:
    attrs = {"inputmode": "decimal", "autocomplete": "off", "size": 7, "maxlength": maxlength, "class": "figure"}
    return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs=attrs))


def _tick(label: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)
