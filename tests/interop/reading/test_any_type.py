"""Whatever stands in place of an element, of any type: a record is read without it, or refused in words."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from interop.reading import Reading, Refused
from tests.factories.fhir import (
    ICD10,
    ICDO3,
    LOINC,
    PATIENT,
    PROGRESSION,
    concept,
    condition,
    dose,
    ki67,
    observation,
    quantity,
    status,
    variant,
)

Resource = dict[str, Any]
FOCUSED = observation(
    "h", "59847-4", valueCodeableConcept=concept(ICDO3, "8041/3"), focus=[{"reference": "Condition/tumour"}]
)
HISTOLOGY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior"
REFERENCE = {"reference": "Condition/tumour"}
VALUES = (True, 7, "*", [], ["*"], [[]], {}, {"coding": "*"}, {"reference": []})
RESOURCES = (
    PATIENT,
    condition(
        "tumour",
        ICD10,
        "C18.0",
        bodySite=[concept(ICDO3, "C18.0")],
        verificationStatus=concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed"),
        extension=[{"url": HISTOLOGY, "valueCodeableConcept": concept(ICDO3, "8041/3")}],
        meta={"profile": ["mcode-primary-cancer-condition"]},
    ),
    condition("lungs", ICD10, "J84.1"),
    ki67("k", 80, focus=[REFERENCE]),
    FOCUSED | {"id": "h2"},
    observation(
        "tmb", "94076-7", valueQuantity=quantity(12, "1/1000000{Base}"), referenceRange=[{"low": {"value": 1}}]
    ),
    observation("msi", "81695-9", valueCodeableConcept=concept(LOINC, "LA26203-2")),
    variant("v", ("HGNC:1097", "BRAF"), "LA9633-4"),
    dose("d", "L01XA01", "2026-01-06", reasonReference=[REFERENCE]),
    status("s", "2026-02-06", PROGRESSION),
    {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "patient": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://www.whocc.no/atc", "code": "L01XA01"}]},
        "reaction": [{"manifestation": [{"text": "Rash"}], "severity": "severe"}],
    },
)


def changed(resource: Resource) -> Iterator[tuple[str, Resource]]:
    """The resource with each of its elements replaced by each of the values, and the path of it."""
    for path in places(resource):
        for value in VALUES:
            other = copy.deepcopy(resource)
            within: Any = other
            for key in path[:-1]:
                within = within[key]
            within[path[-1]] = value
            yield f"{path} {value!r}", other


def places(content: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    keys: Any = content if isinstance(content, dict) else range(len(content)) if isinstance(content, list) else ()
    for key in keys:
        yield (*before, key)
        yield from places(content[key], (*before, key))


@pytest.mark.parametrize("place", range(len(RESOURCES)), ids=lambda place: str(RESOURCES[place]["id"]))
def test_whatever_stands_there_the_record_is_read_or_refused(place: int, reading: Callable[..., Reading]) -> None:
    failed = []
    for path, resource in changed(RESOURCES[place]):
        try:
            reading(*(() if resource.get("resourceType") == "Patient" else (PATIENT,)), resource, FOCUSED)
        except Refused:
            continue
        except Exception as error:
            failed.append(f"{path}: {error!r}")
    assert failed == []


def test_a_tumour_that_cannot_be_read_is_named_and_says_nothing(reading: Callable[..., Reading]) -> None:
    broken = condition("tumour", ICD10, "C18.0") | {"clinicalStatus": "active"}
    found = reading(PATIENT, broken, ki67("k", 80))
    assert found.features == {"ki67": 80}
    assert [(each.resource, each.why, each.path) for each in found.ignored] == [
        ("Condition/tumour", "malformed", "Condition.clinicalStatus")
    ]


@pytest.mark.parametrize(
    ("written", "is_half"),
    [(r"\ud800", True), (r"\ud83d\ude00", False), (r"\ud83d\ude00\uDE00", True), (r"\\ud800", False)],
)
def test_half_a_character_is_refused_and_a_whole_one_is_not(
    written: str, is_half: bool, reading: Callable[..., Reading]
) -> None:
    data = f'{{"resourceType": "Patient", "id": "{written}"}}'.encode()
    if is_half:
        with pytest.raises(Refused, match="surrogates"):
            reading(data)
    else:
        assert reading(data).features == {}
