"""What a record says of a patient, on which the cards rest; None where necapp has nothing to say."""

from __future__ import annotations

from dataclasses import dataclass

from interop.limits import reading_slot
from interop.reading import Reading, read_record
from interop.terminology import Terminology
from regimens.rules.knowledge import Knowledge
from regimens.rules.ranking import Ranking, rank

from .prefetch import Received


@dataclass(frozen=True)
class Understood:
    """A patient in scope: what was read, what was not sent, and the options."""

    reading: Reading
    missing: frozenset[str]
    ranking: Ranking
    knowledge: Knowledge


def understood(received: Received, knowledge: Knowledge, terms: Terminology) -> Understood | None:
    """None for a patient without a neuroendocrine carcinoma, or out of scope. Raises Busy."""
    with reading_slot():
        reading = read_record(received.record, knowledge=knowledge, terms=terms, resources=received.resources)
        if not _is_neuroendocrine(reading):
            return None
        ranking = rank(knowledge.patient(reading.features), knowledge, draws=False)
    return Understood(reading, received.missing, ranking, knowledge) if ranking.scope.in_scope else None


def _is_neuroendocrine(reading: Reading) -> bool:
    """Whether a histology was read: each that is known is neuroendocrine, and so are two that contradict each other.

    Where it contradicts the differentiation, the tumour may be well differentiated: then nothing is said.
    """
    is_contradicted = "histology" in reading.conflicts and "differentiation" not in reading.conflicts
    return "histology" in reading.features or is_contradicted
