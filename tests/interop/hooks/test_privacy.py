"""Nothing of a patient is kept or said: a canary is sent in every way, and found nowhere. And what is not called costs
nothing, for it is loaded with the first call."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.cache import cache
from django.db import connection

from tests.factories.fhir import ICDO3, PATIENT, concept, condition, ki67
from tests.factories.hooks import OPTIONS, ORDERS, Hospital, bundle_of, drafts_of, hook_request

CANARY = "Kanarienvogel-19410517"
TUMOUR = condition(
    f"tumour-{CANARY}",
    "http://hl7.org/fhir/sid/icd-10",
    "C18.0",
    extension=[
        {
            "url": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior",
            "valueCodeableConcept": concept(ICDO3, "8041/3", CANARY),
        }
    ],
    note=[{"text": CANARY}],
)
RECORD = {
    "Patient": PATIENT | {"name": [{"family": CANARY}], "identifier": [{"value": CANARY}], "birthDate": "1941-05-17"},
    "Condition": bundle_of(TUMOUR),
    "Observation": bundle_of(ki67(CANARY, 77.7371, note=[{"text": CANARY}])),
    "Procedure": {"resourceType": "OperationOutcome", "issue": [{"diagnostics": CANARY}]},
    CANARY: {"resourceType": CANARY},
}


def everything_stored() -> str:
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


def calls(system: Hospital) -> Iterator[Any]:
    """The canary in bodies, keys, addresses, headers and tokens."""
    sent = hook_request("p1", RECORD, "order-sign", draftOrders=drafts_of("p1", f"Cisplatin {CANARY}"))
    yield system.ask(ORDERS, sent)
    yield system.ask(ORDERS, sent, **{"X-Patient": CANARY, "User-Agent": CANARY, "Origin": CANARY})
    for changed in (
        {"hook": CANARY},
        {"hookInstance": CANARY},
        {"fhirServer": f"https://{CANARY}.example"},
        {"fhirServer": CANARY, "fhirAuthorization": {"patient": CANARY, "access_token": CANARY}},
        {"context": {"patientId": CANARY}},
        {"prefetch": {"Patient": PATIENT | {"id": CANARY}}},
        {"prefetch": {"Patient": CANARY}},
        {"prefetch": RECORD | {"Condition": {CANARY: CANARY}}},
        {"prefetch": RECORD | {"Condition": None, "Observation": bundle_of({"resourceType": CANARY})}},
        {CANARY: CANARY},
    ):
        yield system.ask(ORDERS, sent | changed)
    for body in (CANARY, f'{{"{CANARY}": 1, "{CANARY}": 2}}', f'{{"{CANARY}": NaN}}', f'{{"hook": {CANARY}}}'):
        yield system.ask(OPTIONS, body.encode())
    token = system.token(f"{OPTIONS}/feedback", jti=CANARY, sub=CANARY, patient=CANARY)
    entry = {"card": "4e0a3a1e-3283-4575-ab82-028d55fe2719", "outcome": "overridden"}
    reason = {"reason": {"code": CANARY, "system": CANARY, "display": CANARY}, "userComment": CANARY}
    entry |= {"outcomeTimestamp": "2026-11-20T10:00:00Z", "overrideReason": reason, CANARY: CANARY}
    yield system.ask(f"{OPTIONS}/feedback", {"feedback": [entry]}, token=token)
    yield system.ask(f"{OPTIONS}/feedback", {"feedback": [entry | {"outcomeTimestamp": CANARY}]})
    yield system.ask(f"{OPTIONS}/feedback", {"feedback": [entry | {"card": CANARY}]})
    yield system.ask(f"/cds-services/{CANARY}", sent)
    yield system.ask(OPTIONS, sent, token=CANARY)
    for claims in ({"iss": CANARY}, {"aud": CANARY}, {"iat": CANARY}):
        yield system.ask(OPTIONS, sent, token=system.token(OPTIONS, **claims))
    for header in ({"kid": CANARY}, {"jku": f"https://{CANARY}.example/"}, {"typ": CANARY}, {"cty": CANARY}):
        yield system.ask(OPTIONS, sent, token=system.token(OPTIONS, header=header))


@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_canary_is_found_nowhere(
    hospital: Hospital, caplog: Any, capfd: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    answers = list(calls(hospital))
    assert len(answers[0].json()["cards"]) >= 2
    for answer in answers:
        assert CANARY not in answer.text + str(answer.headers)
    written = capfd.readouterr()
    for place in (everything_stored(), caplog.text, written.out, written.err):
        assert CANARY.lower() not in place.lower()
        assert "77.7371" not in place and "1941-05-17" not in place
    assert list(temporary.iterdir()) == []
    assert not getattr(cache, "_cache", {})


def test_a_worker_that_is_not_called_loads_nothing_of_it() -> None:
    program = """
import sys, django
django.setup()
from django.core.handlers.wsgi import WSGIHandler
from django.urls import get_resolver, reverse
WSGIHandler(), get_resolver().url_patterns, reverse("patient"), reverse("admin:index"), reverse("cds-services")
names = ("interop.hooks", "interop.reading", "interop.clients", "accounts.outgoing", "joserfc", "httpcore")
print(sorted(name for name in sys.modules if name.startswith(names)))
"""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=project.BASE_DIR,
        check=True,
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == "[]"
