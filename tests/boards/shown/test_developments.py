"""What a release says of decisions that are watched: what is raised, once, and whether it speaks against them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import Event
from boards import actions
from boards.actions.replays import replay_decisions
from boards.choice import Choice
from boards.models import GUARD, AgendaItem, Decision, Development
from boards.plans import Step
from boards.shown.developments import standing_order
from boards.shown.replay import watched_decisions
from curation.actions import publishing
from curation.actions.reinstatement import ask_to_reinstate, confirm_reinstatement
from regimens.models import KnowledgeRelease
from tests.databases import without_triggers
from tests.factories.boards import FOLFIRI, FOLFOX, a_board, a_case, a_meeting, account, an_item, decide
from tests.factories.curation import content
from tests.factories.replays import DIGESTIVE, WALTER, agreed, weaker, without

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

TRIAL = "NCT04429087"  # whose state no page gave
DEPARTS = {"reason": "other", "reason_words": "As the patient wishes."}


@pytest.fixture
def item() -> AgendaItem:
    return an_item()


def published(kind: str, key: str, name: str, **changes: Any) -> KnowledgeRelease:
    agreed(kind, key, content(kind, key, **changes))
    return publishing.publish(name)[0]


def cautioned(when: dict[str, Any], text: str) -> KnowledgeRelease:
    """A release on which FOLFIRI has a further caution."""
    of_it = {"section": None, "label": None, "extrapolated": False, "url": "https://example.org/label", "read_on": None}
    caution = {"when": when, "level": "caution", "text": text} | of_it
    return published(
        "regimens", "folfiri", "cautioned", cautions=[*content("regimens", "folfiri")["cautions"], caution]
    )


def raised(release: KnowledgeRelease) -> list[tuple[str, str, bool]]:
    """Replay the decisions, twice, and say what that raised."""
    replay_decisions(release.pk)
    found = list(Development.objects.filter(release=release).order_by("kind", "option"))
    assert replay_decisions(release.pk).made == 0
    replay_decisions(release.pk, again=True)
    assert Development.objects.filter(release=release).count() == len(found)
    return [(each.kind, each.option, each.undermines) for each in found]


class TestStanding:
    def test_lost_and_gained_back(self, item: AgendaItem) -> None:
        decision = decide(item)
        lost = weaker()
        assert raised(lost) == [
            ("lost-standing", "folfiri", True),
            ("other-first", "nab-paclitaxel-bevacizumab", True),
        ]
        row = Development.objects.get(kind="lost-standing")
        assert (row.decision, row.before, row.after) == (decision, "recommended 1", "supported =3")
        event = Event.objects.filter(action="replay-decisions").last()
        assert event.details.items() >= {"raised": 2, "undermining": 2}.items()
        assert "folfiri" not in str(event.details).lower()
        same = published("publications", WALTER, "words", title="A further title")
        assert raised(same) == []
        back = published("indications", DIGESTIVE, "back", stance="recommend")
        assert raised(back) == [("gained-standing", "folfiri", False), ("other-first", "folfiri", False)]
        assert Development.objects.get(kind="gained-standing").before == "supported =3"

    def test_a_choice_that_was_not_first_is_left_alone_by_another_first(self, item: AgendaItem) -> None:
        decide(item, FOLFOX, **DEPARTS)
        found = raised(weaker())
        assert ("other-first", "nab-paclitaxel-bevacizumab", False) in found
        assert all(option != "folfiri" for _kind, option, _undermines in found)

    def test_the_choice_that_becomes_first_is_confirmed(self, item: AgendaItem) -> None:
        decide(item, Choice("ranked", "nab-paclitaxel-bevacizumab"), **DEPARTS)
        assert raised(weaker()) == [
            ("gained-standing", "nab-paclitaxel-bevacizumab", False),
            ("other-first", "nab-paclitaxel-bevacizumab", False),
        ]

    def test_each_option_of_a_plan_is_watched_but_what_was_given_up(self, item: AgendaItem) -> None:
        decision = decide(item, steps=[Step(FOLFOX, "later"), Step(Choice("ranked", "folfirinox"), "at the end")])
        given_up = decision.steps.get(option="folfirinox")
        actions.record_progress(given_up, state="not-done", not_done="not-funded", by=account("ada"))
        found = {option for kind, option, _undermines in raised(weaker()) if kind.endswith("standing")}
        assert "folfiri" in found and "folfirinox" not in found

    def test_equal_places_are_no_change_and_better_bands_come_first(self) -> None:
        assert standing_order("supported =4") == standing_order("supported 4")
        standings = ["recommended 1", "recommended 2", "supported 1", "trial-only", "limited =9", "needs-test"]
        standings += ["no-evidence", "unsuitable", "gone"]
        assert sorted(standings, key=standing_order) == standings

    def test_what_is_gone_lost_standing(self, item: AgendaItem) -> None:
        decide(item, FOLFOX, **DEPARTS)
        assert ("lost-standing", "folfox", True) in raised(without("folfox"))
        assert Development.objects.get(kind="lost-standing").after == "gone"

    def test_a_patient_who_is_refused_is_raised_once(self) -> None:
        board = a_board()
        decide(a_meeting(board, a_case(board, received=["folfox"])).items.get())
        assert raised(without("folfox")) == [("not-ranked", "", True)]

    def test_a_release_that_was_in_force_before_is_told_from_the_one_between(self, item: AgendaItem) -> None:
        decide(item)
        first = item.version.release
        raised(weaker())
        asked = ask_to_reinstate(first, reason="It was better.", by=account("publisher", "Publisher"))
        confirm_reinstatement(asked, by=account("another", "Publisher"))
        assert raised(first) == [("gained-standing", "folfiri", False), ("other-first", "folfiri", False)]


class TestOtherNews:
    def test_a_caution_that_is_new(self, item: AgendaItem) -> None:
        decide(item)
        release = cautioned({"feature": "ecog", "at_most": 4}, "Read anew in 2027.")
        assert raised(release) == [("new-caution", "folfiri", True)]
        assert Development.objects.get().after == "Read anew in 2027."
        assert raised(published("publications", WALTER, "words", title="A title")) == []

    def test_a_caution_that_cannot_be_checked_is_new_too(self, item: AgendaItem) -> None:
        decide(item)
        assert "autoimmune_active" not in item.version.features
        when = {"feature": "autoimmune_active", "is": True}
        assert raised(cautioned(when, "Not asked yet.")) == [("new-caution", "folfiri", True)]

    def test_a_caution_that_does_not_hold_is_none(self, item: AgendaItem) -> None:
        decide(item)
        assert raised(cautioned({"feature": "ecog", "at_least": 4}, "For others.")) == []

    def test_a_trial_that_closes_and_opens_and_one_of_which_nothing_is_known(self, item: AgendaItem) -> None:
        decide(item, Choice("trial", TRIAL), **DEPARTS)
        open_ = published("trials", TRIAL, "open", status_as_seen="recruiting")
        assert raised(open_) == [("trial-opened", TRIAL, False)]
        assert raised(published("trials", TRIAL, "not known", status_as_seen="unknown")) == []
        closed = published("trials", TRIAL, "closed", status_as_seen="terminated")
        assert raised(closed) == [("trial-closed", TRIAL, True)]
        row = Development.objects.get(kind="trial-closed")
        assert (row.before, row.after) == ("recruiting", "terminated")

    def test_a_retraction_behind_the_choice_and_behind_what_stood_beside_it(self, item: AgendaItem) -> None:
        decide(item)
        notice = {"kind": "retraction", "text": "Retracted", "url": "https://example.org/retraction"}
        behind = published("publications", WALTER, "retracted", notice=notice)
        assert ("retracted", "folfiri", True) in raised(behind)
        assert Development.objects.get(kind="retracted", option="folfiri").after == WALTER
        other = published("publications", "zhang-2025-nabpaclitaxel", "another", notice=notice)
        assert [each for each in raised(other) if each[0] == "retracted"] == [("retracted", "", False)]


class TestWhichDecisions:
    def test_the_one_in_force_of_a_case_that_is_neither_erased_nor_closed(self, item: AgendaItem) -> None:
        first = decide(item)
        second = decide(item, based_on=1)
        assert list(watched_decisions()) == [second]
        release = weaker()
        replay_decisions(release.pk)
        assert set(Development.objects.values_list("decision", flat=True)) == {second.pk} and first.number == 1
        third = decide(item, FOLFIRI, based_on=2)
        replay_decisions(release.pk)  # what is decided after the replay is watched as well
        assert third.developments.count() == 2
        actions.erase(item.case, even_if_decided=True, by=account("chair"))
        assert not watched_decisions().exists()
        assert set(Development.objects.values_list("before", "after")) == {("", "")}

    def test_none_whose_watch_is_closed(self, item: AgendaItem) -> None:
        decide(item)
        with GUARD.open():
            AgendaItem.objects.update(watch_closed_at=timezone.now(), watch_closed_by=account("ada"))
        assert raised(weaker()) == []

    def test_a_ranking_that_is_damaged_is_logged_and_stops_no_other(
        self, item: AgendaItem, caplog: pytest.LogCaptureFixture
    ) -> None:
        decide(item)
        board = item.meeting.board
        other = decide(a_meeting(board, a_case(board, "Colon 8")).items.get())
        with without_triggers(), connection.cursor() as cursor:
            cursor.execute("UPDATE boards_caseversion SET sha256 = %s WHERE id = %s", ["0" * 64, item.version_id])
        assert {option for _kind, option, _ in raised(weaker())} == {"folfiri", "nab-paclitaxel-bevacizumab"}
        assert set(Development.objects.values_list("decision", flat=True)) == {other.pk}
        assert "is not watched" in caplog.text and "Colon" not in caplog.text

    def test_no_release_but_the_one_in_force_raises_anything(self, item: AgendaItem) -> None:
        decide(item)
        former = weaker()
        published("indications", DIGESTIVE, "back", stance="recommend")
        assert replay_decisions(former.pk).made == 1
        assert Development.objects.count() == 0

    def test_one_decided_earlier_than_the_replay_and_never_two(self, item: AgendaItem) -> None:
        decision: Decision = decide(item)
        release = weaker()
        replay_decisions(release.pk)
        replay_decisions(release.pk, again=True)
        assert decision.developments.count() == 2
