"""What mail tells: meetings, decisions to sign, actions that are due, outcomes, and what undermines a decision.

What is to be told follows from the rows each time; `models.Told` says what was, so that nobody is told twice and what
could not be sent is sent later. No message holds anything of a patient: no label, no site, nothing that was decided.
Nothing is sent, and nothing is noted as told, where no server for e-mail is configured.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPSenderRefused
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import DatabaseError, connections
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from audit.canonical import canonical_json, sha256_of

from .actions.told import claim, give_back
from .calendars import Entry, cancellation, invitation, one_line, public_link
from .members import IN_FORCE, PREPARING_ROLES, SEEING_ROLES
from .models import Board, Decision, Development, Meeting, Membership, Signature, Told
from .models.choices import DECIDING_ROLES, Role, StepState
from .plans import identity_of, states_of
from .shown.replay import watched_decisions
from .shown.watched import watched_items
from .times import day_of, when_words

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# How long afterwards a decision is told of to those who sign it, and to who referred its case: so that a server that is
# set up late does not send what is long settled.
RECENT = timedelta(days=30)
CANCELLED = "cancelled"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """A letter to one person; `about` says once and for all what it tells.

    calendar, method   a meeting as iCalendar, and what the reader's calendar is to do with it
    """

    person: User
    about: str
    subject: str
    lines: tuple[str, ...]
    calendar: bytes = b""
    method: str = ""


@dataclass(frozen=True)
class Sent:
    """How many messages the server took, and how many it did not, which are to be sent again."""

    sent: int = 0
    failed: int = 0


def is_configured() -> bool:
    return bool(settings.EMAIL_URL)


def tell_soon() -> None:
    """Send what is to be told, after this moment and apart from it: whoever acts neither waits nor fails."""
    _background().submit(_tell_and_close)


def tell(now: datetime) -> Sent:
    """Send what is to be told at a time, each message once however many processes do so. Never raises for a server."""
    if not is_configured():
        return Sent()
    with override(settings.LANGUAGE_CODE):
        return _send(_untold(to_tell(now)))


def to_tell(now: datetime) -> Iterator[Message]:
    """Everything that mail tells at a time, whether it was told already or not."""
    for board in Board.objects.order_by("pk"):
        held = list(_members(board))
        yield from _meetings(board, held, now)
        yield from _signatures(board, held, now)
        yield from _steps(board, held, now)
        yield from _undermined(board, held, now)
        yield from _outcomes(board, now)
    yield from _cancelled(now)


def sequences_of(person: User, meetings: Sequence[Meeting]) -> dict[int, int]:
    """The number of each meeting's state in a person's calendar: one more with each change that mail told them of."""
    told = _last_told([person], [meeting.pk for meeting in meetings])
    return {meeting.pk: _sequence(told.get((person.pk, meeting.pk)), _state_of(meeting)) for meeting in meetings}


@dataclass(frozen=True)
class _ToldMeeting:
    """What a person was told of a meeting: enough to cancel it when it is gone."""

    meeting: int
    held_on: date
    board: int
    sequence: int
    state: str

    FORM = re.compile(r"meeting (\d+) of (\d{4}-\d\d-\d\d) on board (\d+): (\d+) (\w+)")

    @property
    def about(self) -> str:
        return f"meeting {self.meeting} of {self.held_on} on board {self.board}: {self.sequence} {self.state}"

    @classmethod
    def of(cls, about: str) -> _ToldMeeting | None:
        found = cls.FORM.fullmatch(about)
        if found is None:
            return None
        meeting, held_on, board, sequence, state = found.groups()
        return cls(int(meeting), date.fromisoformat(held_on), int(board), int(sequence), state)


def _members(board: Board) -> QuerySet[Membership]:
    """Those on a board who can be written to."""
    rows = Membership.objects.filter(IN_FORCE, board=board, role__in=SEEING_ROLES)
    return rows.filter(person__is_active=True).exclude(person__email="").select_related("person")


def _meetings(board: Board, held: Iterable[Membership], now: datetime) -> Iterator[Message]:
    """Invitations to meetings that are to come, and what changed of them."""
    people = [each.person for each in held if each.told_of_meetings]
    coming = Meeting.objects.filter(board=board, held_on__gte=day_of(now, board.time_zone), finished_at__isnull=True)
    meetings = list(coming.select_related("board").annotate(cases=Count("items"))) if people else []
    told = _last_told(people, [meeting.pk for meeting in meetings])
    for meeting in meetings:
        state, day = _state_of(meeting), when_words(meeting)
        for person in people:
            last = told.get((person.pk, meeting.pk))
            if last and last.state == state:
                continue
            sequence = _sequence(last, state)
            named = {"board": board.name, "day": day}
            said = (
                _("The meeting of the %(board)s has changed: it is on %(day)s.")
                if last
                else _("The %(board)s meets on %(day)s.")
            )
            subject = _("Changed: meeting of the %(board)s") if last else _("Meeting of the %(board)s")
            about = _ToldMeeting(meeting.pk, meeting.held_on, board.pk, sequence, state).about
            entry = Entry(meeting, sequence, meeting.cases)
            made = invitation(entry, address=person.email, now=now)
            lines = (said % named, public_link("meeting", meeting.pk))
            yield Message(person, about, subject % named, lines, made, "REQUEST")


def _cancelled(now: datetime) -> Iterator[Message]:
    """Meetings of which somebody was told, and that are gone."""
    rows = Told.objects.filter(about__startswith="meeting ").select_related("person").order_by("pk")
    last: dict[tuple[int, int], tuple[User, _ToldMeeting]] = {}
    for row in rows:
        if (told := _ToldMeeting.of(row.about)) and told.held_on >= timezone.localdate(now) - timedelta(days=1):
            last[row.person_id, told.meeting] = row.person, told
    there = set(Meeting.objects.filter(pk__in={meeting for _person, meeting in last}).values_list("pk", flat=True))
    gone = [(person, told) for person, told in last.values() if told.meeting not in there and told.state != CANCELLED]
    for person, told in gone:
        held = (
            _members(Board(pk=told.board)).filter(person=person, told_of_meetings=True).select_related("board").first()
        )
        if held is None:
            continue
        about = _ToldMeeting(told.meeting, told.held_on, told.board, told.sequence + 1, CANCELLED).about
        named = {"board": held.board.name, "day": date_format(told.held_on, "DATE_FORMAT")}
        made = cancellation(told.meeting, told.held_on, sequence=told.sequence + 1, address=person.email, now=now)
        lines = (_("The meeting of the %(board)s on %(day)s is cancelled.") % named, public_link("board", told.board))
        yield Message(person, about, _("Cancelled: meeting of the %(board)s") % named, lines, made, "CANCEL")


def _signatures(board: Board, held: Iterable[Membership], now: datetime) -> Iterator[Message]:
    """To those who were present and may sign, and have not."""
    by_person = {each.person_id: each for each in held if each.told_of_signatures and each.role in DECIDING_ROLES}
    for decision in (
        _in_force(board, now).filter(~Exists(_last_signature())).prefetch_related("presences", "signatures")
    ):
        signed = {each.person_id for each in decision.signatures.all()}
        for presence in decision.presences.all():
            member = by_person.get(presence.person_id)
            is_called = member and (decision.signatures_needed > 1 or member.role == Role.CHAIR)
            if member is None or not is_called or presence.person_id in signed:
                continue
            lines = (
                _("A decision of the %(board)s waits for your signature.") % {"board": board.name},
                public_link("decision", decision.item_id),
            )
            subject = _("A decision waits for your signature: %(board)s") % {"board": board.name}
            yield Message(member.person, f"sign {decision.pk}", subject, lines)


def _steps(board: Board, held: Iterable[Membership], now: datetime) -> Iterator[Message]:
    """To who sees to an action: the day before it is due, and every week while it is overdue."""
    people = {each.person_id: each.person for each in held if each.told_of_actions}
    today = day_of(now, board.time_zone)
    soon = watched_decisions(item__meeting__board=board, steps__due_on__lte=today + timedelta(days=1)).distinct()
    for decision in soon.prefetch_related("steps", "item__decisions__steps__progress") if people else ():
        states = states_of(decision.item.decisions.all())
        for step in decision.steps.all():
            person = people.get(step.owner_id or 0)
            if person is None or step.due_on is None or step.due_on > today + timedelta(days=1):
                continue
            if states[identity_of(step)] in (StepState.DONE, StepState.NOT_DONE):
                continue
            named = {"board": board.name, "day": date_format(step.due_on, "DATE_FORMAT")}
            if step.due_on >= today:
                about = f"due step {step.pk} on {step.due_on}"
                subject = _("An action of yours is due: %(board)s")
                said = _("An action that the %(board)s agreed with you is due on %(day)s.")
            else:
                about = f"overdue step {step.pk}, week {((today - step.due_on).days - 1) // 7}"
                subject = _("An action of yours is overdue: %(board)s")
                said = _(
                    "An action that the %(board)s agreed with you was due on %(day)s, and is not recorded as done."
                )
            yield Message(person, about, subject % named, (said % named, public_link("decision", decision.item_id)))


def _undermined(board: Board, held: Iterable[Membership], now: datetime) -> Iterator[Message]:
    """To those who prepare the board's cases: once for what a release brought on a day, however many decisions."""
    people = [each.person for each in held if each.told_of_actions and each.role in PREPARING_ROLES]
    items = watched_items(meeting__board=board).filter(is_undermined=True)
    raised = Development.objects.filter(decision__in=items.values("in_force"), undermines=True, acknowledged_as="")
    rows = raised.filter(raised_at__gte=now - RECENT).values_list("release", "raised_at", "decision")
    found: dict[tuple[int, date], set[int]] = defaultdict(set)
    for release, at, decision in rows if people else ():
        found[release, timezone.localdate(at)].add(decision)
    for (release, day), decisions in found.items():
        said = ngettext(
            "Something speaks against %(count)d decision of the %(board)s since. Look at it again.",
            "Something speaks against %(count)d decisions of the %(board)s since. Look at them again.",
            len(decisions),
        )
        named = {"count": len(decisions), "board": board.name}
        subject = _("Decisions to look at again: %(board)s") % named
        lines = (said % named, public_link("watched", board.pk))
        for person in people:
            yield Message(person, f"watched board {board.pk}, release {release} of {day}", subject, lines)


