"""An entry's page: what it says, its versions, two of them side by side, and a former one proposed again."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curation import actions
from curation.models import Entry, Proposal
from tests.factories.accounts import signed_in
from tests.factories.curation import REASON, agree, proposed, rename_folfiri, somebody
from tests.pages import shown

pytestmark = pytest.mark.django_db

AGAIN = {"reason": "The former name was right.", "source": "https://example.org/paper"}


def page_of(entry: Entry) -> str:
    return reverse("admin:regimens_entry_change", args=[entry.pk])


def version_page(entry: Entry, version: Any) -> str:
    return reverse("admin:regimens_entry_version", args=[entry.pk, version.pk])


def retired(kind: str = "trials") -> Entry:
    key = Entry.objects.filter(kind=kind).first().key
    made = actions.propose_retirement(kind=kind, key=key, reason="Never opened.", source="A letter", by=somebody("ada"))
    return actions.accept(made.proposal, by=somebody("ben")).entry


class TestEntry:
    def test_it_says_everything_in_words(self, as_ben: Client) -> None:
        said = shown(as_ben.get(page_of(Entry.objects.get(key="captem-lower-ki67"))))
        assert "Indication captem-lower-ki67" in said and "when" in said and "Ki-67 below 55 %" in said
        assert "in force" in said and "as shipped" in said

    def test_versions_say_who_when_why_and_by_which_proposal(self, as_ben: Client) -> None:
        entry = rename_folfiri()
        response = as_ben.get(page_of(entry))
        said = shown(response)
        assert "Versions: 2" in said
        assert f"ada, accepted by ben Read again. proposal {entry.proposal.pk} as it is now" in said
        assert reverse("admin:regimens_proposal_change", args=[entry.proposal.pk]) in response.content.decode()
        assert said.count("Propose this version again") == 1

    def test_any_two_versions_side_by_side_the_older_one_first(self, as_ben: Client) -> None:
        entry = rename_folfiri("First")
        rename_folfiri("Second")
        agree("regimens", "folfiri", setting="comparator")
        numbers = list(entry.history.order_by("history_id").values_list("pk", flat=True))
        for then, now in ((numbers[1], numbers[3]), (numbers[3], numbers[1])):
            said = shown(as_ben.get(page_of(entry), {"then": then, "now": now}))
            assert "Two versions side by side" in said
            assert "name First Second" in said and "setting Later line Comparator" in said

    @pytest.mark.parametrize("given", [{"then": "x", "now": "1"}, {"then": "999999", "now": "999999"}, {"then": "1"}])
    def test_what_is_no_version_shows_none(self, as_ben: Client, given: dict[str, str]) -> None:
        response = as_ben.get(page_of(rename_folfiri()), given)
        assert response.status_code == 200 and "Two versions side by side" not in shown(response)

    def test_versions_of_another_entry_are_not_compared(self, as_ben: Client) -> None:
        other = Entry.objects.get(kind="regimens", key="topotecan").history.first()
        response = as_ben.get(page_of(rename_folfiri()), {"then": other.pk, "now": other.pk})
        assert "Two versions side by side" not in shown(response)

    def test_a_retired_one_is_marked_here_and_in_the_list(self, as_ben: Client) -> None:
        entry = retired()
        said = shown(as_ben.get(page_of(entry)))
        assert "retired since" in said and "Never opened." in said and "Edit form" not in said
        listed = shown(as_ben.get("/admin/regimens/entry/", {"state": "retired"}))
        assert "1 entry" in listed and entry.key in listed
        in_force = Entry.objects.filter(retired_at=None).count()
        assert in_force == Entry.objects.count() - 1
        assert f"{in_force} entries" in shown(as_ben.get("/admin/regimens/entry/", {"state": "in-force"}))

    def test_open_proposals_are_linked(self, ada: User, as_ben: Client) -> None:
        proposal = proposed(ada)
        said = shown(as_ben.get(page_of(Entry.objects.get(key="folfiri"))))
        assert f"proposal {proposal.pk} by ada: Read again." in said

    @pytest.mark.parametrize(
        ("kind", "key", "address"),
        [
            ("regimens", "folfiri", "/options/folfiri/"),
            ("indications", "folfiri-digestive", "/options/folfiri/#indications-heading"),
            ("biomarkers", "msi-mmr", "/biomarkers/msi-mmr/"),
        ],
    )
    def test_the_public_page_is_linked_and_there(self, as_ben: Client, kind: str, key: str, address: str) -> None:
        page = as_ben.get(page_of(Entry.objects.get(kind=kind, key=key))).content.decode()
        assert f'href="{address}"' in page
        assert as_ben.get(address).status_code == 200

    @pytest.mark.parametrize("kind", ["publications", "guidelines", "trials"])
    def test_so_it_is_for_the_other_kinds(self, as_ben: Client, kind: str) -> None:
        entry = Entry.objects.filter(kind=kind).first()
        page = as_ben.get(page_of(entry)).content.decode()
        address = {
            "publications": f"/evidence/{entry.key}/",
            "guidelines": f"/guidelines/#{entry.key}",
            "trials": f"/trials/?q={entry.key}",
        }[kind]
        assert f'href="{address}"' in page
        assert entry.key in as_ben.get(address).content.decode()

    def test_a_bounded_number_of_queries_however_many_versions(self, as_ben: Client) -> None:
        counts = []
        as_ben.get(page_of(rename_folfiri("Name")))  # what is kept from then on counts for none
        for number in range(4):
            entry = rename_folfiri(f"Name {number}")
            with CaptureQueriesContext(connection) as queries:
                as_ben.get(page_of(entry))
            counts.append(len(queries))
        assert len(set(counts)) == 1
        assert counts[0] <= 14

    def test_addresses_by_kind_and_key(self, as_ben: Client) -> None:
        for entry in (Entry.objects.filter(kind=kind).first() for kind in ("regimens", "trials", "publications")):
            for name in ("entry-of", "edit-entry"):
                address = reverse(f"admin:{name}", args=[entry.kind, entry.key])
                assert as_ben.get(address, follow=True).status_code == 200
        assert as_ben.get(reverse("admin:entry-of", args=["regimens", "nothing"])).status_code == 404
        assert as_ben.get(reverse("admin:edit-entry", args=["nothing", "folfiri"])).status_code == 404
        new = as_ben.get(reverse("admin:edit-entry", args=["regimens", "new-one"]), {"proposal": 3})
        assert new.url == "/admin/regimens/regimen/add/?proposal=3"


class TestAgain:
    def test_a_former_version_is_proposed_with_reason_and_source(self, as_ada: Client) -> None:
        entry = rename_folfiri()
        former = entry.history.earliest()
        said = shown(as_ada.get(version_page(entry, former)))
        assert "name FOLFIRI, renamed FOLFIRI" in said and "What this version says" in said
        response = as_ada.post(version_page(entry, former), AGAIN)
        proposal = Proposal.objects.get(status="proposed")
        assert response.url == reverse("admin:regimens_proposal_change", args=[proposal.pk])
        assert (proposal.values["name"], proposal.proposer.username) == ("FOLFIRI", "ada")
        assert (proposal.reason, proposal.source) == (AGAIN["reason"], AGAIN["source"])
        assert Entry.objects.get(key="folfiri").values["name"] == "FOLFIRI, renamed"
        assert "Another person decides on it." in shown(as_ada.get(response.url))

    def test_a_retired_entry_comes_back_so(self, as_ada: Client, ben: User) -> None:
        entry = retired()
        assert "this would bring it back" in shown(as_ada.get(version_page(entry, entry.history.earliest())))
        as_ada.post(version_page(entry, entry.history.earliest()), AGAIN)
        proposal = Proposal.objects.get(status="proposed")
        said = shown(signed_in(ben).get(reverse("admin:regimens_proposal_change", args=[proposal.pk])))
        assert "back from retirement" in said
        actions.accept(proposal, by=ben)
        entry.refresh_from_db()
        assert entry.retired_at is None

    @pytest.mark.parametrize("missing", ["reason", "source"])
    def test_reason_and_source_are_required(self, as_ada: Client, missing: str) -> None:
        entry = rename_folfiri()
        response = as_ada.post(version_page(entry, entry.history.earliest()), AGAIN | {missing: " "})
        assert response.status_code == 422 and "This field is required." in shown(response)
        assert not Proposal.objects.filter(status="proposed").exists()

    def test_what_is_refused_is_said_with_what_was_typed(self, as_ada: Client) -> None:
        entry = rename_folfiri()
        as_ada.post(version_page(entry, entry.history.earliest()), AGAIN)
        response = as_ada.post(version_page(entry, entry.history.earliest()), AGAIN)
        assert response.status_code == 422
        assert "the same has already been proposed" in shown(response)
        assert AGAIN["source"] in response.content.decode()

    def test_the_version_in_force_is_nothing_to_propose(self, as_ada: Client) -> None:
        entry = rename_folfiri()
        response = as_ada.get(version_page(entry, entry.history.latest()))
        assert "The entry says this now." in shown(response) and 'name="reason"' not in response.content.decode()

    def test_it_takes_the_permission(self, db: None) -> None:
        entry = rename_folfiri()
        pat = signed_in(somebody("pat", "Publisher"))
        assert "no permission to propose" in shown(pat.get(version_page(entry, entry.history.earliest())))
        assert pat.post(version_page(entry, entry.history.earliest()), AGAIN).status_code == 403

    def test_another_entrys_version_is_not_found(self, as_ada: Client) -> None:
        entry, other = rename_folfiri(), Entry.objects.get(kind="regimens", key="topotecan")
        assert as_ada.get(version_page(entry, other.history.first())).status_code == 404
        assert as_ada.post(version_page(entry, other.history.first()), AGAIN | REASON).status_code == 404
