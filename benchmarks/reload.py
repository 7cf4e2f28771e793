"""New workers while people ask: `kill -HUP` ten times, and slow or silent connections; nobody else notices.

    python -m benchmarks.reload [--times 10]

Four people ask for pages one after another; every answer that is none is counted. Then 100 connections that say
nothing, 32 whose heads and 32 whose bodies come a byte at a time: how long others wait, beside undisturbed.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .setting_up import set_up

ASKING = 4
BETWEEN = 6  # seconds from one reload to the next
HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
BODY = (
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 5000\r\n\r\nki67="
)
SLOW = {"100 silent": (100, b""), "32 slow heads": (32, HEAD), "32 slow bodies": (32, BODY)}
ASKED_BESIDE = 100


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=10, metavar="N")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="necapp-reload-") as name:
        set_up(Path(name), f"sqlite:///{name}/necapp.sqlite3")
        from .server import served

        with served(Path(name)) as port:
            lost = _reloaded(port, given.times)
            _beside_slow_ones(port)
    return int(lost > 0)


def _reloaded(port: int, times: int) -> int:
    from .processes import children, parent_at
    from .visitor import Visitor

    answers, over = Counter[str](), threading.Event()

    def ask() -> None:
        while not over.is_set():
            try:
                Visitor(port).get("/options/folfiri/")
            except (OSError, RuntimeError) as error:
                answers[repr(error)[:80]] += 1
            else:
                answers["good"] += 2

    asking = [threading.Thread(target=ask) for _ in range(ASKING)]
    for thread in asking:
        thread.start()
    parent, workers = parent_at(port), set[int]()
    for _ in range(times):
        time.sleep(BETWEEN)
        workers |= set(children(parent))
        os.kill(parent, signal.SIGHUP)
    time.sleep(BETWEEN)
    workers |= set(children(parent))
    over.set()
    for thread in asking:
        thread.join()
    lost = answers.total() - answers["good"]
    sys.stdout.write(f"{times} reloads, {len(workers)} workers: {answers['good']} good answers, {lost} lost\n")
    for said, count in answers.items():
        if said != "good":
            sys.stdout.write(f"  {count} times: {said}\n")
    return lost


def _beside_slow_ones(port: int) -> None:
    undisturbed = _p50_p95(port)
    sys.stdout.write("others, p50 / p95 in ms: undisturbed {:.0f} / {:.0f}\n".format(*undisturbed))
    for name, (count, first) in SLOW.items():
        with _held(port, count, first):
            p50, p95 = _p50_p95(port)
        sys.stdout.write(f"  beside {name}: {p50:.0f} / {p95:.0f}, {p95 / undisturbed[1]:.1f} times at p95\n")


def _p50_p95(port: int) -> tuple[float, float]:
    from .timing import p50_p95
    from .visitor import Visitor

    visitor, took = Visitor(port), list[float]()
    for _ in range(ASKED_BESIDE):
        start = time.perf_counter()
        visitor.get("/about/")
        took.append(time.perf_counter() - start)
    return p50_p95(took)


@contextmanager
def _held(port: int, count: int, first: bytes) -> Iterator[None]:
    """So many connections that begin like this and then send a byte each second, or nothing."""
    from .server import HOST

    opened = [socket.create_connection((HOST, port)) for _ in range(count)]
    over = threading.Event()

    def drip() -> None:
        while not over.wait(1):
            for each in opened:
                try:
                    each.sendall(b"8" if first else b"")
                except OSError:
                    continue

    for each in opened:
        each.sendall(first)
    dripping = threading.Thread(target=drip)
    dripping.start()
    time.sleep(2)
    try:
        yield
    finally:
        over.set()
        dripping.join()
        for each in opened:
            each.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
