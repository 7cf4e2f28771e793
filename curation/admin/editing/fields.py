"""The fields of an entry: each reads what was typed, and leaves to the loader's rules whether it may be so.

A field that is left empty is null, as in the evidence files.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from curation.imports.identifiers import bare_doi
from regimens.models.choices import Endpoint

EMPTY = ("", "—")


class WordsField(forms.CharField):
    """A text, null where it is empty. `lines`: how tall its box is; 0 for a single line."""

    look = "text"

    def __init__(self, *, lines: int = 0, size: str = "", **kwargs: Any):
        widget = forms.Textarea(attrs={"rows": lines}) if lines else forms.TextInput()
        if size:
            widget.attrs["class"] = size
        super().__init__(**{"required": False, "empty_value": None, "widget": widget} | kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.replace("\r\n", "\n")
        return super().to_python(value)


class Address(WordsField):
    """An http or https address."""

    look = "address"

    def __init__(self, **kwargs: Any):
        widget = forms.TextInput(attrs={"inputmode": "url", "class": "wide", "placeholder": "https://"})
        super().__init__(**{"widget": widget} | kwargs)


class Suggested(WordsField):
    """A text for which a list on the page, by its id, makes suggestions."""

    look = "suggested"

    def __init__(self, *, suggestions: str, **kwargs: Any):
        widget = forms.TextInput(attrs={"list": suggestions, "class": "wide"})
        super().__init__(**{"widget": widget} | kwargs)


class CountField(forms.IntegerField):
    look = "count"

    def __init__(self, **kwargs: Any):
        widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "figure"})
        super().__init__(**{"required": False, "widget": widget} | kwargs)


class DoiField(WordsField):
    """A DOI; of a pasted address or reference, what is the DOI in it."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return bare_doi(text) if text else text


class NumberField(forms.FloatField):
    """A number, its decimals behind a point or a comma: 41.7 and 41,7 are the same."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(with_point(value) if isinstance(value, str) else value)


class FigureField(NumberField):
    """A figure; 18.0 is shown as 18."""

    look = "figure"

    def __init__(self, **kwargs: Any):
        super().__init__(**{"required": False, "widget": _figure()} | kwargs)

    def prepare_value(self, value: Any) -> Any:
        return _plain(value)


class IntervalField(forms.MultiValueField):
    """A confidence interval, low and high side by side; either may be unknown."""

    look = "interval"

    def __init__(self, **kwargs: Any):
        kwargs = {"required": False, "require_all_fields": False, "widget": IntervalWidget()} | kwargs
        super().__init__(fields=(NumberField(required=False), NumberField(required=False)), **kwargs)

    def compress(self, values: Sequence[Any]) -> list[Any]:
        return list(values) or [None, None]


class IntervalWidget(forms.MultiWidget):
    template_name = "curation/editing/interval.html"

    def __init__(self) -> None:
        super().__init__({"low": _figure(), "high": _figure()})

    def decompress(self, value: Any) -> list[Any]:
        return [_plain(bound) for bound in value] if value else [None, None]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, self.decompress(value), attrs)
        words = (_("low bound"), _("high bound"))
        for said, box in zip(words, context["widget"]["subwidgets"], strict=True):
            box["attrs"]["aria-label"] = said
        return context | {"to": pgettext("interval", "to")}


class Options(forms.Select):
    """A select whose options are written at once: a form has some thousands of them."""

    template_name = "curation/editing/options.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        attributes = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        chosen = "" if value is None else str(value)
        return {"attributes": flatatt(attributes), "chosen": chosen, "choices": self.choices}


class Pick(forms.ChoiceField):
    """One of several, null where none is picked. `of`: the list, known only on the page, that it is one of."""

    look = "pick"

    def __init__(self, choices: Iterable[tuple[Any, Any]] = (), *, of: str = "", **kwargs: Any):
        self.of = of
        super().__init__(**{"required": False, "choices": [EMPTY, *choices], "widget": Options()} | kwargs)

    def offer(self, choices: Mapping[str, str]) -> None:
        self.choices = [EMPTY, *((key, f"{words} ({key})") for key, words in choices.items())]

    def clean(self, value: Any) -> Any:
        return super().clean(value) or None


class PickNumber(Pick):
    def clean(self, value: Any) -> Any:
        picked = super().clean(value)
        return None if picked is None else int(picked)


class Boxes(forms.SelectMultiple):
    """Boxes to tick, in columns; of many, those that are ticked stand first."""

    template_name = "curation/editing/boxes.html"
    MANY = 30

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        ticked = {str(one) for one in value or []}
        choices = list(self.choices)
        is_many = len(choices) > self.MANY
        if is_many:
            choices.sort(key=lambda choice: str(choice[0]) not in ticked)
        attrs = attrs or {}
        described = attrs.get("aria-describedby", "")
        found = {"name": name, "id": attrs.get("id", name), "described": described}
        return found | {"choices": choices, "ticked": ticked, "is_many": is_many}


class TicksField(forms.MultipleChoiceField):
    """Several of a list; what was there before keeps its order. `null`: none is null, and not an empty list."""

    look = "ticks"

    def __init__(self, choices: Iterable[tuple[Any, Any]] = (), *, of: str = "", null: bool = False, **kwargs: Any):
        self.of, self.null = of, null
        super().__init__(**{"required": False, "choices": list(choices), "widget": Boxes()} | kwargs)

    def offer(self, choices: Mapping[str, str]) -> None:
        self.choices = [(key, words) for key, words in choices.items()]

    def in_order(self, ticked: Iterable[str], before: Iterable[str] | None) -> list[str] | None:
        chosen = list(ticked)
        kept = [one for one in before or [] if one in chosen]
        return kept + [one for one in chosen if one not in kept] or (None if self.null else [])


class LinesWidget(forms.Textarea):
    """Tall enough for all lines and one more."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        rows = max(self.attrs["rows"], len((value or "").splitlines()) + 1)
        return super().render(name, value, {**(attrs or {}), "rows": rows}, renderer)


