"""CDS Hooks: a call with its prefetch, signed, beside rank() and beside a bare view of the same bytes, in one run.

    python -m benchmarks.hooks

Calls go through the whole application in this process, each about another patient, with the database in memory. What
is ranked by itself is what was read of the same patients.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import django
import yaml

os.environ |= {"DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "necapp.settings", "HTTPS": "false"}
os.environ |= {"DEBUG": "false", "ALLOWED_HOSTS": "testserver", "CDS_REQUIRE_JWT": "true"}

CALLS = 200
WARM = 30
AIM = "aim: 3 x"


def measure_hooks() -> None:
    from django.http import HttpResponse
    from django.urls import path
    from django.views.decorators.csrf import csrf_exempt

    from interop.reading import read
    from interop.terminology import terminology
    from necapp import urls
    from regimens import releases
    from regimens.rules.ranking import rank
    from tests.factories.hooks import OPTIONS, Hospital

    from .timing import p50_p95, say

    knowledge, terms = releases.current(), terminology()
    system = Hospital(_key())
    answers: list[bytes] = []
    bodies = [json.dumps(request).encode() for request in _requests(CALLS + WARM)]
    records = [json.dumps([each for each in json.loads(body)["prefetch"].values() if each]).encode() for body in bodies]
    patients = [knowledge.patient(read(one, knowledge=knowledge, terms=terms).features) for one in records]
    headers: dict[str, str] = {}

    def sign() -> None:
        """A token is good once, and for five minutes."""
        headers["Authorization"] = f"Bearer {system.token(OPTIONS, aud=f'http://testserver{OPTIONS}')}"

    def card(number: int) -> None:
        response = system.client.post(OPTIONS, bodies[number], "application/json", headers=headers)
        if response.status_code != 200 or len(response.json()["cards"]) != 2:
            raise RuntimeError(f"answered with {response.status_code}")
        answers.append(response.content)

    def bare(number: int) -> None:
        system.client.post("/cds-services-bare/", bodies[number], "application/json", headers=headers)

    ways: Mapping[str, Callable[[int], object]] = {
        "card": card,
        "bare": bare,
        "read": lambda number: read(records[number], knowledge=knowledge, terms=terms),
        "rank() without draws": lambda number: rank(patients[number], knowledge, draws=False),
        "rank()": lambda number: rank(patients[number], knowledge),
    }
    urls.urlpatterns.append(path("cds-services-bare/", csrf_exempt(lambda request: HttpResponse(answers[-1]))))
    try:
        times = _in_turn(ways, len(bodies), sign)
    finally:
        urls.urlpatterns.pop()
    p95 = {way: p50_p95(taken_)[1] for way, taken_ in times.items()}
    for way, taken_ in times.items():
        p50, _ = p50_p95(taken_)
        say(f"CDS Hooks: {way}", f"{p50:.2f} ms", f"p95 {p95[way]:.2f} ms")
    size = statistics.median(map(len, bodies)) / 1024
    for other in ("rank()", "rank() without draws", "bare"):
        say(f"p95 of a card over {other}", f"{p95['card'] / p95[other]:.1f} x", AIM if other == "rank()" else "")
    say("a request, and its answer", f"{size:.0f} KiB", f"{statistics.median(map(len, answers)) / 1024:.0f} KiB")


def _in_turn(
    ways: Mapping[str, Callable[[int], object]], rounds: int, before: Callable[[], None]
) -> dict[str, list[float]]:
    """Seconds of processor time that each way took in each round but the first ones, which warm up."""
    times: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(rounds):
        before()
        for way, call in ways.items():
            start = time.thread_time()
            call(number)
            if number >= WARM:
                times[way].append(time.thread_time() - start)
    return times


def _requests(count: int) -> Iterator[dict[str, Any]]:
    """Of patients with a tumour, two lines of treatment and forty results, no two alike."""
    from tests.factories.fhir import ATC, ICDO3, PATIENT, concept, condition, ki67, observation, quantity
    from tests.factories.hooks import bundle_of, hook_request

    drawn = random.Random(13)  # noqa: S311 - draws examples, no secrets
    histology = {
        "url": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior",
        "valueCodeableConcept": concept(ICDO3, "8041/3"),
    }
    for _ in range(count):
        site = drawn.choice(["C18.0", "C25.0", "C16.2", "C67.9", "C61", "C15.4"])
        tumour = condition("tumour", "http://hl7.org/fhir/sid/icd-10", site, extension=[histology])
        results = [
            ki67("k", round(drawn.uniform(21, 99), 1)),
            observation("ecog", "89247-1", valueInteger=drawn.randint(0, 3)),
            observation("tmb", "94076-7", valueQuantity=quantity(round(drawn.uniform(0, 30), 1), "1/1000000{Base}")),
        ]
        results += [
            observation(f"other-{n}", "718-7", valueQuantity=quantity(round(drawn.uniform(8, 15), 1), "g/dL"))
            for n in range(40)
        ]
        doses = [
            {
                "resourceType": "MedicationAdministration",
                "id": f"{code}-{day}",
                "status": "completed",
                "subject": {"reference": "Patient/p1"},
                "medicationCodeableConcept": concept(ATC, code),
                "effectiveDateTime": f"2025-{month}-{day:02}",
            }
            for month, codes in (("02", ("L01XA01", "L01CB01")), ("09", ("L01CE02", "L01BC02")))
            for code in codes
            for day in (drawn.randint(1, 9), drawn.randint(15, 28))
        ]
        kinds = (
            "MedicationStatement",
            "MedicationRequest",
            "Procedure",
            "CarePlan",
            "AllergyIntolerance",
            "AdverseEvent",
        )
        sent = {"Patient": PATIENT, "Condition": bundle_of(tumour), "Observation": bundle_of(*results)}
        yield hook_request("p1", sent | {"MedicationAdministration": bundle_of(*doses)} | dict.fromkeys(kinds))


def _key() -> Any:
    """That of a system which is listed from now on."""
    from tests.factories.hooks import ISSUER
    from tests.factories.keys import public, signing_key

    key = signing_key()
    entry = {"name": "Main EHR", "issuer": ISSUER, "algorithm": "ES384", "jwks": public(key)}
    Path(os.environ["INTEROP_CLIENTS"]).write_text(yaml.safe_dump({"hooks": [entry]}), encoding="utf-8")
    return key


def main() -> None:
    import logging

    from django.core.management import call_command

    from curation.actions import publishing
    from curation.actions.loading import load

    logging.disable(logging.INFO)
    call_command("migrate", verbosity=0)
    load()
    publishing.publish("measured")
    measure_hooks()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["INTEROP_CLIENTS"] = str(Path(folder, "clients.yaml"))
        Path(os.environ["INTEROP_CLIENTS"]).write_text("hooks: []\n", encoding="utf-8")
        django.setup()
        main()
