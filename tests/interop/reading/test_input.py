"""What is taken as a record, its limits, and refusals that name the line or the path."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from interop.reading import Reading, Refused
from interop.reading.input import MOST_BYTES
from tests.factories.fhir import PATIENT, as_bytes, ki67, observation, quantity

Read = Callable[..., Reading]

R5 = "http://hl7.org/fhir/5.0/StructureDefinition/Observation"


def refused(reading: Read, data: bytes) -> Refused:
    with pytest.raises(Refused) as found:
        reading(data)
    return found.value


@pytest.mark.parametrize(
    ("data", "status", "where", "words"),
    [
        (b"", 400, "", "nothing"),
        (b"{", 400, "line 1, column 2", "no JSON"),
        (b'{"resourceType":"Patient"}\n{"resourceType",}', 400, "line 2, column 16", "no JSON"),
        (b"\xff\xfe", 400, "", "not UTF-8 at byte 1"),
        (b'{"resourceType":"Patient","id":"a","id":"b"}', 400, "$", "key id stands twice"),
        (
            b'{"resourceType":"Observation","valueQuantity":{"value":NaN}}',
            400,
            "Observation.valueQuantity.value",
            "NaN",
        ),
        (b'{"resourceType":"Observation","valueQuantity":{"value":-Infinity}}', 400, "valueQuantity.value", "NaN"),
        (b"[" * 200_000, 400, "", "nested more than 64 deep"),
        (b'{"resourceType":"Basic","extension":' + b"[" * 64 + b"]" * 64 + b"}", 400, "Basic.extension", "64 deep"),
        (b'"text"', 422, "$", "a resource is wanted"),
        (b"[1]", 422, "$[0]", "a resource is wanted"),
        (b'{"id":"x"}', 422, "$", "no resourceType"),
        (b'{"resourceType":"Bundle","entry":[{"resource":{}}]}', 422, "Bundle.entry[0].resource", "no resourceType"),
        (b'{"resourceType":"Bundle","entry":{}}', 422, "Bundle.entry", "a list"),
        (json.dumps(observation("a", "1", meta={"profile": [R5]})).encode(), 422, "Observation.meta.profile[0]", "R4"),
        (b'{"resourceType":"CapabilityStatement","fhirVersion":"1.0.2"}', 422, "fhirVersion", "R4"),
        (b" " * (MOST_BYTES + 1), 413, "", "bytes are more than"),
        (as_bytes(*[{"resourceType": "Basic"}] * 5001), 413, "", "5000 resources"),
    ],
)
def test_a_refusal_says_where_and_why(data: bytes, status: int, where: str, words: str, reading: Read) -> None:
    error = refused(reading, data)
    assert error.status == status
    assert where in error.expression
    assert words in error.message
    issue = error.outcome()["issue"][0]
    assert issue["severity"] == "error"
    assert issue["diagnostics"] == error.message


def test_nothing_that_was_sent_comes_back(reading: Read) -> None:
    key = "Erika Mustermann"
    error = refused(reading, json.dumps({"resourceType": "Patient"}).encode()[:-1] + f',"{key}":1,"{key}":2}}'.encode())
    assert key not in str(error.outcome())
    assert "of 16 characters" in error.message


def test_depth_64_is_read(reading: Read) -> None:
    data = b'{"resourceType":"Basic","extension":' + b"[" * 62 + b"]" * 62 + b"}"
    assert reading(data).features == {}


def test_bundles_inside_bundles(reading: Read) -> None:
    found: dict[str, object] = ki67("a", 80)
    for depth in range(1, 5):
        found = {"resourceType": "Bundle", "entry": [{"resource": found}]}
        data = json.dumps(found).encode()
        if depth <= 3:
            assert reading(data).features == {"ki67": 80}
        else:
            assert "3 deep" in refused(reading, data).message


def test_an_empty_bundle_says_nothing(reading: Read) -> None:
    found = reading(b'\xef\xbb\xbf{"resourceType":"Bundle"}')
    assert (found.features, found.ignored, found.resources) == ({}, (), 0)


@pytest.mark.parametrize(
    ("other", "is_refused"),
    [
        ({"reference": "Patient/p1"}, False),
        ({"reference": "https://ehr.example/fhir/Patient/p1"}, False),
        ({"reference": "https://ehr.example/fhir/Patient/p1/_history/7"}, False),
        ({"display": "somebody"}, False),
        ({"reference": "Patient/p2"}, True),
        ({"reference": "urn:uuid:0b0d1d8e-0000-4000-8000-000000000000"}, True),
    ],
)
def test_one_patient_at_a_time(other: dict[str, str], is_refused: bool, reading: Read) -> None:
    data = as_bytes(PATIENT, ki67("a", 80, subject=other))
    if is_refused:
        assert refused(reading, data).reason == "several-patients"
    else:
        assert reading(data).features == {"ki67": 80}


@pytest.mark.parametrize(
    ("broken", "path"),
    [
        ({"status": 1}, "Observation.status"),
        ({"code": []}, "Observation.code"),
        ({"valueQuantity": {"value": "80"}}, "Observation.valueQuantity.value"),
        ({"valueQuantity": {"value": True, "code": "%"}}, "Observation.valueQuantity.value"),
        ({"component": {}}, "Observation.component"),
    ],
)
def test_a_malformed_resource_leaves_the_others(broken: dict[str, object], path: str, reading: Read) -> None:
    found = reading(ki67("good", 80), ki67("bad", 70) | broken)
    assert found.features == {"ki67": 80}
    assert [(each.resource, each.why, each.path) for each in found.ignored] == [("Observation/bad", "malformed", path)]
    assert found.as_plain()["ignored"][0]["path"] == path


def test_r5_has_its_medication_elsewhere_and_is_not_misread(reading: Read) -> None:
    r5 = {"resourceType": "MedicationStatement", "id": "m", "status": "recorded", "medication": {"concept": {}}}
    found = reading(r5)
    assert [(each.why, each.path) for each in found.ignored] == [("malformed", "MedicationStatement.medication")]


def test_references_in_a_circle_are_followed_once(reading: Read) -> None:
    circle = [
        observation(
            name, "51963-7", derivedFrom=[{"reference": f"Observation/{other}"}], hasMember=[{"reference": name}]
        )
        for name, other in (("a", "b"), ("b", "a"))
    ]
    for each in circle:
        each["code"]["coding"][0] = {
            "system": "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs",
            "code": "therapeutic-implication",
        }
    assert reading(*circle).features == {}


class TestTheSameIdTwice:
    def test_the_later_update_counts(self, reading: Read) -> None:
        old = ki67("a", 60, meta={"lastUpdated": "2026-01-01T10:00:00+01:00"})
        new = ki67("a", 80, meta={"lastUpdated": "2026-01-01T09:30:00Z"})
        for order in ((old, new), (new, old)):
            found = reading(*order)
            assert found.features == {"ki67": 80}
            assert [(each.resource, each.why) for each in found.ignored] == [("Observation/a", "superseded")]

    @pytest.mark.parametrize("meta", [{}, {"meta": {"lastUpdated": "2026-01-01"}}])
    def test_neither_counts_where_that_does_not_decide(self, meta: dict[str, object], reading: Read) -> None:
        found = reading(ki67("a", 60, **meta), ki67("a", 80, **meta))
        assert found.features == {}
        assert {each.why for each in found.ignored} == {"duplicate"}

    def test_equal_copies_are_one(self, reading: Read) -> None:
        assert reading(ki67("a", 80), ki67("a", 80)).features == {"ki67": 80}


@pytest.mark.parametrize("value", [1e300, 10**40, -1])
def test_absurd_numbers_are_no_values(value: float, reading: Read) -> None:
    assert reading(observation("a", "29593-1", valueQuantity=quantity(value, "%"))).features == {}
