"""Hospitals' records as files of a registry: FHIR bundles and OMOP tables, each with what is not read."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
import yaml
from django.core.management import CommandError, call_command

from interop.reading import read
from interop.terminology import read as read_terminology
from registries.records.omop import CONCEPTS, TABLES, Concepts, OmopError
from registries.records.omop import read_folder as read_omop
from registries.records.read import Read
from tests.factories.fhir import ICDO3, PATIENT, as_bytes, condition, dose, ki67, observation, quantity
from tests.factories.registries import exported, knowledge_of, ranked
from tests.factories.registries import read as rows_in

Row = dict[str, Any]
# Concepts as a CDM's own table has them; their ids are made up, and count in these tests alone.
CONCEPT = [
    (9_000_001, "ICDO3", "8041/3-C18.9", "Small cell carcinoma, NOS, of colon, NOS"),
    (9_000_002, "LOINC", "29593-1", "Ki-67 by immune stain"),
    (9_000_003, "RxNorm", "40048", "carboplatin 10 MG/ML Injectable Solution"),
    (9_000_004, "HemOnc", "33", "FOLFIRI"),
    (9_000_005, "Nebraska Lexicon", "1", "a local code"),
    (9_000_006, "ICD10CM", "C18.9", "Malignant neoplasm of colon, unspecified"),
]


def row(table: str, **values: Any) -> Row:
    return {name: values.get(name) for name in TABLES[table]}


def drug(number: int, person: int, concept: int, day: str, *, given: int = 32818, end: str | None = None) -> Row:
    return row(
        "drug_exposure",
        drug_exposure_id=number,
        person_id=person,
        drug_concept_id=concept,
        drug_exposure_start_date=day,
        drug_exposure_end_date=end or day,
        drug_type_concept_id=given,
    )


def measured(number: int, person: int, concept: int, value: float, **values: Any) -> Row:
    return row(
        "measurement",
        measurement_id=number,
        person_id=person,
        measurement_concept_id=concept,
        measurement_date="2026-01-10",
        value_as_number=value,
        **values,
    )


def tumour(number: int, person: int, **values: Any) -> Row:
    return row(
        "condition_occurrence",
        condition_occurrence_id=number,
        person_id=person,
        condition_start_date="2025-01-02",
        **values,
    )


CDM: Mapping[str, list[Row]] = {
    "person": [{"person_id": 7}, {"person_id": 3}, {"person_id": 12}],
    "condition_occurrence": [
        tumour(1, 3, condition_concept_id=9_000_001),
        tumour(2, 7, condition_concept_id=0, condition_source_value="8013/3-C25.9"),
        tumour(3, 7, condition_concept_id=9_000_005),
    ],
    "measurement": [
        measured(1, 3, 9_000_002, 80, unit_concept_id=8554, operator_concept_id=4172703),
        measured(2, 3, 3024929, 180, unit_concept_id=8848),
        measured(3, 3, 3024128, 2.4, unit_concept_id=8840, range_high=1.2),
        measured(4, 3, 9_000_005, 1),
        measured(5, 7, 9_000_002, 5, unit_concept_id=8554, operator_concept_id=4171756),
        measured(6, 7, 3024929, 90, unit_concept_id=424242),
    ],
    "drug_exposure": [
        *(drug(10 + n, 3, number, "2025-02-01", end="2025-06-01") for n, number in enumerate((9_000_003, 1350504))),
        drug(20, 7, 1397599, "2025-02-01", given=32838),
        drug(21, 7, 555, "2025-02-01"),
        *(drug(30 + n, 12, number, "2025-02-01") for n, number in enumerate((1367268, 955632))),
    ],
    "episode": [
        row("episode", episode_id=1, person_id=3, episode_concept_id=32677, episode_start_date="2025-07-01"),
        row(
            "episode",
            episode_id=2,
            person_id=12,
            episode_concept_id=32531,
            episode_start_date="2025-02-01",
            episode_end_date="2025-05-01",
            episode_object_concept_id=9_000_004,
        ),
        row("episode", episode_id=3, person_id=12, episode_concept_id=32530, episode_start_date="2025-06-01"),
    ],
    "episode_event": [
        {"episode_id": 2, "event_id": event, "episode_event_field_concept_id": 1147094} for event in (30, 31)
    ],
    "concept": [dict(zip(TABLES["concept"], concept, strict=True)) for concept in CONCEPT],
}


def written(folder: Path, tables: Mapping[str, list[Row]], kind: str = "parquet") -> Path:
    folder.mkdir()
    types = {"int64": arrow.int64(), "string": arrow.string(), "float64": arrow.float64()}
    for name, rows in tables.items():
        if kind == "parquet":
            columns = {column: arrow.array([r[column] for r in rows], types[t]) for column, t in TABLES[name].items()}
            parquet.write_table(arrow.table(columns), folder / f"{name}.parquet")
            continue
        with (folder / f"{name.upper()}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(TABLES[name]), delimiter="\t" if name == "concept" else ",")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def omop(folder: Path, local: Path | None = None) -> dict[str, Read]:
    found = read_omop(folder, knowledge_of(exported()), read_terminology(), Concepts.read(local))
    return {each.key: each for each in found}


class TestOmop:
    @pytest.fixture(params=["parquet", "csv"])
    def people(self, request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Read]:
        return omop(written(tmp_path / "cdm", CDM, request.param))

    def test_people_stand_in_the_order_of_their_ids(self, people: dict[str, Read]) -> None:
        assert [(each.number, key) for key, each in people.items()] == [(1, "3"), (2, "7"), (3, "12")]

    def test_tumour_laboratory_and_treatment(self, people: dict[str, Read]) -> None:
        found = people["3"].features
        assert (found["primary_site"], found["histology"]) == ("colorectal", "small-cell")
        assert (found["ki67"], found["platelets"], found["bilirubin_uln"]) == (80, 180, 2)
        assert found["prior_regimens"] == ["etoposide-platinum"]
        assert found["platinum_received"] is True
        assert found["progressed_on"] == ["etoposide-platinum"]

    def test_a_code_that_stands_in_the_source_value(self, people: dict[str, Read]) -> None:
        assert (people["7"].features["primary_site"], people["7"].features["histology"]) == ("pancreas", "large-cell")

    def test_an_episode_names_the_regimen(self, people: dict[str, Read]) -> None:
        assert people["12"].features["prior_regimens"] == ["folfiri"]

    def test_what_is_not_known_stays_unknown(self, people: dict[str, Read]) -> None:
        """An order is no dose, a bound is no value, and a unit that is not known makes no number."""
        assert not {"platinum_received", "prior_regimens", "ki67", "platelets"} & people["7"].features.keys()

    def test_what_is_not_read_is_said(self, people: dict[str, Read]) -> None:
        said = {(each.where, each.why) for person in people.values() for each in person.unread}
        assert {
            ("condition_occurrence", "condition_concept_id 9000005: a concept that is not known"),
            ("measurement", "measurement_concept_id 9000005: a concept that is not known"),
            ("measurement", "operator_concept_id 4171756: a value that is not meant as it stands"),
            ("measurement", "unit_concept_id 424242: a concept that is not known"),
            ("drug_exposure", "drug_concept_id 555: a concept that is not known"),
            ("episode", "episode_concept_id 32530: a concept that is not known"),
            ("MedicationRequest", "not-given"),
        } <= said

    def test_without_the_vocabulary_the_concepts_shipped_are_read(self, tmp_path: Path) -> None:
        people = omop(written(tmp_path / "cdm", {name: rows for name, rows in CDM.items() if name != "concept"}))
        assert people["3"].features["platelets"] == 180
        assert people["7"].features["primary_site"] == "pancreas"
        assert "ki67" not in people["3"].features

    def test_a_hospitals_own_concepts(self, tmp_path: Path) -> None:
        local = tmp_path / "own.yaml"
        concept = {"vocabulary": "LOINC", "code": "777-3", "name": "ours"}
        local.write_text(yaml.safe_dump({"concepts": {9_000_005: concept}, "given": {32838: {}}}))
        people = omop(written(tmp_path / "cdm", {name: rows for name, rows in CDM.items() if name != "concept"}), local)
        assert people["7"].features["platinum_received"] is True

    @pytest.mark.parametrize(
        ("tables", "said"),
        [
            ({}, "no table person"),
            ({"person": [{"person_id": 1}, {"person_id": 1}]}, "stands twice"),
        ],
    )
    def test_a_folder_that_is_none(self, tmp_path: Path, tables: Mapping[str, list[Row]], said: str) -> None:
        with pytest.raises(OmopError, match=said):
            omop(written(tmp_path / "cdm", tables))

    def test_a_table_without_a_column(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "cdm", CDM)
        parquet.write_table(arrow.table({"person_id": [1]}), folder / "measurement.parquet")
        with pytest.raises(OmopError, match="no column measurement_id, measurement_concept_id"):
            omop(folder)

    def test_a_truncated_table(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "cdm", CDM)
        file = folder / "measurement.parquet"
        file.write_bytes(file.read_bytes()[:-30])
        with pytest.raises(OmopError, match="measurement"):
            omop(folder)

    def test_each_concept_says_where_it_was_seen(self) -> None:
        content = yaml.safe_load(CONCEPTS.read_text(encoding="utf-8"))
        rows = [*content["concepts"].values(), *content["given"].values(), *content["equal"].values()]
        rows += [
            *content["drug_exposures"].values(),
            *(r for own in content["episodes"].values() for r in own.values()),
        ]
        assert all(each["seen"] and each["name"] for each in rows)
        assert {each["vocabulary"] for each in content["concepts"].values()} <= content["vocabularies"].keys()


class TestFhir:
    @pytest.fixture
    def bundles(self, tmp_path: Path) -> Path:
        folder = tmp_path / "bundles"
        folder.mkdir()
        small_cell = {
            "url": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior",
            "valueCodeableConcept": {"coding": [{"system": ICDO3, "code": "8041/3"}]},
        }
        colon = condition("c", ICDO3, "C18.9", extension=[small_cell])
        given = [dose(f"{code}-{day}", code, day) for code in ("L01XA02", "L01CB01") for day in ("2025-01-06",)]
        platelets = observation("pl", "777-3", valueQuantity=quantity(90, "10*3/uL"))
        (folder / "b.json").write_bytes(as_bytes(PATIENT, colon, ki67("k", 80), platelets, *given))
        (folder / "a.json").write_bytes(b"{")
        (folder / "c.json").write_bytes(as_bytes(PATIENT, ki67("old", 60), ki67("new", 80)))
        return folder

    def test_a_folder_is_read_and_ranked(self, bundles: Path, tmp_path: Path) -> None:
        release = tmp_path / "release.json"
        release.write_bytes(exported())
        call_command("read_registry", "fhir", str(bundles), str(tmp_path / "in"), release=str(release), key="record")
        manifest = ranked(tmp_path / "in", tmp_path / "out", key="record")
        assert manifest["counts"]["rows"] == {"ranked": 2, "out-of-scope": 0, "refused": 0}
        first, second = rows_in(tmp_path / "out", "patients")
        alone = read((bundles / "b.json").read_bytes(), knowledge=knowledge_of(exported()), terms=read_terminology())
        assert first["key"] == "b"
        assert {name: first[name] for name in alone.features} == alone.features
        assert (second["key"], second["ki67"]) == ("c", None)
        unread = parquet.read_table(tmp_path / "in/_unread-00000.parquet").to_pylist()
        assert {(each["record"], each["where"]) for each in unread} >= {(1, "a.json")}
        assert any(each["record"] == 3 and each["why"] == "conflict" for each in unread)

    def test_without_a_key_nothing_says_who_it_is(self, bundles: Path, tmp_path: Path) -> None:
        release = tmp_path / "release.json"
        release.write_bytes(exported())
        call_command("read_registry", "fhir", str(bundles), str(tmp_path / "in"), release=str(release))
        assert "record" not in parquet.read_schema(tmp_path / "in/records-00000.parquet").names

    def test_what_is_no_folder_of_records_is_refused(self, tmp_path: Path) -> None:
        release = tmp_path / "release.json"
        release.write_bytes(exported())
        (tmp_path / "empty").mkdir()
        with pytest.raises(CommandError, match=r"holds no \.json"):
            call_command("read_registry", "fhir", str(tmp_path / "empty"), str(tmp_path / "in"), release=str(release))
        assert not (tmp_path / "in").exists()
