"""Pages over HTTP under one and under twenty users, each beside a bare view of the same bytes in the same run."""

from __future__ import annotations

import itertools
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from .patients import cases, entered
from .timing import p50_p95
from .visitor import Answer, Visitor

ROUNDS = 4
REQUESTS = {1: 30, 20: 160}  # of each page in each round, by the number of users

Ask = Callable[[Visitor, int], Answer]

PATIENTS = [entered(features) for features in cases()]
# Each request for a ranking is for another patient than the one before.
PAGES: dict[str, tuple[str, Ask]] = {
    "page": ("/, a patient sent, whole page", lambda visitor, turn: visitor.post("/", _patient(turn))),
    "live": ("/, ranked anew by htmx", lambda visitor, turn: visitor.post("/", _patient(turn), live=True)),
    "option": ("/options/folfiri/", lambda visitor, turn: visitor.get("/options/folfiri/")),
    "evidence": ("/evidence/", lambda visitor, turn: visitor.get("/evidence/")),
}


def measure_load(port: int, folder: Path) -> None:
    visitor = Visitor(port)
    _write(
        f"{'Over HTTP: p50 / p95 in ms':<32}{'one user':>18}{'bare view':>16}{'':>9}{'20 users':>18}{'bare view':>16}"
    )
    for name, (title, ask) in PAGES.items():
        body = _checked(title, [ask(visitor, turn) for turn in range(len(PATIENTS))])
        (folder / name).write_bytes(body)
        cells = "".join(
            _cells(*_in_turn(port, (ask, _bare(name)), users, requests)) for users, requests in REQUESTS.items()
        )
        _write(f"{title:<32}{cells}   {len(body) / 1024:.0f} KiB")


def _cells(ours: list[float], bare: list[float]) -> str:
    ratio = p50_p95(ours)[0] / p50_p95(bare)[0]
    return f"{_figures(ours):>18}{_figures(bare):>16}{ratio:>7.1f} x"


def _patient(turn: int) -> dict[str, str | list[str]]:
    return PATIENTS[turn % len(PATIENTS)]


def _bare(name: str) -> Ask:
    return lambda visitor, turn: visitor.post(f"/bare/{name}/", _patient(turn))


def _checked(title: str, answers: list[Answer]) -> bytes:
    """The body of middling size; every answer is what it should be, and no patient was refused."""
    bodies = sorted((answer.body for answer in answers), key=len)
    if any(b"please correct what is marked" in body for body in bodies):
        raise RuntimeError(f"{title}: a patient of tests/cases was refused")
    return bodies[len(bodies) // 2]


def _in_turn(port: int, asks: tuple[Ask, Ask], users: int, requests: int) -> tuple[list[float], list[float]]:
    """Seconds of every request, round by round in turn, so that both see the same machine."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for ask, kept in zip(asks, taken, strict=True):
            kept += _seconds(port, ask, users, requests)
    return taken


def _seconds(port: int, ask: Ask, users: int, requests: int) -> list[float]:
    """Each user asks again as soon as the last answer is there."""
    visitors = [Visitor(port) for _ in range(users)]
    turns, seconds, failures = itertools.count(), [], []

    def use(visitor: Visitor) -> None:
        try:
            while (turn := next(turns)) < requests:
                start = time.perf_counter()
                ask(visitor, turn)
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
