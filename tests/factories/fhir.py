"""Resources of FHIR as hospitals send them, for tests: one patient, and what is said of that patient."""

from __future__ import annotations

import json
from typing import Any

LOINC = "http://loinc.org"
SCT = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICDO3 = "http://terminology.hl7.org/CodeSystem/icd-o-3"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
HGNC = "http://www.genenames.org"
UCUM = "http://unitsofmeasure.org"
PATIENT = {"resourceType": "Patient", "id": "p1"}

Resource = dict[str, Any]


def concept(system: str, code: str, display: str = "") -> Resource:
    coding = {"system": system, "code": code}
    return {"coding": [coding | ({"display": display} if display else {})]}


def observation(
    name: str, code: str, *, system: str = LOINC, day: str | None = "2026-01-10", **elements: Any
) -> Resource:
    found: Resource = {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": concept(system, code),
        "subject": {"reference": "Patient/p1"},
    }
    return found | ({"effectiveDateTime": day} if day else {}) | elements


def quantity(value: float, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def ki67(name: str, value: float, day: str | None = "2026-01-10", **elements: Any) -> Resource:
    return observation(name, "29593-1", day=day, valueQuantity=quantity(value, "%"), **elements)


def condition(name: str, system: str, code: str, *, clinical: str = "active", **elements: Any) -> Resource:
    return {
        "resourceType": "Condition",
        "id": name,
        "subject": {"reference": "Patient/p1"},
        "code": concept(system, code),
        "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/condition-clinical", clinical),
        "recordedDate": "2026-01-10",
    } | elements


def variant(name: str, gene: tuple[str, str], answer: str, **components: str) -> Resource:
    """A variant of a gene, `LA9633-4` present or `LA9634-2` absent; components by LOINC code, with "_" for "-"."""
    parts = [{"code": concept(LOINC, "48018-6"), "valueCodeableConcept": concept(HGNC, *gene)}]
    for code, value in components.items():
        system = "http://www.sequenceontology.org" if value.startswith("SO:") else "http://varnomen.hgvs.org"
        number = code.removeprefix("c").replace("_", "-")
        parts.append({"code": concept(LOINC, number), "valueCodeableConcept": concept(system, value)})
    return observation(name, "69548-6", component=parts, valueCodeableConcept=concept(LOINC, answer))


def dose(name: str, drug: str, day: str | None, *, system: str = ATC, **elements: Any) -> Resource:
    found: Resource = {
        "resourceType": "MedicationAdministration",
        "id": name,
        "status": "completed",
        "medicationCodeableConcept": concept(system, drug),
        "subject": {"reference": "Patient/p1"},
    }
    return found | ({"effectiveDateTime": day} if day else {}) | elements


def status(name: str, day: str, code: str) -> Resource:
    return observation(name, "97509-4", day=day, valueCodeableConcept=concept(SCT, code))


PROGRESSION, PARTIAL_RESPONSE = "271299001", "551001000124108"


def as_bytes(*resources: Resource) -> bytes:
    entries = [{"resource": each} for each in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()
