"""A negative is read where it is stated, and nowhere else: each stated negative with everything that takes it back.

Each of `STATED` is read as it stands. With a status that does not count, a reason why there is no value, an
interpretation or a display that says otherwise, or beside what narrows it, its feature is unknown: never negative,
stable, false or normal.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from interop.reading import Reading
from interop.terminology import Terminology
from tests.factories.fhir import HGNC, LOINC, SCT, concept, ki67, observation, quantity, variant

Read = Callable[..., Reading]
Resource = dict[str, Any]

NEGATIVE, POSITIVE, ABSENT, PRESENT = "LA6577-6", "LA6576-8", "LA9634-2", "LA9633-4"
BRAF, RET = ("HGNC:1097", "BRAF"), ("HGNC:9967", "RET")
GENES = {"KRAS": "HGNC:6407", "NRAS": "HGNC:7989", "NTRK1": "HGNC:8031", "NTRK2": "HGNC:8032", "NTRK3": "HGNC:8033"}
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
GR = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem"
SO = "http://www.sequenceontology.org"
FUSION = "SO:0001565"
DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
ABSENT_REASONS = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
PROTEINS = ("81691-8", "81692-6", "81693-4", "81694-2")


def gene(name: str, number: str) -> Resource:
    return {"code": concept(LOINC, "48018-6"), "valueCodeableConcept": concept(HGNC, number, name)}


def component(code: str, **value: Any) -> Resource:
    return {"code": concept(LOINC, code), **value}


def absent_in(*names: str) -> Resource:
    parts = [gene(name, GENES[name]) for name in names]
    return observation("a", "69548-6", component=parts, valueCodeableConcept=concept(LOINC, ABSENT))


def stained(name: str, number: str, kind: str, answer: str) -> Resource:
    return observation(
        "a",
        "48676-9",
        component=[
            gene(name, number),
            {
                "code": concept(f"{GR}/tbd-codes-cs", "biomarker-category"),
                "valueCodeableConcept": concept(f"{GR}/molecular-biomarker-ontology-cs", kind),
            },
        ],
        valueCodeableConcept=concept(LOINC, answer),
    )


def enzyme(name: str, number: str) -> Resource:
    return observation(
        "a",
        "therapeutic-implication",
        system=f"{GR}/tbd-codes-cs",
        component=[
            gene(name, number),
            {
                "code": concept(f"{GR}/tbd-codes-cs", "therapeutic-implication"),
                "valueCodeableConcept": concept(LOINC, "LA25391-6"),
            },
        ],
    )


def answered(code: str, answer: str, system: str = LOINC) -> Resource:
    return observation("a", code, system=system, valueCodeableConcept=concept(LOINC, answer))


# What is said, and what is read of it.
STATED: dict[str, tuple[Resource, dict[str, Any]]] = {
    "MSI stable": (answered("81695-9", "LA14122-8"), {"msi": "stable"}),
    "MSI absent": (answered("62862-8", ABSENT), {"msi": "stable"}),
    "BRAF by V600E": (answered("85299-6", NEGATIVE), {"braf_v600e": "negative"}),
    "BRAF by gene": (variant("a", BRAF, ABSENT), {"braf_v600e": "negative"}),
    "BRAF by change": (variant("a", BRAF, ABSENT, c48005_3="p.Val600Glu"), {"braf_v600e": "negative"}),
    "RAS by genes": (absent_in("KRAS", "NRAS"), {"kras_g12c": "negative", "ras_mutation": False}),
    "NTRK by genes": (
        absent_in("NTRK1", "NTRK2", "NTRK3")
        | {
            "component": [
                *(gene(name, GENES[name]) for name in ("NTRK1", "NTRK2", "NTRK3")),
                component("48019-4", valueCodeableConcept=concept(SO, FUSION)),
            ]
        },
        {"ntrk": "negative"},
    ),
    "RET by FISH": (answered("90927-5", NEGATIVE), {"ret": "negative"}),
    "RET by gene": (variant("a", RET, ABSENT, c48019_4=FUSION), {"ret": "negative"}),
    "HER2 negative": (answered("18474-7", NEGATIVE), {"her2": "negative"}),
    "HER2 0": (answered("C185751", "LA6111-4", NCIT), {"her2": "negative"}),
    "DLL3": (stained("DLL3", "", "immuneStain", ABSENT), {"dll3": "negative"}),
    "RB1 kept": (stained("RB1", "HGNC:9884", "immuneStain", PRESENT), {"rb1_loss": "negative"}),
    "MGMT": (stained("MGMT", "HGNC:7059", "methylationAnalysis", ABSENT), {"mgmt_methylated": "negative"}),
    "TMB low": (observation("a", "94076-7", valueQuantity={"value": 2}), {"tmb": 2}),
    "CPS 0": (observation("a", "C176582", system=NCIT, valueQuantity={"value": 0}), {"pd_l1_cps": 0}),
    "CPS 0 as a whole number": (observation("a", "C176582", system=NCIT, valueInteger=0), {"pd_l1_cps": 0}),
    "Ki-67": (ki67("a", 10), {"ki67": 10}),
    "DPD normal": (enzyme("DPYD", "HGNC:3012"), {"dpd": "normal"}),
    "UGT1A1 normal": (enzyme("UGT1A1", "HGNC:12530"), {"ugt1a1": "normal"}),
}
CODED = [name for name, (resource, _) in STATED.items() if "valueCodeableConcept" in resource]


def stated(name: str) -> tuple[Resource, set[str]]:
    resource, features = STATED[name]
    return copy.deepcopy(resource), set(features)


def unknown(found: Reading, features: set[str]) -> None:
    assert not features & found.features.keys(), found.features
    # Nor is anything else said of the patient by it.
    assert found.features == {}


@pytest.mark.parametrize("name", STATED)
def test_what_is_stated_is_read(name: str, reading: Read) -> None:
    resource, features = STATED[name]
    assert reading(resource).features == features


@pytest.mark.parametrize("name", STATED)
@pytest.mark.parametrize("status", ["registered", "preliminary", "cancelled", "entered-in-error", "unknown", "", None])
def test_a_status_that_does_not_count(name: str, status: str | None, reading: Read) -> None:
    resource, features = stated(name)
    unknown(reading(resource | {"status": status}), features)


def missing(resource: Resource) -> Iterator[Resource]:
    """Every way in which a resource says that its value is missing, with the value that stands there and without it."""
    reason = {"coding": [{"system": ABSENT_REASONS, "code": "unknown"}]}
    extension = {"extension": [{"url": DATA_ABSENT, "valueCode": "not-performed"}]}
    key = next((each for each in resource if each.startswith("value")), None)
    yield resource | {"dataAbsentReason": reason}
    if key is None:
        return
    without = {name: value for name, value in resource.items() if name != key}
    yield without
    yield without | {"dataAbsentReason": reason}
    yield without | {"interpretation": [concept(INTERPRETATION, "NEG")]}
    yield resource | {f"_{key}": extension}
    if isinstance(resource[key], dict):
        yield resource | {key: resource[key] | extension}
        yield resource | {key: resource[key] | {"_value": extension}}
        yield resource | {key: extension}
    yield without | {"valueString": "negative"}
    yield without | {"valueBoolean": False}
    yield without | {"valueRatio": {"numerator": {"value": 0}, "denominator": {"value": 1}}}
    yield without | {"valueRange": {"low": {"value": 0}, "high": {"value": 1}}}
    yield without | {"valueCodeableConcept": {"text": "negative"}}
    for code in ("unknown", "not-performed", "error", "masked"):
        yield without | {"valueCodeableConcept": concept(ABSENT_REASONS, code)}


@pytest.mark.parametrize("name", STATED)
def test_a_value_that_is_missing(name: str, reading: Read) -> None:
    for each in missing(stated(name)[0]):
        unknown(reading(each), stated(name)[1])


@pytest.mark.parametrize("name", STATED)
def test_two_values_of_one_statement(name: str, reading: Read) -> None:
    resource, features = stated(name)
    other = {"valueString": "positive"} if "valueQuantity" in resource else {"valueQuantity": quantity(1, "%")}
    if any(key.startswith("value") for key in resource):
        unknown(reading(resource | other), features)


@pytest.mark.parametrize("name", [name for name, (resource, _) in STATED.items() if "valueQuantity" in resource])
@pytest.mark.parametrize("comparator", ["<", "<=", ">", ">=", "ad"])
def test_a_comparator(name: str, comparator: str, reading: Read) -> None:
    resource, features = stated(name)
    found = reading(resource | {"valueQuantity": resource["valueQuantity"] | {"comparator": comparator}})
    unknown(found, features)
    assert set(found.unknown_because.values()) == {"comparator"}


# There is none, in the languages of hospitals that send it.
UNDECIDED = [
    *("Indeterminate", "Equivocal", "Inconclusive", "Not evaluable", "Not tested", "Pending", "No call", "Unknown"),
    *("Nicht auswertbar", "Nicht untersucht", "Ausstehend", "Unbekannt", "Unbestimmt"),
    *("Indéterminé", "Non évaluable", "En attente", "Non testé"),
    *("Indeterminado", "No evaluable", "Pendiente", "Desconocido"),
    *("Result: not evaluable (insufficient tissue)", "test failed", "Material nicht auswertbar"),
]


@pytest.mark.parametrize("name", CODED)
@pytest.mark.parametrize("words", UNDECIDED)
def test_words_that_say_that_there_is_no_answer(name: str, words: str, reading: Read) -> None:
    resource, features = stated(name)
    value = resource["valueCodeableConcept"]
    coding = value["coding"][0]
    beside = {"system": "https://hospital.example/answers", "code": "X", "display": words}
    for each in ({"coding": [coding | {"display": words}]}, value | {"text": words}, {"coding": [coding, beside]}):
        unknown(reading(resource | {"valueCodeableConcept": each}), features)


@pytest.mark.parametrize("name", [name for name in CODED if name != "RB1 kept"])
@pytest.mark.parametrize(
    "words",
    [
        *("Positive", "Detected", "Present", "Positive (3+)", "Detected: V600E", "Mutated"),
        *("Positiv", "Nachgewiesen", "Vorhanden", "Positif", "Détecté", "Positivo", "Detectado"),
    ],
)
def test_words_that_say_the_opposite(name: str, words: str, reading: Read) -> None:
    resource, features = stated(name)
    value = resource["valueCodeableConcept"]
    unknown(reading(resource | {"valueCodeableConcept": value | {"text": words}}), features)
    coding = value["coding"][0] | {"display": words}
    unknown(reading(resource | {"valueCodeableConcept": {"coding": [coding]}}), features)


@pytest.mark.parametrize("name", [name for name in CODED if name != "RB1 kept"])
@pytest.mark.parametrize(
    "words",
    [
        *("Negative", "Not detected", "no mutation detected", "Nicht nachgewiesen", "Kein Nachweis: nicht vorhanden"),
        *("Non détecté", "No detectado", "see report", "Result as of May"),
    ],
)
def test_words_that_say_the_same_or_nothing_change_nothing(name: str, words: str, reading: Read) -> None:
    resource, _ = stated(name)
    value = resource["valueCodeableConcept"]
    assert reading(resource | {"valueCodeableConcept": value | {"text": words}}).features == STATED[name][1]


@pytest.mark.parametrize("name", CODED)
def test_an_answer_beside_that_is_none(name: str, reading: Read) -> None:
    resource, features = stated(name)
    coding = resource["valueCodeableConcept"]["coding"][0]
    for beside in (
        {"system": ABSENT_REASONS, "code": "unknown"},
        {"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "UNK"},
        {"system": LOINC, "code": "LA18198-4"},
        {"system": LOINC, "code": "LA11884-6"},
        {"system": LOINC, "code": POSITIVE if name != "RB1 kept" else ABSENT},
        {"system": SCT, "code": "10828004"} if name != "RB1 kept" else {"system": LOINC, "code": NEGATIVE},
    ):
        unknown(reading(resource | {"valueCodeableConcept": {"coding": [coding, beside]}}), features)


@pytest.mark.parametrize("name", CODED)
@pytest.mark.parametrize(("code", "why"), [("POS", "conflict"), ("IND", "indeterminate"), ("E", "indeterminate")])
def test_an_interpretation_that_says_otherwise(name: str, code: str, why: str, reading: Read) -> None:
    resource, features = stated(name)
    found = reading(resource | {"interpretation": [concept(INTERPRETATION, code)]})
    if name == "RB1 kept" and code == "POS":  # a stain that is positive
        assert found.features == {"rb1_loss": "negative"}
        return
    unknown(found, features)
    if name not in ("RAS by genes",):
        assert set(found.unknown_because.values()) == {why}


@pytest.mark.parametrize("name", CODED)
def test_a_specimen_of_no_use(name: str, reading: Read) -> None:
    resource, features = stated(name)
    specimen = {"resourceType": "Specimen", "id": "s", "status": "unsatisfactory"}
    resource |= {"specimen": {"reference": "Specimen/s"}}
    unknown(reading(resource, specimen), features)
    assert reading(resource, specimen | {"status": "available"}).features == STATED[name][1]


NARROWER = [
    component("48019-4", valueCodeableConcept=concept(SO, "SO:0001019")),  # copy number
    component("82155-3", valueQuantity=quantity(2, "1")),
    component("81252-9", valueCodeableConcept=concept("http://www.ncbi.nlm.nih.gov/clinvar", "13961")),
    component("69551-0", valueString="A"),
    component("47999-8", valueString="exon 11"),
    component("48005-3", dataAbsentReason={"text": "unknown"}),
    component("99999-9", valueString="whatever else it may be"),
]


@pytest.mark.parametrize("name", ["BRAF by gene", "RAS by genes", "NTRK by genes", "RET by gene"])
@pytest.mark.parametrize("narrower", NARROWER)
def test_absent_is_what_is_described_and_no_more(name: str, narrower: Resource, reading: Read) -> None:
    resource, features = stated(name)
    resource["component"] = [*resource["component"], narrower]
    unknown(reading(resource), features)


@pytest.mark.parametrize("name", ["BRAF by gene", "RAS by genes"])
def test_no_fusion_of_a_gene_says_nothing_of_its_mutations(name: str, reading: Read) -> None:
    resource, features = stated(name)
    resource["component"].append(component("48019-4", valueCodeableConcept=concept(SO, FUSION)))
    unknown(reading(resource), features)


@pytest.mark.parametrize("name", ["NTRK by genes", "RET by gene"])
def test_no_fusion_with_one_partner_says_nothing_of_others(name: str, reading: Read) -> None:
    resource, features = stated(name)
    resource["component"].append(gene("ETV6", "HGNC:3495"))
    unknown(reading(resource), features)


@pytest.mark.parametrize("name", ["BRAF by gene", "RAS by genes", "RET by gene"])
def test_what_is_said_beside_narrows_nothing(name: str, reading: Read, terms: Terminology) -> None:
    for code in (each for each in terms.of("element") if each.value == "beside" and each.system == "loinc"):
        resource, _ = stated(name)
        resource["component"].append(component(code.code, valueString="x"))
        assert reading(resource).features == STATED[name][1]


@pytest.mark.parametrize(
    "asked",
    [
        concept(LOINC, "85299-6", "KRAS G12C mutation"),
        concept(LOINC, "85299-6") | {"text": "NTRK1 fusion"},
        {"coding": [{"system": LOINC, "code": "85299-6"}, {"system": LOINC, "code": "90927-5"}]},
    ],
)
def test_one_answer_to_another_question(asked: Resource, reading: Read) -> None:
    unknown(reading(answered("85299-6", NEGATIVE) | {"code": asked}), {"braf_v600e"})


class TestProteins:
    """All four proteins present are stable: one that is not evaluable leaves it unknown."""

    def test_each_of_them_has_to_be_there(self, reading: Read) -> None:
        four = [answered(code, PRESENT) | {"id": code} for code in PROTEINS]
        assert reading(*four).features == {"msi": "stable"}
        for place in range(4):
            for words in UNDECIDED:
                said = [*four]
                said[place] = said[place] | {"valueCodeableConcept": concept(LOINC, PRESENT, words)}
                unknown(reading(*said), {"msi"})
            for each in missing(four[place]):
                unknown(reading(*four[:place], each, *four[place + 1 :]), {"msi"})
            asked = concept(LOINC, PROTEINS[place], "KIT")
            unknown(reading(*four[:place], four[place] | {"code": asked}, *four[place + 1 :]), {"msi"})


class TestGenotype:
    @pytest.mark.parametrize(
        "written",
        ["*1/*1 or *1/*28", "*28/*28 excluded", "not *1/*1", "*1/*1 (preliminary)", "*1/?", "see *1/*1 of 2019"],
    )
    def test_two_or_none(self, written: str, reading: Read) -> None:
        told = observation(
            "a", "84413-4", component=[gene("UGT1A1", "HGNC:12530")], valueCodeableConcept={"text": written}
        )
        unknown(reading(told), {"ugt1a1"})

    @pytest.mark.parametrize(
        ("written", "value"), [("*1/*1", "normal"), ("UGT1A1*1/*28", "intermediate"), ("UGT1A1 *28 / *28", "poor")]
    )
    def test_one(self, written: str, value: str, reading: Read) -> None:
        told = observation(
            "a", "84413-4", component=[gene("UGT1A1", "HGNC:12530")], valueCodeableConcept={"text": written}
        )
        assert reading(told).features == {"ugt1a1": value}
        unknown(reading(told | {"dataAbsentReason": {"text": "failed"}}), {"ugt1a1"})


def test_an_equivocal_stain_of_her2_is_two_plus(reading: Read) -> None:
    told = observation("a", "18474-7", valueCodeableConcept=concept(LOINC, "LA11842-4", "2+ (equivocal)"))
    assert reading(told | {"interpretation": [concept(INTERPRETATION, "E")]}).features == {"her2": "ihc-2+"}


def test_a_status_of_the_disease_that_is_missing_dates_no_progression(reading: Read) -> None:
    told = observation("s", "97509-4", valueCodeableConcept=concept(SCT, "271299001"), dataAbsentReason={"text": "x"})
    assert reading(told).unknown_because == {}
    assert [each.why for each in reading(told).ignored] == ["no-value"]


def test_a_list_that_is_absent_in_another_system_is_no_list_of_ours(reading: Read) -> None:
    address = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-related-condition-absent"
    codes = [("http://hl7.org/fhir/sid/icd-10", "K63.1"), ("https://other.example", "K63.2")]
    told = observation("c", "398192003", system=SCT) | {
        "extension": [{"url": address, "valueCodeableConcept": concept(*each)} for each in codes]
    }
    unknown(reading(told), {"bowel_perforation_or_fistula"})
    told["extension"][1]["valueCodeableConcept"]["coding"][0]["system"] = codes[0][0]
    assert reading(told).features == {"bowel_perforation_or_fistula": False}
