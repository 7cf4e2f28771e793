"""Kills of the server's workers and of PostgreSQL while people write: what was acknowledged is there, whole and sealed.

    python -m benchmarks.faults [--workers 200] [--servers 30]

Half of the workers are killed on SQLite, half on PostgreSQL, with SIGKILL at random moments, and besides PostgreSQL
with all its processes. Then every acknowledged write is looked for, rows without what belongs to them, and
`verify_events` is asked. Ends with 1 when anything is lost, half-made or unsealed.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from .setting_up import set_up

ROOT = Path(__file__).parents[1]
TEAMS = 3
# Seconds from kill to kill: until something was acknowledged since, so that a slow machine is not only starting, and on
BETWEEN, AT_MOST = (0.5, 2.5), 20.0
LEFT_FOR = 130  # seconds: an event that a killed process left is sealed once the others look, each once a minute


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=200, metavar="N")
    parser.add_argument("--servers", type=int, default=30, metavar="N")
    parser.add_argument("--on", metavar="URL", help="one empty database: kill there")
    given = parser.parse_args(arguments)
    if given.on:
        return on_database(given.on, given.workers, given.servers)
    from tests.postgresql import served

    half, rest = given.workers // 2, given.workers - given.workers // 2
    with tempfile.TemporaryDirectory(prefix="necapp-faults-") as folder:
        failed = _in_a_process(f"sqlite:///{Path(folder) / 'faults.sqlite3'}", half, 0)
    with served() as url:
        failed += _in_a_process(url, rest, given.servers)
    return int(failed > 0)


def _in_a_process(url: str, workers: int, servers: int) -> int:
    arguments = ["--on", url, "--workers", str(workers), "--servers", str(servers)]
    return subprocess.call([sys.executable, "-m", "benchmarks.faults", *arguments], cwd=ROOT)


def on_database(url: str, workers: int, servers: int) -> int:
    with tempfile.TemporaryDirectory(prefix="necapp-faults-") as name:
        set_up(Path(name), url)
        from .processes import kill_database, kill_worker
        from .server import served
        from .writers import Writers

        with served(Path(name), url) as port:
            writers = Writers(port, TEAMS)
            writers.start()
            kills: list[tuple[Callable[[], None], str]] = [(lambda: kill_worker(port), "worker")] * workers
            kills += [(lambda: kill_database(url), "server")] * servers
            drawn = random.Random(7)  # noqa: S311 - chooses moments, and no secrets
            drawn.shuffle(kills)
            done = Counter[str]()
            with suppress(KeyboardInterrupt):  # whoever has no more time is told of what was done
                for kill, what in kills:
                    writers.wait_for_more(AT_MOST)
                    time.sleep(drawn.uniform(*BETWEEN))
                    kill()
                    done[what] += 1
            time.sleep(LEFT_FOR)
            writers.stop()
        return writers.say(f"{done['worker']} workers and {done['server']} database servers killed")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
