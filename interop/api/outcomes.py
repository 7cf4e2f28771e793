"""How a call that speaks FHIR says no: an OperationOutcome, with the same kinds of problems and the same restraint."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from interop.writing.bundles import MEDIA_TYPE, as_json

from .problems import Problem

# The calls whose name begins so speak FHIR.
ROUTE = "api:fhir-"
PROBLEM = "urn:necapp:problem"

# FHIR's own words for what is the matter (IssueType), by the code of the kind.
ISSUE_TYPES: Mapping[str, str] = {
    "no-json": "structure",
    "given-twice": "structure",
    "token": "login",
    "scope": "forbidden",
    "not-found": "not-found",
    "length": "required",
    "too-large": "too-costly",
    "values": "business-rule",
    "parameters": "invalid",
    "too-many-calls": "throttled",
    "fault": "exception",
    "no-release": "transient",
    "away": "transient",
    "nul": "invalid",
    "busy": "throttled",
    "reading": "throttled",
}


def refused(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as the call says it."""
    if not str(getattr(request, "route", "")).startswith(ROUTE):
        return problem.as_response()
    return answered(_outcome(problem), problem.kind.status, problem.headers)


def answered(outcome: Mapping[str, Any], status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A refusal in FHIR's words, which nobody keeps."""
    kept = dict(headers or {}) | {"Cache-Control": "no-store"}
    return HttpResponse(as_json(dict(outcome)), MEDIA_TYPE, status=status, headers=kept)


def _outcome(problem: Problem) -> dict[str, Any]:
    kind = problem.kind
    severity = "fatal" if kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "error"
    shared = {
        "severity": severity,
        "code": ISSUE_TYPES.get(kind.code, "not-supported"),
        "details": {"coding": [{"system": PROBLEM, "code": kind.code, "display": kind.title}], "text": kind.title},
    }
    said = [error["message"] for error in problem.errors] or [problem.detail or kind.help]
    return {"resourceType": "OperationOutcome", "issue": [shared | {"diagnostics": words} for words in said]}
