"""How the API says no: problem objects (RFC 9457), each of a kind that has a page under /api/problems/.

Of what was sent, a problem repeats numbers, true and false, and values of closed lists; anything else is named by its
type and length, so that nothing that somebody typed comes back into somebody's log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from django.http import HttpResponse

MEDIA_TYPE = "application/problem+json"
LONGEST_NUMBER = 15  # digits: a longer one is no measurement, and may be a person's


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its code in the address of its page, the status, a title, and what to do about it."""

    code: str
    status: int
    title: str
    help: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.code: kind
        for kind in (
            Kind(
                "no-json",
                400,
                "The body is not JSON that can be read",
                "Send one JSON object in UTF-8: no NaN or Infinity, no number beyond the range of a double, objects "
                "and lists nested no deeper than 64. The detail says at which line and column reading stopped.",
            ),
            Kind(
                "given-twice",
                400,
                "A key is given twice in one object",
                "Two values of one feature leave open which is meant. Send each key once.",
            ),
            Kind(
                "nul",
                400,
                "The character U+0000 stands in what was sent",
                "No text holds it. Leave it out of the address, the headers and the body.",
            ),
            Kind(
                "https",
                403,
                "The call came by plain HTTP",
                "Call by HTTPS. What was sent went through the network unencrypted: make a new token.",
            ),
            Kind(
                "hook-request",
                400,
                "The request is not one that the service answers",
                "CDS Hooks 2.0: application/json with a hook of the service, hookInstance, context.patientId, and "
                "resources of that patient alone. The detail names what is the matter.",
            ),
            Kind(
                "jwt",
                401,
                "No signed token that lets you in",
                "Send the header “Authorization: Bearer …” with a token as CDS Hooks 2.0 has it: signed with ES384 or "
                "RS384 by a system that the administrators listed, for this address, for at most 5 minutes, and used "
                "once. Which of these is the matter is an event that administrators see.",
            ),
            Kind(
                "token",
                401,
                "No token that lets you in",
                "Send the header “Authorization: Bearer nec_…” with a token that an administrator made, that is not "
                "revoked and not past its last day, from a network for which it was made. Which of these is the matter "
                "is an event that administrators see.",
            ),
            Kind(
                "scope",
                403,
                "The token is not for this call",
                "The detail names the scope that the call asks for. An administrator makes a token with it.",
            ),
            Kind(
                "not-found",
                404,
                "Nothing is at this address",
                "Check the address; and where it names a release or an entry, that the release holds it.",
            ),
            Kind("method", 405, "The address does not take this method", "The header “Allow” names what it takes."),
            Kind(
                "not-acceptable",
                406,
                "No answer of a kind that is accepted",
                "Let the header “Accept” hold application/json; for batches application/x-ndjson; for what "
                "answers FHIR application/fhir+json.",
            ),
            Kind(
                "length",
                411,
                "The length of the body is missing",
                "Send a Content-Length: bodies in chunks are not read.",
            ),
            Kind(
                "prefetch",
                412,
                "What the service needs was not sent",
                "Send Patient, Condition and Observation as the list of services asks for them, whole and without "
                "further pages, null where there is nothing; or let them be read, with fhirServer and "
                "fhirAuthorization of a server that the administrators listed.",
            ),
            Kind(
                "too-large",
                413,
                "The body is too large",
                "A patient has at most 64 KiB; a batch at most 10,000 lines of 64 KiB, 16 MiB in all; FHIR and "
                "requests of CDS Hooks at most 2 MiB, 5,000 resources and 20,000 codings; feedback 64 KiB.",
            ),
            Kind(
                "media-type",
                415,
                "The body is of a kind that is not read",
                "Send application/json in UTF-8; for batches application/x-ndjson; for FHIR application/fhir+json or "
                "application/fhir+ndjson too. No Content-Encoding.",
            ),
            Kind(
                "values",
                422,
                "Values that are not allowed, or contradict each other",
                "Each error names the feature, the value and what is allowed. A feature that is not known is left out "
                "or null: never a guess. Nothing was ranked.",
            ),
            Kind(
                "parameters",
                422,
                "Parameters of the address that are not allowed",
                "Each error names the parameter and what is allowed. No parameter takes anything of a patient.",
            ),
            Kind(
                "former-edition",
                422,
                "The release is of a former edition of the method",
                "It can be read, and is not ranked with any more: leave ?release= out, or name another.",
            ),
            Kind(
                "too-many-calls",
                429,
                "Too many calls in this minute",
                "Wait as many seconds as the header “Retry-After” says. An administrator can allow a token more.",
            ),
            Kind(
                "fault",
                500,
                "necapp failed",
                "The log says where it failed, and nothing of what was sent. Tell the administrators when it was.",
            ),
            Kind(
                "no-release",
                503,
                "No release is in force that can be used",
                "Administrators publish one: manage.py load_evidence, then manage.py publish_release.",
            ),
            Kind(
                "away",
                503,
                "The database does not answer, or has no room",
                "Nothing is wrong with the call, and nothing of it was kept. Wait as many seconds as the header "
                "“Retry-After” says.",
            ),
            Kind(
                "busy",
                503,
                "Another batch is being ranked",
                "Each worker ranks one batch at a time. Wait as many seconds as the header “Retry-After” says.",
            ),
            Kind(
                "reading",
                503,
                "Several records are being read",
                "Each worker reads four records at a time. Wait as many seconds as the header “Retry-After” says.",
            ),
        )
    }
)
# What a status means that Django or the router gave, without a word of ours.
_BY_STATUS: Mapping[int, str] = MappingProxyType(
    {
        400: "no-json",
        403: "scope",
        404: "not-found",
        405: "method",
        413: "too-large",
        415: "media-type",
        500: "fault",
        503: "away",
    }
)


