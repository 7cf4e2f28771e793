"""One administrator alone becomes nobody else and makes no second self; the person is told of what was done."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import actions, two_administrators
from accounts.models import AccountNotice, AccountRequest
from audit.models import Event
from tests.factories.accounts import PASSWORD, account, code_for, code_of, confirmed, is_signed_in, link_on, signs_in

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]
MINE = "now it is mine alone"
CHOSEN = {"new_password1": MINE, "new_password2": MINE}


def act(browser: Client, action: str, username: str) -> str:
    chosen = {"action": action, "_selected_action": [User.objects.get(username=username).pk]}
    return browser.post("/admin/auth/user/", chosen, follow=True).content.decode()


def waits(username: str) -> set[str]:
    return set(AccountRequest.objects.filter(person__username=username, outcome="").values_list("kind", flat=True))


class TestTakeover:
    """Reset the second factor, make a link, set a password, set up an app: in a member's name."""

    def test_one_administrator_gets_no_link(self, root: Client, ada: Client) -> None:
        person = User.objects.get(username="ada")
        act(root, "reset_second_factor", "ada")
        page = act(root, "new_link", "ada")
        assert "/account/invitation/" not in page
        assert "Another administrator has to confirm this" in page
        assert waits("ada") == {"link"}
        assert "/account/invitation/" not in confirmed(root, "ada").content.decode()
        assert "You asked for this yourself" in root.get("/admin/to-be-confirmed/").content.decode()
        assert waits("ada") == {"link"}
        person.refresh_from_db()
        assert person.check_password(PASSWORD)

    @pytest.mark.parametrize(
        ("first", "second", "kind"),
        [("reset_second_factor", "new_link", "link"), ("new_link", "reset_second_factor", "second-factor")],
    )
    def test_nor_both_where_there_is_mail(
        self, root: Client, ada: Client, settings: Any, first: str, second: str, kind: str
    ) -> None:
        settings.EMAIL_URL = "smtp://localhost"
        User.objects.filter(username="ada").update(email="ada@hospital.example")
        act(root, first, "ada")
        assert not AccountRequest.objects.exists()
        act(root, second, "ada")
        assert waits("ada") == {kind}

    def test_nor_by_another_address(self, root: Client, ada: Client, settings: Any) -> None:
        settings.EMAIL_URL = "smtp://localhost"
        person = User.objects.get(username="ada")
        curator = Group.objects.get(name="Curator").pk
        given = {"username": "ada", "email": "root@elsewhere.example", "groups": [curator]}
        root.post(f"/admin/auth/user/{person.pk}/change/", given)
        act(root, "new_link", "ada")
        assert not [letter for letter in mail.outbox if "/account/invitation/" in str(letter.body)]
        assert waits("ada") == {"link"}

    def test_once_the_person_signed_in_it_begins_anew(self, root: Client, ada: Client, settings: Any) -> None:
        settings.EMAIL_URL = "smtp://localhost"
        User.objects.filter(username="ada").update(email="ada@hospital.example")
        act(root, "reset_second_factor", "ada")
        assert signs_in(ada, "ada")
        secret = ada.get("/account/second-factor/").context["secret"]
        ada.post("/account/second-factor/", {"token": code_for(secret)})
        ada.post("/account/notices/", {"next": "/"})
        act(root, "new_link", "ada")
        assert waits("ada") == set()

    def test_a_second_one_confirms_and_hands_it_over(self, root: Client, other: Client, ada: Client) -> None:
        act(root, "reset_second_factor", "ada")
        act(root, "new_link", "ada")
        assert "(1)" in other.get("/admin/").content.decode()
        page = confirmed(other, "ada")
        assert page.headers.get("Location") is None
        link = link_on(page)
        assert root.post("/admin/to-be-confirmed/", {"request": AccountRequest.objects.get().pk}).status_code == 302
        browser = Client()
        assert browser.post(link, CHOSEN).headers["Location"] == "/account/second-factor/"
        made = Event.objects.get(action="make-link")
        assert (made.by.username, made.details["asked_by"]) == ("other", "root")


class TestPuppet:
    """Rights for one's own group, and a second account of one's own: a release of one person."""

    def test_one_administrator_makes_no_second_self(self, root: Client) -> None:
        curator = Group.objects.get(name="Curator").pk
        page = root.post("/admin/invite/", {"username": "puppet", "roles": [curator]}, follow=True).content.decode()
        assert "/account/invitation/" not in page
        assert waits("puppet") == {"link"}
        assert act(root, "new_link", "puppet").count("/account/invitation/") == 0
        assert AccountRequest.objects.count() == 1
        assert "/account/invitation/" not in confirmed(root, "puppet").content.decode()
        assert root.get("/admin/publish/").status_code == 403

    def test_two_accounts_have_two_addresses(self, root: Client) -> None:
        account("bea", email="bea@hospital.example")
        curator = Group.objects.get(name="Curator").pk
        page = root.post("/admin/invite/", {"username": "cy", "email": "BEA@hospital.example", "roles": [curator]})
        assert "There is an account with the address" in page.content.decode()
        assert not User.objects.filter(username="cy").exists()


