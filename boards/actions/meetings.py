"""Meetings and their agendas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import locked, writing
from audit.events import record
from boards import members
from boards.errors import ChangedMeanwhile, Refused
from boards.models import GUARD, AgendaItem, Ballot, Board, Case, Decision, Meeting, Signature
from boards.models.choices import CaseStatus
from boards.privacy.guard import kept
from boards.shown.stored_ranking import FEWEST, MOST, Frozen

from .cases import settle

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def make_meeting(*, board: Board, held_on: date, place: str = "", by: User) -> Meeting:
    """A meeting that votes as the board does now. Raises NotAllowed, Refused."""
    person = members.preparer(by, board)
    place = kept(place, "meeting.place")
    with writing(GUARD):
        row = locked(board)
        meeting = Meeting.objects.create(
            board=row,
            held_on=held_on,
            place=place,
            blind_first=row.blind_first,
            ballots=row.ballots,
            created_by=person,
        )
        record("make-meeting", meeting, by=person, details={"board": row.pk, "held_on": held_on.isoformat()})
    return meeting


def list_case(meeting: Meeting, *, case: Case, question: str = "", by: User) -> AgendaItem:
    """Put a case on an agenda, frozen in its newest version. Raises NotAllowed, Refused."""
    person = members.preparer(by, meeting.board)
    question = kept(question, "agendaitem.question")
    with writing(GUARD):
        agenda, row = _open(meeting), locked(case)
        if row.board_id != agenda.board_id:
            raise Refused(_("The case belongs to another board."))
        if row.status in (CaseStatus.ARCHIVED, CaseStatus.ERASED) or row.current is None:
            raise Refused(_("The case is in the archive: take it out first."))
        if agenda.items.filter(case=row).exists():
            raise Refused(_("The case is already on the agenda."))
        last = agenda.items.aggregate(last=Max("position"))["last"] or 0
        item = AgendaItem.objects.create(
            meeting=agenda,
            case=row,
            version=row.current,
            position=last + 1,
            question=question,
            listed_by=person,
        )
        settle(row)
        record("list-case", row, by=person, details=_details(item) | {"version": row.current.number})
    return item


def take_newest(item: AgendaItem, *, by: User) -> AgendaItem:
    """Freeze an item in the newest version of its case. Raises NotAllowed, Refused."""
    person = members.preparer(by, item.meeting.board)
    with writing(GUARD):
        _open(item.meeting)
        row = locked(item, "case")
        if row.case.current is None:
            raise Refused(_("The case is erased."))
        row.version, row.options = row.case.current, []
        row.save()
        record("freeze-version", row.case, by=person, details=_details(row) | {"version": row.version.number})
    return row


def unlist(item: AgendaItem, *, by: User) -> None:
    """Take a case off an agenda. Raises NotAllowed, Refused."""
    person = members.preparer(by, item.meeting.board)
    with writing(GUARD):
        agenda = _open(item.meeting)
        row = locked(item, "case")
        details = _details(row)
        row.delete()
        for each in agenda.items.filter(position__gt=row.position).order_by("position"):
            each.position -= 1
            each.save()
        settle(row.case)
        record("unlist-case", row.case, by=person, details=details)


def move(item: AgendaItem, *, up: bool, by: User) -> None:
    """Change places with the one above or below; at the end nothing happens. Raises NotAllowed, Refused."""
    person = members.preparer(by, item.meeting.board)
    with writing(GUARD):
        agenda = _open(item.meeting)
        row = locked(item)
        place = row.position
        other = agenda.items.filter(position=place + (-1 if up else 1)).first()
        if other is None:
            return
        beyond = agenda.items.aggregate(last=Max("position"))["last"] + 1
        theirs = other.position
        for each, position in ((row, beyond), (other, place), (row, theirs)):  # no two have one place at any time
            each.position = position
            each.save()
        record("move-item", agenda, by=person, details=_details(row) | {"position": row.position})


def prepare(
    item: AgendaItem,
    *,
    question: str | None = None,
    options: Sequence[str] | None = None,
    based_on: str | None = None,
    by: User,
) -> AgendaItem:
    """What the board is asked on a case, and the two to four options that stand side by side.

    Either stays as it is where it is None. `based_on` is what the writer saw (`AgendaItem.prepared`). Raises
    ChangedMeanwhile where it is not so any more; NotAllowed; Refused, which names the field.
    """
    person = members.preparer(by, item.meeting.board)
    with writing(GUARD):
        row = locked(item, "case", "meeting", "version")
        if row.case.is_erased:
            raise Refused(_("The case is erased."))
        if based_on not in (None, row.prepared):
            raise ChangedMeanwhile(_("Somebody else prepared this case while you were writing."), row)
        if is_under_signature(row):
            raise Refused(_("The decision is signed: correct it, and its question and options with it."))
        asked = row.question if question is None else kept(question, "agendaitem.question")
        chosen = row.options if options is None else _chosen(row, options)
        is_asked, is_chosen = asked != row.question, chosen != row.options
        row.question, row.options = asked, chosen
        row.save()
        if is_asked:
            record("ask-board", row.case, by=person, details=_details(row))
        if is_chosen:
            record("choose-options", row.case, by=person, details=_details(row) | {"options": len(chosen)})
    return row


def fix_agenda(meeting: Meeting, *, by: User) -> Meeting:
    """Nothing is added, removed or moved from now on; votes and decisions may begin. Raises NotAllowed, Refused."""
    person = members.chair(by, meeting.board)
    with writing(GUARD):
        row = _open(meeting)
        if not row.items.exists():
            raise Refused(_("There is nothing on the agenda."))
        row.fixed_at, row.fixed_by = timezone.now(), person
        row.save()
        record("fix-agenda", row, by=person, details={"items": row.items.count()})
    return row


def reopen_agenda(meeting: Meeting, *, by: User) -> Meeting:
    """Let the agenda change again. Raises NotAllowed; Refused once something on it was voted or decided."""
    person = members.chair(by, meeting.board)
    with writing(GUARD):
        row = locked(meeting, "board")
        if not row.is_fixed:
            raise Refused(_("The agenda is open."))
        begun = Ballot.objects.filter(item__meeting=row).exists() or Decision.objects.filter(item__meeting=row).exists()
        if begun or row.items.filter(vote_closed_at__isnull=False).exists():
            raise Refused(_("Something on the agenda was voted or decided: it stays fixed."))
        row.fixed_at = row.fixed_by = None
        row.save()
        record("reopen-agenda", row, by=person)
    return row


def _open(meeting: Meeting) -> Meeting:
    row = locked(meeting, "board")
    if row.is_fixed:
        raise Refused(_("The agenda is fixed."))
    return row


def side_by_side(frozen: Frozen, options: Sequence[str], former: Sequence[str] = ()) -> list[str]:
    """Options in the order of the ranking; none for those that would stand there anyway, if none were chosen before.

    Raises Refused for too few or many, and for one that the ranking does not know.
    """
    known = [slug for _band, listed in frozen.choosable() for slug, _name in listed]
    chosen = [slug for slug in known if slug in options]
    if not FEWEST <= len(chosen) <= MOST or set(options) - set(known):
        raise Refused(_("Choose %(fewest)d to %(most)d options.") % {"fewest": FEWEST, "most": MOST}, "options")
    return chosen if former or chosen != frozen.usual_options() else []


def _chosen(item: AgendaItem, options: Sequence[str]) -> list[str]:
    if item.is_hidden:
        raise Refused(_("The ranking is not shown before the vote is closed."))
    return side_by_side(Frozen(item.version), options, item.options)


def is_under_signature(item: AgendaItem) -> bool:
    """Whether a decision on it bears a signature: from then on what it shows is said anew by a correction alone."""
    return Signature.objects.filter(decision__item=item).exists()


def _details(item: AgendaItem) -> dict[str, object]:
    return {"meeting": item.meeting_id, "item": item.pk}
