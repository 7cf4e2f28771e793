"""What a set of changes to the evidence base does to the rankings of reference patients, before anything is published.

Documents in, plain values out; nothing is stored. Each change is also tried alone, so that what moved can be laid at
its door: with the benchmark it moves every estimate, so that a hundred changes take some seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from audit.canonical import canonical_json, sha256_of
from display.cache import kept as kept_in_process
from regimens.knowledge.document import ENTRIES
from regimens.knowledge.loader import SHIPPED
from regimens.rules.benchmark import benchmark_constants
from regimens.rules.knowledge import Knowledge, ReleaseIdentity
from regimens.rules.ordering import DEFAULT_PREFERENCE, Standing
from regimens.rules.patient import FEATURES, TREATMENTS, Patient
from regimens.rules.rank_changes import Move, Place, moves_between, placed, standings

REFERENCE_PATIENTS = SHIPPED / "reference_patients.yaml"

# The lists of which places are made; what the others say stands beside a ranking.
DECIDING = ("exposure_classes", "drugs", "regimens", "licences", "publications", "indications")
MOST_TRIED_ALONE = 200

Places = Mapping[str, Place]


@dataclass(frozen=True)
class ReferencePatient:
    """A patient on whom changes are tried; `features` are those of METHOD, section 1.

    preference, is_nec_only   by which preference the patient is ranked, and whether without borrowed evidence
    """

    label: str
    features: Mapping[str, Any]
    preference: str = DEFAULT_PREFERENCE
    is_nec_only: bool = False


@dataclass(frozen=True)
class EntryChange:
    """One entry of the evidence base as it shall be; `content` None where it is retired."""

    kind: str
    key: str
    content: Mapping[str, Any] | None


@dataclass(frozen=True)
class Moved:
    """A regimen that would stand elsewhere, and which of the changes moves it when it is made alone.

    by   empty where only several changes together move it, or one that was not tried alone (`tried_alone`)
    """

    regimen: str
    move: Move
    by: tuple[EntryChange, ...]


@dataclass(frozen=True)
class Effect:
    """What the changes do to one reference patient: the place of each regimen before and after, by slug."""

    patient: ReferencePatient
    before: Places
    after: Places
    moved: tuple[Moved, ...]

    @property
    def first_before(self) -> str | None:
        """The slug of what has rank 1."""
        return _first(self.before)

    @property
    def first_after(self) -> str | None:
        return _first(self.after)

    @property
    def changes_first(self) -> bool:
        return self.first_before != self.first_after


@cache
def reference_patients(path: Path = REFERENCE_PATIENTS) -> tuple[ReferencePatient, ...]:
    """The patients on whom changes are tried, in the order of their file."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(ReferencePatient(row["label"], row["features"]) for row in rows)


def effects(
    before: Mapping[str, Any],
    changes: Sequence[EntryChange],
    patients: Sequence[ReferencePatient],
    *,
    is_kept: bool = False,
) -> tuple[Effect, ...]:
    """What the changes to a document do to each patient, those whose first option changes first.

    `is_kept`: how they stand on the document is kept in this process, for pages that ask for the same patients again.
    Raises KnowledgeError where the changes leave too little evidence for a benchmark, and PatientError where a patient
    names a regimen that is gone (`names_known`).
    """
    was = _tried_on(_Asked.of(before, patients)) if is_kept else _Tried.on(_knowledge(before), patients)
    becomes = was.with_document(changed(before, changes))
    all_moves = [moves_between(then, now) for then, now in zip(was.places, becomes.places, strict=True)]
    alone: list[tuple[EntryChange, list[frozenset[str]]]] = []
    if len(changes) == 1:
        alone = [(changes[0], [frozenset(moves) for moves in all_moves])]
    elif any(all_moves):
        alone = [(change, _moved_alone(was, change)) for change in tried_alone(changes)]
    found = []
    for index, (patient, moves) in enumerate(zip(patients, all_moves, strict=True)):
        moved = tuple(
            Moved(slug, move, tuple(change for change, slugs in alone if slug in slugs[index]))
            for slug, move in moves.items()
        )
        found.append(Effect(patient, was.places[index], becomes.places[index], moved))
    return tuple(sorted(found, key=lambda effect: (not effect.changes_first, not effect.moved)))


def names_known(patient: ReferencePatient, *documents: Mapping[str, Any]) -> bool:
    """Whether every document has the regimens and drugs that a patient received; without them there is no such
    patient."""
    named: dict[str, set[str]] = {"regimens": set(), "drugs": set()}
    for name in TREATMENTS:
        named[FEATURES[name].holds] |= {*patient.features.get(name, ())}
    return all(
        slugs <= {row["slug"] for row in document[holds]} for document in documents for holds, slugs in named.items()
    )


def tried_alone(changes: Sequence[EntryChange]) -> tuple[EntryChange, ...]:
    """The changes that `effects` tries each by itself, when there are several: the first MOST_TRIED_ALONE that can
    move anything."""
    return tuple([change for change in changes if change.kind in DECIDING][:MOST_TRIED_ALONE])


