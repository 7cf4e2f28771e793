"""Which trials a patient may fit, as far as the evidence base describes them: site, line and biomarker.

What else a trial asks for is text that a clinician reads. Not part of the ranking.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from .evidence import POSITIVE_FOR, SITE_GROUPS
from .knowledge import Knowledge
from .logic import Criterion, Part, Truth, evaluate, explain
from .patient import SITES, Patient

# Trials that may still take patients, the likelier first; `unknown` is what no page said.
OPEN_STATUSES = ("recruiting", "not-yet-recruiting", "unknown")

LINE_CRITERIA: Mapping[str, Criterion] = MappingProxyType(
    {
        "first": {"feature": "lines_received", "is": 0},
        "second": {"feature": "lines_received", "is": 1},
        "later": {"feature": "lines_received", "at_least": 2},
        "second-or-later": {"feature": "lines_received", "at_least": 1},
    }
)


@dataclass(frozen=True)
class TrialFit:
    """A trial and whether the patient fits what is described of it; `parts` are those criteria in words."""

    trial: Mapping[str, Any]
    truth: Truth
    parts: tuple[Part, ...]

    @property
    def may_be_open(self) -> bool:
        """Whether it may still take patients, as far as the newest page read tells."""
        return self.trial["status_as_seen"] in OPEN_STATUSES


def fitting_trials(patient: Patient, knowledge: Knowledge) -> tuple[TrialFit, ...]:
    """Trials that may take patients and do not rule this one out: those that fit first, then as likely to be open."""
    may_be_open = [trial for trial in knowledge.document["trials"] if trial["status_as_seen"] in OPEN_STATUSES]
    judged = (_judged(trial, patient, knowledge) for trial in may_be_open)
    return tuple(sorted((fit for fit in judged if fit.truth is not False), key=_likely))


def judged_trials(patient: Patient, knowledge: Knowledge) -> tuple[TrialFit, ...]:
    """Every trial of the release, closed ones too, with its fit, in the order of the release."""
    return tuple(_judged(trial, patient, knowledge) for trial in knowledge.document["trials"])


def trial_criterion(trial: Mapping[str, Any]) -> Criterion:
    """What the evidence base says of a trial's patients, as a criterion."""
    parts: list[Criterion] = []
    sites = sorted(set(_members(trial["sites"])))
    if sites and "any" not in trial["sites"]:
        parts.append({"feature": "primary_site", "is": sites})
    if trial["line"] in LINE_CRITERIA:
        parts.append(LINE_CRITERIA[trial["line"]])
    if trial["biomarker"]:
        parts.append(POSITIVE_FOR[trial["biomarker"]])
    return {"all": parts} if parts else {}


def _judged(trial: Mapping[str, Any], patient: Patient, knowledge: Knowledge) -> TrialFit:
    criterion = trial_criterion(trial)
    parts = explain(criterion, patient.values, names=knowledge.names)
    # Of whom nothing is described, of that one it is not known whether anyone fits.
    return TrialFit(trial, evaluate(criterion, patient.values) if parts else None, parts)


def _members(sites: Sequence[str]) -> Iterator[str]:
    """The primary sites of a patient that the sites of a trial stand for."""
    for site in sites:
        yield from (member for member in SITE_GROUPS.get(site, (site,)) if member in SITES)


def _likely(fit: TrialFit) -> tuple[Any, ...]:
    return fit.truth is not True, OPEN_STATUSES.index(fit.trial["status_as_seen"]), fit.trial["nct"]