def _outcomes(board: Board, now: datetime) -> Iterator[Message]:
    """To who referred a case, once its decision is signed."""
    referred = _in_force(board, now).filter(Exists(_last_signature()), item__case__referred_by__is_active=True)
    for decision in referred.exclude(item__case__referred_by__email="").select_related("item__case__referred_by"):
        lines = (
            _("The %(board)s has decided on a case that you referred.") % {"board": board.name},
            settings.PUBLIC_URL.rstrip("/") + "/referrals/",
        )
        subject = _("A case that you referred: %(board)s") % {"board": board.name}
        yield Message(decision.item.case.referred_by, f"outcome {decision.pk}", subject, lines)


def _in_force(board: Board, now: datetime) -> QuerySet[Decision]:
    """The decisions in force that were recorded of late, of cases that are not erased."""
    later = Decision.objects.filter(item=OuterRef("item"), number__gt=OuterRef("number"))
    rows = Decision.objects.filter(~Exists(later), item__meeting__board=board, item__case__erased_at__isnull=True)
    return rows.filter(decided_at__gte=now - RECENT).order_by("pk")


def _last_signature() -> QuerySet[Signature]:
    return Signature.objects.filter(decision=OuterRef("pk"), place=F("decision__signatures_needed"))


def _state_of(meeting: Meeting) -> str:
    """By which it is seen that a meeting is another day, time or place than somebody was told."""
    time = meeting.begins_at.isoformat() if meeting.begins_at else None
    return str(sha256_of(canonical_json([meeting.held_on.isoformat(), time, meeting.time_zone, meeting.place]))[:12])


