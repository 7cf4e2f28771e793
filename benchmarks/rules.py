"""The rules by themselves: ranking, compiling a release, and how both grow with the evidence."""

from __future__ import annotations

import statistics
from copy import deepcopy
from typing import Any

from regimens import releases
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import Patient
from regimens.rules.ranking import rank
from regimens.rules.record import as_json, of

from .patients import cases
from .timing import median_ms, say


def measure_rules() -> None:
    knowledge = releases.current()
    given = cases()
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
    say("as_json() of a ranking", f"{median_ms(lambda: as_json(of(ranking)), seconds=0.5):.2f} ms")

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
