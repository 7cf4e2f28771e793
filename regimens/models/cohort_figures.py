"""The figures of a cohort, each declared once: its key, its column, its range, and what it is called where.

What kind of figure each is, and which have a confidence interval, is in `regimens.rules.readings`, since rules know no
models. Shapes of files, columns, spreadsheets, forms, differences, pages and downloads follow from this list: a figure
that is added here and there needs a migration besides, and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regimens.rules.readings import INTERVALS, POINTS, Kind, kind_of, with_bounds

from .choices import ConfidenceLevel

MOST_PATIENTS = 1_000_000
LONGEST_MONTHS = 200

# The highest that a figure may be, by its kind, each from 0; and the same in words.
HIGHEST: Mapping[str, float] = MappingProxyType({"count": MOST_PATIENTS, "percent": 100, "months": LONGEST_MONTHS})
RANGES: Mapping[str, str] = MappingProxyType(
    {
        "level": "80, 90 or 95",
        "count": f"a whole number from 0 to {MOST_PATIENTS}",
        "percent": "a percentage from 0 to 100",
        "months": f"months from 0 to {LONGEST_MONTHS}",
    }
)
_UNITS: Mapping[str, str] = MappingProxyType({"percent": "%", "months": "months"})


@dataclass(frozen=True)
class CohortFigure:
    """One figure of a cohort. Each name is without its unit, which is written behind it.

    key            in the evidence files; an interval is at `key_ci`
    column         of the model; the bounds of an interval are in `column_low` and `column_high`
    name           on a page
    called         where a change to it is told
    asked          of the second reader
    short, help    over and beside its field when an entry is edited; `interval_help` beside that of its interval
    row            the group of the entry's form in which it stands, and its row there
    column_help    beside it among the rows of the evidence base
    """

    key: str
    column: str
    name: Any
    called: str
    asked: Any
    short: str | Promise
    help: str | Promise
    row: tuple[str, int]
    interval_help: str | Promise = ""
    column_help: str | Promise = ""

    @property
    def kind(self) -> Kind | Literal["rates"]:
        return POINTS.get(self.key, "rates")

    @property
    def is_number(self) -> bool:
        """Whether it is one number of its own: neither the level of other figures' intervals, nor rates by month."""
        return self.kind in HIGHEST

    @property
    def has_interval(self) -> bool:
        return self.key in INTERVALS

    @property
    def keys(self) -> tuple[str, ...]:
        """Its key and that of its interval."""
        return (self.key, f"{self.key}_ci") if self.has_interval else (self.key,)

    @property
    def bounds(self) -> tuple[str, ...]:
        """The names of the bounds of its interval where each stands by itself, as in a spreadsheet."""
        return with_bounds(self.key)[1:]

    @property
    def bound_columns(self) -> tuple[str, ...]:
        return (f"{self.column}_low", f"{self.column}_high") if self.has_interval else ()

    @property
    def unit(self) -> str:
        """The unit of its kind: empty for counts."""
        return _UNITS.get(self.kind, "")

    def with_unit(self, name: str) -> str:
        """A name of it as the label of a field."""
        return f"{name}, {self.unit}" if self.unit else name


