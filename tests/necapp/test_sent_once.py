"""Every page that makes something, its form sent twice: one thing is made, and the second answer leads to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import SentForm
from boards.models import Board, Case, Meeting
from curation.models import InterestStatement, Proposal, Report, SavedSearch, WorkPackage
from interop.models import ApiToken, Scope
from regimens.models import Trial
from tests.boards.test_access import ON, ROWS, There, ask, signed_in, there, undone
from tests.factories.boards import a_board, account
from tests.factories.curation import somebody
from tests.factories.patients import colorectal

__all__ = ["there"]
pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]
TOKEN = {"csrfmiddlewaretoken": "a" * 64}
TRAIL = ("regimens.Event", "regimens.EventSeal")
NOT_COUNTED = {"accounts.Session", "accounts.SentForm", "sessions.Session"}


def rows() -> dict[str, int]:
    """How many there are of everything."""
    there = set(connection.introspection.table_names())
    models = [
        model for model in apps.get_models() if model._meta.label not in NOT_COUNTED and model._meta.db_table in there
    ]
    return {model._meta.label: model._default_manager.count() for model in models}


def member() -> str:
    return account("ada").username


def board() -> Board:
    return Board.objects.filter(name="NEC board").first() or a_board()


def today() -> str:
    return timezone.localdate().isoformat()


@dataclass(frozen=True)
class Making:
    """A form: by whom, of which role, to where, what; and what it makes."""

    by: str
    role: str
    path: Callable[[], str]
    sent: Callable[[], dict[str, Any]]
    made: Any


MAKING = {
    "meeting": Making(
        "ada", "Clinician", lambda: f"/boards/{board().pk}/meetings/new/", lambda: {"held_on": today()}, Meeting
    ),
    "board": Making(
        "root", "Administrator", lambda: "/boards/new/", lambda: {"name": "Another", "chair": member()}, Board
    ),
    "case": Making(
        "ada",
        "Clinician",
        lambda: "/cases/new/",
        lambda: {**colorectal(), "save": "1", "label": "Colon 70", "board": board().pk},
        Case,
    ),
    "account": Making(
        "root",
        "Administrator",
        lambda: "/admin/invite/",
        lambda: {"username": "new", "roles": [Group.objects.get(name="Curator").pk]},
        User,
    ),
    "token": Making(
        "root",
        "Administrator",
        lambda: "/admin/tokens/new/",
        lambda: {
            "name": "A system",
            "scopes": [Scope.KNOWLEDGE.value],
            "expires_on": (timezone.now().date() + timedelta(days=9)).isoformat(),
            "rankings_a_minute": "60",
            "reads_a_minute": "600",
        },
        ApiToken,
    ),
    "statement": Making("cur", "Curator", lambda: "/admin/interests/", lambda: {"none": "on"}, InterestStatement),
    "package": Making("cur", "Curator", lambda: "/admin/packages/new/", lambda: {"title": "A new study"}, WorkPackage),
    "search": Making(
        "cur",
        "Curator",
        lambda: "/admin/desk/search/",
        lambda: {"key": "new", "name": "New", "source": "pubmed", "query": "nec", "words": "nec", "is_active": "on"},
        SavedSearch,
    ),
    "retirement": Making(
        "cur",
        "Curator",
        lambda: f"/admin/regimens/trial/{Trial.objects.earliest('pk').pk}/delete/",
        lambda: {"proposal_reason": "It is not used.", "proposal_source": "PMID 1"},
        Proposal,
    ),
    "report": Making(
        "cur",
        "Curator",
        lambda: "/reports/new/",
        lambda: {"words": "The figure is not that of the paper.", "about": "regimens:folfiri"},
        Report,
    ),
}


@pytest.mark.parametrize("name", MAKING)
def test_a_double_press_makes_one(name: str) -> None:
    making = MAKING[name]
    board()
    client = Client()
    client.force_login(
        somebody(making.by, making.role) if making.role == "Curator" else account(making.by, making.role)
    )
    User.objects.filter(username=making.by).update(is_staff=making.role != "Clinician")
    path, sent, before = making.path(), making.sent() | TOKEN, making.made.objects.count()
    first = client.post(path, sent)
    assert making.made.objects.count() == before + 1, first.content.decode()[:3000]
    counted = rows()
    second = client.post(path, sent)
    assert rows() == counted
    assert second.status_code == 302
    if first.status_code == 302:
        assert second.headers["Location"] == first.headers["Location"]
    else:
        assert client.get(second.headers["Location"]).status_code == 200
    client.post(path, sent | {"csrfmiddlewaretoken": "b" * 64})  # from a page of its own, it is judged anew
    assert SentForm.objects.count() in (1, 2)


def test_no_form_of_a_board_does_anything_twice(there: There) -> None:
    """What is not among those above refuses a second time, or finds that nothing is left to do."""
    twice = []
    for name, row in ROWS.items():
        if row.post is None or name.endswith(("-csv", "-json", "-zip")):  # a file that is taken twice is taken twice
            continue
        role = next((role for role in ("member", "chair", "coordinator") if getattr(row, role) == ON), "chair")
        sender = signed_in(role)
        with undone():
            given = row.post(there) | TOKEN
            sends = type(row)(row.arguments, lambda _there, given=given: given)
            ask(sender, name, sends, there)
            counted = rows()
            ask(sender, name, sends, there)
            after = rows()
        if {**after, **dict.fromkeys(TRAIL)} != {**counted, **dict.fromkeys(TRAIL)}:
            twice.append((name, {key: after[key] - value for key, value in counted.items() if after[key] != value}))
    assert twice == []  # of what is saved as it is, the trail says so again


def test_another_form_is_another_one_and_so_is_one_that_was_refused() -> None:
    path, client = f"/boards/{board().pk}/meetings/new/", Client()
    client.force_login(account("ada"))
    before = Meeting.objects.count()
    client.post(path, {"held_on": "", **TOKEN})
    assert not SentForm.objects.exists()
    client.post(path, {"held_on": today(), **TOKEN})
    client.post(path, {"held_on": today(), "place": "Room 5", **TOKEN})
    assert Meeting.objects.count() == before + 2


def test_nothing_of_a_form_is_kept_and_that_it_was_sent_for_a_day() -> None:
    path, client = f"/boards/{board().pk}/meetings/new/", Client()
    client.force_login(account("ada"))
    client.post(path, {"held_on": today(), "place": "Room Marker", **TOKEN})
    assert "Marker" not in str(list(SentForm.objects.values()))
    SentForm.objects.update(at=timezone.now() - timedelta(days=1, minutes=1))
    client.post(path, {"held_on": today(), "place": "Room 6", **TOKEN})
    assert SentForm.objects.count() == 1


def test_what_somebody_else_sends_is_theirs() -> None:
    path, before = f"/boards/{board().pk}/meetings/new/", Meeting.objects.count()
    for name in ("ada", "ben"):
        client = Client()
        client.force_login(account(name))
        client.post(path, {"held_on": today(), **TOKEN})
    assert Meeting.objects.count() == before + 2
