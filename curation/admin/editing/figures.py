"""The figures of a cohort among the fields of its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from django import forms

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


def figure_fields() -> dict[str, forms.Field]:
    """A field for each figure, and one for its interval, by the keys of the files, in the order of the rows."""
    fields: dict[str, forms.Field] = {}
    for figures in _rows().values():
        for figure in figures:
            fields[figure.key] = _FIELDS[figure.kind](label=figure.with_unit(figure.short), help_text=figure.help)
            if figure.has_interval:
                label = figure.with_unit(f"{figure.short}, interval")
                fields[f"{figure.key}_ci"] = IntervalField(label=label, help_text=figure.interval_help)
    return fields


def figure_groups() -> tuple[Group, ...]:
    """The groups in which they stand, each figure before its interval."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    for (title, _number), figures in _rows().items():
        # The level closes its row: it is filled in the least often.
        in_order = sorted(figures, key=lambda figure: figure.kind == "level")
        groups.setdefault(title, []).append(tuple(key for figure in in_order for key in figure.keys))
    return tuple(Group(title, tuple(rows)) for title, rows in groups.items())


def _rows() -> dict[tuple[str, int], list[CohortFigure]]:
    """The figures by group and row, groups in the order in which the list of figures comes to them."""
    titles = list(dict.fromkeys(figure.row[0] for figure in COHORT_FIGURES))
    rows: dict[tuple[str, int], list[CohortFigure]] = {}
    for figure in sorted(COHORT_FIGURES, key=lambda figure: (titles.index(figure.row[0]), figure.row[1])):
        rows.setdefault(figure.row, []).append(figure)
    return rows
