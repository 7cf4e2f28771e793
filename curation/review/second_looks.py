"""What deserves a second look in one entry, while it is typed and where it is decided on: nothing of it is forbidden.

Figures that look like another unit, by one table for forms, proposals and releases; and prose that quotes a figure
which a change makes another. Documents in, plain values out; the words are in English, as the evidence base is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regimens.models.cohort_figures import COHORT_FIGURES
from regimens.rules.patient import FEATURES, looks_like
from regimens.rules.readings import figures_of, kind_of, paired
from regimens.wording.readings import figure_name, figure_text

Content = Mapping[str, Any]

LEAST_PERCENT_OF_A_PATIENT = 50  # a rate of one patient stands for half of one at least, however it was rounded
FRACTION_UP_TO = 1.0  # of a percentage: 0.25 is in all likelihood 25 %
# Medians longer than the longest that was printed of these tumours, in months: weeks or days, in all likelihood.
LONGEST_MEDIANS: Mapping[str, float] = {"pfs": 60, "os": 120, "dor": 120}
HIGHEST_RATIO = 10  # the highest hazard ratio that is held is 4.2
PERCENTAGES = {"orr": "evaluable", "dcr": "evaluable", "grade3": "n"}  # each with the figure that it is of


@dataclass(frozen=True)
class SecondLook:
    """Where something is odd, as in the shape of a file such as `results[0].orr`, and what."""

    place: str
    text: str


def second_looks(kind: str, before: Content | None, after: Content | None, base: Mapping[str, Any]) -> list[SecondLook]:
    """Of one entry as it would be, on the lists of an evidence base by kind and key."""
    if after is None:
        return []
    criteria = [SecondLook(place, text) for place, text in odd_criteria(after)]
    if kind != "publications":
        return criteria
    found = [
        SecondLook(f"results[{index}].{figure}", text)
        for index, result in enumerate(after["results"])
        for figure, text in odd_figures(result)
    ]
    return [*found, *criteria, *stale_quotes(before, after, base)]


def odd_criteria(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """The numbers of criteria that are probably of another unit, by the table that patients' values are judged by."""
    if isinstance(value, Mapping):
        feature = value.get("feature")
        for name, one in value.items():
            number = isinstance(one, int | float) and not isinstance(one, bool)
            if number and isinstance(feature, str) and (other := looks_like(feature, one)):
                yield place, f"{FEATURES[feature].label} {one:g}: the number looks like {other.worded()}"
            yield from odd_criteria(one, f"{place}.{name}" if place and feature is None else place or str(name))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from odd_criteria(one, f"{place}[{index}]")


def odd_figures(result: Content) -> Iterator[tuple[str, str]]:
    """The figures of a cohort that are allowed, and were probably written in another unit or stand for none."""
    n = result.get("n")
    evaluable = result["evaluable"] if result.get("evaluable") is not None else n
    patients = {name: n if of == "n" else evaluable for name, of in PERCENTAGES.items()}
    rates = {name: result.get(name) for name in patients}
    rates |= {f"rates.{name}": percent for name, percent in (result.get("rates") or {}).items()}
    for figure, percent in rates.items():
        among = patients.get(figure)
        is_of_nobody = bool(among and percent and percent * among < LEAST_PERCENT_OF_A_PATIENT)
        if is_of_nobody or (percent and percent < FRACTION_UP_TO):
            whose = f" of {among}, less than one patient" if is_of_nobody else ""
            name = figure_name(figure.removeprefix("rates."))
            yield figure, f"{name} {percent:g} %{whose}: a fraction in place of a percentage?"
    for figure, longest in LONGEST_MEDIANS.items():
        months = result.get(figure)
        if months == 0:
            yield figure, f"{figure_name(figure)} of 0 months: one that was not given or not reached is left empty"
        elif months is not None and months > longest:
            yield figure, f"{figure_name(figure)} of {months:g} months: weeks or days in place of months?"
    ratio = (result.get("hr") or {}).get("value")
    if ratio == 0:
        yield "hr", "HR of 0: one that was not given is left empty"
    elif ratio is not None and ratio > HIGHEST_RATIO:
        yield "hr", f"HR of {ratio:g}: percent in place of a ratio?"
    for count in ("n", "evaluable"):
        if result.get(count) == 0:
            yield count, "0 patients: a number that was not given is left empty"


def stale_quotes(before: Content | None, after: Content, base: Mapping[str, Any]) -> Iterator[SecondLook]:
    """Prose that gives a figure as it was, where a change makes it another: in the entry, and in indications on it."""
    if before is None:
        return
    changed = list(_changed(before, after))
    if not changed:
        return
    prose = [*_prose_of(after), *_prose_on(after["key"], base)]
    for name, was, becomes in changed:
        for place, text in prose:
            if _quotes(text, name, was) and not _quotes(text, name, becomes):
                then, now = figure_text(name, was), "nothing" if becomes is None else figure_text(name, becomes)
                yield SecondLook(
                    place, f"still gives {figure_name(name)} as {then}, which becomes {now}: “{_around(text, was)}”"
                )


def _changed(before: Content, after: Content) -> Iterator[tuple[str, float, float | None]]:
    """The rates and medians that a change makes others, each once; a count in prose may be of anything."""
    told = set()
    for place, result in zip(paired(before["results"], after["results"]), after["results"], strict=True):
        if place is None:
            continue
        now = figures_of(result)
        for name, was in figures_of(before["results"][place]).items():
            if was is None or now.get(name) == was or name not in _QUOTED or (name, was) in told:
                continue
            told.add((name, was))
            yield name, was, now.get(name)


_QUOTED = {figure.key for figure in COHORT_FIGURES if figure.kind in ("percent", "months")}


def _prose_of(publication: Content) -> Iterator[tuple[str, str]]:
    for index, text in enumerate(publication["findings"]):
        yield f"findings[{index}]", text
    for index, result in enumerate(publication["results"]):
        yield f"results[{index}].note", result["note"] or ""
    yield "doubts", publication["doubts"] or ""
    yield "study.population", (publication["study"] or {}).get("population") or ""


def _prose_on(key: str, base: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What indications say on the word of a publication."""
    held: Any = base.get("indications", {})
    rows: Sequence[Content] = list(held.values()) if isinstance(held, Mapping) else held
    for row in rows:
        if f"publication:{key}" in row["sources"]:
            yield f"indication {row['key']}, rationale", row["rationale"]


def _quotes(text: str, name: str, value: float | None) -> bool:
    return value is not None and _pattern(name, value).search(text) is not None


def _pattern(name: str, value: float) -> re.Pattern[str]:
    """A number with its unit; one with decimals may stand alone."""
    whole, _, decimals = f"{value:g}".partition(".")
    written = rf"(?<![\d.,·]){whole}[.,·]{decimals}" if decimals else rf"(?<![\d.,·]){whole}(?:[.,·]0)?"
    unit = r"\s*%" if kind_of(name) == "percent" else r"\s*(?:months?|mo\b)"
    return re.compile(rf"{written}(?![\d])(?![.,·]\d)" + ("" if decimals else unit))


def _around(text: str, value: float) -> str:
    start = max(0, text.find(f"{value:g}".partition(".")[0]) - 30)
    return f"{'…' if start else ''}{text[start : start + 80].strip()}{'…' if len(text) > start + 80 else ''}"
