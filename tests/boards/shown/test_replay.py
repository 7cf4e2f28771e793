"""A decided case on later releases: what moved, which change moved it, and for which cases the first option changed."""

from __future__ import annotations

from io import StringIO
from itertools import count
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from audit.guard import RECORDS
from audit.models import Event
from boards.actions.replays import Progress, replay_decisions
from boards.models import AgendaItem, CaseVersion, Replay
from boards.receivers import replay_on
from boards.shown.replay import (
    Reproduction,
    Tracing,
    account,
    as_shown,
    changed_items,
    decided_items,
    release_in_use,
    releases_since,
    reproduction,
    standing_on,
    waiting_for,
)
from boards.shown.stored_ranking import Frozen, knowledge_of
from curation.actions import publishing
from curation.review.effect import differences
from regimens.models import KnowledgeRelease
from regimens.rules.rank_changes import places
from regimens.rules.ranking import rank
from regimens.signals import release_in_force
from tests.factories.boards import a_board, a_case, a_meeting, an_item, decide, erased
from tests.factories.curation import content
from tests.factories.replays import DIGESTIVE, WALTER, agreed, tamper, weaker, without

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


@pytest.fixture
def item() -> AgendaItem:
    item = an_item()
    decide(item)
    return AgendaItem.objects.select_related("version", "case").get(pk=item.pk)


class TestTheRankingThatWasShown:
    @pytest.mark.parametrize(
        "entered",
        [
            {},
            {"preference": "survival"},
            {"evidence": "nec"},
            {"primary_site": "lung"},
            {"braf_v600e": "positive"},
        ],
    )
    def test_is_made_again(self, entered: dict[str, str]) -> None:
        version = a_case(a_board(), **entered).current
        assert version.evidence == ("nec-only" if "evidence" in entered else "all")
        assert reproduction(Frozen(version)) is Reproduction.SAME
        assert standing_on(version, knowledge_of(version.release_id)) == as_shown(Frozen(version))

    def test_it_is_said_when_it_is_not(self, item: AgendaItem) -> None:
        tamper(item.version)
        version = CaseVersion.objects.get(pk=item.version_id)
        assert version.ranked.options[0].rank == 2
        assert reproduction(Frozen(version)) is Reproduction.ANOTHER
        found = account(Frozen(version), standing_on(version, knowledge_of(version.release_id)))
        assert found.changes == () and found.moved and all(moved.is_software and not moved.by for moved in found.moved)

    def test_the_command_checks_them_all(self, item: AgendaItem) -> None:
        out, err = StringIO(), StringIO()
        call_command("replay_decisions", "--check", stdout=out, stderr=err)
        assert out.getvalue() == "1 of 1 rankings are reproduced: numbers to 1e-9, all else exactly.\n"
        tamper(item.version)
        with pytest.raises(SystemExit):
            call_command("replay_decisions", "--check", stdout=out, stderr=err)
        assert str(item.version) in err.getvalue() and "0 of 1" in out.getvalue()


class TestAnotherRelease:
    @pytest.mark.parametrize("entered", [{}, {"preference": "tolerability"}, {"evidence": "nec"}])
    def test_what_moved_is_laid_at_the_door_of_the_change(self, entered: dict[str, str]) -> None:
        version = a_case(a_board(), **entered).current
        release = weaker()
        frozen, now = Frozen(version), standing_on(version, knowledge_of(release.pk))
        known = knowledge_of(release.pk)
        known = known.nec_only if entered.get("evidence") else known
        again = rank(known.patient(version.features), known, version.preference, draws=False)
        assert now.places == places(again)
        found = account(frozen, now)
        assert {change.key for change in found.changes} == {DIGESTIVE, WALTER}
        folfiri = next(moved for moved in found.moved if moved.slug == "folfiri")
        assert [change.key for change in folfiri.by] == [DIGESTIVE]
        assert (folfiri.move.before.rank, folfiri.move.before.band) == (1, "recommended")
        assert folfiri.move.after.band == "supported"
        assert not any(moved.is_software for moved in found.moved)

    def test_nothing_moves_where_only_words_changed(self, item: AgendaItem) -> None:
        agreed("publications", WALTER, content("publications", WALTER, title="Another title"))
        release, _ = publishing.publish("words")
        found = account(Frozen(item.version), standing_on(item.version, knowledge_of(release.pk)))
        assert found.moved == () and len(found.changes) == 1

    def test_a_patient_whose_regimen_is_gone_is_refused_in_words(self) -> None:
        version = a_case(a_board(), received=["folfox"]).current
        now = standing_on(version, knowledge_of(without("folfox").pk))
        assert now.first == "" and not now.places
        assert [problem.features for problem in now.refusal] == [("prior_regimens",)]
        found = account(Frozen(version), now)
        assert not found.moved and found.tracing is Tracing.REFUSED and found.changes

    def test_an_option_that_is_gone_moved_to_nowhere(self, item: AgendaItem) -> None:
        now = standing_on(item.version, knowledge_of(without("folfox").pk))
        found = account(Frozen(item.version), now)
        gone = next(moved for moved in found.moved if moved.slug == "folfox")
        assert gone.move.after is None and gone.by and ("regimens", "folfox") in {(c.kind, c.key) for c in gone.by}

    def test_a_new_regimen_with_its_indication_is_traced(self, item: AgendaItem) -> None:
        then = knowledge_of(item.version.release_id)
        new = content("regimens", "folfox") | {"slug": "folfox-new", "name": "FOLFOX, new"}
        rule = content("indications", DIGESTIVE) | {"key": "folfox-new-digestive", "regimen": "folfox-new"}
        for kind, key, values in (("regimens", "folfox-new", new), ("indications", rule["key"], rule)):
            agreed(kind, key, values)
        release, _ = publishing.publish("new regimen")
        now = standing_on(item.version, knowledge_of(release.pk))
        found = account(Frozen(item.version), now)
        assert len(list(differences(then.document, now.knowledge.document))) == 2
        moved = next(each for each in found.moved if each.slug == "folfox-new")
        assert found.tracing is Tracing.DONE and moved.move.before is None

    def test_those_that_came_into_force_since_are_offered(self, item: AgendaItem) -> None:
        assert [each.name for each in releases_since(item.version)] == ["shipped"]
        weaker()
        assert [each.name for each in releases_since(item.version)] == ["shipped", "weaker"]


