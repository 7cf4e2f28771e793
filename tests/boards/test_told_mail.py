"""What mail tells members: to whom, once, nothing of a patient, and nothing where it is turned off or not set up."""

from __future__ import annotations

import random
import smtplib
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from audit.models import Event
from boards import actions
from boards.actions.replays import replay_decisions
from boards.actions.told import change_notifications
from boards.calendars import Entry, calendar, invitation, one_line
from boards.choice import Choice
from boards.mail import Message, Sent, _letter, tell
from boards.models import GUARD, Board, Case, Decision, Meeting, Membership, PlanStep, Told
from boards.models.choices import Role
from boards.plans import Step
from tests.databases import ROOT, own_database
from tests.factories.boards import a_board, a_case, a_meeting, account, decide, signed
from tests.factories.replays import weaker
from tests.valid_html import check

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

LABEL, NOTES, WHY = "Zebra 9", "lives by the harbour", "She plays the violin"
# What is known of the patient, and what was decided: none of it leaves by mail.
OF_THE_PATIENT = (LABEL, "Zebra", "harbour", "violin", "olon", "FOLFIRI", "folfiri", "rectum", "ECOG", "Dentist")


@pytest.fixture(autouse=True)
def with_mail(settings: Any) -> None:
    settings.EMAIL_URL, settings.PUBLIC_URL = "memory:", "https://nec.hospital.example"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def board() -> Board:
    board = a_board()
    for name in ("ada", "ben", "chair"):
        person = account(name)
        person.email = f"{name}@hospital.example"
        person.save()
    return board


def coming(board: Board, **changes: Any) -> Meeting:
    day = timezone.localdate() + timedelta(days=7)
    return actions.make_meeting(board=board, **{"held_on": day, "place": "Room 4"} | changes, by=account("ada"))


def sent(about: str = "") -> list[EmailMessage]:
    return [each for each in mail.outbox if about in each.subject]


def readers(about: str) -> list[str]:
    return sorted(each.to[0].partition("@")[0] for each in sent(about))


def event_of(message: EmailMessage) -> Any:
    ((_name, content, kind),) = message.attachments
    found = Calendar.from_ical(content)
    assert kind == f"text/calendar; method={found['method']}"
    (event,) = found.walk("VEVENT")
    return event


def a_decision(
    board: Board,
    how: Callable[..., Decision] = decide,
    label: str = LABEL,
    held_on: date | None = None,
    **changes: Any,
) -> Decision:
    case = a_case(board, label, notes=NOTES)
    return how(a_meeting(board, case, held_on=held_on).items.get(), rationale=WHY, **changes)


def dentist(due: date, condition: str = "", **changes: Any) -> Step:
    """What a board asks of Ben, beside a treatment."""
    return Step(Choice("other", words="Dentist"), condition, **{"owner": account("ben")} | changes, due_on=due)


def told_by(now: datetime) -> Sent:
    mail.outbox.clear()
    return tell(now)


