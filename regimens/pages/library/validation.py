"""How well the estimates of a release predict figures that were held out, as it was computed when it was published.

Source: METHOD, section 13. Everything here comes from the release; a release of the first edition holds none of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from display.numbers import interval, number, percent
from display.plots import Axis, Point, scatter
from regimens.rules.evidence import OUTCOMES, RATES, Outcome
from regimens.rules.knowledge import Knowledge
from regimens.rules.validation import (
    DESIGNS,
    ERRORS_TO_DEMONSTRATE,
    FEWEST_TO_DEMONSTRATE,
    FORWARD_FROM_YEAR,
    LEAST_COVERAGE,
    SELECTIONS,
    Design,
    Prediction,
    Selection,
    Summary,
    Validation,
    plotted,
)
from regimens.wording.citations import arm_words, citation
from regimens.wording.outcomes import signed
from regimens.wording.sentences import ACTIVE

from .method import OUTCOME_NAMES

PLOTTED: Design = "leave-one-study-out"  # the design on which the words about an outcome rest

DESIGN_TITLES: Mapping[Design, Promise] = {
    "leave-one-study-out": gettext_lazy("Each study left out in turn"),
    "forward-in-time": gettext_lazy("Forward in time"),
}
DESIGN_NOTES: Mapping[Design, Promise] = {
    "leave-one-study-out": gettext_lazy("Predicted from every other study of the release, whatever its year."),
    "forward-in-time": gettext_lazy(
        "Predicted from studies of earlier years alone, for figures of %(year)s or later: what this method would have "
        "said before they were published."
    ),
}
SELECTION_WORDS: Mapping[Selection, Promise] = {
    "all": gettext_lazy("all"),
    "nec": gettext_lazy("NEC alone"),
    "all-informed": gettext_lazy("all, of regimens with another study"),
    "nec-informed": gettext_lazy("NEC alone, of regimens with another study"),
}
# Where the axes of medians may end, in months.
DOUBLINGS = tuple(2.0**power for power in range(-3, 8))
STEP = 0.2  # between the ticks of a rate's axis


@dataclass(frozen=True)
class SummaryRow:
    """A line of the table, in words and figures; "" for what could not be computed."""

    selection: str
    targets: str
    studies: str
    coverage: str
    score: str
    gain: str
    rank_correlation: str


@dataclass(frozen=True)
class OutcomeRows:
    outcome: str
    rows: tuple[SummaryRow, ...]


@dataclass(frozen=True)
class DesignTable:
    design: str
    title: str
    note: str
    outcomes: tuple[OutcomeRows, ...]


@dataclass(frozen=True)
class PointRow:
    """A figure held out, as in the plot.

    address       of its cohort on the page of its publication
    arm           in English, as the evidence base has it
    """

    citation: str
    address: str
    arm: str
    regimen: str
    slug: str
    observed: str
    predicted: str
    bounds: str
    benchmark: str
    inside: str
    informed: str


@dataclass(frozen=True)
class OutcomeValidation:
    """What is known of the predictions of one outcome: a sentence, warnings, the plot and the same as a table."""

    outcome: Outcome
    title: str
    sentence: str
    is_demonstrated: bool
    warnings: tuple[str, ...]
    unit: str
    plot: SafeString | str
    points: tuple[PointRow, ...]


@dataclass(frozen=True)
class ValidationPage:
    """least_coverage, errors and fewest are the bounds at which an outcome is warned of or called demonstrated."""

    outcomes: tuple[OutcomeValidation, ...]
    tables: tuple[DesignTable, ...]
    least_coverage: str
    errors: int
    fewest: int

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(warning for outcome in self.outcomes for warning in outcome.warnings)


def validation_in(knowledge: Knowledge) -> Validation | None:
    """The validation that a release holds; None where it was published without one."""
    found = knowledge.document.get("validation")
    if not found:
        return None
    predictions = tuple(Prediction(**row) for row in found["predictions"])
    return Validation(predictions, tuple(Summary(**row) for row in found["table"]))


def validation_page(knowledge: Knowledge) -> ValidationPage | None:
    """None where the release holds no validation."""
    validation = validation_in(knowledge)
    if validation is None:
        return None
    return ValidationPage(
        outcomes=tuple(_outcome(outcome, validation, knowledge) for outcome in OUTCOMES),
        tables=tuple(_table(design, validation) for design in DESIGNS),
        least_coverage=percent(100 * LEAST_COVERAGE, ".0f"),
        errors=ERRORS_TO_DEMONSTRATE,
        fewest=FEWEST_TO_DEMONSTRATE,
    )


def outcome_sentences(knowledge: Knowledge) -> tuple[tuple[str, str], ...]:
    """For each outcome its name and how good its predictions were; nothing where the release holds no validation."""
    validation = validation_in(knowledge)
    if validation is None:
        return ()
    return tuple((str(OUTCOME_NAMES[each]), validation.sentence(each).worded(ACTIVE)) for each in OUTCOMES)


def _outcome(outcome: Outcome, validation: Validation, knowledge: Knowledge) -> OutcomeValidation:
    title = str(OUTCOME_NAMES[outcome])
    unit = "%" if outcome in RATES else _("months")
    found = sorted(plotted(validation, PLOTTED, outcome), key=lambda each: (each.regimen, each.publication, each.index))
    rows = tuple(_point_row(each, knowledge) for each in found)
    return OutcomeValidation(
        outcome=outcome,
        title=title,
        sentence=validation.sentence(outcome).worded(ACTIVE),
        is_demonstrated=validation.demonstrated[outcome],
        warnings=tuple(_warnings(outcome, validation)),
        unit=unit,
        plot=_plot(outcome, found, rows) if found else "",
        points=rows,
    )


def _warnings(outcome: Outcome, validation: Validation) -> Iterator[str]:
    """What the person who publishes is warned of; nothing of an outcome that is not watched."""
    if outcome not in validation.warnings:
        return
    found = validation.summary(PLOTTED, outcome, "all")
    name = str(OUTCOME_NAMES[outcome])
    if found.coverage is not None and found.coverage < LEAST_COVERAGE:
        yield _(
            "%(outcome)s: %(share)s of the figures held out fell inside their 95 %% interval, fewer than %(least)s. "
            "The intervals are too narrow."
        ) % {
            "outcome": name,
            "share": percent(100 * found.coverage, ".0f"),
            "least": percent(100 * LEAST_COVERAGE, ".0f"),
        }
    if (
        found.gain is not None
        and found.standard_error is not None
        and found.gain < -ERRORS_TO_DEMONSTRATE * found.standard_error
    ):
        yield _("%(outcome)s: prediction was worse than the benchmark’s.") % {"outcome": name}


def _table(design: Design, validation: Validation) -> DesignTable:
    return DesignTable(
        design=design,
        title=str(DESIGN_TITLES[design]),
        note=str(DESIGN_NOTES[design]) % {"year": FORWARD_FROM_YEAR},
        outcomes=tuple(
            OutcomeRows(
                str(OUTCOME_NAMES[outcome]),
                tuple(_summary_row(validation.summary(design, outcome, selection)) for selection in SELECTIONS),
            )
            for outcome in OUTCOMES
        ),
    )


def _summary_row(found: Summary) -> SummaryRow:
    def written(value: float | None) -> str:
        return "" if value is None else signed(value, 2)

    coverage = ""
    if found.coverage is not None:
        coverage = _("%(inside)d of %(held)d, %(share)s") % {
            "inside": found.inside,
            "held": found.targets,
            "share": percent(100 * found.coverage, ".0f"),
        }
    gain = written(found.gain)
    if found.standard_error is not None:
        gain = f"{gain} ± {number(found.standard_error, '.2f')}"
    return SummaryRow(
        selection=str(SELECTION_WORDS[found.selection]),
        targets=str(found.targets),
        studies=str(found.studies),
        coverage=coverage,
        score=written(found.score),
        gain=gain,
        rank_correlation=written(found.rank_correlation),
    )


def _point_row(found: Prediction, knowledge: Knowledge) -> PointRow:
    publication = knowledge.publications[found.publication]
    outcome = found.outcome
    return PointRow(
        citation=citation(publication),
        address=f"{reverse('publication', args=[found.publication])}#cohort-{found.index}",
        arm=arm_words(publication["results"][found.index]),
        regimen=knowledge.regimens[found.regimen].name,
        slug=found.regimen,
        observed=_written(outcome, found.observed),
        predicted=_written(outcome, found.predicted),
        bounds=interval(*(_scaled(outcome, bound) for bound in (found.low, found.high)), _spec(outcome)),
        benchmark=_written(outcome, found.benchmark),
        inside=_("inside") if found.is_inside else _("outside"),
        informed=_("another study of the regimen") if found.is_informed else _("the benchmark alone"),
    )


def _plot(outcome: Outcome, found: Sequence[Prediction], rows: Sequence[PointRow]) -> SafeString:
    points = [
        Point(
            observed=each.observed,
            predicted=each.predicted,
            low=each.low,
            high=each.high,
            href=row.address,
            name=_name(outcome, row),
            is_inside=each.is_inside,
            is_filled=each.is_informed,
        )
        for each, row in zip(found, rows, strict=True)
    ]
    title = _("%(outcome)s: predicted against observed") % {"outcome": OUTCOME_NAMES[outcome]}
    if outcome in RATES:
        return scatter(points, _rate_axis(found), name=title, across=_("Observed, %"), up=_("Predicted, %"))
    across, up = _("Observed, months (log scale)"), _("Predicted, months (log scale)")
    return scatter(points, _median_axis(found), name=title, across=across, up=up)


def _name(outcome: Outcome, row: PointRow) -> str:
    """A point as it is read out."""
    words: dict[str, Any] = {
        "citation": row.citation,
        "regimen": row.regimen,
        "observed": row.observed,
        "predicted": row.predicted,
        "bounds": row.bounds,
        "inside": row.inside,
    }
    if outcome in RATES:
        message = _(
            "%(citation)s, %(regimen)s: observed %(observed)s %%, predicted %(predicted)s %% (%(bounds)s), %(inside)s"
        )
    else:
        message = _(
            "%(citation)s, %(regimen)s: observed %(observed)s, predicted %(predicted)s (%(bounds)s) months, %(inside)s"
        )
    return message % words


def _rate_axis(found: Sequence[Prediction]) -> Axis:
    highest = max(max(each.observed, each.high) for each in found)
    steps = max(math.ceil(round(highest / STEP, 9)), 1)
    ticks = tuple((STEP * step, number(100 * STEP * step, ".0f")) for step in range(steps + 1))
    return Axis(0, STEP * steps, ticks)


def _median_axis(found: Sequence[Prediction]) -> Axis:
    lowest = min(min(each.observed, each.low) for each in found)
    highest = max(max(each.observed, each.high) for each in found)
    low = max((end for end in DOUBLINGS if end <= lowest), default=DOUBLINGS[0])
    high = min((end for end in DOUBLINGS if end >= highest), default=DOUBLINGS[-1])
    ticks = tuple((end, number(end)) for end in DOUBLINGS if low <= end <= high)
    return Axis(low, high, ticks, is_log=True)


def _written(outcome: Outcome, value: float) -> str:
    return number(_scaled(outcome, value), _spec(outcome))


def _scaled(outcome: Outcome, value: float) -> float:
    return 100 * value if outcome in RATES else value


def _spec(outcome: Outcome) -> str:
    return ".0f" if outcome in RATES else ".1f"
