"""Which drugs are drafted for the patient, and which of them the rules rule out or advise against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from interop.reading import drugs_of
from interop.reading.elements import MalformedError
from interop.reading.input import Refused, items_in
from interop.reading.references import Record
from interop.terminology import Terminology
from regimens.rules.assessment import Band, Case, assess
from regimens.rules.evidence import RULING_OUT, Caution, Regimen, stands_for
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import evaluate
from regimens.rules.patient import Patient
from regimens.wording.sentences import ACTIVE

from .received import unreadable


@dataclass(frozen=True)
class Warned:
    """A drug that is drafted, or a regimen whose drugs are, with why it should not be given.

    text   in the reader's language, or in English where it is the evidence base that says it
    url    where that was read; None where it follows from the patient's treatment
    """

    name: str
    level: str
    text: str
    url: str | None


def drafted(drafts: Mapping[str, Any], patient: str, terms: Terminology, knowledge: Knowledge) -> frozenset[str]:
    """The drugs of the orders drafted for the patient, by slug. Raises Problem."""
    try:
        items = [
            item
            for item in items_in(drafts, "context.draftOrders")
            if item.resource["resourceType"] in ("MedicationRequest", "Medication")
            and not _is_of_another(item.resource, patient)
        ]
        record = Record.of(items)
    except Refused as refused:
        raise unreadable(refused) from None
    known = drugs_of(terms, knowledge)
    found: set[str] = set()
    for entry in record.entries:
        if entry.kind == "MedicationRequest" and entry.resource.get("doNotPerform") is not True:
            try:
                medication, _ = known.of_medication(entry, record)
            except MalformedError:
                continue
            found |= medication.slugs
    return frozenset(found & knowledge.drugs.keys())


def warned(drugs: frozenset[str], patient: Patient, knowledge: Knowledge) -> tuple[Warned, ...]:
    """What is true of the patient and speaks against what is drafted, the gravest first; each once."""
    case = Case.of(patient, knowledge)
    regimens = _drafted_regimens(drugs, knowledge)
    found = dict.fromkeys([*_of_drugs(drugs, patient, knowledge), *_of_regimens(regimens, drugs, case)])
    covered = frozenset(drug for regimen in regimens for drug in regimen.all_drugs)
    found |= dict.fromkeys(_of_earlier_treatment(drugs - covered, case))
    return tuple(sorted(found, key=lambda each: RULING_OUT.index(each.level)))


def _is_of_another(resource: Mapping[str, Any], patient: str) -> bool:
    """An order of another patient among the drafts is none of this one's."""
    subject = resource.get("subject")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    if not isinstance(reference, str):
        return False
    return reference.partition("/_history/")[0].rpartition("/")[2].removeprefix("urn:uuid:") != patient


def _drafted_regimens(drugs: frozenset[str], knowledge: Knowledge) -> tuple[Regimen, ...]:
    """The regimens all of whose drugs are drafted, without those that are part of a larger one."""
    whole = [
        regimen
        for regimen in knowledge.ranked_regimens
        if regimen.drugs and all(drugs.intersection(group) for group in regimen.drugs)
    ]
    given = {regimen.slug: regimen.all_drugs & drugs for regimen in whole}
    return tuple(r for r in whole if not any(given[r.slug] < other for other in given.values()))


def _of_drugs(drugs: frozenset[str], patient: Patient, knowledge: Knowledge) -> Iterator[Warned]:
    for slug in sorted(drugs):
        drug = knowledge.drugs[slug]
        for caution in drug.cautions:
            if caution.level in RULING_OUT and evaluate(caution.when, patient.values) is True:
                yield _warned(drug.name, caution)


def _of_regimens(regimens: tuple[Regimen, ...], drugs: frozenset[str], case: Case) -> Iterator[Warned]:
    """Of regimens as a whole, and what progression says of their drugs; a drug's own cautions are told already."""
    for regimen in regimens:
        found = assess(regimen, case)
        grave = [f.caution for f in found.cautions if f.truth is True and f.caution.level in RULING_OUT]
        for caution in grave:
            if caution.drug is None:
                yield _warned(regimen.name, caution)
            elif not caution.is_evidence:
                for slug in sorted(stands_for(caution.drug) & drugs):
                    yield _warned(case.knowledge.drugs[slug].name, caution)
        if not grave and found.band is Band.UNSUITABLE and regimen.slug in case.patient.progressed_on:
            yield Warned(regimen.name, "avoid", found.reason.worded(ACTIVE), None)


def _of_earlier_treatment(drugs: frozenset[str], case: Case) -> Iterator[Warned]:
    """Of drugs that make no regimen together: those on which the disease progressed."""
    for slug in sorted(drugs):
        for regimen in case.knowledge.ranked_regimens:
            if slug in regimen.all_drugs:
                for finding in case.shared_resistance(regimen):
                    lead = finding.caution.drug
                    if finding.truth is True and lead and slug in stands_for(lead):
                        yield _warned(case.knowledge.drugs[slug].name, finding.caution)


def _warned(name: str, caution: Caution) -> Warned:
    said = caution.said if isinstance(caution.said, str) else caution.said.worded(ACTIVE)
    return Warned(name, caution.level, said, caution.url)
