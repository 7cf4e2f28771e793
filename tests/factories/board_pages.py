"""Every page of boards with its answers by role, and what a board has to hold for each to be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from boards import actions
from boards.models import AgendaItem, Board, Case, Meeting, Membership
from boards.models.choices import Role
from tests.factories.patients import colorectal

from .boards import a_board, a_case, a_meeting, account, decide, entered

SIGN_IN, PAGE, ON, NO, HIDDEN = "sign in", 200, 302, 403, 404
ON_BOARD = tuple(role.value for role in Role)
ELSE = ("anonymous", "outsider", "referrer", "curator", "publisher", "administrator", "superuser")
ROLES = (*ELSE[:3], *ON_BOARD, *ELSE[3:])
NAMES = {"member": "ada", "chair": "chair", "coordinator": "cora", "reader": "rea", "quality": "quinn"}


@dataclass
class There:
    board: Board
    case: Case
    loose: Case
    meeting: Meeting
    item: AgendaItem
    open: AgendaItem
    held: Membership
    referral: Case


def all_there() -> There:
    """A decided case on a fixed agenda, another on an open one, one on none, and one that was referred."""
    board = a_board(takes_referrals=True)
    for role in ON_BOARD:
        if not Membership.objects.filter(board=board, person=account(NAMES[role])).exists():
            actions.add_member(board, person=account(NAMES[role]), role=role, by=account("chair"))
    case, other, loose = a_case(board), a_case(board, "Colon 8"), a_case(board, "Colon 9")
    item = a_meeting(board, case).items.get()
    decide(item)
    open_meeting = a_meeting(board, other, fixed=False)
    held = Membership.objects.get(board=board, person=account("ben"))
    referred = actions.save_case(board=board, label="Colon 10", snapshot=entered(), by=account("rufus"))
    return There(board, case, loose, open_meeting, item, open_meeting.items.get(), held, referred)


@dataclass
class Row:
    """A page: its address, how it is asked for, and its answers by role.

    coordinator   as to members, unless given
    reader        as to members what only shows, and forbidden what is sent, unless given
    quality       not found, unless given
    manager       to those who manage boards, and are not on it
    referrer      as to the others, unless given
    """

    arguments: Callable[[There], list[Any]] = lambda there: []
    post: Callable[[There], dict[str, Any]] | None = None
    member: int = PAGE
    chair: int = PAGE
    manager: int = HIDDEN
    others: int = HIDDEN
    coordinator: int | None = None
    reader: int | None = None
    quality: int = HIDDEN
    referrer: int | None = None


def board(there: There) -> list[Any]:
    return [there.board.pk]


def case(there: There) -> list[Any]:
    return [there.case.pk]


def loose(there: There) -> list[Any]:
    return [there.loose.pk]


def meeting(there: There) -> list[Any]:
    return [there.meeting.pk]


def item(there: There) -> list[Any]:
    return [there.item.pk]


def open_item(there: There) -> list[Any]:
    return [there.open.pk]


def step(there: There) -> list[Any]:
    """A recommendation of the decision in force."""
    return [there.item.decisions.latest("number").steps.latest("position").pk]


def version(there: There) -> list[Any]:
    return [there.case.pk, 1]


def sends(**values: Any) -> Callable[[There], dict[str, Any]]:
    return lambda there: values


def referral(there: There) -> list[Any]:
    return [there.referral.pk]


SETTINGS = {"name": "Renamed", "header": "", "ballots": "named"}
UNKNOWN = dict.fromkeys(("stop_reason", "best_response", "progression", "vital"), "unknown")
ROWS: dict[str, Row] = {
    "boards": Row(manager=PAGE, others=PAGE, quality=PAGE),
    "board-new": Row(member=NO, chair=NO, manager=PAGE, others=NO, quality=NO),
    "board": Row(board, quality=NO),
    "board-settings": Row(board, sends(**SETTINGS), member=NO, chair=ON, manager=ON, quality=NO),
    "member-add": Row(board, sends(username="eve", role="member"), member=NO, chair=ON, manager=ON, quality=NO),
    "member-change": Row(
        lambda there: [there.board.pk, there.held.pk],
        sends(what="change", role="reader", discipline="surgery"),
        member=NO,
        chair=ON,
        manager=ON,
        quality=NO,
    ),
    "meeting-new": Row(
        board, lambda there: {"held_on": timezone.localdate().isoformat()}, member=ON, chair=ON, quality=NO
    ),
    "meeting": Row(meeting),
    "agenda-add": Row(meeting, lambda there: {"case": there.loose.pk}, member=ON, chair=ON),
    "agenda-fix": Row(meeting, sends(what="fix"), member=NO, chair=ON),
    "minutes": Row(meeting),
    "minutes-pdf": Row(meeting),
    "item": Row(item),
    "report": Row(item),
    "report-pdf": Row(item),
    "item-prepare": Row(item, reader=NO),
    "item-move": Row(open_item, sends(what="up"), member=ON, chair=ON),
    "item-remove": Row(open_item, sends(), member=ON, chair=ON),
    "item-newest": Row(open_item, sends(), member=ON, chair=ON),
    "vote": Row(item, member=ON, chair=ON, coordinator=NO, reader=NO),
    "vote-close": Row(item, sends(), member=NO, chair=ON),
    "decide": Row(item, reader=NO),
    "decision": Row(item),
    "sign": Row(item, sends(number="1"), member=ON, chair=ON, coordinator=NO),
    "cases": Row(manager=PAGE, others=PAGE, quality=PAGE),
    "case-new": Row(post=sends(**colorectal()), manager=PAGE, others=PAGE, reader=PAGE, quality=PAGE),
    "case": Row(case),
    "case-list-on": Row(loose, lambda there: {"meeting": there.meeting.pk}, member=ON, chair=ON),
    "case-label": Row(case, sends(label="Colon 77"), member=ON, chair=ON),
    "case-archive": Row(loose, sends(what="archive"), member=ON, chair=ON),
    "case-erase": Row(case, sends(sure="on", even_if_decided="on"), member=ON, chair=ON),
    "rank-again": Row(case, sends(), member=ON, chair=ON),
    "version-new": Row(case, sends(save="1", based_on="1", **colorectal()), member=ON, chair=ON),
    "version": Row(version),
    "version-json": Row(version),
    # What comes after a decision.
    "changed": Row(board, quality=NO),
    "figures": Row(board, quality=PAGE),
    "decisions-csv": Row(board, sends(), quality=PAGE),
    "decisions-json": Row(board, sends(), quality=PAGE),
    "replay": Row(item),
    "watched": Row(board, quality=NO),
    "watch-answer": Row(
        lambda there: [there.board.pk, there.item.pk],
        sends(number="1", answer="close"),
        member=ON,
        chair=ON,
        coordinator=NO,
        quality=NO,
    ),
    "board-calendar": Row(board, quality=NO),
    "meeting-calendar": Row(meeting),
    "notifications": Row(manager=PAGE, others=PAGE, quality=PAGE),
    "follow-up": Row(item, sends(based_on="0", kind="ranked", regimen="folfiri", **UNKNOWN), member=ON, chair=ON),
    # Plans of care.
    "to-sign": Row(manager=PAGE, others=PAGE, quality=PAGE),
    "actions": Row(board, quality=NO),
    "draft": Row(item, sends(rationale="Half a sentence", revision="0")),
    "discussion": Row(item, sends(needed="no"), member=NO, chair=ON),
    "since-decided": Row(item),
    "progress": Row(step, sends(state="asked-for"), member=ON, chair=ON),
    "result": Row(step, sends(value="normal"), member=ON, chair=ON),
    "letter": Row(item, member=ON, chair=ON),
    "letter-pdf": Row(item, member=ON, chair=ON),
    # The meeting room.
    "member-remove": Row(
        lambda there: [there.board.pk, there.held.pk], sends(), member=NO, chair=ON, manager=ON, quality=NO
    ),
    "meeting-change": Row(meeting, reader=NO),
    "meeting-delete": Row(meeting, sends(), member=NO, chair=ON, coordinator=ON),
    "room": Row(meeting, member=NO, coordinator=PAGE),
    "room-open": Row(meeting, sends(), member=NO, coordinator=PAGE),
    "room-attend": Row(meeting, sends(), member=NO, chair=ON, coordinator=ON),
    "room-show": Row(meeting, lambda there: {"item": there.open.pk}, member=NO, chair=ON, coordinator=ON),
    "room-finish": Row(meeting, sends(), member=NO, chair=ON, coordinator=ON),
    "screen": Row(meeting, member=ON, chair=ON),
    "live": Row(item),
    "vote-now": Row(meeting),
    # Roles and referral, and figures for research.
    "research-zip": Row(board, sends(), quality=PAGE),
    "referrals": Row(manager=PAGE, others=PAGE, quality=PAGE),
    "referral": Row(referral, member=HIDDEN, chair=HIDDEN, reader=HIDDEN, referrer=PAGE),
}


def expected(row: Row, role: str) -> Any:
    if role == "reader" and row.reader is None:
        return NO if row.post else row.member
    return {
        "anonymous": SIGN_IN,
        "referrer": row.others if row.referrer is None else row.referrer,
        "member": row.member,
        "chair": row.chair,
        "coordinator": row.member if row.coordinator is None else row.coordinator,
        "reader": row.reader,
        "quality": row.quality,
        "administrator": row.manager,
        "superuser": row.manager,
    }.get(role, row.others)


def signed_in(role: str) -> Client:
    client = Client()
    people: dict[str, Callable[[], User]] = {
        "outsider": lambda: account("eve"),
        "referrer": lambda: account("rufus"),
        **{role: partial(account, name) for role, name in NAMES.items()},
        "curator": lambda: account("carol", "Curator"),
        "publisher": lambda: account("paul", "Publisher"),
        "administrator": lambda: account("administrator", "Administrator"),
        "superuser": lambda: User.objects.create_superuser("root", password="a long enough one"),
    }
    account("eve")
    # A member of another board is an outsider to this one.
    other = Board.objects.filter(name="Other board").first() or a_board_of_eve()
    assert other
    if role in people:
        client.force_login(people[role]())
    return client


def a_board_of_eve() -> Board:
    administrator = account("administrator", "Administrator")
    return actions.make_board(name="Other board", chair=account("eve"), by=administrator)


def ask(client: Client, name: str, row: Row, there: There, *, get: bool = False) -> Any:
    address = reverse(f"boards:{name}", args=row.arguments(there))
    return client.get(address) if row.post is None or get else client.post(address, row.post(there))


@contextmanager
def undone() -> Iterator[None]:
    """What is written within is gone afterwards, so that each page is asked for in the same state."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def answered(response: Any) -> Any:
    """The status of an answer; SIGN_IN where it leads to where people sign in."""
    location = response.headers.get("Location", "")
    return SIGN_IN if location.startswith(f"{resolve_url(settings.LOGIN_URL)}?next=") else response.status_code
