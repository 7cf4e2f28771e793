"""The room of a meeting: quorum, attendance, votes by who is there, carrying over, what stays once it is finished."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.errors import NotAllowed
from audit.models import Event
from boards import actions
from boards.actions.votes import still_to_vote
from boards.errors import Refused
from boards.models import GUARD, AgendaItem, Attendance, Board, Case, Decision, Meeting, Membership
from boards.models.choices import CaseStatus, Role
from boards.presenters.boards import leaving
from boards.presenters.meetings import agenda_rows
from boards.presenters.room import endings, in_the_room, seconds_of, signings
from boards.times import when_words
from boards.views.meetings import _agenda
from tests.factories.boards import FOLFIRI, a_board, a_case, a_meeting, account, an_item, decide, signed

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

DAY = date(2027, 3, 4)
NOON = datetime(2027, 3, 4, 12, tzinfo=UTC)
ALL = ("ada", "ben", "chair")


def people(*names: str) -> list[Any]:
    return [account(name) for name in names or ALL]


def a_room(board: Board | None = None, *cases: Case, present: tuple[str, ...] = ALL, **given: Any) -> Meeting:
    board = board or a_board()
    cases = cases or (a_case(board),)
    meeting = a_meeting(board, *cases, fixed=False, **given)
    return actions.open_room(meeting, present=people(*present), by=account("chair"))


def with_settings(board: Board, **changes: Any) -> Board:
    given = {"name": board.name, "header": "", "blind_first": board.blind_first, "ballots": board.ballots}
    return actions.change_settings(board, by=account("chair"), **given | changes)


class TestMeetings:
    @pytest.mark.parametrize("held_on", [DAY - timedelta(days=7), DAY, DAY + timedelta(days=731)])
    def test_a_day_near_today(self, held_on: date) -> None:
        meeting = actions.make_meeting(board=a_board(), held_on=held_on, now=NOON, by=account("ada"))
        assert meeting.held_on == held_on

    @pytest.mark.parametrize(
        "held_on", [date(1, 1, 1), DAY - timedelta(days=8), DAY + timedelta(days=732), date(9999, 12, 31)]
    )
    def test_a_day_far_from_today_is_refused(self, held_on: date) -> None:
        board = a_board()
        with pytest.raises(Refused, match="give a day from 2027-02-25 to 2029-03-04") as refusal:
            actions.make_meeting(board=board, held_on=held_on, now=NOON, by=account("ada"))
        assert refusal.value.field == "held_on"
        assert held_on.isoformat() in str(refusal.value)
        meeting = actions.make_meeting(board=board, held_on=DAY, now=NOON, by=account("ada"))
        with pytest.raises(Refused):
            actions.change_meeting(meeting, held_on=held_on, now=NOON, by=account("ada"))

    def test_today_is_that_of_the_board(self) -> None:
        board = with_settings(a_board(), time_zone="Pacific/Kiritimati")  # 14 hours ahead: the fifth already
        with pytest.raises(Refused):
            actions.make_meeting(board=board, held_on=DAY - timedelta(days=7), now=NOON, by=account("ada"))

    def test_it_takes_over_what_the_board_has_set(self) -> None:
        board = with_settings(
            a_board(), time_zone="Europe/Berlin", quorum=3, disciplines=["surgery", "oncology"], minutes_each=7
        )
        meeting = actions.make_meeting(board=board, held_on=DAY, begins_at=time(17), now=NOON, by=account("ada"))
        with_settings(board, quorum=2, disciplines=[], time_zone="UTC")
        meeting.refresh_from_db()
        assert (meeting.quorum, meeting.disciplines, meeting.minutes_each) == (3, ["oncology", "surgery"], 7)
        assert when_words(meeting) == "4 Mar 2027, 5 p.m. (Europe/Berlin)"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [({"quorum": 1}, "quorum"), ({"quorum": 51}, "quorum"), ({"time_zone": "Mars/Olympus"}, "time_zone"),
         ({"minutes_each": 0}, "minutes_each"), ({"minutes_each": 121}, "minutes_each")],
    )  # fmt: skip
    def test_settings_that_no_board_can_have(self, changes: dict[str, Any], field: str) -> None:
        board = a_board()
        with pytest.raises(Refused) as refusal:
            with_settings(board, **changes)
        assert refusal.value.field == field
        assert str(changes[field]) in str(refusal.value)

    def test_the_times_of_the_agenda(self) -> None:
        board = with_settings(a_board(), time_zone="Europe/Berlin", minutes_each=15)
        meeting = actions.make_meeting(board=board, held_on=DAY, begins_at=time(17), now=NOON, by=account("ada"))
        for label in ("Colon 1", "Colon 2"):
            actions.list_case(meeting, case=a_case(board, label), by=account("ada"))
        rows = agenda_rows(_agenda(meeting))
        assert [row.starts for row in rows] == ["5 p.m. (Europe/Berlin)", "5:15 p.m. (Europe/Berlin)"]

    def test_it_can_be_changed_and_deleted_before_anything_is_decided(self) -> None:
        item = an_item()
        changed = actions.change_meeting(
            item.meeting, held_on=item.meeting.held_on, begins_at=time(8, 30), place="Online", by=account("ada")
        )
        assert (changed.begins_at, changed.place) == (time(8, 30), "Online")
        with pytest.raises(NotAllowed):
            actions.delete_meeting(item.meeting, by=account("ada"))
        actions.delete_meeting(item.meeting, by=account("chair"))
        assert not Meeting.objects.exists()
        assert Case.objects.get().status == CaseStatus.PREPARED

    def test_and_not_afterwards(self) -> None:
        item = an_item()
        decide(item)
        with pytest.raises(Refused, match="voted or decided"):
            actions.change_meeting(item.meeting, held_on=item.meeting.held_on, by=account("ada"))
        with pytest.raises(Refused, match="voted or decided"):
            actions.delete_meeting(item.meeting, by=account("chair"))
        with pytest.raises(Refused, match="room was opened"):
            actions.delete_meeting(
                a_room(item.meeting.board, a_case(item.meeting.board, "Colon 8")), by=account("chair")
            )

    def test_five_cases_are_added_at_once_or_none(self) -> None:
        board = a_board()
        meeting, cases = a_meeting(board, fixed=False), [a_case(board, f"Colon {n}") for n in range(5)]
        actions.list_cases(meeting, cases=cases, by=account("ada"))
        assert [item.case for item in meeting.items.order_by("position")] == cases
        other = a_case(board, "Colon 9")
        with pytest.raises(Refused, match="already"):
            actions.list_cases(meeting, cases=[other, cases[0]], by=account("ada"))
        assert meeting.items.count() == 5

    @pytest.mark.parametrize(
        ("place", "wanted"), [(1, "31245"), (2, "13245"), (5, "12453"), (99, "12453"), (3, "12345")]
    )
    def test_a_case_is_put_at_a_place(self, place: int, wanted: str) -> None:
        board = a_board()
        meeting = a_meeting(board, *(a_case(board, f"Colon {n}") for n in range(1, 6)), fixed=False)
        actions.move_to(meeting.items.get(position=3), position=place, by=account("ada"))
        items = meeting.items.order_by("position")
        assert "".join(item.case.label[-1] for item in items) == wanted
        assert [item.position for item in items] == [1, 2, 3, 4, 5]


class TestTheRoom:
    def test_it_opens_with_who_is_there(self) -> None:
        meeting = a_room(present=("ada", "chair"))
        there = in_the_room(meeting)
        assert [person.name for person in there.people] == ["ada", "chair"]
        assert (there.count, there.quorum) == ("Present 2 of 3", "quorum met")
        assert meeting.is_fixed
        assert meeting.current == meeting.items.get()
        with pytest.raises(Refused, match="is open"):
            actions.open_room(meeting, present=people(), by=account("chair"))

    def test_below_the_quorum_it_stays_closed(self) -> None:
        board = with_settings(a_board(), quorum=3)
        with pytest.raises(Refused, match="2 of the 3 members who have to decide are there") as refusal:
            a_room(board, present=("ada", "chair"))
        assert refusal.value.field == "present"
        assert Meeting.objects.get().started_at is None
        assert not Attendance.objects.exists()

    def test_a_discipline_that_nobody_stands_for(self) -> None:
        board = a_board()
        actions.change_role(held("ada"), role=Role.MEMBER, discipline="surgery", by=account("chair"))
        actions.change_role(held("ben"), role=Role.MEMBER, discipline="pathology", by=account("chair"))
        with_settings(board, disciplines=["surgery", "pathology"])
        case = a_case(board)
        with pytest.raises(Refused, match="nobody stands for: Pathology"):
            a_room(board, case, present=("ada", "chair"))
        meeting = Meeting.objects.get()
        actions.open_room(meeting, present=people("ada", "ben"), by=account("chair"))
        assert set(Attendance.objects.values_list("discipline", flat=True)) == {"surgery", "pathology"}

    def test_a_board_of_one_is_told_so_at_its_start(self) -> None:
        board = a_board()
        meeting = a_meeting(board, a_case(board))
        for name in ("ada", "ben"):
            actions.remove_member(held(name), by=account("chair"))
        with pytest.raises(Refused, match="The board itself has no quorum, even if all come: 1 of the 2 members"):
            actions.open_room(meeting, present=people("chair"), by=account("chair"))

    @pytest.mark.parametrize(("days", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
    def test_on_its_day_give_or_take_one(self, days: int, opens: bool) -> None:
        board = a_board()
        meeting = actions.make_meeting(board=board, held_on=DAY, now=NOON, by=account("ada"))
        actions.list_case(meeting, case=a_case(board), by=account("ada"))
        given = {"present": people(), "now": NOON + timedelta(days=days), "by": account("chair")}
        if opens:
            assert actions.open_room(meeting, **given).started_at
        else:
            with pytest.raises(Refused, match="opens on its day"):
                actions.open_room(meeting, **given)

    def test_a_coordinator_runs_it_and_is_not_counted(self) -> None:
        board = a_board()
        actions.add_member(board, person=account("cora"), role=Role.COORDINATOR, by=account("chair"))
        meeting = a_meeting(board, a_case(board), fixed=False)
        with pytest.raises(Refused, match="1 of the 2 members"):
            actions.open_room(meeting, present=people("cora", "ada"), by=account("cora"))
        with pytest.raises(NotAllowed):
            actions.open_room(meeting, present=people(), by=account("ada"))
        opened = actions.open_room(meeting, present=people("cora", "ada", "ben"), by=account("cora"))
        assert in_the_room(opened).count == "Present 2 of 3"

    def test_who_leaves_and_comes_back_has_a_further_row(self) -> None:
        meeting = a_room()
        at = meeting.started_at + timedelta(minutes=5)
        given = {"guests": " A   fellow ", "by": account("chair")}
        actions.attend(meeting, present=people("ada", "chair"), now=at, **given)
        actions.attend(meeting, present=people(), now=at + timedelta(minutes=5), **given)
        rows = list(Attendance.objects.filter(person=account("ben")).order_by("arrived_at"))
        assert [row.left_at for row in rows] == [at, None]
        meeting.refresh_from_db()
        assert meeting.guests == "A fellow"
        assert in_the_room(meeting).quorum == "quorum met"
        with pytest.raises(Refused, match="not on the board"):
            actions.attend(meeting, present=people("eve"), by=account("chair"))

    def test_the_time_of_each_case(self) -> None:
        board = a_board()
        meeting = a_room(board, a_case(board, "Colon 1"), a_case(board, "Colon 2"))
        first, second = meeting.items.order_by("position")
        start = meeting.started_at
        actions.show_item(second, now=start + timedelta(seconds=90), by=account("chair"))
        actions.show_item(first, now=start + timedelta(seconds=100), by=account("chair"))
        first.refresh_from_db()
        second.refresh_from_db()
        assert seconds_of(first, start + timedelta(seconds=130)) == 120
        assert (second.discussed_seconds, second.discussed_from) == (10, None)
        meeting.refresh_from_db()
        assert meeting.current == first


class TestVotes:
    def test_it_ends_when_all_who_are_there_have_voted(self) -> None:
        meeting = a_room(a_board(blind_first=True), present=("ada", "chair"))
        item = meeting.items.get()
        actions.vote(item, choice=FOLFIRI, by=account("ada"))
        assert still_to_vote(item) == [account("chair")]
        actions.vote(item, choice=FOLFIRI, by=account("chair"))
        item.refresh_from_db()
        assert item.vote_closed_at
        assert item.vote_closed_by is None

    def test_a_removed_voter_closes_it_for_nobody(self) -> None:
        board = a_board(blind_first=True)
        actions.add_member(board, person=account("dora"), by=account("chair"))
        item = an_item(board)
        for name in ("ada", "ben"):
            actions.vote(item, choice=FOLFIRI, by=account(name))
        actions.remove_member(held("ada"), by=account("chair"))
        item.refresh_from_db()
        assert item.vote_closed_at is None
        actions.vote(item, choice=FOLFIRI, by=account("chair"))
        item.refresh_from_db()
        assert item.vote_closed_at is None  # three votes on a board of three, and dora has none
        actions.vote(item, choice=FOLFIRI, by=account("dora"))
        item.refresh_from_db()
        assert item.vote_closed_at

    def test_one_who_has_to_vote_and_is_removed_closes_nothing(self) -> None:
        item = an_item(a_board(blind_first=True))
        for name in ("ada", "chair"):
            actions.vote(item, choice=FOLFIRI, by=account(name))
        assert leaving(held("ben")).votes == ("Colon 7",)
        actions.remove_member(held("ben"), by=account("chair"))
        item.refresh_from_db()
        assert item.vote_closed_at is None
        actions.close_vote(item, by=account("chair"))

    def test_what_depends_on_a_member(self) -> None:
        board = a_board()
        decide(an_item(board))
        found = leaving(held("ben"))
        assert (found.signatures, found.votes, found.is_last) == (("Colon 7",), (), False)
        actions.remove_member(held("ada"), by=account("chair"))
        assert leaving(held("ben")).is_last


class TestDeciding:
    def test_not_before_the_meetings_day(self) -> None:
        board = a_board()
        item = a_meeting(board, a_case(board), held_on=timezone.localdate() + timedelta(days=2)).items.get()
        with pytest.raises(Refused, match="nothing on it can be decided before"):
            decide(item)

    def test_not_below_the_quorum(self) -> None:
        item = an_item(with_settings(a_board(), quorum=3))
        with pytest.raises(Refused, match="2 of the 3 members") as refusal:
            decide(item, present=people("ada", "chair"))
        assert refusal.value.field == "present"
        assert decide(item).number == 1

    def test_after_the_end_decisions_are_corrected_alone(self) -> None:
        board = a_board()
        meeting = a_room(board, a_case(board), a_case(board, "Colon 8"))
        decided, other = meeting.items.order_by("position")
        signed(decided)
        actions.finish_meeting(meeting, by=account("chair"))
        with pytest.raises(Refused, match="carried over"):
            decide(other)
        assert decide(decided, based_on=1, correction="The dose was wrong.").number == 2


class TestFinishing:
    def test_the_minutes_stay(self) -> None:
        board = with_settings(a_board(), header="Hospital")
        meeting = a_room(board)
        decide(meeting.items.get())
        finished = actions.finish_meeting(meeting, by=account("chair"))
        assert (finished.board_name, finished.header, finished.current) == ("NEC board", "Hospital", None)
        assert not Attendance.objects.filter(left_at__isnull=True).exists()
        for field, value in {"place": "Elsewhere", "header": "Other", "guests": "x", "held_on": DAY}.items():
            with pytest.raises(IntegrityError), transaction.atomic(), GUARD.open():
                Meeting.objects.filter(pk=meeting.pk).update(**{field: value})
        for act in (actions.finish_meeting, actions.reopen_agenda, actions.delete_meeting):
            with pytest.raises(Refused):
                act(meeting, by=account("chair"))
        with pytest.raises(Refused, match="finished"):
            actions.attend(meeting, present=people(), by=account("chair"))
        with pytest.raises(Refused, match="finished"):
            actions.prepare(meeting.items.get(), question="Another?", by=account("chair"))

    def test_what_was_not_decided_is_first_on_the_next_agenda(self) -> None:
        board = a_board()
        cases = [a_case(board, f"Colon {n}") for n in range(4)]
        later = a_meeting(board, cases[3], fixed=False, held_on=timezone.localdate() + timedelta(days=7))
        a_meeting(board, a_case(board, "Colon 9"), held_on=timezone.localdate() + timedelta(days=3))  # fixed already
        meeting = a_room(board, *cases[:3])
        actions.prepare(meeting.items.get(case=cases[1]), question="Which line?", by=account("ada"))
        decide(meeting.items.get(case=cases[0]))
        finished = actions.finish_meeting(meeting, by=account("chair"))
        items = list(later.items.order_by("position"))
        assert [item.case for item in items] == [cases[1], cases[2], cases[3]]
        assert items[0].question == "Which line?"
        assert items[0].carried_from == finished.items.get(case=cases[1])
        assert {item.waiting_since for item in items[:2]} == {meeting.held_on}
        assert items[2].waiting_since is None
        statuses = dict(Case.objects.values_list("label", "status"))
        assert (statuses["Colon 0"], statuses["Colon 1"]) == (CaseStatus.DECIDED, CaseStatus.LISTED)

    def test_without_a_next_meeting_it_waits_and_the_new_one_lists_it(self) -> None:
        board = a_board()
        meeting = a_room(board, a_case(board))
        actions.prepare(meeting.items.get(), question="Which line?", by=account("ada"))
        actions.finish_meeting(meeting, by=account("chair"))
        case = Case.objects.get()
        assert (case.status, case.waiting_since) == (CaseStatus.WAITING, meeting.held_on)
        (made,) = a_meeting(board, fixed=False, held_on=timezone.localdate() + timedelta(days=7)).items.all()
        assert (made.case, made.question, made.carried_from) == (case, "Which line?", meeting.items.get())
        case.refresh_from_db()
        assert (case.status, case.waiting_since, case.waits_with) == (CaseStatus.LISTED, None, None)
        actions.unlist(made, by=account("ada"))
        case.refresh_from_db()
        assert (case.status, case.waiting_since) == (CaseStatus.WAITING, meeting.held_on)

    def test_the_longest_wait_is_first_and_the_wait_goes_on(self) -> None:
        board = a_board()
        today = timezone.localdate()
        first = a_room(board, a_case(board, "Colon 1"), held_on=today - timedelta(days=1))
        second = a_meeting(board, a_case(board, "Colon 2"), fixed=False, held_on=today)
        actions.finish_meeting(first, by=account("chair"))
        third = a_meeting(board, fixed=False, held_on=today + timedelta(days=1))
        actions.finish_meeting(actions.open_room(second, present=people(), by=account("chair")), by=account("chair"))
        items = third.items.order_by("position")
        assert [(item.case.label, item.waiting_since) for item in items] == [
            ("Colon 1", first.held_on),
            ("Colon 2", second.held_on),
        ]

    def test_a_case_that_waits_is_archived_only_knowingly(self) -> None:
        meeting = a_room()
        case = meeting.items.get().case
        with pytest.raises(Refused, match="waits on an agenda"):
            actions.archive(case, even_if_waiting=True, by=account("ada"))
        actions.finish_meeting(meeting, by=account("chair"))
        with pytest.raises(Refused, match="waits for the next meeting"):
            actions.archive(case, by=account("ada"))
        actions.archive(case, even_if_waiting=True, by=account("ada"))
        assert actions.restore(case, by=account("ada")).status == CaseStatus.PREPARED

    def test_a_voted_case_without_a_plan_is_carried_over_and_voted_on_anew(self) -> None:
        board = a_board(blind_first=True)
        later = a_meeting(board, fixed=False, held_on=timezone.localdate() + timedelta(days=7))
        meeting = a_room(board)
        for name in ALL:
            actions.vote(meeting.items.get(), choice=FOLFIRI, by=account(name))
        shown = endings(meeting, ready(meeting))[0].what
        assert shown.startswith("Voted, and no plan. Carried over to ")
        actions.finish_meeting(meeting, by=account("chair"))
        item = later.items.get()
        assert item.is_hidden
        assert item.ballots_cast.count() == 0
        assert meeting.items.get().ballots_cast.count() == 3

    def test_who_must_sign(self) -> None:
        board = a_board()
        meeting = a_room(board, a_case(board), a_case(board, "Colon 8"))
        first, second = meeting.items.order_by("position")
        actions.sign(decide(first), by=account("ada"))
        signed(second)
        rows = endings(meeting, ready(meeting))
        assert [row.sign for row in rows] == ["1 of: ben, chair", "signed"]
        assert [(line.name, line.count) for line in signings(ready(meeting), meeting)] == [("ben", 1), ("chair", 1)]

    def test_its_events_hold_no_label(self) -> None:
        meeting = a_room()
        actions.finish_meeting(meeting, by=account("chair"))
        told = {event.action: event.details for event in Event.objects.all()}
        assert told["open-room"] | {"present": 3, "items": 1} == told["open-room"]
        assert told["finish-meeting"] | {"items": 1, "carried": 1} == told["finish-meeting"]
        assert told["carry-case-over"]["item"] == meeting.items.get().pk
        assert "Colon 7" not in str(list(Event.objects.values_list("details", "subject")))

    def test_a_meeting_that_is_to_come_is_not_finished(self) -> None:
        board = a_board()
        meeting = a_meeting(board, a_case(board), held_on=timezone.localdate() + timedelta(days=4))
        with pytest.raises(Refused, match="to come"):
            actions.finish_meeting(meeting, by=account("chair"))
        assert not Decision.objects.exists()


def held(username: str) -> Membership:
    return Membership.objects.get(person=account(username), ended_at__isnull=True)


def ready(meeting: Meeting) -> list[AgendaItem]:
    from boards.views.room import _agenda as of_room

    return list(of_room(meeting).prefetch_related("decisions__presences__person", "decisions__signatures"))
