"""The OpenAPI document: what django-ninja takes from the calls, with the shapes of what is sent and answered.

The shapes are those of the rules' records and of the evidence base; nothing is described a second time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from boards.models.choices import ChoiceKind
from interop.reading.statements import WHY
from interop.writing.bundles import MEDIA_TYPE as FHIR
from regimens.knowledge import schema
from regimens.rules.ordering import PREFERENCES
from regimens.rules.patient import FEATURES, Feature
from regimens.rules.record import RankingRecord

from . import bodies, problems
from .problems import KINDS

if TYPE_CHECKING:
    from ninja import NinjaAPI

PREFIX = "/api/v1/"
_SCHEMAS = "#/components/schemas/"

Schema = dict[str, Any]

ENTRIES = {
    "Publication": schema.PublicationEntry,
    "Biomarker": schema.BiomarkerEntry,
    "GuidelineStatement": schema.GuidelineEntry,
    "Trial": schema.TrialEntry,
}
_EVERYWHERE = (
    "token",
    "not-found",
    "not-acceptable",
    "parameters",
    "too-many-calls",
    "fault",
    "no-release",
    "away",
    "nul",
)
_OF_FHIR = ("no-json", "length", "too-large", "media-type", "values", "former-edition", "reading")
_OF_RANKINGS = ("no-json", "given-twice", "length", "too-large", "media-type", "values", "former-edition")


def ranking() -> Schema:
    """What the call that ranks a patient takes and answers."""
    found = {"content": {bodies.JSON: {"schema": _ref("Ranking")}}, "description": "The ranking"}
    return {"requestBody": _body(bodies.JSON, _ref("Patient"))} | _answers(found, _OF_RANKINGS, is_kept=True)


def batch() -> Schema:
    """The same of the call that ranks many."""
    line = {"type": "string", "description": "A Patient a line, as one patient is sent."}
    of_lines = {"type": "string", "description": "A Ranking, or a Problem with “line”, for each line."}
    found = {"content": {bodies.NDJSON: {"schema": of_lines}}, "description": "A line for each line"}
    return {"requestBody": _body(bodies.NDJSON, line)} | _answers(found, (*_OF_RANKINGS, "busy"))


def fhir_reading() -> Schema:
    """What the call that reads FHIR takes and answers."""
    found = {"content": {bodies.JSON: {"schema": _ref("Reading")}}, "description": "What was read, and what was not"}
    return {"requestBody": _fhir_body()} | _answers(found, _OF_FHIR, speaks_fhir=True)


def fhir_ranking() -> Schema:
    """What the call that ranks from FHIR takes and answers."""
    content = {FHIR: {"schema": _ref("Bundle")}, bodies.JSON: {"schema": _ref("Ranking")}}
    found = {"content": content, "description": "The ranking"}
    return {"requestBody": _fhir_body()} | _answers(found, _OF_FHIR, is_kept=True, speaks_fhir=True)


def decision() -> Schema:
    """What the call that reads a decision answers."""
    found = {"content": {FHIR: {"schema": _ref("Bundle")}}, "description": "The decision"}
    return _answers(found, speaks_fhir=True)


def listed(name: str) -> Schema:
    """A page of a list of such entries."""
    found = {"content": {bodies.JSON: {"schema": _ref(f"{name}Page")}}, "description": "A page"}
    return _answers(found, is_kept=True)


def one(name: str) -> Schema:
    found = {"content": {bodies.JSON: {"schema": _ref(name)}}, "description": "The entry"}
    return _answers(found, is_kept=True)


def document_of(api: NinjaAPI) -> bytes:
    """The document, as it is answered."""
    found: Schema = json.loads(json.dumps(api.get_openapi_schema(path_prefix=PREFIX)))
    found["components"]["schemas"] = shapes() | found["components"]["schemas"]
    for path, calls in found["paths"].items():
        for call in calls.values():
            # Where the server lets anybody in, the other calls need no token.
            call["security"] = [{"Bearer": []}] if _needs_token(path) else [{"Bearer": []}, {}]
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


@cache
def shapes() -> Schema:
    """Every shape by its name, as JSON Schema 2020-12."""
    found = {"Patient": _patient(), "Problem": _problem()}
    found |= _ranking()
    identity = found["ReleaseIdentity"]["properties"]
    in_force = {"type": "boolean", "description": "Whether it is in force."}
    counts = {"type": "object", "additionalProperties": {"type": "integer"}}
    found["Release"] = _object(identity | {"in_force": in_force})
    found["ReleaseDetail"] = _object(
        identity | {"in_force": in_force, "edition": {"type": "integer"}, "counts": counts}
    )
    for name, model in ENTRIES.items():
        found |= _entry(name, TypeAdapter(model).json_schema(ref_template=_SCHEMAS + "{model}"))
    found |= _option()
    for name in ("Option", *ENTRIES):
        found[f"{name}Page"] = _object({"release": _ref("ReleaseIdentity")} | _page(name))
    found["ReleasePage"] = _object(_page("Release"))
    found |= {"Decision": _decision(), "DecisionPage": _object(_page("Decision")), "Reading": _reading()}
    found |= {"Record": _record(), "Bundle": _resource("Bundle"), "OperationOutcome": _resource("OperationOutcome")}
    return found


def _patient() -> Schema:
    properties = {feature.name: _feature(feature) for feature in FEATURES.values()}
    about = "What is known of a patient (METHOD, section 1): a feature that is left out or null is unknown."
    return {"type": "object", "description": about, "properties": properties, "additionalProperties": False}


def _feature(feature: Feature) -> Schema:
    about = f"{feature.label[:1].upper()}{feature.label[1:]}: {feature.allowed}"
    if feature.kind == "choice":
        return {"description": about, "enum": [*feature.values, None]}
    if feature.kind == "flag":
        return {"description": about, "type": ["boolean", "null"]}
    if feature.kind == "set":
        return {"description": about, "type": ["array", "null"], "items": {"type": "string"}}
    kind = "integer" if feature.kind == "count" else "number"
    return {"description": about, "type": [kind, "null"], "minimum": feature.low, "maximum": feature.high}


def _ranking() -> Schema:
    """The record of the rules. What is written under another key, or left out, is said here as `record` does it."""
    found = TypeAdapter(RankingRecord).json_schema(mode="serialization", ref_template=_SCHEMAS + "{model}")
    shapes: Schema = found.pop("$defs") | {"Ranking": found}
    caution = shapes["CautionRecord"]
    caution["properties"]["class"] = caution["properties"].pop("exposure_class")
    caution["required"] = [name if name != "exposure_class" else "class" for name in caution["required"]]
    found["properties"]["preference"] = {"enum": list(PREFERENCES)}
    return {name: _closed(shape) for name, shape in shapes.items()}


def _entry(name: str, found: Schema) -> Schema:
    return found.pop("$defs", {}) | {name: found}


def _option() -> Schema:
    """A regimen with what is recorded for it elsewhere."""
    found = {}
    for name, model in (("Regimen", schema.RegimenEntry), ("Licence", schema.LicenceEntry)):
        found |= _entry(name, TypeAdapter(model).json_schema(ref_template=_SCHEMAS + "{model}"))
    found |= _entry("Indication", TypeAdapter(schema.IndicationEntry).json_schema(ref_template=_SCHEMAS + "{model}"))
    regimen = found.pop("Regimen")
    more = {
        "indications": {"type": "array", "items": _ref("Indication")},
        "licences": {"type": "array", "items": _ref("Licence")},
        "cohorts": {"type": "array", "items": _ref("PublishedRecord")},
    }
    properties = regimen["properties"] | more
    return found | {"Option": regimen | {"properties": properties, "required": list(properties), "title": "Option"}}


def _problem() -> Schema:
    text = {"type": "string"}
    error = {
        "type": "object",
        "description": "One thing that is wrong, with a feature or a parameter; “value” only where it may be repeated.",
        "properties": {
            "feature": {"type": ["string", "null"]},
            "parameter": {"type": ["string", "null"]},
            "value": {},
            "range": text,
            "message": text,
        },
        "required": ["message"],
        "additionalProperties": False,
    }
    properties = {"type": text, "title": text, "status": {"type": "integer"}, "detail": text}
    properties |= {"errors": {"type": "array", "items": error}, "line": {"type": "integer"}}
    found = _object(properties)
    return found | {"required": ["type", "title", "status"], "description": "RFC 9457; “line” within a batch."}


def _reading() -> Schema:
    text, path = {"type": "string"}, {"type": "string", "description": "The path of what is malformed."}
    why = {"enum": list(WHY)}
    source = _object({"resource": text, "element": text, "date": {"type": ["string", "null"]}})
    ignored = _object({"resource": text, "why": why})
    properties = {
        "features": _ref("Patient"),
        "conflicts": {"type": "array", "items": {"enum": list(FEATURES)}},
        "ignored": {"type": "array", "items": ignored | {"properties": ignored["properties"] | {"path": path}}},
        "unknown_because": _by_feature(why),
        "provenance": _by_feature({"type": "array", "items": source}),
    }
    return _object(properties) | {"description": "What was read; a feature that is not in it is unknown."}


def _decision() -> Schema:
    text, number = {"type": "string"}, {"type": "integer"}
    return _object(
        {
            "id": text,
            "item": number | {"description": "What was decided on; its versions have it in common."},
            "number": number | {"description": "Which version of the decision."},
            "status": {"enum": ["draft", "active", "revoked"], "description": "active: signed by two."},
            "month": text,
            "kind": {"enum": list(ChoiceKind.values)},
            "option": {"type": ["string", "null"]},
            "release": _object({"name": text, "sha256": text}),
        }
    )


def _record() -> Schema:
    """What is sent: its content is FHIR's to say, and more than that is read."""
    about = "A Bundle of any type, an array of resources, or one resource of FHIR R4, of one patient."
    return {"description": about, "anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]}


def _resource(kind: str) -> Schema:
    properties = {"resourceType": {"const": kind}}
    return {"type": "object", "description": f"{kind} of FHIR R4.", "properties": properties, "required": [*properties]}


def _by_feature(shape: Schema) -> Schema:
    return {"type": "object", "properties": dict.fromkeys(FEATURES, shape), "additionalProperties": False}


def _page(name: str) -> Schema:
    return {
        "total": {"type": "integer", "description": "How many entries the list has."},
        "next": {"type": ["string", "null"], "description": "The cursor of the next page."},
        "items": {"type": "array", "items": _ref(name)},
    }


def _object(properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _closed(shape: Schema) -> Schema:
    return shape | {"additionalProperties": False} if shape.get("type") == "object" else shape


def _ref(name: str) -> Schema:
    return {"$ref": f"{_SCHEMAS}{name}"}


def _body(media_type: str, shape: Schema) -> Schema:
    return {"required": True, "content": {media_type: {"schema": shape}}}


def _fhir_body() -> Schema:
    lines = {"type": "string", "description": "A resource a line."}
    shapes = {FHIR: _ref("Record"), bodies.JSON: _ref("Record"), bodies.FHIR_NDJSON: lines}
    return {"required": True, "content": {media_type: {"schema": shape} for media_type, shape in shapes.items()}}


def _needs_token(path: str) -> bool:
    """Whether nobody is let in without one, whatever the settings say."""
    return path.endswith("/batch") or "/fhir/" in path or "/boards/" in path


def _answers(found: Schema, also: Iterable[str] = (), *, is_kept: bool = False, speaks_fhir: bool = False) -> Schema:
    """The answers of a call by status: what was asked for, and every problem that may be."""
    refusals: dict[int, list[str]] = {}
    for code in (*_EVERYWHERE, "scope", "method", *also):
        refusals.setdefault(KINDS[code].status, []).append(KINDS[code].title)
    said = {FHIR: "OperationOutcome"} if speaks_fhir else {problems.MEDIA_TYPE: "Problem"}
    shape = {"content": {media_type: {"schema": _ref(name)} for media_type, name in said.items()}}
    responses: dict[int, Mapping[str, Any]] = {200: found}
    if is_kept:
        responses[304] = {"description": "The answer is the one that If-None-Match names"}
    responses |= {status: {"description": "; or: ".join(titles)} | shape for status, titles in sorted(refusals.items())}
    return {"responses": responses}
