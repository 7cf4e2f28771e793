"""Every page of accounts is valid HTML and says every word in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from accounts import links
from accounts.sessions import Session
from display.cache import forget
from tests.factories.accounts import PASSWORD, account, code_of, signs_in, with_app
from tests.factories.identity import IdentityProvider, begun, open_identity_provider, settings_of
from tests.pseudo_language import check as check_words
from tests.pseudo_language import in_force
from tests.valid_html import check as check_html

pytestmark = pytest.mark.django_db
Page = Callable[[Client], Any]


def code() -> str:
    return code_of(User.objects.get(username="ada").totpdevice_set.get())


def confirm(client: Client, address: str, **given: str) -> Any:
    return client.post(address, {"password": PASSWORD, "token": code()} | given)


def too_late(client: Client, address: str) -> Any:
    for row in Session.objects.all():
        Session.objects.filter(pk=row.pk).update(seen_at=row.seen_at - timedelta(minutes=21))
    return client.post(address, {"password": "x"})


def locked_out(client: Client) -> Any:
    for _ in range(5):
        response = client.post("/account/recovery-codes/", {"password": "x", "token": "0"})
    return response


def without_app(client: Client) -> Client:
    account("new")
    client.post("/account/sign-out/")
    assert signs_in(client, "new")
    return client


def kept(client: Client, sealed: str = "") -> Any:
    html = client.post("/account/sign-in/keep/", {"ki67": "80"}).content.decode()
    sealed = sealed or html.partition('name="kept" value="')[2].partition('"')[0]
    client.post("/account/sign-out/")
    return confirm(client, "/account/sign-in/", username="ada", kept=sealed)


# Each from the browser of somebody who is signed in.
PAGES: dict[str, Page] = {
    "account": lambda client: client.get("/account/?changed"),
    "any page": lambda client: client.get("/about/"),
    "password": lambda client: client.get("/account/password/"),
    "password refused": lambda client: confirm(client, "/account/password/", new_password1="a", new_password2="b"),
    "replace": lambda client: client.get("/account/second-factor/replace/"),
    "codes": lambda client: client.get("/account/recovery-codes/"),
    "codes refused": lambda client: confirm(client, "/account/recovery-codes/", token="0"),
    "codes made": lambda client: confirm(client, "/account/recovery-codes/"),
    "set up": lambda client: without_app(client).get("/account/second-factor/"),
    "set up refused": lambda client: without_app(client).post("/account/second-factor/", {"token": "0"}),
    "signed out": lambda client: client.post("/account/sign-out/", follow=True),
    "signed out by time": lambda client: too_late(client, "/account/password/"),
    "sign in": lambda client: client.post("/account/sign-out/") and client.get("/account/sign-in/"),
    "sign in refused": lambda client: client.post("/account/sign-out/") and client.post("/account/sign-in/", {}),
    "locked out": locked_out,
    "kept": kept,
    "kept no more": lambda client: kept(client, "x"),
    "sign in with a patient": lambda client: client.post("/account/sign-in/keep/", {"ki67": "80"}),
    "invitation": lambda client: client.get(links.path_for(account("new"))),
    "no invitation": lambda client: client.get("/account/invitation/a/b/"),
}


@pytest.fixture
def pseudo(settings: Any, pseudo_language: Any) -> Iterator[None]:
    settings.LOCALE_PATHS = [pseudo_language]
    forget()
    yield
    forget()


@pytest.mark.parametrize("show", PAGES.values(), ids=PAGES)
def test_a_page_is_valid(ada: Client, show: Page) -> None:
    response: HttpResponse = show(ada)
    check_html(response, status=response.status_code)


@pytest.mark.parametrize("show", PAGES.values(), ids=PAGES)
def test_every_word_of_it_is_translated(ada: Client, pseudo: None, show: Page) -> None:
    ada.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    known = in_force().with_names("ada", "new", "Curator")
    check_words(show(ada), known)


def comes_back(client: Client, provider: IdentityProvider, **person: Any) -> Any:
    return client.get(provider.signs_in(begun(client, next="/about/"), **person))


def by_provider(client: Client, provider: IdentityProvider, address: str) -> Any:
    comes_back(client, provider)
    return client.get(address)


def asked_here(client: Client, provider: IdentityProvider, settings: Any) -> Any:
    settings.OIDC_SECOND_FACTOR = "necapp"
    comes_back(Client(), provider)
    with_app(User.objects.get(username="new"))
    return comes_back(client, provider)


def in_an_emergency(client: Client) -> Any:
    device = with_app(account("glass"))
    assert signs_in(client, "glass", token=code_of(device))
    return client.get("/about/")


# Each with an identity provider of the hospital.
HOSPITAL: dict[str, Callable[[Client, IdentityProvider, Any], Any]] = {
    "sign in": lambda client, *_: client.get("/account/sign-in/"),
    "sign in with a patient": lambda client, *_: client.post("/account/sign-in/keep/", {"ki67": "80"}),
    "not signed in yet": lambda client, *_: client.post("/account/sign-in/resume/", {"kept": "x"}),
    "in an emergency": lambda client, *_: client.get("/account/sign-in/?emergency"),
    "after an emergency": lambda client, *_: in_an_emergency(client),
    "signed in": lambda client, provider, _: comes_back(client, provider),
    "signed in for another tab": lambda client, provider, _: client.get(provider.signs_in(begun(client, stay=""))),
    "refused": lambda client, provider, _: comes_back(client, provider, groups=["it", "curators"]),
    "begun elsewhere": lambda client, *_: client.get("/account/oidc/callback?code=1&state=2"),
    "asked for a code": asked_here,
    "account": lambda client, provider, _: by_provider(client, provider, "/account/"),
    "signed out": lambda client, provider, _: comes_back(client, provider) and client.post("/account/sign-out/"),
}


@pytest.mark.parametrize("show", HOSPITAL.values(), ids=HOSPITAL)
def test_a_page_of_a_hospitals_identity_is_valid_and_translated(
    client: Client, settings: Any, pseudo: None, show: Callable[..., Any]
) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    with open_identity_provider() as provider:
        provider.person = {"sub": "1", "preferred_username": "new", "groups": ["curators"]}
        for name, value in settings_of(provider.origin).items():
            setattr(settings, name, value)
        response = show(client, provider, settings)
    check_html(response, status=response.status_code)
    check_words(response, in_force().with_names("new", "glass", "Curator"))
