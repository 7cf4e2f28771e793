"""The sign-in: all three or nobody, the same answer to every failure, and an end to guessing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import second_factor
from accounts.models import RecoveryCode
from accounts.sessions import Session
from tests.factories.accounts import PASSWORD, account, code_of, is_signed_in, signs_in, with_app

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]
PAGE = "/account/sign-in/"


@pytest.fixture
def bea() -> Any:
    """A person with an app."""
    return with_app(account("bea"))


def send(client: Client, token: str = "", *, username: str = "bea", password: str = PASSWORD, **more: str) -> Any:
    headers = {"REMOTE_ADDR": more.pop("address", "192.0.2.1")}
    return client.post(PAGE, {"username": username, "password": password, "token": token} | more, **headers)


class TestAllThree:
    def test_a_name_a_password_and_a_code_let_in(self, client: Client, bea: Any) -> None:
        response = send(client, code_of(bea), next="/evidence/")
        assert (response.status_code, response.headers["Location"]) == (302, "/evidence/")
        assert client.get("/admin/").status_code == 200

    @pytest.mark.parametrize("token", ["", "000000", "abcdefghjkmnpqrs", "-", "²²²²²²", "1e5", "\x00", "9" * 41])
    def test_a_password_alone_does_not(self, client: Client, bea: Any, token: str) -> None:
        assert not signs_in(client, "bea", token=token)
        assert not Session.objects.exists()

    @pytest.mark.parametrize("name", ["b" * 151, "b" * 5000, "ﷺ" * 150, "béa", "\ud83d", " ", "b\r\nea"])
    def test_an_odd_name_is_nobodys(self, client: Client, bea: Any, name: str) -> None:
        response = send(client, code_of(bea), username=name.encode("utf-8", "replace").decode())
        assert response.status_code == 200
        assert not is_signed_in(client)

    def test_a_code_may_be_grouped(self, client: Client, bea: Any) -> None:
        code = code_of(bea)
        assert signs_in(client, "bea", token=f" {code[:3]} {code[3:]} ")

    def test_a_code_is_good_once(self, client: Client, bea: Any) -> None:
        code = code_of(bea)
        assert signs_in(client, "bea", token=code)
        assert not signs_in(Client(), "bea", token=code)

    def test_nor_is_an_earlier_one_after_a_later(self, client: Client, bea: Any) -> None:
        assert signs_in(client, "bea", token=code_of(bea))
        assert not signs_in(Client(), "bea", token=code_of(bea, steps=-1))

    def test_a_code_of_another_is_none(self, client: Client, bea: Any) -> None:
        assert not signs_in(client, "bea", token=code_of(with_app(account("cy"))))

    def test_an_app_that_is_not_confirmed_opens_nothing(self, client: Client, bea: Any) -> None:
        other = second_factor.unconfirmed(bea.user)
        assert not signs_in(client, "bea", token=code_of(other))

    def test_recovery_codes_are_good_once_each(self, client: Client, bea: Any) -> None:
        first, second, *_ = second_factor.new_recovery_codes(bea.user)
        assert signs_in(Client(), "bea", token=first)
        assert not signs_in(Client(), "bea", token=first)
        assert signs_in(Client(), "bea", token=second.upper().replace("-", " "))
        assert RecoveryCode.objects.count() == 8

    def test_recovery_codes_are_not_stored_as_they_are(self, bea: Any) -> None:
        codes = second_factor.new_recovery_codes(bea.user)
        assert len(set(codes)) == 10
        stored = set(RecoveryCode.objects.values_list("digest", flat=True))
        assert not stored & {code.replace("-", "") for code in codes}

    def test_recovery_codes_of_another_are_none(self, client: Client, bea: Any) -> None:
        assert not signs_in(client, "bea", token=second_factor.new_recovery_codes(account("cy"))[0])

    def test_new_recovery_codes_end_the_old(self, client: Client, bea: Any) -> None:
        old = second_factor.new_recovery_codes(bea.user)[0]
        second_factor.new_recovery_codes(bea.user)
        assert not signs_in(client, "bea", token=old)

    def test_a_closed_account_lets_nobody_in(self, client: Client, bea: Any) -> None:
        User.objects.update(is_active=False)
        assert not signs_in(client, "bea", token=code_of(bea))

    def test_whoever_is_signed_in_goes_on(self, ada: Client) -> None:
        assert ada.get(PAGE, {"next": "/evidence/"}).headers["Location"] == "/evidence/"
        assert ada.get(PAGE, {"next": "https://elsewhere.example/"}).headers["Location"] == "/"


class TestSameAnswer:
    """To a name that is not there, a password that is wrong, and a password that is right without the code."""

    def answers(self, bea: Any) -> dict[str, str]:
        account("cy", is_active=False)
        tried = {
            "nobody": {"username": "nobody"},
            "wrong password": {"password": "something else entirely"},
            "wrong code": {"token": "000000"},
            "no code": {},
            "closed": {"username": "cy"},
        }
        return {name: self.plain(send(Client(), **given)) for name, given in tried.items()}

    def plain(self, response: Any) -> str:
        html = response.content.decode()
        html = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)
        return f"{response.status_code} " + re.sub(r'value="(bea|cy|nobody)"', "", html)

    def test_in_the_page(self, bea: Any) -> None:
        answers = self.answers(bea)
        assert len(set(answers.values())) == 1
        assert "do not belong together" in answers["nobody"]

    def test_as_json(self, bea: Any) -> None:
        json = {"accept": "application/json"}
        said = {
            Client().post(PAGE, {"username": name, "password": word, "token": "1"}, headers=json).content
            for name, word in (("nobody", PASSWORD), ("bea", PASSWORD), ("bea", "something else"))
        }
        assert len(said) == 1

    @pytest.mark.parametrize("given", [{"username": "nobody"}, {"password": "something else"}, {"token": "1"}])
    def test_with_the_same_work(self, client: Client, bea: Any, given: dict[str, str]) -> None:
        """One hash of the password, which takes nearly all of the time."""
        with patch.object(MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode) as hashed:
            send(client, **given)
        assert hashed.call_count == 1


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "http:///x",
        "",
    ],
)
class TestNext:
    def test_the_sign_in_leads_to_no_other_site(self, client: Client, bea: Any, elsewhere: str) -> None:
        assert send(client, code_of(bea), next=elsewhere).headers["Location"] == "/"

    def test_nor_does_the_set_up(self, client: Client, elsewhere: str) -> None:
        account("cy")
        assert signs_in(client, "cy")
        html = client.get("/account/second-factor/", {"next": elsewhere}).content.decode()
        assert 'name="next" value="/"' in html

    def test_nor_does_the_admin(self, client: Client, bea: Any, elsewhere: str) -> None:
        location = client.get("/admin/login/", {"next": elsewhere}).headers["Location"]
        assert location.startswith("/account/sign-in/?next=")
        client.get(location)
        assert send(client, code_of(bea), next=elsewhere).headers["Location"] == "/"


class TestForms:
    @pytest.mark.parametrize(
        "address",
        [
            *("sign-in/", "sign-in/keep/", "sign-out/", "sign-out/everywhere/", "session/"),
            *("password/", "second-factor/", "second-factor/replace/", "recovery-codes/"),
        ],
    )
    def test_each_needs_its_token(self, ada: Client, address: str) -> None:
        ada.handler.enforce_csrf_checks = True
        assert ada.post(f"/account/{address}").status_code == 403

    @pytest.mark.parametrize("address", ["sign-in/keep/", "sign-out/", "sign-out/everywhere/"])
    def test_what_does_something_is_no_address_to_visit(self, ada: Client, address: str) -> None:
        assert ada.get(f"/account/{address}").status_code == 405
        assert is_signed_in(ada)

    def test_a_session_of_before_is_not_the_one_of_after(self, client: Client, bea: Any) -> None:
        client.cookies["sessionid"] = planted = "a" * 32
        send(client, code_of(bea))
        assert client.cookies["sessionid"].value != planted
        assert not Session.objects.filter(pk=planted).exists()

    def test_nor_one_of_the_same_server(self, client: Client, bea: Any) -> None:
        store = Session.get_session_store_class()()
        store["anything"] = 1
        store.save()
        client.cookies["sessionid"] = store.session_key
        send(client, code_of(bea))
        assert client.cookies["sessionid"].value != store.session_key
        assert not Session.objects.filter(pk=store.session_key).exists()

    def test_the_token_changes_at_sign_in(self, client: Client, bea: Any) -> None:
        before = client.get(PAGE).cookies["csrftoken"].value
        send(client, code_of(bea))
        assert client.cookies["csrftoken"].value != before

    def test_there_is_no_way_to_make_an_account_oneself(self, client: Client) -> None:
        for address in ("signup/", "sign-up/", "register/", "accounts/signup/"):
            assert client.get(f"/account/{address}").status_code == 404
        html = client.get(PAGE).content.decode()
        assert "Accounts are made by an administrator" in html


class TestLockOut:
    def fail(self, times: int = 5, **given: str) -> Any:
        for _ in range(times):
            response = send(Client(), "000000", password="something else", **given)
        return response

    def test_five_failures_end_trying(self, client: Client, bea: Any) -> None:
        assert self.fail(4).status_code == 200
        assert self.fail(1).status_code == 429
        response = send(client, code_of(bea))
        assert response.status_code == 429
        assert "Try again in 15 minutes." in response.content.decode()
        assert not is_signed_in(client)

    def test_wrong_codes_count_as_well(self, client: Client, bea: Any) -> None:
        for _ in range(5):
            response = send(client, "000000")
        assert response.status_code == 429

    def test_failures_to_confirm_count_as_well(self, ada: Client) -> None:
        for _ in range(5):
            response = ada.post("/account/recovery-codes/", {"password": "something else", "token": "000000"})
        assert response.status_code == 429
        assert not signs_in(Client(), "ada", token=code_of(User.objects.get(username="ada").totpdevice_set.get()))

    def test_neither_another_address_nor_another_name_is_locked_out(self, client: Client, bea: Any) -> None:
        cy = with_app(account("cy"))
        self.fail()
        assert send(Client(), code_of(cy), username="cy").status_code == 302
        assert send(client, code_of(bea), address="192.0.2.2").status_code == 302

    def test_another_browser_of_the_address_is(self, bea: Any) -> None:
        for number in range(5):
            response = Client(headers={"user-agent": f"Browser {number}"}).post(
                PAGE, {"username": "bea", "password": "x"}, REMOTE_ADDR="192.0.2.1"
            )
        assert response.status_code == 429

    def test_a_name_that_is_not_there_is_locked_out_alike(self, bea: Any) -> None:
        mask = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
        known, unknown = (mask.sub("", self.fail(username=name).content.decode()) for name in ("bea", "nobody"))
        assert known == unknown
        assert "Too many attempts" in known

    def test_it_passes(self, client: Client, bea: Any) -> None:
        self.fail()
        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
        assert send(client, code_of(bea)).status_code == 429
        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
        assert send(client, code_of(bea)).status_code == 302

    def test_trying_meanwhile_does_not_prolong_it(self, client: Client, bea: Any) -> None:
        self.fail()
        failed_at = AccessAttempt.objects.get().attempt_time
        send(client, code_of(bea))
        assert AccessAttempt.objects.get().attempt_time == failed_at

    def test_a_sign_in_forgives_what_was_before(self, client: Client, bea: Any) -> None:
        self.fail(4)
        assert send(client, code_of(bea)).status_code == 302
        assert self.fail(4).status_code == 200

    def test_an_administrator_lifts_it(self, root: Client, bea: Any) -> None:
        self.fail()
        chosen = {"action": "lift_lockout", "_selected_action": [bea.user.pk]}
        assert root.post("/admin/auth/user/", chosen, follow=True).status_code == 200
        assert send(Client(), code_of(bea)).status_code == 302

    def test_behind_a_proxy_the_address_is_the_one_that_it_saw(self, settings: Any, bea: Any) -> None:
        settings.BEHIND_PROXY = True
        for number in range(5):
            forwarded = {"x-forwarded-for": f"10.0.0.{number}, 192.0.2.9"}
            response = Client(headers=forwarded).post(PAGE, {"username": "bea", "password": "x"})
        assert response.status_code == 429
        assert AccessAttempt.objects.get().ip_address == "192.0.2.9"

    def test_nothing_that_was_sent_is_stored(self, client: Client, ada: Client) -> None:
        send(client, "654321", password="secret words", kept="ki67=80")
        change = {"password": "secret words", "token": "654321", "new_password1": "other secret words"}
        ada.post("/account/password/", change | {"new_password2": "other secret words"})
        stored = "".join(f"{row}" for row in AccessAttempt.objects.values_list())
        assert AccessAttempt.objects.count() == 2
        for sent in ("secret words", "654321", "ki67"):
            assert sent not in stored


class TestSignals:
    """What listeners, such as the audit trail, hear of."""

    def test_a_sign_in_and_a_failure_are_heard_without_secrets(self, client: Client, bea: Any) -> None:
        heard: list[tuple[str, Any]] = []

        def hear_in(user: User, **rest: Any) -> None:
            heard.append(("in", user.username))

        def hear_failure(credentials: dict[str, Any], **rest: Any) -> None:
            heard.append(("failed", credentials))

        user_logged_in.connect(hear_in)
        user_login_failed.connect(hear_failure)
        try:
            send(client, "123456")
            bea.refresh_from_db()
            bea.throttle_reset()
            send(client, code_of(bea))
        finally:
            user_logged_in.disconnect(hear_in)
            user_login_failed.disconnect(hear_failure)
        stars = "*" * 20
        assert heard == [("failed", {"username": "bea", "password": stars, "token": stars}), ("in", "bea")]


class TestAnonymous:
    @pytest.mark.parametrize("address", ["/", "/evidence/", "/options/folfiri/", PAGE])
    def test_pages_need_no_session(self, client: Client, address: str) -> None:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
        assert response.status_code == 200
        assert "sessionid" not in response.cookies
        assert len(queries) <= (2 if "/options/" in address else 1)  # the release, and reports that were answered
        assert not any("session" in query["sql"] or "auth_" in query["sql"] for query in queries)
        assert not Session.objects.exists()

    def test_a_session_that_is_not_there_costs_no_page(self, client: Client) -> None:
        client.cookies["sessionid"] = "b" * 32
        assert client.get("/").status_code == 200

    def test_the_header_offers_the_sign_in(self, client: Client) -> None:
        assert (
            'href="/account/sign-in/?next=/evidence/%3Fq%3Dbevanec"'
            in client.get("/evidence/?q=bevanec").content.decode()
        )
        assert "session.js" not in client.get("/evidence/").content.decode()
