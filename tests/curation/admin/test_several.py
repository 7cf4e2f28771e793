"""Several proposals decided on together: all of them or none, an event each."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from audit.models import Event
from curation import actions
from curation.models import Entry, Proposal
from tests.factories.accounts import signed_in
from tests.factories.curation import proposed, somebody
from tests.pages import shown

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

PAGE = "/admin/waiting/several/"


def decide(client: Client, rows: list[Proposal], decision: str, **more: str) -> Any:
    return client.post(PAGE, {"selected": [row.pk for row in rows], "decision": decision, **more})


@pytest.fixture
def two(ada: User) -> list[Proposal]:
    return [proposed(ada), proposed(ada, "regimens", "topotecan", name="Other")]


def states() -> list[str]:
    return [*Proposal.objects.order_by("pk").values_list("status", flat=True)]


def test_they_are_shown_in_words_first(as_ben: Client, two: list[Proposal]) -> None:
    assert 'name="selected"' in as_ben.get("/admin/waiting/").content.decode()
    page = as_ben.get(PAGE, {"selected": [row.pk for row in two]})
    assert "FOLFIRI, renamed" in shown(page)
    assert "Accept all of them" in shown(page)
    assert "Withdraw all of them" not in shown(page)
    assert states() == ["proposed"] * 2


@pytest.mark.parametrize(
    ("decision", "status", "action"),
    [
        ("accept", "accepted", "accept"),
        ("reject", "rejected", "reject"),
        ("ask-for-change", "change-asked", "ask-for-change"),
    ],
)
def test_each_with_its_reason_and_its_event(
    as_ben: Client, two: list[Proposal], decision: str, status: str, action: str
) -> None:
    own = {f"comment-{two[0].pk}": "This one."}
    assert decide(as_ben, two, decision, comment="The others.", **own).status_code == 302
    assert states() == [status] * 2
    assert [*Proposal.objects.order_by("pk").values_list("comment", flat=True)] == ["This one.", "The others."]
    assert Event.objects.filter(action=action).count() == 2


def test_withdrawn_by_who_proposed_them(as_ada: Client, two: list[Proposal]) -> None:
    page = shown(as_ada.get(PAGE, {"selected": [row.pk for row in two]}))
    assert "Withdraw all of them" in page
    assert "Accept all of them" not in page
    assert decide(as_ada, two, "withdraw", comment="Read again.").status_code == 302
    assert states() == ["withdrawn"] * 2
    assert {event.details["comment"] for event in Event.objects.filter(action="withdraw")} == {"Read again."}


@pytest.mark.parametrize("decision", ["accept", "reject", "ask-for-change", "withdraw"])
def test_all_or_none(as_ben: Client, ben: User, two: list[Proposal], decision: str) -> None:
    """One's own among those of others, or the other way round; nothing is decided and each says why."""
    mixed = [*two, proposed(ben, "regimens", "captem", name="Mine")]
    before, events = Entry.objects.count(), Event.objects.count()
    names = [*Entry.objects.order_by("pk").values_list("sha256", flat=True)]
    refused = decide(as_ben, mixed, decision, comment="All read.")
    assert refused.status_code == 409
    said = shown(refused)
    assert "Nothing was decided" in said
    assert (
        "Only the proposer may withdraw it." if decision == "withdraw" else "Somebody other than the proposer"
    ) in said
    assert "All read." in said
    assert states() == ["proposed"] * 3
    assert (Entry.objects.count(), Event.objects.count()) == (before, events)
    assert [*Entry.objects.order_by("pk").values_list("sha256", flat=True)] == names


def test_rivals_cannot_be_accepted_together(as_ben: Client, ada: User, two: list[Proposal]) -> None:
    rival = proposed(ada, name="FOLFIRI, otherwise")
    refused = decide(as_ben, [*two, rival], "accept")
    assert refused.status_code == 409
    assert "already superseded" in shown(refused)
    assert states() == ["proposed"] * 3


def test_a_reason_is_asked_for(as_ben: Client, two: list[Proposal]) -> None:
    refused = decide(as_ben, two, "reject", **{f"comment-{two[0].pk}": "No."})
    assert refused.status_code == 409
    assert shown(refused).count("A comment is required.") == 1
    assert states() == ["proposed"] * 2


def test_what_is_decided_already_is_left_out_and_nonsense_is_not_found(as_ben: Client, two: list[Proposal]) -> None:
    actions.reject(two[0], by=somebody("cleo"), comment="No.")
    page = shown(as_ben.get(PAGE, {"selected": [two[0].pk, two[1].pk]}))
    assert "1 of the selected is left out" in page
    assert "Nothing is selected that is still open." in shown(
        as_ben.get(PAGE, {"selected": ["x", "99999999999", "-1"]})
    )
    assert decide(as_ben, two, "burn").status_code == 422


def test_who_may_not_decide_may_not_do_so_together(two: list[Proposal]) -> None:
    assert decide(signed_in(somebody("pat", "Publisher")), two, "accept").status_code == 403
    unsaid = decide(signed_in(somebody("cleo", declares="")), two, "accept")
    assert unsaid.status_code == 409
    assert "no current statement" in shown(unsaid)
    assert states() == ["proposed"] * 2
