"""What a look makes of an answer: what is new and why, what is known, what changed; and until when it was searched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.actions import exclusive
from audit.errors import ActionRefused, NotAllowed
from audit.models import Event
from audit.sentences import tell
from curation import actions
from curation.errors import AlreadyDecided
from curation.models import FindingReason, Proposal, SavedSearch, SearchLook, SurveyFinding
from curation.surveillance import deciding
from curation.surveillance.looking import LookedMeanwhile, newest_look
from curation.surveillance.searches import keep_search, load_shipped
from regimens.models import SearchedUntil
from regimens.models.choices import SurveySource
from regimens.reported import searched_until
from tests.factories.curation import REASON, content, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

NOW = timezone.now


class TestALook:
    def test_finds_what_is_new_and_says_why(self, look: Any) -> None:
        looked = look()
        assert [one.pmid for one in looked.findings] == ["41000001", "41000002"]
        reason = FindingReason.objects.get(finding__pmid="41000001")
        assert (str(reason.search), reason.words) == (
            "NEC, later lines",
            ["neuroendocrine carcinoma*", "refractory", "relapsed"],
        )
        assert (looked.look.answered, looked.look.known) == (3, 1)
        event = Event.objects.get(action="survey")
        assert str(tell([event])[0]).startswith("looked at the search NEC, later lines")

    def test_names_the_study_that_is_held_under_the_same_register_number(self, look: Any) -> None:
        assert [one.same_study for one in look().findings] == ["", "walter-2023-bevanec"]

    @pytest.mark.parametrize("name", ["records.xml", "records.nbib", "records.csv"])
    def test_finds_nothing_twice_in_whichever_form_it_comes(self, look: Any, name: str) -> None:
        look()
        assert look(name).findings == ()
        assert SurveyFinding.objects.count() == 2

    def test_says_of_what_was_found_before_that_another_search_found_it_too(self, look: Any) -> None:
        look()
        assert look(key="nec-markers").findings == ()
        assert FindingReason.objects.filter(finding__pmid="41000001").count() == 2

    def test_passes_over_what_somebody_proposed(self, look: Any, ada: User) -> None:
        values = content("publications", "walter-2023-bevanec") | {
            "key": "lind-2026-irinotecan", "pmid": None, "doi": "10.9999/MADE.up.1", "title": "Another title",
            "study": None, "study_key": None, "results": [], "review_ref": None,
        }  # fmt: skip
        actions.propose(kind="publications", key="lind-2026-irinotecan", content=values, by=ada, **REASON)
        assert [one.pmid for one in look().findings] == ["41000002"]

    def test_of_a_feed_keeps_what_has_a_word_of_the_search(self, look: Any, ada: User) -> None:
        words = ["neuroendocrine*"]
        given = {"source": "feed", "query": "https://agency.example.org/feed", "since": None, "is_active": True}
        keep_search(None, key="agency", name="An agency", words=words, by=ada, **given)
        assert [one.title for one in look("feed.xml", "agency").findings] == ["Opinion on tarlatamab"]

    def test_is_not_of_a_day_to_come(self, look: Any) -> None:
        with pytest.raises(ActionRefused, match="to come"):
            look(until=timezone.localdate() + timedelta(days=1))

    def test_of_two_that_ask_at_once_one_is_recorded(self, search: SavedSearch, look: Any) -> None:
        after = newest_look(search)
        look(after=after)
        with pytest.raises(LookedMeanwhile):
            look("records.nbib", after=after)
        assert SearchLook.objects.count() == 1

    def test_that_fails_leaves_nothing(self, look: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("curation.surveillance.looking.record", lambda *_: 1 / 0)
        with pytest.raises(TypeError):
            look()
        assert not SearchLook.objects.exists() and not SurveyFinding.objects.exists()

    def test_asks_for_the_permission(self, look: Any) -> None:
        with pytest.raises(NotAllowed):
            look(by=somebody("dora", "Clinician"))


class TestAHeldTrial:
    KEY = "NCT07999901"

    @pytest.fixture(autouse=True)
    def held(self, ada: User, ben: User) -> None:
        values = content("trials", "NCT05882058") | {
            "nct": self.KEY, "status_as_seen": "not-yet-recruiting", "url": f"https://clinicaltrials.gov/study/{self.KEY}",
            "looked_up_on": "2026-01-01",
        }  # fmt: skip
        proposal = actions.propose(kind="trials", key=self.KEY, content=values, by=ada, **REASON).proposal
        actions.accept(proposal, by=ben)

    def test_that_stands_otherwise_is_found_once(self, look: Any) -> None:
        found = look("studies.csv", "held-trials").findings
        assert [(one.kind, one.held) for one in found] == [("changed", self.KEY)]
        assert look("studies.csv", "nec-registered-trials").findings == ()

    def test_that_was_looked_up_later_is_left(self, look: Any) -> None:
        looked = look("studies.csv", "held-trials", until=timezone.datetime(2025, 12, 1).date())
        assert (looked.findings, looked.look.unchanged) == ((), [self.KEY])

    def test_is_proposed_as_the_register_has_it(self, look: Any, ada: User) -> None:
        finding = look("studies.csv", "held-trials").findings[0]
        deciding.include([finding], by=ada, now=NOW())
        made = deciding.propose_found(finding, by=ada)
        assert made.proposal.values["status_as_seen"] == "recruiting"
        assert made.proposal.values["intervention"] == content("trials", self.KEY)["intervention"]


class TestDeciding:
    def test_moves_the_day_until_which_it_was_searched(self, look: Any, search: SavedSearch, ada: User) -> None:
        first, second = look().findings
        today = timezone.localdate()
        assert searched_until() == ()
        deciding.include([first], by=ada, now=NOW())
        assert searched_until() == ()
        deciding.exclude([second], reason="same-data", by=ada, now=NOW())
        search.refresh_from_db()
        assert search.searched_until == today
        assert searched_until() == (("PubMed", today),)

    def test_a_source_is_searched_until_its_earliest_search(self, look: Any, ada: User) -> None:
        earlier = timezone.localdate() - timedelta(days=40)
        look("studies.csv", "dll3-registered-trials", until=earlier)
        found = look("studies.csv", "nec-registered-trials")
        assert found.findings == ()  # found before, by the other search: nobody has looked at it yet
        assert not SearchedUntil.objects.exists()
        deciding.exclude(SurveyFinding.objects.all(), reason="off-topic", by=ada, now=NOW())
        assert SearchedUntil.objects.get().until == earlier

    def test_what_comes_later_counts_as_seen_and_comes_back(self, look: Any, ada: User) -> None:
        findings = look().findings
        day = timezone.localdate() + timedelta(days=30)
        deciding.defer(findings, until=day, note="Ask the authors.", by=ada, now=NOW())
        assert searched_until()[0][1] == timezone.localdate()
        deciding.include(findings[:1], by=ada, now=NOW())
        row = SurveyFinding.objects.get(pk=findings[0].pk)
        assert (row.state, row.later_until, row.note) == ("included", None, "")

    def test_what_somebody_decided_stays(self, look: Any, ada: User, ben: User) -> None:
        findings = look().findings
        deciding.include(findings[:1], by=ada, now=NOW())
        with pytest.raises(AlreadyDecided):
            deciding.exclude(findings, reason="review", by=ben, now=NOW())
        assert SurveyFinding.objects.filter(state="undecided").count() == 1
        deciding.reopen(findings[0], by=ben)
        deciding.exclude(findings, reason="review", by=ben, now=NOW())
        assert Event.objects.filter(action="exclude-found").count() == 1

    @pytest.mark.parametrize(
        ("how", "given"),
        [
            (deciding.exclude, {"reason": ""}),
            (deciding.exclude, {"reason": "no such"}),
            (deciding.exclude, {"reason": "other"}),
            (deciding.defer, {"until": None}),
            (deciding.defer, {"until": timezone.localdate()}),
        ],
    )
    def test_says_why_and_when(self, look: Any, ada: User, how: Any, given: dict[str, Any]) -> None:
        with pytest.raises(ActionRefused):
            how(look().findings, by=ada, now=NOW(), **given)
        assert SurveyFinding.objects.filter(state="undecided").count() == 2

    def test_an_included_paper_is_proposed_once(self, look: Any, ada: User) -> None:
        finding = look().findings[0]
        with pytest.raises(ActionRefused, match="included"):
            deciding.propose_found(finding, by=ada)
        deciding.include([finding], by=ada, now=NOW())
        made = deciding.propose_found(finding, by=ada)
        assert made.proposal.key == "lind-2026-irinotecan"
        assert made.proposal.values["pmid"] == "41000001"
        with pytest.raises(ActionRefused, match="held or proposed"):
            deciding.propose_found(finding, by=ada)
        assert Proposal.objects.filter(key__startswith="lind-2026").count() == 1


class TestSearches:
    def test_another_query_begins_anew(self, look: Any, search: SavedSearch, ada: User) -> None:
        deciding.exclude(look().findings, reason="off-topic", by=ada, now=NOW())
        fields = ("key", "name", "source", "query", "words", "since", "is_active")
        given = {name: getattr(search, name) for name in fields}
        changed = keep_search(search, by=ada, **given | {"query": "another[ti]"})
        assert (changed.searched_until, newest_look(changed)) == (None, None)
        details = Event.objects.get(action="keep-search").details
        assert details["changed"] == {"query": [search.query, "another[ti]"]}

    @pytest.mark.parametrize(
        "wrong",
        [
            {"key": "Not a key"},
            {"key": "nec-later-line"},
            {"name": " "},
            {"source": "google"},
            {"query": ""},
            {"source": "pubmed-held"},
            {"source": "feed", "query": "http://agency.example.org"},
            {"source": "feed", "query": "https://agency.example.org", "words": ["!"]},
            {"words": [f"word{n}" for n in range(100)]},
        ],
    )
    def test_what_cannot_be_searched_is_refused(self, search: SavedSearch, ada: User, wrong: dict[str, Any]) -> None:
        given = {"key": "mine", "name": "Mine", "source": "pubmed", "query": "nec", "words": [], "since": None}
        with pytest.raises(ActionRefused):
            keep_search(None, by=ada, is_active=True, **given | wrong)
        assert not SavedSearch.objects.filter(key="mine").exists()

    def test_shipped_ones_come_once_and_leave_what_is_here(self, search: SavedSearch) -> None:
        assert {one.source for one in SavedSearch.objects.all()} == set(SurveySource) - {"feed"}
        assert load_shipped(by=None) == []


@pytest.mark.parametrize(
    "harm",
    [
        lambda: SearchLook.objects.update(answered=0),
        lambda: SearchLook.objects.all()._raw_delete("default"),
        lambda: FindingReason.objects.all()._raw_delete("default"),
        lambda: SurveyFinding.objects.update(title="Another"),
        lambda: SurveyFinding.objects.all()._raw_delete("default"),
        lambda: SavedSearch.objects.all()._raw_delete("default"),
    ],
)
def test_the_database_keeps_what_was_found(look: Any, harm: Any) -> None:
    look()
    with pytest.raises(IntegrityError, match="never"), transaction.atomic(), exclusive():
        harm()
