"""What a board decided and what came of it, in numbers, on its page and in its files."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from audit.errors import NotAllowed
from audit.models import Event
from boards import actions
from boards.choice import Choice
from boards.models import AgendaItem, Board
from boards.models.months import before, month_of
from boards.outcomes.course import Course
from boards.outcomes.exports import COLUMNS, OF_RANKING, cell, exported
from boards.outcomes.statistics import ENOUGH_FOR_CURVE, Period, Share, figures
from boards.presenters.statistics import figures_page
from tests.factories.boards import FOLFIRI, FOLFOX, a_board, a_case, a_meeting, account, decide, erased
from tests.valid_html import check

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

THIS = month_of(timezone.localdate())
ELSEWHERE = {"reason": "patients-wish", "reason_words": "She prefers it."}
SUPPORTIVE, TRIAL, TEST = Choice("best-supportive-care"), Choice("trial", "NCT02820857"), Choice("test-first", "her2")


@pytest.fixture
def board(db: None) -> Board:
    return a_board()


def decided(board: Board, label: str, choice: Choice = FOLFIRI, **given: Any) -> AgendaItem:
    item = a_meeting(board, a_case(board, label)).items.get()
    decide(item, choice, **given)
    return item


def course(item: AgendaItem, started: int, given: Choice = FOLFIRI, based_on: int = 0, **changes: Any) -> None:
    """Recorded as begun so many months ago; other months likewise."""
    months = {name: before(THIS, ago) for name, ago in changes.items() if name.endswith("_in")}
    entered = Course(given, before(THIS, started), **changes | months)
    actions.record_follow_up(item, based_on=based_on, course=entered, by=account("ada"))


def died(ago: int) -> dict[str, Any]:
    return {"progression": "yes", "progressed_in": ago + 1, "vital": "dead", "vital_in": ago}


class TestDecisions:
    def test_are_counted_by_option_agreement_and_reason(self, board: Board) -> None:
        for label, choice, given in (
            ("Colon 1", FOLFIRI, {}),
            ("Colon 2", FOLFIRI, {}),
            ("Colon 3", FOLFOX, ELSEWHERE),
            ("Colon 4", TRIAL, {"reason": "trial-preferred", "reason_words": "Open here."}),
            ("Colon 5", SUPPORTIVE, {}),
            ("Colon 6", TEST, {}),
        ):
            decided(board, label, choice, **given)
        found = figures(board, Period())
        assert (found.decisions, found.cases, found.signed) == (6, 6, 0)
        assert [(each.option, each.count) for each in found.options][:1] == [("folfiri", 2)]
        assert found.agreement == Share(2, 5)  # a test first decides on no option
        assert found.by_level == {"A": Share(2, 5)}
        assert found.recommended == Share(3, 5)
        assert dict(found.reasons) == {"patients-wish": 1, "trial-preferred": 1}

    def test_the_decision_in_force_counts_and_the_days_to_the_first_version(self, board: Board) -> None:
        item = decided(board, "Colon 1")
        first = item.decisions.get()
        for place in ("ada", "ben"):
            actions.sign(first, by=account(place))
        decide(item, FOLFOX, based_on=1, correction="A new scan.", **ELSEWHERE)
        found = figures(board, Period())
        assert (found.decisions, found.signed) == (1, 0)
        assert [each.option for each in found.options] == ["folfox"]
        assert (found.days.count, found.days.median, found.days.low, found.days.high) == (1, 0, 0, 0)

    def test_of_a_case_without_a_ranking_no_agreement_is_counted(self, board: Board) -> None:
        item = a_meeting(board, a_case(board, "Lung 1", primary_site="lung")).items.get()
        decide(item, Choice("other", words="Referred."), reason="none-recommended", reason_words="Out of scope.")
        assert figures(board, Period()).agreement == Share(0, 0)

    def test_only_of_the_period_and_of_the_board(self, board: Board) -> None:
        decided(board, "Colon 1")
        held_on = timezone.localdate()  # of `a_meeting`
        other = a_board("Another board")
        assert figures(other, Period()).decisions == 0
        day = timedelta(days=1)
        for period, count in (
            (Period(held_on, held_on), 1),
            (Period(held_on + day), 0),
            (Period(end=held_on - day), 0),
            (Period(end=held_on), 1),
        ):
            assert figures(board, period).decisions == count

    def test_an_erased_case_still_counts(self, board: Board) -> None:
        item = decided(board, "Colon 1")
        course(item, 3, best_response="PR", **died(1))
        erased(item)
        found = figures(board, Period())
        assert found.agreement == Share(1, 1) and found.by_level == {"A": Share(1, 1)}
        (treated,) = found.treated
        assert (treated.patients, treated.evaluated, treated.responses, treated.timed) == (1, 1, 1, 0)
        assert found.overall.known == 0


def test_votes_that_changed_after_the_ranking() -> None:
    board = a_board(blind_first=True)
    items = a_meeting(board, a_case(board), a_case(board, "Colon 8")).items.all()
    for item in items:
        for name in ("ada", "ben"):
            actions.vote(item, choice=FOLFOX, by=account(name))
    actions.close_vote(items[0], by=account("chair"))
    actions.change_choice(items[0], choice=FOLFIRI, by=account("ada"))
    assert figures(board, Period()).votes == Share(1, 2)  # of the item whose vote is closed


class TestFollowUp:
    def test_treated_responses_and_months_on_treatment(self, board: Board) -> None:
        months = (1, 2, 4, 6, 8)
        for n, each in enumerate(months):
            stopped = {"stopped_in": 12 - each, "stop_reason": "toxicity"}
            course(decided(board, f"Colon {n}"), 12, best_response=("PR", "PD", "SD", "unknown", "CR")[n], **stopped)
        course(decided(board, "Colon 9"), 3, FOLFOX)
        folfiri, folfox = figures(board, Period()).treated
        assert (folfiri.patients, folfiri.evaluated, folfiri.responses) == (5, 4, 2)
        assert folfiri.timed == 5 and folfiri.months.median == 4
        assert (folfox.name, folfox.patients, folfox.timed) == ("FOLFOX", 1, 0)

    def test_who_goes_on_is_censored_when_last_seen(self, board: Board) -> None:
        course(decided(board, "Colon 1"), 6, stop_reason="goes-on", vital="alive", vital_in=1)
        (treated,) = figures(board, Period()).treated
        assert treated.timed == 1 and treated.months.events == 0 and treated.months.longest == 5

    def test_progression_free_and_overall(self, board: Board) -> None:
        course(decided(board, "Colon 1"), 9, **died(2))  # progressed after 6 months, died after 7
        course(decided(board, "Colon 2"), 9, progression="no", vital="alive", vital_in=1)
        course(decided(board, "Colon 3"), 9, progression="no", vital="dead", vital_in=5)
        course(decided(board, "Colon 4"), 9, vital="dead", vital_in=5)  # it is not known whether it progressed
        course(decided(board, "Colon 5"), 9)
        found = figures(board, Period())
        assert (found.progression_free.known, found.progression_free.curve.events) == (3, 2)
        assert [step.months for step in found.progression_free.curve.steps] == [4, 6]
        assert (found.overall.known, found.overall.curve.events) == (4, 3)
        assert not found.overall.is_enough

    def test_a_death_counts_once_from_the_first_treatment_on_whichever_item_it_is_recorded(self, board: Board) -> None:
        first = decided(board, "Colon 1")
        course(first, 9, progression="no", vital="alive", vital_in=5)
        again = a_meeting(board, first.case).items.get()
        decide(again, FOLFOX, **ELSEWHERE)
        course(again, 4, FOLFOX, vital="dead", vital_in=1)
        found = figures(board, Period())
        assert found.followed == 2
        assert [(t.months, t.at_risk, t.events) for t in found.overall.curve.steps] == [(8, 1, 1)]
        assert found.progression_free.known == 1 and found.progression_free.curve.events == 0

    def test_only_the_newest_version_counts(self, board: Board) -> None:
        item = decided(board, "Colon 1")
        course(item, 9, best_response="CR")
        course(item, 9, based_on=1, best_response="PD", progression="yes", progressed_in=7)
        (treated,) = figures(board, Period()).treated
        assert (treated.patients, treated.responses) == (1, 0)

    def test_a_curve_is_drawn_from_ten_on_and_never_of_fewer(self, board: Board) -> None:
        for n in range(ENOUGH_FOR_CURVE):
            page = figures_page(figures(board, Period()))
            assert all(not part.drawing and not part.rows for part in page.outcomes)
            course(decided(board, f"Colon {n}"), 12, **died(n))
        progression_free, overall, next_treatment = figures_page(figures(board, Period())).outcomes
        assert not next_treatment.drawing  # of which further courses were not asked
        assert overall.said == "Known of 10 patients, 10 with the event; median 7 months (95 % CI 3–10)."
        assert overall.drawing.count('class="step"') == 2 * 10 + 1
        assert overall.drawing.count('class="band"') == 1
        assert (overall.rows[0].months, overall.rows[0].at_risk, overall.rows[0].interval) == (0, 10, "")
        third = overall.rows[2]
        assert (third.months, third.share, third.interval) == (6, "60\N{NO-BREAK SPACE}%", "25–83\N{NO-BREAK SPACE}%")
        assert "style=" not in overall.drawing + progression_free.drawing


def member() -> Client:
    client = Client()
    client.force_login(account("ben"))
    return client


class TestThePage:
    def test_says_the_figures_in_few_queries(self, board: Board, django_assert_max_num_queries: Any) -> None:
        for n in range(3):
            course(decided(board, f"Colon {n}"), 5, best_response="PR", **died(2))
        client = member()
        with django_assert_max_num_queries(8):
            page = client.get(f"/boards/{board.pk}/figures/").content.decode()
        for words in ("3 decisions on 3 cases", "3 of 3", "fewer than 5 known", "a curve is drawn from 10 on"):
            assert words in page
        for label in ("Colon 0", "Colon 1"):
            assert label not in page

    def test_the_queries_do_not_grow_with_the_cases(self, board: Board, django_assert_num_queries: Any) -> None:
        client = member()
        decided(board, "Colon 1")
        with CaptureQueriesContext(connection) as queries:
            page = client.get(f"/boards/{board.pk}/figures/")
            few = len(queries)
        assert page.status_code == 200 and "1 decision on 1 case" in page.content.decode()
        for n in range(2, 8):
            course(decided(board, f"Colon {n}"), 5, **died(1))
        with django_assert_num_queries(few):
            page = client.get(f"/boards/{board.pk}/figures/")
        assert page.status_code == 200
        for words in ("7 decisions on 7 cases", "6 of them are followed up.", "Known of 6 patients"):
            assert words in page.content.decode()

    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("en", ("95 % confidence interval", "95 % CI", "Median time on treatment", "months (95 % CI 3–10)")),
            ("de", ("95-%-Konfidenzintervall", "95-%-KI", "Monate (95-%-KI 3–10)")),
        ],
    )
    def test_draws_and_lists_the_intervals(self, board: Board, language: str, words: tuple[str, ...]) -> None:
        for n in range(ENOUGH_FOR_CURVE):
            stopped = {"stopped_in": n + 1, "stop_reason": "progression"}
            course(decided(board, f"Colon {n}"), 12, best_response="PR", **stopped, **died(n))
        response = member().get(f"/boards/{board.pk}/figures/", headers={"Accept-Language": language})
        check(response)
        page = response.content.decode()
        assert page.count('class="band"') == 2
        for each in words:
            assert each in page
        # Nobody has had the event at first: no interval, and not the one from 0 to 100 %.
        first = " ".join(strip_tags(page[page.index("survival-table") :].partition("<tbody>")[2]).split()[:5])
        assert first == "0 10 100 % –"

    @pytest.mark.parametrize(
        ("start", "end", "said"),
        [
            (before(THIS, -1), "", "Nothing was decided"),
            (THIS, THIS, "1 decision on"),
            ("", before(THIS, 1), "Nothing"),
        ],
    )
    def test_of_a_period(self, board: Board, start: str, end: str, said: str) -> None:
        decided(board, "Colon 1")
        assert said in member().get(f"/boards/{board.pk}/figures/", {"start": start, "end": end}).content.decode()

    def test_a_period_that_ends_before_it_begins_is_said(self, board: Board) -> None:
        decided(board, "Colon 1")
        wrong = {"start": "2026-12", "end": "2026-11"}
        assert "before it begins" in member().get(f"/boards/{board.pk}/figures/", wrong).content.decode()
        response = member().post(f"/boards/{board.pk}/decisions.csv", wrong)
        assert response.status_code == 400 and "before it begins" in response.content.decode()
        assert not Event.objects.filter(action="export-decisions").exists()


class TestFiles:
    def test_csv_and_json_hold_the_same_and_taking_them_is_an_event(self, board: Board) -> None:
        course(decided(board, "Colon 1"), 9, best_response="PR", **died(2))
        client = member()
        table = client.post(f"/boards/{board.pk}/decisions.csv", {"start": THIS})
        assert table.headers["Content-Disposition"] == f'attachment; filename="decisions-{board.pk}.csv"'
        (row,) = csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")))
        content = json.loads(client.post(f"/boards/{board.pk}/decisions.json").content)
        (same,) = content["decisions"]
        assert content["columns"].keys() == row.keys() == same.keys() == COLUMNS.keys()
        assert row == {name: cell(value) for name, value in same.items()}
        assert (same["option"], same["agrees_with_first"], same["first_level"]) == ("folfiri", True, "A")
        assert (same["months_to_progression"], same["months_alive"], same["vital"]) == (6, 7, "dead")
        events = Event.objects.filter(action="export-decisions")
        assert [(each.by, each.details) for each in events] == [
            (account("ben"), {"from": None, "to": None, "kind": "json", "decisions": 1}),
            (account("ben"), {"from": f"{THIS}-01", "to": None, "kind": "csv", "decisions": 1}),
        ]

    def test_nothing_that_somebody_wrote_or_that_is_the_patients(self, board: Board) -> None:
        choice = Choice("other", words="a compassionate drug")
        given = {"dissent": "One was against.", "guests": "the pharmacist", **ELSEWHERE}
        item = decided(board, "Colon 77", choice, rationale="As she asked.", **given)
        course(item, 9, Choice("other", words="the same drug"), **died(2))
        text = exported(board, Period(), "csv").text + exported(board, Period(), "json").text
        written = ("Colon 77", "compassionate", "the same drug", "As she asked", "against", "pharmacist", "prefers")
        for words in (*written, "colorectal", "small-cell", "ada", "chair", before(THIS, 9), before(THIS, 2)):
            assert words not in text, words

    def test_a_cell_that_a_spreadsheet_would_run_is_kept_from_it(self, board: Board) -> None:
        assert [cell(value) for value in ("=1+1", "@x", "-1", 3, None, True)] == [
            "'=1+1",
            "'@x",
            "'-1",
            "3",
            "",
            "yes",
        ]

    def test_of_a_case_with_an_open_vote_no_ranking_is_told(self, board: Board) -> None:
        item = decided(board, "Colon 1")
        given = {"name": board.name, "header": "", "blind_first": True, "ballots": "named"}
        board = actions.change_settings(board, by=account("chair"), **given)
        a_meeting(board, item.case)
        (row,) = json.loads(exported(board, Period(), "json").text)["decisions"]
        assert row["ranking_hidden"] is True and all(row[name] is None for name in OF_RANKING)
        assert row["option"] == "folfiri"

    def test_members_alone(self, board: Board) -> None:
        with pytest.raises(NotAllowed):
            actions.export_decisions(board, period=Period(), kind="csv", by=account("stranger"))
