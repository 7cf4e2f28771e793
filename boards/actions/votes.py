"""Votes before the ranking is shown, and the choice after the discussion."""

from __future__ import annotations

import hmac
import random
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import locked, writing
from audit.events import coming_from, record
from boards import members
from boards.choice import Choice, checked
from boards.errors import Refused
from boards.models import GUARD, AgendaItem, Attendance, Ballot, Signature
from boards.sealing import of_ballots
from boards.shown.stored_ranking import knowledge_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_CHANCE = random.SystemRandom()


def vote(item: AgendaItem, *, choice: Choice, by: User) -> Ballot:
    """A member's first choice; the vote is closed when all who may vote have voted. Raises NotAllowed, Refused."""
    person = members.decider(by, item.meeting.board)
    with writing(GUARD):
        row = locked(item, "meeting__board", "case", "version")
        _refuse_unless_open(row)
        if ballot_of(row, person) is not None:
            raise Refused(_("You have voted on this case."))
        kept = checked(choice, knowledge_of(row.version.release_id))
        ballot = Ballot(
            id=uuid.uuid4(),
            item=row,
            first_kind=kept.kind,
            first_option=kept.option,
            first_words=kept.words,
            final_kind=kept.kind,
            final_option=kept.option,
            final_words=kept.words,
        )
        if row.meeting.is_anonymous:
            ballot.voter_key = voter_key(row, person)
        else:
            ballot.voter = person
        ballot.save(force_insert=True)
        _mix(row)
        _record("vote", row, person)
        if not still_to_vote(row):
            _close(row, None)
    return ballot


def close_vote(item: AgendaItem, *, by: User) -> AgendaItem:
    """Show the ranking, whoever has voted. Raises NotAllowed, Refused."""
    person = members.chair(by, item.meeting.board)
    with writing(GUARD):
        row = locked(item, "meeting__board", "case", "version")
        _refuse_unless_open(row)
        _close(row, person)
    return row


def change_choice(item: AgendaItem, *, choice: Choice, by: User) -> Ballot:
    """A member's choice after the discussion; the first one stays beside it. Raises NotAllowed, Refused."""
    person = members.decider(by, item.meeting.board)
    with writing(GUARD):
        row = locked(item, "meeting__board", "case", "version")
        if row.meeting.is_finished:
            raise Refused(_("The meeting is finished."))
        if row.vote_closed_at is None or row.case.is_erased:
            raise Refused(_("A choice can be changed once the ranking is shown."))
        ballot = ballot_of(row, person)
        if ballot is None:
            raise Refused(_("You have not voted on this case, or the decision is signed."))
        if is_signed(row):
            raise Refused(_("The decision is signed: votes stay as they are."))
        kept = checked(choice, knowledge_of(row.version.release_id))
        ballot.final_kind, ballot.final_option, ballot.final_words = kept.kind, kept.option, kept.words
        ballot.is_changed = (kept.kind, kept.option, kept.words) != (
            ballot.first_kind,
            ballot.first_option,
            ballot.first_words,
        )
        ballot.save()
        _mix(row)
        _record("change-vote", row, person)
    return ballot


def ballot_of(item: AgendaItem, person: User) -> Ballot | None:
    """The ballot of a person, found by their key where ballots are anonymous."""
    return Ballot.objects.filter(Q(voter=person) | Q(voter_key=voter_key(item, person)), item=item).first()


def still_to_vote(item: AgendaItem) -> list[User]:
    """Who may vote on an item and has not: those in the room, or on the board where nobody said who is there."""
    named = set(item.ballots_cast.filter(voter__isnull=False).values_list("voter_id", flat=True))
    keys = set(item.ballots_cast.filter(voter_key__isnull=False).values_list("voter_key", flat=True))
    people = [held.person for held in members.deciding_members_of(item.meeting.board)]
    attended = list(Attendance.objects.filter(meeting=item.meeting).values_list("person_id", "left_at"))
    there = {person for person, left_at in attended if left_at is None}
    people = [person for person in people if person.pk in there or not attended]
    return [person for person in people if person.pk not in named and voter_key(item, person) not in keys]


def voter_key(item: AgendaItem, person: User) -> str:
    """By which an anonymous ballot is found again: nobody can work it out from the database alone."""
    message = f"necapp ballot {item.pk} {person.pk}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, "sha256").hexdigest()


def forget_voters(item: AgendaItem) -> None:
    """Cut the last link between anonymous ballots and members; within an action."""
    Ballot.objects.filter(item=item, voter_key__isnull=False).update(voter_key=None)


def is_signed(item: AgendaItem) -> bool:
    """Whether a decision on the item bears a signature: what it shows stays, votes included."""
    return Signature.objects.filter(decision__item=item).exists()


def _refuse_unless_open(item: AgendaItem) -> None:
    if not item.meeting.blind_first:
        raise Refused(_("This meeting does not vote before the ranking is shown."))
    if item.case.is_erased:
        raise Refused(_("The case is erased."))
    if not item.meeting.is_fixed:
        raise Refused(_("Voting begins once the agenda is fixed."))
    if item.meeting.is_finished:
        raise Refused(_("The meeting is finished."))
    if item.vote_closed_at is not None:
        raise Refused(_("The vote is closed."))


def _close(item: AgendaItem, person: User | None) -> None:
    item.vote_closed_at, item.vote_closed_by = timezone.now(), person
    item.save()
    details = {"meeting": item.meeting_id, "item": item.pk, "voted": item.ballots_cast.count()} | of_ballots(item)
    record("close-vote", item.case, by=person, details=details)


def _record(action: str, item: AgendaItem, person: User) -> None:
    """Of anonymous ballots an event says that one was cast, and neither by whom nor from where."""
    details = {"meeting": item.meeting_id, "item": item.pk}
    if item.meeting.is_anonymous:
        with coming_from(None):
            record(action, item.case, details=details)
    else:
        record(action, item.case, by=person, details=details | of_ballots(item))


def _mix(item: AgendaItem) -> None:
    """Have the anonymous ballots of an item stand in the database in no order that tells who voted when.

    SQLite gives rows a number in the order in which they come. PostgreSQL keeps them in that order, each with the
    transaction that wrote it: there all of them are written again, in an order of chance, by the one that is last.
    """
    if not item.meeting.is_anonymous:
        return
    rows = list(Ballot.objects.filter(item=item).values_list("pk", flat=True))
    _CHANCE.shuffle(rows)
    for pk in rows:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE boards_ballot SET rowid = %s WHERE id = %s", [_CHANCE.getrandbits(62) + 1, pk.hex]
                )
        else:
            Ballot.objects.filter(pk=pk).update(is_changed=F("is_changed"))
