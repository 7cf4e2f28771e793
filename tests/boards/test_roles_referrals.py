"""Roles on a board, and cases that are referred to it: who may do what, and what a referring clinician is shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from audit.errors import NotAllowed
from audit.models import Event
from boards import actions
from boards.choice import Choice
from boards.errors import Refused
from boards.models import Board, Case, Membership
from boards.models.choices import Role
from boards.outcomes.statistics import Period
from boards.plans import Step
from tests.factories.boards import FOLFIRI, FOLFOX, a_board, a_case, a_meeting, account, decide, entered, signed
from tests.factories.patients import colorectal
from tests.valid_html import check

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


@pytest.fixture
def board() -> Board:
    return a_board(takes_referrals=True)


def held(board: Board, role: Role) -> Membership:
    return actions.add_member(board, person=account(role.value), role=role, by=account("chair"))


def refer(board: Board, label: str = "Rectum 4", by: str = "rufus") -> Case:
    return actions.save_case(board=board, label=label, snapshot=entered(), notes="For Tuesday.", by=account(by))


def page(address: str, by: str = "rufus", **data: Any) -> str:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(account(by))
    response = client.post(address, data) if data else client.get(address)
    check(response)
    return " ".join(strip_tags(response.content.decode()).split())


class TestRoles:
    def test_a_coordinator_prepares_and_neither_votes_nor_signs(self, board: Board) -> None:
        held(board, Role.COORDINATOR)
        coordinator = account(Role.COORDINATOR.value)
        case = actions.save_case(board=board, label="Colon 7", snapshot=entered(), by=coordinator)
        item = a_meeting(board, case).items.get()
        decision = decide(item, present=[account("ada"), account("ben"), coordinator])
        with pytest.raises(NotAllowed):
            actions.sign(decision, by=coordinator)
        with pytest.raises(NotAllowed):
            actions.fix_agenda(item.meeting, by=coordinator)

    def test_a_vote_closes_without_those_who_do_not_vote(self) -> None:
        board = a_board(blind_first=True)
        for role in (Role.COORDINATOR, Role.READER, Role.QUALITY):
            held(board, role)
        item = a_meeting(board, a_case(board)).items.get()
        assert "0 of 3 members have voted" in page(reverse("boards:item", args=[item.pk]), "ada")
        for role in (Role.COORDINATOR, Role.READER, Role.QUALITY):
            with pytest.raises(NotAllowed):
                actions.vote(item, choice=FOLFIRI, by=account(role.value))
        for username in ("ada", "ben", "chair"):
            actions.vote(item, choice=FOLFIRI, by=account(username))
        item.refresh_from_db()
        assert item.vote_closed_at is not None and item.vote_closed_by is None

    @pytest.mark.parametrize("role", [Role.READER, Role.QUALITY])
    def test_who_only_reads_writes_nothing(self, board: Board, role: Role) -> None:
        held(board, role)
        person, case = account(role.value), a_case(board)
        for write in (
            lambda: actions.save_case(board=board, label="Colon 8", snapshot=entered(), by=person),
            lambda: actions.archive(case, by=person),
            lambda: actions.make_meeting(board=board, held_on=case.created_at.date(), by=person),
        ):
            with pytest.raises(NotAllowed):
                write()

    def test_a_quality_manager_is_shown_figures_and_no_case(self, board: Board) -> None:
        held(board, Role.QUALITY)
        signed(a_meeting(board, a_case(board)).items.get())
        figures = page(reverse("boards:figures", args=[board.pk]), Role.QUALITY.value)
        assert "1 decision on 1 case" in figures and "Decisions as CSV" in figures and "Colon 7" not in figures
        assert "Colon 7" not in page(reverse("boards:cases"), Role.QUALITY.value)
        assert actions.export_decisions(board, period=Period(), kind="csv", by=account(Role.QUALITY.value)).rows == 1

    def test_a_reader_is_shown_figures_and_takes_no_file(self, board: Board) -> None:
        held(board, Role.READER)
        signed(a_meeting(board, a_case(board)).items.get())
        assert "Decisions as CSV" not in page(reverse("boards:figures", args=[board.pk]), Role.READER.value)
        with pytest.raises(NotAllowed, match="no files"):
            actions.export_decisions(board, period=Period(), kind="csv", by=account(Role.READER.value))

    def test_the_settings_change_role_and_discipline(self, board: Board) -> None:
        row = Membership.objects.get(board=board, person=account("ben"))
        address = reverse("boards:member-change", args=[board.pk, row.pk])
        client = Client()
        client.force_login(account("chair"))
        client.post(address, {"what": "change", "role": "coordinator", "discipline": "nursing"})
        row.refresh_from_db()
        assert (row.role, row.discipline) == ("coordinator", "nursing")
        assert Event.objects.first().details["discipline"] == "nursing"
        client.post(address, {"what": "chair", "role": "reader"})
        row.refresh_from_db()
        assert (row.role, row.discipline) == ("chair", "nursing")
        response = client.post(address, {"what": "change", "role": "king"}, follow=True)
        assert "king" in strip_tags(response.content.decode())
        row.refresh_from_db()
        assert row.role == "chair"
        assert "Sees cases, meetings and decisions, and writes nothing." in page(
            reverse("boards:board-settings", args=[board.pk]), "chair"
        )

    def test_the_last_chair_stays(self, board: Board) -> None:
        chair = Membership.objects.get(board=board, role=Role.CHAIR)
        with pytest.raises(Refused, match="needs a chair"):
            actions.change_role(chair, role=Role.COORDINATOR, by=account("chair"))


class TestReferring:
    def test_boards_that_take_referrals_are_listed_and_said_so(self, board: Board) -> None:
        closed = a_board("Closed board")
        text = page(reverse("boards:case-new"), **colorectal())
        assert "takes the case as a referral" in text and closed.name not in text
        client = Client()
        client.force_login(account("rufus"))
        given = colorectal() | {"save": "1", "label": "Rectum 4", "board": board.pk}
        response = client.post(reverse("boards:case-new"), given)
        case = Case.objects.get()
        assert response.headers["Location"] == reverse("boards:referral", args=[case.pk])
        assert (case.referred_by, case.board) == (account("rufus"), board)
        event = Event.objects.filter(subject=str(case)).first()
        assert event.action == "refer-case" and "Rectum" not in str(event.details)
        response = client.post(reverse("boards:case-new"), given | {"board": closed.pk})
        assert response.status_code == 200 and Case.objects.count() == 1

    def test_the_label_passes_the_same_guard(self, board: Board) -> None:
        with pytest.raises(Refused, match="must not identify"):
            refer(board, "Mr Weiss")

    def test_a_board_that_takes_none_refuses(self) -> None:
        with pytest.raises(NotAllowed):
            refer(a_board())

    def test_a_case_of_a_member_is_no_referral(self, board: Board) -> None:
        assert a_case(board).referred_by is None

    def test_who_reads_does_not_refer_to_their_own_board(self, board: Board) -> None:
        held(board, Role.READER)
        with pytest.raises(NotAllowed):
            refer(board, by=Role.READER.value)

    def test_the_board_sees_who_referred_it(self, board: Board) -> None:
        case = refer(board)
        assert "referred by rufus" in page(reverse("boards:case", args=[case.pk]), "ada")


class TestOutcome:
    def shown(self, case: Case, by: str = "rufus") -> str:
        return page(reverse("boards:referral", args=[case.pk]), by)

    def test_nothing_is_told_before_both_have_signed(self, board: Board) -> None:
        case = refer(board)
        item = a_meeting(board, case).items.get()
        assert "No outcome is signed so far." in self.shown(case) and "On an agenda" in self.shown(case)
        decision = decide(item)
        actions.sign(decision, by=account("ada"))
        assert "FOLFIRI" not in self.shown(case)
        actions.sign(decision, by=account("chair"))
        text = self.shown(case)
        assert "FOLFIRI" in text and "Best evidence here." in text and "Decided" in text
        assert "For Tuesday." not in text and "Not told apart" not in text and "ada" not in text

    def test_a_plan_is_told_with_its_conditions(self, board: Board) -> None:
        case = refer(board)
        steps = [Step(FOLFIRI, "if DPYD is normal", owner_words="Ward 3")]
        signed(a_meeting(board, case).items.get(), choice=None, steps=steps)
        text = self.shown(case)
        assert "if DPYD is normal: FOLFIRI" in text and "Seen to by Ward 3" in text

    def test_a_later_version_that_is_not_signed_is_pointed_out(self, board: Board) -> None:
        case = refer(board)
        item = a_meeting(board, case).items.get()
        signed(item)
        reason = {"reason": "patients-wish", "reason_words": "She prefers it."}
        decide(item, FOLFOX, based_on=1, correction="A new scan.", **reason)
        text = self.shown(case)
        assert "FOLFIRI" in text and "Being changed" in text and "FOLFOX" not in text
        newest = item.decisions.get(number=2)
        actions.sign(newest, by=account("ada"))
        actions.sign(newest, by=account("chair"))
        text = self.shown(case)
        assert "FOLFOX" in text and "FOLFIRI" not in text and "Being changed" not in text

    def test_who_was_on_the_board_and_left_sees_the_outcome_alone(self, board: Board) -> None:
        case = refer(board)
        row = actions.add_member(board, person=account("rufus"), by=account("chair"))
        assert "Rectum 4" in page(reverse("boards:case", args=[case.pk]))
        actions.remove_member(row, by=account("chair"))
        client = Client()
        client.force_login(account("rufus"))
        assert client.get(reverse("boards:case", args=[case.pk])).status_code == 404
        assert "Rectum 4" in page(reverse("boards:referrals")) and "Rectum 4" in self.shown(case)

    def test_an_erased_case_is_gone(self, board: Board) -> None:
        case = refer(board)
        actions.erase(case, by=account("chair"))
        assert "Rectum 4" not in page(reverse("boards:referrals"))
        client = Client()
        client.force_login(account("rufus"))
        assert client.get(reverse("boards:referral", args=[case.pk])).status_code == 404

    def test_others_see_their_own_referrals_alone(self, board: Board) -> None:
        refer(board)
        other = refer(board, "Rectum 5", by="olga")
        assert "Rectum 5" not in page(reverse("boards:referrals"))
        assert "Rectum 4" not in page(reverse("boards:referrals"), "olga") and "Rectum 5" in self.shown(other, "olga")

    def test_what_was_chosen_in_words_is_told_in_words(self, board: Board) -> None:
        case = refer(board)
        reason = {"reason": "other", "reason_words": "Near her home."}
        signed(a_meeting(board, case).items.get(), choice=Choice("other", words="Palliative radiotherapy"), **reason)
        assert "Palliative radiotherapy" in self.shown(case)
