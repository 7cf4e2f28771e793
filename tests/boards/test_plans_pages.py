"""The pages of plans: written with everything beside, signed from a list, carried on from what is due."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from boards import actions
from boards.choice import Choice
from boards.models import AgendaItem, Attendance, Case, Decision, Meeting, PlanDraft, PlanStep, StepProgress
from boards.models.base import GUARD
from boards.plans import Step
from tests.factories.boards import FOLFIRI, FOLFOX, a_board, a_case, a_meeting, account, an_item, decide, signed
from tests.pages import text
from tests.pseudo_language import in_force, untranslated
from tests.valid_html import faults

pytestmark = pytest.mark.django_db

DPD = Choice("test-first", "dpd")


def of(username: str = "ada") -> Client:
    client = Client()
    client.force_login(account(username))
    return client


def at(name: str, *args: Any) -> str:
    return reverse(f"boards:{name}", args=args)


def page(response: HttpResponse) -> str:
    return response.content.decode()


def sent(**changes: Any) -> dict[str, Any]:
    """A plan of a test and what follows it, as the form sends it."""
    given = {
        "step-0-when": "first",
        "step-0-do": "test-first:dpd",
        "step-0-who": "ben",
        "step-0-due": (timezone.localdate() + timedelta(days=7)).isoformat(),
        "step-0-state": "asked-for",
        "step-1-when": "if normal",
        "step-1-do": "ranked:folfiri",
        "step-1-who": "Day clinic",
        "step-2-when": "",
        "step-2-do": "",
        "rationale": "Best evidence.",
        "would_change": "The DPD result.",
        "based_on": "0",
        "present": [str(account(name).pk) for name in ("ada", "ben", "chair")],
    }
    return given | {name.replace("__", "-"): value for name, value in changes.items()}


def usual(item: AgendaItem, *, due_in: int = 0) -> Decision:
    """First DPD, due so many days after the meeting, then FOLFIRI if it is normal."""
    due_on = item.meeting.held_on + timedelta(days=due_in)
    return actions.record_decision(
        item,
        based_on=0,
        steps=[Step(DPD, "first", due_on=due_on), Step(FOLFIRI, "if normal", owner=account("ben"))],
        rationale="Best evidence.",
        present=[account(name) for name in ("ada", "ben", "chair")],
        by=account("ada"),
    )


class TestWriting:
    def test_who_runs_the_room_records_and_goes_on_to_the_next_case(self) -> None:
        board = a_board()
        meeting = a_meeting(board, a_case(board), a_case(board, "Colon 8"))
        first, second = meeting.items.all()
        present = [account(name) for name in ("ada", "ben", "chair")]
        actions.open_room(meeting, present=present, by=account("chair"))
        assert "Record and go to Colon 8" in text(of("chair").get(at("decide", first.pk)))
        assert "Record and go to" not in text(of("ada").get(at("decide", first.pk)))
        response = of("chair").post(at("decide", first.pk), sent(next="1"))
        assert response.headers["Location"] == at("room", meeting.pk)
        meeting.refresh_from_db()
        assert (Decision.objects.get().item, meeting.current) == (first, second)
        assert "Record and go to" not in text(of("chair").get(at("decide", second.pk)))

    def test_a_plan_is_recorded_and_read(self) -> None:
        item = an_item()
        response = of().post(at("decide", item.pk), sent())
        assert response.status_code == 302
        first, second = PlanStep.objects.all()
        assert (first.option, first.owner, first.condition, first.progress.get().state) == (
            *("dpd", account("ben"), "first"),
            "asked-for",
        )
        assert (second.option, second.owner, second.owner_words) == ("folfiri", None, "Day clinic")
        shown = text(of().get(at("decision", item.pk)))
        for words in (
            "Test first: DPD",
            "Asked for",
            "if normal",
            "Day clinic",
            "What would change it The DPD result.",
        ):
            assert words in shown

    def test_every_error_is_said_at_once_and_nothing_is_lost(self) -> None:
        item = an_item()
        wrong = sent(
            step__0__due="2026-13-10",
            step__1__do="ranked:folfox",
            step__2__do="trial",
            step__2__words="some trial",
            step__3__when="in any case",
            rationale=" ",
            present=[],
        )
        response = of().post(at("decide", item.pk), wrong)
        shown = text(response)
        for words in (
            "This is no day",
            "It is not among the recommended: give a reason.",
            "Say what is chosen.",
            "Say why, in a sentence or two.",
            "Say who was present.",
            "NCT and eight digits",
        ):
            assert words in shown, words
        for value in ("some trial", "in any case", "if normal", "Day clinic", "2026-13-10"):
            assert value in page(response), value
        assert not Decision.objects.exists()
        assert faults(page(response)) == []

    def test_a_trial_is_found_in_what_is_written(self) -> None:
        item = an_item()
        of().post(at("decide", item.pk), sent(step__2__do="trial", step__2__words="TAR-200: nct05882058, if open"))
        step = PlanStep.objects.get(kind="trial")
        assert (step.option, step.words) == ("NCT05882058", "TAR-200: , if open")

    @pytest.mark.parametrize(("pressed", "filled"), [("", ""), ("ranked:folfox", "ranked:folfox"), ("trial", "trial")])
    def test_a_step_is_added_without_a_script(self, pressed: str, filled: str) -> None:
        item = an_item()
        response = of().post(at("decide", item.pk), sent(rationale="", add=pressed))
        form = response.context["form"]
        assert response.status_code == 200 and not form.all_errors
        assert [row["do"].value() or "" for row in form.steps[:3]] == ["test-first:dpd", "ranked:folfiri", filled]
        assert form.steps[0]["who"].value() == "ben" and form["present"].value() == sent()["present"]
        assert len(form.steps) >= 4
        assert not Decision.objects.exists()

    def test_who_is_in_the_room_is_present(self) -> None:
        item = an_item()
        assert not of().get(at("decide", item.pk)).context["form"]["present"].value()
        with GUARD.open():
            for name, left in (("ada", None), ("chair", None), ("ben", timezone.now() + timedelta(hours=1))):
                Attendance.objects.create(meeting=item.meeting, person=account(name), left_at=left)
            Meeting.objects.update(guests="Radiology of the clinic")
        form = of().get(at("decide", item.pk)).context["form"]
        assert set(form["present"].value()) == {account("ada").pk, account("chair").pk}
        assert form["guests"].value() == "Radiology of the clinic"

    def test_what_was_written_stays_when_somebody_is_removed_meanwhile(self) -> None:
        item = an_item()
        actions.remove_member(item.meeting.board.memberships.get(person=account("ben")), by=account("chair"))
        response = of().post(at("decide", item.pk), sent(step__0__who=""))
        shown = text(response)
        assert "Not on the board: ben." in shown
        assert "Best evidence." in page(response) and "Day clinic" in page(response)
        again = sent(step__0__who="", present=[account("ada").pk, account("chair").pk])
        assert of().post(at("decide", item.pk), again).status_code == 302

    def test_question_votes_notes_and_options_stand_beside_it(self) -> None:
        board = a_board(blind_first=True)
        item = a_meeting(board, a_case(board, notes="Lives alone.")).items.get()
        actions.prepare(item, question="Which second line?", by=account("ada"))
        for name in ("ada", "ben", "chair"):
            actions.vote(item, choice=FOLFOX, by=account(name))
        response = of().get(at("decide", item.pk))
        shown = text(response)
        for words in ("Question Which second line?", "Lives alone.", "3 FOLFOX", "Options as shown FOLFIRI level A"):
            assert words in shown, words
        assert faults(page(response)) == []

    def test_a_correction_says_its_question_and_options(self) -> None:
        item = an_item()
        signed(item)
        form = of().get(at("decide", item.pk)).context["form"]
        assert {"correction", "question", "options"} <= set(form.fields)
        given = sent(based_on="1", correction="Misheard.", question="Another?", options=["folfiri", "captem"])
        assert of().post(at("decide", item.pk), given).status_code == 302
        newest = Decision.objects.get(number=2)
        assert (newest.shown["question"], newest.shown["options"]) == ("Another?", ["folfiri", "captem"])
        item.refresh_from_db()
        assert item.question == ""


class TestDraft:
    def test_it_is_saved_taken_up_and_gone_when_recorded(self) -> None:
        item = an_item()
        response = of().post(at("draft", item.pk), sent(revision="0", rationale="Half a"))
        assert 'name="revision" value="1"' in page(response) and "Draft saved" in text(response)
        assert PlanDraft.objects.get().saved_by == account("ada")
        opened = of("ben").get(at("decide", item.pk))
        form = opened.context["form"]
        assert form["rationale"].value() == "Half a" and form.steps[1]["who"].value() == "Day clinic"
        assert "Typed by ada," in text(opened)
        assert not of("ben").get(at("decide", item.pk) + "?without-draft=1").context["form"]["rationale"].value()
        told = of("ben").post(at("draft", item.pk), sent(revision="0", rationale="Mine"))
        assert "ada is typing as well." in text(told)
        assert ["rationale", "Half a"] in PlanDraft.objects.get().fields
        of().post(at("decide", item.pk), sent())
        assert not PlanDraft.objects.exists()

    def test_nobody_else_types(self) -> None:
        item = an_item()
        assert of("eve").post(at("draft", item.pk), sent()).status_code == 404
        hidden = an_item(a_board("Other", blind_first=True))
        assert of().post(at("draft", hidden.pk), sent()).status_code == 404


class TestSigning:
    def test_two_presses_from_the_home_page(self) -> None:
        item = an_item()
        usual(item)
        boards = of("ben").get(at("boards"))
        shown = text(boards)
        assert "For me to sign" in shown and "first Test first: DPD" in shown and "Sign Colon 7, version 1" in shown
        response = of("ben").post(at("sign", item.pk), {"number": "1", "back": "boards"}, follow=True)
        assert response.redirect_chain == [(at("boards"), 302)]
        told = text(response)
        assert "Your signature under Colon 7 is recorded." in told and "For me to sign" not in told
        assert "signed by one already" in text(of().get(at("to-sign")))

    def test_only_what_one_may_sign_is_listed(self) -> None:
        item = an_item()
        decide(item, present=[account("ada"), account("chair")])
        assert "Nothing waits" in text(of("ben").get(at("to-sign")))
        told = text(of("ben").get(at("decision", item.pk)))
        assert "you are not among them" in told and "Sign this version" not in told
        assert "May sign, and has not ada, chair" in told
        assert "Sign Colon 7" in text(of().get(at("to-sign")))
        decide(item, based_on=1)
        assert text(of().get(at("to-sign"))).count("Sign Colon 7") == 1
        assert "version 2" in text(of().get(at("to-sign")))

    def test_a_case_without_discussion_waits_for_the_chair_alone(self) -> None:
        item = an_item()
        of("chair").post(at("discussion", item.pk), {"needed": "no"})
        assert "without discussion" in text(of().get(at("decide", item.pk)))
        usual(item)
        assert "Nothing waits" in text(of().get(at("to-sign")))
        assert "The chair alone signs" in text(of().get(at("decision", item.pk)))
        of("chair").post(at("sign", item.pk), {"number": "1", "back": "to-sign"})
        shown = text(of().get(at("decision", item.pk)))
        assert "standard of care, decided without discussion" in shown and "May sign" not in shown

    def test_queries_do_not_grow(self, django_assert_max_num_queries: Any) -> None:
        board = a_board()
        meeting = a_meeting(board, *(a_case(board, f"Colon {number}") for number in range(6)))
        for item in meeting.items.all():
            usual(item)
        client = of("ben")
        client.get(at("to-sign"))
        for address in (at("to-sign"), at("actions", board.pk)):
            with django_assert_max_num_queries(16):
                assert client.get(address).status_code == 200


class TestDue:
    def test_the_overdue_come_first_and_one_press_records(self) -> None:
        board = a_board()
        today = timezone.localdate()
        late = a_meeting(board, a_case(board, "Colon 8"), fixed=False)
        with GUARD.open():
            Meeting.objects.filter(pk=late.pk).update(held_on=today - timedelta(days=9))
        late.refresh_from_db()
        actions.fix_agenda(late, by=account("chair"))
        usual(late.items.get())
        usual(a_meeting(board, a_case(board, "Colon 9")).items.get(), due_in=3)
        found = of("ben").get(at("actions", board.pk)).context["actions"]
        assert [(each.label, each.line.do, each.line.is_late) for each in found] == [
            ("Colon 8", "Test first: DPD", True),
            ("Colon 9", "Test first: DPD", False),
            ("Colon 8", "FOLFIRI", False),
            ("Colon 9", "FOLFIRI", False),
        ]
        back = at("actions", board.pk)
        pressed = of("ben").post(at("progress", found[2].line.pk), {"state": "done", "back": back})
        assert (pressed.status_code, pressed.url) == (302, back)
        left = of("ben").get(back).context["actions"]
        assert [each.label for each in left] == ["Colon 8", "Colon 9", "Colon 9"]
        assert "overdue" in text(of("ben").get(back))

    def test_a_step_of_another_board_is_not_found(self) -> None:
        item = an_item()
        step = usual(item).steps.first()
        for name in ("progress", "result"):
            assert of("eve").post(at(name, step.pk), {"state": "done", "value": "normal"}).status_code == 404
        assert of("eve").get(at("actions", item.meeting.board_id)).status_code == 404
        assert not StepProgress.objects.exists()

    def test_what_was_not_carried_out_has_a_reason(self) -> None:
        item = an_item()
        step = usual(item).steps.get(position=2)
        response = of().post(at("progress", step.pk), {"state": "not-done", "words": "Moved away"})
        assert "Say why it was not carried out." in text(response) and "Moved away" in page(response)
        of().post(
            at("progress", step.pk), {"state": "not-done", "not_done": "treated-elsewhere", "words": "Moved away"}
        )
        assert "Not carried out: Treated elsewhere; Moved away" in text(of().get(at("decision", item.pk)))

    @pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:x", ""])
    def test_it_goes_back_to_our_pages_alone(self, back: str) -> None:
        item = an_item()
        step = usual(item).steps.get(position=2)
        response = of().post(at("progress", step.pk), {"state": "done", "back": back})
        assert response.url == at("decision", item.pk)


class TestResult:
    def entered(self, item: AgendaItem, value: str) -> HttpResponse:
        step = PlanStep.objects.get(decision__item=item, position=1)
        return of().post(at("result", step.pk), {"value": value}, follow=True)

    def test_the_page_shows_before_and_after(self) -> None:
        item = an_item()
        usual(item)
        shown = text(self.entered(item, "complete"))
        for words in (
            "the case waits for the next meeting",
            "DPD not entered complete deficiency",
            "Ranked first FOLFIRI",
            "Version 1, release shipped Version 2, release shipped",
            "Waits for the next meeting since",
        ):
            assert words in shown, words
        assert Case.objects.get().status == "waiting"

    def test_without_a_result_it_is_refused_and_stays_unknown(self) -> None:
        item = an_item()
        usual(item)
        response = self.entered(item, "")
        assert "stays unknown" in text(response)
        assert Case.objects.get().versions.count() == 1
        values = [value for value, _words in response.context["result_form"].fields["value"].choices]
        assert values == ["", "normal", "partial", "complete"]

    def test_nothing_of_the_ranking_is_shown_before_the_vote(self) -> None:
        board = a_board(blind_first=True)
        item = a_meeting(board, a_case(board)).items.get()
        actions.close_vote(item, by=account("chair"))
        item.refresh_from_db()
        usual(item)
        actions.make_meeting(board=board, held_on=timezone.localdate() + timedelta(days=5), by=account("ada"))
        shown = text(self.entered(item, "complete"))
        assert "the ranking is shown once that vote is closed" in shown
        assert "Ranked first" not in shown and "Version 2, release" not in shown


class TestErasing:
    def test_one_asks_and_another_erases_or_keeps(self) -> None:
        item = an_item()
        signed(item)
        address = at("case-erase", item.case_id)
        ticked = {"sure": "on", "even_if_decided": "on"}
        assert "another person erases it" in text(of().get(address))
        of().post(address, ticked)
        assert "Another person erases it." in text(of().get(address))
        assert "ada asked on" in text(of("ben").get(address))
        of("ben").post(address, {"what": "keep"})
        of("ben").post(address, ticked)
        of().post(address, ticked)
        assert Case.objects.get().is_erased

    def test_what_the_page_promises_stays(self) -> None:
        item = an_item()
        decision = actions.record_decision(
            item,
            based_on=0,
            steps=[Step(Choice("other", words="Secret drug"), "Secret when"), Step(DPD), Step(FOLFOX)],
            rationale="Secret why",
            present=[account(name) for name in ("ada", "ben", "chair")],
            reason="cost",
            reason_words="Secret reason",
            by=account("ada"),
        )
        for name in ("ada", "chair"):
            actions.sign(decision, by=account(name))
        promised = text(of().get(at("case-erase", item.case_id)))
        assert "options and tests by name, anything that was in words by its kind" in promised
        actions.ask_erasure(item.case, by=account("ada"))
        actions.erase(item.case, even_if_decided=True, by=account("ben"))
        shown = text(of().get(at("decision", item.pk)))
        assert "Secret" not in shown and "Colon 7" not in shown
        day = timezone.localtime(decision.decided_at).strftime("%Y")
        for words in (
            f"Case {item.case_id}, erased",
            "Another treatment",
            "Test first: DPD",
            "FOLFOX",
            "Cost",
            "Present ada, ben, chair",
            "ada on",
            "chair on",
            day,
        ):
            assert words in shown, words
        listed = text(of().get(at("meeting", item.meeting_id)))
        assert "Another treatment" in listed


class TestLanguagesAndMarkup:
    def pages(self, client: Client) -> list[tuple[str, HttpResponse]]:
        """Every page of plans, with everything that it can say."""
        board = a_board()
        item = a_meeting(board, a_case(board, notes="Notes.")).items.get()
        decision = usual(item)
        client.force_login(account("chair"))
        first, second = decision.steps.all()
        actions.save_draft(item, fields=list(sent(rationale="Why.").items())[:8], revision=0, by=account("ada"))
        early = [(at(name, *args), client.get(at(name, *args))) for name, *args in (("to-sign",), ("decide", item.pk))]
        for name in ("ada", "ben"):
            actions.sign(decision, by=account(name))
        actions.record_progress(second, state="not-done", not_done="died", words="Words.", by=account("ben"))
        wrong = [
            (at("progress", second.pk), client.post(at("progress", second.pk), {"state": "not-done"})),
            (at("result", first.pk), client.post(at("result", first.pk), {"value": ""})),
            (at("draft", item.pk), client.post(at("draft", item.pk), {"revision": "9"})),
            (at("decide", item.pk), client.post(at("decide", item.pk), sent(based_on="1", step__0__due="x"))),
        ]
        actions.enter_result(first, value="complete", by=account("ben"))
        actions.ask_erasure(item.case, by=account("ada"))
        names = (
            *(("since-decided", item.pk), ("actions", board.pk), ("decision", item.pk), ("letter", item.pk)),
            *(("progress", first.pk), ("case-erase", item.case_id), ("report", item.pk), ("to-sign",)),
            *(("minutes", item.meeting_id), ("decide", item.pk), ("boards",)),
        )
        return [*early, *wrong, *((at(name, *args), client.get(at(name, *args))) for name, *args in names)]

    def test_every_page_is_valid_html(self, client: Client) -> None:
        for address, response in self.pages(client):
            assert response.status_code == 200, address
            if "draft" not in address:
                assert faults(page(response)) == [], address

    def test_every_word_is_translated(self, pseudo_client: Client) -> None:
        words = [
            *("NEC board", "Colon 7", "Room 4", "Notes.", "Notes", "Why.", "Why", "Words.", "Words", "chair", "ada"),
            *("ben", "first", "if normal", "Best evidence.", "Best evidence", "Day clinic", "The DPD result.", "x"),
            "The DPD result",
            "UTC",
        ]
        known = in_force().with_names(*words)
        for address, response in self.pages(pseudo_client):
            if "report" in address:
                continue  # it names sources by their addresses
            shown = re.sub(r"<textarea[^>]*readonly>.*?</textarea>", "", page(response), flags=re.DOTALL)
            assert untranslated(shown, known) == [], address
