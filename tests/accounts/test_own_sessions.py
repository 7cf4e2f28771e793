"""Where one is signed in: listed, and ended from elsewhere."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from accounts.own_sessions import MOST_SESSIONS, browser_of, end_one, own_sessions
from accounts.sessions import Session
from audit.models import Event
from tests.factories.accounts import account, code_of, is_signed_in, signs_in, with_app

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def elsewhere(ada: Client) -> Client:
    """Another browser of the same person."""
    browser = Client(headers={"User-Agent": FIREFOX}, REMOTE_ADDR="192.0.2.7")
    device = User.objects.get(username="ada").totpdevice_set.get()
    assert signs_in(browser, "ada", token=code_of(device))
    return browser


def test_each_is_listed_with_its_browser_and_address(ada: Client, elsewhere: Client) -> None:
    page = ada.get("/account/").content.decode()
    assert "Firefox, Windows" in page
    assert "192.0.2.7" in page
    assert page.count("· this browser") == 1
    keys = Session.objects.values_list("pk", flat=True)
    assert not [key for key in keys if key in page]


def test_one_is_ended(ada: Client, elsewhere: Client) -> None:
    mark = re.findall(r'name="session" value="([0-9a-f]{64})"', ada.get("/account/").content.decode())
    assert len(mark) == 1
    assert ada.post("/account/sessions/end/", {"session": mark[0]}).status_code == 302
    assert (is_signed_in(ada), is_signed_in(elsewhere)) == (True, False)
    assert Event.objects.get(action="end-own-sessions").details == {"sessions": 1}


def test_all_others_are(ada: Client, elsewhere: Client, root: Client) -> None:
    assert elsewhere.post("/account/sessions/end-others/").status_code == 302
    assert (is_signed_in(ada), is_signed_in(elsewhere), is_signed_in(root)) == (False, True, True)


def test_nobody_elses_is(ada: Client) -> None:
    eve = with_app(account("eve")).user
    (hers,) = own_sessions(User.objects.get(username="ada"), this=None)
    assert not end_one(eve, hers.mark)
    assert is_signed_in(ada)


@pytest.mark.parametrize("mark", ["", "x", "0" * 64 + "0", "é" * 64])
def test_what_names_none_is_refused(ada: Client, mark: str) -> None:
    assert ada.post("/account/sessions/end/", {"session": mark}).status_code == 400


@pytest.mark.parametrize(
    ("agent", "browser"),
    [
        (FIREFOX, "Firefox, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Version/17.5 Safari/605.1.15", "Safari, macOS"),
        ("curl/8.5", ""),
        ("", ""),
    ],
)
def test_a_browser_is_known_by_its_family(agent: str, browser: str) -> None:
    assert browser_of(agent) == browser


def test_of_very_many_the_one_that_was_used_longest_ago_ends(ada: Client) -> None:
    person = User.objects.get(username="ada")
    first = Session.objects.get(person=person).pk
    for _ in range(MOST_SESSIONS - 1):
        Client().force_login(person)
    assert Session.objects.filter(person=person).count() == MOST_SESSIONS
    assert is_signed_in(ada)
    Client().force_login(person)
    assert Session.objects.filter(person=person).count() == MOST_SESSIONS
    assert not Session.objects.filter(pk=first).exists()
    assert Event.objects.get(action="end-own-sessions").details["sessions"] == 1
