"""With several servers an answer of one is never taken for another's (RFC 9700, section 4.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client

from interop.smart import discovery
from tests.factories.hospital import CLIENT, Hospital
from tests.factories.launches import launched, query, signed_in_at

pytestmark = pytest.mark.django_db


def server(hospital: Hospital, **more: Any) -> dict[str, Any]:
    return {"name": "Main EHR", "iss": hospital.iss, "client_id": CLIENT} | more


def test_an_answer_comes_to_the_address_of_its_server(
    client: Client, hospital: Hospital, allow: Callable[..., None]
) -> None:
    allow(server(hospital, callback="main"))
    address = signed_in_at(launched(client, hospital))
    assert address.startswith("http://testserver/smart/callback/main?")
    assert client.get("/smart/callback/main", query(address)).status_code == 200


@pytest.mark.parametrize("path", ["/smart/callback", "/smart/callback/other"])
def test_elsewhere_it_is_another_servers(
    path: str, client: Client, hospital: Hospital, allow: Callable[..., None]
) -> None:
    allow(server(hospital, callback="main"))
    given = query(signed_in_at(launched(client, hospital)))
    response = client.get(path, given)
    assert response.status_code == 400
    assert "belongs to no start" in response.content.decode()
    assert hospital.asked_for("/auth/token") == []


def test_who_says_that_it_names_itself_has_to(
    client: Client, listed: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = discovery._checked

    def saying(said: dict[str, Any], reach: Any) -> Any:
        named = {"issuer": listed.iss, "authorization_response_iss_parameter_supported": True}
        return checked({**said, **named}, reach)

    monkeypatch.setattr(discovery, "_checked", saying)
    given = query(signed_in_at(launched(client, listed)))
    given.pop("iss", None)
    assert client.get("/smart/callback", given).status_code == 400
    assert listed.asked_for("/auth/token") == []
    given = query(signed_in_at(launched(client, listed)))
    assert client.get("/smart/callback", given | {"iss": listed.iss}).status_code == 200


def test_several_servers_without_addresses_of_their_own_are_named(
    hospital: Hospital, allow: Callable[..., None]
) -> None:
    def warned() -> list[str]:
        return [str(found.msg)[:8] for found in run_checks() if found.id == "interop.W002"]

    second = {"name": "Pathology", "iss": f"{hospital.iss}/2", "client_id": CLIENT}
    allow(server(hospital))
    assert warned() == []
    allow(server(hospital, callback="main"), second)
    assert warned() == []  # `test: true` is said instead, and is never on a server
    allow(
        server(hospital, callback="main", iss="https://fhir.example/r4"),
        second | {"iss": "https://b.example/r4"},
        test=False,
    )
    assert warned() == ["Patholog"]