class TestMeetings:
    def test_an_invitation_a_change_and_the_cancellation(self, board: Board, now: datetime) -> None:
        meeting = coming(board)
        assert told_by(now) == Sent(3, 0) and readers("Meeting of the NEC board") == ["ada", "ben", "chair"]
        first = event_of(sent()[0])
        assert first["uid"] == f"meeting-{meeting.pk}@nec.hospital.example" and first["sequence"] == 0
        assert first["dtstart"].dt == meeting.held_on and first["location"] == "Room 4"
        assert f"https://nec.hospital.example/meetings/{meeting.pk}/" in sent()[0].body
        assert told_by(now) == Sent()
        with GUARD.open():
            meeting.place = "Room 5"
            meeting.save()
        assert told_by(now) == Sent(3, 0) and readers("Changed: meeting") == ["ada", "ben", "chair"]
        second = event_of(sent()[0])
        assert (second["uid"], second["sequence"], second["location"]) == (first["uid"], 1, "Room 5")
        with GUARD.open():
            meeting.place = "Room 4"  # as it was
            meeting.save()
        assert told_by(now) == Sent(3, 0) and event_of(sent()[0])["sequence"] == 2
        with GUARD.open():
            meeting.delete()
        assert told_by(now) == Sent(3, 0) and readers("Cancelled: meeting") == ["ada", "ben", "chair"]
        last = event_of(sent()[0])
        assert (last["uid"], last["sequence"], last["status"]) == (first["uid"], 3, "CANCELLED")
        assert told_by(now) == Sent()

    def test_who_comes_to_the_board_later_is_invited(self, board: Board, now: datetime) -> None:
        coming(board)
        told_by(now)
        eve = account("eve")
        eve.email = "eve@hospital.example"
        eve.save()
        actions.add_member(board, person=eve, by=account("chair"))
        assert told_by(now) == Sent(1, 0) and readers("") == ["eve"]

    def test_none_that_is_over_and_none_to_who_has_no_address_or_account(self, board: Board, now: datetime) -> None:
        actions.make_meeting(board=board, held_on=timezone.localdate() - timedelta(days=2), by=account("ada"))
        assert told_by(now) == Sent()
        coming(board)
        for name, changes in (("ada", {"email": ""}), ("ben", {"is_active": False})):
            person = account(name)
            for field, value in changes.items():
                setattr(person, field, value)
            person.save()
        assert told_by(now) == Sent(1, 0) and readers("") == ["chair"]

    def test_a_time_of_day_stands_in_the_boards_zone(self, board: Board, now: datetime) -> None:
        meeting = coming(board)
        with GUARD.open():
            Meeting.objects.filter(pk=meeting.pk).update(begins_at="16:30", time_zone="Europe/Berlin")
        told_by(now)
        ((_name, content, _kind),) = sent()[0].attachments
        assert "BEGIN:VTIMEZONE" in content and "DTSTART;TZID=Europe/Berlin:" in content
        event = event_of(sent()[0])
        assert event["dtstart"].dt.strftime("%H:%M %Z")[:5] == "16:30"
        assert event["duration"].dt == timedelta(minutes=10)
        assert "(Europe/Berlin)" in sent()[0].body


class TestSignatures:
    def test_those_who_were_present_and_may_sign(self, board: Board, now: datetime) -> None:
        decision = a_decision(board, present=[account("ada"), account("chair")])
        told_by(now)
        assert readers("waits for your signature") == ["ada", "chair"]
        (body,) = {each.body for each in sent("waits for your signature")}
        assert body.startswith("A decision of the NEC board waits for your signature.")
        assert f"https://nec.hospital.example/agenda/{decision.item_id}/decision/" in body
        assert told_by(now) == Sent()

    def test_nobody_once_it_is_signed_and_nobody_who_has(self, board: Board, now: datetime) -> None:
        decision = a_decision(board)
        actions.sign(decision, by=account("ada"))
        told_by(now)
        assert readers("waits for your signature") == ["ben", "chair"]
        actions.sign(decision, by=account("chair"))
        with GUARD.open():
            Told.objects.all().delete()
        told_by(now)
        assert readers("waits for your signature") == []

    def test_the_chair_alone_where_the_chair_signs_alone(self, board: Board, now: datetime) -> None:
        item = a_meeting(board, a_case(board, LABEL)).items.get()
        with GUARD.open():
            item.needs_discussion = False
            item.save()
        decide(item)
        told_by(now)
        assert readers("waits for your signature") == ["chair"]

    def test_a_later_version_is_told_anew_and_an_old_one_not(self, board: Board, now: datetime) -> None:
        decision = a_decision(board)
        told_by(now)
        decide(decision.item, based_on=1)
        told_by(now)
        assert len(sent("waits for your signature")) == 3
        decide(decision.item, based_on=2)
        told_by(now + timedelta(days=31))
        assert sent("waits for your signature") == []


