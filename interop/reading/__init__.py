"""Reads FHIR R4 into features of a patient: pure Python, like the rules. No Django, no I/O, no clock.

    bytes ──input──▶ resources ──references──▶ record
    ──tumour, tests, genes, conditions, therapy──▶ statements ──settle──▶ Reading

`read` is the one way in; it raises `Refused` for what is not read at all. Absence is never negative, and the order of
the resources changes nothing. Source: INTEROP, sections 3 to 5.
"""

from __future__ import annotations

from dataclasses import replace

from interop.terminology.codes import Terminology
from regimens.rules.knowledge import Knowledge

from . import conditions, genes, settle, tests, therapy, tumour
from .drugs import Drugs
from .elements import MalformedError
from .input import Refused, resources
from .references import Entry, Record
from .settle import Ignored, Reading
from .statements import Source, Statement, excluded_because

__all__ = ["Ignored", "Reading", "Refused", "Source", "Statement", "drugs_of", "read", "read_record"]


def read(data: bytes, *, knowledge: Knowledge, terms: Terminology) -> Reading:
    """What a file says of its patient, as a release of knowledge can use it. Raises Refused."""
    items = resources(data)
    return read_record(Record.of(items), knowledge=knowledge, terms=terms, resources=len(items))


def read_record(record: Record, *, knowledge: Knowledge, terms: Terminology, resources: int) -> Reading:
    """The same of resources that were taken already, `resources` of them."""
    found = _Reader(record, terms, knowledge)
    return settle.settle(found.statements(), knowledge.vocabulary, found.malformed, resources)


BAD_SPECIMEN = ("unsatisfactory", "unavailable", "entered-in-error")


class _Reader:
    """Goes through the resources of a record once, and gathers what they say."""

    def __init__(self, record: Record, terms: Terminology, knowledge: Knowledge):
        self.record, self.terms, self.knowledge = record, terms, knowledge
        self.drugs: Drugs = drugs_of(terms, knowledge)
        self.tumours = tumour.tumours(record, terms)
        self.facts = therapy.Facts()
        self.malformed: list[Ignored] = []

    def statements(self) -> list[Statement]:
        found: list[Statement] = []
        for entry in self.record.entries:
            found += self._of(entry)
        for entry, why in self.record.dropped:
            found += [each.excluded(why) for each in self._of(entry, why)]
        together = [each for each in found if each.part and not each.is_excluded]
        alone = [each for each in found if not each.part or each.is_excluded]
        for subject in (tests, genes):
            alone += subject.together(together)
        return [*alone, *therapy.derived(self.facts, self.knowledge.regimens, self.knowledge.drugs)]

    def _of(self, entry: Entry, dropped: str = "") -> list[Statement]:
        """What one resource says; nothing where an element that we read is of the wrong type."""
        try:
            why = dropped or excluded_because(
                entry, self.record, self.tumours.others, is_tumour=entry.key in self.tumours.candidates
            )
            if not why and entry.key in self.tumours.others:
                why = "other-tumour"
            if not why and entry.kind == "Observation" and genes.is_germline(entry, self.terms):
                why = "germline"
            found = [each.excluded(why) if why else each for each in self._said(entry, why)]
            if not why and self._is_of_bad_specimen(entry):
                found = [replace(each, value=None, why="indeterminate") for each in found]
            return found
        except MalformedError as error:
            self.malformed.append(Ignored(entry.label, "malformed", f"{entry.kind}.{error.path}"))
            return []

    def _said(self, entry: Entry, why: str) -> list[Statement]:
        found: list[Statement] = []
        match entry.kind:
            case "Observation":
                therapy.read_status(entry, self.terms, why, self.facts)
                found += tests.statements(entry, self.terms)
                found += genes.statements(entry, self.record, self.terms)
                found += tumour.observation_statements(entry, self.terms)
                found += conditions.observation_statements(entry, self.terms)
            case "Condition":
                found += conditions.condition_statements(entry, self.terms)
                if not found or not tumour.is_secondary(entry.resource, self.terms):
                    found += tumour.condition_statements(entry, self.terms) if self._is_tumour(entry) else ()
            case "AllergyIntolerance":
                found += conditions.allergy_statements(entry, self.terms, self.drugs)
            case "AdverseEvent":
                found += conditions.adverse_event_statements(entry, self.terms)
            case "Procedure" | "CarePlan":
                therapy.read_plan(entry, self.record, self.terms, why, self.facts)
            case kind if kind in therapy.MEDICATIONS:
                therapy.read_medication(entry, self.record, self.drugs, why, self.facts)
        return found

    def _is_of_bad_specimen(self, entry: Entry) -> bool:
        """Whether a test was made of a specimen that is said to be of no use."""
        found = self.record.resolve(entry.resource.get("specimen"), entry.resource)
        return found is not None and found.kind == "Specimen" and found.resource.get("status") in BAD_SPECIMEN

    def _is_tumour(self, entry: Entry) -> bool:
        return entry.key in self.tumours.candidates or tumour.is_secondary(entry.resource, self.terms)


def drugs_of(terms: Terminology, knowledge: Knowledge) -> Drugs:
    """Made once a release and terminology: a thousand names in one expression."""
    kept = knowledge.kept.get("drugs of fhir")
    if kept is None or kept.terms is not terms:
        kept = knowledge.kept["drugs of fhir"] = Drugs(terms, knowledge.drugs)
    return kept
