"""The page of decisions that stay watched: what it lists first, what is answered, and what it does not show."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from audit.errors import NotAllowed
from audit.models import Event
from boards import actions
from boards.actions.replays import replay_decisions
from boards.actions.watch import acknowledge, close_watch
from boards.choice import Choice
from boards.errors import ChangedMeanwhile, Refused
from boards.models import AgendaItem, Board, Case, Decision, Development
from boards.plans import Step
from boards.shown.watched import WatchCount, watch_counts
from tests.factories.boards import a_board, a_case, a_meeting, account, an_item, decide
from tests.factories.replays import weaker
from tests.valid_html import check

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


@pytest.fixture(autouse=True)
def patient_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boards.views.watch.SECONDS", 600)


@pytest.fixture
def decision() -> Decision:
    """A decision of which a release said that its option lost standing, and that another one is first."""
    decision = decide(an_item())
    replay_decisions(weaker().pk)
    return decision


def member(name: str = "ben") -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(account(name))
    return client


def page_of(decision: Decision, name: str = "ben") -> Any:
    response = member(name).get(reverse("boards:watched", args=[decision.item.meeting.board_id]))
    check(response)
    return response


def words(response: Any) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


def post(decision: Decision, answer: str, name: str = "ben", **given: Any) -> Any:
    shown = list(decision.developments.values_list("pk", flat=True))
    address = reverse("boards:watch-answer", args=[decision.item.meeting.board_id, decision.item_id])
    sent = {"number": decision.number, "answer": answer, "shown": shown} | given
    return member(name).post(address, sent, follow=True)


DEPARTS = {"reason": "other", "reason_words": "As the patient wishes."}


def a_decision(board: Board, label: str) -> Decision:
    """On the release in force, of which nothing is to be said."""
    return decide(a_meeting(board, a_case(board, label)).items.get(), **DEPARTS)


def overdue(item: AgendaItem, based_on: int = 0) -> Decision:
    """A plan of a dentist alone, which was due on the day of the meeting."""
    return actions.record_decision(
        item,
        based_on=based_on,
        steps=[Step(Choice("other", words="Dentist"), owner_words="the ward", due_on=item.meeting.held_on)],
        rationale="Best evidence here.",
        present=[account(name) for name in ("ada", "ben", "chair")],
        by=account("ada"),
        **DEPARTS,
    )


def two_days_ago(board: Board, label: str) -> AgendaItem:
    held_on = timezone.localdate() - timedelta(days=2)
    return a_meeting(board, a_case(board, label), held_on=held_on).items.get()


def open_(decision: Decision) -> int:
    return Development.objects.filter(decision=decision, acknowledged_as="").count()


def seen(decision: Decision) -> list[int]:
    return list(decision.developments.values_list("pk", flat=True))


class TestThePage:
    def test_says_what_happened_in_words_with_a_way_to_then_and_now(self, decision: Decision) -> None:
        page = words(page_of(decision))
        assert "Colon 7" in page and "1 decision" in page
        assert "Against the decision The chosen option lost standing FOLFIRI" in page
        assert "Before: 1, in “Recommended for this patient”. Now: =3, in “Supported by evidence in NEC”." in page
        assert "Another option is first First before: FOLFIRI. First now: Nab-paclitaxel with bevacizumab." in page
        assert "Is the patient still on it?" in page and "release weaker" in page
        assert reverse("boards:replay", args=[decision.item_id]) in page_of(decision).content.decode()

    def test_brings_itself_up_to_date(self) -> None:
        decision = decide(an_item())
        assert "Nothing that waits for an answer." in words(page_of(decision))
        weaker()
        assert "lost standing" in words(page_of(decision))

    def test_what_undermines_comes_first_then_what_is_overdue(self, decision: Decision) -> None:
        board = decision.item.meeting.board
        a_decision(board, "Quiet 1")
        overdue(two_days_ago(board, "Late 1"))
        page = page_of(decision)
        assert re.findall(r"(Colon 7|Late 1|Quiet 1)</a>", page.content.decode()) == ["Colon 7", "Late 1", "Quiet 1"]
        assert "Overdue by 2 days Dentist" in words(page) and "the ward" in words(page)
        assert "The plan stands at 1 of 1: Dentist (Agreed)" in words(page)

    def test_a_step_that_is_done_is_not_overdue_nor_is_it_after_a_correction(self) -> None:
        item = two_days_ago(a_board(), "Late 1")
        decision = overdue(item)
        assert "Overdue by 2 days Dentist" in words(page_of(decision))
        actions.record_progress(decision.steps.get(), state="done", by=account("ada"))
        assert "Overdue" not in words(page_of(decision)) and "The plan is done." in words(page_of(decision))
        later = overdue(item, based_on=1)
        assert "Overdue" not in words(page_of(later)) and "The plan is done." in words(page_of(later))

    def test_nothing_is_shown_or_answered_while_a_vote_is_open(self, decision: Decision) -> None:
        board = decision.item.meeting.board
        blind = {"name": board.name, "header": "", "blind_first": True, "ballots": "named"}
        actions.change_settings(board, by=account("chair"), **blind)
        a_meeting(board, decision.item.case)
        page = words(page_of(decision))
        assert "1 case is left out until the vote on it is closed" in page
        assert "Colon 7" not in page and "lost standing" not in page and "FOLFIRI" not in page
        assert watch_counts([board.pk]) == {}
        assert post(decision, "no-change").status_code == 404
        with pytest.raises(Refused, match="A vote on the case is open"):
            acknowledge(decision, shown=seen(decision), answer="no-change", by=account("ben"))
        assert open_(decision) == 2
        case = words(member().get(reverse("boards:case", args=[decision.item.case_id])))
        assert "lost standing" not in case

    def test_others_do_not_find_it(self, decision: Decision) -> None:
        account("eve")
        board = decision.item.meeting.board_id
        assert member("eve").get(reverse("boards:watched", args=[board])).status_code == 404
        assert post(decision, "no-change", "eve").status_code == 404

    def test_the_queries_do_not_grow_with_the_cases(self, decision: Decision, django_assert_num_queries: Any) -> None:
        board = decision.item.meeting.board
        client, address = member(), reverse("boards:watched", args=[board.pk])
        client.get(address)
        with django_assert_num_queries(14):
            client.get(address)
        for label in ("Anal 1", "Anal 2", "Anal 3"):
            a_decision(board, label)
        client.get(address)
        with django_assert_num_queries(14):
            assert words(client.get(address)).count("Then and now") == 4

    def test_the_board_the_boards_and_the_case_say_that_something_waits(self, decision: Decision) -> None:
        board = decision.item.meeting.board
        assert watch_counts([board.pk]) == {board.pk: WatchCount(1, 1)}
        for name, row in (("board", [board.pk]), ("boards", [])):
            response = member().get(reverse(f"boards:{name}", args=row))
            check(response)
            assert "1 to look at again" in words(response), name
            assert reverse("boards:watched", args=[board.pk]) in response.content.decode()
        response = member().get(reverse("boards:case", args=[decision.item.case_id]))
        check(response)
        assert "The chosen option lost standing FOLFIRI" in words(response)


class TestAnswers:
    def test_seen_and_no_change(self, decision: Decision) -> None:
        page = words(post(decision, "no-change"))
        assert "It is recorded that you have seen it" in page and "2 answered" in page
        assert "Seen, no change: ben" in page and open_(decision) == 0
        event = Event.objects.filter(action="acknowledge").get()
        assert event.by == account("ben") and "folfiri" not in str(event.details).lower()
        assert event.details.items() >= {"developments": 2, "answer": "no-change"}.items()
        assert "This has been answered already." in words(post(decision, "no-change"))

    def test_listed_again_on_the_next_open_agenda_or_it_waits(self, decision: Decision) -> None:
        case = decision.item.case
        post(decision, "listed-again")
        case.refresh_from_db()
        assert (case.status, case.waits_with_id) == ("waiting", decision.item_id)
        assert case.waiting_since == timezone.localdate()

    def test_listed_again_where_an_agenda_is_open(self, decision: Decision) -> None:
        day = timezone.localdate() + timedelta(days=7)
        meeting = actions.make_meeting(board=decision.item.meeting.board, held_on=day, by=account("ada"))
        post(decision, "listed-again")
        item = meeting.items.get()
        assert item.case == decision.item.case and "Does it still hold?" in item.question
        assert Case.objects.get().status == "listed"

    def test_the_patient_is_not_on_it(self, decision: Decision) -> None:
        assert "the patient is not on it any more" in words(post(decision, "not-given"))
        assert set(decision.developments.values_list("acknowledged_as", flat=True)) == {"not-given"}

    def test_what_was_not_shown_is_not_answered(self, decision: Decision) -> None:
        assert "Something else has happened" in words(post(decision, "no-change", shown=seen(decision)[:1]))
        with pytest.raises(ChangedMeanwhile):
            acknowledge(decision, shown=[], answer="no-change", by=account("ben"))
        assert open_(decision) == 2

    @pytest.mark.parametrize("answer", ["", "yes", "acknowledged_as"])
    def test_an_answer_is_one_of_three(self, decision: Decision, answer: str) -> None:
        assert "Say what follows." in words(post(decision, answer))
        assert open_(decision) == 2

    def test_of_an_old_version_nothing_is_answered(self, decision: Decision) -> None:
        decide(decision.item, based_on=1)
        assert "newer version" in words(post(decision, "no-change"))

    def test_closing_waits_for_an_answer(self, decision: Decision) -> None:
        assert "Answer first to what speaks against the decision." in words(post(decision, "close"))
        post(decision, "no-change")
        assert "The decision is not watched any more." in words(post(decision, "close"))
        item = AgendaItem.objects.get(pk=decision.item_id)
        assert item.watch_closed_by == account("ben") and "No decision is watched." in words(page_of(decision))
        with pytest.raises(Refused, match="not watched any more"):
            close_watch(decision, by=account("ben"))

    def test_only_those_who_decide_answer(self, decision: Decision) -> None:
        for role in ("coordinator", "reader"):
            actions.add_member(decision.item.meeting.board, person=account(role), role=role, by=account("chair"))
            with pytest.raises(NotAllowed):
                acknowledge(decision, shown=seen(decision), answer="no-change", by=account(role))
            with pytest.raises(NotAllowed):
                close_watch(decision, by=account(role))
            assert "Seen, no change" not in words(page_of(decision, role))

    def test_nothing_of_an_erased_case(self, decision: Decision) -> None:
        actions.erase(decision.item.case, even_if_decided=True, by=account("chair"))
        with pytest.raises(Refused, match="erased"):
            acknowledge(decision, shown=seen(decision), answer="no-change", by=account("ben"))
        assert "No decision is watched." in words(page_of(decision))
