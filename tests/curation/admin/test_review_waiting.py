"""What waits for a person's review, the bulk decision, and what became of one's own proposals."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from curation import actions
from curation.models import Entry, Proposal
from tests.factories.accounts import signed_in
from tests.factories.curation import REASON, content, declared, proposed, somebody
from tests.pages import shown

pytestmark = pytest.mark.django_db

WAITING = "/admin/waiting/"
LIST = "/admin/regimens/proposal/"


def trials(by: User, count: int, day: str = "2026-11-01") -> list[Proposal]:
    keys = Entry.objects.filter(kind="trials").values_list("key", flat=True)[:count]
    return [proposed(by, "trials", key, looked_up_on=day) for key in keys]


class TestWaiting:
    def test_others_proposals_by_kind_the_oldest_first(self, ada: User, ben: User, as_ben: Client) -> None:
        trial = trials(ada, 1)[0]
        proposed(ada, "regimens", "topotecan", name="Topotecan, renamed")
        proposed(ada)
        proposed(ben, "regimens", "captem", name="Mine")
        said = shown(as_ben.get(WAITING))
        order = [said.index(text) for text in ("3 open", "Topotecan, renamed", "FOLFIRI, renamed", trial.key)]
        assert order == sorted(order)
        assert "Mine" not in said[: said.index("My own proposals")]

    def test_each_with_what_it_is_how_much_and_whether_others_compete(self, ada: User, as_ben: Client) -> None:
        proposed(ada, name="One", setting="comparator")
        assert "One change 2 Read again. ada" in shown(as_ben.get(WAITING))
        proposed(somebody("cleo"), name="Two")
        assert "One change competing: 1 other 2" in shown(as_ben.get(WAITING))

    def test_the_count_is_on_the_start_page_and_in_the_header(self, ada: User, as_ada: Client, as_ben: Client) -> None:
        proposed(ada)
        proposed(ada, "regimens", "topotecan", name="Other")
        page = as_ben.get("/admin/").content.decode()
        assert "(2)" in page
        assert "Waiting for my review: <strong>2</strong>" in page
        assert "Waiting for my review: <strong>0</strong>" in as_ada.get("/admin/").content.decode()

    def test_the_header_says_how_many_changes_are_asked_of_oneself(
        self, ada: User, ben: User, as_ada: Client, as_ben: Client
    ) -> None:
        asked = proposed(ada)
        actions.ask_for_change(asked, by=ben, comment="Name the dose.")
        assert "Changes asked of me: <strong>1</strong>" in as_ada.get("/admin/").content.decode()
        assert "Changes asked of me" not in as_ben.get("/admin/").content.decode()
        assert "A change was asked for: ada makes it" in shown(as_ben.get(f"{LIST}{asked.pk}/change/"))
        actions.revise(asked, content=content("regimens", "folfiri", name="Again"), by=ada)
        assert "Changes asked of me" not in as_ada.get("/admin/").content.decode()

    def test_filtered_by_kind_and_by_who_proposed(self, ada: User, as_ben: Client) -> None:
        cleo = somebody("cleo")
        proposed(ada, "regimens", "topotecan", name="From Ada")
        proposed(cleo, name="From Cleo")
        trials(cleo, 1)
        said = shown(as_ben.get(WAITING, {"kind": "regimens", "proposer": str(cleo.pk)}))
        assert "1 open" in said and "From Cleo" in said and "From Ada" not in said
        assert "3 open" in shown(as_ben.get(WAITING, {"kind": "nonsense", "proposer": "x' OR 1=1"}))
        assert "Nothing waits for you of this kind and person." in shown(as_ben.get(WAITING, {"proposer": "nobody"}))

    def test_pages(self, ada: User, as_ben: Client) -> None:
        trials(ada, 30)
        assert "Page 1 of 2 Next" in shown(as_ben.get(WAITING))
        page = as_ben.get(WAITING, {"page": 2, "kind": "trials"})
        assert "Previous Page 2 of 2" in shown(page)
        assert "?kind=trials&amp;page=1" in page.content.decode()

    def test_ones_own_and_what_became_of_them(self, ada: User, ben: User, as_ada: Client) -> None:
        asked = proposed(ada)
        actions.ask_for_change(asked, by=ben, comment="Which table?")
        actions.reject(proposed(ada, "regimens", "topotecan", name="Other"), by=ben, comment="No.")
        response = as_ada.get(WAITING)
        said = shown(response)
        assert "Regimen FOLFIRI, renamed change change asked for by ben Make the change Which table?" in said
        assert "rejected by ben No." in said
        assert f'href="/admin/edit/regimens/folfiri/?proposal={asked.pk}"' in response.content.decode()
        assert said.count("Make the change") == 1

    def test_a_statement_that_is_missing_or_lapses_is_said(self, ada: User) -> None:
        proposed(ada)
        said = shown(signed_in(somebody("cleo", declares="")).get(WAITING))
        assert "no current statement of interests" in said and "FOLFIRI, renamed" in said
        dan = somebody("dan", declares="")
        declared(dan, 345)
        response = signed_in(dan).get(WAITING)
        assert "Your statement of interests lapses in 20 days." in shown(response)
        assert response.content.decode().count("lapses in 20 days") == 2  # in the header, too

    def test_it_is_for_who_may_review(self, db: None) -> None:
        assert signed_in(somebody("pat", "Publisher")).get(WAITING).status_code == 403
        assert Client().get(WAITING).status_code == 302

    def test_a_bounded_number_of_queries(self, ada: User, as_ben: Client) -> None:
        counts = []
        for count, day in ((1, "2026-11-02"), (20, "2026-11-03")):
            trials(ada, count, day)
            with CaptureQueriesContext(connection) as queries:
                as_ben.get(WAITING)
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 18


def accept_selected(client: Client, proposals: list[Proposal], **more: Any) -> Any:
    chosen = {"action": "accept_selected", "_selected_action": [row.pk for row in proposals]}
    return client.post(LIST, chosen | more)


class TestBulk:
    def test_they_are_shown_in_words_before_anything_is_accepted(self, ada: User, ben: User, as_ben: Client) -> None:
        own = proposed(ben, "regimens", "captem", name="My own")
        found = [proposed(ada), *trials(ada, 1), own]
        response = accept_selected(as_ben, found)
        said = shown(response)
        assert "Regimen FOLFIRI, renamed: change" in said and "name FOLFIRI FOLFIRI, renamed" in said
        assert "looked up on" in said
        assert "Left out, since you proposed them" in said and "Accept 2, each on its own" in said
        named = re.findall(r'name="_selected_action" value="(\d+)"', response.content.decode())
        assert named == [str(row.pk) for row in found[:2]]
        assert Proposal.objects.filter(status="proposed").count() == 3

    def test_each_is_accepted_on_its_own_with_its_result(self, ada: User, as_ben: Client) -> None:
        rejected, good, rival = proposed(ada), *trials(ada, 1), proposed(ada, "regimens", "captem", name="A")
        second = proposed(ada, "regimens", "captem", name="B")
        own = proposed(somebody("ben"), "regimens", "topotecan", name="Mine")
        actions.reject(rejected, by=somebody("cleo"), comment="No.")
        response = accept_selected(as_ben, [rejected, good, rival, second, own], confirmed="yes", comment="All read.")
        said = shown(response)
        assert f"trial {good.key}, proposal {good.pk} accepted" in said
        assert "1 competing proposal is superseded" in said
        assert f"proposal {second.pk} not accepted This proposal is already superseded." in said
        assert f"proposal {own.pk} not accepted Somebody other than the proposer has to decide." in said
        states = {row.pk: (row.status, row.comment) for row in Proposal.objects.all()}
        assert states[good.pk] == ("accepted", "All read.")
        assert states[own.pk] == ("proposed", "")
        assert states[second.pk][0] == "superseded"
        assert Event.objects.filter(action="accept").count() == 2

    def test_entries_come_before_those_that_name_them(self, ada: User, as_ben: Client) -> None:
        regimen = content("regimens", "folfiri", slug="newer", name="Newer")
        indication = content("indications", "captem-lower-ki67") | {"key": "newer-one", "regimen": "newer"}
        changes = [
            actions.Change("indications", "newer-one", indication),
            actions.Change("regimens", "newer", regimen),
        ]
        made = [one.proposal for one in actions.propose_all(changes, by=ada, **REASON)]
        said = shown(accept_selected(as_ben, made, confirmed="yes"))
        assert "not accepted" not in said
        assert {row.status for row in Proposal.objects.all()} == {"accepted"}

    def test_what_breaks_a_rule_alone_is_told_with_its_problems(self, ada: User, as_ben: Client) -> None:
        regimen = content("regimens", "folfiri", slug="newer", name="Newer")
        indication = content("indications", "captem-lower-ki67") | {"key": "newer-one", "regimen": "newer"}
        changes = [
            actions.Change("regimens", "newer", regimen),
            actions.Change("indications", "newer-one", indication),
        ]
        made = actions.propose_all(changes, by=ada, **REASON)
        said = shown(accept_selected(as_ben, [made[1].proposal], confirmed="yes"))
        assert "not accepted The evidence base would break its own rules" in said and "newer" in said

    def test_without_a_statement_it_is_not_offered(self, ada: User) -> None:
        response = accept_selected(signed_in(somebody("cleo", declares="")), [proposed(ada)])
        assert "no current statement of interests" in shown(response)
        assert 'name="confirmed"' not in response.content.decode()

    def test_at_most_fifty_at_once(self, ada: User, as_ben: Client) -> None:
        found = trials(ada, 52)
        said = shown(accept_selected(as_ben, found))
        assert "here are the oldest 50 of 52" in said and "Accept 50, each on its own" in said

    def test_it_is_offered_to_who_may_review(self, ada: User, as_ben: Client) -> None:
        proposal = proposed(ada)
        assert "Accept the selected" in as_ben.get(LIST).content.decode()
        pat = signed_in(somebody("pat", "Publisher"))
        assert "Accept the selected" not in pat.get(LIST).content.decode()
        accept_selected(pat, [proposal], confirmed="yes")
        proposal.refresh_from_db()
        assert proposal.is_open

    def test_the_page_between_takes_a_bounded_number_of_queries(self, ada: User, as_ben: Client) -> None:
        found = trials(ada, 20)
        accept_selected(as_ben, found[:1])  # what is kept from then on counts for neither
        counts = []
        for rows in (found[:2], found):
            with CaptureQueriesContext(connection) as queries:
                accept_selected(as_ben, rows)
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 18

    def test_the_list_says_what_each_is(self, ada: User, as_ben: Client) -> None:
        proposed(ada)
        key = Entry.objects.filter(kind="trials").first().key
        actions.propose_retirement(kind="trials", key=key, by=ada, **REASON)
        said = shown(as_ben.get(LIST))
        assert "folfiri regimen change proposed ada" in said
        assert f"{key} trial retirement proposed ada" in said
        assert reverse("admin:regimens_proposal_changelist") == LIST
