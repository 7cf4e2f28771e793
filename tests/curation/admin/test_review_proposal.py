"""The page of a proposal: what it would change, in words, and the decision on it by another person."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.actions import exclusive
from audit.models import Event
from curation import actions
from curation.accepted import text_of
from curation.admin.addresses import edit_address
from curation.models import Entry, Proposal
from regimens.rules.knowledge import KnowledgeError
from tests.factories.accounts import signed_in
from tests.factories.curation import REASON, agree, content, proposed, somebody
from tests.pages import shown

pytestmark = pytest.mark.django_db


def page_of(proposal: Proposal) -> str:
    return reverse("admin:regimens_proposal_change", args=[proposal.pk])


def decide(client: Client, proposal: Proposal, decision: str, comment: str = "", **more: Any) -> Any:
    address = reverse("admin:regimens_proposal_decide", args=[proposal.pk])
    return client.post(address, {"decision": decision, "comment": comment, **more})


def buttons(response: Any) -> set[str]:
    page = response.content.decode()
    return {name for name in ("accept", "reject", "ask-for-change", "withdraw") if f'value="{name}"' in page}


class TestWhatIsShown:
    def test_a_change_stands_beside_what_is_in_force(self, ada: User, as_ben: Client) -> None:
        response = as_ben.get(page_of(proposed(ada)))
        said = shown(response)
        assert "Regimen FOLFIRI, renamed: change" in said
        assert "name FOLFIRI FOLFIRI, renamed" in said
        assert "In force Proposed" in said
        assert "Read again." in said and "by ada" in said
        assert 'href="https://example.org/paper" rel="noopener noreferrer"' in response.content.decode()

    def test_a_source_that_is_no_address_is_no_link(self, ada: User, as_ben: Client) -> None:
        values = content("regimens", "folfiri", name="Other")
        source = "javascript:alert(1)"
        made = actions.propose(kind="regimens", key="folfiri", content=values, reason="x", source=source, by=ada)
        page = as_ben.get(page_of(made.proposal)).content.decode()
        assert source in page and f'href="{source}' not in page

    def test_what_people_wrote_is_escaped(self, ada: User, as_ben: Client) -> None:
        proposal = proposed(ada, name="<script>alert(1)</script>")
        page = as_ben.get(page_of(proposal)).content.decode()
        assert "<script>alert" not in page and "&lt;script&gt;" in page

    def test_a_criterion_is_shown_as_the_sentence_it_reads_as(self, ada: User, as_ben: Client) -> None:
        when = {"feature": "ecog", "at_most": 1}
        proposal = proposed(ada, "indications", "captem-lower-ki67", when=when)
        said = shown(as_ben.get(page_of(proposal)))
        assert "Ki-67 below 55 %" in said and "ECOG at most 1" in said

    def test_a_new_entry_has_one_column(self, ada: User, as_ben: Client) -> None:
        values = content("regimens", "folfiri", slug="folfiri-new", name="Newer")
        proposal = actions.propose(kind="regimens", key="folfiri-new", content=values, by=ada, **REASON).proposal
        said = shown(as_ben.get(page_of(proposal)))
        assert "Regimen Newer: new" in said
        assert "What the entry would say" in said and "In force Proposed" not in said
        assert "nothing: it is a new entry" in said
        assert "Public page" not in said

    def test_a_retirement_says_what_goes(self, ada: User, as_ben: Client) -> None:
        key = Entry.objects.filter(kind="trials").first().key
        proposal = actions.propose_retirement(kind="trials", key=key, by=ada, **REASON).proposal
        said = shown(as_ben.get(page_of(proposal)))
        assert "retirement" in said and "What would be retired" in said and key in said

    def test_it_links_the_entry_the_public_page_and_the_edit_form(self, ada: User, as_ben: Client) -> None:
        page = as_ben.get(page_of(proposed(ada))).content.decode()
        assert 'href="/options/folfiri/"' in page
        entry, edit = reverse("admin:entry-of", args=["regimens", "folfiri"]), "/admin/edit/regimens/folfiri/"
        assert f'href="{entry}"' in page and f'href="{edit}"' in page
        assert as_ben.get("/options/folfiri/").status_code == 200
        assert as_ben.get(entry, follow=True).status_code == 200
        assert as_ben.get(edit, follow=True).status_code == 200

    def test_competing_proposals_are_linked_with_what_they_change(self, ada: User, ben: User, as_ben: Client) -> None:
        first, second = proposed(ada), proposed(ben, name="Another name", setting="comparator")
        response = as_ben.get(page_of(first))
        said = shown(response)
        assert page_of(second) in response.content.decode()
        assert "Competing proposals: 1" in said and "Another name" in said
        assert "Changes the same: name." in said

    def test_who_read_other_figures_is_nothing_that_both_change(self, ada: User, ben: User, as_ben: Client) -> None:
        key = "morken-2023-everolimus-temozolomide"
        cohorts = [content("publications", key)["results"] for _ in range(2)]
        cohorts[0][0]["os"], cohorts[1][0]["pfs"] = 25.0, 14.8
        first, _ = (proposed(by, "publications", key, results=new) for by, new in zip((ada, ben), cohorts, strict=True))
        said = shown(as_ben.get(page_of(first)))
        assert "OS 25 mo" in said and "PFS 14.8 mo" in said
        assert "Changes the same" not in said

    def test_who_proposed_what_was_superseded_sees_what_is_left_of_it(
        self, ada: User, ben: User, as_ada: Client, as_ben: Client
    ) -> None:
        left, rival = proposed(ada, setting="comparator"), proposed(ben, name="Another name")
        actions.accept(rival, by=somebody("cleo"))
        response = as_ada.get(page_of(left))
        said = shown(response)
        assert "The same beside the entry as it is in force now" in said and "Propose anew" in said
        assert f'href="{edit_address("regimens", "folfiri")}" class="button"' in response.content.decode()
        assert "Propose anew" not in shown(as_ben.get(page_of(left)))
        assert f"by proposal {rival.pk}" in shown(as_ada.get("/admin/waiting/"))

    def test_long_texts_are_marked_where_they_differ(self, ada: User, as_ben: Client) -> None:
        text = content("indications", "captem-lower-ki67")["rationale"]
        proposal = proposed(ada, "indications", "captem-lower-ki67", rationale=f"{text} Seen twice.")
        page = as_ben.get(page_of(proposal)).content.decode()
        assert "<mark>" in page and "Seen twice.</mark>" in page

    def test_what_was_decided_says_by_whom_and_on_what(self, ada: User, ben: User, as_ada: Client) -> None:
        proposal = proposed(ada)
        actions.accept(proposal, by=ben, comment="Checked.")
        agree("regimens", "folfiri", name="Later")
        response = as_ada.get(page_of(proposal))
        said = shown(response)
        assert "accepted by ben" in said and "Checked." in said
        assert "name FOLFIRI FOLFIRI, renamed" in said
        assert "Later" not in said
        assert buttons(response) == set()

    def test_a_bounded_number_of_queries_whoever_competes(self, ada: User, as_ben: Client) -> None:
        proposal = proposed(ada)
        counts = []
        for more in range(3):
            with CaptureQueriesContext(connection) as queries:
                as_ben.get(page_of(proposal))
            counts.append(len(queries))
            proposed(ada, name=f"Name {more}")
        assert len(set(counts)) == 1
        assert counts[0] <= 20

    def test_it_is_for_who_may_see_proposals(self, ada: User) -> None:
        proposal = proposed(ada)
        nobody = User.objects.create_user("nobody", is_staff=True)
        assert signed_in(nobody).get(page_of(proposal)).status_code == 403
        assert decide(signed_in(nobody), proposal, "accept").status_code == 403
        assert Client().get(page_of(proposal)).status_code == 302

    def test_none_of_that_number_leads_back(self, as_ben: Client) -> None:
        assert as_ben.get(reverse("admin:regimens_proposal_change", args=[999_999])).status_code == 302
        assert as_ben.post(reverse("admin:regimens_proposal_decide", args=[999_999])).status_code == 302


class TestWhoMayDecide:
    def test_another_curator_with_a_statement(self, ada: User, as_ben: Client) -> None:
        assert buttons(as_ben.get(page_of(proposed(ada)))) == {"accept", "reject", "ask-for-change"}

    def test_ones_own_is_withdrawn_and_not_decided(self, ada: User, as_ada: Client) -> None:
        response = as_ada.get(page_of(proposed(ada)))
        assert buttons(response) == {"withdraw"}
        assert "You proposed this: another person decides on it." in shown(response)

    def test_without_a_statement_one_is_led_to_declare(self, ada: User) -> None:
        cleo = signed_in(somebody("cleo", declares=""))
        response = cleo.get(page_of(proposed(ada)))
        assert buttons(response) == set()
        assert "no current statement of interests" in shown(response)
        assert f'href="{reverse("admin:interests")}"' in response.content.decode()

    def test_without_the_permission_one_is_told(self, ada: User) -> None:
        response = signed_in(somebody("pat", "Publisher")).get(page_of(proposed(ada)))
        assert buttons(response) == set()
        assert "no permission to decide" in shown(response)


class TestDecisions:
    def test_accepted_without_a_comment(self, ada: User, as_ben: Client) -> None:
        proposal = proposed(ada)
        response = decide(as_ben, proposal, "accept")
        assert response.status_code == 302 and response.url == reverse("admin:waiting")
        proposal.refresh_from_db()
        assert (proposal.status, proposal.reviewer.username) == ("accepted", "ben")
        assert Entry.objects.get(key="folfiri").values["name"] == "FOLFIRI, renamed"
        assert "Accepted: regimen folfiri" in shown(as_ben.get(response.url))

    def test_accepting_says_what_it_superseded(self, ada: User, as_ben: Client) -> None:
        first, second = proposed(ada), proposed(ada, name="Other")
        response = as_ben.get(decide(as_ben, first, "accept").url)
        assert "1 competing proposal is superseded" in shown(response)
        said = shown(as_ben.get(page_of(second)))
        assert "superseded" in said and f"by proposal {first.pk}" in said

    @pytest.mark.parametrize(("decision", "status"), [("reject", "rejected"), ("ask-for-change", "change-asked")])
    def test_no_and_not_yet_need_a_comment(self, ada: User, as_ben: Client, decision: str, status: str) -> None:
        proposal = proposed(ada)
        response = decide(as_ben, proposal, decision, "  ")
        assert response.status_code == 422
        assert "A comment is required." in shown(response)
        assert decide(as_ben, proposal, decision, "Wrong table.").status_code == 302
        proposal.refresh_from_db()
        assert (proposal.status, proposal.comment) == (status, "Wrong table.")

    def test_who_is_asked_for_a_change_is_led_to_make_it(self, ada: User, as_ada: Client, as_ben: Client) -> None:
        proposal = proposed(ada)
        decide(as_ben, proposal, "ask-for-change", "Which table?")
        revise = f"/admin/edit/regimens/folfiri/?proposal={proposal.pk}"
        assert revise in as_ada.get(page_of(proposal)).content.decode()
        assert revise not in as_ben.get(page_of(proposal)).content.decode()
        assert as_ada.get(revise).url.endswith(f"?proposal={proposal.pk}")
        revised = actions.revise(proposal, content=content("regimens", "folfiri", name="Better"), by=ada).proposal
        assert revise not in as_ada.get(page_of(proposal)).content.decode()
        said = shown(as_ben.get(page_of(revised)))
        assert f"proposal {proposal.pk} , for which a change was asked: Which table?" in said

    def test_withdrawn_by_who_proposed_it_alone(self, ada: User, as_ada: Client, as_ben: Client) -> None:
        proposal = proposed(ada)
        assert decide(as_ben, proposal, "withdraw").status_code == 403
        assert decide(as_ada, proposal, "withdraw").status_code == 302
        proposal.refresh_from_db()
        assert proposal.status == "withdrawn"

    def test_what_is_refused_comes_back_with_what_was_typed(self, ada: User, as_ben: Client) -> None:
        """The regimen that an indication names is retired meanwhile, so that accepting it breaks a rule."""
        values = content("regimens", "folfiri", slug="folfiri-new", name="Newer")
        new = actions.propose(kind="regimens", key="folfiri-new", content=values, by=ada, **REASON).proposal
        actions.accept(new, by=somebody("ben"))
        indication = content("indications", "captem-lower-ki67") | {"key": "mine", "regimen": "folfiri-new"}
        proposal = actions.propose(kind="indications", key="mine", content=indication, by=ada, **REASON).proposal
        gone = actions.propose_retirement(kind="regimens", key="folfiri-new", by=ada, **REASON).proposal
        actions.accept(gone, by=somebody("ben"))
        response = decide(as_ben, proposal, "accept", "I read it <twice>.")
        assert response.status_code == 422
        said = shown(response)
        assert "would break its own rules" in said and "folfiri-new" in said
        assert "I read it &lt;twice&gt;.</textarea>" in response.content.decode()
        proposal.refresh_from_db()
        assert proposal.is_open

    def test_what_is_stale_is_said_and_superseded(self, ada: User, as_ben: Client) -> None:
        proposal = proposed(ada)
        shipped_anew(name="As shipped now")
        said = shown(as_ben.get(page_of(proposal)))
        assert "The entry changed since this was proposed" in said
        assert "The same beside the entry as it is in force now" in said and "As shipped now" in said
        response = decide(as_ben, proposal, "accept", "Fine.")
        assert response.status_code == 409
        said = shown(response)
        assert "the proposal is superseded" in said and "You had written: Fine." in said
        proposal.refresh_from_db()
        assert proposal.status == "superseded"
        assert Entry.objects.get(key="folfiri").values["name"] == "As shipped now"

    def test_what_was_decided_meanwhile_is_said(self, ada: User, as_ben: Client) -> None:
        proposal = proposed(ada)
        actions.reject(proposal, by=somebody("cleo"), comment="No.")
        response = decide(as_ben, proposal, "accept", "Yes.")
        assert response.status_code == 409
        said = shown(response)
        assert "is already rejected" in said and "You had written: Yes." in said

    @pytest.mark.parametrize("decision", ["", "publish", "__class__"])
    def test_no_such_decision_changes_nothing(self, ada: User, as_ben: Client, decision: str) -> None:
        proposal = proposed(ada)
        assert decide(as_ben, proposal, decision).status_code == 422
        proposal.refresh_from_db()
        assert proposal.is_open

    def test_a_form_without_its_token_decides_nothing(self, ada: User, ben: User, strict_client: Client) -> None:
        proposal = proposed(ada)
        strict_client.force_login(ben)
        assert decide(strict_client, proposal, "accept").status_code == 403
        proposal.refresh_from_db()
        assert proposal.is_open

    def test_each_is_an_event_with_its_address(self, ada: User, as_ben: Client) -> None:
        decide(as_ben, proposed(ada), "accept")
        event = Event.objects.first()
        assert (event.action, event.by.username, event.address) == ("accept", "ben", "127.0.0.1")


class TestEffect:
    def test_it_is_worked_out_on_demand_the_worst_first(self, ada: User, as_ben: Client) -> None:
        proposal = proposed(ada, "drugs", "irinotecan", cautions=[])
        assert "would be." not in shown(as_ben.get(page_of(proposal)))
        said = shown(as_ben.get(page_of(proposal), {"effect": "shown"}))
        assert "options move for 2 reference patients, with another first option for 1 ; nothing moves for 28" in said
        assert "“Not suitable” 1, in “Recommended for this patient”" in said
        assert "Nab-paclitaxel with bevacizumab was first; FOLFIRI would be." in said

    def test_nothing_that_moves_is_said(self, ada: User, as_ben: Client) -> None:
        said = shown(as_ben.get(page_of(proposed(ada)), {"effect": "shown"}))
        assert "Nothing moves for any of the 30 reference patients." in said

    def test_what_cannot_be_ranked_is_said(self, ada: User, as_ben: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*given: Any, **options: Any) -> None:
            raise KnowledgeError("too little evidence")

        monkeypatch.setattr("curation.admin.proposals.effects.effects", refuse)
        said = shown(as_ben.get(page_of(proposed(ada)), {"effect": "shown"}))
        assert "cannot be ranked with this alone" in said and "too little evidence" in said


def shipped_anew(**changes: Any) -> None:
    """As the loader does when the shipped files changed: an open proposal on it is stale then."""
    text, sha256 = text_of(content("regimens", "folfiri", **changes))
    with exclusive():
        Entry.objects.filter(key="folfiri").update(content=text, sha256=sha256)
