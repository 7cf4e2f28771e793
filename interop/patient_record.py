"""The resources of one patient from a hospital's FHIR server: read alone, in searches by patient, within limits.

For who is asked to fetch what a request did not bring, and for SMART. What could not be had is named, so that nobody
takes it for "nothing there". Source: INTEROP, sections 8 and 9.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin

from accounts.origins import origin_of
from accounts.outgoing import CONNECTIONS, Outgoing, OutgoingError

REQUIRED = ("Patient", "Condition", "Observation")
# Lines are counted from all of these together: where one of them breaks off, none is read.
THERAPY = ("MedicationStatement", "MedicationAdministration", "MedicationRequest", "Procedure", "CarePlan")
KINDS = (*REQUIRED, *THERAPY, "AllergyIntolerance", "AdverseEvent")

MOST_PAGES = 10  # of one search
A_PAGE = 200  # resources that are asked for
MEDIA_TYPE = "application/fhir+json"
# What a server says that does not have a kind of resources, or gives it to nobody here.
_NOT_GIVEN = frozenset({400, 401, 403, 404, 405, 406, 410, 501})
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TOKEN = re.compile(r"[\x21-\x7e]+")


class RecordError(Exception):
    """A record that could not be had; `why` is a word of OutgoingError's, or one of these.

    not-given    the server does not give a kind of resources
    failed       it answered with a fault
    no-fhir      it answered something else than was asked for
    other        it answered with another patient
    no-patient   no id that a patient may have
    many-pages   more pages than are read
    """

    def __init__(self, why: str):
        self.why = why
        super().__init__(why)


@dataclass(frozen=True)
class Fetched:
    """`data` an array of Bundles and the Patient, as it came; `missing` the kinds that are not in it."""

    data: bytes = field(repr=False)
    missing: tuple[str, ...]


def fetch(web: Outgoing, base: str, patient: str, token: str, kinds: Collection[str] = KINDS) -> Fetched:
    """A patient's resources of these kinds. Raises RecordError where one that is required could not be had."""
    if not _ID.fullmatch(patient):
        raise RecordError("no-patient")
    if not _TOKEN.fullmatch(token):
        raise RecordError("not-given")
    found: dict[str, list[bytes]] = {}
    failures: dict[str, RecordError] = {}

    def one(kind: str) -> None:
        try:
            found[kind] = read_kind(web, base, kind, patient, token)
        except RecordError as error:
            failures[kind] = error

    with ThreadPoolExecutor(CONNECTIONS, "fetch") as threads:
        list(threads.map(one, kinds))
    for kind in REQUIRED:
        if kind in failures:
            raise failures[kind]
    missing = set(failures)
    if any(failures[kind].why != "not-given" for kind in missing.intersection(THERAPY)):
        missing.update(kind for kind in THERAPY if kind in kinds)
    bodies = [body for kind in kinds if kind not in missing for body in found[kind]]
    return Fetched(b"[" + b",".join(bodies) + b"]", tuple(kind for kind in kinds if kind in missing))


def read_kind(web: Outgoing, base: str, kind: str, patient: str, token: str) -> list[bytes]:
    """The Patient, or the pages of the search for one kind of resources, as they came. Raises RecordError."""
    base = base.rstrip("/")
    if kind == "Patient":
        body, resource = _resource(web, f"{base}/Patient/{patient}", token)
        if resource.get("resourceType") != "Patient" or resource.get("id") != patient:
            raise RecordError("other" if resource.get("resourceType") == "Patient" else "no-fhir")
        return [body]
    url = f"{base}/{kind}?" + urlencode({"patient": patient, "_count": A_PAGE})
    pages: list[bytes] = []
    while url:
        if len(pages) == MOST_PAGES:
            raise RecordError("many-pages")
        body, bundle = _resource(web, url, token)
        if bundle.get("resourceType") != "Bundle":
            raise RecordError("no-fhir")
        pages.append(body)
        url = _next(bundle, url, base)
    return pages


def _resource(web: Outgoing, url: str, token: str) -> tuple[bytes, dict[str, Any]]:
    try:
        answer = web.get(url, {"Accept": MEDIA_TYPE, "Authorization": f"Bearer {token}"})
    except OutgoingError as error:
        raise RecordError(error.why) from error
    if answer.status != 200:
        raise RecordError("not-given" if answer.status in _NOT_GIVEN else "failed")
    try:
        resource = answer.json()
    except (ValueError, json.JSONDecodeError) as error:
        raise RecordError("no-fhir") from error
    if not isinstance(resource, dict):
        raise RecordError("no-fhir")
    return answer.body, resource


def _next(bundle: dict[str, Any], url: str, base: str) -> str:
    """The address of the next page, "" where there is none. Raises RecordError where it leads to another place."""
    links = bundle.get("link", [])
    if not isinstance(links, list):
        raise RecordError("no-fhir")
    for link in links:
        if isinstance(link, dict) and link.get("relation") == "next":
            given = link.get("url")
            try:
                following = urljoin(url, given) if isinstance(given, str) else ""
                if origin_of(following) != origin_of(base):
                    raise RecordError("not-allowed")
            except ValueError as error:
                raise RecordError("not-allowed") from error
            return following
    return ""
