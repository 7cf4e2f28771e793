"""An estimate in words, and drawn: the figure with its interval, what it rests on, and what was published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from display.cache import generation
from display.drawings import Interval, beside_mark, interval_mark
from display.numbers import in_percent, number
from display.numbers import interval as interval_words
from display.numbers import percent as percentage
from regimens.models.choices import Histology
from regimens.rules.evidence import MEDIANS, OUTCOMES, Benchmark, Outcome
from regimens.rules.knowledge import USUAL_CI_LEVEL, Knowledge

from .citations import arm_words, citation
from .cohorts import BORROWED_FROM
from .outcomes import OUTCOME_TITLES, SHORT_TITLES, figure, not_demonstrated, patients, percent, studies
from .readings import disputes

# Where the axes of the ranking's rows end, the same for every patient, so that two can be compared.
AXIS_MAXIMA: Mapping[Outcome, float] = {"orr": 0.75, "pfs": 9, "os": 24, "grade3": 1}


class Estimated(Protocol):
    """An estimate as the rules make it or as a stored ranking has it: a fraction or months, with a 95 % interval."""

    @property
    def estimate(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def effective_patients(self) -> float: ...
    @property
    def studies(self) -> int: ...
    @property
    def benchmark_share(self) -> float: ...
    @property
    def response(self) -> float | None: ...


@dataclass(frozen=True)
class PublishedWords:
    """What the cohort behind an estimate reported, which stands beside it and never in its place.

    number     the figure under a title that names months: "18 %", "8.9"
    with_unit  the same where nothing else names its unit: "8.9 mo"
    interval   as published, its level named where it is not 95 %; "" where none was
    size       how many patients it is of
    borrowed   from what other disease it comes; "" for NEC
    citation   of the publication, whose key is `key`; who: arm and subgroup, in English
    disputed   where two who read the paper differ on it, in words
    drawn      the figure and its interval as a fraction or months, for a drawing
    """

    number: str
    with_unit: str
    interval: str
    size: str
    borrowed: str
    citation: str
    key: str
    who: str
    disputed: tuple[str, ...]
    drawn: Interval

    @property
    def in_one(self) -> str:
        """The figure, its interval, its patients and whose disease it was."""
        figure = f"{self.with_unit} ({self.interval})" if self.interval else self.with_unit
        words = _("%(figure)s in %(patients)s") % {"figure": figure, "patients": self.size}
        return f"{words}, {self.borrowed}" if self.borrowed else words


@dataclass(frozen=True)
class EstimateWords:
    """An estimate as every place says it; a place takes what it has room for.

    figure, low, high   without a unit: per cent or months
    has_data            false where no cohort speaks for the outcome: the figures are the benchmark's, which for a
                        median the response rate moves
    effective           effective patients, from so many `studies`
    benchmark_share     how much of the estimate is the benchmark, in words
    response            by what factor the response rate has moved a median; "" for a rate
    mark                that the outcome is not demonstrated; "" where it is
    published           None without data
    """

    outcome: Outcome
    figure: str
    low: str
    high: str
    has_data: bool
    effective: int
    studies: int
    benchmark_share: str
    response: str = ""
    mark: str = ""
    published: PublishedWords | None = None

    @cached_property
    def title(self) -> str:
        """The outcome, with months where these are its unit."""
        return str(OUTCOME_TITLES[self.outcome])

    @property
    def short_title(self) -> str:
        return str(SHORT_TITLES[self.outcome])

    @cached_property
    def number(self) -> str:
        """The figure under a title that names months."""
        return self.figure if self.outcome in MEDIANS else in_percent(self.figure)

    @property
    def number_with_unit(self) -> str:
        """The figure where nothing else names its unit."""
        return _("%(figure)s mo") % {"figure": self.figure} if self.outcome in MEDIANS else self.number

    @property
    def number_written_out(self) -> str:
        """The same in a document, where the unit is written out."""
        return f"{self.figure}\N{NO-BREAK SPACE}{_('months')}" if self.outcome in MEDIANS else self.number

    @cached_property
    def interval(self) -> str:
        return f"{self.low}–{self.high}"

    @property
    def response_words(self) -> str:
        """What of a median the response rate has done; "" for a rate."""
        return _("adjusted for its response rate: %(factor)s") % {"factor": self.response} if self.response else ""

    @property
    def basis(self) -> str:
        """What it rests on: effective patients, studies, and how much of it is the benchmark."""
        words = ngettext(
            "%(count)d effective patient in %(studies)s, %(share)s benchmark",
            "%(count)d effective patients in %(studies)s, %(share)s benchmark",
            self.effective,
        )
        return words % {"count": self.effective, "studies": studies(self.studies), "share": self.benchmark_share}


@dataclass(frozen=True)
class Mark:
    """An estimate beside its drawing on an axis that several share."""

    words: EstimateWords
    drawing: SafeString


def estimate_words(
    outcome: Outcome, estimate: Estimated, *, demonstrated: bool = True, published: PublishedWords | None = None
) -> EstimateWords:
    """`demonstrated`: whether the outcome was shown to tell regimens apart (METHOD, section 13)."""
    factor = estimate.response
    return EstimateWords(
        outcome=outcome,
        figure=figure(outcome, estimate.estimate),
        low=figure(outcome, estimate.low),
        high=figure(outcome, estimate.high),
        has_data=estimate.studies > 0,
        effective=round(estimate.effective_patients),
        studies=estimate.studies,
        benchmark_share=percent(estimate.benchmark_share),
        response="" if factor is None else f"×\N{NO-BREAK SPACE}{number(factor, '.2f')}",
        mark="" if demonstrated else not_demonstrated(),
        published=published,
    )


def estimates_in_words(
    estimates: Mapping[Outcome, Estimated],
    demonstrated: Mapping[Outcome, bool],
    published: Mapping[Outcome, PublishedWords],
) -> Iterator[EstimateWords]:
    """Those of one option, in the order in which every place has them."""
    for outcome in OUTCOMES:
        if outcome in estimates:
            yield estimate_words(
                outcome,
                estimates[outcome],
                demonstrated=demonstrated[outcome],
                published=published.get(outcome),
            )


def published_words(outcome: Outcome, key: str, index: int, knowledge: Knowledge) -> PublishedWords:
    """What a cohort, by its publication and its place there, reported of an outcome (METHOD, section 8)."""
    kept: dict[tuple[object, ...], PublishedWords] = knowledge.tables.setdefault(PublishedWords, {})
    asked = (outcome, key, index, get_language(), generation())
    if asked not in kept:
        kept[asked] = _published_in_words(outcome, key, index, knowledge)
    return kept[asked]


def _published_in_words(outcome: Outcome, key: str, index: int, knowledge: Knowledge) -> PublishedWords:
    publication = knowledge.publications[key]
    result = publication["results"][index]
    histology = {**publication["study"], **(result.get("population") or {})}["histology"]
    figure, size = _as_published(outcome, result)
    low, high = result.get(f"{outcome}_ci") or (None, None)
    bounds = interval_words(low, high)
    level = result.get("ci_level") or USUAL_CI_LEVEL
    if bounds and level != USUAL_CI_LEVEL:
        bounds = _("%(level)s %% CI %(bounds)s") % {"level": level, "bounds": bounds}
    scale = 1 if outcome in MEDIANS else 100
    drawn = Interval(
        _value(outcome, result) / scale,
        None if low is None else low / scale,
        None if high is None else high / scale,
    )
    return PublishedWords(
        number=figure,
        with_unit=_("%(figure)s mo") % {"figure": figure} if outcome in MEDIANS else figure,
        interval=bounds,
        size=size,
        borrowed="" if histology == Histology.NEC else str(BORROWED_FROM[histology]),
        citation=citation(publication),
        key=key,
        who=arm_words(result),
        disputed=tuple(disputes(publication, result, outcome)),
        drawn=drawn,
    )


def _value(outcome: Outcome, result: Mapping[str, Any]) -> float:
    """The figure itself, a rate in per cent: what was counted before what was rounded."""
    if outcome == "orr" and result["responders"] is not None and result["evaluable"]:
        return 100 * float(result["responders"]) / float(result["evaluable"])
    return float(result[outcome])


def _as_published(outcome: Outcome, result: Mapping[str, Any]) -> tuple[str, str]:
    """The figure, and of how many patients it is: for a response rate of those who could be evaluated."""
    count = result["n"] if result["n"] is not None else result["evaluable"]
    if outcome in MEDIANS:
        return number(result[outcome]), patients(count)
    if outcome == "orr":
        evaluable, responders = result["evaluable"], result["responders"]
        if responders is not None and evaluable:
            words = _("%(events)d of %(patients)s") % {"events": responders, "patients": patients(evaluable)}
            return percentage(100 * responders / evaluable, ".0f"), words
        return percentage(result["orr"]), patients(evaluable or count)
    return percentage(result[outcome]), patients(count)


def drawn_beside(words: EstimateWords, estimate: Estimated, benchmark: Benchmark) -> SafeString:
    """What was published above the estimate, on an axis that is the same for every option and every patient."""
    return beside_mark(
        words.published.drawn if words.published else None,
        Interval(estimate.estimate, estimate.low, estimate.high) if words.has_data else None,
        benchmark=benchmark.typical(words.outcome),
        ceiling=AXIS_MAXIMA[words.outcome],
    )


def mark_of(words: EstimateWords, estimate: Estimated, benchmark: Benchmark, ends: Mapping[Outcome, float]) -> Mark:
    """The estimate drawn on the axis of its outcome, which ends at one of `ends`, beside the benchmark."""
    drawing = interval_mark(
        low=estimate.low,
        median=estimate.estimate,
        high=estimate.high,
        benchmark=benchmark.typical(words.outcome),
        ceiling=ends[words.outcome],
        has_data=words.has_data,
    )
    return Mark(words, drawing)