class TestActions:
    def a_step(self, board: Board, due: date, label: str = LABEL, **changes: Any) -> PlanStep:
        return a_decision(board, signed, label, steps=[dentist(due, **changes)]).steps.get(kind="other")

    def test_the_day_before_and_every_week_while_it_is_overdue(self, board: Board, now: datetime) -> None:
        due = timezone.localdate() + timedelta(days=10)
        self.a_step(board, due)
        told: dict[int, list[str]] = {}
        for days in range(8, 28):
            told_by(now + timedelta(days=days))
            if found := [each.subject for each in sent("An action of yours")]:
                told[days - 10] = found
                assert readers("An action of yours") == ["ben"]
        due_, overdue = "An action of yours is due: NEC board", "An action of yours is overdue: NEC board"
        assert told == {-1: [due_], 1: [overdue], 8: [overdue], 15: [overdue]}

    def test_nothing_of_what_is_done_or_closed_or_of_nobody(self, board: Board, now: datetime) -> None:
        due = timezone.localdate()
        step = self.a_step(board, due)
        actions.record_progress(step, state="not-done", not_done="died", by=account("ada"))
        told_by(now)
        assert sent("An action") == []
        other = self.a_step(board, due, "Zebra 10", owner=None, owner_words="the ward")
        told_by(now)
        assert sent("An action") == [] and other.owner is None
        third = self.a_step(board, due, "Zebra 11")
        with GUARD.open():
            item = third.decision.item
            item.watch_closed_at, item.watch_closed_by = now, account("ada")
            item.save()
        told_by(now)
        assert sent("An action") == []


class TestDevelopments:
    def test_once_a_release_and_not_while_a_vote_is_open(self, board: Board, now: datetime) -> None:
        decision = a_decision(board, signed)
        replay_decisions(weaker().pk)
        told_by(now)
        assert readers("Decisions to look at again") == ["ada", "ben", "chair"]
        assert "Something speaks against 1 decision of the NEC board since. Look at it again." in sent("again")[0].body
        assert reverse("boards:watched", args=[board.pk]) in sent("again")[0].body
        assert told_by(now) == Sent()
        with GUARD.open():
            Told.objects.all().delete()
        blind = {"name": board.name, "header": "", "blind_first": True, "ballots": "named"}
        actions.change_settings(board, by=account("chair"), **blind)
        a_meeting(board, decision.item.case)
        told_by(now)
        assert sent("Decisions to look at again") == []

    def test_a_reader_prepares_nothing_and_is_not_told(self, board: Board, now: datetime) -> None:
        a_decision(board, signed)
        actions.change_role(Membership.objects.get(person=account("ada")), role=Role.READER, by=account("chair"))
        replay_decisions(weaker().pk)
        told_by(now)
        assert readers("Decisions to look at again") == ["ben", "chair"]


class TestOutcomes:
    def test_who_referred_the_case_is_told_once_it_is_signed(self, board: Board, now: datetime) -> None:
        decision = a_decision(board)
        eve = account("eve")
        eve.email = "eve@hospital.example"
        eve.save()
        with GUARD.open():
            Case.objects.update(referred_by=eve)
        told_by(now)
        assert "eve" not in readers("")
        actions.sign(decision, by=account("ada"))
        actions.sign(decision, by=account("chair"))
        told_by(now)
        assert readers("A case that you referred") == ["eve"]
        assert told_by(now) == Sent()


