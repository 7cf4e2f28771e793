"""A disk that is full while people write, on both databases: nothing is lost, and no patient's data reaches a log.

    python -m benchmarks.full_disk

As root on Linux: the database lies on a small file system in memory (tmpfs), which is filled while people save cases,
vote and decide, and freed after a while. Meanwhile they should be told 503 in the app's style; afterwards saving goes
on by itself, every acknowledged write is there, and a marker that each case's notes hold is in no log of the server or
of PostgreSQL. Ends with 1 when anything of that is not so.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .setting_up import set_up

ROOT = Path(__file__).parents[1]
MARKER = "Zzmarkerofnotes"
MIB = {"sqlite": 24, "postgresql": 110}
FULL_FOR = 20  # seconds
GOES_ON_WITHIN = 40
SEALED_WITHIN = 130  # an event that could not be sealed; benchmarks/faults.py
TEAMS = 3


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--on"]:
        return on_database(*arguments[1:])
    if os.geteuid() != 0:
        sys.stderr.write("A small file system can be mounted by root alone: nothing was tried.\n")
        return 2
    failed = 0
    with small_disk(MIB["sqlite"]) as disk:
        failed += _in_a_process(f"sqlite:///{disk / 'necapp.sqlite3'}", disk)
    with small_disk(MIB["postgresql"]) as disk, _postgresql(disk) as url:
        failed += _in_a_process(url, disk)
    return int(failed > 0)


@contextlib.contextmanager
def small_disk(mib: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="necapp-disk-") as name:
        subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=755", "tmpfs", name], check=True)
        try:
            yield Path(name)
        finally:
            subprocess.run(["/bin/umount", "--lazy", name], check=True)


@contextlib.contextmanager
def _postgresql(disk: Path) -> Iterator[str]:
    from tests.postgresql import served

    with served(disk) as url:
        yield url


def _in_a_process(url: str, disk: Path) -> int:
    return subprocess.call([sys.executable, "-m", "benchmarks.full_disk", "--on", url, str(disk)], cwd=ROOT)


def on_database(url: str, disk: str) -> int:
    with tempfile.TemporaryDirectory(prefix="necapp-full-") as name:
        log = Path(name, "server.log")
        set_up(Path(name), url)
        from .server import served
        from .writers import Writers

        with served(Path(name), url, log=log) as port:
            writers = Writers(port, TEAMS, MARKER)
            writers.start()
            time.sleep(10)
            before, filler = writers.acknowledged(), Path(disk, "filler")
            _fill(filler)
            time.sleep(3)
            when_full = writers.acknowledged()
            time.sleep(FULL_FOR)
            while_full = writers.acknowledged() - when_full
            filler.unlink()
            freed, started = writers.acknowledged(), time.monotonic()
            while writers.acknowledged() == freed and time.monotonic() - started < GOES_ON_WITHIN:
                time.sleep(0.1)
            goes_on_after = time.monotonic() - started
            time.sleep(SEALED_WITHIN)
            writers.stop()
        wrong = writers.say(f"disk full for {FULL_FOR} s, after {before} acknowledged writes")
        sys.stdout.write(f"  acknowledged while full: {while_full}; goes on {goes_on_after:.1f} s after room is made\n")
        logs = [log, *Path(disk).glob("*/data/log*")]
        told = [each.name for each in logs if each.is_file() and MARKER.encode() in each.read_bytes()]
        sizes = {each.name: each.stat().st_size for each in logs if each.is_file()}
        sys.stdout.write(f"  logs with the marker: {told or 'none'} of {sizes}\n")
        failures = [said for said in writers.said if said.startswith("5") and not said.startswith("503 with")]
        return int(bool(wrong or told or failures or goes_on_after >= GOES_ON_WITHIN))


def _fill(filler: Path) -> None:
    with contextlib.suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(bytes(1 << 12))
            file.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
