"""The patient one line later: an option was given, and the disease progressed during it or within three months of it.

All that follows of the features of METHOD, section 1, and no more. What then has several values is given as several
patients, so that whoever ranks them sees whether the answer hangs on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, combinations, product

from .evidence import Regimen
from .patient import (
    FEATURES,
    RECEIVED,
    RESISTANT_FROM_MONTHS,
    Patient,
    PatientError,
    Value,
)

# No more patients than that are told apart for one option.
MOST_PATIENTS = 32
# The interval after platinum on which the disease progressed: below the first month, and from it to below the third.
INTERVALS = (0, RESISTANT_FROM_MONTHS)


@dataclass(frozen=True)
class NextLine:
    """What is known after an option failed.

    patients    one for each way in which the unknown may be; empty where they would contradict themselves, or where
                there are more than can be told apart
    lines       lines received then; None where they were not known
    is_platinum whether it holds cisplatin or carboplatin, so that the interval is below three months and the response
                to the last platinum is no longer known
    uncertain   the regimens and drugs of which it is not known whether the disease progressed on them
    """

    regimen: Regimen
    patients: tuple[Patient, ...]
    lines: int | None
    is_platinum: bool
    uncertain: frozenset[str]


def after_progression_on(regimen: Regimen, patient: Patient) -> NextLine:
    """Pure; nothing of the patient is changed but what the progression changes."""
    known = dict(patient.features)
    lines = known.pop("lines_received", None)
    if isinstance(lines, int) and lines < FEATURES["lines_received"].high:
        known["lines_received"] = lines + 1
    is_platinum = regimen.holds_platinum
    if is_platinum:
        known["platinum_received"] = True
        known.pop("platinum_best_response", None)
        known.pop("platinum_free_interval_months", None)
    if "prior_regimens" in known:
        known["prior_regimens"] = patient.prior_regimens | {regimen.slug}
    regimens, drugs = ((received, failed) for received, failed in RECEIVED)
    uncertain_regimens = _uncertain(patient, *regimens) - {regimen.slug}
    uncertain_drugs = _uncertain(patient, *drugs)
    ways = 2 ** (len(uncertain_regimens) + len(uncertain_drugs)) * (len(INTERVALS) if is_platinum else 1)
    found: list[Patient] = []
    if ways <= MOST_PATIENTS:
        for failed, failed_drugs, interval in product(
            _subsets(uncertain_regimens), _subsets(uncertain_drugs), INTERVALS if is_platinum else (None,)
        ):
            values: dict[str, Value] = {"progressed_on": patient.progressed_on | failed | {regimen.slug}}
            if uncertain_drugs:
                values["progressed_on_drugs"] = patient.progressed_on_drugs | failed_drugs
            if interval is not None:
                values["platinum_free_interval_months"] = interval
            supposed = _patient(known | values, patient)
            if supposed is None:
                found = []
                break
            found.append(supposed)
    then = known.get("lines_received")
    return NextLine(
        regimen=regimen,
        patients=tuple(found),
        lines=then if isinstance(then, int) else None,
        is_platinum=is_platinum,
        uncertain=uncertain_regimens | uncertain_drugs,
    )


def _uncertain(patient: Patient, received: str, failed: str) -> frozenset[str]:
    """What was received, where it is not known on what of it the disease progressed."""
    value = patient.values.get(received)
    return value if isinstance(value, frozenset) and not patient.knows(failed) else frozenset()


def _subsets(slugs: Iterable[str]) -> Iterator[frozenset[str]]:
    listed = sorted(slugs)
    sizes = (combinations(listed, size) for size in range(len(listed) + 1))
    return map(frozenset, chain.from_iterable(sizes))


def _patient(known: Mapping[str, Value], like: Patient) -> Patient | None:
    try:
        return Patient.from_features(known, vocabulary=like.vocabulary)
    except PatientError:
        return None
