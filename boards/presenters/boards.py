"""Boards and their members as rows, and how many cases stand where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.people import person_name
from boards import members
from boards.actions.votes import still_to_vote
from boards.forms.meetings import RoleForm
from boards.members import SEEING_ROLES
from boards.models import AgendaItem, Board, Case, Decision, Membership, PlanStep, StepProgress
from boards.models.board import FEWEST_PRESENT
from boards.models.choices import DECIDING_ROLES, CaseStatus, Discipline, Role, StepState
from boards.shown.watched import WatchCount

from .cases import case_label


@dataclass(frozen=True)
class BoardLine:
    pk: int
    name: str
    role: str
    members: int
    blind_first: bool
    watch: WatchCount
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


def board_rows(held: Iterable[Membership], watch: Mapping[int, WatchCount]) -> tuple[BoardLine, ...]:
    """Memberships with their boards, each annotated with how many `members` it has; `watch` by the key of a board.

    `url` is the page of the board; of its figures for who sees nothing else.
    """
    return tuple(
        BoardLine(
            each.board_id,
            each.board.name,
            str(Role(each.role).label),
            each.members,  # type: ignore[attr-defined]
            each.board.blind_first,
            watch.get(each.board_id, WatchCount()),
            reverse("boards:board" if each.role in SEEING_ROLES else "boards:figures", args=[each.board_id]),
        )
        for each in held
    )


def member_rows(memberships: Iterable[Membership]) -> tuple[MemberRow, ...]:
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
        for held in memberships
    )


@dataclass(frozen=True)
class WaitingRow:
    """A case that waits for a meeting; `meeting` is the one at which it was not decided, where there is one."""

    pk: int
    label: str
    since: date
    meeting: int | None


@dataclass(frozen=True)
class Leaving:
    """What depends on a member who is to be removed: cases whose vote is open, decisions to sign, actions that are due.

    is_last   whether the board has fewer members who decide than may sign, once the member is gone
    """

    votes: tuple[str, ...]
    signatures: tuple[str, ...]
    actions: tuple[str, ...]
    is_last: bool


def waiting_rows(cases: QuerySet[Case]) -> tuple[WaitingRow, ...]:
    rows = []
    for case in cases.select_related("waits_with"):
        source = case.waits_with
        rows.append(WaitingRow(case.pk, case_label(case), case.waiting_since, source.meeting_id if source else None))
    return tuple(rows)


def leaving(held: Membership) -> Leaving:
    """What a membership leaves behind, each named by the label of its case."""
    open_items = AgendaItem.objects.filter(
        meeting__board=held.board,
        meeting__blind_first=True,
        meeting__fixed_at__isnull=False,
        meeting__finished_at__isnull=True,
        vote_closed_at__isnull=True,
        case__erased_at__isnull=True,
    ).select_related("case", "meeting__board")
    decides = held.role in DECIDING_ROLES
    waited_for = [item for item in open_items if held.person in still_to_vote(item)] if decides else []
    newest = Decision.objects.filter(item__meeting__board=held.board, item__case__erased_at__isnull=True)
    later = Decision.objects.filter(item=OuterRef("item"), number__gt=OuterRef("number"))
    newest = newest.filter(~Exists(later)).annotate(signed=Count("signatures", distinct=True))
    to_sign = newest.filter(presences__person=held.person, signed__lt=F("signatures_needed"))
    to_sign = to_sign.exclude(signatures__person=held.person).select_related("item__case")
    last = StepProgress.objects.filter(step=OuterRef("pk")).order_by("-number").values("state")[:1]
    steps = PlanStep.objects.filter(decision__in=newest.values("pk"), owner=held.person).annotate(now=Subquery(last))
    steps = steps.exclude(now__in=[StepState.DONE, StepState.NOT_DONE]).select_related("decision__item__case")
    others = members.deciding_members_of(held.board).exclude(pk=held.pk).count()
    return Leaving(
        votes=tuple(case_label(item.case) for item in waited_for),
        signatures=tuple(case_label(each.item.case) for each in to_sign) if decides else (),
        actions=tuple(case_label(step.decision.item.case) for step in steps),
        is_last=decides and others < FEWEST_PRESENT,
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
