"""The actions of boards: what they do, whom they refuse, and what their events say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.canonical import canonical_json, sha256_of
from audit.errors import ActionRefused, NotAllowed
from audit.guard import DirectWriteError
from audit.models import Event
from audit.sentences import known_actions
from boards import actions
from boards.actions.votes import ballot_of
from boards.choice import Choice
from boards.errors import ChangedMeanwhile, Refused
from boards.models import Ballot, Case, CaseVersion, Decision, Membership, Signature
from boards.shown.stored_ranking import Frozen
from curation.actions import publishing
from regimens import releases
from regimens.rules.ranking import rank
from regimens.rules.record import as_dict, of
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
    signed,
)
from tests.factories.curation import rename_folfiri, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


def events() -> list[tuple[str, str, dict[str, Any]]]:
    return list(Event.objects.order_by("pk").values_list("action", "subject", "details"))


class TestBoards:
    def test_an_administrator_makes_one_and_names_who_chairs_it(self) -> None:
        board = a_board()
        held = Membership.objects.get(board=board, person=account("chair"))
        assert held.is_chair
        with pytest.raises(NotAllowed):
            actions.make_board(name="Another", chair=account("ada"), by=account("chair"))
        with pytest.raises(Refused, match="already exists"):
            actions.make_board(name="nec  BOARD", chair=account("ada"), by=account("administrator", "Administrator"))

    def test_there_is_always_somebody_who_chairs(self) -> None:
        board = a_board()
        held = Membership.objects.get(board=board, person=account("chair"))
        with pytest.raises(Refused, match="name another one"):
            actions.remove_member(held, by=account("chair"))
        with pytest.raises(Refused, match="name another one"):
            actions.change_role(held, role="member", by=account("chair"))
        actions.change_role(Membership.objects.get(person=account("ben")), role="chair", by=account("chair"))
        actions.remove_member(held, by=account("ben"))
        with pytest.raises(NotAllowed):
            actions.add_member(board, person=account("eve"), by=account("chair"))
        actions.add_member(board, person=account("chair"), by=account("ben"))
        assert Membership.objects.filter(board=board, person=account("chair")).count() == 2

    def test_nobody_else_keeps_members(self) -> None:
        board = a_board()
        for username in ("ada", "eve"):
            with pytest.raises(NotAllowed):
                actions.add_member(board, person=account("eve"), by=account(username))
        with pytest.raises(Refused, match="already"):
            actions.add_member(board, person=account("ada"), by=account("chair"))


class TestCases:
    def test_a_version_keeps_what_was_shown(self) -> None:
        case = a_case(a_board(), notes="  New scan.  ", ki67="80")
        version = case.current
        knowledge = releases.current()
        ranking = of(rank(knowledge.patient(version.features), knowledge))
        assert as_dict(version.ranked) == as_dict(ranking)
        assert sha256_of(canonical_json(as_dict(ranking))) == version.sha256
        assert (version.number, version.notes, version.primary_site) == (1, "New scan.", "colorectal")
        assert (version.first_option, version.first_option_name) == ("folfiri", "FOLFIRI")
        assert version.release.name == "shipped"
        assert ["ki67", "80"] in version.entered

    def test_a_new_version_stands_beside_the_old(self) -> None:
        case = a_case(a_board())
        actions.add_version(case, based_on=1, snapshot=entered(ecog="3"), by=account("ben"))
        case.refresh_from_db()
        assert [version.number for version in case.versions.all()] == [2, 1]
        assert case.current.features["ecog"] == 3
        assert case.versions.get(number=1).features["ecog"] == 1

    def test_who_goes_on_from_a_former_version_is_told_of_the_newer_one(self) -> None:
        case = a_case(a_board())
        newer = actions.add_version(case, based_on=1, snapshot=entered(braf_v600e="positive"), by=account("ben"))
        with pytest.raises(ChangedMeanwhile, match="ben saved version 2 of this case") as changed:
            actions.add_version(case, based_on=1, snapshot=entered(ecog="3"), by=account("ada"))
        assert changed.value.latest == newer
        assert list(case.versions.values_list("number", flat=True)) == [2, 1]
        actions.add_version(case, based_on=2, snapshot=entered(braf_v600e="positive", ecog="3"), by=account("ada"))
        assert case.versions.count() == 3

    def test_what_is_stored_outlasts_another_release(self) -> None:
        somebody("ada")
        somebody("ben")
        case = a_case(a_board())
        rename_folfiri()
        publishing.publish("later")
        frozen = Frozen(CaseVersion.objects.get(case=case))
        assert frozen.release.name == "shipped"
        assert frozen.name("folfiri") == "FOLFIRI"
        assert frozen.patient.values["platinum_status"] == "resistant"

    @pytest.mark.parametrize("label", ["", "  ", "Anna Schmidt", "x" * 61])
    def test_a_label_that_will_not_do(self, label: str) -> None:
        board = a_board()
        with pytest.raises(Refused) as refusal:
            actions.save_case(board=board, label=label, snapshot=entered(), by=account("ada"))
        assert refusal.value.field == "label"
        assert not Case.objects.exists()

    def test_only_members_write(self) -> None:
        board = a_board()
        case = a_case(board)
        administrator, stranger = account("administrator", "Administrator"), account("eve")
        for person in (stranger, administrator, None):
            for action in (
                lambda by: actions.save_case(board=board, label="Colon 8", snapshot=entered(), by=by),
                lambda by: actions.add_version(case, based_on=1, snapshot=entered(), by=by),
                lambda by: actions.relabel(case, label="Colon 8", by=by),
                lambda by: actions.archive(case, by=by),
                lambda by: actions.erase(case, by=by),
            ):
                with pytest.raises(NotAllowed):
                    action(person)

    def test_archive_and_back(self) -> None:
        case = a_case(a_board())
        archived = actions.archive(case, by=account("ben"))
        assert archived.status == "archived"
        with pytest.raises(Refused, match="archive"):
            actions.add_version(case, based_on=1, snapshot=entered(), by=account("ben"))
        assert actions.restore(case, by=account("ben")).status == "prepared"

    def test_a_case_on_an_agenda_is_not_archived(self) -> None:
        item = an_item()
        with pytest.raises(Refused, match="agenda"):
            actions.archive(item.case, by=account("ben"))
        decide(item)
        assert actions.archive(item.case, by=account("ben")).status == "archived"
        assert actions.restore(item.case, by=account("ben")).status == "decided"


class TestErasing:
    def test_nothing_of_the_patient_is_left(self) -> None:
        item = an_item(blind_first=True)
        actions.prepare(item, question="Secret question", by=account("ada"))
        actions.vote(item, choice=Choice("other", words="Secret drug"), by=account("ada"))
        actions.close_vote(item, by=account("chair"))
        signed(
            item,
            choice=Choice("other", words="Secret drug"),
            rationale="Secret why",
            dissent="Secret dissent",
            guests="Secret guest",
            reason="cost",
            reason_words="Secret reason",
        )
        actions.ask_erasure(item.case, by=account("ada"))
        with pytest.raises(Refused) as refusal:
            actions.erase(item.case, by=account("ben"))
        assert refusal.value.field == "even_if_decided"
        actions.erase(item.case, even_if_decided=True, by=account("ben"))
        case = Case.objects.get()
        assert (case.label, case.status, case.current) == ("", "erased", None)
        assert not CaseVersion.objects.exists()
        decision, ballot = Decision.objects.get(), Ballot.objects.get()
        kept = [*vars(decision).values(), *vars(ballot).values(), *vars(Case.objects.get().items.get()).values()]
        assert "Secret" not in repr(kept)
        assert "colorectal" not in repr(kept)
        assert (decision.kind, decision.reason, decision.signatures.count()) == ("other", "cost", 2)
        assert "Secret" not in repr(events())

    def test_an_erased_case_stays_so(self) -> None:
        case = a_case(a_board())
        actions.erase(case, by=account("ada"))
        for action in (
            lambda: actions.erase(case, by=account("ada")),
            lambda: actions.add_version(case, based_on=1, snapshot=entered(), by=account("ada")),
            lambda: actions.restore(case, by=account("ada")),
        ):
            with pytest.raises(Refused):
                action()


class TestAgendas:
    def test_a_case_is_frozen_in_the_version_that_was_listed(self) -> None:
        board = a_board()
        case = a_case(board)
        meeting = a_meeting(board, case, fixed=False)
        actions.add_version(case, based_on=1, snapshot=entered(ecog="3"), by=account("ada"))
        item = meeting.items.get()
        assert item.version.number == 1
        assert actions.take_newest(item, by=account("ada")).version.number == 2
        case.refresh_from_db()
        assert case.status == "listed"

    def test_the_order_changes_by_one_place(self) -> None:
        board = a_board()
        meeting = a_meeting(board, *(a_case(board, f"Colon {n}") for n in (1, 2, 3)), fixed=False)

        def order() -> list[tuple[int, str]]:
            return [(item.position, item.case.label) for item in meeting.items.select_related("case")]

        actions.move(meeting.items.get(position=3), up=True, by=account("ben"))
        assert order() == [(1, "Colon 1"), (2, "Colon 3"), (3, "Colon 2")]
        actions.move(meeting.items.get(position=1), up=True, by=account("ben"))
        actions.move(meeting.items.get(position=1), up=False, by=account("ben"))
        assert order() == [(1, "Colon 3"), (2, "Colon 1"), (3, "Colon 2")]
        actions.unlist(meeting.items.get(position=2), by=account("ben"))
        assert order() == [(1, "Colon 3"), (2, "Colon 2")]
        assert Case.objects.get(label="Colon 1").status == "prepared"

    def test_a_fixed_agenda_stays_as_it_is(self) -> None:
        board = a_board()
        item = an_item(board)
        other = a_case(board, "Colon 8")
        for action in (
            lambda: actions.list_case(item.meeting, case=other, by=account("ada")),
            lambda: actions.unlist(item, by=account("ada")),
            lambda: actions.move(item, up=True, by=account("ada")),
            lambda: actions.take_newest(item, by=account("ada")),
        ):
            with pytest.raises(Refused, match="fixed"):
                action()
        with pytest.raises(NotAllowed):
            actions.reopen_agenda(item.meeting, by=account("ada"))
        actions.reopen_agenda(item.meeting, by=account("chair"))
        actions.list_case(item.meeting, case=other, by=account("ada"))
        actions.fix_agenda(item.meeting, by=account("chair"))
        decide(item)
        with pytest.raises(Refused, match="stays fixed"):
            actions.reopen_agenda(item.meeting, by=account("chair"))

    def test_what_is_no_case_for_this_agenda(self) -> None:
        board, other = a_board(), a_board("Other board")
        case = a_case(board)
        meeting = a_meeting(board, case, fixed=False)
        for listed in (case, a_case(other), actions.archive(a_case(board, "Colon 9"), by=account("ada"))):
            with pytest.raises(Refused):
                actions.list_case(meeting, case=listed, by=account("ada"))

    def test_two_to_four_options_side_by_side(self) -> None:
        item = an_item()
        chosen = actions.prepare(item, options=["folfox", "folfiri", "tarlatamab"], by=account("ada"))
        assert chosen.options[0] == "folfiri"  # in the order of the ranking
        for options in (["folfiri"], [], ["folfiri", "nothing"], ["folfiri", "folfox", "captem", "topotecan", "x"]):
            with pytest.raises(Refused):
                actions.prepare(item, options=options, by=account("ada"))

    def test_of_two_who_prepare_a_case_the_second_is_told(self) -> None:
        item = an_item()
        seen = item.prepared
        actions.prepare(item, question="Surgery?", based_on=seen, by=account("ada"))
        with pytest.raises(ChangedMeanwhile, match="Somebody else prepared this case"):
            actions.prepare(item, question="Radiotherapy?", based_on=seen, by=account("ben"))
        item.refresh_from_db()
        assert item.question == "Surgery?"
        actions.prepare(item, question="Radiotherapy?", based_on=item.prepared, by=account("ben"))
        item.refresh_from_db()
        assert item.question == "Radiotherapy?"

    def test_what_stands_side_by_side_anyway_is_not_chosen(self) -> None:
        item = an_item()
        usual = Frozen(item.version).usual_options()
        actions.prepare(item, question="Surgery?", options=usual, by=account("ada"))
        item.refresh_from_db()
        assert (item.question, item.options) == ("Surgery?", [])
        assert not Event.objects.filter(action="choose-options").exists()


class TestVotes:
    @pytest.mark.parametrize("ballots", ["named", "anonymous"])
    def test_a_vote_is_closed_when_everybody_voted_and_changes_are_kept(self, ballots: str) -> None:
        item = an_item(blind_first=True, ballots=ballots)
        for username in ("ada", "ben", "chair"):
            item.refresh_from_db()
            assert item.is_hidden
            actions.vote(item, choice=FOLFIRI, by=account(username))
        item.refresh_from_db()
        assert not item.is_hidden
        assert item.vote_closed_by is None
        actions.change_choice(item, choice=FOLFOX, by=account("ben"))
        actions.change_choice(item, choice=FOLFOX, by=account("chair"))
        actions.change_choice(item, choice=FOLFIRI, by=account("chair"))
        changed = Ballot.objects.filter(is_changed=True)
        assert [(ballot.first_option, ballot.final_option) for ballot in changed] == [("folfiri", "folfox")]
        signed(item)
        with pytest.raises(Refused):
            actions.change_choice(item, choice=FOLFIRI, by=account("ben"))

    def test_anonymous_ballots_name_nobody_and_lose_their_key(self) -> None:
        item = an_item(blind_first=True, ballots="anonymous")
        before = Event.objects.count()
        actions.vote(item, choice=FOLFIRI, by=account("ada"))
        event = Event.objects.first()
        assert Event.objects.count() == before + 1
        assert (event.action, event.by, event.address) == ("vote", None, None)
        ballot = Ballot.objects.get()
        assert ballot.voter is None
        assert ballot_of(item, account("ada")) == ballot
        assert ballot_of(item, account("ben")) is None
        actions.close_vote(item, by=account("chair"))
        signed(item)
        assert ballot_of(item, account("ada")) is None
        assert Ballot.objects.get().voter_key is None

    def test_one_vote_a_person_while_it_is_open(self) -> None:
        item = an_item(blind_first=True)
        actions.vote(item, choice=FOLFIRI, by=account("ada"))
        with pytest.raises(Refused, match="have voted"):
            actions.vote(item, choice=FOLFOX, by=account("ada"))
        with pytest.raises(Refused, match="once the ranking"):
            actions.change_choice(item, choice=FOLFOX, by=account("ada"))
        with pytest.raises(NotAllowed):
            actions.close_vote(item, by=account("ada"))
        with pytest.raises(Refused, match="before the vote"):
            actions.prepare(item, options=["folfiri", "folfox"], by=account("ada"))
        with pytest.raises(Refused, match="vote has to be closed before"):
            decide(item)
        actions.close_vote(item, by=account("chair"))
        with pytest.raises(Refused, match="closed"):
            actions.vote(item, choice=FOLFIRI, by=account("ben"))
        with pytest.raises(Refused, match="not voted"):
            actions.change_choice(item, choice=FOLFIRI, by=account("ben"))

    def test_no_vote_without_a_fixed_agenda_or_in_a_meeting_that_sees_at_once(self) -> None:
        board = a_board(blind_first=True)
        item = a_meeting(board, a_case(board), fixed=False).items.get()
        with pytest.raises(Refused, match="agenda is fixed"):
            actions.vote(item, choice=FOLFIRI, by=account("ada"))
        seeing = an_item(a_board("Other"))
        with pytest.raises(Refused, match="does not vote"):
            actions.vote(seeing, choice=FOLFIRI, by=account("ada"))

    @pytest.mark.parametrize(
        ("choice", "field"),
        [
            (Choice(""), "kind"),
            (Choice("ranked"), "regimen"),
            (Choice("ranked", "best-supportive-care"), "regimen"),
            (Choice("ranked", "nothing"), "regimen"),
            (Choice("trial", "NCT12"), "trial"),
            (Choice("test-first", "lines_received"), "test"),
            (Choice("other"), "words"),
            (Choice("other", words="x" * 201), "words"),
        ],
    )
    def test_a_choice_that_says_nothing(self, choice: Choice, field: str) -> None:
        item = an_item(blind_first=True)
        with pytest.raises(Refused) as refusal:
            actions.vote(item, choice=choice, by=account("ada"))
        assert refusal.value.field == field


class TestDecisions:
    def test_a_recommended_option_needs_no_reason(self) -> None:
        item = an_item()
        decision = decide(item, dissent="Ben prefers a trial.", reason="cost")
        assert (decision.is_recommended, decision.rank, decision.level, decision.reason) == (True, 1, "A", "")
        assert decision.agrees_with_first
        assert decision.option_name == "FOLFIRI"
        item.case.refresh_from_db()
        assert item.case.status == "decided"

    @pytest.mark.parametrize(
        "choice",
        [FOLFOX, Choice("other", words="A drug"), Choice("trial", "nct02820857"), Choice("ranked", "tarlatamab")],
    )
    def test_any_other_needs_a_code_and_words(self, choice: Choice) -> None:
        item = an_item()
        for given in ({}, {"reason": "whim", "reason_words": "x"}, {"reason": "cost"}):
            with pytest.raises(Refused) as refusal:
                decide(item, choice, **given)
            assert refusal.value.field in ("reason", "reason_words")
        with pytest.raises(Refused, match="does recommend"):
            decide(item, choice, reason="none-recommended", reason_words="x")
        decision = decide(item, choice, reason="patients-wish", reason_words="Wants fewer visits.")
        assert decision.is_recommended is False
        assert not decision.agrees_with_first

    def test_supportive_care_is_among_the_recommended_and_a_test_first_decides_nothing(self) -> None:
        board = a_board()
        supportive = decide(an_item(board), Choice("best-supportive-care"))
        assert (supportive.is_recommended, supportive.rank) == (True, None)
        case = a_case(board, "Colon 8")
        waiting = decide(a_meeting(board, case).items.get(), Choice("test-first", "her2"))
        assert waiting.is_recommended is None

    def test_the_second_of_two_sees_what_the_first_wrote(self) -> None:
        item = an_item()
        first = decide(item)
        with pytest.raises(ChangedMeanwhile) as changed:
            decide(item, based_on=0, rationale="Mine")
        assert changed.value.latest == first
        second = decide(item, based_on=1, rationale="Mine, knowing yours")
        assert [d.rationale for d in Decision.objects.all()] == ["Mine, knowing yours", "Best evidence here."]
        with pytest.raises(ChangedMeanwhile):
            actions.sign(first, by=account("ada"))
        actions.sign(second, by=account("ada"))

    def test_two_different_members_sign_and_a_correction_says_why(self) -> None:
        item = an_item()
        decision = decide(item)
        actions.sign(decision, by=account("ada"))
        with pytest.raises(Refused, match="another member"):
            actions.sign(decision, by=account("ada"))
        with pytest.raises(NotAllowed):
            actions.sign(decision, by=account("eve"))
        actions.sign(decision, by=account("chair"))
        with pytest.raises(Refused, match="has its signatures"):
            actions.sign(decision, by=account("ben"))
        with pytest.raises(Refused) as refusal:
            decide(item, based_on=1, rationale="Otherwise")
        assert refusal.value.field == "correction"
        corrected = decide(item, based_on=1, rationale="Otherwise", correction="The dose was misheard.")
        assert corrected.number == 2
        assert Decision.objects.get(number=1).signatures.count() == 2
        assert not corrected.signatures.exists()

    @pytest.mark.parametrize(
        ("given", "field"),
        [({"rationale": " "}, "rationale"), ({"present": []}, "present")],
    )
    def test_what_a_decision_needs(self, given: dict[str, Any], field: str) -> None:
        with pytest.raises(Refused) as refusal:
            decide(an_item(), **given)
        assert refusal.value.field == field
        assert not Decision.objects.exists()

    def test_only_members_are_present(self) -> None:
        with pytest.raises(Refused, match="guests"):
            decide(an_item(), present=[account("eve")])


def test_every_action_leaves_one_event_without_a_patient() -> None:
    board = a_board(blind_first=True)
    before = Event.objects.count()
    case = a_case(board, "Colon 7", notes="Secret")
    actions.relabel(case, label="Magenta 7", by=account("ada"))
    meeting = a_meeting(board, case, fixed=False)
    item = meeting.items.get()
    actions.prepare(item, question="Secret", by=account("ada"))
    actions.fix_agenda(meeting, by=account("chair"))
    actions.vote(item, choice=FOLFIRI, by=account("ada"))
    actions.close_vote(item, by=account("chair"))
    actions.prepare(item, options=["folfiri", "folfox"], by=account("ada"))
    signed(item)
    said = events()[before:]
    assert [action for action, *_ in said] == [
        *("save-case", "relabel-case", "make-meeting", "list-case", "ask-board", "fix-agenda", "vote", "close-vote"),
        *("choose-options", "decide", "sign", "sign"),
    ]
    for word in ("Secret", "Colon", "Magenta", "folf", "colorectal", "ranked"):
        assert word not in json.dumps(said)


@pytest.mark.parametrize("model", [Case, CaseVersion, Decision, Signature, Ballot, Membership])
def test_rows_are_written_by_actions_alone(model: Any) -> None:
    item = an_item(blind_first=True)
    actions.vote(item, choice=FOLFIRI, by=account("ada"))
    actions.close_vote(item, by=account("chair"))
    signed(item)
    row = model.objects.first()
    for write in (row.save, row.delete, lambda: model.objects.update(pk=row.pk), model.objects.all().delete):
        with pytest.raises(DirectWriteError):
            write()


def test_a_refused_action_writes_nothing() -> None:
    item = an_item()
    count = Event.objects.count()
    with pytest.raises(ActionRefused), transaction.atomic():
        decide(item, present=[])
    assert Event.objects.count() == count
    with pytest.raises((ActionRefused, IntegrityError)), transaction.atomic():
        decide(item, based_on=7)
    assert not Decision.objects.exists()


def test_every_event_has_its_words() -> None:
    sources = "".join(path.read_text() for path in Path(actions.__file__).parent.glob("*.py"))
    named = set(re.findall(r'\b_?record\(\s*"([a-z-]+)"', sources))
    assert len(named) > 20
    assert named <= set(known_actions())
