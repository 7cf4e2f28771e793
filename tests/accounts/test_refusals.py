"""Whoever is signed in and is refused a page leaves an event with their name, and nothing of the page but its name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from accounts import refusals
from audit.models import Event
from tests.factories.accounts import account, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


def refused() -> list[tuple[str, str]]:
    events = Event.objects.filter(action="refuse-access").order_by("pk")
    return list(events.values_list("by__username", "subject"))


def test_it_says_who_and_which_page_once(ada: Client) -> None:
    for _ in range(3):
        assert ada.get("/admin/auth/user/?q=Miller").status_code == 403
    assert ada.post("/admin/publish/", {"name": "Miller"}).status_code == 403
    assert refused() == [("ada", "admin:auth_user_changelist"), ("ada", "admin:publish")]
    assert "Miller" not in str(list(Event.objects.filter(action="refuse-access").values()))


def test_the_admin_says_which_of_its_pages(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    browser = signed_in(account("cy", "Clinician"))
    assert browser.get("/admin/regimens/event/?q=x", follow=True).status_code == 403
    assert browser.get("/admin/login/?next=/nowhere/at/all/").status_code == 403
    assert refused() == [("cy", "admin:regimens_event_changelist"), ("cy", "admin:login")]


@pytest.mark.parametrize(("minutes", "is_told"), [(0, True), (4.9, True), (5.1, False), (-1, False)])
def test_after_some_minutes_again_by_any_clock(ada: Client, minutes: float, is_told: bool) -> None:
    ada.get("/admin/publish/")
    at = Event.objects.get(action="refuse-access").at
    person = User.objects.get(username="ada").pk
    assert refusals.is_told(person, "admin:publish", now=at + timedelta(minutes=minutes)) is is_told


def test_nobody_who_is_not_signed_in_leaves_one(strict_client: Client) -> None:
    assert strict_client.post("/account/sign-in/").status_code == 403
    assert refused() == []


def test_whoever_tries_many_pages_leaves_so_many_and_no_more(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST_AN_HOUR", 3)
    for name in ("publish", "tokens/new", "invite", "to-be-confirmed", "card-feedback"):
        ada.get(f"/admin/{name}/")
    assert len(refused()) == 3
