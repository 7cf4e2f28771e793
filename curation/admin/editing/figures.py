"""The figures of a cohort among the fields of its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_lazy

from regimens.models.choices import ConfidenceLevel
from regimens.models.cohort_figures import COHORT_FIGURES, CohortFigure

from .editor import Group
from .fields import CountField, FigureField, IntervalField, PickNumber, RatesField

_FIELDS: Mapping[str, Callable[..., forms.Field]] = {
    "count": CountField,
    "percent": FigureField,
    "months": FigureField,
    "level": partial(PickNumber, ConfidenceLevel.choices),
    "rates": RatesField,
}


# Of the groups, by their names in the list of figures.
_TITLES = {
    "Response": gettext_lazy("Response"),
    "Survival": gettext_lazy("Survival"),
    "Toxicity": gettext_lazy("Toxicity"),
}


def _label_now(figure: CohortFigure, *, is_interval: bool = False) -> str:
    name = str(figure.short)
    if is_interval:
        name = gettext("%(figure)s, interval") % {"figure": name}
    if figure.unit == "months":
        return gettext("%(figure)s, months") % {"figure": name}
    return figure.with_unit(name)


_label = lazy(_label_now, str)


def figure_fields() -> dict[str, forms.Field]:
    """A field for each figure, and one for its interval, by the keys of the files, in the order of the rows."""
    fields: dict[str, forms.Field] = {}
    for figures in _rows().values():
        for figure in figures:
            fields[figure.key] = _FIELDS[figure.kind](label=_label(figure), help_text=figure.help)
            if figure.has_interval:
                label = _label(figure, is_interval=True)
                fields[f"{figure.key}_ci"] = IntervalField(label=label, help_text=figure.interval_help)
    return fields


def figure_groups() -> tuple[Group, ...]:
    """The groups in which they stand, each figure before its interval."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    for (title, _number), figures in _rows().items():
        # The level closes its row: it is filled in the least often.
        in_order = sorted(figures, key=lambda figure: figure.kind == "level")
        groups.setdefault(title, []).append(tuple(key for figure in in_order for key in figure.keys))
    return tuple(Group(_TITLES[title], tuple(rows)) for title, rows in groups.items())


def _rows() -> dict[tuple[str, int], list[CohortFigure]]:
    """The figures by group and row, groups in the order in which the list of figures comes to them."""
    titles = list(dict.fromkeys(figure.row[0] for figure in COHORT_FIGURES))
    rows: dict[tuple[str, int], list[CohortFigure]] = {}
    for figure in sorted(COHORT_FIGURES, key=lambda figure: (titles.index(figure.row[0]), figure.row[1])):
        rows.setdefault(figure.row, []).append(figure)
    return rows
