"""The rules by themselves: ranking one patient and many, compiling a release, and how both grow with the evidence.

Patients are such as the release has never seen, and apart from them the same ones once more. What is counted is the
processor time of the thread, so that neighbours on the machine count less; ratios come from one run.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from itertools import islice
from pathlib import Path
from typing import Any

from regimens import releases
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import Patient
from regimens.rules.ranking import Ranking, rank, rank_many
from regimens.rules.record import as_json, of
from regimens.rules.tables import Tables

from .criteria import measure_criteria
from .patients import never_seen
from .timing import median_ms, say

SEEN_BEFORE = {1: 600, 10: 120, 100: 30}  # patients ranked before those that are timed, by the size of the release
TIMED = {1: 300, 10: 40, 100: 12}
TOGETHER = 2_000


def measure_rules(folder: Path) -> None:
    knowledge = releases.current()
    document, identity = knowledge.document, knowledge.release
    base = _measure_ranking(knowledge, 1)
    _measure_many(knowledge)
    measure_criteria(knowledge, list(islice(never_seen(knowledge, 5), 300)), folder)

    compiling = median_ms(lambda: Knowledge.from_document(document, release=identity), seconds=1)
    say("compile a release from its document", f"{compiling:.1f} ms")
    row = releases.find(identity.name)
    say("decompress, verify, parse and compile a stored one", f"{median_ms(lambda: releases.compiled(row)):.1f} ms")

    for factor, aim in ((10, "3 x"), (100, "20 x")):
        grown = Knowledge.from_document(larger(dict(document), factor), release=identity)
        for (what, before), now in zip(base.items(), _measure_ranking(grown, factor).values(), strict=True):
            say(f"release x {factor}: {what}", f"{now / before:.1f} x", f"aim: {aim}")


def _measure_ranking(knowledge: Knowledge, factor: int) -> dict[str, float]:
    """Milliseconds of a ranking at the median, by how it is made."""
    patients = never_seen(knowledge, 100 + factor)
    for patient in islice(patients, SEEN_BEFORE[factor]):
        rank(patient, knowledge, draws=False)
    times: dict[str, float] = {}
    rankings: list[Ranking] = []
    for draws, aim in ((True, "3 ms"), (False, "1 ms")):
        timed = list(islice(patients, TIMED[factor]))
        made = "with draws" if draws else "without draws"
        for seen in ("never seen", "once more"):
            what = f"rank() {made}, patients {seen}"
            taken = _each_ms(lambda patient, draws=draws: rankings.append(rank(patient, knowledge, draws=draws)), timed)
            times[what] = statistics.median(taken)
            if factor == 1:
                p95 = statistics.quantiles(taken, n=20)[-1]
                say(what, f"{times[what]:.2f} ms", f"p95 {p95:.2f} ms, aim: {aim}")
    if factor == 1:
        some = rankings[: TIMED[1]]
        say("as_json() of a ranking", f"{statistics.median(_each_ms(as_json, some)):.2f} ms", "options made with it")
        say("as_json() of it again", f"{statistics.median(_each_ms(as_json, some)):.2f} ms")
        say("as_json() of its record", f"{statistics.median(_each_ms(lambda one: as_json(of(one)), some)):.2f} ms")
        kept = knowledge.syntheses.bytes + sum(table.bytes for table in Tables.of(knowledge).kept)
        most = knowledge.syntheses.most + sum(table.most for table in Tables.of(knowledge).kept)
        say("kept of the release for the next patient", f"{kept / 2**20:.1f} MiB", f"at most {most / 2**20:.0f} MiB")
    return times


def _measure_many(knowledge: Knowledge) -> None:
    patients = list(islice(never_seen(knowledge, 7), TOGETHER))

    def together(draws: bool) -> Iterable[Ranking]:
        return rank_many(patients, knowledge, draws=draws)

    ways: dict[str, Callable[[], object]] = {
        "rank_many() without draws": lambda: [ranking.tests for ranking in together(False)],
        "rank_many() without draws, as JSON": lambda: [as_json(ranking) for ranking in together(False)],
        "rank_many() with draws": lambda: [ranking.tests for ranking in together(True)],
    }
    for what, call in ways.items():
        start = time.thread_time()
        call()
        say(what, f"{TOGETHER / (time.thread_time() - start):.0f} /s", f"{TOGETHER} patients never seen, one core")


def _each_ms(call: Callable[[Any], object], arguments: Sequence[Patient] | Sequence[Ranking]) -> list[float]:
    taken = []
    for argument in arguments:
        start = time.thread_time()
        call(argument)
        taken.append(1000 * (time.thread_time() - start))
    return taken


def larger(document: dict[str, Any], factor: int) -> dict[str, Any]:
    """A release with `factor` times the regimens and all that is said of them: copies under names of their own."""
    found = deepcopy(document)
    for copy in range(1, factor):
        for row in document["regimens"]:
            found["regimens"].append(row | {"slug": f"{row['slug']}-copy-{copy}", "name": f"{row['name']} {copy}"})
        for name in ("indications", "licences"):
            for row in document[name]:
                changed = {"key": f"{row['key']}-copy-{copy}", "regimen": f"{row['regimen']}-copy-{copy}"}
                found[name].append(row | changed)
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
