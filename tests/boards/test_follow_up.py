"""What came of a decision: months and no days, nothing that cannot be, versions that stay, and what erasing leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from audit.errors import NotAllowed
from audit.guard import DirectWriteError
from audit.models import Event
from boards import actions
from boards.choice import Choice
from boards.errors import ChangedMeanwhile, Refused
from boards.models import GUARD, AgendaItem, FollowUp, months
from boards.outcomes.course import Course, problems
from tests.factories.boards import FOLFIRI, FOLFOX, a_case, a_meeting, account, an_item, decide, erased

pytestmark = pytest.mark.postgresql

LISTED, TODAY = date(2026, 6, 10), date(2026, 11, 25)
WHOLE = Course(
    FOLFIRI,
    started_in="2026-06",
    stopped_in="2026-09",
    stop_reason="progression",
    best_response="PR",
    progression="yes",
    progressed_in="2026-09",
    vital="alive",
    vital_in="2026-11",
)


class TestMonths:
    @pytest.mark.parametrize("text", ["2026-03", "2026-3", "3/2026", "03.2026", " 03-2026 ", "2026/03"])
    def test_as_browsers_send_them_and_as_people_type_them(self, text: str) -> None:
        assert months.parsed(text) == "2026-03"

    @pytest.mark.parametrize(
        "text", ["2026", "2026-13", "2026-00", "2026-03-04", "4.3.2026", "March", "1026-03", "٣/2026"]
    )
    def test_anything_else_is_refused_with_what_was_typed(self, text: str) -> None:
        with pytest.raises(ValueError, match="no day"):
            months.parsed(text)

    def test_of_nothing_is_nothing(self) -> None:
        assert months.parsed(" ") == "" and months.in_words("") == ""

    def test_they_are_counted_over_years(self) -> None:
        assert months.between("2025-11", "2026-02") == 3
        assert months.between("2026-02", "2026-02") == 0
        assert months.before("2026-02", 14) == "2024-12"
        assert months.before("2026-01", 1) == "2025-12"


def found(course: Course) -> dict[str, str]:
    return dict(problems(course, listed_on=LISTED, today=TODAY))


class TestWhatCannotBe:
    def test_a_whole_course_and_one_of_which_nothing_is_known_are_fine(self) -> None:
        assert not found(WHOLE) and not found(Course(FOLFIRI))
        assert not found(
            Course(FOLFIRI, started_in="2026-06", stop_reason="goes-on", vital="alive", vital_in="2026-06")
        )

    @pytest.mark.parametrize("name", ["started_in", "stopped_in", "progressed_in", "vital_in"])
    def test_a_month_to_come_is_refused_with_field_value_and_range(self, name: str) -> None:
        course = replace(Course(FOLFIRI, progression="yes", progressed_in="2026-11", vital="dead", vital_in="2026-11"))
        said = found(replace(course, **{name: "2026-12"}))[name]
        assert "December 2026" in said and "June 2025" in said and "November 2026" in said

    def test_a_month_long_before_the_listing_is_refused(self) -> None:
        assert "June 2024" in found(replace(WHOLE, started_in="2024-06"))["started_in"]
        assert not found(replace(WHOLE, started_in="2025-06"))

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"started_in": "2026-10"}, "stopped_in"),
            ({"progressed_in": "2026-05"}, "progressed_in"),
            ({"vital_in": "2026-08"}, "vital_in"),
            ({"vital_in": "2026-08", "stopped_in": "", "stop_reason": "unknown"}, "vital_in"),
            ({"progressed_in": ""}, "progressed_in"),
            ({"progression": "no"}, "progression"),
            ({"progression": "no", "progressed_in": ""}, "progression"),
            (
                {"progression": "no", "progressed_in": "", "stop_reason": "toxicity", "best_response": "PD"},
                "progression",
            ),
            ({"progression": "unknown"}, "progression"),
            ({"vital_in": ""}, "vital_in"),
            ({"vital": "unknown"}, "vital"),
            ({"stop_reason": "goes-on"}, "stop_reason"),
            ({"stop_reason": "death"}, "vital"),
            ({"stop_reason": "goes-on", "stopped_in": "", "vital": "dead"}, "vital"),
            ({"best_response": "XR"}, "best_response"),
            ({"given": Choice("test-first", "her2")}, "kind"),
        ],
    )
    def test_order_and_contradictions(self, changes: dict[str, Any], field: str) -> None:
        assert field in found(replace(WHOLE, **changes)), found(replace(WHOLE, **changes))


@pytest.fixture
def item(db: None) -> AgendaItem:
    item = an_item()
    decide(item)
    return item


def follow(
    item: AgendaItem, course: Course | None = None, based_on: int = 0, by: str = "ben", **changes: Any
) -> FollowUp:
    course = course or Course(FOLFIRI)
    return actions.record_follow_up(item, based_on=based_on, course=replace(course, **changes), by=account(by))


class TestRecording:
    def test_a_version_is_kept_with_an_event_of_numbers_alone(self, item: AgendaItem) -> None:
        this = months.month_of(timezone.localdate())
        made = follow(item, best_response="PR", started_in="/".join(reversed(this.split("-"))))
        assert (made.number, made.option, made.option_name, made.started_in) == (1, "folfiri", "FOLFIRI", this)
        event = Event.objects.first()
        assert (event.action, event.by, event.subject) == ("follow-up", account("ben"), str(item.case))
        assert event.details.items() >= {"meeting": item.meeting_id, "item": item.pk, "follow-up": 1}.items()
        assert event.details.keys() <= {"meeting", "item", "follow-up", "os_user", "sealed"}

    def test_a_correction_is_a_new_version_and_the_old_one_stays(self, item: AgendaItem) -> None:
        follow(item, best_response="PR")
        follow(item, Course(FOLFOX), based_on=1, best_response="SD")
        rows = list(item.follow_ups.values_list("number", "option", "best_response"))
        assert rows == [(2, "folfox", "SD"), (1, "folfiri", "PR")]

    def test_who_comes_second_overwrites_nothing(self, item: AgendaItem) -> None:
        follow(item, best_response="PR")
        with pytest.raises(ChangedMeanwhile, match="ben recorded version 1") as caught:
            follow(item, best_response="PD", by="ada")
        assert caught.value.latest.best_response == "PR" and item.follow_ups.count() == 1

    def test_only_members_record_and_only_after_a_decision(self, item: AgendaItem) -> None:
        with pytest.raises(NotAllowed):
            follow(item, by="stranger")
        other = a_meeting(item.meeting.board, a_case(item.meeting.board, "Colon 8")).items.get()
        with pytest.raises(Refused, match="no decision"):
            follow(other)

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            (Choice("ranked", "no-such-regimen"), "regimen"),
            (Choice("other"), "words"),
            (Choice("other", words="As agreed with Mr Weiss"), "words"),
            (Choice("other", words="since 3.4.2026"), "words"),
            (Choice("test-first", "her2"), "kind"),
        ],
    )
    def test_what_was_given_is_named_and_names_nobody(self, item: AgendaItem, given: Choice, field: str) -> None:
        with pytest.raises(Refused) as caught:
            follow(item, Course(given))
        assert caught.value.field == field and not item.follow_ups.exists()

    def test_a_month_that_cannot_be_is_refused_at_its_field(self, item: AgendaItem) -> None:
        for text in ("2099-01", "3.4.2026"):
            with pytest.raises(Refused, match="Given since") as caught:
                follow(item, started_in=text)
            assert caught.value.field == "started_in"


class TestErasing:
    def test_what_was_given_and_how_it_went_stays_and_months_and_words_go(self, item: AgendaItem) -> None:
        this = months.month_of(timezone.localdate())
        course = Course(Choice("other", words="two cycles of a compassionate drug"), this, "", "progression", "PD")
        follow(item, course, progression="yes", progressed_in=this, vital="dead", vital_in=this)
        erased(item)
        row = item.follow_ups.get()
        assert (row.kind, row.best_response, row.stop_reason) == ("other", "PD", "progression")
        assert (row.words, row.started_in, row.progressed_in, row.vital_in) == ("", "", "", "")
        assert (row.progression, row.vital) == ("unknown", "unknown")
        with pytest.raises(Refused, match="erased"):
            follow(AgendaItem.objects.get(pk=item.pk), based_on=1)


def sql(statement: str) -> Callable[[FollowUp], Any]:
    def run(row: FollowUp) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement.format(pk=row.pk, item=row.item_id))

    return run


REFUSED: dict[str, Callable[[FollowUp], Any]] = {
    "another response": lambda row: FollowUp.objects.update(best_response="CR"),
    "another month": lambda row: FollowUp.objects.update(vital_in="2026-01"),
    "emptied without erasing": lambda row: FollowUp.objects.update(vital="unknown", vital_in=""),
    "deleted": lambda row: FollowUp.objects.all()._raw_delete("default"),
    "deleted by SQL": sql("DELETE FROM boards_followup WHERE id = {pk}"),
    "a number left out": lambda row: add(row, number=3),
    "a number twice": lambda row: add(row, number=1),
    "a test": lambda row: add(row, kind="test-first", option="her2"),
    "a regimen without a name": lambda row: add(row, option=""),
    "a day": lambda row: add(row, started_in="2026-3-4"),
    "a thirteenth month": lambda row: add(row, started_in="2026-13"),
    "stopped before it started": lambda row: add(row, started_in="2026-03", stopped_in="2026-02"),
    "stopped although it goes on": lambda row: add(row, stop_reason="goes-on", stopped_in="2026-02"),
    "progressed in no month": lambda row: add(row, progression="yes"),
    "a month without progression": lambda row: add(row, progressed_in="2026-02"),
    "progression denied": lambda row: add(row, progression="no", best_response="PD"),
    "dead in no month": lambda row: add(row, vital="dead"),
    "stopped after death": lambda row: add(row, stopped_in="2026-03", vital="dead", vital_in="2026-02"),
    "alive though stopped by death": lambda row: add(row, stop_reason="death", vital="alive", vital_in="2026-02"),
    "goes on after death": lambda row: add(row, stop_reason="goes-on", vital="dead", vital_in="2026-02"),
    "an unknown answer": lambda row: add(row, best_response="XR"),
}


def add(row: FollowUp, **changes: Any) -> FollowUp:
    given = {"number": 2, "kind": "ranked", "option": "folfiri", "option_name": "FOLFIRI"} | changes
    return FollowUp.objects.create(item_id=row.item_id, recorded_by=row.recorded_by, **given)


class TestTheDatabase:
    def test_a_further_version_is_taken(self, item: AgendaItem) -> None:
        row = follow(item)
        with GUARD.open():
            add(row)
        assert item.follow_ups.count() == 2

    @pytest.mark.parametrize("name", REFUSED)
    def test_refuses_whatever_writes(self, item: AgendaItem, name: str) -> None:
        vital = months.month_of(timezone.localdate())
        row = follow(item, vital="alive", vital_in=vital)
        before = list(FollowUp.objects.values())
        with pytest.raises((IntegrityError, DataError)), transaction.atomic(), GUARD.open():
            REFUSED[name](row)
        assert list(FollowUp.objects.values()) == before

    def test_refuses_a_follow_up_of_what_was_not_decided(self, item: AgendaItem) -> None:
        row = follow(item)
        row.item_id = a_meeting(item.meeting.board, a_case(item.meeting.board, "Colon 8")).items.get().pk
        with pytest.raises(IntegrityError), transaction.atomic(), GUARD.open():
            add(row, number=1)

    def test_a_write_past_the_actions_is_refused_at_once(self, item: AgendaItem) -> None:
        row = follow(item)
        for write in (row.save, row.delete, lambda: FollowUp.objects.update(words="x")):
            with pytest.raises(DirectWriteError):
                write()

    def test_the_level_of_the_first_option_is_kept_with_a_decision(self, item: AgendaItem) -> None:
        decision = item.decisions.get()
        assert decision.first_level == item.version.ranked.options[0].level == decision.level
        with pytest.raises(IntegrityError), transaction.atomic(), GUARD.open():
            type(decision).objects.update(first_level="D")
