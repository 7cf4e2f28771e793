"""The calls that take FHIR: what is read of a patient, and the ranking of that patient, as FHIR or JSON.

A record is read in memory and nothing of it is kept. What is refused is answered by an OperationOutcome.
"""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from ninja import Router

from boards.shown.stored_ranking import Recorded
from interop.limits import READING_SECONDS, Busy, reading_slot
from interop.models import Scope
from interop.reading import Reading, Refused, read
from interop.reading.input import MOST_BYTES
from interop.terminology import terminology
from interop.writing.bundles import MEDIA_TYPE, as_json
from interop.writing.ranking import ranking_bundle
from regimens.rules.knowledge import Knowledge
from regimens.rules.ordering import DEFAULT_PREFERENCE
from regimens.rules.record import of

from . import answers, bodies, document, outcomes
from .access import Bearer
from .parameters import Draws, Preference, Release, strictly
from .problems import Problem
from .rankings import ranked, ranking_answer, unkept

# As FHIR servers and their clients name the version that is written.
OF_R4 = f"{MEDIA_TYPE}; fhirVersion=4.0"

router = Router(tags=["FHIR"])


@router.post(
    "/fhir/read",
    auth=Bearer(Scope.FHIR, needs_token=True),
    summary="Read FHIR into the features of a patient",
    openapi_extra=document.fhir_reading(),
    url_name="fhir-read",
)
@strictly
def create_reading(request: HttpRequest, release: Release = None) -> HttpResponseBase:
    """What was read, on which entries it rests, and why the rest is unknown. Absence is never negative."""
    bodies.accepts(request, bodies.JSON)
    data = _body(request)
    knowledge = answers.knowledge_for(release, to_rank=True)
    try:
        found = _read(data, knowledge)
    except Refused as refusal:
        return unkept(outcomes.answered(refusal.outcome(), refusal.status), knowledge)
    text = json.dumps(found.as_plain(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return unkept(HttpResponse(text.encode(), bodies.JSON), knowledge)


@router.post(
    "/fhir/rankings",
    auth=Bearer(Scope.FHIR, Scope.RANKINGS, needs_token=True),
    summary="Read FHIR and rank the options for the patient",
    openapi_extra=document.fhir_ranking(),
    url_name="fhir-rankings",
)
@strictly
def create_ranking(
    request: HttpRequest, preference: Preference = DEFAULT_PREFERENCE, release: Release = None, draws: Draws = "true"
) -> HttpResponseBase:
    """A Bundle of alternatives, never an order; with “Accept: application/json” the ranking of `rankings`, byte for
    byte, for the features that were read. Nobody has confirmed what was read: look at it with `fhir/read` first.
    """
    wanted = bodies.preferred(request, MEDIA_TYPE, OF_R4, bodies.JSON)
    data = _body(request)
    knowledge = answers.knowledge_for(release, to_rank=True)
    try:
        found = _read(data, knowledge)
    except Refused as refusal:
        return unkept(outcomes.answered(refusal.outcome(), refusal.status), knowledge)
    ranking = ranked(found.features, knowledge, preference, draws)
    if wanted == bodies.JSON:
        response = ranking_answer(request, ranking, knowledge)
    else:
        bundle = ranking_bundle(
            Recorded(of(ranking), knowledge),
            terms=terminology(),
            software=settings.VERSION,
            at=timezone.now(),
            reading=found,
        )
        response = unkept(HttpResponse(as_json(bundle), MEDIA_TYPE), knowledge)
    response.headers["Vary"] = "Accept"
    return response


def _body(request: HttpRequest) -> bytes:
    return bodies.body_of(request, MEDIA_TYPE, bodies.JSON, bodies.FHIR_NDJSON, most=MOST_BYTES)


def _read(data: bytes, knowledge: Knowledge) -> Reading:
    """Raises Refused; Problem where as many records are being read as a worker reads at once."""
    try:
        with reading_slot():
            return read(data, knowledge=knowledge, terms=terminology())
    except Busy:
        raise Problem("reading", headers={"Retry-After": str(READING_SECONDS)}) from None
