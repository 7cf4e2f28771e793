"""“Fill from a record”: upload or paste, confirm field by field, rank. Nothing is stored or sent back."""

from __future__ import annotations

import json
import tempfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from interop import limits
from interop.reading.input import MOST_BYTES
from tests.factories.fhir import ICD10, PATIENT, as_bytes, condition, dose, ki67, observation, quantity

pytestmark = pytest.mark.django_db

FILL, TAKE = "/fill/", "/fill/take/"
EP = [dose(f"{drug}-{day}", drug, day) for drug in ("L01XA01", "L01CB01") for day in ("2025-01-06", "2025-01-27")]


def uploaded(data: bytes) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("record.json", data)}


def shown(client: Client, *resources: dict[str, Any]) -> Any:
    response = client.post(FILL, uploaded(as_bytes(*resources)))
    assert response.status_code == 200
    return response


def rows(response: Any) -> dict[str, Any]:
    return {row.name: row for row in response.context["table"].rows}


def test_it_asks_for_a_record(client: Client) -> None:
    response = client.get(FILL)
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    assert reverse("interop-codes") in response.content.decode()


@pytest.mark.parametrize("is_pasted", [False, True])
def test_a_value_is_shown_with_where_it_comes_from(is_pasted: bool, client: Client) -> None:
    data = as_bytes(PATIENT, ki67("new", 80, "2026-01-12"), ki67("old", 60, "2025-02-03"))
    response = client.post(FILL, {"record": data.decode()} if is_pasted else uploaded(data))
    row = rows(response)["ki67"]
    assert (row.written, row.is_ticked) == ("80", True)
    assert [(said.value, said.why, [place.resource for place in said.places]) for said in row.said] == [
        ("80 %", "", ["Observation/new"]),
        ("60 %", "older than another value", ["Observation/old"]),
    ]
    assert "no-store" in response.headers["Cache-Control"]


def test_a_conflict_is_an_unticked_question(client: Client) -> None:
    response = shown(client, ki67("a", 60), ki67("b", 80))
    row = rows(response)["ki67"]
    assert (row.written, row.is_ticked) == ("", False)
    assert {said.value for said in row.said} == {"60 %", "80 %"}
    assert row.reason == "the record contradicts itself"


def test_a_bound_stands_beside_the_empty_field(client: Client) -> None:
    bound = observation("a", "29593-1", valueQuantity=quantity(90, "%") | {"comparator": ">"})
    row = rows(shown(client, bound))["ki67"]
    assert [(said.value, said.why) for said in row.said] == [("> 90 %", "a bound, not a number")]


def test_what_is_decided_of_treatments_is_shown(client: Client) -> None:
    later = [dose(f"t-{day}", "L01CE01", day) for day in ("2025-08-04", "2025-09-01")]
    row = rows(shown(client, *EP, *later))["progressed_on"]
    assert not row.is_ticked
    assert {choice.note for choice in row.choices} == {"to be answered"}


def test_an_old_laboratory_value_is_marked(client: Client) -> None:
    response = shown(
        client,
        observation("a", "777-3", day="2001-01-01", valueQuantity=quantity(140, "10*9/L")),
        observation("b", "2164-2", day="2400-01-01", valueQuantity=quantity(70, "mL/min")),
        ki67("c", 80, "2001-01-01"),
    )
    assert {name: row.is_old for name, row in rows(response).items()} == {
        "platelets": True,
        "creatinine_clearance": False,
        "ki67": False,
    }


def test_what_was_not_said_is_listed(client: Client) -> None:
    table = shown(client, ki67("a", 80)).context["table"]
    assert "MSI / MMR" in table.unknown
    assert "Ki-67" not in table.unknown


def test_the_record_itself_is_not_sent_back(client: Client) -> None:
    name = "Erika-Mustermann-19610412"
    patient = PATIENT | {"name": [{"text": name}], "birthDate": "1961-04-12"}
    note = ki67("a", 80, note=[{"text": name}])
    page = shown(client, patient, note).content.decode()
    assert name not in page
    assert "1961-04-12" not in page
    refused = client.post(FILL, {"record": f'{{"resourceType": "{name}", "{name}"'})
    assert refused.status_code == 400
    assert name not in refused.content.decode()


