"""What a client sends to a service, as far as it is used; what is not as CDS Hooks has it is refused with 400.

Refusals name elements of the request, and repeat nothing that was sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from interop.api.bodies import JSON, body_of
from interop.api.problems import Problem
from interop.reading.input import Refused, document

from .services import KINDS, Service

REQUEST_BYTES = 2 * 1024 * 1024
FEEDBACK_BYTES = 64 * 1024

UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")

_ABSENT: Mapping[str, Any] = {}


@dataclass(frozen=True)
class HookRequest:
    """A request of a hook.

    patient         the id of the patient whom it is about
    prefetch        by kind of resource, what came; None: asked for, and nothing there. A kind that is absent: not sent
    drafts          the Bundle of drafted orders; None where there are none
    server          the address of the client's FHIR server, "" where it is not named
    authorization   `fhirAuthorization` as it came
    """

    hook: str
    patient: str
    prefetch: Mapping[str, Mapping[str, Any] | None]
    drafts: Mapping[str, Any] | None
    server: str
    authorization: Mapping[str, Any]


def json_of(request: HttpRequest, *, most: int) -> Mapping[str, Any]:
    """The object that a body holds. Raises Problem."""
    if request.content_type != JSON:
        raise refusal(f"The body has to be {JSON}.")
    try:
        value = document(body_of(request, JSON, most=most))
    except Refused as refused:
        raise _not_read(refused) from None
    if not isinstance(value, dict):
        raise refusal("The body has to be an object.")
    return value


def taken(sent: Mapping[str, Any], service: Service) -> HookRequest:
    """The request for a service. Raises Problem."""
    if sent.get("hook") not in service.hooks:
        raise refusal(f"“hook” has to be {' or '.join(service.hooks)} for this service.")
    if not _matches(UUID, sent.get("hookInstance")):
        raise refusal("“hookInstance” has to be a UUID.")
    server = sent.get("fhirServer", "")
    if not isinstance(server, str):
        raise refusal("“fhirServer” has to be a text.")
    authorization = _object(sent, "fhirAuthorization")
    if authorization and not server:
        raise refusal("“fhirAuthorization” is given without “fhirServer”.")
    context = _object(sent, "context")
    patient = context.get("patientId")
    if not _matches(FHIR_ID, patient):
        raise refusal("“context.patientId” has to be the id of a Patient.")
    if authorization.get("patient") not in (None, patient):
        raise another_patient()
    drafts = _object(context, "draftOrders", "context.") if service.is_for_orders else _ABSENT
    return HookRequest(sent["hook"], patient, _prefetch(sent), drafts or None, server, authorization)


def refusal(detail: str) -> Problem:
    """A request that is not as CDS Hooks has it."""
    return Problem("hook-request", detail)


def another_patient() -> Problem:
    return refusal("Something that was sent is of another patient than “context.patientId”. Nothing of it was read.")


def unreadable(refused: Refused) -> Problem:
    """FHIR that is not read at all; where it stands may be in words of the sender's, and is left out."""
    if refused.reason == "several-patients":
        return another_patient()
    return Problem("too-large", refused.message) if refused.status == 413 else refusal(f"FHIR: {refused.message}.")


def _not_read(refused: Refused) -> Problem:
    if refused.status == 413:
        return Problem("too-large", f"{refused.message}.")
    where = f" ({refused.expression})" if refused.expression.startswith("line ") else ""
    return Problem("no-json", f"{refused.message}{where}.")


def _prefetch(sent: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any] | None]:
    found = {}
    for kind, value in _object(sent, "prefetch").items():
        if kind not in KINDS:
            continue
        if value is not None and not isinstance(value, dict):
            raise refusal(f"“prefetch.{kind}” has to be a resource or null.")
        found[kind] = value
    return found


def _object(within: Mapping[str, Any], key: str, before: str = "") -> Mapping[str, Any]:
    value = within.get(key)
    if value is None:
        return _ABSENT
    if not isinstance(value, dict):
        raise refusal(f"“{before}{key}” has to be an object.")
    return value


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
