"""Boards and their members as rows, and how many cases stand where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.people import person_name
from boards.forms.meetings import RoleForm
from boards.members import SEEING_ROLES
from boards.models import Board, Case, Membership
from boards.models.choices import CaseStatus, Discipline, Role


@dataclass(frozen=True)
class BoardLine:
    pk: int
    name: str
    role: str
    members: int
    blind_first: bool
    url: str


@dataclass(frozen=True)
class MemberRow:
    pk: int
    name: str
    username: str
    role: str
    discipline: str
    is_special: bool
    form: RoleForm


@dataclass(frozen=True)
class RoleLine:
    """A role, and in a sentence what it may do."""

    label: str
    may: str


@dataclass(frozen=True)
class StatusCount:
    status: str
    label: str
    count: int


def board_rows(held: Iterable[Membership]) -> tuple[BoardLine, ...]:
    """Memberships with their boards, each annotated with how many `members` it has.

    `url` is the page of the board; of its figures for who sees nothing else.
    """
    return tuple(
        BoardLine(
            each.board_id,
            each.board.name,
            str(Role(each.role).label),
            each.members,  # type: ignore[attr-defined]
            each.board.blind_first,
            reverse("boards:board" if each.role in SEEING_ROLES else "boards:figures", args=[each.board_id]),
        )
        for each in held
    )


def member_rows(members: Iterable[Membership]) -> tuple[MemberRow, ...]:
    """Who is on a board, each with the form for another role; `is_special` of one who is more or less than a member."""
    return tuple(
        MemberRow(
            pk=held.pk,
            name=person_name(held.person),
            username=held.person.get_username(),
            role=str(Role(held.role).label),
            discipline=str(Discipline(held.discipline).label) if held.discipline else "",
            is_special=held.role != Role.MEMBER,
            form=_role_form(held),
        )
        for held in members
    )


def _role_form(held: Membership) -> RoleForm:
    """One of several on a page; what is wrong with it is said above them all."""
    form = RoleForm(initial={"role": held.role, "discipline": held.discipline}, prefix_id=f"member_{held.pk}_")
    for field in form.fields.values():
        field.widget.attrs.pop("aria-describedby")
    return form


def role_lines() -> tuple[RoleLine, ...]:
    said = {
        Role.MEMBER: _("Prepares cases, votes, decides and signs, and counts in the quorum."),
        Role.CHAIR: _("Does the same, fixes agendas, closes votes, and keeps settings and members."),
        Role.COORDINATOR: _(
            "Prepares cases, agendas, plans and attendance. Does not vote or sign, and does not count in the quorum."
        ),
        Role.READER: _("Sees cases, meetings and decisions, and writes nothing."),
        Role.QUALITY: _("Sees the figures of the board and takes them as files. Sees no case."),
    }
    return tuple(RoleLine(str(role.label), words) for role, words in said.items())


def status_counts(board: Board) -> tuple[StatusCount, ...]:
    """How many cases of a board stand where, in one query."""
    counted = dict(Case.objects.filter(board=board).order_by().values_list("status").annotate(Count("pk")))
    return tuple(StatusCount(status.value, str(status.label), counted.get(status.value, 0)) for status in CaseStatus)
