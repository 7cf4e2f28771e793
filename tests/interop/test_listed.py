"""Which hospital systems are listed is an event whenever it is another list than at the start before."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError

from audit.models import Event
from interop import listed
from interop.clients import Clients

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


def systems(name: str = "Main EHR", client_id: str = "necapp") -> Clients:
    return Clients.model_validate({"smart": [{"name": name, "iss": "https://fhir.example/r4", "client_id": client_id}]})


def noted() -> list[Any]:
    return [event.details["smart"] for event in Event.objects.filter(action="list-systems").order_by("pk")]


def test_each_other_list_is_an_event_and_the_same_one_is_none() -> None:
    listed.note(Clients())
    assert noted() == []  # nobody was ever listed
    for found in (systems(), systems(), systems(client_id="other"), Clients(), Clients(), systems()):
        listed.note(found)
    assert noted() == [["Main EHR"], ["Main EHR"], [], ["Main EHR"]]


def test_a_worker_starts_without_a_database(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def away(found: Clients) -> None:
        raise DatabaseError("Kanarienvogel")

    monkeypatch.setattr(listed, "note", away)
    listed.note_listed_systems()
    assert "DatabaseError" in caplog.text and "Kanarienvogel" not in caplog.text


def test_a_worker_notes_once_before_its_first_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(listed, "note", lambda found: said.append("noted"))
    application = listed.noting_first(lambda environ, start_response: said.append("answered"))
    assert said == []  # importing it writes nothing
    application({}, None)
    application({}, None)
    assert said == ["noted", "answered", "answered"]
