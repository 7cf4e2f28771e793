"""Boards and their members as rows, and how many cases stand where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count

from audit.people import person_name
from boards.models import Board, Case, Membership
from boards.models.choices import CaseStatus, Role
from boards.shown.watched import WatchCount


@dataclass(frozen=True)
class BoardLine:
    pk: int
    name: str
    role: str
    members: int
    blind_first: bool
    watch: WatchCount


@dataclass(frozen=True)
class MemberRow:
    pk: int
    name: str
    username: str
    role: str
    is_chair: bool


@dataclass(frozen=True)
class StatusCount:
    status: str
    label: str
    count: int


def board_rows(held: Iterable[Membership], watch: Mapping[int, WatchCount]) -> tuple[BoardLine, ...]:
    """Memberships with their boards, each annotated with how many `members` it has; `watch` by the key of a board."""
    return tuple(
        BoardLine(
            each.board_id,
            each.board.name,
            str(Role(each.role).label),
            each.members,  # type: ignore[attr-defined]
            each.board.blind_first,
            watch.get(each.board_id, WatchCount()),
        )
        for each in held
    )


def member_rows(members: Iterable[Membership]) -> tuple[MemberRow, ...]:
    return tuple(
        MemberRow(
            held.pk, person_name(held.person), held.person.get_username(), str(Role(held.role).label), held.is_chair
        )
        for held in members
    )


def status_counts(board: Board) -> tuple[StatusCount, ...]:
    """How many cases of a board stand where, in one query."""
    counted = dict(Case.objects.filter(board=board).order_by().values_list("status").annotate(Count("pk")))
    return tuple(StatusCount(status.value, str(status.label), counted.get(status.value, 0)) for status in CaseStatus)
