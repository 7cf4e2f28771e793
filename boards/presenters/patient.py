"""A patient in one line, as it was understood when the version was made."""

from __future__ import annotations

from dataclasses import dataclass

from boards.shown.stored_ranking import Frozen
from regimens.wording.patient import patient_details, patient_sentence


@dataclass(frozen=True)
class PatientLine:
    """`sentence` in runs of text and whether it is emphasised; `more` is the rest of what was entered."""

    sentence: tuple[tuple[str, bool], ...]
    more: tuple[str, ...]


def patient_line(frozen: Frozen) -> PatientLine:
    patient = frozen.patient
    return PatientLine(tuple(patient_sentence(patient)), tuple(patient_details(patient, frozen.knowledge)))
