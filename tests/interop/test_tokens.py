"""API tokens: made, limited and revoked by administrators, an event each, shown once and never again."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.actions import writing
from audit.errors import ActionRefused
from audit.guard import RECORDS, DirectWriteError
from audit.models import Event
from audit.sentences import tell
from interop.actions import digest_of, limit_token, make_token, note_use, revoke_token
from interop.models import ApiToken, Scope
from tests.factories.accounts import account, signed_in
from tests.factories.boards import a_board
from tests.factories.tokens import token
from tests.trail import everything_said, newest, since

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
LIMITS: dict[str, Any] = {
    "expires_on": date(2027, 6, 30),
    "networks": "192.0.2.0/24, 2001:db8::/32",
    "rankings_a_minute": 30,
    "reads_a_minute": 300,
}


@pytest.fixture
def ada() -> User:
    return account("root", "Administrator")


def make(by: User, **changes: Any) -> tuple[ApiToken, str]:
    return make_token(**{"name": "Ward system", "scopes": [Scope.RANKINGS], **LIMITS, "by": by, "now": NOW} | changes)


class TestMaking:
    def test_it_is_an_event_without_the_secret(self, ada: User) -> None:
        made, sent = make(ada)
        event = Event.objects.first()
        assert event is not None
        assert (event.action, event.subject, event.by) == ("make-token", f"Ward system ({made.key})", ada)
        assert event.details | {"os_user": ""} == {
            "os_user": "",  # that of who runs the tests
            "token": made.pk,
            "scopes": ["rankings.create"],
            "networks": "192.0.2.0/24 2001:db8::/32",
            "expires_on": "2027-06-30",
            "rankings_a_minute": 30,
            "reads_a_minute": 300,
        }
        assert str(tell([event])[0]) == f"made the API token Ward system ({made.key})"
        secret = sent.removeprefix(f"nec_{made.key}_")
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", secret)
        assert secret not in everything_said()

    def test_its_digest_alone_is_kept(self, ada: User) -> None:
        made, sent = make(ada)
        secret = sent.removeprefix(f"nec_{made.key}_")
        row = ApiToken.objects.filter(pk=made.pk).values().get()
        assert row["digest"] == digest_of(secret)
        assert secret not in str(row)

    def test_no_two_have_the_same_secret(self, ada: User) -> None:
        found = {make(ada, name=str(number))[1] for number in range(20)}
        assert len({sent[-43:] for sent in found}) == 20

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"name": " "}, "A token needs a name"),
            ({"name": "a\nb"}, "A token needs a name"),
            ({"scopes": []}, "A token needs a scope"),
            ({"scopes": ["everything"]}, "A token needs a scope"),
            ({"scopes": ["boards.decisions.read"]}, "Board: one is named for the scope boards.decisions.read"),
            (
                {"expires_on": date(2027, 12, 1)},
                "The last day is 2027-12-01; it has to be from 2026-11-29 to 2027-11-30",
            ),
            ({"expires_on": date(2026, 11, 28)}, "The last day is 2026-11-28"),
            ({"networks": "192.0.2.7/24"}, "Networks: 192.0.2.7/24 has host bits set"),
            ({"networks": "anywhere"}, "Networks: 'anywhere'"),
            ({"rankings_a_minute": 0}, "Rankings a minute: 0; it has to be from 1 to 100000"),
            ({"reads_a_minute": 100_001}, "Reads a minute: 100001"),
        ],
    )
    def test_what_is_wrong_is_said(self, ada: User, changes: dict[str, Any], words: str) -> None:
        with pytest.raises(ActionRefused, match=re.escape(words)):
            make(ada, **changes)
        assert not ApiToken.objects.exists()

    def test_one_for_decisions_names_a_board_and_no_other_does(self, ada: User) -> None:
        board = a_board()
        with pytest.raises(ActionRefused, match="Board: one is named"):
            make(ada, board=board)
        made, _ = make(ada, scopes=[Scope.DECISIONS], board=board)
        event = Event.objects.first()
        assert event is not None
        assert (made.board, event.details["board"]) == (board, "NEC board")

    def test_a_year_is_the_longest(self, ada: User) -> None:
        assert make(ada, expires_on=date(2027, 11, 30))[0].expires_on == date(2027, 11, 30)

    def test_one_name_is_one_token_s(self, ada: User) -> None:
        make(ada)
        with pytest.raises(ActionRefused, match="There is a token named ward SYSTEM"):
            make(ada, name="ward SYSTEM")

    @pytest.mark.parametrize("role", ["Clinician", "Board member", "Curator", "Publisher"])
    def test_nobody_else_makes_limits_or_revokes_one(self, ada: User, role: str) -> None:
        other = account("other", role)
        made, _ = make(ada)
        before = newest()
        for act in (
            lambda: make(other, name="mine"),
            lambda: limit_token(made, by=other, now=NOW, **LIMITS),
            lambda: revoke_token(made, by=other, now=NOW),
        ):
            with pytest.raises(ActionRefused, match="no permission"):
                act()
        assert (ApiToken.objects.count(), since(before)) == (1, [])


class TestAfterwards:
    def test_limits_are_changed_with_what_they_were(self, ada: User) -> None:
        made, _ = make(ada)
        limit_token(made, by=ada, now=NOW, **LIMITS | {"networks": "", "rankings_a_minute": 5})
        event = Event.objects.first()
        assert event is not None
        changed = {"networks": ["192.0.2.0/24 2001:db8::/32", ""], "rankings_a_minute": [30, 5]}
        assert (event.action, event.details["changed"]) == ("limit-token", changed)
        assert "rankings a minute: 30 → 5" in str(tell([event])[0].details[0])
        made.refresh_from_db()
        assert (made.networks, made.rankings_a_minute, made.scopes) == ("", 5, "rankings.create")

    def test_nothing_changed_is_no_event(self, ada: User) -> None:
        made, _ = make(ada)
        before = newest()
        limit_token(made, by=ada, now=NOW, **LIMITS)
        assert since(before) == []

    def test_its_year_begins_when_it_was_made(self, ada: User) -> None:
        made, _ = make(ada)
        later = NOW + timedelta(days=100)
        with pytest.raises(ActionRefused, match="from 2027-03-09 to 2027-11-30"):
            limit_token(made, by=ada, now=later, **LIMITS | {"expires_on": date(2028, 3, 1)})

    def test_revoked_once_and_for_ever(self, ada: User) -> None:
        made, _ = make(ada)
        revoke_token(made, by=ada, now=NOW)
        made.refresh_from_db()
        assert (made.revoked_at, made.revoked_by) == (NOW, ada)
        for act in (
            lambda: revoke_token(made, by=ada, now=NOW),
            lambda: limit_token(made, by=ada, now=NOW, **LIMITS),
        ):
            with pytest.raises(ActionRefused, match="is revoked"):
                act()

    def test_the_first_use_is_an_event_and_each_day_is_remembered(self, ada: User) -> None:
        made, _ = make(ada)
        before = newest()
        for day in (date(2026, 11, 29), date(2026, 11, 29), date(2026, 11, 30)):
            note_use(ApiToken.objects.get(), on=day)
        made.refresh_from_db()
        assert (made.last_used, since(before)) == (date(2026, 11, 30), ["use-token"])


class TestDatabase:
    def test_actions_alone_write(self, ada: User) -> None:
        made, _ = make(ada)
        made.name = "another"
        for write in (made.save, made.delete, lambda: ApiToken.objects.update(scopes="")):
            with pytest.raises(DirectWriteError):
                write()

    @pytest.mark.parametrize(
        "wrong",
        [
            *({"name": ""}, {"digest": "secret"}, {"scopes": ""}, {"rankings_a_minute": 0}, {"revoked_at": NOW}),
            {"scopes": "fhir.read boards.decisions.read"},
        ],
        ids=str,
    )
    def test_it_refuses_what_makes_no_sense(self, ada: User, wrong: dict[str, Any]) -> None:
        make(ada)
        with pytest.raises(IntegrityError), transaction.atomic(), writing(RECORDS):
            ApiToken.objects.update(**wrong)


class TestAdmin:
    def form(self, **changes: Any) -> dict[str, Any]:
        last = datetime.now(UTC).date() + timedelta(days=30)
        return {"name": "Ward", "scopes": ["rankings.create"], **LIMITS, "expires_on": last.isoformat()} | changes

    def test_a_token_is_shown_once(self, ada: User) -> None:
        client = signed_in(ada)
        assert client.get(reverse("admin:token-new")).status_code == 200
        response = client.post(reverse("admin:token-new"), self.form())
        shown = re.search(r'value="(nec_\w{10}_[\w-]{43})"', response.content.decode())
        assert shown
        assert "no-store" in response.headers["Cache-Control"]
        row = ApiToken.objects.get()
        for name, arguments in (("changelist", []), ("change", [row.pk])):
            page = client.get(reverse(f"admin:interop_apitoken_{name}", args=arguments))
            assert page.status_code == 200
            assert row.key in page.content.decode()
            assert shown[1][-43:] not in page.content.decode()
            assert row.digest not in page.content.decode()

    def test_what_was_entered_stays_where_it_is_refused(self, ada: User) -> None:
        response = signed_in(ada).post(reverse("admin:token-new"), self.form(networks="here"))
        page = response.content.decode()
        assert "Networks: &#x27;here&#x27;" in page and 'value="Ward"' in page

    def test_limits(self, ada: User) -> None:
        made, _ = token(by=ada)
        address = reverse("admin:token-limits", args=[made.pk])
        client = signed_in(ada)
        assert client.get(address).status_code == 200
        client.post(address, self.form(rankings_a_minute=7))
        made.refresh_from_db()
        assert made.rankings_a_minute == 7

    def test_actions_of_the_list(self, ada: User) -> None:
        made, _ = token(by=ada)
        client, address = signed_in(ada), reverse("admin:interop_apitoken_changelist")
        response = client.post(address, {"action": "limit", "_selected_action": [made.pk]})
        assert response.headers["Location"] == reverse("admin:token-limits", args=[made.pk])
        response = client.post(address, {"action": "revoke", "_selected_action": [made.pk]}, follow=True)
        made.refresh_from_db()
        assert made.revoked_at is not None
        assert "Revoked: " in response.content.decode()

    @pytest.mark.parametrize("role", ["Board member", "Curator", "Publisher"])
    def test_nobody_else_sees_one(self, ada: User, role: str) -> None:
        made, _ = token(by=ada)
        client = signed_in(account("other", role))
        for name, arguments in (
            ("token-new", []),
            ("token-limits", [made.pk]),
            ("interop_apitoken_changelist", []),
            ("interop_apitoken_change", [made.pk]),
        ):
            assert client.get(reverse(f"admin:{name}", args=arguments)).status_code in (302, 403)
            assert client.post(reverse(f"admin:{name}", args=arguments), self.form()).status_code in (302, 403)
        assert ApiToken.objects.count() == 1
