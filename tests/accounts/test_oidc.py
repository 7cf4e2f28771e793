"""Signing in with the hospital's identity, by a provider on this machine: who is let in, and all that is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from socket import SHUT_RDWR
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from joserfc import jwt

from accounts import actions, checks, links
from accounts.models import AuthenticatorApp, Identity, SpentSignIn
from accounts.oidc import web
from accounts.sessions import Session
from audit.models import Event
from tests.factories.accounts import PASSWORD, account, code_of, is_signed_in, signs_in, with_app
from tests.factories.identity import (
    IdentityProvider,
    begun,
    open_identity_provider,
    send,
    settings_of,
    signed_by_secret,
    unsigned,
)
from tests.factories.keys import signing_key

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]
ADA = {
    "sub": "0f1e",
    "preferred_username": "ada",
    "given_name": "Ada",
    "family_name": "Lindqvist",
    "email": "ada@hospital.example",
    "groups": ["curators", "everybody"],
}


@pytest.fixture
def provider(settings: Any) -> Iterator[IdentityProvider]:
    """It knows Ada, who is in the group of curators."""
    with open_identity_provider() as opened:
        opened.person = dict(ADA)
        for name, value in settings_of(opened.origin).items():
            setattr(settings, name, value)
        yield opened


def comes_back(client: Client, provider: IdentityProvider, **person: Any) -> Any:
    """What the app answers to somebody who signed in at the provider."""
    return client.get(provider.signs_in(begun(client, next="/evidence/"), **person))


def refusal() -> tuple[str, str]:
    event = Event.objects.filter(action="refuse-identity").latest("pk")
    return event.subject, event.details["reason"]


class TestLetIn:
    def test_the_first_sign_in_makes_an_account_with_its_roles(self, client: Client, provider: Any) -> None:
        response = comes_back(client, provider)
        assert response.status_code == 200
        assert '<meta http-equiv="refresh" content="0; url=/evidence/">' in response.content.decode()
        person = User.objects.get(username="ada")
        assert (person.get_full_name(), person.email) == ("Ada Lindqvist", "ada@hospital.example")
        assert [group.name for group in person.groups.all()] == ["Curator"]
        assert (person.is_staff, person.has_usable_password()) == (True, False)
        assert (person.identity.issuer, person.identity.subject) == (provider.origin, "0f1e")
        assert client.get("/admin/").status_code == 200
        event = Event.objects.get(action="sign-in")
        assert (event.by, event.details["by"]) == (person, "the hospital's identity provider")

    def test_the_provider_is_asked_as_it_has_to_be(self, client: Client, provider: Any, settings: Any) -> None:
        settings.OIDC_REQUIRED_ACR = ["urn:two"]
        asked = {name: values[0] for name, values in parse_qs(urlsplit(begun(client)).query).items()}
        assert asked["scope"].split() == ["openid", "profile", "email"]
        assert (asked["max_age"], asked["acr_values"]) == ("1200", "urn:two")
        assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
        assert all(len(asked[name]) == 43 for name in ("state", "nonce", "code_challenge"))
        cookie = client.cookies["oidc"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/account/oidc/")

    def test_a_later_one_finds_it_by_issuer_and_subject(self, provider: Any) -> None:
        comes_back(Client(), provider)
        comes_back(Client(), provider, preferred_username="ada.holm", family_name="Holm", email="holm@hospital.example")
        person = User.objects.get(identity__subject="0f1e")
        assert (person.username, person.last_name, person.email) == ("ada", "Holm", "holm@hospital.example")

    def test_roles_are_those_of_the_groups_now(self, client: Client, provider: Any) -> None:
        comes_back(client, provider)
        comes_back(Client(), provider, groups=["tumour board", "publishers"])
        person = User.objects.get(username="ada")
        assert {group.name for group in person.groups.all()} == {"Board member", "Clinician", "Publisher"}
        comes_back(Client(), provider, groups=["it"])
        assert [group.name for group in person.groups.all()] == ["Administrator"]

    @pytest.mark.parametrize(
        ("claim", "said"),
        [("realm_access.roles", {"realm_access": {"roles": ["curators"]}}), ("role", {"role": "curators"})],
    )
    def test_groups_stand_where_the_hospital_says(
        self, client: Client, provider: Any, settings: Any, claim: str, said: dict[str, Any]
    ) -> None:
        settings.OIDC_GROUPS_CLAIM = claim
        comes_back(client, provider, groups=None, **said)
        assert is_signed_in(client)

    def test_userinfo_says_more_of_the_same_person(self, client: Client, provider: Any, settings: Any) -> None:
        settings.OIDC_USERINFO = True
        provider.userinfo = {"sub": "0f1e", "groups": ["publishers"]}
        comes_back(client, provider, groups=None)
        assert User.objects.get(username="ada").groups.get().name == "Publisher"

    def test_a_secret_goes_as_the_provider_takes_it(self, client: Client, provider: Any) -> None:
        provider.changes = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
        comes_back(client, provider)
        assert is_signed_in(client)
        assert "authorization" not in provider.calls[-2].headers

    def test_an_account_that_is_there_is_connected_by_the_server(self, client: Client, provider: Any) -> None:
        person = account("ada")
        with_app(person)
        call_command("connect_identity", "ada", "0f1e")
        comes_back(client, provider)
        assert is_signed_in(client)
        person.refresh_from_db()
        assert (person.identity.subject, person.has_usable_password()) == ("0f1e", False)
        assert not AuthenticatorApp.objects.exists()
        account("glass")
        for username, subject in [("ada", "x"), ("glass", "x"), ("nobody", "x")]:
            with pytest.raises(CommandError):
                call_command("connect_identity", username, subject)

    def test_only_to_pages_of_this_site(self, client: Client, provider: Any) -> None:
        page = client.get(provider.signs_in(begun(client, next="https://elsewhere.example/"))).content.decode()
        assert "elsewhere.example" not in page
        assert 'url=/"' in page

    def test_for_another_tab_it_goes_nowhere(self, client: Client, provider: Any) -> None:
        page = client.get(provider.signs_in(begun(client, stay=""))).content.decode()
        assert "http-equiv" not in page
        assert "Close this tab" in page


# What the token says, and what is said of it. Times are those of the provider's clock.
FORGED: dict[str, tuple[dict[str, Any], str]] = {
    "another nonce": ({"nonce": "x" * 43}, "token"),
    "no nonce": ({"nonce": None}, "token"),
    "for another client": ({"aud": "another"}, "token"),
    "for no client": ({"aud": None}, "token"),
    "for two, without saying for whom": ({"aud": ["necapp", "another"]}, "token"),
    "for two, and for another": ({"aud": ["necapp", "another"], "azp": "another"}, "token"),
    "of another issuer": ({"iss": "https://elsewhere.example"}, "token"),
    "of the issuer with a slash": ({"iss": "…/"}, "token"),
    "of no issuer": ({"iss": None}, "token"),
    "over": ({"exp": -61}, "token"),
    "without an end": ({"exp": None}, "token"),
    "an end that is no number": ({"exp": "never"}, "token"),
    "not yet": ({"nbf": 120}, "token"),
    "from tomorrow": ({"iat": 86400}, "token"),
    "of nobody": ({"sub": None}, "token"),
    "of an empty name": ({"sub": ""}, "token"),
    "of a number": ({"sub": 7}, "token"),
    "of too long a name": ({"sub": "x" * 256}, "token"),
    "of a name with a null": ({"sub": "a\x00"}, "token"),
    "another access token": ({"at_hash": "x"}, "token"),
    "signed in long ago": ({"auth_time": -1261}, "stale"),
    "signed in tomorrow": ({"auth_time": 86400}, "stale"),
    "without saying when": ({"auth_time": None}, "stale"),
    "when in words": ({"auth_time": "today"}, "token"),
    "no groups": ({"groups": None}, "groups"),
    "groups elsewhere": ({"groups": None, "_claim_names": {"groups": "src1"}}, "groups"),
    "groups that are none": ({"groups": [{"name": "curators"}]}, "groups"),
    "groups without a role": ({"groups": ["everybody"]}, "no-role"),
    "an administrator and more": ({"groups": ["it", "curators"]}, "mixed"),
    "no user name": ({"preferred_username": None}, "name"),
    "a user name that is none": ({"preferred_username": "HOSPITAL\\ada"}, "name"),
    "too long a user name": ({"preferred_username": "a" * 151}, "name"),
    "the user name of another": ({"preferred_username": "BEA"}, "taken"),
    "the break-glass account": ({"preferred_username": "glass"}, "taken"),
}


def with_times(changes: dict[str, Any], issuer: str) -> dict[str, Any]:
    now = int(timezone.now().timestamp())
    times = {"exp", "nbf", "iat", "auth_time"}
    return {
        name: now + value if name in times and isinstance(value, int) else issuer + "/" if value == "…/" else value
        for name, value in changes.items()
    }


class TestRefused:
    @pytest.mark.parametrize(("changes", "why"), FORGED.values(), ids=FORGED)
    def test_by_what_the_token_says(self, client: Client, provider: Any, changes: Any, why: str) -> None:
        from accounts.oidc.failures import FAILURES

        account("bea")
        provider.claim_changes = with_times(changes, provider.origin)
        response = comes_back(client, provider)
        assert (response.status_code, is_signed_in(client)) == (403, False)
        assert refusal()[1] == FAILURES[why].event
        assert str(FAILURES[why].words) in response.content.decode().replace("&#x27;", "'")
        assert User.objects.count() == 1 and not Identity.objects.exists()

    @pytest.mark.parametrize(
        "how", ["none", "another key", "the client's secret", "the public key as a secret", "text"]
    )
    def test_by_how_it_is_signed(self, client: Client, provider: Any, how: str) -> None:
        def by_secret(secret: str) -> Any:
            return lambda claims: signed_by_secret(claims, secret)

        other = signing_key(provider.key.kid)
        provider.sign = {
            "none": unsigned,
            "another key": lambda claims: jwt.encode({"alg": "ES384", "kid": "provider"}, claims, other, ["ES384"]),
            "the client's secret": by_secret(provider.secret),
            "the public key as a secret": by_secret(provider.key.as_pem(private=False).decode()),
            "text": lambda claims: "a.b.c",
        }[how]
        response = comes_back(client, provider)
        assert (response.status_code, is_signed_in(client)) == (403, False)

    def test_a_sign_in_is_completed_once(self, client: Client, provider: Any) -> None:
        back = provider.signs_in(begun(client))
        cookie = client.cookies["oidc"].value
        assert client.get(back).status_code == 200
        assert client.cookies["oidc"].value == ""
        other = Client()
        assert other.get(back).status_code == 403
        other.cookies["oidc"] = cookie
        assert (other.get(back).status_code, is_signed_in(other)) == (403, False)

    def test_not_even_where_the_provider_takes_a_code_twice(self, client: Client, provider: Any) -> None:
        back = provider.signs_in(begun(client))
        codes, cookie = dict(provider._codes), client.cookies["oidc"].value
        assert client.get(back).status_code == 200
        provider._codes |= codes
        other = Client()
        other.cookies["oidc"] = cookie
        assert (other.get(back).status_code, is_signed_in(other)) == (403, False)
        assert SpentSignIn.objects.count() == 1

    def test_another_persons_code_is_none_of_ones_own(self, client: Client, provider: Any) -> None:
        """Whoever has somebody go on with the attacker's code, or goes on with a code that was seen."""
        code = re.search(r"code=([^&]+)", provider.signs_in(begun(Client()), sub="eve"))
        back = provider.signs_in(begun(client))
        response = client.get(re.sub(r"code=[^&]+", f"code={code[1]}", back))  # type: ignore[index]
        assert (response.status_code, is_signed_in(client)) == (403, False)

    @pytest.mark.parametrize(
        "change",
        [("state=", "state=x"), ("code=", "code=a&code="), ("code=", "c="), ("code=", "error=access_denied&c=")],
    )
    def test_an_answer_that_is_changed(self, client: Client, provider: Any, change: tuple[str, str]) -> None:
        response = client.get(provider.signs_in(begun(client)).replace(*change))
        assert (response.status_code, is_signed_in(client)) == (403, False)
        assert "state=" not in response.content.decode()

    def test_the_answer_of_another_provider(self, client: Client, provider: Any) -> None:
        back = provider.signs_in(begun(client))
        assert client.get(f"{back}&iss=https%3A%2F%2Felsewhere.example").status_code == 403
        provider.changes = {"authorization_response_iss_parameter_supported": True}
        assert client.get(provider.signs_in(begun(client))).status_code == 403

    def test_begun_too_long_ago(self, client: Client, provider: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("accounts.carried.SECONDS", -1)
        assert client.get(provider.signs_in(begun(client))).status_code == 403

    @pytest.mark.parametrize(
        ("name", "asked", "said", "is_let_in"),
        [
            ("OIDC_REQUIRED_ACR", ["urn:two", "urn:three"], {"acr": "urn:three"}, True),
            ("OIDC_REQUIRED_ACR", ["urn:two"], {"acr": "urn:one"}, False),
            ("OIDC_REQUIRED_ACR", ["urn:two"], {}, False),
            ("OIDC_REQUIRED_AMR", ["mfa"], {"amr": ["pwd", "mfa"]}, True),
            ("OIDC_REQUIRED_AMR", ["mfa", "hwk"], {"amr": ["mfa"]}, False),
            ("OIDC_REQUIRED_AMR", ["mfa"], {"amr": "mfa"}, False),
            ("OIDC_REQUIRED_AMR", ["mfa"], {}, False),
        ],
    )
    def test_not_strong_enough(
        self, client: Client, provider: Any, settings: Any, name: str, asked: Any, said: Any, is_let_in: bool
    ) -> None:
        setattr(settings, name, asked)
        comes_back(client, provider, **said)
        assert is_signed_in(client) is is_let_in

    def test_userinfo_of_somebody_else(self, client: Client, provider: Any, settings: Any) -> None:
        settings.OIDC_USERINFO = True
        provider.userinfo = {"sub": "eve", "groups": ["it"]}
        assert comes_back(client, provider).status_code == 403

    def test_a_closed_account(self, client: Client, provider: Any) -> None:
        comes_back(Client(), provider)
        User.objects.filter(username="ada").update(is_active=False)
        assert comes_back(client, provider).status_code == 403
        assert refusal() == ("ada", "the account is closed")

    def test_who_lost_every_role_loses_it_here_and_is_signed_out(self, client: Client, provider: Any) -> None:
        comes_back(client, provider)
        assert comes_back(Client(), provider, groups=[]).status_code == 403
        assert not User.objects.get(username="ada").groups.exists()
        assert not is_signed_in(client)

    def test_a_mail_address_makes_nobody_anybody(self, client: Client, provider: Any) -> None:
        bea = account("bea", email="bea@hospital.example")
        comes_back(client, provider, email="bea@hospital.example", email_verified=True)
        assert User.objects.get(username="ada") != bea
        assert not Identity.objects.filter(person=bea).exists()


class TestProviderAstray:
    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"issuer": "https://elsewhere.example"}, 502),
            ({"token_endpoint": "https://elsewhere.example/token"}, 502),
            ({"jwks_uri": None}, 502),
            ({"authorization_endpoint": "javascript:alert(1)"}, 502),
            ({"authorization_endpoint": "http://hospital.example/authorize"}, 502),
        ],
    )
    def test_what_it_says_of_itself(self, client: Client, provider: Any, changes: Any, status: int) -> None:
        provider.changes = changes
        response = client.get("/account/oidc/")
        assert (response.status_code, "oidc" in response.cookies) == (status, False)

    @pytest.mark.parametrize(
        ("path", "fault", "status"),
        [
            ("/.well-known", lambda _, handler: send(handler, {}, 302, Location="https://elsewhere.example"), 502),
            ("/.well-known", lambda _, handler: send(handler, ["x"]), 502),
            ("/.well-known", lambda _, handler: send(handler, {}, 500), 502),
            ("/.well-known", lambda _, handler: send(handler, {}, 200, Content_Encoding="gzip"), 502),
            ("/.well-known", lambda _, handler: send(handler, "x" * 1_100_000), 502),
            ("/.well-known", lambda _, handler: handler.connection.shutdown(SHUT_RDWR), 503),
        ],
    )
    def test_how_it_answers(self, client: Client, provider: Any, path: str, fault: Any, status: int) -> None:
        provider.faults = {path: fault}
        response = client.get("/account/oidc/")
        assert response.status_code == status
        assert "Begin again" in response.content.decode()

    @pytest.mark.parametrize("path", ["/token", "/keys"])
    @pytest.mark.parametrize(
        "fault",
        [
            lambda _, handler: send(handler, {}, 500),
            lambda _, handler: send(handler, {}, 429),
            lambda _, handler: send(handler, "no"),
            lambda _, handler: send(handler, {"keys": [{"kty": "oct", "k": "A" * 64}], "id_token": 7}),
        ],
    )
    def test_how_it_answers_afterwards(self, client: Client, provider: Any, path: str, fault: Any) -> None:
        provider.faults = {path: fault}
        response = comes_back(client, provider)
        assert response.status_code in (403, 502)
        assert not is_signed_in(client)

    def test_one_that_does_not_answer_is_given_up(self, client: Client, provider: Any, monkeypatch: Any) -> None:
        from threading import Event as Gate

        gate = Gate()
        monkeypatch.setattr(web.Web.__init__, "__kwdefaults__", {"seconds": 0.2})
        provider.faults = {"/.well-known": lambda *_: gate.wait(10)}
        try:
            assert client.get("/account/oidc/").status_code == 503
        finally:
            gate.set()

    def test_a_wrong_secret(self, client: Client, provider: Any, settings: Any) -> None:
        settings.OIDC_CLIENT_SECRET = "another"  # noqa: S105 - and no secret
        assert comes_back(client, provider).status_code == 403


