"""What boards recorded stands under the chain of hashes: what is changed, replaced, added or gone is named."""

# ruff: noqa: S608 - statements on our own tables
from __future__ import annotations

import io
import re
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from audit import chain
from audit.events import record
from audit.guard import RECORDS
from audit.models import Event
from boards import actions, sealing
from boards.models import AgendaItem, Ballot, Case, Decision, Signature, StepProgress
from boards.models.months import month_of
from boards.outcomes.course import Course
from tests.databases import without_triggers
from tests.factories.boards import FOLFIRI, FOLFOX, a_board, a_case, a_meeting, account, entered, erased, signed

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


def recorded(**settings: Any) -> AgendaItem:
    """A case that was voted on, decided, signed and followed, in two versions."""
    board = a_board(blind_first=True, **settings)
    item = a_meeting(board, a_case(board)).items.get()
    for name in ("ada", "ben"):
        actions.vote(item, choice=FOLFIRI, by=account(name))
    item = actions.close_vote(item, by=account("chair"))
    actions.change_choice(item, choice=FOLFOX, by=account("ben"))
    decision = signed(item)
    actions.record_progress(decision.steps.get(), state="done", words="Given.", by=account("ada"))
    course = Course(FOLFIRI, started_in=month_of(timezone.localdate()))
    actions.record_follow_up(item, based_on=0, course=course, by=account("ada"))
    actions.add_version(item.case, based_on=1, snapshot=entered(ecog="2"), by=account("ada"))
    return AgendaItem.objects.get(pk=item.pk)


def verified() -> str:
    """What the one verifier says."""
    chain.seal_all()
    out = io.StringIO()
    call_command("verify_events", stdout=out)
    return out.getvalue()


def run(statement: str) -> None:
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(statement)


def verified_after(statement: str) -> str:
    run(statement)
    return verified()


def copied(model: type[Any], **changes: str) -> str:
    """A statement that adds a copy of the first row, with other values."""
    names = [field.column for field in model._meta.concrete_fields]
    values = [changes.get(name, name) for name in names]
    table = model._meta.db_table
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table} ORDER BY 1 LIMIT 1"


BEN = "(SELECT id FROM auth_user WHERE username = 'ben')"
# What is done to the database by its owner, and what is said of it.
CHANGES = {
    f"UPDATE boards_signature SET person_id = {BEN} WHERE place = 1": "signature",
    "UPDATE boards_signature SET signed_at = '2026-01-01 00:00:00+00:00' WHERE place = 1": "signature",
    "DELETE FROM boards_signature WHERE place = 2": "signature .* it is gone",
    copied(StepProgress, id="77", number="2"): "progress 77: no event tells of it",
    "UPDATE boards_decision SET rationale = 'Another one.'": "decision",
    "UPDATE boards_decision SET shown = '{}'": "decision",
    "DELETE FROM boards_presence": "decision",
    "UPDATE boards_planstep SET condition = 'if DPD is normal'": "decision",
    "UPDATE boards_caseversion SET notes = 'x' WHERE number = 1": "case version",
    "DELETE FROM boards_caseversion WHERE number = 1": "case version .* it is gone",
    "UPDATE boards_ballot SET first_option = 'folfox', final_option = 'folfox', is_changed = true": "ballots on item",
    "DELETE FROM boards_ballot": "ballots on item .* it is gone",
    "UPDATE boards_stepprogress SET words = 'Not given.'": "progress",
    "UPDATE boards_followup SET best_response = 'CR'": "follow-up",
    "UPDATE boards_case SET salt = 'another'": "case version",
}  # fmt: skip


@pytest.mark.parametrize("ballots", ["named", "anonymous"])
def test_what_is_as_it_was_recorded_holds_and_each_change_is_named(ballots: str) -> None:
    recorded(ballots=ballots)
    held = re.search(r"(\d+) records that they tell of, each as it was sealed", verified())
    assert held and int(held[1]) == (9 if ballots == "anonymous" else 8)
    for statement, words in CHANGES.items():
        with pytest.raises(CommandError, match=words), transaction.atomic():
            verified_after(statement)
    verified()


