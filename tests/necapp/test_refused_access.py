"""Refused access is an event with the person's name, at every address that hides or forbids: the trail says who tried.

Walked over every address of boards in every role, and of the admin and the interfaces for people without the right.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import refusals
from audit.models import Event
from tests.boards.test_access import (
    HIDDEN,
    NO,
    ROLES,
    ROWS,
    There,
    ask,
    expected,
    signed_in,
    there,
    undone,
)

__all__ = ["there"]
pytestmark = pytest.mark.django_db
# Not signed in: nobody to name. What they are answered is a line of the log.
PEOPLE = tuple(role for role in ROLES if role != "anonymous")
# Of a patient on these boards; none of it is in an event.
TYPED = ("Colon", "colorectal", "FOLFIRI", "folfiri", "Half a sentence")


def refused() -> list[Event]:
    return list(Event.objects.filter(action=refusals.ACTION).order_by("pk"))


@pytest.mark.parametrize("role", PEOPLE)
def test_boards_say_who_was_refused_what(there: There, role: str) -> None:
    client, wrong = signed_in(role), []
    person = User.objects.get(pk=client.session["_auth_user_id"])
    for name, row in ROWS.items():
        with undone():
            before = Event.objects.count()
            status = ask(client, name, row, there).status_code
            told = refused()
            if expected(row, role) not in (NO, HIDDEN):
                wrong += [(name, status)] if told else []
                continue
            arguments = row.arguments(there)
            event = told[0] if told else None
            known = event and (event.by, event.subject, event.details.get("row"))
            if known != (person, f"boards:{name}", arguments[0] if arguments else None):
                wrong.append((name, status, known))
            if Event.objects.count() != before + 1 or any(word in str(vars(event)) for word in TYPED):
                wrong.append((name, "told more"))
    assert wrong == []


def test_a_number_that_no_row_has_is_told_as_one_of_another_board_is(there: There) -> None:
    """Otherwise the trail, or a page that shows it, would say which numbers there are."""
    client = signed_in("outsider")
    client.get(f"/cases/{there.case.pk}/")
    client.get("/boards/999999/")
    assert [(event.subject, event.details["row"]) for event in refused()] == [
        ("boards:case", there.case.pk),
        ("boards:board", 999999),
    ]


def paths_without_arguments(patterns: Any, prefix: str = "") -> list[str]:
    found = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            namespace = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            found += paths_without_arguments(pattern.url_patterns, namespace)
        elif isinstance(pattern, URLPattern) and pattern.name and not pattern.pattern.converters:
            found.append(prefix + pattern.name)
    return found


def test_every_page_of_the_admin_that_is_refused_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST_AN_HOUR", 10_000)
    client = Client()
    person = User.objects.create_user("cy", is_staff=True)
    person.groups.add(Group.objects.get(name="Board member"))
    client.force_login(person)
    wrong, count = [], 0
    for name in paths_without_arguments(get_resolver().url_patterns):
        if not name.startswith("admin:") or name == "admin:app_list":  # whose address names an app
            continue
        with undone():
            try:
                response = client.get(reverse(name))
            except Exception as error:
                wrong.append((name, repr(error)[:80]))
                continue
            if response.status_code == NO:
                count += 1
                if [(event.by, event.subject) for event in refused()] != [(person, name)]:
                    wrong.append((name, [(event.by, event.subject) for event in refused()]))
    assert count > 10
    assert wrong == []


def test_nobody_who_is_not_signed_in_fills_the_trail(there: There, client: Client) -> None:
    for name, row in ROWS.items():
        ask(client, name, row, there)
    client.get("/admin/")
    assert refused() == []
    assert settings.LOGIN_URL
