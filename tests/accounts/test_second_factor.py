"""The second factor: asked of everybody who signs in, set up before anything else, and never gone round."""

from __future__ import annotations

import hashlib
import math
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from accounts import second_factor
from accounts.models import AuthenticatorApp, RecoveryCode
from accounts.sessions import Session
from audit.models import Event
from tests.factories.accounts import PASSWORD, account, code_for, code_of, is_signed_in, signs_in, with_app

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]
SET_UP = "/account/second-factor/"
ROLES = ["Clinician", "Board member", "Curator", "Publisher", "Administrator"]


def secret_on(html: str) -> str:
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', html)
    assert found is not None
    return found[1]


def set_up(client: Client) -> Any:
    secret = secret_on(client.get(SET_UP).content.decode())
    return client.post(SET_UP, {"token": code_for(secret), "next": "/evidence/"})


def app_of(username: str) -> AuthenticatorApp:
    return AuthenticatorApp.objects.get(user__username=username, confirmed=True)


class TestSetUp:
    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize("address", ["/", "/evidence/", "/account/", "/account/password/", "/admin/"])
    def test_it_comes_before_anything_else(self, client: Client, role: str, address: str) -> None:
        account("bea", role)
        assert signs_in(client, "bea")
        response = client.get(address)
        assert response.status_code == 302
        assert response.headers["Location"].startswith(f"{SET_UP}?next=")
        assert client.post(address).headers["Location"].startswith(SET_UP)

    def test_an_app_is_in_force_once_its_code_was_entered(self, client: Client) -> None:
        account("bea")
        assert signs_in(client, "bea")
        before = client.session.session_key
        response = set_up(client)
        html = response.content.decode()
        codes = re.findall(r"<code>([a-z0-9-]{29})</code>", html)
        assert len(codes) == RecoveryCode.objects.count() == 10
        assert 'href="/evidence/"' in html
        assert "no-store" in response.headers["Cache-Control"]
        assert client.session.session_key != before
        assert client.get("/admin/").status_code == 200
        assert signs_in(Client(), "bea", token=codes[0])
        assert Event.objects.filter(action="set-up-second-factor", by__username="bea").exists()

    def test_its_first_code_is_used_up(self, client: Client) -> None:
        account("bea")
        assert signs_in(client, "bea")
        set_up(client)
        assert not signs_in(Client(), "bea", token=code_of(app_of("bea")))

    @pytest.mark.parametrize("token", ["", "000000", "abcdef", "１２３４５６"])
    def test_a_wrong_code_puts_nothing_in_force(self, client: Client, token: str) -> None:
        account("bea")
        assert signs_in(client, "bea")
        client.get(SET_UP)
        assert client.post(SET_UP, {"token": token}).status_code == 200
        assert not AuthenticatorApp.objects.filter(confirmed=True).exists()
        assert client.get("/admin/").status_code == 302

    def test_the_key_stays_while_it_is_set_up(self, client: Client) -> None:
        account("bea")
        assert signs_in(client, "bea")
        assert len({secret_on(client.get(SET_UP).content.decode()) for _ in range(3)}) == 1

    def test_the_picture_holds_nothing_that_the_policy_forbids(self, client: Client) -> None:
        account("bea")
        assert signs_in(client, "bea")
        html = client.get(SET_UP).content.decode()
        picture = re.search(r"<svg.*?</svg>", html, re.DOTALL)
        assert picture is not None
        assert "style" not in picture[0]

    def test_on_a_developers_machine_it_is_not_asked_for(self, client: Client, settings: Any) -> None:
        settings.REQUIRE_SECOND_FACTOR = False
        account("bea")
        assert signs_in(client, "bea")
        assert client.get("/admin/").status_code == 200