class TestNoPasswordBesides:
    def test_nobody_signs_in_here_but_the_break_glass_account(self, client: Client, provider: Any) -> None:
        bea, glass = with_app(account("bea")), with_app(account("glass", "Administrator"))
        assert not signs_in(client, "bea", token=code_of(bea))
        assert signs_in(client, "glass", token=code_of(glass))
        event = Event.objects.get(action="use-break-glass")
        assert (event.by.username, event.subject) == ("glass", "glass")
        assert "signed in with the break-glass account" in str(client.get("/evidence/").content)
        assert "The break-glass account was used" in client.get("/admin/").content.decode()

    def test_without_its_app_not_even_that(self, client: Client, provider: Any) -> None:
        account("glass", "Administrator")
        assert not signs_in(client, "glass")

    def test_a_session_of_before_ends(self, ada: Client, provider: Any) -> None:
        assert ada.get("/account/").headers["Location"].startswith("/account/sign-in/")

    def test_and_one_by_the_provider_with_it(self, client: Client, provider: Any, settings: Any) -> None:
        comes_back(client, provider)
        settings.OIDC_ISSUER = ""
        assert client.get("/account/").status_code == 302

    def test_links_to_set_a_password_open_nothing(self, client: Client, provider: Any) -> None:
        bea, root = account("bea"), account("root", "Administrator")
        assert client.get(links.path_for(bea)).status_code == 410
        with pytest.raises(actions.AccountError, match="hospital's identity"):
            actions.make_link(bea, by=root)
        with pytest.raises(actions.AccountError, match="hospital's identity"):
            actions.invite(username="cy", first_name="", last_name="", email="", roles=[], by=root)
        assert client.get(links.path_for(account("glass"))).status_code == 200

    def test_a_person_of_the_provider_has_no_pages_of_passwords(self, client: Client, provider: Any) -> None:
        comes_back(client, provider)
        page = client.get("/account/").content.decode()
        assert "With the hospital's account" in page.replace("&#x27;", "'")
        for path in ("password/", "second-factor/replace/", "recovery-codes/"):
            assert f'href="/account/{path}"' not in page
            assert client.get(f"/account/{path}").headers["Location"] == "/account/"

    def test_the_sign_in_offers_it(self, client: Client, provider: Any, settings: Any) -> None:
        page = client.get("/account/sign-in/?next=/evidence/").content.decode()
        assert 'href="/account/oidc/?next=/evidence/"' in page
        assert 'type="password"' not in page
        assert 'type="password"' in client.get("/account/sign-in/?emergency").content.decode()
        settings.OIDC_BREAK_GLASS = []
        assert 'type="password"' not in client.get("/account/sign-in/?emergency").content.decode()