class Problem(Exception):  # noqa: N818 - an answer, and not a fault of ours
    """A call that is refused, in words for the one who called."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Iterable[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.kind = KINDS[code]
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        super().__init__(code)

    def as_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "type": f"/api/problems/{self.kind.code}/",
            "title": self.kind.title,
            "status": self.kind.status,
        }
        if self.detail:
            found["detail"] = self.detail
        if self.errors:
            found["errors"] = list(self.errors)
        return found

    def as_response(self) -> HttpResponse:
        headers = self.headers | {"Cache-Control": "no-store"}
        return HttpResponse(as_text(self.as_dict()), MEDIA_TYPE, status=self.kind.status, headers=headers)


@dataclass(frozen=True)
class Said:
    """How an error speaks of a value that was sent.

    words   "80", "“positive”", "a text of 12 characters"
    value   the value itself, as the key of an error's object; nothing where it is not repeated
    """

    words: str
    value: Mapping[str, Any] = field(default_factory=dict)


def said(value: Any, closed_list: Iterable[str] = ()) -> Said:
    """A value that may be repeated as it is; any other by its type and length."""
    if value is None or isinstance(value, bool):
        return Said(json.dumps(value), {"value": value})
    if isinstance(value, int | float):
        written = repr(value)
        if len(written.lstrip("-")) <= LONGEST_NUMBER + 5 and abs(value) < 10**LONGEST_NUMBER:
            return Said(written, {"value": value})
        return Said("a number of more than 15 digits")
    if isinstance(value, str):
        return Said(f"“{value}”", {"value": value}) if value in closed_list else Said(_counted("a text of", value))
    if isinstance(value, list):
        return Said(_counted("a list of", value, "entry", "entries"))
    return Said(_counted("an object of", value, "key", "keys"))


def as_text(problem: Mapping[str, Any]) -> str:
    return json.dumps(problem, ensure_ascii=False, separators=(",", ":"))


def instead_of(response: HttpResponse) -> HttpResponse:
    """The problem that an answer of Django stands for: no such address, a forged host, a failure."""
    code = _BY_STATUS.get(response.status_code, "fault" if response.status_code >= 500 else "not-found")
    found = Problem(code).as_dict()
    if found["status"] != response.status_code:
        found |= {"status": response.status_code, "title": HTTPStatus(response.status_code).phrase}
    headers = {"Cache-Control": "no-store"}
    headers |= {name: response.headers[name] for name in ("Allow", "Retry-After") if name in response.headers}
    return HttpResponse(as_text(found), MEDIA_TYPE, status=response.status_code, headers=headers)


def _counted(of: str, value: Any, one: str = "character", many: str = "characters") -> str:
    return f"{of} {len(value)} {one if len(value) == 1 else many}"