class Lines(forms.CharField):
    """A list of texts, one a line. `null`: an empty list is null."""

    look = "lines"

    def __init__(self, *, lines: int = 3, null: bool = False, **kwargs: Any):
        self.null = null
        super().__init__(**{"required": False, "widget": LinesWidget(attrs={"rows": lines})} | kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        return lines or (None if self.null else [])


class DrugsField(Lines):
    """Drugs, one a line, by slug, name or synonym; `cisplatin | carboplatin` where one of several is given.

    besides   words that stand for more than one drug; where there are any, there are no alternatives
    """

    look = "drugs"
    of = "drug_slugs"

    def __init__(self, *, besides: Sequence[str] = (), **kwargs: Any):
        self.besides = besides
        self.slugs: Mapping[str, str] = {}
        super().__init__(**kwargs)
        self.widget.attrs["data-adds"] = "drugs"

    def offer(self, choices: Mapping[str, str]) -> None:
        """The slug of every name that a drug has, in lower case."""
        self.slugs = {**choices, **{word: word for word in self.besides}}

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(one if isinstance(one, str) else " | ".join(one["alternatives"]) for one in value)

    def clean(self, value: Any) -> Any:
        found: list[Any] = []
        for line in super().clean(value) or ():
            named = [part.strip() for part in line.split("|") if part.strip()]
            if self.besides and len(named) > 1:
                raise forms.ValidationError(_("“%(line)s”: one a line, without alternatives.") % {"line": line})
            slugs = [self._slug(name) for name in named]
            if slugs:
                found.append(slugs[0] if len(slugs) == 1 else {"alternatives": slugs})
        return found

    def _slug(self, name: str) -> str:
        wanted = name.casefold()
        if wanted in self.slugs:
            return self.slugs[wanted]
        near = difflib.get_close_matches(wanted, sorted(self.slugs), n=1, cutoff=0.6)
        said = _("“%(name)s” is no drug of the evidence base.") % {"name": name}
        if near:
            said = f"{said} {_('The nearest is %(drug)s.') % {'drug': self.slugs[near[0]]}}"
        raise forms.ValidationError(said)


class RatesField(forms.Field):
    """Shares of survivors: {"os-6": 60.0} for 60 % alive after six months."""

    look = "rates"

    def __init__(self, **kwargs: Any):
        super().__init__(**{"required": False, "widget": RatesWidget()} | kwargs)

    def clean(self, value: Any) -> dict[str, float]:
        found: dict[str, float] = {}
        for endpoint, months, percent in value or []:
            if not months and not percent:
                continue
            try:
                rate, share = f"{endpoint}-{int(months)}", float(with_point(percent))
            except ValueError as error:
                raise forms.ValidationError(_("Each with whole months and a percentage.")) from error
            if rate in found:
                raise forms.ValidationError(_("Given twice: %(rate)s.") % {"rate": rate})
            found[rate] = share
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return any(months or percent for _endpoint, months, percent in data or []) or bool(initial)


class RatesWidget(forms.Widget):
    """A row for each rate, and empty ones for more."""

    template_name = "curation/editing/rates.html"
    SPARE = 2

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[tuple[str, str, str]]:
        lists = [data.getlist(f"{name}_{part}") if isinstance(data, MultiValueDict) else [] for part in _RATE]
        return [tuple(part.strip() for part in row) for row in zip(*lists, strict=False)]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}_months" not in data

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        if isinstance(value, dict):
            value = [(*rate.split("-"), _plain(percent)) for rate, percent in sorted(value.items(), key=_rate_order)]
        rows = [row for row in value or [] if any(row[1:])] + [("os", "", "")] * self.SPARE
        words = {
            "endpoint": _("endpoint"),
            "months": _("months"),
            "percent": _("percent"),
            "at": pgettext("survival rate", "at"),
            "months_then": pgettext("survival rate", "months:"),
        }
        found = {"name": name, "id": (attrs or {}).get("id", name), "rows": rows, "endpoints": _ENDPOINTS}
        return found | {"words": words}


class Tick(forms.BooleanField):
    look = "tick"

    def __init__(self, **kwargs: Any):
        super().__init__(**{"required": False} | kwargs)


class Day(forms.DateField):
    """A day, as 2026-03-01."""

    look = "day"

    def __init__(self, **kwargs: Any):
        super().__init__(
            **{"required": False, "widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")} | kwargs
        )

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        return day.isoformat() if day else None


def with_point(text: str) -> str:
    """A number with a point before its decimals; three digits behind a comma are no decimals that anybody prints."""
    found = _COMMA.fullmatch(text.strip())
    return f"{found[1]}.{found[2]}" if found else text


_COMMA = re.compile(r"(-?\d+),(\d{1,2})")
_RATE = ("endpoint", "months", "percent")
_ENDPOINTS = ((Endpoint.OVERALL_SURVIVAL.value, "OS"), (Endpoint.PROGRESSION_FREE_SURVIVAL.value, "PFS"))


def _rate_order(item: tuple[str, Any]) -> tuple[str, int]:
    endpoint, months = item[0].split("-")
    return endpoint, int(months)


def _figure() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "decimal", "class": "figure"})


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
