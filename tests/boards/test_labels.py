"""Labels of a board's cases: none is mistaken for another's, and a form that is sent twice makes one case."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Event
from boards import actions
from boards.errors import AskedFirst, Refused
from boards.models import Board, Case
from tests.factories.boards import a_board, a_case, account, entered
from tests.factories.patients import colorectal
from tests.valid_html import faults

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


def save(board: Board, label: str, *, by: str = "ada", **given: Any) -> Case:
    values = given.pop("values", {"ecog": "2"})
    return actions.save_case(board=board, label=label, snapshot=entered(**values), by=account(by), **given)


def member() -> Client:
    client = Client()
    client.force_login(account("ada"))
    return client


class TestSaving:
    @pytest.mark.parametrize("label", ["Colon 7", "Colon\u202e  7", "Соlon 7"])
    def test_a_label_that_looks_the_same_is_refused(self, label: str) -> None:
        board = a_board()
        a_case(board, "Colon 7")
        for is_another in (False, True):
            with pytest.raises(Refused, match=r"“Colon 7” of .+ looks the same") as refusal:
                save(board, label, is_another=is_another)
            assert refusal.value.field == "label" and not isinstance(refusal.value, AskedFirst)
        assert Case.objects.count() == 1

    def test_one_that_is_said_alike_is_asked_about(self) -> None:
        board = a_board()
        a_case(board, "Colon 7")
        with pytest.raises(AskedFirst, match=r"“Colon 7” of .+ exists: is this another patient") as asked:
            save(board, "colon 07")
        assert (asked.value.field, asked.value.tick) == ("label", "another")
        assert save(board, "colon 07", is_another=True).label == "colon 07"

    def test_another_board_has_labels_of_its_own_and_an_erased_case_gives_its_back(self) -> None:
        board, other = a_board(), a_board("Other")
        case = a_case(board, "Colon 7")
        save(other, "Colon 7")
        actions.erase(case, by=account("ada"))
        save(board, "Colon 7")

    def test_a_case_is_renamed_by_the_same_rules(self) -> None:
        board = a_board()
        a_case(board, "Colon 7")
        case = a_case(board, "Colon 8")
        with pytest.raises(Refused, match="looks the same"):
            actions.relabel(case, label="Colon 7", by=account("ada"))
        with pytest.raises(AskedFirst):
            actions.relabel(case, label="colon7", by=account("ada"))
        assert actions.relabel(case, label="colon7", is_another=True, by=account("ada")).label == "colon7"
        assert actions.relabel(case, label="Colon7", by=account("ben"), is_another=True).label == "Colon7"


class TestSentTwice:
    def test_the_same_form_makes_one_case_and_one_event(self) -> None:
        board = a_board()
        first = save(board, "Colon 7", notes="New scan.")
        assert save(board, "Colon 7", notes="New scan.") == first
        assert Case.objects.count() == Event.objects.filter(action="save-case").count() == 1

    @pytest.mark.parametrize(
        "changed", [{"by": "ben"}, {"notes": "Other."}, {"values": {"ecog": "1"}}], ids=["person", "notes", "patient"]
    )
    def test_another_person_patient_or_note_is_no_repetition(self, changed: dict[str, Any]) -> None:
        board = a_board()
        save(board, "Colon 7")
        with pytest.raises(Refused, match="looks the same"):
            save(board, "Colon 7", **changed)

    def test_once_the_case_went_on_it_is_no_repetition(self) -> None:
        board = a_board()
        case = save(board, "Colon 7")
        actions.add_version(case, based_on=1, snapshot=entered(ecog="1"), by=account("ada"))
        with pytest.raises(Refused, match="looks the same"):
            save(board, "Colon 7")


class TestForm:
    def sent(self, board: Board, label: str, **further: str) -> dict[str, Any]:
        return colorectal() | {"label": label, "board": board.pk, "notes": "", "save": "1"} | further

    def test_a_double_click_goes_to_the_one_case(self) -> None:
        board, client = a_board(), member()
        first, second = (client.post(reverse("boards:case-new"), self.sent(board, "Colon 7")) for _ in range(2))
        assert first.status_code == second.status_code == 302
        assert first.url == second.url
        assert Case.objects.count() == 1

    def test_it_asks_with_a_tick_and_keeps_what_was_entered(self) -> None:
        board, client = a_board(), member()
        a_case(board, "Colon 7", ecog="2")
        asked = client.post(reverse("boards:case-new"), self.sent(board, "colon 07", notes="New scan."))
        shown = asked.content.decode()
        assert "is this another patient?" in shown and 'name="another"' in shown
        assert 'value="colon 07"' in shown and "New scan." in shown
        assert faults(shown) == []
        assert client.post(reverse("boards:case-new"), self.sent(board, "colon 07", another="on")).status_code == 302

    def test_where_labels_look_the_same_there_is_no_tick(self) -> None:
        board, client = a_board(), member()
        a_case(board, "Colon 7", ecog="2")
        shown = client.post(reverse("boards:case-new"), self.sent(board, "Colon 7")).content.decode()
        assert "looks the same" in shown and 'name="another"' not in shown

    def test_renaming_asks_too(self) -> None:
        board, client = a_board(), member()
        a_case(board, "Colon 7")
        case = a_case(board, "Colon 8")
        address = reverse("boards:case-label", args=[case.pk])
        shown = client.post(address, {"label": "COLON 7"}).content.decode()
        assert "is this another patient?" in shown and 'name="another"' in shown
        client.post(address, {"label": "COLON 7", "another": "on"})
        case.refresh_from_db()
        assert case.label == "COLON 7"
