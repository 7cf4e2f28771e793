"""A whole run: what is there is taken apart, what is not done yet is done, and the manifest says what came of it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from regimens.rules.columns import Columns as Found
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import FEATURES

from .cluster_error import ClusterError
from .folder import Folder
from .job import ROWS_A_PART, Job
from .mapping import DIED, MONTHS, TREATMENT, Columns, MappingError, plain, read_columns
from .release import Carried, hold
from .sources import Part, Source, SourceError, files_of, opened, parts_of, rows_of
from .work import rank_part

MOST_REPEATED = 10_000

Progress = Callable[[Iterator[Part], int, int], Iterable[Part]]


@dataclass(frozen=True)
class Asked:
    """What a run is asked to do.

    given       a file, a folder of parts or a pattern
    release     as `export_release` writes it
    columns     a file that says what the columns are
    key         the column that is passed through
    workers     processes on this machine, where no scheduler is named
    """

    given: str
    out: Path
    release: bytes
    preference: str
    columns: Path | None = None
    key: str | None = None
    nec_only: bool = False
    draws: bool = False
    scheduler: str | None = None
    workers: int | None = None
    rows_a_part: int = ROWS_A_PART


def run(asked: Asked, progress: Progress = lambda done, rows, before: done) -> dict[str, Any]:
    """Rank a registry; the manifest.

    `progress` is given the parts as they are done, how many patients there are, and of how many it was done before.
    Raises SourceError, MappingError, FolderError, ClusterError and ReleaseDamaged; nothing of what is wrong with files
    or columns is found after the first patient is ranked.
    """
    carried = carried_of(asked.release)
    sources, columns = _explained(asked)
    folder = Folder(asked.out)
    with folder.taken():
        parts = list(parts_of(sources, asked.rows_a_part))
        if not parts:
            raise SourceError(f"{asked.given}: there are no patients")
        repeated = _repeated(parts, asked.key) if asked.key else frozenset[str]()
        job = Job.of(
            carried.sha256,
            columns,
            preference=asked.preference,
            nec_only=asked.nec_only,
            draws=asked.draws,
            key=asked.key,
            repeated=repeated,
            rows_a_part=asked.rows_a_part,
            is_synthetic=any(source.is_synthetic for source in sources),
        )
        knowledge = hold(carried)
        folder.begin(job, asked.release)
        waiting = [part for part in parts if not folder.is_done(job, part)]
        rows = sum(part.rows for part in parts)
        before = rows - sum(part.rows for part in waiting)
        try:
            for _ in progress(_ranked(waiting, job, carried, asked), rows, before):
                pass
        except ClusterError:
            folder.forget()
            raise
        return folder.finish(job, parts, _said(carried, knowledge))


def carried_of(export: bytes) -> Carried:
    """A release from the bytes of its export."""
    first, _, text = export.partition(b"\n")
    header = json.loads(first)
    return Carried(header["name"], header["published"][:10], header["sha256"], text.removesuffix(b"\n"))


def _ranked(parts: Sequence[Part], job: Job, carried: Carried, asked: Asked) -> Iterator[Part]:
    """On the cluster; in workers of this machine; or in this process, where one would do it all."""
    workers = asked.workers or len(os.sched_getaffinity(0))
    if asked.scheduler is None and min(workers, len(parts)) <= 1:
        for part in parts:
            rank_part(job, part, str(asked.out))
            yield part
        return
    from .cluster import ranked  # Dask takes a second to import

    yield from ranked(parts, job, carried, asked.out, scheduler=asked.scheduler, workers=workers)


def _explained(asked: Asked) -> tuple[list[Source], Columns]:
    """The files, each with columns that are all explained."""
    named = [opened(path) for path in files_of(asked.given)]
    names = [name for _, there in named for name in there] or [*FEATURES, TREATMENT, MONTHS, DIED]
    mapped = read_columns(asked.columns) if asked.columns else plain(dict.fromkeys(names), asked.key)
    if not mapped.columns:
        raise MappingError(f"{asked.given}: no column is a feature")
    if asked.key in mapped.columns:
        raise MappingError(f"{asked.key} is a feature, and cannot be the key as well")
    for source, there in named:
        if source.kind != "jsonl":
            mapped.checked(there, source.name, asked.key)
    return [source for source, _ in named], mapped


def _repeated(parts: Iterable[Part], key: str) -> frozenset[str]:
    """The keys that stand more than once. A million keys take 8 MB while they are looked through."""
    hashes = np.concatenate([np.array(list(map(_hash, _keys(part, key))), dtype=np.uint64) for part in parts])
    found, many = np.unique(hashes, return_counts=True)
    doubled = frozenset(found[many > 1].tolist())
    if len(doubled) > MOST_REPEATED:
        raise SourceError(f"{key} is no key: {len(doubled)} of its values stand more than once")
    if not doubled:
        return frozenset()
    seen: set[str] = set()
    repeated: set[str] = set()
    for part in parts:
        for value in _keys(part, key):
            if _hash(value) in doubled:
                (repeated if value in seen else seen).add(value)
    return frozenset(repeated)


def _keys(part: Part, key: str) -> Iterator[str]:
    for cells in rows_of(part, [key]):
        with suppress(KeyError):
            if cells.cells[key] is not None and str(cells.cells[key]).strip():
                yield str(cells.cells[key])


def _hash(value: str) -> int:
    return int.from_bytes(hashlib.blake2b(value.encode(), digest_size=8).digest(), "little")


def _said(carried: Carried, knowledge: Knowledge) -> dict[str, Any]:
    """What a report needs of the release: names, what cautions say, and which outcomes were shown to tell apart."""
    said = {each.code: each for each in Found.of(knowledge).said}
    return {
        "release": {"name": carried.name, "published": carried.published, "sha256": carried.sha256},
        "names": {slug: regimen.name for slug, regimen in sorted(knowledge.regimens.items())},
        "demonstrated": dict(knowledge.demonstrated),
        "cautions": {
            code: {"level": each.level, "text": each.text, "features": list(each.features)}
            for code, each in sorted(said.items())
        },
    }