COHORT_FIGURES = (
    CohortFigure(
        "n",
        "patients",
        _("Patients"),
        called="patients",
        asked=_("Patients analysed"),
        short=_("Patients analysed"),
        help=_("Of this arm or subgroup, not of the study."),
        row=("Response", 0),
        column_help=_("Analysed."),
    ),
    CohortFigure(
        "evaluable",
        "evaluable",
        _("Evaluable for response"),
        called="evaluable",
        asked=_("Evaluable for response"),
        short=_("Evaluable"),
        help=_("The denominator of the response rate."),
        row=("Response", 0),
        column_help=_("Denominator of the response rate."),
    ),
    CohortFigure(
        "responders",
        "responders",
        _("Responders"),
        called="responders",
        asked=_("Responders (complete and partial)"),
        short=_("Responders"),
        help=_("Complete and partial responses, as a count."),
        row=("Response", 0),
        column_help=_("Complete and partial responses."),
    ),
    CohortFigure(
        "orr",
        "objective_response_rate",
        _("ORR"),
        called="response rate",
        asked=_("Response rate"),
        short=_("ORR"),
        help=_("As printed; within 1.6 points of responders by evaluable."),
        row=("Response", 0),
        interval_help=_("Confidence interval, low to high."),
    ),
    CohortFigure(
        "ci_level",
        "confidence_level",
        _("Level of the intervals"),
        called="level of the intervals",
        asked=_("Level of the intervals"),
        short=_("Level of intervals"),
        help=_("Only where the intervals of this cohort are not 95 % ones."),
        row=("Response", 1),
        column_help=_("Percent, where it is not 95."),
    ),
    CohortFigure(
        "dcr",
        "disease_control_rate",
        _("DCR"),
        called="disease control rate",
        asked=_("Disease control rate"),
        short=_("DCR"),
        help=_("Disease control rate: responses and stable disease."),
        row=("Response", 1),
    ),
    CohortFigure(
        "pfs",
        "progression_free_survival",
        _("PFS"),
        called="median PFS",
        asked=_("PFS, median"),
        short=_("PFS"),
        help=_("Median progression-free survival; weeks divided by 4.345. Empty: not given or not reached."),
        row=("Survival", 0),
        interval_help=_("An upper bound that was not reached stays empty."),
    ),
    CohortFigure(
        "os",
        "overall_survival",
        _("OS"),
        called="median OS",
        asked=_("OS, median"),
        short=_("OS"),
        help=_("Median overall survival; weeks divided by 4.345. Empty: not given or not reached."),
        row=("Survival", 0),
        interval_help=_("An upper bound that was not reached stays empty."),
    ),
    CohortFigure(
        "dor",
        "duration_of_response",
        _("DOR"),
        called="median duration of response",
        asked=_("Duration of response, median"),
        short=_("DoR"),
        help=_("Median duration of response."),
        row=("Response", 1),
    ),
    # Several, each by its endpoint and month, with rows of their own: SurvivalRate.
    CohortFigure(
        "rates",
        "",
        "",
        called="survival rates",
        asked="",
        short=_("Survival rates"),
        help=_("Percent alive (OS) or free of progression (PFS) after so many months."),
        row=("Survival", 1),
    ),
    CohortFigure(
        "grade3",
        "grade3_events",
        _("Grade 3+"),
        called="patients with an event of grade 3 or worse",
        asked=_("Patients with a treatment-related event of grade 3 or worse"),
        short=_("Grade ≥ 3"),
        help=_("Patients with a treatment-related event of grade 3 or worse."),
        row=("Toxicity", 0),
        column_help=_("Patients with a treatment-related event of grade 3 or worse."),
    ),
    CohortFigure(
        "deaths",
        "treatment_related_deaths",
        _("Treatment-related deaths"),
        called="treatment-related deaths",
        asked=_("Treatment-related deaths"),
        short=_("Toxic deaths"),
        help=_("Treatment-related deaths, as a count."),
        row=("Toxicity", 0),
    ),
)
NUMBERS = tuple(figure for figure in COHORT_FIGURES if figure.is_number)
WITH_INTERVAL = tuple(figure for figure in COHORT_FIGURES if figure.has_interval)


def is_allowed(name: str, figure: float) -> bool:
    """Whether a figure of a cohort may have a value."""
    kind = kind_of(name)
    if not math.isfinite(figure):
        return False
    if kind == "level":
        return figure in ConfidenceLevel.values
    if kind == "count" and not float(figure).is_integer():
        return False
    return 0 <= figure <= HIGHEST[kind or "months"]


def range_of(name: str) -> str:
    """What a figure of a cohort may be, in words."""
    return RANGES[kind_of(name) or "percent"]
