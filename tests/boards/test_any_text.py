"""A thousand texts over all planes of Unicode through every text of boards: to page, PDF and CSV, without an error.

`python -m benchmarks.texts` sends each of them through each form of a board.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from boards import actions
from boards.actions.exports import export_decisions
from boards.choice import Choice
from boards.documents import minutes, report
from boards.documents.report import with_ballots
from boards.errors import Refused
from boards.models import AgendaItem, Decision
from boards.outcomes.course import Course
from boards.outcomes.statistics import Period
from boards.privacy.guard import GUARDED, OF_LINES, kept
from display.spreadsheets import neutral
from display.texts import INVISIBLE, SHAPING
from display.typesetting import pdf
from tests.factories.boards import a_board, account, an_item, decide, entered
from tests.factories.texts import FORMULAS, HARMFUL, HEADERS, any_texts
from tests.valid_html import faults

AT = datetime(2026, 12, 3, 17, 30, tzinfo=UTC)
TEXTS = any_texts(1000)
LONG = 40  # texts that are written together into one field of several lines


def passing(field: str, texts: Sequence[str] = TEXTS) -> list[str]:
    """Those of the texts that the guard keeps, as they are sent."""
    found = []
    for text in texts:
        try:
            if kept(text, field):
                found.append(text)
        except Refused:
            continue
    return found


def test_the_sample_covers_all_planes() -> None:
    assert len(set(TEXTS)) > 990
    assert {ord(sign) >> 16 for text in TEXTS for sign in text} == set(range(17))
    assert set(HARMFUL) <= set(TEXTS)


@pytest.mark.parametrize("field", GUARDED)
def test_a_text_is_kept_as_it_is_seen_or_refused_with_a_reason(field: str) -> None:
    reasons = set()
    for text in TEXTS:
        try:
            plain = kept(text, field)
        except Refused as refusal:
            reasons.add((refusal.field, bool(str(refusal))))
            continue
        assert kept(plain, field) == plain
        plain.encode()  # no half of a surrogate pair
        assert not any(INVISIBLE.match(sign) and not SHAPING.match(sign) for sign in plain)
        assert "\r" not in plain and "\x00" not in plain
        assert field in OF_LINES or len(plain.splitlines()) <= 1
    assert reasons == {(field.partition(".")[2], True)}


def test_a_text_of_one_line_begins_no_header() -> None:
    for text in HEADERS:
        for field in GUARDED.keys() - OF_LINES:
            for plain in passing(field, [text]):
                assert len(kept(plain, field).splitlines()) == 1


def test_no_text_is_a_formula_in_a_spreadsheet() -> None:
    for text in (*FORMULAS, *TEXTS):
        assert neutral(text)[:1] not in tuple("=+-@\t\r\n＝＋－＠")


@pytest.fixture
def item(db: None) -> AgendaItem:
    """An item that carries as many of the texts in each of its fields as there is room for."""
    board = a_board(name="=1+1 \U0001ab00 漢字", header="\n".join(passing("board.header")[:20])[:600])
    found = an_item(board)
    thousand = iter(passing("decision.rationale"))
    several = ["\n".join(text for text, _ in zip(thousand, range(LONG), strict=False)) for _ in range(4)]
    actions.prepare(found, question="\n".join(passing("agendaitem.question")[:60])[:600], by=account("ada"))
    words = " ".join(passing("decision.words")[:40])[:200]
    given = {"rationale": several[0], "dissent": several[1], "reason": "other", "reason_words": several[2]}
    decide(found, Choice("other", "", words), guests=" ".join(passing("decision.guests")[:40])[:300], **given)
    actions.add_version(
        found.case,
        based_on=1,
        snapshot=entered(),
        notes="\n".join(passing("caseversion.notes")[:200]),
        by=account("ada"),
    )
    actions.relabel(found.case, label="@SUM 漢字 \U0001ab00 🧪", by=account("ada"))
    course = Course(Choice("other", "", words), started_in=found.listed_at.strftime("%Y-%m"))
    actions.record_follow_up(found, based_on=0, course=course, by=account("ada"))
    return with_ballots(AgendaItem.objects.filter(pk=found.pk)).get()


def test_pages_show_them(item: AgendaItem) -> None:
    client = Client()
    client.force_login(account("ada"))
    of_item = [
        reverse(f"boards:{name}", args=[item.pk]) for name in ("item", "decide", "decision", "report", "follow-up")
    ]
    of_meeting = [reverse(f"boards:{name}", args=[item.meeting_id]) for name in ("meeting", "minutes")]
    of_case = [reverse("boards:case", args=[item.case_id]), reverse("boards:version-new", args=[item.case_id])]
    for address in (*of_item, *of_meeting, *of_case, reverse("boards:board", args=[item.meeting.board_id])):
        answer = client.get(address)
        assert answer.status_code == 200, address
        page = answer.content.decode()
        assert "<script>alert(1)" not in page and "</textarea><b>" not in page
        assert [fault for fault in faults(page) if "invalid-codepoint" not in str(fault)] == [], address


def test_documents_print_them(item: AgendaItem) -> None:
    assert pdf(report(item, at=AT), at=AT).startswith(b"%PDF-")
    assert pdf(minutes(item.meeting, at=AT), at=AT).startswith(b"%PDF-")


@pytest.mark.django_db
def test_one_document_prints_all_of_them_in_each_of_its_places() -> None:
    """As they could stand in rows of before the guard."""
    item = an_item()
    decide(item)
    found = minutes(item.meeting, at=AT)
    (only,) = found.items
    assert only.decision is not None
    items = []
    for place in range(0, len(TEXTS), 10):
        texts = TEXTS[place : place + 10]
        names = ("chosen", "rationale", "reason", "present", "dissent", "correction")
        said = replace(only.decision, **dict(zip(names, texts, strict=False)), former=texts[6:8])
        items.append(replace(only, label=texts[8], question=texts[9], first="", decision=said))
    document = replace(found, title=TEXTS[0], board=TEXTS[1], meeting=TEXTS[2], header=TEXTS[3:90], items=tuple(items))
    assert pdf(document, at=AT).startswith(b"%PDF-")


def test_tables_hold_no_formula(item: AgendaItem) -> None:
    made = export_decisions(item.meeting.board, period=Period(), kind="csv", by=account("chair"))
    rows = list(csv.reader(io.StringIO(made.text.removeprefix("\ufeff"))))
    assert len(rows) == 2
    assert not [
        cell
        for row in rows
        for cell in row
        if cell[:1] in tuple("=+@\t\r") or (cell[:1] == "-" and not cell[1:2].isdigit())
    ]


@pytest.mark.django_db
def test_a_place_is_printed_whatever_it_is() -> None:
    board = a_board()
    for place in passing("meeting.place")[:12]:
        meeting = actions.make_meeting(board=board, held_on=timezone.localdate(), place=place[:120], by=account("ada"))
        assert pdf(minutes(meeting, at=AT), at=AT).startswith(b"%PDF-")
    assert not Decision.objects.exists()