@pytest.mark.parametrize("name", ["record.pdf", "record.json.exe", "record"])
def test_a_file_of_another_kind_is_not_read(name: str, client: Client) -> None:
    response = client.post(FILL, {"file": SimpleUploadedFile(name, b'{"resourceType": "Bundle"}')})
    assert response.status_code == 415
    assert "ends in .json or .ndjson" in response.content.decode()


def test_names_in_a_record_are_text(client: Client) -> None:
    page = shown(client, ki67("<script>alert(1)</script>", 80)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (b"", 422, "Choose a file, or paste a record."),
        (b"{", 400, "line 1, column 2: no JSON"),
        (as_bytes(PATIENT, PATIENT | {"id": "p2"}), 422, "several patients"),
        (b'{"resourceType":"Patient","id":"a","id":"b"}', 400, "stands twice"),
        (b" " * (MOST_BYTES + 1), 413, "larger than"),
    ],
)
def test_a_refusal_says_why_and_asks_again(data: bytes, status: int, words: str, client: Client) -> None:
    response = client.post(FILL, uploaded(data) if data else {})
    assert response.status_code == status
    assert words in response.content.decode()
    assert 'name="file"' in response.content.decode()


def test_a_form_that_is_too_large_is_refused_unread(client: Client) -> None:
    response = client.post(FILL, uploaded(b" " * (MOST_BYTES + 100_000)))
    assert response.status_code == 413
    assert "larger than 2 MB" in response.content.decode()


def test_two_megabytes_may_be_pasted(client: Client) -> None:
    text = as_bytes(ki67("a", 80)).decode() + " " * 1_900_000
    assert rows(client.post(FILL, {"record": text}))["ki67"].is_ticked


