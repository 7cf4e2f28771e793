"""Which trials a patient may fit, as far as the evidence base describes them: site, line and biomarker.

What else a trial asks for is text that a clinician reads. Not part of the ranking.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from .evidence import POSITIVE_FOR, SITE_GROUPS
from .knowledge import Knowledge
from .logic import Check, Criterion, Part, Truth, compiled, explain
from .patient import SITES, Patient

# Trials that may still take patients, the likelier first; `unknown` is what no page said.
OPEN_STATUSES = ("recruiting", "not-yet-recruiting", "unknown")

LINE_CRITERIA: Mapping[str, Criterion] = MappingProxyType(
    {
        # Who had platinum as first line is past it, however many lines were counted.
        "first": {"all": [{"feature": "lines_received", "is": 0}, {"feature": "platinum_received", "is": False}]},
        "second": {"feature": "lines_received", "is": 1},
        "later": {"feature": "lines_received", "at_least": 2},
        "second-or-later": {"feature": "lines_received", "at_least": 1},
    }
)


@dataclass(frozen=True)
class TrialFit:
    """A trial and whether the patient fits what is described of it."""

    trial: Mapping[str, Any]
    truth: Truth
    criterion: Criterion = field(repr=False)
    patient: Patient = field(repr=False)
    names: Mapping[str, str] = field(repr=False)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Each criterion that is described, in words, with its truth; made where somebody reads them."""
        return explain(self.criterion, self.patient.values, names=self.names)

    @property
    def may_be_open(self) -> bool:
        """Whether it may still take patients, as far as the newest page read tells."""
        return self.trial["status_as_seen"] in OPEN_STATUSES


def fitting_trials(patient: Patient, knowledge: Knowledge) -> tuple[TrialFit, ...]:
    """Trials that may take patients and do not rule this one out: those said to be open before those of which no page
    said it, those that fit before those that may, then as likely to be open."""
    judged = [each for each in _judged(patient, knowledge) if each.may_be_open and each.truth is not False]
    return tuple(sorted(judged, key=_likely))


def judged_trials(patient: Patient, knowledge: Knowledge) -> tuple[TrialFit, ...]:
    """Every trial of the release, closed ones too, with its fit, in the order of the release."""
    return tuple(_judged(patient, knowledge))


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


def _judged(patient: Patient, knowledge: Knowledge) -> Iterator[TrialFit]:
    asked: list[tuple[Mapping[str, Any], Criterion, Check]] | None = knowledge.tables.get(TrialFit)
    if asked is None:
        criteria = [(trial, trial_criterion(trial)) for trial in knowledge.document["trials"]]
        asked = [(trial, criterion, compiled(criterion)) for trial, criterion in criteria]
        knowledge.tables[TrialFit] = asked
    for trial, criterion, check in asked:
        # Of whom nothing is described, of that one it is not known whether anyone fits.
        truth = check(patient.values) if criterion else None
        yield TrialFit(trial, truth, criterion, patient, knowledge.names)


def _members(sites: Sequence[str]) -> Iterator[str]:
    """The primary sites of a patient that the sites of a trial stand for."""
    for site in sites:
        yield from (member for member in SITE_GROUPS.get(site, (site,)) if member in SITES)


def _likely(fit: TrialFit) -> tuple[Any, ...]:
    status = fit.trial["status_as_seen"]
    return status == "unknown", fit.truth is not True, OPEN_STATUSES.index(status), fit.trial["nct"]
