"""A backup as a folder of files: a manifest, rankings, and for each table a file of JSON lines, compressed.

The folder bears its name only once it is whole. Who may read it reads everything: its files are their owner's alone.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from audit.canonical import canonical_json, sha256_of

from .errors import BackupError
from .rankings import Rankings
from .snapshot import FORMAT, Manifest, Seals, Snapshot, TableSummary
from .tables import Row, Table

MANIFEST = "manifest.json"
RANKINGS = "rankings.json.gz"
UNFINISHED = ".unfinished"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Folder:
    """A backup that was read, and is whole: every file is what the manifest says."""

    path: Path
    manifest: Manifest
    sha256: str

    def rows(self, table: str) -> Iterator[Row]:
        with gzip.open(_file(self.path, table), "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def write(source: Snapshot, path: Path, *, rankings: bool = True) -> Folder:
    """A backup in a new folder. Raises BackupError; what was begun is then taken away."""
    path = path.resolve()
    if not path.name:
        raise BackupError("the folder of all folders is no new one")
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        if path.exists() and any(path.iterdir()):
            raise BackupError(f"{path} is there already, and holds something: name a new folder")
        shutil.rmtree(unfinished, ignore_errors=True)  # of one that was killed
        unfinished.mkdir(mode=0o700, parents=True)
        try:
            manifest = source.manifest(lambda table, rows: _write_table(unfinished, table, rows), rankings=rankings)
            plain = manifest.as_plain()
            if manifest.rankings:
                packed = gzip.compress(canonical_json(plain["rankings"]), mtime=0)
                _write(unfinished / RANKINGS, packed)
                plain["rankings"] = sha256_of(packed)
            text = canonical_json(plain)
            digest = sha256_of(text)
            _write(unfinished / MANIFEST, canonical_json({"sha256": digest}) + b"\n" + text + b"\n")
            _sync(unfinished)
            unfinished.replace(path)
            _sync(path.parent)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror}") from error
    return Folder(path, manifest, digest)


def read(path: Path) -> Folder:
    """A backup whose files are all checked. Raises BackupError."""
    try:
        first, _, rest = (path / MANIFEST).read_bytes().partition(b"\n")
        text = rest.removesuffix(b"\n")
        if json.loads(first)["sha256"] != sha256_of(text):
            raise BackupError(f"the backup is damaged: {MANIFEST} is not what its hash says")
        plain = json.loads(text)
        if plain["format"] != FORMAT:
            raise BackupError(f"the backup is of another format, “{plain['format']}”; this version reads “{FORMAT}”")
        for name, summary in plain["tables"].items():
            _check(_file(path, name), summary["sha256"])
        if plain["rankings"]:
            _check(path / RANKINGS, plain["rankings"])
            plain["rankings"] = json.loads(gzip.decompress((path / RANKINGS).read_bytes()))
        manifest = _manifest(plain)
    except OSError as error:
        raise BackupError(f"{path} cannot be read as a backup: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{path} is no backup: {MANIFEST} cannot be read") from error
    return Folder(path, manifest, sha256_of(text))


def _check(file: Path, sha256: str) -> None:
    if not file.is_file():
        raise BackupError(f"the backup is damaged: {file.name} is missing")
    if _hash(file) != sha256:
        raise BackupError(f"the backup is damaged: {file.name} is not what the manifest says")


def _manifest(plain: dict[str, Any]) -> Manifest:
    tables = {name: TableSummary(**summary) for name, summary in plain["tables"].items()}
    seals = Seals(**plain["seals"]) if plain["seals"] else None
    rankings = Rankings(**plain["rankings"]) if plain["rankings"] else None
    return Manifest(**plain | {"tables": tables, "seals": seals, "rankings": rankings})


def _file(folder: Path, table: str) -> Path:
    if not table.isidentifier():
        raise BackupError(f"the backup is damaged: {table!r} is no table")
    return folder / f"{table}.jsonl.gz"


def _write_table(folder: Path, table: Table, rows: Iterator[Row]) -> str:
    file = _file(folder, table.name)
    with _opened(file) as out, gzip.GzipFile(fileobj=out, mode="wb", compresslevel=6, mtime=0) as packed:
        # In the order in which a value was stored, of which the hash over the rows makes nothing.
        lines = (json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n" for row in rows)
        while some := b"".join(islice(lines, 500)):
            packed.write(some)
    _sync(file)
    return _hash(file)


def _write(file: Path, content: bytes) -> None:
    with _opened(file) as out:
        out.write(content)
    _sync(file)


def _opened(file: Path) -> Any:
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _sync(path: Path) -> None:
    """Wait until it is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _hash(file: Path) -> str:
    found = sha256()
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            found.update(block)
    return found.hexdigest()
