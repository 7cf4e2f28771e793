"""Roles are fixed, and an administrator's account holds no other: in forms, actions, backends and the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils.module_loading import import_string

from accounts import actions, rights
from accounts.models import AccountRequest
from audit.models import Event
from boards import members
from boards.actions import add_member, make_board
from boards.errors import Refused
from boards.models import GUARD, Membership
from tests.factories.accounts import account, confirmed
from tests.factories.boards import a_board

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]
OTHERS = ("Board member", "Clinician", "Curator", "Publisher")
# The trigger that refuses the mixture, which an account from before stands beside.
MIXTURE = "accounts_rule_2"


def group(name: str) -> Group:
    return Group.objects.get(name=name)


def permission(name: str) -> Permission:
    app, _, codename = name.partition(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


@contextmanager
def without_trigger(name: str, table: str) -> Iterator[None]:
    """As a database was before it had a trigger; the test's transaction ends with it."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))
    yield


def both(username: str = "both", other: str = "Publisher") -> User:
    """An administrator who holds another role, from before that was refused."""
    person = account(username, other)
    with without_trigger(MIXTURE, "auth_user_groups"):
        person.groups.add(group("Administrator"))
    return User.objects.get(pk=person.pk)


class TestNoOtherRole:
    @pytest.mark.parametrize("other", OTHERS)
    def test_the_actions_refuse_it(self, other: str) -> None:
        root, person = account("root", "Administrator"), account("bea", other)
        given = [group("Administrator"), group(other)]
        with pytest.raises(actions.AccountError, match="holds no other role"):
            actions.change_roles(person, given, by=root)
        with pytest.raises(actions.AccountError, match="holds no other role"):
            actions.invite(username="cy", first_name="", last_name="", email="", roles=given, by=root)
        assert not User.objects.filter(username="cy").exists()

    @pytest.mark.parametrize("other", OTHERS)
    @pytest.mark.parametrize("first", [True, False], ids=["administrator first", "administrator second"])
    def test_the_database_refuses_it(self, other: str, first: bool) -> None:
        person = account("bea", "Administrator" if first else other)
        with pytest.raises(IntegrityError, match="no other role"), transaction.atomic():
            person.groups.add(group(other if first else "Administrator"))
        with pytest.raises(IntegrityError, match="no other role"), transaction.atomic():
            User.objects.create_user("cy").groups.add(group("Administrator"), group(other))
        with pytest.raises(IntegrityError), transaction.atomic():
            User.groups.through.objects.filter(user=person).update(
                group=group("Clinician" if other != "Clinician" else "Curator")
            )

    def test_the_forms_refuse_it(self, root: Client) -> None:
        person = account("bea")
        roles = [group("Administrator").pk, group("Curator").pk]
        page = root.post(f"/admin/auth/user/{person.pk}/change/", {"username": "bea", "groups": roles})
        assert "holds no other role" in page.content.decode()
        page = root.post("/admin/invite/", {"username": "cy", "roles": roles})
        assert "holds no other role" in page.content.decode()
        assert not AccountRequest.objects.exists()

    @pytest.mark.parametrize("other", ["Curator", "Publisher"])
    def test_roles_from_before_have_no_effect(self, root: Client, other: str) -> None:
        person = both(other=other)
        assert person.has_perm("auth.change_user")
        assert not any(person.has_perm(name) for name in rights.DECIDING)
        assert f"holds other roles, which have no effect until one side is taken away: {other}" in (
            root.get("/admin/auth/user/").content.decode()
        )
        root.post(f"/admin/auth/user/{person.pk}/change/", {"username": "both", "groups": [group(other).pk]})
        person = User.objects.get(pk=person.pk)
        assert not person.has_perm("auth.change_user")
        assert any(person.has_perm(name) for name in rights.DECIDING)

    def test_nor_has_a_right_given_to_one_account(self) -> None:
        person = account("bea", "Clinician")
        with without_trigger("accounts_rule_4", "auth_user_user_permissions"):
            person.user_permissions.add(permission("regimens.publish_release"))
        assert not User.objects.get(pk=person.pk).has_perm("regimens.publish_release")

    def test_nor_has_a_group_of_ones_own_that_holds_both(self) -> None:
        wide = Group.objects.create(name="Everything")
        wide.permissions.set(Permission.objects.all())
        person = User.objects.create_user("bea")
        person.groups.add(wide)
        assert person.has_perm("boards.manage_boards")
        assert not any(person.has_perm(name) for name in rights.DECIDING)

    def test_every_backend_that_knows_rights_knows_this(self) -> None:
        for path in project.AUTHENTICATION_BACKENDS:
            backend = import_string(path)
            assert not issubclass(backend, ModelBackend) or issubclass(backend, rights.RolePermissions), path


