"""A visitor without an account ranks as often as is set, and the others are not held up."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from necapp import pace
from tests.factories.accounts import account, signed_in
from tests.factories.patients import colorectal
from tests.forms import filled

pytestmark = pytest.mark.django_db
NOON = "2026-11-30 12:00:10Z"


@pytest.fixture(autouse=True)
def few(settings: Any) -> None:
    settings.RANKINGS_A_MINUTE = 2


def at(client: Client, address: str, path: str = "/") -> Any:
    return client.post(path, colorectal(), REMOTE_ADDR=address)


def test_who_ranks_too_often_is_told_when_to_come_back(client: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        assert [at(client, "192.0.2.1").status_code for _ in range(3)] == [200, 200, 429]
        refused = at(client, "192.0.2.1", "/ranking.json")
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "50"
        assert at(client, "192.0.2.2").status_code == 200
        assert client.get("/", REMOTE_ADDR="192.0.2.1").status_code == 200
    with time_machine.travel("2026-11-30 12:01:00Z", tick=False):
        assert at(client, "192.0.2.1").status_code == 200


def test_what_was_entered_is_sent_again_from_the_refusal(client: Client) -> None:
    """Every value, of fields with several as well, whatever signs it holds."""
    sent = colorectal() | {"prior_drugs": ["irinotecan", "fluorouracil"], "ki67": '"><b>'}
    with time_machine.travel(NOON, tick=False):
        for _ in range(3):
            refused = client.post("/?preference=safety", sent, REMOTE_ADDR="192.0.2.9")
    page = refused.content.decode()
    assert '<form id="again" class="mb-3" method="post" action="/?preference=safety">' in page
    assert 'name="csrfmiddlewaretoken"' in page
    given = {name: [value] if isinstance(value, str) else value for name, value in sent.items()}
    assert dict(filled(page, "again").lists()) == given


def test_a_file_has_to_be_chosen_anew(client: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        for _ in range(2):
            file = SimpleUploadedFile("record.json", b"{}")
            refused = client.post("/fill/", {"record": file}, REMOTE_ADDR="192.0.2.9")
    assert refused.status_code == 429
    assert "Try again in a minute" in refused.content.decode()
    assert b"Nothing that you entered" not in refused.content


def test_an_ipv6_network_is_one_visitor(client: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        answers = [at(client, f"2001:db8::{number}").status_code for number in range(1, 4)]
    assert answers == [200, 200, 429]


def test_what_costs_more_counts_for_more(client: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        assert at(client, "192.0.2.3", "/ranking.pdf").status_code == 429


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_calls_from_the_machine_itself_are_not_counted(client: Client, address: str) -> None:
    with time_machine.travel(NOON, tick=False):
        assert [at(client, address).status_code for _ in range(4)] == [200] * 4


def test_who_is_signed_in_is_not_counted() -> None:
    with time_machine.travel(NOON, tick=False):
        ada = signed_in(account("ada", "Clinician"))
        assert [at(ada, "192.0.2.1").status_code for _ in range(4)] == [200] * 4


def test_none_is_counted_where_nothing_is_set(client: Client, settings: Any) -> None:
    settings.RANKINGS_A_MINUTE = 0
    with time_machine.travel(NOON, tick=False):
        assert [at(client, "192.0.2.1").status_code for _ in range(4)] == [200] * 4


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MOST_ADDRESSES", 3)
    kept = pace.Pace(lambda request: request)  # type: ignore[arg-type,return-value]
    for number in range(10):
        kept._spend(f"192.0.2.{number}", 1, 1)
    assert len(kept._spent) == 4


def names(patterns: list[URLPattern | URLResolver]) -> set[str]:
    found = set()
    for each in patterns:
        found |= names(each.url_patterns) if isinstance(each, URLResolver) else {each.name or ""}
    return found


def test_every_page_that_is_counted_is_there() -> None:
    assert set(pace.COSTS) <= names(get_resolver().url_patterns)
