"""A board's decision as FHIR: from frozen rows, without a name, a day or a label; for members and for systems."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from boards import actions
from boards.choice import Choice
from boards.models import AgendaItem, Decision
from boards.plans import Step
from interop.models import Scope
from interop.writing.bundles import as_json
from interop.writing.decision import WITHHELD, decided, decision_bundle
from tests.factories.boards import (
    FOLFIRI,
    FOLFOX,
    a_board,
    a_case,
    a_meeting,
    account,
    an_item,
    decide,
    erased,
    signed,
)
from tests.factories.tokens import System, token

from .checked import broken, one, parses, references, resources

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
LABEL = "Colon 7"
DEPARTING: dict[str, Any] = {"reason": "patients-wish", "reason_words": "Wants to travel."}


def written(decision: Decision, at: datetime = AT) -> dict[str, Any]:
    return decision_bundle(decided(decision), software="0.2.0", at=at)


def is_sound(bundle: dict[str, Any]) -> bool:
    parses(bundle)
    return broken(bundle, "decision-bundle") == []


def plan(decision: Decision) -> dict[str, Any]:
    return one(written(decision), "CarePlan")


@pytest.fixture
def item() -> AgendaItem:
    return an_item()


class TestStatus:
    def test_a_draft_until_two_have_signed(self, item: AgendaItem) -> None:
        decision = decide(item)
        assert plan(decision)["status"] == "draft"
        actions.sign(decision, by=account("ada"))
        assert plan(decision)["status"] == "draft"
        actions.sign(decision, by=account("chair"))
        assert plan(decision)["status"] == "active"
        bundle = written(decision)
        assert is_sound(bundle)
        signatories = [agent for each in resources(bundle, "Provenance") for agent in each["agent"]]
        assert [agent["role"][0]["coding"][0]["code"] for agent in signatories] == ["member", "chair"]

    def test_a_correction_replaces_the_one_before(self, item: AgendaItem) -> None:
        first = signed(item)
        second = decide(item, FOLFOX, based_on=1, correction="A late result.", **DEPARTING)
        assert is_sound(written(second)) and is_sound(written(first))
        (replaced,) = plan(second)["replaces"]
        former = next(entry for entry in written(first)["entry"] if entry["resource"]["resourceType"] == "CarePlan")
        assert replaced["reference"] == former["fullUrl"]
        assert (former["resource"]["status"], plan(second)["status"]) == ("revoked", "draft")
        assert "replaces" not in former["resource"]


class TestChosen:
    def test_one_not_started_and_the_others_cancelled(self, item: AgendaItem) -> None:
        details = [each["detail"] for each in plan(decide(item))["activity"]]
        assert [each["status"] for each in details] == ["not-started", *["cancelled"] * (len(details) - 1)]
        assert details[0]["code"]["coding"][0]["code"] == "folfiri"
        others = [each["code"]["coding"][0]["code"] for each in details[1:]]
        assert len(others) >= 2 and "folfiri" not in others

    def test_the_coded_reason_of_one_who_departs(self, item: AgendaItem) -> None:
        decision = decide(item, Choice("other", "", "Watchful waiting"), **DEPARTING)
        activity = plan(decision)["activity"]
        assert activity[0]["detail"]["code"] == {"text": "Watchful waiting"}
        for each in activity[1:]:
            (coding,) = each["detail"]["statusReason"]["coding"]
            assert (coding["system"], coding["code"]) == ("urn:necapp:board-reason", "patients-wish")

    @pytest.mark.parametrize(
        ("choice", "system", "code"),
        [
            (Choice("best-supportive-care"), "urn:necapp:option", "best-supportive-care"),
            (Choice("trial", "NCT02820857"), "urn:necapp:trial", "NCT02820857"),
        ],
    )
    def test_every_kind(self, item: AgendaItem, choice: Choice, system: str, code: str) -> None:
        bundle = written(decide(item, choice, reason="other", reason_words="As discussed."))
        assert is_sound(bundle)
        (coding,) = one(bundle, "CarePlan")["activity"][0]["detail"]["code"]["coding"]
        assert (coding["system"], coding["code"]) == (system, code)

    def test_a_plan_with_what_is_asked_for_first_and_how_far_it_has_come(self, item: AgendaItem) -> None:
        due_on = timezone.localdate() + timedelta(days=10)
        month = f"{due_on:%Y-%m}"
        decision = actions.record_decision(
            item,
            based_on=0,
            steps=[
                Step(
                    Choice("test-first", "dpd"),
                    "first",
                    owner=account("ben"),
                    due_on=timezone.localdate() + timedelta(days=10),
                ),
                Step(Choice("genetics-referral"), reason="A young patient."),
                Step(FOLFIRI, "if DPD is normal", owner_words="Day clinic", due_on=due_on),
                Step(FOLFOX, "after progression"),
            ],
            rationale="As discussed.",
            present=[account("ada"), account("chair")],
            by=account("ada"),
        )
        drafted = written(decision)
        requests = [each for each in resources(drafted, "ServiceRequest") if each["intent"] == "plan"]
        assert [each["status"] for each in requests] == ["draft", "draft"]
        for name in ("ada", "chair"):
            actions.sign(decision, by=account(name))
        test, _genetics, first, second = decision.steps.all()
        actions.record_progress(first, state="going-on", by=account("ben"))
        actions.record_progress(second, state="not-done", not_done="died", by=account("ben"))
        bundle = written(decision)
        assert is_sound(bundle)
        asked, genetics, *details = one(bundle, "CarePlan")["activity"]
        by_address = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
        dpd, referral = by_address[asked["reference"]["reference"]], by_address[genetics["reference"]["reference"]]
        assert (dpd["resourceType"], dpd["status"], dpd["intent"]) == ("ServiceRequest", "active", "plan")
        assert dpd["code"]["coding"][0]["code"] == "dpd" and dpd["occurrencePeriod"] == {"end": month}
        assert dpd["performer"] == [{"display": "A member of the board"}]
        assert referral["code"] == {"text": "Referral to genetics"}
        assert referral["reasonCode"] == [{"text": "A young patient."}]
        given, later = details[0]["detail"], details[1]["detail"]
        assert (given["status"], given["description"]) == ("in-progress", "if DPD is normal")
        assert given["scheduledPeriod"] == {"end": month} and given["performer"] == [{"display": "Day clinic"}]
        assert later["status"] == "cancelled" and later["statusReason"]["coding"][0]["code"] == "died"
        others = [each["detail"]["code"]["coding"][0]["code"] for each in details[2:]]
        assert others and not {"folfiri", "folfox"} & set(others)
        assert "'ben'" not in str(bundle) and due_on.isoformat() not in str(bundle)
        actions.record_progress(test, state="done", by=account("ben"))
        (done,) = [each for each in resources(written(decision), "ServiceRequest") if each["status"] == "completed"]
        assert done["code"]["coding"][0]["code"] == "dpd"

    def test_one_signature_is_enough_where_the_chair_decides_alone(self, item: AgendaItem) -> None:
        actions.choose_discussion(item, is_needed=False, by=account("chair"))
        decision = decide(item)
        actions.sign(decision, by=account("chair"))
        assert plan(decision)["status"] == "active"
        mine = System(token(Scope.DECISIONS, board=item.meeting.board)[1])
        assert mine.get("boards/decisions").json()["items"][0]["status"] == "active"

    def test_it_rests_on_the_options_that_were_shown(self, item: AgendaItem) -> None:
        bundle = written(decide(item))
        (info,) = one(bundle, "CarePlan")["supportingInfo"]
        group = next(e for e in bundle["entry"] if e["resource"]["resourceType"] == "RequestGroup")
        assert info["reference"] == group["fullUrl"]
        slugs = {o["code"][0]["coding"][0]["code"] for band in group["resource"]["action"] for o in band["action"]}
        assert slugs == {option.regimen for option in item.version.ranked.options}

    def test_references_lead_to_entries_but_to_the_former_one(self, item: AgendaItem) -> None:
        bundle = written(signed(item))
        assert references(bundle["entry"]) <= {entry["fullUrl"] for entry in bundle["entry"]}

    def test_out_of_scope_it_rests_on_why(self) -> None:
        board = a_board()
        item = a_meeting(board, a_case(board, primary_site="lung")).items.get()
        bundle = written(decide(item, Choice("other", "", "Lung clinic"), reason="other", reason_words="Lung."))
        assert is_sound(bundle)
        assert one(bundle, "GuidanceResponse")["status"] == "failure" and not resources(bundle, "RequestGroup")


class TestDeidentified:
    def test_no_name_no_label_no_day(self, item: AgendaItem) -> None:
        User.objects.update(first_name="Adelheid", last_name="Kanarienvogel")
        decision = signed(item, guests="Kanarienvogel of radiology")
        text = as_json(written(decision, at=AT.replace(year=2040))).decode()
        now = timezone.localtime(decision.decided_at)
        for canary in (LABEL, "Adelheid", "Kanarienvogel", "Room 4", "NEC board", f"{now:%Y-%m-%d}"):
            assert canary not in text, canary
        assert plan(decision)["created"] == f"{now:%Y-%m}"
        assert set(one(written(decision), "Patient")) == {"resourceType", "meta"}

    def test_words_that_may_identify_are_left_out(self, item: AgendaItem, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("boards.privacy.guard.findings", lambda *_: ())  # as before texts were guarded
        decision = decide(item, rationale="Herr Weiss, geb. 3.4.1957, agreed.", dissent="One would rather wait.")
        notes = [note["text"] for note in plan(decision)["note"]]
        assert f"Rationale: {WITHHELD}" in notes and "Dissent: One would rather wait." in notes
        assert "Weiss" not in str(notes)

    def test_a_condition_that_is_left_out_is_said_to_be(
        self, item: AgendaItem, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("boards.privacy.guard.findings", lambda *_: ())  # as before texts were guarded
        decision = actions.record_decision(
            item,
            based_on=0,
            steps=[Step(FOLFIRI, "if Herr Weiss, geb. 3.4.1957, agrees")],
            rationale="As discussed.",
            present=[account("ada"), account("ben")],
            by=account("ada"),
        )
        detail = plan(decision)["activity"][0]["detail"]
        assert detail["description"] == WITHHELD

    def test_the_same_rows_give_the_same_bytes(self, item: AgendaItem) -> None:
        decision = signed(item)
        assert as_json(written(decision)) == as_json(written(Decision.objects.get(pk=decision.pk)))
        later = written(decision, at=AT.replace(year=2029))
        for each in resources(later, "Provenance"):
            each["recorded"] = "2026-11-29T12:00:00Z"
        assert as_json(later) == as_json(written(decision))


class TestPage:
    def of(self, username: str) -> Client:
        client = Client()
        client.force_login(account(username))
        return client

    def test_a_member_takes_it_along(self, item: AgendaItem) -> None:
        signed(item)
        page = self.of("ben").get(reverse("boards:decision", args=[item.pk])).content.decode()
        address = reverse("decision-fhir", args=[item.pk])
        assert address in page
        response = self.of("ben").get(address)
        assert response.headers["Content-Type"] == "application/fhir+json"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert is_sound(json.loads(response.content))
        event = Event.objects.filter(action="export").get()
        assert (event.by, event.details) == (account("ben"), {"document": "decision", "item": item.pk, "decision": 1})

    def test_nobody_else_does(self, item: AgendaItem) -> None:
        signed(item)
        address = reverse("decision-fhir", args=[item.pk])
        assert self.of("stranger").get(address).status_code == 404
        assert Client().get(address).status_code == 302
        assert self.of("ben").get(f"/agenda/{'9' * 30}/decision.fhir.json").status_code == 404

    def test_nothing_before_it_is_decided_or_once_it_is_erased(self, item: AgendaItem) -> None:
        address = reverse("decision-fhir", args=[item.pk])
        assert self.of("ben").get(address).status_code == 404
        signed(item)
        erased(item)
        assert self.of("ben").get(address).status_code == 404


class TestSystem:
    def calls(self, item: AgendaItem) -> tuple[System, System]:
        """One with a token of the board, and one of another board."""
        mine = token(Scope.DECISIONS, board=item.meeting.board)[1]
        return System(mine), System(token(Scope.DECISIONS)[1])

    def test_it_lists_and_reads_those_of_its_board_alone(self, item: AgendaItem) -> None:
        decision = signed(item)
        mine, other = self.calls(item)
        (row,) = mine.get("boards/decisions").json()["items"]
        assert (row["id"], row["status"], row["option"]) == (str(decision.pk), "active", "folfiri")
        response = mine.get(f"boards/decisions/{row['id']}", Accept="application/fhir+json")
        assert response.headers["Content-Type"] == "application/fhir+json"
        assert response.headers["Cache-Control"] == "no-store"
        assert is_sound(response.json())
        assert other.get("boards/decisions").json()["items"] == []
        refused = other.get(f"boards/decisions/{row['id']}")
        assert (refused.status_code, refused.json()["resourceType"]) == (404, "OperationOutcome")

    def test_reading_one_is_an_event(self, item: AgendaItem) -> None:
        decision = signed(item)
        made, header = token(Scope.DECISIONS, board=item.meeting.board)
        System(header).get(f"boards/decisions/{decision.pk}")
        event = Event.objects.filter(action="export").get()
        assert event.by is None
        wanted = {"document": "decision", "item": item.pk, "decision": 1, "token": made.pk}
        assert event.details == wanted

    def test_every_version_the_newest_first_and_in_pages(self, item: AgendaItem, monkeypatch: Any) -> None:
        monkeypatch.setattr("interop.api.decisions.PAGE", 1)
        signed(item)
        decide(item, FOLFIRI, based_on=1, correction="A late result.")
        mine, _ = self.calls(item)
        first = mine.get("boards/decisions").json()
        second = mine.get(f"boards/decisions?cursor={first['next']}").json()
        found = [(row["number"], row["status"]) for page in (first, second) for row in page["items"]]
        assert (found, second["next"], first["total"]) == ([(2, "draft"), (1, "revoked")], None, 2)

    def test_nothing_of_an_erased_case_or_one_that_is_voted_on(self, item: AgendaItem) -> None:
        decision = signed(item)
        mine, _ = self.calls(item)
        board = item.meeting.board
        given = {"name": board.name, "header": "", "blind_first": True, "ballots": "named"}
        actions.change_settings(board, by=account("chair"), **given)
        board.refresh_from_db()
        a_meeting(board, item.case)
        assert mine.get("boards/decisions").json()["items"] == []
        assert mine.get(f"boards/decisions/{decision.pk}").status_code == 404

    @pytest.mark.parametrize("number", ["0", "x", "9" * 18, "9" * 30, "%C2%B2"])
    def test_no_such_number(self, item: AgendaItem, number: str) -> None:
        mine, _ = self.calls(item)
        assert mine.get(f"boards/decisions/{number}").status_code in (404, 422)

    def test_nobody_without_a_token(self, settings: Any) -> None:
        settings.API_ANONYMOUS = "rankings"
        assert System({}).get("boards/decisions").status_code == 401
        assert System({}).get("boards/decisions/1").json()["issue"][0]["code"] == "login"
