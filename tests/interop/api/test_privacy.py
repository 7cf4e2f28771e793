"""Nothing of a patient is kept or said: a canary is sent in every way, and found nowhere but in the answer's figures.

And what an API costs who does not call it: nothing, for its modules are loaded with the first call.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.cache import cache
from django.test import Client

from tests.factories.fhir import as_bytes, ki67
from tests.factories.tokens import System, token
from tests.trail import everything_stored

CANARY = "Kanarienvogel-19410517"


def records() -> list[Any]:
    """The canary in each field of a record that is not read, and in what makes a record one that is refused."""
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"family": CANARY, "given": [CANARY]}],
        "identifier": [{"value": CANARY}],
        "address": [{"line": [CANARY]}],
        "telecom": [{"value": CANARY}],
        "birthDate": CANARY,
        "text": {"div": CANARY},
    }
    said = {
        "note": [{"text": CANARY}],
        "encounter": {"reference": f"Encounter/{CANARY}"},
        "performer": [{"display": CANARY}],
        "method": {"text": CANARY},
        "identifier": [{"value": CANARY}],
        "extension": [{"url": f"http://hospital.example/{CANARY}", "valueString": CANARY}],
    }
    bundle = json.loads(as_bytes(patient, ki67("o1", 80.0, **said)))
    no_number = {"valueQuantity": {"value": CANARY, "unit": CANARY}}
    wrong = json.loads(as_bytes(patient, ki67("o1", 80.0) | no_number))
    return [bundle, wrong, f'{{"resourceType": "{CANARY}"', f'{{"{CANARY}": 1}}', f'{{"x": {CANARY}}}', CANARY]


def calls(system: System) -> list[Any]:
    """The canary in bodies, keys, addresses, parameters and headers."""
    bodies = [
        {"ki67": CANARY},
        {CANARY: 1},
        {"prior_regimens": [CANARY]},
        {"primary_site": {CANARY: [CANARY]}},
        f'{{"ki67": {CANARY}}}',
        CANARY,
        f'{{"{CANARY}": 1, "{CANARY}": 2}}',
    ]
    found = [system.rank(body) for body in bodies]
    found.append(system.rank({}, content_type=f"text/{CANARY}"))
    found.append(system.rank({}, **{"X-Patient": CANARY, "User-Agent": CANARY, "Accept": f"text/{CANARY}"}))
    found += [system.rank({}, f"rankings?{query}") for query in (f"{CANARY}=1", f"ki67={CANARY}", f"release={CANARY}")]
    found += [system.get(path) for path in (CANARY, f"options/{CANARY}", f"trials?q={CANARY}", f"trials?line={CANARY}")]
    found.append(System({"Authorization": f"Bearer {CANARY}"}).rank({}))
    found.append(system.batch(*(json.dumps(body) for body in bodies)))
    found += [system.read(body, path) for body in records() for path in ("fhir/read", "fhir/rankings")]
    found.append(system.client.generic(CANARY.upper().replace("-", ""), "/api/v1/options", headers=system.headers))
    return found


@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_canary_is_found_nowhere(system: System, caplog: Any, capfd: Any, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for response in calls(system):
        said = b"".join(response.streaming_content) if response.streaming else response.content
        assert CANARY not in said.decode() + str(response.headers)
    written = capfd.readouterr()
    for place in (everything_stored(), caplog.text, written.out, written.err):
        assert CANARY.lower() not in place.lower()
        assert "KANARIENVOGEL" not in place
    assert list(tmp_path.iterdir()) == []
    assert not getattr(cache, "_cache", {})


@pytest.mark.django_db
def test_a_patient_that_is_ranked_is_not_stored(system: System) -> None:
    """Values that no evidence holds."""
    system.rank({"ki67": 77.7371, "platinum_free_interval_months": 5.6179})
    stored = everything_stored()
    assert "77.7371" not in stored and "5.6179" not in stored


@pytest.mark.django_db
def test_one_line_a_call_of_method_route_status_time_and_token(caplog: Any) -> None:
    made, header = token()
    caplog.set_level("INFO")
    system = System(header)
    system.rank({"ki67": 80}, "rankings?preference=survival")
    system.get("options/folfiri?release=shipped")
    Client().get("/api/v1/options/folfiri")
    Client().get("/api/v1/nothing")
    lines = [record.getMessage() for record in caplog.records]
    assert [re.sub(r" \d+ ms ", " ms ", line) for line in lines] == [
        f"POST api:rankings 200 ms {made.key}",
        f"GET api:options-one 200 ms {made.key}",
        "GET api:options-one 401 ms nobody",
        "GET none 404 ms nobody",
    ]


def test_a_worker_that_is_not_called_loads_nothing_of_it() -> None:
    program = """
import sys, django
django.setup()
from django.core.handlers.wsgi import WSGIHandler
from django.urls import get_resolver, reverse
WSGIHandler(), get_resolver().url_patterns, reverse("patient"), reverse("admin:index"), reverse("api-call", args=["x"])
print(sorted(name for name in sys.modules if name.partition(".")[0] == "ninja" or name.startswith("interop.api")))
"""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=project.BASE_DIR,
        check=True,
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == "[]"
