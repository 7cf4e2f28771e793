"""A board with people, cases and meetings, made by the actions, for tests of boards."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from boards import actions
from boards.choice import Choice
from boards.models import AgendaItem, Board, Case, Decision, Meeting
from boards.models.choices import Role
from boards.shown.snapshot import Snapshot, as_sent, snapshot
from regimens import releases
from regimens.pages.patient_form import PatientForm

from .patients import colorectal

FOLFIRI = Choice("ranked", "folfiri")
FOLFOX = Choice("ranked", "folfox")


def account(username: str, role: str = "Clinician") -> User:
    person, is_new = User.objects.get_or_create(username=username)
    if is_new:
        person.groups.add(Group.objects.get(name=role))
    return person


def a_board(name: str = "NEC board", **settings: Any) -> Board:
    """A board that "chair" chairs, with "ada" and "ben" on it."""
    administrator = account("administrator", "Administrator")
    board = actions.make_board(name=name, chair=account("chair"), by=administrator)
    for username in ("ada", "ben"):
        actions.add_member(board, person=account(username), role=Role.MEMBER, by=administrator)
    if settings:
        given = {"name": board.name, "header": "", "blind_first": False, "ballots": "named"} | settings
        board = actions.change_settings(board, by=account("chair"), **given)
    return board


def entered(**values: Any) -> Snapshot:
    """A colorectal patient, or another one, as the page `/` sends it."""
    pairs = [
        (name, each)
        for name, value in colorectal(**values).items()
        for each in (value if isinstance(value, list) else [value])
    ]
    knowledge = releases.current()
    found = snapshot(PatientForm(as_sent(pairs), knowledge=knowledge), knowledge)
    assert found is not None
    return found


def a_case(board: Board, label: str = "Colon 7", *, notes: str = "", **values: Any) -> Case:
    return actions.save_case(board=board, label=label, snapshot=entered(**values), notes=notes, by=account("ada"))


def a_meeting(board: Board, *cases: Case, fixed: bool = True, held_on: date | None = None) -> Meeting:
    """Held today, or on another day: what is decided today is not decided before it."""
    day = held_on or timezone.localdate()
    meeting = actions.make_meeting(board=board, held_on=day, place="Room 4", by=account("ada"))
    for case in cases:
        actions.list_case(meeting, case=case, by=account("ada"))
    return actions.fix_agenda(meeting, by=account("chair")) if fixed else meeting


def an_item(board: Board | None = None, **settings: Any) -> AgendaItem:
    """A case on the fixed agenda of a meeting."""
    board = board or a_board(**settings)
    return a_meeting(board, a_case(board)).items.get()


def decide(item: AgendaItem, choice: Choice = FOLFIRI, **changes: Any) -> Decision:
    given: dict[str, Any] = {
        "based_on": 0,
        "rationale": "Best evidence here.",
        "present": [account(name) for name in ("ada", "ben", "chair")],
    }
    return actions.record_decision(item, choice=choice, by=account("ada"), **given | changes)


def signed(item: AgendaItem, **changes: Any) -> Decision:
    decision = decide(item, **changes)
    actions.sign(decision, by=account("ada"))
    actions.sign(decision, by=account("chair"))
    return decision


def erased(item: AgendaItem) -> None:
    """The case of an item is erased: by two people where its decision is signed."""
    if item.decisions.filter(signatures__isnull=False).exists():
        actions.ask_erasure(item.case, by=account("ben"))
    actions.erase(item.case, even_if_decided=True, by=account("chair"))
