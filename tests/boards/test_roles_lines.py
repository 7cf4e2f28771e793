"""Follow-up in lines: further courses, toxicity, whether the plan was carried out; what cannot be is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from boards import actions
from boards.choice import Choice
from boards.errors import Refused
from boards.models import GUARD, AgendaItem, LaterCourse, Toxicity
from boards.models.months import before, month_of
from boards.outcomes.course import AdverseEvent, Course, LaterLine, problems
from boards.outcomes.ctcae import TERMS, spelt
from tests.factories.boards import FOLFIRI, FOLFOX, account, an_item, decide
from tests.valid_html import check

pytestmark = pytest.mark.postgresql

LISTED, TODAY = date(2026, 6, 10), date(2026, 11, 25)
SECOND = LaterLine(FOLFOX, "2026-09", "2026-10", "toxicity", "SD", "2026-10")
WHOLE = Course(
    FOLFIRI,
    *("2026-06", "2026-08", "progression", "PD", "yes", "2026-08", "dead", "2026-11"),
    carried_out="partly",
    not_carried_out="patients-wish",
    later=(SECOND, LaterLine(Choice("best-supportive-care"), "2026-10")),
    toxicities=(AdverseEvent("Diarrhea", 3), AdverseEvent("Diarrhea", 2, line=2), AdverseEvent("Hiccups", 1, line=3)),
)


def found(**changes: Any) -> dict[str, str]:
    return dict(problems(replace(WHOLE, **changes), listed_on=LISTED, today=TODAY))


def second(**changes: Any) -> dict[str, str]:
    return found(later=(replace(SECOND, **changes), *WHOLE.later[1:]))


class TestWhatCannotBe:
    def test_a_whole_course_is_fine(self) -> None:
        assert not found()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"given": Choice("test-first", "her2")}, "later.0.kind"),
            ({"started_in": "2026-07"}, "later.0.started_in"),  # before the first course ended
            ({"started_in": "2026-12"}, "later.0.started_in"),  # to come
            ({"started_in": "2020-12"}, "later.0.started_in"),
            ({"stopped_in": "2026-08"}, "later.0.stopped_in"),
            ({"progressed_in": "2026-08"}, "later.0.progressed_in"),
            ({"stop_reason": "goes-on", "stopped_in": ""}, "later.0.stop_reason"),  # a third course follows
            ({"stop_reason": "death"}, "later.0.stop_reason"),
            ({"best_response": "XR"}, "later.0.best_response"),
        ],
    )
    def test_in_a_further_course(self, changes: dict[str, Any], field: str) -> None:
        assert second(**changes)[field].startswith("Course 2: ")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"stop_reason": "goes-on", "stopped_in": ""}, "stop_reason"),
            ({"vital_in": "2026-09"}, "later.0.stopped_in"),
            ({"progression": "no", "progressed_in": "", "best_response": "SD"}, "later.0.progressed_in"),
            ({"progressed_in": "2026-11"}, "later.0.progressed_in"),  # the first progression comes first
            ({"carried_out": "yes"}, "not_carried_out"),
            ({"carried_out": "no", "not_carried_out": ""}, "not_carried_out"),
            ({"carried_out": "no", "not_carried_out": "mood"}, "not_carried_out"),
            ({"carried_out": "unknown", "not_carried_out": "", "not_carried_out_words": "x"}, "not_carried_out_words"),
            ({"carried_out": "perhaps"}, "carried_out"),
            ({"toxicities": (AdverseEvent("Nausea", 6),)}, "toxicities.0.grade"),
            ({"toxicities": (AdverseEvent("Nausea", 0),)}, "toxicities.0.grade"),
            ({"toxicities": (AdverseEvent("", 3),)}, "toxicities.0.term"),
            ({"toxicities": (AdverseEvent("Nausea", 3, line=4),)}, "toxicities.0.line"),
            ({"toxicities": (AdverseEvent("Nausea", 3), AdverseEvent("nausea", 2))}, "toxicities.1.term"),
        ],
    )
    def test_across_lines(self, changes: dict[str, Any], field: str) -> None:
        assert field in found(**changes), found(**changes)

    def test_grade_5_is_death(self) -> None:
        alive = {"vital": "alive", "toxicities": (AdverseEvent("Sepsis", 5, line=3),)}
        assert "grade 5 is death" in found(**alive)["toxicities.0.grade"]
        assert not found(toxicities=alive["toxicities"])

    def test_nobody_dies_in_a_course_while_alive(self) -> None:
        last = replace(WHOLE.later[1], stop_reason="death")
        assert "later.1.stop_reason" in found(vital="alive", later=(SECOND, last))
        assert not found(later=(SECOND, last))
        goes_on = replace(last, stop_reason="goes-on")
        assert "later.1.stop_reason" in found(later=(SECOND, goes_on))


@pytest.fixture
def item(db: None) -> AgendaItem:
    item = an_item()
    decide(item)
    return item


THIS = month_of(timezone.localdate())


def recorded(item: AgendaItem, **changes: Any) -> Any:
    course = Course(
        FOLFIRI,
        *(before(THIS, 4), before(THIS, 2), "toxicity", "PR"),
        carried_out="yes",
        later=(LaterLine(Choice("other", words="Two cycles of a trial drug"), before(THIS, 1)),),
        toxicities=(AdverseEvent("  febrile NEUTROPENIA ", 4), AdverseEvent("Hiccups for weeks", 3)),
    )
    return actions.record_follow_up(item, based_on=0, course=replace(course, **changes), by=account("ada"))


class TestRecording:
    def test_lines_and_toxicity_are_kept(self, item: AgendaItem) -> None:
        row = recorded(item)
        course = row.later_courses.get()
        assert (course.line, course.kind, course.started_in) == (2, "other", before(THIS, 1))
        listed = list(row.toxicities.values_list("term", "grade", "line"))
        assert listed == [("Febrile neutropenia", 4, 1), ("Hiccups for weeks", 3, 1)]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"later": (LaterLine(Choice("ranked", "no-such")),)}, "later.0.regimen"),
            ({"later": (LaterLine(Choice("other", words="as Mr Weiss wished")),)}, "later.0.words"),
            ({"later": (LaterLine(FOLFOX, started_in="3.4.2026"),)}, "later.0.started_in"),
            ({"toxicities": (AdverseEvent("Rash of Mr Weiss", 2),)}, "toxicities.0.term"),
            (
                {"carried_out": "no", "not_carried_out": "other", "not_carried_out_words": "born 3.4.1957"},
                "not_carried_out_words",
            ),
        ],
    )
    def test_what_is_wrong_is_named(self, item: AgendaItem, changes: dict[str, Any], field: str) -> None:
        with pytest.raises(Refused) as caught:
            recorded(item, **changes)
        assert caught.value.field == field and not item.follow_ups.exists()

    def test_erasing_takes_words_and_months_and_leaves_grades(self, item: AgendaItem) -> None:
        recorded(item, carried_out="no", not_carried_out="other", not_carried_out_words="Too far to travel")
        actions.erase(item.case, even_if_decided=True, by=account("chair"))
        row = item.follow_ups.get()
        assert (row.carried_out, row.not_carried_out, row.not_carried_out_words) == ("no", "other", "")
        course = row.later_courses.get()
        assert (course.kind, course.words, course.started_in) == ("other", "", "")
        assert list(row.toxicities.values_list("term", "grade")) == [("Febrile neutropenia", 4), ("other 1", 3)]

    @pytest.mark.parametrize("changes", [{"term": "other 1"}, {"grade": 1}, {"line": 2}])
    def test_the_database_keeps_what_was_recorded(self, item: AgendaItem, changes: dict[str, Any]) -> None:
        recorded(item)
        with pytest.raises(IntegrityError), transaction.atomic(), GUARD.open():
            Toxicity.objects.filter(term="Hiccups for weeks").update(**changes)
        with pytest.raises(IntegrityError), transaction.atomic(), GUARD.open():
            LaterCourse.objects.update(words="")


def test_terms_are_spelt_as_the_criteria_spell_them() -> None:
    assert list(TERMS) == sorted(TERMS) and len(TERMS) == len(set(TERMS))
    assert spelt("DIARRHEA") == "Diarrhea" and spelt("Hiccups") == "Hiccups"


SENT = {
    "based_on": "0",
    "kind": "ranked",
    "regimen": "folfiri",
    "started_in": before(THIS, 3),
    "stopped_in": before(THIS, 2),
    "stop_reason": "toxicity",
    "best_response": "PR",
    "progression": "unknown",
    "vital": "unknown",
    "carried_out": "yes",
    "later-TOTAL_FORMS": "2",
    "later-INITIAL_FORMS": "0",
    "later-0-kind": "",
    "later-1-kind": "ranked",
    "later-1-regimen": "folfox",
    "later-1-started_in": before(THIS, 1),
    "toxicities-TOTAL_FORMS": "1",
    "toxicities-INITIAL_FORMS": "0",
    "toxicities-0-term": "Diarrhea",
    "toxicities-0-grade": "3",
    "toxicities-0-line": "1",
}


class TestPage:
    def post(self, item: AgendaItem, **changes: str) -> Any:
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(account("ada"))
        return client.post(reverse("boards:follow-up", args=[item.pk]), SENT | changes)

    def get(self, item: AgendaItem, by: str = "ada") -> Any:
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(account(by))
        response = client.get(reverse("boards:follow-up", args=[item.pk]))
        check(response)
        return response.content.decode()

    def test_rows_are_recorded_shown_and_filled_in_again(self, item: AgendaItem) -> None:
        assert self.post(item).status_code == 302
        row = item.follow_ups.get()
        assert row.later_courses.get().option == "folfox" and row.toxicities.get().grade == 3
        page = self.get(item)
        assert 'name="later-0-started_in" value="' + before(THIS, 1) in page and 'value="Diarrhea"' in page
        words = " ".join(strip_tags(page).split())
        assert "Was the recommendation carried out? – Yes" in words and "Diarrhea, course 1 – grade 3" in words

    @pytest.mark.parametrize("rows", ["later", "toxicities"])
    def test_a_row_is_added_without_a_script_and_nothing_is_lost(self, item: AgendaItem, rows: str) -> None:
        response = self.post(item, add=rows, started_in="4.3.2026")
        check(response)
        page = response.content.decode()
        assert f'name="{rows}-TOTAL_FORMS" value="{int(SENT[f"{rows}-TOTAL_FORMS"]) + 1}"' in page
        assert 'value="4.3.2026"' in page and 'value="Diarrhea"' in page and before(THIS, 1) in page
        assert "Not saved" not in page and not item.follow_ups.exists()

    def test_what_is_wrong_stands_in_its_row(self, item: AgendaItem) -> None:
        changes = {"later-1-started_in": before(THIS, 5), "toxicities-0-line": "3", "toxicities-0-grade": ""}
        response = self.post(item, **changes)
        check(response)
        page = " ".join(strip_tags(response.content.decode()).split())
        assert "Course 2: Given since:" in page and "(“the end of the course before”)" in page
        assert "During course: 3, and it may be from 1 to 2." in page and "Highest grade: –" in page
        response = self.post(item, **{"later-1-regimen": ""})
        assert "Course 2: Say which option." in strip_tags(response.content.decode())
        assert not item.follow_ups.exists()

    def test_who_only_reads_is_shown_what_was_recorded(self, item: AgendaItem) -> None:
        self.post(item)
        actions.add_member(item.meeting.board, person=account("rea"), role="reader", by=account("chair"))
        page = self.get(item, "rea")
        assert "Diarrhea, course 1" in page and "<select" not in page.split("<main")[1].split("</main")[0]
