"""Every way by which one administrator alone might become somebody else, walked to its end: none leads there.

The administrator reads the mail of `MINE`, and the person signs in between wherever that helps the administrator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.sites import site
from django.contrib.auth.models import Group, User
from django.core import mail
from django.test import Client
from django.urls import get_resolver
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import actions
from accounts.models import AccountNotice, AuthenticatorApp, Identity, RecoveryCode, Session
from audit.models import Event
from boards.models import Ballot, Decision, Membership, Signature
from interop.models import ApiToken
from tests.factories.accounts import account, code_for, is_signed_in, signed_in, signs_in

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]
MINE = "root@elsewhere.example"
CHOSEN = "now it is mine alone"
Way = Callable[[Client, Client], None]


@pytest.fixture(autouse=True)
def with_mail(settings: Any) -> None:
    settings.EMAIL_URL = "smtp://localhost"


@pytest.fixture
def ada(ada: Client) -> Client:
    User.objects.filter(username="ada").update(email="ada@hospital.example")
    return ada


def ada_() -> User:
    return User.objects.get(username="ada")


def act(browser: Client, action: str) -> None:
    browser.post("/admin/auth/user/", {"action": action, "_selected_action": [ada_().pk]}, follow=True)


def change(browser: Client, **given: Any) -> None:
    person = ada_()
    roles = [group.pk for group in person.groups.all()]
    known = {"username": "ada", "email": person.email, "groups": roles}
    browser.post(f"/admin/auth/user/{person.pk}/change/", known | given)


def signs_in_without_reading(browser: Client) -> None:
    """The person signs in again, and leaves the page that tells of the change unread."""
    browser.force_login(ada_())


def signs_in_again(browser: Client) -> None:
    signs_in_without_reading(browser)
    browser.post("/account/notices/", {"next": "/"})


def address_then_link(root: Client, ada: Client) -> None:
    change(root, email=MINE)
    act(root, "new_link")


def address_unread_then_link(root: Client, ada: Client) -> None:
    change(root, email=MINE)
    signs_in_without_reading(ada)
    act(root, "new_link")


def address_link_and_factor(root: Client, ada: Client) -> None:
    change(root, email=MINE)
    signs_in_again(ada)
    act(root, "new_link")
    act(root, "reset_second_factor")


def factor_that_is_not_set_up_again_then_link(root: Client, ada: Client) -> None:
    """The person signed in with the password alone, and left before there was another app."""
    change(root, email=MINE)
    signs_in_again(ada)
    act(root, "reset_second_factor")
    assert signs_in(Client(), "ada")
    signs_in_again(ada)
    act(root, "new_link")


def closed_and_opened(root: Client, ada: Client) -> None:
    act(root, "deactivate")
    change(root, email=MINE)
    act(root, "activate")
    act(root, "new_link")


def asked_for_and_confirmed_by_oneself(root: Client, ada: Client) -> None:
    address_then_link(root, ada)
    for number in range(20):
        root.post("/admin/to-be-confirmed/", {"request": number, "confirm": "Confirm"})


def invited_at_ones_own_address(root: Client, ada: Client) -> None:
    root.post("/admin/invite/", {"username": "Ada", "email": MINE, "roles": [Group.objects.get(name="Curator").pk]})


def password_set_in_the_admin(root: Client, ada: Client) -> None:
    given = {"password1": CHOSEN, "password2": CHOSEN, "usable_password": "true"}
    assert root.post(f"/admin/auth/user/{ada_().pk}/password/", given).status_code == 403
    change(root, password=CHOSEN, is_superuser="on")


WAYS: tuple[Way, ...] = (
    address_then_link,
    address_unread_then_link,
    address_link_and_factor,
    factor_that_is_not_set_up_again_then_link,
    closed_and_opened,
    asked_for_and_confirmed_by_oneself,
    invited_at_ones_own_address,
    password_set_in_the_admin,
)


def becomes_ada() -> bool:
    """Whether the newest link in the administrator's mail, and all that follows it, ends in her session."""
    browser = Client()
    for letter in mail.outbox:
        if MINE not in letter.to or "/account/invitation/" not in str(letter.body):
            continue
        link = "/" + str(letter.body).partition("://")[2].partition("/")[2].split()[0]
        browser.post(link, {"new_password1": CHOSEN, "new_password2": CHOSEN})
        page = browser.get("/account/second-factor/")
        if page.status_code == 200:
            secret = page.context["secret"]
            browser.post("/account/second-factor/", {"token": code_for(secret)})
    if not is_signed_in(browser):
        signs_in(browser, "ada", CHOSEN)
    page = browser.get("/account/")
    return page.status_code == 200 and page.context["user"] == ada_()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_way_leads_there(root: Client, ada: Client, way: Way) -> None:
    way(root, ada)
    assert not becomes_ada()