class TestRequests:
    @pytest.fixture
    def asked(self) -> AccountRequest:
        return two_administrators.ask(account("bea"), "link", by=account("ann", "Administrator"))

    def test_neither_the_asker_nor_the_person_nor_anybody_else_confirms(self, asked: AccountRequest) -> None:
        for by in (asked.asked_by, asked.person, account("cy", "Clinician")):
            with pytest.raises(actions.AccountError):
                two_administrators.confirm(asked, by=by)
        assert waits("bea") == {"link"}

    def test_the_database_refuses_it_too(self, asked: AccountRequest) -> None:
        there = AccountRequest.objects.filter(pk=asked.pk)
        done = {"outcome": "confirmed", "decided_at": timezone.now()}
        for by in (asked.asked_by, asked.person, None):
            with pytest.raises(IntegrityError), transaction.atomic():
                there.update(**done, decided_by=by)
        there.update(**done, decided_by=account("ben", "Administrator"))
        for change in ({"outcome": ""}, {"person": asked.asked_by}, {"kind": "second-factor"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                there.update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            there.delete()

    def test_it_is_confirmed_once(self, asked: AccountRequest) -> None:
        ben = account("ben", "Administrator")
        assert two_administrators.confirm(asked, by=ben)
        with pytest.raises(actions.AccountError, match="does not wait any more"):
            two_administrators.confirm(asked, by=ben)

    def test_it_is_withdrawn(self, asked: AccountRequest) -> None:
        ben = account("ben", "Administrator")
        two_administrators.withdraw(asked, by=ben)
        with pytest.raises(actions.AccountError, match="does not wait any more"):
            two_administrators.confirm(asked, by=ben)
        assert Event.objects.get(action="withdraw-account-request").details["asked"] == "link"

    @pytest.mark.parametrize(("after", "is_there"), [(0, True), (6.99, True), (7.01, False), (-0.01, False)])
    def test_it_waits_for_a_week_by_any_clock(self, asked: AccountRequest, after: float, is_there: bool) -> None:
        now = asked.asked_at + timedelta(days=after)
        assert two_administrators.waiting(now=now).exists() is is_there

    def test_what_somebody_asked_who_is_no_administrator_any_more_is_refused(self, asked: AccountRequest) -> None:
        asked.asked_by.groups.clear()
        with pytest.raises(actions.AccountError):
            two_administrators.confirm(asked, by=account("ben", "Administrator"))

    @pytest.mark.parametrize("number", ["", "0", "x", "9" * 40, "1\x00", "²"])
    def test_an_odd_number_is_no_request(self, root: Client, number: str) -> None:
        assert root.post("/admin/to-be-confirmed/", {"request": number}).status_code in (400, 404)


class TestTold:
    def test_at_the_next_sign_in_before_any_other_page(self, root: Client, ada: Client) -> None:
        device = User.objects.get(username="ada").totpdevice_set.get()
        act(root, "end_sessions", "ada")
        assert not is_signed_in(ada)
        assert signs_in(ada, "ada", token=code_of(device))
        sent = ada.get("/evidence/?q=1").headers["Location"]
        assert sent == "/account/notices/?next=%2Fevidence%2F%3Fq%3D1"
        page = ada.get(sent).content.decode()
        assert "You were signed out everywhere." in page
        assert re.search(r"By root, .* UTC\.", page)
        assert ada.get("/account/session/").status_code == 200
        assert ada.post("/account/notices/", {"next": "/evidence/"}).headers["Location"] == "/evidence/"
        assert ada.get("/evidence/").status_code == 200
        assert "You were signed out everywhere." in ada.get("/account/").content.decode()
        assert Event.objects.filter(action="acknowledge-notices", subject="ada").count() == 1

    def test_what_is_sent_or_asked_by_a_script_is_not_held_up(self, root: Client, ada: Client) -> None:
        device = User.objects.get(username="ada").totpdevice_set.get()
        act(root, "end_sessions", "ada")
        assert signs_in(ada, "ada", token=code_of(device))
        assert ada.get("/evidence/", headers={"HX-Request": "true"}).status_code == 200
        assert ada.post("/account/sessions/end-others/").headers["Location"] == "/account/#sessions"

    def test_two_are_named_where_two_did_it(self, root: Client, other: Client, ada: Client) -> None:
        act(root, "new_link", "ada")
        confirmed(other, "ada")
        (notice,) = AccountNotice.objects.all()
        assert (notice.what, notice.asked_by.username, notice.by.username) == ("make-link", "root", "other")

    def test_by_mail_at_once_at_both_addresses(
        self, root: Client, ada: Client, settings: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        settings.EMAIL_URL = "smtp://localhost"
        User.objects.filter(username="ada").update(email="ada@hospital.example")
        person = User.objects.get(username="ada")
        given = {"username": "ada", "email": "new@hospital.example", "groups": [Group.objects.get(name="Curator").pk]}
        with django_capture_on_commit_callbacks(execute=True):
            root.post(f"/admin/auth/user/{person.pk}/change/", given)
        assert {address for letter in mail.outbox for address in letter.to} == {
            "ada@hospital.example",
            "new@hospital.example",
        }
        assert all("Your e-mail address was changed." in str(letter.body) for letter in mail.outbox)

    def test_every_action_on_an_account_tells(self, root: Client, ada: Client) -> None:
        person = User.objects.get(username="ada")
        for action in ("lift_lockout", "end_sessions", "reset_second_factor", "deactivate", "activate"):
            act(root, action, "ada")
        given = {"username": "adah", "groups": [Group.objects.get(name="Publisher").pk]}
        root.post(f"/admin/auth/user/{person.pk}/change/", given)
        told = list(AccountNotice.objects.order_by("pk").values_list("what", flat=True))
        assert told == [
            *("lift-lock-out", "end-sessions", "reset-second-factor", "deactivate", "activate"),
            *("change-name", "change-roles"),
        ]

    def test_nobody_is_held_up_by_what_made_their_account(self, root: Client, other: Client, client: Client) -> None:
        root.post("/admin/invite/", {"username": "bea", "roles": [Group.objects.get(name="Curator").pk]})
        client.post(link_on(confirmed(other, "bea")), CHOSEN)
        assert client.get("/admin/").headers["Location"].startswith("/account/second-factor/")
