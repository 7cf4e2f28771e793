"""How times are taken and written: medians and percentiles, and ratios between things measured together."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any


def median_ms(call: Callable[[], Any], *, seconds: float = 2.0, least: int = 7) -> float:
    """Median of repeated calls, in milliseconds; the first call warms up and is not counted."""
    call()
    times: list[float] = []
    until = time.perf_counter() + seconds
    while len(times) < least or time.perf_counter() < until:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def interleaved_ms(first: Callable[[], Any], second: Callable[[], Any], *, rounds: int = 60) -> tuple[float, float]:
    """Medians of two calls made in turn, so that both see the same machine."""
    first(), second()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, kept in zip((first, second), times, strict=True):
            start = time.perf_counter()
            call()
            kept.append(time.perf_counter() - start)
    return 1000 * statistics.median(times[0]), 1000 * statistics.median(times[1])


def say(what: str, value: str, note: str = "") -> None:
    sys.stdout.write(f"{what:<58}{value:>14}   {note}\n")


def p50_p95(seconds: Sequence[float]) -> tuple[float, float]:
    """Both percentiles, in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return 1000 * cuts[49], 1000 * cuts[94]
