"""Measures the figures that the project quotes, all in one run: medians, and ratios between things measured together.

Works on an in-memory database of its own, filled with the shipped evidence base.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases" / "patients.jsonl"

os.environ |= {"DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "necapp.settings", "HTTPS": "false"}
os.environ.setdefault("ALLOWED_HOSTS", "testserver")


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


def larger(document: dict[str, Any], factor: int) -> dict[str, Any]:
    """A release with `factor` times the publications, regimens and indications: copies under names of their own."""
    found = deepcopy(document)
    for copy in range(1, factor):
        for row in document["regimens"]:
            found["regimens"].append(row | {"slug": f"{row['slug']}-copy-{copy}", "name": f"{row['name']} {copy}"})
        for row in document["indications"]:
            changed = {"key": f"{row['key']}-copy-{copy}", "regimen": f"{row['regimen']}-copy-{copy}"}
            found["indications"].append(row | changed)
        for row in document["publications"]:
            key = {
                "key": f"{row['key']}-copy-{copy}",
                "study_key": row["study_key"] and f"{row['study_key']}-copy-{copy}",
            }
            results = [
                result | {"regimen": result["regimen"] and f"{result['regimen']}-copy-{copy}"}
                for result in row["results"]
            ]
            found["publications"].append(row | key | {"results": results})
    return found


def rules(releases: Any) -> None:
    from regimens.rules.knowledge import Knowledge
    from regimens.rules.patient import Patient
    from regimens.rules.ranking import as_json, rank

    knowledge = releases.current()
    given = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    patients = [knowledge.patient(features) for features in given]

    def ranking_ms(release: Knowledge, patient: Patient, *, draws: bool, seconds: float) -> float:
        return median_ms(lambda: rank(patient, release, draws=draws), seconds=seconds, least=3)

    with_draws, without = (
        statistics.median(ranking_ms(knowledge, patient, draws=draws, seconds=0.15) for patient in patients)
        for draws in (True, False)
    )
    say("rank() with draws, median of the 40 cases", f"{with_draws:.2f} ms", "aim: 5 ms")
    say("rank() without draws", f"{without:.2f} ms", "aim: 1 ms")
    ranking = rank(patients[0], knowledge)
    say("as_json() of a ranking", f"{median_ms(lambda: as_json(ranking), seconds=0.5):.2f} ms")

    document, identity = knowledge.document, knowledge.release
    compiling = median_ms(lambda: Knowledge.from_document(document, release=identity), seconds=1)
    say("compile a release from its document", f"{compiling:.1f} ms")
    row = releases.find(identity.name)
    say("decompress, verify, parse and compile a stored one", f"{median_ms(lambda: releases.compiled(row)):.1f} ms")

    for factor in (1, 10, 100):
        grown = Knowledge.from_document(larger(dict(document), factor), release=identity)
        patient = grown.patient(given[0])
        times = [ranking_ms(grown, patient, draws=draws, seconds=2) for draws in (True, False)]
        if factor == 1:
            base = times
        ratios = " and ".join(f"{time / first:.1f} x" for time, first in zip(times, base, strict=True))
        say(f"release x {factor}: rank() with and without draws", f"{times[0]:.1f}, {times[1]:.1f} ms", ratios)


def page(releases: Any) -> None:
    from django.db import connection
    from django.http import HttpResponse
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings
    from django.urls import path

    from necapp import urls

    plain_static = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    entered = {
        "primary_site": "colorectal",
        "histology": "small-cell",
        "ki67": "80",
        "first_line_platinum": "etoposide-platinum",
        "platinum_best_response": "PR",
        "platinum_free_interval_months": "2",
        "lines_received": "1",
        "ecog": "1",
        "region": "US",
    }
    with override_settings(STORAGES=plain_static):
        client = Client()
        body = client.post("/", entered).content
        urls.urlpatterns.append(path("bare/", lambda request: HttpResponse(body)))
        try:
            ours, bare = interleaved_ms(lambda: client.post("/", entered), lambda: client.post("/bare/", entered))
        finally:
            urls.urlpatterns.pop()
        live = median_ms(lambda: client.post("/", entered, headers={"HX-Request": "true"}))
        with CaptureQueriesContext(connection) as queries:
            client.post("/", entered)
    say("the ranking page, whole", f"{ours:.1f} ms", f"{len(body) / 1024:.0f} KiB")
    say("a bare view that returns the same bytes", f"{bare:.2f} ms", f"the page takes {ours / bare:.1f} x; aim: 2 x")
    say("the answer alone, as htmx asks for it", f"{live:.1f} ms")
    say("queries of a ranking page", str(len(queries)), "aim: 3 at most")


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from regimens import releases
    from regimens.knowledge.loader import load

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    call_command("migrate", verbosity=0)
    start = time.perf_counter()
    load()
    loading = time.perf_counter() - start
    start = time.perf_counter()
    releases.publish("measured")
    publishing = time.perf_counter() - start
    say("load the evidence base into an empty database", f"{1000 * loading:.0f} ms")
    say("load it again", f"{median_ms(load, seconds=1, least=2):.0f} ms")
    say("publish a release", f"{1000 * publishing:.0f} ms")
    page(releases)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    say("memory of this process after its pages (peak)", f"{after / 1024:.0f} MiB", f"{before / 1024:.0f} MiB before")
    rules(releases)


if __name__ == "__main__":
    main()
