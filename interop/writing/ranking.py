"""A ranking as a Bundle: the answer, the patient as understood, the options, their cautions, missing tests, and where
all of it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from audit.canonical import sha256_of
from boards.shown.stored_ranking import Recorded
from interop.terminology.codes import Terminology
from regimens.rules.record import as_json as as_ranking_json
from staff.english import said_in_english

from . import cautions, options, tests
from .bundles import DISCLAIMER, RELEASE, Entries, Resource, annotations, concept
from .parameters import parameters

MODULE = "urn:necapp:ranking"
# What refers to a resource; one without id is named by the reader in another way.
_REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}|urn:(?:uuid|oid):[0-9A-Za-z.-]+|https?://[!-~]+")
PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


@said_in_english
def ranking_bundle(
    recorded: Recorded, *, terms: Terminology, software: str, at: datetime, read: Iterable[str] = ()
) -> Resource:
    """A ranking as FHIR. The same ranking gives the same Bundle but for `Provenance.recorded`.

    software  the version of necapp
    at        when it is written, with its zone
    read      references to the resources that the patient was read from; those that are no reference are left out
    """
    record, release = recorded.record, recorded.release
    entries = Entries(release, sha256_of(as_ranking_json(record)))
    patient, device = entries.reference("Patient"), entries.reference("Device")
    outputs = {
        "outputParameters": entries.reference("Parameters"),
        "evaluationMessage": [entries.reference("OperationOutcome")] if _has_messages(recorded) else [],
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
    if _has_messages(recorded):
        entries.add("OperationOutcome", "OperationOutcome", issue=list(_messages(recorded)))
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
        entity=[{"role": "source", "what": {"reference": each}} for each in _references(read)],
    )
    return entries.bundle(
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


def _has_messages(recorded: Recorded) -> bool:
    return any(_messages(recorded))


def _messages(recorded: Recorded) -> Iterator[Resource]:
    """Why the patient is out of scope, and what is to be looked at first."""
    for reason in recorded.scope.reasons:
        yield {"severity": "error", "code": "business-rule", "details": {"text": reason}}
    for warning in recorded.scope.warnings:
        coding = [{"system": "urn:necapp:warning", "code": warning.code}] if warning.code else []
        details = {"coding": coding, "text": warning.text} if coding else {"text": warning.text}
        yield {"severity": "warning", "code": "informational", "details": details}


def _references(read: Iterable[str]) -> list[str]:
    return sorted({each for each in read if _REFERENCE.fullmatch(each)})