class TestSessions:
    def test_it_ends_as_any_other(self, client: Client, provider: Any) -> None:
        comes_back(client, provider)
        Session.objects.update(seen_at=timezone.now() - timedelta(minutes=21))
        assert client.get("/account/").headers["Location"].startswith("/account/sign-in/")

    def test_signing_out_ends_it_there_too(self, client: Client, provider: Any) -> None:
        comes_back(client, provider)
        page = client.post("/account/sign-out/").content.decode()
        assert not is_signed_in(client)
        to = re.search(r'content="0; url=([^"]+)"', page)
        there = urlsplit(to[1].replace("&amp;", "&"))  # type: ignore[index]
        asked = parse_qs(there.query)
        assert (f"{there.scheme}://{there.netloc}", there.path) == (provider.origin, "/logout")
        assert asked["post_logout_redirect_uri"] == ["http://testserver/account/signed-out/"]
        assert asked["x"] == ["1"] and asked["id_token_hint"][0].count(".") == 2

    def test_where_the_provider_says_how(self, client: Client, provider: Any) -> None:
        provider.changes = {"end_session_endpoint": None}
        comes_back(client, provider)
        assert client.post("/account/sign-out/").headers["Location"] == "/account/signed-out/"

    def test_what_was_entered_goes_along_by_another_tab(self, client: Client, provider: Any) -> None:
        page = client.post("/account/sign-in/keep/", {"ki67": "80"}).content.decode()
        kept = page.partition('name="kept" value="')[2].partition('"')[0]
        assert 'href="/account/oidc/?stay"' in page
        asked = {"kept": kept, "next": "/"}
        assert "You are not signed in yet" in client.post("/account/sign-in/resume/", asked).content.decode()
        comes_back(client, provider)
        assert 'name="ki67" value="80"' in client.post("/account/sign-in/resume/", asked).content.decode()

    def test_a_covered_page_leads_there(self, client: Client, provider: Any) -> None:
        comes_back(client, provider)
        page = client.get("/account/").content.decode()
        assert 'id="session-form"' in page and 'name="password"' not in page