def test_a_case_that_is_erased_by_two_stays_verifiable() -> None:
    item = recorded(ballots="anonymous")
    salt = Case.objects.get(pk=item.case_id).salt
    erased(item)
    assert "each as it was sealed" in verified()
    assert Case.objects.get(pk=item.case_id).salt not in (salt, None)
    run("UPDATE boards_decision SET rationale = 'Back again.'")
    with pytest.raises(CommandError, match="erase-case"):
        verified()


def test_only_erasing_seals_a_signature_anew() -> None:
    item = recorded()
    signature = Signature.objects.get(decision__item=item, place=1)
    run(f"UPDATE boards_signature SET person_id = {account('ben').pk} WHERE id = {signature.pk}")
    record("relabel-case", item.case, details=sealing.sealed({sealing.SIGNATURE: [signature.pk]}))
    with pytest.raises(CommandError, match=f"signature {signature.pk}: event .* seals it anew, which it may not"):
        verified()


def test_anonymous_ballots_are_told_apart_by_nothing_in_events_or_rows() -> None:
    board = a_board(blind_first=True, ballots="anonymous")
    people = [account(f"member{number}") for number in range(7)]
    for person in people:
        actions.add_member(board, person=person, by=account("chair"))
    item = a_meeting(board, a_case(board)).items.get()
    came: list[Any] = []
    for person in people:
        came.append(actions.vote(item, choice=FOLFIRI, by=person).pk)
    votes = Event.objects.filter(action="vote")
    assert [(each.by, each.address) for each in votes] == [(None, None)] * 7
    assert all("sealed" not in each.details for each in votes)
    assert "each as it was sealed" in verified()  # the case's version; no ballot is sealed by itself
    place = "rowid" if connection.vendor == "sqlite" else "ctid"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM boards_ballot ORDER BY {place}")
        stand = [str(row[0]).replace("-", "") for row in cursor.fetchall()]
        # One time in 5,040 they stand as they came, or the other way round: then they are mixed once more.
        if stand in (order := [pk.hex for pk in came], order[::-1]):
            actions.votes._mix(item)
            cursor.execute(f"SELECT id FROM boards_ballot ORDER BY {place}")
            stand = [str(row[0]).replace("-", "") for row in cursor.fetchall()]
        assert sorted(stand) == sorted(order) and stand not in (order, order[::-1])
        if connection.vendor == "postgresql":
            cursor.execute("SELECT count(DISTINCT xmin::text) FROM boards_ballot")
            assert cursor.fetchone()[0] == 1
    actions.close_vote(item, by=account("chair"))
    sealed = Event.objects.filter(action="close-vote").latest("pk").details["sealed"]
    assert list(sealed) == [f"{sealing.BALLOTS}/1"] and list(sealed[f"{sealing.BALLOTS}/1"]) == [str(item.pk)]
    assert Ballot.objects.filter(item=item).count() == 7


def test_every_field_is_sealed_or_said_not_to_be() -> None:
    """A field that is added belongs into the next format; see `boards.sealing.FIELDS`."""
    besides = {
        "caseversion": {"id"},
        "decision": {"id"},
        "presence": {"id", "decision_id"},
        "planstep": {"decision_id"},
        "signature": {"id"},
        "ballot": {"item_id", "voter_key"},  # the key is wiped
        "stepprogress": {"id"},
        "followup": {"id"},
        "latercourse": {"id", "follow_up_id"},
        "toxicity": {"id", "follow_up_id"},
    }
    for name, fields in sealing.FIELDS[sealing.FORMAT].items():
        model = apps.get_model("boards", name)
        assert {field.attname for field in model._meta.concrete_fields} == {*fields, *besides[name]}, name


def test_decisions_of_before_are_sealed_by_the_migration() -> None:
    item = recorded(ballots="anonymous")
    run("UPDATE regimens_event SET details = '{}' WHERE details LIKE '%sealed%'" if connection.vendor == "sqlite"
        else "UPDATE regimens_event SET details = '{}' WHERE details::text LIKE '%sealed%'")  # fmt: skip
    run("DELETE FROM regimens_eventseal")
    with pytest.raises(CommandError, match="no event tells of it"):
        verified()
    with RECORDS.open():
        import_module("boards.migrations.0010_records_are_sealed").seal(apps, None)
    assert "each as it was sealed" in verified()
    assert Decision.objects.filter(item=item).exists()
