"""Comorbidities, allergies, adverse events: what a Condition with a code says, and what is stated absent.

False is read only where every code of a feature is stated absent. Source: INTEROP, table of section 4.
"""

from __future__ import annotations

from collections.abc import Iterator

from interop.terminology.codes import Terminology

from .dates import span
from .drugs import Drugs
from .elements import codings, extensions, table, text
from .references import Entry
from .statements import Statement, clinical_status, date_of_condition, date_of_observation, said

ACTIVE = frozenset({"active", "recurrence", "relapse"})
PLATINUM_DRUGS = frozenset({"cisplatin", "carboplatin", "oxaliplatin"})


def condition_statements(entry: Entry, terms: Terminology) -> Iterator[Statement]:
    date, coded = date_of_condition(entry.resource), codings(entry.resource, "code")
    for code in dict.fromkeys(terms.all("condition", coded)):
        is_active = bool(clinical_status(entry.resource) & ACTIVE)
        if code.settings.get("needs_active") and not is_active:
            yield said(entry, code.feature, None, "clinicalStatus", date, why="not-specific")
        else:
            yield said(entry, code.feature, True, "code", date)
    for code in dict.fromkeys(terms.all("condition-not-specific", coded)):
        yield said(entry, code.feature, None, "code", date, why="not-specific")


def observation_statements(entry: Entry, terms: Terminology) -> Iterator[Statement]:
    """Comorbidities that are stated absent, as mCODE has them."""
    resource = entry.resource
    asked = {question.value for question in terms.asked(codings(resource, "code")) if question.reads == "question"}
    if "comorbidities" not in asked:
        return
    date = date_of_observation(resource)
    absent = {
        (terms.system(coding), coding[1])
        for extension in extensions(resource, terms.extensions["absent"])
        for coding in codings(extension, "valueCodeableConcept", "extension")
    }
    wanted: dict[str, set[str]] = {}
    known = {code for system, code in absent if terms.find("condition", (system, code, ""))}
    spoken = {code.feature for system, code_ in absent for code in _speaking(terms, system, code_)}
    for code in terms.of("condition"):
        wanted.setdefault(code.feature, set()).add(code.code)
    for feature in sorted(spoken):
        is_open = any(code.settings.get("open") for code in terms.of("condition") if code.feature == feature)
        is_all = wanted[feature] <= known
        value = False if is_all and not is_open else None
        yield said(entry, feature, value, "extension", date, why="" if value is False else "not-specific")


def _speaking(terms: Terminology, system: str, code: str) -> Iterator[object]:
    found = terms.find("condition", (system, code, ""))
    if found:
        yield found


def allergy_statements(entry: Entry, terms: Terminology, drugs: Drugs) -> Iterator[Statement]:
    resource = entry.resource
    date = span(resource.get("recordedDate")) or span(resource.get("onsetDateTime"))
    coded = codings(resource, "code")
    if terms.first("no-drug-allergy", coded):
        yield said(entry, "platinum_allergy", False, "code", date)
        yield said(entry, "drug_hypersensitivity", False, "code", date)
    found = drugs.of(table(resource, "code"), "code")
    if named := found.slugs & PLATINUM_DRUGS:
        if found.is_contradicted:
            yield said(entry, "platinum_allergy", None, "code", date, why="display")
        elif text(resource, "type") == "intolerance":
            yield said(entry, "platinum_allergy", None, "type", date, why="not-specific")
        elif found.is_coded and named:
            yield said(entry, "platinum_allergy", True, "code", date)
        else:
            yield said(entry, "platinum_allergy", None, "code", date, why="free-text")


def adverse_event_statements(entry: Entry, terms: Terminology) -> Iterator[Statement]:
    resource = entry.resource
    if not any(question.value == "neuropathy" for question in terms.asked(codings(resource, "event"))):
        return
    date = next((found for key in ("date", "detected", "recordedDate") if (found := span(resource.get(key)))), None)
    grades = {code.value for code in terms.all("ctcae", codings(resource, "severity"))}
    value = grades.pop() if len(grades) == 1 else None
    yield said(entry, "neuropathy_grade", value, "severity", date, why="" if value is not None else "not-specific")
