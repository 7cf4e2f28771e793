"""Plans of care: what a step keeps, how far it has come, what a result does, and who erases what was signed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from audit.errors import NotAllowed
from audit.models import Event
from boards import actions
from boards.choice import Choice
from boards.errors import ChangedMeanwhile, Refused
from boards.models import GUARD, AgendaItem, Case, Decision, PlanDraft, PlanStep, StepProgress
from boards.plans import Step, of_item
from boards.shown.stored_ranking import Frozen
from tests.factories.boards import (
    FOLFIRI,
    FOLFOX,
    a_board,
    a_meeting,
    account,
    an_item,
    decide,
    entered,
    signed,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

DPD = Choice("test-first", "dpd")
TRIAL = Choice("trial", "NCT05882058")
TODAY = timezone.localdate()  # the day of a_meeting
DUE = TODAY + timedelta(days=7)


def a_plan(item: AgendaItem, *steps: Step, **changes: Any) -> Decision:
    given: dict[str, Any] = {
        "based_on": 0,
        "rationale": "Best evidence here.",
        "present": [account(name) for name in ("ada", "ben", "chair")],
    }
    return actions.record_decision(item, steps=steps, by=account("ada"), **given | changes)


def usual(item: AgendaItem, **changes: Any) -> Decision:
    """First DPD, then FOLFIRI if it is normal, and a trial later."""
    return a_plan(
        item,
        Step(DPD, "first", owner=account("ben"), due_on=DUE, state="asked-for"),
        Step(FOLFIRI, "if DPD is normal", "Level A.", owner_words="Day clinic"),
        Step(TRIAL, "later"),
        **changes,
    )


def step_of(decision: Decision, position: int = 1) -> PlanStep:
    return PlanStep.objects.select_related("decision__item__meeting").get(decision=decision, position=position)


def states(item: AgendaItem) -> list[str]:
    return [standing.state.value for standing in of_item(item).values()]


class TestPlan:
    def test_its_steps_are_kept_in_order_with_where_they_stood(self) -> None:
        item = an_item()
        decision = usual(item)
        first, second, third = decision.steps.all()
        assert (first.kind, first.option, first.condition, first.owner, first.due_on) == (
            *("test-first", "dpd", "first"),
            account("ben"),
            DUE,
        )
        assert (first.is_recommended, first.rank, first.level) == (None, None, "")
        standing = Frozen(item.version).standing("folfiri")
        assert standing is not None
        assert (second.option_name, second.is_recommended) == ("FOLFIRI", True)
        assert (second.rank, second.level) == (standing.rank, standing.level)
        assert (second.owner, second.owner_words, second.reason) == (None, "Day clinic", "Level A.")
        assert (third.kind, third.option, third.is_recommended) == ("trial", "NCT05882058", False)
        assert states(item) == ["asked-for", "agreed", "agreed"]

    def test_its_headline_is_the_first_treatment(self) -> None:
        item = an_item()
        decision = usual(item)
        assert (decision.kind, decision.option, decision.is_recommended) == ("ranked", "folfiri", True)
        assert decision.agrees_with_first

    def test_without_a_treatment_it_is_the_first_recommendation(self) -> None:
        decision = a_plan(an_item(), Step(DPD), Step(Choice("genetics-referral")))
        assert (decision.kind, decision.option, decision.is_recommended) == ("test-first", "dpd", None)

    def test_a_choice_is_a_plan_of_one(self) -> None:
        (step,) = decide(an_item()).steps.all()
        assert (step.kind, step.option, step.position, step.level) == ("ranked", "folfiri", 1, "A")

    def test_a_headline_that_is_not_recommended_needs_a_reason_and_a_later_one_does_not(self) -> None:
        item = an_item()
        with pytest.raises(Refused) as refusal:
            a_plan(item, Step(DPD), Step(FOLFOX))
        assert refusal.value.field == "reason"
        assert a_plan(item, Step(FOLFIRI), Step(FOLFOX, "after progression")).reason == ""

    @pytest.mark.parametrize(
        ("steps", "field"),
        [
            ((), "step-0-do"),
            ((Step(FOLFIRI), Step(Choice(""))), "step-1-do"),
            ((Step(FOLFIRI), Step(Choice("trial", "NCT1"))), "step-1-words"),
            ((Step(FOLFIRI), Step(Choice("combination"))), "step-1-words"),
            ((Step(FOLFIRI), Step(FOLFIRI)), "step-1-do"),
            ((Step(FOLFIRI, "x" * 201),), "step-0-when"),
            ((Step(FOLFIRI, owner_words="x" * 81),), "step-0-who"),
            ((Step(FOLFIRI, due_on=TODAY - timedelta(days=1)),), "step-0-due"),
            ((Step(FOLFIRI, due_on=date(9999, 12, 2)),), "step-0-due"),
            ((Step(FOLFIRI, state="perhaps"),), "step-0-state"),
            (tuple(Step(FOLFIRI, f"if {n}") for n in range(21)), "step-20-do"),
        ],
    )
    def test_what_a_step_needs(self, steps: tuple[Step, ...], field: str) -> None:
        with pytest.raises(Refused) as refusal:
            a_plan(an_item(), *steps)
        assert refusal.value.field == field
        assert not Decision.objects.exists()

    def test_only_somebody_on_the_board_sees_to_it(self) -> None:
        with pytest.raises(Refused) as refusal:
            a_plan(an_item(), Step(FOLFIRI, owner=account("eve")))
        assert refusal.value.field == "step-0-who"

    def test_a_correction_keeps_what_was_recorded_of_steps_that_stay(self) -> None:
        item = an_item()
        first = usual(item)
        actions.record_progress(step_of(first), state="going-on", by=account("ben"))
        actions.record_progress(step_of(first, 3), state="not-done", not_done="trial-closed", by=account("ben"))
        steps = (Step(DPD, "first"), Step(FOLFIRI, "if DPD is partial"), Step(TRIAL, "later"))
        second = a_plan(item, *steps, based_on=1)
        assert states(item) == ["going-on", "agreed", "not-done"]
        actions.record_progress(step_of(second), state="done", by=account("ben"))
        a_plan(item, *steps, based_on=2)
        assert states(item) == ["done", "agreed", "not-done"]


class TestProgress:
    def test_each_record_stays_and_the_newest_counts(self) -> None:
        item = an_item()
        step = step_of(usual(item), 2)
        for state in ("asked-for", "going-on"):
            actions.record_progress(step, state=state, by=account("ben"))
        given = {"state": "not-done", "not_done": "deteriorated", "words": " ECOG 4 ", "by": account("chair")}
        record = actions.record_progress(step, **given)
        assert record is not None
        assert (record.number, record.words) == (3, "ECOG 4")
        assert actions.record_progress(step, **given) == record
        assert StepProgress.objects.filter(step=step).count() == 3
        assert states(item) == ["asked-for", "not-done", "agreed"]
        event = Event.objects.filter(action="record-progress").first()
        assert event is not None
        assert "ECOG" not in str(event.details) and event.details["state"] == "not-done"

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"state": ""}, "state"),
            ({"state": "not-done"}, "not_done"),
            ({"state": "not-done", "not_done": "whim"}, "not_done"),
            ({"state": "done", "words": "x" * 201}, "words"),
        ],
    )
    def test_what_a_record_needs(self, given: dict[str, str], field: str) -> None:
        step = step_of(usual(an_item()))
        with pytest.raises(Refused) as refusal:
            actions.record_progress(step, **given, by=account("ben"))
        assert refusal.value.field == field

    def test_only_of_the_plan_in_force_and_by_those_who_prepare(self) -> None:
        item = an_item()
        step = step_of(usual(item))
        with pytest.raises(NotAllowed):
            actions.record_progress(step, state="done", by=account("eve"))
        usual(item, based_on=1)
        with pytest.raises(ChangedMeanwhile):
            actions.record_progress(step, state="done", by=account("ben"))


class TestResult:
    def test_it_makes_a_version_ends_the_step_and_lets_the_case_wait(self) -> None:
        item = an_item()
        version = actions.enter_result(step_of(usual(item)), value="partial", by=account("ben"))
        assert (version.number, version.features["dpd"]) == (2, "partial")
        assert "dpd" not in item.version.features
        changed = {name: value for name, value in version.features.items() if item.version.features.get(name) != value}
        assert changed == {"dpd": "partial"}
        assert states(item) == ["done", "agreed", "agreed"]
        case = Case.objects.get(pk=item.case_id)
        assert (case.status, case.waiting_since, case.waits_with) == ("waiting", timezone.localdate(), item)
        event = Event.objects.filter(action="enter-result").get()
        assert "partial" not in str(event.details) and "dpd" not in str(event.details)

    def test_it_lists_the_case_on_the_next_open_agenda(self) -> None:
        board = a_board()
        item = an_item(board)
        today = timezone.localdate()
        later, sooner = (
            actions.make_meeting(board=board, held_on=today + timedelta(days=days), by=account("ada"))
            for days in (14, 7)
        )
        actions.make_meeting(board=board, held_on=today - timedelta(days=7), by=account("ada"))
        version = actions.enter_result(step_of(usual(item)), value="normal", by=account("ben"))
        (listed,) = AgendaItem.objects.filter(case=item.case).exclude(pk=item.pk)
        assert (listed.meeting, listed.version, listed.question) == (
            sooner,
            version,
            "DPD is known now. Does the plan still hold?",
        )
        assert not later.items.exists()
        item.case.refresh_from_db()
        assert (item.case.status, item.case.waiting_since) == ("listed", None)

    def test_a_case_that_is_listed_again_already_is_looked_at_with_its_result(self) -> None:
        board = a_board()
        item = an_item(board)
        decision = usual(item)
        again = a_meeting(board, item.case, fixed=False).items.get()
        version = actions.enter_result(step_of(decision), value="normal", by=account("ben"))
        again.refresh_from_db()
        assert again.version == version
        assert AgendaItem.objects.filter(case=item.case).count() == 2

    def test_a_case_that_waits_does_so_until_it_is_listed_or_put_away(self) -> None:
        board = a_board()
        item = an_item(board)
        decision = usual(item)
        actions.enter_result(step_of(decision), value="normal", by=account("ben"))
        a_plan(item, Step(FOLFIRI), based_on=decision.number)
        assert Case.objects.get().status == "waiting"
        actions.archive(Case.objects.get(), even_if_waiting=True, by=account("ben"))
        assert actions.restore(Case.objects.get(), by=account("ben")).status == "decided"

    @pytest.mark.parametrize("value", ["", "  "])
    def test_a_test_without_a_result_says_nothing(self, value: str) -> None:
        item = an_item()
        step = step_of(usual(item))
        with pytest.raises(Refused, match="stays unknown") as refusal:
            actions.enter_result(step, value=value, by=account("ben"))
        assert refusal.value.field == "value"
        actions.record_progress(step, state="not-done", not_done="unavailable", by=account("ben"))
        assert item.case.versions.count() == 1
        assert "dpd" not in item.case.versions.get().features

    @pytest.mark.parametrize("value", ["not done", "untested", "unknown", "negative"])
    def test_what_the_field_does_not_know_is_refused(self, value: str) -> None:
        item = an_item()
        with pytest.raises(Refused):
            actions.enter_result(step_of(usual(item)), value=value, by=account("ben"))
        assert item.case.versions.count() == 1
        assert states(item) == ["asked-for", "agreed", "agreed"]

    def test_a_number_out_of_range_names_what_is_allowed(self) -> None:
        item = an_item()
        decision = a_plan(item, Step(Choice("test-first", "lvef")), Step(FOLFIRI, "if above 50 %"))
        with pytest.raises(Refused, match="101 is not"):
            actions.enter_result(step_of(decision), value="101", by=account("ben"))
        assert actions.enter_result(step_of(decision), value="55", by=account("ben")).features["lvef"] == 55

    def test_it_goes_on_from_the_newest_version(self) -> None:
        item = an_item()
        decision = usual(item)
        actions.add_version(item.case, based_on=1, snapshot=entered(ecog="2"), notes="New.", by=account("ada"))
        version = actions.enter_result(step_of(decision), value="normal", by=account("ben"))
        assert (version.number, version.features["ecog"], version.features["dpd"]) == (3, 2, "normal")
        assert version.notes == "New."
        with pytest.raises(Refused, match="has been entered"):
            actions.enter_result(step_of(decision), value="normal", by=account("ben"))

    def test_only_a_test_has_one(self) -> None:
        with pytest.raises(Refused, match="Only a test"):
            actions.enter_result(step_of(usual(an_item()), 2), value="normal", by=account("ben"))


class TestUnderSignature:
    def test_question_and_options_stay_and_a_correction_says_its_own(self) -> None:
        item = an_item()
        actions.prepare(item, question="Which second line?", options=["folfiri", "folfox"], by=account("ada"))
        item.refresh_from_db()
        decision = decide(item)
        actions.prepare(item, question="Which one?", by=account("ada"))
        actions.sign(decision, by=account("ada"))
        with pytest.raises(Refused, match="is signed"):
            actions.prepare(item, question="Otherwise?", by=account("ada"))
        actions.sign(decision, by=account("chair"))
        given = {"correction": "Misheard.", "based_on": 1}
        same = decide(item, **given)
        assert same.shown == decision.shown
        assert same.shown["question"] == "Which second line?"
        with pytest.raises(Refused) as refusal:
            decide(item, correction="Misheard.", based_on=2, options=["folfiri"])
        assert refusal.value.field == "options"
        with pytest.raises(Refused, match="Herr Müller") as refusal:
            decide(item, correction="Misheard.", based_on=2, question="Herr Müller again?")
        assert refusal.value.field == "question"
        actions.sign(same, by=account("ben"))
        with pytest.raises(Refused, match="is signed"):
            actions.prepare(item, question="Otherwise?", by=account("ada"))
        other = decide(item, based_on=2, question="Another?", options=["folfiri", "captem"])
        assert (other.shown["question"], other.shown["options"]) == ("Another?", ["folfiri", "captem"])
        item.refresh_from_db()
        assert item.question == "Which one?"


class TestWithoutDiscussion:
    def test_the_chair_decides_it_alone(self) -> None:
        item = an_item()
        with pytest.raises(NotAllowed):
            actions.choose_discussion(item, is_needed=False, by=account("ada"))
        actions.choose_discussion(item, is_needed=False, by=account("chair"))
        decision = decide(item, present=[account("chair"), account("ada")])
        assert decision.signatures_needed == 1
        with pytest.raises(NotAllowed):
            actions.sign(decision, by=account("ada"))
        actions.sign(decision, by=account("chair"))
        with pytest.raises(Refused, match="have signed"):
            actions.sign(decision, by=account("chair"))
        with pytest.raises(Refused, match="stays"):
            actions.choose_discussion(item, is_needed=True, by=account("chair"))
        with pytest.raises(DatabaseError), transaction.atomic(), GUARD.open():
            AgendaItem.objects.filter(pk=item.pk).update(needs_discussion=True)


class TestDraft:
    def test_a_second_writer_is_told_and_recording_ends_it(self) -> None:
        item = an_item()
        draft = actions.save_draft(item, fields=[("rationale", "Half")], revision=0, by=account("ada"))
        draft = actions.save_draft(item, fields=[("rationale", "Half a")], revision=draft.revision, by=account("ada"))
        assert (draft.revision, draft.fields) == (2, [["rationale", "Half a"]])
        with pytest.raises(ChangedMeanwhile, match="ada is typing as well"):
            actions.save_draft(item, fields=[("rationale", "Mine")], revision=0, by=account("ben"))
        assert PlanDraft.objects.get().fields == [["rationale", "Half a"]]
        assert Event.objects.filter(action="save-draft").count() == 1
        with pytest.raises(NotAllowed):
            actions.save_draft(item, fields=[], revision=2, by=account("eve"))
        with pytest.raises(Refused, match="too long"):
            actions.save_draft(item, fields=[("rationale", "x" * 70_000)], revision=2, by=account("ada"))
        decide(item)
        assert not PlanDraft.objects.exists()


class TestErasingWhatWasSigned:
    def test_one_asks_and_another_erases(self) -> None:
        item = an_item()
        signed(item)
        with pytest.raises(Refused, match="one person asks"):
            actions.erase(item.case, even_if_decided=True, by=account("ada"))
        actions.ask_erasure(item.case, by=account("ada"))
        with pytest.raises(Refused, match="ada has asked"):
            actions.ask_erasure(item.case, by=account("ben"))
        with pytest.raises(Refused, match="another person"):
            actions.erase(item.case, even_if_decided=True, by=account("ada"))
        with pytest.raises(NotAllowed):
            actions.erase(item.case, even_if_decided=True, by=account("eve"))
        case = actions.erase(item.case, even_if_decided=True, by=account("ben"))
        assert case.is_erased and case.erasure_asked_by is None
        asked, done = (Event.objects.filter(action=action).get() for action in ("ask-erasure", "erase-case"))
        assert (asked.by, done.by) == (account("ada"), account("ben"))

    def test_one_signature_is_enough_to_need_two(self) -> None:
        item = an_item()
        actions.sign(decide(item), by=account("ada"))
        with pytest.raises(Refused, match="one person asks"):
            actions.erase(item.case, even_if_decided=True, by=account("ada"))

    def test_it_is_taken_back(self) -> None:
        item = an_item()
        signed(item)
        actions.ask_erasure(item.case, by=account("ada"))
        actions.keep_case(item.case, by=account("ada"))
        with pytest.raises(Refused, match="Nobody asks"):
            actions.keep_case(item.case, by=account("ada"))
        with pytest.raises(Refused, match="one person asks"):
            actions.erase(item.case, even_if_decided=True, by=account("ben"))

    def test_what_is_not_signed_needs_one(self) -> None:
        item = an_item()
        decide(item)
        with pytest.raises(Refused, match="at once"):
            actions.ask_erasure(item.case, by=account("ada"))
        assert actions.erase(item.case, even_if_decided=True, by=account("ada")).is_erased

    def test_no_word_of_a_plan_is_left_and_what_was_chosen_is(self) -> None:
        item = an_item()
        decision = a_plan(
            item,
            Step(DPD, "Secret condition", "Secret reason", owner_words="Secret owner", due_on=DUE),
            Step(FOLFIRI, "Secret too"),
        )
        actions.record_progress(step_of(decision), state="going-on", words="Secret words", by=account("ben"))
        actions.erase(item.case, even_if_decided=True, by=account("ada"))
        rows = [*PlanStep.objects.all(), *StepProgress.objects.all(), *Decision.objects.all()]
        assert "Secret" not in repr([vars(row) for row in rows])
        assert [(step.kind, step.option, step.due_on) for step in PlanStep.objects.all()] == [
            ("test-first", "dpd", DUE),
            ("ranked", "folfiri", None),
        ]
        assert [record.state for record in StepProgress.objects.all()] == ["going-on"]
        assert Decision.objects.get().shown == {}
