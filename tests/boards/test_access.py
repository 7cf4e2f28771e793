"""Every page of boards for every role: what is not of one's own board is not found, whoever asks."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve, reverse

from boards import actions
from boards.models import AgendaItem, Board, Case, Meeting, Membership
from boards.models.choices import Role
from boards.urls import urlpatterns
from tests.factories.board_pages import (
    HIDDEN,
    NAMES,
    NO,
    ON_BOARD,
    PAGE,
    ROLES,
    ROWS,
    SIGN_IN,
    Row,
    There,
    all_there,
    answered,
    ask,
    expected,
    signed_in,
    undone,
)
from tests.factories.boards import account

pytestmark = pytest.mark.django_db


@pytest.fixture
def there() -> There:
    return all_there()


def test_every_page_of_the_app_has_a_row() -> None:
    assert {pattern.name for pattern in urlpatterns} == ROWS.keys()
    assert NAMES.keys() == set(Role.values)


def test_every_row_tells_the_board_from_the_others() -> None:
    """A page that shows or changes a row of a board is never found by others."""
    for name, row in ROWS.items():
        if row.arguments is not Row.__dataclass_fields__["arguments"].default:
            assert row.others == HIDDEN, name


@pytest.mark.parametrize("role", ROLES)
def test_every_page_answers_by_role(there: There, role: str) -> None:
    client, wrong = signed_in(role), []
    for name, row in ROWS.items():
        before = written()
        with undone():
            response = ask(client, name, row, there)
            want = expected(row, role)
            if answered(response) != want:
                wrong.append((name, want, answered(response)))
            page = response.content.decode("latin-1") if want in (NO, HIDDEN) else ""
            told = [word for word in (there.case.label, there.open.case.label, "colorectal", "FOLFIRI") if word in page]
            if told or (want in (NO, HIDDEN) and written() != before):
                wrong.append((name, told or "written"))
            if want not in (NO, HIDDEN, SIGN_IN) and "no-store" not in response.headers.get("Cache-Control", ""):
                wrong.append((name, "kept in caches"))
    assert wrong == []


def written() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Board, Case, Meeting, AgendaItem, Membership)]


@pytest.mark.parametrize("role", [*ON_BOARD, "referrer"])
def test_no_page_shows_what_it_would_refuse(there: There, role: str) -> None:
    """Every link and form of every page that a role is shown leads to where that role may go."""
    client, links, forms = signed_in(role), set(), set()
    for name, row in ROWS.items():
        with undone():
            response = ask(client, name, row, there, get=True)
            if response.status_code == PAGE and response.headers["Content-Type"].startswith("text/html"):
                page = response.content.decode()
                links |= set(re.findall(r'href="(/[^"?#]*)', page))
                forms |= set(re.findall(r'(?:form)?action="(/[^"?#]*)', page))
    of_boards = {
        address: match.url_name
        for address in links | forms
        if not address.startswith(settings.STATIC_URL) and (match := resolve(address)).app_name == "boards"
    }
    refused = [
        name for address, name in of_boards.items() if address in forms and expected(ROWS[name], role) in (NO, HIDDEN)
    ]
    for address in links & of_boards.keys():
        with undone():
            if client.get(address).status_code in (NO, HIDDEN):
                refused.append(address)
    assert "boards" in of_boards.values() and refused == []


def test_what_is_sent_brings_its_token(there: There) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(account("chair"))
    assert {ask(client, name, row, there).status_code for name, row in ROWS.items() if row.post} == {403}


def test_a_former_member_sees_nothing_any_more(there: There) -> None:
    actions.remove_member(there.held, by=account("chair"))
    client = Client()
    client.force_login(account("ben"))
    for name in ("board", "meeting", "item", "case", "version", "decision"):
        assert ask(client, name, ROWS[name], there).status_code == HIDDEN
    assert "Colon 7" not in client.get(reverse("boards:cases")).content.decode()


def test_numbers_that_no_row_has(there: There) -> None:
    client = signed_in("member")
    for number in (0, 10**6, 10**30):
        for name in ("board", "meeting", "item", "case"):
            assert client.get(f"/{'agenda' if name == 'item' else name + 's'}/{number}/").status_code == HIDDEN
    assert client.post(f"/meetings/{there.meeting.pk}/add/", {"case": "9" * 30}).status_code == HIDDEN
    assert client.post(f"/meetings/{there.meeting.pk}/add/", {"case": "x"}).status_code == HIDDEN
