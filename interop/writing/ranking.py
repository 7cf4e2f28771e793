"""A ranking as a Bundle: the answer, the patient as understood, the options, their cautions, missing tests, and where
all of it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from django.utils.text import capfirst

from audit.canonical import sha256_of
from boards.shown.stored_ranking import Recorded
from interop.reading import Reading
from interop.terminology.codes import Terminology
from interop.words import WHY
from regimens.rules.patient import FEATURES
from regimens.rules.record import as_json as as_ranking_json
from staff.english import said_in_english

from . import cautions, options, tests
from .bundles import DISCLAIMER, FEATURE, RELEASE, Entries, Resource, annotations, concept
from .parameters import parameters

MODULE = "urn:necapp:ranking"
UNKNOWN_BECAUSE = "urn:necapp:unknown-because"
# What refers to a resource; one without id is named by the reader in another way.
_REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}|urn:(?:uuid|oid):[0-9A-Za-z.-]+|https?://[!-~]+")
PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


@said_in_english
def ranking_bundle(
    recorded: Recorded, *, terms: Terminology, software: str, at: datetime, reading: Reading | None = None
) -> Resource:
    """A ranking as FHIR. The same ranking gives the same Bundle but for `Provenance.recorded`.

    software  the version of necapp
    at        when it is written, with its zone
    reading   what the patient was read from, if from FHIR: it says on which resources the features rest, and of those
              that are not known why
    """
    record, release = recorded.record, recorded.release
    entries = Entries(release, sha256_of(as_ranking_json(record)))
    patient, device = entries.reference("Patient"), entries.reference("Device")
    messages = [*_messages(recorded), *_not_read(reading)]
    outputs = {
        "outputParameters": entries.reference("Parameters"),
        "evaluationMessage": [entries.reference("OperationOutcome")] if messages else [],
        "result": entries.reference(options.PLACE) if options.can_be_written(recorded) else None,
    }
    entries.add(
        "GuidanceResponse",
        "GuidanceResponse",
        moduleUri=MODULE,
        status=_status(recorded),
        subject=patient,
        performer=device,
        note=annotations(DISCLAIMER),
        **outputs,
        dataRequirement=tests.data_required(recorded, terms) if record.scope.in_scope else [],
    )
    entries.add("Patient", "Patient")
    entries.add("Parameters", "Parameters", parameter=parameters(recorded))
    if messages:
        entries.add("OperationOutcome", "OperationOutcome", issue=messages)
    if options.can_be_written(recorded):
        group = options.add(entries, recorded, patient=patient, author=device)
        cautions.add(entries, recorded, patient=patient, author=device, group=group)
        tests.add(entries, recorded, terms, patient=patient, requester=device)
    add_device(entries, software, record.method)
    entries.add(
        "Provenance",
        "Provenance",
        target=[entries.reference("GuidanceResponse"), *([outputs["result"]] if outputs["result"] else [])],
        recorded=instant(at),
        agent=[{"type": concept(PARTICIPANT, "assembler", "Assembler"), "who": device}],
        entity=[{"role": "source", "what": {"reference": each}} for each in _references(reading)],
    )
    return entries.bundle(
        language="en",
        identifier={"system": RELEASE, "value": release.sha256},
        type="collection",
        timestamp=f"{release.published}T00:00:00Z",
    )


def add_failure(entries: Entries, recorded: Recorded, *, patient: Resource, performer: Resource) -> Resource:
    """That nothing was ranked, and why, where that is all that is to be said of a ranking."""
    return entries.add(
        "GuidanceResponse",
        "GuidanceResponse",
        moduleUri=MODULE,
        status="failure",
        subject=patient,
        performer=performer,
        note=annotations(DISCLAIMER, *recorded.scope.reasons),
    )


def add_device(entries: Entries, software: str, method: int) -> Resource:
    """necapp, with its version and the edition of the method."""
    versions = {"software": software, "edition of the method": str(method)}
    return entries.add(
        "Device",
        "Device",
        status="active",
        deviceName=[{"name": "necapp", "type": "user-friendly-name"}],
        version=[{"type": {"text": kind}, "value": value} for kind, value in versions.items()],
        note=annotations(DISCLAIMER),
    )


def instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _status(recorded: Recorded) -> str:
    if not recorded.scope.in_scope:
        return "failure"
    return "data-required" if recorded.waiting else "success"


def _messages(recorded: Recorded) -> Iterator[Resource]:
    """Why the patient is out of scope, and what is to be looked at first."""
    for reason in recorded.scope.reasons:
        yield {"severity": "error", "code": "business-rule", "details": {"text": reason}}
    for warning in recorded.scope.warnings:
        coding = [{"system": "urn:necapp:warning", "code": warning.code}] if warning.code else []
        details = {"coding": coding, "text": warning.text} if coding else {"text": warning.text}
        yield {"severity": "warning", "code": "informational", "details": details}


def _not_read(reading: Reading | None) -> Iterator[Resource]:
    """Of what the record spoke and gave no value, with the reason: nobody should take it for never tested."""
    for feature, why in reading.unknown_because.items() if reading else ():
        coding = [{"system": FEATURE, "code": feature}, {"system": UNKNOWN_BECAUSE, "code": why}]
        text = f"{capfirst(FEATURES[feature].label)} is not known from what was read: {WHY[why]}"
        severity = "warning" if why == "conflict" else "information"
        yield {"severity": severity, "code": "informational", "details": {"coding": coding, "text": text}}


def _references(reading: Reading | None) -> list[str]:
    """The resources on which the features rest, "Observation/x"; those that cannot be referred to are left out."""
    if reading is None:
        return []
    read = (source.resource for name in reading.features for source in reading.provenance.get(name, ()))
    return sorted({each for each in read if _REFERENCE.fullmatch(each)})
