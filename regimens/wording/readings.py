"""Who read which figure, and where two read differently, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from display.numbers import number, percent
from regimens.models.choices import ReadingKind
from regimens.models.cohort_figures import COHORT_FIGURES
from regimens.rules.readings import (
    FIGURES,
    RATE,
    SHOWN_TOGETHER,
    State,
    kind_of,
    state_of_publication,
    state_of_result,
    states_of,
)

from .citations import Link, link_to

# Where the figures were read, and whether by one reader or by two who agree.
READ: Mapping[State, Mapping[str, Any]] = {
    "once": {
        "fulltext": gettext_lazy("read once, in the full text"),
        "abstract": gettext_lazy("read once, in the abstract"),
        "secondary": gettext_lazy("read once, in another paper’s account"),
    },
    "partly": {
        "fulltext": gettext_lazy("read twice in part, in the full text"),
        "abstract": gettext_lazy("read twice in part, in the abstract"),
        "secondary": gettext_lazy("read twice in part, in another paper’s account"),
    },
    "twice": {
        "fulltext": gettext_lazy("read twice, in the full text"),
        "abstract": gettext_lazy("read twice, in the abstract"),
        "secondary": gettext_lazy("read twice, in another paper’s account"),
    },
    "settled": {
        "fulltext": gettext_lazy("read twice, decided where readings differed, in the full text"),
        "abstract": gettext_lazy("read twice, decided where readings differed, in the abstract"),
        "secondary": gettext_lazy("read twice, decided where readings differed, in another paper’s account"),
    },
    "differ": {
        "fulltext": gettext_lazy("readings differ; read in the full text"),
        "abstract": gettext_lazy("readings differ; read in the abstract"),
        "secondary": gettext_lazy("readings differ; read in another paper’s account"),
    },
}
# The same of one figure.
FIGURE_READ: Mapping[State, Any] = {
    "once": gettext_lazy("read once"),
    "partly": gettext_lazy("read twice in part"),
    "twice": gettext_lazy("read twice"),
    "settled": gettext_lazy("decided between two readings"),
    "differ": gettext_lazy("readings differ"),
}
READ_IN: Mapping[str, Any] = {
    "fulltext": gettext_lazy("in the full text"),
    "abstract": gettext_lazy("in the abstract"),
    "secondary": gettext_lazy("in another paper’s account"),
}


_NAMES: Mapping[str, Any] = {figure.key: figure.name for figure in COHORT_FIGURES}


def how_read(publication: Mapping[str, Any]) -> str:
    """Where the pooled figures were read, and whether a second reader read the same."""
    return _read_as(state_of_publication(publication), publication)


def how_result_was_read(publication: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """The same of the figures of one cohort."""
    return _read_as(state_of_result(publication, result), publication)


def _read_as(state: State, publication: Mapping[str, Any]) -> str:
    return _("not read") if state == "none" else str(READ[state][publication["verified"]])


def disputes(publication: Mapping[str, Any], result: Mapping[str, Any], outcome: str = "") -> Iterator[str]:
    """The figures of a cohort, or of one outcome of it, on which readers differ, each with both values, in words."""
    if not result.get("readings"):
        return
    for one in states_of(publication, result).values():
        if outcome and one.name not in SHOWN_TOGETHER.get(outcome, (outcome,)):
            continue
        for reading in one.differing:
            yield _("Readings differ, %(figure)s: %(recorded)s on record, %(read)s in the second reading") % {
                "figure": figure_name(one.name),
                "recorded": figure_text(one.name, one.value),
                "read": figure_text(one.name, reading["figures"][one.name]),
            }


@dataclass(frozen=True)
class WhoRead:
    """A reading of a cohort's figures that is on record: as what, by whom, when, where, in what, and the figures."""

    read_as: str
    by: str
    on: str
    source: Link
    read_in: str
    figures: tuple[tuple[str, str], ...]


def who_read(result: Mapping[str, Any]) -> tuple[WhoRead, ...]:
    """The readings of a result that are on record, in their order; of others it is not known who made them."""
    return tuple(
        WhoRead(
            read_as=str(ReadingKind(reading["kind"]).label),
            by=reading["by"],
            on=date_format(date.fromisoformat(reading["on"])),
            source=link_to(reading["at"], reading["at"]) or Link(reading["at"], ""),
            read_in=str(READ_IN[reading["how"]]),
            figures=tuple(
                (figure_name(name), figure_text(name, reading["figures"][name]))
                for name in sorted(reading["figures"], key=in_reading_order)
            ),
        )
        for reading in result.get("readings") or ()
    )


def readers(result: Mapping[str, Any]) -> tuple[str, ...]:
    """Who read a cohort's figures and when, a line for each reading on record."""
    return tuple(
        _("%(kind)s: %(name)s, %(day)s") % {"kind": one.read_as, "name": one.by, "day": one.on}
        for one in who_read(result)
    )


def in_reading_order(name: str) -> tuple[int, str]:
    """Figures in the order in which a paper is read, rates last."""
    return (list(FIGURES).index(name) if name in FIGURES else len(FIGURES), name)


def figure_name(name: str) -> str:
    """What a figure of a cohort is called on a page."""
    if rate := RATE.fullmatch(name):
        return _("%(endpoint)s at %(months)s mo") % {
            "endpoint": abbreviation(rate["endpoint"]),
            "months": rate["months"],
        }
    base, _bar, end = name.rpartition("_")
    if end == "low":
        return _("%(figure)s, lower bound") % {"figure": abbreviation(base)}
    if end == "high":
        return _("%(figure)s, upper bound") % {"figure": abbreviation(base)}
    return abbreviation(name)


def abbreviation(name: str) -> str:
    """A figure or an endpoint as tables call it: "PFS", and as it is on record where they have no name for it."""
    return str(_NAMES.get(name) or name.upper())


def figure_text(name: str, value: float | None) -> str:
    """A figure of a cohort as a page says it, with its unit."""
    if value is None:
        return _("not given")
    kind = kind_of(name)
    if kind == "months":
        return _("%(figure)s mo") % {"figure": number(value)}
    return number(value) if kind == "count" else percent(value)
