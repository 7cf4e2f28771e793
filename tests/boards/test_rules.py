"""What was shown, voted, decided and signed stays as it was, whatever writes to the database; tried on both of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from boards import actions
from boards.models import (
    GUARD,
    AgendaItem,
    Ballot,
    Board,
    Case,
    CaseVersion,
    Decision,
    Meeting,
    Membership,
    Presence,
    Signature,
)
from tests.factories.boards import FOLFIRI, FOLFOX, a_board, a_case, a_meeting, account, an_item, decide, entered

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


@dataclass
class There:
    """A board whose case was voted on anonymously, decided and signed; another case that waits; and an open meeting."""

    board: Board
    item: AgendaItem
    waiting: AgendaItem
    decision: Decision
    open: AgendaItem


@pytest.fixture
def there() -> There:
    board = a_board(blind_first=True)
    case, other = a_case(board), a_case(board, "Colon 8")
    meeting = a_meeting(board, case, other)
    item, waiting = meeting.items.all()
    actions.vote(item, choice=FOLFIRI, by=account("ada"))
    actions.close_vote(item, by=account("chair"))
    decision = decide(item)
    actions.sign(decision, by=account("ada"))
    actions.sign(decision, by=account("ben"))
    actions.add_version(other, based_on=1, snapshot=entered(ecog="2"), by=account("ada"))
    third = a_meeting(board, a_case(board, "Colon 9"), fixed=False).items.get()
    return There(board, item, waiting, decision, third)


def rows(model: Any, **values: Any) -> Callable[[There], Any]:
    """Change every row of a table."""
    return lambda there: model.objects.update(**values)


def gone(model: Any) -> Callable[[There], Any]:
    return lambda there: model.objects.all()._raw_delete("default")


def other_version(there: There) -> CaseVersion:
    return there.waiting.case.versions.get(number=2)


def a_decision(there: There, item: AgendaItem, **values: Any) -> Decision:
    given = {"number": 1, "kind": "other", "words": "x", "is_recommended": False, "reason": "other"} | values
    return Decision.objects.create(item=item, decided_by=account("ada"), **given)


def a_ballot(item: AgendaItem, **values: Any) -> Ballot:
    chosen = {"first_kind": "other", "first_words": "x", "final_kind": "other", "final_words": "x"}
    return Ballot.objects.create(id=uuid.uuid4(), item=item, **chosen | values)


REFUSED: dict[str, Callable[[There], Any]] = {
    "a version changed": rows(CaseVersion, notes="Other"),
    "a version's ranking changed": rows(CaseVersion, sha256="0" * 64),
    "a version deleted": gone(CaseVersion),
    "a case deleted": gone(Case),
    "a case on another board": lambda there: Case.objects.update(board=a_board("Another")),
    "another case's version as the newest": lambda there: Case.objects.filter(pk=there.item.case_id).update(
        current=other_version(there)
    ),
    "an erased case with a label": lambda there: Case.objects.filter(pk=there.open.case_id).update(status="erased"),
    "a second version 1": lambda there: CaseVersion.objects.create(
        case=there.item.case, number=1, features={}, ranking=b"", sha256="0" * 64, preference="balanced",
        release=there.item.version.release, created_by=account("ada"),
    ),
    "a meeting that votes otherwise": rows(Meeting, blind_first=False),
    "a meeting that names voters": rows(Meeting, ballots="anonymous"),
    "an agenda opened after a vote": lambda there: Meeting.objects.filter(pk=there.item.meeting_id).update(
        fixed_at=None, fixed_by=None
    ),
    "a late item": lambda there: AgendaItem.objects.create(
        meeting=there.item.meeting, case=there.open.case, version=there.open.version, position=9,
        listed_by=account("ada"),
    ),
    "another place": lambda there: AgendaItem.objects.filter(pk=there.waiting.pk).update(position=7),
    "another version": lambda there: AgendaItem.objects.filter(pk=there.waiting.pk).update(
        version=other_version(there)
    ),
    "another case's version": lambda there: AgendaItem.objects.filter(pk=there.open.pk).update(
        version=other_version(there)
    ),
    "no version": lambda there: AgendaItem.objects.filter(pk=there.open.pk).update(version=None),
    "an item taken off": lambda there: AgendaItem.objects.filter(pk=there.waiting.pk)._raw_delete("default"),
    "a vote opened again": lambda there: AgendaItem.objects.filter(pk=there.item.pk).update(
        vote_closed_at=None, vote_closed_by=None
    ),
    "a first choice changed": rows(Ballot, first_option="folfox"),
    "a first word changed": rows(Ballot, first_words="x"),
    "a choice changed after signing": rows(Ballot, final_option="folfox", is_changed=True),
    "a change that is not told": rows(Ballot, final_option="folfox"),
    "another voter": lambda there: Ballot.objects.update(voter=account("ben")),
    "a ballot deleted": gone(Ballot),
    "a vote after it is closed": lambda there: a_ballot(there.item, voter=account("ben")),
    "a second vote": lambda there: [a_ballot(there.waiting, voter=account("ben")) for _ in range(2)],
    "a stranger's vote": lambda there: a_ballot(there.waiting, voter=account("eve")),
    "an anonymous vote in a meeting by name": lambda there: a_ballot(there.waiting, voter_key="k"),
    "a vote before the agenda is fixed": lambda there: a_ballot(there.open, voter=account("ben")),
    "a choice of no kind": lambda there: a_ballot(there.waiting, voter=account("ben"), first_kind="x", final_kind="x"),
    "a ranked choice of no option": lambda there: a_ballot(
        there.waiting, voter=account("ben"), first_kind="ranked", final_kind="ranked"
    ),
    "a decision changed": rows(Decision, option="folfox"),
    "a decision's words changed": rows(Decision, rationale="Other"),
    "a decision's words deleted": rows(Decision, rationale="", dissent=""),
    "a decision deleted": gone(Decision),
    "a decision with a gap": lambda there: a_decision(there, there.item, number=3, correction="x"),
    "a decision twice": lambda there: a_decision(there, there.item),
    "a signed decision corrected without a reason": lambda there: a_decision(there, there.item, number=2),
    "a decision before the vote is closed": lambda there: a_decision(there, there.waiting),
    "a decision before the agenda is fixed": lambda there: a_decision(there, there.open),
    "a departing without a code": lambda there: a_decision(
        there, there.item, number=2, correction="x", reason=""
    ),
    "another treatment among the recommended": lambda there: a_decision(
        there, there.item, number=2, correction="x", is_recommended=True
    ),
    "somebody more who was present": lambda there: Presence.objects.create(
        decision=there.decision, person=account("ben")
    ),
    "nobody present": gone(Presence),
    "a third signature": lambda there: Signature.objects.create(
        decision=there.decision, place=3, person=account("chair")
    ),
    "a signature twice in a place": lambda there: Signature.objects.create(
        decision=there.decision, place=2, person=account("chair")
    ),
    "a signature withdrawn": gone(Signature),
    "another who signed": lambda there: Signature.objects.filter(place=1).update(person=account("chair")),
    "a former member back": lambda there: [
        Membership.objects.filter(person=account("ben")).update(ended_at=timezone.now()),
        Membership.objects.filter(person=account("ben")).update(ended_at=None),
    ],
    "a member deleted": gone(Membership),
    "a member twice": lambda there: Membership.objects.create(board=there.board, person=account("ben")),
}  # fmt: skip


def at_the_end(write: Callable[[], Any]) -> None:
    """With the foreign keys checked, as when a transaction ends."""
    write()
    connection.check_constraints()


@pytest.mark.parametrize("path", REFUSED)
def test_it_is_refused(there: There, path: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), GUARD.open():
        at_the_end(lambda: REFUSED[path](there))


def test_a_signature_alone_comes_first_from_a_member_and_on_the_newest() -> None:
    item = an_item()
    first = decide(item)
    newest = decide(item, based_on=1)
    for values in (
        {"decision": newest, "place": 2, "person": account("ada")},
        {"decision": newest, "place": 1, "person": account("eve")},
        {"decision": first, "place": 1, "person": account("ada")},
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), GUARD.open():
            Signature.objects.create(**values)
    with GUARD.open():
        Signature.objects.create(decision=newest, place=1, person=account("ada"))
        with pytest.raises(IntegrityError), transaction.atomic():
            Signature.objects.create(decision=newest, place=2, person=account("ada"))


def test_an_erased_case_takes_nothing_more() -> None:
    item = an_item()
    version = item.version
    actions.erase(item.case, by=account("ada"))
    version.pk = None
    for write in (
        lambda: version.save(force_insert=True),
        lambda: a_decision(None, item),  # type: ignore[arg-type]
        lambda: Case.objects.update(label="Colon 7", status="prepared", erased_at=None),
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), GUARD.open():
            write()


def test_tables_are_not_emptied_and_rows_not_replaced(there: There) -> None:
    statement = (
        "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE boards_signature"
        if connection.vendor == "postgresql"
        else "INSERT OR REPLACE INTO boards_signature (id, place, signed_at, decision_id, person_id) "
        "SELECT id, place, signed_at, decision_id, person_id FROM boards_signature"
    )
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_choice_after_the_discussion_waits_for_the_ranking() -> None:
    item = an_item(blind_first=True)
    actions.vote(item, choice=FOLFIRI, by=account("ada"))
    with pytest.raises(IntegrityError), transaction.atomic(), GUARD.open():
        Ballot.objects.update(final_option=FOLFOX.option, is_changed=True)
