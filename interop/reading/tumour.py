"""Which tumour the record is about, its site, histology and differentiation.

Of several tumours the one that is neuroendocrine is read; what points to another says nothing of it.
Source: INTEROP, section 4 ("Which tumour") and its table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from interop.terminology.codes import Coding, Terminology

from .dates import Span
from .elements import (
    MalformedError,
    Resource,
    codings,
    codings_in,
    extensions,
    has_no_value,
    some_tables,
    table,
    tables,
    value_key,
)
from .references import Entry, Key, Record
from .statements import Statement, date_of_condition, date_of_observation, excluded_because, parts, said

PROFILES = {"primary": "mcode-primary-cancer-condition", "secondary": "mcode-secondary-cancer-condition"}
POOR_BY_NAME = frozenset({"small-cell", "large-cell"})
_TUMOUR = re.compile(r"C(?!7[789B])[0-9][0-9A]")  # of ICD; C77 to C79 and C7B are metastases
_MORPHOLOGY = re.compile(r"(?P<type>\d{4})(?:/(?P<behaviour>\d)(?P<grade>\d)?)?")
MALIGNANT = ("3", "6")
GRADES = {"1": "well", "3": "poor", "4": "poor"}  # the sixth digit of ICD-O


@dataclass(frozen=True)
class Tumours:
    """The Conditions that are tumours, and those of them that are another one than is read."""

    candidates: frozenset[Key]
    others: frozenset[Key]


def tumours(record: Record, terms: Terminology) -> Tumours:
    """The candidates, and of several the others where exactly one is neuroendocrine."""
    found = {entry.key: entry for entry in record.entries if entry.kind == "Condition" and _is_candidate(entry, terms)}
    focused = _with_histology(record, terms)
    counting: dict[Key, bool] = {}  # and whether it is neuroendocrine
    for key, entry in found.items():
        with suppress(MalformedError):  # it is said where what the Condition says is read
            if not excluded_because(entry, record, (), is_tumour=True):
                counting[key] = key in focused or _is_neuroendocrine(entry.resource, terms)
    neuroendocrine = {key for key, is_it in counting.items() if is_it}
    others = counting.keys() - neuroendocrine if len(neuroendocrine) == 1 else set[Key]()
    return Tumours(frozenset(found), frozenset(others))


def condition_statements(entry: Entry, terms: Terminology) -> Iterator[Statement]:
    """What a Condition says of the tumour."""
    resource, date = entry.resource, date_of_condition(entry.resource)
    if is_secondary(resource, terms):
        yield said(entry, "primary_site", None, "code", date, why="secondary").excluded("secondary")
        return
    coded = codings(resource, "code")
    places = [*coded, *_body_sites(resource)]
    for feature, reads in (("primary_site", "site"), ("gynaecological_site", "gynaecological-site")):
        values = {
            code.value: code for coding in places if (code := terms.find(reads, coding)) and code.value is not None
        }
        for value in sorted(values):
            yield said(entry, feature, value, "code" if terms.first(reads, coded) else "bodySite", date)
    for code in terms.all("diagnosis", coded):
        if code.value is not None:
            yield said(entry, code.feature, code.value, "code", date)
            yield said(entry, "differentiation", "poor", "code", date)
    for extension in extensions(resource, terms.extensions["histology"]):
        found = codings(extension, "valueCodeableConcept", "extension")
        yield from _morphology(entry, found, "extension.valueCodeableConcept", date, terms)


def observation_statements(entry: Entry, terms: Terminology) -> Iterator[Statement]:
    """What an Observation of histology or grade says."""
    date = date_of_observation(entry.resource)
    for part, path in parts(entry.resource):
        for question in terms.asked(codings(part, "code", path)):
            if question.reads != "question" or question.value not in ("histology", "grade"):
                continue
            feature = "histology" if question.value == "histology" else "differentiation"
            key = value_key(part)
            element = ".".join(filter(None, (path, key or "value")))
            concept = table(part, key, path) if key == "valueCodeableConcept" else {}
            found = codings_in(concept, element)
            if has_no_value(part, key):
                yield said(entry, feature, None, element, date, why="no-value")
            elif key == "valueString" or (concept and not found):
                yield said(entry, feature, None, element, date, why="free-text")
            elif feature == "histology" and found:
                yield from _morphology(entry, found, element, date, terms)
            else:
                values = {code.value for code in terms.all("grade", found)}
                value = values.pop() if len(values) == 1 else None
                yield said(entry, feature, value, element, date, why="" if value else "not-specific")


def is_secondary(resource: Resource, terms: Terminology) -> bool:
    return bool(terms.first("secondary", codings(resource, "code"))) or _has_profile(resource, "secondary")


def _morphology(
    entry: Entry, found: list[Coding], element: str, date: Span | None, terms: Terminology
) -> Iterator[Statement]:
    """By ICD-O with a behaviour that is malignant, or by SNOMED; the sixth digit of ICD-O is the grade."""
    readings: set[tuple[str, str]] = set()
    for coding in found:
        system, written = terms.system(coding), coding[1]
        grade = ""
        if system == "icdo3":
            match = _MORPHOLOGY.fullmatch(written)
            if match is None:
                continue
            if match["behaviour"] not in MALIGNANT:
                continue
            written, grade = match["type"], match["grade"] or ""
        code = terms.find("morphology", (coding[0], written, coding[2]))
        if grade in GRADES:
            readings.add(("differentiation", GRADES[grade]))
        if code:
            readings.add((code.feature, code.value))
            if code.value in POOR_BY_NAME:
                readings.add(("differentiation", "poor"))
    for feature, value in sorted(readings):
        yield said(entry, feature, value, element, date)
    told = {("differentiation", "well"), ("primary_site", "skin")}
    if found and not readings & told and not any(feature == "histology" for feature, _ in readings):
        yield said(entry, "histology", None, element, date, why="not-specific")


def _is_candidate(entry: Entry, terms: Terminology) -> bool:
    try:
        resource = entry.resource
        coded = codings(resource, "code")
        if is_secondary(resource, terms):
            return False
        if any(terms.system(each) in ICD and _TUMOUR.match(each[1]) for each in coded):
            return True
        has_morphology = any(True for _ in extensions(resource, terms.extensions["histology"]))
        is_placed = terms.first("site", [*coded, *_icdo_sites(resource, terms)])
        return has_morphology or bool(is_placed) or _has_profile(resource, "primary")
    except MalformedError:
        return False


ICD = frozenset({"icd10", "icd10cm", "icd10gm"})


def _icdo_sites(resource: Resource, terms: Terminology) -> list[Coding]:
    """A topography of ICD-O is that of a tumour; a body structure of SNOMED may be that of anything."""
    return [each for each in _body_sites(resource) if terms.system(each) == "icdo3"]


def _is_neuroendocrine(resource: Resource, terms: Terminology) -> bool:
    if terms.first("diagnosis", codings(resource, "code")):
        return True
    found = extensions(resource, terms.extensions["histology"])
    return any(_says_neuroendocrine(codings(each, "valueCodeableConcept", "extension"), terms) for each in found)


def _says_neuroendocrine(found: Iterable[Coding], terms: Terminology) -> bool:
    bare = ((system, code.partition("/")[0], display) for system, code, display in found)
    return terms.first("morphology", bare) is not None


def _with_histology(record: Record, terms: Terminology) -> set[Key]:
    """The Conditions on which an Observation of a neuroendocrine histology focuses."""
    found: set[Key] = set()
    for entry in record.entries:
        if entry.kind != "Observation":
            continue
        try:
            asked = {question.value for question in terms.asked(codings(entry.resource, "code"))}
            if "histology" not in asked or excluded_because(entry, record, ()):
                continue
            if _says_neuroendocrine(codings(entry.resource, "valueCodeableConcept"), terms):
                keys = (record.key_of(each, entry.resource) for each in tables(entry.resource, "focus"))
                found.update(key for key in keys if key)
        except MalformedError:
            continue
    return found


def _body_sites(resource: Resource) -> list[Coding]:
    return [coding for each in some_tables(resource, "bodySite") for coding in codings_in(each, "bodySite")]


def _has_profile(resource: Resource, kind: str) -> bool:
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    named = profiles if isinstance(profiles, list) else []
    return any(isinstance(each, str) and PROFILES[kind] in each for each in named)
