"""The rules by which statements become features, beyond what the worked bundles show: each with its near misses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from interop.reading import Reading
from interop.reading.statements import WHY
from interop.terminology.codes import READS
from interop.words import READ_AS
from interop.words import WHY as WHY_IN_WORDS
from tests.factories.fhir import (
    ATC,
    HGNC,
    ICD10,
    ICD10CM,
    ICDO3,
    LOINC,
    PARTIAL_RESPONSE,
    PROGRESSION,
    RXNORM,
    SCT,
    concept,
    condition,
    dose,
    ki67,
    observation,
    quantity,
    status,
    variant,
)

Read = Callable[..., Reading]

PRESENT, ABSENT = "LA9633-4", "LA9634-2"
KRAS, NRAS, BRAF = ("HGNC:6407", "KRAS"), ("HGNC:7989", "NRAS"), ("HGNC:1097", "BRAF")
MORPHOLOGY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior"
CISPLATIN, CARBOPLATIN, OXALIPLATIN, ETOPOSIDE = "L01XA01", "L01XA02", "L01XA03", "L01CB01"
IRINOTECAN, FLUOROURACIL, TOPOTECAN, PAZOPANIB = "L01CE02", "L01BC02", "L01CE01", "L01EX03"


def test_every_word_of_the_closed_lists_is_in_words() -> None:
    assert set(WHY) == WHY_IN_WORDS.keys()
    assert READ_AS.keys() == READS


class TestDates:
    @pytest.mark.parametrize(
        ("old", "new", "is_conflict"),
        [
            ("2026-01-09", "2026-01-10", False),
            ("2025", "2026-01-10", False),
            ("2026-03", "2026-03-15", True),
            ("2026-03-15T08:00:00Z", "2026-03-15", True),
            ("2026-03-15T10:00:00+02:00", "2026-03-15T08:30:00Z", False),
            ("2026-03-15T10:00:00+02:00", "2026-03-15T08:00:00Z", True),
        ],
    )
    def test_the_newest_counts_by_the_spans_of_the_dates(
        self, old: str, new: str, is_conflict: bool, reading: Read
    ) -> None:
        found = reading(ki67("a", 60, old), ki67("b", 80, new))
        assert found.features == ({} if is_conflict else {"ki67": 80})
        assert found.conflicts == (("ki67",) if is_conflict else ())

    def test_several_without_a_date_are_a_conflict(self, reading: Read) -> None:
        assert reading(ki67("a", 60, None), ki67("b", 80, None)).conflicts == ("ki67",)

    @pytest.mark.parametrize("day", ["2026-02-30", "yesterday", "26-01-01"])
    def test_what_is_no_date_is_none(self, day: str, reading: Read) -> None:
        found = reading(ki67("a", 60, day), ki67("b", 80, "2020-01-01"))
        assert found.features == {"ki67": 80}
        assert [(each.resource, each.why) for each in found.ignored] == [("Observation/a", "undated")]

    def test_the_end_of_a_period_counts(self, reading: Read) -> None:
        period = {"start": "2020-01-01", "end": "2026-02-01"}
        assert reading(ki67("a", 80, None, effectivePeriod=period), ki67("b", 60)).features == {"ki67": 80}


class TestNumbers:
    @pytest.mark.parametrize(
        ("element", "why"),
        [
            ({"valueQuantity": {"value": 80}}, "unit"),
            ({"valueQuantity": quantity(80, "mg/dL")}, "unit"),
            ({"valueQuantity": quantity(80, "1")}, "unit"),
            ({"valueQuantity": quantity(101, "%")}, "out-of-range"),
            ({"valueQuantity": {"code": "%"}}, "no-value"),
            ({"valueQuantity": quantity(80, "%") | {"system": "http://other.example"}}, "unit"),
            ({"valueInteger": 80}, "unit"),
            ({"valueString": "80 %"}, "free-text"),
            ({"valueCodeableConcept": {"text": "high"}}, "free-text"),
            ({"valueBoolean": True}, "not-specific"),
            ({"dataAbsentReason": {"text": "not done"}, "valueQuantity": quantity(80, "%")}, "no-value"),
        ],
    )
    def test_what_is_no_number_is_unknown(self, element: dict[str, Any], why: str, reading: Read) -> None:
        found = reading(observation("a", "29593-1", **element))
        assert (found.features, found.unknown_because) == ({}, {"ki67": why})

    def test_a_newer_one_without_a_value_erases_nothing(self, reading: Read) -> None:
        newer = observation("b", "29593-1", day="2026-02-01", valueString="see report")
        found = reading(ki67("a", 80), newer)
        assert found.features == {"ki67": 80}
        assert [(each.resource, each.why) for each in found.ignored] == [("Observation/b", "free-text")]

    def test_per_cent_is_exact(self, reading: Read) -> None:
        assert reading(observation("a", "29593-1", valueQuantity=quantity(0.57, "1"))).features == {"ki67": 57}

    @pytest.mark.parametrize(
        ("ranges", "value"),
        [
            ([{"high": quantity(17, "umol/L")}], {"bilirubin_uln": 2.02}),
            ([{"high": quantity(17, "umol/L")}, {"high": quantity(21, "umol/L")}], {}),
            ([{"high": quantity(1.1, "mg/dL")}], {}),
            ([{"low": quantity(3, "umol/L")}], {}),
            ([{"high": quantity(0, "umol/L")}], {}),
            ([], {}),
        ],
    )
    def test_bilirubin_is_over_one_limit_in_its_own_unit(
        self, ranges: list[Any], value: dict[str, float], reading: Read
    ) -> None:
        found = reading(observation("a", "14631-6", valueQuantity=quantity(34.4, "umol/L"), referenceRange=ranges))
        assert found.features == value
        assert found.unknown_because == ({} if value else {"bilirubin_uln": "no-reference-range"})

    def test_of_ast_and_alt_the_higher_counts_where_both_are_there(self, reading: Read) -> None:
        ranges = {"referenceRange": [{"high": quantity(40, "U/L")}]}
        ast = observation("ast", "1920-8", valueQuantity=quantity(100, "U/L"), **ranges)
        alt = observation("alt", "1742-6", valueQuantity=quantity(60, "U/L"), **ranges)
        assert reading(ast, alt).features == {"ast_alt_uln": 2.5}
        assert reading(ast).unknown_because == {"ast_alt_uln": "not-specific"}

    def test_counts_of_blood(self, reading: Read) -> None:
        found = reading(
            observation("n", "751-8", valueQuantity=quantity(3.1, "10*3/uL")),
            observation("p", "777-3", valueQuantity=quantity(140000, "/uL")),
        )
        assert found.features == {"anc": 3.1, "platelets": 140}


class TestChoices:
    @pytest.mark.parametrize(
        ("code", "display", "features", "why"),
        [
            ("LA11841-6", "1+", {"her2": "ihc-1+"}, {}),
            ("LA11841-6", "2+", {}, {"her2": "display"}),
            ("LA9634-2", "", {}, {"her2": "not-specific"}),
            ("LA99999-9", "", {}, {"her2": "not-specific"}),
        ],
    )
    def test_a_display_that_is_another_answer(
        self, code: str, display: str, features: dict[str, str], why: dict[str, str], reading: Read
    ) -> None:
        found = reading(observation("a", "18474-7", valueCodeableConcept=concept(LOINC, code, display)))
        assert (found.features, found.unknown_because) == (features, why)

    def test_ecog_five_is_no_patient_of_ours(self, reading: Read) -> None:
        found = reading(observation("a", "89247-1", valueCodeableConcept=concept(LOINC, "LA9627-6")))
        assert found.unknown_because == {"ecog": "out-of-range"}

    def test_no_antigen_does_not_exclude_hepatitis_b(self, reading: Read) -> None:
        found = reading(observation("a", "5195-3", valueCodeableConcept=concept(LOINC, "LA6577-6")))
        assert (found.features, found.unknown_because) == ({}, {"hepatitis_b": "not-specific"})

    def test_all_four_proteins_are_stable_and_three_are_nothing(self, reading: Read) -> None:
        stains = [
            observation(code, code, valueCodeableConcept=concept(LOINC, PRESENT))
            for code in ("81691-8", "81692-6", "81693-4", "81694-2")
        ]
        assert reading(*stains).features == {"msi": "stable"}
        assert reading(*stains[:3]).unknown_because == {"msi": "not-specific"}


class TestGenes:
    @pytest.mark.parametrize(
        ("resource", "features"),
        [
            (variant("a", BRAF, PRESENT, c48005_3="NP_004324.2:p.(Val600Glu)"), {"braf_v600e": "positive"}),
            (variant("a", BRAF, PRESENT, c48005_3="NP_004324.2:p.Val600Lys"), {}),
            (variant("a", BRAF, ABSENT, c48005_3="p.Val600Lys"), {}),
            (variant("a", BRAF, ABSENT, c48005_3="p.Val600Glu"), {"braf_v600e": "negative"}),
            (variant("a", BRAF, PRESENT), {}),
            (variant("a", KRAS, PRESENT, c48005_3="p.G12C"), {"kras_g12c": "positive", "ras_mutation": True}),
            (variant("a", KRAS, PRESENT, c48005_3="p.Gly12="), {}),
            (variant("a", KRAS, PRESENT, c48005_3="p.Gly12Gly"), {}),
            (variant("a", KRAS, PRESENT, c48005_3="p.Gly13Ter"), {}),
            (variant("a", KRAS, PRESENT, c48005_3="p.Val14Ile"), {}),
            (variant("a", NRAS, PRESENT, c48005_3="p.Gln61Lys"), {"ras_mutation": True}),
            (variant("a", NRAS, PRESENT, c48005_3="p.Gly12Cys"), {"ras_mutation": True}),
            (variant("a", KRAS, ABSENT), {"kras_g12c": "negative"}),
            (variant("a", NRAS, ABSENT), {}),
            (variant("a", ("HGNC:9967", "RET"), PRESENT, c48019_4="SO:0001565"), {"ret": "positive"}),
            (variant("a", ("HGNC:8031", "NTRK1"), ABSENT, c48019_4="SO:0001565"), {}),
            (variant("a", ("HGNC:1097", "KRAS"), ABSENT), {}),
        ],
    )
    def test_a_variant(self, resource: dict[str, Any], features: dict[str, Any], reading: Read) -> None:
        assert reading(resource).features == features

    def test_no_mutation_of_ras_needs_both_genes(self, reading: Read) -> None:
        found = reading(variant("k", KRAS, ABSENT), variant("n", NRAS, ABSENT))
        assert found.features == {"kras_g12c": "negative", "ras_mutation": False}

    def test_a_lost_rb1(self, reading: Read) -> None:
        stain = observation(
            "rb1",
            "18474-99",
            valueCodeableConcept=concept(LOINC, ABSENT),
            component=[
                {"code": concept(LOINC, "48018-6"), "valueCodeableConcept": concept(HGNC, "HGNC:9884", "RB1")},
                {
                    "code": concept(
                        "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs", "biomarker-category"
                    ),
                    "valueCodeableConcept": concept(
                        "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/molecular-biomarker-ontology-cs",
                        "immuneStain",
                    ),
                },
            ],
        )
        assert reading(stain).features == {"rb1_loss": "positive"}
        del stain["component"][1]
        assert reading(stain).features == {}


class TestTumour:
    @pytest.mark.parametrize(
        ("system", "code", "site"),
        [
            (ICD10, "C25.4", {"primary_site": "pancreas"}),
            (ICD10, "C22.1", {"primary_site": "biliary"}),
            (ICD10, "C22.0", {"primary_site": "liver"}),
            (ICD10, "C16.0", {"primary_site": "oesophagogastric-junction"}),
            (ICD10, "C16.9", {"primary_site": "stomach"}),
            (ICD10, "C24.1", {"primary_site": "ampulla"}),
            (ICD10, "C53.9", {"primary_site": "gynaecological", "gynaecological_site": "cervix"}),
            (ICD10, "C80.0", {"primary_site": "unknown-primary"}),
            (ICD10CM, "C80.0", {}),
            (ICD10, "C80.9", {}),
            (ICD10CM, "C7A.8", {}),
            (ICD10CM, "C7A.1", {"histology": "nos", "differentiation": "poor"}),
            ("http://hospital.example/codes", "C25.4", {}),
        ],
    )
    def test_a_site_by_its_code(self, system: str, code: str, site: dict[str, str], reading: Read) -> None:
        assert reading(condition("a", system, code)).features == site

    def test_a_metastasis_gives_no_site(self, reading: Read) -> None:
        found = reading(condition("a", ICD10, "C78.7"))
        assert found.features == {}
        assert [each.why for each in found.ignored] == ["secondary"]

    @pytest.mark.parametrize(
        ("code", "features"),
        [
            ("8041/3", {"histology": "small-cell", "differentiation": "poor"}),
            ("8013/6", {"histology": "large-cell", "differentiation": "poor"}),
            ("8246/3", {"histology": "nos"}),
            ("8246/33", {"histology": "nos", "differentiation": "poor"}),
            ("8246/32", {"histology": "nos"}),
            ("8249/3", {"differentiation": "well"}),
            ("8041/1", {}),
            ("8045/3", {}),
            ("8140/3", {}),
        ],
    )
    def test_a_morphology(self, code: str, features: dict[str, str], reading: Read) -> None:
        extension = [{"url": MORPHOLOGY, "valueCodeableConcept": concept(ICDO3, code)}]
        found = reading(condition("a", ICD10, "C25.9", extension=extension)).features
        assert found == {"primary_site": "pancreas"} | features

    def test_not_otherwise_specified_never_contradicts(self, reading: Read) -> None:
        nos = observation("a", "59847-4", day="2026-03-01", valueCodeableConcept=concept(ICDO3, "8246/3"))
        small = observation("b", "59847-4", day="2025-03-01", valueCodeableConcept=concept(ICDO3, "8041/3"))
        found = reading(nos, small)
        assert found.features == {"histology": "small-cell", "differentiation": "poor"}
        assert found.ignored == ()

    def test_two_tumours_of_which_none_is_neuroendocrine_are_a_conflict(self, reading: Read) -> None:
        assert reading(condition("a", ICD10, "C25.9"), condition("b", ICD10, "C18.0")).conflicts == ("primary_site",)


class TestConditions:
    def test_one_that_has_to_be_active_says_so(self, reading: Read) -> None:
        bleeding = condition("a", ICD10, "K92.2")
        assert reading(bleeding).features == {"bleeding_active": True}
        del bleeding["clinicalStatus"]
        assert reading(bleeding).unknown_because == {"bleeding_active": "not-specific"}

    @pytest.mark.parametrize("status", ["refuted", "unconfirmed", "provisional", "differential", "entered-in-error"])
    def test_what_is_not_confirmed_is_no_negative_either(self, status: str, reading: Read) -> None:
        verified = concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", status)
        found = reading(condition("a", ICD10, "J84.1", verificationStatus=verified))
        assert (found.features, found.unknown_because) == ({}, {})
        assert len(found.ignored) == 1

    def test_an_infection_is_never_excluded_by_the_codes_that_are_listed(self, reading: Read) -> None:
        absent = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-related-condition-absent"
        codes = ("A40", "A41", "J13", "J14", "J15", "J18", "J84")
        extensions = [{"url": absent, "valueCodeableConcept": concept(ICD10, code)} for code in codes]
        found = reading(observation("a", "398192003", system=SCT, extension=extensions))
        assert found.features == {"ild": False}
        assert found.unknown_because == {"active_infection": "not-specific"}

    @pytest.mark.parametrize(
        ("elements", "features"),
        [
            ({"code": concept(ATC, CARBOPLATIN)}, {"platinum_allergy": True}),
            ({"code": concept(ATC, OXALIPLATIN)}, {"platinum_allergy": True}),
            ({"code": concept(ATC, ETOPOSIDE)}, {}),
            ({"code": concept(ATC, CARBOPLATIN), "type": "intolerance"}, {}),
            ({"code": {"text": "Carboplatin"}}, {}),
            ({"code": concept(SCT, "409137002")}, {"platinum_allergy": False, "drug_hypersensitivity": False}),
        ],
    )
    def test_an_allergy(self, elements: dict[str, Any], features: dict[str, bool], reading: Read) -> None:
        allergy = {"resourceType": "AllergyIntolerance", "id": "a", "patient": {"reference": "Patient/p1"}}
        assert reading(allergy | elements).features == features


def cycles(name: str, drugs: tuple[str, ...], *days: str, **elements: Any) -> list[dict[str, Any]]:
    return [dose(f"{name}-{drug}-{day}", drug, day, **elements) for drug in drugs for day in days]


class TestTreatment:
    EP = cycles("ep", (CISPLATIN, ETOPOSIDE), "2025-01-06", "2025-01-27", "2025-02-17")

    def test_a_change_of_platinum_is_one_course(self, reading: Read) -> None:
        other = cycles("c", (CARBOPLATIN,), "2025-02-17", "2025-03-10")
        etoposide = cycles("e", (ETOPOSIDE,), "2025-03-10")
        found = reading(*cycles("ep", (CISPLATIN, ETOPOSIDE), "2025-01-06", "2025-01-27"), *other, *etoposide)
        assert found.features["prior_regimens"] == ["etoposide-platinum"]
        assert found.features["lines_received"] == 1

    def test_oxaliplatin_is_no_platinum_of_ours(self, reading: Read) -> None:
        found = reading(*cycles("x", (OXALIPLATIN, "L01BC06"), "2025-01-06"))
        assert found.features["prior_regimens"] == ["xelox"]
        assert "platinum_received" not in found.features

    def test_a_set_that_is_no_regimen_goes_into_drugs(self, reading: Read) -> None:
        found = reading(*cycles("x", (PAZOPANIB,), "2025-01-06"))
        assert found.features == {"prior_drugs": ["pazopanib"], "lines_received": 1}
        assert found.unknown_because == {"progressed_on_drugs": "undecided"}

    def test_a_cancer_drug_outside_of_the_list_is_a_line_without_a_name(self, reading: Read) -> None:
        found = reading(*cycles("x", ("L01XX99",), "2025-01-06"))
        assert found.features == {"lines_received": 1}
        assert [each.why for each in found.ignored] == ["no-regimen"]

    def test_an_unknown_drug_beside_makes_another_set(self, reading: Read) -> None:
        found = reading(*self.EP, *cycles("x", ("L01XX99",), "2025-01-06"))
        assert "prior_regimens" not in found.features
        assert found.features["prior_drugs"] == ["cisplatin", "etoposide"]

    def test_a_drug_without_a_date_may_be_a_line_of_its_own(self, reading: Read) -> None:
        found = reading(*self.EP, dose("t", TOPOTECAN, None))
        assert found.unknown_because["lines_received"] == "undated"
        assert ("MedicationAdministration/t", "undated") in {(each.resource, each.why) for each in found.ignored}

    @pytest.mark.parametrize(
        ("day", "months", "progressed"),
        [("2025-05-19", 2.99, True), ("2025-05-20", 3.02, False), ("2025-02-10", 0, True)],
    )
    def test_progression_counts_up_to_91_days_after_the_last_dose(
        self, day: str, months: float, progressed: bool, reading: Read
    ) -> None:
        found = reading(*self.EP, status("s", day, PROGRESSION)).features
        assert found["platinum_free_interval_months"] == months
        assert found["progressed_on"] == (["etoposide-platinum"] if progressed else [])

    def test_a_month_is_no_day(self, reading: Read) -> None:
        found = reading(*self.EP, status("s", "2025-09", PROGRESSION))
        assert found.unknown_because["platinum_free_interval_months"] == "imprecise-date"
        assert found.features["progressed_on"] == []

    def test_a_month_that_may_be_either_decides_nothing(self, reading: Read) -> None:
        found = reading(*self.EP, status("s", "2025-05", PROGRESSION))
        assert found.unknown_because["progressed_on"] == "undecided"

    @pytest.mark.parametrize(("day", "response"), [("2025-04-18", "PR"), ("2025-04-19", None), ("2025-01-06", None)])
    def test_a_response_is_assessed_during_it_or_60_days_after(
        self, day: str, response: str | None, reading: Read
    ) -> None:
        found = reading(*self.EP, status("s", day, PARTIAL_RESPONSE))
        assert found.features.get("platinum_best_response") == response

    def test_early_progression_without_a_response_is_progression(self, reading: Read) -> None:
        found = reading(*self.EP, status("s", "2025-03-10", PROGRESSION))
        assert found.features["platinum_best_response"] == "PD"

    def test_a_plan_gives_its_drugs_its_period_and_its_end(self, reading: Read) -> None:
        plan = {
            "resourceType": "Procedure",
            "id": "plan",
            "status": "completed",
            "subject": {"reference": "Patient/p1"},
            "code": {"text": "systemic therapy"},
            "performedPeriod": {"start": "2025-01-06", "end": "2025-02-17"},
            "outcome": concept(SCT, "266721009"),
        }
        part = {"partOf": [{"reference": "Procedure/plan"}]}
        found = reading(plan, dose("c", CARBOPLATIN, None, **part), dose("e", ETOPOSIDE, None, **part))
        assert found.features == {
            "platinum_received": True,
            "platinum_best_response": "PD",
            "platinum_free_interval_months": 0,
            "prior_regimens": ["etoposide-platinum"],
            "progressed_on": ["etoposide-platinum"],
            "lines_received": 1,
        }

    def test_a_procedure_that_is_named_as_a_regimen(self, reading: Read) -> None:
        named = {
            "resourceType": "Procedure",
            "id": "p",
            "status": "completed",
            "code": {"text": "folfiri"},
            "performedPeriod": {"start": "2025-01-06", "end": "2025-05-12"},
        }
        assert reading(named).features == {"prior_regimens": ["folfiri"], "lines_received": 1}
        named["code"] = {"text": "FOLFIRI or FOLFOX"}
        assert reading(named).features == {}

    @pytest.mark.parametrize(
        ("medication", "drugs"),
        [
            ({"text": "Irinotecan 180 mg/m²"}, {"irinotecan"}),
            ({"text": "irinotecan hydrochloride liposome 4.3 mg/ml"}, set()),
            ({"text": "precisplatinum"}, set()),
            (concept(ATC, IRINOTECAN, "Onivyde (pegylated liposomal irinotecan)"), set()),
            (concept(ATC, IRINOTECAN, "topotecan"), set()),
        ],
    )
    def test_a_drug_by_its_name(self, medication: dict[str, Any], drugs: set[str], reading: Read) -> None:
        given = dose("a", IRINOTECAN, "2025-01-06") | {"medicationCodeableConcept": medication}
        found = reading(given)
        named = {*found.features.get("prior_regimens", ()), *found.features.get("prior_drugs", ())}
        assert named - {"liposomal-irinotecan"} == drugs

    @pytest.mark.parametrize(
        ("elements", "is_taken"),
        [
            ({"status": "active"}, True),
            ({"status": "completed"}, False),
            ({"status": "active", "medicationCodeableConcept": concept(RXNORM, "11289", "apixaban")}, True),
            ({"status": "active", "medicationCodeableConcept": concept(RXNORM, "11289", "cisplatin")}, False),
        ],
    )
    def test_warfarin_is_taken_now(self, elements: dict[str, Any], is_taken: bool, reading: Read) -> None:
        warfarin = {
            "resourceType": "MedicationStatement",
            "id": "w",
            "medicationCodeableConcept": concept(ATC, "B01AA03"),
        }
        assert reading(warfarin | elements).features == ({"warfarin": True} if is_taken else {})


class TestWhoMaySpeak:
    @pytest.mark.parametrize(
        ("elements", "why"),
        [
            ({"status": "preliminary"}, "not-final"),
            ({"status": "entered-in-error"}, "entered-in-error"),
            ({"implicitRules": "http://example.org"}, "modifier-extension"),
            ({"component": [{"modifierExtension": [{"url": "x"}]}]}, "modifier-extension"),
            ({"focus": [{"reference": "RelatedPerson/mother"}]}, "other-subject"),
            ({"subject": {"reference": "Group/g"}}, "other-subject"),
        ],
    )
    def test_what_may_not_speak_gives_no_reason_either(self, elements: dict[str, Any], why: str, reading: Read) -> None:
        found = reading(ki67("a", 80, **elements))
        assert (found.features, found.unknown_because) == ({}, {})
        assert [each.why for each in found.ignored] == [why]
