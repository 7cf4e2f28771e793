"""Invitations and what administrators do for people: links that work once, and no way into another's account."""

from __future__ import annotations

import re
from datetime import timedelta
from smtplib import SMTPException
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import actions, links
from accounts.models import AccountRequest
from audit.models import Event
from tests.factories.accounts import (
    PASSWORD,
    account,
    code_of,
    confirmed,
    is_signed_in,
    link_on,
    signs_in,
    with_app,
)

pytestmark = pytest.mark.django_db
NEW = "a heron on every other stone"
CHOSEN = {"new_password1": NEW, "new_password2": NEW}
INVITED = {"username": "bea", "first_name": "Bea", "last_name": "Lund", "email": "bea@hospital.example"}


def invite(root: Client, role: str = "Curator", **changes: Any) -> Any:
    given = INVITED | {"roles": [Group.objects.get(name=role).pk]} | changes
    return root.post("/admin/invite/", given)


def invited(root: Client, other: Client, role: str = "Curator", **changes: Any) -> str:
    """The link of an invitation that one administrator sent and another one confirmed."""
    invite(root, role, **changes)
    return link_on(confirmed(other, "bea"))


def helped(root: Client, other: Client, person: User) -> str:
    """A new link that one administrator asked for and another one confirmed."""
    root.post("/admin/auth/user/", {"action": "new_link", "_selected_action": [person.pk]})
    return link_on(confirmed(other, person.get_username()))


def bea() -> User:
    return User.objects.get(username="bea")


class TestInvitation:
    def test_a_person_sets_a_password_and_then_an_app(self, root: Client, other: Client, client: Client) -> None:
        link = invited(root, other)
        assert not signs_in(Client(), "bea", password="")
        assert "Your user name is <strong>bea</strong>" in client.get(link).content.decode()
        assert client.post(link, CHOSEN).headers["Location"] == "/account/second-factor/"
        assert is_signed_in(client)
        assert client.get("/admin/").headers["Location"].startswith("/account/second-factor/")
        assert [group.name for group in bea().groups.all()] == ["Curator"]
        assert set(Event.objects.values_list("action", "subject")) >= {("invite", "bea"), ("accept-invitation", "bea")}

    def test_looking_at_a_link_does_not_use_it(self, root: Client, other: Client, client: Client) -> None:
        link = invited(root, other)
        for _ in range(3):
            assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
        assert client.post(link, CHOSEN).status_code == 302

    def test_it_works_once(self, root: Client, other: Client, client: Client) -> None:
        link = invited(root, other)
        client.post(link, CHOSEN)
        for response in (Client().get(link), Client().post(link, CHOSEN)):
            assert response.status_code == 410
            assert "does not work" in response.content.decode()

    def test_of_two_at_once_one_is_let_in(self, root: Client, other: Client) -> None:
        number, token = invited(root, other).split("/")[3:5]
        assert links.person_of(number, token)
        actions.accept_invitation(number, token, NEW)
        with pytest.raises(actions.AccountError):
            actions.accept_invitation(number, token, "another set of long words")
        assert bea().check_password(NEW)

    @pytest.mark.parametrize(("days", "status"), [(6.99, 200), (7.01, 410)])
    def test_it_works_for_a_week(self, root: Client, other: Client, client: Client, days: float, status: int) -> None:
        link = invited(root, other)
        later = timezone.make_naive(timezone.now()) + timedelta(days=days)  # as Django counts it
        with patch.object(PasswordResetTokenGenerator, "_now", lambda self: later):
            assert client.get(link).status_code == status
            assert client.post(link, CHOSEN).status_code == (302 if status == 200 else 410)

    def test_nothing_forged_works(self, root: Client, other: Client, client: Client) -> None:
        _, _, _, number, token, _ = invited(root, other).split("/")
        account("cy")
        cys = links.path_for(User.objects.get(username="cy")).split("/")[3]
        time, signature = token.split("-")
        for forged in (
            f"{cys}/{token}",
            f"{number}/{time}-{signature[::-1]}",
            f"{number}/zzzzzz-{signature}",
            f"{number}/x",
            f"MA/{token}",
            f"OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk/{token}",
            f"é/{token}",
        ):
            assert client.get(f"/account/invitation/{forged}/").status_code == 410, forged
            assert client.post(f"/account/invitation/{forged}/", CHOSEN).status_code == 410, forged
        assert User.objects.get(username="cy").check_password(PASSWORD)

    def test_a_link_of_djangos_own_for_the_same_account_is_none(self, root: Client, client: Client) -> None:
        invite(root)
        number = links.path_for(bea()).split("/")[3]
        token = PasswordResetTokenGenerator().make_token(bea())
        assert client.get(f"/account/invitation/{number}/{token}/").status_code == 410

    def test_a_newer_one_ends_it(self, root: Client, other: Client, client: Client) -> None:
        first = invited(root, other)
        second = helped(root, other, bea())
        assert client.get(first).status_code == 410
        assert client.get(second).status_code == 200

    def test_a_closed_account_ends_it(self, root: Client, other: Client, client: Client) -> None:
        link = invited(root, other)
        actions.deactivate(bea(), by=User.objects.get(username="root"))
        assert client.get(link).status_code == 410

    @pytest.mark.parametrize("word", ["short", "1234567890123", "bea@hospital.example", "hospital.example"])
    def test_a_weak_password_is_refused(self, root: Client, other: Client, client: Client, word: str) -> None:
        link = invited(root, other)
        response = client.post(link, {"new_password1": word, "new_password2": word})
        assert (response.status_code, is_signed_in(client)) == (200, False)

    def test_it_takes_the_place_of_who_was_signed_in(self, root: Client, other: Client) -> None:
        link = invited(root, other)
        before = root.cookies["sessionid"].value
        root.post(link, CHOSEN)
        assert root.cookies["sessionid"].value != before
        assert root.get("/account/session/").json()["person"] == bea().pk

    def test_it_needs_the_forms_token(self, root: Client, other: Client, strict_client: Client) -> None:
        assert strict_client.post(invited(root, other), CHOSEN).status_code == 403


