"""The pages and files of documents: for members of the board alone, recorded when they leave, the same on both."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Event
from boards.models import AgendaItem
from tests.factories.boards import a_board, a_case, a_meeting, account, an_item, signed

pytestmark = pytest.mark.django_db


def of(username: str) -> Client:
    client = Client()
    client.force_login(account(username))
    return client


@pytest.fixture
def item() -> AgendaItem:
    found = an_item(header="University hospital")
    signed(found, rationale="Rationale of the board.")
    return found


def test_a_member_reads_the_report_and_takes_it_along(item: AgendaItem) -> None:
    page = of("ben").get(reverse("boards:report", args=[item.pk]))
    shown = page.content.decode()
    assert page.status_code == 200
    for words in ("University hospital", "Rationale of the board.", "FOLFIRI", item.version.sha256):
        assert words in shown
    assert reverse("boards:report-pdf", args=[item.pk]) in shown
    file = of("ben").get(reverse("boards:report-pdf", args=[item.pk]))
    assert file.headers["Content-Type"] == "application/pdf"
    assert file.content.startswith(b"%PDF-")
    assert Event.objects.filter(action="export", by=account("ben")).count() == 1


def test_a_member_reads_the_minutes_and_takes_them_along(item: AgendaItem) -> None:
    shown = of("ada").get(reverse("boards:minutes", args=[item.meeting_id])).content.decode()
    assert "Colon 7" in shown and "Rationale of the board." in shown
    file = of("ada").get(reverse("boards:minutes-pdf", args=[item.meeting_id]))
    assert file.content.startswith(b"%PDF-")
    day = item.meeting.held_on.isoformat()
    assert f'filename="minutes-{day}.pdf"' in file.headers["Content-Disposition"]


@pytest.mark.parametrize("name", ["report", "report-pdf", "minutes", "minutes-pdf"])
def test_nobody_else_finds_them(item: AgendaItem, name: str) -> None:
    address = reverse(f"boards:{name}", args=[item.meeting_id if name.startswith("minutes") else item.pk])
    assert of("eve").get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert of("ada").post(address).status_code == 405
    assert not Event.objects.filter(action="export").exists()


@pytest.mark.parametrize("name", ["report", "report-pdf"])
def test_no_report_before_the_vote_is_closed(name: str) -> None:
    board = a_board(blind_first=True)
    hidden = a_meeting(board, a_case(board)).items.get()
    answer = of("ada").get(reverse(f"boards:{name}", args=[hidden.pk]))
    assert answer.status_code == 302
    assert answer.url == reverse("boards:item", args=[hidden.pk])
    assert not Event.objects.filter(action="export").exists()


def test_an_export_event_holds_nothing_of_the_patient(item: AgendaItem) -> None:
    of("ada").get(reverse("boards:report-pdf", args=[item.pk]))
    event = Event.objects.get(action="export")
    assert event.details == {"document": "report", "item": item.pk}
    assert event.subject == f"case {item.case_id}"