class TestReplace:
    def test_it_asks_who_is_there(self, ada: Client) -> None:
        assert ada.get(SET_UP).headers["Location"] == "/account/second-factor/replace/"
        assert ada.post(SET_UP, {"token": "000000"}).headers["Location"] == "/account/second-factor/replace/"
        for wrong in ({"password": "x", "token": code_of(app_of("ada"))}, {"password": PASSWORD, "token": "000000"}):
            assert ada.post("/account/second-factor/replace/", wrong).status_code == 200
        assert ada.get(SET_UP).status_code == 302

    def test_the_new_app_takes_the_place_of_the_old(self, ada: Client) -> None:
        old = app_of("ada")
        given = {"password": PASSWORD, "token": code_of(old)}
        assert ada.post("/account/second-factor/replace/", given).headers["Location"] == SET_UP
        assert app_of("ada") == old
        elsewhere = Client()
        assert signs_in(elsewhere, "ada", token=code_of(old, steps=1))
        set_up(ada)
        assert app_of("ada") != old
        assert not signs_in(Client(), "ada", token=code_of(old, steps=1))
        assert elsewhere.get("/admin/").status_code == 302
        assert ada.get("/admin/").status_code == 200
        assert ada.get(SET_UP).status_code == 302

    def test_its_secret_is_not_shown_again(self, ada: Client) -> None:
        page = ada.get("/account/").content.decode()
        assert "<svg" not in page
        assert app_of("ada").key not in page

    def test_recovery_codes_are_made_anew_for_who_confirms(self, ada: Client) -> None:
        page = "/account/recovery-codes/"
        assert ada.post(page, {"password": PASSWORD, "token": "000000"}).status_code == 200
        assert not RecoveryCode.objects.exists()
        AuthenticatorApp.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        html = ada.post(page, {"password": PASSWORD, "token": code_of(app_of("ada"))}).content.decode()
        assert len(re.findall(r"<code>([a-z0-9-]{29})</code>", html)) == RecoveryCode.objects.count() == 10


class TestNoWayRound:
    def test_a_session_that_never_passed_it_ends(self, client: Client) -> None:
        person = account("bea")
        with_app(person)
        client.force_login(person)
        response = client.get("/admin/")
        assert response.headers["Location"] == "/account/sign-in/?next=%2Fadmin%2F"
        assert not is_signed_in(client)

    @pytest.mark.parametrize("address", [SET_UP, "/account/session/", "/language/"])
    def test_not_even_on_pages_that_are_open_before_it(self, client: Client, address: str) -> None:
        person = account("bea")
        with_app(person)
        client.force_login(person)
        client.post(address, {"token": "1", "language": "de"})
        assert not is_signed_in(client)

    def test_the_admin_has_no_sign_in_of_its_own(self, client: Client) -> None:
        account("bea", "Administrator")
        for response in (
            client.get("/admin/login/"),
            client.post("/admin/login/", {"username": "bea", "password": PASSWORD, "next": "/admin/"}),
        ):
            assert response.status_code == 302
            assert response.headers["Location"].startswith("/account/sign-in/?next=")
        assert not Session.objects.exists()

    def test_the_admins_own_check_asks_for_it_too(self, rf: Any, settings: Any) -> None:
        from django.contrib import admin

        request = rf.get("/admin/")
        request.user = account("bea", "Administrator")
        request.user.is_verified = lambda: False
        assert not admin.site.has_permission(request)
        request.user.is_verified = lambda: True
        assert admin.site.has_permission(request)

    def test_the_admins_pages_of_passwords_lead_to_the_account(self, ada: Client) -> None:
        assert ada.get("/admin/password_change/").headers["Location"] == "/account/password/"
        assert ada.get("/admin/password_change/done/").status_code in (200, 302)

    def test_the_admin_signs_out_as_everything_does(self, ada: Client) -> None:
        assert ada.post("/admin/logout/").headers["Location"] == "/account/signed-out/"
        assert not Session.objects.exists()

    def test_whoever_may_not_enter_the_admin_is_told_so(self, client: Client) -> None:
        device = with_app(account("bea", "Clinician"))
        assert signs_in(client, "bea", token=code_of(device))
        assert client.get("/admin/", follow=True).status_code == 403

    def test_an_app_that_is_taken_away_ends_what_it_let_in(self, ada: Client) -> None:
        AuthenticatorApp.objects.all().delete()
        assert ada.get("/admin/").headers["Location"].startswith(SET_UP)

    def test_its_secrets_are_nowhere_in_the_admin(self, client: Client) -> None:
        device = with_app(User.objects.create_superuser("boss", password=PASSWORD))
        assert signs_in(client, "boss", token=code_of(device))
        assert client.get("/admin/otp_totp/totpdevice/").status_code == 404
        assert "otp_totp" not in client.get("/admin/").content.decode()


@pytest.mark.django_db
def test_a_recovery_code_has_112_bits_and_one_of_before_goes_on() -> None:
    """ASVS 6.5.2; a code that was given out with 16 letters is its person's until it is used or replaced."""
    person = account("bea")
    device = with_app(person)
    (code, *_) = second_factor.new_recovery_codes(person)
    assert math.log2(len(second_factor.ALPHABET)) * len(code.replace("-", "")) >= 112
    former = "abcd-efgh-jkmn-pqrs"
    RecoveryCode.objects.create(person=person, digest=hashlib.sha256(former.replace("-", "").encode()).hexdigest())
    assert second_factor.accepts(device, former)
    assert not second_factor.accepts(device, former)
    assert second_factor.accepts(device, code)
