"""How much hangs on a publication: what it feeds in the rankings of the reference patients.

Documents in, plain values out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regimens.rules.knowledge import Knowledge, ReleaseIdentity, cohorts_by_regimen
from regimens.rules.ranking import rank
from regimens.rules.readings import state_of_publication

from .effect import ReferencePatient


@dataclass(frozen=True)
class Influence:
    """Of one publication.

    options    the ranked regimens that it feeds for one reference patient at least
    patients   the reference patients in whose rankings it counts
    weight     the sum of its shares in the estimates of these rankings: what they are sorted by
    """

    options: frozenset[str] = frozenset()
    patients: int = 0
    weight: float = 0.0


def influence_of(knowledge: Knowledge, patients: Sequence[ReferencePatient]) -> dict[str, Influence]:
    """Of every publication that counts in a ranking of the patients, by key."""
    options: dict[str, set[str]] = {}
    counted: dict[str, set[int]] = {}
    weight: dict[str, float] = {}
    for place, patient in enumerate(patients):
        for option in rank(knowledge.patient(patient.features), knowledge, draws=False).options:
            for used in option.synthesis.cohorts if option.synthesis and option.rank else ():
                key = used.cohort.publication
                options.setdefault(key, set()).add(option.regimen.slug)
                counted.setdefault(key, set()).add(place)
                weight[key] = weight.get(key, 0.0) + sum(used.shares.values())
    return {key: Influence(frozenset(options[key]), len(counted[key]), weight[key]) for key in options}


def read_once(document: Mapping[str, Any]) -> list[str]:
    """The publications with pooled figures that one person alone has read, by key."""
    pooled = {
        cohort.publication for found in cohorts_by_regimen(document).values() for cohort in found if cohort.is_usable
    }
    return [
        publication["key"]
        for publication in document["publications"]
        if publication["key"] in pooled and state_of_publication(publication) in ("once", "partly")
    ]


def compiled(document: Mapping[str, Any], constants: Mapping[str, Any]) -> Knowledge:
    """A document that is not published, ready to rank with."""
    return Knowledge.from_document(
        {**document, "constants": constants}, release=ReleaseIdentity("preview", "0001-01-01", "0" * 64)
    )