class TestTheList:
    def test_names_the_cases_whose_first_option_changed(self, item: AgendaItem, django_assert_num_queries: Any) -> None:
        board = item.meeting.board
        anal = a_meeting(board, a_case(board, "Anal 1", primary_site="anal"), a_case(board, "Colon 9"))
        decide(anal.items.first())
        release = weaker()
        progress = replay_decisions(release.pk)
        assert progress.made == 2 and progress.left == 0
        with django_assert_num_queries(1):
            rows = list(changed_items(release.pk, meeting__board=board))
        firsts = {row.pk: row.now_first for row in rows}
        expected = {
            each.pk: standing_on(each.version, knowledge_of(release.pk)).first_name
            for each in (item, anal.items.first())
            if standing_on(each.version, knowledge_of(release.pk)).first != each.version.first_option
        }
        assert firsts == expected and item.pk in firsts and progress.changed == len(expected)

    def test_is_of_the_newest_decision_and_not_of_what_waits(self, item: AgendaItem) -> None:
        board = item.meeting.board
        again = a_meeting(board, item.case).items.get()
        assert list(decided_items(meeting__board=board)) == [item]
        decide(again)
        assert list(decided_items(meeting__board=board)) == [again]
        other = a_board("Another board")
        assert not decided_items(meeting__board=other).exists()

    def test_a_version_of_the_release_itself_needs_no_replay(self, item: AgendaItem) -> None:
        assert not waiting_for(item.version.release_id).exists()
        release = weaker()
        late = a_meeting(item.meeting.board, a_case(item.meeting.board, "Late 1")).items.get()
        decide(late, reason="other", reason_words="As planned.")
        assert [version.pk for version in waiting_for(release.pk)] == [item.version_id]

    def test_a_refused_patient_is_on_it(self) -> None:
        board = a_board()
        item = a_meeting(board, a_case(board, received=["folfox"])).items.get()
        decide(item)
        release = without("folfox")
        assert replay_decisions(release.pk).made == 1
        (row,) = changed_items(release.pk, meeting__board=board)
        assert row.is_refused and row.now_first == ""

    def test_erasing_takes_the_replays_along(self, item: AgendaItem) -> None:
        release = weaker()
        replay_decisions(release.pk)
        assert Replay.objects.count() == 1
        erased(item)
        assert Replay.objects.count() == 0 and not changed_items(release.pk).exists()
        assert not waiting_for(release.pk).exists()


class TestWhenItIsComputed:
    def test_when_a_release_comes_into_force(self, item: AgendaItem) -> None:
        release = weaker()
        answers = release_in_force.send_robust(sender=KnowledgeRelease, release=release)
        assert [answer for _receiver, answer in answers] == [None]
        assert Replay.objects.get().is_first_changed
        event = Event.objects.first()
        assert (event.action, event.by, event.subject) == ("replay-decisions", None, "weaker")
        assert event.details.items() >= {"release": release.sha256, "replayed": 1, "first_changed": 1}.items()

    def test_a_release_that_is_damaged_does_no_harm(self, item: AgendaItem, caplog: pytest.LogCaptureFixture) -> None:
        with RECORDS.open():
            release = publishing._add("damaged", b"not what its digest says", "0" * 64, timezone.now(), None)
        replay_on(None, release)
        assert Replay.objects.count() == 0 and "run manage.py replay_decisions" in caplog.text

    def test_no_longer_than_it_may_take(self, item: AgendaItem, monkeypatch: pytest.MonkeyPatch) -> None:
        board = item.meeting.board
        for label in ("Colon 8", "Colon 9"):
            decide(a_meeting(board, a_case(board, label)).items.get())
        release = weaker()
        assert replay_decisions(release.pk, seconds=0) == Progress(0, 0, 3)
        clock = count()  # each look at the clock, of which there is one before each batch and after each patient
        monkeypatch.setattr("boards.actions.replays.time.monotonic", lambda: next(clock))
        assert replay_decisions(release.pk, seconds=3) == Progress(2, 2, 1, 4)
        monkeypatch.undo()
        assert replay_decisions(release.pk) == Progress(1, 1, 0, 2)

    def test_by_the_command_once_and_again(self, item: AgendaItem) -> None:
        weaker()
        out = StringIO()
        for _time in range(2):
            call_command("replay_decisions", stdout=out)
        call_command("replay_decisions", "--again", stdout=out)
        made = [line.split()[0] for line in out.getvalue().splitlines()]
        assert made == ["1", "0", "1"] and Replay.objects.count() == 1
        call_command("replay_decisions", "--release", "shipped", stdout=out)
        assert Replay.objects.count() == 1

    def test_within_one_board(self, item: AgendaItem) -> None:
        other = a_board("Another board")
        decide(a_meeting(other, a_case(other, "Colon 8")).items.get())
        release = weaker()
        assert release_in_use() == release.pk
        assert replay_decisions(release.pk, case__board=other).made == 1
        assert replay_decisions(release.pk, case__board=other, again=True).made == 1
        assert waiting_for(release.pk).count() == 1
