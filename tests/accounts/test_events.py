"""Signing in and out, and what is done to accounts and groups: an event each, and never a password."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from audit.models import Event
from tests.factories.accounts import account, confirmed, signed_in, signs_in
from tests.trail import everything_said, newest, since

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

PASSWORD = "Correct-horse-7-battery"  # noqa: S105 - of accounts of tests


@pytest.fixture(autouse=True)
def as_on_a_server(without_second_factor: None) -> None:
    """With a password alone: what is an event does not hang on the second factor, which the other modules ask for."""


class TestSigningIn:
    @pytest.fixture
    def ada(self) -> User:
        return User.objects.create_user("ada", password=PASSWORD, is_staff=True)

    def sign_in(self, client: Client, password: str, username: str = "ada", **more: Any) -> Event:
        client.post("/account/sign-in/", {"username": username, "password": password}, **more)
        return Event.objects.first()

    def test_it_is_an_event_with_its_address(self, client: Client, ada: User) -> None:
        event = self.sign_in(client, PASSWORD, REMOTE_ADDR="192.0.2.7")
        assert (event.action, event.by, event.subject, event.address) == ("sign-in", ada, "ada", "192.0.2.7")
        assert "os_user" not in event.details

    def test_so_is_signing_out(self, client: Client, ada: User) -> None:
        client.force_login(ada)
        client.post("/admin/logout/", REMOTE_ADDR="192.0.2.7")
        event = Event.objects.first()
        assert (event.action, event.by, event.address) == ("sign-out", ada, "192.0.2.7")

    @pytest.mark.parametrize("username", ["ada", "nobody-of-that-name"])
    def test_a_failed_one_says_the_name_that_was_tried(self, client: Client, ada: User, username: str) -> None:
        event = self.sign_in(client, "Wrong-horse", username, REMOTE_ADDR="192.0.2.7")
        assert (event.action, event.by, event.subject, event.address) == ("sign-in-failed", None, username, "192.0.2.7")

    def test_an_odd_name_is_stored_on_one_line(self, client: Client, ada: User) -> None:
        event = self.sign_in(client, "Wrong-horse", "ada\n2026-11-25 root signed in" + "x" * 100)
        assert event.subject.startswith("ada 2026-11-25 root")

    def test_no_password_is_kept(self, client: Client, ada: User) -> None:
        self.sign_in(client, "Wrong-horse")
        self.sign_in(client, PASSWORD)
        ada.set_password("Another-staple-9")
        ada.save()
        said = everything_said()
        assert not any(word in said for word in ("Wrong-horse", PASSWORD, "Another-staple-9", "pbkdf2", ada.password))

    def test_it_stays_where_the_header_is_forged(self, client: Client, ada: User, settings: Any) -> None:
        forged = {"REMOTE_ADDR": "192.0.2.7", "HTTP_X_FORWARDED_FOR": "198.51.100.1"}
        settings.BEHIND_PROXY = False
        assert self.sign_in(client, PASSWORD, **forged).address == "192.0.2.7"
        settings.BEHIND_PROXY = True
        assert self.sign_in(Client(), PASSWORD, **forged).address == "198.51.100.1"


class TestAccounts:
    @pytest.fixture
    def root(self, client: Client) -> User:
        root = account("root", "Administrator")
        client.force_login(root)
        return root

    def test_what_an_administrator_does_is_an_event_each(self, client: Client, root: User) -> None:
        other = account("other", "Administrator")
        before = newest()
        group = Group.objects.get(name="Curator")
        client.post("/admin/invite/", {"username": "cy", "email": "cy@example.net", "roles": [group.pk]})
        cy = User.objects.get(username="cy")
        form = {"username": "cyd", "email": "cy@example.org"}
        client.post(f"/admin/auth/user/{cy.pk}/change/", form | {"groups": []})
        confirmed(signed_in(other), "cyd")
        client.post("/admin/auth/user/", {"action": "deactivate", "_selected_action": [cy.pk]})
        assert since(before) == [
            "create-account",
            "change-account-groups",
            "change-account",
            "invite",
            "ask-for-link",
            "change-account",
            "change-account-groups",
            "change-account",
            "sign-in",
            "change-password",
            "make-link",
            "deactivate-account",
        ]
        events = list(Event.objects.filter(pk__gt=before).order_by("pk"))
        assert [event.by for event in events] == [root] * 8 + [other] * 3 + [root]
        assert events[1].details == {"account": cy.pk, "added": ["Curator"]}
        assert events[2].details["changed"] == {"is_staff": [False, True]}
        assert events[5].details["changed"] == {"username": ["cy", "cyd"]}
        assert events[5].details["also_changed"] == ["email"]
        assert events[6].details["removed"] == ["Curator"]
        assert events[10].details["asked_by"] == "root"
        assert "cy@example" not in everything_said()

    def test_groups_are_events_too(self) -> None:
        before = newest()
        group = Group.objects.create(name="Auditor")
        group.permissions.add(Permission.objects.get(codename="view_event"))
        group.name = "Auditors"
        group.save()
        group.permissions.clear()
        group.delete()
        assert since(before) == [
            "create-group",
            "change-group-permissions",
            "change-group",
            "change-group-permissions",
            "delete-group",
        ]

    def test_from_the_other_side_and_all_at_once(self) -> None:
        cy, group = User.objects.create_user("cy"), Group.objects.get(name="Curator")
        before = newest()
        group.user_set.add(cy)
        cy.groups.clear()
        cy.groups.add(group)
        group.user_set.clear()
        events = list(Event.objects.filter(pk__gt=before).order_by("pk"))
        assert [(event.subject, event.details.get("added"), event.details.get("removed")) for event in events] == [
            ("cy", ["Curator"], None),
            ("cy", None, ["Curator"]),
        ] * 2

    def test_what_changes_nothing_is_none(self, client: Client) -> None:
        cy = User.objects.create_user("cy", password=PASSWORD)
        before = newest()
        cy.save()
        cy.save(update_fields=["last_login"])
        assert since(before) == []

    def test_a_password_hashed_anew_is_not_changed(self, client: Client) -> None:
        User.objects.create_user("cy")
        User.objects.filter(username="cy").update(password=make_password(PASSWORD, hasher="pbkdf2_sha1"))
        before = newest()
        assert signs_in(client, "cy", PASSWORD)
        assert since(before) == ["sign-in"]

    def test_a_deleted_account_is_said(self) -> None:
        cy = User.objects.create_user("cy")
        pk = cy.pk
        cy.delete()
        event = Event.objects.first()
        assert (event.action, event.subject, event.details["account"]) == ("delete-account", "cy", pk)

    def test_at_the_command_line_the_account_of_the_system_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "argv", ["manage.py", "createsuperuser", "--username", "secret"])
        User.objects.create_superuser("cy")
        event = Event.objects.first()
        assert (event.by, event.address) == (None, None)
        assert event.details["os_user"] and event.details["command"] == "createsuperuser"
        assert "secret" not in everything_said()
