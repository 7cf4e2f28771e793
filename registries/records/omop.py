"""Tables of the OMOP CDM v5.4 with its oncology extension, as records of FHIR, one a person.

person, condition_occurrence, measurement, drug_exposure, episode, episode_event and concept are read, as Parquet or
CSV, each where it is there; of people there has to be one. Concepts are those of `omop.yaml` and of the CDM's own
CONCEPT table. OMOP does not say whether a condition is active, so that none is taken to be; a dose counts as given
only where its type says so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from interop.reading import Refused, read_record
from interop.reading.input import MOST_RESOURCES, Item
from interop.reading.references import Record
from interop.terminology import Terminology
from regimens.rules.knowledge import Knowledge

from .read import Read, Unread, of_reading

CONCEPTS = Path(__file__).parent / "omop.yaml"
PEOPLE_AT_A_TIME = 20_000
DELIMITERS = ("\t", ",", ";", "|")

ICDO3 = "http://terminology.hl7.org/CodeSystem/icd-o-3"
HISTOLOGY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior"
STATUS_OF_CANCER, PROGRESSION = ("http://loinc.org", "97509-4"), ("http://snomed.info/sct", "271299001")
# ICD-O-3 as OMOP has it: morphology and topography in one, either of them NULL.
_ICDO3 = re.compile(r"(?P<morphology>\d{4}/\d|NULL)-(?P<topography>C\d{2}(?:\.\d)?|NULL)")

_INT, _TEXT, _NUMBER = "int64", "string", "float64"
TABLES: Mapping[str, Mapping[str, str]] = {
    "person": {"person_id": _INT},
    "condition_occurrence": {
        "condition_occurrence_id": _INT,
        "person_id": _INT,
        "condition_concept_id": _INT,
        "condition_start_date": _TEXT,
        "condition_source_value": _TEXT,
        "condition_source_concept_id": _INT,
    },
    "measurement": {
        "measurement_id": _INT,
        "person_id": _INT,
        "measurement_concept_id": _INT,
        "measurement_date": _TEXT,
        "operator_concept_id": _INT,
        "value_as_number": _NUMBER,
        "value_as_concept_id": _INT,
        "unit_concept_id": _INT,
        "range_high": _NUMBER,
    },
    "drug_exposure": {
        "drug_exposure_id": _INT,
        "person_id": _INT,
        "drug_concept_id": _INT,
        "drug_exposure_start_date": _TEXT,
        "drug_exposure_end_date": _TEXT,
        "drug_type_concept_id": _INT,
        "drug_source_value": _TEXT,
    },
    "episode": {
        "episode_id": _INT,
        "person_id": _INT,
        "episode_concept_id": _INT,
        "episode_start_date": _TEXT,
        "episode_end_date": _TEXT,
        "episode_object_concept_id": _INT,
    },
    "episode_event": {"episode_id": _INT, "event_id": _INT, "episode_event_field_concept_id": _INT},
    "concept": {"concept_id": _INT, "vocabulary_id": _TEXT, "concept_code": _TEXT, "concept_name": _TEXT},
}
OF_PEOPLE = ("condition_occurrence", "measurement", "drug_exposure", "episode")

Row = Mapping[str, Any]


class OmopError(ValueError):
    """A folder that is no OMOP CDM, or whose tables lack a column; the message says which."""


@dataclass(frozen=True)
class Concepts:
    """What concept ids mean; see `omop.yaml`. `names` and `codings` are by concept id."""

    systems: Mapping[str, str]
    episodes: Mapping[int, str]
    given: frozenset[int]
    equal: frozenset[int]
    drug_exposures: frozenset[int]
    known: Mapping[int, tuple[str, str, str]]
    looked_up: dict[int, tuple[str, str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, local: Path | None = None) -> Concepts:
        """Those shipped, with a hospital's own over them. Raises OmopError."""
        found = _yaml(CONCEPTS)
        for name, own in (_yaml(local) if local else {}).items():
            if name not in found:
                raise OmopError(f"{local}: {name} is unknown; allowed: {', '.join(found)}")
            if not isinstance(own, dict):
                raise OmopError(f"{local}: {name} has to be a table")
            found[name] = {**found[name], **own}
        try:
            known = {
                number: (row["vocabulary"], row.get("code", ""), row["name"])
                for number, row in found["concepts"].items()
            }
            return cls(
                found["vocabularies"],
                {number: kind for kind, own in found["episodes"].items() for number in own},
                frozenset(found["given"]),
                frozenset(found["equal"]),
                frozenset(found["drug_exposures"]),
                known,
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise OmopError(f"{local}: a concept has no {error}") from error

    def of(self, number: Any) -> tuple[str, str, str] | None:
        """Vocabulary, code and name of a concept; None where it is not known. The CDM's own table counts first."""
        return self.looked_up.get(number) or self.known.get(number) if number else None

    def codings(self, number: Any) -> Iterator[dict[str, str]]:
        """A concept as FHIR has it, where its vocabulary is one that the reader knows."""
        if concept := self.of(number):
            vocabulary, code, name = concept
            if system := self.systems.get(vocabulary):
                yield {"system": system, "code": code, "display": name}


def read_folder(folder: Path, knowledge: Knowledge, terms: Terminology, concepts: Concepts) -> Iterator[Read]:
    """The people of a CDM in the order of their ids, so many at a time. Raises OmopError."""
    cdm = _Cdm(folder)
    people = sorted(row["person_id"] for row in cdm.rows("person"))
    if len(set(people)) < len(people):
        raise OmopError(f"{folder}: a person_id stands twice in person")
    concepts.looked_up.update(cdm.concepts())
    return _read_people(cdm, people, knowledge, terms, concepts)


def _read_people(
    cdm: _Cdm, people: list[int], knowledge: Knowledge, terms: Terminology, concepts: Concepts
) -> Iterator[Read]:
    for start in range(0, len(people), PEOPLE_AT_A_TIME):
        some = people[start : start + PEOPLE_AT_A_TIME]
        of_each = {name: cdm.rows_of(name, some[0], some[-1]) for name in OF_PEOPLE}
        doses = {row["drug_exposure_id"] for rows in of_each["drug_exposure"].values() for row in rows}
        groups = cdm.groups(doses, concepts)
        for number, person in enumerate(some, start + 1):
            told = _Told(number, concepts, groups)
            for name in OF_PEOPLE:
                for row in of_each[name].get(person, ()):
                    told.add(name, row)
            yield _read(number, person, told, knowledge, terms)


def _read(number: int, person: int, told: _Told, knowledge: Knowledge, terms: Terminology) -> Read:
    if len(told.resources) > MOST_RESOURCES:
        unread = Unread(number, "person", "", f"more than {MOST_RESOURCES} rows")
        return Read(number, str(person), {}, (unread,), is_refused=True)
    items = [Item(resource, f"entry[{place}]") for place, resource in enumerate(told.resources)]
    try:
        reading = read_record(Record.of(items), knowledge=knowledge, terms=terms, resources=len(items))
    except Refused as error:
        return Read(number, str(person), {}, (Unread(number, "person", "", str(error)),), is_refused=True)
    return of_reading(number, str(person), reading, told.unread)


class _Told:
    """The rows of one person as resources of FHIR; what cannot be one is among `unread`."""

    def __init__(self, number: int, concepts: Concepts, groups: Mapping[int, int]):
        self.number, self.concepts, self.groups = number, concepts, groups
        self.resources: list[dict[str, Any]] = [{"resourceType": "Patient", "id": "person"}]
        self.unread: list[Unread] = []

    def add(self, table: str, row: Row) -> None:
        made = {
            "condition_occurrence": self._condition,
            "measurement": self._measurement,
            "drug_exposure": self._drug,
            "episode": self._episode,
        }[table](row)
        if isinstance(made, str):
            self.unread.append(Unread(self.number, table, "", made))
        else:
            self.resources.append(made | {"subject": {"reference": "Patient/person"}})

    def _condition(self, row: Row) -> dict[str, Any] | str:
        numbers = row["condition_concept_id"], row["condition_source_concept_id"]
        codings = [coding for number in numbers for coding in self.concepts.codings(number)]
        written = [concept[1] for number in numbers if (concept := self.concepts.of(number)) and concept[0] == "ICDO3"]
        morphologies = []
        for text in (*written, row["condition_source_value"] or ""):
            if match := _ICDO3.fullmatch(text.strip()):
                if match["topography"] != "NULL":
                    codings.append({"system": ICDO3, "code": match["topography"]})
                if match["morphology"] != "NULL":
                    morphologies.append({"system": ICDO3, "code": match["morphology"]})
        if not codings and not morphologies:
            return _unknown("condition_concept_id", row["condition_concept_id"])
        found: dict[str, Any] = {
            "resourceType": "Condition",
            "id": f"condition-{row['condition_occurrence_id']}",
            "code": {"coding": codings},
            "recordedDate": row["condition_start_date"],
        }
        if morphologies:
            found["extension"] = [{"url": HISTOLOGY, "valueCodeableConcept": {"coding": morphologies}}]
        return found

    def _measurement(self, row: Row) -> dict[str, Any] | str:
        codings = [*self.concepts.codings(row["measurement_concept_id"])]
        if not codings:
            return _unknown("measurement_concept_id", row["measurement_concept_id"])
        if row["operator_concept_id"] and row["operator_concept_id"] not in self.concepts.equal:
            return f"operator_concept_id {row['operator_concept_id']}: a value that is not meant as it stands"
        found: dict[str, Any] = {
            "resourceType": "Observation",
            "id": f"measurement-{row['measurement_id']}",
            "status": "final",
            "code": {"coding": codings},
            "effectiveDateTime": row["measurement_date"],
        }
        answers = [*self.concepts.codings(row["value_as_concept_id"])]
        if row["value_as_number"] is not None:
            units = [*self.concepts.codings(row["unit_concept_id"])]
            if row["unit_concept_id"] and not units:
                return _unknown("unit_concept_id", row["unit_concept_id"])
            value: dict[str, Any] = {"value": _decimal(row["value_as_number"])}
            value |= {"system": units[0]["system"], "code": units[0]["code"]} if units else {}
            found["valueQuantity"] = value
            if row["range_high"] is not None:
                found["referenceRange"] = [{"high": value | {"value": _decimal(row["range_high"])}}]
        elif answers:
            found["valueCodeableConcept"] = {"coding": answers}
        else:
            return _unknown("value_as_concept_id", row["value_as_concept_id"])
        return found

    def _drug(self, row: Row) -> dict[str, Any] | str:
        concept = self.concepts.of(row["drug_concept_id"])
        words = " ".join(filter(None, [concept[2] if concept else "", row["drug_source_value"] or ""]))
        codings = [coding for coding in self.concepts.codings(row["drug_concept_id"]) if coding["code"]]
        if not codings and not words:
            return _unknown("drug_concept_id", row["drug_concept_id"])
        medication = {"coding": codings, "text": words}
        identity = {"id": f"drug-{row['drug_exposure_id']}", "medicationCodeableConcept": medication}
        if row["drug_type_concept_id"] not in self.concepts.given:
            return {"resourceType": "MedicationRequest", "status": "unknown", "intent": "order", **identity}
        period = {"start": row["drug_exposure_start_date"], "end": row["drug_exposure_end_date"]}
        found = {"resourceType": "MedicationAdministration", "status": "completed", "effectivePeriod": _known(period)}
        if group := self.groups.get(row["drug_exposure_id"]):
            found["partOf"] = [{"reference": f"Procedure/episode-{group}"}]
        return found | identity

    def _episode(self, row: Row) -> dict[str, Any] | str:
        kind = self.concepts.episodes.get(row["episode_concept_id"])
        if kind == "progression":
            return {
                "resourceType": "Observation",
                "id": f"episode-{row['episode_id']}",
                "status": "final",
                "code": _concept(*STATUS_OF_CANCER),
                "effectiveDateTime": row["episode_start_date"],
                "valueCodeableConcept": _concept(*PROGRESSION),
            }
        if kind != "regimen":
            return _unknown("episode_concept_id", row["episode_concept_id"])
        named = self.concepts.of(row["episode_object_concept_id"])
        period = {"start": row["episode_start_date"], "end": row["episode_end_date"]}
        return {
            "resourceType": "Procedure",
            "id": f"episode-{row['episode_id']}",
            "status": "completed" if row["episode_end_date"] else "in-progress",
            "code": {"text": named[2] if named else ""},
            "performedPeriod": _known(period),
        }


class _Cdm:
    """The tables of a folder, read by column; names of tables and columns whatever their case."""

    def __init__(self, folder: Path):
        if not folder.is_dir():
            raise OmopError(f"{folder} is no folder")
        self.files = {}
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in (".parquet", ".csv") and path.stem.lower() in TABLES:
                self.files[path.stem.lower()] = path
        if "person" not in self.files:
            raise OmopError(f"{folder}: there is no table person as .parquet or .csv")
        self.columns = {name: self._columns(name, path) for name, path in self.files.items()}

    def rows(self, table: str, wanted: Any = None) -> Iterator[dict[str, Any]]:
        """All rows, or those that an expression of Arrow wants; nothing where the table is not there."""
        if table not in self.files:
            return
        names = self.columns[table]
        for batch in self._batches(table, list(names.values()), wanted):
            for row in batch.to_pylist():
                yield {ours: _plain(row[theirs], TABLES[table][ours]) for ours, theirs in names.items()}

    def rows_of(self, table: str, first: int, last: int) -> dict[int, list[dict[str, Any]]]:
        """The rows of people whose ids lie between two, by person, in the order of the table."""
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        if table in self.files:
            import pyarrow.compute as compute

            person = compute.field(self.columns[table]["person_id"])
            for row in self.rows(table, (person >= first) & (person <= last)):
                found[row["person_id"]].append(row)
        return found

    def groups(self, doses: set[int], concepts: Concepts) -> dict[int, int]:
        """The episodes to which drug exposures belong, where one says so."""
        if "episode_event" not in self.files:
            return {}
        import pyarrow.compute as compute

        wanted = compute.field(self.columns["episode_event"]["event_id"]).isin(sorted(doses))
        return {
            row["event_id"]: row["episode_id"]
            for row in self.rows("episode_event", wanted)
            if row["episode_event_field_concept_id"] in concepts.drug_exposures
        }

    def concepts(self) -> dict[int, tuple[str, str, str]]:
        """What the CDM's own vocabulary says of the concepts that its tables name."""
        if "concept" not in self.files:
            return {}
        import pyarrow.compute as compute

        asked: set[int] = set()
        for table in OF_PEOPLE:
            if table in self.files:
                names = [theirs for ours, theirs in self.columns[table].items() if ours.endswith("_concept_id")]
                for batch in self._batches(table, names):
                    asked |= {one for name in names for one in compute.unique(batch.column(name)).to_pylist() if one}
        wanted = compute.field(self.columns["concept"]["concept_id"]).isin(sorted(asked))
        return {
            row["concept_id"]: (row["vocabulary_id"] or "", row["concept_code"] or "", row["concept_name"] or "")
            for row in self.rows("concept", wanted)
        }

    def _batches(self, table: str, names: list[str], wanted: Any = None) -> Iterator[Any]:
        import pyarrow as arrow

        try:
            yield from self._dataset(table).to_batches(columns=names, filter=wanted, use_threads=False)
        except (arrow.ArrowException, OSError, ValueError) as error:
            raise OmopError(f"{self.files[table]} cannot be read: {error}") from error

    def _columns(self, table: str, path: Path) -> dict[str, str]:
        there = {name.lower(): name for name in self._names(path)}
        if missing := [name for name in TABLES[table] if name not in there]:
            raise OmopError(f"{path} has no column {', '.join(missing)}")
        return {name: there[name] for name in TABLES[table]}

    def _names(self, path: Path) -> list[str]:
        import pyarrow as arrow
        import pyarrow.parquet as parquet

        try:
            if path.suffix.lower() == ".parquet":
                return list(parquet.read_schema(path).names)
            with path.open(encoding="utf-8-sig") as file:
                line = file.readline().rstrip("\r\n")
        except (OSError, UnicodeDecodeError, arrow.ArrowException) as error:
            raise OmopError(f"{path} cannot be read: {error}") from error
        return [name.strip('"') for name in line.split(_delimiter(line))]

    def _dataset(self, table: str) -> Any:
        import pyarrow as arrow
        import pyarrow.csv as arrow_csv
        import pyarrow.dataset as dataset

        path = self.files[table]
        if path.suffix.lower() == ".parquet":
            return dataset.dataset(path, format="parquet")
        with path.open(encoding="utf-8-sig") as file:
            delimiter = _delimiter(file.readline())
        kinds = {_INT: arrow.int64(), _TEXT: arrow.string(), _NUMBER: arrow.float64()}
        types = {self.columns[table][name]: kinds[kind] for name, kind in TABLES[table].items()}
        # Texts of a vocabulary hold quotation marks that quote nothing.
        parsing = arrow_csv.ParseOptions(delimiter=delimiter, quote_char=False if delimiter == "\t" else '"')
        reading = arrow_csv.ConvertOptions(column_types=types, strings_can_be_null=True)
        return dataset.dataset(path, format=dataset.CsvFileFormat(parsing, convert_options=reading))


def _yaml(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise OmopError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise OmopError(f"{path}: a table with “concepts” is wanted")
    return found


def _plain(value: Any, kind: str) -> Any:
    """A date as FHIR writes it; whatever else as it is."""
    if kind != _TEXT or value is None or isinstance(value, str):
        return value
    return value.isoformat()[:10] if hasattr(value, "isoformat") else str(value)


def _unknown(column: str, number: Any) -> str:
    return f"{column} {number}: a concept that is not known" if number else f"{column}: there is none"


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _delimiter(line: str) -> str:
    return max(DELIMITERS, key=line.count)
