"""Sessions: their end is the server's doing, and what was being entered outlives it in the page alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from unittest.mock import patch

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_out
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session as UnusedSession
from django.core import signing
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django.utils import timezone

from accounts import links, resumed_forms
from accounts.sessions import Session, alive
from audit.models import Event
from necapp.urls import urlpatterns as project
from tests.factories.accounts import PASSWORD, account, code_of, is_signed_in, signs_in, with_app

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]
NOTES = 'Liver "stable",\r\nlung <progressing> & KI-67 80 %'


@login_required
def notes(request: HttpRequest, case: int) -> HttpResponse:
    return HttpResponse("|".join(request.POST.getlist("notes")), content_type="text/plain")


urlpatterns = [path("notes/<int:case>/", notes), *project]


@pytest.fixture(autouse=True)
def with_notes(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


def age(client: Client, **since: float) -> None:
    """As if the last thing was done that long ago."""
    row = Session.objects.get(pk=client.cookies["sessionid"].value)
    row.seen_at -= timedelta(**since)
    Session.objects.filter(pk=row.pk).update(seen_at=row.seen_at)


def code(username: str, steps: int = 0) -> str:
    return code_of(User.objects.get(username=username).totpdevice_set.get(), steps=steps)


class TestIdle:
    def test_twenty_minutes_end_it_though_the_browser_has_its_cookie(self, ada: Client) -> None:
        key = ada.cookies["sessionid"].value
        age(ada, minutes=20)
        response = ada.get("/account/")
        assert response.headers["Location"] == "/account/sign-in/?next=/account/"
        ada.cookies["sessionid"] = key
        assert ada.get("/account/").status_code == 302
        assert not Session.objects.exists()

    def test_less_does_not(self, ada: Client) -> None:
        age(ada, minutes=19, seconds=55)
        assert ada.get("/account/").status_code == 200

    def test_what_is_done_prolongs_it(self, ada: Client) -> None:
        for _ in range(3):
            age(ada, minutes=15)
            assert ada.get("/evidence/").status_code == 200

    def test_what_a_page_does_by_itself_does_not(self, ada: Client) -> None:
        age(ada, minutes=15)
        assert ada.get("/account/", headers={"Necapp-Background": "true"}).status_code == 200
        age(ada, minutes=6)
        assert ada.get("/account/").status_code == 302

    def test_a_working_day_ends_it_though_much_is_done(self, ada: Client) -> None:
        Session.objects.update(started_at=timezone.now() - timedelta(hours=11, minutes=59))
        assert ada.get("/account/").status_code == 200
        Session.objects.update(started_at=timezone.now() - timedelta(hours=12))
        assert ada.get("/account/").status_code == 302

    def test_saving_it_does_not_begin_the_day_anew(self, ada: Client) -> None:
        began = timezone.now() - timedelta(hours=5)
        Session.objects.update(started_at=began)
        session = ada.session
        session["anything"] = 1
        session.save()
        assert Session.objects.get().started_at == began

    def test_one_of_before_the_accounts_moved_goes_on(self, ada: Client) -> None:
        session = ada.session
        session[BACKEND_SESSION_KEY] = "necapp.accounts.backends.SecondFactorBackend"
        session.save()
        assert ada.get("/account/").status_code == 200

    def test_one_that_names_another_backend_does_not(self, ada: Client) -> None:
        session = ada.session
        session[BACKEND_SESSION_KEY] = "necapp.accounts.backends.Former"
        session.save()
        assert ada.get("/account/").status_code == 302

    def test_its_end_is_heard_of_once(self, ada: Client) -> None:
        heard: list[str] = []

        def hear(user: User, **rest: Any) -> None:
            heard.append(user.username)

        user_logged_out.connect(hear)
        age(ada, minutes=20)
        try:
            ada.get("/account/")
            ada.get("/account/")
        finally:
            user_logged_out.disconnect(hear)
        assert heard == ["ada"]

    def test_it_is_noted_rarely(self, ada: Client) -> None:
        ada.get("/about/")
        with CaptureQueriesContext(connection) as queries:
            ada.get("/about/")
        assert not any(query["sql"].startswith(("UPDATE", "INSERT")) for query in queries)

    def test_asking_tells_how_long(self, ada: Client) -> None:
        age(ada, minutes=18)
        said = ada.get("/account/session/", headers={"Necapp-Background": "true"}).json()
        assert said["person"] == User.objects.get(username="ada").pk
        assert 110 < said["seconds"] <= 120
        assert ada.post("/account/session/").json()["seconds"] > 1190

    def test_asking_too_late_tells_that_nobody_is_signed_in(self, ada: Client) -> None:
        age(ada, minutes=21)
        response = ada.post("/account/session/")
        assert (response.json()["person"], response.json()["seconds"]) == (None, 0)
        assert "no-store" in response.headers["Cache-Control"]

    def test_a_session_that_was_ended_does_not_come_back(self, ada: Client) -> None:
        """Such as when it is saved by a page that was on its way meanwhile."""
        session = ada.session
        session["anything"] = 1
        Session.objects.all().delete()
        with pytest.raises(UpdateError):
            session.save()
        assert not Session.objects.exists()

    def test_what_is_over_is_tidied_away(self, ada: Client, root: Client) -> None:
        age(ada, minutes=20)
        call_command("clearsessions")
        assert [row.person.username for row in Session.objects.all()] == ["root"]
        assert not UnusedSession.objects.exists()

    @pytest.mark.parametrize(("minutes", "is_there"), [(19, True), (20, False)])
    def test_it_holds_for_views_that_wait(self, ada: Client, minutes: int, is_there: bool) -> None:
        age(ada, minutes=minutes)
        store = Session.get_session_store_class()(ada.cookies["sessionid"].value)
        assert bool(async_to_sync(store.aload)()) is is_there


class TestClocks:
    """A clock that was set while somebody was signed in: an end that lies further ahead than it may is now."""

    NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("signed_in", "seen", "is_alive"),
        [
            ({"hours": -1}, {"minutes": -5}, True),
            ({"hours": 0}, {"hours": 0}, True),
            ({"seconds": 50}, {"seconds": 50}, True),  # by another server, whose clock differs a little
            ({"minutes": 2}, {"minutes": 2}, False),
            ({"hours": -1}, {"minutes": 2}, False),
            ({"hours": 1}, {"hours": 1}, False),
            ({"days": 10}, {"days": 10}, False),
            ({"days": 400}, {"days": 400}, False),
            ({"hours": -13}, {"minutes": -1}, False),
            ({"hours": -1}, {"minutes": -21}, False),
        ],
    )
    def test_it_ends_in_the_safe_direction(
        self, signed_in: dict[str, int], seen: dict[str, int], is_alive: bool
    ) -> None:
        person = account("bea")
        started, seen_at = self.NOW + timedelta(**signed_in), self.NOW + timedelta(**seen)
        row = Session.objects.create(
            pk="a" * 32, person=person, started_at=started, seen_at=seen_at, expire_date=seen_at + timedelta(hours=12)
        )
        assert row.is_alive_at(self.NOW) is is_alive
        assert Session.objects.filter(alive(now=self.NOW)).exists() is is_alive

    def test_a_cookie_that_is_good_for_too_long_is_not(self) -> None:
        row = Session(pk="a", started_at=self.NOW, seen_at=self.NOW, expire_date=self.NOW + timedelta(days=14))
        assert not row.is_alive_at(self.NOW)

    def test_a_link_made_by_a_clock_that_was_ahead_is_none(self) -> None:
        number, token = links.path_for(account("bea", is_active=True)).split("/")[3:5]
        earlier = timezone.make_naive(timezone.now()) - timedelta(hours=1)  # as Django counts it
        with patch.object(PasswordResetTokenGenerator, "_now", lambda self: earlier):
            assert links.person_of(number, token) is None
        assert links.person_of(number, token)


class TestKept:
    """A form that was sent after the end, without scripts."""

    def sent_too_late(self, client: Client, **more: Any) -> str:
        age(client, minutes=21)
        response = client.post("/notes/7/?x=1", {"notes": [NOTES, "more"], "csrfmiddlewaretoken": "old"} | more)
        assert response.status_code == 403
        html = response.content.decode()
        assert "sign in here within half an hour" in html
        sealed = re.search(r'name="kept" value="([^"]+)"', html)
        assert sealed is not None
        return sealed[1]

    def sign_in(self, client: Client, sealed: str, username: str = "ada", token: str = "") -> str:
        given = {"username": username, "password": PASSWORD, "kept": sealed, "next": "/notes/7/?x=1"}
        return client.post("/account/sign-in/", given | {"token": token or code(username)}).content.decode()

    def test_it_is_there_after_the_sign_in(self, ada: Client) -> None:
        html = self.sign_in(ada, self.sent_too_late(ada))
        assert 'action="/notes/7/?x=1"' in html
        fields = re.findall(r'<input type="hidden" name="notes" value="([^"]*)"', html)
        fields = [unescape(field) for field in fields]
        assert fields == [NOTES, "more"]
        assert "old" not in re.findall(r'value="([^"]*)"', html)
        assert ada.post("/notes/7/?x=1", {"notes": fields}).content.decode() == f"{NOTES}|more"

    def test_a_failure_on_the_way_loses_nothing(self, ada: Client) -> None:
        sealed = self.sent_too_late(ada)
        page = self.sign_in(ada, sealed, token="000000")
        assert f'name="kept" value="{sealed}"' in page

    def test_it_is_in_no_table(self, ada: Client) -> None:
        sealed = self.sent_too_late(ada)
        self.sign_in(ada, sealed, token="000000")
        stored = "".join(str(row) for row in Session.objects.values_list())
        assert sealed not in stored
        assert not Session.objects.exists()

    def test_nobody_else_gets_it(self, ada: Client) -> None:
        with_app(account("bea"))
        html = self.sign_in(ada, self.sent_too_late(ada), "bea")
        assert "progressing" not in html
        assert "entered by another account" in html

    def test_it_is_good_for_half_an_hour(self, ada: Client, settings: Any) -> None:
        settings.SESSION_KEEP_SECONDS = -1
        html = self.sign_in(ada, self.sent_too_late(ada))
        assert "progressing" not in html

    @pytest.mark.parametrize(
        "forged", ["x", "a:b:c", signing.dumps(["/", None, "a=1"]), ""], ids=["word", "parts", "other salt", "empty"]
    )
    def test_nothing_forged_is_sent(self, ada: Client, forged: str) -> None:
        ada.post("/account/sign-out/")
        given = {"username": "ada", "password": PASSWORD, "token": code("ada"), "kept": forged}
        response = ada.post("/account/sign-in/", given)
        assert '<form method="post" action="/"' not in response.content.decode()

    def test_files_are_said_not_to_be(self, ada: Client, tmp_path: Any) -> None:
        age(ada, minutes=21)
        (tmp_path / "scan.txt").write_text("scan")
        with (tmp_path / "scan.txt").open() as file:
            html = ada.post("/notes/7/", {"notes": NOTES, "scan": file}).content.decode()
        assert "choose them again" in html

    def test_what_is_too_long_is_said_not_to_be(self, ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(resumed_forms, "LONGEST", 50)
        age(ada, minutes=21)
        html = ada.post("/notes/7/", {"notes": NOTES}).content.decode()
        assert "too long to be kept" in html
        assert 'name="kept"' not in html

    def test_a_page_that_is_only_looked_at_leads_to_the_sign_in(self, ada: Client) -> None:
        age(ada, minutes=21)
        assert ada.get("/notes/7/").headers["Location"] == "/account/sign-in/?next=/notes/7/"

    def test_a_form_of_the_admin_is_kept_too(self, root: Client) -> None:
        age(root, minutes=21)
        response = root.post("/admin/invite/", {"username": "new-person"})
        assert response.status_code == 403
        html = self.sign_in(root, re.findall(r'name="kept" value="([^"]+)"', response.content.decode())[0], "root")
        assert 'action="/admin/invite/"' in html
        assert 'name="username" value="new-person"' in html

    def test_a_forged_form_is_not(self, ada: Client) -> None:
        ada.handler.enforce_csrf_checks = True
        age(ada, minutes=21)
        html = ada.post("/notes/7/", {"notes": NOTES}).content.decode()
        assert "kept" not in html or 'name="kept"' not in html

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_script_is_told_and_swaps_nothing(self, ada: Client, method: str) -> None:
        age(ada, minutes=21)
        response = getattr(ada, method)("/notes/7/", headers={"HX-Request": "true"})
        assert (response.status_code, response.content) == (403, b"")
        assert response.headers["HX-Trigger"] == "signed-out"

    def test_a_patient_entered_before_goes_along_with_a_sign_in(self, client: Client) -> None:
        with_app(account("ada"))
        entered = {"primary_site": "colorectal", "ki67": "80", "page": "patient"}
        html = client.post("/account/sign-in/keep/", entered).content.decode()
        sealed = re.findall(r'name="kept" value="([^"]+)"', html)[0]
        html = self.sign_in(client, sealed)
        assert '<form method="post" action="/"' in html
        assert 'name="ki67" value="80"' in html

    def test_it_goes_to_pages_for_patients_alone(self, client: Client) -> None:
        html = client.post("/account/sign-in/keep/", {"page": "https://elsewhere.example/"}).content.decode()
        assert 'name="next" value="/"' in html

    def test_the_button_carries_the_form(self, client: Client) -> None:
        html = client.get("/").content.decode()
        button = re.search(r'<button[^>]*formaction="/account/sign-in/keep/"[^>]*>', html)
        assert button is not None
        assert 'form="patient-form"' in button[0]


class TestAgain:
    """The sign-in of the page that covers itself."""

    JSON = {"accept": "application/json"}

    def test_it_answers_who_is_there_and_the_new_token(self, ada: Client) -> None:
        age(ada, minutes=21)
        assert ada.get("/account/session/").json()["person"] is None
        given = {"username": "ada", "password": PASSWORD, "token": code("ada")}
        said = ada.post("/account/sign-in/", given, headers=self.JSON).json()
        assert said["person"] == User.objects.get(username="ada").pk
        ada.handler.enforce_csrf_checks = True
        assert ada.post("/notes/7/", {"notes": "a", "csrfmiddlewaretoken": said["token"]}).content == b"a"

    def test_it_says_what_failed(self, ada: Client) -> None:
        ada.post("/account/sign-out/")
        response = ada.post("/account/sign-in/", {"username": "ada", "password": "x", "token": "1"}, headers=self.JSON)
        assert response.status_code == 403
        assert "do not belong together" in response.json()["error"]

    def test_it_says_that_one_has_to_wait(self, ada: Client) -> None:
        ada.post("/account/sign-out/")
        for _ in range(5):
            response = ada.post("/account/sign-in/", {"username": "ada", "password": "x"}, headers=self.JSON)
        assert response.status_code == 429
        assert "15 minutes" in response.json()["error"]

    def test_whoever_is_back_by_another_tab_needs_no_more(self, ada: Client) -> None:
        said = ada.post("/account/sign-in/", {}, headers=self.JSON).json()
        assert said["person"] == User.objects.get(username="ada").pk


class TestEnds:
    def test_signing_out_ends_it_on_the_server(self, ada: Client) -> None:
        key = ada.cookies["sessionid"].value
        assert ada.post("/account/sign-out/", follow=True).status_code == 200
        ada.cookies["sessionid"] = key
        assert ada.get("/account/").status_code == 302

    def test_signing_out_everywhere_ends_every_one(self, ada: Client, root: Client) -> None:
        elsewhere = Client()
        assert signs_in(elsewhere, "ada", token=code("ada"))
        assert ada.get("/account/").content.decode().count("Sign out there") == 1
        elsewhere.post("/account/sign-out/everywhere/")
        assert not is_signed_in(ada)
        assert not is_signed_in(elsewhere)
        assert is_signed_in(root)
        assert Event.objects.get(action="sign-out-everywhere").by == User.objects.get(username="ada")

    def test_a_new_password_ends_the_others(self, ada: Client) -> None:
        elsewhere = Client()
        assert signs_in(elsewhere, "ada", token=code("ada"))
        new = "a heron on every other stone"
        given = {"password": PASSWORD, "token": code("ada", 1), "new_password1": new, "new_password2": new}
        before = ada.cookies["sessionid"].value
        assert ada.post("/account/password/", given).headers["Location"] == "/account/?changed"
        assert "The password is changed." in ada.get("/account/?changed").content.decode()
        assert ada.cookies["sessionid"].value != before
        assert not is_signed_in(elsewhere)
        assert ada.get("/admin/").status_code == 200
        assert User.objects.get(username="ada").check_password(new)
        assert Event.objects.filter(action="change-password").exists()

    @pytest.mark.parametrize(
        "given",
        [
            {"password": "not mine at all"},
            {"token": "000000"},
            {"token": ""},
            {"new_password2": "another one altogether"},
            {"new_password1": "short", "new_password2": "short"},
            {"new_password1": "1234567890123456", "new_password2": "1234567890123456"},
            {"new_password1": "q1w2e3r4t5y6", "new_password2": "q1w2e3r4t5y6"},
            {"new_password1": "ada-ada-ada", "new_password2": "ada-ada-ada"},
        ],
    )
    def test_it_is_not_changed_otherwise(self, ada: Client, given: dict[str, str]) -> None:
        new = "a heron on every other stone"
        right = {"password": PASSWORD, "token": code("ada"), "new_password1": new, "new_password2": new}
        response = ada.post("/account/password/", right | given)
        assert response.status_code == 200
        assert User.objects.get(username="ada").check_password(PASSWORD)


class TestCookies:
    @pytest.mark.parametrize("is_secure", [True, False])
    def test_their_flags(self, client: Client, settings: Any, is_secure: bool) -> None:
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = is_secure
        device = with_app(account("bea"))
        given = {"username": "bea", "password": PASSWORD, "token": code_of(device)}
        cookies = client.post("/account/sign-in/", given).cookies
        for name in ("sessionid", "csrftoken"):
            assert cookies[name]["httponly"] is True, name
            assert cookies[name]["samesite"] == ("Lax" if name == "csrftoken" else "Strict"), name
            assert bool(cookies[name]["secure"]) is is_secure, name
        assert cookies["sessionid"]["max-age"] == cookies["sessionid"]["expires"] == ""

    @pytest.mark.parametrize("address", ["/", "/evidence/", "/account/", "/admin/", "/evidence.csv"])
    def test_nothing_shown_to_a_person_is_left_in_the_browser(self, ada: Client, address: str) -> None:
        assert "no-store" in ada.get(address).headers["Cache-Control"]