def test_the_way_of_the_person_is_open(root: Client, ada: Client) -> None:
    """What is refused above is not refused to her: a new app, set up and told of, is followed by a link of hers."""
    act(root, "reset_second_factor")
    browser = Client()
    assert signs_in(browser, "ada")
    secret = browser.get("/account/second-factor/").context["secret"]
    assert browser.post("/account/second-factor/", {"token": code_for(secret)}).status_code == 200
    browser.post("/account/notices/", {"next": "/"})
    act(root, "new_link")
    assert [letter.to for letter in mail.outbox if "/account/invitation/" in str(letter.body)] == [
        ["ada@hospital.example"]
    ]


@pytest.mark.parametrize("way", [address_then_link, address_link_and_factor])
def test_the_person_is_told_at_the_address_of_before(
    root: Client, ada: Client, way: Way, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        way(root, ada)
    assert any(
        letter.to == ["ada@hospital.example"] and "Your e-mail address was changed." in str(letter.body)
        for letter in mail.outbox
    )
    assert AccountNotice.objects.filter(person=ada_(), what="change-address").exists()


class TestHospitalsIdentity:
    @pytest.fixture(autouse=True)
    def with_a_provider(self, settings: Any) -> None:
        settings.OIDC_ISSUER, settings.OIDC_BREAK_GLASS = "https://login.hospital.example", ["emergency"]

    def test_nobody_is_renamed_to_a_break_glass_account(self) -> None:
        """A person of the provider has no password and no app here: a link would have made both."""
        person, by = account("ada"), account("root", "Administrator")
        with pytest.raises(actions.AccountError, match="Break-glass"):
            actions.change_names(person, {"username": "emergency"}, by=by)
        with pytest.raises(actions.AccountError, match="hospital's identity"):
            actions.make_link(person, by=by)

    def test_nor_is_a_break_glass_account_renamed(self) -> None:
        emergency, by = account("emergency", "Administrator"), account("root", "Administrator")
        with pytest.raises(actions.AccountError, match="Break-glass"):
            actions.change_names(emergency, {"username": "somebody"}, by=by)

    def test_others_are(self) -> None:
        person, by = account("ada"), account("root", "Administrator")
        actions.change_names(person, {"username": "adah", "first_name": "Adah"}, by=by)
        assert User.objects.get(pk=person.pk).username == "adah"


def test_no_page_of_the_admin_writes_what_makes_somebody_of_somebody(root: Client) -> None:
    """Sessions, identities, apps, codes, tokens, and what is done in a person's name, are made by actions alone."""
    closed = {Session, Identity, TOTPDevice, AuthenticatorApp, RecoveryCode, Group, Event, ApiToken}
    closed |= {Membership, Ballot, Decision, Signature, AccountNotice}
    request = root.get("/admin/").wsgi_request
    for model, admin in site._registry.items():
        if model in closed:
            assert not admin.has_add_permission(request), model
            assert not admin.has_change_permission(request), model
            assert not admin.has_delete_permission(request), model
    assert not {Session, Identity, TOTPDevice, RecoveryCode} & site._registry.keys()


def test_an_administrator_changes_nothing_of_their_own_account_in_the_admin(root: Client) -> None:
    """Not the address, by which a link would come, nor a role (ASVS 7.5.1)."""
    person = User.objects.get(username="root")
    given = {"username": "root", "email": MINE, "groups": [Group.objects.get(name="Administrator").pk]}
    assert root.post(f"/admin/auth/user/{person.pk}/change/", given).status_code == 403
    with pytest.raises(actions.AccountError):
        actions.change_names(person, {"email": MINE}, by=person)
    person.refresh_from_db()
    assert person.email == ""


def test_accounts_of_a_demonstration_are_made_without_a_server_alone(settings: Any) -> None:
    from django.core.management import CommandError, call_command

    settings.DEBUG = False
    with pytest.raises(CommandError):
        call_command("create_demo_users")


def test_a_token_signs_nobody_in(root: Client) -> None:
    """An API token is a system: no address that reads a cookie reads it."""
    assert get_resolver().resolve("/account/").url_name == "account"
    response = Client().get("/account/", headers={"Authorization": "Bearer nec_abc_def"})
    assert response.status_code == 302
    assert not Client().get("/boards/", headers={"Authorization": "Bearer nec_abc_def"}).context
    assert signed_in(User.objects.get(username="root")).get("/boards/").status_code in (200, 302)
