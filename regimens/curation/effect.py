"""What a set of changes to the evidence base does to the rankings of reference patients, before anything is published.

Documents in, plain values out; nothing is stored. Each change is also tried alone, so that what moved can be laid at
its door.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from ..knowledge.document import ENTRIES
from ..rules.benchmark import benchmark_constants
from ..rules.knowledge import Knowledge, ReleaseIdentity
from ..rules.movement import Move, moves
from ..rules.ranking import Ranking, rank

REFERENCE_PATIENTS = Path(__file__).parents[1] / "knowledge" / "reference_patients.yaml"


@dataclass(frozen=True)
class ReferencePatient:
    """A patient on whom changes are tried; `features` are those of METHOD, section 1."""

    label: str
    features: Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One entry of the evidence base as it shall be; `content` None where it is retired."""

    kind: str
    key: str
    content: Mapping[str, Any] | None


@dataclass(frozen=True)
class Moved:
    """A regimen that would stand elsewhere, and which of the changes moves it when it is made alone.

    by   empty where only several changes together move it
    """

    regimen: str
    move: Move
    by: tuple[Change, ...]


@dataclass(frozen=True)
class Effect:
    """What the changes do to one reference patient."""

    patient: ReferencePatient
    before: Ranking
    after: Ranking
    moved: tuple[Moved, ...]

    @property
    def changes_first(self) -> bool:
        return _first(self.before) != _first(self.after)


def reference_patients(path: Path = REFERENCE_PATIENTS) -> tuple[ReferencePatient, ...]:
    """The patients on whom changes are tried, in the order of their file."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(ReferencePatient(row["label"], row["features"]) for row in rows)


def effects(
    before: Mapping[str, Any], changes: Sequence[Change], patients: Sequence[ReferencePatient]
) -> tuple[Effect, ...]:
    """What the changes to a document do to each patient, those whose first option changes first.

    Raises KnowledgeError where the changes leave too little evidence for a benchmark, and PatientError where a patient
    names a regimen that is gone.
    """
    was, becomes = _knowledge(before), _knowledge(changed(before, changes))
    found = []
    moved_by: dict[str, list[tuple[Change, frozenset[str]]]] = {}
    rankings = [(patient, _ranking(patient, was), _ranking(patient, becomes)) for patient in patients]
    if len(changes) > 1 and any(moves(then, now) for _, then, now in rankings):
        for change in changes:
            alone = _knowledge(changed(before, [change]))
            for patient, then, now in rankings:
                if moves(then, now):
                    slugs = frozenset(moves(then, _ranking(patient, alone)))
                    moved_by.setdefault(patient.label, []).append((change, slugs))
    for patient, then, now in rankings:
        culprits = moved_by.get(patient.label, [(change, frozenset(moves(then, now))) for change in changes])
        moved = tuple(
            Moved(slug, move, tuple(change for change, slugs in culprits if slug in slugs))
            for slug, move in moves(then, now).items()
        )
        found.append(Effect(patient, then, now, moved))
    return tuple(sorted(found, key=lambda effect: (not effect.changes_first, not effect.moved)))


def changed(document: Mapping[str, Any], changes: Sequence[Change]) -> dict[str, Any]:
    """The document with the changes made; constants are left out, since they follow from the rest."""
    result = {name: value for name, value in document.items() if name != "constants"}
    for name, (_, _, key_name) in ENTRIES.items():
        wanted = {change.key: change.content for change in changes if change.kind == name}
        if wanted:
            kept = [row for row in document[name] if row[key_name] not in wanted]
            result[name] = [*kept, *(content for content in wanted.values() if content is not None)]
    return result


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """The changes that lead from one document to another, list by list, by key."""
    for name, (_, _, key_name) in ENTRIES.items():
        then = {row[key_name]: row for row in before[name]}
        now = {row[key_name]: row for row in after[name]}
        for key in sorted(then.keys() | now.keys()):
            if then.get(key) != now.get(key):
                yield Change(name, key, now.get(key))


def _knowledge(document: Mapping[str, Any]) -> Knowledge:
    content = {**document, "constants": benchmark_constants(document)}
    return Knowledge.from_document(content, release=ReleaseIdentity("preview", date.min.isoformat(), "0" * 64))


def _ranking(patient: ReferencePatient, knowledge: Knowledge) -> Ranking:
    return rank(knowledge.patient(patient.features), knowledge, draws=False)


def _first(ranking: Ranking) -> str | None:
    return ranking.first.regimen.slug if ranking.first else None
