"""What a resource says of a feature: a value, or why there is none; and which resources may say anything at all.

Every reader of a subject (tumour, tests, genes, conditions, therapy) gives statements; `settle` makes features of them.
Source: INTEROP, sections 3.2 and 3.3.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from regimens.rules.patient import FEATURES

from .dates import Span, span
from .elements import Resource, codings, some_tables, table, tables, text
from .references import Entry, Key, Record

WHY = (
    *("conflict", "superseded", "undated", "duplicate", "not-final", "entered-in-error", "refuted", "unconfirmed"),
    *("resolved", "not-given", "no-value", "indeterminate", "free-text", "comparator", "range", "unit"),
    *("no-reference-range", "out-of-range", "not-specific", "display", "germline", "other-tumour", "other-subject"),
    *("secondary", "modifier-extension", "malformed", "no-regimen", "intent", "no-end-date", "no-progression-date"),
    *("imprecise-date", "no-assessment", "undecided"),
)


@dataclass(frozen=True)
class Source:
    """On what a statement rests: a resource, an element of it, and its date as it is written."""

    resource: str
    element: str
    date: str | None = None


@dataclass(frozen=True)
class Statement:
    """What resources say of one feature.

    value        None where they say nothing that can be used; `why` is then the reason
    part         of what it is said, where several together make the feature: a protein, a gene, an enzyme
    is_excluded  whether the resource may not speak at all: then it gives no reason why the feature is unknown
    shown        what was written, where that is no value of the feature: "> 90 %", to be shown beside the empty field
    decided      of a set of which not all is decided, what is: each name with yes, no, or None for what is to be asked
    """

    feature: str
    value: Any
    why: str
    date: Span | None
    sources: tuple[Source, ...]
    part: str = ""
    is_excluded: bool = False
    shown: str = ""
    decided: tuple[tuple[str, bool | None], ...] = ()

    def excluded(self, why: str) -> Statement:
        return replace(self, value=None, why=why, is_excluded=True)


def said(
    entry: Entry,
    feature: str,
    value: Any,
    element: str,
    date: Span | None,
    *,
    why: str = "",
    part: str = "",
    shown: str = "",
) -> Statement:
    """A statement of one resource. A number out of the feature's range is no value, and is never clipped."""
    each = FEATURES.get(feature)
    if value is not None and not part and each is not None and each.is_numeric and not each.low <= value <= each.high:
        value, why, shown = None, "out-of-range", shown or f"{value:g}"
    source = Source(entry.label, element, date.written if date else None)
    return Statement(feature, value, why, date, (source,), part, shown=shown)


def date_of_observation(resource: Resource) -> Span | None:
    period = table(resource, "effectivePeriod")
    written = (
        resource.get("effectiveDateTime"),
        resource.get("effectiveInstant"),
        *(period.get("end"), period.get("start"), resource.get("issued")),
    )
    return next((found for each in written if (found := span(each))), None)


def date_of_condition(resource: Resource) -> Span | None:
    return span(resource.get("recordedDate")) or span(resource.get("onsetDateTime"))


def excluded_because(entry: Entry, record: Record, other_tumours: Collection[Key], *, is_tumour: bool = False) -> str:
    """Why a resource says nothing at all; "" where it may speak."""
    resource = entry.resource
    if reason := _by_status(entry.kind, resource, is_tumour=is_tumour):
        return reason
    if resource.get("modifierExtension") or resource.get("implicitRules"):
        return "modifier-extension"
    if any(each.get("modifierExtension") for each in tables(resource, "component")):
        return "modifier-extension"
    about = [resource.get("subject"), resource.get("patient")]
    if entry.kind == "Observation":
        about += tables(resource, "focus")
    if any(_kind(record, reference, resource) in OTHER_SUBJECTS for reference in about):
        return "other-subject"
    pointing = [*some_tables(resource, "focus"), *some_tables(resource, "reasonReference")]
    keys = [record.key_of(reference, resource) for reference in pointing]
    if any(key in other_tumours for key in keys):
        return "other-tumour"
    return ""


# What a statement is about where it is not about the patient.
OTHER_SUBJECTS = frozenset({"RelatedPerson", "Group", "Device", "Location", "Practitioner", "Organization"})


def _kind(record: Record, reference: Any, resource: Resource) -> str:
    if found := record.resolve(reference, resource):
        return found.kind
    key = record.key_of(reference, resource)
    return key[0] if key else ""


def _by_status(kind: str, resource: Resource, *, is_tumour: bool) -> str:
    status = text(resource, "status")
    if status == "entered-in-error":
        return "entered-in-error"
    match kind:
        case "Observation":
            return "" if status in ("final", "amended", "corrected") else "not-final"
        case "Condition" | "AllergyIntolerance":
            return _by_verification(resource, is_tumour=is_tumour)
        case "MedicationAdministration":
            return "" if status in ("completed", "in-progress", "on-hold", "stopped") else "not-given"
        case "MedicationStatement":
            return "" if status in ("active", "completed", "stopped", "on-hold") else "not-given"
        case "Procedure":
            return "" if status in ("completed", "in-progress", "stopped", "on-hold") else "not-given"
        case "CarePlan":
            return "" if status == "completed" else "not-given"
        case "AdverseEvent":
            return "" if text(resource, "actuality") == "actual" else "not-given"
    return ""


def _by_verification(resource: Resource, *, is_tumour: bool) -> str:
    verified = {code for _, code, _ in codings(resource, "verificationStatus")}
    if "entered-in-error" in verified:
        return "entered-in-error"
    if "refuted" in verified:
        return "refuted"
    if verified - {"confirmed"} or (table(resource, "verificationStatus") and not verified):
        return "unconfirmed"
    clinical = clinical_status(resource)
    gone = {"inactive", "resolved"} if is_tumour else {"inactive", "resolved", "remission"}
    return "resolved" if clinical & gone else ""


def clinical_status(resource: Resource) -> set[str]:
    return {code for _, code, _ in codings(resource, "clinicalStatus")}


def parts(resource: Resource) -> Iterator[tuple[Resource, str]]:
    """An Observation and its components, which are read alike, each with the start of its path."""
    yield resource, ""
    for index, component in enumerate(tables(resource, "component")):
        yield component, f"component[{index}]"