def _sequence(last: _ToldMeeting | None, state: str) -> int:
    if last is None:
        return 0
    return last.sequence if last.state == state else last.sequence + 1


def _last_told(people: Iterable[User], meetings: Iterable[int]) -> dict[tuple[int, int], _ToldMeeting]:
    """What each person was told last of each meeting."""
    of_them = Q(pk__in=[])
    for meeting in meetings:
        of_them |= Q(about__startswith=f"meeting {meeting} of ")
    rows = Told.objects.filter(of_them, person__in=list(people)).order_by("pk").values_list("person_id", "about")
    found = ((person, _ToldMeeting.of(about)) for person, about in rows)
    return {(person, told.meeting): told for person, told in found if told}


def _untold(messages: Iterable[Message]) -> list[Message]:
    listed = list(messages)
    rows = Told.objects.filter(
        person__in={each.person.pk for each in listed}, about__in={each.about for each in listed}
    )
    told = set(rows.values_list("person_id", "about"))
    return [each for each in listed if (each.person.pk, each.about) not in told]


def _send(messages: list[Message]) -> Sent:
    """Over one connection. What the server refuses is kept for later; once it does not answer, so is all the rest."""
    if not messages:
        return Sent()
    connection, sent, failed = get_connection(), 0, 0
    try:
        connection.open()
        for place, message in enumerate(messages):
            if not claim(message.person, message.about):
                continue
            try:
                _letter(message, connection).send()
                sent += 1
            except Exception as error:
                give_back(message.person, message.about)
                if not isinstance(error, _OF_ONE_MESSAGE):
                    logger.warning("mail of boards is not sent: %s", type(error).__name__)
                    return Sent(sent, failed + len(messages) - place)
                logger.warning("a message of boards is not sent: %s", type(error).__name__)
                failed += 1
        connection.close()
    except (SMTPException, OSError) as error:
        logger.warning("mail of boards is not sent: %s", type(error).__name__)
        return Sent(sent, failed or len(messages))
    return Sent(sent, failed)


# What is wrong with a message or its reader, and with no other; a text that no header can hold is a ValueError.
_OF_ONE_MESSAGE = (SMTPRecipientsRefused, SMTPSenderRefused, ValueError)


def _letter(message: Message, connection: Any) -> EmailMessage:
    body = "\n\n".join(
        [
            *(one_line(line) for line in message.lines),
            _("What mail tells you: %(link)s") % {"link": public_link("notifications")},
        ]
    )
    letter = EmailMessage(one_line(message.subject), body, None, [message.person.email], connection=connection)
    if message.calendar:
        letter.attach("meeting.ics", message.calendar.decode(), f"text/calendar; method={message.method}")
    return letter


@cache
def _background() -> ThreadPoolExecutor:
    """One thread a process, started when there is something to tell; a process that ends lets it finish."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="boards-mail")


def _tell_and_close() -> None:
    try:
        tell(timezone.now())
    except DatabaseError as error:
        logger.warning("mail of boards is not sent: %s", type(error).__name__)
    finally:
        connections.close_all()