class TestLetter:
    @pytest.fixture(autouse=True)
    def with_a_server(self, settings: Any) -> None:
        settings.EMAIL_URL = "smtp://localhost"

    def test_the_link_is_sent_and_not_shown(self, root: Client, client: Client) -> None:
        response = invite(root)
        assert response.headers["Location"] == "/admin/auth/user/"
        page = root.get("/admin/auth/user/").content.decode()
        assert "was sent to bea@hospital.example" in page
        assert "/account/invitation/" not in page
        (letter,) = mail.outbox
        assert letter.to == ["bea@hospital.example"]
        link = re.findall(r"http://testserver(/account/invitation/\S+)", str(letter.body))[0]
        assert client.get(link).status_code == 200

    def test_where_it_cannot_be_sent_another_administrator_hands_it_over(
        self, root: Client, other: Client, caplog: Any
    ) -> None:
        with patch("accounts.mail.send_mail", side_effect=SMTPException("no")):
            assert "/account/invitation/" not in invite(root).content.decode()
            assert link_on(confirmed(other, "bea"))
        assert "/account/invitation/" not in caplog.text

    def test_without_an_address_too(self, root: Client, other: Client) -> None:
        assert invited(root, other, email="")
        assert mail.outbox == []


class TestForgotten:
    def test_a_new_link_ends_the_password_and_the_sessions(self, root: Client, other: Client, ada: Client) -> None:
        person = User.objects.get(username="ada")
        helped(root, other, person)
        assert not is_signed_in(ada)
        assert not signs_in(Client(), "ada", token=code_of(person.totpdevice_set.get()))

    def test_it_is_no_way_round_the_app(self, root: Client, other: Client, ada: Client, client: Client) -> None:
        person = User.objects.get(username="ada")
        link = helped(root, other, person)
        assert client.post(link, CHOSEN).headers["Location"] == "/account/sign-in/"
        assert not is_signed_in(client)
        assert not signs_in(client, "ada", password=NEW)
        assert signs_in(client, "ada", password=NEW, token=code_of(person.totpdevice_set.get()))


