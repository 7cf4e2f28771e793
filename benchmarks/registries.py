"""Registries: how fast patients are ranked in bulk, what two workers of Dask are worth, and what it takes in memory.

    python -m benchmarks.registries [PATIENTS] [--million]

Synthetic patients, as `make_registry` draws them, on the shipped evidence. Wall clock unless said, all in one run, with
the load of the machine beside it; ratios are what to look at. Processes are watched from outside: their peak is what
the kernel says. `--million` ranks 1,000,000 patients besides, which takes half an hour on two cores.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ |= {"DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "necapp.settings", "HTTPS": "false"}
os.environ |= {"DEBUG": "false", "ALLOWED_HOSTS": "testserver"}

PATIENTS = 100_000
SMALL = 1_000
COMPARED = 20_000  # patients that one and two workers rank
ALONE = 400  # patients that a loop ranks
KILLS = 20
PAUSE = 0.25  # seconds between two looks at the processes


def main(arguments: list[str], folder: Path) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("patients", nargs="?", type=int, default=PATIENTS)
    parser.add_argument("--million", action="store_true", help="rank a million as well")
    asked = parser.parse_args(arguments)
    export = _export()
    from registries.engine.release import hold
    from registries.engine.run import carried_of
    from registries.synthetic import make

    from .timing import say

    knowledge = hold(carried_of(export))
    sizes = {SMALL, COMPARED, asked.patients, *([1_000_000] if asked.million else [])}
    for many in sorted(sizes):
        start = time.perf_counter()
        make(many, folder / f"in-{many}", knowledge)
        say(f"draw {many} patients", f"{time.perf_counter() - start:.1f} s")
    _measure_kills(folder, export, say)
    _measure_loop(folder, export, say)
    _measure_workers(folder, export, say)
    _measure_whole(folder, export, asked.patients, say)
    if asked.million:
        _measure_whole(folder, export, 1_000_000, say)


def _export() -> bytes:
    """The shipped evidence as `export_release` writes it, without a database."""
    from audit.canonical import canonical_json, sha256_of
    from regimens.rules.benchmark import benchmark_constants
    from tests.factories.evidence import shipped_document

    document = shipped_document()
    text = canonical_json({**document, "constants": benchmark_constants(document)})
    header = {"format": "necapp knowledge release 1", "name": "measured", "published": "2026-01-01T00:00:00+00:00"}
    return canonical_json(header | {"sha256": sha256_of(text)}) + b"\n" + text + b"\n"


def _measure_loop(folder: Path, export: bytes, say: Callable[..., None]) -> None:
    """A loop over `rank` that finds the same of each option, and a run in this process: processor time."""
    import pyarrow.parquet as parquet

    from regimens.rules.patient import FEATURES
    from regimens.rules.ranking import rank
    from registries.engine.release import hold
    from registries.engine.run import carried_of

    knowledge = hold(carried_of(export))
    rows = parquet.read_table(folder / f"in-{SMALL}").to_pylist()[:ALONE]
    patients = [knowledge.patient({name: row[name] for name in FEATURES}) for row in rows]
    start = time.process_time()
    for patient in patients:
        for option in rank(patient, knowledge, draws=False).options:
            assert option.level and option.cautions is not None
    alone = (time.process_time() - start) / len(patients)
    start = time.process_time()
    _run(folder, export, SMALL, "process", workers=1)
    first = time.process_time() - start
    start = time.process_time()
    _run(folder, export, COMPARED, "process", workers=1)
    together = (time.process_time() - start - first) / (COMPARED - SMALL)
    say("a loop over rank(), each option assessed", f"{1000 * alone:.2f} ms", "processor time a patient")
    say("a run in one process, tables and files included", f"{1000 * together:.2f} ms", "the same")
    say("a run against the loop", f"{alone / together:.1f} x")


def _measure_workers(folder: Path, export: bytes, say: Callable[..., None]) -> None:
    """One and two workers of Dask that stand ready, and what Dask costs few patients."""
    from distributed import Client, LocalCluster

    walls: dict[int, float] = {}
    own: dict[int, float] = {}
    for workers in (1, 2):
        with (
            LocalCluster(
                n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
            ) as cluster,
            Client(cluster) as client,
        ):
            _run(folder, export, SMALL, f"warm-{workers}", scheduler=cluster.scheduler_address)
            before = sum(client.run(time.process_time).values())
            start = time.perf_counter()
            _run(folder, export, COMPARED, f"workers-{workers}", scheduler=cluster.scheduler_address)
            walls[workers] = time.perf_counter() - start
            own[workers] = sum(client.run(time.process_time).values()) - before
    say(f"{COMPARED} patients, 1 worker of Dask", f"{walls[1]:.1f} s", f"its processor time {own[1]:.1f} s")
    say(f"{COMPARED} patients, 2 workers of Dask", f"{walls[2]:.1f} s", f"theirs {own[2]:.1f} s, load {_load():.1f}")
    say("2 workers against 1", f"{walls[1] / walls[2]:.2f} x", "aim: 1.8 x")
    here = statistics.median(_seconds(lambda: _run(folder, export, SMALL, "here", workers=1)) for _ in range(3))
    half = SMALL // 2  # two parts, so that there is work for two
    dask = statistics.median(
        _seconds(lambda: _run(folder, export, SMALL, "dask", workers=2, rows_a_part=half)) for _ in range(3)
    )
    say(f"{SMALL} patients in this process", f"{here:.1f} s")
    say(f"{SMALL} patients on two workers, started for it", f"{dask:.1f} s")
    say(f"what Dask costs at {SMALL} patients", f"{dask - here / 2:.1f} s", "beyond half the time")


def _measure_whole(folder: Path, export: bytes, many: int, say: Callable[..., None]) -> None:
    with _watched() as peaks:
        start = time.perf_counter()
        _run(folder, export, many, f"whole-{many}", workers=2)
        wall = time.perf_counter() - start
    out = folder / f"whole-{many}"
    written = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    say(f"{many} patients on 2 workers", f"{wall:.0f} s", f"aim at 100,000: 120 s; load {_load():.1f}")
    say(f"{many} patients: peak of each process", ", ".join(f"{peak:.0f}" for peak in sorted(peaks.values())), "MiB")
    say(f"{many} patients: bytes out a patient", f"{written / many:.0f}")


def _measure_kills(folder: Path, export: bytes, say: Callable[..., None]) -> None:
    """Workers are killed KILLS times in a run; its tables are those of an undisturbed one."""
    drawn = random.Random(17)  # noqa: S311 - no secrets
    killed = 0
    is_over = threading.Event()

    def kill() -> None:
        nonlocal killed
        while not is_over.wait(drawn.uniform(0.8, 1.6)) and killed < KILLS:
            is_under_way = any((folder / "killed" / "done").glob("*"))
            if is_under_way and (workers := [pid for pid in _children() if _is_worker(pid)]):
                os.kill(drawn.choice(workers), signal.SIGKILL)
                killed += 1

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        manifest = _run(folder, export, COMPARED, "killed", workers=2, rows_a_part=500)
    finally:
        is_over.set()
        killer.join()
    whole = _run(folder, export, COMPARED, "not-killed", workers=1, rows_a_part=500)
    same = [part["files"] for part in manifest["parts"]] == [part["files"] for part in whole["parts"]]
    rows = sum(manifest["counts"]["rows"].values())
    say(f"workers killed in a run of {COMPARED}", f"{killed}", f"rows lost or doubled: {abs(rows - COMPARED)}")
    say("its files are those of an undisturbed run", "yes" if same else "no")


def _run(folder: Path, export: bytes, many: int, name: str, **how: Any) -> dict[str, Any]:
    import shutil

    from registries.engine.run import Asked, run

    out = folder / name
    shutil.rmtree(out, ignore_errors=True)
    return run(Asked(str(folder / f"in-{many}"), out, export, "balanced", key="id", **how))


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


@contextmanager
def _watched() -> Iterator[dict[int, float]]:
    """The peak of this process and of those that it starts, in MiB, by process."""
    peaks: dict[int, float] = {}
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(PAUSE):
            for pid in (os.getpid(), *_children()):
                peaks[pid] = max(peaks.get(pid, 0.0), _peak(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peaks
    finally:
        is_over.set()
        watcher.join()


def _peak(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def _children() -> list[int]:
    found = []
    for tasks in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
        try:
            found += [int(child) for child in tasks.read_text().split()]
        except OSError:
            continue
    return found


def _is_worker(pid: int) -> bool:
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _load() -> float:
    return os.getloadavg()[0]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        import django

        os.environ["STATIC_ROOT"] = name
        django.setup()
        main(sys.argv[1:], Path(name))
