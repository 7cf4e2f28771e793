"""What the validation of a release warns the person of who publishes it (METHOD, section 13).

Plain values in, plain values out. The words are in English, as the evidence base is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from regimens.rules.validation import ERRORS_TO_DEMONSTRATE, LEAST_COVERAGE, WATCHED
from regimens.wording.readings import figure_name
from staff.english import said_in_english


@said_in_english
def warnings_of(validation: Mapping[str, Any]) -> tuple[str, ...]:
    """For each outcome that is warned of, by name, why; of a validation as a release stores it."""
    rows = {(row["design"], row["outcome"], row["selection"]): row for row in validation["table"]}
    return tuple(
        f"{_capitalised(figure_name(outcome))}: {'; '.join(_reasons(rows['leave-one-study-out', outcome, 'all']))}."
        for outcome in WATCHED
        if outcome in validation["warnings"]
    )


def _reasons(row: Mapping[str, Any]) -> Iterator[str]:
    if row["coverage"] < LEAST_COVERAGE:
        yield (
            f"of {row['targets']} figures held out, only {row['inside']} ({100 * row['coverage']:.0f} %) fell inside "
            f"their 95 % interval, fewer than {100 * LEAST_COVERAGE:.0f} %"
        )
    if row["gain"] < -ERRORS_TO_DEMONSTRATE * row["standard_error"]:
        yield (
            f"{row['targets']} figures held out were predicted worse than by the benchmark alone: a gain of "
            f"{row['gain']:.2f} a figure, with a standard error of {row['standard_error']:.2f}"
        )


def _capitalised(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