class TestSecondFactorHere:
    @pytest.fixture(autouse=True)
    def asked_here(self, provider: Any, settings: Any) -> None:
        settings.OIDC_SECOND_FACTOR = "necapp"

    def waiting(self, client: Client, provider: Any) -> dict[str, str]:
        page = comes_back(client, provider).content.decode()
        assert not is_signed_in(client)
        return {"waiting": page.partition('name="waiting" value="')[2].partition('"')[0]}

    def test_an_app_is_set_up_first(self, client: Client, provider: Any) -> None:
        comes_back(client, provider)
        assert client.get("/admin/").headers["Location"].startswith("/account/second-factor/")

    def test_then_its_code_is_asked_for(self, client: Client, provider: Any) -> None:
        comes_back(Client(), provider)
        device = with_app(User.objects.get(username="ada"))
        waiting = self.waiting(client, provider)
        assert (
            "no code of your authenticator app"
            in client.post("/account/oidc/code/", waiting | {"token": "000000"}).content.decode()
        )
        AuthenticatorApp.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        assert not is_signed_in(client)
        client.post("/account/oidc/code/", waiting | {"token": code_of(device)})
        assert client.get("/admin/").status_code == 200

    def test_guessing_locks_out(self, client: Client, provider: Any) -> None:
        comes_back(Client(), provider)
        with_app(User.objects.get(username="ada"))
        waiting = self.waiting(client, provider)
        said = [client.post("/account/oidc/code/", waiting | {"token": "000000"}).status_code for _ in range(5)]
        assert said == [200] * 4 + [429]

    @pytest.mark.parametrize("waiting", ["", "x", "WzEsIi8iLFtdXQ:1:x"])
    def test_a_code_alone_is_nothing(self, client: Client, provider: Any, waiting: str) -> None:
        assert client.post("/account/oidc/code/", {"waiting": waiting, "token": "1"}).status_code == 403