def test_no_file_is_made_of_a_record(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def made(*_arguments: Any, **_options: Any) -> None:
        raise AssertionError("a file was made")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", made)
    monkeypatch.setattr("django.core.files.uploadedfile.TemporaryUploadedFile.__init__", made)
    data = as_bytes(ki67("a", 80)) + b" " * 1_900_000
    assert rows(client.post(FILL, uploaded(data)))["ki67"].is_ticked


def test_four_are_read_at_once(client: Client) -> None:
    with limits.reading_slot(), limits.reading_slot(), limits.reading_slot(), limits.reading_slot():
        response = client.post(FILL, uploaded(as_bytes(ki67("a", 80))))
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert "Try again" in response.content.decode()
    assert shown(client, ki67("a", 80))


def test_it_wants_the_forms_token(strict_client: Client) -> None:
    token = strict_client.get(FILL).context["csrf_token"]
    data = as_bytes(ki67("a", 80))
    assert strict_client.post(FILL, uploaded(data)).status_code == 403
    assert strict_client.post(FILL, uploaded(data) | {"csrfmiddlewaretoken": str(token)}).status_code == 200
    assert strict_client.post(TAKE, {"take": "ki67", "ki67": "80"}).status_code == 403


@pytest.mark.parametrize("body", [b"--x", b"--x\r\n\r\n\r\n--x--", b"--x\r\n" * 100])
def test_a_body_that_is_no_form_is_answered(body: bytes, client: Client) -> None:
    response = client.post(FILL, body, content_type="multipart/form-data; boundary=x")
    assert response.status_code in (413, 422)


def sent(response: Any) -> dict[str, Any]:
    """The table as a browser sends it without a change."""
    fields: dict[str, Any] = {"decimal_mark": response.context["table"].decimal_mark, "take": []}
    for row in response.context["table"].rows:
        chosen = [choice.value for choice in row.choices if choice.is_chosen]
        fields[row.name] = row.written if row.kind == "number" else chosen if row.kind == "set" else chosen[0]
        if row.is_ticked:
            fields["take"].append(row.name)
    return fields


class TestTaking:
    def test_what_is_ticked_fills_the_form_and_is_ranked(self, client: Client) -> None:
        response = shown(client, condition("c", ICD10, "C25.9"), ki67("k", 72.5), condition("i", ICD10, "J84.1"), *EP)
        client.cookies["region"] = "EU"
        taken = client.post(TAKE, sent(response))
        assert taken.status_code == 200
        form = taken.context["form"]
        patient = form.patient
        assert patient.features["region"] == "EU"
        assert patient.features["primary_site"] == "pancreas"
        assert patient.features["ki67"] == 72.5
        assert patient.features["ild"] is True
        assert patient.features["prior_regimens"] == {"etoposide-platinum"}
        assert patient.features["lines_received"] == 1
        assert taken.request["QUERY_STRING"] == ""

    def test_the_region_is_asked_for_where_none_was_chosen(self, client: Client) -> None:
        taken = client.post(TAKE, sent(shown(client, ki67("a", 80))))
        assert list(taken.context["form"].errors) == ["region"]
        assert taken.context["form"]["ki67"].value() == "80"
        assert taken.context["page"] is None

    def test_what_is_not_ticked_stays_unknown(self, client: Client) -> None:
        fields = sent(shown(client, ki67("a", 80), condition("c", ICD10, "C25.9")))
        fields["take"] = ["primary_site"]
        form = client.post(TAKE, fields).context["form"]
        assert form["primary_site"].value() == "pancreas"
        assert not form["ki67"].value()

    def test_what_is_corrected_counts(self, client: Client) -> None:
        fields = sent(shown(client, ki67("a", 80))) | {"ki67": "65"}
        assert client.post(TAKE, fields).context["form"]["ki67"].value() == "65"

    def test_a_decimal_comma(self) -> None:
        german = Client(headers={"accept-language": "de"})
        fields = sent(shown(german, ki67("a", 72.5)))
        assert fields["ki67"] == "72,5"
        form = german.post(TAKE, fields).context["form"]
        assert form["ki67"].value() == "72,5"
        assert not form.errors.get("ki67")

    def test_a_wrong_correction_is_named_and_kept(self, client: Client) -> None:
        fields = sent(shown(client, ki67("a", 80))) | {"ki67": "800"}
        response = client.post(TAKE, fields)
        assert response.context["form"]["ki67"].value() == "800"
        assert response.context["form"].errors["ki67"]

    def test_a_stated_absence_is_kept(self, client: Client) -> None:
        fields = {"take": ["hearing_impairment"], "hearing_impairment": "false"}
        form = client.post(TAKE, fields).context["form"]
        assert form["absent"].value() == ["hearing_impairment"]
        assert not form["others_absent"].value()

    def test_nothing_taken_is_nothing_known(self, client: Client) -> None:
        form = client.post(TAKE, {"ki67": "80", "take": ["nonsense"]}).context["form"]
        assert not form["ki67"].value()

    def test_it_is_no_address(self, client: Client) -> None:
        assert client.get(TAKE).status_code == 405


def test_nothing_is_logged_of_a_record(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    shown(client, ki67("kanarienvogel", 80))
    client.post(FILL, {"record": '{"resourceType": "kanarienvogel'})
    assert "kanarienvogel" not in caplog.text


def test_codes_can_be_looked_for(client: Client) -> None:
    every = client.get("/interop/")
    found = client.get("/interop/", {"q": "ki-67 loinc"})
    assert len(every.context["rows"]) > 600
    assert {row.code for row in found.context["rows"]} == {"29593-1", "85330-9", "33055-5"}
    assert "29593-1" in found.content.decode()
    assert "No code fits." in client.get("/interop/", {"q": "gibberish"}).content.decode()


def test_json_of_the_page_is_not_a_form(client: Client) -> None:
    response = client.post(FILL, json.dumps({}), content_type="application/json")
    assert response.status_code == 415