def changed(document: Mapping[str, Any], changes: Sequence[EntryChange]) -> dict[str, Any]:
    """The document with the changes made; what publishing computes is left out, since it follows from the rest."""
    result = {name: value for name, value in document.items() if name not in ("constants", "validation")}
    for name, (_, _, key_name) in ENTRIES.items():
        wanted = {change.key: change.content for change in changes if change.kind == name}
        if wanted:
            kept = [row for row in document[name] if row[key_name] not in wanted]
            result[name] = [*kept, *(content for content in wanted.values() if content is not None)]
    return result


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[EntryChange]:
    """The changes that lead from one document to another, list by list, by key."""
    for name, (_, _, key_name) in ENTRIES.items():
        then = {row[key_name]: row for row in before[name]}
        now = {row[key_name]: row for row in after[name]}
        for key in sorted(then.keys() | now.keys()):
            if then.get(key) != now.get(key):
                yield EntryChange(name, key, now.get(key))


@dataclass(frozen=True)
class _Asked:
    """Patients and a document, known by what they say: a page and its parts ask for the same ones."""

    sha256: str
    document: Mapping[str, Any] = field(compare=False, repr=False)
    patients: Sequence[ReferencePatient] = field(compare=False, repr=False)

    @classmethod
    def of(cls, document: Mapping[str, Any], patients: Sequence[ReferencePatient]) -> _Asked:
        told = [document, [[one.label, one.features, one.preference, one.is_nec_only] for one in patients]]
        return cls(sha256_of(canonical_json(told)), document, patients)


@kept_in_process(most=4)
def _tried_on(asked: _Asked) -> _Tried:
    return _Tried.on(_knowledge(asked.document), asked.patients)


@dataclass(frozen=True)
class _Tried:
    """The patients on one document: how every regimen stands for each of them, and where that places it."""

    knowledge: Knowledge
    given: Sequence[ReferencePatient]
    patients: Sequence[Patient]
    standings: Sequence[Mapping[str, Standing]]

    @classmethod
    def on(cls, knowledge: Knowledge, given: Sequence[ReferencePatient]) -> _Tried:
        patients = [knowledge.patient(one.features) for one in given]
        slugs = [regimen.slug for regimen in knowledge.ranked_regimens]
        found = [_standings(one, patient, knowledge, slugs) for one, patient in zip(given, patients, strict=True)]
        return cls(knowledge, given, patients, found)

    @property
    def places(self) -> list[Places]:
        return [placed(found, self.knowledge) for found in self.standings]

    def with_document(self, document: Mapping[str, Any]) -> _Tried:
        """The same patients on another document; what it does not touch is taken over."""
        then, now = self.knowledge, _sharing(self.knowledge, document)
        if now.benchmark != then.benchmark or _seen_by_all(now) != _seen_by_all(then):
            return self.on(now, self.given)
        touched = [regimen for regimen in now.regimens.values() if regimen is not then.regimens[regimen.slug]]
        if not touched:
            return self
        slugs = [regimen.slug for regimen in touched if regimen.is_ranked]
        found = []
        for one, patient, stood in zip(self.given, self.patients, self.standings, strict=True):
            stands = _standings(one, patient, now, slugs)
            kept = {slug: one for slug, one in stood.items() if now.regimens[slug].is_ranked}
            found.append(kept | stands)
        return replace(self, knowledge=now, standings=found)


def _standings(
    given: ReferencePatient, patient: Patient, knowledge: Knowledge, slugs: Sequence[str]
) -> dict[str, Standing]:
    """How regimens stand for a patient, by the preference and on the evidence by which the patient is ranked."""
    known = knowledge.nec_only if given.is_nec_only else knowledge
    return standings(patient, known, [known.regimens[slug] for slug in slugs], given.preference)


def _moved_alone(was: _Tried, change: EntryChange) -> list[frozenset[str]]:
    """The regimens that one change moves by itself, for each patient."""
    becomes = was.with_document(changed(was.knowledge.document, [change]))
    if becomes is was:
        return [frozenset()] * len(was.patients)
    pairs = zip(was.places, becomes.places, strict=True)
    return [frozenset(moves_between(then, now)) for then, now in pairs]


def _knowledge(document: Mapping[str, Any]) -> Knowledge:
    """A document compiled. No place rests on the validation, which takes seconds: it is left to the publishing."""
    content = {**document, "constants": benchmark_constants(document)}
    return Knowledge.from_document(content, release=ReleaseIdentity("preview", date.min.isoformat(), "0" * 64))


def _sharing(other: Knowledge, document: Mapping[str, Any]) -> Knowledge:
    """A document compiled, with the regimens that are the same in the other, and what is worked out for them there."""
    is_pooled_anew = document["publications"] is not other.document["publications"]
    constants = benchmark_constants(document) if is_pooled_anew else other.document["constants"]
    found = Knowledge.from_document({**document, "constants": constants}, release=other.release)
    regimens = {
        slug: other.regimens[slug] if regimen == other.regimens.get(slug) else regimen
        for slug, regimen in found.regimens.items()
    }
    found = replace(found, regimens=MappingProxyType(regimens))
    if found.benchmark == other.benchmark:
        same = {slug for slug, regimen in regimens.items() if regimen is other.regimens.get(slug)}
        found.syntheses.take_over(other.syntheses, lambda key: key[0] in same)
    return found


def _seen_by_all(knowledge: Knowledge) -> tuple[object, ...]:
    """What places every other regimen too: resistance is shared through it, and patients may have received it."""
    received = {
        slug: (regimen.drugs, regimen.lead_drugs, regimen.classes) for slug, regimen in knowledge.regimens.items()
    }
    classes = {slug: drug.classes for slug, drug in knowledge.drugs.items()}
    return received, classes, knowledge.exposure_classes


def _first(places: Places) -> str | None:
    return next((slug for slug, place in places.items() if place.rank == 1), None)