class TestNothingOfAPatient:
    def test_in_any_message_or_calendar(self, board: Board, now: datetime) -> None:
        today, earlier = timezone.localdate(), timezone.localdate() - timedelta(days=3)
        decision = a_decision(board, held_on=earlier, steps=[dentist(today), dentist(earlier, "Dentist first")])
        with GUARD.open():
            Case.objects.update(referred_by=account("ben"))
        coming(board)
        replay_decisions(weaker().pk)
        told_by(now)
        messages = list(mail.outbox)
        actions.sign(decision, by=account("ada"))
        actions.sign(decision, by=account("chair"))
        told_by(now)
        messages += mail.outbox
        kinds = {each.subject.partition(":")[0] for each in messages}
        assert len(kinds) >= 6, kinds
        for message in messages:
            text = message.subject + message.body + "".join(str(each[1]) for each in message.attachments)
            assert [each for each in OF_THE_PATIENT if each in text] == []
        told = " ".join(Told.objects.values_list("about", flat=True))
        assert [each for each in OF_THE_PATIENT if each in told] == []

    def test_in_calendars_to_download(self, board: Board) -> None:
        meeting = coming(board)
        actions.list_case(meeting, case=a_case(board, LABEL, notes=NOTES), by=account("ada"))
        client = Client()
        client.force_login(account("ben"))
        for name, row in (("meeting-calendar", meeting.pk), ("board-calendar", board.pk)):
            response = client.get(reverse(f"boards:{name}", args=[row]))
            assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
            assert [each for each in OF_THE_PATIENT if each in response.content.decode()] == []
            (event,) = Calendar.from_ical(response.content).walk("VEVENT")
            assert event["summary"] == "Tumour board: NEC board" and "attendee" not in event
        client.force_login(account("eve"))
        assert client.get(reverse("boards:board-calendar", args=[board.pk])).status_code == 404
        assert client.get(reverse("boards:meeting-calendar", args=[meeting.pk])).status_code == 404


class TestTurnedOff:
    def test_each_kind_by_each_member(self, board: Board, now: datetime) -> None:
        a_decision(board, steps=[dentist(timezone.localdate())])
        coming(board)
        replay_decisions(weaker().pk)
        off = {"meetings": False, "signatures": False, "actions": False}
        change_notifications(board, **off, by=account("ben"))
        told_by(now)
        assert set(readers("Meeting of")) == set(readers("signature")) == set(readers("")) == {"ada", "chair"}
        subjects = {
            "meetings": {"Meeting of the NEC board"},
            "signatures": {"A decision waits for your signature: NEC board"},
            "actions": {"An action of yours is due: NEC board", "Decisions to look at again: NEC board"},
        }
        for kind, expected in subjects.items():
            change_notifications(board, **off | {kind: True}, by=account("ben"))
            told_by(now)
            assert set(readers("")) == {"ben"} and {each.subject for each in sent()} == expected

    def test_on_a_page_of_ones_own(self, board: Board, settings: Any) -> None:
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(account("ben"))
        address = reverse("boards:notifications")
        response = client.get(address)
        check(response)
        assert "NEC board" in response.content.decode() and "No mail" not in response.content.decode()
        client.post(address, {"board": board.pk, "signatures": "on"})
        held = Membership.objects.get(person=account("ben"))
        assert (held.told_of_meetings, held.told_of_signatures, held.told_of_actions) == (False, True, False)
        assert Event.objects.first().action == "change-notifications"
        assert Membership.objects.get(person=account("ada")).told_of_meetings
        settings.EMAIL_URL = ""
        assert "No server for e-mail is set up here" in client.get(address).content.decode()
        client.force_login(account("eve"))
        check(client.get(address))
        assert client.post(address, {"board": board.pk}).status_code == 404


