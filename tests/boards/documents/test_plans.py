"""Documents of plans: what was signed does not change, whatever is done afterwards; letters name nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from boards import actions
from boards.choice import Choice
from boards.documents import in_text, letter, minutes, report
from boards.documents.report import with_ballots
from boards.errors import Refused
from boards.models import GUARD, AgendaItem, Attendance, Decision, Meeting
from boards.plans import Step
from display.typesetting import pdf
from tests.factories.boards import (
    FOLFIRI,
    FOLFOX,
    a_board,
    a_case,
    a_meeting,
    account,
    an_item,
    decide,
    entered,
    erased,
)
from tests.pages import text

pytestmark = pytest.mark.django_db
AT = datetime(2026, 12, 3, 17, 30, tzinfo=UTC)
DPD = Choice("test-first", "dpd")
DUE = timezone.localdate() + timedelta(days=7)
DUE_WORDS = f"{DUE.day} {DUE:%b %Y}"


def fetched(item: AgendaItem) -> AgendaItem:
    return with_ballots(AgendaItem.objects.filter(pk=item.pk)).get()


def planned(item: AgendaItem, **changes: Any) -> Decision:
    given: dict[str, Any] = {
        "based_on": 0,
        "steps": [
            Step(DPD, "first", owner=account("ben"), due_on=DUE),
            Step(FOLFIRI, "if DPD is normal", "Level A.", owner_words="Day clinic"),
        ],
        "rationale": "Best evidence here.",
        "would_change": "The DPD result.",
        "present": [account(name) for name in ("ada", "ben", "chair")],
    }
    return actions.record_decision(item, by=account("ada"), **given | changes)


def sign(decision: Decision) -> None:
    for name in ("ada", "chair"):
        actions.sign(decision, by=account(name))


@pytest.fixture
def item() -> AgendaItem:
    """A case with everything that a document shows, decided and signed."""
    board = a_board(header="University hospital\nThursdays", blind_first=True)
    meeting = a_meeting(board, a_case(board, notes="Lives alone."), fixed=False)
    found = meeting.items.get()
    actions.prepare(found, question="Which second line?", by=account("ada"))
    actions.fix_agenda(meeting, by=account("chair"))
    for name in ("ada", "ben", "chair"):
        actions.vote(found, choice=FOLFOX, by=account(name))
    found.refresh_from_db()
    actions.prepare(found, options=["folfiri", "folfox"], by=account("ada"))
    sign(planned(found))
    return fetched(found)


def told(item: AgendaItem) -> dict[str, str]:
    """Every document and the decision's page, to the letter."""
    item = fetched(item)
    meeting = Meeting.objects.select_related("board").get(pk=item.meeting_id)
    made = {
        "report": report(item, at=AT),
        "letter": letter(item, at=AT),
        "minutes": minutes(meeting, at=AT),
    }
    texts = {name: json.dumps(asdict(document)) for name, document in made.items()}
    return texts | {"text": in_text(made["letter"])}


def refused(act: Callable[[], Any]) -> None:
    with pytest.raises(Refused):
        act()


# What can still be done once a decision is signed, and what is refused.
LATER: dict[str, Callable[[AgendaItem], Any]] = {
    "another label": lambda item: actions.relabel(item.case, label="Magenta 9", by=account("ada")),
    "another name and header": lambda item: actions.change_settings(
        item.meeting.board, name="Renamed", header="Elsewhere", blind_first=False, ballots="named", by=account("chair")
    ),
    "another question": lambda item: refused(lambda: actions.prepare(item, question="Otherwise?", by=account("ada"))),
    "other options": lambda item: refused(
        lambda: actions.prepare(item, options=["folfiri", "captem"], by=account("ada"))
    ),
    "another version": lambda item: actions.add_version(
        item.case, based_on=1, snapshot=entered(ecog="3"), notes="Other notes.", by=account("ada")
    ),
    "progress": lambda item: actions.record_progress(
        item.decisions.get().steps.get(position=2), state="done", by=account("ben")
    ),
    "a result": lambda item: actions.enter_result(
        item.decisions.get().steps.get(position=1), value="partial", by=account("ben")
    ),
    "a draft": lambda item: actions.save_draft(item, fields=[("rationale", "x")], revision=0, by=account("ada")),
    "another choice": lambda item: refused(lambda: actions.change_choice(item, choice=FOLFIRI, by=account("ben"))),
    "the archive": lambda item: actions.archive(item.case, by=account("ada")),
    "a member who leaves": lambda item: actions.remove_member(
        item.meeting.board.memberships.get(person=account("ben")), by=account("chair")
    ),
    "another vote that is closed": lambda item: actions.close_vote(
        a_meeting(item.meeting.board, item.case).items.get(), by=account("chair")
    ),
    "that somebody asks to erase it": lambda item: actions.ask_erasure(item.case, by=account("ada")),
}


@pytest.mark.parametrize("later", LATER)
def test_what_was_signed_does_not_change(item: AgendaItem, later: str) -> None:
    before = told(item)
    assert "Which second line?" in before["report"] and "University hospital" in before["minutes"]
    LATER[later](item)
    assert told(item) == before


