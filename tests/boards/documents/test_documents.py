"""The documents of a board: what they say is what was frozen, decided and signed; the PDF is tagged and repeatable."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from boards import actions
from boards.choice import Choice
from boards.documents import letter, minutes, report
from boards.documents.letter import in_text
from boards.documents.report import with_ballots
from boards.errors import Refused
from boards.models import AgendaItem, Meeting
from boards.presenters.patient import not_known
from boards.shown.stored_ranking import Frozen
from curation import actions as curation_actions
from curation.actions import publishing
from display.typesetting import pdf
from regimens.wording.patient import label
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
    signed,
)
from tests.factories.curation import REASON, content, somebody
from tests.pdf import streams_of

pytestmark = pytest.mark.django_db
AT = datetime(2026, 12, 3, 17, 30, tzinfo=UTC)
HEADER = "University hospital\nNEC board, Thursdays"


def fetched(item: AgendaItem) -> AgendaItem:
    return with_ballots(AgendaItem.objects.filter(pk=item.pk)).get()


def decided(**settings: Any) -> AgendaItem:
    item = an_item(header=HEADER, **settings)
    if item.is_hidden:
        actions.vote(item, choice=FOLFIRI, by=account("ada"))
        actions.vote(item, choice=FOLFOX, by=account("ben"))
        actions.vote(item, choice=FOLFOX, by=account("chair"))
        item.refresh_from_db()
    signed(item, choice=FOLFIRI, rationale="Rationale of the board.", dissent="Ben disagrees.")
    return fetched(item)


def test_a_report_says_what_was_frozen_decided_and_signed() -> None:
    item = decided()
    found = report(item, at=AT)
    frozen = item.version.ranked
    first = frozen.options[0]
    assert found.header == ("University hospital", "NEC board, Thursdays")
    assert found.options[0].words.name == first.name
    assert found.options[0].is_chosen
    shown = {figure.title: figure for figure in found.options[0].figures}
    assert shown["OS"].model.replace("\N{NO-BREAK SPACE}", " ") == f"{first.estimates['os'].estimate:.1f} months"
    assert found.decision is not None
    assert found.decision.chosen == "FOLFIRI"
    assert found.decision.standing == f"among the recommended; rank 1, level of evidence {first.level}"
    assert [line.partition(",")[0] for line in found.decision.signatures] == ["ada", "chair"]
    assert found.decision.is_signed
    assert found.provenance.sha256 == frozen.release.sha256
    assert found.provenance.ranking_sha256 == item.version.sha256


def test_every_number_in_a_report_leads_to_a_source() -> None:
    found = report(decided(), at=AT)
    numbers = [source.number for source in found.sources]
    assert numbers == list(range(1, len(numbers) + 1))
    named = {
        number
        for option in found.options
        for number in (*option.cohorts, *(n for one in (*option.reasons, *option.cautions) for n in one.sources))
    }
    assert named == set(numbers)
    assert len({(source.text, source.url) for source in found.sources}) == len(numbers)


def test_a_caution_that_is_known_not_to_hold_is_left_out_and_an_open_one_says_so() -> None:
    item = decided()
    found = report(item, at=AT)
    of_first = item.version.ranked.options[0].cautions
    told = found.options[0].cautions
    assert len(told) == sum(caution.truth is not False for caution in of_first)
    opened = [caution for caution in of_first if caution.truth is None]
    assert opened
    assert sum("cannot be checked" in one.word for one in told) == len(opened)


def test_another_option_that_was_chosen_is_among_those_considered() -> None:
    item = an_item()
    last = [row.regimen for row in item.version.ranked.options if row.rank is not None][-1]
    assert last not in item.options
    decide(item, Choice("ranked", last), reason="cost", reason_words="Paid for.")
    found = report(fetched(item), at=AT)
    assert [option.is_chosen for option in found.options].count(True) == 1
    assert found.options[-1].is_chosen
    assert found.decision is not None and found.decision.reason == "Cost: Paid for."
    assert not found.decision.is_signed


def test_a_report_stays_as_it_was_when_the_evidence_base_changes() -> None:
    item = decided()
    before = asdict(report(item, at=AT))
    renamed = content("regimens", "folfiri", name="FOLFIRI, by another name")
    proposed = curation_actions.propose(kind="regimens", key="folfiri", content=renamed, by=somebody("cora"), **REASON)
    curation_actions.accept(proposed.proposal, by=somebody("curt"))
    publishing.publish("later")
    assert asdict(report(fetched(item), at=AT)) == before


def test_nothing_of_the_ranking_is_reported_before_the_vote_is_closed() -> None:
    board = a_board(blind_first=True)
    meeting = a_meeting(board, a_case(board))
    item = meeting.items.get()
    with pytest.raises(Refused, match="vote"):
        report(fetched(item), at=AT)
    (only,) = minutes(meeting, at=AT).items
    assert only.state == "The vote is not closed yet."
    assert (only.first, only.votes, only.decision) == ("", None, None)


def test_votes_stand_by_name_or_are_counted_as_the_board_chose() -> None:
    named = report(decided(blind_first=True), at=AT).votes
    assert named is not None
    assert [(row.who, row.first) for row in named.rows] == [("ada", "FOLFIRI"), ("ben", "FOLFOX"), ("chair", "FOLFOX")]


def test_anonymous_votes_name_nobody() -> None:
    found = report(decided(blind_first=True, ballots="anonymous"), at=AT).votes
    assert found is not None
    assert [(line.choice, line.count, line.who) for line in found.tally] == [("FOLFOX", 2, ""), ("FOLFIRI", 1, "")]
    assert {row.who for row in found.rows} == {""}


def test_a_correction_shows_what_it_took_the_place_of() -> None:
    item = decided()
    decide(item, FOLFOX, based_on=1, correction="Wrong box.", reason="cost", reason_words="Paid for.")
    found = report(fetched(item), at=AT).decision
    assert found is not None
    assert (found.number, found.chosen, found.correction) == (2, "FOLFOX", "Wrong box.")
    assert len(found.former) == 1 and "FOLFIRI" in found.former[0]


def test_an_erased_case_leaves_what_was_chosen_who_was_present_and_who_signed() -> None:
    item = decided()
    erased(item)
    with pytest.raises(Refused, match="erased"):
        report(fetched(item), at=AT)
    (only,) = minutes(item.meeting, at=AT).items
    assert only.state == "The case was erased."
    assert (only.patient, only.provenance, only.label) == (None, None, f"Case {item.case_id}, erased")
    assert only.decision is not None
    left = only.decision
    assert (left.chosen, left.present, left.is_signed) == ("FOLFIRI", "ada, ben, chair", True)
    assert [line.partition(",")[0] for line in left.signatures] == ["ada", "chair"]
    assert (left.rationale, left.dissent, only.question, only.first, only.notes) == ("", "", "", "", "")


def test_minutes_take_as_many_queries_for_a_long_agenda(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    board = a_board()
    meeting = a_meeting(board, *(a_case(board, f"Colon {number}") for number in range(1, 9)))
    for item in meeting.items.all():
        signed(item)
    fresh = Meeting.objects.select_related("board").get(pk=meeting.pk)
    minutes(fresh, at=AT)
    with django_assert_max_num_queries(10):
        found = minutes(fresh, at=AT)
    assert [item.position for item in found.items] == list(range(1, 9))
    assert all(item.decision and item.decision.is_signed for item in found.items)


class TestPdf:
    @pytest.mark.parametrize(
        ("language", "ballots"), [("en-gb", "named"), ("de", "anonymous"), ("fr", "named"), ("es", "anonymous")]
    )
    def test_it_is_tagged_titled_and_in_its_language(self, language: str, ballots: str) -> None:
        item = decided(blind_first=True, ballots=ballots)
        with translation.override(language):
            for document in (report(item, at=AT), minutes(item.meeting, at=AT)):
                made = pdf(document, at=AT)
                assert made.startswith(b"%PDF-")
                inside = streams_of(made)
                assert b"/StructTreeRoot" in inside
                assert b"pdfuaid:part" in inside
                assert f"/Lang ({language[:2]}".encode() in inside or language[:2].encode() in inside
                assert b"/TH" in inside and b"/H1" in inside

    def test_the_same_report_is_the_same_bytes(self) -> None:
        item = decided()
        assert pdf(report(item, at=AT), at=AT) == pdf(report(fetched(item), at=AT), at=AT)

    def test_what_people_write_is_never_run(self) -> None:
        item = an_item(header='#read("/etc/passwd") $x$ *bold* \\ @ref <label>')
        decide(item, rationale='#import "common.typ": *\n= Heading #panic("run") `raw` "quotes"')
        made = pdf(report(fetched(item), at=AT), at=AT)
        assert made.startswith(b"%PDF-")
        assert b"root:" not in streams_of(made)

    def test_every_sign_that_people_write_is_set(self) -> None:
        item = an_item(header="肿瘤医院\tHaus 3")
        decide(item, rationale="Ⓐ 王医生 ☎\ufe0f 👩\u200d⚕\ufe0f שלום \x07 ⛔ \u202e end.")
        assert pdf(report(fetched(item), at=AT), at=AT).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Not known, and not read as negative: "),
        ("de", "Nicht bekannt, und nicht als negativ gelesen: "),
        ("fr", "Inconnu, et non lu comme négatif\N{NARROW NO-BREAK SPACE}: "),
        ("es", "Se desconoce, y no se lee como negativo: "),
    ],
)
def test_every_document_names_the_markers_without_a_result(language: str, words: str) -> None:
    """So that nobody reads a negative into what is not named; a marker with a result is not among them."""
    item = an_item(a_board())
    signed(item)
    actions.add_version(item.case, based_on=1, snapshot=entered(braf_v600e="negative"), by=account("ada"))
    item = fetched(item)
    with translation.override(language):
        told = [report(item, at=AT).patient, letter(item, at=AT).patient]
        told += [each.patient for each in minutes(item.meeting, at=AT).items if each.patient]
        assert len(told) == 3
        for patient in told:
            assert patient.not_known.startswith(words)
            assert patient.not_known in patient.details
            for marker in ("msi", "tmb", "braf_v600e", "ntrk", "ret", "her2", "kras_g12c", "dll3", "sstr", "pd_l1_cps"):
                assert label(marker) in patient.not_known
        assert f"{told[0].not_known}." in in_text(letter(item, at=AT))
        newest = not_known(Frozen(item.case.versions.latest("number")))
        assert label("braf_v600e") not in newest
        assert label("msi") in newest


def test_times_are_told_in_the_zone_of_the_meeting_which_is_named() -> None:
    """In the Americas an evening is not yet the next day."""
    item = decided()
    assert report(item, at=AT).made == "3 Dec 2026, 5:30 p.m. (UTC)"
    item.meeting.time_zone = "America/Los_Angeles"
    night = datetime(2026, 12, 4, 2, 30, tzinfo=UTC)
    made = "3 Dec 2026, 6:30 p.m. (America/Los_Angeles)"
    assert [report(item, at=night).made, letter(item, at=night).made, minutes(item.meeting, at=night).made] == [
        made
    ] * 3
    found = report(item, at=night)
    assert found.version.endswith("(America/Los_Angeles)")
    assert found.decision is not None
    assert all(line.endswith("(America/Los_Angeles)") for line in found.decision.signatures)