class TestSending:
    def test_nothing_is_sent_or_noted_without_a_server(self, board: Board, now: datetime, settings: Any) -> None:
        settings.EMAIL_URL = ""
        coming(board)
        assert told_by(now) == Sent() and mail.outbox == [] and not Told.objects.exists()
        call_command("tell_boards")

    def test_after_the_action_is_committed(
        self, board: Board, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any, settings: Any
    ) -> None:
        told: list[str] = []
        monkeypatch.setattr("boards.receivers.tell_soon", lambda: told.append("soon"))
        with django_capture_on_commit_callbacks(execute=True):
            coming(board)
            assert told == []
        assert told == ["soon"]
        with django_capture_on_commit_callbacks(execute=True):
            a_case(board, LABEL)
        settings.EMAIL_URL = ""
        with django_capture_on_commit_callbacks(execute=True):
            coming(board)
        assert told == ["soon"]

    @pytest.mark.parametrize("error", [OSError("mail.hospital.example"), smtplib.SMTPServerDisconnected("gone")])
    def test_what_the_server_does_not_take_is_sent_later(
        self,
        board: Board,
        now: datetime,
        error: Exception,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        coming(board)

        def fail(*_arguments: Any, **_options: Any) -> int:
            raise error

        monkeypatch.setattr(EmailMessage, "send", fail)
        assert told_by(now) == Sent(0, 3) and not Told.objects.exists()
        assert "hospital.example" not in caplog.text and "not sent" in caplog.text
        monkeypatch.undo()
        assert told_by(now) == Sent(3, 0)

    def test_an_address_that_is_refused_keeps_no_other_from_being_told(
        self, board: Board, now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        coming(board)
        send = EmailMessage.send

        def refuse_ada(message: EmailMessage, *arguments: Any) -> int:
            if "ada" in message.to[0]:
                raise smtplib.SMTPRecipientsRefused({message.to[0]: (550, b"no such user")})
            return send(message, *arguments)

        monkeypatch.setattr(EmailMessage, "send", refuse_ada)
        assert told_by(now) == Sent(2, 1) and readers("") == ["ben", "chair"]
        assert "ada" not in caplog.text

    def test_two_processes_at_once_send_each_message_once(self, tmp_path: Path) -> None:
        environment = own_database("telling", tmp_path)
        letters = tmp_path / "letters"
        letters.mkdir()
        subprocess.run([sys.executable, "-c", SETUP], cwd=ROOT, env=environment, check=True)
        environment = environment | {"EMAIL_URL": f"file:///{letters}"}
        command = [sys.executable, "manage.py", "tell_boards"]
        running = [subprocess.Popen(command, cwd=ROOT, env=environment) for _process in range(3)]
        assert [each.wait(120) for each in running] == [0, 0, 0]
        written = "".join(each.read_text() for each in letters.iterdir())
        assert sorted(line for line in written.splitlines() if line.startswith("To: ")) == [
            f"To: member{number}@hospital.example" for number in range(6)
        ]


SETUP = """
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from boards import actions
from tests.factories.boards import a_board, account
board = a_board()
for number in range(6):
    person = account(f"member{number}")
    person.email = f"member{number}@hospital.example"
    person.save()
    actions.add_member(board, person=person, by=account("chair"))
actions.make_meeting(board=board, held_on=timezone.localdate() + timedelta(days=7), by=account("ada"))
"""


class TestAnyText:
    """A fuzz over all planes of Unicode: nothing that is typed ends a line of a header or of a calendar."""

    TEXTS = 1000

    def texts(self) -> list[str]:
        drawn = random.Random(14)  # noqa: S311 - texts, and no secrets
        planes = [range(plane << 16, (plane + 1) << 16) for plane in range(17)]
        special = ["\r\nBcc: x@y.example", "\nATTENDEE:mailto:x@y.example", "\x00", "\u202e", "\u2028", "=cmd", ";,:\\"]
        found = []
        for _text in range(self.TEXTS):
            signs = [chr(drawn.choice(drawn.choice(planes))) for _sign in range(drawn.randint(1, 20))]
            signs.insert(drawn.randint(0, len(signs)), drawn.choice(special))
            found.append("".join(signs))
        return found

    def test_in_calendars_and_letters(self, board: Board, now: datetime) -> None:
        meeting = Meeting(pk=7, board=board, held_on=date(2027, 3, 4), minutes_each=10)
        person = account("ada")
        of_event = {"UID", "DTSTAMP", "SEQUENCE", "SUMMARY", "DTSTART", "LOCATION", "URL", "STATUS"}
        for text in self.texts():
            meeting.place = board.name = text
            (event,) = Calendar.from_ical(calendar([Entry(meeting)], now=now, name=text)).walk("VEVENT")
            assert set(event) <= of_event
            assert str(event.get("location", "")) == one_line(text)
            made = invitation(Entry(meeting), address=person.email, now=now)
            assert all(len(line) <= 75 for line in made.split(b"\r\n"))
            letter = _letter(Message(person, "x", text, (text,), made, "REQUEST"), None).message()
            assert sorted(letter.keys()) == sorted(
                ["Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID"]
            )
            assert letter.as_bytes() and letter["To"] == person.email
