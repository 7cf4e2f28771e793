"""Pages over HTTP under one and under twenty users, each beside a bare view of the same bytes in the same run.

Every ranking asked for is of a patient whom the server has never seen. A whole page is a patient sent; a live answer is
a patient whose page was just sent, with one entry changed, and comes with what the page held for it, as a browser sends
it. The bare view (`urls.py`) is asked in the same way, with the same fields, and returns what the page returned at the
median of its size.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, repeat
from pathlib import Path

from regimens.rules.knowledge import Knowledge

from .patients import sent, sent_again
from .timing import p50_p95, say
from .visitor import Asked, Visitor

ROUNDS = 4
REQUESTS = {1: 30, 20: 160}  # of each page in each round, by the number of users
WARMED_UP_BY = 60  # answers before those that are timed, of which one is the bare view's

PAGE, LIVE = "page", "live"
TITLES = {
    PAGE: "/, a patient sent, whole page",
    LIVE: "/, an entry changed, by htmx",
    "option": "/options/folfiri/",
    "evidence": "/evidence/",
}
AIMS = {PAGE: 3.0, LIVE: 2.5, "option": 3.0, "evidence": 3.0}  # times the bare view, at p50
LARGEST_ANSWER = 60  # KiB of HTML before compression


def measure_load(port: int, folder: Path, knowledge: Knowledge) -> None:
    visitor = Visitor(port)
    again = sent_again(knowledge, 12, lambda fields: visitor.post("/", fields).body)
    asked = {
        PAGE: (Asked("/", fields) for fields in sent(knowledge, 11)),
        LIVE: (Asked("/", fields, is_live=True) for fields in again),
        "option": repeat(Asked("/options/folfiri/")),
        "evidence": repeat(Asked("/evidence/")),
    }
    _write(
        f"{'Over HTTP: p50 / p95 in ms':<32}{'one user':>18}{'bare view':>16}{'':>9}{'20 users':>18}{'bare view':>16}"
    )
    sizes: dict[str, list[int]] = {}
    for name, title in TITLES.items():
        bodies = _checked(title, port, islice(asked[name], WARMED_UP_BY))
        (folder / name).write_bytes(bodies[len(bodies) // 2])
        sizes[name] = [len(body) for body in bodies]
        cells = "".join(_cells(*_in_turn(port, asked[name], name, *each)) for each in REQUESTS.items())
        _write(f"{title:<32}{cells}   aim: {AIMS[name]:g} x")
    for name, title in TITLES.items():
        kib = [size / 1024 for size in sizes[name]]
        aim = f", aim: {LARGEST_ANSWER} KiB" if name == LIVE else ""
        say(f"HTML before compression: {title}", f"{statistics.median(kib):.0f} KiB", f"at most {kib[-1]:.0f}{aim}")


def _cells(ours: list[float], bare: list[float]) -> str:
    ratio = p50_p95(ours)[0] / p50_p95(bare)[0]
    return f"{_figures(ours):>18}{_figures(bare):>16}{ratio:>7.1f} x"


def _checked(title: str, port: int, asked: Iterable[Asked]) -> list[bytes]:
    """The bodies by their size; every answer is what it should be, and no patient was refused."""
    visitor = Visitor(port)
    bodies = sorted((visitor.ask(each).body for each in asked), key=len)
    if any(b"please correct what is marked" in body for body in bodies):
        raise RuntimeError(f"{title}: a patient was refused")
    return bodies


def _in_turn(
    port: int, asked: Iterator[Asked], name: str, users: int, requests: int
) -> tuple[list[float], list[float]]:
    """Seconds of every request to the page and to its bare view, round by round in turn, so that both see the same
    machine."""
    ours, bare = list[float](), list[float]()
    for _ in range(ROUNDS):
        some = list(islice(asked, requests))
        ours += _seconds(port, some, users)
        bare += _seconds(port, [replace(each, path=f"/bare/{name}/") for each in some], users)
    return ours, bare


def _seconds(port: int, asked: Sequence[Asked], users: int) -> list[float]:
    """Each user asks again as soon as the last answer is there."""
    visitors = [Visitor(port) for _ in range(users)]
    left, seconds, failures = iter(asked), list[float](), list[Exception]()

    def use(visitor: Visitor) -> None:
        try:
            for each in left:
                start = time.perf_counter()
                visitor.ask(each)
                seconds.append(time.perf_counter() - start)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=use, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return seconds


def _figures(seconds: list[float]) -> str:
    return "{:.1f} / {:.1f}".format(*p50_p95(seconds))


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
