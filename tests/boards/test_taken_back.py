"""What an author takes back is not shown again: no list of changes or versions and no document repeats it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from boards import actions
from boards.choice import Choice
from boards.models import AgendaItem, Case
from boards.outcomes.course import Course
from tests.factories.boards import FOLFIRI, a_board, a_case, account, an_item, decide, entered, signed
from tests.factories.patients import colorectal

pytestmark = pytest.mark.django_db
CANARY = "kanarienvogel"
WRITTEN = ("rationale", "dissent", "guests")


def member(username: str = "ben") -> Client:
    client = Client()
    client.force_login(account(username))
    return client


def shown(*addresses: str) -> str:
    pages = [member().get(address) for address in addresses]
    assert {page.status_code for page in pages} == {200}
    return "".join(page.content.decode() for page in pages)


def of_item(item: AgendaItem) -> list[str]:
    names = ("decision", "decide", "report", "item")
    return [reverse(f"boards:{name}", args=[item.pk]) for name in names] + [
        reverse("boards:minutes", args=[item.meeting_id])
    ]


def texts(word: str, **further: Any) -> dict[str, Any]:
    return {name: f"{name} {word}" for name in WRITTEN} | further


def other(word: str) -> dict[str, Any]:
    return {"choice": Choice("other", "", word), "reason": "other", "reason_words": f"reason {word}"}


class TestDecision:
    def test_what_another_version_took_the_place_of(self) -> None:
        item = an_item()
        for number, word in enumerate((CANARY, f"{CANARY} two", "in force")):
            decide(item, **other(word) | texts(word, based_on=number))
        found = shown(*of_item(item))
        assert CANARY not in found
        assert "rationale in force" in found and "other words, not shown again" in found

    def test_what_two_signed_stays_on_record(self) -> None:
        item = an_item()
        signed(item, **other("as signed") | texts("as signed"))
        decide(item, choice=FOLFIRI, **texts("corrected", based_on=1, correction="Misheard."))
        found = shown(reverse("boards:decision", args=[item.pk]))
        for name in WRITTEN:
            assert f"{name} as signed" in found

    def test_to_who_writes_meanwhile(self) -> None:
        item = an_item()
        decide(item, **texts(CANARY))
        decide(item, **texts("in force", based_on=1))
        given = {"kind": "ranked", "regimen": "folfiri", "present": [account("ben").pk], "based_on": "1"}
        answer = member().post(reverse("boards:decide", args=[item.pk]), given | {"rationale": "Mine."})
        assert answer.status_code == 409
        assert CANARY not in answer.content.decode()


class TestCase:
    def test_notes_and_labels(self) -> None:
        case = a_case(a_board(), f"Colon {CANARY}", notes=f"Notes {CANARY}")
        actions.relabel(case, label="Colon 7", by=account("ada"))
        actions.add_version(case, based_on=1, snapshot=entered(), notes="Notes in force", by=account("ada"))
        newest = reverse("boards:version", args=[case.pk, 2])
        found = shown(reverse("boards:case", args=[case.pk]), reverse("boards:cases"), newest)
        assert CANARY not in found
        assert "Notes in force" in found and "other words, not shown again" in found

    def test_a_version_that_is_opened_shows_its_own_notes(self) -> None:
        case = a_case(a_board(), notes="Notes of then")
        actions.add_version(case, based_on=1, snapshot=entered(), notes="Notes in force", by=account("ada"))
        assert "Notes of then" in shown(reverse("boards:version", args=[case.pk, 1]))

    def test_notes_that_stayed_are_shown_with_each_version(self) -> None:
        case = a_case(a_board(), notes="Notes in force")
        actions.add_version(case, based_on=1, snapshot=entered(ecog="0"), notes="Notes in force", by=account("ada"))
        assert "Notes in force" in shown(reverse("boards:version", args=[case.pk, 1]))

    def test_notes_to_who_writes_meanwhile(self) -> None:
        case = a_case(a_board(), notes=f"Notes {CANARY}")
        assert Case.objects.get().current.notes == f"Notes {CANARY}"
        actions.add_version(case, based_on=1, snapshot=entered(), notes="Notes in force", by=account("ada"))
        sent = colorectal(ecog="0", notes=f"Notes {CANARY}", save="1", based_on="1")
        answer = member().post(reverse("boards:version-new", args=[case.pk]), sent)
        assert answer.status_code == 409
        assert CANARY not in answer.content.decode() and "Notes in force" in answer.content.decode()


def test_words_of_a_follow_up() -> None:
    item = an_item()
    decide(item)
    for number, word in enumerate((CANARY, f"{CANARY} two", "in force")):
        actions.record_follow_up(item, based_on=number, course=Course(Choice("other", "", word)), by=account("ada"))
    found = shown(reverse("boards:follow-up", args=[item.pk]))
    assert CANARY not in found and "in force" in found