class TestAdministrators:
    def act(self, root: Client, action: str, person: User) -> str:
        chosen = {"action": action, "_selected_action": [person.pk]}
        return root.post("/admin/auth/user/", chosen, follow=True).content.decode()

    def test_deactivating_ends_everything(self, root: Client, ada: Client) -> None:
        person = User.objects.get(username="ada")
        assert "Deactivated: ada." in self.act(root, "deactivate", person)
        assert not is_signed_in(ada)
        assert not signs_in(ada, "ada", token=code_of(person.totpdevice_set.get()))
        assert "Activated: ada." in self.act(root, "activate", person)
        assert signs_in(ada, "ada", token=code_of(person.totpdevice_set.get(), steps=1))
        assert list(
            Event.objects.filter(action__endswith="activate-account").values_list("action", "by__username")
        ) == [
            ("activate-account", "root"),
            ("deactivate-account", "root"),
        ]

    def test_ending_sessions(self, root: Client, ada: Client) -> None:
        self.act(root, "end_sessions", User.objects.get(username="ada"))
        assert not is_signed_in(ada)
        assert is_signed_in(root)

    def test_resetting_the_second_factor(self, root: Client, ada: Client) -> None:
        self.act(root, "reset_second_factor", User.objects.get(username="ada"))
        assert not is_signed_in(ada)
        assert signs_in(ada, "ada")
        assert ada.get("/admin/").headers["Location"].startswith("/account/second-factor/")

    @pytest.mark.parametrize(
        "action", ["deactivate", "activate", "end_sessions", "reset_second_factor", "lift_lockout", "new_link"]
    )
    def test_nothing_of_it_to_oneself(self, root: Client, action: str) -> None:
        assert "another administrator" in self.act(root, action, User.objects.get(username="root"))
        assert is_signed_in(root)
        assert not AccountRequest.objects.exists()

    @pytest.mark.parametrize("role", ["Clinician", "Board member", "Curator", "Publisher"])
    def test_nothing_of_it_by_anybody_else(self, client: Client, role: str) -> None:
        device = with_app(account("cy", role))
        assert signs_in(client, "cy", token=code_of(device))
        person = account("bea")
        assert client.get("/admin/invite/").status_code in (302, 403)
        assert client.post(
            "/admin/auth/user/", {"action": "deactivate", "_selected_action": [person.pk]}
        ).status_code in (
            302,
            403,
        )
        by = User.objects.get(username="cy")
        for action in (actions.deactivate, actions.make_link, actions.reset_second_factor, actions.end_sessions):
            with pytest.raises(actions.AccountError):
                action(person, by=by)
        with pytest.raises(actions.AccountError):
            actions.invite(username="dee", first_name="", last_name="", email="", roles=[], by=by)
        assert bea().is_active

    def test_an_account_of_that_name_is_there(self, root: Client) -> None:
        invite(root)
        assert "There is an account named BEA." in invite(root, username="BEA").content.decode()
        assert User.objects.filter(username__iexact="bea").count() == 1

    def test_nobody_makes_accounts_or_sets_passwords_otherwise(self, root: Client) -> None:
        person = account("bea")
        assert root.get("/admin/auth/user/add/").status_code == 403
        assert root.get(f"/admin/auth/user/{person.pk}/password/").status_code == 403
        new = {"password1": NEW, "password2": NEW, "usable_password": "true"}
        assert root.post(f"/admin/auth/user/{person.pk}/password/", new).status_code == 403
        assert root.post(f"/admin/auth/user/{person.pk}/delete/", {"post": "yes"}).status_code == 403
        assert bea().check_password(PASSWORD)

    def test_roles_open_the_admin(self, root: Client) -> None:
        person = account("bea", "Clinician")
        curator = Group.objects.get(name="Curator").pk
        given = {"username": "bea", "first_name": "Bea", "last_name": "", "email": "", "groups": [curator]}
        sneaked = {"is_superuser": "on", "is_staff": "on", "user_permissions": ["1"], "password": "x"}
        assert root.post(f"/admin/auth/user/{person.pk}/change/", given | sneaked).status_code == 302
        changed = bea()
        assert (changed.is_staff, changed.is_superuser, changed.first_name) == (True, False, "Bea")
        assert not changed.user_permissions.exists()
        assert changed.check_password(PASSWORD)
        said = Event.objects.filter(action="change-account-groups", by__username="root").values_list(
            "details", flat=True
        )
        assert [{**details, "account": None} for details in said[:2]] == [
            {"account": None, "added": ["Curator"]},
            {"account": None, "removed": ["Clinician"]},
        ]
        root.post(f"/admin/auth/user/{person.pk}/change/", given | {"groups": []})
        assert not bea().is_staff

    def test_nobody_gives_roles_to_themselves(self, root: Client) -> None:
        person = User.objects.get(username="root")
        given = {"username": "root", "groups": [Group.objects.get(name="Curator").pk]}
        assert root.post(f"/admin/auth/user/{person.pk}/change/", given).status_code == 403
        assert [group.name for group in person.groups.all()] == ["Administrator"]

    def test_the_list_says_how_accounts_stand(self, root: Client, ada: Client) -> None:
        html = root.get("/admin/auth/user/").content.decode()
        row = re.search(r"<tr>(?:(?!</tr>).)*>ada<.*?</tr>", html, re.DOTALL)
        assert row is not None
        assert "Curator" in row[0]
        assert 'class="field-open_sessions">1<' in row[0]