class TestSettings:
    def test_what_is_right_is_not_spoken_of(self, provider: Any, settings: Any) -> None:
        assert checks.identity() == []
        settings.OIDC_REQUIRED_AMR = ["mfa"]
        assert checks.identity_is_strong() == []

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("OIDC_ISSUER", "http://login.hospital.example"),
            ("OIDC_ISSUER", "login.hospital.example"),
            ("OIDC_ORIGINS", ["https://a@b.example"]),
            ("OIDC_CLIENT_ID", ""),
            ("OIDC_BREAK_GLASS", []),
            ("OIDC_CERTIFICATES", "/nowhere/ca.pem"),
            ("OIDC_ROLES", {}),
            ("OIDC_ROLES", ["Curator"]),
            ("OIDC_ROLES", {"a": "Emperor"}),
            ("OIDC_ROLES", {"a": 7}),
            ("OIDC_ROLES", {"a": ["Administrator", "Curator"]}),
        ],
    )
    def test_what_is_not_is(self, provider: Any, settings: Any, name: str, value: Any) -> None:
        setattr(settings, name, value)
        assert [said.id for said in checks.identity()] == ["accounts.E003"]

    def test_a_password_alone_is_spoken_of_on_a_server(self, provider: Any) -> None:
        assert [said.id for said in checks.identity_is_strong()] == ["accounts.W002"]

    def test_the_roles_are_those_of_the_project(self) -> None:
        from accounts.identity_provider import ROLES

        assert set(ROLES) == set(Group.objects.values_list("name", flat=True))

    def test_without_a_provider_there_are_no_such_pages(self, client: Client) -> None:
        assert [client.get(f"/account/oidc/{page}").status_code for page in ("", "callback?code=1&state=2")] == [
            404
        ] * 2


def test_no_secret_is_where_it_should_not_be(client: Client, provider: Any, caplog: Any) -> None:
    account("bea")
    comes_back(client, provider)
    comes_back(Client(), provider, preferred_username="bea", sub="other")
    told = "".join(map(str, Event.objects.values_list("subject", "details"))) + caplog.text
    for call in provider.calls:
        for secret in re.findall(r"(?:code|code_verifier)=([^&]+)", call.body.decode()):
            assert secret not in told
    assert PASSWORD not in told and "Authlib" not in told
