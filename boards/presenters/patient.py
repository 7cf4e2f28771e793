"""A patient in one line, as it was understood when the version was made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from boards.shown.stored_ranking import Frozen
from regimens.rules.evidence import BIOMARKER_FEATURES
from regimens.rules.first_edition import FORMER
from regimens.rules.patient import FEATURES
from regimens.wording.patient import label, patient_details, patient_sentence


@dataclass(frozen=True)
class PatientLine:
    """`sentence` in runs of text and whether it is emphasised; `more` is the rest of what was entered."""

    sentence: tuple[tuple[str, bool], ...]
    more: tuple[str, ...]


def patient_line(frozen: Frozen) -> PatientLine:
    return PatientLine(tuple(patient_sentence(frozen.patient)), tuple(stored_details(frozen)))


def stored_details(frozen: Frozen) -> Iterator[str]:
    """The rest of what was entered, and what was not.

    Also what the method's first edition asked together, and today's asks apart.
    """
    yield from patient_details(frozen.patient, frozen.knowledge)
    for name, feature in FORMER.items():
        if (value := frozen.record.patient.get(name)) is not None:
            yield capfirst(_(feature.label if value else feature.absent))
    if words := not_known(frozen):
        yield words


def not_known(frozen: Frozen) -> str:
    """The markers without a result, so that nobody reads a negative into what is not named; "" where all have one.

    They are told from the patient alone: what the ranking asks for is hidden while a vote is open.
    """
    facts = [label(name) for name in FEATURES if name in BIOMARKER_FEATURES and not frozen.patient.knows(name)]
    return _("Not known, and not read as negative: %(facts)s") % {"facts": ", ".join(facts)} if facts else ""
