"""Nothing of a launch is kept or said: a canary is in all that a hospital and a browser send, and is found nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from interop.patient_record import Fetched
from interop.smart.grant import Grant
from tests.databases import ROOT
from tests.factories.fhir import PATIENT, Resource, condition, dose, ki67
from tests.factories.hospital import Hospital
from tests.factories.launches import launched, query, signed_in_at
from tests.factories.loopback import answer
from tests.trail import everything_said, everything_stored

CANARY = "Kanarienvogel-19410517"


def with_canaries(resource: Resource) -> Resource:
    """In each element that a person's data may be in; the references lead to the patient of that id."""
    return resource | {
        "id": f"{CANARY}-{resource['id']}",
        "subject": {"reference": f"Patient/{CANARY}", "display": CANARY},
        "note": [{"text": CANARY}],
        "identifier": [{"system": f"https://{CANARY.lower()}.example", "value": CANARY}],
        "text": {"status": "generated", "div": f"<div>{CANARY}</div>"},
        "extension": [{"url": f"https://{CANARY.lower()}.example", "valueString": CANARY}],
        CANARY: CANARY,
    }


def chatty(hospital: Hospital) -> None:
    """A hospital that says the canary wherever it can."""
    patient = {"name": [{"family": CANARY}], "birthDate": "1941-05-17", "address": [{"text": CANARY}]}
    record = [
        with_canaries(each) for each in (ki67("k", 80), condition("c", CANARY, CANARY), dose("d", CANARY, "2025"))
    ]
    broken = with_canaries({"resourceType": "Observation", "id": "m", "status": [CANARY], "code": CANARY})
    hospital.resources = [PATIENT | {"id": CANARY} | patient, *record, broken]
    hospital.patient = CANARY
    hospital.token_changes = {"refresh_token": CANARY, "intent": CANARY, CANARY: CANARY, "encounter": CANARY}
    hospital.changes = {CANARY: CANARY, "capabilities": [CANARY]}


@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_canary_is_found_nowhere(
    listed: Hospital, caplog: Any, capfd: Any, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    client = Client(raise_request_exception=False)
    chatty(listed)
    given = query(signed_in_at(launched(client, listed, CANARY)))
    table = client.get("/smart/callback", given)
    assert table.status_code == 200, table.content.decode()
    row = next(row for row in table.context["table"].rows if row.name == "ki67")
    assert row.written == "80"
    # The table names entries, as that of an uploaded record does, and nothing else that stands in them.
    entries = {place.resource for said in row.said for place in said.places}
    page = table.content.decode()
    for named in sorted({*entries, *(each.resource for each in table.context["table"].malformed)}, key=len)[::-1]:
        page = page.replace(named, "")
    assert CANARY not in page
    assert "1941-05-17" not in page

    refusals = [
        client.get("/smart/launch", {"iss": f"https://{CANARY}.example", "launch": CANARY}),
        client.get("/smart/launch", {"iss": listed.iss, "launch": f"{CANARY} "}),
        client.get(f"/smart/callback?code={CANARY}&state={CANARY}"),
        client.get(f"/smart/callback?error={CANARY}&error_description={CANARY}&{CANARY}={CANARY}"),
    ]
    for place in ("/r4/Observation", "/r4/Patient", "/auth/token", "/auth/revoke"):
        for status in (200, 500):
            listed.faults = {place: lambda _call, handler, status=status: answer(handler, CANARY.encode(), status)}
            given = query(signed_in_at(launched(client, listed, CANARY)))
            refusals.append(client.get("/smart/callback", given, headers={"User-Agent": CANARY}))
    other = Client(raise_request_exception=False)
    other.cookies["smart"] = CANARY
    refusals.append(other.get("/smart/callback", {"state": CANARY}))
    for response in [table, *refusals]:
        assert CANARY not in str(response.headers)
        if response.status_code != 200:  # a table once more, where the token alone was not taken back
            assert CANARY not in response.content.decode()
    assert CANARY not in client.cookies.output()
    assert "sessionid" not in client.cookies
    written = capfd.readouterr()
    assert listed.tokens
    for place in (everything_stored(), everything_said(), caplog.text, written.out, written.err):
        assert CANARY.lower() not in place.lower()
        assert not any(token in place for token in listed.tokens)
    assert list(folder.iterdir()) == []
    assert not getattr(cache, "_cache", {})


ASKED = """
import sys
import django
django.setup()
from django.core.handlers.wsgi import WSGIHandler
from django.urls import get_resolver, reverse
WSGIHandler(), get_resolver().url_patterns, reverse("patient"), reverse("smart-servers")
lazy = ("interop.smart", "interop.clients", "accounts.outgoing", "interop.patient_record", "joserfc", "httpcore")
print(sorted(name for name in sys.modules if name.startswith(lazy)))
"""


def test_a_worker_from_which_nobody_starts_loads_nothing_of_it() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASKED],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "necapp.settings"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == "[]"


def test_the_token_and_the_patient_are_in_no_repr() -> None:
    """An error report that shows what a variable holds shows neither."""
    assert CANARY not in repr(Grant((CANARY,), ("launch",), CANARY, CANARY))
    assert CANARY not in repr(Fetched(CANARY.encode(), ()))