class TestFixed:
    @pytest.mark.parametrize("name", rights.ROLES)
    def test_the_admin_shows_a_role_and_changes_none(self, root: Client, name: str) -> None:
        role = group(name)
        before = set(role.permissions.values_list("pk", flat=True))
        page = root.get(f"/admin/auth/group/{role.pk}/change/").content.decode()
        assert name in page
        assert ("Can propose a change" in page) == (name == "Curator")
        assert ("<div>root</div>" in page) == (name == "Administrator")
        for address in (f"{role.pk}/change/", f"{role.pk}/delete/", "add/"):
            given = {"name": name, "permissions": [permission("regimens.publish_release").pk], "post": "yes"}
            assert root.post(f"/admin/auth/group/{address}", given).status_code == 403
        assert set(role.permissions.values_list("pk", flat=True)) == before

    FORGED: dict[str, Callable[[], Any]] = {
        "a superuser by a query": lambda: User.objects.filter(username="bea").update(is_superuser=True),
        "a superuser at once": lambda: User.objects.bulk_create([User(username="cy", is_superuser=True)]),
        "a right of one account": lambda: User.objects.get(username="bea").user_permissions.add(
            permission("regimens.publish_release")
        ),
        "a right to decide": lambda: group("Administrator").permissions.add(permission("regimens.publish_release")),
        "a right to administer": lambda: group("Curator").permissions.add(permission("auth.change_user")),
        "another name of a role": lambda: Group.objects.filter(name="Curator").update(name="Clinicians"),
        "a role that is gone": lambda: Group.objects.filter(name="Publisher").delete(),
    }

    @pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
    def test_the_database_refuses(self, forged: Callable[[], Any]) -> None:
        account("bea")
        with pytest.raises(IntegrityError), transaction.atomic():
            forged()

    def test_a_superuser_is_an_administrator(self) -> None:
        boss = User.objects.create_superuser("boss", password="a long enough one")
        boss = User.objects.get(pk=boss.pk)
        assert (boss.is_superuser, boss.is_staff) == (False, True)
        assert [role.name for role in boss.groups.all()] == ["Administrator"]
        assert boss.has_perm("auth.add_user")
        assert not any(boss.has_perm(name) for name in rights.DECIDING)


class TestAnotherAdministrator:
    """Whoever could make one alone could confirm what they ask for."""

    def test_two_make_one(self, root: Client, other: Client) -> None:
        person = account("bea", "Clinician")
        root.post(f"/admin/auth/user/{person.pk}/change/", {"username": "bea", "groups": [group("Administrator").pk]})
        assert [role.name for role in person.groups.all()] == ["Clinician"]
        assert confirmed(root, "bea", "administrator").status_code == 302
        assert [role.name for role in person.groups.all()] == ["Clinician"]
        confirmed(other, "bea", "administrator")
        assert [role.name for role in person.groups.all()] == ["Administrator"]
        assert Event.objects.get(action="make-administrator").details["asked_by"] == "root"

    def test_an_invited_one_has_no_role_until_then(self, root: Client, other: Client) -> None:
        root.post("/admin/invite/", {"username": "bea", "roles": [group("Administrator").pk]})
        person = User.objects.get(username="bea")
        assert not person.groups.exists()
        assert set(AccountRequest.objects.values_list("kind", flat=True)) == {"link", "administrator"}
        confirmed(other, "bea", "administrator")
        assert rights.is_administrator(person)

    def test_at_the_server_it_needs_nobody_else(self, capsys: pytest.CaptureFixture[str], settings: Any) -> None:
        settings.PUBLIC_URL = "https://necapp.hospital.example"
        root = account("root", "Administrator")
        given = {"first_name": "", "last_name": "", "email": ""}
        actions.invite(username="bea", **given, roles=[group("Administrator")], by=root)
        call_command("help_account", "bea", "--roles", "Administrator", "--link")
        assert capsys.readouterr().out.startswith("https://necapp.hospital.example/account/invitation/")
        assert rights.is_administrator(User.objects.get(username="bea"))
        assert not AccountRequest.objects.filter(outcome="").exists()
        told = Event.objects.filter(action__in=("give-roles", "make-link"))
        assert {(event.by, "os_user" in event.details) for event in told} == {(None, True)}

    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            (["bea"], "say what to do"),
            (["nobody", "--link"], "no account named"),
            (["bea", "--roles", "Boss"], "no role Boss"),
            (["bea", "--roles", "Administrator", "Curator"], "holds no other role"),
        ],
    )
    def test_the_server_refuses_what_nobody_may(self, arguments: list[str], why: str) -> None:
        account("bea")
        with pytest.raises(CommandError, match=why):
            call_command("help_account", *arguments)


class TestBoards:
    def test_an_administrator_is_on_none(self) -> None:
        board, root = a_board(), account("root", "Administrator")
        for refused in (
            lambda: add_member(board, person=root, by=root),
            lambda: make_board(name="Another", chair=root, by=root),
        ):
            with pytest.raises(Refused, match="on no board"):
                refused()
        with pytest.raises(IntegrityError, match="on no board"), GUARD.open(), transaction.atomic():
            Membership.objects.create(board=board, person=root)

    def test_who_is_on_one_becomes_no_administrator(self) -> None:
        a_board()
        root = account("root", "Administrator")
        with pytest.raises(actions.AccountError, match="a member of NEC board"):
            actions.change_roles(User.objects.get(username="ada"), [group("Administrator")], by=root)

    def test_a_membership_from_before_has_no_effect(self) -> None:
        board = a_board()
        ada = User.objects.get(username="ada")
        ada.groups.set([group("Administrator")])
        assert members.membership(ada, board) is None
        assert not members.boards_of(ada).exists()
        assert ada.pk not in members.deciding_members_of(board).values_list("person", flat=True)
        ada.groups.set([group("Clinician")])
        assert members.membership(ada, board) is not None
