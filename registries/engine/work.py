"""One part: its rows become patients, patients rankings, rankings tables, and tables files.

The files are written beside their place and moved there; the mark that says that the part is done comes last. Whoever
is killed in between leaves nothing that counts.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet

from regimens.rules.columns import Columns
from regimens.rules.evidence import LEVELS
from regimens.rules.knowledge import Knowledge
from regimens.rules.ordering import PREFERENCES
from regimens.rules.patient import FEATURES, Patient, PatientError, looks_like
from regimens.rules.ranking import rank_many

from . import tables
from .job import Job, code
from .mapping import DIED, MONTHS, TREATMENT, outcome_of
from .release import held
from .sources import SYNTHETIC, Cells, Part, SourceError, rows_of
from .summary import OTHER, Summary
from .tables import TABLES, Fault, First, Ranked

DONE = "done"  # the folder of the marks
ZSTD_LEVEL = 3


@dataclass(frozen=True)
class Mark:
    """What is written of a part.

    known_by   the hash of all that its tables follow from, see `Job.known_by`
    files      the SHA-256 of each table's file
    """

    number: int
    known_by: str
    files: dict[str, str]
    summary: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Mark | None:
        """None where there is none, or what is there is none."""
        try:
            return cls(**json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def is_whole(self, out: Path) -> bool:
        """Whether the files are there as they were written."""
        return set(self.files) == set(TABLES) and all(
            hash_of(file_of(out, table, self.number)) == known for table, known in self.files.items()
        )


class OtherCode(RuntimeError):  # noqa: N818 - says what is the matter
    """A worker whose code would write something else."""


class NotHeld(RuntimeError):  # noqa: N818 - says what is the matter
    """A worker that has not the release of the run."""


def file_of(out: Path, table: str, number: int) -> Path:
    return out / table / f"part-{number:06}.parquet"


def mark_of(out: Path, number: int) -> Path:
    return out / DONE / f"part-{number:06}.json"


def rank_part(job: Job, part: Part, out: str) -> Mark:
    """Rank a part on the release that this process holds, write its tables, and say so.

    Raises OtherCode and NotHeld, and SourceError where the file cannot be read any more.
    """
    if code() != job.code:
        raise OtherCode("this worker runs another version of the code than the one that asks it")
    knowledge = held(job.release)
    if knowledge is None:
        raise NotHeld(f"this worker has not release {job.release}")
    made, summary = tables_of(job, part, knowledge.nec_only if job.nec_only else knowledge)
    folder, files = Path(out), {}
    for name, table in made.items():
        data = _as_parquet(table.replace_schema_metadata(SYNTHETIC) if job.is_synthetic else table)
        files[name] = hashlib.sha256(data).hexdigest()
        write(file_of(folder, name, part.number), data)
    mark = Mark(part.number, job.known_by(part), files, summary.as_plain())
    write(mark_of(folder, part.number), json.dumps(asdict(mark), separators=(",", ":")).encode())
    return mark


def tables_of(job: Job, part: Part, knowledge: Knowledge) -> tuple[dict[str, arrow.Table], Summary]:
    """The four tables of a part, and what is counted of them."""
    read = _Rows(job, part, knowledge)
    known = list(read)
    rankings = rank_many((patient for _, patient in known), knowledge, job.preference, draws=job.draws)
    ranked = [Ranked(*where, ranking) for (where, _), ranking in zip(known, rankings, strict=True)]
    options = tables.options(ranked, knowledge, PREFERENCES[job.preference], draws=job.draws)
    made = {
        "rankings": options.table,
        "tests": tables.tests(ranked),
        "patients": tables.patients(ranked, options.firsts, key=job.key is not None),
        "errors": tables.errors(read.faults),
    }
    summary = _counted(ranked, options, read.faults, knowledge)
    for name, table in made.items():
        summary.add("written", name, many=len(table))
    return made, summary


class _Rows:
    """The rows of a part as patients, each with where it stood; what is wrong with others is among `faults`."""

    def __init__(self, job: Job, part: Part, knowledge: Knowledge):
        self.job, self.part, self.knowledge = job, part, knowledge
        self.faults: list[Fault] = []
        self.named = {column.feature: name for name, column in job.columns.columns.items()}
        self.beside = job.columns.beside
        self.known = {*job.columns.columns, *self.beside.values(), *([job.key] if job.key else [])}

    def __iter__(self) -> Iterator[tuple[tuple[int, str, int, str | None, dict[str, Any]], Patient]]:
        number = self.part.first
        for cells in rows_of(self.part, self.known):
            if patient := self._patient(number, cells):
                given, problems = outcome_of(self.job.columns, cells.cells, self.beside)
                for column, rule in problems:
                    self._fault(number, cells, [column], f"{column}: {rule}", refused=False)
                key = None if self.job.key is None else str(cells.cells[self.job.key])
                yield (number, self.part.source.name, cells.row, key, given), patient
            number += 1
        if number != self.part.first + self.part.rows:
            raise SourceError(
                f"{self.part.source.name} has {number - self.part.first} rows from row {self.part.row} on where "
                f"{self.part.rows} were counted"
            )

    def _patient(self, number: int, cells: Cells) -> Patient | None:
        before = len(self.faults)
        if cells.problem:
            self._fault(number, cells, [], cells.problem)
        elif self.job.key is not None:
            self._check_key(number, cells, self.job.key)
        if self.part.source.kind == "jsonl":
            for name in cells.cells:
                if name not in self.known and name not in self.job.columns.ignored:
                    self._fault(number, cells, [name], f"{name}: unknown feature")
        if len(self.faults) > before:
            return None
        try:
            return self.knowledge.patient(self.job.columns.read(cells.cells))
        except PatientError as error:
            for problem in error.problems:
                columns = [self.named.get(feature, feature) for feature in problem.features]
                self._fault(number, cells, columns, problem.message)
        return None

    def _check_key(self, number: int, cells: Cells, key: str) -> None:
        value = cells.cells.get(key)
        if value is None or not str(value).strip():
            self._fault(number, cells, [key], f"{key}: there is no key, by which the patient is known")
        elif str(value) in self.job.repeated:
            self._fault(number, cells, [key], f"{key}: {value!r} stands more than once: it is open which row counts")

    def _fault(self, number: int, cells: Cells, columns: list[str], rule: str, *, refused: bool = True) -> None:
        values = [str(cells.cells[name]) for name in columns if cells.cells.get(name) is not None]
        where = number, self.part.source.name, cells.row
        self.faults.append(Fault(*where, ", ".join(columns), ", ".join(values), rule, refused))


def _counted(ranked: list[Ranked], options: tables.Options, faults: list[Fault], knowledge: Knowledge) -> Summary:
    found = Summary()
    said, regimens = Columns.of(knowledge).said, knowledge.regimens
    firsts = iter(options.firsts)
    for each in ranked:
        ranking, scope = each.ranking, each.ranking.scope
        values = ranking.patient.values
        for name, value in ranking.patient.features.items():
            if FEATURES[name].is_numeric and isinstance(value, (int, float)):
                found.add("numbers", name, looks_like(name, value) is not None)
        if not scope.in_scope:
            found.add("rows", "out-of-scope")
            found.add_all("out_of_scope", ((code,) for code, _ in scope.reasons))
            continue
        found.add("rows", "ranked")
        first, site = next(firsts), ranking.patient.primary_site
        found.add_all("warnings", ((code,) for code, _ in scope.warnings))
        found.add("sites", site, first.option, first.level, first.licence)
        found.add_all("known", ((name,) for name in values if name in FEATURES))
        for test in ranking.tests:
            value = tables.written(test.value)
            found.add("tests", test.feature, value, tables.chance_of(test), test.changes_first, test.changes_order)
            if test.changes_first:
                found.add("tests_first", test.feature, value, test.first_becomes)
        if first.unchecked:
            found.add_all("unchecked", {(said[number].code,) for number in first.unchecked})
            levels = {said[number].level for number in first.unchecked}
            found.add("unchecked_patients", next(level for level in LEVELS if level in levels))
        _count_outcome(found, each.outcome, first, site, {*regimens})
    for column, name in enumerate(Columns.of(knowledge).slugs):
        for band, many in enumerate(np.bincount(options.bands[:, column], minlength=len(tables.BANDS)).tolist()):
            found.add("bands", name, tables.BANDS[band], many=many)
    found.add("rows", "refused", many=len({fault.number for fault in faults if fault.refused}))
    for fault in faults:
        found.add("errors", fault.column, fault.refused)
    return found


def _count_outcome(found: Summary, given: dict[str, Any], first: First, site: str | None, regimens: set[str]) -> None:
    treatment = given.get(TREATMENT)
    if treatment is None:
        return
    agrees = treatment == first.option
    found.add("agreement", site, treatment if treatment in regimens else OTHER, agrees)
    if MONTHS in given and DIED in given:
        found.add("survival", agrees, given[MONTHS], given[DIED])


def _as_parquet(table: arrow.Table) -> bytes:
    with arrow.BufferOutputStream() as stream:
        parquet.write_table(table, stream, compression="zstd", compression_level=ZSTD_LEVEL)
        data: bytes = stream.getvalue().to_pybytes()
    return data


def write(path: Path, data: bytes) -> None:
    """All of it or nothing: others see the file when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def hash_of(path: Path) -> str | None:
    """The SHA-256 of a file; None where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