def test_another_place_changes_nothing_that_was_signed(item: AgendaItem) -> None:
    before = told(item)
    with GUARD.open():
        Meeting.objects.update(place="Elsewhere")
    assert told(item) == before


def test_the_decisions_page_shows_what_was_signed(item: AgendaItem) -> None:
    client = Client()
    client.force_login(account("ben"))
    address = reverse("boards:decision", args=[item.pk])
    actions.relabel(item.case, label="Magenta 9", by=account("ada"))
    shown = text(client.get(address))
    assert "Decision on Colon 7" in shown and "Question Which second line?" in shown
    assert "Options side by side FOLFIRI, FOLFOX" in shown


def test_a_report_has_the_plan_the_first_the_notes_and_every_source(item: AgendaItem) -> None:
    found = report(item, at=AT)
    assert found.decision is not None
    first, second = found.decision.plan
    assert (first.when, first.do, first.who, first.due) == ("first", "Test first: DPD", "ben", DUE_WORDS)
    assert (second.do, second.who, second.reason) == ("FOLFIRI", "Day clinic", "Level A.")
    assert second.standing == "among the recommended; rank 1, level of evidence A"
    assert (found.notes, found.question) == ("Lives alone.", "Which second line?")
    assert found.first.startswith("Ranked first: FOLFIRI (level A).")
    cautions = [caution for option in found.options for caution in option.cautions]
    assert cautions and all(caution.sources for caution in cautions)
    assert all(source.url.startswith("https://") for source in found.sources)
    assert not [source.text for source in found.sources if ":443" in source.text]
    for document in (found, letter(item, at=AT), minutes(item.meeting, at=AT)):
        assert pdf(document, at=AT).startswith(b"%PDF-")


def test_minutes_of_a_finished_meeting_stay_and_corrections_are_named_as_such() -> None:
    board = a_board()
    case, standard = a_case(board), a_case(board, "Colon 8")
    meeting = a_meeting(board, case, standard)
    item, plain = meeting.items.order_by("position")
    actions.choose_discussion(plain, is_needed=False, by=account("chair"))
    plain.refresh_from_db()
    sign(planned(item))
    actions.sign(decide(plain), by=account("chair"))
    with GUARD.open():
        Attendance.objects.create(meeting=meeting, person=account("ada"))
        Meeting.objects.update(
            finished_at=timezone.now(), finished_by=account("chair"), board_name="NEC board", guests="Radiology"
        )
    meeting = Meeting.objects.select_related("board").get()
    before = minutes(meeting, at=AT)
    assert before.present == "ada, Radiology"
    (only,), (alone,) = before.items, before.standard
    assert alone.decision is not None
    assert alone.decision.discussion == "Standard of care: decided without discussion, by the chair."
    assert alone.decision.is_signed and only.corrected == ()
    given = {"name": "Renamed", "header": "Elsewhere", "blind_first": False, "ballots": "named"}
    actions.change_settings(board, by=account("chair"), **given)
    planned(item, based_on=1, correction="Misheard.", steps=[Step(FOLFOX)], reason="cost", reason_words="Paid for.")
    after = minutes(Meeting.objects.select_related("board").get(), at=AT)
    (told_now,) = after.items
    assert told_now.corrected[0].startswith("Version 2") and "FOLFOX. Misheard." in told_now.corrected[0]
    assert asdict(told_now) | {"corrected": ()} == asdict(only)
    assert asdict(after) | {"items": ()} == asdict(before) | {"items": ()}
    assert b"%PDF-" in pdf(after, at=AT)


class TestLetter:
    def test_it_names_nobody(self, item: AgendaItem) -> None:
        User.objects.update(first_name="Adelheid", last_name="Kanarienvogel")
        found = letter(fetched(item), at=AT)
        whole = json.dumps(asdict(found)) + in_text(found)
        assert "Kanarienvogel" not in whole and "Adelheid" not in whole
        assert "Signed by 2 members of the board" in whole
        for words in (f"1. first: Test first: DPD (the board; Due {DUE_WORDS})", "2. if DPD is normal: FOLFIRI"):
            assert words in in_text(found), words
        assert "Day clinic" in whole and "The DPD result." in whole

    def test_it_waits_for_the_signatures_and_goes_with_the_case(self) -> None:
        item = an_item()
        decision = planned(item)
        with pytest.raises(Refused, match="signed"):
            letter(fetched(item), at=AT)
        sign(decision)
        assert letter(fetched(item), at=AT).chosen == "FOLFIRI"
        erased(item)
        with pytest.raises(Refused, match="erased"):
            letter(fetched(item), at=AT)

    def test_its_page_and_file_are_for_the_board(self, item: AgendaItem) -> None:
        client = Client()
        client.force_login(account("ben"))
        page = client.get(reverse("boards:letter", args=[item.pk])).content.decode()
        assert "The letter as text, to copy" in page and "Dear colleague" in page
        file = client.get(reverse("boards:letter-pdf", args=[item.pk]))
        assert file.headers["Content-Type"] == "application/pdf"
        client.force_login(account("eve"))
        assert client.get(reverse("boards:letter", args=[item.pk])).status_code == 404
