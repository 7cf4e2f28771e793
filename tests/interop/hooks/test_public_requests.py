"""The public requests of AHRQ and Da Vinci, each with the answer that the shared README gives it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interop.models import CardFeedback
from tests.factories.hooks import OPTIONS, ORDERS, Hospital
from tests.interop.shared import needs_shared, shared

pytestmark = [needs_shared, pytest.mark.django_db]

WITHOUT_OBSERVATIONS = ("Adolfo777_Braun514", "Adrian111_Wunsch504", "Cher186_Crooks415", "Debora709_Mayer370")
AHRQ = (*WITHOUT_OBSERVATIONS, "missing_prefetch_keys_invocation", "null_prefetch_values_invocation")
OTHER_HOOKS = (
    *("appointment_book_hook_request", "encounter_discharge_hook_request", "encounter_start_hook_request"),
    *("fancy_structure_hook_request", "order_dispatch_hook_request"),
)


def request(folder: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared("cds-hooks", folder, f"{name}.json").read_text(encoding="utf-8"))
    return found


def put_right(name: str) -> dict[str, Any]:
    found = request("ahrq", name)
    found["context"]["patientId"] = found["prefetch"]["Patient"]["id"]
    return found


def asked(system: Hospital, path: str, content: Any) -> Any:
    return system.ask(path, content, token="")


def test_no_tumour_no_cards(anybody: Hospital) -> None:
    answer = asked(anybody, OPTIONS, request("ahrq", "unhealthy_patient"))
    assert (answer.status_code, answer.json()) == (200, {"cards": []})


@pytest.mark.parametrize("name", AHRQ)
def test_another_patient_than_that_of_the_context(name: str, anybody: Hospital) -> None:
    answer = asked(anybody, OPTIONS, request("ahrq", name))
    assert answer.status_code == 400
    assert "another patient" in answer.json()["detail"]
    patient = request("ahrq", name)["prefetch"]["Patient"]["id"]
    assert len(patient) == 1 or patient not in answer.text


def test_asked_for_and_nothing_there(anybody: Hospital) -> None:
    answer = asked(anybody, OPTIONS, put_right("null_prefetch_values_invocation"))
    assert (answer.status_code, answer.json()) == (200, {"cards": []})


@pytest.mark.parametrize("name", [*WITHOUT_OBSERVATIONS, "missing_prefetch_keys_invocation"])
def test_a_kind_that_is_missing(name: str, anybody: Hospital) -> None:
    answer = asked(anybody, OPTIONS, put_right(name))
    assert answer.status_code == 412
    lacking = "Condition" if name == "missing_prefetch_keys_invocation" else "Observation"
    assert answer.json()["detail"] == f"Neither sent nor to be read: {lacking}."


@pytest.mark.parametrize("name", ["order_select_hook_request", "order_sign_hook_request"])
def test_orders_without_prefetch(name: str, anybody: Hospital) -> None:
    answer = asked(anybody, ORDERS, request("davinci", name))
    assert answer.status_code == 412
    assert answer.json()["detail"] == "Neither sent nor to be read: Patient, Condition, Observation."


@pytest.mark.parametrize("path", [OPTIONS, ORDERS])
@pytest.mark.parametrize("name", OTHER_HOOKS)
def test_other_hooks(name: str, path: str, anybody: Hospital) -> None:
    answer = asked(anybody, path, request("davinci", name))
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("“hook” has to be ")


@pytest.mark.parametrize("path", [OPTIONS, ORDERS])
def test_feedback(path: str, anybody: Hospital) -> None:
    answer = asked(anybody, f"{path}/feedback", request("ahrq", "feedback"))
    assert answer.status_code == 200
    rows = CardFeedback.objects.order_by("pk").values_list("outcome", "reason", "has_comment", "day")
    assert [(*row[:3], row[3].isoformat()) for row in rows] == [
        ("accepted", "", False, "2021-12-11"),
        ("overridden", "other", True, "2020-12-11"),
    ]
    assert "clinician" not in str(CardFeedback.objects.values())
