"""Parts to workers of Dask and back: on this machine, or on a cluster that is running.

The release travels once to each worker, which verifies it; a worker that joins later gets it too. A part whose worker
is killed is done again by another one. Before anything is written every worker has to show that it runs the same code
and sees the same files.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import dask
from distributed import Client, KilledWorker, LocalCluster, as_completed
from distributed.diagnostics.plugin import WorkerPlugin

from .cluster_error import ClusterError
from .job import Job, code, versions
from .release import Carried, hold
from .sources import Part
from .work import NotHeld, rank_part

AHEAD = 2  # parts that wait for each thread of a worker
TRIES = 10  # of a part whose worker is killed; then it is the part that kills
HERE = "127.0.0.1"

# Parts are killed only where somebody kills workers: the scheduler gives up later than it would. Nothing is told over
# HTTP.
_SETTINGS: dict[str, Any] = {
    "distributed.scheduler.allowed-failures": TRIES,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


class Carry(WorkerPlugin):  # type: ignore[misc]
    """Brings the release to a worker, which verifies and compiles it before its first part."""

    name = "necapp-release"

    def __init__(self, carried: Carried):
        self.carried = carried

    def setup(self, worker: Any) -> None:
        hold(self.carried)


def ranked(
    parts: Sequence[Part], job: Job, carried: Carried, out: Path, *, scheduler: str | None, workers: int
) -> Iterator[Part]:
    """The parts as they are done, in whatever order; `workers` are started here where no scheduler is named.

    Raises ClusterError.
    """
    with _client(scheduler, min(workers, len(parts))) as client:
        if not client.nthreads():
            raise ClusterError("the cluster has no workers")
        _check(client, job, parts, out)
        with suppress(OSError):  # of a worker that dies meanwhile: the scheduler has it for those to come
            client.register_plugin(Carry(carried))
        yield from _done(client, parts, job, str(out.resolve()))


@contextmanager
def _client(scheduler: str | None, workers: int) -> Iterator[Client]:
    logging.getLogger("distributed").setLevel(logging.WARNING)  # which Dask itself sets when it is imported
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(_SETTINGS))
        if scheduler is None:
            try:
                cluster = LocalCluster(
                    n_workers=workers, threads_per_worker=1, processes=True, host=HERE, dashboard_address=f"{HERE}:0"
                )
            except (OSError, RuntimeError) as error:
                raise ClusterError(f"workers cannot be started here: {error}") from error
            stack.enter_context(cluster)
            yield stack.enter_context(Client(cluster))
            return
        try:
            client = Client(scheduler, timeout="10s")
        except (OSError, ValueError) as error:
            raise ClusterError(f"the scheduler at {scheduler} does not answer: {error}") from error
        yield stack.enter_context(client)


def _done(client: Client, parts: Sequence[Part], job: Job, out: str) -> Iterator[Part]:
    following = iter(parts)
    threads = max(sum(client.nthreads().values()), 1)
    tries: dict[int, int] = {}
    under_way: dict[Any, Part] = {}

    def asked(part: Part) -> Any:
        future = client.submit(rank_part, job, part, out, pure=False)
        under_way[future] = part
        return future

    waiting = as_completed([asked(part) for part in islice(following, AHEAD * threads)])
    for future in waiting:
        part = under_way.pop(future)
        error = future.exception()
        if isinstance(error, KilledWorker | NotHeld) and tries.setdefault(part.number, 0) < TRIES:
            tries[part.number] += 1
            waiting.add(asked(part))
            continue
        if error is not None:
            where = f"{part.source.name} from row {part.row} on"
            raise ClusterError(f"{where} cannot be ranked: {error}") from error
        future.release()
        yield part
        if (another := next(following, None)) is not None:
            waiting.add(asked(another))


def _check(client: Client, job: Job, parts: Sequence[Part], out: Path) -> None:
    """Raises ClusterError unless every worker runs this code, and sees the files and the folder.

    One that dies while it is asked is left to its successor, which says its code with each part.
    """
    token = out / f".seen-{uuid.uuid4().hex}"
    token.touch()
    files = sorted({part.source.path for part in parts})
    try:
        found = client.run(_told, str(token.resolve()), files, on_error="return")
    except OSError:  # the stream to a worker that died
        found = {}
    except Exception as error:  # whatever a worker without our code makes of the question
        raise ClusterError(f"the workers do not run this code: {error}") from error
    finally:
        token.unlink()
    mine = {"code": job.code, **dict(job.versions)}
    for worker, told in found.items():
        if isinstance(told, OSError):
            continue
        if isinstance(told, Exception):
            raise ClusterError(f"the worker {worker} does not run this code: {told}")
        theirs, unseen = told
        if other := [f"{name} {theirs[name]} and not {mine[name]}" for name in mine if theirs[name] != mine[name]]:
            raise ClusterError(f"the worker {worker} has {', '.join(other)}: all have to run one version")
        if unseen:
            raise ClusterError(f"the worker {worker} does not see {unseen[0]}: all have to see the same folders")


def _told(token: str, files: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """What a worker says of itself, and which of the files it does not see."""
    unseen = [file for file in (token, *files) if not os.access(file, os.R_OK)]
    if not os.access(Path(token).parent, os.W_OK):
        unseen.append(str(Path(token).parent))
    return {"code": code(), **dict(versions())}, unseen
