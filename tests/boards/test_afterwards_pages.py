"""The pages of what comes after a decision: then and now, the cases that changed, follow-up."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from audit.models import Event
from boards import actions
from boards.models import AgendaItem, FollowUp
from boards.models.months import before, month_of
from boards.outcomes.course import Course
from tests.databases import without_triggers
from tests.factories.boards import FOLFIRI, a_board, a_case, a_meeting, account, an_item, decide, erased
from tests.factories.replays import WALTER, tamper, weaker, without
from tests.pseudo_language import in_force, untranslated
from tests.valid_html import check

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

THIS = month_of(timezone.localdate())
COURSE = {
    "based_on": "0",
    "kind": "ranked",
    "regimen": "folfiri",
    "started_in": THIS,
    "stop_reason": "goes-on",
    "best_response": "unknown",
    "progression": "unknown",
    "vital": "unknown",
}


@pytest.fixture
def item() -> AgendaItem:
    item = an_item()
    decide(item)
    return AgendaItem.objects.select_related("version", "case", "meeting__board").get(pk=item.pk)


def member(name: str = "ben", language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
    client.force_login(account(name))
    return client


def get(name: str, row: Any, language: str = "en", **query: Any) -> str:
    """The words of a page, which is valid HTML."""
    response = member(language=language).get(reverse(f"boards:{name}", args=[row.pk]), query)
    check(response)
    return words(response)


def words(response: Any) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


class TestThenAndNow:
    def test_names_what_moved_and_the_change_with_its_reason(self, item: AgendaItem) -> None:
        weaker()
        page = get("replay", item)
        assert "The first option was FOLFIRI and is" in page
        assert "gives the ranking that was shown: numbers to 1e-9, all else exactly" in page
        assert "was 1, in “Recommended for this patient”" in page
        assert re.search(r"FOLFIRI 1, in “Recommended for this patient” =3, in “Supported by evidence in NEC”", page)
        assert "stance Recommended To be considered" in page
        assert "Proposed by curator, accepted on" in page and "Read again. https://example.org/paper" in page
        assert f"publication {WALTER}" in page  # a change that moves nothing

    def test_on_the_release_of_the_decision_nothing_moved(self, item: AgendaItem) -> None:
        page = get("replay", item)
        assert "The first option is the same: FOLFIRI." in page and "every option stands where it stood" in page
        release = weaker()
        page = get("replay", item, release=item.version.release_id)
        assert "Chosen release Release shipped" in page and "What moved: Chosen release, compared with then" in page
        assert "every option stands where it stood" in page and "Today Release weaker" in page
        for other in ("x", "0", "999", "-1", release.pk):
            assert "Chosen release" not in get("replay", item, release=other)

    def test_a_ranking_that_is_not_reproduced_is_said_and_shown_as_it_was(self, item: AgendaItem) -> None:
        tamper(item.version)
        page = get("replay", item)
        assert "Not reproduced" in page and "today’s rules, on the evidence of then" in page

    def test_a_patient_whom_a_release_refuses_is_said_in_words(self) -> None:
        board = a_board()
        item = a_meeting(board, a_case(board, received=["folfox"])).items.get()
        decide(item)
        without("folfox")
        page = get("replay", item)
        assert "This release cannot rank the patient as entered then." in page
        assert "Release without folfox cannot rank the patient" in page and "Not traced" in page
        assert "Regimens received: the release does not know FOLFOX." in page and "nothing is ranked" not in page

    def test_an_option_that_is_gone_says_so(self, item: AgendaItem) -> None:
        without("folfox")
        page = get("replay", item)
        assert "not in this release was =4, in “Supported by evidence in NEC”" in page

    def test_a_damaged_ranking_is_not_shown(self, item: AgendaItem) -> None:
        with without_triggers(), connection.cursor() as cursor:
            cursor.execute("UPDATE boards_caseversion SET sha256 = %s", ["0" * 64])
        response = member().get(reverse("boards:replay", args=[item.pk]))
        assert response.status_code == 500 and "Damaged" in words(response)
        assert "FOLFIRI" not in words(response) and "Rankings side by side" not in words(response)

    def test_nothing_is_told_while_a_vote_on_the_case_is_open(self, item: AgendaItem) -> None:
        weaker()
        board = item.meeting.board
        blind = {"name": board.name, "header": "", "blind_first": True, "ballots": "named"}
        actions.change_settings(board, by=account("chair"), **blind)
        a_meeting(board, item.case)
        page = get("replay", item)
        assert "A vote is open" in page and "Nab-paclitaxel" not in page and "Supported" not in page
        page = get("changed", board)
        assert "1 case is left out until the vote on it is closed" in page and "Nab-paclitaxel" not in page

    def test_what_is_not_decided_or_erased_leads_to_the_case(self, item: AgendaItem) -> None:
        board = item.meeting.board
        open_item = a_meeting(board, a_case(board, "Colon 8")).items.get()
        erased(item)
        for each in (open_item, item):
            response = member().get(reverse("boards:replay", args=[each.pk]))
            assert response.headers["Location"] == reverse("boards:item", args=[each.pk])

    def test_in_few_queries(self, item: AgendaItem, django_assert_max_num_queries: Any) -> None:
        weaker()
        client = member()
        with django_assert_max_num_queries(14):
            response = client.get(reverse("boards:replay", args=[item.pk]))
        page = words(response)
        assert response.status_code == 200 and "The first option was FOLFIRI and is" in page
        assert re.search(r"FOLFIRI 1, in “Recommended for this patient” =3, in “Supported by evidence in NEC”", page)


class TestChanged:
    def test_lists_the_cases_and_replays_what_is_not_replayed_yet(self, item: AgendaItem) -> None:
        board = item.meeting.board
        assert "None: the first option of every decided case is the one that was shown." in get("changed", board)
        weaker()
        page = get("changed", board)
        assert "Colon 7" in page and "FOLFIRI FOLFIRI Nab-paclitaxel with bevacizumab Then and now" in page
        event = Event.objects.first()
        assert (event.action, event.by) == ("replay-decisions", account("ben"))
        get("changed", board)
        assert Event.objects.filter(action="replay-decisions").count() == 1

    def test_says_what_is_not_replayed_yet(self, item: AgendaItem, monkeypatch: pytest.MonkeyPatch) -> None:
        weaker()
        monkeypatch.setattr("boards.views.replay.SECONDS", 0)
        assert "1 decided case is not replayed yet: reload the page to go on." in get("changed", item.meeting.board)

    def test_a_refused_patient_is_on_it(self) -> None:
        board = a_board()
        decide(a_meeting(board, a_case(board, received=["folfox"])).items.get())
        without("folfox")
        assert "cannot be ranked on this release" in get("changed", board)

    def test_the_queries_do_not_grow_with_the_cases(self, item: AgendaItem, django_assert_num_queries: Any) -> None:
        board = item.meeting.board
        for n in range(4):
            decide(a_meeting(board, a_case(board, f"Anal {n}", ecog="0")).items.get())
        weaker()
        client, address = member(), reverse("boards:changed", args=[board.pk])
        client.get(address)
        with django_assert_num_queries(11):
            assert words(client.get(address)).count("Then and now") == 5

    def test_without_a_release(self, item: AgendaItem, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("boards.views.replay.release_in_use", lambda: None)
        assert "No release is in force." in get("changed", item.meeting.board)


class TestFollowUp:
    def post(self, item: AgendaItem, name: str = "ben", **changes: str) -> Any:
        return member(name).post(reverse("boards:follow-up", args=[item.pk]), COURSE | changes)

    def test_begins_with_what_was_decided(self, item: AgendaItem) -> None:
        response = member().get(reverse("boards:follow-up", args=[item.pk]))
        check(response)
        assert '<option value="folfiri" selected>' in response.content.decode()

    def test_is_recorded_and_shown(self, item: AgendaItem) -> None:
        response = self.post(item, vital="alive", vital_in=THIS)
        assert response.status_code == 302
        page = get("follow-up", item)
        assert "The follow-up is recorded." not in page  # that is said to the one who recorded it
        assert "Version 1" in page and "What was given – FOLFIRI" in page and "Reason for stopping – It goes on" in page

    def test_every_problem_stands_at_its_field_and_nothing_entered_is_lost(self, item: AgendaItem) -> None:
        wrong = {"started_in": "2099-01", "stopped_in": "4.3.2026", "vital": "dead", "vital_in": before(THIS, 40)}
        response = self.post(item, **wrong)
        check(response)
        page = response.content.decode()
        assert "“4.3.2026” is not a month: give year and month, such as 2026-03, and no day." in page
        assert all(f'value="{month}"' in page for month in ("2099-01", "4.3.2026", before(THIS, 40)))
        response = self.post(item, **wrong | {"stopped_in": ""})
        page = words(response)
        assert "Given since: January 2099, and it may be from" in page
        assert "Last known alive, or died, in:" in page and "contradicts “Reason for stopping”" in page
        assert not FollowUp.objects.exists()

    def test_without_javascript_what_is_typed_is_understood(self, item: AgendaItem) -> None:
        assert self.post(item, started_in=f"{THIS[5:]}/{THIS[:4]}").status_code == 302
        assert FollowUp.objects.get().started_in == THIS

    def test_who_comes_second_sees_what_changed_and_loses_nothing(self, item: AgendaItem) -> None:
        self.post(item, best_response="PR")
        response = self.post(item, "ada", best_response="SD", progression="no", stop_reason="unknown")
        assert response.status_code == 409
        check(response, status=409)
        page = words(response)
        assert "ben recorded version 1 of this follow-up while you were writing." in page
        assert "Best response – Partial response" in page
        assert '<option value="SD" selected>' in response.content.decode()
        assert '<input type="hidden" name="based_on" value="1"' in response.content.decode()
        assert self.post(item, "ada", best_response="SD", based_on="1").status_code == 302
        assert [each.best_response for each in item.follow_ups.all()] == ["SD", "PR"]
        assert "Best response Partial response Stable disease" in get("follow-up", item)

    @pytest.mark.parametrize("wrong", [{"kind": "test-first"}, {"kind": ""}, {"regimen": "none"}, {"based_on": "x"}])
    def test_what_no_form_sends_is_refused(self, item: AgendaItem, wrong: dict[str, str]) -> None:
        assert self.post(item, **wrong).status_code == 200
        assert not FollowUp.objects.exists()

    def test_of_an_erased_case_what_is_left_is_shown(self, item: AgendaItem) -> None:
        course = Course(FOLFIRI, THIS, "", "toxicity", "PR", "no", "", "alive", THIS)
        actions.record_follow_up(item, based_on=0, course=course, by=account("ada"))
        erased(item)
        page = get("follow-up", item)
        assert "Erased" in page and "Partial response" in page and "Toxicity" in page
        assert "Colon 7" not in page and "Given since" not in page and "Record the follow-up" not in page
        assert self.post(item, based_on="1").status_code == 200
        assert FollowUp.objects.count() == 1

    def test_before_a_decision_there_is_none(self, item: AgendaItem) -> None:
        board = item.meeting.board
        other = a_meeting(board, a_case(board, "Colon 8")).items.get()
        assert self.post(other).headers["Location"] == reverse("boards:item", args=[other.pk])
        assert not FollowUp.objects.exists()


def test_what_an_entry_says_otherwise_is_english_throughout(item: AgendaItem) -> None:
    weaker()
    told = [
        re.findall(r'<tbody lang="en">.*?</tbody>', response.content.decode(), re.DOTALL)
        for language in ("en", "de")
        if (response := member(language=language).get(reverse("boards:replay", args=[item.pk])))
    ]
    assert told[0] == told[1]
    assert "Recommended" in told[0][0]


@pytest.mark.parametrize("name", ["figures", "changed", "replay", "follow-up"])
def test_in_german(item: AgendaItem, name: str) -> None:
    get(name, item if name in ("replay", "follow-up") else item.meeting.board, language="de")


def test_every_word_is_a_message_or_evidence(item: AgendaItem, pseudo_client: Client) -> None:
    board, ada = item.meeting.board, account("ada")
    refused = a_meeting(board, a_case(board, "Colon 8", received=["folfox"])).items.get()
    decide(refused)
    for n, each in enumerate((item, refused)):
        course = Course(FOLFIRI, THIS, "", "goes-on", "PR", "no", "", "alive", THIS)
        actions.record_follow_up(each, based_on=0, course=course, by=ada)
        if not n:
            again = Course(FOLFIRI, THIS, THIS, "death", "PD", "yes", THIS, "dead", THIS)
            actions.record_follow_up(each, based_on=1, course=again, by=ada)
    known = in_force().with_names("NEC board", *NAMED)
    pseudo_client.force_login(ada)

    def look() -> None:
        for name, row in (("figures", board), ("changed", board), ("replay", item), ("follow-up", item)):
            response = pseudo_client.get(reverse(f"boards:{name}", args=[row.pk]), {"release": item.version.release_id})
            assert untranslated(response.content.decode(), known) == [], name
        response = pseudo_client.post(reverse("boards:follow-up", args=[item.pk]), COURSE | {"started_in": "x"})
        assert untranslated(response.content.decode(), known) == []

    look()
    weaker()
    look()
    without("folfox")
    look()
    response = pseudo_client.get(reverse("boards:replay", args=[refused.pk]))
    assert untranslated(response.content.decode(), known) == []


NAMED = (
    "Colon 7",
    "Colon 8",
    "ada",
    "ben",
    "chair",
    "curator",
    "shipped",
    "weaker",
    "without folfox",
    "JSON",
    "PR",
    "CR",
    "x",
)
