"""What moves for the patients of a registry between two releases, and by which change of the knowledge.

Two folders of the same rows are read part by part. Each change is then tried alone, as a board's replay does it
(`curation.review.effect`), for so many of the patients whose first option changes as can be tried in a minute or so:
those whose numbers have the smallest hashes, which is as good as drawing them and always gives the same ones.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curation.review.differences import title_of
from curation.review.effect import DECIDING, Effect, EntryChange, ReferencePatient, differences, effects
from regimens import releases
from regimens.rules.knowledge import KnowledgeError
from regimens.rules.patient import FEATURES, PatientError
from registries.engine.folder import MANIFEST, RELEASE, read_manifest
from registries.engine.work import file_of

from .manifest import Manifest, Release, manifest_of

MOST_TRIED = 100
DIFFERENCES = ("preference", "nec_only")


class ComparisonError(ValueError):
    """Two folders that cannot be compared; the message says why."""


@dataclass
class Comparison:
    """What moves from one release to another.

    firsts     patients by the first option before and after; None where none is ranked
    bands      options that stand in another band, each with the number of patients
    refused    patients whom one of the two releases refuses
    tried      patients on whom each change was tried alone
    by         of those, patients whose first option a change moves: by the list it is of and what it is called
    together   those of whom no single change moves it
    """

    before: Release
    after: Release
    firsts: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)
    bands: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    tried: int = 0
    by: Counter[tuple[str, str]] = field(default_factory=Counter)
    together: int = 0


def manifest_in(out: Path) -> Manifest:
    """The manifest of a finished folder. Raises FolderError, ManifestError."""
    read_manifest(out)
    return manifest_of((out / MANIFEST).read_bytes())


def compare(before: Path, after: Path) -> Comparison:
    """Two folders of the same rows, ranked alike but for the release.

    Raises ComparisonError, FolderError, ManifestError and ReleaseError.
    """
    then, now = manifest_in(before), manifest_in(after)
    if [(each.file, each.sha256_of_parts) for each in then.inputs] != [
        (each.file, each.sha256_of_parts) for each in now.inputs
    ]:
        raise ComparisonError(f"{before} and {after} were not made of the same files")
    for name in DIFFERENCES:
        if getattr(then.job, name) != getattr(now.job, name):
            raise ComparisonError(f"{before} and {after} differ in {name}: no change of the knowledge is the cause")
    found = Comparison(then.release, now.release)
    chosen: list[tuple[bytes, dict[str, Any]]] = []
    for number in _parts(after):
        _compare_part(found, chosen, before, after, number)
    _attribute(found, [row for _, row in sorted(chosen, key=lambda each: each[0])], before, after, now)
    return found


def _parts(out: Path) -> Iterator[int]:
    yield from range(len(read_manifest(out)["parts"]))


def _compare_part(
    found: Comparison, chosen: list[tuple[bytes, dict[str, Any]]], before: Path, after: Path, number: int
) -> None:
    then, now = (_patients(out, number) for out in (before, after))
    found.refused += len(then.keys() ^ now.keys())
    for patient in then.keys() & now.keys():
        if not (then[patient]["in_scope"] and now[patient]["in_scope"]):
            continue
        firsts = then[patient]["first"], now[patient]["first"]
        found.firsts[firsts] += 1
        if firsts[0] != firsts[1]:
            _choose(chosen, patient, now[patient])
    bands, others = (_bands(out, number) for out in (before, after))
    for (patient, regimen), band in bands.items():
        if patient in now and others.get((patient, regimen), band) != band:
            found.bands[regimen] += 1


def _choose(chosen: list[tuple[bytes, dict[str, Any]]], patient: int, row: dict[str, Any]) -> None:
    """Keep the rows with the smallest hashes."""
    known = hashlib.sha256(str(patient).encode()).digest()
    turned = bytes(255 - byte for byte in known)  # a heap has its smallest at the top, and the largest hash has to go
    if len(chosen) < MOST_TRIED:
        heapq.heappush(chosen, (turned, row))
    elif turned > chosen[0][0]:
        heapq.heapreplace(chosen, (turned, row))


def _attribute(found: Comparison, rows: list[dict[str, Any]], before: Path, after: Path, manifest: Manifest) -> None:
    if not rows:
        return
    then, now = (releases.read_export(out / RELEASE) for out in (before, after))
    changes = [change for change in differences(then.document, now.document) if change.kind in DECIDING]
    patients = [
        ReferencePatient(str(row["patient"]), _given(row), manifest.job.preference, manifest.job.nec_only)
        for row in rows
    ]
    titles = _titles(changes)
    try:
        tried = effects(then.document, changes, patients)
    except (PatientError, KnowledgeError, KeyError) as error:
        raise ComparisonError(f"the changes cannot be tried one by one: {error}") from error
    for effect in tried:
        if not effect.changes_first:
            continue
        found.tried += 1
        movers = _movers(effect)
        found.by.update(titles[mover] for mover in movers)
        found.together += not movers


def _movers(effect: Effect) -> set[tuple[str, str]]:
    """The changes that alone move the option that was first, or the one that is first now."""
    firsts = {effect.first_before, effect.first_after}
    return {(change.kind, change.key) for moved in effect.moved if moved.regimen in firsts for change in moved.by}


def _titles(changes: list[EntryChange]) -> dict[tuple[str, str], tuple[str, str]]:
    """Each change as it is called, by list and key; one that retires an entry has its key."""
    return {
        (change.kind, change.key): (
            change.kind,
            title_of(change.kind, change.content) if change.content else change.key,
        )
        for change in changes
    }


def _given(row: dict[str, Any]) -> dict[str, Any]:
    """What was given of a patient: what is known without what follows from it."""
    return {name: row[name] for name in FEATURES if row[name] is not None and name not in row["implied"]}


def _patients(out: Path, number: int) -> dict[int, dict[str, Any]]:
    import pyarrow.parquet as parquet

    table = parquet.read_table(file_of(out, "patients", number))
    return {row["patient"]: row for row in table.to_pylist()}


def _bands(out: Path, number: int) -> dict[tuple[int, str], str]:
    import pyarrow.parquet as parquet

    table = parquet.read_table(file_of(out, "rankings", number), columns=["patient", "regimen", "band"])
    columns = [table.column(name).to_pylist() for name in ("patient", "regimen", "band")]
    return {(patient, regimen): band for patient, regimen, band in zip(*columns, strict=True)}
