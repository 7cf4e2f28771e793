"""Who is let in: by token and scope, or anybody by a setting; never by a cookie. Who is not leaves an event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from audit.models import Event
from interop.actions import revoke_token
from interop.models import ApiToken, CallCount, Scope
from tests.factories.accounts import account
from tests.factories.tokens import System, token
from tests.trail import everything_said, newest, since

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

CALLS = {
    Scope.KNOWLEDGE: ["options", "options/folfiri", "publications", "biomarkers", "guidelines", "trials", "releases"],
    Scope.RANKINGS: ["rankings"],
    Scope.FHIR: ["fhir/read"],
    Scope.DECISIONS: ["boards/decisions"],
}
RECORD = {"resourceType": "Bundle", "type": "collection"}


def status(system: System, path: str, **more: Any) -> int:
    if path.startswith("fhir/"):
        return int(system.read(RECORD, path, **more).status_code)
    return int((system.rank({}, path, **more) if path == "rankings" else system.get(path, **more)).status_code)


@pytest.fixture(autouse=True)
def as_on_a_server(settings: Any) -> None:
    settings.API_ANONYMOUS = "none"


class TestScopes:
    @pytest.mark.parametrize("given", Scope.values)
    def test_a_token_is_for_its_own_and_no_other(self, given: str) -> None:
        system = System(token(given)[1])
        for asked, paths in CALLS.items():
            for path in paths:
                assert status(system, path) == (200 if asked == given else 403), path

    def test_a_token_for_all(self) -> None:
        system = System(token()[1])
        assert {status(system, path) for paths in CALLS.values() for path in paths} == {200}

    def test_the_answer_names_the_one_that_is_missing(self) -> None:
        response = System(token(Scope.KNOWLEDGE)[1]).rank({})
        assert response.json()["detail"] == "The call asks for rankings.create."
        assert 'error="insufficient_scope", scope="rankings.create"' in response.headers["WWW-Authenticate"]


class TestAnybody:
    @pytest.mark.parametrize(
        ("setting", "reads", "ranks"), [("none", 401, 401), ("knowledge", 200, 401), ("rankings", 200, 200)]
    )
    def test_by_the_setting(self, settings: Any, setting: str, reads: int, ranks: int) -> None:
        settings.API_ANONYMOUS = setting
        for path in CALLS[Scope.KNOWLEDGE]:
            assert status(System({}), path) == reads
        assert status(System({}), "rankings") == ranks

    @pytest.mark.parametrize("path", ["openapi.json", "docs/"])
    def test_the_document_is_open(self, path: str) -> None:
        assert status(System({}), path) == 200

    def test_a_token_that_is_wrong_is_not_nobody(self, settings: Any) -> None:
        settings.API_ANONYMOUS = "rankings"
        assert status(System({"Authorization": "Bearer nonsense"}), "options") == 401

    def test_no_event_without_a_token(self) -> None:
        before = newest()
        assert status(System({}), "options") == 401
        assert since(before) == []


class TestCookies:
    def test_nobody_is_signed_in(self) -> None:
        client = Client()
        client.force_login(account("ada", "Administrator"))
        for path in CALLS[Scope.KNOWLEDGE]:
            assert client.get(f"/api/v1/{path}").status_code == 401
        assert client.post("/api/v1/rankings", "{}", content_type="application/json").status_code == 401

    def test_none_is_set(self) -> None:
        response = System(token()[1]).get("options")
        assert not response.cookies

    def test_no_session_is_kept_alive_or_ended(self, settings: Any) -> None:
        """A session that waits for its second factor is sent there by every page; a call knows of no session."""
        settings.REQUIRE_SECOND_FACTOR = True
        client = Client()
        client.force_login(account("ada", "Administrator"))
        assert client.get("/api/v1/options", headers=token()[1]).status_code == 200


class TestRefused:
    def tokens(self, by: User) -> dict[str, tuple[dict[str, str], ApiToken | None]]:
        """What may be wrong with a token, by the reason that administrators see."""
        right, _ = token(by=by)
        revoked, of_revoked = token(by=by)
        revoke_token(revoked, by=by, now=timezone.now())
        elsewhere, of_elsewhere = token(by=by, networks="192.0.2.0/24")
        return {
            "a revoked token": (of_revoked, revoked),
            "a token from a network that it is not for": (of_elsewhere, elsewhere),
            "no such token": ({"Authorization": f"Bearer nec_{right.key}_{'x' * 43}"}, None),
        }

    def test_each_has_one_answer_and_an_event_with_its_reason(self) -> None:
        found = self.tokens(account("ada", "Administrator"))
        answers = set()
        for reason, (header, known) in found.items():
            response = System(header).get("options", **{"User-Agent": "canary"})
            answers.add((response.status_code, response.content, response.headers["WWW-Authenticate"]))
            event = Event.objects.first()
            assert event is not None
            assert (event.action, event.subject, event.address) == ("refuse-token", reason, "127.0.0.1")
            assert event.details == ({"token": known.pk, "key": known.key} if known else {})
            assert header["Authorization"][-43:] not in everything_said()
        assert len(answers) == 1

    def test_past_the_last_day(self) -> None:
        made, header = token()
        last = timezone.now().replace(hour=23) + timedelta(days=30)
        with time_machine.travel(last):
            assert status(System(header), "options") == 200
        with time_machine.travel(last + timedelta(hours=1)):
            assert status(System(header), "options") == 401
        event = Event.objects.first()
        assert event is not None and event.subject == "a token past its last day"
        assert event.details["key"] == made.key

    def test_in_its_network(self) -> None:
        _, header = token(networks="192.0.2.0/24 2001:db8::/32")
        for address, expected in (("192.0.2.9", 200), ("192.0.3.9", 401), ("2001:db8::7", 200), ("2001:db9::7", 401)):
            response = Client().get("/api/v1/options", headers=header, REMOTE_ADDR=address)
            assert response.status_code == expected, address

    @pytest.mark.parametrize(
        "header",
        ["", "Bearer", "Bearer ", "Basic bmVjOm5lYw==", "nec_x", "Bearer nec_abc_def", "Bearer ünsinn", "bearer\tx"],
    )
    def test_what_is_no_token(self, header: str) -> None:
        assert status(System({"Authorization": header}), "options") == 401
        assert "ünsinn" not in everything_said()

    def test_the_scheme_is_read_in_any_case(self) -> None:
        sent = token()[1]["Authorization"].replace("Bearer", "bearer")
        assert status(System({"Authorization": sent}), "options") == 200

    def test_a_missing_scope_is_an_event(self) -> None:
        made, header = token(Scope.KNOWLEDGE)
        System(header).rank({})
        event = Event.objects.first()
        assert event is not None
        assert (event.subject, event.details["key"]) == ("without the scope rankings.create", made.key)

    @time_machine.travel("2026-11-29 12:00:30Z", tick=False)
    def test_who_knocks_again_and_again_leaves_one_event_a_minute_and_is_told_to_wait(self) -> None:
        before, system = newest(), System({"Authorization": "Bearer nonsense"})
        answers = [system.get("options") for _ in range(62)]
        assert [answer.status_code for answer in answers] == [401] * 60 + [429] * 2
        assert answers[-1].headers["Retry-After"] == "30"
        assert since(before) == ["refuse-token"]


class TestLimits:
    @time_machine.travel("2026-11-29 12:00:45Z", tick=False)
    def test_of_a_token(self) -> None:
        system = System(token(rankings_a_minute=2, reads_a_minute=3)[1])
        assert [status(system, "rankings") for _ in range(3)] == [200, 200, 429]
        assert [status(system, "options/folfiri") for _ in range(4)] == [200, 200, 200, 429]
        response = system.rank({})
        assert response.headers["Retry-After"] == "15"
        assert response.json()["detail"] == "At most 2 rankings a minute."
        with time_machine.travel("2026-11-29 12:01:00Z", tick=False):
            assert status(system, "rankings") == 200
        assert {row.calls for row in CallCount.objects.all()} == {1}  # those of the minute before are forgotten

    def test_each_token_has_its_own(self) -> None:
        systems = [System(token(rankings_a_minute=1)[1]) for _ in range(2)]
        with time_machine.travel("2026-11-29 12:00:00Z", tick=False):
            assert [status(system, "rankings") for system in systems * 2] == [200, 200, 429, 429]

    @time_machine.travel("2026-11-29 12:00:00Z", tick=False)
    def test_of_an_address(self, settings: Any, monkeypatch: Any) -> None:
        settings.API_ANONYMOUS = "rankings"
        monkeypatch.setattr("interop.api.limits.ANONYMOUS", {"rankings": 1, "reads": 2, "knocks": 1})

        def read(address: str) -> int:
            return int(Client().get("/api/v1/options/folfiri", REMOTE_ADDR=address).status_code)

        assert [read("192.0.2.1") for _ in range(3)] == [200, 200, 429]
        assert read("192.0.2.2") == 200
        assert [read(f"2001:db8::{host}") for host in (1, 2, 3)] == [200, 200, 429]
        assert [status(System({}), "rankings") for _ in range(2)] == [200, 429]

    def test_a_forwarded_address_is_believed_behind_a_proxy_alone(self, settings: Any) -> None:
        _, header = token(networks="192.0.2.0/24")
        sent = header | {"X-Forwarded-For": "192.0.2.7"}
        assert Client().get("/api/v1/options", headers=sent).status_code == 401
        settings.BEHIND_PROXY = True
        assert Client().get("/api/v1/options", headers=sent).status_code == 200


def test_the_day_of_a_use_is_kept_and_the_first_is_an_event() -> None:
    made, header = token()
    before = newest()
    for _ in range(3):
        System(header).get("options/folfiri")
    made.refresh_from_db()
    assert made.last_used == timezone.now().date()
    assert since(before) == ["use-token"]
