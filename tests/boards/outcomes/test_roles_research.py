"""Tables for research, and the figures of courses, toxicity and what was carried out."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from audit.errors import NotAllowed
from audit.models import Event
from boards import actions
from boards.choice import Choice
from boards.models import AgendaItem, Board
from boards.models.months import before, month_of
from boards.outcomes.course import AdverseEvent, Course, LaterLine
from boards.outcomes.research import DICTIONARY, case_key, columns, tables, zipped
from boards.outcomes.statistics import Period, Share, figures
from boards.plans import Step
from tests.factories.boards import FOLFIRI, FOLFOX, a_board, a_case, a_meeting, account, decide, signed
from tests.valid_html import check

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

THIS = month_of(timezone.localdate())
TYPED = Choice("other", words="=SUM(1) as typed")


@pytest.fixture
def board() -> Board:
    return a_board(takes_referrals=True)


def followed(board: Board, label: str, **changes: Any) -> AgendaItem:
    item = a_meeting(board, a_case(board, label)).items.get()
    decide(item)
    given = {"started_in": before(THIS, 4), "stopped_in": before(THIS, 3), "carried_out": "yes"} | changes
    actions.record_follow_up(item, based_on=0, course=Course(FOLFIRI, **given), by=account("ada"))
    return item


def whole(board: Board) -> AgendaItem:
    """Of which everything is known that a follow-up asks for, with words in each place that takes some."""
    return followed(
        board,
        "Colon 7",
        carried_out="partly",
        not_carried_out="other",
        not_carried_out_words="Too far to travel",
        vital="dead",
        vital_in=THIS,
        later=(LaterLine(TYPED, before(THIS, 1)),),
        toxicities=(AdverseEvent("Diarrhea", 3), AdverseEvent("=Hiccups", 4), AdverseEvent("Nausea", 2, line=2)),
    )


def read(archive: bytes) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        texts = {name: files.read(name).decode("utf-8-sig") for name in files.namelist()}
    return {name: list(csv.DictReader(io.StringIO(text))) for name, text in texts.items()}


class TestTables:
    def test_every_column_is_declared_and_every_value_is_one_of_its_values(self, board: Board) -> None:
        whole(board)
        found = read(zipped(tables(board, Period())))
        declared = {(each["table"], each["variable"]): each for each in found.pop("dictionary.csv")}
        assert len(declared) == len(DICTIONARY)
        for name, rows in found.items():
            table = name.removesuffix(".csv")
            assert rows and list(rows[0]) == columns(table)
            for column, value in ((column, value) for row in rows for column, value in row.items() if value):
                said = declared[table, column]
                assert not said["values"] or value in said["values"].split("|"), (column, value)
                assert said["type"] != "integer" or re.fullmatch(r"-?\d+", value), (column, value)
                assert said["type"] != "month" or re.fullmatch(r"\d{4}-\d\d", value), (column, value)

    def test_no_label_no_words_no_names_no_days(self, board: Board) -> None:
        item = whole(board)
        text = "".join(
            ",".join(row.values()) + "\n"
            for name, rows in read(zipped(tables(board, Period()))).items()
            if name != "dictionary.csv"
            for row in rows
        )
        for word in ("Colon", "SUM", "Hiccups", "travel", "Best evidence", "ada", item.meeting.held_on.isoformat()):
            assert word not in text
        assert not re.search(r"\d{4}-\d\d-\d\d", text) and "=" not in text

    def test_what_was_typed_is_something_else(self, board: Board) -> None:
        whole(board)
        found = tables(board, Period())
        assert [row["term"] for row in found["toxicities"]] == ["other", "Diarrhea", "Nausea"]
        assert [(row["kind"], row["option"]) for row in found["courses"]] == [("ranked", "folfiri"), ("other", None)]

    def test_rows_of_a_case_belong_together_by_a_key_of_the_server(self, board: Board, settings: Any) -> None:
        item = whole(board)
        found = tables(board, Period())
        keys = {row["case"] for rows in found.values() for row in rows}
        assert keys == {case_key(item.case_id)}
        settings.SECRET_KEY = "another secret of another server"  # noqa: S105
        assert case_key(item.case_id) not in keys

    def test_months_are_counted_from_the_meeting(self, board: Board) -> None:
        whole(board)
        first = tables(board, Period())["courses"][0]
        assert first["stopped_after"] - first["started_after"] == 1

    def test_a_rare_site_is_left_out(self, board: Board) -> None:
        for n in range(4):
            decide(a_meeting(board, a_case(board, f"Colon {n}")).items.get())
        assert {row["site"] for row in tables(board, Period())["cases"]} == {None}
        decide(a_meeting(board, a_case(board, "Colon 9")).items.get())
        assert {row["site"] for row in tables(board, Period())["cases"]} == {"colorectal"}

    def test_a_plan_has_a_row_a_step_and_a_decision_of_before_is_a_plan_of_one(self, board: Board) -> None:
        decide(a_meeting(board, a_case(board, "Colon 1")).items.get())
        steps = [Step(FOLFIRI, "if DPYD is normal"), Step(FOLFOX)]
        decision = signed(a_meeting(board, a_case(board, "Colon 2")).items.get(), choice=None, steps=steps)
        second = decision.steps.get(position=2)
        actions.record_progress(second, state="going-on", by=account("ada"))
        actions.record_progress(second, state="not-done", not_done="died", by=account("ada"))
        rows = [row for row in tables(board, Period())["steps"] if row["case"] == case_key(decision.item.case_id)]
        assert [(row["step"], row["conditional"], row["state"], row["not_done"]) for row in rows] == [
            (1, True, "agreed", None),
            (2, False, "not-done", "died"),
        ]
        assert len(tables(board, Period())["steps"]) == 3

    def test_an_erased_case_keeps_what_is_coded(self, board: Board) -> None:
        item = whole(board)
        actions.erase(item.case, even_if_decided=True, by=account("chair"))
        found = tables(board, Period())
        assert found["courses"][0]["started_after"] is None and found["cases"][0]["vital"] == "unknown"
        assert {row["term"] for row in found["toxicities"]} == {"Diarrhea", "Nausea", "other"}

    def test_the_same_rows_give_the_same_bytes(self, board: Board) -> None:
        whole(board)
        assert zipped(tables(board, Period())) == zipped(tables(board, Period()))


class TestTaking:
    def test_who_may_takes_them_with_an_event(self, board: Board) -> None:
        whole(board)
        actions.add_member(board, person=account("quinn"), role="quality", by=account("chair"))
        actions.add_member(board, person=account("rea"), role="reader", by=account("chair"))
        client = Client()
        client.force_login(account("quinn"))
        response = client.post(reverse("boards:research-zip", args=[board.pk]))
        assert set(read(response.content)) == {f"{name}.csv" for name in (*tables(board, Period()), "dictionary")}
        event = Event.objects.first()
        assert (event.action, event.by, event.details["toxicities"]) == ("export-research", account("quinn"), 3)
        wrong = client.post(reverse("boards:research-zip", args=[board.pk]), {"start": "x"})
        assert wrong.status_code == 400 and "is not a month" in strip_tags(wrong.content.decode())
        with pytest.raises(NotAllowed):
            actions.export_research(board, period=Period(), by=account("rea"))


class TestFigures:
    def test_how_often_it_was_carried_out_by_option_and_why_not(self, board: Board) -> None:
        whole(board)
        followed(board, "Colon 8")
        followed(board, "Colon 9", carried_out="no", not_carried_out="died")
        followed(board, "Colon 10", carried_out="unknown")
        found = figures(board, Period())
        (row,) = found.carried_out
        assert (row.option, row.wholly, row.partly, row.known) == ("folfiri", 1, 1, 3)
        assert dict(found.not_carried_out) == {"other": 1, "died": 1}

    def test_toxicity_counts_courses_with_an_entry_and_takes_none_as_absent(self, board: Board) -> None:
        whole(board)
        followed(board, "Colon 8", toxicities=(AdverseEvent("Nausea", 1),))
        followed(board, "Colon 9")
        by_kind = {each.kind: each for each in figures(board, Period()).tolerated}
        ranked, typed = by_kind["ranked"], by_kind["other"]
        assert (ranked.courses, ranked.recorded, ranked.severe) == (3, 2, 1)
        assert (typed.courses, typed.recorded, typed.severe, typed.terms) == (1, 1, 0, ())

    def test_time_to_the_next_treatment_or_death(self, board: Board) -> None:
        known = {"vital": "alive", "vital_in": THIS}
        followed(board, "Colon 1", later=(LaterLine(FOLFOX, before(THIS, 1)),))
        followed(board, "Colon 2", **known)
        followed(board, "Colon 3", vital="dead", vital_in=before(THIS, 2))
        followed(board, "Colon 4", carried_out="unknown", **known)  # of which further courses were not asked
        followed(board, "Colon 5", later=(LaterLine(FOLFOX),), **known)  # whose start is not known
        curve = figures(board, Period()).next_treatment
        assert (curve.known, curve.curve.events, curve.curve.longest) == (3, 2, 4)

    def test_who_abstained_changed_no_vote(self) -> None:
        board = a_board(blind_first=True)
        item = a_meeting(board, a_case(board)).items.get()
        abstention = Choice("abstention")
        for name, choice in (("ada", FOLFIRI), ("ben", abstention), ("chair", FOLFIRI)):
            actions.vote(item, choice=choice, by=account(name))
        item.refresh_from_db()
        for name, choice in (("ada", FOLFOX), ("ben", FOLFOX)):
            actions.change_choice(item, choice=choice, by=account(name))
        assert figures(board, Period()).votes == Share(1, 2)

    def test_the_page_says_them_and_marks_small_numbers(self, board: Board) -> None:
        whole(board)
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(account("ada"))
        response = client.get(reverse("boards:figures", args=[board.pk]))
        check(response)
        page = " ".join(strip_tags(response.content.decode()).split())
        assert "FOLFIRI 1 fewer than 5 0 of 1 (0 %) 1 0" in page and "Another reason 1" in page
        assert "Diarrhea (1)" in page and "another adverse event (1)" in page and "Hiccups" not in page
        assert "There is 1 case: who knows the patient finds it again." in page
