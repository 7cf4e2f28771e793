"""The folder that a run writes: what was asked, what is done, and at the end the manifest that says it is whole.

job.json       what is asked; another run does not go on here
release.json   the release, as `export_release` writes it
done/          a mark a part: what its files are known by, and what is counted of it
rankings/ tests/ patients/ errors/    a Parquet file a part
manifest.json  written last: without it the folder is not finished
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .job import Job
from .sources import Part
from .summary import COUNTED, Summary
from .tables import TABLES
from .work import DONE, Mark, file_of, mark_of, write

JOB, RELEASE, MANIFEST, LOCK = "job.json", "release.json", "manifest.json", ".lock"


class FolderError(ValueError):
    """A folder that cannot be written, or is not what it should be."""


@dataclass(frozen=True)
class Folder:
    """Where a run writes."""

    path: Path

    @contextmanager
    def taken(self) -> Iterator[None]:
        """While one run writes no other does. Raises FolderError."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            file = (self.path / LOCK).open("w")
        except OSError as error:
            raise FolderError(f"{self.path} cannot be written: {error.strerror}") from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise FolderError(f"{self.path}: another run is writing here") from error
            try:
                yield
            finally:
                (self.path / LOCK).unlink(missing_ok=True)

    def begin(self, job: Job, release: bytes) -> None:
        """Say what is asked, or see that the same was asked before. Raises FolderError."""
        asked = json.loads(json.dumps(job.as_plain()))
        there = [each.name for each in self.path.iterdir() if each.name != LOCK]
        if JOB in there:
            before = _json(self.path / JOB)
            other = [name for name in asked if asked[name] != before.get(name)]
            if other:
                raise FolderError(
                    f"{self.path} holds another run, which differs in {', '.join(other)}: choose another folder, or "
                    "remove this one"
                )
        elif there:
            raise FolderError(f"{self.path} holds other files: choose an empty folder")
        (self.path / MANIFEST).unlink(missing_ok=True)
        write(self.path / RELEASE, release)
        write(self.path / JOB, _bytes(asked))

    def forget(self) -> None:
        """Take back what was said at the beginning, where nothing was done."""
        if not any((self.path / DONE).glob("*")):
            for name in (JOB, RELEASE):
                (self.path / name).unlink(missing_ok=True)

    def is_done(self, job: Job, part: Part) -> bool:
        """Whether the part was written in full, by the same code from the same rows."""
        mark = Mark.read(mark_of(self.path, part.number))
        return mark is not None and mark.known_by == job.known_by(part) and mark.is_whole(self.path)

    def finish(self, job: Job, parts: Sequence[Part], said: dict[str, Any]) -> dict[str, Any]:
        """Add up what is counted, clear away what is left of other parts, and write the manifest."""
        summary, written = Summary(), []
        for part in parts:
            mark = Mark.read(mark_of(self.path, part.number))
            assert mark is not None
            summary.merge(Summary.from_plain(mark.summary))
            written.append({"number": part.number, "rows": part.rows, "files": mark.files})
        self._clear({part.number for part in parts})
        cautions = {code for (code,) in summary.counts["unchecked"]}
        manifest = {
            **said,
            "cautions": {code: each for code, each in said["cautions"].items() if code in cautions},
            "job": job.as_plain(),
            "inputs": _inputs(parts),
            "counts": _counts(summary),
            "counted": dict(COUNTED),
            "summary": summary.as_plain(),
            "parts": written,
        }
        expected, found = sum(part.rows for part in parts), sum(manifest["counts"]["rows"].values())
        if expected != found:
            raise FolderError(f"{expected} rows were read and {found} counted: this is a fault of the program")
        write(self.path / MANIFEST, _bytes(manifest))
        return manifest

    def _clear(self, numbers: set[int]) -> None:
        """What a killed worker, or a run on longer files, left behind."""
        wanted = {mark_of(self.path, number) for number in numbers}
        wanted |= {file_of(self.path, table, number) for table in TABLES for number in numbers}
        for name in (DONE, *TABLES):
            for each in (self.path / name).glob("*"):
                if each not in wanted:
                    each.unlink()
            for each in (self.path / name).glob(".*"):
                each.unlink()


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a finished folder. Raises FolderError."""
    if not path.is_dir():
        raise FolderError(f"{path} is no folder that rank_registry wrote")
    if not (path / MANIFEST).exists():
        known = " is not finished: run rank_registry again, and it goes on where it stopped"
        raise FolderError(f"{path}{known if (path / JOB).exists() else ' is no folder that rank_registry wrote'}")
    return _json(path / MANIFEST)


def _inputs(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """The files, each with its rows and the hash of its parts' hashes."""
    found: dict[str, list[Part]] = {}
    for part in parts:
        found.setdefault(part.source.name, []).append(part)
    return [
        {
            "file": name,
            "rows": sum(part.rows for part in own),
            "sha256_of_parts": hashlib.sha256("".join(part.sha256 for part in own).encode()).hexdigest(),
        }
        for name, own in found.items()
    ]


def _counts(summary: Summary) -> dict[str, dict[str, int]]:
    rows = {name: summary.counts["rows"][(name,)] for name in ("ranked", "out-of-scope", "refused")}
    return {"rows": rows, "written": {name: summary.counts["written"][(name,)] for name in TABLES}}


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise FolderError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise FolderError(f"{path} is not what rank_registry wrote")
    return found


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
