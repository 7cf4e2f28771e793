"""Trials that a patient may fit, as a screen names them: by the release that the case is frozen on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from boards.shown.stored_ranking import Frozen
from regimens.models.choices import TrialStatus
from regimens.rules.trials import fitting_trials

SHOWN = 3


@dataclass(frozen=True)
class TrialLine:
    """A trial; `is_open_question` where something it asks for is not known of the patient.

    seen_on   the day on which its state was looked up; None where that is not known
    """

    nct: str
    name: str
    status: str
    seen_on: date | None
    is_open_question: bool


@dataclass(frozen=True)
class TrialsShown:
    """The likeliest, and how many more there are."""

    lines: tuple[TrialLine, ...]
    more: int


def trials_shown(frozen: Frozen) -> TrialsShown:
    """Nothing for a ranking of the method's first edition, and for a patient out of scope."""
    if frozen.is_of_first_edition or not frozen.scope.in_scope:
        return TrialsShown((), 0)
    found = fitting_trials(frozen.patient, frozen.knowledge)
    lines = tuple(_line(fit.trial, is_open_question=fit.truth is not True) for fit in found[:SHOWN])
    return TrialsShown(lines, len(found) - len(lines))


def _line(trial: Mapping[str, Any], *, is_open_question: bool) -> TrialLine:
    day = trial.get("looked_up_on")
    return TrialLine(
        trial["nct"],
        trial["acronym"] or trial["intervention"],
        str(TrialStatus(trial["status_as_seen"]).label),
        date.fromisoformat(day) if day else None,
        is_open_question,
    )
