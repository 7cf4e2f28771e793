"""Many people at once for some minutes on PostgreSQL, each with patients of their own, beside a bare page.

    python -m benchmarks.people [--people 50] [--seconds 600]

Starts a PostgreSQL server and the app as `make run` does, lets half of the people sign in, and lets each ask for what
people ask for (`ASKED`), with one to three seconds to think. No patient is asked for twice. Says p50 and p95 of each
page and times the bare view's (`urls.py`, a Django view that returns ready bytes under the same server, asked by the
same people), every answer that was none, and the memory of each worker at the start, after 30 seconds and at the end.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from .setting_up import set_up

LOOKED_AT_AFTER = (0, 30)  # seconds; and at the end


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=50, metavar="N")
    parser.add_argument("--seconds", type=int, default=600, metavar="N")
    given = parser.parse_args(arguments)
    from tests.postgresql import served as database

    with tempfile.TemporaryDirectory(prefix="necapp-people-") as name, database() as url:
        set_up(Path(name), url)
        from .server import served

        with served(Path(name), url) as port:
            return _used(port, Path(name), given.people, given.seconds)


def _used(port: int, folder: Path, people: int, seconds: int) -> int:
    """1 where an answer was not a good one."""
    from regimens import releases

    from .patients import sent
    from .processes import children, parent_at, resident_mib
    from .visitor import Asked, Visitor

    (folder / "bare").write_bytes(Visitor(port).get("/").body)
    sessions = _signed_in(people // 2)
    patients, drawing = sent(releases.current(), 21), threading.Lock()
    took: dict[str, list[float]] = defaultdict(list)
    failed: Counter[str] = Counter()
    until = time.monotonic() + seconds

    def asked(drawn: random.Random) -> tuple[str, Asked]:
        name = drawn.choices(list(ASKED), list(ASKED.values()))[0]
        if name not in PATIENTS:
            return name, Asked(PATHS[name])
        with drawing:
            fields = next(patients)
        return name, Asked("/", fields, is_live=name == "live answer")

    def use(number: int) -> None:
        drawn = random.Random(number)  # noqa: S311 - what a person does next, no secret
        visitor = Visitor(port)
        if number < len(sessions):
            visitor.cookie += f"; sessionid={sessions[number]}"
        time.sleep(drawn.uniform(0, 2))
        while time.monotonic() < until:
            name, what = asked(drawn)
            start = time.perf_counter()
            try:
                visitor.ask(what)
            except (OSError, RuntimeError) as error:
                failed[f"{name}: {error!r}"[:100]] += 1
            else:
                took[name].append(time.perf_counter() - start)
            time.sleep(drawn.uniform(1, 3))

    threads = [threading.Thread(target=use, args=(number,)) for number in range(people)]
    parent, memory = parent_at(port), list[tuple[int, list[int]]]()

    def look(after: int) -> None:
        memory.append((after, [resident_mib(worker) for worker in children(parent)]))

    look(0)
    for thread in threads:
        thread.start()
    for after in LOOKED_AT_AFTER[1:]:
        time.sleep(after)
        look(after)
    time.sleep(max(0, until - time.monotonic() - 1))
    look(seconds)
    for thread in threads:
        thread.join()
    _say(took, failed, memory)
    return int(bool(failed))


# What people ask for, and how often; a bare page among it is what the others are measured by.
ASKED = {"live answer": 60, "whole page": 10, "first page": 8, "an option": 6, "the library": 6, "bare page": 10}
PATIENTS = {"live answer", "whole page"}
PATHS = {"first page": "/", "an option": "/options/folfiri/", "the library": "/evidence/", "bare page": "/bare/bare/"}


def _signed_in(people: int) -> list[str]:
    """The keys of the sessions of so many clinicians, as if each had signed in with a password and a code."""
    from tests.factories.accounts import account
    from tests.factories.running.boards import session_of

    return [session_of(account(f"clinician-{number}", "Clinician")) for number in range(people)]


def _say(took: dict[str, list[float]], failed: Counter[str], memory: list[tuple[int, list[int]]]) -> None:
    from .timing import p50_p95

    bare = p50_p95(took["bare page"])
    for line in _lines(took, bare):
        sys.stdout.write(f"{line}\n")
    for what, times in failed.most_common():
        sys.stdout.write(f"NO GOOD ANSWER, {times} times: {what}\n")
    sys.stdout.write(f"errors and resets: {failed.total()}\n")
    for after, sizes in memory:
        sys.stdout.write(f"MiB of each worker after {after} s: {sizes}\n")


def _lines(took: dict[str, list[float]], bare: tuple[float, float]) -> Iterator[str]:
    yield f"{'p50 / p95 in ms':<16}{'answers':>9}{'':>18}{'p50, times bare':>18}{'p95, times bare':>18}"
    for name in ASKED:
        yield _line(name, took[name], bare)
    yield _line("all but bare", [seconds for name in ASKED if name != "bare page" for seconds in took[name]], bare)


def _line(name: str, seconds: list[float], bare: tuple[float, float]) -> str:
    from .timing import p50_p95

    p50, p95 = p50_p95(seconds)
    return f"{name:<16}{len(seconds):>9}{f'{p50:.0f} / {p95:.0f}':>18}{p50 / bare[0]:>18.1f}{p95 / bare[1]:>18.1f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
